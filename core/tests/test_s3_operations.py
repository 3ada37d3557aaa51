"""Objects and payloads go to S3 and come back, in as few states as it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Stack
from aws_cdk.aws_iam import PolicyStatement

from sfn_fragments.environment import EnvBase
from sfn_fragments.fragments import create_state_machine
from sfn_fragments.states import S3Operation

if TYPE_CHECKING:
    from collections.abc import Callable

    from sfn_fragments_local import Engine, ExecutionResult

Run = "Callable[..., ExecutionResult]"


@pytest.fixture
def bucket(sfn_engine: Engine) -> str:
    sfn_engine.create_bucket("dev-run1-woah")
    return "dev-run1-woah"


def read(engine: Engine, key: str) -> str:
    body: bytes = engine.client("s3").get_object(Bucket="dev-run1-woah", Key=key)["Body"].read()
    return body.decode()


@pytest.mark.parametrize(
    ("name", "key", "states"), [("dev-run1-woah", "wait/what", 1), ("$.bucket", "$.key", 2)]
)
def test_put_object(
    sfn_engine: Engine,
    sfn_run: Callable[..., ExecutionResult],
    bucket: str,
    name: str,
    key: str,
    states: int,
) -> None:
    result = sfn_run(
        lambda stack: S3Operation.put_object(stack, "Put", name, key, "$.nested"),
        {"bucket": bucket, "key": "wait/what", "nested": {"a": "b"}},
    )
    assert result.output == {"Bucket": "dev-run1-woah", "Key": "wait/what"}
    assert read(sfn_engine, "wait/what") == '{"a":"b"}'
    assert len(result.states) == states


def test_a_text_body_is_written_as_json(
    sfn_engine: Engine, sfn_run: Callable[..., ExecutionResult], bucket: str
) -> None:
    sfn_run(lambda stack: S3Operation.put_object(stack, "Put", bucket, "k", "text"))
    assert read(sfn_engine, "k") == '"text"'


@pytest.mark.parametrize("result_path", ["$", "$.put"])
def test_get_object(
    sfn_engine: Engine, sfn_run: Callable[..., ExecutionResult], bucket: str, result_path: str
) -> None:
    sfn_engine.client("s3").put_object(Bucket=bucket, Key="k", Body=b"text")
    given = {"key": "k"}
    result = sfn_run(
        lambda stack: S3Operation.get_object(stack, "Get", bucket, "$.key", result_path), given
    )
    found = {"Body": "text", "Bucket": "dev-run1-woah", "Key": "k"}
    assert result.output == (found if result_path == "$" else {**given, "put": found})


@pytest.mark.parametrize("payload", [{"a": [1, None, {"b": "c"}]}, [1, 2], "text", 3, None])
def test_a_payload_comes_back(
    sfn_run: Callable[..., ExecutionResult], bucket: str, payload: Any
) -> None:
    result = sfn_run(
        lambda stack: S3Operation.put_payload(stack, "Put", "$.data", "$.bucket").next(
            S3Operation.get_payload(stack, "Get", "$.Bucket", "$.Key")
        ),
        {"bucket": bucket, "data": payload},
    )
    assert result.status == "SUCCEEDED", result.cause
    assert result.output == payload
    assert len(result.states) == 3


def test_a_payload_gets_a_key_of_its_own(
    sfn_engine: Engine, sfn_run: Callable[..., ExecutionResult], bucket: str
) -> None:
    def twice(stack: Stack) -> Any:
        put = [
            S3Operation.put_payload(stack, f"Put {n}", "$.data", bucket, result_path=f"$.put{n}")
            for n in (1, 2)
        ]
        return put[0].next(put[1])

    result = sfn_run(twice, {"data": 1})
    keys = {result.output["put1"]["Key"], result.output["put2"]["Key"]}
    assert len(keys) == 2
    assert all(key.startswith(f"{result.name}/") for key in keys)
    assert all(read(sfn_engine, key) == "1" for key in keys)


def test_a_payload_is_put_into_the_input(
    sfn_engine: Engine, sfn_run: Callable[..., ExecutionResult], bucket: str
) -> None:
    sfn_engine.client("s3").put_object(Bucket=bucket, Key="wait/what", Body=b'{"a": "b"}')
    given = {"bucket": bucket, "key": "wait/what"}
    result = sfn_run(
        lambda stack: S3Operation.get_payload(stack, "Get", "$.bucket", "$.key", "$.payload"),
        given,
    )
    assert result.output == {**given, "payload": {"a": "b"}}


@pytest.mark.parametrize(
    ("lists", "error"), [(True, "S3.NoSuchKeyException"), (False, "S3.S3Exception")]
)
def test_a_missing_object_fails_by_its_own_name_where_the_role_may_list(
    sfn_engine: Engine, bucket: str, lists: bool, error: str
) -> None:
    stack = Stack(App(), "Stack")
    get = S3Operation.get_object(stack, "Get", bucket, "none")
    machine = create_state_machine(stack, EnvBase("dev-run1"), "id", "get", get)
    if lists:
        statement = PolicyStatement(actions=["s3:ListBucket"], resources=[f"arn:aws:s3:::{bucket}"])
        machine.role.add_to_principal_policy(statement)
    sfn_engine.deploy(stack)
    result = sfn_engine.execute({})
    assert (result.status, result.error) == ("FAILED", error)
