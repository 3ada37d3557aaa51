"""What Express workflows cannot do, and the settings of Maps.

https://docs.aws.amazon.com/step-functions/latest/dg/choosing-workflow-type.html and
https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sfn_fragments_asl.checks.check import Check, CheckedDefinition, Finding
from sfn_fragments_asl.model.json_data import below, is_filled_in, is_number, mapping

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sfn_fragments_asl.model.machine import State

_MODES = ("INLINE", "DISTRIBUTED")
_TYPES = ("STANDARD", "EXPRESS")
#: Setting of a Map to its greatest value, and whether it is whole.
_NUMBERS = {
    "MaxConcurrency": (None, True),
    "ToleratedFailureCount": (None, True),
    "ToleratedFailurePercentage": (100, False),
}


def _express(checked: CheckedDefinition) -> Iterator[Finding]:
    for state in checked.states():
        inside = _express_map(state)
        if not (checked.express or inside):
            continue
        where = f"the items of {inside!r} are Express workflows" if inside else "it is Express"
        for problem in _not_in_express(state):
            yield Finding(state.name, f"{problem}, and {where}")


def _express_map(state: State) -> str | None:
    """The distributed Map around a state whose items are Express workflows."""
    for parent in state.machine.parents():
        if parent.distributed:
            config = mapping(mapping(parent.fields.get("ItemProcessor")).get("ProcessorConfig"))
            return parent.name if config.get("ExecutionType") == "EXPRESS" else None
    return None


def _not_in_express(state: State) -> Iterator[str]:
    if state.distributed:
        yield "it is a distributed Map"
    if state.call is not None and state.call.waits:
        yield f"it waits by {state.call.pattern.removesuffix(':2')}"
    if ":activity:" in state.resource:
        yield "it is done by an activity"


def _map_settings(checked: CheckedDefinition) -> Iterator[Finding]:
    for state in checked.states():
        if state.type != "Map":
            continue
        config = mapping(mapping(state.fields.get("ItemProcessor")).get("ProcessorConfig"))
        mode, kind = config.get("Mode", "INLINE"), config.get("ExecutionType")
        if is_filled_in(mode) or is_filled_in(kind):
            pass
        elif mode not in _MODES:
            yield Finding(state.name, f"its Mode is {mode!r}", f"give {' or '.join(_MODES)}")
        elif mode == "INLINE" and kind is not None:
            yield Finding(
                state.name,
                f"its Mode is INLINE, and its ExecutionType {kind!r}",
                "remove ExecutionType, or make the Mode DISTRIBUTED",
            )
        elif mode == "DISTRIBUTED" and kind not in _TYPES:
            yield Finding(
                state.name,
                "its Mode is DISTRIBUTED, and "
                + ("it has no ExecutionType" if kind is None else f"its ExecutionType {kind!r}"),
                f"give the ExecutionType {' or '.join(_TYPES)}",
            )
        for name, (most, whole) in _NUMBERS.items():
            value: Any = state.fields.get(name)
            if value is None or is_filled_in(value):
                continue
            fits = is_number(value) and not (whole and value % 1)
            if not fits or value < 0 or (most and value > most):
                span = "0 or more" if most is None else f"0 to {most}"
                remedy = f"give {'whole ' * whole}numbers, {span}"
                place = below(state.pointer, name)
                yield Finding(state.name, f"{name} is {value!r}", remedy, place)


_REFUSED = "AWS refuses to create the state machine"

WORKFLOW_TYPE_CHECKS = (
    Check(
        "asl.express",
        "error",
        f"{_REFUSED}: Express workflows end within five minutes, and wait for nothing.",
        _express,
        what="An Express workflow, or an item of a distributed Map that is one, has a task that "
        "waits (.sync, .waitForTaskToken, an activity) or a distributed Map.",
        remedy="make it a Standard workflow, or call the service without waiting",
    ),
    Check(
        "asl.map-settings",
        "error",
        f"{_REFUSED} (SCHEMA_VALIDATION_FAILED).",
        _map_settings,
        what="A Map has a Mode or ExecutionType that does not exist, a distributed one no "
        "ExecutionType, or a number out of its range.",
        remedy="correct the Map's settings",
    ),
)
