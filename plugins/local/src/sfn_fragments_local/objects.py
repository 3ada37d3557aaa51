"""Folders to buckets and back, byte for byte; what cannot be copied is named, the rest is."""

from __future__ import annotations

import errno
import os
import stat
import uuid
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from sfn_fragments.errors import FragmentsError
from sfn_fragments_local.copying import CopyWatcher, LeftOut, TransferError
from sfn_fragments_local.file_keys import (
    TEMPORARY_NAME_LENGTH,
    UnfitNameError,
    is_text,
    key_of_file,
    plan_files,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from sfn_fragments_local.file_keys import Planned
    from sfn_fragments_local.object_store import Bucket

#: What may keep one file from being copied, and not the others.
_FAILURES = (OSError, MemoryError, BotoCoreError, ClientError)


def upload_folder(
    bucket: Bucket, folder: Path, prefix: str = "", watcher: CopyWatcher | None = None
) -> int:
    """Put every file of a folder into a bucket.

    Links are followed, to folders too. What cannot be read, a link that leads back to a folder
    that it is in, and what is neither file nor folder are left out.

    Args:
        bucket: The bucket.
        folder: The folder; keys are the paths below it.
        prefix: Put before each key as it is; end it with ``/`` for a folder.
        watcher: Is told how it goes on.

    Returns:
        The number of files.

    Raises:
        FragmentsError: There is no such folder, or the prefix cannot begin a key.
        TransferError: Some were left out.
    """
    watcher = watcher or CopyWatcher()
    what = f"upload to {bucket.name!r}"
    if not folder.is_dir():
        raise FragmentsError(f"{what}: {str(folder)!r} is not a folder")
    if not is_text(prefix):
        raise FragmentsError(f"{what}: the prefix {prefix!r} is no Unicode text, as keys are")
    bucket.find()
    left_out: list[LeftOut] = []
    files: list[tuple[str, _Found]] = []
    for found in _files_in(folder, left_out):
        watcher.found()
        try:
            files.append((key_of_file(found.name, prefix), found))
        except UnfitNameError as error:
            left_out.append(LeftOut(found.name, str(error)))
    watcher.begin(len(files), sum(found.size for _, found in files))
    if left_out:
        watcher.left_out(left_out)

    def put(key: str, found: _Found) -> int:
        content = Path(found.path).read_bytes()
        bucket.put(key, content)
        return len(content)

    copies = ((found.name, partial(put, key, found)) for key, found in sorted(files))
    return _copy(what, copies, watcher, left_out)


def _copy(
    what: str,
    copies: Iterable[tuple[str, Callable[[], int]]],
    watcher: CopyWatcher,
    left_out: Sequence[LeftOut],
    count: int = 0,
) -> int:
    """Copy one file after the other, whatever becomes of those before it.

    Args:
        what: What is done, for the error.
        copies: Name of a file, and what copies it and returns its size.
        watcher: Is told how it goes on.
        left_out: What was left out already.
        count: How many are copied already.

    Returns:
        How many are copied now.

    Raises:
        TransferError: Some were left out.
    """
    failed: list[LeftOut] = []
    for name, copy in copies:
        try:
            size = copy()
        except _FAILURES as error:
            failed.append(LeftOut(name, _reason(error)))
        else:
            count += 1
            watcher.copied(size)
    if failed:
        watcher.left_out(failed)
    if left_out or failed:
        raise TransferError(what, count, [*left_out, *failed])
    return count


@dataclass(frozen=True, order=True)
class _Found:
    name: str
    path: str
    size: int


@dataclass(frozen=True)
class _Folder:
    """A folder on the way down, with those that it is in."""

    name: str
    path: str
    place: tuple[int, int]
    parent: _Folder | None

    def above(self, place: tuple[int, int]) -> _Folder | None:
        folder: _Folder | None = self
        while folder is not None and folder.place != place:
            folder = folder.parent
        return folder


def _files_in(root: Path, left_out: list[LeftOut]) -> Iterator[_Found]:
    """The files below a folder. Not recursive: paths may be deeper than Python calls."""
    status = root.stat()
    waiting = [_Folder("", str(root), (status.st_dev, status.st_ino), None)]
    while waiting:
        folder = waiting.pop()
        try:
            names = os.listdir(folder.path)  # noqa: PTH208 - a Path for each file doubles the time
        except OSError as error:
            left_out.append(LeftOut(folder.name or ".", _reason(error)))
            continue
        for base in names:
            name = f"{folder.name}/{base}" if folder.name else base
            path = f"{folder.path}/{base}"
            try:
                status = os.stat(path)  # noqa: PTH116 - a Path for each file doubles the time
            except OSError as error:
                left_out.append(LeftOut(name, _unreachable(path, error)))
                continue
            place = (status.st_dev, status.st_ino)
            if stat.S_ISREG(status.st_mode):
                yield _Found(name, path, status.st_size)
            elif not stat.S_ISDIR(status.st_mode):
                left_out.append(LeftOut(name, "is neither a file nor a folder"))
            elif above := folder.above(place):
                back = repr(above.name) if above.name else "the folder itself"
                left_out.append(LeftOut(name, f"is a loop: it leads back to {back}"))
            else:
                waiting.append(_Folder(name, path, place, folder))


def _unreachable(path: str, error: OSError) -> str:
    if error.errno == errno.ELOOP:
        return "is a loop of links"
    if isinstance(error, FileNotFoundError) and Path(path).is_symlink():
        return f"is a link to {os.readlink(path)!r}, where nothing is"  # noqa: PTH115 - a Path would tidy it
    return _reason(error)


def _reason(error: Exception) -> str:
    if isinstance(error, MemoryError):
        return "fails: there is not enough memory for it"
    if not isinstance(error, OSError):
        return f"is refused: {error}"
    return f"fails: {error.strerror or error}"


def download_folder(
    bucket: Bucket,
    folder: Path,
    prefix: str = "",
    *,
    overwrite: bool = False,
    watcher: CopyWatcher | None = None,
) -> int:
    """Get every object of a bucket into a folder.

    Keys that cannot be files there are left out, and found before anything is written. So are
    files that are there already and differ, unless they are to be overwritten.

    Args:
        bucket: The bucket.
        folder: The folder, made if missing.
        prefix: Only keys that start so; it is cut off.
        overwrite: Whether files that are there and differ are replaced.
        watcher: Is told how it goes on.

    Returns:
        The number of files, those counted that were there with the same content.

    Raises:
        OSError: The folder cannot be made.
        TransferError: Some were left out.
    """
    watcher = watcher or CopyWatcher()
    bucket.find()
    sizes = {
        one.key: one.size
        for one in bucket.objects(prefix)
        # A folder that a console made.
        if one.size or not one.key.endswith("/")
    }
    planned, left_out = plan_files(sizes, prefix, folder)
    watcher.begin(len(planned), sum(sizes[one.key] for one in planned))
    count = 0
    missing: list[Planned] = []
    parent_obstacle = _parent_obstacles(folder)
    for one in planned:
        target = folder / one.path
        why = parent_obstacle(one.path)
        if why is None and os.path.lexists(target):
            if _holds(target, bucket, one.key, sizes[one.key]):
                count += 1
                watcher.copied(sizes[one.key])
                continue
            why = _kept(target, overwrite)
        if why is None:
            missing.append(one)
        else:
            left_out.append(LeftOut(one.key, why))
    if left_out:
        watcher.left_out(left_out)
    folder.mkdir(parents=True, exist_ok=True)

    def get(one: Planned) -> int:
        content = bucket.content(one.key)
        _write_whole(folder / one.path, content)
        return len(content)

    copies = ((one.key, partial(get, one)) for one in missing)
    return _copy(f"download from {bucket.name!r}", copies, watcher, left_out, count)


def _parent_obstacles(folder: Path) -> Callable[[str], str | None]:
    """What keeps a path from being made in a folder, asked once for each folder of paths."""
    root = folder.resolve()

    @cache
    def obstacle(parent: str) -> str | None:
        above = root / parent
        if not above.resolve().is_relative_to(root):
            return f"leads out of {str(folder)!r}, by a link that is there"
        there = next(one for one in (above, *above.parents) if os.path.lexists(one))
        return None if there.is_dir() else f"needs a folder, where {str(there)!r} is none"

    return lambda path: obstacle(path.rpartition("/")[0])


def _holds(target: Path, bucket: Bucket, key: str, size: int) -> bool:
    try:
        status = target.stat()
        if not stat.S_ISREG(status.st_mode) or status.st_size != size:
            return False
        return target.read_bytes() == bucket.content(key)
    except _FAILURES:
        return False


def _kept(target: Path, overwrite: bool) -> str | None:
    """Why what is there stays; None if it is to be replaced."""
    if target.is_dir():
        return f"cannot be a file, since {str(target)!r} is a folder"
    if not target.is_file() and not target.is_symlink():
        return f"cannot be a file, since {str(target)!r} is neither file nor folder"
    if overwrite:
        return None
    return (
        f"is not written, since {str(target)!r} is there and differs; --overwrite "
        "(overwrite=True) replaces it"
    )


def _write_whole(target: Path, content: bytes) -> None:
    """Write a file that, however this ends, has all of its content or is not there.

    A link is replaced, not followed.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    name = f".sfn-fragments-{uuid.uuid4().hex}"[:TEMPORARY_NAME_LENGTH]
    temporary = target.with_name(name)
    try:
        if _write_unnamed(target, temporary, content):
            return
        with temporary.open("xb") as file:
            file.write(content)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _write_unnamed(target: Path, temporary: Path, content: bytes) -> bool:
    """Write a file that has no name until it is whole, so that none stays if this is killed.

    Returns:
        Whether this system, and the file system of the target, have such files.
    """
    try:
        descriptor = os.open(target.parent, os.O_TMPFILE | os.O_WRONLY, 0o666)
    except (AttributeError, OSError):
        return False
    with os.fdopen(descriptor, "wb") as file:
        own = Path(f"/proc/self/fd/{descriptor}")
        if not own.exists():
            return False
        file.write(content)
        file.flush()
        # With a descriptor, the link is to what the name in /proc stands for.
        try:
            os.link(own, target, src_dir_fd=descriptor)
        except FileExistsError:
            os.link(own, temporary, src_dir_fd=descriptor)
            temporary.replace(target)
    return True
