"""Pictures: nothing overlaps, everything is drawn, and what is drawn can be read."""

from __future__ import annotations

import re
import struct
import sys
import xml.etree.ElementTree as ET
from itertools import combinations, pairwise
from typing import TYPE_CHECKING, Any

import pytest
from tests.drawn_machines import definition
from tests.proofs import FULL

from sfn_fragments_asl.drawing import Nested, Overlay, draw
from sfn_fragments_asl.drawing.colours import DARK, LIGHT, PLAIN
from sfn_fragments_asl.drawing.geometry import Rectangle
from sfn_fragments_asl.drawing.libraries import MissingLibraryError
from sfn_fragments_asl.drawing.outlines import number
from sfn_fragments_asl.drawing.png import MAX_PIXELS, PictureTooLargeError
from sfn_fragments_asl.drawing.texts import DETAIL, NAME, width, wrapped
from sfn_fragments_asl.model.machine import Machine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sfn_fragments_asl.drawing.geometry import Area, Point, Shape

SVG = "{http://www.w3.org/2000/svg}"
MACHINES = [Machine(definition(seed)) for seed in range(300 if FULL else 25)]
#: What is laid out is kept.
DRAWN = [draw(machine) for machine in MACHINES]
SMALL: dict[str, Any] = {
    "StartAt": "Check",
    "States": {
        "Check": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.n", "NumericEquals": 0, "Next": "Copy"}],
            "Default": "Done",
        },
        "Copy": {
            "Type": "Task",
            "Resource": "arn:aws:states:::batch:submitJob.sync",
            "Comment": "Copies it",
            "Catch": [{"ErrorEquals": ["States.Timeout"], "Next": "Done"}],
            "End": True,
        },
        "Done": {"Type": "Succeed"},
    },
}


def areas(area: Area) -> Iterator[Area]:
    yield area
    for shape in area.shapes:
        for inner in shape.areas:
            yield from areas(inner)


def shapes(area: Area) -> Iterator[Shape]:
    for each in areas(area):
        yield from each.shapes


def boxes(area: Area) -> list[tuple[str, Rectangle]]:
    """What may not overlap in an area, with a name for each."""
    return [
        *((shape.state.name, shape.place) for shape in area.shapes),
        *((mark.kind, mark.place) for mark in area.marks),
        *(("label", route.label.place) for route in area.routes if route.label),
    ]


def test_no_two_boxes_overlap_and_all_lie_within_the_box_around_them() -> None:
    count = 0
    for drawing in DRAWN:
        whole = drawing.area
        for area in areas(whole):
            for (name, one), (other_name, other) in combinations(boxes(area), 2):
                assert not one.overlaps(other), (name, other_name)
                count += 1
            for name, box in boxes(area):
                assert area.place.holds(box), name
        for shape in shapes(whole):
            for inner in shape.areas:
                assert shape.place.inset(1).holds(inner.place)
            for one_area, other_area in combinations(shape.areas, 2):
                assert not one_area.place.overlaps(other_area.place)
    assert count > 2_000


def test_every_transition_is_drawn_once() -> None:
    for machine, drawing in zip(MACHINES, DRAWN, strict=True):
        drawn = [
            pointer
            for area in areas(drawing.area)
            for route in area.routes
            for pointer in route.pointers
        ]
        wanted = [way.pointer for state in machine.every_state() for way in state.transitions]
        assert sorted(drawn) == sorted(wanted)


def test_lines_lead_from_box_to_box_and_through_no_other() -> None:
    for drawing in DRAWN:
        for area in areas(drawing.area):
            own = {shape.state.name: shape.place for shape in area.shapes}
            own |= {mark.text: mark.place for mark in area.marks if mark.kind == "missing"}
            ends = {mark.kind: mark.place for mark in area.marks}
            for route in area.routes:
                source = ends["start"] if route.source is None else own[route.source]
                target = ends["end"] if route.target is None else own[route.target]
                assert touches(source, route.points[0]), (route.source, route.target)
                assert touches(target, route.points[-1]), (route.source, route.target)
                assert all(area.place.inset(-1).holds(Rectangle(*p, 0, 0)) for p in route.points)
                for name, box in boxes(area):
                    if not (route.label and box == route.label.place):
                        for segment in pairwise(route.points):
                            assert not through(box.inset(1), segment), (route.target, name)


