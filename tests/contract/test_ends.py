"""However an engine ends, nothing stays: a sample of ``tools/end_at_random.py``."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import pytest
from tests.proofs import few, some

TOOL = runpy.run_path(str(Path(__file__).parents[2] / "tools" / "end_at_random.py"))

#: Parts of the time that it takes: importing, synthesis, start of the engine, job, closing.
MOMENTS = (0.06, 0.2, 0.35, 0.6, 0.9)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it reads /proc")


@few(1)
@pytest.mark.parametrize(
    ("of", "turn"),
    some([(of, turn) for of in TOOL["USUAL"] for turn in range(7)], 1, 10, 18),
)
def test_nothing_is_left(of: str, turn: int) -> None:
    number = TOOL["SIGNALS"][(turn + turn // 5) % 4]
    assert TOOL["end_one"](of, MOMENTS[turn % 5] * TOOL["USUAL"][of], number) == []
