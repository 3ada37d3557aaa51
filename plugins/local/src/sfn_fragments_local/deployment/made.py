"""A resource that was made, and the order to make one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path


@dataclass(frozen=True)
class Order:
    """What a maker of resources is asked for.

    Attributes:
        logical_id: Logical id of the resource.
        kind: Its type, such as ``AWS::Batch::JobQueue``.
        properties: Its properties, evaluated.
        stack_name: Name of its stack.
        client: Returns a boto3 client of the engine for a service.
        account: Account of the engine.
        region: Region of the engine.
        partition: Its partition.
        assets: Key in its bucket, to the file or folder of an asset.
        before: Its physical id, if an earlier deployment made it.
        properties_before: The properties that it had then.
        checked: Whether a state machine is refused in which the rules find an error.
    """

    logical_id: str
    kind: str
    properties: Mapping[str, Any]
    stack_name: str
    client: Callable[[str], Any]
    account: str
    region: str
    partition: str = "aws"
    assets: Mapping[str, Path] = field(default_factory=dict)
    before: str | None = None
    properties_before: Mapping[str, Any] = field(default_factory=dict)
    checked: bool = True

    def name(self, given: object, length: int = 128) -> str:
        """The name that a property gives, or one made of the stack's and the resource's.

        Args:
            given: The property; None for none.
            length: How long a name may be.
        """
        if given is not None:
            return str(given)
        return f"{self.stack_name}-{self.logical_id}"[-length:].lstrip("-")

    def arn(self, service: str, resource: str) -> str:
        """The ARN of a resource of the engine.

        Args:
            service: Name of its service in ARNs.
            resource: The ARN's last part.
        """
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"


@dataclass(frozen=True)
class Made:
    """A resource that was made by a service of the engine.

    Attributes:
        ref: Its physical id, which ``Ref`` gives.
        attributes: What ``Fn::GetAtt`` gives.
    """

    ref: str
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Maker:
    """How resources of one type are made.

    Attributes:
        make: Makes one, or brings it up to date where `Order.before` is its physical id.
        remove: Removes the one with a physical id; None where nothing need be done.
    """

    make: Callable[[Order], Made]
    remove: Callable[[Callable[[str], Any], str], object] | None = None
