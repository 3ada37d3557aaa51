"""Linux system calls that Python has no function for (some have one in newer releases)."""

from __future__ import annotations

import ctypes
import fcntl
import os
import re
import socket
import struct
from functools import cache
from typing import Any

CLONE_NEWNS = 0x00020000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

MS_RDONLY = 0x1
MS_NOSUID = 0x2
MS_NODEV = 0x4
MS_NOEXEC = 0x8
MS_REMOUNT = 0x20
MS_BIND = 0x1000
MS_REC = 0x4000
MS_PRIVATE = 0x40000

_MNT_DETACH = 0x2
_AT_FDCWD = -100
_AT_RECURSIVE = 0x8000
_MOUNT_ATTR_RDONLY = 0x1

# Calls that came after 2019 have one number on every architecture that Python supports.
_MOUNT_SETATTR = 442
_LANDLOCK_CREATE_RULESET = 444
_LANDLOCK_ADD_RULE = 445
_LANDLOCK_RESTRICT_SELF = 446

_PR_SET_CHILD_SUBREAPER = 36
_PR_CAPBSET_DROP = 24
_PR_SET_NO_NEW_PRIVS = 38
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_CLEAR_ALL = 4
_LAST_CAPABILITY = 63
_CAPABILITY_VERSION_3 = 0x20080522

_SIOCGIFFLAGS = 0x8913
_SIOCSIFFLAGS = 0x8914
_IFF_UP = 0x1

#: What a process of a container may do by default where it is root, but for making devices:
#: chown, dac_override, fowner, fsetid, kill, setgid, setuid, setpcap, net_bind_service, net_raw,
#: sys_chroot, audit_write, setfcap.
_CONTAINER_CAPABILITIES = frozenset({0, 1, 3, 4, 5, 6, 7, 8, 10, 13, 18, 29, 31})


@cache
def _libc() -> Any:
    return ctypes.CDLL(None, use_errno=True)


def _checked(result: int, action: str) -> int:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{action}: {os.strerror(code)}")
    return result


def unshare(flags: int) -> None:
    """Give this process namespaces of its own, as the call of that name does."""
    _checked(_libc().unshare(ctypes.c_int(flags)), "unshare")


def mount(source: str, target: str, kind: str | None, flags: int, data: str = "") -> None:
    """Put something into the file tree, as the call of that name does."""
    _checked(
        _libc().mount(
            os.fsencode(source),
            os.fsencode(target),
            kind.encode() if kind else None,
            ctypes.c_ulong(flags),
            data.encode() if data else None,
        ),
        f"mount {source} at {target}",
    )


def bind(source: str, target: str) -> None:
    """Show a file or folder, with all that is mounted below it, at another path."""
    mount(source, target, None, MS_BIND | MS_REC)


class _MountAttributes(ctypes.Structure):
    _fields_ = (
        ("set", ctypes.c_uint64),
        ("clear", ctypes.c_uint64),
        ("propagation", ctypes.c_uint64),
        ("user_namespace", ctypes.c_uint64),
    )


def make_read_only(target: str) -> None:
    """Make a mount, and all mounts below it, read-only.

    Args:
        target: Where it is mounted.
    """
    attributes = _MountAttributes(_MOUNT_ATTR_RDONLY, 0, 0, 0)
    try:
        _checked(
            _libc().syscall(
                ctypes.c_long(_MOUNT_SETATTR),
                ctypes.c_int(_AT_FDCWD),
                os.fsencode(target),
                ctypes.c_uint(_AT_RECURSIVE),
                ctypes.byref(attributes),
                ctypes.c_size_t(ctypes.sizeof(attributes)),
            ),
            f"make {target} read-only",
        )
    except OSError:  # before Linux 5.12, and where a container's runtime does not know the call
        for point in _mounts_below(target):
            # A user namespace must repeat the flags that the mount below it has locked; statvfs
            # and mount have the same values for them.
            kept = os.statvfs(point).f_flag & (MS_NOSUID | MS_NODEV | MS_NOEXEC | 0xC00)
            mount("none", point, None, MS_REMOUNT | MS_BIND | MS_RDONLY | kept)


def _mounts_below(target: str) -> list[str]:
    with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as lines:
        # Blanks, tabs, newlines and backslashes are escaped as octal numbers.
        points = [
            re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), line.split()[4])
            for line in lines
        ]
    return [point for point in points if point == target or point.startswith(f"{target}/")]


