"""Constructs that may be given by their names instead."""

from __future__ import annotations

from typing import overload


@overload
def name_of(value: None, attribute: str) -> None: ...


@overload
def name_of(value: object, attribute: str) -> str: ...


def name_of(value: object, attribute: str) -> str | None:
    """The name, ARN or URI by which an API knows what a parameter gives.

    Args:
        value: A construct, its name, or ``None``.
        attribute: Attribute of the construct that holds the name, such as ``bucket_name``.

    Returns:
        The name; a token for a construct of the stack. ``None`` for ``None``.
    """
    if value is None or isinstance(value, str):
        return value
    name: str = getattr(value, attribute)
    return name
