"""Where each state and each transition of a machine is.

Transitions never leave their machine: those inside are laid out first, and give their size to the
box around them. Within a machine the library graphlay places boxes in layers and leads lines around
them; what is written on a line is a box of its own there, so that it covers nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from sfn_fragments_asl.drawing.geometry import Area, Label, Line, Mark, Rectangle, Route, Shape
from sfn_fragments_asl.drawing.libraries import imported
from sfn_fragments_asl.drawing.texts import DETAIL, NAME, Font, width, wrapped
from sfn_fragments_asl.wording.states import Way, state_in_words, ways

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sfn_fragments_asl.drawing.geometry import Point
    from sfn_fragments_asl.model.machine import Machine, State

#: Kinds of states that have a shape of their own.
KINDS = ("task", "choice", "wait", "pass", "succeed", "fail", "map", "parallel")

#: Room that is left around what is written in a state, and the icon beside it.
PADDING, ICON = 10.0, 24.0
#: What the slanting sides of a choice take on the left and on the right.
SLANT = 14.0
#: The boxes behind the box of a Map, which show that there are several.
STACK = 6.0

_TEXT_ROOM, _LABEL_ROOM = 240.0, 200.0
_NAME_LINES, _DETAIL_LINES, _LABEL_LINES = 3, 2, 3
_LEAST_WIDTH = 130.0
_AROUND, _BETWEEN_AREAS = 12.0, 18.0
_ROW = 1_500.0
_MARKS = {"start": 18.0, "end": 18.0}

_OPTIONS = {
    "direction": "topbottom",
    "spacing": {"layer_gap": 26.0, "node_gap": 26.0, "dummy_gap": 20.0, "port_gap": 14.0},
    "coords": {"terminal_centering": False},
    "cycles": {"strategy": "follow_flow"},
}
#: How straight a line is to be, beside others.
_WEIGHTS = {"start": 8.0, "next": 8.0, "otherwise": 2.0, "choice": 3.0, "end": 4.0, "catch": 1.0}


@dataclass(frozen=True)
class Nested:
    """A state machine that a Task starts, and whose states are drawn inside of it.

    Attributes:
        name: Its name.
        machine: The state machine.
    """

    name: str
    machine: Machine


@dataclass(frozen=True)
class Contents:
    """What else than the definition decides what is drawn.

    Attributes:
        nested: JSON Pointer of a Task to the state machine that it starts; of a Task inside such a
            machine, its pointer there behind that of the Task that starts it.
        outer: The machines around, which are not drawn inside of themselves.
        key: Pointers of the Tasks that start the machine, joined.
    """

    nested: Mapping[str, Nested] = field(default_factory=dict)
    outer: tuple[Machine, ...] = ()
    key: str = ""

    def inside(self, state: State) -> tuple[tuple[Machine, ...], Contents, str]:
        """What is drawn inside of a state.

        Args:
            state: The state.

        Returns:
            Its branches, its item processor or the machine that it starts; what decides how these
            are drawn; and the name of the machine that it starts, where it does.
        """
        key = f"{self.key}{state.pointer}"
        nested = self.nested.get(key)
        if nested is None or nested.machine in self.outer:
            return state.inner, self, ""
        inner = replace(self, outer=(*self.outer, nested.machine), key=f"{key}#")
        return (nested.machine,), inner, nested.name


def laid_out(machine: Machine, contents: Contents) -> Area:
    """Find the place of everything in a machine.

    Args:
        machine: The machine.
        contents: What is drawn besides.

    Returns:
        The machine, with its upper left corner at 0, 0.
    """
    shapes = [_shape(state, contents) for state in machine.states.values()]
    links = list(_links(machine))
    marks = [Mark("missing", _fitting(name), name) for name in _missing(machine)]
    for kind, size in _MARKS.items():
        if any(link.kind == kind for link in links):
            marks.append(Mark(kind, Rectangle(0, 0, size, size)))
    if not (shapes or marks):
        text = "no states"
        marks = [Mark("missing", _fitting(text), text)]
    return _placed(machine, shapes, marks, links)


@dataclass(frozen=True)
class _Link:
    """What leads from one box to another; several transitions may share it.

    Attributes:
        kind: As of a route.
        source: Name of a state, which may be empty; None for the start.
        target: Name of a state; None for the end.
        ways: The transitions.
    """

    kind: str
    source: str | None
    target: str | None
    ways: tuple[Way, ...] = ()

    @property
    def words(self) -> str:
        first, *others = [way.words for way in self.ways] or [""]
        said = "on " if self.kind == "catch" else ""
        return "\n".join([first, *(f"or {words.removeprefix(said)}" for words in others)])

    @property
    def lines(self) -> list[str]:
        lines = [
            line
            for words in self.words.split("\n")
            for line in wrapped(words, DETAIL, _LABEL_ROOM, _LABEL_LINES)
        ]
        if len(lines) > 2 * _LABEL_LINES:
            rest = len(self.ways) - _LABEL_LINES
            lines = [
                line
                for words in self.words.split("\n")[:_LABEL_LINES]
                for line in wrapped(words, DETAIL, _LABEL_ROOM, 1)
            ] + ([f"or {rest} more"] if rest > 0 else [])
        return lines


def _links(machine: Machine) -> Iterator[_Link]:
    """What leads from where to where; rules and catchers of a state that lead to one are one."""
    several = len(machine.states) > 1 or machine.parent is None
    if machine.start is not None and several:
        yield _Link("start", None, machine.start.name)
    for state in machine.states.values():
        grouped: dict[tuple[str, str], list[Way]] = {}
        for way in ways(state):
            grouped.setdefault((way.kind, way.target), []).append(way)
        for (kind, target), together in grouped.items():
            yield _Link(kind, state.name, target, tuple(together))
        if state.ends and state.type not in ("Succeed", "Fail") and several:
            yield _Link("end", state.name, None)


def _missing(machine: Machine) -> list[str]:
    """Names of states that transitions lead to and that are not there."""
    targets = (way.target for state in machine.states.values() for way in state.transitions)
    return [name for name in dict.fromkeys(targets) if name not in machine.states]


def _fitting(text: str) -> Rectangle:
    line = "".join(wrapped(text, DETAIL, _TEXT_ROOM, 1))
    return Rectangle(0, 0, width(line, DETAIL) + 2 * PADDING, DETAIL.height + PADDING)


def _shape(state: State, contents: Contents) -> Shape:
    kind = state.type.lower() if state.type.lower() in KINDS else "other"
    machines, inside, starts = contents.inside(state)
    areas = [laid_out(machine, inside) for machine in machines]
    lines = [*_lines(state.name, NAME, "name", _NAME_LINES)]
    for words in state_in_words(state):
        lines += _lines(words, DETAIL, "detail", _DETAIL_LINES)
    key = contents.key + state.pointer
    shape = Shape(state, key, kind, Rectangle(0, 0, 0, 0), tuple(lines), starts=starts)
    return _around(shape, areas) if areas else replace(shape, place=_own_size(shape))


def _lines(text: str, font: Font, kind: str, most: int) -> Iterator[Line]:
    for line in wrapped(text or " ", font, _TEXT_ROOM, most):
        yield Line(line, font, kind)


def _text_size(shape: Shape) -> tuple[float, float]:
    wide = max((width(line.text, line.font) for line in shape.lines), default=0)
    return wide, sum(line.font.height for line in shape.lines)


def _own_size(shape: Shape) -> Rectangle:
    wide, high = _text_size(shape)
    sides = 2 * PADDING + ICON + (2 * SLANT if shape.kind in ("choice", "fail", "succeed") else 0)
    extra = STACK if shape.kind == "map" else 0
    return Rectangle(
        0, 0, max(_LEAST_WIDTH, wide + sides) + extra, max(38.0, high + 2 * PADDING) + extra
    )


def header_height(shape: Shape) -> float:
    """Height of the upper part of a box that holds other states, in pixels.

    Args:
        shape: The state of the box.
    """
    return _text_size(shape)[1] + 2 * PADDING


def _around(shape: Shape, areas: Sequence[Area]) -> Shape:
    """A state with what is inside of it: in rows, where there are many."""
    header = header_height(shape)
    rows: list[list[Area]] = [[]]
    taken = 0.0
    for area in areas:
        if rows[-1] and taken + area.place.width > _ROW:
            rows.append([])
            taken = 0.0
        rows[-1].append(area)
        taken += area.place.width + _BETWEEN_AREAS
    widths = [
        sum(area.place.width for area in row) + _BETWEEN_AREAS * (len(row) - 1) for row in rows
    ]
    wide = max(*widths, _text_size(shape)[0] + ICON)
    placed = []
    # What is written above has room below it already.
    down = header + _AROUND - PADDING / 2
    for row, taken in zip(rows, widths, strict=True):
        right = _AROUND + (wide - taken) / 2
        high = max(area.place.height for area in row)
        for area in row:
            moved = area.moved(right, down)
            # Branches are of one height, with what is in them at the top.
            placed.append(replace(moved, place=replace(moved.place, height=high)))
            right += area.place.width + _BETWEEN_AREAS
        down += high + _BETWEEN_AREAS
    extra = STACK if shape.kind == "map" else 0
    size = Rectangle(0, 0, wide + 2 * _AROUND + extra, down - _BETWEEN_AREAS + _AROUND + extra)
    return replace(shape, place=size, areas=tuple(placed))


def _placed(
    machine: Machine, shapes: Sequence[Shape], marks: Sequence[Mark], links: Sequence[_Link]
) -> Area:
    graph: dict[str, list[Any]] = {"nodes": [], "edges": []}
    numbers: dict[tuple[str, str], int] = {}

    def node(key: tuple[str, str], place: Rectangle) -> int:
        numbers[key] = len(graph["nodes"])
        size = {"width": place.width, "height": place.height}
        graph["nodes"].append({"size": size, "shape": "box", "key": str(numbers[key])})
        return numbers[key]

    def edge(source: int, target: int, kind: str) -> None:
        graph["edges"].append({"source": source, "target": target, "weight": _WEIGHTS[kind]})

    for mark in marks:
        node((mark.kind, mark.text), mark.place)
    for shape in shapes:
        node(("state", shape.state.name), shape.place)
    labels: list[tuple[_Link, list[str], int | None]] = []
    for link in links:
        source = numbers["start", ""] if link.source is None else numbers["state", link.source]
        target = numbers[_target(link, numbers)]
        lines = link.lines
        between = None
        if lines:
            between = node(("label", str(len(labels))), _label_size(lines))
            edge(source, between, link.kind)
        edge(source if between is None else between, target, link.kind)
        labels.append((link, lines, between))
    found = imported("graphlay").layout(graph, options=_OPTIONS)
    places = [
        Rectangle(
            one["center"]["x"] - one["size"]["width"] / 2,
            one["center"]["y"] - one["size"]["height"] / 2,
            one["size"]["width"],
            one["size"]["height"],
        )
        for one in found.nodes
    ]
    paths = iter([tuple((p["x"], p["y"]) for p in one["points"]) for one in found.edges])
    routes = []
    for link, lines, between in labels:
        points: tuple[Point, ...] = next(paths)
        label = None
        if between is not None:
            points = (*points, *next(paths))
            label = Label(tuple(lines), places[between])
        pointers = tuple(way.pointer for way in link.ways)
        routes.append(
            Route(link.kind, link.source, link.target, points, pointers, link.words, label)
        )
    area = Area(
        machine,
        _bounds(places, routes),
        tuple(_at(shape, places[numbers["state", shape.state.name]]) for shape in shapes),
        tuple(routes),
        tuple(replace(mark, place=place) for mark, place in zip(marks, places, strict=False)),
    )
    return area.moved(-area.place.x, -area.place.y)


def _target(link: _Link, numbers: Mapping[tuple[str, str], int]) -> tuple[str, str]:
    if link.target is None:
        return "end", ""
    there = ("state", link.target)
    return there if there in numbers else ("missing", link.target)


def _at(shape: Shape, place: Rectangle) -> Shape:
    return shape.moved(place.x, place.y)


def _label_size(lines: Sequence[str]) -> Rectangle:
    wide = max(width(line, DETAIL) for line in lines)
    return Rectangle(0, 0, wide + 8, DETAIL.height * len(lines) + 4)


def _bounds(places: Sequence[Rectangle], routes: Sequence[Route]) -> Rectangle:
    across = [x for route in routes for x, _ in route.points]
    down = [y for route in routes for _, y in route.points]
    left = min([*(place.x for place in places), *across])
    top = min([*(place.y for place in places), *down])
    right = max([*(place.right for place in places), *across])
    bottom = max([*(place.bottom for place in places), *down])
    return Rectangle(left, top, right - left, bottom - top)
