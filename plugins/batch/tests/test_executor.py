"""`BatchInvokedExecutorFragment`, running executors as local processes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk.aws_stepfunctions import JsonPath
from tests.proofs import long_proof

from sfn_fragments import InvalidParametersError, get_registry
from sfn_fragments.environment import EnvBase
from sfn_fragments.sandbox import Sandbox
from sfn_fragments_batch import BatchInvokedExecutorFragment
from sfn_fragments_local import Engine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ENV = EnvBase("dev-x")

EXECUTOR = """
import json
import os
from dataclasses import dataclass

import boto3
from aibs_informatics_core.executors import BaseExecutor
from aibs_informatics_core.models.base import PydanticBaseModel


class Request(PydanticBaseModel):
    numbers: list[int]


class Response(PydanticBaseModel):
    total: int
    unit: str


@dataclass
class Sum(BaseExecutor[Request, Response]):
    def handle(self, request):
        if not request.numbers:
            raise ValueError("nothing to add")
        return Response(total=sum(request.numbers), unit=os.environ["UNIT"])

    @classmethod
    def load_input__remote(cls, remote_path):
        s3 = boto3.client("s3")
        found = s3.get_object(Bucket=remote_path.bucket, Key=remote_path.key)
        return json.load(found["Body"])

    @classmethod
    def write_output__remote(cls, output, remote_path):
        s3 = boto3.client("s3")
        s3.put_object(Bucket=remote_path.bucket, Key=remote_path.key, Body=json.dumps(output))
"""


@pytest.fixture
def stack(tmp_path: Path) -> cdk.Stack:
    app = cdk.App(outdir=str(tmp_path / "cdk.out"), analytics_reporting=False)
    return cdk.Stack(app, "Stack")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Holds the executor."""
    folder = tmp_path / "executors"
    folder.mkdir()
    (folder / "adding.py").write_text(EXECUTOR)
    return folder


@pytest.fixture
def sfn_engine(folder: Path) -> Iterator[Engine]:
    """Has the executor in the image of its jobs."""
    with Engine(image_paths=[folder]) as engine:
        yield engine


@pytest.fixture
def environment(folder: Path) -> dict[str, str]:
    """Lets a job, and nothing else, import the executor."""
    return {"PYTHONPATH": str(folder), "UNIT": "mm"}


def deploy(engine: Engine, stack: cdk.Stack, **arguments: Any) -> None:
    arguments = {
        "name": "sum",
        "image": "image",
        "executor": "adding.Sum",
        "job_queue": "queue",
        "bucket_name": "bucket",
        "memory": 512,
        "vcpus": 1,
        **arguments,
    }
    BatchInvokedExecutorFragment(stack, "Sum", ENV, **arguments).to_state_machine("sum")
    engine.create_bucket("bucket")
    engine.create_job_queue("queue")
    engine.deploy(stack)


def test_the_result_of_an_executor_is_returned(
    sfn_engine: Engine, stack: cdk.Stack, environment: dict[str, str]
) -> None:
    deploy(sfn_engine, stack, environment=environment)
    result = sfn_engine.execute({"numbers": [1, 2, 3]})
    result.raise_for_status()
    assert result.output == {"total": 6, "unit": "mm"}
    assert len(result.states) == 6
    assert sfn_engine.job_definitions() == []
    objects = sfn_engine.client("s3").list_objects_v2(Bucket="bucket")["Contents"]
    request, response = sorted(one["Key"] for one in objects)
    assert request.startswith(f"scratch/{result.name}/")
    assert request.endswith("/request.json")
    assert response == request.replace("request", "response")
    [job] = sfn_engine.jobs
    assert job.command == (
        "run_cli_executor",
        "--executor",
        "adding.Sum",
        "--input",
        f"s3://bucket/{request}",
        "--output-location",
        f"s3://bucket/{response}",
    )


@long_proof
def test_every_parameter_can_be_a_reference_path(
    sfn_engine: Engine, stack: cdk.Stack, environment: dict[str, str]
) -> None:
    sfn_engine.create_job_queue("dev-x-queue")
    sfn_engine.create_bucket("dev-x-bucket")
    deploy(
        sfn_engine,
        stack,
        name="$.job.name",
        image="$.job.image",
        executor="$.job.executor",
        job_queue="$.job.queue",
        bucket_name="$.job.bucket",
        key_prefix="$.job.prefix",
        payload_path="$.payload",
        environment="$.job.environment",
        memory="$.job.memory",
        vcpus="$.job.vcpus",
        platform_capabilities="$.job.platforms",
    )
    result = sfn_engine.execute(
        {
            "payload": {"numbers": [4, 5]},
            "job": {
                "name": "add",
                "image": "i",
                "executor": "adding.Sum",
                "queue": "dev-x-queue",
                "bucket": "dev-x-bucket",
                "prefix": "kept/",
                "environment": environment,
                "memory": 256,
                "vcpus": 1,
                "platforms": ["EC2"],
            },
        }
    )
    result.raise_for_status()
    assert result.output == {"total": 9, "unit": "mm"}
    assert sfn_engine.jobs[0].name.startswith("dev-x-add-")
    [listed, _] = sfn_engine.client("s3").list_objects_v2(Bucket="dev-x-bucket")["Contents"]
    assert listed["Key"].startswith("kept/")


