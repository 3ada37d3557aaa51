"""Permissions of a state machine's role, derived from its definition."""

from __future__ import annotations

from sfn_fragments.iam.allowed_resources import AllowedResources
from sfn_fragments.iam.permission import Permission
from sfn_fragments.iam.statements import derive_permissions, policy_document

__all__ = ["AllowedResources", "Permission", "derive_permissions", "policy_document"]
