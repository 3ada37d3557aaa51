"""Executions, jobs and functions may do what their role allows, and nothing else.

`policies` evaluates statements, `roles` reads them from the engine's IAM, `authorization` knows
what AWS demands for a call, `encryption` what S3 asks of KMS for it, `missing_objects` what it asks
of those who look for what is not there, and `enforcement` puts these together. `moto_hooks` asks
it for executions, `served_calls` for what jobs and functions call, with the `sessions` of roles.
"""

from __future__ import annotations

from sfn_fragments_local.iam_enforcement.enforcement import IamEnforcement
from sfn_fragments_local.iam_enforcement.moto_hooks import enforced
from sfn_fragments_local.iam_enforcement.policies import Request, UnsupportedPolicyError
from sfn_fragments_local.iam_enforcement.roles import known_role
from sfn_fragments_local.iam_enforcement.served_calls import SessionGuard
from sfn_fragments_local.iam_enforcement.sessions import RoleSessions

__all__ = [
    "IamEnforcement",
    "Request",
    "RoleSessions",
    "SessionGuard",
    "UnsupportedPolicyError",
    "enforced",
    "known_role",
]
