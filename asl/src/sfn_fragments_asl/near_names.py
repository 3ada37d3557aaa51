"""Which names somebody may have meant."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def near_names(name: str, known: Iterable[str]) -> list[str]:
    """The known names that somebody who wrote this one may have meant, best first."""
    return difflib.get_close_matches(name, list(known), n=3, cutoff=0.6)
