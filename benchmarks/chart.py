"""A bar chart of what a million runs cost, as SVG."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_LABEL_WIDTH, _BAR_WIDTH, _VALUE_WIDTH = 300, 460, 90
_BAR, _GAP, _GROUP_GAP, _TOP = 13, 2, 14, 74
_TEXT = 'font-family="system-ui, sans-serif" fill="#1f2933"'


@dataclass(frozen=True)
class Series:
    """Bars of one colour.

    Attributes:
        label: Its name in the legend.
        color: Its colour.
        values: One for each row; None where there is none.
    """

    label: str
    color: str
    values: Sequence[float | None]


def bar_chart(title: str, rows: Sequence[str], series: Sequence[Series]) -> str:
    """Draw horizontal bars, grouped by row.

    Args:
        title: Text above.
        rows: Names of the rows.
        series: The bars.

    Returns:
        The SVG document.
    """
    largest = max(value for one in series for value in one.values if value is not None)
    width = _LABEL_WIDTH + _BAR_WIDTH + _VALUE_WIDTH
    marks: list[str] = []
    y = float(_TOP)
    for index, row in enumerate(rows):
        bars = [(one.color, one.values[index]) for one in series]
        shown = [(color, value) for color, value in bars if value is not None]
        middle = y + len(shown) * (_BAR + _GAP) / 2 + 3
        marks.append(_text(_LABEL_WIDTH - 10, middle, row, size=12, anchor="end"))
        for color, value in shown:
            length = max(1.0, _BAR_WIDTH * value / largest)
            marks.append(
                f'<rect x="{_LABEL_WIDTH}" y="{y:g}" width="{length:.1f}" height="{_BAR}" '
                f'fill="{color}"/>'
            )
            marks.append(_text(_LABEL_WIDTH + length + 5, y + _BAR - 3, f"${value:,.0f}", size=10))
            y += _BAR + _GAP
        y += _GROUP_GAP
    legend: list[str] = []
    for index, one in enumerate(series):
        x = 20 + index * 205
        legend.append(f'<rect x="{x}" y="40" width="12" height="12" fill="{one.color}"/>')
        legend.append(_text(x + 18, 50, one.label, size=12))
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {y:g}" role="img">',
            f"<title>{escape(title)}</title>",
            f'<rect width="{width}" height="{y:g}" fill="#ffffff"/>',
            _text(20, 24, title, size=15, weight="600"),
            *legend,
            *marks,
            "</svg>",
            "",
        ]
    )


def _text(
    x: float, y: float, text: str, *, size: int, anchor: str = "start", weight: str = "400"
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" font-weight="{weight}" '
        f'text-anchor="{anchor}" {_TEXT}>{escape(text)}</text>'
    )
