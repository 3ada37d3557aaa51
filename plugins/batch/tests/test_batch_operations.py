"""Each operation of Batch, executed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk.aws_stepfunctions import Pass

from sfn_fragments_batch import BatchOperation

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import Stack

    from sfn_fragments_local import Engine, ExecutionResult


def definition(engine: Engine, arn: str) -> dict[str, Any]:
    (found,) = (d for d in engine.job_definitions(None) if d["jobDefinitionArn"] == arn)
    properties: dict[str, Any] = found["containerProperties"]
    return properties


def test_register_with_literals(
    sfn_engine: Engine, sfn_run: Callable[..., ExecutionResult]
) -> None:
    result = sfn_run(
        lambda stack: BatchOperation.register_job_definition(
            stack,
            "Job",
            command=["echo", "hi"],
            image="img",
            job_definition_name="greet",
            environment={"A": "b"},
            memory=512,
            vcpus=1,
            gpu=0,
            mount_points=[{"containerPath": "/x", "sourceVolume": "v", "readOnly": False}],
            volumes=[{"name": "v", "host": {"sourcePath": "/y"}}],
            platform_capabilities=["EC2"],
        )
    )
    assert set(result.output) == {"JobDefinitionArn", "JobDefinitionName", "Revision"}
    assert result.output["JobDefinitionName"].startswith("greet-")
    made = definition(sfn_engine, result.output["JobDefinitionArn"])
    assert made["command"] == ["echo", "hi"]
    assert made["environment"] == [{"name": "A", "value": "b"}]
    assert made["resourceRequirements"] == [
        {"type": "MEMORY", "value": "512"},
        {"type": "VCPU", "value": "1"},
    ]
    assert made["mountPoints"][0]["containerPath"] == "/x"
    assert made["volumes"][0]["host"] == {"sourcePath": "/y"}
    assert len(result.states) == 1


@pytest.mark.parametrize(("gpu", "kinds"), [(0, []), ("0", []), (2, ["GPU"])])
def test_register_with_references(
    sfn_engine: Engine, sfn_run: Callable[..., ExecutionResult], gpu: object, kinds: list[str]
) -> None:
    given = {
        "name": "dev-run1-greet",
        "image": "img",
        "command": ["a", "b"],
        "environment": [{"Name": "A", "Value": "b"}],
        "memory": 1024,
        "vcpus": 2,
        "gpu": gpu,
    }
    result = sfn_run(
        lambda stack: BatchOperation.register_job_definition(
            stack,
            "Job",
            command="$.command",
            image="$.image",
            job_definition_name="$.name",
            environment="$.environment",
            memory="$.memory",
            vcpus="$.vcpus",
            gpu="$.gpu",
            result_path="$.registered",
        ),
        given,
    )
    assert {key: result.output[key] for key in given} == given
    made = definition(sfn_engine, result.output["registered"]["JobDefinitionArn"])
    requirements = {r["type"]: r["value"] for r in made["resourceRequirements"]}
    assert set(requirements) == {"MEMORY", "VCPU", *kinds}
    assert (requirements["MEMORY"], requirements["VCPU"]) == ("1024", "2")
    assert made["command"] == ["a", "b"]
    assert len(result.states) == 2


def test_register_submit_and_deregister(
    sfn_engine: Engine, sfn_run: Callable[..., ExecutionResult]
) -> None:
    sfn_engine.create_job_queue("queue")

    def build(stack: Stack) -> Any:
        return (
            BatchOperation.register_job_definition(
                stack, "Job", ["sh", "-c", "echo $GREETING"], "img", "greet", memory=512, vcpus=1
            )
            .next(
                BatchOperation.submit_job(
                    stack,
                    "Job",
                    job_name="greet",
                    job_definition="$.JobDefinitionArn",
                    job_queue="queue",
                    environment={"GREETING": "States.Format('Hello from {}', $$.Execution.Name)"},
                    memory="1024",
                    result_path="$.job",
                )
            )
            .next(
                BatchOperation.deregister_job_definition(
                    stack, "Job", "$.JobDefinitionArn", result_path="$.gone"
                )
            )
            .next(Pass(stack, "End"))
        )

    result = sfn_run(build)
    assert result.status == "SUCCEEDED", result.cause
    (job,) = result.jobs
    assert job.output.strip() == f"Hello from {result.name}"
    assert set(result.output["job"]) == {"JobName", "JobId", "JobArn"}
    assert result.output["job"]["JobId"] == job.id
    assert sfn_engine.job_definitions("ACTIVE") == []


def test_submit_with_parameters_and_an_own_command(
    sfn_engine: Engine, sfn_run: Callable[..., ExecutionResult]
) -> None:
    sfn_engine.create_job_queue("queue")
    sfn_engine.client("batch").register_job_definition(
        jobDefinitionName="greet",
        type="container",
        containerProperties={
            "image": "img",
            "command": ["echo", "Ref::Name"],
            "resourceRequirements": [
                {"type": "VCPU", "value": "1"},
                {"type": "MEMORY", "value": "512"},
            ],
        },
    )
    result = sfn_run(
        lambda stack: BatchOperation.submit_job(
            stack, "By parameter", "greet", "greet", "queue", {"name": "$.who"}, result_path="$.a"
        ).next(
            BatchOperation.submit_job(
                stack, "By command", "greet", "greet", "queue", command=["echo", "$.who", "again"]
            )
        ),
        {"who": "Ada"},
    )
    assert result.status == "SUCCEEDED", result.cause
    assert [job.output.strip() for job in result.jobs] == ["Ada", "Ada again"]


def test_an_unknown_definition_fails_with_its_name(
    sfn_engine: Engine, sfn_run: Callable[..., ExecutionResult]
) -> None:
    result = sfn_run(
        lambda stack: BatchOperation.submit_job(stack, "Job", "greet", "greet:1", "nowhere")
    )
    assert result.status == "FAILED"
    assert result.error == "Batch.ClientException"
    assert "greet:1" in str(result.cause)
