"""What a role holds, wherever it stands, and which part of it is for logs and traces."""

from __future__ import annotations

import pytest
from aws_cdk import App, Stack
from aws_cdk.assertions import Template
from aws_cdk.aws_stepfunctions import CustomState

from sfn_fragments.environment import EnvBase
from sfn_fragments.fragments import create_log_options, create_role, create_state_machine
from sfn_fragments_asl.permissions.observation import LOG_DELIVERY, TRACES
from sfn_fragments_asl.permissions.role_report import RoleStatement, role_statements

ENV = EnvBase("dev-x")


def describe(stack: Stack, service: str, action: str) -> CustomState:
    resource = f"arn:aws:states:::aws-sdk:{service}:{action}"
    state = {"Type": "Task", "Resource": resource, "Parameters": {}}
    return CustomState(stack, "Describe", state_json=state)


def report(definition: CustomState, *, given: bool) -> list[RoleStatement]:
    stack = Stack.of(definition)
    role = create_role(stack, "r", ENV, include_default_managed_policies=False) if given else None
    logs = create_log_options(stack, "m", ENV)
    create_state_machine(stack, ENV, "m", "m", definition, role=role, logs=logs)
    template = Template.from_stack(stack)
    (machine_id,) = template.find_resources("AWS::StepFunctions::StateMachine")
    return role_statements(template.to_json(), machine_id, "dev-x")


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
