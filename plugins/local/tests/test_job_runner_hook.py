"""Plugins offer runners by a hook of the engine; one that cannot is named."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING

import pytest
from tests import batch_jobs

from sfn_fragments import PluginError, get_registry
from sfn_fragments_local import Engine
from sfn_fragments_local.engine import _plugin_runners

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

ECHO = """
from sfn_fragments import hookimpl

class Echo:
    name = "echo"

    def accepts(self, job):
        return job.image == "echo"

    def command(self, job):
        return ["echo", "ran", *job.command]

@hookimpl
def sfn_fragments_job_runners():
    return [Echo()]
"""


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Installs a plugin ``acme`` of this source, beside those that are there."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def write(source: str) -> None:
        info = tmp_path / "acme_fragments-1.4.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(
            "Metadata-Version: 2.1\nName: acme-fragments\nVersion: 1.4\n"
        )
        (info / "entry_points.txt").write_text("[sfn_fragments]\nacme = acme_runners\n")
        (tmp_path / "acme_runners.py").write_text(source)
        importlib.invalidate_caches()
        get_registry().refresh()

    yield write
    monkeypatch.undo()
    sys.modules.pop("acme_runners", None)
    get_registry().refresh()


def run_echo() -> tuple[str | None, str]:
    """A job of the image ``echo``: its runner and its output."""
    with Engine() as engine:
        job = batch_jobs.run(engine, ["true"], image="echo")
        return job.runner, job.output


def test_the_engine_brings_the_hook() -> None:
    hook = get_registry().plugin_manager.hook.sfn_fragments_job_runners
    assert hook.spec is not None
    assert hook.spec.function.__module__ == "sfn_fragments_local.hookspecs"


def test_a_runner_of_a_plugin_runs_the_jobs_that_it_accepts(install: Callable[[str], None]) -> None:
    install(ECHO)
    assert get_registry().problems() == ()
    assert run_echo() == ("echo", "ran true\n")


def test_without_the_hook_of_the_engine_nothing_is_reported_and_runners_stay(
    install: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SFN_FRAGMENTS_DISABLE", "local")
    install(ECHO)
    assert get_registry().problems() == ()
    assert not get_registry().plugin_manager.hook.sfn_fragments_job_runners.has_spec()
    # Who left the command line's `run` out may use the engine, with the same runners.
    assert [runner.name for runner in _plugin_runners()] == ["echo"]


@pytest.mark.parametrize(
    ("result", "message"),
    [
        ("[1 / 0]", "ZeroDivisionError"),
        ("[Echo]", "which is no instance of JobRunner"),
        ("['echo']", "gives 'echo', which is no instance of JobRunner"),
    ],
)
def test_no_engine_starts_without_the_runners_of_a_plugin(
    install: Callable[[str], None], result: str, message: str
) -> None:
    install(ECHO.replace("[Echo()]", result))
    with pytest.raises(PluginError) as caught, Engine():
        pass
    for part in (
        "plugin 'acme' (acme-fragments 1.4, acme_runners): sfn_fragments_job_runners (",
        "acme_runners.py:",
        message,
        "SFN_FRAGMENTS_DISABLE=acme",
    ):
        assert part in str(caught.value)


def test_an_engine_that_did_not_start_can_start_later(install: Callable[[str], None]) -> None:
    install(ECHO.replace("return [Echo()]", "import os; return [os.environ['RUNNER']]"))
    engine = Engine()
    with pytest.raises(PluginError, match="KeyError"):
        engine.open()
    get_registry().plugin_manager.unregister(name="acme-fragments:acme")
    with engine:
        assert engine.client("s3").list_buckets()["Buckets"] == []


def test_an_implementation_of_other_parameters_is_refused(install: Callable[[str], None]) -> None:
    install(ECHO.replace("job_runners():", "job_runners(engine):"))
    [problem] = get_registry().problems()
    assert (problem.plugin, problem.stage) == ("acme", "register")
    assert "engine" in str(problem)
