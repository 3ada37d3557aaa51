"""The files of a site."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files
from itertools import groupby
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from sfn_fragments_asl.drawing.colours import style_sheet
from sfn_fragments_asl.model.limits import MAX_EVENTS, MAX_PAYLOAD
from sfn_fragments_asl.wording.figures import price_in_words, span_in_words
from sfn_fragments_authoring.catalogue.markup import coloured, inline, plain, prose

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from jinja2 import Environment

    from sfn_fragments_asl.forecast.forecast import Forecast
    from sfn_fragments_authoring.catalogue.entries import Catalogue, Entry, Fields

_STYLE = re.compile(r"<style>.*?</style>", re.DOTALL)
_COLOUR = re.compile(r"#[0-9a-f]{6}\b")
#: A picture that is narrower, in pixels, leaves room for a text beside it.
_NARROW = 345


def site(catalogue: Catalogue) -> dict[str, str]:
    """The files of a site.

    Args:
        catalogue: What it shows.

    Returns:
        Path within the site to the text of the file; the same catalogue gives the same files.

    Examples:
        >>> from sfn_fragments_authoring.catalogue.entries import Catalogue
        >>> sorted(site(Catalogue((), (), (), "0.1.0")))[-1]
        'index.html'
    """
    groups = [(name, list(group)) for name, group in groupby(catalogue.entries, _plugin)]
    keywords = sorted({word for each in catalogue.entries for word in each.spec.keywords})
    shared = {"catalogue": catalogue, "groups": groups}
    found = {
        "index.html": _rendered("index.html", root="", keywords=keywords, **shared),
        "assets/catalogue.css": _asset("catalogue.css") + _picture_colours(),
        "assets/catalogue.js": _asset("catalogue.js"),
        "assets/icon.svg": _asset("icon.svg"),
        "assets/search.js": _search_data(catalogue.entries),
    }
    for each in catalogue.entries:
        found[each.page] = _rendered(
            "fragment.html",
            root="../",
            entry=each,
            contents=[*_contents(each)],
            figures=[*_figures(each.synthesized.forecast)] if each.synthesized else [],
            **shared,
        )
        if each.synthesized and each.synthesized.picture:
            found[f"pictures/{each.name}.svg"] = each.synthesized.picture
        if each.run and each.run.report:
            found[f"reports/{each.name}.html"] = each.run.report
    return found


def _plugin(entry: Entry) -> str:
    return entry.plugin


def _asset(name: str) -> str:
    return (files(__package__) / "assets" / name).read_text(encoding="utf-8")


def _rendered(template: str, **values: Any) -> str:
    return _environment().get_template(template).render(values)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader(str(__package__)),
        # Whatever plugins say of themselves is text.
        autoescape=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "coloured": coloured,
        "dollars": price_in_words,
        "inline": inline,
        "plain": plain,
        "prose": prose,
        "span": span_in_words,
    }
    environment.globals |= {"picture_in_page": _picture_in_page, "narrow": _NARROW}
    return environment


def _picture_in_page(picture: str) -> Markup:
    """A picture without its style sheet: the page's follows the switch between light and dark."""
    return Markup(_STYLE.sub("", picture, count=1))  # noqa: S704 - an SVG in which `draw` has escaped texts


def _picture_colours() -> str:
    """The style sheet of pictures, where each colour is the light or the dark one."""
    dark = iter(_COLOUR.findall(style_sheet("dark")))
    rules = _COLOUR.sub(lambda light: f"light-dark({light[0]}, {next(dark)})", style_sheet("light"))
    return f"\n/* Pictures. */\n{rules}\n"


def _parts(entry: Entry) -> Iterator[Fields]:
    yield from entry.parameters
    yield from entry.messages


def _contents(entry: Entry) -> Iterator[tuple[str, str]]:
    """Anchor and title of each section of a page."""
    if entry.failure:
        return
    yield "what-it-does", "What it does"
    if entry.when_to_use:
        yield "when-to-use", "When to use it"
    yield "deletes", "What it deletes"
    yield "example", "Example"
    yield "code", "In a CDK stack"
    for part in _parts(entry):
        yield part.anchor, part.title
    yield "permissions", "Permissions"
    yield "price", "States and price"


def _figures(told: Forecast) -> Iterator[tuple[str, str, str]]:
    """What is counted, how much, and a word on it."""
    of_events = "" if told.express else f"of {MAX_EVENTS:,}"
    yield "States entered", span_in_words(told.states), ""
    yield "Billed transitions", span_in_words(told.transitions), ""
    yield "History events", span_in_words(told.events), of_events
    for child in told.children:
        yield f"Children of {child.name}", span_in_words(child.executions), "executions"
        yield "States of a child", span_in_words(child.states), ""
    yield "Largest payload", span_in_words(told.payload), f"bytes, of {MAX_PAYLOAD:,}"
    yield "Price of a run", price_in_words(told.price), "list price"
    yield "Price of a million runs", price_in_words(told.price, runs=1_000_000), "list price"


def _search_data(entries: Sequence[Entry]) -> str:
    """What is searched, as a script: a page that is opened from a disk may not fetch a file."""
    found = [
        {
            "name": each.name,
            "page": each.page,
            "keywords": each.spec.keywords,
            "text": f"{each.name} {each.spec.summary} {' '.join(each.spec.keywords)}",
            "places": [*_places(each)],
        }
        for each in entries
    ]
    return f"window.catalogue = {json.dumps(found, indent=1)};\n"


def _places(entry: Entry) -> Iterator[dict[str, str]]:
    """Parts of a page that a search leads to."""
    if entry.failure:
        return
    yield {"label": "What it does", "anchor": "what-it-does", "text": plain(entry.description)}
    if entry.when_to_use:
        text = plain(entry.when_to_use)
        yield {"label": "When to use it", "anchor": "when-to-use", "text": text}
    if entry.deletion:
        yield {"label": "What it deletes", "anchor": "deletes", "text": plain(entry.deletion)}
    for part in _parts(entry):
        for each in part.fields:
            yield {
                "label": f"{part.title}: {each.name}",
                "anchor": f"{part.anchor}-{each.anchor}",
                "text": f"{each.name} {plain(each.description)}",
            }
