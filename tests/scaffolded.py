"""A scaffolded project, installed as files beside what is installed, and its suites run over it."""

from __future__ import annotations

import importlib
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from sfn_fragments import registry as registry_module
from sfn_fragments_authoring.names import project_name
from sfn_fragments_authoring.scaffold import Kind, write_project

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def scaffold(into: Path, name: str, kind: Kind) -> Path:
    """Write a project, with the metadata that an installer would leave."""
    project = project_name(name)
    folder = write_project(project, kind, into)
    info = folder / "src" / f"{project.package}-0.1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {project.distribution}\nVersion: 0.1.0\n"
    )
    (info / "entry_points.txt").write_text(
        f"[sfn_fragments]\n{project.plugin} = {project.package}.plugin\n"
    )
    return folder


class Outcomes:
    """What tests said; a plugin of pytest.

    Attributes:
        passed: Names of the tests that passed.
        failed: Name of each of the others to what it said.
    """

    def __init__(self) -> None:
        self.passed: list[str] = []
        self.failed: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        name = report.nodeid.rpartition("::")[2]
        if report.failed:
            self.failed[name] = report.longreprtext
        elif report.passed and report.when == "call":
            self.passed.append(name)


def run_tests(folder: Path, select: str = "") -> Outcomes:
    """Run tests of a project that `scaffold` wrote, by a pytest within this one.

    It shares what takes longest in a process of its own: the imports of CDK and moto, Node, and
    what starts the engine's jobs.

    Args:
        folder: The project.
        select: Which of its tests, as pytest's ``-k`` takes it; all without it.
    """
    outcomes = Outcomes()
    options = ["-q", "-p", "no:cacheprovider", f"--rootdir={folder}", "-k", select]
    with _installed(folder):
        pytest.main(
            [*options, f"--config-file={folder / 'pyproject.toml'}", str(folder / "tests")],
            plugins=[outcomes],
        )
    return outcomes


@contextmanager
def _installed(folder: Path) -> Iterator[None]:
    """A project is installed in this process, for a ``with`` block."""
    source = str(folder / "src")
    known = {*sys.modules}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry_module, "_registry", None)
        patch.syspath_prepend(source)
        # Jobs are processes of their own.
        patch.setenv("PYTHONPATH", source)
        importlib.invalidate_caches()
        try:
            yield
        finally:
            for name in {*sys.modules} - known:
                if str(getattr(sys.modules[name], "__file__", None)).startswith(str(folder)):
                    del sys.modules[name]
