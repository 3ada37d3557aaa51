"""Which names somebody may have meant."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_MAX_LENGTH = 200
_MAX_COMPARED = 200


def near_names(name: str, known: Iterable[str]) -> list[str]:
    """The known names that somebody who wrote this one may have meant, best first."""
    if len(name) > _MAX_LENGTH:
        return []
    # Comparing takes long: of thousands of names, those of another length are left out before.
    most = max(5, len(name) // 2)
    alike = [one for one in known if abs(len(one) - len(name)) <= most]
    return difflib.get_close_matches(name, alike[:_MAX_COMPARED], n=3, cutoff=0.6)
