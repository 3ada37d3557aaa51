"""Ends engines at random moments, by each signal, and finds what they leave behind.

``uv run python tools/end_at_random.py [--of run|program|pytest] [RUNS [SEED]]``: starts what has an
engine that way (50 times), kills its process after a random time with HUP, INT, TERM or KILL in
turn, and looks for processes, mounts, temporary folders and ports that are left some seconds later:

- ``run``: the command, with a fragment (the default);
- ``program``: a program that opens an engine and waits for its job;
- ``pytest``: a test that does so with the fixture ``sfn_engine``.

The random times are parts of what the first one took, which nobody ends. Prints what it finds, and
exits with 1 if there is something.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

#: In the order of their turns.
SIGNALS = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM, signal.SIGKILL)

#: Seconds that each takes on a machine with nothing else to do, if nobody ends it.
USUAL = {"run": 16.0, "program": 9.0, "pytest": 10.0}

#: Seconds in which a process has to end. A job has two between being asked and being killed.
LAST = 60.0

#: Seconds in which everything of it has to be gone then.
GRACE = 8.0

#: What a shell runs in the background ignores Ctrl-C, and passes that on.
_HEEDING = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"

#: It waits in short sleeps: a signal that arrives just before Python sleeps is noted after that.
_PROGRAM = """
import time
from sfn_fragments_local import Engine

def use(engine):
    engine.create_job_queue("queue")
    batch = engine.client("batch")
    definition = batch.register_job_definition(
        jobDefinitionName="job",
        type="container",
        containerProperties={
            "image": "image",
            "command": COMMAND,
            "resourceRequirements": [
                {"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "512"}
            ],
        },
    )["jobDefinitionArn"]
    batch.submit_job(jobName="job", jobQueue="queue", jobDefinition=definition)
    while engine.jobs[0].stopped is None:
        time.sleep(0.1)

"""
_USES = {
    "program": "with Engine() as engine: use(engine)\n",
    "pytest": "def test_it(sfn_engine): use(sfn_engine)\n",
}


def command(of: str, marker: str, folder: Path, seconds: int = 5) -> list[str]:
    """Something with a job that starts a process which leaves its group; the marker is in both.

    Args:
        of: ``run``, ``program`` or ``pytest``.
        marker: A text that nothing else has.
        folder: For the program's file.
        seconds: How long the job takes.

    Returns:
        The command that starts it.
    """
    script = f"setsid sh -c 'sleep 61; : {marker}' & sleep {seconds}; : {marker}"
    job = json.dumps(["sh", "-c", script])
    if of == "run":
        main = f"{_HEEDING}; from sfn_fragments.cli import main; main()"
        arguments = ["run", "batch.submit_job", "--set", f"command={job}"]
        return [sys.executable, "-c", main, *arguments]
    file = folder / "test_program.py"
    text = "\n".join([_HEEDING, _PROGRAM.replace("COMMAND", job), _USES[of]])
    file.write_text(text, encoding="utf-8")
    if of == "program":
        return [sys.executable, str(file)]
    options = ["-p", "no:cacheprovider", f"--basetemp={folder / 'base'}", f"--rootdir={folder}"]
    return [sys.executable, "-m", "pytest", *options, str(file)]


def start(arguments: list[str], temporary: Path, marker: str) -> subprocess.Popen[bytes]:
    """Start a command that is to be ended.

    Args:
        arguments: The command.
        temporary: Its folder for temporary files, made here.
        marker: The text that its processes are known by.
    """
    temporary.mkdir()
    return subprocess.Popen(
        arguments,
        # By the environment the launch server is known too; its parts would be in no folder.
        env={**os.environ, "TMPDIR": str(temporary), "END_AT_RANDOM": marker},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def processes(text: str) -> list[str]:
    """The command lines of processes with a text in it or in their environment.

    Args:
        text: The text.
    """
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit() or int(folder.name) == os.getpid():
            continue
        try:
            line = (folder / "cmdline").read_bytes()
            environment = (folder / "environ").read_bytes()
        except OSError:
            continue
        # A process that has ended and waits for its parent has neither.
        if text.encode() in line + environment:
            found.append(line.replace(b"\0", b" ").decode(errors="replace")[:200])
    return found


def left_behind(temporary: Path, marker: str) -> list[str]:
    """What a run has left.

    Args:
        temporary: Its folder for temporary files.
        marker: The text in its processes.
    """
    mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines()
    return [
        *(f"process: {line}" for line in processes(marker)),
        *(f"folder: {path}" for path in temporary.iterdir()),
        *(f"mount: {line}" for line in mounts if str(temporary) in line),
    ]


def left_after_end(process: subprocess.Popen[bytes], temporary: Path, marker: str) -> list[str]:
    """What a process leaves that was told to end.

    Args:
        process: Killed if it does not end.
        temporary: Its folder for temporary files.
        marker: The text in its processes.
    """
    try:
        process.wait(LAST)
    except subprocess.TimeoutExpired:
        return [f"process: the engine's, {LAST:.0f} s later"]
    finally:
        process.kill()
        process.wait()
    ends = time.monotonic() + GRACE
    while (left := left_behind(temporary, marker)) and time.monotonic() < ends:
        time.sleep(0.1)
    return left


def end_one(of: str, seconds: float, number: signal.Signals) -> list[str]:
    """Start something, end it, and return what is left.

    Args:
        of: What: ``run``, ``program`` or ``pytest``.
        seconds: How long to let it run.
        number: The signal that ends it.
    """
    marker = uuid.uuid4().hex
    with tempfile.TemporaryDirectory(prefix="end-at-random-") as name:
        folder = Path(name)
        process = start(command(of, marker, folder), folder / "tmp", marker)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(number)
        return left_after_end(process, folder / "tmp", marker)


def seconds_of_whole(of: str) -> float:
    """How many seconds it takes here, if nobody ends it.

    Args:
        of: What: ``run``, ``program`` or ``pytest``.

    Raises:
        CalledProcessError: It fails, so that ending it would prove nothing.
    """
    with tempfile.TemporaryDirectory(prefix="end-at-random-") as name:
        folder, marker = Path(name), uuid.uuid4().hex
        arguments = command(of, marker, folder)
        began = time.monotonic()
        code = start(arguments, folder / "tmp", marker).wait()
        if code:
            raise subprocess.CalledProcessError(code, arguments)
        return time.monotonic() - began


def main(of: str = "run", runs: int = 50, seed: int | None = None) -> int:
    """End some of them.

    Args:
        of: What: ``run``, ``program`` or ``pytest``.
        runs: How many.
        seed: Of the random moments; None for a new one.

    Returns:
        The exit code.
    """
    seed = time.time_ns() % 2**32 if seed is None else seed
    draw = random.Random(seed)  # noqa: S311 - moments, not secrets
    longest = seconds_of_whole(of)
    print(f"{of} takes {longest:.2f} s", flush=True)
    found = 0
    for turn in range(runs):
        number = SIGNALS[turn % len(SIGNALS)]
        seconds = draw.uniform(0.0, longest)
        left = end_one(of, seconds, number)
        print(f"{turn + 1}: {number.name} after {seconds:.2f} s: {len(left)} left", flush=True)
        for line in left:
            print(f"  {line}")
        found += bool(left)
    print(f"{runs} of {of} ended, {found} left something (seed {seed})")
    return 1 if found else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--of", choices=USUAL, default="run")
    parser.add_argument("runs", type=int, nargs="?", default=50)
    parser.add_argument("seed", type=int, nargs="?")
    sys.exit(main(**vars(parser.parse_args())))
