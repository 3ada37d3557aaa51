"""The suites, over this plugin, and over plugins with one fault each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.scaffolded import run_in, scaffold

from sfn_fragments import hookspecs
from sfn_fragments_authoring.testing import PluginSuite
from sfn_fragments_authoring.testing.hook_calls import kind_of

if TYPE_CHECKING:
    from pathlib import Path


class TestAuthoring(PluginSuite):
    plugin = "authoring"


@pytest.mark.parametrize(
    ("hook", "kind"),
    [
        ("register", "FragmentSpec"),
        ("hookspecs", "str"),
        ("state_machine_options", None),
        ("state_machine_created", None),
        ("role_statements", "PolicyStatement"),
        ("checks", "Check"),
        ("cli_commands", "Command"),
        ("doctor_checks", "Check"),
    ],
)
def test_what_a_hook_gives_is_read_from_its_specification(hook: str, kind: str | None) -> None:
    found = kind_of(getattr(hookspecs, f"sfn_fragments_{hook}"))
    assert (found and found.__name__) == kind


def failing(folder: Path, select: str, *arguments: str) -> str:
    """What the chosen tests of a project say, of which at least one has to fail."""
    options = ("-q", "-p", "no:cacheprovider", "-k", select, *arguments)
    done = run_in(folder, "pytest", *options)
    assert done.returncode == 1, done.stdout + done.stderr
    return str(done.stdout)


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


PRINTS = "from pydantic import BaseModel\nprint('hello')\n"
BARE = "\n\ndef sfn_fragments_role_statements(definition):\n    return []\n"


def test_faults_of_a_plugin_are_told_with_what_mends_them(tmp_path: Path) -> None:
    """P2, P3, P4 and P6, each with a fault of its own."""
    folder = scaffold(tmp_path, "org.comments", "organisation")
    package = folder / "src" / "org_fragments"
    change(package / "plugin.py", "\n\n@hookimpl", f"\n{PRINTS}{BARE}\n\n@hookimpl")
    change(package / "options.py", "    from aws_cdk import Aws\n", "    options.tag = 'x'\n")
    change(package / "checks.py", "has no Comment", "")
    change(folder / "tests" / "test_comments.py", '"Comment"', '"Other"')
    told = failing(folder, "light or marked or hook_is_called or fire")
    for part in (
        "it imports pydantic, by org_fragments.plugin (",
        "it writes 'hello\\n' at import: use logging",
        "sfn_fragments_role_statements (",
        "and so never called: mark it with sfn_fragments.hookimpl",
        "AttributeError: 'StateMachineOptions' object has no attribute 'tag'",
        "in what is to be quiet; mend its find, or the case",
    ):
        assert part in told


def test_faults_of_a_runner_are_told_with_what_mends_them(tmp_path: Path) -> None:
    """P8: a job that does not fail, and one that the runner does not take."""
    folder = scaffold(tmp_path, "lab.align", "runner")
    test = folder / "tests" / "test_align.py"
    change(test, '"three"', '"4"')
    assert "SUCCEEDED, not FAILED" in failing(folder, "runners_run")
    change(test, "{IMAGE}:2", "other:2")
    assert "accepts(job) of 'align' does not take it" in " ".join(
        failing(folder, "runners_run").split()
    )


def test_an_output_that_is_none_of_the_model_is_told(tmp_path: Path) -> None:
    """F8 and F9: the model says something else, and an optional field is needed."""
    folder = scaffold(tmp_path, "geo.tile", "fragment")
    package = folder / "src" / "geo_fragments"
    change(package / "models.py", "count: int", "count: str")
    change(package / "job.py", 'request.get("factor")', 'float(request["factor"])')
    told = failing(folder, "example_runs or optional_fields")
    assert "is not as geo_fragments.models:TileResponse says: count: Input should be" in told
    assert "A path to a field that is absent fails the execution" in told
    # Absent, and null. How often a failure's words are shown is pytest's own.
    failed = [line for line in told.splitlines() if line.startswith("FAILED")]
    assert sum("optional_fields" in line for line in failed) == 2
