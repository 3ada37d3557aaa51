"""Conditions in JSONata, as far as they are put together from comparisons.

https://docs.jsonata.org/comparison-operators
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sfn_fragments_asl.model.jsonata import parse_jsonata
from sfn_fragments_asl.model.paths import MalformedError

if TYPE_CHECKING:
    from sfn_fragments_asl.model.jsonata import Node

#: Operator to its words where a condition holds, and where it does not.
_OPERATORS = {
    "=": ("is", "is not"),
    "!=": ("is not", "is"),
    ">": (">", "≤"),
    "<": ("<", "≥"),
    ">=": ("≥", "<"),
    "<=": ("≤", ">"),
    "in": ("is in", "is not in"),
}
_COUNTED = ("count", "length", "sum", "max", "min")


def jsonata_condition_in_words(source: str) -> str | None:
    """A condition in JSONata, in a person's words.

    Args:
        source: The expression, without ``{%`` and ``%}``.

    Returns:
        The words; None for what they would not make shorter.

    Examples:
        >>> jsonata_condition_in_words("$states.input.bytes > 0 and $exists($job.id)")
        'bytes > 0 and $job.id is there'
        >>> jsonata_condition_in_words("$not($kind = 'a' or $kind = 'b')")
        '$kind is not "a" and $kind is not "b"'
    """
    try:
        return _condition(parse_jsonata(source), holds=True, within="")
    except MalformedError:
        return None


def _condition(node: Node, *, holds: bool, within: str) -> str | None:
    node = _without_brackets(node)
    if node.called in ("not", "boolean") and len(node.listed("arguments")) == 1:
        inverted = node.called == "not"
        return _condition(node.listed("arguments")[0], holds=holds != inverted, within=within)
    if node.kind == "binary" and node.value in ("and", "or"):
        # What is not both is one of the two opposites.
        word = node.value if holds else {"and": "or", "or": "and"}[node.value]
        sides = [*node.listed("left"), *node.listed("right")]
        texts = [_condition(side, holds=holds, within=word) for side in sides]
        known = [text for text in texts if text is not None]
        joined = f" {word} ".join(known)
        if len(known) < len(texts):
            return None
        return f"({joined})" if within not in ("", word) else joined
    if node.kind == "binary" and node.value in _OPERATORS:
        left, right = (_value(side) for name in ("left", "right") for side in node.listed(name))
        word = _OPERATORS[node.value][not holds]
        return None if left is None or right is None else f"{left} {word} {right}"
    arguments = [_value(argument) for argument in node.listed("arguments")]
    if node.called == "exists" and len(arguments) == 1 and arguments[0]:
        return f"{arguments[0]} {'is there' if holds else 'is missing'}"
    if node.called == "contains" and len(arguments) == 2 and all(arguments):
        return f"{arguments[0]} {'contains' if holds else 'does not contain'} {arguments[1]}"
    value = _value(node) if node.kind in ("path", "variable") else None
    return value if holds or value is None else f"{value} is not true"


def _without_brackets(node: Node) -> Node:
    items = node.listed("items")
    plain = node.kind == "block" and len(items) == 1 and "filters" not in node.parts
    return _without_brackets(items[0]) if plain else node


def _value(node: Node) -> str | None:
    node = _without_brackets(node)
    if node.kind in ("string", "number", "value"):
        return json.dumps(node.value, ensure_ascii=False)
    if node.kind == "regex":
        return f"/{node.value}/"
    if node.kind == "unary" and node.value == "[":
        items = [_value(item) for item in node.listed("items")]
        known = [item for item in items if item is not None]
        return ", ".join(known) if known and len(known) == len(items) else None
    if node.called in _COUNTED and len(node.listed("arguments")) == 1:
        inner = _value(node.listed("arguments")[0])
        return None if inner is None else f"{node.called} of {inner}"
    reference = node.reference
    if reference is None:
        return None
    if reference[0] == "states" and len(reference) > 2 and reference[1] in ("input", "context"):
        return ".".join(reference[2:])
    return f"${'.'.join(reference)}"
