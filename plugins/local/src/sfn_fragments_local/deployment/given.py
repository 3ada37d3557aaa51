"""What the user gives for a deployment: values of parameters, and of what cannot be made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from sfn_fragments_local.deployment.errors import DeploymentError

if TYPE_CHECKING:
    from sfn_fragments_local.deployment.template import Template


def require_known(
    templates: Iterable[Template],
    parameters: Mapping[str, Any],
    resources: Mapping[str, Mapping[str, Any]],
) -> None:
    """Refuse values for what no stack has; a misspelt name would be passed over in silence.

    Args:
        templates: The stacks that are deployed.
        parameters: Values of parameters, by ``Name`` or ``Stack:Name``.
        resources: Values of resources, by logical id, construct path or ``Stack/LogicalId``.

    Raises:
        DeploymentError: A name is not known, or values are of a wrong type.
    """
    for what, given in (("parameters", parameters), ("resources", resources)):
        if not isinstance(given, Mapping):
            raise DeploymentError(f"deploy: {what}={given!r}: give a mapping of names to values")
    for name, values in resources.items():
        if not isinstance(values, Mapping):
            raise DeploymentError(
                f"deploy: resources[{name!r}]={values!r}: give what 'Ref' and attributes are"
            )
    templates = list(templates)
    _require("parameters", parameters, _parameter_names(templates))
    # The resources of nested stacks are read later only.
    if not any(_has_nested(one) for one in templates):
        _require("resources", resources, _resource_names(templates))


def _parameter_names(templates: list[Template]) -> set[str]:
    declared = [
        (one.stack_name, name) for one in templates for name in (one.body.get("Parameters") or {})
    ]
    return {name for _, name in declared} | {f"{stack}:{name}" for stack, name in declared}


def _resource_names(templates: list[Template]) -> set[str]:
    return {
        name
        for one in templates
        for key in one.resources
        for name in (key, f"{one.stack_name}/{key}", one.path_of(key))
        if name is not None
    }


def _has_nested(template: Template) -> bool:
    return any(
        one.get("Type") == "AWS::CloudFormation::Stack" for one in template.resources.values()
    )


def _require(what: str, given: Mapping[str, Any], known: set[str]) -> None:
    for name in given:
        if name not in known:
            near = get_close_matches(str(name), known, n=3)
            raise DeploymentError(
                f"deploy: {what}: no stack that is deployed has {name!r}"
                + (f"; did you mean {' or '.join(near)}?" if near else "")
            )
