"""Seconds to wait, and until a timeout.

https://docs.aws.amazon.com/step-functions/latest/dg/state-task.html and state-wait.html there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sfn_fragments_asl.checks.check import Check, CheckedDefinition, Finding
from sfn_fragments_asl.model.json_data import below, is_filled_in, is_number
from sfn_fragments_asl.model.timestamps import is_timestamp

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MAX_SECONDS = 99_999_999


def _times(checked: CheckedDefinition) -> Iterator[Finding]:
    for name, problem in _problems(checked.definition, {"TimeoutSeconds": 1}):
        yield Finding("definition", problem, "", below("", name))
    for state in checked.states():
        if state.type == "Wait":
            for name, problem in _problems(state.fields, {"Seconds": 0}):
                yield Finding(state.name, problem, "", below(state.pointer, name))
            time: Any = state.fields.get("Timestamp")
            if time is not None and not (is_filled_in(time) or is_timestamp(time)):
                yield Finding(
                    state.name,
                    f"Timestamp is {time!r}, which is no time",
                    "write a time with its zone, such as 2030-01-31T12:00:00Z; a path belongs into "
                    "TimestampPath",
                    below(state.pointer, "Timestamp"),
                )
        elif state.type == "Task":
            least = {"TimeoutSeconds": 1, "HeartbeatSeconds": 1}
            for name, problem in _problems(state.fields, least):
                yield Finding(state.name, problem, "", below(state.pointer, name))
            timeout: Any = state.fields.get("TimeoutSeconds")
            heartbeat: Any = state.fields.get("HeartbeatSeconds")
            if is_number(timeout) and is_number(heartbeat) and heartbeat >= timeout:
                yield Finding(
                    state.name,
                    f"HeartbeatSeconds is {heartbeat}, no less than TimeoutSeconds, {timeout}",
                    "give a shorter HeartbeatSeconds",
                    below(state.pointer, "HeartbeatSeconds"),
                )


def _problems(fields: Mapping[str, Any], limits: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    for name, least in limits.items():
        value = fields.get(name)
        if value is None or is_filled_in(value):
            continue
        whole = is_number(value) and value % 1 == 0
        if not (whole and least <= value <= MAX_SECONDS):
            span = f"between {least} and {MAX_SECONDS}"
            yield name, f"{name} is {value!r}; give a whole number {span}"


TIME_CHECKS = (
    Check(
        "asl.seconds",
        "error",
        "AWS refuses to create the state machine (SCHEMA_VALIDATION_FAILED).",
        _times,
        what="Seconds, TimeoutSeconds or HeartbeatSeconds is no whole number in its range, "
        "HeartbeatSeconds is not smaller than TimeoutSeconds, or a Timestamp is no time.",
        remedy="give whole seconds in the range",
    ),
)
