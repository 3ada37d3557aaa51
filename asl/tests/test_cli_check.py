"""``sfn-asl check`` for every day: formats, settings, excuses, a baseline, explanations."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from sfn_fragments_asl.checks import builtin_checks
from sfn_fragments_asl.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from click.testing import Result

    Check = Callable[..., Result]

#: An error in line 4, a warning in line 5, and advice about the call.
TEXT = """{
  "StartAt": "Send",
  "States": {
    "Send": {"Type": "Task", "Resource": "arn:aws:states:::sns:publish", "Next": "Nowhere",
      "Parameters": {"TopicArn": "t", "Message": "$.text"}}
  }
}
"""
ERRORS = ["asl.transition-target", "asl.end-state"]
FOUND = {*ERRORS, "asl.literal-expression"}


@pytest.fixture
def check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Check:
    """Run the command in a folder with one definition."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows" / "send.asl.json").write_text(TEXT)
    return lambda *options, paths=("flows",): CliRunner().invoke(
        main, ["check", *options, *map(str, paths)]
    )


def rules(result: Result) -> set[str]:
    return {finding["rule"] for finding in json.loads(result.stdout)["findings"]}


def settings(folder: Path, text: str) -> None:
    (folder / "pyproject.toml").write_text(text)


def test_a_finding_is_where_an_editor_opens_it(check: Check) -> None:
    result = check()
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert (
        "flows/send.asl.json:5:50: warning asl.literal-expression: Send: '$.text' in Message is "
        "passed on as a text (/States/Send/Parameters/Message)"
    ) in lines
    assert '    remedy: write "Message.$": "$.text"' in lines
    count = len(builtin_checks())
    assert lines[-1] == (
        f"2 errors and 1 warning in 1 state machine, by {count} rules; not told: 1 of advice "
        "(--level advice tells them)"
    )


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        ("error", set(ERRORS)),
        ("warning", FOUND),
        ("advice", FOUND | {"asl.missing-retry"}),
    ],
)
def test_levels(check: Check, level: str, expected: set[str]) -> None:
    assert rules(check("--level", level, "--format", "json")) == expected


def test_exit_codes(check: Check, tmp_path: Path) -> None:
    assert check("--select", "asl.seconds").exit_code == 0
    assert check("--select", "asl.literal-expression").exit_code == 1
    assert check("--select", "asl.literal-expression", "--level", "error").exit_code == 0
    assert check("--select", "asl.seconds", paths=("flows", "absent")).exit_code == 2
    assert check("--frob").exit_code == 2
    (tmp_path / "a.json").write_text('{"Resources": {"M": {"Type": "AWS::StepFunctions::Sta')
    assert check("--select", "asl.seconds", paths=("a.json",)).exit_code == 2


def test_rules_are_chosen_by_id_and_by_prefix(check: Check) -> None:
    assert rules(check("--select", ERRORS[0], "--json")) == {ERRORS[0]}
    assert rules(check("--select", "asl", "--ignore", ERRORS[0], "--json")) == FOUND - {ERRORS[0]}
    assert rules(check("--ignore", "asl", "--json")) == set()


def test_old_ids_are_known_for_one_release(check: Check) -> None:
    result = check("--ignore", "core.transition-target", "--json")
    assert rules(result) == FOUND - {"asl.transition-target"}
    assert "core.transition-target is asl.transition-target now" in result.stderr
    wrong = check("--ignore", "core.transition-targt")
    assert wrong.exit_code == 2
    assert "did you mean asl.transition-target?" in wrong.stderr


def test_settings_of_the_project(check: Check, tmp_path: Path, monkeypatch: Any) -> None:
    settings(
        tmp_path,
        '[tool.sfn-fragments.check]\nignore = ["asl.end-state"]\nlevel = "advice"\n'
        'format = "json"\n',
    )
    assert rules(check()) == FOUND - {"asl.end-state"} | {"asl.missing-retry"}
    # Options come on top.
    assert rules(check("--level", "warning", "--ignore", ERRORS[0])) == {"asl.literal-expression"}
    # They are those of the nearest folder that has some.
    monkeypatch.chdir(tmp_path / "flows")
    assert rules(check(paths=(".",))) == FOUND - {"asl.end-state"} | {"asl.missing-retry"}


