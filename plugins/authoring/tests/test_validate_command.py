"""``sfn-fragments validate``: what needs no test code is tried, and failures say what to do."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from click.testing import CliRunner
from tests.proofs import long_proof

from sfn_fragments.cli.group import cli

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from click.testing import Result

WORKS = """\
from sfn_fragments import hookimpl

@hookimpl
def sfn_fragments_state_machine_options(options):
    options.tags["team"] = "maps"
"""


def validate(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["validate", *arguments])


@long_proof
def test_a_plugin_that_works(install: Callable[..., Path]) -> None:
    install("acme-fragments", {"acme_plugin": WORKS})
    done = validate("acme", "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["valid"]
    tests = {each["test"]: each["status"] for each in told["tests"]}
    assert tests["test_each_hook_is_called[sfn_fragments_state_machine_options]"] == "passed"
    assert {*tests.values()} == {"passed"}


def test_a_hook_that_sets_what_there_is_not(install: Callable[..., Path]) -> None:
    install("acme-fragments", {"acme_plugin": WORKS.replace("options.tags", "options.tag")})
    done = validate("acme")
    assert done.exit_code == 1, done.output
    assert "failed: test_each_hook_is_called[sfn_fragments_state_machine_options]" in done.output
    assert "'StateMachineOptions' object has no attribute 'tag'" in done.output
    assert "acme_plugin.py:5" in done.output


def test_one_that_does_not_load_is_not_tried(install: Callable[..., Path]) -> None:
    install("acme-fragments", {"acme_plugin": "def f(:\n"})
    done = validate("acme")
    assert done.exit_code == 1, done.output
    assert "mend that line" in done.output
    assert "plugin 'acme' is failed: nothing of it was tried" in done.output


def test_an_unknown_name_is_wrong_use() -> None:
    done = validate("atlantis")
    assert done.exit_code == 2
    assert "no plugin is named 'atlantis'; installed are authoring," in done.output
