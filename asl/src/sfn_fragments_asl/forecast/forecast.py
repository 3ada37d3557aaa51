"""What a run of a state machine does and costs, as far as its definition tells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sfn_fragments_asl.errors import AssumedItemsError
from sfn_fragments_asl.forecast.amounts import Counter, is_express
from sfn_fragments_asl.forecast.interval import NONE, ONE, Interval, greatest
from sfn_fragments_asl.forecast.notes import Note, notes_on, retries_note
from sfn_fragments_asl.forecast.payload import Traffic, peak, traffic
from sfn_fragments_asl.near_names import near_names

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sfn_fragments_asl.model.machine import Machine, State


@dataclass(frozen=True)
class StateForecast:
    """What a run does in one state.

    Attributes:
        name: Its name.
        pointer: JSON Pointer of it in the definition.
        entered: How often a run enters it, in all of its items and children.
        events: Events that one pass through it writes, with the states inside of it; those of the
            children of a distributed Map are in the histories of those.
        input: Size of its input in bytes; least and most 0 where no way leads to it.
        output: Size of its output in bytes.
    """

    name: str
    pointer: str
    entered: Interval
    events: Interval
    input: Interval
    output: Interval


@dataclass(frozen=True)
class ChildForecast:
    """What the executions of the items of a distributed Map do.

    Attributes:
        name: Name of the Map.
        pointer: JSON Pointer of the Map in the definition.
        executions: How many of them a run starts.
        states: States that one of them enters.
        events: Events in the history of one of them, which AWS ends at 25,000 if it is no Express
            execution.
        express: Whether they are Express executions.
    """

    name: str
    pointer: str
    executions: Interval
    states: Interval
    events: Interval
    express: bool


@dataclass(frozen=True)
class Forecast:
    """What a run does and costs.

    Attributes:
        states: States entered, those of the children of distributed Maps included.
        transitions: Those of them that AWS bills; none for an Express workflow.
        events: Events in the history of the execution itself.
        payload: Size in bytes of the largest input or output of a state.
        price: List price in millionths of a US dollar: what a million runs cost in dollars.
        children: Each distributed Map, outermost first.
        parts: Each state, those inside of Map and Parallel states included.
        notes: What decides it, and what it leaves out.
        express: Whether it is an Express workflow.
    """

    states: Interval
    transitions: Interval
    events: Interval
    payload: Interval
    price: Interval
    children: tuple[ChildForecast, ...]
    parts: tuple[StateForecast, ...]
    notes: tuple[Note, ...]
    express: bool = False


def forecast(
    machine: Machine, *, express: bool = False, items: Mapping[str, int] | None = None
) -> Forecast:
    """Tell what a run of a state machine does and costs, from its definition alone.

    Each figure is an interval, since the input decides the way of a run. The least is that of the
    ways on which no error occurs: with a Fail state at the end of one, that is an end like others,
    but a branch or an item that ends so has failed. The greatest is that of all ways, the ways of
    catchers included; None where a loop or a list of any length leaves it open. Retries are not
    counted, nor are runs that an error ends which nothing catches.

    AWS bills each state that a Standard execution enters. Items of a distributed Map are
    executions of their own: their states count and are billed, their events are in histories of
    their own. Of Express executions the price is that of the request, and open above that.
    What the state machine starts, such as functions, jobs or other state machines, is left out.

    https://aws.amazon.com/step-functions/pricing/,
    https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html

    Args:
        machine: The state machine, as a whole.
        express: Whether it is of type ``EXPRESS``.
        items: Name of a Map to the number of items that it is to go over each time, where the
            definition does not tell it.

    Returns:
        The forecast.

    Raises:
        AssumedItemsError: ``items`` has a name of no Map, one whose list is written in the
            definition, or a negative number.

    Examples:
        >>> from sfn_fragments_asl.model.machine import Machine
        >>> item = {"StartAt": "B", "States": {"B": {"Type": "Pass", "End": True}}}
        >>> states = {"A": {"Type": "Map", "ItemProcessor": item, "End": True}}
        >>> machine = Machine({"StartAt": "A", "States": states})
        >>> forecast(machine).states
        Interval(least=1, most=None)
        >>> told = forecast(machine, items={"A": 200})
        >>> told.states.most, told.events.most, told.price.most
        (201, 806, 5025)
    """
    (assumed,) = check_items([machine], items or {})
    data = traffic(machine, assumed)
    counter = Counter(data, express=express)
    total = counter.execution(machine)
    entered = _entered(machine, counter, ONE)
    return Forecast(
        states=total.states,
        transitions=total.transitions,
        events=total.events,
        payload=_payload(machine, counter, data),
        price=total.price,
        children=tuple(
            ChildForecast(
                state.name,
                state.pointer,
                entered[state.pointer] * counter.passes(state),
                (child := counter.execution(state.inner[0])).states,
                child.events,
                is_express(state),
            )
            for state in machine.every_state()
            if state.distributed and state.inner and state.pointer in entered
        ),
        parts=tuple(_part(state, counter, data, entered) for state in machine.every_state()),
        notes=(*notes_on(machine, counter), *retries_note(machine)),
        express=express,
    )


def maps_of(machine: Machine) -> list[State]:
    """The Maps of a state machine whose items the definition does not list."""
    return [
        state
        for state in machine.every_state()
        if state.type == "Map" and not isinstance(state.fields.get("Items"), list)
    ]


def check_items(machines: Sequence[Machine], items: Mapping[str, int]) -> list[dict[str, int]]:
    """Tell which numbers of items are about which of several state machines.

    Args:
        machines: The state machines.
        items: Name of a Map of one or more of them to the number of its items.

    Returns:
        For each state machine, those that `forecast` takes for it.

    Raises:
        AssumedItemsError: No machine has such a Map, its list is written in the definition, or a
            number is negative.
    """
    known = {state.name: state for machine in machines for state in machine.every_state()}
    maps = [{state.name for state in maps_of(machine)} for machine in machines]
    free = list(dict.fromkeys(name for names in maps for name in sorted(names)))
    problems = []
    for name, number in items.items():
        if name in free:
            if number < 0:
                problems.append(f"{name!r}: {number} items: give 0 or more")
        elif name in known and known[name].type == "Map":
            count = len(known[name].fields["Items"])
            problems.append(f"{name!r} goes over a list of {count} in the definition: leave it out")
        elif name in known:
            problems.append(f"{name!r} is a {known[name].type} state and no Map")
        else:
            near = near_names(name, free)
            there = f"there are: {', '.join(map(repr, free))}" if free else "there is none"
            hint = f"did you mean {' or '.join(map(repr, near))}?" if near else there
            problems.append(f"there is no Map {name!r}; {hint}")
    if problems:
        raise AssumedItemsError(problems)
    return [{name: items[name] for name in items if name in names} for names in maps]


def _entered(machine: Machine, counter: Counter, times: Interval) -> dict[str, Interval]:
    """JSON Pointer of each reachable state to how often a run enters it.

    Args:
        machine: The machine.
        counter: What counted it.
        times: How often a run goes through the machine.
    """
    found: dict[str, Interval] = {}
    each = counter.ways(machine).entered
    for state in machine.deepest_first:
        entered = found[state.pointer] = times * each[state.name]
        for inner in state.inner:
            found |= _entered(inner, counter, entered * counter.passes(state))
    return found


def _payload(machine: Machine, counter: Counter, data: Mapping[str, Traffic]) -> Interval:
    """The largest data of a run: at least that of the way on which it is smallest."""
    peaks = {state.name: _peaks(state, counter, data) for state in machine.deepest_first}
    least = counter.ways(machine).least_peak(lambda state: peaks[state.name].least)
    most: int | None = 0
    for each in peaks.values():
        most = greatest(most, each.most)
    return Interval(least, most)


def _peaks(state: State, counter: Counter, data: Mapping[str, Traffic]) -> Interval:
    found = peak(data[state.pointer])
    for inner in state.inner:
        inside = _payload(inner, counter, data)
        least = inside.least if counter.passes(state).least else 0
        found = Interval(max(found.least, least), greatest(found.most, inside.most))
    return found


def _part(
    state: State,
    counter: Counter,
    data: Mapping[str, Traffic],
    entered: Mapping[str, Interval],
) -> StateForecast:
    if state.pointer not in entered:
        return StateForecast(state.name, state.pointer, NONE, NONE, NONE, NONE)
    passing = data[state.pointer]
    return StateForecast(
        state.name,
        state.pointer,
        entered[state.pointer],
        counter.of(state).events,
        passing.input.size,
        passing.output.size,
    )