@pytest.mark.parametrize("pattern", ["flows/*", "flows", "*.asl.json", "**/send.asl.json"])
def test_settings_of_files(check: Check, tmp_path: Path, pattern: str) -> None:
    (tmp_path / "send.json").write_text(TEXT)
    settings(
        tmp_path,
        f'[tool.sfn-fragments.check.per-file."{pattern}"]\nselect = ["asl.end-state"]\n',
    )
    found = json.loads(check("--json", paths=("flows", "send.json")).stdout)["findings"]
    by_file: dict[str, set[str]] = {}
    for finding in found:
        by_file.setdefault(finding["file"], set()).add(finding["rule"])
    assert by_file == {"flows/send.asl.json": {"asl.end-state"}, "send.json": FOUND}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[tool.sfn-fragments.check]\nignored = []", "ignored, which is no setting: did you mean"),
        ("[tool.sfn-fragments.check]\nlevel = 'info'", "level is 'info': give one of error"),
        ("[tool.sfn-fragments.check]\nignore = 'asl'", "ignore is 'asl': give a list"),
        ("[tool.sfn-fragments.check]\nignore = ['asl.no-such']", "no such rule: 'asl.no-such'"),
        ("[tool.sfn-fragments.check]\nformat = 'xml'", "format is 'xml': give one of text"),
        ("[tool.sfn-fragments.check]\nbaseline = 1", "baseline is 1"),
        ("[tool.sfn-fragments.check]\nper-file = 1", "per-file is to be a table"),
        ("[tool.sfn-fragments.check.per-file.a]\nbaseline = 'b'", "baseline, which is no setting"),
        ("[tool.sfn-fragments]\ncheck = 1", "is to be a table"),
        ("[tool", "pyproject.toml cannot be read"),
    ],
)
def test_settings_that_mean_nothing(check: Check, tmp_path: Path, text: str, message: str) -> None:
    settings(tmp_path, text)
    result = check()
    assert result.exit_code == 2
    assert message in " ".join(result.stderr.split())


@pytest.mark.parametrize(
    ("marker", "left"),
    [
        ("sfn-fragments: ignore[asl.literal-expression] meant so", set(ERRORS)),
        (
            "Sends. sfn-fragments: ignore[asl.literal-expression, asl.transition-target]",
            {"asl.end-state"},
        ),
        ("sfn-fragments: ignore[core.transition-target]", FOUND - {"asl.transition-target"}),
        ("sfn-fragments: ignore[asl.end-state]", FOUND),
        ("ignore[asl.literal-expression]", FOUND),
    ],
)
def test_a_state_is_excused_by_its_comment(
    check: Check, tmp_path: Path, marker: str, left: set[str]
) -> None:
    file = tmp_path / "flows" / "send.asl.json"
    file.write_text(TEXT.replace('"Type"', f'"Comment": "{marker}", "Type"'))
    assert rules(check("--json")) == left
    assert ("excused by comments" in check().stdout) == (left != FOUND)


def test_a_comment_excuses_the_whole_machine(check: Check, tmp_path: Path) -> None:
    file = tmp_path / "flows" / "send.asl.json"
    marker = '"Comment": "sfn-fragments: ignore[asl.end-state]", "StartAt"'
    file.write_text(TEXT.replace('"StartAt"', marker))
    assert rules(check("--json")) == FOUND - {"asl.end-state"}


def test_a_baseline(check: Check, tmp_path: Path, monkeypatch: Any) -> None:
    written = check("--write-baseline", "known.json")
    assert written.exit_code == 0
    assert "known.json: 4 findings" in written.stdout
    clean = check("--baseline", "known.json")
    assert clean.exit_code == 0
    assert "3 in the baseline" in clean.stdout
    # Lines move, and a second finding of a kind is another.
    file = tmp_path / "flows" / "send.asl.json"
    file.write_text("\n\n" + TEXT.replace('"TopicArn": "t"', '"TopicArn": "$.topic"'))
    assert rules(check("--baseline", "known.json", "--json")) == {"asl.literal-expression"}
    # Its paths are meant from its folder.
    settings(tmp_path, '[tool.sfn-fragments.check]\nbaseline = "known.json"\n')
    monkeypatch.chdir(tmp_path / "flows")
    assert len(json.loads(check("--json", paths=(".",)).stdout)["findings"]) == 1


