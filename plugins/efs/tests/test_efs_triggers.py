"""EventBridge rules that start the cleaning of file systems."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from sfn_fragments.annotations import read_annotations
from sfn_fragments.errors import InvalidParametersError
from sfn_fragments_efs import (
    CleanFileSystemFragment,
    CleanFileSystemTriggerConfig,
    CleanFileSystemTriggerRuleConfig,
)


class FileSystem:
    """What a configuration reads of a file system."""

    file_system_id = "fs-0123456789abcdef0"


def config(**arguments: Any) -> CleanFileSystemTriggerConfig:
    file_system: Any = FileSystem()
    return CleanFileSystemTriggerConfig(file_system, "/a", **arguments)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({}, {"days_since_last_accessed": 3.0}),
        ({"min_size_bytes_allowed": 0}, {"days_since_last_accessed": 3.0}),
        (
            {
                "days_since_last_accessed": 0.5,
                "max_depth": 0,
                "min_depth": 0,
                "min_size_bytes_allowed": 7,
            },
            {
                "days_since_last_accessed": 0.5,
                "max_depth": 0,
                "min_depth": 0,
                "min_size_bytes_allowed": 7,
            },
        ),
    ],
)
def test_to_dict(arguments: dict[str, Any], expected: dict[str, Any]) -> None:
    assert config(**arguments).to_dict() == {"path": "fs-0123456789abcdef0:/a", **expected}


def test_the_rule_starts_an_execution_for_each_configuration(file_system_stack: Any) -> None:
    sandbox = file_system_stack.sandbox
    machine = CleanFileSystemFragment(
        sandbox.stack, "Clean", **file_system_stack.arguments
    ).to_state_machine("clean")
    configs = [
        CleanFileSystemTriggerConfig(sandbox.file_system, "/scratch", 2.5, max_depth=1),
        CleanFileSystemTriggerConfig(sandbox.file_system, "/tmp"),
    ]
    rule_config = CleanFileSystemTriggerRuleConfig("clean-daily", configs)
    rule_config.create_rule(sandbox.stack, machine)
    deployment = file_system_stack.deploy()
    file_system_stack.write("scratch/a/one.txt", "1", days_old=2.6)
    file_system_stack.write("tmp/one.txt", "1", days_old=2.6)
    file_system_stack.write("tmp/two.txt", "1", days_old=4)

    events = file_system_stack.engine.client("events")
    (rule,) = events.list_rules()["Rules"]
    assert rule["Name"] == "clean-daily"
    assert rule["ScheduleExpression"] == "cron(0 9 * * ? *)"
    assert rule["Description"] == rule_config.description
    assert rule["State"] == "ENABLED"
    targets = events.list_targets_by_rule(Rule="clean-daily")["Targets"]
    assert {target["Arn"] for target in targets} == set(deployment.state_machines.values())
    inputs = [json.loads(target["Input"]) for target in targets]
    file_system_id = file_system_stack.file_system_id
    assert inputs == [
        {"path": f"{file_system_id}:/scratch", "days_since_last_accessed": 2.5, "max_depth": 1},
        {"path": f"{file_system_id}:/tmp", "days_since_last_accessed": 3},
    ]
    for request in inputs:
        file_system_stack.engine.execute(request).raise_for_status()
    assert file_system_stack.files() == {"tmp/one.txt"}


def test_the_role_of_the_rule_may_start_this_state_machine_only(file_system_stack: Any) -> None:
    sandbox = file_system_stack.sandbox
    machine = CleanFileSystemFragment(
        sandbox.stack, "Clean", **file_system_stack.arguments
    ).to_state_machine("clean")
    CleanFileSystemTriggerRuleConfig(
        "clean", [CleanFileSystemTriggerConfig(sandbox.file_system, "/a")]
    ).create_rule(sandbox.stack, machine)

    artifact = sandbox.app.synth().get_stack_by_name(sandbox.stack.stack_name)
    resources = artifact.template["Resources"]

    (rule,) = [one for one in resources.values() if one["Type"] == "AWS::Events::Rule"]
    (target,) = rule["Properties"]["Targets"]
    role = target["RoleArn"]["Fn::GetAtt"][0]
    principal = resources[role]["Properties"]["AssumeRolePolicyDocument"]["Statement"][0]
    assert principal["Principal"] == {"Service": "events.amazonaws.com"}
    statements = [
        statement
        for one in resources.values()
        if one["Type"] == "AWS::IAM::Policy" and {"Ref": role} in one["Properties"]["Roles"]
        for statement in one["Properties"]["PolicyDocument"]["Statement"]
    ]
    assert statements == [
        {"Action": "states:StartExecution", "Effect": "Allow", "Resource": target["Arn"]}
    ]
    assert "Policies" not in resources[role]["Properties"]
    assert "ManagedPolicyArns" not in resources[role]["Properties"]
    assert read_annotations(sandbox.app.synth().directory) == []


def test_the_schedule_is_the_rules_own(file_system_stack: Any) -> None:
    sandbox = file_system_stack.sandbox
    machine = CleanFileSystemFragment(
        sandbox.stack, "Clean", **file_system_stack.arguments
    ).to_state_machine("clean")
    from aws_cdk import Duration
    from aws_cdk.aws_events import Schedule

    CleanFileSystemTriggerRuleConfig(
        "clean",
        [
            CleanFileSystemTriggerConfig(
                sandbox.file_system, "/a", schedule=Schedule.rate(Duration.hours(1))
            )
        ],
        schedule=Schedule.rate(Duration.hours(12)),
    ).create_rule(sandbox.stack, machine)

    artifact = sandbox.app.synth().get_stack_by_name(sandbox.stack.stack_name)

    (rule,) = [
        one["Properties"]
        for one in artifact.template["Resources"].values()
        if one["Type"] == "AWS::Events::Rule"
    ]
    assert rule["ScheduleExpression"] == "rate(12 hours)"
    (warning,) = read_annotations(sandbox.app.synth().directory)
    assert warning.level == "warning"
    assert "/a" in warning.text
    assert "not heeded" in warning.text


def test_more_targets_than_a_rule_takes() -> None:
    CleanFileSystemTriggerRuleConfig("clean", [config()] * 5)
    with pytest.raises(InvalidParametersError, match=r"(?s)'clean'.*trigger_configs.*at most 5"):
        CleanFileSystemTriggerRuleConfig("clean", [config()] * 6)


def test_the_module_is_light() -> None:
    code = (
        "import sys, sfn_fragments_efs.plugin, sfn_fragments_efs.triggers, "
        "sfn_fragments_efs.examples; "
        "print([name for name in sys.modules if name.partition('.')[0] in "
        "('aws_cdk', 'jsii', 'pydantic')])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
