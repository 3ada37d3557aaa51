"""Ends runs of a fragment at random moments, by each signal, and finds what they leave behind.

``uv run python tools/end_at_random.py [RUNS [SEED]]``: runs a fragment that way (50 times), kills
its engine's process after a random time with HUP, INT, TERM or KILL in turn, and looks for
processes, mounts, temporary folders and ports that are left some seconds later. Prints what it
finds, and exits with 1 if there is something.
"""

from __future__ import annotations

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

#: Seconds that a run of the fragment takes here, if nobody ends it: from start to end.
LONGEST = 16.0

#: Seconds in which everything has to be gone. A job has two between being asked and being killed.
GRACE = 8.0


def command(marker: str) -> list[str]:
    """A run whose job starts a process that leaves its group; the marker is in both.

    Args:
        marker: A text that nothing else has.
    """
    script = f"setsid sh -c 'sleep 61; : {marker}' & sleep 5; : {marker}"
    # What a shell runs in the background ignores Ctrl-C, and passes that on.
    heeding = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    program = f"{heeding}; from sfn_fragments.cli import main; main()"
    job = f"command={json.dumps(['sh', '-c', script])}"
    return [sys.executable, "-c", program, "run", "batch.submit_job", "--set", job]


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


def end_one(seconds: float, number: signal.Signals) -> list[str]:
    """Start a run, end it, and return what is left.

    Args:
        seconds: How long to let it run.
        number: The signal that ends it.
    """
    marker = uuid.uuid4().hex
    with tempfile.TemporaryDirectory(prefix="end-at-random-") as folder:
        temporary = Path(folder)
        process = subprocess.Popen(
            command(marker),
            # By the environment the launch server is known too; its parts would be in no folder.
            env={**os.environ, "TMPDIR": folder, "END_AT_RANDOM": marker},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(number)
        process.wait()
        ends = time.monotonic() + GRACE
        while (left := left_behind(temporary, marker)) and time.monotonic() < ends:
            time.sleep(0.1)
        return left


def main(runs: int = 50, seed: int | None = None) -> int:
    """End some runs.

    Args:
        runs: How many.
        seed: Of the random moments; None for a new one.

    Returns:
        The exit code.
    """
    seed = time.time_ns() % 2**32 if seed is None else seed
    draw = random.Random(seed)  # noqa: S311 - moments, not secrets
    found = 0
    for turn in range(runs):
        number = SIGNALS[turn % len(SIGNALS)]
        seconds = draw.uniform(0.0, LONGEST)
        left = end_one(seconds, number)
        print(f"{turn + 1}: {number.name} after {seconds:.2f} s: {len(left)} left")
        for line in left:
            print(f"  {line}")
        found += bool(left)
    print(f"{runs} runs ended, {found} left something (seed {seed})")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
