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
from tests.proofs import some

TOOL = runpy.run_path(str(Path(__file__).parents[3] / "tools" / "end_at_random.py"))

PROGRAM = """
import signal, time
# What a shell runs in the background ignores Ctrl-C, and passes that on.
signal.signal(signal.SIGINT, signal.default_int_handler)
from sfn_fragments_local import Engine

def use(engine):
    engine.create_job_queue("queue")
    batch = engine.client("batch")
    definition = batch.register_job_definition(
        jobDefinitionName="job",
        type="container",
        containerProperties={
            "image": "image",
            "command": ["sh", "-c", "setsid sh -c 'sleep 61; : MARKER' & sleep 60; : MARKER"],
            "resourceRequirements": [
                {"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "512"}
            ],
        },
    )["jobDefinitionArn"]
    batch.submit_job(jobName="job", jobQueue="queue", jobDefinition=definition)
    time.sleep(60)
"""
ALONE = PROGRAM + "\nwith Engine() as engine: use(engine)\n"
TEST = PROGRAM + "\ndef test_it(sfn_engine): use(sfn_engine)\n"

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


@pytest.mark.parametrize(
    ("text", "number"),
    some(
        [
            pytest.param(text, number, id=f"{name}-{number.name}")
            for name, text in (("program", ALONE), ("pytest", TEST))
            for number in TOOL["SIGNALS"]
        ],
        2,
    ),
)
def test_nothing_is_left(tmp_path: Path, text: str, number: signal.Signals) -> None:
    marker = uuid.uuid4().hex
    file = tmp_path / "test_program.py"
    file.write_text(text.replace("MARKER", marker))
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    command = [sys.executable, str(file)]
    if text is TEST:
        options = ["-p", "no:cacheprovider", f"--basetemp={tmp_path / 'base'}"]
        command = [sys.executable, "-m", "pytest", *options, str(file)]
    process = subprocess.Popen(
        command,
        env={**os.environ, "TMPDIR": str(temporary), "END_OF": marker},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        ends = time.monotonic() + 120
        # The job's shell: it is told nothing of the program's environment.
        while not any(line.startswith("sh -c") for line in TOOL["processes"](marker)):
            assert process.poll() is None
            assert time.monotonic() < ends
            time.sleep(0.1)
        process.send_signal(number)
        process.wait(30)
    finally:
        process.kill()
        process.wait()
    ends = time.monotonic() + TOOL["GRACE"]
    while (left := TOOL["left_behind"](temporary, marker)) and time.monotonic() < ends:
        time.sleep(0.1)
    assert left == []


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
