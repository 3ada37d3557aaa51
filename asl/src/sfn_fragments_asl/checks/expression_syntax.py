"""The form of paths, of intrinsic functions, and of what stands around JSONata.

What stands inside of ``{% %}`` is not parsed.
https://docs.aws.amazon.com/step-functions/latest/dg/amazon-states-language-paths.html and
https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sfn_fragments_asl.checks.check import Check, CheckedDefinition, Finding
from sfn_fragments_asl.model.expressions import jsonpath_fields, own_fields
from sfn_fragments_asl.model.intrinsics import dynamic_problem
from sfn_fragments_asl.model.json_data import texts
from sfn_fragments_asl.model.paths import path_problem

if TYPE_CHECKING:
    from collections.abc import Iterator

# What CloudFormation fills in at an end of a text may be the delimiter.
_FILLED_END = re.compile(r"\$\{.*|.*\$\{[^}]*\}", re.DOTALL)
# Neither the context object nor a variable can take a result.
_STATE_INPUT = re.compile(r"\$(?![$\w])")

# Functions with arguments and names with @: readers of JSONPath differ, and AWS documents neither.
_UNDECIDED = re.compile(r"\.@|^\$[^(]*\.\w+\([^)]")


def _paths(checked: CheckedDefinition) -> Iterator[Finding]:
    for state in checked.states():
        if state.jsonata:
            continue
        for _, name, value in jsonpath_fields(own_fields(state.fields)):
            problem = _path_problem(name, value)
            if problem:
                yield Finding(state.name, f"{name} is {value!r}: {problem}")


def _path_problem(name: str, value: Any) -> str | None:
    if not isinstance(value, str):
        return "it is no text"
    if "${" in value:
        return None
    if name == "ResultPath":
        if not _STATE_INPUT.match(value):
            return "it does not begin with $ as a place in the state's input does"
        return path_problem(value, single=True)
    if not value.startswith(("$", "States.")):
        return "it begins with neither $ nor States."
    return None if _UNDECIDED.search(value) else dynamic_problem(value)


def _delimiters(checked: CheckedDefinition) -> Iterator[Finding]:
    for state in checked.states():
        if state.jsonata:
            for _, text in texts(own_fields(state.fields)):
                if problem := _delimiter_problem(text):
                    yield Finding(state.name, f"{_shortened(text)!r} {problem}")


def _delimiter_problem(text: str) -> str | None:
    stripped = text.strip()
    opened, closed = stripped.startswith("{%"), stripped.endswith("%}")
    if not (opened or closed) or _FILLED_END.fullmatch(stripped):
        return None
    if not opened:
        return "ends with %} and does not begin with {%"
    if not closed or len(stripped) < len("{%%}"):
        return "begins with {% and does not end with %}"
    if stripped != text:
        return "has blanks around {% %}"
    return None if stripped[2:-2].strip() else "holds no expression"


def _shortened(text: str, most: int = 60) -> str:
    return text if len(text) <= most else f"{text[: most // 2]}...{text[-most // 2 :]}"


EXPRESSION_SYNTAX_CHECKS = (
    Check(
        "core.path",
        "error",
        "AWS refuses to create the state machine (SCHEMA_VALIDATION_FAILED).",
        _paths,
        what="What is evaluated in JSONPath is no path and no call of an intrinsic function, or a "
        "ResultPath may name several places.",
        remedy="correct the path or the call; a field whose value is literal has no .$ at its end",
    ),
    Check(
        "core.jsonata-delimiters",
        "error",
        "AWS refuses to create the state machine (SCHEMA_VALIDATION_FAILED).",
        _delimiters,
        what="A text in a JSONata state has one of {% and %} alone, blanks around them or nothing "
        "between.",
        remedy="begin the text with {%, end it with %}, and write one expression between",
    ),
)
