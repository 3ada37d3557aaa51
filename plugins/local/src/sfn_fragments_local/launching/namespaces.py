"""Gives a process the file tree, the processes and the network of a container (Linux).

All of it belongs to namespaces of the process: the machine never sees the mounts, and they are gone
when the process ends.
"""

from __future__ import annotations

import os
import socket
import stat
from contextlib import suppress
from typing import TYPE_CHECKING, TypedDict

from sfn_fragments_local.launching import TEMPORARY_FOLDERS, system_calls
from sfn_fragments_local.launching.system_calls import (
    MS_NODEV,
    MS_NOEXEC,
    MS_NOSUID,
    MS_PRIVATE,
    MS_REC,
    bind,
    make_read_only,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_DEVICES = ("null", "zero", "full", "random", "urandom", "tty")

#: Parts of /proc by which the owner of the machine's files could change the machine.
_GUARDED = ("bus", "fs", "irq", "sys", "sysrq-trigger")

_LINKS = {"fd": "/proc/self/fd", "stdin": "fd/0", "stdout": "fd/1", "stderr": "fd/2"}


class Mount(TypedDict):
    """A folder of the machine, and where the container has it."""

    source: str
    target: str
    read_only: bool


def separate() -> None:
    """Leave the machine's namespaces; the next child lives in the new ones entirely.

    Raises:
        OSError: This user may not.
    """
    flags = (
        system_calls.CLONE_NEWNS
        | system_calls.CLONE_NEWPID
        | system_calls.CLONE_NEWNET
        | system_calls.CLONE_NEWIPC
        | system_calls.CLONE_NEWUTS
    )
    uid, gid = os.getuid(), os.getgid()
    if uid == 0:
        try:
            system_calls.unshare(flags)
        except PermissionError:  # root of a container, which may have a user namespace all the same
            pass
        else:
            return
    system_calls.unshare(flags | system_calls.CLONE_NEWUSER)
    # Without "deny" an unprivileged process may not write its group map.
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"{uid} {uid} 1")
    _write("/proc/self/gid_map", f"{gid} {gid} 1")


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def enter(folder: str, image: Sequence[str], mounts: Iterable[Mount], home: str) -> None:
    """Make a folder the root, with the image's folders read-only and the mounts over all of it.

    The first process of a namespace calls this.

    Args:
        folder: An empty folder of the machine's; what the container writes elsewhere than in a
            mount goes there.
        image: Files and folders of the machine that are there at their own paths.
        mounts: What is mounted; of two with one target the latter shows.
        home: A folder of the container to make, besides those for temporary files.
    """
    system_calls.mount("none", "/", None, MS_REC | MS_PRIVATE)
    root, spare = f"{folder}/root", f"{folder}/spare"
    for made in (root, spare):
        os.mkdir(made)
    bind(root, root)
    tree = _Tree(root, spare)
    for path in image:
        tree.add(path)
    tree.show()
    _make_system(root)
    tree.mount(mounts)
    for path in (*TEMPORARY_FOLDERS, home):
        if not tree.is_mounted(path):
            os.makedirs(root + path, exist_ok=True)
    for path in TEMPORARY_FOLDERS:
        if not tree.is_mounted(path):
            _allow_all(root + path)
    system_calls.change_root(root)


def _allow_all(folder: str) -> None:
    # A folder of the image is as it is.
    try:
        os.chmod(folder, 0o1777)  # noqa: S103 - the container's /tmp: for all, and sticky
    except OSError:
        return


def _make_system(root: str) -> None:
    """Make /proc and /dev."""
    proc, devices = f"{root}/proc", f"{root}/dev"
    for path in (proc, devices):
        os.makedirs(path, exist_ok=True)
    try:
        system_calls.mount("proc", proc, "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
    except PermissionError:
        # Inside of a container that hides parts of its own: processes of others are seen there,
        # and their files are not.
        bind("/proc", proc)
    for name in _GUARDED:
        if os.path.exists(f"{proc}/{name}"):
            bind(f"{proc}/{name}", f"{proc}/{name}")
            make_read_only(f"{proc}/{name}")
    for name in _DEVICES:
        if os.path.exists(f"/dev/{name}"):
            _touch(f"{devices}/{name}")
            bind(f"/dev/{name}", f"{devices}/{name}")
    for name, target in _LINKS.items():
        os.symlink(target, f"{devices}/{name}")
    os.mkdir(f"{devices}/shm")
    _allow_all(f"{devices}/shm")
    os.mkdir(f"{devices}/pts")
    # Terminals are a comfort; some containers allow none to be made.
    with suppress(OSError):
        flags, options = MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666"
        system_calls.mount("devpts", f"{devices}/pts", "devpts", flags, options)
    os.symlink("pts/ptmx", f"{devices}/ptmx")


def _touch(path: str) -> None:
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o644))


