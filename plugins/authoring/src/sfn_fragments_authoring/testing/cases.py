"""What only the author of a plugin knows, and its suite needs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True)
class CheckCase:
    """Two definitions for one check.

    Args:
        fires: A definition, as parsed JSON, in which the check finds something.
        quiet: One in which it finds nothing.

    Examples:
        >>> wait = {"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 1, "End": True}}}
        >>> done = {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}
        >>> CheckCase(fires=wait, quiet=done).quiet["StartAt"]
        'A'
    """

    fires: Mapping[str, Any]
    quiet: Mapping[str, Any]


@dataclass(frozen=True)
class RunnerCase:
    """Two jobs for one runner.

    Args:
        image: Image of their job definition, which the runner accepts.
        succeeds: Command of a job that succeeds.
        fails: Command of a job that fails.
        output: Text that the first writes.
        environment: Environment variables of both.
    """

    image: str
    succeeds: Sequence[str]
    fails: Sequence[str]
    output: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
