"""Which key of S3 a file has, and which file a key can be on this system."""

from __future__ import annotations

import os
import re
import sys
import tempfile
import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sfn_fragments.errors import FragmentsError
from sfn_fragments_local.copying import LeftOut

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

#: Bytes of a key, https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
_LONGEST_KEY: Final = 1024

#: Bytes of the names that files have while they are written; in `objects`.
TEMPORARY_NAME_LENGTH: Final = 32

# A key is UTF-8, the name of a file is any bytes. As rclone does, a byte that is no UTF-8 becomes
# this mark and two hex digits; where a name could be misread for it, its own marks are doubled.
_MARK: Final = "\u201b"
_MARKED: Final = re.compile(f"{_MARK}({_MARK}|[89A-F][0-9A-F])")
_MARK_OR_BYTE: Final = re.compile(f"{_MARK}|[\udc80-\udcff]")


class UnfitNameError(FragmentsError):
    """A file cannot be a key, or a key cannot be a file."""


def key_of_file(name: str, prefix: str = "") -> str:
    r"""The key of a file.

    Args:
        name: The file's path below its folder, as Python has it.
        prefix: Put before it as it is.

    Returns:
        The key; for a name that is UTF-8, as nearly all are, prefix and name.

    Raises:
        UnfitNameError: S3 or the engine takes no such key; the message says why.

    Examples:
        >>> ascii(key_of_file("run/\udcff.csv", "data/"))
        "'data/run/\\u201bFF.csv'"
    """
    if "\n" in name or "\r" in name:
        raise UnfitNameError("has a line break in its name, which keys should not have; rename it")
    text = os.fsencode(name).decode("utf-8", "surrogateescape")
    if _MARKED.search(text) or not is_text(text):
        text = _MARK_OR_BYTE.sub(_marked, text)
    key = prefix + text
    length = len(key.encode("utf-8"))
    if length > _LONGEST_KEY:
        raise UnfitNameError(f"has a key of {length:,} bytes; S3 takes {_LONGEST_KEY:,}")
    return key


