"""What an execution's input may say of a job's options, checked before anything is registered.

Of another type, a parameter of SubmitJob fails by ``States.Runtime``, which nothing catches: the
job definition that was registered for the run would stay.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfn_fragments_asl.model.jsonata_source import Expression, source

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_NUMBER = (
    "($type($v) = 'number' and $v = $floor($v)) or "
    "($type($v) = 'string' and $contains($v, /^[0-9]+$/))",
    "a whole number",
)
_FLAG = ("$type($v) = 'boolean'", "true or false")
_TEXT = ("$type($v) = 'string'", "a text")
_TEXT_OR_OBJECT = ("$type($v) in ['string', 'object']", "a text, or an object as the API has it")
_LIST = (
    "$type($v) = 'array' and $count($v[$type($) != 'object']) = 0",
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
    wrong = ", ".join(
        f"$exists($chosen.{name}) and $not((function($v) {{ {condition} }})($chosen.{name})) ? "
        f"'job_options.{name} of the input: give {kind}'"
        for name, (condition, kind) in ((name, CONDITIONS[name]) for name in allowed)
    )
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
