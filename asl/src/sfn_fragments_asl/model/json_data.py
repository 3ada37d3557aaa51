"""Reading JSON that may have any shape: what has not the expected one counts as empty."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def mapping(value: Any) -> Mapping[str, Any]:
    """The value where it is an object, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def objects(value: Any) -> list[Mapping[str, Any]]:
    """The objects of a list; none where the value is no list."""
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def is_number(value: Any) -> bool:
    """Whether it is a number, which true and false are not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_filled_in(value: Any) -> bool:
    """Whether the execution computes it, or CloudFormation fills it in."""
    return isinstance(value, str) and ("{%" in value or "${" in value)


def is_marked(value: Any) -> bool:
    """Whether CloudFormation fills it in, or a part of it: until then nothing is known of it."""
    return isinstance(value, str) and "${" in value


def texts(value: Any, pointer: str = "") -> Iterator[tuple[str, str]]:
    """Every text in a value, without the names of fields.

    Args:
        value: JSON data.
        pointer: JSON Pointer of it.

    Returns:
        The JSON Pointer of each text, and the text.
    """
    return ((place, one) for place, one in _values_within(value, pointer) if isinstance(one, str))


def objects_within(value: Any, pointer: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every object in a value, itself included.

    Args:
        value: JSON data.
        pointer: JSON Pointer of it.

    Returns:
        The JSON Pointer of each object, and the object.
    """
    within = _values_within(value, pointer)
    return ((place, one) for place, one in within if isinstance(one, Mapping))


def _values_within(value: Any, pointer: str) -> Iterator[tuple[str, Any]]:
    yield pointer, value
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from _values_within(item, below(pointer, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _values_within(item, below(pointer, index))


def below(pointer: str, *names: str | int) -> str:
    """The JSON Pointer of what is below a place (RFC 6901).

    Args:
        pointer: The place.
        *names: Names of fields and indices of items, outermost first.

    Examples:
        >>> below("/States", "a/b", "Catch", 0)
        '/States/a~1b/Catch/0'
    """
    for name in names:
        text = str(name)
        if "~" in text or "/" in text:
            text = text.replace("~", "~0").replace("/", "~1")
        pointer = f"{pointer}/{text}"
    return pointer
