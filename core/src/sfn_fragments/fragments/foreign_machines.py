"""A warning of fragments in state machines of CDK's own, whose roles lack what they need.

CDK derives permissions from its own tasks alone. This library's states carry none: the function
that makes the state machine derives them from the whole definition.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary, ref

import jsii
from aws_cdk import Annotations, Stack
from constructs import Construct, IValidation

from sfn_fragments_asl.model.definition import Definition

if TYPE_CHECKING:
    from aws_cdk.aws_stepfunctions import StateMachineFragment

#: Id of the warning, by which ``Annotations.of(machine).acknowledge_warning`` silences it.
WARNING = "sfn-fragments:permissions"

# States of the machines that this library has made, by stack.
_granted: WeakKeyDictionary[Stack, set[str]] = WeakKeyDictionary()
_watched: WeakKeyDictionary[Construct, list[ref[StateMachineFragment]]] = WeakKeyDictionary()


def remember_granted(stack: Stack, definition: Definition) -> None:
    """Say that the role of a state machine has what its states need."""
    _granted.setdefault(stack, set()).update(_state_names(definition))


def watch(fragment: StateMachineFragment, scope: Construct) -> None:
    """Warn at synthesis if a fragment ends up in a state machine of CDK's own.

    Args:
        fragment: The fragment.
        scope: The construct that holds it; one round trip to Node serves all fragments in it.
    """
    if scope not in _watched:
        _watched[scope] = []
        fragment.node.add_validation(_Foreign(_watched[scope]))
    _watched[scope].append(ref(fragment))


@jsii.implements(IValidation)
class _Foreign:
    def __init__(self, fragments: list[ref[StateMachineFragment]]) -> None:
        self._fragments = fragments

    def validate(self) -> list[str]:
        """Warn; CDK has rendered everything by then, and complains about nothing."""
        for reference in self._fragments:
            fragment = reference()
            # One without states has not been used, and a lazy one is not to be built for this.
            if fragment is not None and "_definition" in fragment.__dict__:
                _warn(fragment)
        return []


def _warn(fragment: StateMachineFragment) -> None:
    stack, first = Stack.of(fragment), fragment.start_state.state_id
    granted = first in _granted.get(stack, ())
    for construct in () if granted else stack.node.find_all():
        text = stack.resolve(getattr(construct, "definition_string", None))
        if text and first in _state_names(Definition.from_resolved(text)):
            Annotations.of(construct).add_warning_v2(
                WARNING,
                f"fragment {fragment.node.path!r} is in a state machine that this library has not "
                "made, whose role lacks what the fragment calls: make it with "
                "sfn_fragments.fragments.create_state_machine, or add what `sfn-fragments policy` "
                "lists for the template",
            )


def _state_names(definition: Definition) -> set[str]:
    return {state.name for state in definition.machine.every_state()}
