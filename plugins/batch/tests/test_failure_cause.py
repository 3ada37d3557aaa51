"""What the cause of a failed job says first, wherever it ran and whatever is known of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonata import Jsonata

from sfn_fragments_asl.model.jsonata_source import Expression
from sfn_fragments_batch.failure_cause import told_cause

STREAM = "align/default/0123"


def summary(region: str = "us-east-1", partition: str = "aws", **container: Any) -> str:
    job = {
        "JobId": "0123",
        "JobArn": f"arn:{partition}:batch:{region}:123456789012:job/0123",
        "StatusReason": "Essential container in task exited",
        "Container": {"ExitCode": 3, **container},
    }
    expression = Jsonata(str(told_cause(Expression("failure"))))
    expression.register_lambda("parse", json.loads)
    told = json.loads(expression.evaluate({"failure": {"Cause": json.dumps(job)}}))
    assert told.items() >= job.items()
    text = str(told["Summary"])
    assert text.startswith("Essential container in task exited; exit code 3")
    return text


@pytest.mark.parametrize(
    ("partition", "region", "host"),
    [
        ("aws", "eu-west-1", "eu-west-1.console.aws.amazon.com"),
        ("aws-cn", "cn-north-1", "cn-north-1.console.amazonaws.cn"),
        ("aws-us-gov", "us-gov-west-1", "us-gov-west-1.console.amazonaws-us-gov.com"),
    ],
)
def test_the_link_leads_to_the_console_of_the_partition(
    partition: str, region: str, host: str
) -> None:
    assert summary(region, partition, LogStreamName=STREAM).endswith(
        f"of /aws/batch/job: https://{host}/cloudwatch/home?region={region}#logsV2:log-groups/"
        "log-group/$252Faws$252Fbatch$252Fjob/log-events/align$252Fdefault$252F0123"
    )


def test_the_link_leads_to_the_log_group() -> None:
    options = {"awslogs-group": "/acme/jobs#1", "awslogs-region": "us-west-2"}
    logs = {"LogDriver": "awslogs", "Options": options}
    assert summary(LogConfiguration=logs, LogStreamName="a b/1").endswith(
        "log stream a b/1 of /acme/jobs#1: https://us-west-2.console.aws.amazon.com/cloudwatch/home?"
        "region=us-west-2#logsV2:log-groups/log-group/$252Facme$252Fjobs$25231/log-events/a$2520b$252F1"
    )


@pytest.mark.parametrize(
    "container",
    [
        {},
        {"LogConfiguration": {"LogDriver": "splunk", "Options": {}}, "LogStreamName": STREAM},
    ],
)
def test_there_is_no_link_without_a_stream(container: dict[str, Any]) -> None:
    assert "log stream" not in summary(**container)
