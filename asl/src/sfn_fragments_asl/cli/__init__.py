"""The command line ``sfn-asl``."""

from __future__ import annotations

from sfn_fragments_asl.cli.group import main

__all__ = ["main"]
