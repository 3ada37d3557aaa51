"""The rules of Choice states in JSONPath: operators, and the values that they compare with.

https://docs.aws.amazon.com/step-functions/latest/dg/state-choice.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sfn_fragments_asl.checks.check import Check, CheckedDefinition, Finding
from sfn_fragments_asl.model.json_data import is_number, objects
from sfn_fragments_asl.model.timestamps import is_timestamp
from sfn_fragments_asl.near_names import near_names

_ORDERED = ("Equals", "GreaterThan", "GreaterThanEquals", "LessThan", "LessThanEquals")


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


_Value = tuple[Callable[[Any], bool], str]
_FLAG: _Value = (_is_flag, "true or false")
_TEXT: _Value = (_is_text, "a text")
_KINDS: dict[str, _Value] = {
    "Numeric": (is_number, "a number"),
    "String": _TEXT,
    "Timestamp": (is_timestamp, "a time such as 2030-01-31T12:00:00Z"),
}
_COMPARED = {"BooleanEquals": _FLAG} | {
    f"{kind}{comparison}": value for kind, value in _KINDS.items() for comparison in _ORDERED
}
#: Operator to what it compares with; of a path, asl.path looks at the form.
_OPERATORS = (
    _COMPARED
    | {f"{operator}Path": _TEXT for operator in _COMPARED}
    | {"StringMatches": _TEXT}
    | {f"Is{kind}": _FLAG for kind in ("Boolean", "Null", "Numeric", "Present", "String")}
    | {"IsTimestamp": _FLAG}
)
_COMBINING = ("And", "Or", "Not")
# Condition is of JSONata: asl.required-field and asl.query-language look at languages.
_OTHER = frozenset({"Assign", "Comment", "Condition", "Next", "Output", "Variable"})


def _comparisons(checked: CheckedDefinition) -> Iterator[Finding]:
    for state in checked.states():
        if state.type == "Choice" and not state.jsonata and state.language_is_known:
            for index, rule in enumerate(objects(state.fields.get("Choices"))):
                for problem in _rule_problems(rule, f"Choices[{index}]"):
                    yield Finding(state.name, problem)


def _rule_problems(rule: Mapping[str, Any], place: str) -> Iterator[str]:
    operators = [name for name in rule if name not in _OTHER]
    if len(operators) != 1:
        yield f"{place} has {' and '.join(operators) or 'no comparison'}: give one operator"
    for name in operators:
        value = rule[name]
        if name in _COMBINING:
            yield from _combined_problems(value, name, f"{place}.{name}")
        elif name not in _OPERATORS:
            near = near_names(name, [*_OPERATORS, *_COMBINING])
            hint = f"; is {near[0]} meant?" if near else ""
            yield f"{place} has {name}, which is no operator{hint}"
        else:
            if not isinstance(rule.get("Variable"), str):
                yield f"{place} has {name} and no Variable"
            fits, expected = _OPERATORS[name]
            # What CloudFormation fills in is a text until then.
            if not (fits(value) or (isinstance(value, str) and "${" in value)):
                yield f"{place}.{name} is {value!r}: give {expected}"


def _combined_problems(value: Any, name: str, place: str) -> Iterator[str]:
    if name == "Not":
        if isinstance(value, Mapping):
            yield from _rule_problems(value, place)
        else:
            yield f"{place} is {value!r}: give one rule"
        return
    if not objects(value):
        yield f"{place} is {value!r}: give a list of rules"
    for index, rule in enumerate(objects(value)):
        yield from _rule_problems(rule, f"{place}[{index}]")
        if "Next" in rule:
            yield f"{place}[{index}] has Next, which the rule around it has alone"


COMPARISON_CHECKS = (
    Check(
        "asl.choice-comparison",
        "error",
        "AWS refuses to create the state machine (SCHEMA_VALIDATION_FAILED).",
        _comparisons,
        what="A rule of a Choice state in JSONPath has no operator, several or one that does not "
        "exist, no Variable, or compares with a value of another type.",
        remedy="write the rule as one Variable, one operator and a value of the operator's type",
    ),
)
