"""Faults that users inject: which calls fail, by which name, how often, and for how long."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.proofs import few

from sfn_fragments.errors import InvalidParametersError
from sfn_fragments_local import Engine, Fault
from sfn_fragments_local.engine import EngineError

ROLE = "arn:aws:iam::123456789012:role/any"
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:any"
SDK = "arn:aws:states:::aws-sdk:"
PUT = {
    "Type": "Task",
    "Resource": f"{SDK}s3:putObject",
    "Parameters": {"Bucket": "bucket", "Key.$": "$$.State.Name", "Body": {"a": 1}},
    "ResultPath": None,
}
SUBMIT = {
    "Type": "Task",
    "Resource": "arn:aws:states:::batch:submitJob.sync",
    "Parameters": {"JobName": "align", "JobQueue": "queue", "JobDefinition": "align"},
    "Retry": [
        {
            "ErrorEquals": ["Batch.TooManyRequestsException"],
            "IntervalSeconds": 3,
            "MaxAttempts": 4,
            "JitterStrategy": "FULL",
        }
    ],
    "ResultSelector": {"status.$": "$.Status"},
    "End": True,
}
#: Parameters without which a request cannot be made at all.
PARAMETERS = {
    f"{SDK}s3:putObject": {"Bucket": "bucket", "Key": "key"},
    f"{SDK}s3:getObject": {"Bucket": "bucket", "Key": "key"},
    f"{SDK}s3:listObjectsV2": {"Bucket": "bucket"},
    "arn:aws:states:::lambda:invoke": {"FunctionName": "any"},
}
CAUGHT = {
    "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}],
    "End": True,
}


def create_machine(engine: Engine, **states: dict[str, Any]) -> str:
    definition = {"StartAt": next(iter(states)), "States": states}
    created = engine.client("stepfunctions").create_state_machine(
        name="machine", definition=json.dumps(definition), roleArn=ROLE
    )
    return str(created["stateMachineArn"])


def create_queue(engine: Engine) -> None:
    engine.create_job_queue("queue")
    engine.client("batch").register_job_definition(
        jobDefinitionName="align",
        type="container",
        containerProperties={
            "image": "align",
            "command": ["true"],
            "resourceRequirements": [
                {"type": "VCPU", "value": "1"},
                {"type": "MEMORY", "value": "512"},
            ],
        },
    )


def test_throttled_twice_it_succeeds_all_the_same(sfn_engine: Engine) -> None:
    create_queue(sfn_engine)
    create_machine(sfn_engine, Align=SUBMIT)
    throttled = sfn_engine.fail("batch:SubmitJob", "TooManyRequestsException", times=2)
    result = sfn_engine.execute()
    assert result.output == {"status": "SUCCEEDED"}
    assert (throttled.failed, throttled.used_up) == (2, True)
    assert len(sfn_engine.jobs) == 1


def test_refused_it_fails_with_that_error(sfn_engine: Engine) -> None:
    create_queue(sfn_engine)
    create_machine(sfn_engine, Align=SUBMIT)
    with sfn_engine.fail("batch:SubmitJob", "ClientException", message="no such queue") as fault:
        result = sfn_engine.execute()
    assert (result.status, result.error) == ("FAILED", "Batch.ClientException")
    assert "no such queue" in str(result.cause)
    assert "Status Code: 400; Error Code: ClientException" in str(result.cause)
    assert (fault.failed, fault.used_up) == (1, False)
    assert sfn_engine.jobs == []
    assert sfn_engine.execute().succeeded


@few(5)
@pytest.mark.parametrize(
    ("call", "resource", "error", "name"),
    [
        (
            "batch:SubmitJob",
            "arn:aws:states:::batch:submitJob",
            "TooManyRequestsException",
            "Batch.TooManyRequestsException",
        ),
        # An SDK integration knows the errors that the API's model has; others have the service's
        # name.
        (
            "batch:RegisterJobDefinition",
            f"{SDK}batch:registerJobDefinition",
            "TooManyRequestsException",
            "Batch.BatchException",
        ),
        (
            "batch:DeregisterJobDefinition",
            f"{SDK}batch:deregisterJobDefinition",
            "ServerException",
            "Batch.ServerException",
        ),
        ("s3:PutObject", f"{SDK}s3:putObject", "SlowDown", "S3.S3Exception"),
        ("s3:GetObject", f"{SDK}s3:getObject", "S3.SdkClientException", "S3.SdkClientException"),
        (
            "ecr:DescribeImages",
            f"{SDK}ecr:describeImages",
            "ServerException",
            "Ecr.ServerException",
        ),
        (
            "states:StartExecution",
            "arn:aws:states:::states:startExecution.sync:2",
            "ThrottlingException",
            "StepFunctions.ThrottlingException",
        ),
        (
            "states:StartExecution",
            "arn:aws:states:::states:startExecution",
            "ExecutionLimitExceeded",
            "StepFunctions.ExecutionLimitExceededException",
        ),
        (
            "lambda:Invoke",
            "arn:aws:states:::lambda:invoke",
            "TooManyRequestsException",
            "Lambda.TooManyRequestsException",
        ),
        (
            "lambda:InvokeFunction",
            FUNCTION,
            "TooManyRequestsException",
            "Lambda.TooManyRequestsException",
        ),
        ("lambda:Invoke", FUNCTION, "Lambda.SdkClientException", "Lambda.SdkClientException"),
        ("s3:ListBucket", f"{SDK}s3:listObjectsV2", "S3.S3Exception", "S3.S3Exception"),
    ],
)
def test_the_error_has_the_name_that_the_state_gives_it(
    sfn_engine: Engine, call: str, resource: str, error: str, name: str
) -> None:
    parameters = PARAMETERS.get(resource, {})
    task = {"Type": "Task", "Resource": resource, "Parameters": parameters, **CAUGHT}
    output = {"Type": "Pass", "Parameters": {"error.$": "$.Error"}, "End": True}
    create_machine(sfn_engine, Call=task, Caught=output)
    fault = sfn_engine.fail(call, error)
    assert sfn_engine.execute().output == {"error": name}
    assert fault.failed == 1


def test_only_calls_of_states_fail(sfn_engine: Engine) -> None:
    sfn_engine.create_bucket("bucket")
    create_machine(sfn_engine, Put={**PUT, "End": True})
    fault = sfn_engine.fail("s3:PutObject", "AccessDenied")
    sfn_engine.client("s3").put_object(Bucket="bucket", Key="own", Body=b"")
    assert fault.failed == 0
    assert sfn_engine.execute().status == "FAILED"


def test_only_calls_of_the_named_state_fail(sfn_engine: Engine) -> None:
    sfn_engine.create_bucket("bucket")
    create_machine(sfn_engine, First={**PUT, "Next": "Second"}, Second={**PUT, "End": True})
    fault = sfn_engine.fail("s3:PutObject", "SlowDown", state="Second")
    result = sfn_engine.execute()
    assert result.error == "S3.S3Exception"
    assert fault.failed == 1
    objects = sfn_engine.client("s3").list_objects_v2(Bucket="bucket")["Contents"]
    assert [one["Key"] for one in objects] == ["First"]


def test_faults_are_used_up_in_the_order_in_which_they_were_made(sfn_engine: Engine) -> None:
    sfn_engine.create_bucket("bucket")
    create_machine(sfn_engine, Put={**PUT, "End": True})
    first = sfn_engine.fail("s3:PutObject", "S3.First", times=1)
    second = sfn_engine.fail("s3:PutObject", "S3.Second", times=1)
    assert [sfn_engine.execute().error for _ in range(3)] == ["S3.First", "S3.Second", None]
    assert (first.failed, second.failed) == (1, 1)


def test_a_withdrawn_fault_fails_no_more(sfn_engine: Engine) -> None:
    sfn_engine.create_bucket("bucket")
    create_machine(sfn_engine, Put={**PUT, "End": True})
    with sfn_engine.fail("s3:PutObject", "SlowDown") as fault:
        assert [sfn_engine.execute().status for _ in range(2)] == ["FAILED", "FAILED"]
    assert sfn_engine.execute().succeeded
    assert fault.failed == 2
    assert repr(fault) == "Fault('s3:PutObject', 'SlowDown', times=None, failed=2)"


def test_a_fault_ends_with_its_engine() -> None:
    with Engine() as first:
        fault = first.fail("s3:PutObject", "SlowDown")
    with Engine() as second:
        second.create_bucket("bucket")
        create_machine(second, Put={**PUT, "End": True})
        assert second.execute().succeeded
    assert fault.failed == 0
    with pytest.raises(EngineError, match="not open"):
        first.fail("s3:PutObject", "SlowDown")


def test_all_that_is_wrong_is_said_at_once(sfn_engine: Engine) -> None:
    with pytest.raises(InvalidParametersError) as raised:
        sfn_engine.fail("batch:SubmitJobs", "Too many requests", times=0)
    text = str(raised.value)
    assert "did you mean 'batch:SubmitJob'" in text
    assert "error: 'Too many requests': give the API's error code" in text
    assert "times: 0: give at least 1" in text


@pytest.mark.parametrize(
    ("call", "remedy"),
    [
        ("bach:SubmitJob", "did you mean 'batch'"),
        ("Bach:SubmitJob", "did you mean 'batch'"),
        ("states:StartExecutions", "did you mean 'states:StartExecution'"),
        ("SubmitJob", "give '<service>:<Action>', such as 'batch:SubmitJob'"),
        (":SubmitJob", "give '<service>:<Action>'"),
        ("qqqq:SubmitJob", "there is no such service"),
    ],
)
def test_a_wrong_call_is_refused_with_the_way_out(
    sfn_engine: Engine, call: str, remedy: str
) -> None:
    with pytest.raises(InvalidParametersError, match=remedy):
        sfn_engine.fail(call, "ServerException")


def test_arguments_of_other_types_are_refused_all_at_once(sfn_engine: Engine) -> None:
    wrong: Any = {"call": 1, "error": None, "times": "2", "state": "", "message": 5}
    with pytest.raises(InvalidParametersError) as raised:
        sfn_engine.fail(**wrong)
    assert [problem.parameter for problem in raised.value.problems] == list(wrong)
    with pytest.raises(InvalidParametersError, match="times: True: give at least 1"):
        sfn_engine.fail("s3:PutObject", "SlowDown", times=True)


@pytest.mark.parametrize("call", ["s3:putObject", "S3:PutObject"])
def test_the_spelling_of_the_arn_of_a_task_is_taken(sfn_engine: Engine, call: str) -> None:
    sfn_engine.create_bucket("bucket")
    create_machine(sfn_engine, Put={**PUT, "End": True})
    fault = sfn_engine.fail(call, "SlowDown")
    assert sfn_engine.execute().error == "S3.S3Exception"
    assert (fault.call, fault.failed) == (call, 1)


def test_a_state_that_no_machine_has_is_refused(sfn_engine: Engine) -> None:
    inner = {"StartAt": "Inner put", "States": {"Inner put": {**PUT, "End": True}}}
    create_machine(sfn_engine, Both={"Type": "Parallel", "Branches": [inner], "End": True})
    with pytest.raises(InvalidParametersError, match="did you mean 'Inner put'"):
        sfn_engine.fail("s3:PutObject", "SlowDown", state="Iner put")
    assert sfn_engine.fail("s3:PutObject", "SlowDown", state="Inner put").state == "Inner put"


@pytest.mark.parametrize("error", ["", ".", "Batch.", ".ServerException", "a b", "Batch..X"])
def test_a_wrong_error_is_refused(sfn_engine: Engine, error: str) -> None:
    with pytest.raises(InvalidParametersError, match="give the API's error code"):
        sfn_engine.fail("batch:SubmitJob", error)


def test_what_it_returns_is_public(sfn_engine: Engine) -> None:
    fault = sfn_engine.fail("s3:PutObject", "SlowDown", times=3, state="Put")
    assert isinstance(fault, Fault)
    assert (fault.call, fault.error, fault.times, fault.state) == (
        "s3:PutObject",
        "SlowDown",
        3,
        "Put",
    )
