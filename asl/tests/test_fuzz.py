"""Definitions of ``tools/fuzz_definitions.py``: no traceback, and no long time."""

from __future__ import annotations

import runpy
from pathlib import Path

from tests.proofs import FULL

TOOL = Path(__file__).parents[2] / "tools" / "fuzz_definitions.py"


def test_changed_definitions_are_checked_or_refused() -> None:
    tool = runpy.run_path(str(TOOL))
    mutants = list(tool["mutants"](10_000 if FULL else 400, 0))
    assert len({text for _, text in mutants}) > 350
    for seed, text in mutants:
        assert tool["problem_of"](text) is None, (seed, text)
