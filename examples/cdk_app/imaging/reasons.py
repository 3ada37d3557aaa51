"""Reasons for what cdk-nag finds, at the construct that they hold for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Acknowledgment, CfnElement, Stack, Validations

if TYPE_CHECKING:
    from constructs import Construct


def acknowledge(construct: Construct, rule: str, reason: str) -> None:
    """Tell cdk-nag why a rule does not hold for a construct and what is in it.

    Args:
        construct: The construct.
        rule: The rule, such as ``S1`` or ``IAM5[Resource::*]``.
        reason: Why.
    """
    rule_id = f"AwsSolutions-{rule}"
    Validations.of(construct).acknowledge(Acknowledgment(id=rule_id, reason=reason))


def logical_id(construct: Construct) -> str:
    """The id by which findings name a resource.

    Args:
        construct: The resource's construct.
    """
    resource = construct.node.default_child
    assert isinstance(resource, CfnElement)
    return str(Stack.of(construct).resolve(resource.logical_id))