def is_text(text: str) -> bool:
    """Whether a string is Unicode, which one that was made of any bytes may not be."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _marked(match: re.Match[str]) -> str:
    found = match[0]
    return _MARK * 2 if found == _MARK else f"{_MARK}{ord(found) - 0xDC00:02X}"


def file_of_key(name: str) -> str:
    """The path of the file that a key stands for.

    Args:
        name: The key without what its folder stands for.

    Returns:
        The path below that folder, as Python has it; without the empty and ``.`` parts of the key.

    Raises:
        UnfitNameError: No file can have it for a path; the message says why.

    Examples:
        >>> file_of_key("run//a.csv")
        'run/a.csv'
    """
    if "\0" in name:
        raise UnfitNameError("has a NUL in it, which no file's name has")
    if "\n" in name or "\r" in name:
        raise UnfitNameError("has a line break in it, which names of files should not have")
    if not is_text(name):
        raise UnfitNameError("is no Unicode text")
    if name.endswith("/") or not name:
        raise UnfitNameError("has content, and the name of a folder")
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise UnfitNameError("has '..' in it, which leads out of its folder")
    if not parts or name.endswith("/."):
        raise UnfitNameError("has content, and the name of a folder")
    path = _MARKED.sub(_unmarked, "/".join(parts))
    # Where the names of files are not in UTF-8, their bytes are that nevertheless.
    return os.fsdecode(path.encode("utf-8", "surrogateescape"))


def _unmarked(match: re.Match[str]) -> str:
    found = match[1]
    return _MARK if found == _MARK else chr(0xDC00 + int(found, 16))


@dataclass(frozen=True)
class Planned:
    """A key, and the file that it is to be.

    Attributes:
        key: The whole key.
        path: The file's path below its folder.
    """

    key: str
    path: str


def plan_files(
    keys: Iterable[str], prefix: str, folder: Path
) -> tuple[list[Planned], list[LeftOut]]:
    """Find out which keys can be files side by side in a folder; nothing stays written.

    Args:
        keys: The keys, each of which starts with the prefix.
        prefix: What the folder stands for.
        folder: The folder, which need not exist.

    Returns:
        Those that can, and those that cannot. Of keys that would be one file, that which is spelt
        as its path is wins, then the first; where a key is a folder of others, they win.
    """
    left_out: list[LeftOut] = []
    by_path: dict[str, list[Planned]] = {}
    fits = _length_check(folder)
    for key in keys:
        try:
            path = file_of_key(key[len(prefix) :])
            fits(path)
        except UnfitNameError as error:
            left_out.append(LeftOut(key, str(error)))
        else:
            by_path.setdefault(path, []).append(Planned(key, path))
    planned = [_best(same, prefix, left_out) for same in by_path.values()]
    alike: dict[str, list[Planned]] = {}
    for one in planned:
        alike.setdefault(_folded(one.path), []).append(one)
    # Asking the file system takes writing to it, so only where the answer matters.
    fold = _folded if _matters(alike) and _ignores_case(folder) else str
    if fold is _folded:
        planned = [_best(same, prefix, left_out) for same in alike.values()]
    folders: dict[str, str] = {}
    for one in planned:
        for above in _folders_of(one.path):
            folders.setdefault(fold(above), one.key)
    left_out += [
        LeftOut(one.key, f"would be a folder too, that of {folders[fold(one.path)]!r}")
        for one in planned
        if fold(one.path) in folders
    ]
    return [one for one in planned if fold(one.path) not in folders], left_out


def _best(same: list[Planned], prefix: str, left_out: list[LeftOut]) -> Planned:
    best = next((one for one in same if one.key == prefix + one.path), same[0])
    left_out += [
        LeftOut(one.key, f"would be the same file as {best.key!r}") for one in same if one != best
    ]
    return best


def _folders_of(path: str) -> Iterator[str]:
    at = path.find("/")
    while at >= 0:
        yield path[:at]
        at = path.find("/", at + 1)


def _matters(alike: dict[str, list[Planned]]) -> bool:
    if any(len(same) > 1 for same in alike.values()):
        return True
    folders = {_folded(above) for ones in alike.values() for above in _folders_of(ones[0].path)}
    return not folders.isdisjoint(alike)


def _folded(path: str) -> str:
    # What ignores case, as macOS does, takes accents in either spelling too.
    return unicodedata.normalize("NFC", path).casefold()


def existing_folder(folder: Path) -> Path:
    """The folder, or that of its parents which is there."""
    return next((one for one in (folder, *folder.absolute().parents) if one.is_dir()), Path("/"))


def _ignores_case(folder: Path) -> bool:
    with (
        suppress(OSError),
        tempfile.NamedTemporaryFile(
            prefix=".sfn-fragments-", suffix="-case", dir=existing_folder(folder)
        ) as file,
    ):
        return Path(file.name).with_name(Path(file.name).name.upper()).exists()
    # What cannot be written to takes no files either.
    return False


def _length_check(folder: Path) -> Callable[[str], None]:
    there = existing_folder(folder)
    # A file system without limits says -1. That of paths is with the NUL at their end.
    longest_name = os.pathconf(there, "PC_NAME_MAX") % sys.maxsize
    longest_path = os.pathconf(there, "PC_PATH_MAX") % sys.maxsize - 1
    above = len(os.fsencode(folder.absolute())) + 1

    def check(path: str) -> None:
        encoded = os.fsencode(path)
        parent, _, _ = encoded.rpartition(b"/")
        length = above + max(len(encoded), len(parent) + 1 + TEMPORARY_NAME_LENGTH)
        if length > longest_path:
            raise UnfitNameError(
                f"is too long: here it would be a path of {length:,} bytes, and {longest_path:,} "
                "is the most"
            )
        longest = max(len(part) for part in encoded.split(b"/"))
        if longest > longest_name:
            raise UnfitNameError(
                f"is too long: a name in it has {longest:,} bytes, and {longest_name:,} is the "
                "most here"
            )

    return check
