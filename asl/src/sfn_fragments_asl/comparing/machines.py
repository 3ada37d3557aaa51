"""What differs between two state machines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sfn_fragments_asl.comparing.permissions import PermissionChange, compare_permissions
from sfn_fragments_asl.comparing.states import StateChange, compare_states
from sfn_fragments_asl.comparing.values import value_changes
from sfn_fragments_asl.forecast.forecast import forecast
from sfn_fragments_asl.wording.figures import price_in_words, span_in_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sfn_fragments_asl.forecast.forecast import Forecast
    from sfn_fragments_asl.forecast.interval import Interval
    from sfn_fragments_asl.model.machine import Machine


@dataclass(frozen=True)
class FigureChange:
    """A number of a forecast that is another one after.

    Attributes:
        name: What it counts.
        before: The number before; a price in millionths of a US dollar.
        after: The number after.
        words: Both in words, before first.
    """

    name: str
    before: Interval
    after: Interval
    words: tuple[str, str]


@dataclass(frozen=True)
class MachineDifference:
    """What differs between two state machines.

    Attributes:
        settings: What differs in the state machine as a whole, in words.
        states: What has happened to states.
        gained: What the role is to allow now.
        lost: What the role need not allow any longer.
        figures: What a run enters, writes and costs now.
    """

    settings: tuple[str, ...]
    states: tuple[StateChange, ...]
    gained: tuple[PermissionChange, ...]
    lost: tuple[PermissionChange, ...]
    figures: tuple[FigureChange, ...]

    @property
    def same(self) -> bool:
        """Whether nothing differs."""
        return not (self.settings or self.states or self.gained or self.lost or self.figures)


def compare_machines(
    old: Machine, new: Machine, *, was_express: bool = False, express: bool = False
) -> MachineDifference:
    """Tell what differs between two state machines.

    Args:
        old: The state machine before.
        new: The state machine after.
        was_express: Whether the first is of type ``EXPRESS``.
        express: Whether the second is.

    Returns:
        The differences; the order of keys and how a file is formatted are none.

    Examples:
        >>> from sfn_fragments_asl.model.machine import Machine
        >>> old = Machine({"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 1}}})
        >>> new = Machine({"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 5}}})
        >>> compare_machines(old, new).states[0].words
        ('Seconds: 5 instead of 1',)
    """
    states, renamed = compare_states(old, new)
    settings = [*_settings(old, new, renamed)]
    if was_express != express:
        kinds = {False: "Standard", True: "Express"}
        settings.append(f"is of type {kinds[express]} instead of {kinds[was_express]}")
    gained, lost = compare_permissions(old, new)
    figures = _figures(forecast(old, express=was_express), forecast(new, express=express))
    return MachineDifference(
        tuple(settings), tuple(states), tuple(gained), tuple(lost), tuple(figures)
    )


def _settings(old: Machine, new: Machine, renamed: Mapping[str, str]) -> Iterator[str]:
    before, after = (
        {name: value for name, value in machine.body.items() if name not in ("StartAt", "States")}
        for machine in (old, new)
    )
    start = old.body.get("StartAt")
    start = renamed.get(start, start) if isinstance(start, str) else start
    if start != new.body.get("StartAt"):
        yield f"starts with {new.body.get('StartAt')} instead of {start}"
    yield from value_changes(before, after, "")


def _figures(old: Forecast, new: Forecast) -> Iterator[FigureChange]:
    for name, before, after in (
        ("states entered", old.states, new.states),
        ("billed transitions", old.transitions, new.transitions),
        ("history events", old.events, new.events),
    ):
        if before != after:
            yield FigureChange(name, before, after, (span_in_words(before), span_in_words(after)))
    if old.price != new.price:
        words = price_in_words(old.price), price_in_words(new.price)
        yield FigureChange("price of a run", old.price, new.price, words)
