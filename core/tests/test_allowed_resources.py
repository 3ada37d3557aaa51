"""What an execution may choose: listed, checked, and told apart from what has no effect."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, CfnParameter, Stack
from aws_cdk.assertions import Template
from aws_cdk.aws_iam import Role, ServicePrincipal
from aws_cdk.aws_s3 import Bucket
from aws_cdk.aws_stepfunctions import CustomState, DistributedMap, Pass, S3JsonItemReader

from sfn_fragments.environment import EnvBase
from sfn_fragments.errors import InvalidParametersError
from sfn_fragments.fragments import EnvBaseStateMachineFragment, create_state_machine
from sfn_fragments.iam import AllowedResources
from sfn_fragments.states import S3Operation

if TYPE_CHECKING:
    from collections.abc import Mapping

ENV = EnvBase("dev-x")


@pytest.fixture
def stack() -> Stack:
    return Stack(App(), "Stack")


class Put(EnvBaseStateMachineFragment):
    """Puts an object at a key and into a bucket that the input names."""

    def __init__(self, scope: Any, id: str) -> None:
        super().__init__(scope, id, ENV)
        self.definition = S3Operation.put_object(self, "Put", "$.bucket", "a/b", "$.body")


def problems(**listed: Any) -> list[str]:
    with pytest.raises(InvalidParametersError) as raised:
        AllowedResources(**listed)
    return [f"{each.parameter}: {each.remedy}" for each in raised.value.problems]


def statements(stack: Stack) -> list[Mapping[str, Any]]:
    policies = Template.from_stack(stack).find_resources("AWS::IAM::Policy")
    return [
        statement
        for policy in policies.values()
        # The default policy holds what CDK's own constructs ask for.
        if policy["Properties"]["PolicyName"].startswith("m-")
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
    ]


def resources_of(stack: Stack, action: str) -> list[Any]:
    return [
        resource
        for statement in statements(stack)
        if action in statement["Action"]
        for resource in statement["Resource"]
    ]


def test_all_that_is_wrong_is_told_at_once(stack: Stack) -> None:
    assert problems(
        buckets=["good", "", 5],
        key_prefixes=["/a", Bucket(stack, "Bucket")],
        job_queues="queue",
        job_roles=["arn:aws:s3:::bucket", "*"],
        functions={"f"},
    ) == [
        "buckets[1]: give a bucket that is not empty",
        "buckets[2]: give a bucket by its name, its ARN or its construct",
        "key_prefixes[0]: leave out the slash at its beginning",
        "key_prefixes[1]: give a key prefix by its name",
        "job_queues: give a list",
        "job_roles[0]: give the ARN of a job role: arn:aws:iam:...",
        "job_roles[1]: begin it with a name: it would allow what belongs to others",
        "functions: give a list",
    ]


def test_a_list_without_effect_is_refused(stack: Stack) -> None:
    allowed = AllowedResources(job_queues=["queue"], functions=["f"])
    with pytest.raises(InvalidParametersError) as raised:
        Put(stack, "Put").to_state_machine("put", allowed_resources=allowed)
    assert [each.parameter for each in raised.value.problems] == ["job_queues", "functions"]


def test_what_is_refused_leaves_nothing_behind(stack: Stack) -> None:
    fragment = Put(stack, "Put")
    before = [child.node.id for child in fragment.node.children]
    for allowed, remedy in (
        (AllowedResources(functions=["f"]), "functions: .*leave it out"),
        (None, r"definition: .*make them \(the fragment\) anew"),
    ):
        with pytest.raises(InvalidParametersError, match=remedy):
            fragment.to_state_machine("put", allowed_resources=allowed)
        assert [child.node.id for child in fragment.node.children] == before


def test_a_refused_machine_without_a_fragment_leaves_nothing_behind(stack: Stack) -> None:
    allowed = AllowedResources(functions=["f"])
    definition = Put(stack, "Put").definition
    with pytest.raises(InvalidParametersError, match="functions"):
        create_state_machine(stack, ENV, "m", "m", definition, allowed_resources=allowed)
    assert [child.node.id for child in stack.node.children] == ["Put"]


@pytest.mark.parametrize("wrong", [3, {"buckets": []}])
def test_another_type_is_refused_with_the_other_parameters(stack: Stack, wrong: Any) -> None:
    timeout: Any = "x"
    with pytest.raises(InvalidParametersError) as raised:
        Put(stack, "Put").to_state_machine("", timeout=timeout, allowed_resources=wrong)
    assert [each.parameter for each in raised.value.problems] == [
        "state_machine_name",
        "timeout",
        "allowed_resources",
    ]
    with pytest.raises(InvalidParametersError, match=r"allowed_resources: .*AllowedResources"):
        create_state_machine(
            stack, ENV, "m", "m", Put(stack, "Other").definition, allowed_resources=wrong
        )


def test_a_list_that_leaves_nothing_is_refused(stack: Stack) -> None:
    with pytest.raises(InvalidParametersError) as raised:
        Put(stack, "Put").to_state_machine("put", allowed_resources=AllowedResources(buckets=[]))
    (problem,) = raised.value.problems
    assert problem.parameter == "buckets"
    assert "Put object' could use none" in problem.remedy


def test_names_tokens_and_constructs_are_allowed(stack: Stack) -> None:
    allowed = AllowedResources(
        buckets=["named", Bucket(stack, "Own"), CfnParameter(stack, "Given").value_as_string]
    )
    create_state_machine(
        stack, ENV, "m", "m", Put(stack, "Put").definition, allowed_resources=allowed
    )
    partition = {"Ref": "AWS::Partition"}
    own = next(iter(Template.from_stack(stack).find_resources("AWS::S3::Bucket")))
    assert resources_of(stack, "s3:PutObject") == [
        {"Fn::Join": ["", ["arn:", partition, ":s3:::named/a/b"]]},
        {"Fn::Join": ["", ["arn:", partition, ":s3:::", {"Ref": own}, "/a/b"]]},
        {"Fn::Join": ["", ["arn:", partition, ":s3:::", {"Ref": "Given"}, "/a/b"]]},
    ]


def test_roles_are_given_by_their_arns(stack: Stack) -> None:
    register = CustomState(
        stack,
        "Register",
        state_json={
            "Type": "Task",
            "Resource": "arn:aws:states:::aws-sdk:batch:registerJobDefinition",
            "Parameters": {
                "JobDefinitionName": "n",
                "ContainerProperties": {"JobRoleArn.$": "$.role"},
            },
        },
    )
    role = Role(stack, "Worker", assumed_by=ServicePrincipal("ecs-tasks.amazonaws.com"))
    allowed = AllowedResources(job_roles=[role])
    create_state_machine(stack, ENV, "m", "m", register, allowed_resources=allowed)
    logical_id = stack.resolve(role.role_arn)["Fn::GetAtt"][0]
    assert resources_of(stack, "iam:PassRole") == [{"Fn::GetAtt": [logical_id, "Arn"]}]


def distributed(stack: Stack) -> DistributedMap:
    reader = S3JsonItemReader(bucket=Bucket(stack, "Items"), key="items.json")
    return DistributedMap(stack, "Map", item_reader=reader).item_processor(Pass(stack, "Pass"))


def test_a_distributed_map_of_a_machine_with_a_name(stack: Stack) -> None:
    create_state_machine(stack, ENV, "m", "batches", distributed(stack))
    (start,) = resources_of(stack, "states:StartExecution")
    assert start["Fn::Join"][1][-1] == ":stateMachine:dev-x-batches"
    (redrive,) = resources_of(stack, "states:RedriveExecution")
    assert redrive["Fn::Join"][1][-1] == ":execution:dev-x-batches/*"


def test_a_distributed_map_of_a_machine_that_cloudformation_names(stack: Stack) -> None:
    create_state_machine(stack, ENV, "m", None, distributed(stack))
    template = Template.from_stack(stack)
    (machine_id,) = template.find_resources("AWS::StepFunctions::StateMachine")
    (machine,) = template.find_resources("AWS::StepFunctions::StateMachine").values()
    (of_maps,) = [
        (logical_id, policy["Properties"])
        for logical_id, policy in template.find_resources("AWS::IAM::Policy").items()
        if policy["Properties"]["PolicyName"] == "m-map-runs"
    ]
    start, watch, redrive = of_maps[1]["PolicyDocument"]["Statement"]
    assert start["Resource"] == [{"Ref": machine_id}]
    name = {"Fn::Select": [6, {"Fn::Split": [":", {"Ref": machine_id}]}]}
    assert [each["Fn::Join"][1][-2:] for each in watch["Resource"]] == [[name, ":*"], [name, "/*"]]
    assert redrive["Action"] == ["states:RedriveExecution"]
    # The policy waits for the machine, and so the machine must not wait for it.
    assert of_maps[0] not in machine["DependsOn"]


def test_arns_are_of_the_partition_of_the_stack(stack: Stack) -> None:
    create_state_machine(stack, ENV, "m", None, Put(stack, "Put").definition)
    # The definition too: another partition's integrations are unknown to Step Functions.
    assert "arn:aws:" not in json.dumps(Template.from_stack(stack).to_json())
