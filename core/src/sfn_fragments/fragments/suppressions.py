"""Reasons for the wildcards of a role's policies, as cdk-nag 3 reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import jsii
from aws_cdk import Stack
from aws_cdk.aws_iam import CfnPolicy, IRole
from constructs import IValidation

from sfn_fragments.iam.wildcards import WITHOUT_RESOURCES, explained_wildcards

if TYPE_CHECKING:
    from typing import Any

    from constructs import Node

# CDK's ``Validations.ACKNOWLEDGED_RULES_METADATA_KEY``, and the ids that it stores: a rule of a
# plugin as an annotation. Written out, since older releases of CDK have no such class, and since
# metadata without a reader is harmless.
_METADATA = "aws:cdk:acknowledged-rules"
_RULE = "Annotation::AwsSolutions-IAM5[{finding}]"


def explain_wildcards(node: Node, role: IRole, derived: CfnPolicy | None) -> None:
    """Give the reason for each wildcard that a state machine's role needs.

    The findings of cdk-nag hold names that CDK settles at the end, such as those of exports of
    other stacks. So the reasons are added when CDK validates the app, which is after that and
    before plugins such as cdk-nag.

    Args:
        node: Node of the state machine.
        role: Its role. In its default policy, where CDK puts the statements for logs and traces
            and an app its own, only what IAM knows no resources for gets a reason: what else is
            there is for the app to explain.
        derived: The policy that is derived from the definition, where there is one.
    """
    node.add_validation(_Explanation(role, derived))


@jsii.implements(IValidation)
class _Explanation:
    def __init__(self, role: IRole, derived: CfnPolicy | None) -> None:
        self._role = role
        self._derived = derived

    def validate(self) -> list[str]:
        """Add the reasons; there is nothing to complain about."""
        if self._derived is not None:
            self._explain(self._derived, explained_wildcards(self._document(self._derived)))
        default = self._role.node.try_find_child("DefaultPolicy")
        policy = default.node.default_child if default is not None else None
        if isinstance(policy, CfnPolicy):
            self._explain(policy, explained_wildcards(self._document(policy), WITHOUT_RESOURCES))
        return []

    @staticmethod
    def _document(policy: CfnPolicy) -> dict[str, Any]:
        document: dict[str, Any] = Stack.of(policy).resolve(policy.policy_document)
        return document

    @staticmethod
    def _explain(policy: CfnPolicy, reasons: dict[str, str]) -> None:
        if reasons:
            rules = {_RULE.format(finding=finding): text for finding, text in reasons.items()}
            policy.node.add_metadata(_METADATA, rules, stack_trace=False)
