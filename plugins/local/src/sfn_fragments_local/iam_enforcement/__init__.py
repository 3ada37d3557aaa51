"""Executions may do what their machine's role allows, and nothing else.

`policies` evaluates statements, `roles` reads them from the engine's IAM, `authorization` knows
what AWS demands for a call, `enforcement` puts these together, and `moto_hooks` asks it.
"""

from __future__ import annotations

from sfn_fragments_local.iam_enforcement.enforcement import IamEnforcement
from sfn_fragments_local.iam_enforcement.moto_hooks import enforced
from sfn_fragments_local.iam_enforcement.policies import Request, UnsupportedPolicyError

__all__ = ["IamEnforcement", "Request", "UnsupportedPolicyError", "enforced"]
