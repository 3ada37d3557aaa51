"""Each option of a job: where Batch's API has it, what it may be, and how it is written there.

Names within are those of Step Functions, which begin with a capital letter.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aws_cdk import Duration

from sfn_fragments.validation import (
    Rule,
    choice,
    computable,
    flag,
    is_literal,
    is_token,
    json_object,
    malformed,
    number,
    text,
)
from sfn_fragments_asl.model.jsonata_source import Expression, source
from sfn_fragments_batch.names import asked_once

#: Objects whose names are the user's own, and stay as they are.
_FREE = ("Options", "Parameters", "Tags")

#: https://docs.aws.amazon.com/batch/latest/APIReference/API_Ulimit.html
ULIMITS = (
    *("core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice", "nofile", "nproc"),
    *("rss", "rtprio", "rttime", "sigpending", "stack"),
)


def api_case(value: Any) -> Any:
    """A value with the names of its fields as Step Functions writes those of the API.

    Args:
        value: JSON data with names as the API or as Step Functions has them.

    Returns:
        The data; the user's own names, of options, parameters and tags, are left.

    Examples:
        >>> api_case({"logDriver": "awslogs", "options": {"awslogs-group": "x"}})
        {'LogDriver': 'awslogs', 'Options': {'awslogs-group': 'x'}}
    """
    if isinstance(value, Mapping):
        named = {str(key)[:1].upper() + str(key)[1:]: item for key, item in value.items()}
        return {key: item if key in _FREE else api_case(item) for key, item in named.items()}
    if isinstance(value, list | tuple) and not is_token(value):
        return [api_case(item) for item in value]
    return value


def computed_case(value: Expression, *numbers: str) -> Expression:
    """The same for what an execution gives, with the types that Batch takes.

    Args:
        value: What it gives.
        *numbers: Names of the fields that are numbers; other fields are texts.
    """
    free, whole = (
        source([name for both in names for name in (both, both[:1].lower() + both[1:])])
        for names in (_FREE, numbers)
    )
    return Expression(
        "($texts := function($x) { $merge($each($x, function($v, $k) { {$k: $string($v)} })) }; "
        "$cased := function($x) { $type($x) = 'object' ? $merge($each($x, function($v, $k) { "
        "{$uppercase($substring($k, 0, 1)) & $substring($k, 1): "
        f"$k in {free} ? $texts($v) : $k in {whole} ? $number($v) : $cased($v)}} }})) : "
        "$type($x) = 'array' ? [$map($x, $cased)] : $type($x) = 'number' ? $string($x) : $x }; "
        f"$cased({value}))"
    )


def _as_given(value: Any) -> Any:
    return value


def _number(value: Expression) -> Expression:
    return Expression(f"$number({value})")


@dataclass(frozen=True)
class Option:
    """An option of a job.

    Attributes:
        place: Where it is, within ``ContainerProperties`` or SubmitJob.
        rule: What it may be.
        submitted: Whether SubmitJob has it, or the job definition alone.
        written: A value as the API has it.
        computed: An expression of what an execution gives, as the API has it.
        platforms: Those that take it.
        refusal: Why an execution's input may not be allowed to give it; ``None`` where it may.
    """

    place: tuple[str, ...]
    rule: Rule
    submitted: bool = False
    written: Callable[[Any], Any] = _as_given
    computed: Callable[[Expression], Any] = _as_given
    platforms: tuple[str, ...] = ("EC2", "FARGATE")
    refusal: str | None = None


def _whole(least: int, most: int | None = None) -> Rule:
    """A number without a fraction, also as a path."""
    highest = math.inf if most is None else most
    return computable(number(least, highest, whole=True), single=True)


def _tags(value: Any) -> str | None:
    # https://docs.aws.amazon.com/batch/latest/APIReference/API_SubmitJob.html
    if not isinstance(value, Mapping):
        return "give an object of texts, name to value"
    if len(value) > 50:
        return f"give at most 50, not {len(value)}"
    for name, item in value.items():
        if not isinstance(name, str) or not 1 <= len(name) <= 128:
            return f"{name!r} is no name of a tag: give 1 to 128 characters"
        if name.lower().startswith("aws:"):
            return f"AWS keeps names that begin with aws: to itself: rename {name}"
        if not isinstance(item, str) and not is_token(item):
            return f"{name}: give a text"
        if isinstance(item, str) and (remedy := malformed(item, single=True)):
            return f"{name}: {remedy}"
        if isinstance(item, str) and is_literal(item) and len(item) > 256:
            return f"{name}: give at most 256 characters"
    return None


def _object_or(rule: Rule) -> Rule:
    return lambda value: json_object(value) if isinstance(value, Mapping) else rule(value)


def _listed_objects(value: Any) -> str | None:
    if isinstance(value, str | Mapping) or not isinstance(value, Sequence):
        return "give a list of objects, as the API has them"
    found = (json_object(one) if isinstance(one, Mapping) else "give an object" for one in value)
    return next((f"item {index}: {remedy}" for index, remedy in enumerate(found) if remedy), None)


def _retry_strategy(value: Any) -> str | None:
    if not isinstance(value, Mapping):
        return _whole(1, 10)(value)
    strategy = api_case(value)
    rules = strategy.get("EvaluateOnExit")
    if rules is not None and strategy.get("Attempts") is None:
        return "give attempts as well: Batch takes no evaluateOnExit without"
    if isinstance(rules, Sequence) and len(rules) > 5:
        return f"give at most 5 conditions in evaluateOnExit, not {len(rules)}"
    attempts = strategy.get("Attempts")
    remedy = json_object(value) or (_whole(1, 10)(attempts) if attempts is not None else None)
    conditions = enumerate(rules if isinstance(rules, list | tuple) else [])
    found = ((index, _condition(one)) for index, one in conditions if isinstance(one, Mapping))
    return remedy or next((f"evaluateOnExit[{n}]: {told}" for n, told in found if told), None)


def _condition(rule: Mapping[str, Any]) -> str | None:
    # https://docs.aws.amazon.com/batch/latest/APIReference/API_EvaluateOnExit.html
    patterns = {name: rule.get(name) for name in ("OnExitCode", "OnReason", "OnStatusReason")}
    for name, pattern in patterns.items():
        own = f"{name[:1].lower()}{name[1:]}"
        if not isinstance(pattern, str) or not is_literal(pattern):
            continue
        if "*" in pattern[:-1]:
            return f"{own}: an asterisk can only end a pattern: give how {pattern!r} begins"
        if name == "OnExitCode" and not re.fullmatch(r"[0-9]*\*?", pattern):
            return f"{own}: give digits, and an asterisk where it goes on, not {pattern!r}"
    return None


def _written_strategy(value: Any) -> Any:
    return api_case(value) if isinstance(value, Mapping) else {"Attempts": value}


def _log_configuration(value: Any) -> str | None:
    if isinstance(value, Mapping):
        return json_object(value)
    if isinstance(value, str):
        return computable(text("a log group's name", longest=512, pattern=r"[\w/.#-]+"))(value)
    return None if hasattr(value, "log_group_name") else "give a log group, its name, or an object"


def _written_logs(value: Any) -> Any:
    if isinstance(value, Mapping):
        return api_case(value)
    group = value if isinstance(value, str) else asked_once(value, "log_group_name")
    return {"LogDriver": "awslogs", "Options": {"awslogs-group": group}}


def _ulimits(value: Any) -> str | None:
    if not isinstance(value, Mapping):
        return "give an object, such as {'nofile': 65536}"
    for name, limit in value.items():
        if name not in ULIMITS:
            return f"{name!r} is none of {', '.join(ULIMITS)}"
        pair = limit if isinstance(limit, list | tuple) and not is_token(limit) else [limit]
        if len(pair) not in (1, 2):
            return f"{name}: give one limit, or the soft and the hard one"
        for one in pair:
            # -1 is no limit.
            if remedy := _whole(-1)(one):
                return f"{name}: {remedy}"
        soft, hard = pair[0], pair[-1]
        plain = all(isinstance(one, int) and is_literal(one) for one in pair)
        if plain and hard != -1 and (soft == -1 or soft > hard):
            return f"{name}: the soft limit, {soft}, is above the hard one, {hard}"
    return None


def _written_ulimits(value: Any) -> Any:
    listed = []
    for name, limit in value.items():
        soft, hard = limit if isinstance(limit, list | tuple) else (limit, limit)
        listed.append({"Name": name, "SoftLimit": soft, "HardLimit": hard})
    return listed


def _computed_strategy(value: Expression) -> Expression:
    cased = computed_case(value, "Attempts")
    return Expression(f"$type({value}) = 'object' ? {cased} : {{\"Attempts\": $number({value})}}")


def _computed_tmpfs(value: Expression) -> Expression:
    return Expression(f"[{computed_case(value, 'Size')}]")


def _computed_ulimits(value: Expression) -> Expression:
    one = "$type($limit) = 'array' ? $limit : [$limit, $limit]"
    named = (
        "$each($limits, function($limit, $name) {( "
        f"$pair := {one}; "
        "{'Name': $name, 'SoftLimit': $number($pair[0]), 'HardLimit': $number($pair[-1])} )})"
    )
    cased = computed_case(Expression("$limits"), "SoftLimit", "HardLimit")
    return Expression(
        f"[(function($limits) {{ $type($limits) = 'object' ? {named} : {cased} }})({value})]"
    )


def _computed_logs(value: Expression) -> Expression:
    group = f'{{"LogDriver": "awslogs", "Options": {{"awslogs-group": {value}}}}}'
    return Expression(f"$type({value}) = 'string' ? {group} : {computed_case(value)}")


def _computed_platform(value: Expression) -> Expression:
    architecture = f'{{"CpuArchitecture": {value}}}'
    return Expression(f"$type({value}) = 'string' ? {architecture} : {computed_case(value)}")


def _written_platform(value: Any) -> Any:
    return api_case(value) if isinstance(value, Mapping) else {"CpuArchitecture": value}


_ARCHITECTURE = computable(choice("X86_64", "ARM64"), single=True)


#: Of a secret, a parameter, and what ``aws_ecs.Secret`` and ``aws_batch.Secret`` make of either.
_SECRET_ARNS = ("secret_arn", "parameter_arn", "arn")


def _secrets(value: Any) -> str | None:
    if not isinstance(value, Mapping):
        return "give an object: name of a variable to a secret, a parameter, or its ARN"
    for name, given in value.items():
        if not isinstance(name, str) or not name or "=" in name:
            return f"{name!r} names no environment variable"
        if isinstance(given, str):
            if is_literal(given) and (not given or any(map(str.isspace, given))):
                return f"{name}: give an ARN, or the name of a parameter"
            if remedy := malformed(given, single=True):
                return f"{name}: {remedy}"
        elif not any(hasattr(given, attribute) for attribute in _SECRET_ARNS):
            return f"{name}: give a secret, a parameter, or its ARN"
    return None


def secret_source(value: Any) -> str:
    """Where a secret comes from: its ARN, or what was given.

    Args:
        value: A secret, a parameter, what CDK makes of one for a container, or its ARN or name.
    """
    if isinstance(value, str):
        return value
    attribute = next(one for one in _SECRET_ARNS if hasattr(value, one))
    found: str = asked_once(value, attribute)
    return found


def _written_secrets(value: Any) -> Any:
    return [{"Name": name, "ValueFrom": secret_source(one)} for name, one in value.items()]


def _public_ip(value: bool) -> str:
    return "ENABLED" if value else "DISABLED"


def _computed_public_ip(value: Expression) -> Expression:
    return Expression(f"{value} ? 'ENABLED' : 'DISABLED'")


def _seconds(value: Any) -> Any:
    return value.to_seconds() if isinstance(value, Duration) else value


_HOST = "it says what of the host the job may reach, which an execution must not choose"
_RIGHTS = "it says what the job may do and read, which an execution must not choose"
_DOOR = "it may hold anything: name the options that an execution may choose"

#: The options by their names. ``timeout`` has its rule where the parameter of that name has it.
OPTIONS: Mapping[str, Option] = {
    "tags": Option(("Tags",), _tags, submitted=True),
    "propagate_tags": Option(("PropagateTags",), flag, submitted=True),
    "retry_strategy": Option(
        ("RetryStrategy",),
        _retry_strategy,
        submitted=True,
        written=_written_strategy,
        computed=_computed_strategy,
    ),
    "share_identifier": Option(
        ("ShareIdentifier",),
        computable(text("a name", longest=256, pattern=r"[A-Za-z0-9]+\*?"), single=True),
        submitted=True,
    ),
    "scheduling_priority": Option(
        ("SchedulingPriorityOverride",), _whole(0, 9999), submitted=True, computed=_number
    ),
    "array_size": Option(
        ("ArrayProperties", "Size"), _whole(2, 10_000), submitted=True, computed=_number
    ),
    # Batch's, and not the state's own ``TimeoutSeconds``: Step Functions only tries to end the job
    # of a state that timed out, while Batch ends it for certain, and the state then fails as with
    # any failed job. It bounds the attempt, and not the time that the job waits in its queue.
    "timeout": Option(
        ("Timeout", "AttemptDurationSeconds"),
        lambda _: None,
        submitted=True,
        written=_seconds,
        computed=_number,
    ),
    "log_configuration": Option(
        ("LogConfiguration",), _log_configuration, written=_written_logs, computed=_computed_logs
    ),
    "shared_memory_size": Option(
        ("LinuxParameters", "SharedMemorySize"), _whole(1), computed=_number, platforms=("EC2",)
    ),
    "tmpfs": Option(
        ("LinuxParameters", "Tmpfs"),
        _listed_objects,
        written=api_case,
        computed=_computed_tmpfs,
        platforms=("EC2",),
    ),
    "devices": Option(
        ("LinuxParameters", "Devices"),
        _listed_objects,
        written=api_case,
        platforms=("EC2",),
        refusal=_HOST,
    ),
    "init_process_enabled": Option(("LinuxParameters", "InitProcessEnabled"), flag),
    "max_swap": Option(
        ("LinuxParameters", "MaxSwap"), _whole(0), computed=_number, platforms=("EC2",)
    ),
    "swappiness": Option(
        ("LinuxParameters", "Swappiness"), _whole(0, 100), computed=_number, platforms=("EC2",)
    ),
    "ulimits": Option(
        ("Ulimits",),
        _ulimits,
        written=_written_ulimits,
        computed=_computed_ulimits,
        platforms=("EC2",),
    ),
    "ephemeral_storage": Option(
        ("EphemeralStorage", "SizeInGiB"),
        _whole(21, 200),
        computed=_number,
        platforms=("FARGATE",),
    ),
    "runtime_platform": Option(
        ("RuntimePlatform",),
        _object_or(_ARCHITECTURE),
        written=_written_platform,
        computed=_computed_platform,
        platforms=("FARGATE",),
    ),
    "secrets": Option(("Secrets",), _secrets, written=_written_secrets, refusal=_RIGHTS),
    "assign_public_ip": Option(
        ("NetworkConfiguration", "AssignPublicIp"),
        flag,
        written=_public_ip,
        computed=_computed_public_ip,
        platforms=("FARGATE",),
    ),
    "container_properties": Option((), json_object, written=api_case, refusal=_DOOR),
    "submit_job": Option((), json_object, submitted=True, written=api_case, refusal=_DOOR),
}

#: Options that are parameters of fragments too, by the names of the settings.
SETTINGS: Mapping[str, str] = {
    "timeout": "timeout",
    "platform": "platform_capabilities",
    "job_role": "job_role_arn",
    "execution_role": "execution_role_arn",
}

#: Options that are not Batch's own, but the fragment's: they make states of it.
STATES = ("fallback_job_queue", "runnable_timeout", "failure_summary")

#: Options that stay numbers, also where CloudFormation fills them in.
NUMBERS = tuple(name for name, option in OPTIONS.items() if option.computed is _number)

#: Options that SubmitJob has.
SUBMITTED = tuple(name for name, option in OPTIONS.items() if option.submitted)

#: Options that only a job definition has.
IN_DEFINITION = (
    *(name for name, option in OPTIONS.items() if not option.submitted),
    *("platform", "job_role", "execution_role"),
)
