"""Batch: parameters that moto's integration drops or takes, details of a job's container."""

from __future__ import annotations

import re
from threading import Lock
from typing import Any, Final

from sfn_fragments_local.moto_gaps.patching import load, replace

_integration: Final = load("asl.component.state.exec.state_task.service.state_task_service_batch")
_models: Final = load("/moto.batch.models")
_Job: Final = load("/moto.batch.models:Job")
_BatchBackend: Final = load("/moto.batch.models:BatchBackend")
_ClientException: Final = load("/moto.batch.exceptions:ClientException")

_SUBMIT_JOB_PARAMETERS: Final = {
    "ArrayProperties",
    "ConsumableResourcePropertiesOverride",
    "ContainerOverrides",
    "DependsOn",
    "EcsPropertiesOverride",
    "EksPropertiesOverride",
    "JobDefinition",
    "JobName",
    "JobQueue",
    "NodeOverrides",
    "Parameters",
    "PropagateTags",
    "RetryStrategy",
    "SchedulingPriorityOverride",
    "ShareIdentifier",
    "Tags",
    "Timeout",
}
_MANAGED: Final = {"Name": "MANAGED_BY_AWS", "Value": "STARTED_BY_STEP_FUNCTIONS"}

#: https://docs.aws.amazon.com/batch/latest/APIReference/API_SubmitJob.html
_JOB_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}\Z")
#: moto's own, which wants two letters.
JOB_NAME_OF_MOTO: Final = _models.JOB_NAME_REGEX

#: https://docs.aws.amazon.com/batch/latest/APIReference/API_JobTimeout.html
_LEAST_TIMEOUT: Final = 60

#: Of a job definition, without a revision.
_DEFINITION_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,128}\Z")

_registering: Final = Lock()

_get_job_definition: Final = _BatchBackend.get_job_definition
_submit_job: Final = _BatchBackend.submit_job
_register_job_definition: Final = _BatchBackend.register_job_definition
_get_container_property: Final = _Job._get_container_property
_container_details: Final = _Job._container_details


def _attach_managed_variable(parameters: dict[str, Any]) -> None:
    overrides = parameters.get("ContainerOverrides")
    if overrides is None:
        overrides = {}
    if not isinstance(overrides, dict):
        return
    environment = overrides.get("Environment")
    if environment is None:
        environment = []
    if isinstance(environment, list):
        parameters["ContainerOverrides"] = {**overrides, "Environment": [*environment, _MANAGED]}


def _merged_environment(job: Any) -> list[dict[str, str]]:
    # moto changes the job's own overrides here, once for each call.
    merged: dict[str, str] = {}
    for source in (job.job_definition.container_properties, job.container_overrides):
        for variable in source.get("environment") or []:
            merged[variable["name"]] = variable.get("value", "")
    merged["AWS_BATCH_JOB_ID"] = job.job_id
    return [{"name": name, "value": value} for name, value in merged.items()]


def _merged_resources(job: Any) -> list[dict[str, str]]:
    merged: dict[str, str] = {}
    for source in (job.job_definition.container_properties, job.container_overrides):
        for resource in source.get("resourceRequirements") or []:
            merged[resource["type"]] = resource["value"]
    return [{"type": kind, "value": value} for kind, value in merged.items()]


def _container_property(self: Any, p: str, default: Any) -> Any:
    if p == "environment":
        return _merged_environment(self)
    if p == "resourceRequirements":
        return _merged_resources(self)
    return _get_container_property(self, p, default)


def _details(self: Any) -> dict[str, Any]:
    definition: dict[str, Any] = self.job_definition.container_properties
    details: dict[str, Any] = _container_details(self)
    details["mountPoints"] = definition.get("mountPoints", [])
    details["volumes"] = definition.get("volumes", [])
    details["resourceRequirements"] = _merged_resources(self)
    details["ulimits"] = definition.get("ulimits", [])
    for name in ("image", "jobRoleArn", "executionRoleArn", "user", "linuxParameters"):
        if name in definition:
            details[name] = definition[name]
    if self.exit_code is not None:
        details["exitCode"] = self.exit_code
    return details


