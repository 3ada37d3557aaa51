"""moto's side of a stack: its models make resources, its CloudFormation shows them.

Written for moto 5.2.5. Templates are evaluated here, resource by resource, and moto gets plain
values: its own evaluation passes over what it does not know, and its errors do not say of which
resource they are.
"""

from __future__ import annotations

import json
import warnings
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from moto.cloudformation.models import Stack, cloudformation_backends
from moto.cloudformation.parsing import (
    Export,
    OutputMap,
    get_model_map,
    parse_and_update_resource,
)

from sfn_fragments_local.deployment.errors import UnusableValueError
from sfn_fragments_local.deployment.moto_updates import take_from_role

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sfn_fragments_local.deployment.made import Made

#: Types that moto takes without a model.
_NO_MODEL = ("?", "AWS::SERVICE::RESOURCE", "AWS::CloudFormation::Stack")


def moto_makes(kind: str) -> bool:
    """Whether moto has a model for resources of a type.

    Args:
        kind: The type.
    """
    return kind in get_model_map() and kind not in _NO_MODEL


class Placeholder:
    """Shows a resource that no model of moto's made, in moto's CloudFormation."""

    def __init__(self, logical_id: str, kind: str, made: Made) -> None:
        self.logical_resource_id = logical_id
        self.cf_resource_type = kind
        self.physical_resource_id = made.ref
        self.made = made

    def is_created(self) -> bool:
        """It is there."""
        return True

    def delete(self, account: str, region: str) -> None:
        """Nothing of moto's is to be deleted."""


