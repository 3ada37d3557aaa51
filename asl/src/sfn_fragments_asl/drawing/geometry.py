"""What a picture is made of, and where it is: in pixels, from the upper left corner."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sfn_fragments_asl.drawing.texts import Font
    from sfn_fragments_asl.model.machine import Machine, State

Point = tuple[float, float]


@dataclass(frozen=True)
class Rectangle:
    """A rectangle.

    Attributes:
        x: Its left side.
        y: Its upper side.
        width: Its width.
        height: Its height.
    """

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Its right side."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Its lower side."""
        return self.y + self.height

    @property
    def middle(self) -> Point:
        """Its middle."""
        return self.x + self.width / 2, self.y + self.height / 2

    def moved(self, right: float, down: float) -> Rectangle:
        """The rectangle at another place."""
        return replace(self, x=self.x + right, y=self.y + down)

    def inset(self, by: float) -> Rectangle:
        """The rectangle within it, at so many pixels from each side; around it for less than 0."""
        return Rectangle(self.x + by, self.y + by, self.width - 2 * by, self.height - 2 * by)

    def holds(self, other: Rectangle) -> bool:
        """Whether another one lies within it, but for what rounding makes of it."""
        return (
            self.x <= other.x + 0.1
            and self.y <= other.y + 0.1
            and self.right >= other.right - 0.1
            and self.bottom >= other.bottom - 0.1
        )

    def overlaps(self, other: Rectangle) -> bool:
        """Whether they share more than a side."""
        return (
            self.x < other.right - 0.1
            and other.x < self.right - 0.1
            and self.y < other.bottom - 0.1
            and other.y < self.bottom - 0.1
        )


@dataclass(frozen=True)
class Line:
    """A line of text.

    Attributes:
        text: The text.
        font: How it is set.
        kind: ``name`` or ``detail``.
    """

    text: str
    font: Font
    kind: str


@dataclass(frozen=True)
class Mark:
    """What stands for no state: where a machine starts and ends, and states that are missing.

    Attributes:
        kind: ``start``, ``end`` or ``missing``.
        place: Where it is.
        text: What is written in it; empty for a start and an end.
    """

    kind: str
    place: Rectangle
    text: str = ""

    def moved(self, right: float, down: float) -> Mark:
        """The mark at another place."""
        return replace(self, place=self.place.moved(right, down))


@dataclass(frozen=True)
class Label:
    """When a transition is taken.

    Attributes:
        lines: Its lines, as they are shown.
        place: Where it is.
    """

    lines: tuple[str, ...]
    place: Rectangle


@dataclass(frozen=True)
class Route:
    """A line from a state, or from the start, to another one or to the end.

    Attributes:
        kind: ``start``, ``next``, ``choice``, ``otherwise``, ``catch`` or ``end``.
        source: Name of the state that it leads from; None for the start.
        target: Name of the state that it leads to; None for the end.
        points: Where it goes along.
        pointers: JSON Pointers of the fields that name the target, for which it stands.
        words: When it is taken, whole.
        label: The same as far as it is shown.
    """

    kind: str
    source: str | None
    target: str | None
    points: tuple[Point, ...]
    pointers: tuple[str, ...] = ()
    words: str = ""
    label: Label | None = None

    def moved(self, right: float, down: float) -> Route:
        """The line at another place."""
        label = self.label and replace(self.label, place=self.label.place.moved(right, down))
        points = tuple((x + right, y + down) for x, y in self.points)
        return replace(self, points=points, label=label)


@dataclass(frozen=True)
class Shape:
    """A state.

    Attributes:
        state: The state.
        key: What it is found by: its JSON Pointer, behind those of the states that start its
            machine where that is another one.
        kind: Its type in small letters; ``other`` for what there is not.
        place: Where it is.
        lines: What is written in it.
        areas: What is inside of it.
        starts: Name of the machine that it starts, where its states are drawn inside.
    """

    state: State
    key: str
    kind: str
    place: Rectangle
    lines: tuple[Line, ...]
    areas: tuple[Area, ...] = ()
    starts: str = ""

    def moved(self, right: float, down: float) -> Shape:
        """The state, with what is inside of it, at another place."""
        areas = tuple(area.moved(right, down) for area in self.areas)
        return replace(self, place=self.place.moved(right, down), areas=areas)


@dataclass(frozen=True)
class Area:
    """A machine that is laid out: what no transition leaves.

    Attributes:
        machine: The machine.
        place: Where it is.
        shapes: Its states.
        routes: Its transitions.
        marks: What else is in it.
    """

    machine: Machine
    place: Rectangle
    shapes: tuple[Shape, ...]
    routes: tuple[Route, ...]
    marks: tuple[Mark, ...]

    def moved(self, right: float, down: float) -> Area:
        """The machine at another place."""
        return replace(
            self,
            place=self.place.moved(right, down),
            shapes=tuple(shape.moved(right, down) for shape in self.shapes),
            routes=tuple(route.moved(right, down) for route in self.routes),
            marks=tuple(mark.moved(right, down) for mark in self.marks),
        )
