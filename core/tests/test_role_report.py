"""What a role holds, wherever it stands, and which part of it is for logs and traces."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Stack
from aws_cdk.assertions import Template
from aws_cdk.aws_stepfunctions import CustomState, DefinitionBody, StateMachine

from sfn_fragments.checks import builtin_checks, run_checks
from sfn_fragments.checks.templates import state_machines
from sfn_fragments.environment import EnvBase
from sfn_fragments.fragments import create_log_options, create_role, create_state_machine
from sfn_fragments.iam.observation import LOG_DELIVERY, TRACES
from sfn_fragments.iam.role_report import RoleStatement, allowed_actions, role_statements
from sfn_fragments.states import S3Operation

ENV = EnvBase("dev-x")


def describe(stack: Stack, service: str, action: str) -> CustomState:
    resource = f"arn:aws:states:::aws-sdk:{service}:{action}"
    state = {"Type": "Task", "Resource": resource, "Parameters": {}}
    return CustomState(stack, "Describe", state_json=state)


def report(definition: CustomState, *, given: bool) -> list[RoleStatement]:
    stack = Stack.of(definition)
    role = create_role(stack, "r", ENV, include_default_managed_policies=False) if given else None
    logs = create_log_options(stack, "m", ENV)
    machine = create_state_machine(stack, ENV, "m", "m", definition, role=role, logs=logs)
    template = Template.from_stack(stack).to_json()
    return role_statements(template, stack.get_logical_id(machine.node.default_child), "dev-x")  # type: ignore[arg-type]  # it has one


@pytest.mark.parametrize("given", [True, False], ids=["given", "own"])
def test_logs_and_traces_are_told_apart_from_what_states_need(given: bool) -> None:
    found = report(describe(Stack(App(), "Stack"), "batch", "describeJobs"), given=given)
    needed = {each.reason or each.states: set(each.actions) for each in found}
    assert needed == {
        ("Describe",): {"batch:DescribeJobs"},
        "logging": set(LOG_DELIVERY),
        "tracing": set(TRACES),
    }
    assert {each.resources for each in found} == {("*",)}


@pytest.mark.parametrize("given", [True, False], ids=["given", "own"])
def test_what_a_state_needs_too_is_for_the_state(given: bool) -> None:
    stack = Stack(App(), "Stack")
    found = report(describe(stack, "cloudwatchlogs", "describeLogGroups"), given=given)
    (of_state,) = [each for each in found if each.states]
    assert of_state.actions == ("logs:DescribeLogGroups",)
    assert {each.reason for each in found} == {"", "logging", "tracing"}


ALLOWING = {"Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}}
ROLE = {"Type": "AWS::IAM::Role", "Properties": {}}


@pytest.mark.parametrize(
    ("resources", "found"),
    [
        ({"Role": ROLE}, set()),
        ({}, None),
        (
            {
                "Role": ROLE,
                "P": {
                    "Type": "AWS::IAM::Policy",
                    "Properties": {"Roles": [{"Ref": "Role"}], "PolicyDocument": ALLOWING},
                },
            },
            {"s3:GetObject"},
        ),
        (
            {
                "Role": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "mine"}},
                "P": {
                    "Type": "AWS::IAM::ManagedPolicy",
                    "Properties": {"Roles": ["mine"], "PolicyDocument": ALLOWING},
                },
            },
            {"s3:GetObject"},
        ),
        (
            {
                "Role": {
                    "Type": "AWS::IAM::Role",
                    "Properties": {"ManagedPolicyArns": [{"Ref": "P"}]},
                },
                "P": {
                    "Type": "AWS::IAM::ManagedPolicy",
                    "Properties": {"PolicyDocument": ALLOWING},
                },
            },
            {"s3:GetObject"},
        ),
        (
            {
                "Role": {
                    "Type": "AWS::IAM::Role",
                    "Properties": {
                        "Policies": [
                            {
                                "PolicyName": "p",
                                "PolicyDocument": {
                                    "Statement": {"Effect": "Allow", "NotAction": "s3:PutObject"}
                                },
                            }
                        ]
                    },
                }
            },
            None,
        ),
    ],
    ids=["nothing", "elsewhere", "policy", "by name", "managed", "all but one"],
)
def test_what_a_role_allows(resources: dict[str, Any], found: set[str] | None) -> None:
    machine = {"Properties": {"RoleArn": {"Fn::GetAtt": ["Role", "Arn"]}}}
    assert allowed_actions({"Machine": machine, **resources}, "Machine") == found


def test_a_fragment_in_a_machine_of_cdk_is_told_to_lack_permissions() -> None:
    stack = Stack(App(), "Stack")
    put = S3Operation.put_object(stack, "Put", "bucket", "key", "$")
    StateMachine(stack, "Machine", definition_body=DefinitionBody.from_chainable(put))
    machines, problems = state_machines(Template.from_stack(stack).to_json(), Path("template"))
    assert problems == []
    (machine,) = machines
    report = run_checks(machine.checked, builtin_checks())
    (found,) = [each for check, each in report.findings if check.id == "core.missing-permission"]
    assert found.message == "the role allows nowhere s3:PutObject"
