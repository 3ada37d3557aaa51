"""Makes state machines; those of moto's CloudFormation would not run in the interpreter."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sfn_fragments_asl.checks import CheckedDefinition, builtin_checks, run_checks
from sfn_fragments_local.deployment.coercion import as_request, as_text
from sfn_fragments_local.deployment.errors import UnusableValueError
from sfn_fragments_local.deployment.made import Made, Maker, Order

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

#: Properties that the engine does not look at, or that other ones replace.
_NOT_IN_REQUEST = (
    "Definition",
    "DefinitionS3Location",
    "DefinitionString",
    "DefinitionSubstitutions",
    "StateMachineName",
    "StateMachineType",
)
#: What UpdateStateMachine takes.
_UPDATED = ("definition", "roleArn", "loggingConfiguration", "tracingConfiguration")


def _machine(order: Order) -> Made:
    states = order.client("stepfunctions")
    properties = order.properties
    name = order.name(properties.get("StateMachineName"), 80)
    plain = {key: one for key, one in properties.items() if key not in _NOT_IN_REQUEST}
    request = {
        **as_request("stepfunctions", "CreateStateMachine", plain),
        "name": name,
        "type": properties.get("StateMachineType", "STANDARD"),
        "definition": _definition(order),
    }
    if order.checked:
        _refuse_errors(request["definition"], request["type"])
    if "roleArn" not in request:
        raise UnusableValueError("a state machine needs a role; give its ARN", "RoleArn")
    arn = order.arn("states", f"stateMachine:{name}")
    if any(arn == one["stateMachineArn"] for one in _machines(states)):
        changes = {key: request[key] for key in _UPDATED if key in request}
        states.update_state_machine(stateMachineArn=arn, **changes)
    else:
        states.create_state_machine(**request)
    return Made(arn, {"Arn": arn, "Name": name, "StateMachineRevisionId": "INITIAL"})


def _machines(states: Any) -> list[Mapping[str, Any]]:
    pages = states.get_paginator("list_state_machines").paginate()
    return [one for page in pages for one in page["stateMachines"]]


def _definition(order: Order) -> str:
    properties = order.properties
    if "DefinitionString" in properties:
        definition = as_text(properties["DefinitionString"])
    elif "Definition" in properties:
        definition = json.dumps(properties["Definition"])
    elif "DefinitionS3Location" in properties:
        definition = _from_s3(order, properties["DefinitionS3Location"])
    else:
        raise UnusableValueError("it has no definition", "DefinitionString")
    for variable, value in (properties.get("DefinitionSubstitutions") or {}).items():
        definition = definition.replace("${" + variable + "}", as_text(value))
    return definition


def _refuse_errors(definition: str, kind: str) -> None:
    """Refuse a state machine of a type in which the rules find errors, as AWS does."""
    try:
        states = json.loads(definition)
    except ValueError as error:
        raise UnusableValueError(f"its definition is not JSON: {error}") from error
    checked = CheckedDefinition(states, express=kind == "EXPRESS")
    rules = [check for check in builtin_checks() if check.severity == "error"]
    found = run_checks(checked, rules).findings
    if found:
        lines = (f"{check.id}: {one.place}: {one.message}; {one.remedy}" for check, one in found)
        listed = "".join(f"\n  - {line}" for line in lines)
        raise UnusableValueError(
            f"AWS refuses its definition, or it fails in every execution:{listed}\n"
            "To deploy it all the same: engine.deploy(..., checked=False)"
        )


def _from_s3(order: Order, location: Mapping[str, Any]) -> str:
    stored = order.client("s3").get_object(Bucket=location["Bucket"], Key=location["Key"])
    return str(stored["Body"].read().decode("utf-8"))


def _remove_machine(client: Callable[[str], Any], arn: str) -> None:
    client("stepfunctions").delete_state_machine(stateMachineArn=arn)


def _version(order: Order) -> Made:
    machine = order.properties["StateMachineArn"]
    published = order.client("stepfunctions").publish_state_machine_version(stateMachineArn=machine)
    arn = str(published["stateMachineVersionArn"])
    return Made(arn, {"Arn": arn})


def _activity(order: Order) -> Made:
    name = order.name(order.properties.get("Name"), 80)
    arn = str(order.client("stepfunctions").create_activity(name=name)["activityArn"])
    return Made(arn, {"Arn": arn, "Name": name})


MACHINES = {
    "AWS::StepFunctions::Activity": Maker(_activity),
    "AWS::StepFunctions::StateMachine": Maker(_machine, _remove_machine),
    "AWS::StepFunctions::StateMachineVersion": Maker(_version),
}
