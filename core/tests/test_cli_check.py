"""``sfn-fragments check``: what it reads, what it prints, and its exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result

from sfn_fragments.cli.group import cli

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

GOOD = {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}
BAD = {"StartAt": "B", "States": {"A": {"Type": "Succeed"}}}
# A warning: nothing reads the variable.
UNREAD = {"StartAt": "A", "States": {"A": {"Type": "Pass", "Assign": {"x": 1}, "End": True}}}
NO_WAIT = """
from sfn_fragments import hookimpl

@hookimpl
def sfn_fragments_checks():
    from sfn_fragments.checks import Check, Finding

    def find(checked):
        for state in checked.states():
            if state.type == "Succeed":
                yield Finding(state.name, "succeeds")

    yield Check("acme.no-success", "warning", "Why not.", find, remedy="fail")
"""
RAISES = NO_WAIT.replace("for state in", "raise ValueError('no [state]')\n        for state in")
CANNOT = """
from sfn_fragments import hookimpl

@hookimpl
def sfn_fragments_checks():
    raise RuntimeError("no rules")
"""
NO_CHECK = """
from sfn_fragments import hookimpl

@hookimpl
def sfn_fragments_checks():
    return ["acme.no-success"]
"""


@pytest.fixture
def check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Run the command in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(cli, ["check", *map(str, arguments)])


def template(definition: Any = GOOD, **resources: Any) -> dict[str, Any]:
    machine = {
        "Type": "AWS::StepFunctions::StateMachine",
        "Properties": {"DefinitionString": json.dumps(definition)},
    }
    return {"Resources": {"Machine": machine, **resources}}


def write(folder: Path, name: str, content: Any) -> str:
    text = content if isinstance(content, str) else json.dumps(content)
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return name


def findings(result: Result) -> list[tuple[str, str, str]]:
    return [
        (finding["state_machine"], finding["rule"], finding["place"])
        for finding in json.loads(result.stdout)["findings"]
    ]


def test_a_definition_without_findings(check: Callable[..., Result], tmp_path: Path) -> None:
    result = check(write(tmp_path, "m.asl.json", GOOD))
    assert result.exit_code == 0
    assert result.stdout.startswith("0 errors and 0 warnings in 1 state machine, by ")


def test_a_finding_says_everything(check: Callable[..., Result], tmp_path: Path) -> None:
    result = check(write(tmp_path, "m.asl.json", BAD), "--ignore", "asl.unread-variable")
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert lines[0] == (
        "m.asl.json:1:1: error asl.start-at: definition: it starts at 'B', which is no state of its"
    )
    assert lines[1].startswith("    why:    AWS refuses to create the state machine")
    assert lines[2] == "    remedy: set StartAt to the name of the first state"
    assert lines[-1].startswith("1 error and 0 warnings in 1 state machine")


def test_warnings_fail_but_below_the_level(check: Callable[..., Result], tmp_path: Path) -> None:
    name = write(tmp_path, "m.asl.json", UNREAD)
    assert check(name).exit_code == 1
    assert "asl.unread-variable" in check(name).stdout
    assert check(name, "--strict").exit_code == 1
    assert check(name, "--ignore", "asl.unread-variable").exit_code == 0
    below = check(name, "--level", "error")
    assert below.exit_code == 0
    assert "not told: 1 warning (--level warning tells them)" in below.stdout


def test_json(check: Callable[..., Result], tmp_path: Path) -> None:
    result = check(write(tmp_path, "m.asl.json", UNREAD), "--json")
    report = json.loads(result.stdout)
    assert report["state_machines"] == [{"file": "m.asl.json", "name": "m.asl.json"}]
    (finding,) = report["findings"]
    assert finding.pop("why")
    assert finding.pop("remedy")
    assert finding == {
        "rule": "asl.unread-variable",
        "severity": "warning",
        "file": "m.asl.json",
        "state_machine": "m.asl.json",
        "place": "A",
        "source": "m.asl.json",
        "line": 1,
        "column": 34,
        "pointer": "/States/A",
        "message": "it assigns $x, which no state reads",
    }
    assert report["problems"] == []


def test_it_needs_no_cdk(tmp_path: Path) -> None:
    script = (
        "import sys; from sfn_fragments.cli.group import cli; "
        "cli.main(['check', 'm.asl.json'], standalone_mode=False); "
        "print({'aws_cdk', 'jsii', 'pydantic'} & set(sys.modules))"
    )
    write(tmp_path, "m.asl.json", GOOD)
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "set()"


def test_rules(check: Callable[..., Result]) -> None:
    result = check("--rules")
    assert result.exit_code == 0
    assert "asl.state-name-length" in result.stdout
    rules = json.loads(check("--rules", "--json").stdout)["rules"]
    assert {rule["severity"] for rule in rules} == {"error", "warning", "advice"}
    assert all(rule["what"] and rule["why"] and rule["remedy"] for rule in rules)


JOINED = {
    "Fn::Join": [
        "",
        ['{"StartAt":"B","Comment":"', {"Ref": "Bucket"}, '","States":{}}'],
    ]
}


@pytest.mark.parametrize(
    "properties",
    [
        {"DefinitionString": json.dumps(BAD)},
        {"DefinitionString": JOINED},
        {"DefinitionString": {"Fn::Sub": '{"StartAt":"B","Comment":"${Bucket}","States":{}}'}},
        # A number that CloudFormation fills in stands without quotes.
        {"DefinitionString": {"Fn::Sub": '{"StartAt":"B","TimeoutSeconds":${Time},"States":{}}'}},
        {"DefinitionString": {"Fn::Sub": ['{"StartAt":"${First}","States":{}}', {"First": "B"}]}},
        {
            "DefinitionString": '{"StartAt":"${First}","TimeoutSeconds":${Time},"States":{}}',
            "DefinitionSubstitutions": {"First": "B", "Time": 5},
        },
        {"Definition": {**BAD, "Comment": {"Fn::GetAtt": ["Role", "Arn"]}}},
        {"Definition": {**BAD, "Comment": {"Fn::Sub": "${Role.Arn}"}}},
        {"DefinitionS3Location": {"Bucket": {"Ref": "Assets"}, "Key": "abc.json"}},
    ],
)
def test_every_form_of_a_definition_is_read(
    check: Callable[..., Result], tmp_path: Path, properties: dict[str, Any]
) -> None:
    write(tmp_path, "asset.abc.json", BAD)
    machine = {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}
    given = {"Bucket": {"Type": "String"}, "Role": {"Type": "String"}, "Time": {"Type": "Number"}}
    content = {"Parameters": given, "Resources": {"Machine": machine}}
    name = write(tmp_path, "template.json", content)
    assert findings(check(name, "--json")) == [("Machine", "asl.start-at", "definition")]


def test_intrinsics_in_a_definition_are_seen_through(
    check: Callable[..., Result], tmp_path: Path
) -> None:
    task = {
        "Type": "Task",
        "Resource": {"Fn::Sub": "arn:${AWS::Partition}:states:::lambda:invok"},
        "Retry": [{"ErrorEquals": ["States.ALL"]}],
        "End": True,
    }
    machine = {
        "Type": "AWS::StepFunctions::StateMachine",
        "Properties": {"Definition": {"StartAt": "A", "States": {"A": task}}},
    }
    name = write(tmp_path, "template.json", {"Resources": {"Machine": machine}})
    assert findings(check(name, "--json")) == [("Machine", "asl.service-integration", "A")]


def test_log_groups_of_a_template(check: Callable[..., Result], tmp_path: Path) -> None:
    def machine(arn: Any) -> dict[str, Any]:
        group = {"CloudWatchLogsLogGroup": {"LogGroupArn": arn}}
        properties = {
            "DefinitionString": json.dumps(GOOD),
            "LoggingConfiguration": {"Destinations": [group]},
        }
        return {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}

    def group(**properties: Any) -> dict[str, Any]:
        return {"Type": "AWS::Logs::LogGroup", "Properties": properties}

    arn = "arn:aws:logs:us-west-2:123456789012:log-group:"
    resources = {
        "Vended": group(LogGroupName={"Fn::Sub": "/aws/vendedlogs/${Stage}"}),
        "Other": group(LogGroupName="/my/logs"),
        "Unnamed": group(),
        "ToVended": machine({"Fn::GetAtt": ["Vended", "Arn"]}),
        "ToOther": machine({"Fn::GetAtt": ["Other", "Arn"]}),
        "ToUnnamed": machine({"Fn::GetAtt": ["Unnamed", "Arn"]}),
        "ToVendedArn": machine(f"{arn}/aws/vendedlogs/x:*"),
        "ToOtherArn": machine({"Fn::Join": ["", [arn, "/my/logs-", {"Ref": "Stage"}, ":*"]]}),
        "ToUnknown": machine({"Fn::ImportValue": "LogGroupArn"}),
    }
    name = write(tmp_path, "template.json", {"Resources": resources})
    found = findings(check(name, "--json", "--level", "advice"))
    assert [machine for machine, _, _ in found] == ["ToOther", "ToUnnamed", "ToOtherArn"]
    assert {rule for _, rule, _ in found} == {"asl.log-group-name"}


def test_a_cloud_assembly_with_stages_and_nested_stacks(
    check: Callable[..., Result], tmp_path: Path
) -> None:
    from sfn_fragments.node import ensure_node

    ensure_node()
    from aws_cdk import App, NestedStack, Stack, Stage
    from aws_cdk.aws_logs import LogGroup
    from aws_cdk.aws_stepfunctions import (
        DefinitionBody,
        LogLevel,
        LogOptions,
        Pass,
        StateMachine,
    )

    # The command line of CDK sets this.
    context = {"aws:cdk:enable-path-metadata": True}
    app = App(outdir=str(tmp_path / "cdk.out"), analytics_reporting=False, context=context)
    stacks = [Stack(app, "Top"), Stack(Stage(app, "Test"), "Inner")]
    stacks.append(NestedStack(stacks[0], "Nested"))
    asset = write(tmp_path, "machine.asl.json", UNREAD)
    for stack in stacks:
        StateMachine(
            stack,
            "Machine",
            definition_body=DefinitionBody.from_chainable(Pass(stack, "x" * 81)),
            logs=LogOptions(destination=LogGroup(stack, "Logs"), level=LogLevel.ALL),
        )
    body = DefinitionBody.from_file(str(tmp_path / asset))
    StateMachine(stacks[0], "FromFile", definition_body=body)
    app.synth()
    result = check("cdk.out", "--json", "--level", "advice")
    assert result.exit_code == 1, result.output
    machines = {machine["name"] for machine in json.loads(result.stdout)["state_machines"]}
    assert machines == {
        "Top/Machine",
        "Top/FromFile",
        "Top/Nested/Machine",
        "Test/Inner/Machine",
    }
    assert set(findings(result)) == {
        *((name, "asl.state-name-length", "x" * 81) for name in machines - {"Top/FromFile"}),
        *((name, "asl.log-group-name", "definition") for name in machines - {"Top/FromFile"}),
        ("Top/FromFile", "asl.unread-variable", "A"),
    }


YAML = """
AWSTemplateFormatVersion: 2010-09-09
Parameters:
  Bucket: {Type: String}
