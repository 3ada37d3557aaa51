"""Outlines and icons of states, and lines, as paths of SVG."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfn_fragments_asl.drawing.layout import SLANT, STACK

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sfn_fragments_asl.drawing.geometry import Point, Rectangle

#: Kind of a state to its icon, in a square of 16.
ICONS = {
    "task": "M8 5.2a2.8 2.8 0 1 0 0 5.6a2.8 2.8 0 1 0 0-5.6"
    "M8 1v2.4M8 12.6V15M1 8h2.4M12.6 8H15M3 3l1.8 1.8M11.2 11.2L13 13M13 3l-1.8 1.8M4.8 11.2L3 13",
    "choice": "M8 1L15 8L8 15L1 8ZM6.3 6.4a1.8 1.8 0 1 1 2.5 1.7Q8 8.4 8 9.4M8 11.6v.1",
    "wait": "M8 1.5a6.5 6.5 0 1 0 0 13a6.5 6.5 0 1 0 0-13M8 4.5V8l2.6 1.6",
    "pass": "M1.5 8h12M9.5 4L13.5 8L9.5 12",
    "succeed": "M8 1.5a6.5 6.5 0 1 0 0 13a6.5 6.5 0 1 0 0-13M5 8.2l2.2 2.2L11.2 6",
    "fail": "M8 1.5a6.5 6.5 0 1 0 0 13a6.5 6.5 0 1 0 0-13M5.6 5.6l4.8 4.8M10.4 5.6l-4.8 4.8",
    "map": "M2 2.5h9v4.5h-9ZM4.5 9.5h9v4.5h-9ZM13.5 4.8q1.5 2.2 0 4",
    "parallel": "M8 1.5v3M3 14.5V4.5h10v10M8 4.5v10",
    "other": "M5 5.5a3 3 0 1 1 4.2 2.8Q8 8.9 8 10.2M8 13.2v.2",
}

#: How round the corners of lines are.
_BEND = 6.0
_CORNER = 6.0


def number(value: float) -> str:
    """A number of pixels, as short as it can be written.

    Args:
        value: The number.
    """
    return f"{round(value, 1) + 0:.1f}".removesuffix(".0")


def outline(kind: str, place: Rectangle) -> str:
    """The outline of a state.

    Args:
        kind: Its kind.
        place: Where it is; of a Map, with the boxes behind it.
    """
    x, y, right, bottom = place.x, place.y, place.right, place.bottom
    middle = place.middle[1]
    if kind == "choice":
        slant = min(SLANT, place.height / 2)
        corners = [
            (x, middle),
            (x + slant, y),
            (right - slant, y),
            (right, middle),
            (right - slant, bottom),
            (x + slant, bottom),
        ]
        return _polygon(corners)
    if kind == "fail":
        cut = 10.0
        corners = [
            (x + cut, y),
            (right - cut, y),
            (right, y + cut),
            (right, bottom - cut),
            (right - cut, bottom),
            (x + cut, bottom),
            (x, bottom - cut),
            (x, y + cut),
        ]
        return _polygon(corners)
    if kind == "map":
        right, bottom = right - STACK, bottom - STACK
    round_by = {"succeed": place.height / 2, "wait": 16.0}.get(kind, _CORNER)
    return rounded(x, y, right, bottom, min(round_by, place.height / 2))


def rounded(x: float, y: float, right: float, bottom: float, by: float) -> str:
    """A rectangle with round corners.

    Args:
        x: Its left side.
        y: Its upper side.
        right: Its right side.
        bottom: Its lower side.
        by: The radius of its corners.
    """
    arc = f"A{number(by)} {number(by)} 0 0 1 "
    corners = [(x + by, y), (right, y + by), (right - by, bottom), (x, bottom - by)]
    starts = [_at(*corners[0]), *(arc + _at(*corner) for corner in corners[1:])]
    return (
        f"M{starts[0]}H{number(right - by)}{starts[1]}V{number(bottom - by)}{starts[2]}"
        f"H{number(x + by)}{starts[3]}V{number(y + by)}{arc}{_at(x + by, y)}Z"
    )


def behind(place: Rectangle) -> list[str]:
    """The visible edges of the boxes behind that of a Map.

    Args:
        place: Where the Map is, with these.
    """
    found = []
    for step in (STACK / 2, STACK):
        right, bottom = place.right - STACK + step, place.bottom - STACK + step
        x, y = place.x + step + _CORNER, place.y + step + _CORNER
        arc = f"A{number(_CORNER)} {number(_CORNER)} 0 0 1 {_at(right - _CORNER, bottom)}"
        found.append(f"M{_at(right, y)}V{number(bottom - _CORNER)}{arc}H{number(x)}")
    return found


def line(points: Sequence[Point]) -> str:
    """A line through points, with round bends.

    Args:
        points: Where it goes along.
    """
    kept = [points[0]]
    for point in points[1:]:
        if abs(point[0] - kept[-1][0]) + abs(point[1] - kept[-1][1]) > 0.05:
            kept.append(point)
    text = f"M{_at(*kept[0])}"
    for before, at, after in zip(kept, kept[1:], kept[2:], strict=False):
        by = min(_BEND, _distance(before, at) / 2, _distance(at, after) / 2)
        text += f"L{_at(*_towards(at, before, by))}Q{_at(*at)} {_at(*_towards(at, after, by))}"
    return f"{text}L{_at(*kept[-1])}"


def head(points: Sequence[Point]) -> str:
    """The arrow head at the end of a line.

    Args:
        points: Where the line goes along.
    """
    end = points[-1]
    start = next((p for p in reversed(points) if _distance(p, end) > 0.05), (end[0], end[1] - 1))
    length = _distance(start, end)
    across, along = (end[0] - start[0]) / length, (end[1] - start[1]) / length
    base = end[0] - 8 * across, end[1] - 8 * along
    left = base[0] - 4.2 * along, base[1] + 4.2 * across
    right = base[0] + 4.2 * along, base[1] - 4.2 * across
    return _polygon([end, left, right])


def _polygon(corners: Sequence[Point]) -> str:
    return "M" + "L".join(_at(*corner) for corner in corners) + "Z"


def _at(x: float, y: float) -> str:
    return f"{number(x)} {number(y)}"


def _distance(first: Point, second: Point) -> float:
    return abs(first[0] - second[0]) + abs(first[1] - second[1])


def _towards(start: Point, end: Point, by: float) -> Point:
    length = _distance(start, end) or 1.0
    return start[0] + (end[0] - start[0]) / length * by, start[1] + (
        end[1] - start[1]
    ) / length * by
