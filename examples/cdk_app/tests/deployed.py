"""The app, deployed to an engine, and what tests ask it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from constructs import Construct
    from imaging.stacks import Stacks

    from sfn_fragments_local import Deployment, Engine, ExecutionResult


@dataclass(frozen=True)
class Imaging:
    """The deployed app."""

    engine: Engine
    deployment: Deployment
    stacks: Stacks

    def id_of(self, construct: Construct) -> str:
        """The physical id of a resource: the name of a bucket, the id of a file system."""
        return self.deployment.physical_id(construct.node.path)

    def put(self, bucket: Construct, key: str, text: str) -> None:
        """Put an object into a bucket."""
        self.engine.client("s3").put_object(Bucket=self.id_of(bucket), Key=key, Body=text.encode())

    def text(self, bucket: Construct, key: str) -> str:
        """What an object holds."""
        stored = self.engine.client("s3").get_object(Bucket=self.id_of(bucket), Key=key)
        return str(stored["Body"].read().decode())

    def folder(self) -> Path:
        """What the file system holds."""
        return self.engine.file_system_folder(self.id_of(self.stacks.platform.file_system))

    def run(self, machine: Construct, request: Any) -> ExecutionResult:
        """Execute a state machine; it must succeed."""
        return self.engine.execute(request, machine.node.path).raise_for_status()

    def listen(self) -> None:
        """Put what is told from now on into a queue."""
        sqs, sns = self.engine.client("sqs"), self.engine.client("sns")
        url = sqs.create_queue(QueueName="told")["QueueUrl"]
        attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        queue, topic = attributes["Attributes"]["QueueArn"], self.id_of(self.stacks.platform.done)
        # As on AWS, the queue has to let the topic in.
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": queue,
            "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
        sns.subscribe(
            TopicArn=topic,
            Protocol="sqs",
            Endpoint=queue,
            Attributes={"RawMessageDelivery": "true"},
        )

    def messages(self) -> list[dict[str, Any]]:
        """What was told since the last time."""
        url = self.engine.client("sqs").get_queue_url(QueueName="told")["QueueUrl"]
        sqs = self.engine.client("sqs")
        received = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        for message in received:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return [json.loads(one["Body"]) for one in received]
