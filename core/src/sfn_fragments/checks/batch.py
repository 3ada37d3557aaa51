"""Limits of AWS Batch on jobs and job definitions.

https://docs.aws.amazon.com/batch/latest/userguide/service_limits.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from sfn_fragments.checks.check import Check, CheckedDefinition, Finding
from sfn_fragments.checks.expressions import TEXTS, jsonata_sources, without_literals
from sfn_fragments.checks.graph import mapping, objects
from sfn_fragments.definition import readable_text

MAX_SUBMIT_JOB = 30 * 1024
MAX_JOB_DEFINITION = 24 * 1024
#: Characters of family, revision and volume name together.
MAX_VOLUME_NAME = 139
# A revision has one digit at least.
_REVISION = 1
_MARKER = re.compile(r"\$\{[^}]*\}")
_FORMAT = re.compile(r"States\.Format\(\s*'((?:\\.|[^'\\])*)'")
_FIELD = re.compile(r"\$(\w+)\.(\w+)")
_UUID = 36
# Texts, variables and their fields, joined.
_CONCATENATION = re.compile(r"[\w$.&'\s]*")

_Assigned = dict[tuple[str, str], Any]


def _literal_size(value: Any) -> int:
    """Bytes of what is literal: what is computed at run time, or filled in, counts as nothing."""
    return len(json.dumps(_literal(value), separators=(",", ":")).encode())


def _literal(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _literal(item) for key, item in value.items() if not str(key).endswith(".$")}
    if isinstance(value, list):
        return [_literal(item) for item in value]
    if isinstance(value, str):
        return "" if value.lstrip().startswith("{%") else _MARKER.sub("", value)
    return value


def _large_submissions(checked: CheckedDefinition) -> Iterator[Finding]:
    for state in checked.states():
        if re.search(r":batch:submitJob\b", state.resource):
            size = _literal_size(state.arguments)
            if size > MAX_SUBMIT_JOB:
                yield Finding(
                    state.name,
                    f"what it submits has {size:,} bytes without what is computed, Batch takes "
                    f"{MAX_SUBMIT_JOB:,}",
                )


def _known_length(fields: Mapping[str, Any], name: str, assigned: _Assigned) -> int:
    """Characters that a text has at least: those of what is literal in it, and of its UUIDs."""
    if (path := fields.get(f"{name}.$")) is not None:
        template = _FORMAT.match(str(path))
        return len(template.group(1).replace("{}", "")) if template else 0
    text = readable_text(fields.get(name, ""))
    for source in jsonata_sources(text):
        code = without_literals(source)
        if not _CONCATENATION.fullmatch(code):
            return 0
        literals = sum(len(_MARKER.sub("", literal)) - 2 for literal in TEXTS.findall(source))
        uuids = [_UUID for place in _FIELD.findall(code) if assigned.get(place) == "States.UUID()"]
        return literals + sum(uuids)
    return len(_MARKER.sub("", text))


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
    for source in jsonata_sources(value):
        for place in _FIELD.findall(without_literals(source)):
            volumes += objects(assigned.get(place))
    for volume in volumes:
        # The States Language writes the names of fields with a capital letter, Batch does not.
        fields = {key.lower(): item for key, item in volume.items()}
        name = fields.get("name")
        literal = isinstance(name, str) and not name.lstrip().startswith("{%")
        if literal and "efsvolumeconfiguration" in fields:
            yield str(name)


def _job_definitions(checked: CheckedDefinition) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The place and the properties of each job definition."""
    for state in checked.states():
        if state.resource.endswith(":batch:registerJobDefinition"):
            yield state.name, state.arguments
    text = json.dumps(checked.definition)
    for logical_id, resource in checked.resources.items():
        # Those of the stack that the state machine submits jobs with.
        if mapping(resource).get("Type") == "AWS::Batch::JobDefinition" and (
            f"${{{logical_id}}}" in text or f"${{{logical_id}." in text
        ):
            yield logical_id, mapping(mapping(resource).get("Properties"))


def _large_job_definitions(checked: CheckedDefinition) -> Iterator[Finding]:
    for place, properties in _job_definitions(checked):
        size = _literal_size(properties)
        if size > MAX_JOB_DEFINITION:
            yield Finding(
                place,
                f"the job definition has {size:,} bytes without what is computed, Batch takes "
                f"{MAX_JOB_DEFINITION:,}",
            )


def _long_volume_names(checked: CheckedDefinition) -> Iterator[Finding]:
    assigned = _assigned_fields(checked)
    for place, properties in _job_definitions(checked):
        family = _known_length(properties, "JobDefinitionName", assigned)
        container = mapping(properties.get("ContainerProperties"))
        for name in _efs_volumes(container.get("Volumes"), assigned):
            length = family + _REVISION + len(_MARKER.sub("", name))
            if length > MAX_VOLUME_NAME:
                yield Finding(
                    place,
                    f"the job definition's name, its revision and the EFS volume's name {name!r} "
                    f"have {length} characters or more, Batch takes {MAX_VOLUME_NAME}",
                )


BATCH_CHECKS = (
    Check(
        "core.submit-job-size",
        "error",
        "Batch refuses the job, in every execution.",
        _large_submissions,
        what="What a Task passes to batch:SubmitJob has more than 30 KiB.",
        remedy="put the payload into S3, and pass its place",
    ),
    Check(
        "core.job-definition-size",
        "error",
        "Batch refuses to register the job definition.",
        _large_job_definitions,
        what="A job definition, registered by a state or deployed with the stack, has more than "
        "24 KiB.",
        remedy="move the environment or the command into a file of the image, or into S3",
    ),
    Check(
        "core.efs-volume-name",
        "error",
        "Batch cannot start the jobs: it makes one name of the three.",
        _long_volume_names,
        what="A job definition's name, its revision and the name of an EFS volume have more than "
        "139 characters together.",
        remedy="shorten the volume's name or the job definition's",
    ),
)
