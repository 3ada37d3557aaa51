"""The suites, over this plugin, over one as it is scaffolded, and over ones with faults."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.proofs import long_proof
from tests.scaffolded import run_tests, scaffold

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


def test_what_is_scaffolded_passes_and_its_job_runs(tmp_path: Path) -> None:
    """The fragment's own tests, on the engine; CI runs all of each kind from built wheels."""
    folder = scaffold(tmp_path, "geo.tile", "fragment")
    # Those of the suite that its fragment does not have to itself take longer.
    outcomes = run_tests(folder, "answer or failing or hook or targets or fire")
    assert outcomes.failed == {}
    assert {"test_the_job_answers", "test_a_failing_job_fails_the_execution"} <= {*outcomes.passed}


def failures(folder: Path, select: str) -> dict[str, str]:
    """What the chosen tests of a project say, of which at least one has to fail."""
    failed = run_tests(folder, select).failed
    assert failed
    return failed


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
    told = failures(folder, "light or marked or hook_is_called or fire")
    for test, parts in (
        (
            "test_listing_is_light",
            (
                "it imports pydantic, by org_fragments.plugin (",
                "it writes 'hello\\n' at import: use logging",
            ),
        ),
        (
            "test_its_hooks_are_marked",
            (
                "sfn_fragments_role_statements (",
                "and so never called: mark it with sfn_fragments.hookimpl",
            ),
        ),
        (
            "test_each_hook_is_called[sfn_fragments_state_machine_options]",
            ("AttributeError: 'StateMachineOptions' object has no attribute 'tag'",),
        ),
        (
            "test_its_checks_fire_and_stay_quiet[org.comments]",
            ("in what is to be quiet; mend its find, or the case",),
        ),
    ):
        for part in parts:
            assert part in told[test]


@long_proof
def test_faults_of_a_runner_are_told_with_what_mends_them(tmp_path: Path) -> None:
    """P8: a job that does not fail, and one that the runner does not take."""
    folder = scaffold(tmp_path, "lab.align", "runner")
    test = folder / "tests" / "test_align.py"
    change(test, '"three"', '"4"')
    [told] = failures(folder, "runners_run").values()
    assert "SUCCEEDED, not FAILED" in told
    change(test, "{IMAGE}:2", "other:2")
    [told] = failures(folder, "runners_run").values()
    assert "accepts(job) of 'align' does not take it" in told


@long_proof
def test_an_output_that_is_none_of_the_model_is_told(tmp_path: Path) -> None:
    """F8 and F9: the model says something else, and an optional field is needed."""
    folder = scaffold(tmp_path, "geo.tile", "fragment")
    package = folder / "src" / "geo_fragments"
    change(package / "models.py", "count: int", "count: str")
    change(package / "job.py", 'request.get("factor")', 'float(request["factor"])')
    told = failures(folder, "example_runs or optional_fields")
    wrong = "is not as geo_fragments.models:TileResponse says: count: Input should be"
    assert wrong in told["test_its_example_runs[geo.tile]"]
    for given in ("absent", "null"):
        failure = told[f"test_its_optional_fields[geo.tile-{given}]"]
        assert "A path to a field that is absent fails the execution" in failure