class MotoStack:
    """A stack of moto's CloudFormation, filled one resource after the other.

    Args:
        name: Its name.
        account: Account of the engine.
        region: Region of the engine.
    """

    def __init__(self, name: str, account: str, region: str) -> None:
        self._account, self._region = account, region
        self._backend = cloudformation_backends[account][region]
        known = [one for one in self._backend.stacks.values() if one.name == name]
        self._stack: Stack = (
            known[0]
            if known
            else self._backend.create_stack(name, json.dumps({"Resources": {}}), parameters={})
        )
        # Its own private members: moto has no other way to add one resource.
        self._map: Any = self._stack.resource_map

    @property
    def stack_id(self) -> str:
        """The stack's ARN."""
        return str(self._stack.stack_id)

    def known(self) -> dict[str, tuple[str, Mapping[str, Any]]]:
        """Logical id to type and evaluated properties, of what earlier deployments made."""
        return {
            key: (one["Type"], one["Properties"])
            for key, one in self._map._resource_json_map.items()
            if key in self._map._parsed_resources
        }

    def model(self, logical_id: str) -> Any:
        """What stands for a resource; None if it was not made.

        Args:
            logical_id: Its logical id.
        """
        return self._map._parsed_resources.get(logical_id)

    def show(self, logical_id: str, kind: str, properties: Mapping[str, Any], made: Made) -> None:
        """Show a resource that was made elsewhere.

        Args:
            logical_id: Its logical id.
            kind: Its type.
            properties: Its evaluated properties.
            made: What was made.
        """
        self.remember(logical_id, kind, properties)
        self._map._parsed_resources[logical_id] = Placeholder(logical_id, kind, made)

    def identify(self, logical_id: str, ref: str) -> None:
        """Show a physical id for a resource whose model has none.

        Args:
            logical_id: Its logical id.
            ref: Its physical id.
        """
        model = self.model(logical_id)
        if getattr(model, "physical_resource_id", None) is None:
            # Some models compute it, and cannot be set.
            with suppress(AttributeError):
                model.physical_resource_id = ref

    def remember(self, logical_id: str, kind: str, properties: Mapping[str, Any]) -> None:
        """Keep the properties of a resource, to compare them with those of the next deployment.

        Args:
            logical_id: Its logical id.
            kind: Its type.
            properties: Its evaluated properties.
        """
        self._map._resource_json_map[logical_id] = {"Type": kind, "Properties": dict(properties)}

    def make(self, logical_id: str, kind: str, properties: Mapping[str, Any]) -> bool:
        """Have a model of moto's make a resource, or bring it up to date.

        Args:
            logical_id: Its logical id.
            kind: Its type.
            properties: Its evaluated properties.

        Returns:
            Whether it is as the properties say; False if moto cannot change one of its type, so
            that it is as it was.
        """
        before = self.model(logical_id)
        new = {"Type": kind, "Properties": dict(properties)}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if before is None or isinstance(before, Placeholder):
                self._map._parsed_resources.pop(logical_id, None)
                self._map._resource_json_map[logical_id] = new
                try:
                    _ = self._map[logical_id]
                except BaseException:
                    del self._map._resource_json_map[logical_id]
                    raise
                return True
            old = self._map._resource_json_map[logical_id]
            changed: Any = parse_and_update_resource(
                logical_id, new, self._map, self._account, self._region
            )
        self._map._resource_json_map[logical_id] = new
        if changed is None:
            return False
        if kind == "AWS::IAM::Role":
            take_from_role(changed, old["Properties"], properties)
        self._map._parsed_resources[logical_id] = changed
        return True

    def forget(self, logical_id: str) -> None:
        """Remove a resource that the template does not have any more.

        Args:
            logical_id: Its logical id.
        """
        resource = self._map._parsed_resources.pop(logical_id)
        described = self._map._resource_json_map.pop(logical_id)
        # What is not empty stays, as it does on AWS, where the deployment succeeds all the same.
        with suppress(Exception):
            self._map._delete_resource(resource, described)

    def finish(
        self,
        body: Mapping[str, Any],
        parameters: Mapping[str, Any],
        outputs: Mapping[str, Mapping[str, Any]],
    ) -> None:
        """Show template, parameters and outputs, and export what is exported.

        Args:
            body: The template.
            parameters: Its parameters' values.
            outputs: Its outputs, evaluated.
        """
        stack: Any = self._stack
        stack.template, stack.template_dict = json.dumps(body), dict(body)
        stack.description = body.get("Description")
        self._map.resolved_parameters = dict(parameters)
        self._map.no_echo_parameter_keys = []
        for name in [one.name for one in stack.exports]:
            self._backend.exports.pop(name, None)
        stack.output_map = OutputMap(
            self._map, {"Outputs": {key: dict(one) for key, one in outputs.items()}}, self.stack_id
        )
        for name in (one["Export"]["Name"] for one in outputs.values() if "Export" in one):
            if name in self._backend.exports:
                raise UnusableValueError(
                    f"another stack exports {name!r}; names of exports must be unique", "Outputs"
                )
        for export in stack.exports:
            self._backend.exports[export.name] = export
        stack.mark_creation_complete()


def renamed(kind: str, before: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Whether a resource gets another name, for which AWS replaces it; moto keeps the old one.

    Args:
        kind: Its type.
        before: Its evaluated properties so far.
        now: Its new ones.
    """
    name: Any = get_model_map()[kind].cloudformation_name_type()
    return bool(name) and before.get(name) != now.get(name)


def exported(name: str, account: str, region: str) -> Any:
    """What a stack exports; None if there is no such export.

    Args:
        name: Name of the export.
        account: Account of the engine.
        region: Region of the engine.
    """
    export: Export | None = cloudformation_backends[account][region].exports.get(name)
    return None if export is None else export.value


def output_of(stack: str, output: str, account: str, region: str) -> Any:
    """An output of a stack; None if there is no such stack or output.

    Args:
        stack: Name or ARN of the stack.
        output: Its output.
        account: Account of the engine.
        region: Region of the engine.
    """
    for one in cloudformation_backends[account][region].stacks.values():
        if stack in (one.name, one.stack_id):
            found = {item["OutputKey"]: item["OutputValue"] for item in one.outputs or []}
            return found.get(output)
    return None
