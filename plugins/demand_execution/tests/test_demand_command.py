"""``sfn-fragments demand``: what it asks for, and what it refuses. The tutorial's test runs it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click
import pytest
from click.testing import CliRunner

from sfn_fragments.cli.group import cli
from sfn_fragments.errors import FragmentsError
from sfn_fragments_demand_execution.demand_command import command, request_of
from sfn_fragments_demand_execution.models import DemandExecutionRequest

if TYPE_CHECKING:
    from pathlib import Path

ALONE = click.Group("sfn-fragments", {"demand": command})


def test_the_request_is_one_and_makes_the_folders_first() -> None:
    request = request_of(
        "a || b", ["data"], ["out", "more"], queue="q", image="image:1", memory=512, vcpus=1
    )
    parameters = DemandExecutionRequest.model_validate(request).execution_parameters
    assert parameters.command == ["mkdir -p ${OUT} && mkdir -p ${MORE} && { a || b\n}"]
    assert (parameters.inputs, parameters.outputs) == (["data"], ["out", "more"])
    assert request["resource_requirements"] == {"memory": 512, "vcpus": 1}


def test_a_command_without_outputs_is_left_as_it_is() -> None:
    request = request_of("a || b", [], [], queue="q", image="image:1", memory=512, vcpus=1)
    assert request["execution_parameters"]["command"] == ["a || b"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--input", "data"], "'data': write NAME=FOLDER, such as data=./measurements"),
        (["--input", "my-data=."], "'my-data': a name has letters, digits and underscores"),
        (["--output", "path=."], "'path': the job's shell has this name; take another"),
        (["--input", "a=.", "--input", "A=."], "'A' is given twice"),
        (["--input", "a=.", "--output", "A=."], "A is an input and an output; name one anew"),
    ],
)
def test_wrong_folders_are_refused_before_anything_runs(arguments: list[str], told: str) -> None:
    result = CliRunner().invoke(cli, ["demand", "true", *arguments])
    assert result.exit_code == 2, result.output
    assert told in result.output


def test_without_the_engine_it_says_how_to_get_it() -> None:
    with pytest.raises(FragmentsError, match=r"pip install \"sfn-fragments\[local\]\""):
        CliRunner().invoke(ALONE, ["demand", "true"], catch_exceptions=False)


def test_the_request_is_written(tmp_path: Path) -> None:
    file = tmp_path / "request.json"
    CliRunner().invoke(ALONE, ["demand", "true", "--input", "a=.", "--request", str(file)])
    assert not file.exists()  # nothing is written where nothing runs
    wrong = str(tmp_path / "no" / "request.json")
    arguments = ["demand", "true", "--input", "a=/no/such", "--request"]
    result = CliRunner().invoke(cli, [*arguments, wrong])
    assert f"--request: {wrong} cannot be written" in result.output
    result = CliRunner().invoke(cli, [*arguments, str(file)])
    assert (result.exit_code, result.stdout) == (2, "")
    assert "there is no folder '/no/such'" in result.output
    DemandExecutionRequest.model_validate(json.loads(file.read_text("utf-8")))
