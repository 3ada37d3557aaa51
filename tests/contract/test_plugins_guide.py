"""The guide's plugin that brings a hook, and the one that implements it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "plugins.md").read_text(encoding="utf-8")

CARRIERS = """
from sfn_fragments import get_registry
from acme_fragments.carriers import carriers
assert not get_registry().problems(), get_registry().problems()
print({name: carrier.seconds for name, carrier in carriers().items()})
"""

PROBLEMS = "from sfn_fragments import get_registry; print(get_registry().problems())"


def install(folder: Path, name: str, entry_point: str) -> None:
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[sfn_fragments]\n{entry_point}\n")


def run(script: str, *path: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(map(str, path))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_another_plugin_adds_to_the_hook_of_the_example(tmp_path: Path) -> None:
    [implementer] = (
        block
        for block in re.findall(r"```python\n(.*?)```", GUIDE, flags=re.DOTALL)
        if "rapid_plugin" in block
    )
    (tmp_path / "rapid_plugin.py").write_text(implementer)
    install(tmp_path, "rapid", "rapid = rapid_plugin")
    assert run(PROBLEMS, tmp_path) == "()", "it needs no acme-fragments"
    install(tmp_path, "acme_fragments", "acme = acme_fragments.plugin")
    example = ROOT / "examples" / "third_party_plugin" / "src"
    assert run(CARRIERS, tmp_path, example) == "{'bicycle': 3600, 'post': 172800}"


def test_the_guide_shows_the_files_of_the_example() -> None:
    for file in re.findall(r'--8<-- "(.*?)"', GUIDE):
        assert (ROOT / file).is_file()
    for name in ("hookspecs", "carriers"):
        assert f"acme_fragments/{name}.py" in GUIDE


def test_the_guide_declares_a_spec_that_type_checkers_know() -> None:
    [module] = (
        block
        for block in re.findall(r"```python\n(.*?)```", GUIDE, flags=re.DOTALL)
        if "TypedSpec(" in block
    )
    names: dict[str, Any] = {}
    exec(module, names)
    [spec] = names["sfn_fragments_register"]()
    assert (str(spec), spec) == ("acme.wait", names["WAIT"])
