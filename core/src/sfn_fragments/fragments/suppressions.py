"""Reasons for the wildcards of a role's policies, as cdk-nag 3 reads them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import jsii
from aws_cdk import Stack
from constructs import IValidation

from sfn_fragments.iam.wildcards import explained_wildcards

if TYPE_CHECKING:
    from aws_cdk.aws_iam import CfnPolicy

# CDK's ``Validations.ACKNOWLEDGED_RULES_METADATA_KEY``, and the ids that it stores: a rule of a
# plugin as an annotation. Written out, since older releases of CDK have no such class, and since
# metadata without a reader is harmless.
_METADATA = "aws:cdk:acknowledged-rules"
_RULE = "Annotation::AwsSolutions-IAM5[{finding}]"


def explain_wildcards(policy: CfnPolicy, document: Mapping[str, Any]) -> None:
    """Give the reason for each wildcard of a policy that is derived from a definition.

    The findings of cdk-nag hold names, some of which CDK settles at the end, such as those of
    exports of other stacks. Where the policy has names, the reasons are added when CDK validates
    the app, which is after that and before plugins such as cdk-nag.

    Args:
        policy: The policy.
        document: What it holds.
    """
    if _has_names(document):
        policy.node.add_validation(_Explanation(policy))
    else:
        _explain(policy, document)


@jsii.implements(IValidation)
class _Explanation:
    def __init__(self, policy: CfnPolicy) -> None:
        self._policy = policy

    def validate(self) -> list[str]:
        """Add the reasons; there is nothing to complain about."""
        _explain(self._policy, Stack.of(self._policy).resolve(self._policy.policy_document))
        return []


def _explain(policy: CfnPolicy, document: Mapping[str, Any]) -> None:
    reasons = explained_wildcards(document)
    if reasons:
        rules = {_RULE.format(finding=finding): text for finding, text in reasons.items()}
        policy.node.add_metadata(_METADATA, rules, stack_trace=False)


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
