"""The core is minimal, and stays so."""

from __future__ import annotations

import runpy
from pathlib import Path

ROOT = Path(__file__).parents[2]
TOOL = runpy.run_path(str(ROOT / "tools" / "count_lines.py"))
CORE = ROOT / "core" / "src" / "sfn_fragments"


def test_lines_of_the_core() -> None:
    assert TOOL["count"](CORE) <= 4400
    assert TOOL["count"](CORE, TOOL["FRAMEWORK"]) <= 800


def test_what_counts_as_code() -> None:
    module = ['"""Docs."""', "", "# why", "x = [", "    1,", "]", "", "def f():", '    """Docs."""']
    assert TOOL["code_lines"]("\n".join([*module, '    return "a"', ""])) == 5
