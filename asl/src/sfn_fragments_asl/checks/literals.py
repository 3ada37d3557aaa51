"""Texts that look like expressions, where nothing evaluates them.

https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html and
https://docs.aws.amazon.com/step-functions/latest/dg/amazon-states-language-paths.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sfn_fragments_asl.checks.check import Check, CheckedDefinition, Finding
from sfn_fragments_asl.model.expressions import own_fields
from sfn_fragments_asl.model.intrinsics import INTRINSIC_FUNCTIONS, dynamic_problem
from sfn_fragments_asl.model.json_data import below, is_marked, objects, texts
from sfn_fragments_asl.model.jsonata import BUILT_IN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sfn_fragments_asl.model.machine import State

#: What JSONPath evaluates in the fields whose names end with .$ alone.
_TEMPLATES = (
    "Assign",
    "BatchInput",
    "Credentials",
    "ItemBatcher",
    "ItemReader",
    "ItemSelector",
    "Parameters",
    "ResultSelector",
    "ResultWriter",
)
#: What JSONata evaluates between its delimiters alone.
_JSONATA = (
    "Arguments",
    "Assign",
    "Credentials",
    "ItemBatcher",
    "ItemReader",
    "ItemSelector",
    "Items",
    "Output",
    "ResultWriter",
)
# A service may take paths and expressions of its own.
_OTHERS = re.compile(
    r"path|pointer|expression|query|definition|template|pattern|script|sql", re.IGNORECASE
)
_PATH = re.compile(r"\$\$?[.\[].+", re.DOTALL)
_CALL = re.compile(r"States\.(\w+)\s*\(.*\)\s*", re.DOTALL)
_VARIABLE = re.compile(r"\$([A-Za-z_]\w*)(?:[.\[].*)?", re.DOTALL)
_FUNCTION = re.compile(r"\$([A-Za-z_]\w*)\(.*\)\s*", re.DOTALL)
_DELIMITED = re.compile(r"\{%.+%\}", re.DOTALL)
#: An expression that reads something, as templates have them in texts.
_AMONG_TEXT = re.compile(r"\{%[^%]*\$[^%]*%\}")


def _literals(checked: CheckedDefinition) -> Iterator[Finding]:
    variables = frozenset(name for state in checked.states() for name in state.assigned)
    for state in checked.states():
        if not state.language_is_known:
            continue
        found = _in_jsonata(state, variables) if state.jsonata else _in_jsonpath(state, variables)
        for pointer, name, text, remedy in found:
            where = f"in {name} " if name else ""
            message = f"{_shortened(text)!r} {where}is passed on as a text"
            yield Finding(state.name, message, remedy, pointer)


def _shortened(text: str, most: int = 60) -> str:
    return text if len(text) <= most else f"{text[: most // 2]}...{text[-most // 2 :]}"


def _in_jsonpath(state: State, variables: frozenset[str]) -> Iterator[tuple[str, str, str, str]]:
    for field in _TEMPLATES:
        # What is in here by its own place, a template below another would be found twice.
        for pointer, text in texts(state.fields.get(field), below(state.pointer, field)):
            name = pointer.rpartition("/")[2]
            if name.endswith(".$") or _OTHERS.search(pointer.removeprefix(state.pointer)):
                continue
            if _DELIMITED.fullmatch(text):
                remedy = (
                    'set the state\'s QueryLanguage to JSONata, or write a path, "name.$": "$.a"'
                )
                yield pointer, name, text, remedy
            elif _is_dynamic(text, variables):
                whole = pointer == below(state.pointer, field)
                yield pointer, name, text, _of_whole(field) if whole else _remedy(name, text)
    if state.type == "Pass":
        yield from _in_result(state)
    if state.type == "Fail":
        for name in ("Cause", "Error"):
            given = state.fields.get(name)
            if isinstance(given, str) and _is_dynamic(given, variables):
                yield below(state.pointer, name), name, given, f"write it in {name}Path"
    if state.type == "Choice":
        for pointer, rule in _rules(state.fields.get("Choices"), below(state.pointer, "Choices")):
            for name, text in rule.items():
                if not name.endswith("Equals") and not name.endswith("Than"):
                    continue
                if isinstance(text, str) and _is_dynamic(text, variables):
                    yield below(pointer, name), name, text, f"write {name}Path to compare with it"


def _rules(value: Any, pointer: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The rules of a Choice, those within And, Or and Not included."""
    for index, rule in enumerate(objects(value)):
        yield from _rule(rule, below(pointer, index))


