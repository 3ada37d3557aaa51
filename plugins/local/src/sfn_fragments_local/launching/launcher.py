"""Starts containers: the engine's side of the launch server."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import uuid
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Lock
from typing import IO, TYPE_CHECKING, Any
from weakref import WeakSet

from sfn_fragments.errors import FragmentsError
from sfn_fragments_local.launching import TERMINATE
from sfn_fragments_local.launching.image import image_variables
from sfn_fragments_local.launching.trees import remove_tree

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

#: Folder of a container that is the user's own there.
HOME = "/home/job"

_SERVER = Path(__file__).with_name("start.py")

#: Sockets of this process. A process that it forks would keep them open when this one ends.
_sockets: WeakSet[socket.socket] = WeakSet()


def _close_in_fork() -> None:
    for one in list(_sockets):
        one.close()


if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(after_in_child=_close_in_fork)


class LaunchError(FragmentsError):
    """A container, or the command in it, does not start.

    Args:
        stage: ``container`` or ``command``.
        reason: Why.
    """

    def __init__(self, stage: str, reason: str) -> None:
        """Keep the stage apart."""
        self.stage = stage
        self.reason = reason
        super().__init__(f"the {stage} does not start: {reason}")


@dataclass(frozen=True)
class Container:
    """What a command is to see.

    Attributes:
        isolation: ``namespaces``, ``landlock`` or ``none``.
        folder: An empty folder of its own, which holds what it writes.
        image: Files and folders that it may read.
        mounts: Source, target, whether it may only be read.
        port: The port of the engine, which it reaches.
        environment: Its variables.
        command: What runs in it.
        working_folder: Where it starts; None for its home.
        limits: Soft and hard limit of resources by their names, such as ``nofile``; -1 is none.
    """

    isolation: str
    folder: Path
    image: tuple[str, ...]
    mounts: tuple[tuple[str, str, bool], ...]
    port: int
    environment: Mapping[str, str]
    command: tuple[str, ...]
    working_folder: str | None = None
    limits: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    def specification(self) -> dict[str, Any]:
        """It, as the launch server reads it."""
        apart = self.isolation == "namespaces"
        return {
            "isolation": self.isolation,
            "folder": str(self.folder),
            "image": self.image,
            "mounts": [
                {"source": source, "target": target, "read_only": read_only}
                for source, target, read_only in self.mounts
            ],
            "writable": [str(self.folder)],
            "port": self.port,
            "environment": {**self.environment},
            "command": self.command,
            "home": HOME,
            "limits": {**self.limits},
            "working_folder": self.working_folder or (HOME if apart else str(self.folder)),
        }

    def with_environment(self, environment: Mapping[str, str]) -> Container:
        """It, with other variables."""
        return replace(self, environment=environment)

    @property
    def private_variables(self) -> dict[str, str]:
        """Where its home and its temporary files are."""
        if self.isolation == "namespaces":
            return {"HOME": HOME}
        return {"HOME": str(self.folder), "TMPDIR": str(self.folder)}


class Process:
    """A running container.

    Args:
        control: To its first process.
    """

    def __init__(self, control: socket.socket) -> None:
        """It is being made."""
        self._control = control
        _sockets.add(control)
        self._received = b""
        self._exit_code: int | None = None
        self.door: socket.socket | None = None

    def read_message(self, timeout: float | None) -> dict[str, Any] | None:
        """What it says next.

        Args:
            timeout: Seconds to wait; None for ever.

        Returns:
            A message; an empty one when it is gone; None when the time is over.
        """
        self._control.settimeout(timeout)
        while b"\n" not in self._received:
            try:
                data, descriptors, *_ = socket.recv_fds(self._control, 65536, 1)
            except (TimeoutError, BlockingIOError):
                return None
            except ConnectionError:
                data, descriptors = b"", []
            if descriptors:
                self.door = socket.socket(fileno=descriptors[0])
                self.door.set_inheritable(False)
            if not data:
                return {}
            self._received += data
        line, _, self._received = self._received.partition(b"\n")
        message: dict[str, Any] = json.loads(line)
        return message

    def wait(self, timeout: float | None = None) -> int | None:
        """Wait for its end.

        Args:
            timeout: Seconds to wait; None for ever.

        Returns:
            Its exit code, of a signal 128 and its number; None when the time is over.
        """
        while self._exit_code is None:
            message = self.read_message(timeout)
            if message is None:
                return None
            if not message:
                # Killed together with its first process.
                self._exit_code = 137
            elif "exit" in message:
                self._exit_code = int(message["exit"])
        return self._exit_code

    def terminate(self) -> None:
        """Ask the command, and what it started, to end."""
        with suppress(OSError):
            self._control.sendall(TERMINATE)

    def kill(self) -> None:
        """End all of it; `wait` tells when that is done."""
        with suppress(OSError):
            self._control.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Let go of it, which ends it."""
        self._control.close()
        if self.door is not None:
            # Closing it would not wake the thread that waits for a connection.
            with suppress(OSError):
                self.door.shutdown(socket.SHUT_RDWR)
            self.door.close()


