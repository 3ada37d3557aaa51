"""What is told of a copy from a folder to a bucket, or back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sfn_fragments.errors import FragmentsError

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Of what was left out, how many an error names.
_NAMED = 50


@dataclass(frozen=True)
class LeftOut:
    """A file or key that was not copied.

    Attributes:
        name: The file below its folder, or the key.
        why: Why not, and the way out where there is one.
    """

    name: str
    why: str

    def __str__(self) -> str:
        """One line, whatever the name is made of."""
        return f"{self.name!r} {self.why}"


class CopyWatcher:
    """Is told how a copy goes on; this one does nothing with it.

    Examples:
        >>> class Dots(CopyWatcher):
        ...     def copied(self, size: int) -> None:
        ...         print(".", end="")
        >>> engine.upload("source", "measurements", watcher=Dots())  # doctest: +SKIP
    """

    def found(self) -> None:
        """One more file was found in a folder that is looked through before a copy begins."""

    def begin(self, files: int, size: int) -> None:
        """So many files are to be copied, of so many bytes in all."""

    def copied(self, size: int) -> None:
        """One more file is where it should be, of so many bytes."""

    def left_out(self, files: Sequence[LeftOut]) -> None:
        """These are not copied.

        Told of what is known before anything is written, and at the end of what failed then.
        """


class TransferError(FragmentsError):
    """Some files were not copied; all others were.

    Examples:
        >>> try:  # doctest: +SKIP
        ...     engine.download("results", "out")
        ... except TransferError as error:
        ...     print([one.name for one in error.left_out])

    Attributes:
        files: How many were copied.
        left_out: Those that were not, with the reasons.
    """

    def __init__(self, what: str, files: int, left_out: Sequence[LeftOut]) -> None:
        """Name them."""
        super().__init__(f"{what}: {files:,} copied, {listed_left_out(left_out)}")
        self.files = files
        self.left_out = tuple(left_out)


def listed_left_out(left_out: Sequence[LeftOut]) -> str:
    """How many were left out, and a line for each, up to a limit."""
    lines = [f"  - {one}" for one in left_out[:_NAMED]]
    if len(left_out) > _NAMED:
        lines.append(f"  ... and {len(left_out) - _NAMED:,} more")
    return "\n".join([f"{len(left_out):,} left out:", *lines])
