"""``sfn-asl forecast``: what it reads, what it prints, and its exit codes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result

from sfn_fragments_asl.cli.group import main

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ITEM = {"StartAt": "Copy", "States": {"Copy": {"Type": "Pass", "End": True}}}
DEFINITION = {
    "StartAt": "List",
    "States": {
        "List": {"Type": "Pass", "Next": "Each = file"},
        "Each = file": {"Type": "Map", "ItemProcessor": ITEM, "End": True},
    },
}
CHAIN = {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "map.json").write_text(json.dumps(DEFINITION, indent=2))
    (tmp_path / "chain.json").write_text(json.dumps(CHAIN))
    (tmp_path / "broken.json").write_text("{")
    machine = {
        "Type": "AWS::StepFunctions::StateMachine",
        "Properties": {"StateMachineType": "EXPRESS", "Definition": CHAIN},
    }
    template = {"Resources": {"Machine": machine}}
    (tmp_path / "template.json").write_text(json.dumps(template, indent=1))
    return lambda *arguments: CliRunner().invoke(main, ["forecast", *arguments])


def shown(result: Result) -> dict[str, Any]:
    assert result.stderr == ""
    (machine,) = json.loads(result.stdout)["state_machines"]
    assert isinstance(machine, dict)
    return machine


def test_it_is_a_table(run: Callable[..., Result]) -> None:
    result = run("map.json", "--items", "Each = file=200")
    assert (result.exit_code, result.stderr) == (0, "")
    lines = [" ".join(line.split()) for line in result.stdout.splitlines()]
    assert lines[0] == "map.json: map.json"
    assert "states entered 202" in lines
    assert "billed transitions 202" in lines
    assert "history events 808 of 25,000" in lines
    assert "largest payload 401 or more bytes, of 262,144" in lines
    assert "price of a run $0.00505 list price" in lines
    assert "price of a million runs $5,050 list price" in lines


def test_it_says_what_decides(run: Callable[..., Result]) -> None:
    text = run("map.json").stdout
    assert "2 or more" in text
    assert (
        "note  Each = file: it goes over any number of items of 1 state each; give their number "
        "(--items)\n"
    ) in text


def test_all_of_it_is_json(run: Callable[..., Result]) -> None:
    told = shown(run("map.json", "--json"))
    assert told["states"] == {"least": 2, "most": None}
    assert told["events"] == {"least": 8, "most": None}
    assert told["dollars_of_a_run"] == {"least": 0.00005, "most": None}
    assert told["dollars_of_a_million_runs"] == {"least": 50, "most": None}
    assert [(part["name"], part["pointer"]) for part in told["parts"]] == [
        ("List", "/States/List"),
        ("Each = file", "/States/Each = file"),
        ("Copy", "/States/Each = file/ItemProcessor/States/Copy"),
    ]
    assert [(part["line"], part["column"]) for part in told["parts"]] == [
        (4, 13),
        (8, 20),
        (13, 19),
    ]
    assert {part["file"] for part in told["parts"]} == {"map.json"}
    assert told["notes"][0]["line"] == 8


def test_a_template_tells_the_type(run: Callable[..., Result]) -> None:
    told = shown(run("template.json", "--json"))
    assert told["express"] is True
    assert told["transitions"] == {"least": 0, "most": 0}
    assert told["dollars_of_a_million_runs"] == {"least": 1, "most": None}
    assert told["parts"][0]["line"] == 10
    text = run("template.json").stdout
    assert text.startswith("template.json: Machine (Express)\n")
    assert "of 25,000" not in text


def test_numbers_of_items_are_about_the_machines_that_have_the_map(
    run: Callable[..., Result],
) -> None:
    result = run("map.json", "chain.json", "--items", "Each = file=2", "--json")
    states = [each["states"]["most"] for each in json.loads(result.stdout)["state_machines"]]
    assert states == [4, 1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "Missing argument 'PATH...'"),
        (["map.json", "--items", "Each"], "'Each' is not MAP=N, such as 'Each file=200'"),
        (["map.json", "--items", "Each = file=-1"], "'Each = file=-1' is not MAP=N"),
        (["map.json", "--items", "Each = file=many"], "with a number of 0 or more"),
        (
            ["map.json", "--items", "Each file=1"],
            "there is no Map 'Each file'; did you mean 'Each = file'?",
        ),
        (["map.json", "--items", "List=1"], "'List' is a Pass state and no Map"),
        (["chain.json", "--items", "Each=1"], "there is no Map 'Each'; there is none"),
        (["nothing.json"], "nothing.json: there is no such file or folder"),
        (["broken.json"], "broken.json is not JSON"),
    ],
)
def test_wrong_use(run: Callable[..., Result], arguments: list[str], message: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert message in " ".join(result.stderr.replace("│", "").split())
    assert result.stdout == ""


def test_what_can_be_read_is_forecast(run: Callable[..., Result]) -> None:
    result = run("broken.json", "chain.json")
    assert result.exit_code == 1
    assert "broken.json is not JSON" in result.stderr
    assert "chain.json" in result.stdout
    told = json.loads(run("broken.json", "chain.json", "--json").stdout)
    assert len(told["state_machines"]) == len(told["problems"]) == 1
