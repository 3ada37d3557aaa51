"""What a rule is, what it looks at, and what it finds."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from sfn_fragments.checks.graph import Machine, State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping


@dataclass(frozen=True)
class CheckedDefinition:
    """A definition, with what is known of the state machine that it is for.

    Attributes:
        definition: The parsed JSON: ``StartAt``, ``States`` and so on. What only CloudFormation
            knows is a marker such as ``${Bucket}``.
        logical_id: Logical id of the state machine in its template; None for a definition alone.
        resources: The resources of the template by logical id; empty for a definition alone, and
            while CDK synthesizes.
        express: Whether the state machine is of type ``EXPRESS``.
        log_groups: Names of the log groups that it writes to, with markers.

    Example:
        >>> checked = CheckedDefinition({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}})
        >>> [(state.name, state.type) for state in checked.states()]
        [('A', 'Succeed')]
    """

    definition: Mapping[str, Any]
    logical_id: str | None = None
    resources: Mapping[str, Any] = field(default_factory=dict)
    express: bool = False
    log_groups: tuple[str, ...] = ()

    @cached_property
    def machine(self) -> Machine:
        """The definition as a graph of states; what is malformed in it is left out."""
        return Machine(self.definition)

    def machines(self) -> Iterator[Machine]:
        """The state machine, then each branch and item processor, at every depth."""
        return self.machine.walk()

    def states(self) -> Iterator[State]:
        """Every state, those inside Map and Parallel states included."""
        for machine in self.machines():
            yield from machine.states.values()


@dataclass(frozen=True)
class Finding:
    """One place in a definition that breaks a rule.

    Attributes:
        place: The state's name, or ``definition``.
        message: What is wrong, with the value.
        remedy: What to do; where it is empty, what the rule says.
    """

    place: str
    message: str
    remedy: str = ""


@dataclass(frozen=True)
class Check:
    """A rule over any definition.

    Args:
        id: Rule id, ``<plugin>.<rule>``, such as ``core.state-name-length``.
        severity: ``error`` for what AWS refuses or what fails in every execution, ``warning`` for
            the rest.
        why: One sentence: why it matters.
        find: Called with the definition and what is known about it; yields the findings.
        what: One sentence: what the rule finds.
        remedy: What to do where a finding has no remedy of its own.
        at_synthesis: Whether it runs whenever CDK makes a state machine. False for what takes
            longer than some milliseconds; ``sfn-fragments check`` and the test suite for
            fragments run it all the same.

    Example:
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
    severity: Literal["error", "warning"]
    why: str
    find: Callable[[CheckedDefinition], Iterable[Finding]]
    what: str = ""
    remedy: str = ""
    at_synthesis: bool = True
