"""The containers of an engine: each job and each function runs in one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sfn_fragments.errors import FragmentsError
from sfn_fragments_local.launching.image import image_variables
from sfn_fragments_local.launching.isolation import ADVICE, found_isolation, why_not
from sfn_fragments_local.launching.launcher import Container, launchers

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from sfn_fragments_local.launching.launcher import Process

#: Added to what a job wrote that failed under Landlock with this in it.
_DENIED = "Permission denied"


class IsolationError(FragmentsError):
    """A job cannot be kept apart from this machine as it has to be."""


@dataclass(frozen=True)
class Mount:
    """A folder that a job sees.

    Attributes:
        source: The local folder.
        target: Its path inside the container.
        read_only: Whether the job may only read.
    """

    source: Path
    target: str
    read_only: bool = False


@dataclass(frozen=True)
class Command:
    """What runs in a container.

    Attributes:
        arguments: The program and its arguments.
        environment: Variables besides those of the image and of the home.
        mounts: Folders that it sees.
        readable: Files and folders that it sees besides the image's, at their own paths.
        working_folder: Where it starts; None for its home.
        modules: Modules that a copy of this Python has imported ahead: see ``warm_python``.
        on_machine: Whether it brings a container of its own, as ``docker run`` does.
        limits: Soft and hard limit of resources by their names, such as ``nofile``.
    """

    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    mounts: tuple[Mount, ...] = ()
    readable: tuple[str, ...] = ()
    working_folder: str | None = None
    modules: tuple[str, ...] = ()
    on_machine: bool = False
    limits: Mapping[str, tuple[int, int]] = field(default_factory=dict)


class Containers:
    """Starts commands in containers.

    Args:
        isolation: One of ``ISOLATIONS``.
        image: Files and folders of the machine that every container has, read-only.
        port: The port of the engine.
        admit: Is given a socket that a container's connections to the engine arrive at.
    """

    def __init__(
        self,
        isolation: str,
        image: tuple[str, ...],
        port: int,
        admit: Callable[[socket.socket], None],
    ) -> None:
        """Nothing is tried yet."""
        self._wanted = isolation
        self._image = image
        self._port = port
        self._admit = admit

    def isolation(self) -> str:
        """The isolation in force: ``namespaces``, ``landlock`` or ``none``.

        Raises:
            IsolationError: There is none here, and none was not asked for.
        """
        if self._wanted == "none":
            return "none"
        if self._wanted == "auto":
            found = found_isolation()
            name, refused = found.name, found.refused if found.name == "none" else None
        else:
            name, refused = self._wanted, why_not(self._wanted)
        if refused is not None:
            raise IsolationError(
                f"nothing keeps a job apart from this machine here ({refused}); {ADVICE}; or let "
                "jobs do with this machine's files what this user may, with `--no-isolation` or "
                'Engine(isolation="none")'
            )
        return name

    def start(self, command: Command, folder: Path, files: Sequence[int]) -> Process:
        """Start a command.

        Args:
            command: What.
            folder: An empty folder for what it writes elsewhere than in its mounts.
            files: Descriptors that become its 0, 1, 2 ...

        Returns:
            The process, which `Process.close` has to follow.

        Raises:
            IsolationError: It cannot be kept apart from this machine.
            LaunchError: It does not start.
        """
        isolation = "none" if command.on_machine else self.isolation()
        if command.mounts and isolation != "namespaces" and not command.on_machine:
            paths = ", ".join(mount.target for mount in command.mounts)
            why = why_not("namespaces") or f"isolation {isolation!r} was asked for"
            raise IsolationError(f"no folder can be mounted at {paths} here: {why}; {ADVICE}")
        mounts = command.mounts if isolation == "namespaces" else ()
        container = Container(
            isolation=isolation,
            folder=folder,
            image=(*self._image, *command.readable),
            mounts=tuple((str(one.source), one.target, one.read_only) for one in mounts),
            port=self._port,
            environment=command.environment,
            command=command.arguments,
            working_folder=command.working_folder,
            limits=command.limits,
        )
        variables = {**image_variables(), **container.private_variables, **command.environment}
        container = container.with_environment(variables)
        process = launchers.launcher(command.modules).launch(container, files)
        if process.door is not None:
            self._admit(process.door)
        return process

    def explanation(self, output: str) -> str:
        """What to add to the output of a command that failed, if isolation may be why."""
        if _DENIED not in output or self.isolation() != "landlock":
            return ""
        return (
            "sfn-fragments: this job may read its image and write below its home only, held by "
            "Landlock; what it touches elsewhere is refused with 'Permission denied'. "
            "`sfn-fragments doctor` tells how to give jobs a file tree of their own.\n"
        )
