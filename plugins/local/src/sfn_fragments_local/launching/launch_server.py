"""Forks the containers of an engine's process, and cleans up behind it.

Serves a Unix socket, one request at a time: a line of JSON, answered by one byte.

- ``{"launch": true}`` with descriptors: a file with the specification, the control socket (see
  ``supervision``), and what become the command's descriptors 0, 1, 2 ...
- ``{"keep": path}``: a folder to delete at the end; ``{"remove": path}``: to delete now.

It ends with the other end of its socket, which closes with the engine's process however that ends.
It is one thread, as user namespaces and forking demand. With modules named, these are imported
first, and commands that run a module of Python run in a copy of this interpreter: see
``warm_python``.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from sfn_fragments_local.launching import supervision, system_calls
from sfn_fragments_local.launching.trees import remove_tree
from sfn_fragments_local.launching.warm_python import Interpreter, ReplacedError

if TYPE_CHECKING:
    from collections.abc import Sequence

_MOST_DESCRIPTORS = 16

#: Seconds in which folders are deleted again and again at the end, the seconds between, and how
#: often they must have been found gone.
_LONGEST_REMOVAL = 30.0
_ROUND = 0.1
_QUIET_ROUNDS = 10

_ASKING_TO_END = (signal.SIGINT, signal.SIGHUP, signal.SIGTERM)


def main(arguments: Sequence[str]) -> None:
    """Serve until the other end is closed.

    Args:
        arguments: The descriptor of the socket, and the modules to import.
    """
    interpreter = Interpreter(arguments[1:]) if arguments[1:] else None
    channel = socket.socket(fileno=int(arguments[0]))
    channel.set_inheritable(False)
    # Whoever asks all processes to end asks the engine's too, and this one has to clean up.
    for number in _ASKING_TO_END:
        signal.signal(number, signal.SIG_IGN)
    # Children, and the orphans that they leave, go without being waited for.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    if sys.platform == "linux":
        system_calls.adopt_orphans()
    folders: set[str] = set()
    with suppress(ConnectionError):
        _serve(channel, interpreter, folders)
    _remove_at_the_end(folders)


def _remove_at_the_end(folders: set[str]) -> None:
    """Delete folders in which a process may still be writing.

    CDK's Node ends a moment after the engine's process, when it next reads from it. What it makes
    until then would outlive a folder that is deleted once.
    """
    ends = time.monotonic() + _LONGEST_REMOVAL
    quiet = 0
    while folders and quiet < _QUIET_ROUNDS and time.monotonic() < ends:
        left = [folder for folder in folders if os.path.lexists(folder)]
        for folder in left:
            remove_tree(folder)
        quiet = 0 if left else quiet + 1
        time.sleep(_ROUND)


def _serve(channel: socket.socket, interpreter: Interpreter | None, folders: set[str]) -> None:
    while True:
        message, descriptors, *_ = socket.recv_fds(channel, 65536, _MOST_DESCRIPTORS)
        if not message:
            return
        request = json.loads(message)
        if "launch" in request:
            if os.fork() == 0:
                _become_container(channel, descriptors, interpreter)
            for descriptor in descriptors:
                os.close(descriptor)
        elif "keep" in request:
            folders.add(request["keep"])
        else:
            folders.discard(request["remove"])
            remove_tree(request["remove"])
        channel.sendall(b".")


def _become_container(
    channel: socket.socket, descriptors: Sequence[int], interpreter: Interpreter | None
) -> None:
    try:
        channel.close()
        for number in (*_ASKING_TO_END, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        described, control, *files = descriptors
        with os.fdopen(described, encoding="utf-8") as file:
            file.seek(0)
            specification: dict[str, Any] = json.load(file)
        supervision.run(specification, socket.socket(fileno=control), files, interpreter)
    except ReplacedError:
        raise
    except BaseException:  # told to the engine, if it could be
        os._exit(1)
    # Never back to the loop of the server.
    os._exit(0)
