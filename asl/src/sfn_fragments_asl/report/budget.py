"""The texts of a page: each once, without secrets, and cut where all of them are too large."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sfn_fragments_asl.runs.masking import Masker

#: Bytes of a page.
MAX_PAGE = 20_000_000

#: Characters of a text that others are cut for, and how many such there may be.
_KEPT, _MOST_KEPT = 64 * 1024, 50

#: Characters of a text that are shown however many texts there are.
_LEAST = 200


class Texts:
    """The texts that a page may show when it is asked to.

    Args:
        masker: Takes secrets out of them.
    """

    def __init__(self, masker: Masker) -> None:
        """There is none yet."""
        self._masker = masker
        self._numbers: dict[tuple[str, bool], int] = {}
        self._texts: list[tuple[str, bool]] = []
        self._kept: set[int] = set()

    def add(self, text: str | None, *, tail: bool = False, kept: bool = False) -> int | None:
        """Keep a text.

        Args:
            text: The text; None for none.
            tail: Whether its end matters most, and not its beginning.
            kept: Whether it is cut less than others, of which there may not be many.

        Returns:
            Its number.
        """
        if text is None:
            return None
        key = (self._masker.text(text), tail)
        if key not in self._numbers:
            self._numbers[key] = len(self._texts)
            self._texts.append(key)
        if kept and len(self._kept) < _MOST_KEPT:
            self._kept.add(self._numbers[key])
        return self._numbers[key]

    def cut(self, budget: int) -> list[Any]:
        """The texts, so short that all of them fit.

        Args:
            budget: Bytes that they may take as JSON.

        Returns:
            Each as it is, or ``[part, size in bytes]`` where it is cut.
        """
        longest = max((len(text) for text, _ in self._texts), default=0)
        while True:
            shown = [
                _shown(text, tail, max(longest, _KEPT) if number in self._kept else longest)
                for number, (text, tail) in enumerate(self._texts)
            ]
            size = sum(len(as_json(one).encode()) + 1 for one in shown)
            if size <= budget or longest <= _LEAST:
                return shown
            # Straight to the size that fits if all are equally long, but never in tiny steps.
            longest = max(_LEAST, min(longest // 2, int(longest * budget / size) + 1))


def _shown(text: str, tail: bool, longest: int) -> Any:
    if len(text) <= longest:
        return text
    return [text[-longest:] if tail else text[:longest], len(text.encode(errors="replace"))]


def as_json(value: Any) -> str:
    """JSON that may stand in a script element: without what would end it.

    https://html.spec.whatwg.org/multipage/scripting.html#restrictions-for-contents-of-script-elements
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    # Lone surrogates, which a history may hold as escapes, have no encoding.
    text = text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
