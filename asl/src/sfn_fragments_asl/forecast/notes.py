"""What decides a forecast, and what it leaves out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sfn_fragments_asl.forecast.amounts import is_express
from sfn_fragments_asl.forecast.interval import NONE, Interval
from sfn_fragments_asl.model.json_data import objects

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sfn_fragments_asl.forecast.amounts import Amounts, Counter
    from sfn_fragments_asl.model.machine import Machine, State


@dataclass(frozen=True)
class Note:
    """Why a forecast is no single number, or what it leaves out.

    Attributes:
        state: Name of the state that it is about.
        pointer: JSON Pointer of the state in the definition.
        text: What it says, in one line.
    """

    state: str
    pointer: str
    text: str


def notes_on(machine: Machine, counter: Counter) -> Iterator[Note]:
    """The notes on the states of a machine, and on those inside of them.

    Args:
        machine: The machine.
        counter: What counted it.
    """
    amounts = {state.name: counter.of(state) for state in machine.deepest_first}
    ways = counter.ways(machine)
    rest = ways.rest(lambda state: amounts[state.name].states)
    for loop in machine.loops:
        yield from _loop(loop, amounts)
    for name, state in machine.states.items():
        if name not in amounts:
            continue
        after = [rest[each] for each in dict.fromkeys(ways.normal[name])]
        caught = [rest[each] for each in ways.caught[name]]
        for text in (*_choice(state, after), *_catch(after, caught), *_own(state, counter)):
            yield Note(name, state.pointer, text)
        for inner in state.inner:
            yield from notes_on(inner, counter)


def retries_note(machine: Machine) -> Iterator[Note]:
    """One note for all the states that try again.

    Args:
        machine: The state machine.
    """
    trying = [state for state in machine.every_state() if objects(state.fields.get("Retry"))]
    for first in trying[:1]:
        has = "1 state has" if len(trying) == 1 else f"{len(trying):,} states have"
        yield Note(
            first.name,
            first.pointer,
            f"retries are not counted ({has} retriers): each is billed as one more transition",
        )


def _loop(loop: tuple[State, ...], amounts: dict[str, Amounts]) -> Iterator[Note]:
    first = min(loop, key=lambda state: state.name)
    states, events = NONE, NONE
    for state in loop:
        states += amounts[state.name].states
        events += amounts[state.name].events
    names = ", ".join(sorted(state.name for state in loop))
    yield Note(
        first.name,
        first.pointer,
        f"a loop without a known end ({names}): a round through all of it enters "
        f"{_span(states, 'state')} and writes {_span(events, 'event')}",
    )


def _choice(state: State, after: list[Interval]) -> Iterator[str]:
    if state.type == "Choice" and len({(each.least, each.most) for each in after}) > 1:
        least = min(each.least for each in after)
        open_ended = any(each.most is None for each in after)
        most = max((each.most or 0 for each in after), default=0)
        yield (
            f"its choice decides: {counted(least, 'state')} "
            + ("or more" if open_ended else f"to {most:,}")
            + " from there to the end"
        )


def _catch(after: list[Interval], caught: list[Interval]) -> Iterator[str]:
    if not caught or any(each.most is None for each in after):
        return
    longest = max((each.most or 0 for each in after), default=0)
    if any(each.most is None for each in caught):
        yield "an error that it catches leads into a loop, or to a list of any length"
    elif (most := max(each.most or 0 for each in caught)) > longest:
        yield f"an error that it catches leads through {counted(most, 'state')} instead"


def _own(state: State, counter: Counter) -> Iterator[str]:
    if state.type == "Map" and state.inner:
        items = counter.items(state)
        each = counter.through(state.inner[0])
        if not items.exact:
            most = "any number of" if items.most is None else f"up to {items.most:,}"
            yield (
                f"it goes over {most} items of {_span(each.states, 'state')} each; "
                "give their number (--items)"
            )
        if state.distributed and is_express(state):
            yield (
                "its items are Express executions: their price is that of the requests, the "
                "duration comes on top"
            )
    call = state.call
    if call is not None and call.action in ("startExecution", "startSyncExecution"):
        yield "it starts an execution of another state machine, which is not counted"


def counted(number: int, noun: str) -> str:
    """A number of things, such as ``1 state``."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def _span(interval: Interval, noun: str) -> str:
    if interval.most is None:
        return f"{counted(interval.least, noun)} or more"
    if interval.exact:
        return counted(interval.least, noun)
    return f"{interval.least:,} to {counted(interval.most, noun)}"