class Launcher:
    """A launch server of this process, started when it is needed.

    Args:
        modules: Modules that its copies of Python have imported: see ``warm_python``.
    """

    def __init__(self, modules: Sequence[str] = ()) -> None:
        """Nothing is started."""
        self._modules = modules
        self._lock = Lock()
        self._channel: socket.socket | None = None
        self._server: subprocess.Popen[bytes] | None = None
        self._errors: IO[bytes] | None = None
        self._open = ExitStack()

    def start(self) -> None:
        """Start the server, if it does not run; it is ready some time later."""
        with self._lock:
            self._started()

    def launch(self, container: Container, files: Sequence[int]) -> Process:
        """Start a command in a container.

        Args:
            container: What it sees.
            files: Descriptors that become its 0, 1, 2 ...

        Returns:
            The process, whose command has started.

        Raises:
            LaunchError: It does not start.
        """
        control, theirs = socket.socketpair()
        process = Process(control)
        try:
            with theirs, tempfile.TemporaryFile() as file:
                file.write(json.dumps(container.specification()).encode())
                file.flush()
                self._request({"launch": True}, [file.fileno(), theirs.fileno(), *files])
            while True:
                message = process.read_message(None)
                if not message:
                    raise LaunchError("container", "its first process was killed")
                if "failed" in message:
                    raise LaunchError(message["failed"], message["error"])
                if "started" in message:
                    return process
        except BaseException:
            process.close()
            raise

    def keep(self, folder: Path) -> None:
        """Have a folder deleted when this process ends, however it does."""
        self._request({"keep": str(folder)})

    def remove(self, folder: Path) -> None:
        """Delete a folder."""
        self._request({"remove": str(folder)})

    def close(self) -> None:
        """End the server."""
        with self._lock:
            channel, self._channel = self._channel, None
            server, self._server = self._server, None
        if channel is not None and server is not None:
            channel.close()
            server.wait()
            self._open.close()

    def _request(self, request: Mapping[str, Any], descriptors: Sequence[int] = ()) -> None:
        with self._lock:
            channel = self._started()
            try:
                socket.send_fds(channel, [json.dumps(request).encode()], descriptors)
                answered = channel.recv(1)
            except ConnectionError:
                answered = b""
            if not answered:
                assert self._server is not None
                assert self._errors is not None
                channel.close()
                self._channel = None
                self._server.wait()
                self._errors.seek(0)
                told = self._errors.read().decode(errors="replace").strip()
                raise LaunchError("container", f"the launch server ended: {told[-2000:]}")

    def _started(self) -> socket.socket:
        if self._channel is None:
            ours, theirs = socket.socketpair()
            _sockets.add(ours)
            isolated = [] if self._modules else ["-I", "-S"]
            with theirs, ExitStack() as opened:
                self._errors = opened.enter_context(tempfile.TemporaryFile())
                self._server = subprocess.Popen(  # noqa: S603 - a program of this package
                    [
                        *(sys.executable, *isolated, str(_SERVER), str(theirs.fileno())),
                        *self._modules,
                    ],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=self._errors,
                    pass_fds=[theirs.fileno()],
                    cwd="/",
                    env={**image_variables(), "HOME": HOME},
                    # Not of the terminal's group, whose signals are for the engine's process.
                    start_new_session=True,
                )
                # What it has said is read when it has ended.
                self._open = opened.pop_all()
            self._channel = ours
        return self._channel


class Launchers:
    """The launch servers of this process: one for all, and one for each list of modules."""

    def __init__(self) -> None:
        """Nobody needs them yet."""
        self._lock = Lock()
        self._users = 0
        self._launchers: dict[tuple[str, ...], Launcher] = {}

    def launcher(self, modules: tuple[str, ...] = ()) -> Launcher:
        """The server of these modules; call it within `in_use`."""
        with self._lock:
            return self._launchers.setdefault(modules, Launcher(modules))

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Keep the servers for the length of the ``with`` block; the last one ends them.

        Yields:
            Nothing.
        """
        with self._lock:
            self._users += 1
        try:
            yield
        finally:
            with self._lock:
                self._users -= 1
                ended = list(self._launchers.values()) if not self._users else []
                if ended:
                    self._launchers = {}
            for launcher in ended:
                launcher.close()


#: Those of this process.
launchers = Launchers()


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A folder that is gone with the block, and with this process however it ends.

    Yields:
        It.

    Raises:
        FragmentsError: There is no place for one.
    """
    with launchers.in_use():
        # No launch server, and no jobs, on Windows.
        launcher = None if sys.platform == "win32" else launchers.launcher()
        try:
            folder = Path(tempfile.gettempdir(), f"sfn-fragments-{uuid.uuid4().hex}")
            if launcher is not None:
                # Told before there is one: the process can end at any moment.
                launcher.keep(folder)
            folder.mkdir(mode=0o700)
        except OSError as error:
            raise FragmentsError(
                f"no folder for temporary files: {error}; set TMPDIR to one that you may write to "
                "and that has room"
            ) from error
        try:
            yield folder
        finally:
            if launcher is None:
                remove_tree(folder)
            else:
                launcher.remove(folder)