Resources:
  Machine:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      Definition:
        StartAt: B
        Comment: !Sub "${Bucket}"
        States:
          A:
            Type: Succeed
            Comment: !Join ["", [!GetAtt Role.Arn, !Ref Bucket]]
"""


def test_yaml(check: Callable[..., Result], tmp_path: Path) -> None:
    pytest.importorskip("yaml")
    name = write(tmp_path, "template.yaml", YAML)
    assert [rule for _, rule, _ in findings(check(name, "--json"))] == [
        "asl.start-at",
    ]
    definition = "StartAt: A\nStates:\n  A: {Type: Succeed}\n"
    assert check(write(tmp_path, "m.asl", definition)).exit_code == 0


def test_yaml_without_pyyaml(
    check: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    result = check(write(tmp_path, "template.yaml", YAML))
    assert result.exit_code == 2
    assert "pip install pyyaml" in result.stderr


def test_all_paths_that_cannot_be_read_are_listed(
    check: Callable[..., Result], tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    broken = template()
    broken["Resources"] = {
        "Other": {
            "Type": "AWS::StepFunctions::StateMachine",
            "Properties": {"DefinitionString": "{"},
        },
        "Third": {
            "Type": "AWS::StepFunctions::StateMachine",
            "Metadata": {"aws:cdk:path": "App/Third/Resource"},
            "Properties": {"DefinitionS3Location": {"Bucket": "b", "Key": "k"}},
        },
        "Fourth": {"Type": "AWS::StepFunctions::StateMachine"},
        "Fifth": {
            "Type": "AWS::StepFunctions::StateMachine",
            "Properties": {"Definition": [1]},
        },
    }
    expected = {
        "none": "there is no such file or folder",
        "empty": "holds no state machine",
        write(tmp_path, "bad.json", "{"): "is not JSON",
        write(tmp_path, "list.json", "[]"): "holds no object",
        write(tmp_path, "other.json", "{}"): "neither a template",
        write(tmp_path, "bucket.json", {"Resources": {}}): "holds no state machine",
        write(tmp_path, "broken.json", broken): "Other: ",
        write(tmp_path, "bad.yaml", "a: [b"): "is not YAML",
    }
    (tmp_path / "binary.json").write_bytes(b"\xff\xfe{}")
    result = check(*expected, "binary.json", "--json")
    assert result.exit_code == 2
    assert "Traceback" not in result.output
    report = json.loads(result.stdout)
    assert report["state_machines"] == []
    for path, message in expected.items():
        assert any(path in line and message in line for line in report["problems"]), path
    assert check("none").stdout == ""
    for message in (
        "broken.json: Third (App/Third): its definition lies in S3, b/k",
        "broken.json: Fourth: it has neither Definition",
        "is list",
        "bad.json is not JSON",
        "binary.json is not UTF-8",
        "none: there is no such file",
    ):
        assert message in result.stdout
    assert result.stderr == ""


def test_what_cannot_be_read_leaves_the_rest_checked(
    check: Callable[..., Result], tmp_path: Path
) -> None:
    unreadable = {
        "Type": "AWS::StepFunctions::StateMachine",
        "Properties": {"DefinitionS3Location": {"Bucket": "b", "Key": "k"}},
    }
    name = write(tmp_path, "template.json", template(UNREAD, Elsewhere=unreadable))
    message = "template.json: Elsewhere: its definition lies in S3, b/k"
    result = check(name)
    assert result.exit_code == 2
    assert "asl.unread-variable" in result.stdout
    assert f"error: {message}" in result.stderr
    result = check(name, "none.json", "--json")
    assert result.exit_code == 2
    assert findings(result) == [("Machine", "asl.unread-variable", "A")]
    problems = json.loads(result.stdout)["problems"]
    assert problems[0].startswith(message)
    assert problems[1:] == ["none.json: there is no such file or folder"]


def test_a_plugin_that_failed_to_load_is_a_problem(
    check: Callable[..., Result], tmp_path: Path, install: Callable[..., None]
) -> None:
    source = f"import no_such_module\n{NO_WAIT}"
    install("acme-fragments", entry_points="acme = acme_plugin", modules={"acme_plugin": source})
    name = write(tmp_path, "m.asl.json", GOOD)
    result = check(name)
    assert result.exit_code == 1
    assert result.stdout.startswith("0 errors and 0 warnings")
    message = "acme_plugin): import: ModuleNotFoundError: No module named"
    assert message in result.stderr
    result = check(name, "--json")
    assert result.exit_code == 1
    (problem,) = json.loads(result.stdout)["problems"]
    assert message in problem


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "give a PATH"),
        (["m.json", "--ignore", "asl.start-a"], "did you mean asl.start-at?"),
        (["m.json", "--frob"], "--frob"),
    ],
)
def test_wrong_use(check: Callable[..., Result], arguments: list[str], message: str) -> None:
    result = check(*arguments)
    assert result.exit_code == 2
    assert message in result.stderr


def test_a_rule_of_a_plugin(
    check: Callable[..., Result],
    tmp_path: Path,
    install: Callable[..., None],
) -> None:
    install("acme-fragments", modules={"acme_plugin": NO_WAIT})
    name = write(tmp_path, "m.asl.json", GOOD)
    assert findings(check(name, "--json")) == [("m.asl.json", "acme.no-success", "A")]
    assert "acme.no-success" in check("--rules").stdout
    assert "remedy: fail" in check(name).stdout
    assert check(name, "--ignore", "acme.no-success", "--strict").exit_code == 0


def test_what_a_rule_prints_breaks_no_json(
    check: Callable[..., Result], tmp_path: Path, install: Callable[..., None]
) -> None:
    source = NO_WAIT.replace("for state in", "print('looking', flush=True)\n        for state in")
    install("acme-fragments", modules={"acme_plugin": source})
    result = check(write(tmp_path, "m.asl.json", UNREAD), "--json")
    assert result.stderr == "looking\n"
    json.loads(result.stdout)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (RAISES, "error: rule 'acme.no-success' could not run: ValueError: no [state]"),
        (CANNOT, "acme_plugin.py:6): RuntimeError: no rules"),
        (NO_CHECK, "gives 'acme.no-success', which is no instance of Check"),
        (NO_WAIT.replace('"warning"', '"fatal"'), "give error, warning or advice, not 'fatal'"),
        (NO_WAIT.replace('"warning"', "[]"), "severity: give error, warning or advice, not []"),
        (NO_WAIT.replace("acme.no", "no"), "id: give acme.<rule>, without blanks"),
        (NO_WAIT.replace("acme.no", "acme.no "), "id: give acme.<rule>, without blanks"),
        (NO_WAIT.replace("acme.no", "asl.no"), "id: give acme.<rule>, without blanks"),
    ],
)
def test_a_bad_rule_is_a_problem_of_that_rule(
    check: Callable[..., Result],
    tmp_path: Path,
    install: Callable[..., None],
    source: str,
    message: str,
) -> None:
    install("acme-fragments", entry_points="acme = acme_plugin", modules={"acme_plugin": source})
    install(
        "beta-fragments",
        entry_points="beta = beta_plugin",
        modules={"beta_plugin": NO_WAIT.replace("acme.", "beta.")},
    )
    name = write(tmp_path, "m.asl.json", GOOD)
    result = check(name)
    assert result.exit_code == 1
    assert message in result.stderr
    assert "Traceback" not in result.output
    assert "beta.no-success" in result.stdout
    assert (
        message.removeprefix("error: ") in json.loads(check(name, "--json").stdout)["problems"][0]
    )


def test_the_first_rule_keeps_the_id(
    check: Callable[..., Result], tmp_path: Path, install: Callable[..., None]
) -> None:
    again = NO_WAIT.splitlines()[-1]
    install("acme-fragments", modules={"acme_plugin": f"{NO_WAIT}{again}\n"})
    result = check(write(tmp_path, "m.asl.json", GOOD))
    assert "a check 'acme.no-success' that is left out: its id is taken" in result.stderr
    assert result.stdout.count("acme.no-success") == 1
