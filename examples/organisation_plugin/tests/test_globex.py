"""The suite for plugins, and what is this one's own."""

from __future__ import annotations

from typing import Any, ClassVar

from globex_fragments.options import BOUNDARY, LOG_KEY, LOG_RETENTION_DAYS, TEAM_KEY

from sfn_fragments.sandbox import Sandbox
from sfn_fragments_authoring.testing import CheckCase, PluginSuite

KEY = "arn:aws:kms:us-west-2:123456789012:key/12345678-1234-1234-1234-123456789012"

ASK = {
    "Type": "Task",
    "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
    "Parameters": {"QueueUrl": "https://example.com/queue", "MessageBody": "review"},
    "End": True,
}


def machine(state: dict[str, Any]) -> dict[str, Any]:
    return {"StartAt": "Ask", "States": {"Ask": state}}


class TestPlugin(PluginSuite):
    plugin = "globex"
    check_cases: ClassVar[dict[str, CheckCase]] = {
        "globex.timeouts": CheckCase(
            fires=machine(ASK), quiet=machine({**ASK, "TimeoutSeconds": 3600})
        )
    }


def template_of(context: dict[str, str], machines: int = 1) -> dict[str, Any]:
    from aws_cdk.aws_stepfunctions import Pass

    from sfn_fragments.fragments import create_state_machine

    sandbox = Sandbox()
    for key, value in context.items():
        sandbox.stack.node.set_context(key, value)
    for number in range(machines):
        states = Pass(sandbox.stack, f"Only{number}")
        name = f"machine-{number}"
        create_state_machine(sandbox.stack, sandbox.env_base, f"Machine{number}", name, states)
    assembly = sandbox.app.synth()
    template: dict[str, Any] = assembly.get_stack_by_name(sandbox.stack.stack_name).template
    return template


def resources(template: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [each["Properties"] for each in template["Resources"].values() if each["Type"] == kind]


def test_what_a_state_machine_gets() -> None:
    template = template_of({LOG_KEY: KEY, TEAM_KEY: "maps"}, machines=2)
    groups = resources(template, "AWS::Logs::LogGroup")
    assert [group["RetentionInDays"] for group in groups] == [LOG_RETENTION_DAYS] * 2
    assert [group["KmsKeyId"] for group in groups] == [KEY] * 2
    for role in resources(template, "AWS::IAM::Role"):
        assert BOUNDARY in str(role["PermissionsBoundary"])
    for made in resources(template, "AWS::StepFunctions::StateMachine"):
        assert {"Key": "team", "Value": "maps"} in made["Tags"]
        assert {"Key": "organisation", "Value": "globex"} in made["Tags"]


def test_an_app_without_context() -> None:
    template = template_of({})
    [group] = resources(template, "AWS::Logs::LogGroup")
    assert "KmsKeyId" not in group
    [made] = resources(template, "AWS::StepFunctions::StateMachine")
    assert {"Key": "team", "Value": "unknown"} in made["Tags"]
