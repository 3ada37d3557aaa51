"""How much room a text takes, and where it is broken.

Whoever looks at a picture has their own fonts: each character is as wide as in the widest of
DejaVu Sans, Liberation Sans (which has the widths of Arial and Helvetica) and Lato, so that what
fits here fits everywhere.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ELLIPSIS = "…"

# Hundredths of the font's size, to the characters that are so wide.
_REGULAR = {
    30: "'ijl",
    35: " ,.:;I|",
    40: "()-/[\\]ft",
    45: "!r",
    50: '"*J`',
    55: "csz",
    60: "?L_kvxy",
    65: "$0123456789FTabdeghnopqu{}",
    70: "ABEKPSVXYZ",
    75: "CRU",
    80: "&DGHNOQ",
    85: "#+<=>^w~",
    95: "M",
    100: "%m",
    105: "@W",
}
_BOLD = {
    35: " 'ijl",
    40: ",./:;I\\|",
    45: "-f",
    50: "!()[]`rt",
    55: '"*',
    60: "J_csz",
    65: "?Lx",
    70: "$0123456789EFTaekovy",
    75: "CPSYZbdghnpqu{}",
    80: "ABKRVX",
    85: "#+<=>DGHNU^~",
    90: "&OQ",
    95: "w",
    100: "@M",
    105: "%m",
    115: "W",
}
_WIDTHS = {
    bold: {
        character: width / 100 for width, characters in table.items() for character in characters
    }
    for bold, table in ((False, _REGULAR), (True, _BOLD))
}
#: Of other characters, such as letters with accents.
_OTHER, _FULL_WIDTH = 0.85, 1.05

_WORD = re.compile(r"\S+\s*")
# A word that is too long is broken behind a sign, and between the words of camelCase.
_PIECE = re.compile(r".+?(?:(?<=[-_/.:,;=&|])(?=\S)|(?<=[a-z0-9])(?=[A-Z])|$)", re.DOTALL)


@dataclass(frozen=True)
class Font:
    """How a text is set.

    Attributes:
        size: Its size in pixels.
        bold: Whether it is bold.
        height: From one line to the next, in pixels.
    """

    size: float
    bold: bool
    height: float


NAME = Font(13, True, 17)
DETAIL = Font(11, False, 15)
BADGE = Font(11, True, 15)


def width(text: str, font: Font) -> float:
    """Room that a text takes at most, in pixels.

    Args:
        text: One line.
        font: How it is set.
    """
    table = _WIDTHS[font.bold]
    return font.size * sum(table.get(each) or _width_of_other(each) for each in text)


def _width_of_other(character: str) -> float:
    if unicodedata.combining(character):
        return 0
    return _FULL_WIDTH if unicodedata.east_asian_width(character) in "WF" else _OTHER


def wrapped(text: str, font: Font, room: float, lines: int) -> list[str]:
    """A text in lines that fit; what does not fit into the last one ends with an ellipsis.

    Args:
        text: The text; its blanks and line breaks count as one blank each.
        font: How it is set.
        room: Width of a line in pixels.
        lines: How many there may be.

    Returns:
        The lines; none of an empty text.

    Examples:
        >>> wrapped("PutRequestIntoBucket", NAME, 110, 2)
        ['PutRequest', 'IntoBucket']
        >>> wrapped("PutRequestIntoBucket", NAME, 60, 2)
        ['Put', 'Reque…']
    """
    found: list[str] = []
    rest = " ".join(text.split())
    while rest:
        if len(found) + 1 == lines:
            found.append(shortened(rest, font, room))
            break
        line = ""
        for piece in _pieces(rest, font, room):
            if line and width((line + piece).rstrip(), font) > room:
                break
            line += piece
        rest = rest[len(line) :]
        found.append(shortened(line.rstrip(), font, room))
    return found


def _pieces(text: str, font: Font, room: float) -> Iterator[str]:
    """What a line may end behind."""
    for word in _WORD.findall(text):
        fits = width(word.rstrip(), font) <= room
        yield from (word,) if fits else _PIECE.findall(word)


def shortened(text: str, font: Font, room: float) -> str:
    """A text that fits into a line, with an ellipsis in place of what does not.

    Args:
        text: The text.
        font: How it is set.
        room: Width of the line in pixels.
    """
    if width(text, font) <= room:
        return text
    # A text may be of any length, a line holds few characters.
    kept = text[: int(room)]
    while kept and width(kept + ELLIPSIS, font) > room:
        kept = kept[:-1]
    return kept.rstrip() + ELLIPSIS
