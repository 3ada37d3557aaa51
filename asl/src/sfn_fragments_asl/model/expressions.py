"""The expressions of a state, in either query language, and the variables that they read.

JSONPath: https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html
JSONata: https://docs.jsonata.org, in ``{% %}``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

from sfn_fragments_asl.model.intrinsics import Call, parse_dynamic
from sfn_fragments_asl.model.json_data import below, texts
from sfn_fragments_asl.model.jsonata import BUILT_IN, Node, free_variables, parse_jsonata
from sfn_fragments_asl.model.paths import Filter, MalformedError, Path

#: Fields that hold states of their own, or data that is never evaluated.
NOT_EVALUATED = frozenset({"Branches", "Comment", "ItemProcessor", "Iterator", "Result"})
#: Fields that hold data for a service, an item or a variable.
_TEMPLATES = frozenset(
    {"Assign", "BatchInput", "Credentials", "ItemSelector", "Parameters", "ResultSelector"}
)
_DELIMITED = re.compile(r"\{%(.*)%\}", re.DOTALL)
_QUOTED = re.compile(r"'(?:\\.|[^'\\])*'")
_VARIABLE = re.compile(r"(?<![\w$])\$([A-Za-z_]\w*)")

_MAX_MALFORMED = 10_000

Tree: TypeAlias = Path | Call | Node


@dataclass(frozen=True)
class Expression:
    """What Step Functions evaluates: a path, a call of an intrinsic function, or JSONata.

    Attributes:
        source: The expression, without ``{%`` and ``%}``.
        jsonata: Whether it is JSONata.
        pointer: JSON Pointer of its text in the definition.

    Examples:
        >>> Expression("States.Format('{}', $run.id)", jsonata=False).reads
        {'run': True}
    """

    source: str
    jsonata: bool
    pointer: str = ""

    @cached_property
    def tree(self) -> Tree | None:
        """Its tree; ``None`` where it is malformed."""
        try:
            return parse_jsonata(self.source) if self.jsonata else parse_dynamic(self.source)
        except MalformedError:
            return None

    @property
    def problem(self) -> str | None:
        """What is wrong with it, in a few words; ``None`` for what is well formed."""
        try:
            _ = parse_jsonata(self.source) if self.jsonata else parse_dynamic(self.source)
        except MalformedError as problem:
            return str(problem)
        return None

    @cached_property
    def reads(self) -> dict[str, bool]:
        """The names of variables in it, to whether some place needs a value of the variable."""
        tree = self.tree
        if isinstance(tree, Node):
            return free_variables(tree)
        if isinstance(tree, Call):
            paths = [each for each in tree.walk() if isinstance(each, Path)]
        elif tree is not None:
            paths = [tree]
        else:
            # As far as it can be read; what is as long as this is no slip.
            names = _variables_in(self.source) if len(self.source) < _MAX_MALFORMED else []
            return {name: not (self.jsonata and name in BUILT_IN) for name in names}
        return dict.fromkeys((name for path in paths for name in _variables_of(path)), True)


def _variables_of(path: Path) -> Iterator[str]:
    if path.variable is not None:
        yield path.variable
    for step in path.steps:
        if isinstance(step, Filter):
            yield from _variables_in(step.condition)


def _variables_in(source: str) -> list[str]:
    return _VARIABLE.findall(_QUOTED.sub("''", source))


def jsonata_in(value: Any, pointer: str = "") -> Iterator[Expression]:
    """The JSONata expressions in a value.

    Args:
        value: JSON data.
        pointer: JSON Pointer of it.
    """
    for place, text in texts(value, pointer):
        if match := _DELIMITED.fullmatch(text):
            yield Expression(match.group(1), jsonata=True, pointer=place)


def jsonpath_fields(
    value: Any, pointer: str = "", *, template: bool = False
) -> Iterator[tuple[str, str, Any]]:
    """The fields in a value whose own value is a path or a call of an intrinsic function.

    Args:
        value: Fields of a state.
        pointer: JSON Pointer of it.
        template: Whether it is data for a service or a variable: there the names of fields are
            the service's, and those that end with ``.$`` alone are evaluated.

    Yields:
        JSON Pointer, name and value; of what is malformed, the value may be no text.
    """
    if isinstance(value, Mapping):
        for name, item in value.items():
            path = not template and (name.endswith("Path") or name == "Variable")
            place = below(pointer, name)
            if name.endswith(".$") or (path and item is not None):
                yield place, name, item
            elif name not in NOT_EVALUATED:
                yield from jsonpath_fields(item, place, template=template or name in _TEMPLATES)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from jsonpath_fields(item, below(pointer, index), template=template)


def jsonpath_in(value: Any, pointer: str = "", *, template: bool = False) -> Iterator[Expression]:
    """The paths and intrinsic functions in a value, which `jsonpath_fields` describes."""
    for place, _, source in jsonpath_fields(value, pointer, template=template):
        if isinstance(source, str):
            yield Expression(source, jsonata=False, pointer=place)


def own_fields(fields: Mapping[str, Any]) -> dict[str, Any]:
    """What a state evaluates itself: without data that is literal, and states inside it."""
    return {name: value for name, value in fields.items() if name not in NOT_EVALUATED}
