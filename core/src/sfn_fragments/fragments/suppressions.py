"""Reasons for the wildcards of a role's policies, as cdk-nag 3 reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jsii
from aws_cdk import Stack
from aws_cdk.aws_iam import CfnManagedPolicy, CfnPolicy, IRole
from constructs import IValidation

from sfn_fragments_asl.permissions.wildcards import (
    KINDS,
    WITHOUT_RESOURCES,
    Wildcard,
    explained_wildcards,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from constructs import Node

# CDK's ``Validations.ACKNOWLEDGED_RULES_METADATA_KEY``, and the ids that it stores: a rule of a
# plugin as an annotation. Written out, since older releases of CDK have no such class, and since
# metadata without a reader is harmless.
_METADATA = "aws:cdk:acknowledged-rules"
_RULE = "Annotation::AwsSolutions-IAM5[{finding}]"


def explain_wildcards(
    policy: CfnManagedPolicy | CfnPolicy, document: Mapping[str, Any] | None
) -> None:
    """Give the reason for each wildcard of a policy that is derived from a definition.

    The findings of cdk-nag hold names that CDK settles at the end, such as those of exports of
    other stacks. There, the reasons are added when CDK validates the app, which is after that and
    before plugins such as cdk-nag.

    Args:
        policy: The policy.
        document: What it holds; ``None`` where that is settled at the end.
    """
    if document is None:
        policy.node.add_validation(_Explanation(lambda: policy))
    else:
        _explain(policy, explained_wildcards(document))


def explain_default_policy(node: Node, role: IRole) -> None:
    """Give the reason for wildcards of CDK's in the default policy of a role.

    CDK puts the statements for logs and traces there, and an app its own. Only what IAM knows no
    resources for gets a reason: what else is there is for the app to explain.

    Args:
        node: Node of the state machine.
        role: Its role.
    """

    def policy() -> Any:
        default = role.node.try_find_child("DefaultPolicy")
        return default.node.default_child if default is not None else None

    node.add_validation(_Explanation(policy, WITHOUT_RESOURCES))


@jsii.implements(IValidation)
class _Explanation:
    def __init__(self, policy: Callable[[], Any], kinds: Sequence[Wildcard] = KINDS) -> None:
        self._policy = policy
        self._kinds = kinds

    def validate(self) -> list[str]:
        """Add the reasons; there is nothing to complain about."""
        policy = self._policy()
        if isinstance(policy, CfnManagedPolicy | CfnPolicy):
            document = Stack.of(policy).resolve(policy.policy_document)
            _explain(policy, explained_wildcards(document, self._kinds))
        return []


def _explain(policy: CfnManagedPolicy | CfnPolicy, reasons: Mapping[str, str]) -> None:
    if reasons:
        rules = {_RULE.format(finding=finding): text for finding, text in reasons.items()}
        policy.node.add_metadata(_METADATA, rules, stack_trace=False)
