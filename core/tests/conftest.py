"""Fixtures of the core's tests: plugins that exist only as files in a temporary folder."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING

import importlib_metadata
import pytest

from sfn_fragments import registry as registry_module

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

DECLARES_WAIT = """
from sfn_fragments import FragmentSpec, hookimpl

@hookimpl
def sfn_fragments_register():
    yield FragmentSpec("acme.wait", "acme_fragments:Wait", "Waits for a delivery.")
"""


@pytest.fixture
def write_plugin() -> Callable[..., None]:
    """Write a distribution as an installer leaves it: a dist-info folder and modules."""

    def write(
        folder: Path,
        distribution: str,
        *,
        version: str = "1.0",
        entry_points: Mapping[str, str] | str = "acme = acme_plugin",
        requires: Sequence[str] = (),
        modules: Mapping[str, str] | None = None,
    ) -> None:
        """Write ``distribution``; without ``modules`` it declares ``acme.wait``."""
        if not isinstance(entry_points, str):
            entry_points = "\n".join(f"{name} = {value}" for name, value in entry_points.items())
        metadata = [f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}"]
        metadata += [f"Requires-Dist: {requirement}" for requirement in requires]
        info = folder / f"{distribution.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("\n".join(metadata) + "\n")
        (info / "entry_points.txt").write_text(f"[sfn_fragments]\n{entry_points}\n")
        for name, source in (modules or {"acme_plugin": DECLARES_WAIT}).items():
            (folder / f"{name}.py").write_text(source)
        importlib.invalidate_caches()

    return write


@pytest.fixture
def install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write_plugin: Callable[..., None]
) -> Iterator[Callable[..., None]]:
    """Install fake plugins into this process; the really installed ones are left out.

    Returns:
        ``install(distribution, version=…, entry_points=…, requires=…, modules=…)``.
    """
    real = importlib_metadata.entry_points(group="sfn_fragments").names
    monkeypatch.setenv("SFN_FRAGMENTS_DISABLE", ",".join(real))
    monkeypatch.delenv("SFN_FRAGMENTS_STRICT", raising=False)
    monkeypatch.setattr(registry_module, "_registry", None)
    monkeypatch.syspath_prepend(str(tmp_path))

    def install_one(distribution: str, **arguments: object) -> None:
        write_plugin(tmp_path, distribution, **arguments)

    yield install_one
    for name, module in list(sys.modules.items()):
        if str(getattr(module, "__file__", None) or "").startswith(str(tmp_path)):
            del sys.modules[name]
