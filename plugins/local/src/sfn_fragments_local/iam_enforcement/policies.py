"""Identity policies and what they say about one action on one resource.

The rules are those of
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html for the
policies of one role: an explicit Deny wins, then an Allow, and what neither names is refused.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import Any, Final

from sfn_fragments.errors import FragmentsError


class UnsupportedPolicyError(FragmentsError):
    """A policy says something that the engine cannot evaluate."""


class Verdict(Enum):
    """What policies say about a request."""

    ALLOWED = "allowed"
    DENIED = "denied by a statement"
    NOT_ALLOWED = "allowed by no statement"


@dataclass(frozen=True)
class Request:
    """An action for which a role needs a permission.

    Attributes:
        action: Such as ``s3:PutObject``.
        resource: The ARN; ``*`` for an action that knows no resources; None if the engine does
            not know on which one the action works, so that any that a statement names will do.
        context: Condition keys of the request, in any case, to their values.
    """

    action: str
    resource: str | None
    context: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Statement:
    """One statement of a policy.

    Attributes:
        allows: Whether its effect is ``Allow``.
        actions: Patterns of actions.
        not_actions: Whether it is about all actions but these.
        resources: Patterns of ARNs.
        not_resources: Whether it is about all resources but these.
        conditions: Operator and condition key to values; all must hold.
    """

    allows: bool
    actions: tuple[str, ...]
    not_actions: bool
    resources: tuple[str, ...]
    not_resources: bool
    conditions: tuple[tuple[str, str, tuple[str, ...]], ...]

    def as_json(self) -> dict[str, Any]:
        """The statement as a policy has it, but for its ``Sid`` and the case of condition keys."""
        told: dict[str, Any] = {"Effect": "Allow" if self.allows else "Deny"}
        told["NotAction" if self.not_actions else "Action"] = list(self.actions)
        told["NotResource" if self.not_resources else "Resource"] = list(self.resources)
        if self.conditions:
            told["Condition"] = {}
            for name, key, values in self.conditions:
                told["Condition"].setdefault(name, {})[key] = list(values)
        return told

    def applies_to(self, request: Request) -> bool:
        """Whether the statement is about a request.

        Raises:
            UnsupportedPolicyError: It depends on a condition or a variable that the engine does
                not know.
        """
        action = request.action.lower()
        named = any(_matches(pattern.lower(), action) for pattern in self.actions)
        if named is self.not_actions or not self._covers(request.resource):
            return False
        return all(_holds(*condition, request.context) for condition in self.conditions)

    def _covers(self, resource: str | None) -> bool:
        if resource is None:
            # A Deny of some resources says nothing about one that is not known.
            return self.allows or (self.resources == ("*",) and not self.not_resources)
        return (
            any(_matches(pattern, resource) for pattern in self.resources) is not self.not_resources
        )


def read_statements(document: Mapping[str, Any]) -> tuple[Statement, ...]:
    """Read a policy document.

    Args:
        document: The document, as parsed JSON.

    Returns:
        Its statements.
    """
    statements = document.get("Statement", [])
    return tuple(
        Statement(
            allows=one["Effect"] == "Allow",
            actions=_texts(one.get("Action", one.get("NotAction"))),
            not_actions="NotAction" in one,
            resources=_texts(one.get("Resource", one.get("NotResource", "*"))),
            not_resources="NotResource" in one,
            conditions=tuple(
                (operator, key.lower(), _texts(values))
                for operator, keys in (one.get("Condition") or {}).items()
                for key, values in keys.items()
            ),
        )
        for one in ([statements] if isinstance(statements, Mapping) else statements)
    )


def evaluate(statements: Iterable[Statement], request: Request) -> Verdict:
    """What the statements of a role's policies say about a request.

    Args:
        statements: All of them, whatever policy they are from.
        request: The action, the resource and the context.

    Raises:
        UnsupportedPolicyError: A statement about this action and resource has a condition
            operator or a policy variable that the engine does not know.
    """
    effects = {one.allows for one in statements if one.applies_to(request)}
    if False in effects:
        return Verdict.DENIED
    return Verdict.ALLOWED if True in effects else Verdict.NOT_ALLOWED


def _texts(value: object) -> tuple[str, ...]:
    values = value if isinstance(value, list | tuple) else [value]
    # A condition's Boolean may be written without quotes.
    return tuple(str(one).lower() if isinstance(one, bool) else str(one) for one in values)


#: Variables that stand for a character which is a wildcard otherwise:
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
_CHARACTER: Final = re.compile(r"\$\{([*?$])\}")


@lru_cache(maxsize=4096)
def _pattern(pattern: str) -> re.Pattern[str]:
    if "${" in _CHARACTER.sub("", pattern):
        raise UnsupportedPolicyError(
            f"the policy variable in {pattern!r} is not known to the local engine; write the value "
            "out, or open the engine with enforce_iam=False"
        )
    # Every second piece is such a character.
    pieces = enumerate(_CHARACTER.split(pattern))
    parts = (re.escape(piece) if index % 2 else _with_wildcards(piece) for index, piece in pieces)
    return re.compile("".join(parts), re.DOTALL)


def _with_wildcards(text: str) -> str:
    return "".join(".*" if one == "*" else "." if one == "?" else re.escape(one) for one in text)


def _matches(pattern: str, text: str) -> bool:
    return _pattern(pattern).fullmatch(text) is not None


def _equals(expected: str, actual: str) -> bool:
    return expected == actual


def _equals_ignoring_case(expected: str, actual: str) -> bool:
    return expected.lower() == actual.lower()


def _by_number(holds: Callable[[float, float], bool]) -> Callable[[str, str], bool]:
    def compare(expected: str, actual: str) -> bool:
        try:
            return holds(float(actual), float(expected))
        except ValueError:
            return False

    return compare


def _moment(text: str) -> float:
    """The seconds since 1970 of a date, or of such seconds."""
    try:
        return float(text)
    except ValueError:
        moment = datetime.fromisoformat(text)
    # Without a zone, it is UTC.
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _by_date(holds: Callable[[float, float], bool]) -> Callable[[str, str], bool]:
    def compare(expected: str, actual: str) -> bool:
        try:
            return holds(_moment(actual), _moment(expected))
        except ValueError:
            return False

    return compare


def _is_within(expected: str, actual: str) -> bool:
    try:
        return ip_address(actual) in ip_network(expected, strict=False)
    except ValueError:
        return False


# An ARN's operators take wildcards, with or without "Like" in their names.
_COMPARISONS: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "StringEquals": _equals,
    "StringEqualsIgnoreCase": _equals_ignoring_case,
    "StringLike": _matches,
    "ArnEquals": _matches,
    "ArnLike": _matches,
    "BinaryEquals": _equals,
    "Bool": _equals_ignoring_case,
    "DateEquals": _by_date(operator.eq),
    "DateLessThan": _by_date(operator.lt),
    "DateLessThanEquals": _by_date(operator.le),
    "DateGreaterThan": _by_date(operator.gt),
    "DateGreaterThanEquals": _by_date(operator.ge),
    "IpAddress": _is_within,
    "NumericEquals": _by_number(operator.eq),
    "NumericLessThan": _by_number(operator.lt),
    "NumericLessThanEquals": _by_number(operator.le),
    "NumericGreaterThan": _by_number(operator.gt),
    "NumericGreaterThanEquals": _by_number(operator.ge),
}
_NEGATIONS: Final = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
    "DateNotEquals": "DateEquals",
    "NotIpAddress": "IpAddress",
    "NumericNotEquals": "NumericEquals",
}


def knows_operator(name: str) -> bool:
    """Whether the engine knows an operator of conditions.

    Args:
        name: The operator, such as ``ForAnyValue:StringLikeIfExists``.
    """
    qualifier, _, base = name.rpartition(":")
    plain = base.removesuffix("IfExists")
    known = _NEGATIONS.get(plain, plain) in _COMPARISONS
    return name == "Null" or (known and qualifier in ("", "ForAnyValue", "ForAllValues"))


def _holds(
    name: str, key: str, expected: Sequence[str], context: Mapping[str, Sequence[str]]
) -> bool:
    """Whether a condition holds.

    See
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
    """
    actual = next((values for one, values in context.items() if one.lower() == key), None)
    if name == "Null":
        return (actual is None) is (expected[0].lower() == "true")
    qualifier, _, base = name.rpartition(":")
    plain = base.removesuffix("IfExists")
    if not knows_operator(name):
        raise UnsupportedPolicyError(
            f"the condition operator {name!r}, on {key!r}, is not known to the local engine, "
            f"which knows {', '.join([*_COMPARISONS, *_NEGATIONS, 'Null'])}, with IfExists, "
            "ForAnyValue and ForAllValues; use one of these, or open the engine with "
            "enforce_iam=False"
        )
    compare = _COMPARISONS[_NEGATIONS.get(plain, plain)]
    negated = plain in _NEGATIONS
    if actual is None:
        if _COMPARISONS[_NEGATIONS.get(plain, plain)] is _is_within:
            raise UnsupportedPolicyError(
                f"the condition operator {name!r}, on {key!r}, is about the network of a request, "
                "which the local engine does not know; open the engine with enforce_iam=False"
            )
        # AWS: a negated operator holds for a key that the request does not have.
        absent_holds = plain != base or qualifier == "ForAllValues"
        return absent_holds or (negated and qualifier != "ForAnyValue")
    met = [any(compare(one, value) for one in expected) is not negated for value in actual]
    return any(met) if qualifier == "ForAnyValue" else all(met)
