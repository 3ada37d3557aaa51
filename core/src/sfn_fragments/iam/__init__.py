"""Permissions of a state machine's role, derived from its definition."""

from __future__ import annotations

from sfn_fragments.iam.statements import Permission, derive_permissions, policy_document

__all__ = ["Permission", "derive_permissions", "policy_document"]
