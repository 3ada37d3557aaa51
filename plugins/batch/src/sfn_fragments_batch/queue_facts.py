"""What a job queue that is a construct shows of itself; of a name or an ARN nothing is known."""

from __future__ import annotations

import sys
from typing import Any

from sfn_fragments_batch.names import asked_once


def shown_platform(queue: Any) -> str | None:
    """The platform of a queue's compute environments.

    Args:
        queue: The queue, its name or its ARN.

    Returns:
        ``EC2`` or ``FARGATE``, which a queue cannot mix; ``None`` where it does not show.
    """
    if not _is_made_here(queue):
        return None
    # Whoever has such a queue has imported it already.
    from aws_cdk.aws_batch import (
        FargateComputeEnvironment,
        ManagedEc2EcsComputeEnvironment,
        UnmanagedComputeEnvironment,
    )

    for ordered in asked_once(queue, "compute_environments") or ():
        environment = ordered.compute_environment
        if isinstance(environment, FargateComputeEnvironment):
            return "FARGATE"
        if isinstance(environment, ManagedEc2EcsComputeEnvironment | UnmanagedComputeEnvironment):
            return "EC2"
        # One that is imported does not show what it is, unlike another of the same queue.
    return None


def has_policy(queue: Any) -> bool | None:
    """Whether a queue has a scheduling policy, with which it takes share identifiers.

    Args:
        queue: The queue, its name or its ARN.

    Returns:
        ``None`` where it does not show.
    """
    if not _is_made_here(queue):
        return None
    return asked_once(queue, "scheduling_policy") is not None


def _is_made_here(queue: Any) -> bool:
    """Whether a queue is made in the app; of one that is imported nothing is known."""
    # Whoever has made one has imported it: looking there asks Node nothing.
    batch = sys.modules.get("aws_cdk.aws_batch")
    return batch is not None and isinstance(queue, batch.JobQueue)
