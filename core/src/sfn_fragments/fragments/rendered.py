"""The definition of a state machine as CDK renders it, and policies that refer to what it does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, cast

import jsii
from aws_cdk import IAnyProducer, IResolveContext, Lazy, Stack

from sfn_fragments.definition import Definition

if TYPE_CHECKING:
    from aws_cdk.aws_stepfunctions import CfnStateMachine, StateMachine
    from constructs import Node


class Rendered:
    """What CDK makes of the states of a state machine.

    Args:
        machine: The state machine.
        node: Its node.
    """

    def __init__(self, machine: StateMachine, node: Node) -> None:
        self.stack = Stack.of(machine)
        self._text = cast("CfnStateMachine", node.default_child).definition_string
        self.definition = self._current()

    def _current(self) -> Definition:
        return Definition.from_resolved(self.stack.resolve(self._text))

    def policy(self, make: Callable[[Definition], dict[str, Any]]) -> Any:
        """A policy that is derived from the definition.

        A resource of another stack is an export or a parameter in the end, which CDK settles when
        the app is synthesized, for what it has rendered itself: then the policy is made again.

        Args:
            make: Makes the policy of a definition.

        Returns:
            The policy, or what makes it when CDK asks for it; ``None`` where it has no statement.
        """
        document = make(self.definition)
        if not document["Statement"]:
            return None
        if not _has_names(document):
            return document
        return Lazy.uncached_any(_Late(lambda: make(self._current())))


@jsii.implements(IAnyProducer)
class _Late:
    def __init__(self, make: Callable[[], dict[str, Any]]) -> None:
        self._make = make

    def produce(self, context: IResolveContext) -> Any:  # noqa: ARG002 - CDK's signature
        """The policy as it is by now."""
        return self._make()


def _has_names(value: Any) -> bool:
    """Whether a document refers to anything but CloudFormation's pseudo parameters."""
    if isinstance(value, Mapping):
        return any(
            not str(item).startswith("AWS::")
            if key == "Ref"
            else key in ("Fn::GetAtt", "Fn::ImportValue") or _has_names(item)
            for key, item in value.items()
        )
    return isinstance(value, list) and any(map(_has_names, value))