@long_proof
def test_tokens_of_paths_are_evaluated(
    sfn_engine: Engine, stack: cdk.Stack, environment: dict[str, str], tmp_path: Path
) -> None:
    at = JsonPath.string_at
    data = tmp_path / "data"
    data.mkdir()
    sfn_engine.create_job_queue("dev-x-queue")
    sfn_engine.create_bucket("dev-x-bucket")
    deploy(
        sfn_engine,
        stack,
        name=at("$.job.name"),
        image=JsonPath.format("{}:1", at("$.job.image")),
        executor=JsonPath.format("{}.Sum", at("$.job.module")),
        job_queue=JsonPath.format("{}-queue", at("$.job.env")),
        bucket_name=JsonPath.format("{}-bucket", at("$.job.env")),
        key_prefix=JsonPath.format("{}/", JsonPath.execution_name),
        payload_path="$.payload",
        environment={
            **environment,
            "RUN": JsonPath.execution_name,
            "TEXT": JsonPath.format("{}-x", at("$.job.name")),
        },
        memory=JsonPath.number_at("$.job.memory"),
        vcpus=JsonPath.number_at("$.job.vcpus"),
        mount_points=[
            {
                "sourceVolume": at("$.job.volume"),
                "containerPath": JsonPath.format("/opt/{}", at("$.job.volume")),
                "readOnly": False,
            }
        ],
        volumes=[{"name": at("$.job.volume"), "host": {"sourcePath": at("$.job.source")}}],
        platform_capabilities=[at("$.job.platform")],
    )
    result = sfn_engine.execute(
        {
            "payload": {"numbers": [4, 5]},
            "job": {
                "name": "add",
                "image": "i",
                "module": "adding",
                "env": "dev-x",
                "memory": 256,
                "vcpus": 1,
                "volume": "data",
                "source": str(data),
                "platform": "EC2",
            },
        }
    ).raise_for_status()
    assert result.output == {"total": 9, "unit": "mm"}
    [job] = sfn_engine.jobs
    assert job.name.startswith("dev-x-add-")
    run = result.arn.split(":")[-1]
    assert (job.environment["RUN"], job.environment["TEXT"]) == (run, "add-x")
    listed = sfn_engine.client("s3").list_objects_v2(Bucket="dev-x-bucket")["Contents"]
    assert [one["Key"].split("/")[:2] for one in listed] == [[run, run]] * 2
    [definition] = sfn_engine.job_definitions(None)
    container = definition["containerProperties"]
    assert container["image"] == "i:1"
    assert container["volumes"] == [{"name": "data", "host": {"sourcePath": str(data)}}]
    assert container["mountPoints"][0]["containerPath"] == "/opt/data"
    assert definition["platformCapabilities"] == ["EC2"]


def test_a_failing_executor_fails_the_execution_and_leaves_no_job_definition(
    sfn_engine: Engine, stack: cdk.Stack, environment: dict[str, str]
) -> None:
    deploy(sfn_engine, stack, environment=environment)
    result = sfn_engine.execute({"numbers": []})
    assert result.status == "FAILED"
    assert result.error == "States.TaskFailed"
    assert json.loads(result.cause or "")["Status"] == "FAILED"
    assert "nothing to add" in result.jobs[0].output
    assert sfn_engine.job_definitions() == []


def test_what_cannot_work_is_named_at_once(stack: cdk.Stack) -> None:
    with pytest.raises(InvalidParametersError) as caught:
        BatchInvokedExecutorFragment(
            stack, "Sum", ENV, "sum", "image", "", "queue", "bucket", memory=1, vcpus=0
        )
    assert [problem.parameter for problem in caught.value.problems] == [
        "executor",
        "memory",
        "vcpus",
    ]


@long_proof
def test_its_example_runs(sfn_engine: Engine) -> None:
    sandbox = Sandbox()
    built = sandbox.build(get_registry(), "batch.executor")
    sfn_engine.create_job_queue(sandbox.job_queue)
    sfn_engine.create_bucket("sandbox-results")
    sfn_engine.deploy(built.stack)
    document = {"content": {"a": 1}, "path": "s3://sandbox-results/a.json"}
    sfn_engine.execute(document).raise_for_status()
    found = sfn_engine.client("s3").get_object(Bucket="sandbox-results", Key="a.json")
    assert json.load(found["Body"]) == {"a": 1}
