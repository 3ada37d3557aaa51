"""What an execution's input may say of a job, checked before anything is registered.

Of another type, a parameter of SubmitJob fails by ``States.Runtime``, which nothing catches: the
job definition that was registered for the run would stay.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sfn_fragments_asl.model.jsonata_source import Expression, source
from sfn_fragments_batch.api_shapes import REQUIRED, api_shape

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Characters of a wrong value that a message shows.
_TOLD = 80
# Conditional, for what does not fit a function must not be given to it: not every evaluator leaves
# out the second operand of "and".
_NUMBER = (
    "($type($v) = 'number' ? $v = $floor($v) : "
    "$type($v) = 'string' ? $contains($v, /^[0-9]+$/) : false)",
    "a whole number",
)
_FLAG = ("$type($v) = 'boolean'", "true or false")
_TEXT = ("$type($v) = 'string'", "a text")
_TEXT_OR_OBJECT = ("$type($v) in ['string', 'object']", "a text, or an object as the API has it")
# Those that are right are counted: of those that are not, null and an empty list count as none.
_LISTED = "$type($v) = 'array' and $count($v[$type($) = '{}']) = $count($v)"
_LIST = (
    _LISTED.format("object"),
    "a list of objects, as the API has them",
)
_STRATEGY = "['attempts', 'Attempts', 'evaluateOnExit', 'EvaluateOnExit']"
_CONDITION = [
    *("action", "Action", "onExitCode", "OnExitCode", "onReason", "OnReason"),
    *("onStatusReason", "OnStatusReason"),
]
_CONDITIONS = "[$v.evaluateOnExit, $v.EvaluateOnExit]"

#: Each option that the input may give: a condition of ``$v``, and what it then is.
CONDITIONS: Mapping[str, tuple[str, str]] = {
    "tags": (
        "$type($v) = 'object' and "
        "$count($each($v, function($t) { $type($t) in ['object', 'array'] ? 1 })) = 0",
        "an object of texts, name to value",
    ),
    "propagate_tags": _FLAG,
    "retry_strategy": (
        f"{_NUMBER[0]} or ($type($v) = 'object' and "
        f"$count($keys($v)[$not($ in {_STRATEGY})]) = 0 and "
        f"$count({_CONDITIONS}[$type($) != 'object']) = 0 and "
        f"$count($keys({_CONDITIONS})[$not($ in {source(_CONDITION)})]) = 0)",
        "a number of attempts, or an object of attempts and evaluateOnExit",
    ),
    "share_identifier": _TEXT,
    "scheduling_priority": _NUMBER,
    "array_size": _NUMBER,
    "timeout": _NUMBER,
    "log_configuration": _TEXT_OR_OBJECT,
    "shared_memory_size": _NUMBER,
    "tmpfs": _LIST,
    "init_process_enabled": _FLAG,
    "max_swap": _NUMBER,
    "swappiness": _NUMBER,
    "ulimits": (
        f"$type($v) = 'object' or ({_LIST[0]})",
        "an object, name to limit, or a list as the API has it",
    ),
    "ephemeral_storage": _NUMBER,
    "runtime_platform": _TEXT_OR_OBJECT,
    "assign_public_ip": _FLAG,
}

_PLAIN = "['string', 'number', 'boolean', 'null']"
_MATCHING = "$type($v) = 'string' ? $contains($v, /^{}$/) : false"


def _amount(least: float, unit: str, *, whole: bool = True) -> tuple[str, str]:
    digits = "[0-9]+" if whole else r"[0-9]+(\.[0-9]+)?"
    number = f"{'$v = $floor($v) and ' if whole else ''}$v >= {least}"
    condition = (
        f"$type($v) = 'number' ? {number} : $type($v) = 'string' ? "
        f"($contains($v, /^{digits}$/) ? $number($v) >= {least} : false) : false"
    )
    return condition, f"a {'whole ' if whole else ''}number of {unit}, {least} or more"


def _shaped(member: str, kind: str) -> tuple[str, str]:
    """A list of objects as Batch's API has them, names in its own case or that of Step Functions.

    The shape is passed along, and compared by one function that calls itself.
    """
    shape = source(_lower(api_shape("container_properties")[member]))
    condition = (
        "($fits := function($x, $s) { $type($x) = 'null' or ("
        "$type($s) = 'array' ? ($type($x) = 'array' ? "
        "$count($x[$type($) = 'object' ? $fits($, $s[0]) : false]) = $count($x) : false) : "
        "$type($s) = 'object' ? ($type($x) = 'object' ? "
        "$count($each($x, function($i, $k) { ("
        f"$m := [$lookup($s, $lowercase($k)), $lookup($s, $lowercase($k) & '{REQUIRED}')][0]; "
        "$exists($m) ? ($fits($i, $m) ? 1)) })) = $count($keys($x)) and "
        f"$count($keys($s)[$contains($, '{REQUIRED}')]"
        f"[$not($substringBefore($, '{REQUIRED}') in $map($keys($x), $lowercase))]) = 0 : false) : "
        "$type($x) = $s) }; "
        f"$fits($v, {shape}))"
    )
    return condition, kind


def _lower(shape: Any) -> Any:
    """A shape whose names are in lower case, and whose types are those of JSONata."""
    if isinstance(shape, Mapping):
        return {name.lower(): _lower(member) for name, member in shape.items()}
    if isinstance(shape, list):
        return [_lower(item) for item in shape]
    return {"integer": "number", "boolean": "boolean"}.get(shape, "string")


_ARN = (_MATCHING.format("arn:[^ ]+"), "the ARN of a role")

#: Each setting that the input may override: a condition of ``$v``, and what it then is.
SETTING_CONDITIONS: Mapping[str, tuple[str, str]] = {
    "bucket_name": (_MATCHING.format("[^ ]+"), "the name of a bucket"),
    "command": (_LISTED.format("string"), "a list of texts"),
    "environment": (
        f"($plain := {_PLAIN}; $type($v) = 'object' ? "
        "$count($each($v, function($x) { $type($x) in $plain ? 1 })) = $count($keys($v)) : "
        "$type($v) = 'array' and $count($v[$type($) = 'object' and "
        "$type([Name, name][0]) = 'string' and $type([Value, value][0]) in $plain]) = $count($v))",
        "an object of texts, name to value, or a list of objects with Name and Value",
    ),
    "execution_role_arn": _ARN,
    "gpu": _amount(0, "GPUs"),
    "image": (_MATCHING.format("[^ ]+"), "the URI of an image"),
    "job_queue": (_MATCHING.format("[^ ]+"), "its name or ARN"),
    "job_role_arn": _ARN,
    "key_prefix": (_MATCHING.format("([^\\/].*)?"), "a text that begins without /"),
    "memory": _amount(4, "MiB"),
    "mount_points": _shaped("mountPoints", "a list of mount points, as Batch's API has them"),
    "platform_capabilities": (
        "$count($v) = 1 and [$v][0] in ['EC2', 'FARGATE']",
        "['EC2'] or ['FARGATE']",
    ),
    "return_response": _FLAG,
    "vcpus": _amount(0.25, "vCPUs", whole=False),
    "volumes": _shaped("volumes", "a list of volumes, as Batch's API has them"),
}


def checked_settings(given: str, names: Sequence[str]) -> str:
    """What ends the execution where the input gives what a job cannot have.

    Args:
        given: Source of an expression of the object that overrides.
        names: The settings that it may override. Others are none of the job's.

    Returns:
        The source of an expression that gives an empty object.
    """
    wrong = _wrong(given, {name: SETTING_CONDITIONS[name] for name in names}, "")
    return (
        f"($type({given}) in ['object', 'null'] or $not($exists({given})) ? '' : "
        "$error('what overrides the settings of the job: give an object'); "
        f"$wrong := [{wrong}][0]; $exists($wrong) ? $error($wrong) : {{}})"
    )


def _wrong(given: str, conditions: Mapping[str, tuple[str, str]], place: str) -> str:
    """Source of the items of a list: what is wrong with each member of an object."""
    return ", ".join(
        f"(function($v) {{ $exists($v) and $type($v) != 'null' ? ($not({condition}) ? "
        f"{source(f'{place}{name} of the input: give {kind}, not ')} & "
        f"$substring($string($v), 0, {_TOLD})) }})({given}.{name})"
        for name, (condition, kind) in conditions.items()
    )


def chosen_options(given: str, allowed: Sequence[str]) -> Expression:
    """What the input gives of the options that it may; what it may not, or cannot, is an error.

    Args:
        given: Source of an expression of the input's object ``job_options``.
        allowed: Names of the options.

    Returns:
        The expression of an object, without what is null.
    """
    names = source(list(allowed))
    unnamed = source("the input cannot override, since allow_override does not name it: ")
    wrong = _wrong("$chosen", {name: CONDITIONS[name] for name in allowed}, "job_options.")
    return Expression(
        "(function($options) {( "
        "$type($options) in ['object', 'null'] or $not($exists($options)) ? '' : "
        "$error('job_options of the input: give an object'); "
        f"$others := $type($options) = 'object' ? $keys($options)[$not($ in {names})]; "
        f"$exists($others) ? $error({unnamed} & $join([$others], ', ')) : ''; "
        "$chosen := $type($options) = 'object' ? "
        "$sift($options, function($v) { $type($v) != 'null' }) : {}; "
        f"$wrong := [{wrong}][0]; $exists($wrong) ? $error($wrong) : ''; "
        f"$chosen )}})({given})"
    )
