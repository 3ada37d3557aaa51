"""Executions with real jobs: the handlers that are published, on objects and on file systems."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from tests.proofs import long_proof

from sfn_fragments_local import Engine, ExecutionFailedError
from sfn_fragments_local.engine import EngineError

if TYPE_CHECKING:
    from pathlib import Path

DATA_SYNC = "aibs_informatics_aws_lambda.handlers.data_sync.data_sync_handler"
ROLE = "arn:aws:iam::123456789012:role/any"


def create_machine(engine: Engine, definition: dict[str, Any], name: str = "machine") -> str:
    created = engine.client("stepfunctions").create_state_machine(
        name=name, definition=json.dumps(definition), roleArn=ROLE
    )
    return str(created["stateMachineArn"])


def lambda_on_batch(
    volumes: list[dict[str, Any]] | None = None, points: list[dict[str, Any]] | None = None
) -> dict[str, Any]:
    """put -> register -> submit -> deregister -> get, as a fragment does it."""
    payload = "States.Format('s3://scaffold/{}/request.json', $$.Execution.Name)"
    response = "States.Format('s3://scaffold/{}/response.json', $$.Execution.Name)"
    sdk = "arn:aws:states:::aws-sdk"
    return {
        "StartAt": "Put",
        "States": {
            "Put": {
                "Type": "Task",
                "Resource": f"{sdk}:s3:putObject",
                "Parameters": {
                    "Bucket": "scaffold",
                    "Key.$": "States.Format('{}/request.json', $$.Execution.Name)",
                    "Body.$": "$",
                },
                "ResultPath": None,
                "Next": "Register",
            },
            "Register": {
                "Type": "Task",
                "Resource": f"{sdk}:batch:registerJobDefinition",
                "Parameters": {
                    "JobDefinitionName.$": "$$.Execution.Name",
                    "Type": "container",
                    "ContainerProperties": {
                        "Image": "image",
                        "ResourceRequirements": [
                            {"Type": "VCPU", "Value": "1"},
                            {"Type": "MEMORY", "Value": "1024"},
                        ],
                        "Environment": [
                            {"Name": "AWS_LAMBDA_FUNCTION_HANDLER", "Value": DATA_SYNC},
                            # Batch sets none, and the handlers want one.
                            {"Name": "AWS_REGION", "Value": "us-east-1"},
                            {"Name": "AWS_LAMBDA_EVENT_PAYLOAD", "Value.$": payload},
                            {"Name": "AWS_LAMBDA_EVENT_RESPONSE_LOCATION", "Value.$": response},
                        ],
                        "Volumes": volumes or [],
                        "MountPoints": points or [],
                    },
                },
                "ResultPath": "$.definition",
                "Next": "Submit",
            },
            "Submit": {
                "Type": "Task",
                "Resource": "arn:aws:states:::batch:submitJob.sync",
                "Parameters": {
                    "JobName": "sync",
                    "JobQueue": "queue",
                    "JobDefinition.$": "$.definition.JobDefinitionArn",
                },
                "ResultPath": None,
                "Next": "Deregister",
            },
            "Deregister": {
                "Type": "Task",
                "Resource": f"{sdk}:batch:deregisterJobDefinition",
                "Parameters": {"JobDefinition.$": "$.definition.JobDefinitionArn"},
                "ResultPath": None,
                "Next": "Get",
            },
            "Get": {
                "Type": "Task",
                "Resource": f"{sdk}:s3:getObject",
                "Parameters": {
                    "Bucket": "scaffold",
                    "Key.$": "States.Format('{}/response.json', $$.Execution.Name)",
                },
                "ResultSelector": {"response.$": "States.StringToJson($.Body)"},
                "OutputPath": "$.response",
                "End": True,
            },
        },
    }


def submit_job(command: list[str], **parameters: Any) -> dict[str, Any]:
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::batch:submitJob.sync",
        "Parameters": {
            "JobName": "job",
            "JobQueue": "queue",
            "JobDefinition": "job",
            "ContainerOverrides": {"Command": command},
            **parameters,
        },
        "End": True,
    }


def prepare(engine: Engine, *buckets: str) -> None:
    engine.create_job_queue("queue")
    for bucket in ("scaffold", *buckets):
        engine.create_bucket(bucket)
    engine.client("batch").register_job_definition(
        jobDefinitionName="job",
        type="container",
        containerProperties={
            "image": "image",
            "resourceRequirements": [
                {"type": "VCPU", "value": "1"},
                {"type": "MEMORY", "value": "512"},
            ],
        },
    )


def make_files(folder: Path) -> dict[str, bytes]:
    contents = {"a.bin": bytes(range(256)) * 40, "deep/b.txt": b"b\r\n", "deep/empty": b""}
    for name, content in contents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return contents


def read_files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@long_proof
def test_a_data_sync_from_bucket_to_bucket(sfn_engine: Engine, tmp_path: Path) -> None:
    prepare(sfn_engine, "source", "results")
    contents = make_files(tmp_path / "in")
    assert sfn_engine.upload("source", tmp_path / "in", prefix="a/") == len(contents)
    create_machine(sfn_engine, lambda_on_batch())
    result = sfn_engine.execute(
        {"source_path": "s3://source/a/", "destination_path": "s3://results/b/"}
    ).raise_for_status()
    assert [state.name for state in result.states] == [
        "Put",
        "Register",
        "Submit",
        "Deregister",
        "Get",
    ]
    assert all(state.type == "Task" and state.seconds is not None for state in result.states)
    assert isinstance(result.output, dict)
    assert sfn_engine.download("results", tmp_path / "out", prefix="b/") == len(contents)
    assert read_files(tmp_path / "out") == contents
    (job,) = result.jobs
    assert (job.status, job.runner) == ("SUCCEEDED", "lambda handler")
    assert [one["jobDefinitionName"] for one in sfn_engine.job_definitions()] == ["job"]


@long_proof
def test_a_data_sync_to_a_file_system_and_back(sfn_engine: Engine, tmp_path: Path) -> None:
    prepare(sfn_engine, "source", "results")
    contents = make_files(tmp_path / "in")
    sfn_engine.upload("source", tmp_path / "in", prefix="a/")
    file_system_id = sfn_engine.client("efs").create_file_system(CreationToken="fs")["FileSystemId"]
    volume = {"Name": "efs", "EfsVolumeConfiguration": {"FileSystemId": file_system_id}}
    point = {"SourceVolume": "efs", "ContainerPath": "/opt/sfn-efs", "ReadOnly": False}
    create_machine(sfn_engine, lambda_on_batch([volume], [point]))
    sfn_engine.execute(
        {"source_path": "s3://source/a/", "destination_path": "/opt/sfn-efs/data"}
    ).raise_for_status()
    assert read_files(sfn_engine.file_system_folder(file_system_id) / "data") == contents
    sfn_engine.execute(
        {"source_path": "/opt/sfn-efs/data", "destination_path": "s3://results/b/"}
    ).raise_for_status()
    sfn_engine.download("results", tmp_path / "out", prefix="b/")
    assert read_files(tmp_path / "out") == contents


def test_a_failing_job(sfn_engine: Engine) -> None:
    prepare(sfn_engine)
    states = {"Job": submit_job(["sh", "-c", "echo the reason; exit 3"])}
    create_machine(sfn_engine, {"StartAt": "Job", "States": states})
    result = sfn_engine.execute()
    assert (result.status, result.output) == ("FAILED", None)
    assert result.error == "States.TaskFailed"
    assert json.loads(str(result.cause))["Container"]["ExitCode"] == 3
    (job,) = result.jobs
    assert (job.exit_code, job.output) == (3, "the reason\n")
    assert result.states[0].seconds is None
    with pytest.raises(ExecutionFailedError, match=r"exit code 3(.|\n)*the reason"):
        result.raise_for_status()


def test_an_unknown_queue(sfn_engine: Engine) -> None:
    prepare(sfn_engine)
    states = {"Job": submit_job(["true"], JobQueue="nowhere")}
    create_machine(sfn_engine, {"StartAt": "Job", "States": states})
    result = sfn_engine.execute()
    assert result.status == "FAILED"
    assert str(result.error).startswith("Batch.")
    assert "Job queue nowhere does not exist" in str(result.cause)
    assert result.jobs == ()


@long_proof
def test_twenty_executions_side_by_side(sfn_engine: Engine) -> None:
    prepare(sfn_engine)
    job = submit_job([], ContainerOverrides={"Command.$": "States.Array('echo', $.number)"})
    job["ResultSelector"] = {"id.$": "$.JobId"}
    create_machine(sfn_engine, {"StartAt": "Job", "States": {"Job": job}})
    executions = [sfn_engine.start({"number": str(number)}) for number in range(20)]
    for number, execution in enumerate(executions):
        result = execution.wait(timeout=60).raise_for_status()
        assert [job.id for job in result.jobs] == [result.output["id"]]
        assert result.jobs[0].output == f"{number}\n"
    assert len(sfn_engine.jobs) == 20


def test_following_sees_what_the_result_holds(sfn_engine: Engine) -> None:
    states = {
        "Wait": {"Type": "Wait", "Seconds": 10, "Next": "Pass"},
        "Pass": {"Type": "Pass", "End": True},
    }
    create_machine(sfn_engine, {"StartAt": "Wait", "States": states})
    execution = sfn_engine.start({"a": 1})
    events = list(execution.follow(poll=0.01))
    result = execution.wait()
    assert tuple(events) == result.history
    assert events[0]["type"] == "ExecutionStarted"
    assert events[-1]["type"] == "ExecutionSucceeded"
    assert result.seconds < 5


def test_children_of_map_and_parallel_are_among_the_states(sfn_engine: Engine) -> None:
    def processor(mode: dict[str, Any]) -> dict[str, Any]:
        return {
            "ProcessorConfig": mode,
            "StartAt": "Item",
            "States": {"Item": {"Type": "Pass", "End": True}},
        }

    branch = {"StartAt": "Branch", "States": {"Branch": {"Type": "Pass", "End": True}}}
    distributed = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    inputs = {"Type": "Map", "ItemsPath": "$.items", "ResultPath": None}
    create_machine(
        sfn_engine,
        {
            "StartAt": "Inline",
            "States": {
                "Inline": {
                    **inputs,
                    "ItemProcessor": processor({"Mode": "INLINE"}),
                    "Next": "Distributed",
                },
                "Distributed": {
                    **inputs,
                    "ItemProcessor": processor(distributed),
                    "Next": "Parallel",
                },
                "Parallel": {"Type": "Parallel", "Branches": [branch], "End": True},
            },
        },
    )
    execution = sfn_engine.start({"items": [1, 2, 3]})
    followed = [event["type"] for event in execution.follow()]
    result = execution.wait().raise_for_status()
    names = [state.name for state in result.states]
    assert {name: names.count(name) for name in names} == {
        "Inline": 1,
        "Item": 6,
        "Distributed": 1,
        "Parallel": 1,
        "Branch": 1,
    }
    assert all(state.seconds is not None for state in result.states)
    assert followed.count("PassStateEntered") == 7
    assert len(result.map_run_histories) == 1


def test_stopping_ends_the_execution(sfn_engine: Engine) -> None:
    prepare(sfn_engine)
    create_machine(sfn_engine, {"StartAt": "Job", "States": {"Job": submit_job(["sleep", "60"])}})
    execution = sfn_engine.start()
    for event in execution.follow(poll=0.01):
        if event["type"] == "TaskSubmitted":
            break
    execution.stop()
    assert execution.wait(timeout=20).status == "ABORTED"
    while (job := sfn_engine.jobs[0]).status != "FAILED":
        time.sleep(0.02)
    assert job.reason == "The execution was stopped"


def test_an_execution_that_takes_too_long_is_stopped(sfn_engine: Engine) -> None:
    prepare(sfn_engine)
    create_machine(sfn_engine, {"StartAt": "Job", "States": {"Job": submit_job(["sleep", "60"])}})
    with pytest.raises(TimeoutError, match=r"was stopped after 0\.3 s"):
        sfn_engine.execute(timeout=0.3)


def test_jobs_of_a_nested_execution_count(sfn_engine: Engine) -> None:
    prepare(sfn_engine)
    inner = create_machine(
        sfn_engine, {"StartAt": "Job", "States": {"Job": submit_job(["true"])}}, "inner"
    )
    start = {
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution.sync:2",
        "Parameters": {"StateMachineArn": inner, "Input": {}},
        "End": True,
    }
    create_machine(sfn_engine, {"StartAt": "Start", "States": {"Start": start}}, "outer")
    result = sfn_engine.execute(state_machine="outer").raise_for_status()
    assert [job.status for job in result.jobs] == ["SUCCEEDED"]


def test_which_state_machine(sfn_engine: Engine) -> None:
    with pytest.raises(EngineError, match="there is none; deploy one first"):
        sfn_engine.execute()
    definition = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
    arn = create_machine(sfn_engine, definition, "one")
    assert sfn_engine.execute(name="first").state_machine == "one"
    create_machine(sfn_engine, definition, "two")
    with pytest.raises(EngineError, match=r"there are several \(there are: one, two\)"):
        sfn_engine.execute()
    with pytest.raises(EngineError, match="no 'three'"):
        sfn_engine.execute(state_machine="three")
    assert sfn_engine.execute(state_machine=arn).succeeded
    assert sfn_engine.execute([1], state_machine="two").output == [1]
