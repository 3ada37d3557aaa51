"""Commands of both command lines, ``forecast``, ``graph`` and ``diff``: a fragment, and paths."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from sfn_fragments.cli.group import cli

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PLUGIN = """
from sfn_fragments import FragmentSpec, hookimpl

@hookimpl
def sfn_fragments_register():
    yield FragmentSpec("acme.put", "acme_put:Put", "Puts an object.", example="acme_put:EXAMPLE")
"""

FRAGMENT = """
from aws_cdk.aws_stepfunctions import DistributedMap, Map
from sfn_fragments import Example
from sfn_fragments.fragments import EnvBaseStateMachineFragment
from sfn_fragments.states import S3Operation


class Put(EnvBaseStateMachineFragment):
    def __init__(self, scope, id, env_base, distributed=False):
        super().__init__(scope, id, env_base)
        each = (DistributedMap if distributed else Map)(self, "Each")
        each.item_processor(S3Operation.put_object(self, "Put", "bucket", "a/b", "$.body"))
        self.definition = each


EXAMPLE = Example("Puts an object.", arguments=lambda sandbox: {}, input={})
"""


@pytest.fixture
def run(install: Callable[..., None]) -> Callable[..., Any]:
    install("acme-fragments", modules={"acme_plugin": PLUGIN, "acme_put": FRAGMENT})
    return lambda *arguments: CliRunner().invoke(cli, [*arguments])


@pytest.fixture
def forecast(run: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *arguments: run("forecast", *arguments)


def test_a_fragment_is_forecast_as_its_example_makes_it(forecast: Callable[..., Any]) -> None:
    result = forecast("acme.put", "--items", "Each=10", "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    (told,) = json.loads(result.stdout)["state_machines"]
    assert told["file"] == "acme.put"
    assert told["states"] == {"least": 11, "most": 11}
    assert told["children"] == []
    # It is in no file.
    assert {part["line"] for part in told["parts"]} == {None}


def test_what_is_set_is_heeded(forecast: Callable[..., Any]) -> None:
    result = forecast("acme.put", "--set", "distributed=true")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "children of Each" in result.stdout


def test_a_path(forecast: Callable[..., Any], tmp_path: Path) -> None:
    file = tmp_path / "machine.json"
    file.write_text('{"StartAt": "A",\n "States": {"A": {"Type": "Succeed"}}}')
    result = forecast(str(file), "--json")
    (told,) = json.loads(result.stdout)["state_machines"]
    assert told["states"] == {"least": 1, "most": 1}
    assert (told["parts"][0]["line"], told["parts"][0]["column"]) == (2, 18)
    result = forecast(str(file), "--set", "a=1")
    assert result.exit_code == 2
    assert "--set is for fragments: a PATH has no parameters" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["acme.put", "--items", "Eachh=1"], "did you mean 'Each'?"),
        (["acme.put", "--items", "Each"], "'Each' is not MAP=N"),
        (["acme.wait"], "acme.wait"),
    ],
)
def test_wrong_use(forecast: Callable[..., Any], arguments: list[str], message: str) -> None:
    result = forecast(*arguments)
    assert result.exit_code == 2
    assert message in result.stderr


def test_a_fragment_is_drawn_and_compared_as_its_example_makes_it(
    run: Callable[..., Any], tmp_path: Path
) -> None:
    drawn = run("graph", "acme.put", "--set", "distributed=true", "--format", "mermaid")
    assert (drawn.exit_code, drawn.stderr) == (0, "")
    assert "an execution for each" in drawn.stdout
    file = tmp_path / "before.json"
    file.write_text(run("synth", "acme.put").stdout)
    same = run("diff", str(file), "acme.put")
    assert (same.exit_code, same.stdout) == (0, "nothing differs\n")
    other = tmp_path / "put.mmd"
    assert run("graph", str(file), "-o", str(other)).stdout == f"{other}: before.json, 2 states\n"
    mixed = run("diff", str(file), "acme.put", "--set", "distributed=true")
    assert mixed.exit_code == 2
    assert "--set is for fragments: a PATH has no parameters" in mixed.stderr
