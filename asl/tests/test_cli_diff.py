"""``sfn-asl diff``: what it prints, and its exit codes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result

from sfn_fragments_asl.cli.group import main

if TYPE_CHECKING:
    from collections.abc import Callable

OLD = {"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 1, "End": True}}}
NEW = {
    "StartAt": "A",
    "States": {
        "A": {"Type": "Wait", "Seconds": 5, "Next": "Tell|it"},
        "Tell|it": {
            "Type": "Task",
            "Resource": "arn:aws:states:::sqs:sendMessage",
            "Parameters": {"QueueUrl": "https://sqs.eu-west-1.amazonaws.com/111122223333/q"},
            "End": True,
        },
    },
}


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.chdir(tmp_path)
    Path("old.json").write_text(json.dumps(OLD))
    Path("new.json").write_text(json.dumps(NEW, indent=4, sort_keys=True))
    Path("broken.json").write_text("{")
    return lambda *given, **extra: CliRunner().invoke(main, ["diff", *given], **extra)


def test_text(run: Callable[..., Result]) -> None:
    done = run("old.json", "new.json")
    assert (done.exit_code, done.stderr) == (1, "")
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert lines[0] == "old.json → new.json"
    for line in (
        "state changed A",
        "goes on to Tell|it instead of ending",
        "Seconds: 5 instead of 1",
        "state added Tell|it (Task): SQS: send message; q",
        "needs now sqs:SendMessage (for Tell|it)",
        "states entered 2, was 1",
        "price of a run $0.00005, was $0.000025",
    ):
        assert line in lines


def test_the_same_is_no_difference(run: Callable[..., Result]) -> None:
    Path("other.json").write_text(json.dumps(NEW))
    done = run("new.json", "other.json")
    assert (done.exit_code, done.stdout) == (0, "nothing differs\n")
    assert "nothing differs" in run("new.json", "other.json", "--format", "markdown").stdout
    assert json.loads(run("new.json", "other.json", "--json").stdout)["same"] is True


def test_markdown(run: Callable[..., Result]) -> None:
    text = run("old.json", "new.json", "--format", "markdown").stdout
    assert text.startswith("### `new.json`\n\nBefore: `old.json`.\n")
    assert "- changed: `A`\n    - goes on to Tell\\|it instead of ending\n" in text
    assert "**Permissions gained**\n\n- `sqs:SendMessage` on " in text
    assert "| A run | before | after |\n| --- | --- | --- |\n| states entered | 1 | 2 |\n" in text
    assert "**Permissions lost**" not in text


def test_json(run: Callable[..., Result]) -> None:
    done = run("old.json", "new.json", "--json")
    assert done.exit_code == 1
    found: dict[str, Any] = json.loads(done.stdout)
    assert (found["same"], found["added"], found["problems"]) == (False, [], [])
    (machine,) = found["state_machines"]
    assert [state["kind"] for state in machine["states"]] == ["changed", "added"]
    assert machine["gained"][0]["actions"] == ["sqs:SendMessage"]
    assert machine["figures"][0]["after"] == {"least": 2, "most": 2}
    assert machine["old"]["file"] == "old.json"


def test_machines_that_are_there_on_one_side_only(run: Callable[..., Result]) -> None:
    resources = {
        name: {"Type": "AWS::StepFunctions::StateMachine", "Properties": {"Definition": OLD}}
        for name in ("One", "Two")
    }
    Path("both.json").write_text(json.dumps({"Resources": resources}))
    Path("one.json").write_text(json.dumps({"Resources": {"One": resources["One"]}}))
    assert "Two: removed, 1 state (both.json)" in run("both.json", "one.json").stdout
    added = run("one.json", "both.json", "--format", "markdown")
    assert (added.exit_code, "### Added\n\n- `Two` in `both.json`" in added.stdout) == (1, True)


def test_the_standard_input(run: Callable[..., Result]) -> None:
    assert run("-", "new.json", input=json.dumps(NEW)).exit_code == 0
    assert run("-", "-", input="{}").exit_code == 2


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("old.json", "nowhere.json"), "nowhere.json: there is no such file or folder"),
        (("broken.json", "new.json"), "broken.json is not JSON"),
        (("old.json",), "Missing argument 'NEW'"),
        (("old.json", "new.json", "--format", "html"), "'html' is not one of"),
    ],
)
def test_what_is_wrong_is_told(
    arguments: tuple[str, ...], told: str, run: Callable[..., Result]
) -> None:
    done = run(*arguments)
    assert done.exit_code == 2
    assert told in " ".join(done.stderr.split())
    assert run("old.json", "nowhere.json", "--json").stdout == ""
