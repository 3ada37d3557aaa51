"""CDK's tokens of paths anywhere inside a value are evaluated, as plain paths are."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk.aws_stepfunctions import JsonPath
from tests.batch_jobs import small_job

from sfn_fragments.environment import EnvBase
from sfn_fragments.states import S3Operation
from sfn_fragments_batch import BatchOperation, SubmitJobFragment

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sfn_fragments_local import Engine, ExecutionResult

PRINT = "import json, os, sys; print(json.dumps([sys.argv[1:], dict(os.environ)]))"
INPUT: dict[str, Any] = {
    "words": ["a b", "c"],
    "word": "w",
    "memory": 2048,
    "vcpus": 2,
    "gpu": 0,
    "path": "/opt/data",
    "platform": "EC2",
    "object": {"deep": [1]},
    "name": "named",
}


def definitions(engine: Engine) -> list[Any]:
    found: list[Any] = engine.client("batch").describe_job_definitions()["jobDefinitions"]
    return found


@pytest.mark.parametrize("deployed", [False, True])
def test_in_a_fragment(
    sfn_engine: Engine, sfn_run: Callable[..., ExecutionResult], tmp_path: Path, deployed: bool
) -> None:
    sfn_engine.create_job_queue("dev-run1-queue")
    source = str(tmp_path) if deployed else JsonPath.string_at("$.source")
    platforms: Any = ["EC2"] if deployed else [JsonPath.string_at("$.platform")]
    result = sfn_run(
        lambda stack: SubmitJobFragment(
            stack,
            "Job",
            EnvBase("dev-run1"),
            name="job",
            image="image:1",
            job_queue=JsonPath.format("{}-queue", JsonPath.string_at("$.queue")),
            command=["python", "-c", PRINT, JsonPath.string_at("$.word"), JsonPath.execution_name],
            environment={
                "RUN": JsonPath.execution_name,
                "FORMATTED": JsonPath.format("{}-x", JsonPath.string_at("$.word")),
                "JSON": JsonPath.json_to_string(JsonPath.object_at("$.object")),
                "PLAIN": "$100",
            },
            memory=JsonPath.number_at("$.memory"),
            vcpus=JsonPath.number_at("$.vcpus"),
            gpu=JsonPath.number_at("$.gpu"),
            mount_points=[
                {
                    "sourceVolume": "v",
                    "containerPath": "/opt/data" if deployed else JsonPath.string_at("$.path"),
                    "readOnly": False,
                }
            ],
            volumes=[{"name": "v", "host": {"sourcePath": source}}],
            platform_capabilities=platforms,
            deploy_job_definition=deployed,
        ),
        {**INPUT, "source": str(tmp_path), "queue": "dev-run1"},
    ).raise_for_status()
    [job] = result.jobs
    arguments, environment = json.loads(job.output)
    run = result.arn.split(":")[-1]
    assert arguments == ["w", run]
    assert environment["RUN"] == run
    assert environment["FORMATTED"] == "w-x"
    assert json.loads(environment["JSON"]) == INPUT["object"]
    assert environment["PLAIN"] == "$100"


def test_a_list_as_a_command(sfn_engine: Engine, sfn_run: Callable[..., ExecutionResult]) -> None:
    sfn_engine.create_job_queue("queue")
    result = sfn_run(
        lambda stack: small_job(stack, command=JsonPath.list_at("$.command")),
        {"command": ["echo", "a b", "c"]},
    ).raise_for_status()
    assert result.jobs[0].output.strip() == "a b c"


def test_in_an_operation(sfn_engine: Engine, sfn_run: Callable[..., ExecutionResult]) -> None:
    result = sfn_run(
        lambda stack: BatchOperation.register_job_definition(
            stack,
            "Register",
            command=JsonPath.list_at("$.words"),
            image="image:1",
            job_definition_name=JsonPath.format("dev-run1-{}", JsonPath.string_at("$.name")),
            environment={
                "RUN": JsonPath.execution_name,
                "FORMATTED": JsonPath.format("{}-x", JsonPath.string_at("$.word")),
            },
            memory=JsonPath.number_at("$.memory"),
            vcpus=JsonPath.number_at("$.vcpus"),
            gpu=JsonPath.number_at("$.gpu"),
            mount_points=[{"sourceVolume": "v", "containerPath": JsonPath.string_at("$.path")}],
            volumes=[{"name": "v", "host": {"sourcePath": JsonPath.string_at("$.path")}}],
            platform_capabilities=[JsonPath.string_at("$.platform")],
        ),
        INPUT,
    ).raise_for_status()
    [definition] = definitions(sfn_engine)
    assert definition["jobDefinitionName"].startswith("dev-run1-named-")
    properties = definition["containerProperties"]
    assert properties["command"] == INPUT["words"]
    variables = {one["name"]: one["value"] for one in properties["environment"]}
    assert variables == {"RUN": result.arn.split(":")[-1], "FORMATTED": "w-x"}
    resources = {one["type"]: one["value"] for one in properties["resourceRequirements"]}
    assert resources == {"MEMORY": "2048", "VCPU": "2"}
    assert properties["mountPoints"][0]["containerPath"] == "/opt/data"
    assert definition["platformCapabilities"] == ["EC2"]


def test_in_a_body(sfn_engine: Engine, sfn_run: Callable[..., ExecutionResult]) -> None:
    sfn_engine.create_bucket("a-bucket")
    result = sfn_run(
        lambda stack: S3Operation.put_object(
            stack,
            "Put",
            "a-bucket",
            JsonPath.format("{}/x", JsonPath.string_at("$.word")),
            {
                "run": JsonPath.execution_name,
                "mixed": [JsonPath.string_at("$.word"), {"deep": JsonPath.list_at("$.words")}],
                "number": JsonPath.number_at("$.memory"),
                "price": "$100",
            },
        ),
        INPUT,
    ).raise_for_status()
    body = sfn_engine.client("s3").get_object(Bucket="a-bucket", Key="w/x")["Body"].read()
    assert json.loads(body) == {
        "run": result.arn.split(":")[-1],
        "mixed": ["w", {"deep": INPUT["words"]}],
        "number": 2048,
        "price": "$100",
    }