def test_a_baseline_of_the_settings_is_written_first(check: Check, tmp_path: Path) -> None:
    settings(tmp_path, '[tool.sfn-fragments.check]\nbaseline = "known.json"\n')
    assert "no such baseline" in check().stderr
    assert check("--write-baseline", "known.json").exit_code == 0
    assert check().exit_code == 0
    # Once more, it is whole, and not what the old one leaves.
    assert "known.json: 4 findings" in check("--write-baseline", "known.json").stdout


@pytest.mark.parametrize("content", [None, "{", "[]", '{"version": 9, "findings": []}'])
def test_a_baseline_that_is_none(check: Check, tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "known.json").write_text(content)
    result = check("--baseline", "known.json")
    assert result.exit_code == 2
    assert "--write-baseline known.json" in result.stderr


def test_sarif(check: Check) -> None:
    result = check("--format", "sarif", paths=("flows", "absent.json"))
    assert result.exit_code == 2
    log = json.loads(result.stdout)
    assert log["version"] == "2.1.0"
    [run] = log["runs"]
    described = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    by_rule = {one["ruleId"]: one for one in run["results"]}
    assert set(by_rule) == FOUND
    assert all(described[one["ruleIndex"]] == one["ruleId"] for one in run["results"])
    literal = by_rule["asl.literal-expression"]
    assert literal["level"] == "warning"
    [location] = literal["locations"]
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "flows/send.asl.json"},
        "region": {"startLine": 5, "startColumn": 50},
    }
    [logical] = location["logicalLocations"]
    assert logical["fullyQualifiedName"] == "send.asl.json/States/Send/Parameters/Message"
    [invocation] = run["invocations"]
    assert not invocation["executionSuccessful"]
    [notification] = invocation["toolExecutionNotifications"]
    assert "absent.json" in notification["message"]["text"]


def test_places_of_sarif_are_uris_and_findings_are_told_apart(check: Check, tmp_path: Path) -> None:
    for folder in ("two words", "größer"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "send.asl.json").write_text(TEXT)
    paths = ("two words", "größer", str(tmp_path / "flows"))
    [run] = json.loads(check("--format", "sarif", paths=paths).stdout)["runs"]
    places = [one["locations"][0]["physicalLocation"] for one in run["results"]]
    assert {place["artifactLocation"]["uri"] for place in places} == {
        "two%20words/send.asl.json",
        "gr%C3%B6%C3%9Fer/send.asl.json",
        "flows/send.asl.json",
    }
    prints = [one["partialFingerprints"]["place/v2"] for one in run["results"]]
    assert len(set(prints)) == len(prints)
    lines = check("--format", "github", paths=("größer",)).stdout
    assert "file=größer/send.asl.json," in lines


def test_github(check: Check) -> None:
    lines = check("--format", "github", paths=("flows", "absent.json")).stdout.splitlines()
    [literal] = [line for line in lines if "literal" in line]
    assert literal.startswith(
        "::warning file=flows/send.asl.json,line=5,col=50,title=asl.literal-expression::Send: "
    )
    assert "%0AInstead: write" in literal
    assert "::error title=not read::absent.json: there is no such file or folder" in lines


def test_a_rule_is_explained(check: Check) -> None:
    told = check("--explain", "asl.literal-expression", paths=()).stdout
    assert told.startswith("asl.literal-expression (warning)\n  finds:  A text is a path")
    assert "this is found:" in told
    assert '"id": "$.id"' in told
    assert '"name.$": "$.id"' in told
    assert "asl.seconds" in check("--explain", "asl", paths=()).stdout
    assert "asl.path (error)" in check("--explain", "core.path", paths=()).stdout
    wrong = check("--explain", "asl.paths", paths=())
    assert wrong.exit_code == 2
    assert "did you mean asl.path?" in wrong.stderr


def test_a_definition_in_a_text_is_where_its_property_is(check: Check, tmp_path: Path) -> None:
    properties = {"RoleArn": "r", "DefinitionString": TEXT}
    machine = {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}
    text = json.dumps({"Resources": {"Machine": machine}}, indent=1)
    (tmp_path / "template.json").write_text(text)
    line = next(at for at, one in enumerate(text.splitlines(), 1) if "DefinitionString" in one)
    told = check(paths=("template.json",)).stdout
    assert (
        f"template.json:{line}:25: warning asl.literal-expression: Machine: Send: '$.text' in "
        "Message is passed on as a text (/States/Send/Parameters/Message)"
    ) in told
