"""``sfn-fragments catalog``: the site of all fragments, other people's and broken ones too."""

from __future__ import annotations

import importlib
import json
import sys
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import pytest
from click.testing import CliRunner
from tests.browser import browser as open_browser
from tests.browser import require
from tests.proofs import long_proof

from sfn_fragments import get_registry
from sfn_fragments import registry as registry_module
from sfn_fragments.cli.group import cli
from sfn_fragments_authoring.catalogue.example_runs import run_example
from sfn_fragments_authoring.catalogue.folder import CatalogueError, check_folder, write_site
from sfn_fragments_authoring.catalogue.gathering import gather
from sfn_fragments_authoring.catalogue.markup import prose
from sfn_fragments_authoring.catalogue.pages import site

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from click.testing import Result

HOSTILE = '<script>alert(1)</script> & "more"'

DECLARES = f"""
from sfn_fragments import FragmentSpec, hookimpl

@hookimpl
def sfn_fragments_register():
    yield FragmentSpec("acme.wait", "acme_parts:Wait", {HOSTILE!r}, keywords=("c", "a-b"))
    yield FragmentSpec("acme.divide", "acme_parts:Wait", "Divides.", example="acme_parts:DIVIDES",
                       request="acme_parts:Request", stability="experimental")
    yield FragmentSpec("acme.absent", "acme_nowhere:Wait", "Is nowhere.")
"""
PARTS = '''
from aws_cdk.aws_stepfunctions import Pass
from pydantic import BaseModel
from sfn_fragments import Example
from sfn_fragments.fragments import StateMachineFragment

class Wait(StateMachineFragment):
    """Waits for <b>nobody</b>, and removes ``<i>``.

    Deletes:
        All of <u>it</u>, and ``<p>``.

        The rest stays.

    Args:
        scope: The scope.
        id: The id.
        seconds: Not <u>long</u>.
    """

    def __init__(self, scope, id, *, seconds: int = 5) -> None:
        super().__init__(scope, id)
        self.definition = Pass(self, "Pass </style>")

class Request(BaseModel):
    """What is divided.

    Attributes:
        parcel: The parcel, which is deleted.
    """

    parcel: str

DIVIDES = Example("Divides.", lambda sandbox: {"seconds": 1 // 0}, {"parcel": "</script>"})
'''


def write_distribution(folder: Path, name: str, modules: dict[str, str]) -> None:
    info = folder / f"{name}-1.4.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.4\n")
    plugin = next(iter(modules))
    (info / "entry_points.txt").write_text(f"[sfn_fragments]\n{name} = {plugin}\n")
    for module, source in modules.items():
        (folder / f"{module}.py").write_text(source)


