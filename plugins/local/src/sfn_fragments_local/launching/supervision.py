"""The first process of a container: starts the command, and ends all of it.

It lives as long as the command does, or until the engine lets go of it: the other end of the
control socket is the engine's, whose death closes it however it came. A signal to be sent at the
parent's death would follow the thread that made the process instead.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import resource
import select
import signal
import socket
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from sfn_fragments_local.launching import TERMINATE, landlock, namespaces, system_calls
from sfn_fragments_local.launching.warm_python import ReplacedError

if TYPE_CHECKING:
    from sfn_fragments_local.launching.warm_python import Interpreter


def run(
    specification: dict[str, Any],
    control: socket.socket,
    files: list[int],
    interpreter: Interpreter | None,
) -> None:
    """Become the first process of a container and run its command.

    Args:
        specification: As ``launcher`` writes it.
        control: To the engine.
        files: What become the command's descriptors 0, 1, 2 ...
        interpreter: Runs commands of Python that it can; None to start all as programs.

    Raises:
        ReplacedError: In the command's own process, which is to run in this interpreter.
    """
    try:
        os.setsid()
        if specification["isolation"] == "namespaces":
            namespaces.separate()
            if os.fork() != 0:
                os._exit(0)
        _supervise(specification, control, files, interpreter)
    except ReplacedError:
        raise
    except BaseException as error:  # the engine is told of all
        _tell(control, {"failed": "container", "error": str(error) or repr(error)})


def _supervise(
    specification: dict[str, Any],
    control: socket.socket,
    files: list[int],
    interpreter: Interpreter | None,
) -> None:
    isolation, port = specification["isolation"], specification["port"]
    if isolation == "namespaces":
        namespaces.enter(
            specification["folder"],
            specification["image"],
            specification["mounts"],
            specification["home"],
        )
        with namespaces.door(port) as door:
            socket.send_fds(control, [_line({"door": True})], [door.fileno()])
        system_calls.give_up_privileges()
    elif sys.platform == "linux":
        system_calls.adopt_orphans()
    command, failure = _start(specification, control, files, interpreter)
    for descriptor in files:
        os.close(descriptor)
    with os.fdopen(failure, encoding="utf-8", errors="replace") as pipe:
        # Ends with the program's start, which closes the other end.
        report = pipe.read()
    if report:
        _tell(control, {"failed": "command", "error": report})
    else:
        _tell(control, {"started": True})
    status = _wait(command, control)
    _end_all(command, alone=isolation == "namespaces")
    if not report:
        _tell(control, {"exit": status})


def _start(
    specification: dict[str, Any],
    control: socket.socket,
    files: list[int],
    interpreter: Interpreter | None,
) -> tuple[int, int]:
    """Fork the command.

    Returns:
        Its process, and a pipe that tells why it did not start.
    """
    failure, failed = os.pipe()
    command = os.fork()
    if command:
        os.close(failed)
        return command, failure
    try:
        os.close(failure)
        control.close()
        os.setsid()
        _become(specification, files)
        arguments, environment = specification["command"], specification["environment"]
        if not arguments:  # only whether a container can be made is wanted
            os._exit(0)
        if interpreter is not None and interpreter.can_run(arguments, environment):
            os.close(failed)
            raise ReplacedError(interpreter, arguments, environment)
        os.execvpe(arguments[0], arguments, environment)  # noqa: S606 - becoming the job is the purpose
    except ReplacedError:
        raise
    except BaseException as error:  # told by the pipe, whatever it is
        os.write(failed, (str(error) or repr(error)).encode(errors="replace"))
    os._exit(1)


def _become(specification: dict[str, Any], files: list[int]) -> None:
    """Take the files, the folder and the signals of a new program."""
    # Above those that they are to become first, or one would close another.
    high = [_dup_above(descriptor, len(files)) for descriptor in files]
    for number, descriptor in enumerate(high):
        os.dup2(descriptor, number)
        os.close(descriptor)
    for descriptor in files:
        if descriptor >= len(files):
            os.close(descriptor)
    folder = specification["working_folder"]
    try:
        os.chdir(folder)
    except OSError:  # a mount covers it
        os.chdir("/")
    os.umask(0o022)
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        # Python ignores them, and what is ignored stays so in a program that is started.
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    _limit(specification["limits"])
    if specification["isolation"] == "landlock":
        landlock.confine(specification["image"], specification["writable"], specification["port"])


def _limit(limits: dict[str, tuple[int, int]]) -> None:
    """Keep within limits; what this user may not raise stays as it is."""
    for name, (soft, hard) in limits.items():
        kind = getattr(resource, f"RLIMIT_{name.upper()}")
        highest = resource.getrlimit(kind)[1]
        if highest != resource.RLIM_INFINITY:
            soft, hard = (highest if one < 0 else min(one, highest) for one in (soft, hard))
        resource.setrlimit(kind, (soft, hard))


def _dup_above(descriptor: int, lowest: int) -> int:
    return fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, lowest)


def _wait(command: int, control: socket.socket) -> int:
    """Wait for the command, and end it where the engine is gone.

    Returns:
        Its exit status, of a signal 128 and its number, as shells have it.
    """
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    poll = select.poll()
    poll.register(reading, select.POLLIN)
    poll.register(control, select.POLLIN)
    while True:
        # Orphans of the container too, whose first process this is.
        while True:
            try:
                ended, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return 128 + signal.SIGKILL
            if ended == command:
                code = os.waitstatus_to_exitcode(status)
                return code if code >= 0 else 128 - code
            if not ended:
                break
        for descriptor, _ in poll.poll():
            if descriptor == reading:
                os.read(reading, 4096)
            elif (message := control.recv(64)) == TERMINATE:
                _signal_group(command, signal.SIGTERM)
            elif not message:
                return 128 + signal.SIGKILL


def _signal_group(command: int, number: int) -> None:
    try:
        os.killpg(command, number)
    except (ProcessLookupError, PermissionError):
        return


def _end_all(command: int, *, alone: bool) -> None:
    """Kill what is left of the container, and wait until it is gone."""
    while True:
        if alone:
            with suppress(ProcessLookupError):
                os.kill(-1, signal.SIGKILL)
        else:
            _signal_group(command, signal.SIGKILL)
            # What left the group; what a child leaves behind becomes a child in its place.
            for child in _children():
                try:
                    os.kill(child, signal.SIGKILL)
                except ProcessLookupError:
                    continue
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return
        except InterruptedError:
            continue


def _children() -> list[int]:
    own = str(os.getpid())
    found = []
    try:
        numbers = [name for name in os.listdir("/proc") if name.isdigit()]
    except FileNotFoundError:  # not Linux
        return []
    for number in numbers:
        try:
            with open(f"/proc/{number}/stat", "rb") as file:
                # The name may hold blanks and parentheses; the parent is the second field after it.
                parent = file.read().rpartition(b")")[2].split()[1].decode()
        except OSError:
            continue
        if parent == own:
            found.append(int(number))
    return found


def _tell(control: socket.socket, message: dict[str, Any]) -> None:
    try:
        control.sendall(_line(message))
    except OSError as error:
        if error.errno not in (errno.EPIPE, errno.ECONNRESET):
            raise


def _line(message: dict[str, Any]) -> bytes:
    return json.dumps(message).encode() + b"\n"
