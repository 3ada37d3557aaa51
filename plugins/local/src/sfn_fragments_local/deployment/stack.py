"""Deploys one stack: each resource when all that it refers to is there."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from moto.utilities.utils import get_partition

from sfn_fragments_local.deployment.assembly import read_json
from sfn_fragments_local.deployment.blame import blamed
from sfn_fragments_local.deployment.coercion import as_text
from sfn_fragments_local.deployment.errors import DeploymentError, UnusableValueError
from sfn_fragments_local.deployment.intrinsics import NO_VALUE, evaluated
from sfn_fragments_local.deployment.made import Made, Order
from sfn_fragments_local.deployment.makers import MAKERS, STACK, why_not_made
from sfn_fragments_local.deployment.moto_attributes import attribute, physical_id
from sfn_fragments_local.deployment.moto_resources import adapted, completed
from sfn_fragments_local.deployment.moto_stack import (
    MotoStack,
    Placeholder,
    moto_makes,
    renamed,
)
from sfn_fragments_local.deployment.parameters import parameter_values
from sfn_fragments_local.deployment.passed_over import StandIn, why_passed_over
from sfn_fragments_local.deployment.published import publish_assets
from sfn_fragments_local.deployment.references import references
from sfn_fragments_local.deployment.result import Deployment
from sfn_fragments_local.deployment.scope import StackScope

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sfn_fragments_local.deployment.target import Target
    from sfn_fragments_local.deployment.template import Template

_MACHINE = "AWS::StepFunctions::StateMachine"
_JOB_DEFINITION = "AWS::Batch::JobDefinition"

#: Types whose resources are made last, in this order: they need what need not be referred to,
#: such as a role's policies.
_LAST = ("AWS::Batch::", "AWS::StepFunctions::")


class StackDeployment:
    """The deployment of one stack.

    Args:
        template: The stack.
        target: Where it is deployed to.

    Raises:
        DeploymentError: A parameter has no value.
    """

    def __init__(self, template: Template, target: Target) -> None:
        self._template = template = template.moved(target.account, target.region)
        self._target = target
        self._name = template.stack_name
        self._moto = MotoStack(self._name, target.account, target.region)
        self._before = self._moto.known()
        self._made: dict[str, Made] = {}
        self._properties: dict[str, Mapping[str, Any]] = {}
        self._making: list[str] = []
        self._skipped: dict[str, str] = {}
        self._nested: list[Deployment] = []
        with self._named("parameter"):
            self._parameters = parameter_values(
                template.body.get("Parameters") or {}, self._given_parameters(), target.client
            )
        self._scope = StackScope(
            template.body,
            stack_name=self._name,
            stack_id=self._moto.stack_id,
            parameters=self._parameters,
            account=target.account,
            region=target.region,
            client=target.client,
            ref=lambda key: self._resource(key).ref,
            attribute=self._attribute,
        )

    def deploy(self) -> list[Deployment]:
        """Deploy it, or bring it up to date.

        Returns:
            What was deployed, and after it what each of its nested stacks holds.

        Raises:
            DeploymentError: A resource or an output cannot be made.
        """
        active = self._active()
        target = self._target
        with self._named("assets"):
            publish_assets(self._template, target.client, target.account, target.region)
        self._require_what_is_referred_to(active)
        for key in sorted(active, key=lambda one: _rank(active[one]["Type"])):
            if key not in self._skipped:
                self._resource(key)
        self._remove_what_is_gone(active)
        outputs = self._outputs()
        with self._named("exports"):
            self._moto.finish(self._template.body, self._parameters, outputs)
        paths = {path: key for key in active if (path := self._template.path_of(key)) is not None}
        resources = {key: one.ref for key, one in self._made.items() if key not in self._skipped}
        deployment = Deployment(
            stacks=(self._name,),
            state_machines={
                key: ref for key, ref in resources.items() if active[key]["Type"] == _MACHINE
            },
            resources=resources,
            outputs={key: one["Value"] for key, one in outputs.items()},
            skipped=self._skipped,
            paths=paths,
        )
        return [deployment, *self._nested]

    def _given_parameters(self) -> dict[str, Any]:
        prefix = f"{self._name}:"
        given = self._target.parameters
        plain = {key: value for key, value in given.items() if ":" not in key}
        own = {
            key.removeprefix(prefix): value
            for key, value in given.items()
            if key.startswith(prefix)
        }
        return {**plain, **own}

    def _active(self) -> dict[str, Mapping[str, Any]]:
        """The resources whose condition is true."""
        active = {}
        for key, one in self._template.resources.items():
            if not isinstance(one, Mapping) or not isinstance(one.get("Type"), str):
                raise DeploymentError(
                    f"stack {self._name!r}: {key}: a resource is an object with a 'Type'; found "
                    f"{one!r}"
                )
            condition = one.get("Condition")
            with self._named(key):
                if condition is None or self._scope.condition(condition):
                    active[key] = one
                else:
                    self._skipped[key] = f"its condition {condition!r} is false"
        return active

    def _require_what_is_referred_to(self, active: Mapping[str, Mapping[str, Any]]) -> None:
        """Refuse a stack that needs what cannot be made before anything of it is."""
        missing = {
            key: reason
            for key, one in active.items()
            if self._given(key) is None and (reason := why_not_made(one["Type"]))
        }
        users = {**active, **{f"output {key}": one for key, one in self._active_outputs().items()}}
        used: dict[str, list[str]] = {key: [] for key in missing}
        for user, one in users.items():
            # What another one that cannot be made refers to is not needed.
            if user in missing:
                continue
            parts = [one.get("Properties"), one.get("Value")]
            # A condition that is wrong is told where it is evaluated.
            with suppress(UnusableValueError):
                for name in set(references(parts, self._scope.condition)) & missing.keys():
                    used[name].append(user)
        problems = [
            f"{key} ({active[key]['Type']}): {missing[key]}; {', '.join(by)} refer to it; give "
            f"what they need: deploy(..., resources={{{key!r}: {{'Ref': ..., ...}}}})"
            for key, by in used.items()
            if by
        ]
        if problems:
            raise DeploymentError(
                f"stack {self._name!r} cannot be deployed to the local engine:"
                + "".join(f"\n  - {problem}" for problem in problems)
            )
        self._skipped.update(missing)

    def _given(self, key: str) -> Mapping[str, Any] | None:
        """What the user says of a resource."""
        given = self._target.resources
        names = (f"{self._name}/{key}", self._template.path_of(key) or key, key)
        return next((given[name] for name in names if name in given), None)

    def _resource(self, key: str) -> Made:
        """A resource, which is made if it is not yet."""
        if key in self._made:
            return self._made[key]
        if key in self._skipped:
            raise UnusableValueError(f"{key} is not there: {self._skipped[key]}")
        if key in self._making:
            cycle = " -> ".join([*self._making[self._making.index(key) :], key])
            raise UnusableValueError(f"the resources refer to each other in a circle: {cycle}")
        self._making.append(key)
        try:
            self._made[key] = self._make(key, self._template.resources[key])
        finally:
            self._making.pop()
        return self._made[key]

    def _attribute(self, key: str, name: str) -> Any:
        made = self._resource(key)
        if name in made.attributes:
            return made.attributes[name]
        model = self._moto.model(key)
        kind = self._template.resources[key]["Type"]
        if isinstance(model, Placeholder):
            known = ", ".join(sorted(made.attributes)) or "none"
            problem = f"there is no attribute {name!r} of {key} ({kind}); it has {known}"
        else:
            try:
                return attribute(model, name, self._order(key, kind, self._properties[key]))
            except UnusableValueError as error:
                problem = error.message
        raise UnusableValueError(
            f"{problem}; give it: deploy(..., resources={{{key!r}: {{{name!r}: ...}}}})"
        )

    def _make(self, key: str, resource: Mapping[str, Any]) -> Made:
        kind = resource["Type"]
        for name in _listed(resource.get("DependsOn")):
            if name in self._template.resources and name not in self._skipped:
                self._resource(name)
        with self._named(key):
            properties = evaluated(resource.get("Properties") or {}, self._scope)
        properties = {} if properties is NO_VALUE else properties
        self._properties[key] = properties
        with self._named(key, properties):
            given = self._given(key)
            if given is not None:
                return self._user_made(key, kind, properties, given)
            return self._made_as(key, kind, properties)

    def _user_made(
        self, key: str, kind: str, properties: Mapping[str, Any], given: Mapping[str, Any]
    ) -> Made:
        """A resource of which the user says what refers to it gets."""
        attributes = {name: value for name, value in given.items() if name != "Ref"}
        if why_not_made(kind) or "Ref" in given:
            made = Made(
                str(given.get("Ref", StandIn.of(self._order(key, kind, {})).ref)), attributes
            )
            self._moto.show(key, kind, properties, made)
            return made
        made = self._made_as(key, kind, properties)
        return replace(made, attributes={**made.attributes, **attributes})

    def _made_as(self, key: str, kind: str, properties: Mapping[str, Any]) -> Made:
        before = self._moto.model(key)
        unchanged = before is not None and self._before.get(key) == (kind, properties)
        order = self._order(key, kind, properties)
        if kind == STACK:
            return self._make_nested(order)
        if kind in MAKERS:
            if unchanged and isinstance(before, Placeholder):
                return before.made
            made = MAKERS[kind].make(order)
            remove = MAKERS[kind].remove
            # A job definition knows itself whether its old revisions stay.
            replaced = order.before not in (None, made.ref) and kind != _JOB_DEFINITION
            if remove and replaced:
                remove(self._target.client, str(order.before))
            self._moto.show(key, kind, properties, made)
            return made
        if moto_makes(kind):
            try:
                return self._made_by_moto(
                    order, unchanged=unchanged and not isinstance(before, Placeholder)
                )
            except Exception as error:
                if why_passed_over(kind) is None:
                    raise
                return self._passed_over(order, f"moto cannot make it ({blamed(error)})")
        return self._passed_over(order, None)

    def _passed_over(self, order: Order, why: str | None) -> Made:
        reason = why_passed_over(order.kind) or "moto does not know its type"
        made = StandIn.of(order)
        self._moto.show(order.logical_id, order.kind, order.properties, made)
        self._made[order.logical_id] = made
        self._skipped[order.logical_id] = f"{reason}; {why}" if why else reason
        return made

    def _made_by_moto(self, order: Order, *, unchanged: bool) -> Made:
        key = order.logical_id
        if not unchanged:
            before = self._before.get(key)
            if before and before[0] == order.kind and renamed(*before, order.properties):
                self._moto.forget(key)
            changed = self._moto.make(key, order.kind, adapted(order))
            # Compared with the next deployment's.
            self._moto.remember(key, order.kind, order.properties)
            if not changed:
                self._skipped[f"changes of {key}"] = "moto cannot change resources of its type"
        model = self._moto.model(key)
        for name, why in completed(model, order).items():
            self._skipped[f"{name} of {key}"] = why
        ref = physical_id(model, order)
        self._moto.identify(key, ref)
        return Made(ref)

    def _order(self, key: str, kind: str, properties: Mapping[str, Any]) -> Order:
        before = self._moto.model(key)
        target = self._target
        same = isinstance(before, Placeholder) and self._before.get(key, ("",))[0] == kind
        return Order(
            logical_id=key,
            kind=kind,
            properties=properties,
            stack_name=self._name,
            client=target.client,
            account=target.account,
            region=target.region,
            partition=get_partition(target.region),
            assets={key: one.path for key, one in self._template.assets.items()},
            before=before.physical_resource_id if same else None,
            properties_before=self._before[key][1] if same else {},
            checked=target.checked,
        )

    def _make_nested(self, order: Order) -> Made:
        url = str(order.properties.get("TemplateURL", ""))
        asset = self._template.assets.get(url.rpartition("/")[2])
        if asset is None:
            raise UnusableValueError(
                f"the template at {url!r} is not part of what is deployed; deploy the app, its "
                "stack or its cloud assembly folder",
                "TemplateURL",
            )
        digest = hashlib.sha256(f"{self._name}/{order.logical_id}".encode()).hexdigest()
        name = f"{self._name}-{order.logical_id}"[:115] + f"-{digest[:12].upper()}"
        template = self._template.nested(order.logical_id, name, read_json(asset.path))
        target = replace(self._target, parameters=order.properties.get("Parameters") or {})
        deployment = StackDeployment(template, target)
        mine, *below = deployment.deploy()
        self._nested += [mine, *below]
        made = Made(
            deployment._moto.stack_id,
            {f"Outputs.{output}": value for output, value in mine.outputs.items()},
        )
        self._moto.show(order.logical_id, order.kind, order.properties, made)
        return made

    def _remove_what_is_gone(self, active: Mapping[str, Mapping[str, Any]]) -> None:
        for key, (kind, _) in self._before.items():
            model = self._moto.model(key)
            if (key in active and kind == active[key]["Type"]) or model is None:
                continue
            with self._named(key):
                remove = MAKERS[kind].remove if kind in MAKERS else None
                if remove is not None and isinstance(model, Placeholder):
                    remove(self._target.client, str(model.physical_resource_id))
                if key not in active:
                    self._moto.forget(key)

    def _active_outputs(self) -> dict[str, Mapping[str, Any]]:
        outputs: Mapping[str, Mapping[str, Any]] = self._template.body.get("Outputs") or {}
        active = {}
        for key, one in outputs.items():
            with self._named(f"output {key}"):
                if one.get("Condition") is None or self._scope.condition(one["Condition"]):
                    active[key] = one
        return active

    def _outputs(self) -> dict[str, dict[str, Any]]:
        made = {}
        for key, one in self._active_outputs().items():
            with self._named(f"output {key}"):
                wanted = {
                    name: one[name] for name in ("Value", "Description", "Export") if name in one
                }
                made[key] = evaluated(wanted, self._scope)
                made[key]["Value"] = as_text(made[key].get("Value"))
        return made

    @contextmanager
    def _named(self, what: str, properties: Mapping[str, Any] | None = None) -> Iterator[None]:
        """Let every error say which stack, resource and property it is about."""
        try:
            yield
        except DeploymentError:
            raise
        except Exception as error:
            problem = blamed(error, properties)
            raise DeploymentError(self._message(what, problem)) from error

    def _message(self, what: str, problem: UnusableValueError) -> str:
        resource = self._template.resources.get(what)
        if resource is not None:
            path = self._template.path_of(what)
            what = f"{what} ({resource['Type']}{f', {path}' if path else ''})"
        place = f": {problem.place}" if problem.place else ""
        return f"stack {self._name!r}: {what}{place}: {problem.message}"


def _rank(kind: str) -> int:
    return next((n for n, begin in enumerate(_LAST, 1) if kind.startswith(begin)), 0)


def _listed(given: str | Iterable[str] | None) -> list[str]:
    if given is None:
        return []
    return [given] if isinstance(given, str) else list(given)
