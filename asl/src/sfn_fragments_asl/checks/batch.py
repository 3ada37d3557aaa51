"""Limits of AWS Batch on jobs and job definitions.

https://docs.aws.amazon.com/batch/latest/userguide/service_limits.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sfn_fragments_asl.checks.check import Check, CheckedDefinition, Finding
from sfn_fragments_asl.checks.literal_parts import (
    compact_text,
    literal_part,
    literal_variables,
    without_markers,
)
from sfn_fragments_asl.model.definition import readable_text
from sfn_fragments_asl.model.expressions import Expression, jsonata_in
from sfn_fragments_asl.model.intrinsics import Call, Literal
from sfn_fragments_asl.model.json_data import mapping, objects
from sfn_fragments_asl.model.jsonata import Node

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sfn_fragments_asl.model.machine import State

MAX_SUBMIT_JOB = 30 * 1024
MAX_JOB_DEFINITION = 24 * 1024
#: Characters of the overrides of a job's container, as JSON.
MAX_OVERRIDES = 8192
#: Characters of family, revision and volume name together.
MAX_VOLUME_NAME = 139
# A revision has one digit at least.
_REVISION = 1
_UUID = 36
_SUBMIT = ("batch", "submitJob")

_Variables = Mapping[str, Any]
_Assigned = dict[tuple[str, ...], Any]


def _literal_size(value: Any, variables: _Variables | None = None) -> int:
    """Bytes of what is literal: what is computed at run time, or filled in, counts as nothing."""
    return len(compact_text(literal_part(value, variables)).encode("utf-8", "surrogatepass"))


def _given(state: State) -> Any:
    """What a Task passes to its service; in JSONata, that may be one expression."""
    return state.fields.get("Arguments") if state.jsonata else state.arguments


def _large_submissions(checked: CheckedDefinition) -> Iterator[Finding]:
    variables = literal_variables(checked.states())
    for state in checked.states():
        if state.call is not None and (state.call.service, state.call.action) == _SUBMIT:
            size = _literal_size(_given(state), variables)
            if size > MAX_SUBMIT_JOB:
                yield Finding(
                    state.name,
                    f"what it submits has {size:,} bytes without what is computed, Batch takes "
                    f"{MAX_SUBMIT_JOB:,}",
                )


def _long_overrides(checked: CheckedDefinition) -> Iterator[Finding]:
    variables = literal_variables(checked.states())
    for state in checked.states():
        if state.call is not None and (state.call.service, state.call.action) == _SUBMIT:
            overrides = mapping(literal_part(_given(state), variables)).get("ContainerOverrides")
            length = len(compact_text(overrides))
            if length > MAX_OVERRIDES:
                yield Finding(
                    state.name,
                    f"its container overrides have {length:,} characters without what is "
                    f"computed, Batch takes {MAX_OVERRIDES:,}",
                )


def _known_length(fields: Mapping[str, Any], name: str, assigned: _Assigned) -> int:
    """Characters that a text has at least: those of what is literal in it, and of its UUIDs."""
    if (path := fields.get(f"{name}.$")) is not None:
        match Expression(str(path), jsonata=False).tree:
            case Call(name="Format", arguments=(Literal() as form, *_)):
                return sum(map(len, form.between_placeholders()))
        return 0
    text = readable_text(fields.get(name, ""))
    for expression in jsonata_in(text):
        tree = expression.tree
        return _joined_length(tree, assigned) if isinstance(tree, Node) else 0
    return len(without_markers(text))


def _joined_length(tree: Node, assigned: _Assigned) -> int:
    """Characters of texts, variables and their fields that are joined; 0 for anything else."""
    parts = [tree]
    length = 0
    while parts:
        part = parts.pop()
        if part.kind == "binary" and part.value == "&":
            parts += [*part.listed("left"), *part.listed("right")]
        elif part.kind == "string":
            length += len(without_markers(part.value))
        elif part.reference is None:
            return 0
        elif assigned.get(part.reference[:2]) == "States.UUID()":
            length += _UUID
    return length


def _assigned_fields(checked: CheckedDefinition) -> _Assigned:
    """Variable and field to what is assigned; defaults that an input may override included."""
    found: _Assigned = {}
    for state in checked.states():
        for variable, value in mapping(state.fields.get("Assign")).items():
            fields = mapping(value)
            for name, item in (*mapping(fields.get("defaults")).items(), *fields.items()):
                found[variable, name.removesuffix(".$")] = item
    return found


def _efs_volumes(value: Any, assigned: _Assigned) -> Iterator[str]:
    """Names of the EFS volumes in a list, or in the variables that an expression makes it of."""
    volumes = objects(value)
    for tree in (expression.tree for expression in jsonata_in(value)):
        for node in tree.walk() if isinstance(tree, Node) else ():
            volumes += objects(assigned.get(node.beginning[:2]))
    for volume in volumes:
        # The States Language writes the names of fields with a capital letter, Batch does not.
        fields = {key.lower(): item for key, item in volume.items()}
        name = fields.get("name")
        literal = isinstance(name, str) and not name.lstrip().startswith("{%")
        if literal and "efsvolumeconfiguration" in fields:
            yield str(name)


def _is_used(logical_id: str, properties: Mapping[str, Any], text: str) -> bool:
    """Whether the text of a definition names a job definition of its stack."""
    if f"${{{logical_id}}}" in text or f"${{{logical_id}." in text:
        return True
    name = properties.get("JobDefinitionName")
    # By its name, or by an ARN that is made of it, with or without a revision.
    return isinstance(name, str) and bool(re.search(rf'["/]{re.escape(name)}(:[^"]*)?"', text))


def _job_definitions(checked: CheckedDefinition) -> Iterator[tuple[str, Any]]:
    """The place and the properties of each job definition, as they are written."""
    for state in checked.states():
        if state.resource.endswith(":batch:registerJobDefinition"):
            yield state.name, _given(state)
    text = json.dumps(checked.definition)
    for logical_id, resource in checked.resources.items():
        properties = mapping(mapping(resource).get("Properties"))
        # Those of the stack that the state machine submits jobs with.
        if mapping(resource).get("Type") == "AWS::Batch::JobDefinition" and _is_used(
            logical_id, properties, text
        ):
            yield logical_id, properties


def problem_of_size(properties: Any) -> str | None:
    """What is wrong with the size of a job definition; ``None`` where Batch takes it.

    Args:
        properties: Those of the job definition, with markers or expressions in them.
    """
    size = _literal_size(properties)
    if size <= MAX_JOB_DEFINITION:
        return None
    return (
        f"the job definition has {size:,} bytes without what is computed, Batch takes "
        f"{MAX_JOB_DEFINITION:,}"
    )


def _large_job_definitions(checked: CheckedDefinition) -> Iterator[Finding]:
    for place, properties in _job_definitions(checked):
        if problem := problem_of_size(properties):
            yield Finding(place, problem)


def _long_volume_names(checked: CheckedDefinition) -> Iterator[Finding]:
    assigned = _assigned_fields(checked)
    for place, given in _job_definitions(checked):
        properties = mapping(given)
        family = _known_length(properties, "JobDefinitionName", assigned)
        container = mapping(properties.get("ContainerProperties"))
        for name in _efs_volumes(container.get("Volumes"), assigned):
            length = family + _REVISION + len(without_markers(name))
            if length > MAX_VOLUME_NAME:
                yield Finding(
                    place,
                    f"the job definition's name, its revision and the EFS volume's name {name!r} "
                    f"have {length} characters or more, Batch takes {MAX_VOLUME_NAME}",
                )


BATCH_CHECKS = (
    Check(
        "asl.submit-job-size",
        "error",
        "Batch refuses the job, in every execution.",
        _large_submissions,
        what="What a Task passes to batch:SubmitJob has more than 30 KiB.",
        remedy="put the payload into S3, and pass its place",
    ),
    Check(
        "asl.container-overrides-size",
        "error",
        'Batch accepts the job, and then fails it: "Container Overrides length must be at most '
        '8192".',
        _long_overrides,
        what="What a Task passes to batch:SubmitJob as ContainerOverrides has more than 8,192 "
        "characters.",
        remedy="put the environment into the job definition, which has room for 24 KiB, or into S3",
    ),
    Check(
        "asl.job-definition-size",
        "error",
        "Batch refuses to register the job definition.",
        _large_job_definitions,
        what="A job definition, registered by a state or deployed with the stack, has more than "
        "24 KiB.",
        remedy="move the environment or the command into a file of the image, or into S3",
    ),
    Check(
        "asl.efs-volume-name",
        "error",
        "Batch cannot start the jobs: it makes one name of the three.",
        _long_volume_names,
        what="A job definition's name, its revision and the name of an EFS volume have more than "
        "139 characters together.",
        remedy="shorten the volume's name or the job definition's",
    ),
)
