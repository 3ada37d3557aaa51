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
    listed = asked_once(queue, "compute_environments")
    if not listed:
        return None
    # Whoever has such a queue has imported it already.
    from aws_cdk.aws_batch import FargateComputeEnvironment

    first = listed[0].compute_environment
    return "FARGATE" if isinstance(first, FargateComputeEnvironment) else "EC2"


def has_policy(queue: Any) -> bool:
    """Whether a queue shows a scheduling policy, with which it takes share identifiers.

    Args:
        queue: The queue, its name or its ARN.
    """
    return _is_made_here(queue) and asked_once(queue, "scheduling_policy") is not None


def _is_made_here(queue: Any) -> bool:
    """Whether a queue is made in the app; of one that is imported nothing is known."""
    # Whoever has made one has imported it: looking there asks Node nothing.
    batch = sys.modules.get("aws_cdk.aws_batch")
    return batch is not None and isinstance(queue, batch.JobQueue)
