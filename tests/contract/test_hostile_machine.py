"""On a machine that lacks something, a command says what, in one line, and leaves nothing behind.

Or it works. The suite has a light command on each, and on some of those that refuse it, one that
needs CDK; ``tools/long_proofs.py`` has both programs on each, with every command that needs CDK.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.proofs import FULL, few, some

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("unshare") is None, reason="it mounts, and reads /proc"
)

#: Seconds that none of the commands takes, on a busy machine.
LONGEST = 300
#: Seconds in which all that a command has started is to be gone.
GOING = 20


@dataclass(frozen=True)
class Machine:
    """A machine that lacks something.

    Attributes:
        shell: A script that runs "$@" on it; $PLACE is an empty folder, which is TMPDIR too.
        lack: What commands that need CDK say of it; None where they work.
        light: What the others say; None where they work.
        told: Whether there is anyone to tell.
        mounts: Whether the script mounts.
    """

    shell: str
    lack: str | None = None
    light: str | None = None
    told: bool = True
    mounts: bool = False


NO_ROOM = "has no room for"
NOT_WRITTEN = "what this prints cannot be written: No space left on device"
OF_PIPE = '{ "$@"; echo $? > "$PLACE/code"; } | %s; code=$(cat "$PLACE/code"); rm "$PLACE/code"; '
OF_PIPE += "exit $code"

MACHINES = {
    "full TMPDIR": Machine(
        'mount -t tmpfs -o size=64k none "$PLACE"; '
        'cat /dev/zero > "$PLACE/zero" 2> /dev/null; "$@"',
        NO_ROOM,
        mounts=True,
    ),
    "tiny TMPDIR": Machine('mount -t tmpfs -o size=1m none "$PLACE"; "$@"', NO_ROOM, mounts=True),
    "TMPDIR of few files": Machine(
        'mount -t tmpfs -o size=64m,nr_inodes=8 none "$PLACE"; "$@"', NO_ROOM, mounts=True
    ),
    "read-only TMPDIR": Machine(
        'mount -t tmpfs -o ro none "$PLACE"; "$@"', "it cannot write into", mounts=True
    ),
    "no TMPDIR": Machine('TMPDIR=/no/such "$@"', "it cannot write into /no/such"),
    "read-only HOME": Machine(
        'mkdir "$PLACE/home"; mount -t tmpfs -o ro none "$PLACE/home"; HOME="$PLACE/home" "$@"; '
        'code=$?; umount "$PLACE/home"; rmdir "$PLACE/home"; exit $code',
        "Cannot use the jsii package cache",
        mounts=True,
    ),
    "no HOME": Machine('unset HOME; "$@"'),
    "few open files": Machine('ulimit -n 24; "$@"', "`ulimit -n` is 24, it needs"),
    "little address space": Machine('ulimit -v 1500000; "$@"', "`ulimit -v` is 1500000, it needs"),
    "no /proc": Machine('mount -t tmpfs none /proc; "$@"', mounts=True),
    "stdin closed": Machine('"$@" <&-'),
    "stdin full": Machine('"$@" < /dev/full'),
    "stdout closed": Machine('"$@" >&-'),
    "stderr closed": Machine('"$@" 2>&-', told=False),
    "all closed": Machine('"$@" <&- >&- 2>&-', told=False),
    "stdout full": Machine('"$@" > /dev/full', NOT_WRITTEN, NOT_WRITTEN),
    "stdout and stderr full": Machine('"$@" > /dev/full 2> /dev/full', "", "", told=False),
    # As for any program: who closes a pipe wants to hear no more.
    "stdout a pipe to nobody": Machine(OF_PIPE % "true", "", "", told=False),
}

LIGHT = {
    "list": "sfn-fragments list",
    "check": "sfn-fragments check $FILE",
    "policy of a file": "sfn-fragments policy $FILE",
    "forecast of a file": "sfn-fragments forecast $FILE",
    "sfn-asl check": "sfn-asl check $FILE",
    "sfn-asl policy": "sfn-asl policy $FILE",
    "sfn-asl forecast": "sfn-asl forecast $FILE",
}
BOTH_PROGRAMS = ("list", "check", "sfn-asl check")
OF_CDK = {
    "policy": "sfn-fragments policy core.lambda_function",
    "forecast": "sfn-fragments forecast core.lambda_function",
    "run": "sfn-fragments run batch.submit_job --set command=['echo','hello']",
}
#: `run` has a folder of its own for temporary files, and makes it where Python does.
WORKS_FOR_RUN = ("full TMPDIR", "read-only TMPDIR", "no TMPDIR")

DEFINITION = {
    "StartAt": "Send",
    "States": {
        "Send": {
            "Type": "Task",
            "Resource": "arn:aws:states:::sqs:sendMessage",
            "Parameters": {
                "QueueUrl": "https://sqs.us-east-1.amazonaws.com/123456789012/q",
                "MessageBody": "hello",
            },
            "End": True,
        }
    },
}


def calls() -> list[tuple[str, str]]:
    """The machines and the commands."""
    if FULL:
        # Both programs, and each of the others on some: they begin and end in the same code.
        others = [one for one in LIGHT if one not in BOTH_PROGRAMS]
        turns = {one: others[turn % len(others)] for turn, one in enumerate(MACHINES)}
        chosen = {one: (*BOTH_PROGRAMS, turns[one], *OF_CDK) for one in MACHINES}
        return [(one, command) for one, commands in chosen.items() for command in commands]
    light = [(one, [*LIGHT][turn % len(LIGHT)]) for turn, one in enumerate(MACHINES)]
    fast = [one for one in MACHINES if MACHINES[one].lack and MACHINES[one].light is None]
    refused = [(one, "policy" if turn % 2 else "run") for turn, one in enumerate(fast)]
    refused = [(one, "policy" if one in WORKS_FOR_RUN else command) for one, command in refused]
    return [*light, *refused[::3]]


def call(
    machine: Machine, words: list[str], tmp_path: Path
) -> tuple[subprocess.CompletedProcess[str], list[str]]:
    """Run a command on a machine.

    Returns:
        How it ended, and what it left behind: files and processes.
    """
    place, mark = tmp_path / "place", f"/marked/{uuid.uuid4().hex}"
    place.mkdir()
    unshare = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"])]
    if machine.mounts and subprocess.run([*unshare, "true"], capture_output=True).returncode:
        pytest.skip("mounts are denied here")
    done = subprocess.run(
        [*(unshare if machine.mounts else ()), "sh", "-c", machine.shell, "sh", *words],
        env={
            **os.environ,
            "TMPDIR": str(place),
            "PLACE": str(place),
            # Jobs and functions get this variable of all of them.
            "PATH": f"{os.environ['PATH']}:{mark}",
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LONGEST,
    )
    ends = time.monotonic() + GOING
    while (left := [*map(str, place.iterdir()), *marked(mark)]) and time.monotonic() < ends:
        time.sleep(0.1)
    return done, left


def marked(mark: str) -> list[str]:
    """The processes that have a text in their environment."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (folder / "environ").read_bytes():
                found.append((folder / "cmdline").read_text().replace("\0", " "))
        except OSError:  # another's, or gone
            continue
    return found


