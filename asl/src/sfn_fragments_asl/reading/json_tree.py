"""Where the values of a JSON text begin.

The text has been parsed before, so that what is malformed is not looked for again. Read once from
front to back, by one regular expression: a template of a megabyte takes about a second.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

# A text, a bracket, or whatever stands for itself: numbers, literals, and the places that
# DefinitionSubstitutions fills in where a number is meant. Commas and colons tell nothing more.
_PART = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\]]|(?:\$\{[^{}]*\}|[^\s,:{}\[\]"])+', re.DOTALL)


@dataclass(slots=True)
class JsonValue:
    """A value of a JSON text.

    Attributes:
        offset: Index of its first character in the text.
        members: Name of a field, or index of an item, to the value there; None for a value that
            is neither an object nor a list.
    """

    offset: int
    members: dict[str, JsonValue] | None = None

    def child(self, name: str) -> JsonValue | None:
        """The value at a name of a field, or at the index of an item."""
        return None if self.members is None else self.members.get(name)


def json_tree(text: str) -> JsonValue | None:
    """Find where each value of a JSON text begins.

    Args:
        text: The JSON.

    Returns:
        The outermost value; None for a text without any.

    Examples:
        >>> tree = json_tree('{"a": [1, "b"]}')
        >>> tree.offset, tree.child("a").offset, tree.child("a").child("1").offset
        (0, 6, 10)
    """
    # The outermost value is the item of a list.
    outermost: dict[str, JsonValue] = {}
    open_members, is_list = [outermost], [True]
    name: str | None = None
    for match in _PART.finditer(text):
        part = match.group()
        if part in ("}", "]"):
            open_members.pop()
            is_list.pop()
        elif name is None and not is_list[-1]:
            name = json.loads(part) if "\\" in part else part[1:-1]
        else:
            value = JsonValue(match.start())
            members = open_members[-1]
            # Of a name that is given twice, readers keep the last.
            members[str(len(members)) if name is None else name] = value
            name = None
            if part in ("{", "["):
                value.members = {}
                open_members.append(value.members)
                is_list.append(part == "[")
    return outermost.get("0")
