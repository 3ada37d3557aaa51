"""The definition of a state machine as CDK renders it, and policies that refer to what it does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jsii
from aws_cdk import IAnyProducer, IResolveContext, Lazy, Stack

from sfn_fragments_asl.model.definition import Definition

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk.aws_stepfunctions import CfnStateMachine, StateMachine


class Rendered:
    """What CDK makes of the states of a state machine.

    Args:
        machine: The state machine.
        resource: What it is in the template.
    """

    def __init__(self, machine: StateMachine, resource: CfnStateMachine) -> None:
        self.stack = Stack.of(machine)
        self._text = resource.definition_string
        self.definition = self._current()

    def _current(self) -> Definition:
        return Definition.from_resolved(self.stack.resolve(self._text))

    def again(self, make: Callable[[Definition], dict[str, Any]]) -> Any:
        """What is derived from the definition, made when CDK asks for it.

        A resource of another stack is an export or a parameter in the end, which CDK settles when
        the app is synthesized, for what it has rendered itself.

        Args:
            make: Makes it of a definition.
        """
        return Lazy.uncached_any(_Late(lambda: make(self._current())))


@jsii.implements(IAnyProducer)
class _Late:
    def __init__(self, make: Callable[[], dict[str, Any]]) -> None:
        self._make = make

    def produce(self, context: IResolveContext) -> Any:  # noqa: ARG002 - CDK's signature
        """The policy as it is by now."""
        return self._make()
