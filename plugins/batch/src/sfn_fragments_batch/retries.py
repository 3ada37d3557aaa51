"""When Batch tries a job again, unless it is told otherwise.

A job that never started, or whose host was taken away, is tried again; its own failure is final. A
rule's pattern may end with an asterisk, and there may be five rules:
https://docs.aws.amazon.com/batch/latest/APIReference/API_EvaluateOnExit.html
"""

from __future__ import annotations

from typing import Any

#: Status reasons of jobs that Spot took away: on EC2 the host is ended, on Fargate the task.
SPOT_REASONS = ("Host EC2*", "Your Spot Task was interrupted*")

_EC2_SPOT, _FARGATE_SPOT = ({"Action": "RETRY", "OnStatusReason": one} for one in SPOT_REASONS)
# The container's reason; its text goes on with what the registry said.
_PULL = {"Action": "RETRY", "OnReason": "CannotPull*"}
_EXIT = {"Action": "EXIT", "OnStatusReason": "*"}

#: For jobs on EC2, and for those of which the platform is not known at synthesis.
RETRY_STRATEGY: dict[str, Any] = {
    "Attempts": 5,
    "EvaluateOnExit": [
        {
            "Action": "RETRY",
            "OnStatusReason": "Task failed to start",
            "OnReason": "DockerTimeoutError*",
        },
        _PULL,
        _EC2_SPOT,
        _FARGATE_SPOT,
        _EXIT,
    ],
}

_FARGATE_STRATEGY: dict[str, Any] = {
    "Attempts": 5,
    "EvaluateOnExit": [
        # The task's agent says it of the task, as well as of the container.
        {"Action": "RETRY", "OnStatusReason": "CannotPull*"},
        _PULL,
        {"Action": "RETRY", "OnStatusReason": "Timeout waiting for network interface*"},
        _FARGATE_SPOT,
        _EXIT,
    ],
}


def default_retries(platforms: Any) -> dict[str, Any]:
    """The retry strategy of a job definition.

    Args:
        platforms: Its platform capabilities, as far as they are known.

    Returns:
        The strategy.
    """
    return _FARGATE_STRATEGY if platforms == ["FARGATE"] else RETRY_STRATEGY
