"""Copies folders to buckets and back for a run, and counts and says what came of it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sfn_fragments.cli.output import print_warning
from sfn_fragments_asl.cli.output import echo_labelled
from sfn_fragments_local.copying import CopyWatcher, LeftOut, TransferError, listed_left_out

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sfn_fragments_local.engine import Engine
    from sfn_fragments_local.progress import CopyBar, Progress
    from sfn_fragments_local.run_input import Transfer


@dataclass(frozen=True)
class Transferred:
    """A transfer that was done, as far as it could be.

    Attributes:
        transfer: What was asked for.
        files: How many files were copied.
        size: Their bytes.
        left_out: Those that were not.
    """

    transfer: Transfer
    files: int
    size: int
    left_out: Sequence[LeftOut] = ()


class _Count(CopyWatcher):
    """Counts, says what is left out, and passes the rest on to a bar."""

    def __init__(self, what: str, bar: CopyBar) -> None:
        self._what = what
        self._bar = bar
        self.files = self.size = 0
        self.left: list[LeftOut] = []

    def found(self) -> None:
        self._bar.found()

    def begin(self, files: int, size: int) -> None:
        self._bar.begin(files, size)

    def copied(self, size: int) -> None:
        self.files += 1
        self.size += size
        self._bar.copied(size)

    def left_out(self, files: Sequence[LeftOut]) -> None:
        self.left += files
        echo_labelled("error", f"{self._what}: {listed_left_out(files)}")

    def result(self, transfer: Transfer) -> Transferred:
        return Transferred(transfer, self.files, self.size, tuple(self.left))


def upload(engine: Engine, transfer: Transfer, progress: Progress) -> Transferred:
    """Copy a folder to a bucket; what cannot be copied is said.

    Args:
        engine: An open engine.
        transfer: Folder and bucket.
        progress: Shows how it goes on.

    Raises:
        FragmentsError: Nothing can be copied.
    """
    what = f"{str(transfer.folder)!r} cannot be uploaded to {transfer.bucket!r}"
    with progress.copying(f"Uploading {transfer.shown_folder} to {transfer.bucket}") as bar:
        count = _Count(what, bar)
        with suppress(TransferError):  # what was left out is said already
            engine.upload(transfer.bucket, transfer.folder, transfer.prefix, watcher=count)
        return count.result(transfer)


def download(
    engine: Engine, transfer: Transfer, progress: Progress, *, overwrite: bool
) -> Transferred:
    """Copy what is in a bucket to a folder; what cannot be copied is said.

    Args:
        engine: An open engine.
        transfer: Bucket and folder.
        progress: Shows how it goes on.
        overwrite: Whether files that are there and differ are replaced.

    Raises:
        FragmentsError: Nothing can be copied.
        OSError: The folder cannot be made.
    """
    what = f"{transfer.bucket!r} cannot be downloaded"
    with progress.copying(f"Downloading {transfer.bucket} to {transfer.shown_folder}") as bar:
        count = _Count(what, bar)
        with suppress(TransferError):  # likewise
            engine.download(
                transfer.bucket,
                transfer.folder,
                transfer.prefix,
                overwrite=overwrite,
                watcher=count,
            )
    done = count.result(transfer)
    if not done.files and not done.left_out:
        print_warning(f"there is nothing to download in {transfer.bucket}/{transfer.prefix}")
    return done
