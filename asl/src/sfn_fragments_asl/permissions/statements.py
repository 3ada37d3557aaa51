"""Statements for the service calls of a definition."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sfn_fragments_asl.model.data_flow import (
    DataFlow,
    registered_definition,
    registers_job_definition,
)
from sfn_fragments_asl.model.json_data import mapping
from sfn_fragments_asl.model.known import template
from sfn_fragments_asl.model.machine import Machine
from sfn_fragments_asl.permissions.call import Call, arn
from sfn_fragments_asl.permissions.calls import assumed_role, of_call
from sfn_fragments_asl.permissions.machine_calls import map_run
from sfn_fragments_asl.permissions.markers import PATTERN, intrinsic_of
from sfn_fragments_asl.permissions.permission import Permission
from sfn_fragments_asl.permissions.policy_parts import merged_statements
from sfn_fragments_asl.permissions.resource_scope import ResourceScope, covers
from sfn_fragments_asl.permissions.s3_calls import reader_permissions, writer_permissions

if TYPE_CHECKING:
    from sfn_fragments_asl.model.definition import Definition
    from sfn_fragments_asl.model.machine import Integration, State

_PSEUDO = re.compile(rf"\$\{{(AWS::\w+|{PATTERN})\}}")


def derive_permissions(
    definition: Mapping[str, Any] | Machine,
    name_prefix: str,
    *,
    machine_arn: str | None = None,
    allowed: Mapping[str, Sequence[str]] | None = None,
) -> list[Permission]:
    """The permissions that the service calls of a definition need, no more.

    Resources are narrowed to what is known in the definition. A value that the execution may
    choose is narrowed to names that begin with the environment's, or to those that are listed.

    Args:
        definition: The definition, as parsed JSON or as its model.
        name_prefix: The environment base, such as ``dev-x``; empty where any name will do.
        machine_arn: ARN of the state machine, by which a distributed Map starts its children.
            Defaults to that of all state machines of the environment.
        allowed: What an execution may choose among: names, ARNs or markers by kind, which are
            ``buckets``, ``key_prefixes``, ``job_queues``, ``job_definitions``, ``job_roles``,
            ``state_machines``, ``functions`` and ``repositories``.

    Returns:
        The permissions, in the order of the states.

    Raises:
        AllowedResourcesError: A kind of ``allowed`` has no effect, since the definition leaves
            nothing of it open, or would leave nothing to use.

    Examples:
        >>> get = {
        ...     "Type": "Task",
        ...     "Resource": "arn:aws:states:::aws-sdk:s3:getObject",
        ...     "Parameters": {"Bucket": "b", "Key.$": "States.Format('a/{}', $.name)"},
        ... }
        >>> definition = {"StartAt": "Get", "States": {"Get": get}}
        >>> [permission] = derive_permissions(definition, "dev-x")
        >>> permission.actions, permission.resources
        (('s3:GetObject',), ('arn:${AWS::Partition}:s3:::b/a/*',))
    """
    model = definition if isinstance(definition, Machine) else Machine(definition)
    flow = DataFlow(model)
    resources = ResourceScope(name_prefix, allowed)
    any_name = f"{name_prefix}-*" if name_prefix else "*"
    machine = machine_arn or arn("states", f"stateMachine:{any_name}")
    states = list(model.every_state())
    registered = [
        registered_definition(state, flow.scope_of(state.name))
        for state in states
        if registers_job_definition(state)
    ]

    def call(state: State, made: Integration | None) -> Call | None:
        if made is None:
            return None
        arguments = template(made.arguments, flow.scope_of(state.name))
        return Call(state.name, made.call, arguments, resources)

    permissions: list[Permission] = []
    for state in states:
        if state.type == "Task" and "Credentials" in state.fields:
            given = template(state.fields["Credentials"], flow.scope_of(state.name))
            permissions.append(assumed_role(state.name, given))
        elif state.type == "Task":
            made = call(state, state.integration())
            permissions += of_call(made, registered) if made else _of_function(state)
        elif state.distributed:
            permissions += map_run(state.name, machine)
            reader = mapping(state.fields.get("ItemReader"))
            if made := call(state, state.integration("ItemReader")):
                permissions += reader_permissions(made, mapping(reader.get("ReaderConfig")))
            if made := call(state, state.integration("ResultWriter")):
                permissions += writer_permissions(made)
    resources.require_effect()
    return permissions


def has_distributed_map(machine: Machine) -> bool:
    """Whether a definition starts executions of its own state machine.

    Args:
        machine: The definition.
    """
    return any(state.distributed for state in machine.every_state())


def _of_function(state: State) -> Iterator[Permission]:
    # A Task may name a function's ARN as its resource.
    function = str(state.fields.get("Resource", ""))
    if ":function:" in function or function.startswith("${"):
        yield Permission(state.name, ("lambda:InvokeFunction",), (function,))


@dataclass
class _Statement:
    resources: tuple[str, ...]
    conditions: Mapping[str, Any]
    actions: set[str] = field(default_factory=set)


def policy_document(permissions: Sequence[Permission], definition: Definition) -> dict[str, Any]:
    """An IAM policy of the permissions, with what CloudFormation fills in as intrinsics.

    Args:
        permissions: The permissions; those on the same resources and those of the same actions
            are merged, whatever state needs them, and what is allowed already is not allowed
            again.
        definition: The definition that they were derived from.

    Returns:
        The document, as IAM reads it.
    """
    merged: dict[tuple[tuple[str, ...], str], _Statement] = {}
    for permission in permissions:
        key = (tuple(sorted(permission.resources)), repr(permission.conditions))
        new = _Statement(permission.resources, permission.conditions)
        merged.setdefault(key, new).actions.update(permission.actions)
    _drop_what_others_allow(list(merged.values()))
    statements = []
    for statement in merged.values():
        if not statement.actions:
            continue
        document: dict[str, Any] = {
            "Effect": "Allow",
            "Action": sorted(statement.actions),
            "Resource": [_resource(text, definition) for text in statement.resources],
        }
        if statement.conditions:
            document["Condition"] = _condition(statement.conditions, definition)
        statements.append(document)
    return {"Version": "2012-10-17", "Statement": merged_statements(statements)}


def _drop_what_others_allow(statements: Sequence[_Statement]) -> None:
    """Leave an action to the statements that allow it on the same resources and on more."""
    for statement in statements:
        for action in sorted(statement.actions):
            elsewhere = [
                resource
                for other in statements
                if other is not statement
                and action in other.actions
                and other.conditions == statement.conditions
                for resource in other.resources
            ]
            if all(any(covers(each, own) for each in elsewhere) for own in statement.resources):
                statement.actions.remove(action)


def _condition(conditions: Any, definition: Definition) -> Any:
    if isinstance(conditions, Mapping):
        return {key: _condition(value, definition) for key, value in conditions.items()}
    if isinstance(conditions, list):
        return [_condition(value, definition) for value in conditions]
    return _resource(conditions, definition)


def _resource(text: str, definition: Definition) -> Any:
    parts: list[Any] = []
    for part in definition.split(text):
        if isinstance(part, str):
            pieces = _PSEUDO.split(part)
            parts += [
                _intrinsic(piece, definition) if index % 2 else piece
                for index, piece in enumerate(pieces)
                if piece
            ]
        else:
            parts.append(part)
    return parts[0] if len(parts) == 1 else {"Fn::Join": ["", parts]}


def _intrinsic(marker: str, definition: Definition) -> Any:
    """What CloudFormation makes of a pseudo parameter, or of a part of what only it knows."""
    if marker.startswith("AWS::"):
        return {"Ref": marker}
    return intrinsic_of(f"${{{marker}}}", definition.tokens)
