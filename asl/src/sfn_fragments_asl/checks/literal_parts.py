"""What is literal in a value: the least that there will be of it when it is evaluated."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from sfn_fragments_asl.model.expressions import Expression, jsonata_in
from sfn_fragments_asl.model.intrinsics import Call, Literal
from sfn_fragments_asl.model.jsonata import Node

_MARKER: Final = re.compile(r"\$\{[^}]*\}")
#: Of this nothing is known, and it may be nothing.
_UNKNOWN: Final = object()
#: The parts of a condition that it may come to.
_WAYS: Final = ("then", "otherwise")


def compact_text(value: Any) -> str:
    """A value as services are sent it: JSON without blanks.

    Args:
        value: JSON data.
    """
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def without_markers(text: str) -> str:
    """A text without what is filled in when it is deployed, such as ``${Bucket}``.

    Args:
        text: The text.
    """
    return _MARKER.sub("", text)


def literal_part(value: Any) -> Any:
    """What is literal in a value of a definition, in either query language.

    What is computed is as short as it can be: a text that is computed is empty, and of an
    expression of JSONata the objects, lists and texts count that are written in it.

    Args:
        value: JSON data with expressions in it.

    Returns:
        JSON data whose text is no longer than that of any value that it may have in a run.

    Example:
        >>> literal_part({"Name": "{% 'a' & $b %}", "Value.$": "States.Format('c{}', $.d)"})
        {'Name': 'a', 'Value': 'c'}
    """
    if isinstance(value, Mapping):
        return {
            key.removesuffix(".$"): _of_path(item) if key.endswith(".$") else literal_part(item)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [literal_part(item) for item in value]
    if not isinstance(value, str):
        return value
    for expression in jsonata_in(value):
        tree = expression.tree
        found = _of_node(tree) if isinstance(tree, Node) else _UNKNOWN
        return "" if found is _UNKNOWN else found
    return without_markers(value)


def _of_path(source: Any) -> str:
    """A path may find anything; an intrinsic function that formats has its own text at least."""
    match Expression(str(source), jsonata=False).tree:
        case Call(name="Format", arguments=(Literal() as form, *_)):
            return "".join(form.between_placeholders())
    return ""


def _of_node(node: Node) -> Any:
    if node.listed("filters") or "group" in node.parts:
        return _UNKNOWN
    match node.kind, node.value:
        case "string", text:
            return without_markers(text)
        case (("number" | "value"), plain):
            return plain
        case "unary", "{":
            return _of_object(node)
        case "unary", "[":
            return [*_known(node.listed("items"))]
        case "binary", "&":
            # What is not there joins as an empty text.
            texts = _known([*node.listed("left"), *node.listed("right")])
            return "".join(text for text in texts if isinstance(text, str))
        case "condition", _:
            ways = [_of_node(way) for name in _WAYS for way in node.listed(name)]
            if len(ways) < len(_WAYS) or _UNKNOWN in ways:
                return _UNKNOWN
            return min(ways, key=lambda way: len(compact_text(way)))
        case "block", _ if items := node.listed("items"):
            return _of_node(items[-1])
        case "function", _:
            return _of_call(node)
    return _UNKNOWN


def _known(nodes: Sequence[Node]) -> Iterator[Any]:
    """What is known of some nodes; those of which nothing is may find nothing."""
    return (found for found in map(_of_node, nodes) if found is not _UNKNOWN)


def _of_object(node: Node) -> Any:
    keys, values = node.listed("keys"), node.listed("values")
    pairs = zip(map(_of_node, keys), map(_of_node, values), strict=True)
    return {key: value for key, value in pairs if isinstance(key, str) and value is not _UNKNOWN}


def _of_call(node: Node) -> Any:
    match node.called, node.listed("arguments"):
        case "append", lists:
            found = [*_known(lists)]
            return [item for one in found for item in (one if isinstance(one, list) else [one])]
        case "merge", (listed,) if (listed.kind, listed.value) == ("unary", "["):
            return _merged(map(_of_node, listed.listed("items")))
    return _UNKNOWN


def _merged(objects: Iterator[Any]) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for one in objects:
        if isinstance(one, Mapping):
            merged |= one
        else:
            # It may put something shorter in the place of each.
            merged = dict.fromkeys(merged, "")
    return merged
