"""What KMS encrypts by keys that constructs show: the role may use these."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Environment, Stack
from aws_cdk.aws_kms import Key
from aws_cdk.aws_s3 import Bucket, BucketEncryption
from aws_cdk.aws_sns import Topic
from aws_cdk.aws_sqs import Queue, QueueEncryption
from aws_cdk.aws_stepfunctions import CustomState
from tests.proofs import few

from sfn_fragments.environment import EnvBase
from sfn_fragments.fragments import create_state_machine

ENV = EnvBase("dev-x")
KNOWN = Environment(account="123456789012", region="us-east-1")
WRITE, READ = "kms:GenerateDataKey", "kms:Decrypt"


def stacks(kind: str) -> tuple[App, Stack, Stack]:
    """An app, the stack of the resources, and that of the state machine."""
    weak = {"@aws-cdk/core:defaultCrossStackReferences": "weak"} if kind == "weak" else {}
    app = App(context=weak)
    if kind == "one":
        stack = Stack(app, "Stack")
        return app, stack, stack
    env = KNOWN if kind == "known" else None
    return app, Stack(app, "Other", env=env), Stack(app, "Stack", env=env)


def machine(stack: Stack, resource: str, **parameters: Any) -> None:
    task = {"Type": "Task", "Resource": f"arn:aws:states:::{resource}", "Parameters": parameters}
    create_state_machine(stack, ENV, "m", "m", CustomState(stack, "Call", state_json=task))


def on_keys(app: App) -> list[tuple[list[str], Any]]:
    """The actions on keys that the role has, each with its key."""
    app.synth()
    template = json.loads((Path(app.outdir) / "Stack.template.json").read_text())
    return [
        (statement["Action"], statement["Resource"])
        for each in template["Resources"].values()
        if each["Type"] == "AWS::IAM::Policy" and each["Properties"]["PolicyName"] == "m-definition"
        for statement in each["Properties"]["PolicyDocument"]["Statement"]
        if statement["Action"][0].startswith("kms:")
    ]


@few(4)
@pytest.mark.parametrize("kind", ["one", "known", "strong", "weak"])
@pytest.mark.parametrize("what", ["bucket", "topic", "queue"])
def test_the_key_that_a_construct_shows_may_be_used(kind: str, what: str) -> None:
    app, other, stack = stacks(kind)
    key = Key(other, "Key")
    if what == "bucket":
        bucket = Bucket(other, "Bucket", encryption=BucketEncryption.KMS, encryption_key=key)
        # One of a key that S3 manages, and one that nothing is known of.
        Bucket(other, "Plain")
        machine(stack, "aws-sdk:s3:putObject", Bucket=bucket.bucket_name, Key="k", Body="x")
        expected = [WRITE]
    elif what == "topic":
        topic = Topic(other, "Topic", master_key=key)
        machine(stack, "sns:publish", TopicArn=topic.topic_arn, Message="m")
        expected = [READ, WRITE]
    else:
        queue = Queue(other, "Queue", encryption=QueueEncryption.KMS, encryption_master_key=key)
        machine(stack, "sqs:sendMessage", QueueUrl=queue.queue_url, MessageBody="m")
        expected = [READ, WRITE]
    [(actions, resources)] = on_keys(app)
    assert sorted(actions) == sorted(expected)
    [resource] = resources
    assert "Key" in json.dumps(resource)


def test_what_is_not_used_adds_nothing() -> None:
    app, _, stack = stacks("one")
    key = Key(stack, "Key")
    Topic(stack, "Encrypted", master_key=key)
    plain = Topic(stack, "Plain")
    machine(stack, "sns:publish", TopicArn=plain.topic_arn, Message="m")
    assert on_keys(app) == []


def test_reading_and_parts() -> None:
    app, _, stack = stacks("one")
    bucket = Bucket(stack, "Bucket", encryption=BucketEncryption.KMS)
    name = bucket.bucket_name
    first, second = (
        CustomState(
            stack,
            action,
            state_json={
                "Type": "Task",
                "Resource": f"arn:aws:states:::aws-sdk:s3:{action}",
                "Parameters": {"Bucket": name, "Key": "k"},
            },
        )
        for action in ("getObject", "createMultipartUpload")
    )
    create_state_machine(stack, ENV, "m", "m", first.next(second))
    [(actions, _)] = on_keys(app)
    assert sorted(actions) == [READ, WRITE]


def test_an_imported_bucket_shows_its_key() -> None:
    app, _, stack = stacks("one")
    key = Key.from_key_arn(stack, "Key", "arn:aws:kms:us-east-1:123456789012:key/0a1b")
    bucket = Bucket.from_bucket_attributes(
        stack, "Bucket", bucket_name="archive", encryption_key=key
    )
    machine(stack, "aws-sdk:s3:getObject", Bucket=bucket.bucket_name, Key="k")
    assert on_keys(app) == [([READ], ["arn:aws:kms:us-east-1:123456789012:key/0a1b"])]
