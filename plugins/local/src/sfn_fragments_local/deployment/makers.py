"""Which resources are made here, and which by nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfn_fragments_local.deployment.batch import BATCH
from sfn_fragments_local.deployment.machines import MACHINES
from sfn_fragments_local.deployment.managed_policies import MANAGED_POLICIES
from sfn_fragments_local.deployment.moto_stack import moto_makes
from sfn_fragments_local.deployment.passed_over import why_passed_over
from sfn_fragments_local.deployment.resource_policies import RESOURCE_POLICIES
from sfn_fragments_local.deployment.services import SERVICES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sfn_fragments_local.deployment.made import Maker

#: A nested stack, which is a deployment of its own.
STACK = "AWS::CloudFormation::Stack"

#: What is made through the services' own APIs, without moto's CloudFormation.
MAKERS: Mapping[str, Maker] = {
    **BATCH,
    **MACHINES,
    **MANAGED_POLICIES,
    **RESOURCE_POLICIES,
    **SERVICES,
}


def why_not_made(kind: str) -> str | None:
    """Why nothing makes, and nothing passes over, a resource of a type; None if something does.

    Args:
        kind: The type.
    """
    if kind in MAKERS or kind == STACK or moto_makes(kind) or why_passed_over(kind):
        return None
    if kind.startswith("Custom::") or kind == "AWS::CloudFormation::CustomResource":
        return "custom resources are not run"
    return "moto does not know its type"
