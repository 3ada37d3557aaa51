"""The ways through a machine, from its start to an end.

Without recursion along a chain, which may have more states than Python has stack frames.
"""

from __future__ import annotations

import operator
from functools import cached_property
from heapq import heapify, heappop, heappush
from itertools import accumulate
from typing import TYPE_CHECKING, TypeAlias

from sfn_fragments_asl.forecast.interval import NONE, Interval, greatest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sfn_fragments_asl.model.machine import Machine, State


# Name of a state to names of others.
_Targets: TypeAlias = dict[str, list[str]]


class Ways:
    """The ways through a machine.

    The least of something is taken over the ways on which nothing fails: catchers' ways, and
    Fail states of a branch or an item, count there only where no other way leads to an end. The
    greatest is taken over all ways, and is open where one of them goes through a loop.

    Args:
        machine: The state machine, branch or item processor.

    Examples:
        >>> from sfn_fragments_asl.model.machine import Machine
        >>> rules = [{"Variable": "$.a", "IsPresent": True, "Next": "B"}]
        >>> choice = {"Type": "Choice", "Choices": rules, "Default": "C"}
        >>> b, c = {"Type": "Pass", "Next": "C"}, {"Type": "Succeed"}
        >>> ways = Ways(Machine({"StartAt": "A", "States": {"A": choice, "B": b, "C": c}}))
        >>> ways.through(lambda state: Interval(1, 1))
        Interval(least=2, most=3)
        >>> [ways.entered[name].least for name in "ABC"]
        [1, 0, 1]
    """

    def __init__(self, machine: Machine) -> None:
        """Follow the transitions once."""
        self._machine = machine
        self._order = machine.deepest_first
        self._looping = {state.name: loop for loop in machine.loops for state in loop}
        #: Names of the states that each state leads to, catchers' ways apart.
        self.normal: _Targets = {}
        self.caught: _Targets = {}
        for state in self._order:
            there = [each for each in state.transitions if each.target in machine.states]
            self.normal[state.name] = [
                each.target for each in there if not each.field.startswith("Catch")
            ]
            self.caught[state.name] = [
                each.target for each in there if each.field.startswith("Catch")
            ]

    def through(self, weigh: Callable[[State], Interval]) -> Interval:
        """The sum of something over the states of a whole way.

        Args:
            weigh: How much of it one pass through a state is.
        """
        start = self._machine.start
        return self.rest(weigh)[start.name] if start else NONE

    def rest(self, weigh: Callable[[State], Interval]) -> dict[str, Interval]:
        """The sum of something from each reachable state, itself included, to an end.

        Args:
            weigh: How much of it one pass through a state is.
        """
        weights = {state.name: weigh(state) for state in self._order}
        least = self._least({name: each.least for name, each in weights.items()}, operator.add)
        most: dict[str, int | None] = {}
        for name, weight in weights.items():
            after: int | None = 0
            for following in self._every(name):
                after = greatest(after, most.get(following))
            is_open = weight.most is None or after is None or name in self._looping
            most[name] = None if is_open else (weight.most or 0) + (after or 0)
        return {name: Interval(least[name], most[name]) for name in weights}

    def least_peak(self, weigh: Callable[[State], int]) -> int:
        """The largest that something is at least, on whichever way.

        Args:
            weigh: What it is at least in a state.
        """
        start = self._machine.start
        weights = {state.name: weigh(state) for state in self._order}
        return self._least(weights, max)[start.name] if start else 0

    @cached_property
    def entered(self) -> dict[str, Interval]:
        """How often a run of the machine enters each reachable state.

        At least 0 where a way leaves it out; open where it is in a loop.
        """
        certain = self._certain()
        return {
            state.name: Interval(
                int(state.name in certain), None if state.name in self._looping else 1
            )
            for state in self._order
        }

    def _every(self, name: str) -> list[str]:
        return self.normal[name] + self.caught[name]

    def _ends(self) -> tuple[list[str], list[str]]:
        """The states that end a way, those that fail apart; one that leads nowhere is an end."""
        ends = [each for each in self._order if each.ends or not self._every(each.name)]
        # Where a branch fails, its Parallel state does: for the execution it is no end.
        inside = self._machine.parent is not None
        failing = [each.name for each in ends if inside and each.type == "Fail"]
        return [each.name for each in ends if each.name not in failing], failing

    @cached_property
    def _stages(self) -> tuple[tuple[tuple[_Targets, _Targets], list[str]], ...]:
        """What counts for the least: later ones where the earlier ones lead to no end.

        The transitions forwards and backwards, and further states that end a way.
        """
        ends, failing = self._ends()
        normal = self.normal, _reversed(self.normal)
        every = {name: self._every(name) for name in self.normal}
        return (normal, ends), (normal, failing), ((every, _reversed(every)), [])

    def _least(self, weights: dict[str, int], combine: Callable[[int, int], int]) -> dict[str, int]:
        """The least from each state to an end, by Dijkstra's algorithm back from the ends."""
        settled: dict[str, int] = {}
        for (_, before), ends in self._stages:
            waiting = [(weights[end], end) for end in ends if end not in settled]
            waiting += [
                (combine(least, weights[name]), name)
                for known, least in settled.items()
                for name in before.get(known, ())
                if name not in settled
            ]
            heapify(waiting)
            while waiting:
                least, name = heappop(waiting)
                if name in settled:
                    continue
                settled[name] = least
                for previous in before.get(name, ()):
                    if previous not in settled:
                        heappush(waiting, (combine(least, weights[previous]), previous))
        # What leads to no end at all is entered all the same.
        return weights | settled

    def _certain(self) -> set[str]:
        """The states that every way of those that count for the least goes through."""
        start = self._machine.start
        if start is None:
            return set()
        ends: list[str] = []
        on_ways: set[str] = set()
        following: _Targets = {}
        for (following, before), more in self._stages:
            ends += more
            on_ways = _reachable([start.name], following) & _reachable(ends, before)
            if on_ways:
                break
        else:
            return {start.name}
        return _on_every_way(self._positions(), start.name, following, ends, on_ways)

    def _positions(self) -> dict[str, int]:
        """The states in an order in which each leads to later ones; a loop has one position."""
        positions: dict[str, int] = {}
        for index, state in enumerate(reversed(self._order)):
            for member in self._looping.get(state.name, (state,)):
                positions.setdefault(member.name, index)
        return positions


