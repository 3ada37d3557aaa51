"""One line of the results."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Measure:
    """A figure of this project, with what it is compared with.

    Attributes:
        group: The table that it stands in.
        name: What was measured.
        ours: The figure of this project; None where it could not be measured.
        goal: The most that it may be; None where there is no goal.
        reference: The same of the other library.
        floor: The least that it can be.
        unit: Of all four.
        note: How it was measured, or why it could not be.
    """

    group: str
    name: str
    ours: float | None
    goal: float | None = None
    reference: float | None = None
    floor: float | None = None
    unit: str = ""
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the goal is met, which it is not without a figure; None where there is none."""
        if self.goal is None:
            return None
        return self.ours is not None and self.ours <= self.goal
