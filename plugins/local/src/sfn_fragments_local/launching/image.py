"""The image of jobs and functions: what of the machine they see, read-only, at its own path."""

from __future__ import annotations

import json
import os
import site
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from sfn_fragments_local.launching import TEMPORARY_FOLDERS

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Programs, libraries and settings of the system; NixOS and Guix have theirs in a store.
_SYSTEM = (
    *("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/etc", "/sys"),
    *("/nix/store", "/gnu/store"),
)

#: What an image says about where programs and libraries are.
_SEARCH = ("PYTHONPATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")


def image_variables() -> dict[str, str]:
    """The variables that an image sets, so that its programs and this Python are found.

    The scripts of this Python come first: a job's image has those of its packages, which need not
    be on the path of who called the engine.
    """
    found = {name: os.environ[name] for name in _SEARCH if os.environ.get(name)}
    inherited = os.environ.get("PATH", os.defpath)
    found["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), inherited])
    if site.ENABLE_USER_SITE and site.getusersitepackages() in sys.path:
        # Else it is looked for below the container's HOME.
        found["PYTHONUSERBASE"] = site.getuserbase()
    return found


def image_paths(named: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The files and folders of the machine that an image has.

    They are the system's, those of the Python that runs this, each folder of ``PATH``, and those
    named. Left out are folders that hold much else: the one of the home or of temporary files, and
    what these are in.

    Args:
        named: More of them.

    Returns:
        Absolute paths that exist. Some may lie in others.
    """
    wide = _too_wide()
    found = (
        os.path.abspath(path)
        for path in (*_of_python(), *_of_search_paths())
        if os.path.isabs(path) and os.path.realpath(path) not in wide
    )
    paths = dict.fromkeys((*_SYSTEM, *found, *named))
    return tuple(path for path in paths if os.path.exists(path))


def unusable_path(path: str) -> str | None:
    """Why a path cannot be a part of the image, if it cannot.

    Args:
        path: As the user named it.
    """
    if not os.path.isabs(path):
        return "give an absolute path"
    if not os.path.exists(path):
        return "there is no such file or folder"
    real = os.path.realpath(path)
    if real in {"/", "/proc", "/dev", *_ancestors(os.path.realpath(tempfile.gettempdir()))}:
        return "give a folder in it; a container has its own"
    return None


def _too_wide() -> set[str]:
    homes = (os.path.expanduser("~"), "/home", "/root")
    private = (tempfile.gettempdir(), *TEMPORARY_FOLDERS, *homes)
    return {one for path in private for one in _ancestors(os.path.realpath(path))}


def _ancestors(path: str) -> list[str]:
    return [path, *map(str, Path(path).parents)]


def _of_python() -> Iterator[str]:
    yield from (sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix)
    # Where it is a link: what the links lead to.
    yield str(Path(os.path.realpath(sys.executable)).parent)
    yield from sys.path
    yield from _editable_roots()


def _editable_roots() -> Iterator[str]:
    """Projects that are installed in place; some of them are on no path."""
    for folder in filter(None, sys.path):
        try:
            records = list(Path(folder).glob("*.dist-info/direct_url.json"))
        except OSError:  # another user's
            continue
        for record in records:
            try:
                origin = json.loads(record.read_text("utf-8"))
            except (OSError, ValueError):
                continue
            if origin.get("dir_info", {}).get("editable"):
                yield unquote(urlsplit(origin.get("url", "")).path)


def _of_search_paths() -> Iterator[str]:
    for name in ("PATH", "LD_LIBRARY_PATH", "PYTHONPATH"):
        yield from os.environ.get(name, "").split(os.pathsep)
    if site.ENABLE_USER_SITE:
        yield site.getuserbase()
