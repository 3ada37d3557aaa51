"""The options of a job: the organisation's, the construct's, and what its queue shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from aws_cdk import Duration

from sfn_fragments.errors import InvalidValue
from sfn_fragments.validation import env_base_rule, is_literal, scope_rule
from sfn_fragments_batch.execution_role import grant_reading, grant_writing
from sfn_fragments_batch.fargate import FARGATE_SIZES
from sfn_fragments_batch.job_options import JobOptions, organisation_options
from sfn_fragments_batch.names import named
from sfn_fragments_batch.option_checks import option_problems
from sfn_fragments_batch.option_table import IN_DEFINITION, OPTIONS, SETTINGS, STATES, api_case
from sfn_fragments_batch.queue_facts import has_policy, shown_platform

if TYPE_CHECKING:
    from constructs import Construct

#: Options that fragments lack unless they say otherwise, and why.
LACKING = {
    "array_size": "the jobs of an array would all write the same response; batch.submit_job has it",
}


#: Id of the warning, by which ``Annotations.of(construct).acknowledge_warning`` silences it.
WARNING = "sfn-fragments-batch:organisation"


def _options_of(
    scope: Construct | None,
    env_base: Any,
    job_options: Any,
    given: Mapping[str, Any],
    lacking: Mapping[str, str],
    *,
    deployed: bool,
) -> tuple[JobOptions, list[str], list[InvalidValue]]:
    """The options of a construct above those of the organisation.

    Returns:
        The options, the names of those that the organisation alone gives, and what is wrong.
    """
    problems = []
    own = JobOptions() if job_options is None else job_options
    if not isinstance(own, JobOptions):
        problems.append(InvalidValue("job_options", own, "give JobOptions(...)"))
        own = JobOptions()
    # What is wrong with the two is told with the other problems.
    if scope_rule(scope) is not None or env_base_rule(env_base) is not None:
        return own, [], problems
    place = cast("Construct", scope)
    organisation = organisation_options(place, env_base)
    platform = _platform_of(organisation, own, given)
    left_out = _not_for_this_job(organisation, own, given, lacking, platform)
    held = [name for name in left_out if name in lacking and name in IN_DEFINITION]
    if given_ones := [name for name in held if getattr(organisation, name) is not None]:
        _warn(place, given_ones)
    allowed = organisation.allow_override
    if isinstance(allowed, list | tuple):
        # What a definition of the stack says for good is for no execution to choose.
        held = [*left_out, *(IN_DEFINITION if deployed else ())]
        allowed = [one for one in allowed if one not in held] or None
    organisation = replace(
        organisation,
        **dict.fromkeys(left_out),
        allow_override=allowed,
        **_open_door(organisation.container_properties, platform),
    )
    alone = [
        name
        for name, value in vars(organisation).items()
        if value is not None and getattr(own, name) is None
    ]
    return own.above(organisation), alone, problems


def _platform_of(organisation: JobOptions, own: JobOptions, given: Mapping[str, Any]) -> str | None:
    """The platform of a job, as far as it is known."""
    shown = shown_platform(given.get("job_queue"))
    chosen = own.platform or shown or organisation.platform or "EC2"
    listed = given.get("platform_capabilities") or [chosen]
    platform = listed[0] if isinstance(listed, list | tuple) else None
    return platform if isinstance(platform, str) and is_literal(platform) else None


def _open_door(properties: Any, platform: str | None) -> dict[str, Any]:
    """The organisation's container properties, where the platform does not have all of them."""
    door = api_case(properties)
    places = [
        option.place
        for option in OPTIONS.values()
        if option.place and not option.submitted and platform not in (*option.platforms, None)
    ]
    places += [("Privileged",)] if platform == "FARGATE" else []
    if not isinstance(door, Mapping) or not any(map(partial(_has, door), places)):
        return {}
    for place in places:
        door = _without(door, *place)
    return {"container_properties": door or None}


def _has(door: Any, place: tuple[str, ...]) -> bool:
    for step in place:
        if not isinstance(door, Mapping) or step not in door:
            return False
        door = door[step]
    return True


