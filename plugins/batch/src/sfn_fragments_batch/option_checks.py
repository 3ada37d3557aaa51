"""What is wrong with the options of a job, by themselves and together with its other settings."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from sfn_fragments.errors import InvalidValue
from sfn_fragments.utils.reference_path import is_dynamic
from sfn_fragments.validation import is_literal, is_token
from sfn_fragments_asl.near_names import near_names
from sfn_fragments_batch.option_table import OPTIONS, SETTINGS, STATES
from sfn_fragments_batch.settings import is_computed, settled

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sfn_fragments_batch.job_options import JobOptions

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
_TYPES: Mapping[str, tuple[type, ...]] = {
    "boolean": (bool,),
    "integer": (int, float),
    "map": (Mapping,),
    "string": (str,),
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
        found.setdefault(name, (getattr(options, name), remedy))
    problems = [InvalidValue(f"job_options.{name}", *one) for name, one in found.items()]
    return [*problems, *_override_problems(options.allow_override, deployed=deployed)]


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
    allowed = options.allow_override or ()
    if options.swappiness is not None and options.max_swap is None and "max_swap" not in allowed:
        yield "swappiness", "give max_swap as well: without it, Batch ignores this"
    if options.secrets and settings.get("execution_role_arn") is None:
        yield "secrets", "give execution_role as well: by it, ECS reads them"
    configuration = options.log_configuration
    driver = configuration.get("logDriver") if isinstance(configuration, Mapping) else None
    if platform == "FARGATE" and isinstance(driver, str) and driver not in _DRIVERS_OF_FARGATE:
        drivers = " or ".join(_DRIVERS_OF_FARGATE)
        yield "log_configuration", f"Fargate has no driver {driver!r}: give {drivers}"
    if isinstance(options.submit_job, Mapping):
        for name in options.submit_job:
            if remedy := _CLOSED.get(name[:1].lower() + name[1:]):
                yield "submit_job", f"leave out {name}: {remedy}"


def _override_problems(names: Any, *, deployed: bool) -> list[InvalidValue]:
    parameter = "job_options.allow_override"
    if names is None:
        return []
    if isinstance(names, str) or not all(isinstance(name, str) for name in names):
        return [InvalidValue(parameter, names, "give a list of names of options")]
    problems = []
    for name in names:
        option = OPTIONS.get(name)
        if option is None and name in SETTINGS:
            remedy = "it says what the job may do, or where it runs: an execution must not choose"
        elif name in STATES:
            remedy = "it makes states of the state machine, which are there before the execution"
        elif option is None:
            near = near_names(name, OPTIONS) or [key for key in OPTIONS if not OPTIONS[key].refusal]
            remedy = f"there is no such option; give {' or '.join(near)}"
        elif option.refusal is not None:
            remedy = option.refusal
        elif deployed and not option.submitted:
            remedy = (
                "SubmitJob cannot override it, and the job definition is there before the execution"
            )
        else:
            continue
        problems.append(InvalidValue(parameter, name, remedy))
    return problems


@cache
def _shapes() -> dict[str, Any]:
    """Batch's requests, as botocore's models have them."""
    text = files("sfn_fragments_batch").joinpath("request_shapes.json").read_text("utf-8")
    shapes: dict[str, Any] = json.loads(text)
    return shapes


def _wrong_shape(name: str, value: Any) -> str | None:
    """What Batch's own model has against an option that is written as the API has it."""
    option = OPTIONS[name]
    shape: Any = _shapes()["submit_job" if option.submitted else "container_properties"]
    for step in option.place:
        shape = shape[step[:1].lower() + step[1:]]
    return next(_mismatches(option.written(value), shape), None)


def _mismatches(value: Any, shape: Any, place: str = "") -> Iterator[str]:
    value = settled(value)
    if value is None or is_token(value) or is_dynamic(value):
        return
    at = f"{place.removeprefix('.')}: " if place else ""
    if isinstance(shape, dict):
        if not isinstance(value, Mapping):
            yield f"{at}give an object"
            return
        for name, item in value.items():
            own = str(name)[:1].lower() + str(name)[1:]
            if own in shape:
                yield from _mismatches(item, shape[own], f"{place}.{own}")
            elif near := near_names(own, shape):
                # A name that is like none of them is what Batch may have learnt since.
                yield f"{at}Batch has no {own!r}; did you mean {' or '.join(near)}?"
    elif isinstance(shape, list):
        if isinstance(value, str | Mapping) or not isinstance(value, list | tuple):
            yield f"{at}give a list"
            return
        for index, item in enumerate(value):
            yield from _mismatches(item, shape[0], f"{place}[{index}]")
    elif "|" in shape:
        choices: Sequence[str] = shape.split("|")
        if not isinstance(value, str) or value.upper() not in map(str.upper, choices):
            yield f"{at}give {' or '.join(choices)}, not {value!r}"
    elif isinstance(value, bool) != (shape == "boolean") or not isinstance(value, _TYPES[shape]):
        kind = {"map": "an object", "integer": "a number"}.get(shape, f"a {shape}")
        yield f"{at}give {kind}, not {value!r}"
