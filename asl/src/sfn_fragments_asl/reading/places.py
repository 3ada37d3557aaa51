"""Where the parts of a definition stand in their file."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING

from sfn_fragments_asl.reading.json_tree import json_tree
from sfn_fragments_asl.reading.yaml_text import yaml_tree

if TYPE_CHECKING:
    from pathlib import Path

    from sfn_fragments_asl.reading.json_tree import JsonValue
    from sfn_fragments_asl.reading.yaml_text import YamlValue


@dataclass(frozen=True)
class Place:
    """A place in a file, as editors count it.

    Attributes:
        line: Its line, from 1.
        column: Its column, from 1, in characters; a tab is one.
        file: The file; None for a text that is in none.
    """

    line: int
    column: int
    file: Path | None = None


class Places:
    """Finds where values begin in a JSON or YAML text, by JSON Pointer (RFC 6901).

    Nothing is read until a place is asked for. In YAML, a value begins with its anchor or tag, a
    text of several lines with ``|`` or ``>``, and an alias stands for the place of its anchor.

    Args:
        text: The text, which has been parsed without an error.
        yaml: Whether it is YAML.
        file: The file that it is from.

    Examples:
        >>> text = '{"States":' + chr(10) + '  {"A": {"Type": "Pass"}}}'
        >>> Places(text).locate("/States/A/Type")
        Place(line=2, column=18, file=None)
        >>> Places(text).locate("/States/B") is None
        True
    """

    def __init__(self, text: str, *, yaml: bool = False, file: Path | None = None) -> None:
        """Keep the text, and read nothing yet."""
        self._text = text
        self._yaml = yaml
        self.file = file

    def locate(self, pointer: str) -> Place | None:
        """The place where a value begins.

        Args:
            pointer: JSON Pointer of the value; empty for the whole.

        Returns:
            The place; None where there is no such value.
        """
        value = self._tree
        for name in pointer.split("/")[1:]:
            if value is None:
                return None
            value = value.child(name.replace("~1", "/").replace("~0", "~"))
        if value is None:
            return None
        line = bisect_right(self._lines, value.offset)
        return Place(line, value.offset - self._lines[line - 1] + 1, self.file)

    @cached_property
    def _tree(self) -> JsonValue | YamlValue | None:
        return yaml_tree(self._text) if self._yaml else json_tree(self._text)

    @cached_property
    def _lines(self) -> list[int]:
        """Index of the first character of each line."""
        return list(accumulate((len(each) + 1 for each in self._text.split("\n")), initial=0))


@dataclass(frozen=True)
class DefinitionPlaces:
    """Where the parts of one definition stand.

    Attributes:
        places: The places of the text that it is in.
        pointer: JSON Pointer of the definition in that text.
        as_text: Whether it is a text there, of which nothing but its own place is known.
    """

    places: Places
    pointer: str = ""
    as_text: bool = False

    def locate(self, pointer: str) -> Place | None:
        """The place of a part of the definition.

        Args:
            pointer: JSON Pointer of it within the definition.

        Returns:
            The place, that of the whole text where the definition is one; None where it is not
            known.
        """
        return self.places.locate(self.pointer + ("" if self.as_text else pointer))