def _without(door: Any, step: str, *steps: str) -> Any:
    """An object without what is at a place, nor what is empty then."""
    if not isinstance(door, Mapping) or step not in door:
        return door
    rest = {name: value for name, value in door.items() if name != step}
    below = _without(door[step], *steps) if steps else None
    return {**rest, step: below} if below else rest


def _not_for_this_job(
    organisation: JobOptions,
    own: JobOptions,
    given: Mapping[str, Any],
    lacking: Mapping[str, str],
    platform: str | None,
) -> list[str]:
    """Options that an organisation has for every job, and that this one cannot have.

    The organisation does not know the job, and who makes the fragment cannot take them back.
    """
    queue = given.get("job_queue")
    names = [*lacking]
    names += [name for name, option in OPTIONS.items() if platform not in (*option.platforms, None)]
    names += ["platform"] if shown_platform(queue) is not None else []
    names += ["share_identifier", "scheduling_priority"] if has_policy(queue) is False else []
    names += ["fallback_job_queue", "runnable_timeout"] if own.array_size is not None else []
    looks_at_one = given.get("memory_growth") or own.fallback_job_queue or own.runnable_timeout
    names += ["array_size"] if looks_at_one is not None else []
    allowed = organisation.allow_override
    allowed = allowed if isinstance(allowed, list | tuple) else ()
    return [
        name
        for name in dict.fromkeys(names)
        if getattr(organisation, name) is not None or name in allowed
    ]


def _warn(scope: Construct, names: list[str]) -> None:
    from aws_cdk import Annotations

    Annotations.of(scope).add_warning_v2(
        WARNING,
        "a job definition that exists keeps what it holds: of the options that a plugin gives to "
        f"every job, it does not get {', '.join(names)}",
    )


def with_options(
    scope: Construct | None,
    env_base: Any,
    job_options: Any,
    given: Mapping[str, Any],
    *,
    renamed: Mapping[str, str] | None = None,
    defaults: Mapping[str, Any] | None = None,
    deployed: bool = False,
    fits: bool = False,
    lacking: Mapping[str, str] = LACKING,
) -> tuple[JobOptions, dict[str, Any], list[InvalidValue]]:
    """The options of a job, and its settings with what they give.

    Args:
        scope: The construct that will hold the fragment; without one, plugins are not asked.
        env_base: Environment base.
        job_options: Options that the construct itself gives.
        given: Settings that it gives as parameters, which win over the organisation's options.
        renamed: Names of settings, and what the fragment calls the parameter.
        defaults: Settings, where neither parameters nor options give them.
        deployed: Whether the job definition is part of the stack.
        fits: Whether memory and vCPUs may be a default of the fragment, which is then made one that
            Fargate has.
        lacking: Options that the fragment does not have, and why.

    Returns:
        The options, the settings, and what is wrong with the options.
    """
    options, alone, found = _options_of(
        scope, env_base, job_options, given, lacking, deployed=deployed
    )
    found += _given_twice(job_options, given, renamed or {})
    settings = dict(given)
    for option, setting in SETTINGS.items():
        if settings.get(setting) is None and (value := getattr(options, option)) is not None:
            settings[setting] = [value] if option == "platform" else value
    queue = settings.get("job_queue")
    platform = shown_platform(queue)
    if platform == "FARGATE" and settings.get("platform_capabilities") is None:
        settings["platform_capabilities"] = ["FARGATE"]
    found += _queue_problems(options, settings, platform)
    for name, default in (defaults or {}).items():
        if settings.get(name) is None or settings[name] == "":
            settings[name] = default
    if fits and settings.get("platform_capabilities") == ["FARGATE"]:
        settings |= _fitting(settings)
    for name in STATES:
        if (value := getattr(options, name)) is not None:
            settings[name] = value
    found += option_problems(options, settings, deployed=deployed, lacking=lacking)
    # Who makes the fragment has not written it, and looks for it in vain.
    told = "; a plugin gives it to every job, by sfn_fragments_batch_job_options"
    found = [
        InvalidValue(one.parameter, one.value, f"{one.remedy}{told}")
        if one.parameter.removeprefix("job_options.") in alone
        else one
        for one in found
    ]
    return options, settings, found


