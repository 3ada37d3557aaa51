"""Holds a process to the folders of its container, where it cannot have namespaces of its own.

Landlock refuses what is not allowed, with EACCES; it cannot show a folder at another path. See
https://docs.kernel.org/userspace-api/landlock.html. Of its own, since the bindings on PyPI are
younger than a year and three calls are needed, in a process that has the standard library only.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from sfn_fragments_local.launching import system_calls

if TYPE_CHECKING:
    from collections.abc import Iterable

_EXECUTE = 1 << 0
_WRITE_FILE = 1 << 1
_READ_FILE = 1 << 2
_READ_DIR = 1 << 3
_READ = _EXECUTE | _READ_FILE | _READ_DIR
_OF_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE

#: Accesses to files that each version can refuse: 13 of the first; moving between folders;
#: truncating; commands to devices.
_FILES = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
_TRUNCATE = 1 << 14
_DEVICE_COMMANDS = 1 << 15

_BIND_TCP = 1 << 0
_CONNECT_TCP = 1 << 1

#: Unix sockets without a path, and signals, to processes outside.
_SCOPES = 0b11

_DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty")


def confine(readable: Iterable[str], writable: Iterable[str], port: int | None) -> None:
    """Hold this process, and all that it starts, to some folders and to one port.

    Args:
        readable: Files and folders to read and to execute from.
        writable: Folders to do anything in.
        port: TCP port that may be connected to, where the kernel can tell (Linux 6.7); None to
            leave the network alone.
    """
    version = system_calls.landlock_version()
    files = _FILES[max(known for known in _FILES if known <= version)]
    network = _CONNECT_TCP if version >= 4 and port is not None else 0
    scope = _SCOPES if version >= 6 else 0
    ruleset = system_calls.landlock_ruleset(files, network, scope, version)
    for path in readable:
        _allow(ruleset, path, _READ & files)
    for path in ("/proc", *_DEVICES):
        _allow(ruleset, path, (_READ if path == "/proc" else _OF_FILES | _DEVICE_COMMANDS) & files)
    for path in writable:
        _allow(ruleset, path, files)
    if network and port is not None:
        system_calls.landlock_allow_port(ruleset, port, _CONNECT_TCP)
    system_calls.no_new_privileges()
    system_calls.landlock_restrict(ruleset)
    os.close(ruleset)


def _allow(ruleset: int, path: str, allowed: int) -> None:
    try:
        opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        if not os.path.isdir(path):
            # The kernel refuses rights of folders for a file.
            allowed &= _OF_FILES | _TRUNCATE | _DEVICE_COMMANDS
        system_calls.landlock_allow_path(ruleset, opened, allowed)
    finally:
        os.close(opened)
