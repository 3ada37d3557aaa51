"""What ``policy`` prints of a file is a role that its state machine runs with, and no other."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from sfn_fragments_asl.cli import main
from sfn_fragments_local import Engine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PUT = "arn:aws:states:::aws-sdk:s3:putObject"


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine() as engine:
        yield engine


def chain(*states: dict[str, Any]) -> dict[str, Any]:
    named = {
        f"S{number}": {**state, "Next": f"S{number + 1}"} for number, state in enumerate(states)
    }
    return {"StartAt": "S0", "States": {**named, f"S{len(states)}": {"Type": "Succeed"}}}


def call(resource: str, **parameters: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": resource, "Parameters": parameters}


def template(definition: dict[str, Any], **resources: Any) -> dict[str, Any]:
    return {
        "Resources": {
            "Data": {"Type": "AWS::S3::Bucket"},
            "Queue": {"Type": "AWS::SQS::Queue"},
            "Topic": {"Type": "AWS::SNS::Topic"},
            "Nightly": {
                "Type": "AWS::StepFunctions::StateMachine",
                "Properties": {
                    "StateMachineName": "nightly",
                    "RoleArn": {"Fn::GetAtt": ["NightlyRole", "Arn"]},
                    "Definition": definition,
                },
            },
            **resources,
        }
    }


def asl(file: Path, content: dict[str, Any], *arguments: str) -> Any:
    file.write_text(json.dumps(content))
    return json.loads(CliRunner().invoke(main, [arguments[0], str(file), *arguments[1:]]).stdout)


CALLS = chain(
    call(PUT, Bucket={"Ref": "Data"}, Key="a", Body={"n": 1}),
    call("arn:aws:states:::sqs:sendMessage", QueueUrl={"Ref": "Queue"}, MessageBody="m"),
    call("arn:aws:states:::sns:publish", TopicArn={"Ref": "Topic"}, Message="m"),
)


def test_the_role_of_a_file_is_enough_and_none_of_it_too_much(
    engine: Engine, tmp_path: Path
) -> None:
    given = template(CALLS)
    role = asl(tmp_path / "t.json", given, "policy", "--format", "cloudformation")["Resources"]
    whole = template(CALLS, **role)
    # The role waits for nothing of the machine, and so may be before it.
    engine.deploy(whole, name="whole")
    engine.execute(state_machine="nightly").raise_for_status()
    [machine] = asl(tmp_path / "t.json", whole, "policy", "--json")["state_machines"]
    assert machine["role"]["exact"] is True
    statements = role["NightlyRole"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
    assert len(statements) == 3
    for statement in list(statements):
        statements.remove(statement)
        engine.deploy(whole, name="whole")
        refused = engine.execute(state_machine="nightly")
        assert statement["Action"][0] in str(refused.cause)
        # The file told so before.
        [machine] = asl(tmp_path / "t.json", whole, "policy", "--json")["state_machines"]
        assert [one["actions"] for one in machine["role"]["missing"]] == [statement["Action"]]
        found = asl(tmp_path / "t.json", whole, "check", "--json")["findings"]
        assert [one["rule"] for one in found] == ["asl.missing-permission"]
        assert statement["Action"][0] in found[0]["message"]
        statements.append(statement)


def test_a_large_role_of_a_file(engine: Engine, tmp_path: Path) -> None:
    puts = chain(
        *(
            call(PUT, Bucket={"Ref": "Data"}, Key=f"{number}/{'k' * 150}", Body={})
            for number in range(60)
        )
    )
    given = template(puts)
    role = asl(tmp_path / "t.json", given, "policy", "--format", "cloudformation")["Resources"]
    assert "AWS::IAM::ManagedPolicy" in {one["Type"] for one in role.values()}
    whole = template(puts, **role)
    whole["Resources"]["Nightly"]["DependsOn"] = [*role]
    engine.deploy(whole, name="large")
    engine.execute(state_machine="nightly").raise_for_status()
    [machine] = asl(tmp_path / "t.json", whole, "policy", "--json")["state_machines"]
    assert machine["role"]["exact"] is True
