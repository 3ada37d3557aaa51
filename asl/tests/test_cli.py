"""``sfn-asl check`` and ``policy``, over files as people have them."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import click
import pytest
from click.testing import CliRunner

from sfn_fragments_asl.cli import main
from sfn_fragments_asl.cli.command_line import CommandLine

if TYPE_CHECKING:
    from pathlib import Path

PUT = {
    "Type": "Task",
    "Resource": "arn:aws:states:::aws-sdk:s3:putObject",
    "Parameters": {"Bucket": "results", "Key.$": "$.key", "Body.$": "$"},
    "End": True,
}
DEFINITION = {"StartAt": "Put", "States": {"Put": PUT}}
TEMPLATE = {
    "Resources": {
        "Bucket": {"Type": "AWS::S3::Bucket"},
        "Machine": {
            "Type": "AWS::StepFunctions::StateMachine",
            "Properties": {
                "StateMachineName": "nightly",
                "Definition": {
                    "StartAt": "Each",
                    "States": {
                        "Each": {
                            "Type": "Map",
                            "ItemProcessor": {
                                "ProcessorConfig": {
                                    "Mode": "DISTRIBUTED",
                                    "ExecutionType": "STANDARD",
                                },
                                "StartAt": "Put",
                                "States": {
                                    "Put": PUT
                                    | {"Parameters": {"Bucket": {"Ref": "Bucket"}, "Key": "a"}}
                                },
                            },
                            "End": True,
                        }
                    },
                },
            },
        },
    }
}


def run(*arguments: str, code: int = 0) -> Any:
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == code, done.output
    return done


@pytest.fixture
def definition(tmp_path: Path) -> str:
    file = tmp_path / "machine.asl.json"
    file.write_text(json.dumps(DEFINITION))
    return str(file)


@pytest.fixture
def template(tmp_path: Path) -> str:
    file = tmp_path / "stack.template.json"
    file.write_text(json.dumps(TEMPLATE))
    return str(file)


def test_a_definition_is_checked(definition: str) -> None:
    told = run("check", definition).stdout
    assert "0 errors and 0 warnings" in told
    assert "not told: 1 of advice" in told
    asked = ("check", definition, "--level", "advice")
    assert "asl.missing-retry" in run(*asked, code=1).stdout
    found = json.loads(run(*asked, "--json", code=1).stdout)["findings"]
    assert [each["place"] for each in found] == ["Put"]


def test_a_wrong_rule_is_named_with_the_programs_own_command(definition: str) -> None:
    done = run("check", definition, "--ignore", "asl.missing-retries", code=2)
    assert "did you mean asl.missing-retry?" in done.stderr
    assert "`sfn-asl check --rules`" in done.stderr


def test_the_rules_are_listed_in_lines_of_their_own(definition: str) -> None:
    lines = run("check", "--rules").stdout.splitlines()
    assert lines[0].split() == ["RULE", "SEVERITY", "WHAT", "IT", "FINDS", "WHY"]
    assert all(line.startswith("asl.") for line in lines[1:])


def test_what_a_role_needs(definition: str) -> None:
    printed = run("policy", definition).stdout
    assert "allow s3:PutObject" in printed
    assert "on    arn:${AWS::Partition}:s3:::results/*" in printed
    assert "for   Put" in printed


def test_a_role_that_needs_nothing(tmp_path: Path) -> None:
    file = tmp_path / "machine.asl.json"
    file.write_text(json.dumps({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}))
    assert "nothing: none of its states calls a service" in run("policy", str(file)).stdout


def test_the_policy_as_a_document_of_cloudformation(template: str) -> None:
    [machine] = json.loads(run("policy", template, "--json").stdout)["state_machines"]
    statements = machine["policy"]["Statement"]
    put = next(one for one in statements if one["Action"] == ["s3:PutObject"])
    arn = ["arn:", {"Ref": "AWS::Partition"}, ":s3:::", {"Ref": "Bucket"}, "/a"]
    assert put["Resource"] == [{"Fn::Join": ["", arn]}]
    children = next(one for one in statements if "states:StartExecution" in one["Action"])
    assert str(children["Resource"]).count(":stateMachine:nightly") == 1


def test_names_that_an_execution_chooses(tmp_path: Path) -> None:
    file = tmp_path / "open.json"
    opened = PUT | {"Parameters": {"Bucket.$": "$.bucket", "Key": "a"}}
    file.write_text(json.dumps({"StartAt": "Put", "States": {"Put": opened}}))
    assert "on    arn:${AWS::Partition}:s3:::*/a" in run("policy", str(file)).stdout
    narrowed = run("policy", str(file), "--name-prefix", "prod").stdout
    assert "on    arn:${AWS::Partition}:s3:::prod-*/a" in narrowed


@pytest.mark.parametrize("command", ["check", "policy"])
def test_what_cannot_be_read_is_named(command: str, definition: str, tmp_path: Path) -> None:
    missing = str(tmp_path / "absent.json")
    assert f"{missing}: there is no such file or folder" in run(command, missing, code=2).stderr
    # What is not read is worse than what is found in the rest.
    both = run(command, definition, missing, code={"check": 2, "policy": 1}[command])
    assert {"check": "1 state machine", "policy": "Put"}[command] in both.stdout
    assert missing in both.stderr
    assert "PATH" in run(command, code=2).stderr


def test_it_needs_no_cdk(definition: str) -> None:
    script = (
        "import sys\n"
        "sys.modules.update(dict.fromkeys(['aws_cdk', 'constructs', 'jsii', 'pluggy']))\n"
        "from sfn_fragments_asl.cli import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, "check", definition, "--level", "advice"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1, done.stderr
    assert "asl.missing-retry" in done.stdout


def test_what_is_raised_and_is_no_exception_is_told_in_one_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """As the panic of a Rust extension is, and what ends a test of pytest."""

    class Panic(BaseException):
        pass

    @click.command()
    def breaks() -> None:
        raise Panic("index out of bounds")

    group = CommandLine(commands={"breaks": breaks})
    with pytest.raises(SystemExit) as end:
        group.main(["breaks"])
    assert end.value.code == 1
    told = capsys.readouterr().err
    assert told == "error: Panic: index out of bounds (--traceback shows where)\n"


@pytest.mark.parametrize("command", ["check", "policy", "forecast"])
def test_the_traceback_for_who_asks(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "--traceback" in run(command, "--help").stdout
    wrong = [command, "--no-such"]
    assert "Traceback" not in run(*wrong, code=2).stderr
    told = run("--traceback", *wrong, code=2).stderr
    assert told.startswith("Traceback (most recent call last)")
    assert "--no-such" in told.splitlines()[-1]
    monkeypatch.setenv("SFN_FRAGMENTS_DEBUG", "1")
    assert run(*wrong, code=2).stderr.startswith("Traceback (most recent call last)")
    monkeypatch.delenv("SFN_FRAGMENTS_DEBUG")
    told = run("check", "--explain", "no.rule", "--traceback", code=2).stderr
    assert told.startswith("Traceback (most recent call last)")


def test_who_asks_for_json_gets_errors_as_json_too() -> None:
    for arguments in (["forecast", "/no/such", "--wrong", "--json"], ["nothing", "--json"]):
        result = CliRunner().invoke(main, arguments)
        assert result.exit_code == 2
        told = json.loads(result.stdout)["error"]
        assert told["exit_code"] == 2
        assert f"error: {told['message']}\n" in result.stderr
    assert CliRunner().invoke(main, ["nothing"]).stdout == ""
