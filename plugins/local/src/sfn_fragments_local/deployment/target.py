"""Where stacks are deployed to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True)
class Target:
    """Where stacks are deployed to, and what the user gives for it.

    Attributes:
        client: Returns a boto3 client of the engine for a service.
        account: Account of the engine.
        region: Region of the engine.
        parameters: Values of parameters, by ``Name`` or ``Stack:Name``.
        resources: Values of resources that the engine cannot make: by logical id, construct path
            or ``Stack/LogicalId``, what ``Ref`` and the attributes give.
        checked: Whether state machines are refused in which the rules find an error.
    """

    client: Callable[[str], Any]
    account: str
    region: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    resources: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    checked: bool = True
