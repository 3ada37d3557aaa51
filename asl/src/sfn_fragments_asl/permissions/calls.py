"""What a state needs for its call of a service, each of which names things in its own way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfn_fragments_asl.permissions.action_names import actions_of, unlisted_note
from sfn_fragments_asl.permissions.batch_calls import (
    deregister_job_definition,
    end_job,
    register_job_definition,
    submit_job,
)
from sfn_fragments_asl.permissions.call import Call, arns, whole_arn
from sfn_fragments_asl.permissions.caller_data import callers_data
from sfn_fragments_asl.permissions.function_calls import function_permissions
from sfn_fragments_asl.permissions.http_calls import api_permissions, http_permissions
from sfn_fragments_asl.permissions.job_calls import JOBS, job_permissions
from sfn_fragments_asl.permissions.kms_calls import kms_permissions
from sfn_fragments_asl.permissions.machine_calls import machine_arns, on_machines, start_execution
from sfn_fragments_asl.permissions.message_calls import (
    buses,
    log_group,
    queue,
    rule,
    schedules,
    secret,
    secret_arns,
    stack,
)
from sfn_fragments_asl.permissions.model_calls import (
    ask_agent,
    ask_knowledge_base,
    customize_model,
    invoke_model,
    query_athena,
)
from sfn_fragments_asl.permissions.named_resources import named_resources
from sfn_fragments_asl.permissions.parameter_rights import parameter_rights
from sfn_fragments_asl.permissions.passed_roles import (
    pass_any_role,
    pass_role,
    passed_roles,
    roles_in,
)
from sfn_fragments_asl.permissions.permission import Permission
from sfn_fragments_asl.permissions.s3_calls import s3_permissions
from sfn_fragments_asl.permissions.table_calls import table_permissions
from sfn_fragments_asl.permissions.tag_rights import tag_rights
from sfn_fragments_asl.permissions.task_calls import OVERRIDES, of_cluster, run_task

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sfn_fragments_asl.model.values import Value
    from sfn_fragments_asl.permissions.resource_scope import Names

#: Services whose calls name one resource, in a way of their own.
_RESOURCES: dict[str, Callable[[Call], Names | None]] = {
    "cloudformation": stack,
    "cloudwatchlogs": log_group,
    "ecs": of_cluster,
    "eventbridge": rule,
    "secretsmanager": secret,
    "sqs": queue,
}
_STEP_FUNCTIONS = ("sfn", "states")


def assumed_role(state: str, credentials: Value) -> Permission:
    """What a Task with ``Credentials`` needs: to assume that role, which does the rest.

    https://docs.aws.amazon.com/step-functions/latest/dg/concepts-access-cross-acct-resources.html

    Args:
        state: The state.
        credentials: What is known of the field.
    """
    role = credentials.field("RoleArn")
    roles = tuple(whole_arn(each.pattern) for each in role.texts)
    if role.open or not roles:
        note = "Credentials: an execution chooses the role; allowed: any that trusts this one."
        return Permission(
            state, ("sts:AssumeRole",), ("arn:${AWS::Partition}:iam::*:role/*",), note=note
        )
    return Permission(state, ("sts:AssumeRole",), tuple(dict.fromkeys(roles)))


def of_call(call: Call, registered: Sequence[Value]) -> Iterator[Permission]:
    """What a call of a service needs.

    Args:
        call: The call.
        registered: What is known of the ARNs of the job definitions that the machine registers.
    """
    found = list(_of_service(call, registered))
    if found:
        found += [*tag_rights(call, found), *parameter_rights(call, found[0])]
    found += callers_data(call)
    note = unlisted_note(call.service, call.action)
    for each in found:
        # An action that the call does without has no permission: eks:call, for example.
        if each.actions:
            yield each if not note else _noted(each, note)


def _noted(permission: Permission, note: str) -> Permission:
    notes = "\n".join(filter(None, (permission.note, note)))
    return Permission(
        permission.state, permission.actions, permission.resources, permission.conditions, notes
    )


def _of_service(call: Call, registered: Sequence[Value]) -> Iterator[Permission]:
    match call.service, call.action:
        case "s3", _:
            yield from s3_permissions(call)
        case "batch", "registerJobDefinition":
            yield from register_job_definition(call)
        case "batch", "deregisterJobDefinition":
            yield from deregister_job_definition(call, registered)
        case "batch", "submitJob":
            yield from submit_job(call, registered)
        case "batch", "cancelJob" | "terminateJob":
            yield from end_job(call)
        case "states" | "sfn", "startExecution" | "startSyncExecution":
            yield from start_execution(call)
        case "lambda", _ if "FunctionName" in call:
            yield from function_permissions(call)
            yield from passed_roles(call)
        case "ecr", _ if "RepositoryName" in call:
            yield from _of_repository(call)
        case "http", "invoke":
            yield from http_permissions(call)
        case "apigateway", "invoke":
            yield from api_permissions(call)
        case "dynamodb", _:
            yield from table_permissions(call)
        case "ecs", "runTask":
            yield from run_task(call)
            yield from _of_task_roles(call)
        case "kms", _ if "KeyId" in call:
            yield from kms_permissions(call, actions_of(call.service, call.action))
        case "events" | "eventbridge", "putEvents":
            names = buses(call)
            yield call.need(actions_of(call.service, call.action), names.patterns, [names.note])
        case "bedrock" | "bedrockruntime", "invokeModel" | "converse":
            yield from invoke_model(call)
        case "bedrockagentruntime", "invokeAgent":
            yield from ask_agent(call)
        case "bedrockagentruntime", "retrieveAndGenerate" | "retrieveAndGenerateStream":
            yield from ask_knowledge_base(call)
        case "scheduler", "createSchedule" | "deleteSchedule" | "getSchedule" | "updateSchedule":
            names = schedules(call)
            yield call.need(actions_of(call.service, call.action), names.patterns, [names.note])
            yield from passed_roles(call)
        case "bedrock", "createModelCustomizationJob":
            yield from customize_model(call)
            yield from passed_roles(call)
        case "athena", "startQueryExecution" | "stopQueryExecution" | (
            "getQueryExecution" | "getQueryResults"
        ):
            yield from query_athena(call)
        case service, action if not call.made.sdk and (service, action) in JOBS:
            yield from job_permissions(call, JOBS[service, action])
            yield from passed_roles(call)
        case _:
            yield from _of_other_service(call)
            yield from passed_roles(call)


def _of_repository(call: Call) -> Iterator[Permission]:
    names = call.names("repositories", "RepositoryName")
    repositories = arns("ecr", "repository/", names.patterns, part="RepositoryOf:")
    if "RegistryId" in call:
        owners = call.patterns("RegistryId").patterns
        others = [
            each.replace("${AWS::AccountId}", owner) for each in repositories for owner in owners
        ]
        repositories = others if call.given("RegistryId") else [*repositories, *others]
    yield call.need(actions_of(call.service, call.action), repositories, [names.note])


def _of_task_roles(call: Call) -> Iterator[Permission]:
    service = "ecs-tasks.amazonaws.com"
    if all(call.given(way.split(".")[0]) and _is_given(call, way) for way in OVERRIDES):
        for way in OVERRIDES:
            yield from pass_role(call, way, call.known(way), service)
    else:
        for way, value in roles_in(call.arguments, OVERRIDES):
            yield from pass_role(call, way, value, service)
        yield from pass_any_role(call, service)


def _is_given(call: Call, way: str) -> bool:
    value = call.known(way)
    return not value.open and not value.absent and bool(value.texts)


def _of_other_service(call: Call) -> Iterator[Permission]:
    actions = actions_of(call.service, call.action)
    if not actions:
        return
    if call.service in _STEP_FUNCTIONS and "StateMachineArn" in call:
        machines = call.names("state_machines", "StateMachineArn")
        found = machine_arns(machines.patterns)
        yield from on_machines(call, actions, found, [machines.note])
        return
    find = _RESOURCES.get(call.service)
    service = actions[0].partition(":")[0]
    names = find(call) if find else named_resources(call, service)
    notes = [names.note if names else f"{call.service}: its resources are not derived."]
    if call.made.waits_for_end:
        notes.append("What it takes to wait for the end is not known: add it to the role.")
    yield call.need(actions, names.patterns if names else ["*"], notes)
    if call.service == "rdsdata" and "SecretArn" in call:
        # Its caller reads the secret: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/
        # data-api.access.html
        secrets = call.patterns("SecretArn")
        resources = [each for name in secrets.patterns for each in secret_arns(name)]
        yield call.need(["secretsmanager:GetSecretValue"], resources, [secrets.note])
