"""What one state needs to be allowed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Permission:
    """What one state needs.

    Attributes:
        state: Name of the state.
        actions: IAM actions, such as ``s3:PutObject``.
        resources: ARNs, with ``${AWS::Partition}`` and the like where they are known at
            deployment only, or ``*``.
        conditions: IAM conditions.
        note: Why the resources are not narrower, and how to narrow them, a line for each
            parameter; empty where the definition names them.
    """

    state: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
