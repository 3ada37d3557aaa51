"""Calls of services, as the resource of a state names them.

https://docs.aws.amazon.com/step-functions/latest/dg/integrate-services.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_RESOURCE = re.compile(r"arn:aws:states:::(aws-sdk:)?([^:]+):([^.:]+)((?:\.\w+(?::2)?)?)")


@dataclass(frozen=True)
class ServiceCall:
    """A service integration.

    Attributes:
        service: The service, as the integration's ARN names it, such as ``s3``.
        action: The API action, as there, such as ``putObject``.
        pattern: ``.sync``, ``.sync:2``, ``.waitForTaskToken``, or empty.
        sdk: Whether it is an AWS SDK integration, and no optimized one.

    Examples:
        >>> service_call("arn:aws:states:::batch:submitJob.sync")
        ServiceCall(service='batch', action='submitJob', pattern='.sync', sdk=False)
    """

    service: str
    action: str
    pattern: str = ""
    sdk: bool = False

    @property
    def waits_for_end(self) -> bool:
        """Whether the state goes on when what it started has ended (``.sync``)."""
        return self.pattern.startswith(".sync")

    @property
    def waits(self) -> bool:
        """Whether the state waits longer than the call takes: for an end or a task token."""
        return bool(self.pattern)


@lru_cache(maxsize=1024)
def service_call(resource: str) -> ServiceCall | None:
    """The service integration that a resource is.

    Args:
        resource: The ``Resource`` of a state, in the partition ``aws``.

    Returns:
        The call; ``None`` where it is none, such as the ARN of a function.
    """
    match = _RESOURCE.fullmatch(resource)
    if match is None:
        return None
    sdk, service, action, pattern = match.groups()
    return ServiceCall(service, action, pattern, bool(sdk))


def in_aws_partition(resource: str) -> str:
    """A resource with the partition ``aws``, whatever it is written with.

    Args:
        resource: The ``Resource`` of a state; its partition may be a place to fill in.

    Examples:
        >>> in_aws_partition("arn:${AWS::Partition}:states:::lambda:invoke")
        'arn:aws:states:::lambda:invoke'
    """
    partition, states, rest = resource.partition(":states:::")
    return f"arn:aws{states}{rest}" if states and partition.startswith("arn:") else resource