def touches(box: Rectangle, point: Point) -> bool:
    around, inside = box.inset(-1), box.inset(1)
    at = Rectangle(*point, 0, 0)
    return around.holds(at) and not inside.inset(1).holds(at)


def through(box: Rectangle, segment: tuple[Point, Point]) -> bool:
    """Whether a line that is level or upright goes through a box."""
    (x, y), (to_x, to_y) = segment
    line = Rectangle(min(x, to_x), min(y, to_y), abs(to_x - x) + 0.3, abs(to_y - y) + 0.3)
    return box.overlaps(line)


def test_texts_fit() -> None:
    for drawing in DRAWN:
        for area in areas(drawing.area):
            for shape in area.shapes:
                for line in shape.lines:
                    assert width(line.text, line.font) <= shape.place.width - 30
            for route in area.routes:
                if route.label:
                    widest = max(width(line, DETAIL) for line in route.label.lines)
                    assert widest <= route.label.place.width


def test_the_document_is_xml_with_each_state_to_be_found_by_its_place() -> None:
    for machine in MACHINES[:8]:
        text = draw(machine, title="A & <B>").svg()
        root = ET.fromstring(text)
        assert (root.get("role"), root.findtext(f"{SVG}title")) == ("img", "A & <B>")
        ids = [each.get("id") for each in root.iter() if each.get("id")]
        assert len(ids) == len(set(ids))
        labelled = (root.get("aria-labelledby") or "").split()
        assert len(labelled) == 2
        assert set(labelled) <= set(ids)
        states = {each.get("data-pointer"): each for each in root.iter(f"{SVG}g")}
        for state in machine.every_state():
            group = states[state.pointer]
            assert group.get("data-state") == state.name
            assert (group.findtext(f"{SVG}title") or "").startswith(state.name)
            assert state.name in (root.findtext(f"{SVG}desc") or "")


def test_the_same_machine_gives_the_same_text() -> None:
    again = [Machine(definition(seed)) for seed in range(4)]
    assert [draw(machine).svg() for machine in again] == [draw(m).svg() for m in MACHINES[:4]]


def test_hundreds_of_states_in_a_row_and_deep_ones() -> None:
    row = {str(i): {"Type": "Pass", "Next": str(i + 1)} for i in range(400)}
    long = Machine({"StartAt": "0", "States": {**row, "400": {"Type": "Succeed"}}})
    assert len([*shapes(draw(long).area)]) == 401
    deep: dict[str, Any] = {"StartAt": "x", "States": {"x": {"Type": "Succeed"}}}
    for level in range(12):
        name = f"level {level}"
        states = {name: {"Type": "Map", "ItemProcessor": deep, "End": True}}
        deep = {"StartAt": name, "States": states}
    assert len([*shapes(draw(Machine(deep)).area)]) == 13


