"""What a rule is, what it looks at, and what it finds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from sfn_fragments_asl.model.state_machine import CheckedDefinition

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["Check", "CheckedDefinition", "Finding"]


@dataclass(frozen=True)
class Finding:
    """One place in a definition that breaks a rule.

    Attributes:
        place: The state's name, or ``definition``.
        message: What is wrong, with the value.
        remedy: What to do; where it is empty, what the rule says.
        pointer: JSON Pointer of the place in the definition; where it is empty, that of the
            state.
    """

    place: str
    message: str
    remedy: str = ""
    pointer: str = ""


@dataclass(frozen=True)
class Check:
    """A rule over any definition.

    Args:
        id: Rule id, ``<plugin>.<rule>``, such as ``asl.state-name-length``.
        severity: ``error`` for what AWS refuses or what fails in every execution, ``warning`` for
            what is most likely a mistake, ``advice`` for what is a matter of style or cost.
        why: One sentence: why it matters.
        find: Called with the definition and what is known about it; yields the findings.
        what: One sentence: what the rule finds.
        remedy: What to do where a finding has no remedy of its own.
        at_synthesis: Whether it runs whenever CDK makes a state machine. False for what takes
            longer than some milliseconds; ``sfn-fragments check`` and the test suite for
            fragments run it all the same.

    Examples:
        >>> def find(checked):
        ...     for state in checked.states():
        ...         if state.type == "Wait":
        ...             yield Finding(state.name, "waits")
        >>> check = Check("acme.no-wait", "warning", "Waiting is billed.", find)
        >>> wait = {"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 1, "End": True}}}
        >>> [finding.place for finding in check.find(CheckedDefinition(wait))]
        ['A']
    """

    id: str
    severity: Literal["error", "warning", "advice"]
    why: str
    find: Callable[[CheckedDefinition], Iterable[Finding]]
    what: str = ""
    remedy: str = ""
    at_synthesis: bool = True


def attribute_problems(check: Check, prefix: str = "") -> list[str]:
    """What is wrong with a rule that somebody else made, and need not have type-checked.

    Args:
        check: The rule.
        prefix: What its id is to begin with, before a dot; empty for anything.

    Returns:
        Each problem in a few words.
    """
    identifier: Any = check.id
    severity: Any = check.severity
    wrong = []
    pattern = (re.escape(prefix) or r"[^\s.]+") + r"\.\S+"
    if not (isinstance(identifier, str) and re.fullmatch(pattern, identifier)):
        wrong.append(f"id: give {prefix or '<plugin>'}.<rule>, without blanks")
    if severity not in ("error", "warning", "advice"):
        wrong.append(f"severity: give error, warning or advice, not {severity!r}")
    return wrong
