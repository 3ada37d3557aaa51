"""The pictures of the state machines of a run, coloured by what happened in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sfn_fragments_asl.drawing import Overlay, draw
from sfn_fragments_asl.errors import AslError
from sfn_fragments_asl.model.machine import Machine
from sfn_fragments_asl.runs.figures import taken_ways

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sfn_fragments_asl.runs.model import Execution, Run

#: States of a machine that is drawn; of a larger one, nothing could be read.
_LARGEST = 400
#: The worst first: what a state of several visits is coloured by.
_ORDER = ("failed", "unfinished", "caught", "succeeded")
_CLASSES = {"unfinished": "running"}
_MARKS = {"failed": "✗", "caught": "↷", "unfinished": "…", "succeeded": "✓"}


@dataclass(frozen=True)
class Graph:
    """A picture of a state machine.

    Attributes:
        machine: Name of the state machine.
        executions: Indices of the executions that it shows.
        svg: The picture; None where there is none, for the reason that is told.
        why: Why there is none.
    """

    machine: str
    executions: tuple[int, ...]
    svg: str | None
    why: str = ""


def graphs_of(run: Run) -> list[Graph]:
    """A picture for each state machine whose definition is known, in order of execution.

    Args:
        run: The run.
    """
    shown: dict[str, list[int]] = {}
    for index, execution in enumerate(run.executions):
        if execution.definition is not None:
            shown.setdefault(execution.machine, []).append(index)
    return [
        _graph(number, machine, indices, [run.executions[index] for index in indices])
        for number, (machine, indices) in enumerate(shown.items())
    ]


def _graph(
    number: int, name: str, indices: Sequence[int], executions: Sequence[Execution]
) -> Graph:
    machine = Machine(executions[0].definition or {})
    states = sum(1 for _ in machine.every_state())
    svg, why = None, ""
    if states > _LARGEST:
        why = f"It has {states:,} states, more than a picture shows."
    else:
        try:
            overlays = _overlays(machine, executions)
            title = f"State machine {name}, coloured by the run"
            svg = draw(machine, title=title, overlays=overlays).svg(id_prefix=f"graph-{number}-")
        except AslError as error:
            why = f"{error}"
    return Graph(name, tuple(indices), svg, why)


def _overlays(machine: Machine, executions: Sequence[Execution]) -> Mapping[str, Overlay]:
    counts: dict[str, dict[str, int]] = {}
    retries: dict[str, int] = {}
    taken: dict[tuple[str, str], int] = {}
    for execution in executions:
        for visit in execution.visits:
            of_state = counts.setdefault(visit.name, {})
            of_state[visit.status] = of_state.get(visit.status, 0) + 1
            more = max(0, len(visit.attempts) - 1)
            retries[visit.name] = retries.get(visit.name, 0) + more
        for pair, times in taken_ways(execution).items():
            taken[pair] = taken.get(pair, 0) + times
    overlays: dict[str, Overlay] = {}
    for state in machine.every_state():
        overlays[state.pointer] = _overlay(counts.get(state.name, {}), retries.get(state.name, 0))
        for way in state.transitions:
            times = taken.get((state.name, way.target), 0)
            title = f"taken {times:,} times" if times > 1 else "taken once" if times else ""
            overlays[way.pointer] = Overlay("taken" if times else "untouched", title=title)
    return overlays


def _overlay(counts: Mapping[str, int], retries: int) -> Overlay:
    total = sum(counts.values())
    if not total:
        return Overlay("untouched", title="not entered")
    worst = next(status for status in _ORDER if counts.get(status))
    badge = f"{_MARKS[worst]} {total:,}" if total > 1 or worst != "succeeded" else "✓"
    told = [f"{count:,} {status}" for status, count in counts.items()]
    if retries:
        told.append(f"{retries:,} retried")
        badge += f" ↻{retries:,}"
    return Overlay(_CLASSES.get(worst, worst), badge, f"entered {total:,}: {', '.join(told)}")
