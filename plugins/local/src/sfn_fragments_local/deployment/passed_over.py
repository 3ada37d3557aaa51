"""What a deployment passes over: resources that cannot matter for a run."""

from __future__ import annotations

import hashlib
from typing import Any

from sfn_fragments_local.deployment.made import Made, Order

_NETWORK = "the engine has no network"
_MONITORING = "nothing is monitored or billed"
_ACCESS = "nothing calls the engine from outside"
_SCALING = "nothing is scaled or balanced"
_SCHEDULE = "schedules and pipes do not start by themselves"

#: Type, or its beginning, to why the engine does without. What refers to such a resource gets an
#: id that nothing else has.
PASSED_OVER = {
    "AWS::CDK::Metadata": "it only informs AWS about the constructs",
    "AWS::ApiGateway::": _ACCESS,
    "AWS::ApiGatewayV2::": _ACCESS,
    "AWS::ApplicationAutoScaling::": _SCALING,
    "AWS::AutoScaling::": _SCALING,
    "AWS::Backup::": "nothing is backed up",
    "AWS::Budgets::": _MONITORING,
    "AWS::CertificateManager::": _ACCESS,
    "AWS::Chatbot::": _MONITORING,
    "AWS::CloudFormation::WaitCondition": "nothing is waited for",
    "AWS::CloudFront::": _ACCESS,
    "AWS::CloudTrail::": _MONITORING,
    "AWS::CloudWatch::": _MONITORING,
    "AWS::Cognito::": _ACCESS,
    "AWS::Config::": _MONITORING,
    "AWS::EC2::": _NETWORK,
    "AWS::EFS::MountTarget": _NETWORK,
    "AWS::ElasticLoadBalancing": _SCALING,
    "AWS::IAM::Group": "nobody signs in",
    "AWS::IAM::OIDCProvider": _ACCESS,
    "AWS::IAM::ServiceLinkedRole": "roles of services are not looked at",
    "AWS::IAM::UserToGroupAddition": "nobody signs in",
    "AWS::Lambda::EventInvokeConfig": "asynchronous invocations are not retried",
    "AWS::Lambda::Url": _ACCESS,
    "AWS::Logs::DataProtectionPolicy": _MONITORING,
    "AWS::Logs::MetricFilter": _MONITORING,
    "AWS::Logs::QueryDefinition": _MONITORING,
    "AWS::Logs::SubscriptionFilter": _MONITORING,
    "AWS::Pipes::": _SCHEDULE,
    "AWS::ResourceGroups::": _MONITORING,
    "AWS::Route53": _NETWORK,
    "AWS::S3::AccessPoint": _ACCESS,
    "AWS::Scheduler::": _SCHEDULE,
    "AWS::SecretsManager::RotationSchedule": "secrets are not rotated",
    "AWS::ServiceCatalogAppRegistry::": _MONITORING,
    "AWS::Synthetics::": _MONITORING,
    "AWS::WAFv2::": _ACCESS,
}


def why_passed_over(kind: str) -> str | None:
    """Why a run does not need resources of a type; None if it may.

    Args:
        kind: The type, such as ``AWS::EC2::VPCEndpoint``.
    """
    if kind in PASSED_OVER:
        return PASSED_OVER[kind]
    return next(
        (why for begin, why in PASSED_OVER.items() if kind.startswith(begin)),
        None,
    )


class StandIn(Made):
    """A resource that was passed over; its attributes are texts that nothing else has."""

    @classmethod
    def of(cls, order: Order) -> StandIn:
        """The stand-in for what was ordered.

        Args:
            order: The order.
        """
        digest = hashlib.sha256(f"{order.stack_name}/{order.logical_id}".encode()).hexdigest()[:17]
        ref = f"{order.logical_id.lower()[:40]}-{digest}"
        arn = order.arn(order.kind.split("::")[1].lower(), ref)
        return cls(ref, _Anything(ref, arn))


class _Anything(dict[str, Any]):
    def __init__(self, ref: str, arn: str) -> None:
        super().__init__()
        self._ref, self._arn = ref, arn

    def __contains__(self, name: object) -> bool:
        return True

    def __missing__(self, name: str) -> str:
        return self._arn if name.endswith("Arn") else f"{self._ref}.{name}"
