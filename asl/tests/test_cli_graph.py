"""``sfn-asl graph``: what it reads, where it draws, and its exit codes."""

from __future__ import annotations

import json
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from sfn_fragments_asl.cli.group import main

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

CHAIN = {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}
START = {
    "Type": "Task",
    "Resource": "arn:aws:states:::states:startExecution.sync:2",
    "Parameters": {"StateMachineArn": {"Ref": "Inner"}},
    "End": True,
}


def machine(definition: Mapping[str, object], **properties: object) -> dict[str, object]:
    return {
        "Type": "AWS::StepFunctions::StateMachine",
        "Properties": {"Definition": definition, **properties},
    }


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.chdir(tmp_path)
    Path("chain.json").write_text(json.dumps(CHAIN))
    Path("broken.json").write_text("{")
    outer = {"StartAt": "Start", "States": {"Start": START}}
    resources = {"Inner": machine(CHAIN), "Outer": machine(outer), "Other": machine(CHAIN)}
    Path("template.json").write_text(json.dumps({"Resources": resources}))
    return lambda *arguments: CliRunner().invoke(main, ["graph", *arguments])


def test_a_picture_goes_where_it_is_asked_to(run: Callable[..., Result]) -> None:
    shown = run("chain.json")
    assert (shown.exit_code, shown.stderr) == (0, "")
    assert ET.fromstring(shown.stdout).tag.endswith("svg")
    for name, begin in (("a.svg", b"<svg"), ("a.png", b"\x89PNG"), ("new/a.mmd", b"flowchart")):
        done = run("chain.json", "-o", name)
        assert (done.exit_code, done.stdout) == (0, f"{name}: chain.json, 1 state\n")
        assert Path(name).read_bytes().startswith(begin)
    assert Path("a.svg").read_text(encoding="utf-8") == shown.stdout
    assert run("chain.json", "-o", "text", "--format", "mermaid").exit_code == 0
    assert Path("text").read_text().startswith("flowchart")
    assert run("chain.json", "-o", "v1.0/").stdout == "v1.0/chain.svg: chain.json, 1 state\n"
    assert run("chain.json", "--format", "png").stdout_bytes.startswith(b"\x89PNG")


def test_a_machine_that_another_one_starts_is_drawn_in_it(run: Callable[..., Result]) -> None:
    done = run("template.json", "-o", "pictures", "--format", "mermaid")
    assert (done.exit_code, done.stderr) == (0, "")
    assert sorted(file.name for file in Path("pictures").iterdir()) == ["Other.mmd", "Outer.mmd"]
    assert "subgraph" in Path("pictures/Outer.mmd").read_text()
    assert run("template.json", "-o", "pictures", "--apart").exit_code == 0
    drawn = {file.name for file in Path("pictures").glob("*.svg")}
    assert drawn == {"Inner.svg", "Other.svg", "Outer.svg"}
    one = run("template.json", "--machine", "Outer", "--format", "mermaid")
    assert "subgraph" in one.stdout
    alone = run("template.json", "--machine", "Outer", "--format", "mermaid", "--apart")
    assert "subgraph" not in alone.stdout
    assert "Inner" in alone.stdout


def test_machines_that_start_each_other_are_drawn_once(run: Callable[..., Result]) -> None:
    def starting(other: str) -> dict[str, object]:
        start = {**START, "Parameters": {"StateMachineArn": {"Fn::GetAtt": [other, "Arn"]}}}
        return machine({"StartAt": f"To {other}", "States": {f"To {other}": start}})

    resources = {"A": starting("B"), "B": starting("A")}
    Path("circle.json").write_text(json.dumps({"Resources": resources}))
    drawn = run("circle.json", "--format", "mermaid")
    assert (drawn.exit_code, drawn.stdout.count("subgraph")) == (0, 1)
    assert ET.fromstring(run("circle.json").stdout).tag.endswith("svg")


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("template.json",), 2, "there are 2 state machines (Outer, Other): give a folder"),
        (("template.json", "-o", "a.svg"), 2, "give a folder as --output"),
        (("template.json", "--machine", "Outr"), 2, "no state machine 'Outr'; there is Outer"),
        (("chain.json", "-o", "a.gif"), 2, "'a.gif': a picture ends with .svg, .png, .mmd"),
        (("chain.json", "--format", "gif"), 2, "'gif' is not one of 'svg', 'mermaid', 'png'"),
        (("chain.json", "--scale", "0"), 2, "0.0 is not in the range 0.1<=x<=8"),
        (("chain.json", "-o", "chain.json/a.svg"), 1, "chain.json/a.svg cannot be written: "),
        (("nowhere.json",), 2, "nowhere.json: there is no such file or folder"),
        (("broken.json",), 2, "broken.json is not JSON"),
        (("chain.json", "broken.json", "-o", "a.svg"), 1, "broken.json is not JSON"),
        ((), 2, "Missing argument 'PATH...'"),
    ],
)
def test_what_is_wrong_is_told(
    arguments: tuple[str, ...], code: int, told: str, run: Callable[..., Result]
) -> None:
    done = run(*arguments)
    assert done.exit_code == code, done.output
    assert told in " ".join(done.stderr.split())
    assert "Traceback" not in done.output


def test_a_library_that_is_missing_is_told(
    run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "graphlay", None)
    done = run("chain.json")
    assert done.exit_code == 1
    assert 'pip install "sfn-fragments-asl[drawing]"' in done.stderr
    assert run("chain.json", "--format", "mermaid").exit_code == 0
