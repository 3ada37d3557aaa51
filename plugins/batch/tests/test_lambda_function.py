"""Handlers that run as jobs, with the published entry point and handlers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.proofs import few, long_proof

from sfn_fragments.environment import EnvBase
from sfn_fragments.iam import AllowedResources
from sfn_fragments_batch import BatchInvokedLambdaFunction

if TYPE_CHECKING:
    from collections.abc import Callable

    from sfn_fragments_local import Engine, ExecutionResult

ENV = EnvBase("dev-x")
PUT = "aibs_informatics_aws_lambda.handlers.data_sync.put_json_to_file_handler"
EVENT = {"content": {"a": [1, None]}, "path": "s3://scaffolding/out.json"}


@pytest.fixture(autouse=True)
def surroundings(sfn_engine: Engine) -> None:
    sfn_engine.create_bucket("scaffolding")
    for name in ("queue", "dev-run1-other"):
        sfn_engine.create_job_queue(name)


def keys(engine: Engine) -> list[str]:
    listed = engine.client("s3").list_objects_v2(Bucket="scaffolding").get("Contents", [])
    return [found["Key"] for found in listed]


def written(engine: Engine) -> Any:
    return json.load(engine.client("s3").get_object(Bucket="scaffolding", Key="out.json")["Body"])


@long_proof
def test_literals(sfn_engine: Engine, sfn_run: Callable[..., ExecutionResult]) -> None:
    result = sfn_run(
        lambda stack: BatchInvokedLambdaFunction(
            stack,
            "Put",
            ENV,
            name="put",
            image="img",
            handler=PUT,
            job_queue="queue",
            bucket_name="scaffolding",
            memory=1024,
            vcpus=1,
        ),
        EVENT,
    )
    assert result.raise_for_status().output == {"path": EVENT["path"]}
    assert written(sfn_engine) == EVENT["content"]
    assert len(result.states) == 6
    request, response = sorted(key for key in keys(sfn_engine) if key != "out.json")
    assert request.startswith(f"scratch/{result.name}/")
    assert request.endswith("/request.json")
    assert response == request.replace("request", "response")
    assert sfn_engine.job_definitions("ACTIVE") == []


def test_references(sfn_engine: Engine, sfn_run: Callable[..., ExecutionResult]) -> None:
    result = sfn_run(
        lambda stack: BatchInvokedLambdaFunction(
            stack,
            "Put",
            ENV,
            name="$.name",
            image="$.image",
            handler="$.handler",
            job_queue="$.queue",
            bucket_name="$.bucket",
            key_prefix="$.prefix",
            payload_path="$.event",
            environment={"LABEL": "States.Format('run-{}', $.name)"},
            memory="$.memory",
            vcpus="$.vcpus",
            gpu="$.gpu",
            mount_points="$.nothing",
            volumes="$.nothing",
        ),
        {
            "name": "put",
            "image": "img",
            "handler": PUT,
            "queue": "dev-run1-other",
            "bucket": "scaffolding",
            "prefix": "elsewhere/deep/",
            "event": EVENT,
            "memory": 2048,
            "vcpus": 1,
            "gpu": 0,
            "nothing": [],
        },
        allowed_resources=AllowedResources(buckets=["scaffolding"]),
    )
    result.raise_for_status()
    (job,) = result.jobs
    assert job.queue == "dev-run1-other"
    assert job.environment["LABEL"] == "run-put"
    assert job.environment["AWS_LAMBDA_FUNCTION_NAME"] == "put"
    assert sum(key.startswith("elsewhere/deep/") for key in keys(sfn_engine)) == 2
    assert len(result.states) == 6


def with_defaults(stack: Any, **given: Any) -> BatchInvokedLambdaFunction:
    return BatchInvokedLambdaFunction.with_defaults(
        stack, "Put", ENV, name="put", job_queue="queue", bucket_name="scaffolding", **given
    )


@long_proof
def test_a_response_above_256_kib_stays_in_s3(
    sfn_engine: Engine, sfn_run: Callable[..., ExecutionResult]
) -> None:
    get = "aibs_informatics_aws_lambda.handlers.data_sync.get_json_from_file_handler"
    large = json.dumps(["." * 100] * 3000)
    sfn_engine.client("s3").put_object(Bucket="scaffolding", Key="large.json", Body=large)
    given = {"image": "img", "handler": get, "payload": {"path": "s3://scaffolding/large.json"}}
    result = sfn_run(with_defaults, {**given, "return_response": False})
    location = result.raise_for_status().output
    assert set(location) == {"Bucket", "Key"}
    assert len(result.states) == 6
    response = json.load(sfn_engine.client("s3").get_object(**location)["Body"])
    assert response["content"] == json.loads(large)
    assert sfn_run(with_defaults, given).error == "States.DataLimitExceeded"
    assert sfn_engine.job_definitions("ACTIVE") == []


def test_defaults_alone(sfn_engine: Engine, sfn_run: Callable[..., ExecutionResult]) -> None:
    result = sfn_run(with_defaults, {"image": "img", "handler": PUT, "payload": EVENT})
    assert result.raise_for_status().output == {"path": EVENT["path"]}
    assert len(result.states) == 6
    assert result.jobs[0].queue == "queue"


def test_overrides(sfn_engine: Engine, sfn_run: Callable[..., ExecutionResult]) -> None:
    result = sfn_run(
        lambda stack: with_defaults(
            stack, environment={"A": "1", "B": "2"}, overrides_path="$.job", handler_path=PUT
        ),
        {
            "image": "img",
            "payload": EVENT,
            "job": {
                "job_queue": "dev-run1-other",
                "memory": 4096,
                "vcpus": 2,
                "gpu": 1,
                "key_prefix": "mine/",
                "environment": [{"Name": "B", "Value": "two"}],
                "command": None,
            },
        },
    )
    result.raise_for_status()
    (job,) = result.jobs
    assert job.queue == "dev-run1-other"
    assert (job.environment["A"], job.environment["B"]) == ("1", "two")
    (definition,) = sfn_engine.job_definitions(None)
    requirements = {
        each["type"]: each["value"]
        for each in definition["containerProperties"]["resourceRequirements"]
    }
    assert requirements == {"GPU": "1", "MEMORY": "4096", "VCPU": "2"}
    assert sum(key.startswith("mine/") for key in keys(sfn_engine)) == 2


@long_proof
def test_the_fragments_own_variables_win(sfn_run: Callable[..., ExecutionResult]) -> None:
    result = sfn_run(
        with_defaults,
        {
            "image": "img",
            "handler": PUT,
            "payload": EVENT,
            "environment": {"AWS_LAMBDA_FUNCTION_HANDLER": "no.such", "C": "3"},
        },
    )
    assert result.raise_for_status().jobs[0].environment["C"] == "3"


def test_a_handler_that_raises(sfn_engine: Engine, sfn_run: Callable[..., ExecutionResult]) -> None:
    result = sfn_run(
        with_defaults, {"image": "img", "handler": PUT, "payload": {"path": EVENT["path"]}}
    )
    assert (result.status, result.error) == ("FAILED", "States.TaskFailed")
    assert "content" in result.jobs[0].output
    assert sfn_engine.job_definitions("ACTIVE") == []


def test_a_missing_field_fails_before_anything_is_made(
    sfn_engine: Engine, sfn_run: Callable[..., ExecutionResult]
) -> None:
    result = sfn_run(with_defaults, {"handler": PUT, "payload": EVENT})
    assert result.status == "FAILED"
    assert "$.image" in str(result.cause)
    assert keys(sfn_engine) == []
    assert sfn_engine.job_definitions(None) == []


@long_proof
def test_twice_in_one_machine(sfn_engine: Engine, sfn_run: Callable[..., ExecutionResult]) -> None:
    def build(stack: Any) -> Any:
        first, second = (
            BatchInvokedLambdaFunction.with_defaults(
                stack,
                label,
                ENV,
                name="put",
                job_queue="queue",
                bucket_name="scaffolding",
                image_path="img",
                handler_path=handler,
                payload_path="$",
            )
            for label, handler in (
                ("Put", PUT),
                ("Get", PUT.replace("put_json_to_file", "get_json_from_file")),
            )
        )
        return first.next(second)

    result = sfn_run(build, EVENT)
    assert result.raise_for_status().output == {"content": EVENT["content"]}
    assert len(result.states) == 12


@few(1)
@pytest.mark.parametrize("role", ["arn:aws:iam::123456789012:role/dev-run1-job", None, ...])
def test_the_input_names_a_role_that_has_no_default(
    sfn_engine: Engine, sfn_run: Callable[..., ExecutionResult], role: Any
) -> None:
    given = {} if role is ... else {"job_role_arn": role}
    result = sfn_run(with_defaults, {"image": "img", "handler": PUT, "payload": EVENT, **given})
    result.raise_for_status()
    [definition] = sfn_engine.job_definitions(None)
    expected = role if isinstance(role, str) else None
    assert definition["containerProperties"].get("jobRoleArn") == expected


@long_proof
def test_a_role_of_another_environment_is_not_passed(
    sfn_run: Callable[..., ExecutionResult],
) -> None:
    role = "arn:aws:iam::123456789012:role/prod-job"
    event = {"image": "img", "handler": PUT, "payload": EVENT, "job_role_arn": role}
    result = sfn_run(with_defaults, event)
    assert result.status == "FAILED"
    assert "iam:PassRole" in str(result.cause)
