"""The input of an execution is measured as Step Functions does, before anything starts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from sfn_fragments.cli.group import cli
from sfn_fragments_local.engine import EngineError
from sfn_fragments_local.input_text import MOST_BYTES, input_text, parsed_input

if TYPE_CHECKING:
    from sfn_fragments_local import Engine


def of_size(size: int, character: str = "x") -> str:
    """A text whose JSON has a number of bytes."""
    count, rest = divmod(size - 2, len(character.encode()))
    return character * count + "x" * rest


def circle() -> list[Any]:
    one: list[Any] = []
    one.append(one)
    return one


@pytest.mark.parametrize("character", ["x", "é", "😀", "/"])
def test_the_greatest_size(character: str) -> None:
    assert len(input_text(of_size(MOST_BYTES, character)).encode()) == MOST_BYTES
    with pytest.raises(ValueError, match=r"26214\d bytes.*less than or equal to 262144"):
        input_text(of_size(MOST_BYTES, character) + character)


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (float("nan"), "NaN or Infinity"),
        ([float("-inf")], "NaN or Infinity"),
        ({"a": "\ud800"}, "lone surrogate"),
        ({"\udfff": 1}, "lone surrogate"),
        ({1, 2}, "JSON cannot hold it"),
        (circle(), "ircular"),
    ],
)
def test_what_is_no_input(sfn_engine: Engine, value: Any, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        input_text(value)
    state = {"Type": "Pass", "End": True}
    arn = sfn_engine.client("stepfunctions").create_state_machine(
        name="pass",
        definition=json.dumps({"StartAt": "Pass", "States": {"Pass": state}}),
        roleArn="arn:aws:iam::123456789012:role/any",
    )["stateMachineArn"]
    with pytest.raises(EngineError, match=problem):
        sfn_engine.start(value, arn)
    executions = sfn_engine.client("stepfunctions").list_executions(stateMachineArn=arn)
    assert executions["executions"] == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{"a": NaN}', "NaN is no number"),
        ("[-Infinity]", "-Infinity is no number"),
        ('{"a": 1, "b": {"c": 1, "c": 2}}', "the name 'c' twice"),
        (json.dumps({"a": "\ud800"}), "lone surrogate"),
        (json.dumps({"name": of_size(MOST_BYTES)}), "less than or equal to 262144"),
    ],
)
def test_the_command_line_refuses_it_before_the_start(text: str, problem: str) -> None:
    result = CliRunner().invoke(cli, ["run", "batch.submit_job", "--input", text])
    assert result.exit_code == 2
    assert problem in " ".join(result.stderr.split())


def test_blanks_and_escapes_do_not_count() -> None:
    text = of_size(200_000, "é")
    written = json.dumps({"name": text}, indent=60_000)
    assert len(written) > MOST_BYTES
    assert input_text(parsed_input(written)) == '{"name":"' + text + '"}'
