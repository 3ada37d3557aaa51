"""What passes through states and machines add up to."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from sfn_fragments_asl.forecast.events import EXECUTION_EVENTS, ITERATION_EVENTS, own_events
from sfn_fragments_asl.forecast.interval import NONE, ONE, Interval, exactly
from sfn_fragments_asl.forecast.items import executions_of
from sfn_fragments_asl.forecast.prices import (
    DOLLARS_PER_MILLION_EXPRESS_REQUESTS,
    DOLLARS_PER_MILLION_TRANSITIONS,
)
from sfn_fragments_asl.forecast.ways import Ways
from sfn_fragments_asl.model.json_data import mapping

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sfn_fragments_asl.forecast.payload import Traffic
    from sfn_fragments_asl.model.machine import Machine, State


@dataclass(frozen=True)
class Amounts:
    """What one pass through a state, or through a machine, adds up to.

    Attributes:
        states: States entered, those of the children of distributed Maps included.
        transitions: Those of them that are billed, which those of Express workflows are not.
        events: Events in the history of the execution, those of children left out.
        price: List price in millionths of a dollar, which is dollars for a million passes.
    """

    states: Interval = NONE
    transitions: Interval = NONE
    events: Interval = NONE
    price: Interval = NONE

    def __add__(self, other: Amounts) -> Amounts:
        """The sum."""
        return Amounts(*(getattr(self, name) + getattr(other, name) for name in _NAMES))

    def times(self, number: Interval) -> Amounts:
        """What a number of such passes add up to."""
        return Amounts(*(getattr(self, name) * number for name in _NAMES))


_NAMES = tuple(field.name for field in fields(Amounts))


def is_express(distributed: State) -> bool:
    """Whether the items of a distributed Map are Express executions."""
    config = mapping(mapping(distributed.fields.get(distributed.processor)).get("ProcessorConfig"))
    return config.get("ExecutionType") == "EXPRESS"


class Counter:
    """Adds up what states and machines do.

    Args:
        data: JSON Pointer of each reachable state to its data, for the items of Maps.
        express: Whether the state machine is an Express one.
    """

    def __init__(self, data: Mapping[str, Traffic], *, express: bool) -> None:
        """Nothing is counted yet."""
        self._data = data
        self._express = express
        self._ways: dict[str, Ways] = {}
        self._through: dict[str, Amounts] = {}

    def ways(self, machine: Machine) -> Ways:
        """The ways through a machine."""
        if machine.pointer not in self._ways:
            self._ways[machine.pointer] = Ways(machine)
        return self._ways[machine.pointer]

    def items(self, state: State) -> Interval:
        """How many items a Map goes over; 1 for other states."""
        return self._data[state.pointer].items

    def passes(self, state: State) -> Interval:
        """How often one pass through a Map or Parallel state runs each machine inside of it."""
        items = self.items(state)
        return executions_of(state, items) if state.distributed else items

    def is_express(self, machine: Machine) -> bool:
        """Whether the execution is an Express one that runs the states of a machine."""
        holder = machine.parent
        while holder is not None and not holder.distributed:
            holder = holder.machine.parent
        return self._express if holder is None else is_express(holder)

    def execution(self, machine: Machine) -> Amounts:
        """What an execution of a machine adds up to: its states, and what it is itself.

        Args:
            machine: The state machine, or the item processor of a distributed Map.
        """
        # How long it takes is billed too, and nothing tells it.
        express = self.is_express(machine)
        request = Interval(DOLLARS_PER_MILLION_EXPRESS_REQUESTS, None) if express else NONE
        itself = Amounts(events=exactly(EXECUTION_EVENTS), price=request)
        return self.through(machine) + itself

    def through(self, machine: Machine) -> Amounts:
        """What one pass through a machine adds up to."""
        if machine.pointer not in self._through:
            billed = NONE if self.is_express(machine) else ONE
            each = {state.name: self._of(state, billed) for state in machine.deepest_first}
            ways = self.ways(machine)

            def add_up(name: str) -> Interval:
                return ways.through(lambda state: getattr(each[state.name], name))

            self._through[machine.pointer] = Amounts(*map(add_up, _NAMES))
        return self._through[machine.pointer]

    def of(self, state: State) -> Amounts:
        """What one pass through a reachable state adds up to, those inside of it included."""
        return self._of(state, NONE if self.is_express(state.machine) else ONE)

    def _of(self, state: State, billed: Interval) -> Amounts:
        # A Fail state is never exited.
        events = own_events(state) - (state.type == "Fail")
        price = billed * exactly(DOLLARS_PER_MILLION_TRANSITIONS)
        total = Amounts(ONE, billed, exactly(events), price)
        for inner in state.inner:
            if state.distributed:
                child = self.execution(inner)
                added = Amounts(child.states, child.transitions, NONE, child.price)
            else:
                added = self.through(inner)
                if state.type == "Map":
                    added += Amounts(events=exactly(ITERATION_EVENTS))
            total += added.times(self.passes(state))
        return total
