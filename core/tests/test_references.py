"""What a role may use of other stacks: the references of the policy are those of the definition."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Environment, Fn, NestedStack, Stack
from aws_cdk.aws_batch import FargateComputeEnvironment, JobQueue
from aws_cdk.aws_ec2 import Vpc
from aws_cdk.aws_lambda import Code, Function, Runtime
from aws_cdk.aws_s3 import Bucket
from aws_cdk.aws_stepfunctions import CustomState

from sfn_fragments.environment import EnvBase
from sfn_fragments.fragments import LambdaFunctionFragment, create_state_machine
from sfn_fragments.iam import AllowedResources
from sfn_fragments.states import S3Operation

if TYPE_CHECKING:
    from collections.abc import Iterator

ENV = EnvBase("dev-x")
KNOWN = Environment(account="123456789012", region="us-east-1")


def stacks(kind: str) -> tuple[App, Stack, Stack]:
    """An app, the stack of the resources, and that of the state machine."""
    # As in a fresh project.
    weak = {"@aws-cdk/core:defaultCrossStackReferences": "weak"} if kind == "weak" else {}
    app = App(context=weak)
    if kind == "nested":
        parent = Stack(app, "Other")
        return app, parent, NestedStack(parent, "Stack")
    env = None if kind in ("unknown", "weak") else KNOWN
    if kind == "region":
        there = Environment(account=KNOWN.account, region="us-west-2")
        other = Stack(app, "Other", env=there, cross_region_references=True)
        return app, other, Stack(app, "Stack", env=env, cross_region_references=True)
    return app, Stack(app, "Other", env=env), Stack(app, "Stack", env=env)


def resources(app: App) -> list[dict[str, Any]]:
    """The resources of the template that holds the state machine."""
    app.synth()
    for file in Path(app.outdir).glob("*.template.json"):
        found: list[dict[str, Any]] = list(json.loads(file.read_text())["Resources"].values())
        if any(each["Type"] == "AWS::StepFunctions::StateMachine" for each in found):
            return found
    raise AssertionError("no state machine")


def leaves(value: Any) -> Iterator[str]:
    """Every reference in a value but pseudo parameters, as text."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key == "Fn::GetStackOutput":
                # It has a region besides, a pseudo parameter.
                yield json.dumps({key: item})
            elif key in ("Ref", "Fn::ImportValue", "Fn::GetAtt") and "AWS::" not in str(item):
                yield json.dumps({key: item})
            else:
                yield from leaves(item)
    elif isinstance(value, list):
        for item in value:
            yield from leaves(item)


def in_definition_and_policy(app: App) -> tuple[set[str], set[str]]:
    found = resources(app)
    (machine,) = [each for each in found if each["Type"] == "AWS::StepFunctions::StateMachine"]
    policies = [
        each["Properties"]["PolicyDocument"]
        for each in found
        if each["Type"] == "AWS::IAM::Policy"
        and str(each["Properties"]["PolicyName"]).endswith("-definition")
    ]
    return set(leaves(machine["Properties"]["DefinitionString"])), set(leaves(policies))


@pytest.mark.parametrize("kind", ["unknown", "known", "nested", "region", "weak"])
def test_buckets_of_another_stack(kind: str) -> None:
    app, other, stack = stacks(kind)
    # Of the same logical id: one is not to be taken for the other.
    theirs, ours = Bucket(other, "Data"), Bucket(stack, "Data")
    first = S3Operation.put_object(stack, "One", theirs.bucket_name, "$.key", "$.body")
    second = S3Operation.put_object(stack, "Two", ours.bucket_name, "$.key", "$.body")
    create_state_machine(stack, ENV, "m", "m", first.next(second))
    definition, policy = in_definition_and_policy(app)
    assert policy == definition
    assert len(policy) == 2


@pytest.mark.parametrize("kind", ["unknown", "known", "nested", "weak"])
def test_allowed_buckets_of_another_stack(kind: str) -> None:
    app, other, stack = stacks(kind)
    allowed = AllowedResources(buckets=[Bucket(other, "Data").bucket_name])
    put = S3Operation.put_object(stack, "Put", "$.bucket", "$.key", "$.body")
    create_state_machine(stack, ENV, "m", "m", put, allowed_resources=allowed)
    definition, policy = in_definition_and_policy(app)
    assert definition == set()
    (reference,) = policy
    # Older releases of CDK have strong references alone, whatever the flag says.
    weak = "Fn::GetStackOutput" if hasattr(Fn, "get_stack_output") else "Fn::ImportValue"
    how = {"nested": "referencetoOther", "weak": weak}
    assert how.get(kind, "Fn::ImportValue") in reference


@pytest.mark.parametrize("kind", ["unknown", "nested", "weak"])
def test_a_function_of_another_stack(kind: str) -> None:
    app, other, stack = stacks(kind)
    code = Code.from_inline("def handler(event, context): return event")
    function = Function(
        other, "Function", runtime=Runtime.PYTHON_3_13, handler="index.handler", code=code
    )
    fragment = LambdaFunctionFragment(stack, "Greet", ENV, lambda_function=function)
    fragment.to_state_machine("greet")
    found = resources(app)
    statements = [
        statement
        for each in found
        if each["Type"] == "AWS::IAM::Policy"
        for statement in each["Properties"]["PolicyDocument"]["Statement"]
        if statement["Action"] in ("lambda:InvokeFunction", ["lambda:InvokeFunction"])
    ]
    [statement] = statements
    [resource] = statement["Resource"]
    # It is the function's ARN, and not a name that an ARN is made of.
    assert set(resource) <= {"Fn::GetStackOutput", "Fn::ImportValue", "Ref"}, resource


@pytest.mark.parametrize("kind", ["unknown", "known", "weak"])
def test_a_queue_of_another_stack(kind: str) -> None:
    app, other, stack = stacks(kind)
    queue = JobQueue(other, "Queue", job_queue_name="anything")
    vpc = Vpc(other, "Network", max_azs=1)
    queue.add_compute_environment(FargateComputeEnvironment(other, "Compute", vpc=vpc), 1)
    job = {"JobName": "j", "JobDefinition": "d", "JobQueue": queue.job_queue_arn}
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::batch:submitJob",
        "Parameters": job,
    }
    submit = CustomState(stack, "Submit", state_json=task)
    create_state_machine(stack, ENV, "m", "m", submit)
    (statement,) = [
        statement
        for each in resources(app)
        if each["Type"] == "AWS::IAM::Policy"
        for statement in each["Properties"]["PolicyDocument"]["Statement"]
        if statement["Action"] == ["batch:SubmitJob"]
    ]
    (reference,) = [one for one in statement["Resource"] if "JobQueueArn" in str(one)]
    # It is the queue's ARN, and not a name that an ARN is made of.
    assert set(reference) <= {"Fn::GetStackOutput", "Fn::ImportValue"}, reference
