"""The documentation site, as its readers get it: links, browser console, widths, accessibility."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from benchmarks.measure import Measure
from benchmarks.report import PAGE, TRACKED, Results, tables
from tests.browser import browser, require
from tests.docs.site import MARKUP, ROOT, Html, broken, build, read, served
from tests.proofs import long_proof, sample

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


#: The site is built for it, which takes longer than most tests.
pytestmark = long_proof


def addresses() -> list[str]:
    """The pages, as the site names them."""
    found = []
    for file in sorted((ROOT / "docs").rglob("*.md")):
        path = file.relative_to(ROOT / "docs").with_suffix("")
        parts = path.parts[:-1] if path.name == "index" else path.parts
        found.append("".join(f"{part}/" for part in parts))
    return found


def kind(address: str) -> str:
    """Its folder: the pages of one are much alike."""
    return "/".join(address.split("/")[:-2]) if address else "home"


def is_home(address: str) -> bool:
    return not address


CRAWLED = sample(addresses(), kind, 4)
#: axe takes seconds for a page, minutes for the longest of the API, which one template draws.
DRAWN_ALIKE = re.compile("reference/(?!authoring|command-line).")
JUDGED = sample([each for each in addresses() if not DRAWN_ALIKE.match(each)], is_home, 0)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[str, Html]:
    return {path.relative_to(site).as_posix(): read(path) for path in sorted(site.rglob("*.html"))}


def test_every_page_is_there(pages: dict[str, Html]) -> None:
    missing = {f"{address}index.html" for address in addresses()} - pages.keys()
    assert missing == set()


def test_no_link_is_broken(site: Path, pages: dict[str, Html]) -> None:
    assert sum(len(page.links) for page in pages.values()) > 1000
    assert sorted(set(broken(site, pages))) == []


def test_no_markup_of_docstrings_is_shown(pages: dict[str, Html]) -> None:
    shown = {name: sorted(set(MARKUP.findall(page.prose))) for name, page in pages.items()}
    assert {name: found for name, found in shown.items() if found} == {}


def test_every_column_has_a_name(site: Path) -> None:
    """axe asks for it too, on the pages that it judges."""
    nameless = [
        path.relative_to(site).as_posix()
        for path in site.rglob("*.html")
        if re.search(r"<th[^>]*>\s*</th>", path.read_text("utf-8"))
    ]
    assert nameless == []


def test_the_page_of_benchmarks_shows_the_last_results() -> None:
    told = json.loads(TRACKED.read_text("utf-8"))
    for measure in told["measures"]:
        del measure["met"]
    measures = [Measure(**measure) for measure in told["measures"]]
    page = PAGE.read_text("utf-8")
    assert page.endswith(tables(Results(measures, told["scale"], told["options"])))


class Reader:
    """A page of the site in the browser, and all that went wrong there."""

    def __init__(self, page: Any, site: str) -> None:
        self.page = page
        self.site = site
        self.wrong: list[str] = []
        page.on("console", lambda message: self.wrong.append(message.text))
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("request", lambda request: self.asked(request.url))

    def asked(self, url: str) -> None:
        if not url.startswith((self.site, "data:", "blob:")):
            self.wrong.append(f"it asks for {url}")

    def open(self, address: str, width: int, scheme: str) -> None:
        self.page.set_viewport_size({"width": width, "height": 850})
        self.page.emulate_media(color_scheme=scheme)
        self.page.goto(f"{self.site}{address}", wait_until="networkidle")


@pytest.fixture(scope="module")
def reader(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    require()
    with served(site) as address, browser(tmp_path_factory.mktemp("profile")) as context:
        # The search is in a shadow that tests cannot look into.
        context.add_init_script(
            "const attach = Element.prototype.attachShadow;"
            "Element.prototype.attachShadow = function (options) {"
            "  return attach.call(this, {...options, mode: 'open'});"
            "};"
        )
        yield Reader(context.new_page(), address)


#: What is wider than the place that it has, and scrolled sideways there.
SCROLLED = """() => [...document.querySelectorAll("article *")]
    .filter((one) => one.clientWidth && one.scrollWidth > one.clientWidth + 1)
    .filter((one) => ["auto", "scroll"].includes(getComputedStyle(one).overflowX))
    .map((one) => `${one.tagName}: ${one.innerText.slice(0, 80)}`)"""


@pytest.mark.parametrize("address", CRAWLED)
def test_a_page_fits_and_asks_nobody(reader: Reader, address: str) -> None:
    reader.wrong.clear()
    for width, scheme in ((1280, "dark"), (390, "light")):
        reader.open(address, width, scheme)
        assert reader.page.evaluate("document.documentElement.scrollWidth") <= width
        scrolled = reader.page.evaluate(SCROLLED)
        if width == 390:
            # Code is not broken on a phone: its indentation tells something.
            scrolled = [one for one in scrolled if not one.startswith("CODE: ")]
        assert scrolled == [], width
    assert reader.wrong == []


def test_what_is_searched_is_found_here(reader: Reader) -> None:
    from playwright.sync_api import expect

    reader.wrong.clear()
    reader.open("", 1280, "light")
    reader.page.keyboard.press("Control+k")
    reader.page.get_by_role("combobox", name="Search").fill("reports of runs")
    found = reader.page.locator("a").filter(has_text="Operate").filter(has_text="Reports of runs")
    expect(found.first).to_be_visible()
    assert reader.wrong == []


#: The theme gives the buttons of each block of code, and parts of its menu, the same name.
LEFT_OUT = {"landmark-unique": {"enabled": False}}


@pytest.mark.parametrize("address", JUDGED)
def test_accessibility(reader: Reader, address: str) -> None:
    """The rules of axe, and the contrasts of the dark colours."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    options = {"rules": LEFT_OUT, "resultTypes": ["violations"]}
    reader.open(address, 1280, "light")
    found = axe.run(reader.page, options=options).response["violations"]
    reader.open(address, 390, "dark")
    contrast = options | {"runOnly": ["color-contrast"], "rules": {}}
    found += axe.run(reader.page, options=contrast).response["violations"]
    assert [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in found] == []