def _on_every_way(
    positions: dict[str, int],
    start: str,
    following: _Targets,
    ends: list[str],
    on_ways: set[str],
) -> set[str]:
    """The states that no way leaves out: no transition leads from before them to behind them."""
    behind = len(positions)
    steps = [0] * (behind + 1)
    entries: dict[int, set[str]] = {positions[start]: {start}}
    for name in on_ways:
        here = positions[name]
        targets = [each for each in following[name] if each in on_ways]
        leads_to = [positions[each] for each in targets] + ([behind] if name in ends else [])
        for there in leads_to:
            if there > here:
                steps[here + 1] += 1
                steps[there] -= 1
        for target in targets:
            if positions[target] != here:
                entries.setdefault(positions[target], set()).add(target)
    jumped = list(accumulate(steps))
    # Of a loop, only the state is certain by which alone it is entered.
    return {
        name
        for name in on_ways
        if not jumped[positions[name]] and entries.get(positions[name]) == {name}
    }


def _reachable(sources: Iterable[str], following: _Targets) -> set[str]:
    found = set(sources)
    pending = list(found)
    while pending:
        for name in following.get(pending.pop(), ()):
            if name not in found:
                found.add(name)
                pending.append(name)
    return found


def _reversed(following: _Targets) -> _Targets:
    before: _Targets = {}
    for name, targets in following.items():
        for target in targets:
            before.setdefault(target, []).append(name)
    return before