def check_ending(machine: Machine, lack: str | None, words: list[str], tmp_path: Path) -> None:
    done, left = call(machine, words, tmp_path)
    assert left == []
    assert "Traceback" not in done.stdout + done.stderr
    assert done.returncode == (0 if lack is None else 1), done.stderr
    if not machine.told:
        assert done.stderr == ""
    elif lack is None:
        assert "error: " not in done.stderr
    else:
        assert done.stderr.startswith("error: ")
        assert done.stderr.count("\n") == 1
        assert lack in done.stderr


@few(8)
@pytest.mark.parametrize(("name", "command"), calls())
def test_a_machine_that_lacks_something(name: str, command: str, tmp_path: Path) -> None:
    machine = MACHINES[name]
    file = tmp_path / "machine.json"
    file.write_text(json.dumps(DEFINITION))
    program, *arguments = (LIGHT | OF_CDK)[command].replace("$FILE", str(file)).split()
    arguments = [one.replace("'", '"') for one in arguments]
    words = [str(Path(sys.executable).with_name(program)), *arguments]
    if command in LIGHT:
        lack = machine.light
    elif command == "run" and name in WORKS_FOR_RUN:
        lack = None
    else:
        lack = machine.lack
    check_ending(machine, lack, words, tmp_path)


@pytest.mark.parametrize("name", some(["few open files", "little address space", "tiny TMPDIR"], 0))
def test_doctor_names_what_is_lacking(name: str, tmp_path: Path) -> None:
    machine = MACHINES[name]
    doctor = [str(Path(sys.executable).with_name("sfn-fragments")), "doctor"]
    done, left = call(machine, doctor, tmp_path)
    assert (done.returncode, done.stderr, left) == (1, "", [])
    [node] = [line for line in done.stdout.splitlines() if "Node.js" in line.split()]
    assert node.startswith("fix")
    assert machine.lack is not None
    assert machine.lack in node
