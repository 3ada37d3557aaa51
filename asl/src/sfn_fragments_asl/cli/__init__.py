"""The command line of this library; other programs take parts of it."""

from __future__ import annotations

from typing import Any

__all__ = ["main"]


def __getattr__(name: str) -> Any:
    # Whoever prints a table needs none of the commands.
    if name == "main":
        from sfn_fragments_asl.cli.group import main

        return main
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