class _Tree:
    """The file tree below a new root.

    Args:
        root: The new root, still a folder of the old one.
        spare: An empty folder for folders to be made in.
    """

    def __init__(self, root: str, spare: str) -> None:
        self._root = root
        self._spare = spare
        self._image: set[str] = set()
        self._mounted: list[str] = []

    def add(self, path: str) -> None:
        """Have a path of the machine, and the links that lead to what it is."""
        real = self._follow(path, all_links=True)
        if real is not None and real not in ("/", *self._image) and os.path.exists(real):
            self._image.add(real)

    def show(self) -> None:
        """Show what was added."""
        self._image = {
            path for path in self._image if not any(one in self._image for one in _parents(path))
        }
        for path in sorted(self._image):
            self._bind(path, self._root + path)

    def _bind(self, source: str, target: str) -> None:
        if os.path.isdir(source):
            os.makedirs(target, exist_ok=True)
        else:
            os.makedirs(os.path.dirname(target), exist_ok=True)
            _touch(target)
        bind(source, target)

    def mount(self, mounts: Iterable[Mount]) -> None:
        """Mount folders over the tree, and make all that may only be read read-only."""
        # Outer paths first: an inner one may lie within the folder of an outer one.
        ordered = sorted(
            [(self._follow(one["target"], all_links=False) or "/", one) for one in mounts],
            key=lambda one: one[0].count("/"),
        )
        targets = [target for target, _ in ordered]
        outermost = {one for one in targets if not any(out in targets for out in _parents(one))}
        for parent in sorted({*filter(None, map(self._parent_to_mirror, outermost))}):
            self._mirror(parent, outermost)
        for target in outermost:
            self._make_point(target)
        for path in self._image:
            make_read_only(self._root + path)
        for target, one in ordered:
            # In the tree or in a folder that is mounted, never on the machine.
            self._make_point(target)
            bind(one["source"], self._root + target)
            self._mounted.append(target)
        # At the end, so that the mount points above could be made.
        for target, one in ordered:
            if one["read_only"]:
                make_read_only(self._root + target)

    def _make_point(self, target: str) -> None:
        try:
            os.makedirs(self._root + target, exist_ok=True)
        except OSError as error:
            # Not the path on the machine, which the user does not know.
            reason = f"mount at {target}: [Errno {error.errno}] {error.strerror}"
            raise RuntimeError(reason) from error

    def is_mounted(self, path: str) -> bool:
        """Whether a path is that of a mount or below one."""
        return any(one in self._mounted for one in (path, *_parents(path)))

    def _in_image(self, path: str) -> bool:
        return any(one in self._image for one in (path, *_parents(path)))

    def _parent_to_mirror(self, target: str) -> str | None:
        """The folder of the image that a target has to be made in, if it has to."""
        if not self._in_image(target) or os.path.isdir(target):
            return None
        return next(parent for parent in _parents(target) if os.path.exists(parent))

    def _mirror(self, folder: str, targets: set[str]) -> None:
        """Show a folder's entries in a new one, which takes the targets as well."""
        copy = f"{self._spare}/{len(os.listdir(self._spare))}"
        # On the machine, or where an outer mirror shows it: the same entries.
        names = os.listdir(folder)
        os.mkdir(copy)
        bind(copy, self._root + folder)
        for name in names:
            entry, shown = f"{folder}/{name}", f"{self._root}{folder}/{name}"
            if entry in targets:  # a file, in whose place a folder is mounted
                continue
            try:
                # Not what it leads to, which another user's mount may refuse to tell.
                if stat.S_ISLNK(os.lstat(entry).st_mode):
                    os.symlink(os.readlink(entry), shown)
                else:
                    self._bind(entry, shown)
            except FileNotFoundError:  # gone since it was listed
                continue

    def _follow(self, path: str, *, all_links: bool) -> str | None:
        """The path without links, as the container has it; with `all_links` its links are made.

        Without it, those links count that the container has by now.
        """
        done, rest = "", [part for part in path.split("/") if part not in ("", ".")]
        for _ in range(1000):
            if not rest:
                return done or "/"
            part = rest.pop(0)
            if part == "..":
                done = os.path.dirname(done.rstrip("/")).rstrip("/")
                continue
            step = f"{done}/{part}"
            target = self._link(step, all_links=all_links)
            if target is None:
                done = step
                continue
            rest = [one for one in target.split("/") if one not in ("", ".")] + rest
            if target.startswith("/"):
                done = ""
        return None

    def _link(self, path: str, *, all_links: bool) -> str | None:
        try:
            if not all_links:
                return os.readlink(self._root + path)
            target = os.readlink(path)
        except OSError:
            return None
        if not self._in_image(path) and not os.path.lexists(self._root + path):
            os.makedirs(os.path.dirname(self._root + path), exist_ok=True)
            os.symlink(target, self._root + path)
        return target


def _parents(path: str) -> list[str]:
    """The folders that a path is in, the nearest first, without the root."""
    parts = path.split("/")
    return ["/".join(parts[:count]) for count in range(len(parts) - 1, 1, -1)]


def door(port: int) -> socket.socket:
    """A socket that listens at a port of this process's own network namespace.

    Whoever accepts its connections, in whatever namespace, is reached from this one.

    Args:
        port: The port, of the loopback address.
    """
    system_calls.bring_up_loopback()
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("127.0.0.1", port))
    listening.listen(128)
    return listening
