"""A finding with where it is, as every format tells it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from sfn_fragments_asl.checks import Check, Finding, Report
    from sfn_fragments_asl.reading.places import Place
    from sfn_fragments_asl.reading.templates import FoundMachine


@dataclass(frozen=True)
class Reported:
    """A finding of a rule in a state machine.

    Attributes:
        machine: The state machine.
        check: The rule.
        finding: What it found.
        pointer: JSON Pointer of the place in the definition; of the state, where the rule tells
            nothing nearer.
    """

    machine: FoundMachine
    check: Check
    finding: Finding
    pointer: str

    @cached_property
    def place(self) -> Place | None:
        """Line and column; None where they are not known."""
        pointer = self.pointer
        # A part that is missing is told of what lacks it.
        while True:
            place = self.machine.place_of(pointer)
            if place is not None or not pointer:
                return place
            pointer = pointer.rpartition("/")[0]

    @property
    def file(self) -> Path:
        """The file that the place is in: that of the definition, where it is another."""
        place = self.place
        return place.file if place is not None and place.file is not None else self.machine.file

    def as_json(self) -> dict[str, Any]:
        """The finding as ``--format json`` prints it."""
        place = self.place
        return {
            "rule": self.check.id,
            "severity": self.check.severity,
            "file": str(self.machine.file),
            "state_machine": self.machine.name,
            "place": self.finding.place,
            "source": str(self.file),
            "line": place.line if place else None,
            "column": place.column if place else None,
            "pointer": self.pointer,
            "message": self.finding.message,
            "why": self.check.why,
            "remedy": self.finding.remedy,
        }


def reported(machine: FoundMachine, report: Report) -> list[Reported]:
    """The findings in a state machine, with where they are.

    Args:
        machine: The state machine.
        report: What the rules say of it.
    """
    pointers: dict[str, str] = {}
    for state in machine.checked.states():
        pointers.setdefault(state.name, state.pointer)
    return [
        Reported(machine, check, found, found.pointer or pointers.get(found.place, ""))
        for check, found in report.findings
    ]
