"""The libraries that pictures take; they come with the extra ``drawing``."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from sfn_fragments_asl.errors import AslError


class MissingLibraryError(AslError, ImportError):
    """A library that pictures take is not installed.

    Args:
        library: Its name on PyPI.
    """

    def __init__(self, library: str) -> None:
        """Keep the name, and say how to install it."""
        self.library = library
        super().__init__(
            f"pictures take {library}, which is not installed: "
            'pip install "sfn-fragments-asl[drawing]"; a drawing in Mermaid takes nothing'
        )


def imported(library: str, distribution: str = "") -> Any:
    """Import a library when it is needed.

    Args:
        library: Name of its module.
        distribution: Its name on PyPI, where that is another one.

    Returns:
        The module.

    Raises:
        MissingLibraryError: It is not installed.
    """
    try:
        return import_module(library)
    except ImportError as error:
        raise MissingLibraryError(distribution or library) from error