def _rule(rule: Mapping[str, Any], pointer: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield pointer, rule
    for name in ("And", "Or"):
        yield from _rules(rule.get(name), below(pointer, name))
    if isinstance(rule.get("Not"), Mapping):
        yield from _rule(rule["Not"], below(pointer, "Not"))


def _in_result(state: State) -> Iterator[tuple[str, str, str, str]]:
    """A Result is data: its fields that end with .$ are none that is evaluated."""
    for pointer, text in texts(state.fields.get("Result"), below(state.pointer, "Result")):
        name = pointer.rpartition("/")[2]
        if name.endswith(".$") and (_PATH.fullmatch(text) or _CALL.fullmatch(text)):
            yield pointer, name, text, "write it in Parameters, which are evaluated"


def _is_dynamic(text: str, variables: frozenset[str]) -> bool:
    if is_marked(text):
        return False
    if call := _CALL.fullmatch(text):
        return call.group(1) in INTRINSIC_FUNCTIONS
    variable = _VARIABLE.fullmatch(text)
    if not (_PATH.fullmatch(text) or (variable and variable.group(1) in variables)):
        return False
    return dynamic_problem(text) is None


def _of_whole(field: str) -> str:
    """What to write for a text in place of a template: a field of a state takes no ``.$``."""
    if field == "Parameters":
        return "write it as InputPath, or an object with fields that end with .$"
    return "write an object with fields that end with .$"


def _remedy(name: str, text: str) -> str:
    if name.isdecimal():
        return "an item of a list is no field: make the list with States.Array(...) in a field .$"
    return f'write "{name}.$": "{text}"'


def _in_jsonata(state: State, variables: frozenset[str]) -> Iterator[tuple[str, str, str, str]]:
    given = {name: value for name, value in own_fields(state.fields).items() if name in _JSONATA}
    for pointer, text in texts(given, state.pointer):
        name = pointer.rpartition("/")[2]
        if is_marked(text) or _OTHERS.search(pointer.removeprefix(state.pointer)):
            continue
        if name.endswith(".$") and _PATH.match(text):
            remedy = f'write "{name.removesuffix(".$")}": "{{% $states.input... %}}"'
            yield pointer, name, text, remedy
        elif _is_jsonata(text, variables):
            yield pointer, name, text, f"write {{% {text.strip()} %}}"
        elif _AMONG_TEXT.search(text) and not _DELIMITED.fullmatch(text.strip()):
            yield pointer, name, text, "join the texts in the expression: {% 'a ' & $b %}"
        elif _is_dynamic(text, frozenset()):
            yield pointer, name, text, "write {% %} with an expression in JSONata between"


def _is_jsonata(text: str, variables: frozenset[str]) -> bool:
    if called := _FUNCTION.fullmatch(text):
        return called.group(1) in BUILT_IN
    variable = _VARIABLE.fullmatch(text)
    if variable is None:
        return False
    return variable.group(1) in variables or text.startswith("$states.")


LITERAL_CHECKS = (
    Check(
        "asl.literal-expression",
        "warning",
        "AWS creates the state machine, and passes the text on as it is written.",
        _literals,
        what="A text is a path, a function or an expression, and stands where nothing evaluates "
        "it: in a field without .$, in an item of a list, in a Result, or in a JSONata state "
        "without {% %} or with other text around them.",
        remedy="write it where it is evaluated",
    ),
)