def _describe_jobs(self: Any, jobs: list[str] | None) -> list[dict[str, Any]]:
    # moto looks at every job for each call, which takes long with thousands of them, and fails
    # where another thread submits one meanwhile.
    known = self._jobs
    if jobs is None:
        return [job.describe() for job in list(known.values())]
    found = (known.get(name.rpartition("/")[2]) for name in dict.fromkeys(jobs))
    return [job.describe() for job in found if job is not None]


def _revisions(self: Any, name: str) -> list[Any]:
    # moto looks through what other threads add to meanwhile, and fails.
    return [one for one in list(self._job_definitions.values()) if one.name == name]


def _newest_revision(self: Any, name: str) -> Any:
    return max(_revisions(self, name), key=lambda one: one.revision, default=None)


def _revision(self: Any, name: str, revision: str) -> Any:
    found = (one for one in _revisions(self, name) if str(one.revision) == revision)
    return next(found, None)


def _job_definition(self: Any, identifier: str) -> Any:
    # moto takes the newest revision, whatever its status, and no ARN without a revision.
    name = identifier.rpartition("job-definition/")[2]
    if not _DEFINITION_NAME.match(name):
        return _get_job_definition(self, identifier)
    active = [one for one in _revisions(self, name) if one.status == "ACTIVE"]
    return max(active or _revisions(self, name), key=lambda one: one.revision, default=None)


def _job_definitions(self: Any, identifier: str) -> list[Any]:
    known = self._job_definitions.get(identifier)
    return _revisions(self, identifier) if known is None else [known]


def _require_timeout(timeout: dict[str, Any] | None) -> None:
    seconds = (timeout or {}).get("attemptDurationSeconds")
    if seconds is not None and int(seconds) < _LEAST_TIMEOUT:
        raise _ClientException(
            f"Timeout attemptDurationSeconds must be at least {_LEAST_TIMEOUT} seconds, "
            f"not {seconds}"
        )


def _checked_submit_job(self: Any, *args: Any, **kwargs: Any) -> Any:
    _require_timeout(kwargs.get("timeout"))
    return _submit_job(self, *args, **kwargs)


def _checked_register_job_definition(self: Any, *args: Any, **kwargs: Any) -> Any:
    _require_timeout(kwargs.get("timeout"))
    # The number of a revision is that of the one before and one.
    with _registering:
        made = _register_job_definition(self, *args, **kwargs)
    # moto lets a revision have these of the one before, where it is not given others.
    made.parameters = kwargs["parameters"] or {}
    for name in ("retry_strategy", "platform_capabilities", "propagate_tags"):
        setattr(made, name, kwargs[name])
    return made


def close() -> None:
    """Make Batch take what AWS takes, no more, and describe all of a job's container, and fast."""
    replace(_models, "JOB_NAME_REGEX", _JOB_NAME)
    replace(_BatchBackend, "submit_job", _checked_submit_job)
    replace(_BatchBackend, "register_job_definition", _checked_register_job_definition)
    replace(_BatchBackend, "describe_jobs", _describe_jobs)
    replace(_BatchBackend, "get_job_definition", _job_definition)
    replace(_BatchBackend, "get_job_definition_by_name", _newest_revision)
    replace(_BatchBackend, "get_job_definition_by_name_revision", _revision)
    replace(_BatchBackend, "get_job_definitions", _job_definitions)
    replace(_integration, "_SUPPORTED_API_PARAM_BINDINGS", {"submitjob": _SUBMIT_JOB_PARAMETERS})
    replace(
        _integration.StateTaskServiceBatch,
        "_attach_aws_environment_variables",
        staticmethod(_attach_managed_variable),
    )
    replace(_Job, "_get_container_property", _container_property)
    replace(_Job, "_container_details", _details)
