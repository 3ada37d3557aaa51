"""Writes the files of a site: whole or not at all, and over nothing but an earlier site."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from sfn_fragments.errors import FragmentsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

#: Lists the files of a site with their SHA-256, by which they are known to be unchanged.
MANIFEST = "catalogue.json"


class CatalogueError(FragmentsError):
    """A catalogue that cannot be written."""


def check_folder(folder: Path) -> None:
    """Refuse a folder that holds anything but an earlier catalogue, before work is put into one.

    Args:
        folder: Where the site is to be.

    Raises:
        CatalogueError: It holds what no catalogue wrote, or what was changed since; or it is no
            folder, or the working directory.
    """
    if not folder.exists() and not folder.is_symlink():
        return
    if not folder.is_dir():
        raise CatalogueError(f"{folder} is no folder; give another one with --output")
    if Path.cwd().resolve().is_relative_to(folder.resolve()):
        raise CatalogueError(
            f"{folder} is the working directory, or holds it, and is replaced as a whole; give "
            "a folder inside of it, such as --output site"
        )
    foreign = sorted(_foreign(folder))
    if foreign:
        more = f" and {len(foreign) - 3} more" if foreign[3:] else ""
        raise CatalogueError(
            f"{folder} holds what no catalogue wrote, or what was changed since: "
            f"{', '.join(foreign[:3])}{more}; nothing is overwritten: move it away, or give "
            "another folder with --output"
        )


def write_site(files: Mapping[str, str], folder: Path) -> None:
    """Write a site, in place of an earlier one.

    Args:
        files: Path within the site to its text.
        folder: Where it is to be; folders around it are made.

    Raises:
        CatalogueError: As `check_folder` says, or it cannot be written; the folder is then
            as it was.
    """
    check_folder(folder)
    # What a link names is replaced, not the link.
    folder = folder.resolve()
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        # Beside it, on the same file system, so that it appears whole or not at all.
        scratch = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as error:
        raise _unwritable(folder, error) from error
    try:
        _write({**files, MANIFEST: _manifest(files)}, scratch / "new")
        # It may have been changed while the site was made.
        check_folder(folder)
        _replace(folder, scratch)
    except OSError as error:
        raise _unwritable(folder, error) from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _write(files: Mapping[str, str], folder: Path) -> None:
    for path, text in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        # In the same bytes on every system.
        file.write_bytes(text.encode())


def _replace(folder: Path, scratch: Path) -> None:
    earlier = scratch / "earlier"
    if folder.exists():
        folder.rename(earlier)
    try:
        (scratch / "new").rename(folder)
    except OSError:
        if earlier.exists():
            earlier.rename(folder)
        raise


def _manifest(files: Mapping[str, str]) -> str:
    digests = {path: _digest(text.encode()) for path, text in sorted(files.items())}
    told = {"written_by": "sfn-fragments catalog", "sha256": digests}
    return json.dumps(told, indent=1) + "\n"


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _foreign(folder: Path) -> Iterator[str]:
    """What of a folder is not as a catalogue wrote it, by its path within it."""
    digests = _known(folder)
    folders = {parent.as_posix() for path in digests for parent in Path(path).parents}
    for found in folder.rglob("*"):
        path = found.relative_to(folder).as_posix()
        if found.is_dir() and not found.is_symlink():
            known = path in folders
        elif found.is_symlink() or not found.is_file():
            known = False
        else:
            known = path == MANIFEST or digests.get(path) == _digest(found.read_bytes())
        if not known:
            yield path


def _known(folder: Path) -> dict[str, str]:
    try:
        digests = json.loads((folder / MANIFEST).read_bytes())["sha256"]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return digests if isinstance(digests, dict) else {}


def _unwritable(folder: Path, error: OSError) -> CatalogueError:
    return CatalogueError(f"{folder} cannot be written: {error.strerror}")
