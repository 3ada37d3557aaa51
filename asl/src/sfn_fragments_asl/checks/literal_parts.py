"""What is literal in a value: the least that there will be of it when it is evaluated."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from sfn_fragments_asl.model.expressions import Expression, jsonata_in
from sfn_fragments_asl.model.intrinsics import Call, Literal
from sfn_fragments_asl.model.json_data import mapping, objects
from sfn_fragments_asl.model.jsonata import Node
from sfn_fragments_asl.model.paths import Path

if TYPE_CHECKING:
    from sfn_fragments_asl.model.machine import State

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


def literal_part(value: Any, variables: Mapping[str, Any] | None = None) -> Any:
    """What is literal in a value of a definition, in either query language.

    What is computed is as short as it can be: a text that is computed is empty, and of an
    expression of JSONata the objects, lists and texts count that are written in it.

    Args:
        value: JSON data with expressions in it.
        variables: What is literal in variables, by their names; see `literal_variables`.

    Returns:
        JSON data whose text is no longer than that of any value that it may have in a run.

    Examples:
        >>> literal_part({"Name": "{% 'a' & $b %}", "Value.$": "States.Format('c{}', $.d)"})
        {'Name': 'a', 'Value': 'c'}
        >>> literal_part({"Value.$": "$one.two"}, {"one": {"two": "three"}})
        {'Value': 'three'}
    """
    return _Reader(variables or {}).of_value(value)


def literal_variables(states: Iterable[State]) -> dict[str, Any]:
    """What is literal in the variables of a definition.

    Args:
        states: Its states, those of Map and Parallel included.

    Returns:
        The literal part of each variable that is assigned in one place only. One that several
        states assign may have the shortest of them, or the fields of any.
    """
    found: dict[str, list[Any]] = {}
    for state in states:
        fields = state.fields
        for one in (fields, *objects(fields.get("Choices")), *objects(fields.get("Catch"))):
            for name, value in mapping(one.get("Assign")).items():
                part = mapping(literal_part({name: value}))
                for variable, item in part.items():
                    found.setdefault(variable, []).append(item)
    return {name: values[0] for name, values in found.items() if len(values) == 1}


class _Reader:
    """Reads values, where variables may be known."""

    def __init__(self, variables: Mapping[str, Any]) -> None:
        self._variables = variables

    def of_value(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return {
                key.removesuffix(".$"): self._of_path(item)
                if key.endswith(".$")
                else self.of_value(item)
                for key, item in value.items()
            }
        if isinstance(value, list):
            return [self.of_value(item) for item in value]
        if not isinstance(value, str):
            return value
        for expression in jsonata_in(value):
            tree = expression.tree
            found = self._of_node(tree) if isinstance(tree, Node) else _UNKNOWN
            return "" if found is _UNKNOWN else found
        return without_markers(value)

    def _of_path(self, source: Any) -> Any:
        """A path may find anything, but in a variable that is known.

        An intrinsic function that formats has its own text at least.
        """
        match Expression(str(source), jsonata=False).tree:
            case Call(name="Format", arguments=(Literal() as form, *_)):
                return "".join(form.between_placeholders())
            case Path(variable=str(name), names=tuple(names)):
                found = self._of_variable((name, *names))
                return "" if found is _UNKNOWN else found
        return ""

    def _of_variable(self, reference: Sequence[str]) -> Any:
        """What a variable, or a field in it, has at least."""
        found: Any = self._variables.get(reference[0], _UNKNOWN)
        for name in reference[1:]:
            found = mapping(found).get(name, _UNKNOWN)
        return found

    def _of_node(self, node: Node) -> Any:
        if node.listed("filters") or "group" in node.parts:
            return _UNKNOWN
        if node.reference is not None:
            return self._of_variable(node.reference)
        match node.kind, node.value:
            case "string", text:
                return without_markers(text)
            case (("number" | "value"), plain):
                return plain
            case "unary", "{":
                return self._of_object(node)
            case "unary", "[":
                return [*self._known(node.listed("items"))]
            case "binary", "&":
                # What is not there joins as an empty text.
                texts = self._known([*node.listed("left"), *node.listed("right")])
                return "".join(text for text in texts if isinstance(text, str))
            case "condition", _:
                ways = [self._of_node(way) for name in _WAYS for way in node.listed(name)]
                if len(ways) < len(_WAYS) or _UNKNOWN in ways:
                    return _UNKNOWN
                return min(ways, key=lambda way: len(compact_text(way)))
            case "block", _ if items := node.listed("items"):
                # It may have variables of its own, of the same names.
                return _Reader({})._of_node(items[-1])
            case "function", _:
                return self._of_call(node)
        return _UNKNOWN

    def _known(self, nodes: Sequence[Node]) -> Iterator[Any]:
        """What is known of some nodes; those of which nothing is may find nothing."""
        return (found for found in map(self._of_node, nodes) if found is not _UNKNOWN)

    def _of_object(self, node: Node) -> Any:
        keys, values = node.listed("keys"), node.listed("values")
        pairs = zip(map(self._of_node, keys), map(self._of_node, values), strict=True)
        return {
            key: value for key, value in pairs if isinstance(key, str) and value is not _UNKNOWN
        }

    def _of_call(self, node: Node) -> Any:
        match node.called, node.listed("arguments"):
            case "append", lists:
                found = [*self._known(lists)]
                return [item for one in found for item in (one if isinstance(one, list) else [one])]
            case "merge", (listed,) if (listed.kind, listed.value) == ("unary", "["):
                return _merged(map(self._of_node, listed.listed("items")))
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