def catalog(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["catalog", "-o", str(folder), *arguments])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The site, with the plugins of two others."""
    others = tmp_path_factory.mktemp("others")
    write_distribution(others, "acme", {"acme_plugin": DECLARES, "acme_parts": PARTS})
    write_distribution(others, "fails", {"fails_plugin": "raise RuntimeError('no <luck>')\n"})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry_module, "_registry", None)
        patch.delenv("SFN_FRAGMENTS_STRICT", raising=False)
        patch.syspath_prepend(str(others))
        importlib.invalidate_caches()
        made = tmp_path_factory.mktemp("catalogue") / "of all" / "site"
        done = catalog(made)
        assert done.exit_code == 0, done.output
        count = len(get_registry())
        assert done.stdout == f"{made / 'index.html'}: {count} fragments\n"
        assert "warning: acme.divide: " in done.stderr
        assert "ZeroDivisionError" in done.stderr
        yield made
    for module in ("acme_plugin", "acme_parts", "fails_plugin"):
        sys.modules.pop(module, None)


#: Elements around which no blank is read.
INLINE = ("a", "b", "code", "span", "strong", "wbr")


class Read(HTMLParser):
    """What a page links to, its ids, its text, and its elements."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: list[str] = []
        self.words: list[str] = []
        self.elements: list[str] = []
        self.headings: list[int] = []
        self.feed(file.read_text(encoding="utf-8"))
        self.text = " ".join("".join(self.words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        if tag not in INLINE:
            self.words.append(" ")
        if tag in ("h1", "h2", "h3"):
            self.headings.append(int(tag[1]))
        for name, value in attrs:
            if name in ("href", "src", "action") and value:
                self.links.append(value)
            elif name == "id" and value:
                self.ids.append(value)

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@pytest.fixture(scope="module")
def pages(folder: Path) -> dict[str, Read]:
    return {
        file.relative_to(folder).as_posix(): Read(file) for file in sorted(folder.rglob("*.html"))
    }


def searched(folder: Path) -> list[dict[str, Any]]:
    script = (folder / "assets" / "search.js").read_text(encoding="utf-8")
    data: list[dict[str, Any]] = json.loads(script.removeprefix("window.catalogue =").rstrip(";\n"))
    return data


def test_every_fragment_has_a_page_and_is_found(folder: Path, pages: dict[str, Read]) -> None:
    registry = get_registry()
    assert {"acme.wait", "acme.absent", "data_sync.sync"} <= {*registry.names()}
    assert [each["name"] for each in searched(folder)] == [*registry.names()]
    for each in searched(folder):
        page = pages[each["page"]]
        assert registry.spec(each["name"]).summary.split()[0] in page.text
        assert {place["anchor"] for place in each["places"]} <= {*page.ids}
        assert each["page"] in pages["index.html"].links


def test_what_a_page_tells(pages: dict[str, Read]) -> None:
    page = pages["fragments/data_sync.sync.html"]
    for told in (
        "sfn-fragments-data-sync 0.1.0",
        "stable",
        "Copies data from a source path to a destination path",
        'What is only in the destination, unless the input says "delete": false: after the copy,',
        "delete: Whether files that are only in the destination are deleted",
        "Not for many terabytes: data_sync.distributed_sync divides them between jobs.",
        "Copies three objects from one bucket to another.",
        "sfn-fragments run data_sync.sync",
        '"source_path": "s3://sandbox-source/measurements/"',
        "deploy_job_definition bool default False Make the job definition part of the stack",
        "filter_config.include text or list Regular expressions",
        "bytes_transferred whole number default 0 How much, in bytes.",
        "batch:SubmitJob",
        "For Fragment: Submit job",
        "Price of a million runs",
    ):
        assert told in page.text
    assert "svg" in page.elements
    assert page.headings.count(1) == 1
    assert "``" not in page.text
    assert ":class:" not in pages["fragments/demand_execution.execute.html"].text


def test_what_cannot_be_told_is_said(pages: dict[str, Read]) -> None:
    wait = pages["fragments/acme.wait.html"].text
    assert "acme 1.4" in wait
    assert "The plugin declares no example." in wait
    assert "The plugin declares no model of the request." in wait
    assert "Waits for <b>nobody</b>, and removes <i>." in wait
    assert "All of <u>it</u>, and <p>. The rest stays." in wait
    assert "When to use it" not in wait
    divide = pages["fragments/acme.divide.html"].text
    assert "it cannot be made with the arguments of its example. " in divide
    assert "ZeroDivisionError: integer division or modulo by zero" in divide
    assert "parcel text required The parcel, which is deleted." in divide
    assert "experimental" in divide
    absent = pages["fragments/acme.absent.html"].text
    assert "This fragment cannot be used." in absent
    assert "No module named 'acme_nowhere'" in absent
    index = pages["index.html"].text
    assert "plugin 'fails'" in index
    assert "RuntimeError: no <luck>" in index
    assert "What to do:" in index


def test_all_links_lead_somewhere_inside(folder: Path, pages: dict[str, Read]) -> None:
    assert len(pages) > 12
    for path, page in pages.items():
        assert len(page.ids) == len({*page.ids}), path
        for link in page.links:
            parts = urlsplit(link)
            assert not parts.scheme, (path, link)
            assert not parts.netloc, (path, link)
            file = (
                (folder / path).parent.joinpath(unquote(parts.path))
                if parts.path
                else (folder / path)
            )
            target = file.resolve().relative_to(folder.resolve()).as_posix()
            assert file.is_file(), (path, link)
            # What the script reads is no place of the page.
            if parts.fragment and not parts.fragment.startswith("keyword="):
                assert unquote(parts.fragment) in pages[target].ids, (path, link)


def test_texts_of_others_are_escaped(folder: Path, pages: dict[str, Read]) -> None:
    for path in ("index.html", "fragments/acme.wait.html"):
        assert HOSTILE in pages[path].text
        assert pages[path].elements.count("script") == (2 if path == "index.html" else 1)
    assert not {"b", "i", "u"} & {*pages["fragments/acme.absent.html"].elements}
    wait = (folder / "fragments" / "acme.wait.html").read_text(encoding="utf-8")
    assert "<code>&lt;i&gt;</code>" in wait
    assert "<style" not in wait
    assert "</script>" in pages["fragments/acme.divide.html"].text


def test_an_earlier_site_is_replaced_and_nothing_else(tmp_path: Path) -> None:
    made = tmp_path / "site"
    write_site({"index.html": "1", "a/b.html": "2"}, made)
    write_site({"index.html": "3"}, made)
    assert {each.name for each in made.iterdir()} == {"index.html", "catalogue.json"}
    assert (made / "index.html").read_text() == "3"
    assert [each.name for each in tmp_path.iterdir()] == ["site"]

    (made / "notes.txt").write_text("mine")
    with pytest.raises(CatalogueError, match=r"holds what no catalogue wrote.*: notes\.txt;"):
        write_site({"index.html": "4"}, made)
    assert (made / "notes.txt").read_text() == "mine"
    assert (made / "index.html").read_text() == "3"
    (made / "notes.txt").unlink()

    (made / "index.html").write_text("edited")
    with pytest.raises(CatalogueError, match=r"changed since: index\.html;"):
        check_folder(made)
    (made / "index.html").write_text("3")
    (made / "empty").mkdir()
    with pytest.raises(CatalogueError, match="empty"):
        check_folder(made)


def test_a_folder_is_refused_before_work_is_put_into_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a file").write_text("mine")
    done = catalog(tmp_path)
    assert done.exit_code == 1
    assert "a file; nothing is overwritten: move it away" in done.stderr
    assert "looking at" not in done.stderr
    assert catalog(tmp_path / "a file").exit_code == 1
    empty = tmp_path / "empty"
    empty.mkdir()
    monkeypatch.chdir(empty)
    with pytest.raises(CatalogueError, match="is the working directory"):
        check_folder(empty)


def test_the_same_fragments_give_the_same_files(monkeypatch: pytest.MonkeyPatch) -> None:
    others = {plugin.name for plugin in get_registry().plugins()} - {"core", "authoring"}
    monkeypatch.setenv("SFN_FRAGMENTS_DISABLE", ",".join(sorted(others)))
    monkeypatch.setattr(registry_module, "_registry", None)
    registry = get_registry()
    assert registry.names() == ("core.lambda_function",)
    catalogue = gather(registry, lambda name: run_example(registry, name))
    found = site(catalogue)
    assert found == site(gather(registry, lambda name: run_example(registry, name)))
    page = found["fragments/core.lambda_function.html"]
    assert "Running examples takes sfn-fragments-local, which is not installed" in page
    assert "<code>SFN_FRAGMENTS_DISABLE</code>" in found["index.html"]


@long_proof
def test_the_report_of_an_example() -> None:
    registry = get_registry()
    run = run_example(registry, "core.lambda_function")
    assert run.succeeded, run.told
    assert "sfn-fragments run core.lambda_function" in run.report


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("One ``a b``\nline.\n\nTwo.", "<p>One <code>a b</code>\nline.</p>\n<p>Two.</p>"),
        ("- one\n  more\n- two", "<ul><li>one\n  more\n</li><li>two</li></ul>"),
        ("    a = 1\n    b", '<pre tabindex="0"><code>a = 1\nb</code></pre>'),
        (".. note::\n\nBut `x`.", "<p>But <code>x</code>.</p>"),
    ],
)
def test_docstrings_as_html(text: str, html: str) -> None:
    assert prose(text) == html


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    require()
    with open_browser(tmp_path_factory.mktemp("profile")) as context:
        yield context


