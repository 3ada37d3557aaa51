"""The command line ``sfn-fragments``."""

from __future__ import annotations

from sfn_fragments.cli.group import main

__all__ = ["main"]
