"""Runs a command that sees folders at the container paths of a Batch job (Linux).

``python job_process.py SPECIFICATION COMMAND...``, where SPECIFICATION is a JSON object:
``root`` (an empty folder), ``mounts`` (list of ``source``, ``target``, ``read_only``) and
``error_file``, which gets a JSON object with ``stage`` (``mounts`` or ``command``) and ``error``
if the command does not start. The mounts live in a mount namespace of this process alone: the
host never sees them, and they are gone when the command ends. Imports the standard library only,
since it runs before every such job.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
from pathlib import Path

#: Exit code for "the command was not started", as shells and Docker use it.
NOT_STARTED = 125

_CLONE_NEWNS = 0x00020000
_CLONE_NEWUSER = 0x10000000
_MS_RDONLY = 0x1
_MS_REMOUNT = 0x20
_MS_BIND = 0x1000
_MS_REC = 0x4000
_MS_UNBINDABLE = 0x20000
_MS_PRIVATE = 0x40000


def _check(result: int, action: str) -> None:
    if result != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{action}: {os.strerror(code)}")


class _Mounts:
    """mount(2) and unshare(2); Python has neither before 3.12."""

    def __init__(self) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)

    def unshare(self, flags: int) -> None:
        _check(self._libc.unshare(flags), "unshare")

    def mount(self, source: str, target: Path, kind: str | None, flags: int) -> None:
        _check(
            self._libc.mount(
                os.fsencode(source),
                os.fsencode(target),
                kind.encode() if kind else None,
                ctypes.c_ulong(flags),
                None,
            ),
            f"mount {source} at {target}",
        )

    def bind(self, source: Path, target: Path) -> None:
        self.mount(str(source), target, None, _MS_BIND | _MS_REC)

    def make_read_only(self, target: Path) -> None:
        # A user namespace must repeat the flags that the mount below it has locked; the values
        # of statvfs and mount are the same for those (nosuid 2, nodev 4, noexec 8, noatime ...).
        kept = os.statvfs(target).f_flag & 0xC0E
        self.mount("none", target, None, _MS_REMOUNT | _MS_BIND | _MS_RDONLY | kept)


def _enter_namespace(mounts: _Mounts) -> None:
    uid, gid = os.getuid(), os.getgid()
    if uid == 0:
        mounts.unshare(_CLONE_NEWNS)
    else:
        mounts.unshare(_CLONE_NEWUSER | _CLONE_NEWNS)
        # Without "deny" an unprivileged process may not write its group map.
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
        Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")
    mounts.mount("none", Path("/"), None, _MS_REC | _MS_PRIVATE)


def _mirror(mounts: _Mounts, folder: Path, target: Path) -> None:
    """Show a folder's entries at `target`, in a new directory that takes further entries."""
    mounts.mount("tmpfs", target, "tmpfs", 0)
    # Or binding a folder that holds the mirror would bind the mirror into itself.
    mounts.mount("none", target, None, _MS_UNBINDABLE)
    # scandir knows what an entry is without stat, which another user's mount may refuse.
    with os.scandir(folder) as entries:
        for entry in entries:
            copy = target / entry.name
            try:
                if entry.is_symlink():
                    copy.symlink_to(Path(entry.path).readlink())
                elif entry.is_dir():
                    copy.mkdir()
                    mounts.bind(Path(entry.path), copy)
                else:
                    copy.touch()
                    mounts.bind(Path(entry.path), copy)
            except FileNotFoundError:  # gone since it was listed
                continue


def _mirror_parents(mounts: _Mounts, root: Path, targets: list[Path]) -> None:
    """Mirror the folders that targets are made in, of targets that this machine does not have.

    Before anything is mounted, and outer folders first: a mirror covers what was below it.
    """
    parents = {
        next(parent for parent in target.parents if parent.exists())
        for target in targets
        if not target.exists()
    }
    for parent in sorted(parents - {Path("/")}, key=lambda folder: len(folder.parts)):
        _mirror(mounts, parent, root / parent.relative_to("/"))


def _enter(specification: dict[str, object]) -> None:
    root = Path(str(specification["root"]))
    requested = specification["mounts"]
    assert isinstance(requested, list)
    mounts = _Mounts()
    _enter_namespace(mounts)
    _mirror(mounts, Path("/"), root)
    # A link of the host is followed here, since below the new root it would lead back to the old
    # one. Outer paths first: an inner one may lie within the folder of an outer one.
    ordered = sorted(
        [(Path(os.path.realpath(mount["target"])), mount) for mount in requested],
        key=lambda one: len(one[0].parts),
    )
    targets = [target for target, _ in ordered]
    outermost = [one for one in targets if not any(other in one.parents for other in targets)]
    _mirror_parents(mounts, root, outermost)
    points = []
    for target, mount in ordered:
        point = root / target.relative_to("/")
        # In a mirror or in a mounted folder, never on the host.
        point.mkdir(parents=True, exist_ok=True)
        mounts.bind(Path(mount["source"]), point)
        points.append((point, mount["read_only"]))
    # At the end, so that the mount points above could be made.
    for point, read_only in points:
        if read_only:
            mounts.make_read_only(point)
    folder = Path.cwd()
    os.chroot(root)
    try:
        os.chdir(folder)
    except OSError:  # a mount covers it
        os.chdir("/")


def main(arguments: list[str]) -> int:
    """Enter the namespace and become the command.

    Args:
        arguments: The specification and the command.

    Returns:
        ``NOT_STARTED``; does not return when the command starts.
    """
    specification, command = json.loads(arguments[0]), arguments[1:]
    stage = "mounts"
    try:
        _enter(specification)
        stage = "command"
        os.execvp(command[0], command)  # noqa: S606 - running the job's command is the purpose
    except OSError as error:
        report = {"stage": stage, "error": str(error)}
        Path(specification["error_file"]).write_text(json.dumps(report))
    return NOT_STARTED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
