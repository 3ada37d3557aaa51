"""Which state machines of two templates, assemblies or definitions belong together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sfn_fragments_asl.comparing.machines import MachineDifference, compare_machines

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from sfn_fragments_asl.reading.templates import FoundMachine


@dataclass(frozen=True)
class Pair:
    """A state machine before and after.

    Attributes:
        old: The state machine before.
        new: The state machine after.
        difference: What differs.
    """

    old: FoundMachine
    new: FoundMachine
    difference: MachineDifference


@dataclass(frozen=True)
class Difference:
    """What differs between two sets of state machines.

    Attributes:
        pairs: Those that are there before and after, in the order after.
        added: Those that are there after only.
        removed: Those that are there before only.
    """

    pairs: tuple[Pair, ...]
    added: tuple[FoundMachine, ...]
    removed: tuple[FoundMachine, ...]

    @property
    def same(self) -> bool:
        """Whether nothing differs."""
        return not (
            self.added or self.removed or any(not pair.difference.same for pair in self.pairs)
        )


def compare(old: Sequence[FoundMachine], new: Sequence[FoundMachine]) -> Difference:
    """Tell what differs between two sets of state machines.

    Two belong together that have the same logical id in files of one name, the same logical id, or
    the same name; and the last one on each side, where one is left.

    Args:
        old: The state machines before.
        new: Those after.
    """
    partners: dict[int, FoundMachine] = {}
    left, right = list(old), list(new)
    for key in (_in_file, _logical_id, _name, _machine_name):
        _pair(left, right, key, partners)
    if len(left) == 1 and len(right) == 1:
        partners[id(right.pop())] = left.pop()
    pairs = []
    for each in new:
        partner = partners.get(id(each))
        if partner is not None:
            difference = compare_machines(
                partner.definition.machine,
                each.definition.machine,
                was_express=partner.checked.express,
                express=each.checked.express,
            )
            pairs.append(Pair(partner, each, difference))
    return Difference(tuple(pairs), tuple(right), tuple(left))


def _pair(
    old: list[FoundMachine],
    new: list[FoundMachine],
    key: Callable[[FoundMachine], Hashable],
    partners: dict[int, FoundMachine],
) -> None:
    """Take those out of both lists that alone have a key on their side."""
    for each in list(new):
        own = key(each)
        first = [one for one in old if key(one) == own]
        second = [one for one in new if key(one) == own]
        if own is not None and len(first) == len(second) == 1:
            partners[id(each)] = first[0]
            old.remove(first[0])
            new.remove(each)


def _in_file(machine: FoundMachine) -> Hashable:
    logical_id = machine.checked.logical_id
    return None if logical_id is None else (machine.file.name, logical_id)


def _logical_id(machine: FoundMachine) -> Hashable:
    return machine.checked.logical_id


def _name(machine: FoundMachine) -> Hashable:
    return machine.name


def _machine_name(machine: FoundMachine) -> Hashable:
    return None if machine.machine_name == "*" else machine.machine_name
