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

from sfn_fragments import get_registry, hookimpl
from sfn_fragments.environment import EnvBase
from sfn_fragments.errors import InvalidParametersError
from sfn_fragments.sandbox import Sandbox
from sfn_fragments_batch import BatchInvokedLambdaFunction, JobOptions, SubmitJobFragment
from sfn_fragments_batch.retries import RETRY_STRATEGY, default_retries

if TYPE_CHECKING:
    from collections.abc import Iterator

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
    return requests(fragment)["registerJobDefinition"]


def requests(fragment: Any) -> dict[str, dict[str, Any]]:
    states = StateGraph(fragment.start_state, "test").to_graph_json()["States"]
    return {
        one["Resource"].rpartition(":")[2]: one["Arguments"]
        for one in states.values()
        if one["Type"] == "Task"
    }


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


def test_an_imported_environment_does_not_show_its_platform(stack: Stack) -> None:
    arn = "arn:aws:batch:us-east-1:123456789012:compute-environment/theirs"
    theirs = FargateComputeEnvironment.from_fargate_compute_environment_arn(stack, "Theirs", arn)
    given: dict[str, Any] = {"name": "job", "job_queue": queue(stack, "TheirQueue", theirs)}
    options = JobOptions(platform="FARGATE", execution_role=ROLE)
    job = SubmitJobFragment(
        stack, "There", ENV, image="img", memory=2048, vcpus=1, job_options=options, **given
    )
    assert registered(job)["PlatformCapabilities"] == ["FARGATE"]


def test_a_definition_that_exists_has_its_own_role(
    stack: Stack, environments: dict[str, IComputeEnvironment]
) -> None:
    fargate = queue(stack, "Existing", environments["FARGATE"])
    SubmitJobFragment(stack, "Existed", ENV, "job", fargate, job_definition="theirs")


def test_the_queues_go_together(stack: Stack, environments: dict[str, IComputeEnvironment]) -> None:
    first, second = (queue(stack, f"{one}First", environments[one]) for one in environments)
    policy = FairshareSchedulingPolicy(stack, "Fairness")
    fair = queue(stack, "SecondFair", environments["EC2"], scheduling_policy=policy)
    given: dict[str, Any] = {"name": "job", "image": "img", "memory": 2048, "vcpus": 1}
    for options, own, problem in (
        (JobOptions(fallback_job_queue=second, execution_role=ROLE), first, "is not on FARGATE"),
        (JobOptions(fallback_job_queue=fair), second, "share_identifier: None: give it"),
        (JobOptions(share_identifier="x"), second, "share_identifier: 'x': leave it out"),
    ):
        with pytest.raises(InvalidParametersError, match=problem):
            SubmitJobFragment(stack, "Refused", ENV, job_queue=own, job_options=options, **given)


def test_an_organisation_does_not_know_every_job(
    stack: Stack, environments: dict[str, IComputeEnvironment]
) -> None:
    class Organisation:
        @hookimpl
        def sfn_fragments_batch_job_options(self) -> Iterator[JobOptions]:
            yield JobOptions(
                tags={"a": "b"},
                log_configuration="/acme/jobs",
                ulimits={"nofile": 512},
                ephemeral_storage=50,
                share_identifier="acme",
                fallback_job_queue="dev-x-other",
                execution_role=ROLE,
                platform="EC2",
                allow_override=["shared_memory_size", "tags"],
            )

    plugin = Organisation()
    manager = get_registry().plugin_manager
    manager.register(plugin)
    fargate = queue(stack, "TheirFargate", environments["FARGATE"])
    size: dict[str, Any] = {"memory": 2048, "vcpus": 1}
    try:
        job = SubmitJobFragment(stack, "OnFargate", ENV, "job", fargate, "img", **size)
        exists = SubmitJobFragment(stack, "Known", ENV, "job", "queue", job_definition="theirs")
        array = SubmitJobFragment(
            stack, "Array", ENV, "job", "queue", "img", **size, job_options=JobOptions(array_size=2)
        )
    finally:
        manager.unregister(plugin)
    made = requests(job)
    properties = made["registerJobDefinition"]["ContainerProperties"]
    assert properties["ExecutionRoleArn"] == ROLE
    assert properties["LogConfiguration"]["Options"] == {"awslogs-group": "/acme/jobs"}
    assert "Ulimits" not in properties
    assert properties["EphemeralStorage"] == {"SizeInGiB": 50}
    assert "ShareIdentifier" not in made["submitJob.sync"]
    assert "dev-x-other" in str(made["submitJob.sync"])
    on_ec2 = requests(array)
    assert "EphemeralStorage" not in on_ec2["registerJobDefinition"]["ContainerProperties"]
    assert "dev-x-other" not in str(on_ec2)
    assert requests(exists)["submitJob.sync"]["ShareIdentifier"] == "acme"
    told = [str(one.data) for one in stack.node.metadata]
    [warning] = [one for one in told if "job definition that exists" in one]
    assert "log_configuration, ulimits, ephemeral_storage, platform, execution_role" in warning


def test_batch_takes_the_default_retries() -> None:
    for strategy in (RETRY_STRATEGY, default_retries(["FARGATE"])):
        rules = strategy["EvaluateOnExit"]
        assert len(rules) <= 5
        assert rules[-1] == {"Action": "EXIT", "OnStatusReason": "*"}
        assert any("Spot Task" in one.get("OnStatusReason", "") for one in rules)
        assert any("CannotPull" in one.get("OnReason", "") for one in rules)
