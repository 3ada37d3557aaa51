"""A role that is too large for IAM's inline policies has managed ones, and allows the same."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Stack
from aws_cdk.aws_iam import PolicyDocument, PolicyStatement, Role, ServicePrincipal
from aws_cdk.aws_s3 import Bucket
from aws_cdk.aws_stepfunctions import Chain, IChainable
from constructs import Construct
from tests.proofs import long_proof

from sfn_fragments.environment import EnvBase
from sfn_fragments.fragments import create_state_machine
from sfn_fragments.states import S3Operation
from sfn_fragments_asl.permissions.policy_parts import (
    MAX_INLINE,
    MAX_MANAGED,
    size_at_least,
    size_at_most,
)
from sfn_fragments_asl.permissions.role_report import role_statements
from sfn_fragments_batch import SubmitJobFragment
from sfn_fragments_local import Engine
from sfn_fragments_local.deployment import DeploymentError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ENV = EnvBase("dev-x")


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine() as engine:
        yield engine


@pytest.fixture
def stack() -> Stack:
    return Stack(App(analytics_reporting=False), "Stack")


def template_of(stack: Stack) -> dict[str, Any]:
    app = stack.node.root
    assert isinstance(app, App)
    template: dict[str, Any] = app.synth(force=True).get_stack_by_name(stack.stack_name).template
    return template


def of_type(template: dict[str, Any], kind: str) -> dict[str, Any]:
    return {key: one for key, one in template["Resources"].items() if one["Type"] == kind}


def policies(template: dict[str, Any]) -> tuple[list[Any], list[Any]]:
    """The documents of the inline and of the managed policies."""
    inline, managed = (
        [one["Properties"]["PolicyDocument"] for one in of_type(template, kind).values()]
        for kind in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy")
    )
    return inline, managed


def chained(steps: Sequence[IChainable]) -> Chain:
    chain = Chain.start(steps[0])
    for step in steps[1:]:
        chain = chain.next(step)
    return chain


def jobs(stack: Stack, count: int) -> Chain:
    return chained(
        [
            SubmitJobFragment(
                stack,
                f"Job{number}",
                ENV,
                name=f"align-{number}",
                image="image",
                command=["true"],
                job_queue="dev-x-queue",
                memory=512,
                vcpus=1,
            )
            for number in range(count)
        ]
    )


def puts(scope: Construct, buckets: Sequence[str], keys: int) -> Chain:
    """Objects with keys of their own, long enough that a role of them is large."""
    return chained(
        [
            S3Operation.put_object(scope, f"Put{place}-{number}", bucket, key, "$")
            for place, bucket in enumerate(buckets)
            for number in range(keys)
            if (key := f"{number:03}/{'k' * 150}")
        ]
    )


@long_proof
def test_thirty_jobs_fit_into_the_inline_policy_and_run(stack: Stack, engine: Engine) -> None:
    create_state_machine(stack, ENV, "jobs", "jobs", jobs(stack, 30))
    template = template_of(stack)
    inline, managed = policies(template)
    assert sum(map(size_at_most, inline)) < MAX_INLINE
    assert managed == []
    engine.create_job_queue("dev-x-queue")
    engine.deploy(template, name="jobs")
    engine.execute(state_machine="dev-x-jobs").raise_for_status()


@long_proof
def test_what_exceeds_it_is_deployed_and_enforced(stack: Stack, engine: Engine) -> None:
    engine.create_bucket("bucket")
    create_state_machine(stack, ENV, "puts", "puts", puts(stack, ["bucket"], 80))
    template = template_of(stack)
    inline, managed = policies(template)
    assert len(managed) >= 1
    assert sum(map(size_at_most, inline)) < MAX_INLINE
    assert max(map(size_at_most, managed)) <= MAX_MANAGED
    (machine,) = of_type(template, "AWS::StepFunctions::StateMachine").values()
    # It is not made before its role may do everything.
    for kind in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
        assert {*of_type(template, kind)} <= {*machine["DependsOn"]}
    engine.deploy(template, name="puts")
    engine.execute(state_machine="dev-x-puts").raise_for_status()
    # Without one of them, a state is refused; a policy that is changed counts at once.
    logical_id, last = [*of_type(template, "AWS::IAM::ManagedPolicy").items()][-1]
    kept = last["Properties"]["PolicyDocument"]["Statement"]
    (statement,) = [one for one in kept if "s3:PutObject" in one["Action"]]
    resource = statement["Resource"].pop()
    key = json.dumps(resource).rpartition("bucket/")[2][:3]
    engine.deploy(template, name="puts")
    refused = engine.execute(state_machine="dev-x-puts")
    assert f"s3:PutObject on resource: arn:aws:s3:::bucket/{key}" in str(refused.cause)
    statement["Resource"].append(resource)
    engine.deploy(template, name="puts")
    engine.execute(state_machine="dev-x-puts").raise_for_status()
    del template["Resources"][logical_id]
    machine["DependsOn"].remove(logical_id)
    engine.deploy(template, name="puts")
    assert "s3:PutObject" in str(engine.execute(state_machine="dev-x-puts").cause)


def test_what_does_not_fit_is_refused_as_by_aws(stack: Stack, engine: Engine) -> None:
    create_state_machine(stack, ENV, "large", "large", puts(stack, ["bucket"], 80))
    template = template_of(stack)
    inline, managed = policies(template)
    (statement,) = [one for one in inline[0]["Statement"] if "s3:PutObject" in one["Action"]]
    for document in managed:
        statement["Resource"] += document["Statement"][0]["Resource"]
    assert size_at_least(inline[0]) > MAX_INLINE
    with pytest.raises(DeploymentError, match="Maximum policy size of 10240 bytes exceeded"):
        engine.deploy(template, name="large")


def test_names_that_cloudformation_knows_late_are_cut_at_the_same_places() -> None:
    app = App(analytics_reporting=False)
    data, stack = Stack(app, "Data"), Stack(app, "Stack")
    buckets = [Bucket(data, f"Bucket{number}") for number in range(60)]
    chain = puts(stack, [bucket.bucket_name for bucket in buckets], 1)
    create_state_machine(stack, ENV, "late", "late", chain)
    template = template_of(stack)
    inline, managed = policies(template)
    documents = [*inline, *managed]
    allowed = [
        json.dumps(resource)
        for document in documents
        for statement in document["Statement"]
        for resource in statement["Resource"]
        if "s3:PutObject" in statement["Action"]
    ]
    assert len(managed) > 1
    assert len(set(allowed)) == len(allowed) == 60
    assert not [one for one in allowed if "Fn::ImportValue" not in one]
    assert all(document["Statement"] for document in documents)


def test_two_machines_of_one_role_share_its_inline_policies(stack: Stack) -> None:
    role = Role(stack, "Role", assumed_by=ServicePrincipal("states.amazonaws.com"))
    for name in ("one", "two"):
        scope = Construct(stack, name)
        create_state_machine(scope, ENV, name, name, puts(scope, [name], 25), role=role)
    inline, managed = policies(template_of(stack))
    assert sum(map(size_at_most, inline)) < MAX_INLINE
    assert len(managed) == 1


def test_the_policies_that_a_role_is_made_with_count(stack: Stack) -> None:
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    objects = [f"arn:aws:s3:::{'b' * 50}-{number}/*" for number in range(100)]
    read = PolicyStatement(actions=["s3:GetObject"], resources=objects)
    role = Role(
        stack,
        "Role",
        assumed_by=ServicePrincipal("states.amazonaws.com"),
        inline_policies={"own": PolicyDocument(statements=[read])},
    )
    create_state_machine(stack, ENV, "one", "one", puts(stack, ["bucket"], 25), role=role)
    template = template_of(stack)
    inline, managed = policies(template)
    (given,) = of_type(template, "AWS::IAM::Role").values()
    inline += [each["PolicyDocument"] for each in given["Properties"]["Policies"]]
    assert sum(map(size_at_most, inline)) < MAX_INLINE
    assert len(managed) == 1


def test_ids_stay_when_a_role_grows() -> None:
    found = []
    for count in (2, 60, 120):
        stack = Stack(App(analytics_reporting=False), "Stack")
        create_state_machine(stack, ENV, "grows", "grows", puts(stack, ["bucket"], count))
        template = template_of(stack)
        found.append(
            [
                key
                for kind in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy")
                for key in of_type(template, kind)
            ]
        )
    few, more, most = found
    assert few == more[:1] == most[:1]
    assert more == most[: len(more)]
    assert len(few) < len(more) < len(most)


def test_the_report_of_a_role_holds_all_of_it(stack: Stack) -> None:
    create_state_machine(stack, ENV, "told", "told", puts(stack, ["bucket"], 80))
    template = template_of(stack)
    (machine,) = of_type(template, "AWS::StepFunctions::StateMachine")
    statements = role_statements(template, machine, "dev-x")
    states = [state for one in statements for state in one.states]
    assert len(set(states)) == 80
    put = [one for one in statements if "s3:PutObject" in one.actions]
    # Each key is needed by its own state alone.
    assert {len(one.states) for one in put} == {1}
    assert {one.reason for one in statements} == {"", "logging", "tracing"}
