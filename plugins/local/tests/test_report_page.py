"""The page on a run, in a browser: what is told first, clicks, filters, keyboard, accessibility."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from tests.browser import browser as open_browser
from tests.browser import require, waits
from tests.proofs import few
from tests.reported_runs import PASSWORD, TOKEN, failed_run, good_run, prepare

from sfn_fragments_asl.report import write_report
from sfn_fragments_asl.runs.history import read_event, read_execution
from sfn_fragments_asl.runs.model import Run
from sfn_fragments_local import Engine
from sfn_fragments_local.run_report import failed_state

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sfn_fragments_local import ExecutionResult


@pytest.fixture(scope="module")
def results() -> dict[str, ExecutionResult]:
    """Results of an engine that has closed."""
    with Engine() as engine:
        prepare(engine)
        return {"good": good_run(engine), "failed": failed_run(engine)}


@pytest.fixture(scope="module")
def pages(
    results: dict[str, ExecutionResult], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    made = {
        name: result.report(folder / f"{name}.html", command="pytest tests/test_align.py")
        for name, result in results.items()
    }
    for length in (100, 25_000):
        made[f"{length}"] = write_report(long_run(length), folder / f"{length}.html")
    return made


def long_run(length: int) -> Run:
    """A run whose history has so many events: a loop over one Task."""
    events: list[dict[str, Any]] = []

    def add(kind: str, **details: Any) -> None:
        told = {f"{kind[0].lower()}{kind[1:]}EventDetails": details}
        if kind.startswith("TaskState"):
            told = {f"state{kind.removeprefix('TaskState')}EventDetails": details}
        events.append(
            {
                "id": len(events) + 1,
                "previousEventId": len(events),
                "type": kind,
                "timestamp": float(len(events)),
                **told,
            }
        )

    add("ExecutionStarted", input="{}")
    events[0]["previousEventId"] = 0
    while len(events) < length - 1:
        text = f'{{"pass": {len(events)}, "rows": {list(range(30))}}}'
        add("TaskStateEntered", name="Copy", input=text)
        add("TaskScheduled", resourceType="aws-sdk:s3", resource="copyObject", parameters="{}")
        add("TaskSucceeded", resourceType="aws-sdk:s3", resource="copyObject", output=text)
        add("TaskStateExited", name="Copy", output=text)
    add("ExecutionSucceeded", output="{}")
    return Run((read_execution(map(read_event, events), name="long"),))


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    require()
    with open_browser(tmp_path_factory.mktemp("profile")) as context:
        yield context


class Shown:
    """A page in the browser, and all that went wrong in it."""

    def __init__(self, page: Any, files: dict[str, Path]) -> None:
        self.page = page
        self.files = files
        self.wrong: list[str] = []
        self.requests: list[str] = []
        page.on("console", lambda message: self.wrong.append(message.text))
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))

    def open(self, name: str, fragment: str = "") -> Any:
        self.page.goto("about:blank")
        self.requests.clear()
        self.page.goto(f"{self.files[name].as_uri()}{fragment}")
        return self.page


@pytest.fixture(scope="module")
def one_page(browser: Any, pages: dict[str, Path]) -> Shown:
    return Shown(browser.new_page(), pages)


@pytest.fixture
def shown(one_page: Shown) -> Iterator[Shown]:
    one_page.wrong.clear()
    one_page.page.set_viewport_size({"width": 1360, "height": 850})
    yield one_page
    assert one_page.wrong == []
    assert [url for url in one_page.requests if not url.startswith("file:")] == []


def rows(page: Any) -> list[str]:
    # In one go: rows are drawn anew while the page takes its place.
    texts: list[str] = page.evaluate(
        "() => [...document.querySelectorAll('.list .item')].map((row) => row.innerText)"
    )
    return [" ".join(text.split()).replace(" ,", ",") for text in texts]


def test_a_failed_run_leads_to_the_line_of_the_log(shown: Shown) -> None:
    page = shown.open("failed")
    card = " ".join(page.locator("section.bad").inner_text().split())
    assert card.startswith("Failed in Align States.TaskFailed job align-A1: ")
    assert "exit code 3" in card
    assert "ended with AlignmentFailed: The job did not align" in card
    assert "error: no space left on device" in card
    assert "pytest tests/test_align.py" in card
    page.click("#open-log")
    failing = page.locator("#side .line.failing")
    assert failing.inner_text().split(maxsplit=1) == ["42", "error: no space left on device"]
    page.wait_for_function(
        """() => {
            const line = document.querySelector("#side .line.failing").getBoundingClientRect();
            const log = document.querySelector("#side .log").getBoundingClientRect();
            return line.top >= log.top && line.bottom <= log.bottom + 1;
        }"""
    )


def test_the_log_is_searched(shown: Shown) -> None:
    page = shown.open("failed", "#view=jobs&show=job-0")
    page.fill("#side input[type=search]", "BATCH 4")
    waits(page.locator("#side")).to_contain_text("1 of 2 lines")
    page.press("#side input[type=search]", "Enter")
    waits(page.locator("#side .line.current")).to_have_text(
        re.compile(r"41\s*batch 40 of 40: aligned")
    )
    page.click("text=Only these lines")
    waits(page.locator("#side .log .line")).to_have_count(2)
    side = page.locator("#side").inner_text()
    assert "THREADS" in side
    assert "secret, from arn:aws:secretsmanager" in side


def test_secrets_are_nowhere(pages: dict[str, Path], results: dict[str, ExecutionResult]) -> None:
    history = str(results["failed"].history) + "".join(job.output for job in results["failed"].jobs)
    assert TOKEN in history
    assert PASSWORD in history
    for page in (pages["good"], pages["failed"]):
        text = page.read_text(encoding="utf-8")
        assert TOKEN not in text
        assert "ect horse" not in text
        assert "••••••" in text


def test_the_terminal_names_the_same_state(results: dict[str, ExecutionResult]) -> None:
    assert failed_state(results["failed"]) == "Align"


def test_the_graph_leads_to_a_visit(shown: Shown) -> None:
    page = shown.open("failed")
    assert "caught" in page.locator('[data-state="Align"]').get_attribute("class")
    assert "untouched" in page.locator('[data-state="Done"]').get_attribute("class")
    page.locator('[data-state="Store list"]').press("Enter")
    side = page.locator("#side")
    assert side.locator("h2").inner_text() == "Store list"
    told = side.inner_text()
    assert "2 attempts" in told
    assert "S3.S3Exception" in told
    assert '"Key": "A1/list.json"' in told
    assert "s3:PutObject on arn:aws:s3:::samples/A1/list.json" in told
    side.locator("summary", has_text="s3:PutObject on").click()
    assert '"arn:aws:s3:::samples/*"' in side.inner_text()
    page.keyboard.press("Escape")
    assert side.is_hidden()
    assert page.evaluate("document.activeElement.dataset.state") == "Store list"
    page.select_option("select", label="archive")
    assert page.locator('.graph-frame [data-state="Name"]').count() == 1


def test_data_is_shown_as_differences(shown: Shown) -> None:
    page = shown.open("failed")
    page.locator('[data-state="Look up"]').click()
    side = page.locator("#side")
    added = side.locator("section", has_text="Output").locator(".line.added").all_inner_texts()
    assert any('"found"' in line for line in added)
    variables = side.locator("section", has_text="Variables").inner_text()
    assert "removed: " in variables
    assert '"attempt": 2' in variables
    side.locator("button", has_text="Whole").last.click()
    assert side.locator("section", has_text="Output").locator(".line.added").count() == 0
    side.locator("button.link", has_text="look-up").click()
    function = side.inner_text()
    assert "looking up A1" in function
    assert "TABLE" in function


def test_the_timeline(shown: Shown) -> None:
    page = shown.open("failed", "#view=timeline")
    names = rows(page)
    assert [name.split(",")[0] for name in names[:2]] == ["✓ Prepare", "✓ Get token"]
    assert sum("Check file" in name for name in names) == 3
    store = page.locator(".item", has_text="Store list")
    assert store.locator(".span.waiting").count() == 1
    assert store.locator(".span.bad").count() == 1
    assert page.locator(".item", has_text="Align").locator(".span.job.bad").count() == 1
    width = "() => document.querySelector('.item .span').getBoundingClientRect().width"
    real = page.evaluate(width)
    page.click("text=Even steps")
    assert page.evaluate(width) > real * 2
    page.click("text=Errors and retries only")
    assert [row.split(",")[0] for row in rows(page)] == ["✓ Store list", "↷ Align", "✗ Give up"]
    page.fill("input[type=search]", "align")
    assert len(rows(page)) == 1


def test_lists_are_used_by_keyboard(shown: Shown) -> None:
    page = shown.open("failed", "#view=events")
    page.keyboard.press("Tab")
    page.locator("#tab-events").focus()
    page.keyboard.press("ArrowLeft")
    assert page.locator("#tab-timeline").get_attribute("aria-selected") == "true"
    page.keyboard.press("ArrowRight")
    page.keyboard.press("/")
    page.keyboard.type("store list")
    page.select_option("select", label="Errors")
    waits(page.locator("#view")).to_contain_text("1 of 67 events")
    page.locator(".list").focus()
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    waits(page.locator("#side h2")).to_have_text("TaskFailed")
    page.go_back()
    waits(page.locator("#side")).to_be_hidden()


def test_executions_that_failed_come_first(shown: Shown) -> None:
    page = shown.open("failed")
    page.click("#tab-executions")
    assert rows(page)[0].startswith("failed item 1")
    assert "EmptyFile" in rows(page)[0]
    assert len(rows(page)) == 4
    page.locator(".list .item").first.click()
    assert [row.split(",")[0] for row in rows(page)] == ["✓ Is it empty?", "✗ Empty file"]
    page.click("nav >> text=run-")
    page.locator(".item", has_text="Count rows").click()
    assert "Executions (3, 1 not succeeded)" in page.locator("#side").inner_text()


def test_a_good_run(shown: Shown) -> None:
    page = shown.open("good")
    assert "succeeded" in page.locator("header").inner_text()
    assert page.locator("section.bad").count() == 0
    assert '"archive"' in page.locator("section.good").inner_text()
    told = page.locator("#view").inner_text()
    assert "15 of 18" in told
    assert "waits and retry intervals took 0.01 of their time" in told


@few(1)
@pytest.mark.parametrize(
    "fragment",
    ["", "#view=timeline&show=visit-0-3", "#view=events&show=event-0-5", "#view=jobs&show=job-0"],
)
def test_accessibility(shown: Shown, fragment: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = shown.open("failed", fragment)
    found = axe.run(page).response["violations"]
    page.emulate_media(color_scheme="dark")
    # All but the colours is as it was.
    found += axe.run(page, options={"runOnly": ["color-contrast"]}).response["violations"]
    page.emulate_media(color_scheme="light")
    assert [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in found] == []


def test_on_a_phone(shown: Shown) -> None:
    page = shown.page
    page.set_viewport_size({"width": 390, "height": 800})
    for fragment in ("", "#view=timeline", "#view=events", "#view=jobs&show=job-0"):
        shown.open("failed", fragment)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, fragment
    assert page.evaluate("document.activeElement.tagName") == "H2"
    page.click("#close")
    assert page.locator("#side").is_hidden()


def test_a_long_history_opens_as_a_short_one(shown: Shown) -> None:
    """By counts of what is made, which no other process changes."""
    elements: dict[str, int] = {}
    for name in ("100", "25000"):
        page = shown.open(name, "#view=events")
        waits(page.locator("#view")).to_contain_text(re.compile(r"([\d,]+) of \1 events"))
        elements[name] = page.evaluate("document.querySelectorAll('*').length")
    assert elements["25000"] < elements["100"] * 1.2
    assert 10 < len(rows(page)) < 100
    page.locator(".list").focus()
    page.keyboard.press("End")
    waits(page.locator(".list .item").last).to_contain_text("ExecutionSucceeded")
