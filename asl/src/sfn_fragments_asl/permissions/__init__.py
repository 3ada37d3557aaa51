"""Permissions of a state machine's role, derived from its definition."""

from __future__ import annotations

from sfn_fragments_asl.permissions.permission import Permission
from sfn_fragments_asl.permissions.statements import derive_permissions, policy_document

__all__ = ["Permission", "derive_permissions", "policy_document"]
