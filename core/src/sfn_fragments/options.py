"""What plugins may adjust on a state machine before it is made."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aws_cdk import Duration
    from aws_cdk.aws_stepfunctions import LogOptions


@dataclass
class StateMachineOptions:
    """Options of a state machine that is about to be made; plugins change them in place.

    Args:
        name: Name of the state machine; ``None`` lets CloudFormation choose one.
        timeout: How long one execution may take; ``None`` sets no limit.
        logs: Where executions are logged, and at which level; ``None`` logs nothing.
        tracing_enabled: Whether executions send traces to AWS X-Ray.
        tags: Tags of the state machine, key to value.

    Example:
        >>> options = StateMachineOptions(name="dev-sync")
        >>> options.tags["team"] = "imaging"
        >>> options.tracing_enabled
        True
    """

    name: str | None = None
    timeout: Duration | None = None
    logs: LogOptions | None = None
    tracing_enabled: bool = True
    tags: dict[str, str] = field(default_factory=dict)