def test_what_is_malformed_is_drawn_as_far_as_it_goes() -> None:
    for body in (
        {},
        {"StartAt": "Nowhere", "States": {}},
        {"StartAt": 3, "States": {"A": {"Next": "Gone"}, "B": {"Type": "Task", "Next": 3}}},
        {"StartAt": "A", "States": {"A": {"Type": "Map", "ItemProcessor": {}, "Next": "A"}}},
        {"StartAt": "A", "States": {"": {"Type": "Pass", "Next": "", "End": True}}},
        {"StartAt": " ", "States": {" ": {"Type": "Pass", "Next": ""}}},
    ):
        drawing = draw(Machine(body))
        ET.fromstring(drawing.svg())
        assert drawing.mermaid().startswith("flowchart TD\n")
    gone = draw(Machine({"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "Gone"}}}))
    assert "Gone: there is no such state" in gone.svg()
    assert "Gone (missing)" in gone.mermaid()


def test_what_xml_cannot_hold_is_replaced() -> None:
    name = "a\x00b\ud800c"
    states = {name: {"Type": "Succeed"}}
    text = draw(Machine({"StartAt": name, "States": states}), title=name).svg()
    assert ET.fromstring(text).findtext(f"{SVG}title") == "a\ufffdb\ufffdc"


def test_an_overlay_is_a_class_and_a_badge() -> None:
    overlays = {
        "/States/Copy": Overlay("failed", "✗ 2", "States.Timeout"),
        "/States/Check/Choices/0/Next": Overlay("taken"),
    }
    root = ET.fromstring(draw(Machine(SMALL), overlays=overlays).svg())
    groups = {each.get("data-pointer"): each for each in root.iter(f"{SVG}g")}
    copy = groups["/States/Copy"]
    assert (copy.get("class") or "").split() == ["state", "task", "failed"]
    assert "✗ 2" in [text.text for text in copy.iter(f"{SVG}text")]
    assert (copy.findtext(f"{SVG}title") or "").splitlines() == [
        "Copy",
        "Batch: submit job, wait",
        "Copies it",
        "States.Timeout",
    ]
    ways = {each.get("data-pointers"): each for each in root.iter(f"{SVG}g")}
    assert "taken" in (ways["/States/Check/Choices/0/Next"].get("class") or "")
    assert "taken" not in (ways["/States/Check/Default"].get("class") or "")


def test_conditions_and_errors_are_told_on_the_lines() -> None:
    root = ET.fromstring(draw(Machine(SMALL)).svg())
    shown = [text.text for text in root.iter(f"{SVG}text")]
    assert {"n is 0", "otherwise", "on States.Timeout", "Batch: submit job, wait"} <= {*shown}


def test_rules_and_catchers_that_lead_to_one_state_share_a_line() -> None:
    rules = [{"Variable": f"$.{name}", "IsNull": True, "Next": "B"} for name in ("on", "off")]
    caught = [{"ErrorEquals": [name], "Next": "B"} for name in ("Acme.A", "States.ALL")]
    states = {
        "Choice": {"Type": "Choice", "Choices": rules * 4, "Default": "Task"},
        "Task": {"Type": "Task", "Catch": caught, "End": True},
        "B": {"Type": "Succeed"},
    }
    area = draw(Machine({"StartAt": "Choice", "States": states})).area
    lines = {route.kind: route.label.lines for route in area.routes if route.label}
    assert lines["catch"] == ("on Acme.A", "or any error")
    assert lines["choice"] == ("on is null", "or off is null", "or on is null", "or 5 more")


def test_light_dark_and_what_the_system_prefers() -> None:
    drawing = draw(Machine(SMALL))
    light, dark, auto = (drawing.svg(theme) for theme in ("light", "dark", "auto"))
    assert light != dark
    assert "prefers-color-scheme" in auto
    assert "prefers-color-scheme" not in light + dark
    # A page may hold more than the picture: each rule is for what is inside of it.
    styles = re.search("<style>(.*)</style>", light)
    assert styles is not None
    for selectors in re.findall(r"([^{}]+)\{[^{}]*\}", styles.group(1)):
        assert all(each.startswith(".sfn-graph ") for each in selectors.split(","))
    assert drawing._repr_svg_() == auto


def luminance(colour: str) -> float:
    """https://www.w3.org/TR/WCAG22/#dfn-relative-luminance."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_all_texts_can_be_read_on_what_is_behind_them() -> None:
    for colours in (LIGHT, DARK):
        ground = colours["ground"]
        pairs = [(colours[name], ground) for name in ("ink", "muted", "catch", "line")]
        for kind in colours.keys() - set(PLAIN):
            inside, outline = colours[kind].split()
            pairs += [(colours["ink"], inside), (colours["muted"], inside), (ground, outline)]
        for pair in pairs:
            dark, bright = sorted(map(luminance, pair))
            # What WCAG asks of small texts.
            assert (bright + 0.05) / (dark + 0.05) >= 4.5, pair


def test_kinds_of_states_are_told_apart_without_colours() -> None:
    kinds = ("Task", "Choice", "Wait", "Pass", "Succeed", "Fail", "Map", "Parallel")
    states = {kind: {"Type": kind} for kind in kinds}
    root = ET.fromstring(draw(Machine({"StartAt": "Task", "States": states})).svg())
    icons = {
        each.get("data-state"): [path.get("d") for path in each.iter(f"{SVG}path")][-1]
        for each in root.iter(f"{SVG}g")
        if each.get("data-state")
    }
    assert len({*icons.values()}) == len(kinds)


def test_a_machine_that_a_task_starts_is_drawn_inside_of_it() -> None:
    nested = {"/States/Copy": Nested("Inner", Machine(SMALL))}
    drawing = draw(Machine(SMALL), nested=nested)
    root = ET.fromstring(drawing.svg())
    pointers = {each.get("data-pointer") for each in root.iter(f"{SVG}g")}
    assert {"/States/Copy", "/States/Copy#/States/Copy"} <= pointers
    assert "Copy: inside, it starts with Check." in (root.findtext(f"{SVG}desc") or "")
    assert drawing.mermaid().count("subgraph") == 1
    assert draw(Machine(SMALL)).area.place.height < drawing.area.place.height


def test_an_image_needs_no_fonts_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    drawing = draw(Machine(SMALL))
    image = drawing.png(scale=1)
    assert image.startswith(b"\x89PNG\r\n")
    size = struct.unpack(">II", image[16:24])
    root = ET.fromstring(drawing.svg())
    for pixels, name in zip(size, ("width", "height"), strict=True):
        assert abs(pixels - float(root.get(name) or 0)) < 1
    # With no fonts there, the texts would be missing.
    renamed = draw(Machine({**SMALL, "States": {**SMALL["States"], "Done": {"Type": "Fail"}}}))
    assert drawing.png("dark", scale=1) != image != renamed.png(scale=1)
    import resvg_py

    drawn: dict[str, Any] = {}
    real = resvg_py.svg_to_bytes
    monkeypatch.setattr(
        resvg_py, "svg_to_bytes", lambda **given: drawn.update(given) or real(**given)
    )
    assert drawing.png(scale=1) == image
    assert drawn["skip_system_fonts"] is True
    without = re.sub(r"<text.*?</text>", "", drawn["svg_string"])
    assert real(**{**drawn, "svg_string": without}) != image


def test_an_image_that_is_too_large_is_refused() -> None:
    # The renderer would end the process.
    drawing = draw(Machine(SMALL))
    with pytest.raises(PictureTooLargeError, match="a scale of at most") as caught:
        drawing.png(scale=1_000)
    width, height = caught.value.width / 1_000, caught.value.height / 1_000
    told = float(str(caught.value).partition("at most ")[2].split()[0])
    assert told**2 * width * height <= MAX_PIXELS < (told + 0.02) ** 2 * width * height


@pytest.mark.parametrize("library", ["graphlay", "resvg_py", "font_lato"])
def test_what_is_not_installed_is_told(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    drawing = draw(Machine(SMALL))
    with pytest.raises(MissingLibraryError, match=r'pip install "sfn-fragments-asl\[drawing\]"'):
        drawing.png()
    assert drawing.mermaid().startswith("flowchart")


def test_mermaid() -> None:
    assert draw(Machine(SMALL)).mermaid().splitlines() == [
        "flowchart TD",
        '  s1(("Start"))',
        '  s2{{"Check"}}',
        '  s3["Copy<br/>Batch: submit job, wait"]',
        '  s4(["Done"])',
        "  s1 --> s2",
        '  s2 -->|"n is 0"| s3',
        '  s2 -->|"otherwise"| s4',
        '  s3 -.->|"on States.Timeout"| s4',
        "  s3 --> s5",
        '  s5(("End"))',
    ]
    for drawing in DRAWN[:20]:
        text = drawing.mermaid()
        # What is between quotes could end the text, or begin markup.
        for label in re.findall(r'"([^"\n]*)"', text):
            assert not set("<>&") & set(label.replace("<br/>", ""))
        assert text.count('"') % 2 == 0


def test_texts_are_broken_where_words_end() -> None:
    words = "Put request into the bucket"
    assert wrapped(words, NAME, 130, 3) == ["Put request into", "the bucket"]
    assert wrapped("PutRequestIntoBucket", NAME, 110, 3) == ["PutRequest", "IntoBucket"]
    assert wrapped("", NAME, 100, 2) == []
    (cut,) = wrapped("x" * 5_000, DETAIL, 100, 1)
    assert cut.endswith("…")
    assert width(cut, DETAIL) <= 100
    assert wrapped("a b\n c", DETAIL, 200, 1) == ["a b c"]
    assert [number(each) for each in (1.0, -0.04, 2.26, 1e6)] == ["1", "0", "2.3", "1000000"]
