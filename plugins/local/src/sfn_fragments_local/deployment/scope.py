"""Where the values of one stack's template come from."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from moto.utilities.utils import get_partition

from sfn_fragments_local.deployment.dynamic_references import without_dynamic_references
from sfn_fragments_local.deployment.errors import UnusableValueError
from sfn_fragments_local.deployment.intrinsics import condition_holds
from sfn_fragments_local.deployment.moto_stack import exported, output_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class StackScope:
    """The parameters, conditions, mappings and resources of a stack, and other stacks.

    Args:
        body: The template.
        stack_name: Name of the stack.
        stack_id: Its ARN.
        parameters: Values of its parameters.
        account: Account of the engine.
        region: Region of the engine.
        client: Returns a boto3 client of the engine for a service.
        ref: Returns the physical id of a resource of the template, which is made if need be.
        attribute: Returns an attribute of a resource, likewise.
    """

    def __init__(
        self,
        body: Mapping[str, Any],
        *,
        stack_name: str,
        stack_id: str,
        parameters: Mapping[str, Any],
        account: str,
        region: str,
        client: Callable[[str], Any],
        ref: Callable[[str], Any],
        attribute: Callable[[str, str], Any],
    ) -> None:
        self.region = region
        self._account = account
        self._stack_name = stack_name
        self._client = client
        self._body = body
        self._ref = ref
        self._attribute = attribute
        partition = get_partition(region)
        self._known = {
            "AWS::AccountId": account,
            "AWS::NotificationARNs": [],
            "AWS::Partition": partition,
            "AWS::Region": region,
            "AWS::StackId": stack_id,
            "AWS::StackName": stack_name,
            "AWS::URLSuffix": "amazonaws.com.cn" if partition == "aws-cn" else "amazonaws.com",
            **parameters,
        }
        self._conditions: dict[str, bool] = {}

    def ref(self, name: str) -> Any:
        """What ``Ref`` gives."""
        if name in self._known:
            return self._known[name]
        self._require_resource(name)
        return self._ref(name)

    def attribute(self, logical_id: str, name: str) -> Any:
        """An attribute of a resource."""
        self._require_resource(logical_id)
        return self._attribute(logical_id, name)

    def _require_resource(self, name: str) -> None:
        resources = self._body.get("Resources") or {}
        if name not in resources:
            near = get_close_matches(str(name), [*resources, *self._known], n=3)
            raise UnusableValueError(
                f"the template has no resource or parameter {name!r}"
                + (f"; did you mean {' or '.join(near)}?" if near else "")
            )

    def condition(self, name: str) -> bool:
        """Whether a condition is true."""
        if name not in self._conditions:
            conditions = self._body.get("Conditions") or {}
            if name not in conditions:
                raise UnusableValueError(f"the template has no condition {name!r}")
            self._conditions[name] = condition_holds(conditions[name], self, f"Conditions.{name}")
        return self._conditions[name]

    def mapping(self, name: str) -> Mapping[str, Any]:
        """A mapping."""
        mappings = self._body.get("Mappings") or {}
        if name not in mappings:
            raise UnusableValueError(f"the template has no mapping {name!r}")
        found: Mapping[str, Any] = mappings[name]
        return found

    def exported(self, name: str) -> Any:
        """What another stack exports."""
        value = exported(name, self._account, self.region)
        if value is None:
            raise UnusableValueError(
                f"no deployed stack exports {name!r}; deploy the stack that does first, or the app"
            )
        return value

    def stack_output(self, stack: str, output: str) -> Any:
        """An output of another stack."""
        value = output_of(stack, output, self._account, self.region)
        if value is None:
            raise UnusableValueError(
                f"no deployed stack {stack!r} has an output {output!r}; deploy it first, or the app"
            )
        return value

    def dynamic(self, text: str) -> str:
        """A text without dynamic references."""
        return without_dynamic_references(text, self._client)
