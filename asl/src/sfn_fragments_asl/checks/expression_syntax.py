"""The form of paths, of intrinsic functions, and of what stands around JSONata.

What stands inside of ``{% %}`` is read by `sfn_fragments_asl.checks.jsonata_syntax`.
https://docs.aws.amazon.com/step-functions/latest/dg/amazon-states-language-paths.html and
https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sfn_fragments_asl.checks.check import Check, CheckedDefinition, Finding
from sfn_fragments_asl.model.expressions import jsonpath_fields, own_fields
from sfn_fragments_asl.model.intrinsics import Call, Literal, dynamic_problem, parse_dynamic
from sfn_fragments_asl.model.json_data import texts
from sfn_fragments_asl.model.paths import path_problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sfn_fragments_asl.model.machine import State

# One expression alone: none that ends and another that begins.
_WHOLE = re.compile(r"\{%(?:(?!%\}).)*%\}", re.DOTALL)
# Neither the context object nor a variable can take a result.
_STATE_INPUT = re.compile(r"\$(?![$\w])")

# Functions with arguments and names with @: readers of JSONPath differ, and AWS documents neither.
_UNDECIDED = re.compile(r"\.@|^\$[^(]*\.\w+\([^)]")


def _paths(checked: CheckedDefinition) -> Iterator[Finding]:
    for state in checked.states():
        if state.jsonata or not state.language_is_known:
            continue
        for pointer, name, value in jsonpath_fields(own_fields(state.fields), state.pointer):
            problem = _path_problem(name, value)
            if problem:
                yield Finding(state.name, f"{name} is {value!r}: {problem}", "", pointer)


#: What States.Hash knows.
_ALGORITHMS = ("MD5", "SHA-1", "SHA-256", "SHA-384", "SHA-512")
#: Numbers of a Map: AWS was seen to refuse the context object and functions in these.
_REFERENCES = frozenset(
    {
        "MaxConcurrencyPath",
        "MaxInputBytesPerBatchPath",
        "MaxItemsPath",
        "MaxItemsPerBatchPath",
        "ToleratedFailureCountPath",
        "ToleratedFailurePercentagePath",
    }
)
#: The fields whose paths may be functions; AWS was seen to refuse those in a Variable.
_COMPUTED = ("CausePath", "ErrorPath")


def _path_problem(name: str, value: Any) -> str | None:
    if not isinstance(value, str):
        return "it is no text"
    if "${" in value:
        return None
    if name in _REFERENCES:
        if not value.startswith("$") or value.startswith("$$"):
            return "it is no Reference Path, which begins with $ or a variable"
        return path_problem(value, single=True)
    if name == "ResultPath":
        if not _STATE_INPUT.match(value):
            return "it does not begin with $ as a place in the state's input does"
        return path_problem(value, single=True)
    if not name.endswith(".$") and name not in _COMPUTED and not value.startswith("$"):
        called = value.startswith("States.")
        return (
            "a function is computed in a field whose name ends with .$, as a Pass state before has"
            if called
            else "it does not begin with $"
        )
    if not value.startswith(("$", "States.")):
        return "it begins with neither $ nor States."
    if _UNDECIDED.search(value):
        return None
    return dynamic_problem(value) or _argument_problem(value)


def _argument_problem(value: str) -> str | None:
    """The first call whose literal arguments fail in every execution."""
    tree = parse_dynamic(value)
    calls = (
        [each for each in tree.walk() if isinstance(each, Call)] if isinstance(tree, Call) else []
    )
    return next(filter(None, map(_problem_of_literals, calls)), None)


def _problem_of_literals(call: Call) -> str | None:
    literals = [each.value if isinstance(each, Literal) else None for each in call.arguments]
    match call.name, literals:
        case "Format", [str(), *_] if isinstance(template := call.arguments[0], Literal):
            # As many places as values.
            places, values = len(template.between_placeholders()) - 1, len(literals) - 1
            if places != values:
                return f"the template has {places} places {{}}, and there are {values} values"
        case "Hash", [_, str(algorithm)] if algorithm not in _ALGORITHMS:
            return f"there is no algorithm {algorithm!r}; there are {', '.join(_ALGORITHMS)}"
        case "JsonMerge", [_, _, True]:
            return "States.JsonMerge merges no deeper than one level: its third argument is false"
    return None


def _texts(checked: CheckedDefinition) -> Iterator[tuple[State, str, str]]:
    """The texts of JSONata states, with their places."""
    for state in checked.states():
        if state.jsonata and state.language_is_known:
            for pointer, text in texts(own_fields(state.fields), state.pointer):
                yield state, pointer, text


def _delimiters(checked: CheckedDefinition) -> Iterator[Finding]:
    for state, pointer, text in _texts(checked):
        if problem := _delimiter_problem(text):
            yield Finding(state.name, f"{_shortened(text)!r} {problem}", "", pointer)


def _delimiter_problem(text: str) -> str | None:
    opened, closed = text.startswith("{%"), text.endswith("%}")
    if opened == closed and not (opened and len(text) < len("{%%}")):
        return None
    # A text that speaks of an expression, such as "write {% $x %}", has both.
    if _filled_at_an_end(text) or ("{%" in text and "%}" in text and text not in ("{%}",)):
        return None
    if not opened:
        return "ends with %} and does not begin with {%"
    return "begins with {% and does not end with %}"


def _filled_at_an_end(text: str) -> bool:
    """Whether CloudFormation fills in an end of a text, which may be the delimiter."""
    last = text.rfind("${")
    return text.startswith("${") or (last >= 0 and text.find("}", last) == len(text) - 1)


def _surrounded(checked: CheckedDefinition) -> Iterator[Finding]:
    for state, pointer, text in _texts(checked):
        if _WHOLE.fullmatch(text.strip()) and not (text.startswith("{%") and text.endswith("%}")):
            remedy = f"write {_shortened(text.strip())}, without anything around it"
            message = f"{_shortened(text)!r} has blanks around {{% %}}, and is a text"
            yield Finding(state.name, message, remedy, pointer)


def _shortened(text: str, most: int = 60) -> str:
    return text if len(text) <= most else f"{text[: most // 2]}...{text[-most // 2 :]}"


EXPRESSION_SYNTAX_CHECKS = (
    Check(
        "asl.path",
        "error",
        "AWS refuses to create the state machine (SCHEMA_VALIDATION_FAILED).",
        _paths,
        what="What is evaluated in JSONPath is no path and no call of an intrinsic function, or a "
        "ResultPath may name several places.",
        remedy="correct the path or the call; a field whose value is literal has no .$ at its end",
    ),
    Check(
        "asl.jsonata-delimiters",
        "error",
        "AWS refuses to create the state machine (SCHEMA_VALIDATION_FAILED).",
        _delimiters,
        what="A text in a JSONata state begins with {% and has no %}, or ends with %} and has no "
        "{%.",
        remedy="begin the text with {%, end it with %}, and write one expression between",
    ),
    Check(
        "asl.jsonata-blanks",
        "warning",
        "AWS takes it for a text, and evaluates nothing (seen on AWS).",
        _surrounded,
        what="A text in a JSONata state has blanks in front of {% or behind %}.",
        remedy="remove the blanks",
    ),
)
