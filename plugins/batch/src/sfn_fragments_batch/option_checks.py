"""What is wrong with the options of a job, by themselves and together with its other settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sfn_fragments.errors import InvalidValue
from sfn_fragments.validation import is_literal
from sfn_fragments_asl.near_names import near_names
from sfn_fragments_batch.execution_role import read_by_role
from sfn_fragments_batch.job_options import JobOptions
from sfn_fragments_batch.option_table import OPTIONS, SETTINGS, STATES, api_case
from sfn_fragments_batch.request_shapes import mismatches, shape_at
from sfn_fragments_batch.settings import is_computed, settled

if TYPE_CHECKING:
    from collections.abc import Iterator

#: What SubmitJob has that an open door is not for, and what to do instead.
_CLOSED = {
    "arrayProperties": "give array_size",
    "jobName": "the fragment names its jobs",
    "jobQueue": "give the fragment's job_queue",
    "jobDefinition": "the fragment knows its job definition",
    "nodeOverrides": "fragments run no multi-node parallel jobs: they have one container",
    "ecsPropertiesOverride": "fragments run jobs of one container: give containerOverrides",
    "eksPropertiesOverride": "fragments run jobs on ECS: give containerOverrides",
}
#: What looks at one job, where an array is many: the job that stands for all of them is PENDING
#: while they run, and fails with a reason of its own.
#: https://docs.aws.amazon.com/batch/latest/userguide/array_jobs.html
_NOT_OF_ARRAYS = {
    "memory_growth": "give one amount of memory: an array does not say that a child's ran out",
    "fallback_job_queue": "leave out fallback_job_queue: an array does not say that Spot took a "
    "child away; Batch tries each child again by itself",
    "runnable_timeout": "leave out runnable_timeout: an array is PENDING while its children run; a "
    "queue of your own has job_state_time_limit_actions",
}
_DRIVERS_OF_FARGATE = ("awslogs", "splunk")


def option_problems(
    options: JobOptions,
    settings: Mapping[str, Any],
    *,
    deployed: bool,
    lacking: Mapping[str, str] | None = None,
) -> list[InvalidValue]:
    """What is wrong with options.

    Args:
        options: The options, those of the organisation among them.
        settings: The settings of the job, with those that the options give;
            ``platform_capabilities`` and ``execution_role_arn`` are looked at.
        deployed: Whether the job definition is part of the stack, or exists already.
        lacking: Options that the fragment does not have, and why.

    Returns:
        The problems, one for each option that has some.
    """
    found: dict[str, tuple[Any, str]] = {}
    platform = _platform(settings)
    for name, option in OPTIONS.items():
        value = getattr(options, name)
        if value is None:
            continue
        remedy = option.rule(value) or _wrong_platform(name, platform)
        remedy = remedy or _wrong_shape(name, value)
        if not remedy and deployed and not option.submitted and is_computed(settled(value)):
            remedy = (
                "SubmitJob cannot override it, and the job definition is there before the "
                "execution: give a literal"
            )
        if remedy:
            found[name] = (value, remedy)
    for name in (*OPTIONS, *SETTINGS, *STATES):
        if getattr(options, name) is not None and name in (lacking or {}):
            found[name] = (getattr(options, name), f"leave it out: {(lacking or {})[name]}")
    for name, remedy in _together(options, settings, platform):
        if name not in (lacking or {}):
            found.setdefault(name, (getattr(options, name), remedy))
    problems = [InvalidValue(f"job_options.{name}", *one) for name, one in found.items()]
    return [
        *problems,
        *_override_problems(
            options.allow_override, deployed=deployed, lacking=lacking or {}, platform=platform
        ),
    ]


def _platform(settings: Mapping[str, Any]) -> str | None:
    """The platform, as far as it is known."""
    listed = settings.get("platform_capabilities") or ["EC2"]
    if not isinstance(listed, list | tuple) or len(listed) != 1:
        return None
    return listed[0] if is_literal(listed[0]) else None


def _wrong_platform(name: str, platform: str | None) -> str | None:
    platforms = OPTIONS[name].platforms
    if platform is None or platform in platforms:
        return None
    if name == "runtime_platform":
        return "on EC2, the instances of the compute environment decide: choose another queue"
    return f"Batch has it on {' and '.join(platforms)} alone: leave it out on {platform}"


def _together(
    options: JobOptions, settings: Mapping[str, Any], platform: str | None
) -> Iterator[tuple[str, str]]:
    allowed = options.allow_override if isinstance(options.allow_override, list | tuple) else ()
    if options.swappiness is not None and options.max_swap is None and "max_swap" not in allowed:
        yield "swappiness", "give max_swap as well: without it, Batch ignores this"
    variables = settings.get("environment")
    if isinstance(variables, Mapping) and isinstance(options.secrets, Mapping):
        for name in sorted({*variables} & {*options.secrets}):
            yield "secrets", f"environment has {name} too, and ECS takes a name once: leave one out"
    yield from _of_execution_role(options, settings)
    yield from _of_platform(options, platform)
    if options.array_size is not None or "array_size" in allowed:
        for name, reason in _NOT_OF_ARRAYS.items():
            if settings.get(name) is not None:
                yield "array_size", reason
    if isinstance(options.submit_job, Mapping):
        # A definition that exists may have several containers.
        own = {"ecsPropertiesOverride"} if settings.get("job_definition") is not None else set()
        for name in options.submit_job:
            key = name[:1].lower() + name[1:]
            if key not in own and (remedy := _CLOSED.get(key)):
                yield "submit_job", f"leave out {name}: {remedy}"


def _of_execution_role(
    options: JobOptions, settings: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    """What ECS reads by an execution role that there is not."""
    if settings.get("execution_role_arn") is not None:
        return
    for name in ("secrets", "log_configuration", "container_properties"):
        alone = JobOptions(**{name: getattr(options, name)})
        if read_by_role(alone):
            yield name, "give execution_role as well: by it, ECS reads the secrets"


def _of_platform(options: JobOptions, platform: str | None) -> Iterator[tuple[str, str]]:
    """What the platform does not have of what is written as the API has it."""
    door = api_case(options.container_properties)
    door = door if isinstance(door, Mapping) else {}
    for name, option in OPTIONS.items():
        if not option.place or option.submitted or not (wrong := _wrong_platform(name, platform)):
            continue
        found: Any = door
        for step in option.place:
            found = found.get(step) if isinstance(found, Mapping) else None
        if found is not None:
            yield "container_properties", f"{'.'.join(option.place)}: {wrong}"
    if platform != "FARGATE":
        return
    if door.get("Privileged") is True:
        yield "container_properties", "Fargate has no privileged containers: leave out privileged"
    for name, logs in (
        ("log_configuration", api_case(options.log_configuration)),
        ("container_properties", door.get("LogConfiguration")),
    ):
        driver = logs.get("LogDriver") if isinstance(logs, Mapping) else None
        if isinstance(driver, str) and is_literal(driver) and driver not in _DRIVERS_OF_FARGATE:
            drivers = " or ".join(_DRIVERS_OF_FARGATE)
            yield name, f"Fargate has no driver {driver!r}: give {drivers}"


def _override_problems(
    names: Any, *, deployed: bool, lacking: Mapping[str, str], platform: str | None
) -> list[InvalidValue]:
    parameter = "job_options.allow_override"
    if names is None:
        return []
    if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
        return [InvalidValue(parameter, names, "give a list of names of options")]
    problems = []
    for name in names:
        option = OPTIONS.get(name)
        wrong = None if option is None else _wrong_platform(name, platform)
        if option is None and name in SETTINGS:
            remedy = "it says what the job may do, or where it runs: an execution must not choose"
        elif name in STATES:
            remedy = "it makes states of the state machine, which are there before the execution"
        elif option is None:
            near = near_names(name, OPTIONS) or [key for key in OPTIONS if not OPTIONS[key].refusal]
            remedy = f"there is no such option; give {' or '.join(near)}"
        elif option.refusal is not None:
            remedy = option.refusal
        elif name in lacking:
            remedy = f"leave it out: {lacking[name]}"
        elif wrong is not None:
            remedy = wrong
        elif deployed and not option.submitted:
            remedy = (
                "SubmitJob cannot override it, and the job definition is there before the execution"
            )
        else:
            continue
        problems.append(InvalidValue(parameter, name, remedy))
    return problems


def _wrong_shape(name: str, value: Any) -> str | None:
    """What Batch's own model has against an option that is written as the API has it."""
    option = OPTIONS[name]
    # The open doors are merged with others: what is missing in them may be there.
    whole = bool(option.place)
    return next(mismatches(option.written(value), shape_at(option), whole=whole), None)