@long_proof
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_it_is_searched_and_read_in_a_browser(
    browser: Any, folder: Path, width: int, scheme: str
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = browser.new_page()
    wrong: list[str] = []
    requests: list[str] = []
    page.on("console", lambda message: wrong.append(message.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda request: requests.append(request.url))
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 850})
    visible = page.locator(".card:visible h3")

    # What it would fetch to see more, the page forbids. All but the colours is the same for both.
    options = {"preload": False, **({"runOnly": ["color-contrast"]} if scheme == "dark" else {})}

    def well() -> None:
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        found = axe.run(page, options=options).response["violations"]
        assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []

    page.goto((folder / "index.html").as_uri())
    well()
    page.keyboard.press("/")
    page.keyboard.type("sync retain")
    assert visible.all_inner_texts() == ["data_sync.distributed_sync", "data_sync.sync"]
    assert page.locator("#count").inner_text() == f"2 of {len(searched(folder))} fragments"
    page.click('[data-name="data_sync.sync"] .found a')
    assert page.url.endswith("data_sync.sync.html#request-retain_source_data")
    well()

    page.fill("#find", "copy")
    page.keyboard.press("Enter")
    page.wait_for_url("**/index.html?q=copy")
    page.click('[data-keyword="efs"]')
    assert "data_sync.sync" in visible.all_inner_texts()
    assert page.url.endswith("#q=copy&keyword=efs")
    page.reload()
    assert page.locator('[data-keyword="efs"]').get_attribute("aria-pressed") == "true"
    page.fill("#find", "zebra")
    assert visible.all_inner_texts() == []
    page.click("#clear")
    assert len(visible.all_inner_texts()) == len(searched(folder))

    ground = "getComputedStyle(document.body).backgroundColor"
    before = page.evaluate(ground)
    other = "dark" if scheme == "light" else "light"
    while page.locator("#theme-name").inner_text() != other:
        page.click("#theme")
    page.goto((folder / "fragments" / "demand_execution.execute.html").as_uri())
    assert page.evaluate(ground) != before
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.goto((folder / "fragments" / "acme.divide.html").as_uri())
    well()
    page.evaluate("localStorage.clear()")
    assert wrong == []
    assert [url for url in requests if not url.startswith("file:")] == []
    page.close()
