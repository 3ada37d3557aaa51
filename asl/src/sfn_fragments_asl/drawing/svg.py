"""A picture as SVG: https://www.w3.org/TR/SVG2/."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from sfn_fragments_asl.drawing.colours import CLASS, Theme, style_sheet
from sfn_fragments_asl.drawing.layout import ICON, PADDING, SLANT, header_height
from sfn_fragments_asl.drawing.outlines import ICONS, behind, head, line, number, outline
from sfn_fragments_asl.drawing.texts import BADGE, shortened, width
from sfn_fragments_asl.wording.states import retries_in_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sfn_fragments_asl.drawing.geometry import Area, Mark, Route, Shape

_MARGIN = 16.0
_BADGE_ROOM = 120.0
# What XML cannot hold, whatever it is written as: https://www.w3.org/TR/xml/#charsets
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NO_ID = re.compile(r"[^A-Za-z0-9_.-]")


@dataclass(frozen=True)
class Overlay:
    """What a run says of a state or of a transition.

    Attributes:
        css_class: A class of its element: ``succeeded``, ``failed``, ``running``, ``caught`` and
            ``untouched`` have looks of their own; others are styled by the page around.
        badge: A short text at the upper right corner of a state, such as ``✓ 3``; empty for none.
        title: What is told of it besides, where a reader points at it.
    """

    css_class: str = ""
    badge: str = ""
    title: str = ""


def svg_of(
    area: Area,
    title: str,
    description: str,
    overlays: Mapping[str, Overlay],
    theme: Theme,
    prefix: str,
) -> str:
    """Write a picture.

    Args:
        area: The machine, laid out.
        title: What it is a picture of.
        description: The same as the picture, in words.
        overlays: JSON Pointer of a state, or of the field of a transition that names its target,
            to what is told of it.
        theme: Its colours.
        prefix: How the ids in it begin.

    Returns:
        The document, whose root is an ``svg`` element.
    """
    placed = area.moved(_MARGIN, _MARGIN)
    wide, high = picture_size(area)
    size = f'width="{number(wide)}" height="{number(high)}"'
    ids = f"{prefix}title {prefix}description"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="{CLASS}" {size} '
        f'viewBox="0 0 {number(wide)} {number(high)}" role="img" aria-labelledby="{ids}">',
        f'<title id="{prefix}title">{_text(title)}</title>',
        f'<desc id="{prefix}description">{_text(description)}</desc>',
        f"<style>{style_sheet(theme)}</style>",
        f'<rect class="ground" {size}/>',
        *_area(placed, overlays, prefix, ""),
        "</svg>\n",
    ]
    return "\n".join(parts)


def picture_size(area: Area) -> tuple[float, float]:
    """Width and height of a picture, in pixels.

    Args:
        area: The machine, laid out.
    """
    return area.place.width + 2 * _MARGIN, area.place.height + 2 * _MARGIN


def _area(area: Area, overlays: Mapping[str, Overlay], prefix: str, key: str) -> Iterator[str]:
    for route in area.routes:
        yield _route(route, overlays, key)
    for mark in area.marks:
        yield _mark(mark)
    for shape in area.shapes:
        yield _shape(shape, overlays.get(shape.key, Overlay()), prefix)
        inside = f"{shape.key}#" if shape.starts else key
        for inner in shape.areas:
            yield from _area(inner, overlays, prefix, inside)


def _route(route: Route, overlays: Mapping[str, Overlay], key: str) -> str:
    told = [overlays[key + each] for each in route.pointers if key + each in overlays]
    classes = " ".join(["way", route.kind, *(each.css_class for each in told)]).strip()
    pointers = " ".join(key + pointer for pointer in route.pointers)
    source, target = route.source, route.target
    ends = f"{'Start' if source is None else source} → {'End' if target is None else target}"
    words = "\n".join([ends, *filter(None, [route.words, *(each.title for each in told)])])
    parts = [
        f"<g class={_value(classes)} data-from={_value(source or '')} "
        f"data-to={_value(target or '')} data-pointers={_value(pointers)}>",
        f"<title>{_text(words)}</title>",
        f'<path class="line" d="{line(route.points)}"/>',
        f'<path class="head" d="{head(route.points)}"/>',
    ]
    if route.label is not None:
        place = route.label.place
        middle = place.middle[0]
        parts.append(f'<g class="label">{_rect(place.x, place.y, place.width, place.height)}')
        for index, text in enumerate(route.label.lines):
            parts.append(_at(middle, place.y + 2 + 15 * index + 11, text))
        parts.append("</g>")
    return "".join([*parts, "</g>"])


def _mark(mark: Mark) -> str:
    across, down = mark.place.middle
    half = mark.place.width / 2
    if mark.kind == "missing":
        place = mark.place
        box = _rect(place.x, place.y, place.width, place.height, 'class="mark" rx="4"')
        told = f"<title>{_text(mark.text)}: there is no such state</title>"
        shown = shortened(mark.text, BADGE, place.width)
        return f'<g class="missing">{told}{box}{_at(across, down + 4, shown)}</g>'
    ring = _circle(across, down, half - 1, "mark" if mark.kind == "end" else "dot")
    dot = _circle(across, down, half - 5, "dot") if mark.kind == "end" else ""
    return f'<g class="{mark.kind}"><title>{mark.kind.capitalize()}</title>{ring}{dot}</g>'


def _shape(shape: Shape, overlay: Overlay, prefix: str) -> str:
    state, place = shape.state, shape.place
    classes = " ".join(["state", shape.kind, *filter(None, [overlay.css_class])])
    told = [state.name, *(line.text for line in shape.lines if line.kind == "detail")]
    comment = state.fields.get("Comment")
    told += [comment] if isinstance(comment, str) else []
    told += [*retries_in_words(state), *filter(None, [overlay.title])]
    parts = [
        f'<g id="{prefix}{identifier(shape.key)}" class={_value(classes)} '
        f"data-state={_value(state.name)} data-pointer={_value(shape.key)}>",
        f"<title>{_text(chr(10).join(told))}</title>",
    ]
    if shape.kind == "map":
        parts += [f'<path class="behind" d="{edge}"/>' for edge in behind(place)]
    parts.append(f'<path class="body" d="{outline(shape.kind, place)}"/>')
    right = place.right - (6 if shape.kind == "map" else 0)
    if shape.kind == "parallel":
        # As bars: what is between them happens at the same time.
        for y in (place.y, place.bottom - 3):
            parts.append(_rect(place.x + 6, y, place.width - 12, 3, 'class="bar"'))
    if shape.kind == "succeed":
        parts.append(f'<path class="icon" d="{outline("succeed", place.inset(3))}"/>')
    if shape.areas:
        for area in shape.areas:
            frame = area.place.inset(-7)
            inside = 'class="inside" rx="4"'
            parts.append(_rect(frame.x, frame.y, frame.width, frame.height, inside))
    slant = SLANT if shape.kind in ("choice", "fail", "succeed") else 0
    x = place.x + PADDING + slant
    high = header_height(shape) if shape.areas else place.height
    high -= 6 if shape.kind == "map" and not shape.areas else 0
    text_high = sum(line.font.height for line in shape.lines)
    y = place.y + (high - text_high) / 2
    icon = place.y + high / 2 - 8
    parts.append(
        f'<path class="icon" transform="translate({number(x)} {number(icon)})" '
        f'd="{ICONS[shape.kind]}"/>'
    )
    for text in shape.lines:
        y += text.font.height
        parts.append(_at(x + ICON, y - text.font.height * 0.27, text.text, text.kind))
    if overlay.badge:
        parts.append(_badge(overlay.badge, right, place.y))
    return "".join([*parts, "</g>"])


def _badge(text: str, right: float, y: float) -> str:
    shown = shortened(text, BADGE, _BADGE_ROOM)
    wide = width(shown, BADGE) + 12
    box = _rect(right - wide + 4, y - 9, wide, 18, 'rx="9"')
    return f'<g class="badge">{box}{_at(right + 4 - wide / 2, y + 4, shown)}</g>'


def identifier(key: str) -> str:
    """The id of a state's element, without what it begins with.

    Args:
        key: JSON Pointer of the state.

    Examples:
        >>> identifier("/States/Each file")
        'States-Each_20_file'
    """
    text = key.removeprefix("/").replace("/", "-")
    return _NO_ID.sub(lambda match: f"_{ord(match.group()):x}_", text)


def _at(x: float, y: float, text: str, kind: str = "") -> str:
    attribute = f' class="{kind}"' if kind else ""
    return f'<text{attribute} x="{number(x)}" y="{number(y)}">{_text(text)}</text>'


def _rect(x: float, y: float, wide: float, high: float, attributes: str = "") -> str:
    place = f'x="{number(x)}" y="{number(y)}" width="{number(wide)}" height="{number(high)}"'
    return f"<rect {attributes} {place}/>" if attributes else f"<rect {place}/>"


def _circle(x: float, y: float, radius: float, kind: str) -> str:
    return f'<circle class="{kind}" cx="{number(x)}" cy="{number(y)}" r="{number(radius)}"/>'


def _text(text: str) -> str:
    return escape(_NO_XML.sub("\ufffd", text))


def _value(text: str) -> str:
    return quoteattr(_NO_XML.sub("\ufffd", text))
