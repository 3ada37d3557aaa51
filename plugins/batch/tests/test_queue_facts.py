"""A queue that is a construct decides the platform; Spot and pulled images are tried again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk.aws_batch import (
    FairshareSchedulingPolicy,
    FargateComputeEnvironment,
    JobQueue,
    ManagedEc2EcsComputeEnvironment,
    OrderedComputeEnvironment,
)
from aws_cdk.aws_ec2 import Vpc
from aws_cdk.aws_stepfunctions import StateGraph

from sfn_fragments.environment import EnvBase
from sfn_fragments.errors import InvalidParametersError
from sfn_fragments.sandbox import Sandbox
from sfn_fragments_batch import BatchInvokedLambdaFunction, JobOptions, SubmitJobFragment
from sfn_fragments_batch.retries import RETRY_STRATEGY, default_retries

if TYPE_CHECKING:
    from aws_cdk import Stack
    from aws_cdk.aws_batch import IComputeEnvironment

ENV = EnvBase("dev-x")
ROLE = "arn:aws:iam::123456789012:role/dev-x-execution"


@pytest.fixture(scope="module")
def stack() -> Stack:
    return Sandbox("dev-x").stack


@pytest.fixture(scope="module")
def environments(stack: Stack) -> dict[str, IComputeEnvironment]:
    vpc = Vpc(stack, "Vpc", nat_gateways=0)
    return {
        "FARGATE": FargateComputeEnvironment(stack, "Fargate", vpc=vpc, spot=True),
        "EC2": ManagedEc2EcsComputeEnvironment(stack, "Ec2", vpc=vpc),
    }


def queue(stack: Stack, id: str, environment: IComputeEnvironment, **given: Any) -> JobQueue:
    ordered = OrderedComputeEnvironment(compute_environment=environment, order=1)
    return JobQueue(stack, id, compute_environments=[ordered], **given)


def registered(fragment: Any) -> dict[str, Any]:
    states = StateGraph(fragment.start_state, "test").to_graph_json()["States"]
    [found] = [one for one in states.values() if ":registerJob" in one.get("Resource", "")]
    arguments: dict[str, Any] = found["Arguments"]
    return arguments


def test_a_fargate_queue_gets_fargate_definitions(
    stack: Stack, environments: dict[str, IComputeEnvironment]
) -> None:
    fargate = queue(stack, "FargateQueue", environments["FARGATE"])
    given: dict[str, Any] = {"name": "job", "job_queue": fargate, "vcpus": 1}
    job = SubmitJobFragment(
        stack, "Job", ENV, image="img", memory=2048, execution_role_arn=ROLE, **given
    )
    arguments = registered(job)
    assert arguments["PlatformCapabilities"] == ["FARGATE"]
    assert arguments["ContainerProperties"]["ExecutionRoleArn"] == ROLE
    reasons = [one.get("OnStatusReason") for one in arguments["RetryStrategy"]["EvaluateOnExit"]]
    assert "CannotPull*" in reasons
    with pytest.raises(InvalidParametersError) as raised:
        SubmitJobFragment(stack, "Small", ENV, image="img", memory=512, **given)
    assert {one.parameter for one in raised.value.problems} == {"memory", "execution_role_arn"}
    with pytest.raises(InvalidParametersError, match="compute environment is on FARGATE"):
        SubmitJobFragment(
            stack, "Ec2Job", ENV, image="i", memory=512, platform_capabilities=["EC2"], **given
        )
    # The fragment's own default is made one that Fargate has.
    handler = BatchInvokedLambdaFunction.with_defaults(
        stack,
        "Handler",
        ENV,
        name="handler",
        job_queue=fargate,
        bucket_name="dev-x-bucket",
        job_options=JobOptions(execution_role=ROLE, assign_public_ip=True),
    )
    definition = json.dumps(StateGraph(handler.start_state, "test").to_graph_json())
    assert '\\"memory\\": 2048' in definition


def test_an_ec2_queue_is_as_before(
    stack: Stack, environments: dict[str, IComputeEnvironment]
) -> None:
    ec2 = queue(stack, "Ec2Queue", environments["EC2"])
    job = SubmitJobFragment(stack, "OnEc2", ENV, "job", ec2, "img", memory=512, vcpus=1)
    assert "PlatformCapabilities" not in registered(job)


def test_a_policy_asks_for_a_share_identifier(
    stack: Stack, environments: dict[str, IComputeEnvironment]
) -> None:
    policy = FairshareSchedulingPolicy(stack, "Policy")
    fair = queue(stack, "FairQueue", environments["EC2"], scheduling_policy=policy)
    given: dict[str, Any] = {"name": "job", "job_queue": fair, "image": "img"}
    with pytest.raises(InvalidParametersError, match=r"share_identifier: None: give it"):
        SubmitJobFragment(stack, "Unfair", ENV, memory=512, vcpus=1, **given)
    options = JobOptions(share_identifier="x")
    SubmitJobFragment(stack, "Fair", ENV, memory=512, vcpus=1, job_options=options, **given)


def test_batch_takes_the_default_retries() -> None:
    for strategy in (RETRY_STRATEGY, default_retries(["FARGATE"])):
        rules = strategy["EvaluateOnExit"]
        assert len(rules) <= 5
        assert rules[-1] == {"Action": "EXIT", "OnStatusReason": "*"}
        assert any("Spot Task" in one.get("OnStatusReason", "") for one in rules)
        assert any("CannotPull" in one.get("OnReason", "") for one in rules)