def _queue_problems(
    options: JobOptions, settings: Mapping[str, Any], platform: str | None
) -> list[InvalidValue]:
    """What does not go with a queue that shows what it is."""
    problems = []
    given = settings.get("platform_capabilities")
    if platform is not None and isinstance(given, list | tuple) and given not in ([platform],):
        remedy = f"the queue's compute environment is on {platform}: leave it out"
        if all(isinstance(one, str) and is_literal(one) for one in given):
            problems.append(InvalidValue("platform_capabilities", given, remedy))
    queue, other = settings.get("job_queue"), options.fallback_job_queue
    if None not in (platform, shown_platform(other)) and platform != shown_platform(other):
        remedy = f"its compute environment is not on {platform}, as that of the first queue: a job "
        remedy += "definition is for one of them"
        problems.append(InvalidValue("job_options.fallback_job_queue", other, remedy))
    policies = [has_policy(queue), has_policy(other)]
    identifier = options.share_identifier
    allowed = options.allow_override if isinstance(options.allow_override, list | tuple) else ()
    remedy = ""
    if True in policies and identifier is None and "share_identifier" not in allowed:
        remedy = "give it: the queue has a scheduling policy, and takes no job without"
    elif False in policies and identifier is not None:
        remedy = "leave it out: a queue has no scheduling policy, and takes no job with it"
    if remedy:
        problems.append(InvalidValue("job_options.share_identifier", identifier, remedy))
    return problems


def _fitting(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The memory of a fragment's own default on Fargate, which has more for one vCPU."""
    try:
        is_default = float(settings["memory"]) == 1024 and float(settings["vcpus"]) == 1
    except (KeyError, TypeError, ValueError):
        return {}
    return {"memory": FARGATE_SIZES[1][0]} if is_default else {}


def _given_twice(
    job_options: Any, given: Mapping[str, Any], renamed: Mapping[str, str]
) -> list[InvalidValue]:
    """Settings that a construct gives as a parameter and as an option."""
    if not isinstance(job_options, JobOptions):
        return []
    return [
        InvalidValue(
            f"job_options.{option}",
            value,
            f"give {renamed.get(setting, setting)} or this, not both",
        )
        for option, setting in SETTINGS.items()
        if (value := getattr(job_options, option)) is not None and given.get(setting) is not None
    ]


def written_options(options: JobOptions) -> dict[str, Any]:
    """Options as settings of a job, in the form that Batch's API has.

    Args:
        options: The options, which are right.

    Returns:
        Name to value, without those that are ``None``; ``timeout`` and others that are parameters
        of fragments too are not among them.
    """
    given = {
        name: option.written(value)
        for name, option in OPTIONS.items()
        if name not in SETTINGS and (value := getattr(options, name)) is not None
    }
    if options.share_identifier is not None:
        # Batch takes no share identifier without a priority, and the definition has none.
        given.setdefault("scheduling_priority", 0)
    if options.allow_override:
        given["allow_override"] = tuple(dict.fromkeys(options.allow_override))
    return given


def option_settings(options: JobOptions, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that options give to a job whose image and command are planned elsewhere.

    Args:
        options: The options, which are right; its tags are left to the plan.
        settings: What `with_options` has made of the parameters.

    Returns:
        The settings: the roles, the platform, the timeout, and the written options. Execution
        roles that are constructs get what they need.
    """
    execution_role = settings.get("execution_role_arn")
    may_read = grant_reading(execution_role, options)
    grant_writing(execution_role, options.log_configuration)
    given = named(settings) | written_options(options)
    if not may_read:
        given["execution_role_lacks_secrets"] = True
    given.pop("tags", None)
    if isinstance(given.get("timeout"), Duration):
        given["timeout"] = given["timeout"].to_seconds()
    return given
