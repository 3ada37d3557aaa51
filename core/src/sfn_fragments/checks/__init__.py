"""Checks of a definition before it is deployed: what AWS would refuse, and what would cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence


@dataclass(frozen=True)
class Finding:
    """One place in a definition that breaks a rule.

    Attributes:
        place: The state's name, or ``definition``.
        message: What is wrong, with the value.
        remedy: What to do.
    """

    place: str
    message: str
    remedy: str


@dataclass(frozen=True)
class Check:
    """A rule over any definition.

    Args:
        id: Rule id, ``<plugin>.<rule>``, such as ``core.state-name-length``.
        severity: ``error`` for what AWS refuses, ``warning`` for the rest.
        why: One sentence: why it matters.
        find: Called with the parsed definition; yields the findings.

    Example:
        >>> check = Check("acme.no-wait", "warning", "Waiting is billed.", lambda d: [])
        >>> list(check.find({"StartAt": "A", "States": {}}))
        []
    """

    id: str
    severity: Literal["error", "warning"]
    why: str
    find: Callable[[Mapping[str, Any]], Iterable[Finding]]


def builtin_checks() -> Sequence[Check]:
    """The checks of the core."""
    from sfn_fragments.checks.limits import LIMIT_CHECKS

    return LIMIT_CHECKS


def run_checks(
    definition: Mapping[str, Any], checks: Iterable[Check]
) -> list[tuple[Check, Finding]]:
    """Check a definition.

    Args:
        definition: The parsed definition.
        checks: The rules.

    Returns:
        Every finding with its rule, in the order of the rules.
    """
    return [(check, finding) for check in checks for finding in check.find(definition)]
