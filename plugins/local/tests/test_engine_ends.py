"""An engine in a program, or in pytest, that is ended from outside leaves nothing."""

from __future__ import annotations

import os
import runpy
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest
from tests.proofs import long_proof, some

TOOL = runpy.run_path(str(Path(__file__).parents[3] / "tools" / "end_at_random.py"))

#: Killed, it leaves a child that writes for a second longer, as CDK's Node may.
WITH_A_WRITING_CHILD = """
import os, signal, subprocess, sys
from sfn_fragments_local.launching.launcher import temporary_folder

CHILD = '''
import contextlib, os, sys, time
ends = time.monotonic() + 1
while time.monotonic() < ends:
    with contextlib.suppress(OSError):
        os.makedirs(os.path.join(sys.argv[1], "a", "b"), exist_ok=True)
'''
with temporary_folder() as folder:
    child = subprocess.Popen([sys.executable, "-c", CHILD, folder])
    while not (folder / "a").exists():
        pass
    os.kill(os.getpid(), signal.SIGKILL)
"""

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="what is left is looked up in /proc, which Linux alone has"
)


@long_proof
@pytest.mark.parametrize(
    ("of", "number"),
    some(
        [
            pytest.param(of, number, id=f"{of}-{number.name}")
            for of in ("program", "pytest")
            for number in TOOL["SIGNALS"]
        ],
        2,
    ),
)
def test_nothing_is_left_of_a_job(tmp_path: Path, of: str, number: signal.Signals) -> None:
    marker, temporary = uuid.uuid4().hex, tmp_path / "tmp"
    command = TOOL["command"](of, marker, tmp_path, seconds=60)
    process = TOOL["start"](command, temporary, marker)
    try:
        ends = time.monotonic() + 120
        # The job's shell: it is told nothing of the program's environment.
        while not any(line.startswith("sh -c") for line in TOOL["processes"](marker)):
            assert process.poll() is None
            assert time.monotonic() < ends
            time.sleep(0.1)
        process.send_signal(number)
        assert TOOL["left_after_end"](process, temporary, marker) == []
    finally:
        process.kill()
        process.wait()


def test_what_a_child_still_writes_is_deleted_too(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", WITH_A_WRITING_CHILD], env={**os.environ, "TMPDIR": str(tmp_path)}
    )
    assert process.wait() == -signal.SIGKILL
    ends = time.monotonic() + 20
    # Longer than the child's second, in which the folder may be gone for a moment.
    time.sleep(1.2)
    while left := [*tmp_path.iterdir()]:
        assert time.monotonic() < ends, left
        time.sleep(0.1)
