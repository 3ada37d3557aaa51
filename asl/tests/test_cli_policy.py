"""``policy FILE``: what a role needs, which states need it, and how the template's role differs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from sfn_fragments_asl.cli import main

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

TEMPLATE = """\
Resources:
  Data:
    Type: AWS::S3::Bucket
  Nightly:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      RoleArn: !GetAtt Role.Arn
      Definition:
        StartAt: Put
        States:
          Put:
            Type: Task
            Resource: arn:aws:states:::aws-sdk:s3:putObject
            Parameters: {Bucket: !Ref Data, Key: a, Body.$: $}
            Next: Tell
          Tell:
            Type: Task
            Resource: arn:aws:states:::sns:publish
            Parameters: {TopicArn: !Ref Topic, Message: done}
            End: true
  Topic:
    Type: AWS::SNS::Topic
  Role:
    Type: AWS::IAM::Role
    Properties:
      Policies:
        - PolicyName: own
          PolicyDocument:
            Statement:
              - {Effect: Allow, Action: 's3:*', Resource: !Sub '${Data.Arn}/*'}
              - {Effect: Allow, Action: sqs:SendMessage, Resource: '*'}
"""


def run(*arguments: str, code: int = 0, given: str | None = None) -> Result:
    done = CliRunner().invoke(main, ["policy", *arguments], input=given)
    assert done.exit_code == code, done.output
    return done


@pytest.fixture
def template(tmp_path: Path) -> Path:
    file = tmp_path / "template.yaml"
    file.write_text(TEMPLATE)
    return file


def test_what_the_role_lacks_and_has_besides(template: Path) -> None:
    text = run(str(template)).stdout
    put = "arn:${AWS::Partition}:s3:::${Data}/a"
    assert text == "\n".join(
        [
            f"Role of {template}: Nightly",
            "",
            "allow s3:PutObject",
            f"on    {put}",
            f"for   Put ({template}:12)",
            "",
            "allow sns:Publish",
            "on    ${Topic}",
            f"for   Tell ({template}:17)",
            "",
            "Missing from the role Role:",
            "",
            "allow sns:Publish",
            "on    ${Topic}",
            f"for   Tell ({template}:17)",
            "",
            "Allowed by the role Role, and not needed:",
            "",
            "allow sqs:SendMessage",
            "on    *",
            "for   Role own",
            "",
            "Allowed by the role Role, and wider than needed:",
            "",
            "allow s3:*",
            "on    ${Data.Arn}/*",
            "for   Role own",
            "note  needed: s3:PutObject",
            "",
            "",
        ]
    )


def test_the_same_as_json(template: Path) -> None:
    [machine] = json.loads(run(str(template), "--format", "json").stdout)["state_machines"]
    put, tell = machine["statements"]
    assert put["states"] == ["Put"]
    place = {
        "place": "Tell",
        "source": str(template),
        "line": 17,
        "column": 13,
        "pointer": "/States/Tell",
    }
    assert tell["places"] == [place]
    role = machine["role"]
    assert (role["logical_id"], role["exact"]) == ("Role", False)
    assert [each["actions"] for each in role["missing"]] == [["sns:Publish"]]
    assert role["missing"][0]["places"] == [place]
    assert [each["reason"] for each in role["unneeded"]] == ["Role own"]
    assert [each["notes"] for each in role["wider"]] == [["needed: s3:PutObject"]]
    assert (role["unsure"], role["unknown"]) == ([], [])
    assert run(str(template), "--json").stdout == run(str(template), "--format", "json").stdout
    # check names the same places.
    found = CliRunner().invoke(
        main, ["check", str(template), "--json", "--select", "asl.missing-permission"]
    )
    assert found.exit_code == 1
    [finding] = json.loads(found.stdout)["findings"]
    assert {name: finding[name] for name in place} == place


def test_a_role_that_is_exact(template: Path) -> None:
    [role] = [
        one
        for name, one in json.loads(run(str(template), "--format", "cloudformation").stdout)[
            "Resources"
        ].items()
        if name == "NightlyRole"
    ]
    template.with_name("exact.json").write_text(
        json.dumps(
            {
                "Resources": {
                    "Data": {"Type": "AWS::S3::Bucket"},
                    "Topic": {"Type": "AWS::SNS::Topic"},
                    "Role": role,
                    "Nightly": {
                        "Type": "AWS::StepFunctions::StateMachine",
                        "Properties": {
                            "RoleArn": {"Fn::GetAtt": ["Role", "Arn"]},
                            "Definition": {
                                "StartAt": "Put",
                                "States": {
                                    "Put": {
                                        "Type": "Task",
                                        "Resource": "arn:aws:states:::aws-sdk:s3:putObject",
                                        "Parameters": {"Bucket": {"Ref": "Data"}, "Key": "a"},
                                        "Next": "Tell",
                                    },
                                    "Tell": {
                                        "Type": "Task",
                                        "Resource": "arn:aws:states:::sns:publish",
                                        "Parameters": {"TopicArn": {"Ref": "Topic"}},
                                        "End": True,
                                    },
                                },
                            },
                        },
                    },
                }
            }
        )
    )
    text = run(str(template.with_name("exact.json"))).stdout
    assert text.endswith("The role Role allows what is needed, and no more.\n\n")


def test_a_role_that_is_not_in_the_template(template: Path) -> None:
    template.write_text(TEMPLATE.replace("!GetAtt Role.Arn", "!ImportValue role"))
    text = run(str(template)).stdout
    assert "\nNot compared: the role is not part of the template: ${Fn_ImportValue_role}\n" in text
    [machine] = json.loads(run(str(template), "--json").stdout)["state_machines"]
    assert machine["role"]["logical_id"] is None
    assert machine["role"]["missing"] == []


def test_what_is_not_known_is_told(template: Path) -> None:
    managed = "ManagedPolicyArns: [arn:aws:iam::aws:policy/AmazonSNSFullAccess]\n      Policies:"
    template.write_text(TEMPLATE.replace("Policies:", managed))
    text = run(str(template)).stdout
    arn = "arn:aws:iam::aws:policy/AmazonSNSFullAccess"
    policy = f"the managed policy {arn}, whose statements the template does not have"
    assert "Missing from" not in text
    assert "Perhaps missing from the role Role:\n\nallow sns:Publish\non    ${Topic}\n" in text
    assert f"\nnote  {policy}\n" in text
    assert f"Not known of the role Role:\n\nnote  {policy}\n" in text


def test_a_definition_alone_is_not_compared(tmp_path: Path) -> None:
    file = tmp_path / "machine.asl.json"
    definition: dict[str, Any] = {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}
    file.write_text(json.dumps(definition))
    assert "ompared" not in run(str(file)).stdout
    [machine] = json.loads(run(str(file), "--json").stdout)["state_machines"]
    assert machine["role"]["unknown"] == ["the role is not part of the file"]
    piped = run("-", given=json.dumps(definition)).stdout
    assert piped.startswith("Role of <stdin>: <stdin>\n")


def test_several_roles_have_ids_of_their_own(tmp_path: Path) -> None:
    names = []
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        file = tmp_path / folder / "night-job.asl.json"
        states = {
            f"Put{number}": {
                "Type": "Task",
                "Resource": "arn:aws:states:::aws-sdk:s3:putObject",
                "Parameters": {"Bucket": f"bucket-{number}", "Key": "k" * 100},
                "Next": f"Put{number + 1}",
            }
            for number in range(80)
        }
        file.write_text(
            json.dumps({"StartAt": "Put0", "States": {**states, "Put80": {"Type": "Succeed"}}})
        )
        names.append(str(file))
    resources = json.loads(run(*names, "--format", "cloudformation").stdout)["Resources"]
    assert list(resources) == [
        "nightjobRole",
        "nightjobRole2",
        "nightjobRoleOf2",
        "nightjobRoleOf22",
    ]
    for name in ("nightjobRole2", "nightjobRoleOf22"):
        assert resources[name]["Type"] == "AWS::IAM::ManagedPolicy"
        assert resources[name]["Properties"]["Roles"] == [{"Ref": name[:-1]}]


def test_all_that_is_wrong_is_told_at_once(template: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    absent = str(tmp_path / "absent.json")
    for kind in ("text", "cloudformation"):
        done = run(str(template), str(broken), absent, "--format", kind, code=1)
        assert "sns:Publish" in done.stdout
        assert [line.split()[0] for line in done.stderr.splitlines()] == ["error:", "error:"]
        assert str(broken) in done.stderr
        assert absent in done.stderr
    done = run(str(template), str(broken), absent, "--json", code=1)
    assert len(json.loads(done.stdout)["problems"]) == 2
    for kind in ("text", "json", "cloudformation"):
        nothing = run(str(broken), absent, "--format", kind, code=2)
        assert (nothing.stdout, len(nothing.stderr.splitlines())) == ("", 2)


def test_wrong_use_and_help() -> None:
    assert "'text', 'json', 'cloudformation'" in run("x", "--format", "yaml", code=2).stderr
    lines = run("--help").stdout.splitlines()
    assert max(map(len, lines)) <= 80


def test_what_nothing_fills_in_is_a_parameter(tmp_path: Path) -> None:
    file = tmp_path / "machine.asl.json"
    put = {
        "Type": "Task",
        "Resource": "arn:aws:states:::batch:submitJob",
        "Parameters": {
            "JobName": "j",
            "JobDefinition": "${job-definition}",
            "JobQueue": "${Queue}",
        },
        "End": True,
    }
    file.write_text(json.dumps({"StartAt": "A", "States": {"A": put}}))
    template = json.loads(run(str(file), "--format", "cloudformation").stdout)
    assert template["Parameters"]["Queue"] == {
        "Type": "String",
        "Description": "What ${Queue} stands for in the definition",
    }
    assert set(template["Parameters"]) == {"Queue", "jobdefinition"}
    text = json.dumps(template["Resources"])
    assert '{"Ref": "Queue"}' in text
    assert "${" not in text
