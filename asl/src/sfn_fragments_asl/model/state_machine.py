"""A definition, with what is known of the state machine that it is for."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sfn_fragments_asl.model.machine import Machine, State

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True)
class OpenReference:
    """A place in a definition that its template does not fill in.

    Attributes:
        text: The place, such as ``${Bucket}``.
        in_sub: Whether an ``Fn::Sub`` is to fill it in, and not ``DefinitionSubstitutions``.
        closed: Whether its bracket is closed.
    """

    text: str
    in_sub: bool
    closed: bool = True


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
        open_references: Places that its template does not fill in.
        repeated: JSON Pointers of the fields that its text gives twice.
        macros: Macros of the template that may add anything to its resources.

    Examples:
        >>> checked = CheckedDefinition({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}})
        >>> [(state.name, state.type) for state in checked.states()]
        [('A', 'Succeed')]
    """

    definition: Mapping[str, Any]
    logical_id: str | None = None
    resources: Mapping[str, Any] = field(default_factory=dict)
    express: bool = False
    log_groups: tuple[str, ...] = ()
    open_references: tuple[OpenReference, ...] = ()
    repeated: tuple[str, ...] = ()
    macros: tuple[str, ...] = ()

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
