"""When a rule of a Choice state holds.

https://docs.aws.amazon.com/step-functions/latest/dg/state-choice.html
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sfn_fragments_asl.model.json_data import objects
from sfn_fragments_asl.wording.expressions import (
    jsonata_in_words,
    path_in_words,
    undelimited,
)
from sfn_fragments_asl.wording.jsonata import jsonata_condition_in_words

if TYPE_CHECKING:
    from collections.abc import Mapping

#: End of an operator's name to the sign between the two sides, and to that of the opposite.
_COMPARISONS = {
    "GreaterThanEquals": ("≥", "<"),
    "LessThanEquals": ("≤", ">"),
    "GreaterThan": (">", "≤"),
    "LessThan": ("<", "≥"),
    "Equals": ("is", "is not"),
    "Matches": ("matches", "does not match"),
}
#: Operator that asks for a kind of value to what it is then, and is not.
_KINDS = {
    "IsPresent": ("is there", "is missing"),
    "IsNull": ("is null", "is not null"),
    "IsBoolean": ("is true or false", "is neither true nor false"),
    "IsNumeric": ("is a number", "is no number"),
    "IsString": ("is a text", "is no text"),
    "IsTimestamp": ("is a time", "is no time"),
}
_COMPARED = ("Boolean", "Numeric", "String", "Timestamp")


def condition_in_words(rule: Mapping[str, Any]) -> str:
    """When a rule of a Choice state holds, in a person's words.

    Args:
        rule: The rule, in either query language; what combines others has ``And``, ``Or`` or
            ``Not``.

    Returns:
        The words; empty for what is no rule.

    Examples:
        >>> kind = {"Variable": "$.kind", "StringEquals": "a"}
        >>> condition_in_words({"And": [{"Variable": "$.bytes", "NumericGreaterThan": 0}, kind]})
        'bytes > 0 and kind is "a"'
        >>> condition_in_words({"Not": kind})
        'kind is not "a"'
    """
    return _words(rule, holds=True, within="")


def _words(rule: Mapping[str, Any], *, holds: bool, within: str) -> str:
    if "Condition" in rule:
        source = undelimited(str(rule["Condition"]))
        return jsonata_condition_in_words(source) or jsonata_in_words(source)
    if isinstance(rule.get("Not"), dict):
        return _words(rule["Not"], holds=not holds, within=within)
    for name in ("And", "Or"):
        if name in rule:
            # What is not both is one of the two opposites.
            joined_by = name if holds else {"And": "Or", "Or": "And"}[name]
            parts = [_words(each, holds=holds, within=joined_by) for each in objects(rule[name])]
            text = f" {joined_by.lower()} ".join(part for part in parts if part)
            return f"({text})" if within not in ("", joined_by) and len(parts) > 1 else text
    return _comparison(rule, holds=holds)


def _comparison(rule: Mapping[str, Any], *, holds: bool) -> str:
    variable = rule.get("Variable")
    left = path_in_words(variable) if isinstance(variable, str) else "?"
    for operator, value in rule.items():
        if operator in _KINDS:
            return f"{left} {_KINDS[operator][(value is True) != holds]}"
        name = operator.removesuffix("Path")
        kind = next((kind for kind in _COMPARED if name.startswith(kind)), None)
        ending = name.removeprefix(kind) if kind else ""
        if ending in _COMPARISONS:
            sign = _COMPARISONS[ending][not holds]
            path = operator.endswith("Path") and isinstance(value, str)
            right = path_in_words(value) if path else _literal(value)
            return f"{left} {sign} {right}"
    return ""


def _literal(value: Any) -> str:
    # A text here is never a path, whatever it begins with.
    return json.dumps(value, ensure_ascii=False)