def change_root(folder: str) -> None:
    """Make a mounted folder the root of this process's namespace, and let the old one go.

    Args:
        folder: A mount.
    """
    os.chdir(folder)
    # The old root lies over the new one for a moment: no folder is needed to put it.
    _checked(_libc().pivot_root(b".", b"."), f"pivot_root to {folder}")
    _checked(_libc().umount2(b".", ctypes.c_int(_MNT_DETACH)), "umount of the old root")
    os.chdir("/")


def bring_up_loopback() -> None:
    """Let the processes of a new network namespace talk to themselves."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sH22x", b"lo", 0)
        flags = struct.unpack("16sH22x", fcntl.ioctl(any_socket, _SIOCGIFFLAGS, request))[1]
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sH22x", b"lo", flags | _IFF_UP))


def adopt_orphans() -> None:
    """Let the orphans among this process's descendants become its own children (Linux)."""
    _checked(_libc().prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), "prctl")


def give_up_privileges() -> None:
    """Keep what root of a container may do, and let no program bring more.

    What goes is what could undo the container: mounting, tracing, loading modules, raw devices.
    """
    libc = _libc()
    for capability in range(_LAST_CAPABILITY + 1):
        if capability not in _CONTAINER_CAPABILITIES:
            libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)  # EINVAL: the kernel has none such
    libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    # Within a user namespace the process is no root, so a program that it starts has none.
    kept = sum(1 << one for one in _CONTAINER_CAPABILITIES) if os.getuid() == 0 else 0
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    # Two halves of effective, permitted, inheritable.
    sets = (ctypes.c_uint32 * 6)(kept & 0xFFFFFFFF, kept & 0xFFFFFFFF, 0, kept >> 32, kept >> 32, 0)
    _checked(libc.capset(ctypes.byref(header), ctypes.byref(sets)), "capset")
    no_new_privileges()


def no_new_privileges() -> None:
    """Let no program that is started from here on gain privileges, as by a set-user-id bit."""
    _checked(_libc().prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl")


def landlock_version() -> int:
    """The version of the kernel's Landlock.

    Raises:
        OSError: It has none, or it is switched off.
    """
    return _checked(
        _libc().syscall(
            ctypes.c_long(_LANDLOCK_CREATE_RULESET), None, ctypes.c_size_t(0), ctypes.c_uint32(1)
        ),
        "Landlock",
    )


class _Ruleset(ctypes.Structure):
    _fields_ = (
        ("files", ctypes.c_uint64),
        ("network", ctypes.c_uint64),
        ("scope", ctypes.c_uint64),
    )


class _FileRule(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("folder", ctypes.c_int32))


class _PortRule(ctypes.Structure):
    _fields_ = (("allowed", ctypes.c_uint64), ("port", ctypes.c_uint64))


def landlock_ruleset(files: int, network: int, scope: int, version: int) -> int:
    """Begin a ruleset that refuses all of these accesses.

    Returns:
        Its file descriptor.
    """
    # A kernel refuses a structure with bits behind the fields that it knows.
    size = {1: 8, 2: 8, 3: 8, 4: 16, 5: 16}.get(version, 24)
    return _checked(
        _libc().syscall(
            ctypes.c_long(_LANDLOCK_CREATE_RULESET),
            ctypes.byref(_Ruleset(files, network, scope)),
            ctypes.c_size_t(size),
            ctypes.c_uint32(0),
        ),
        "landlock_create_ruleset",
    )


def landlock_allow_path(ruleset: int, folder: int, allowed: int) -> None:
    """Allow accesses at and below an open file or folder."""
    _landlock_rule(ruleset, 1, _FileRule(allowed, folder))


def landlock_allow_port(ruleset: int, port: int, allowed: int) -> None:
    """Allow uses of a TCP port."""
    _landlock_rule(ruleset, 2, _PortRule(allowed, port))


def _landlock_rule(ruleset: int, kind: int, rule: ctypes.Structure) -> None:
    _checked(
        _libc().syscall(
            ctypes.c_long(_LANDLOCK_ADD_RULE),
            ctypes.c_int(ruleset),
            ctypes.c_int(kind),
            ctypes.byref(rule),
            ctypes.c_uint32(0),
        ),
        "landlock_add_rule",
    )


def landlock_restrict(ruleset: int) -> None:
    """Hold this process, and all that it starts, to a ruleset for ever."""
    _checked(
        _libc().syscall(
            ctypes.c_long(_LANDLOCK_RESTRICT_SELF), ctypes.c_int(ruleset), ctypes.c_uint32(0)
        ),
        "landlock_restrict_self",
    )
