"""What a state does, and when it goes on to another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sfn_fragments_asl.model.json_data import is_number, mapping, objects
from sfn_fragments_asl.wording.calls import service_in_words, subject_in_words, task_in_words
from sfn_fragments_asl.wording.conditions import condition_in_words
from sfn_fragments_asl.wording.expressions import value_in_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sfn_fragments_asl.model.machine import State

#: A retrier without ``MaxAttempts`` tries again so often.
DEFAULT_ATTEMPTS = 3

#: An expression that is longer says nothing at a glance.
_LONGEST = 60

_ALL = "States.ALL"
_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


@dataclass(frozen=True)
class Way:
    """A transition, in words.

    Attributes:
        kind: ``next``, ``choice``, ``otherwise`` (of a Choice) or ``catch``.
        target: Name of the state that it leads to.
        words: When it is taken; empty for ``next``.
        pointer: JSON Pointer of the field that names the target.
    """

    kind: str
    target: str
    words: str
    pointer: str


def ways(state: State) -> list[Way]:
    """The transitions of a state, in words, in the order in which they are tried.

    Args:
        state: The state.

    Examples:
        >>> from sfn_fragments_asl.model.machine import Machine
        >>> rule = {"Variable": "$.n", "NumericEquals": 0, "Next": "B"}
        >>> fields = {"Type": "Choice", "Choices": [rule], "Default": "C"}
        >>> machine = Machine({"StartAt": "A", "States": {"A": fields}})
        >>> [(way.words, way.target) for way in ways(machine.states["A"])]
        [('n is 0', 'B'), ('otherwise', 'C')]
    """
    rules, catchers = (objects(state.fields.get(name)) for name in ("Choices", "Catch"))
    found = []
    first = None
    for transition in state.transitions:
        name, bracket, rest = transition.field.partition("[")
        index = int(rest.partition("]")[0]) if bracket else 0
        target, pointer = transition.target, transition.pointer
        if name == "Choices":
            found.append(Way("choice", target, condition_in_words(rules[index]), pointer))
        elif name == "Catch":
            words = f"on {errors_in_words(catchers[index].get('ErrorEquals'))}"
            found.append(Way("catch", target, words, pointer))
        elif name == "Default":
            first = Way("otherwise", target, "otherwise", pointer)
        else:
            found.append(Way("next", target, "", pointer))
    return found if first is None else [*found, first]


def errors_in_words(names: Any) -> str:
    """The errors that a catcher or a retrier is for.

    Args:
        names: Its ``ErrorEquals``.

    Examples:
        >>> errors_in_words(["States.ALL"]), errors_in_words(["States.Timeout", "A", "B"])
        ('any error', 'States.Timeout, A or B')
    """
    texts = [str(name) for name in names] if isinstance(names, list) else [str(names)]
    if _ALL in texts:
        return "any error"
    *first, last = texts or ["no error"]
    return f"{', '.join(first)} or {last}" if first else last


def duration_in_words(seconds: Any) -> str:
    """A number of seconds, in units that a person reads.

    Args:
        seconds: The number; or what is filled in, which is shown as it is.

    Examples:
        >>> duration_in_words(90), duration_in_words(86_400), duration_in_words("{% $n %}")
        ('1 min 30 s', '1 d', '$n s')
    """
    if not is_number(seconds) or seconds != int(seconds) or seconds <= 0:
        return f"{value_in_words(seconds)} s"
    parts = []
    rest = int(seconds)
    for size, unit in _UNITS:
        if count := rest // size:
            parts.append(f"{count} {unit}")
            rest -= count * size
    return " ".join(parts)


def state_in_words(state: State) -> list[str]:
    """What a state does, in a few short lines, its name left out.

    Args:
        state: The state.

    Returns:
        The lines; none for a state whose kind says it all, such as Succeed.
    """
    lines = _OF_KIND.get(state.type, _nothing)(state)
    attempts = [_attempts(retrier) for retrier in objects(state.fields.get("Retry"))]
    if attempts and max(attempts) > 0:
        lines.append(f"up to {max(attempts)} {'retry' if max(attempts) == 1 else 'retries'}")
    return [line for line in lines if line]


def retries_in_words(state: State) -> list[str]:
    """The retriers of a state, each in a line.

    Args:
        state: The state.

    Returns:
        The lines, in the order in which the retriers are tried.
    """
    return [retrier_in_words(retrier) for retrier in objects(state.fields.get("Retry"))]


def retrier_in_words(retrier: Mapping[str, Any]) -> str:
    """A retrier: for which errors, how often, and how long it waits before.

    Args:
        retrier: The retrier.

    Examples:
        >>> retrier_in_words({"ErrorEquals": ["A"], "IntervalSeconds": 3, "MaxDelaySeconds": 60})
        'on A: up to 3 retries, after 3 s, then 2 times as long each time, at most 1 min'
    """
    errors = errors_in_words(retrier.get("ErrorEquals"))
    attempts = _attempts(retrier)
    if attempts == 0:
        return f"on {errors}: no retry"
    counted = f"up to {attempts} {'retry' if attempts == 1 else 'retries'}"
    parts = [counted, f"after {duration_in_words(retrier.get('IntervalSeconds', 1))}"]
    rate = retrier.get("BackoffRate", 2)
    if rate != 1 and attempts > 1:
        times = f"{rate:g}" if is_number(rate) else value_in_words(rate)
        parts.append(f"then {times} times as long each time")
    if "MaxDelaySeconds" in retrier:
        parts.append(f"at most {duration_in_words(retrier['MaxDelaySeconds'])}")
    if retrier.get("JitterStrategy") == "FULL":
        parts.append("with jitter")
    return f"on {errors}: {', '.join(parts)}"


def _attempts(retrier: Mapping[str, Any]) -> int:
    attempts = retrier.get("MaxAttempts", DEFAULT_ATTEMPTS)
    return int(attempts) if is_number(attempts) else DEFAULT_ATTEMPTS


def _nothing(_state: State) -> list[str]:
    return []


def _task(state: State) -> list[str]:
    return [task_in_words(state), subject_in_words(state)]


def _wait(state: State) -> list[str]:
    for name, word in (("Seconds", "for"), ("Timestamp", "until")):
        for field in (name, f"{name}Path"):
            value = state.fields.get(field)
            if value is not None:
                text = value_in_words(value).strip('"')
                return [f"{word} {duration_in_words(value) if word == 'for' else text}"]
    return []


def _pass(state: State) -> list[str]:
    names = _assigned(state)
    return [f"sets {_listed(names)}"] if names else []


def _assigned(state: State) -> list[str]:
    return [f"${name.removesuffix('.$')}" for name in mapping(state.fields.get("Assign"))]


def _fail(state: State) -> list[str]:
    for field in ("Error", "ErrorPath"):
        value = state.fields.get(field)
        if isinstance(value, str):
            words = value_in_words(value).strip('"')
            return [words if len(words) <= _LONGEST else "an error that is computed"]
    return []


def _map(state: State) -> list[str]:
    reader = state.integration("ItemReader")
    if reader is not None:
        of = f"each item of {service_in_words(reader.call.service)}: {_reader(state)}"
    else:
        items = state.fields.get("Items", state.fields.get("ItemsPath", "$"))
        if isinstance(items, list):
            of = f"each of {len(items)} items"
        else:
            of = f"each of {value_in_words(items).strip(chr(34))}"
    # No number, and 0, set no bound.
    limit = state.fields.get("MaxConcurrency") or None
    bound = "" if limit is None else f"{value_in_words(limit)} at a time"
    start = "an execution for each" if state.distributed else ""
    return [of, ", ".join(part for part in (start, bound) if part)]


def _reader(state: State) -> str:
    reader = mapping(state.fields.get("ItemReader"))
    arguments = mapping(reader.get("Arguments", reader.get("Parameters")))
    kind = mapping(reader.get("ReaderConfig")).get("InputType")
    for name in ("Key", "Key.$", "Prefix", "Prefix.$", "Bucket", "Bucket.$"):
        if isinstance(arguments.get(name), str):
            return value_in_words(arguments[name]).strip('"')
    return str(kind or "a list")


def _parallel(state: State) -> list[str]:
    count = len(state.inner)
    return [f"{count} {'branch' if count == 1 else 'branches at the same time'}"]


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) if len(names) <= 4 else f"{', '.join(names[:3])} and more"


_OF_KIND = {
    "Task": _task,
    "Wait": _wait,
    "Pass": _pass,
    "Fail": _fail,
    "Map": _map,
    "Parallel": _parallel,
}
