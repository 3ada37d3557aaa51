"""How much a run entered and cost, and how much of the definition it ran."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sfn_fragments_asl.forecast.prices import (
    DOLLARS_PER_MILLION_EXPRESS_REQUESTS,
    DOLLARS_PER_MILLION_TRANSITIONS,
)
from sfn_fragments_asl.model.machine import Machine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sfn_fragments_asl.runs.model import Execution, Run


@dataclass(frozen=True)
class Figures:
    """What a run amounts to.

    Attributes:
        states: States entered, in all of its executions.
        transitions: Those that AWS bills, with retries; none of an Express workflow.
        express: Executions of Express workflows, which are billed by the request.
        dollars: List price, without the duration of Express executions, nor what was started.
        events: Events in the history of the execution itself.
    """

    states: int
    transitions: int
    express: int
    dollars: float
    events: int


def figures(run: Run) -> Figures:
    """Count a run.

    "Step Functions counts a state transition each time a step of your workflow is executed",
    retries included: https://aws.amazon.com/step-functions/pricing/

    Args:
        run: The run.
    """
    states = sum(len(execution.visits) for execution in run.executions)
    transitions = sum(
        1 + max(0, len(visit.attempts) - 1)
        for execution in run.executions
        if not execution.express
        for visit in execution.visits
    )
    express = sum(execution.express for execution in run.executions)
    millions = (
        transitions * DOLLARS_PER_MILLION_TRANSITIONS
        + express * DOLLARS_PER_MILLION_EXPRESS_REQUESTS
    )
    return Figures(states, transitions, express, millions / 1e6, len(run.execution.events))


@dataclass(frozen=True)
class Coverage:
    """What of a definition was run.

    Attributes:
        states: States of the definition.
        entered: How many of them were entered.
        transitions: Ways from a state to another.
        taken: How many of them were taken.
        left_out: Names of the states that were not entered.
    """

    states: int
    entered: int
    transitions: int
    taken: int
    left_out: tuple[str, ...]


def coverage(execution: Execution, children: Sequence[Execution] = ()) -> Coverage | None:
    """What of the definition of an execution was run.

    Args:
        execution: The execution.
        children: Those of the items of its distributed Maps.

    Returns:
        The coverage; None where the definition is not known.
    """
    if execution.definition is None:
        return None
    states = list(Machine(execution.definition).every_state())
    visits = [one for each in (execution, *children) for one in each.visits]
    entered = {visit.name for visit in visits}
    ways = {(state.name, way.target) for state in states for way in state.transitions}
    taken = {pair for each in (execution, *children) for pair in taken_ways(each)}
    return Coverage(
        states=len(states),
        entered=sum(state.name in entered for state in states),
        transitions=len(ways),
        taken=len(ways & taken),
        left_out=tuple(state.name for state in states if state.name not in entered),
    )


def taken_ways(execution: Execution) -> dict[tuple[str, str], int]:
    """The ways that an execution took from a state to another, and how often.

    Args:
        execution: The execution.
    """
    by_id = {event.id: event for event in execution.events}
    found: dict[tuple[str, str], int] = {}
    for visit in execution.visits:
        before = by_id.get(by_id[visit.event].previous)
        if before is not None and before.type.endswith("StateExited"):
            way = (str(before.details.get("name")), visit.name)
            found[way] = found.get(way, 0) + 1
    return found
