"""What RedriveExecution does for a fragment whose job failed, and what it cannot do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from sfn_fragments.environment import EnvBase
from sfn_fragments.sandbox import Sandbox
from sfn_fragments_batch import BatchInvokedLambdaFunction
from sfn_fragments_local import Engine
from sfn_fragments_local.engine import EngineError

if TYPE_CHECKING:
    from collections.abc import Iterator

ENV = EnvBase("dev-x")
HANDLER = "aibs_informatics_aws_lambda.handlers.data_sync.put_json_to_file_handler"


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine() as engine:
        engine.create_job_queue("queue")
        engine.create_bucket("dev-x-bucket")
        yield engine


def deploy(engine: Engine, **given: Any) -> None:
    sandbox = Sandbox(ENV)
    fragment = BatchInvokedLambdaFunction(
        sandbox.stack,
        "Job",
        ENV,
        name="job",
        image="img",
        handler=HANDLER,
        job_queue="queue",
        bucket_name="dev-x-bucket",
        memory=512,
        vcpus=1,
        **given,
    )
    fragment.to_state_machine("machine")
    engine.deploy(sandbox.stack)


def test_a_definition_of_the_stack_goes_on_with_the_job(engine: Engine) -> None:
    deploy(engine, deploy_job_definition=True)
    request = {"content": {"a": 1}, "path": "s3://dev-x-results/a.json"}
    # The bucket that the job writes to is not there yet.
    failed = engine.execute(request, "dev-x-machine")
    assert (failed.status, failed.error) == ("FAILED", "States.TaskFailed")
    engine.create_bucket("dev-x-results")
    result = engine.redrive(failed.arn).wait().raise_for_status()
    body = engine.client("s3").get_object(Bucket="dev-x-results", Key="a.json")["Body"].read()
    assert body
    assert result.arn == failed.arn
    entered = [state.name for state in result.states]
    entered_first = ["Prepare", "Put request"]
    assert [name.rpartition(": ")[2] for name in entered] == [
        *entered_first,
        "Submit job",
        "Submit job",
        "Get response",
    ]
    assert [job.status for job in result.jobs] == ["FAILED", "SUCCEEDED"]
    [redriven] = [event for event in result.history if event["type"] == "ExecutionRedriven"]
    assert redriven["executionRedrivenEventDetails"] == {"redriveCount": 1}
    with pytest.raises(EngineError, match="cannot be redriven: its status is SUCCEEDED"):
        engine.redrive(failed.arn)
    with pytest.raises(ClientError, match="ExecutionNotRedrivable"):
        engine.client("stepfunctions").redrive_execution(executionArn=failed.arn)
    with engine.fail("s3:PutObject", "NoSuchBucket"):
        another = engine.execute(request, "dev-x-machine")
    # A new execution begins with the first state, whatever was redriven.
    assert [state.name.rpartition(": ")[2] for state in another.states] == entered_first


def test_a_registered_definition_is_cleaned_up_and_fails_again(engine: Engine) -> None:
    deploy(engine)
    failed = engine.execute({"content": {}, "path": "s3://dev-x-nowhere/a.json"}, "dev-x-machine")
    assert failed.status == "FAILED"
    assert engine.job_definitions("ACTIVE") == []
    again = engine.redrive(failed.arn).wait()
    assert (again.status, again.error, again.cause) == ("FAILED", failed.error, failed.cause)
    assert len(again.jobs) == len(failed.jobs) == 1
    assert len(again.states) == len(failed.states) + 1
