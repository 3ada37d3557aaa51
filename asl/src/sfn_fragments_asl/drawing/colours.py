"""Colours of pictures, light and dark, as a style sheet.

A kind of state is told by its shape and its icon as well, a kind of line by its dashes.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

#: ``auto`` follows what the reader's system prefers.
Theme: TypeAlias = Literal["auto", "light", "dark"]

#: Names of what has one colour, and kinds of states with theirs: inside, and of the outline.
LIGHT = {
    "ground": "#ffffff",
    "ink": "#1f2937",
    "muted": "#4b5563",
    "line": "#64748b",
    "catch": "#b42318",
    "task": "#eef4ff #2f5fb3",
    "choice": "#fff6dc #8a5d00",
    "wait": "#f4effd #6b46b8",
    "pass": "#f4f5f6 #5f6b7a",
    "succeed": "#e8f7ec #1a7336",
    "fail": "#fdecec #b42318",
    "map": "#e6f5f4 #0f6a63",
    "parallel": "#fcf0f6 #9c2f69",
    "other": "#ffffff #64748b",
    "succeeded": "#dcf5e3 #1a7336",
    "failed": "#fbdcda #b42318",
    "running": "#dbe8ff #2f5fb3",
    "caught": "#ffe9c7 #8a5d00",
}
DARK = {
    "ground": "#0f1420",
    "ink": "#e8ebf0",
    "muted": "#aeb7c6",
    "line": "#8592a8",
    "catch": "#f28b82",
    "task": "#16243d #7aa7f0",
    "choice": "#2d2410 #e0b040",
    "wait": "#241c3a #b79cf0",
    "pass": "#20252e #9aa3b2",
    "succeed": "#12291a #5cc27a",
    "fail": "#341617 #f28b82",
    "map": "#10292b #58c0b8",
    "parallel": "#2d1626 #e48abb",
    "other": "#0f1420 #8592a8",
    "succeeded": "#153b22 #5cc27a",
    "failed": "#4a1a1b #f28b82",
    "running": "#16325f #7aa7f0",
    "caught": "#463310 #e0b040",
}
#: What a run makes of states; a class of an overlay.
STATUSES = ("succeeded", "failed", "running", "caught")
#: What has one colour.
PLAIN = ("ground", "ink", "muted", "line", "catch")

#: Of the picture's element; each rule is for what is inside of it, since a page may hold more.
CLASS = "sfn-graph"

_FONTS = (
    # What an image is drawn with has this one alone, or first.
    "Lato,system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,'Liberation Sans',"
    "'DejaVu Sans',sans-serif"
)


def style_sheet(theme: Theme) -> str:
    """The style sheet of a picture.

    Args:
        theme: Whether it is light, dark, or as the reader's system prefers.

    Returns:
        The rules, in CSS.
    """
    if theme != "auto":
        return _shape_rules() + _rules(DARK if theme == "dark" else LIGHT)
    dark = _rules(DARK)
    return f"{_shape_rules()}{_rules(LIGHT)}@media (prefers-color-scheme:dark){{{dark}}}"


def _shape_rules() -> str:
    rules = {
        "text": f"font-family:{_FONTS};font-size:11px",
        ".name": "font-size:13px;font-weight:bold",
        ".badge text": "font-weight:bold;text-anchor:middle",
        ".label text": "text-anchor:middle",
        ".body,.mark": "stroke-width:1.5",
        ".icon": "fill:none;stroke-width:1.6;stroke-linecap:round;stroke-linejoin:round",
        ".line": "fill:none;stroke-width:1.5",
        ".catch .line": "stroke-dasharray:5 3",
        ".pass .body": "stroke-dasharray:6 3",
        ".other .body,.missing .mark": "stroke-dasharray:2 3",
        ".fail .body": "stroke-width:2.5",
        ".behind": "fill:none;stroke-width:1.2",
        ".untouched": "opacity:.65",
        ".failed .body": "stroke-width:3",
    }
    return _css(rules)


def _rules(colours: dict[str, str]) -> str:
    ground, ink, muted, line, catch = (colours[name] for name in PLAIN)
    rules = {
        ".ground,.inside": f"fill:{ground}",
        "text": f"fill:{muted}",
        ".name": f"fill:{ink}",
        ".line": f"stroke:{line}",
        ".head": f"fill:{line}",
        ".catch .line": f"stroke:{catch}",
        ".catch .head,.catch text": f"fill:{catch}",
        ".label rect": f"fill:{ground}",
        ".mark": f"fill:{ground};stroke:{line}",
        ".dot": f"fill:{line}",
        ".missing .mark": f"stroke:{catch}",
        ".missing text": f"fill:{catch};text-anchor:middle",
    }
    for kind, value in colours.items():
        if kind in PLAIN:
            continue
        fill, stroke = value.split()
        rules[f".{kind} .body,.{kind} .bar"] = f"fill:{fill};stroke:{stroke}"
        rules[f".{kind} .icon,.{kind} .behind"] = f"stroke:{stroke}"
        rules[f".{kind} .badge rect"] = f"fill:{stroke}"
        rules[f".{kind} .badge text"] = f"fill:{ground}"
    return _css(rules)


def _css(rules: dict[str, str]) -> str:
    return "".join(
        ",".join(f".{CLASS} {one}" for one in selector.split(",")) + f"{{{properties}}}"
        for selector, properties in rules.items()
    )
