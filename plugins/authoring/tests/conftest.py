"""Plugins that exist only as files in a temporary folder."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING

import pytest

from sfn_fragments import registry as registry_module

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Path]]:
    """Install fake plugins beside those that are there, as an installer leaves them.

    Returns:
        ``install(distribution, modules, entry_points=…, version=…, requires=…, folder=…)``, which
        returns the folder of the metadata.
    """
    monkeypatch.setattr(registry_module, "_registry", None)
    monkeypatch.delenv("SFN_FRAGMENTS_STRICT", raising=False)

    def install_one(
        distribution: str,
        modules: Mapping[str, str],
        entry_points: str = "acme = acme_plugin",
        *,
        version: str = "1.0",
        requires: Sequence[str] = (),
        folder: Path = tmp_path,
    ) -> Path:
        folder.mkdir(exist_ok=True)
        if str(folder) not in sys.path:
            monkeypatch.syspath_prepend(str(folder))
        metadata = [f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}"]
        metadata += [f"Requires-Dist: {requirement}" for requirement in requires]
        info = folder / f"{distribution.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("\n".join(metadata) + "\n")
        (info / "entry_points.txt").write_text(f"[sfn_fragments]\n{entry_points}\n")
        for name, source in modules.items():
            (folder / f"{name}.py").write_text(source)
        importlib.invalidate_caches()
        return info

    yield install_one
    for name, module in list(sys.modules.items()):
        if str(getattr(module, "__file__", None) or "").startswith(str(tmp_path)):
            del sys.modules[name]
