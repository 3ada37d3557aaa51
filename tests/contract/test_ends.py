"""However a run ends, nothing stays: a sample of ``tools/end_at_random.py``."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import pytest
from tests.proofs import some

TOOL = runpy.run_path(str(Path(__file__).parents[2] / "tools" / "end_at_random.py"))

#: Seconds after the start: while it imports, synthesizes, starts the engine, runs the job.
MOMENTS = (1.0, 3.0, 5.0, 8.0)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it reads /proc")


@pytest.mark.parametrize("turn", some(range(16), 6))
def test_nothing_is_left(turn: int) -> None:
    number = TOOL["SIGNALS"][(turn + turn // 4) % 4]
    assert TOOL["end_one"](MOMENTS[turn % 4], number) == []
