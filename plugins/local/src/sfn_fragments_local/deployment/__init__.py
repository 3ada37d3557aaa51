"""Deploys synthesized stacks to the engine.

The template is evaluated here (`intrinsics`, `scope`), one resource after the other (`stack`).
moto's models make most resources (`moto_stack`, `moto_resources`, `moto_attributes`). State
machines (`machines`), what belongs to Batch (`batch`) and some others (`services`) are made through
the services' own APIs instead; what cannot matter for a run is passed over (`passed_over`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfn_fragments_local.deployment.batch import create_compute_environment
from sfn_fragments_local.deployment.errors import DeploymentError
from sfn_fragments_local.deployment.given import require_known
from sfn_fragments_local.deployment.result import Deployment, merged
from sfn_fragments_local.deployment.sources import read_templates
from sfn_fragments_local.deployment.stack import StackDeployment
from sfn_fragments_local.deployment.target import Target
from sfn_fragments_local.deployment.template import Template

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "Deployment",
    "DeploymentError",
    "Target",
    "Template",
    "create_compute_environment",
    "deploy_templates",
    "merged",
    "read_templates",
]


def deploy_templates(templates: Iterable[Template], target: Target) -> list[Deployment]:
    """Deploy stacks, or bring them up to date.

    Args:
        templates: The stacks, in the order in which they must be deployed.
        target: Where they are deployed to.

    Returns:
        What was deployed, by stack; nested ones after those that hold them.

    Raises:
        DeploymentError: A parameter, resource or output of one cannot be made; it is named.
    """
    templates = list(templates)
    require_known(templates, target.parameters, target.resources)
    return [one for template in templates for one in StackDeployment(template, target).deploy()]
