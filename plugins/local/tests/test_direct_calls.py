"""The engine's own clients get the answers that anybody gets by HTTP."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from tests.proofs import few

from sfn_fragments_local import Engine
from sfn_fragments_local.engine import EngineError

if TYPE_CHECKING:
    from collections.abc import Callable

#: What differs from call to call, or is of the connection.
VOLATILE = {
    *("date", "server", "connection", "content-length", "last-modified"),
    *("x-amzn-requestid", "x-amz-request-id"),
}


def said(response: dict[str, Any]) -> dict[str, Any]:
    """An answer without what differs from call to call, and with the content of a body."""
    metadata = response["ResponseMetadata"]
    headers = {k: v for k, v in metadata["HTTPHeaders"].items() if k not in VOLATILE}
    content = {"Body": response["Body"].read()} if "Body" in response else {}
    rest = {k: v for k, v in response.items() if k != "ResponseMetadata"}
    return {**rest, **content, "status": metadata["HTTPStatusCode"], "headers": headers}


KEY = "a b/é+%?&=#/~.txt"
CALLS: dict[str, Callable[[Any], Any]] = {
    "list": lambda s3: s3.list_objects_v2(Bucket="bucket", Prefix="a b/é+%?&=#", Delimiter="/"),
    "get": lambda s3: s3.get_object(Bucket="bucket", Key=KEY),
    "a part": lambda s3: s3.get_object(Bucket="bucket", Key=KEY, Range="bytes=2-4"),
    "head": lambda s3: s3.head_object(Bucket="bucket", Key=KEY),
    "put": lambda s3: s3.put_object(Bucket="bucket", Key="put", Body=b"x" * 100_000),
    "an empty one": lambda s3: s3.put_object(Bucket="bucket", Key="put"),
    "a file": lambda s3: s3.put_object(Bucket="bucket", Key="put", Body=io.BytesIO(b"abc")),
    "tags": lambda s3: s3.put_object(Bucket="bucket", Key="put", Body="x", Tagging="a=b%20c&d="),
    "delete": lambda s3: s3.delete_objects(
        Bucket="bucket", Delete={"Objects": [{"Key": "put"}, {"Key": "none"}]}
    ),
}


@pytest.fixture
def clients(sfn_engine: Engine) -> tuple[Any, Any]:
    """One that is answered directly, and one that connects."""
    direct = sfn_engine.client("s3")
    sfn_engine.create_bucket("bucket")
    metadata = {"under_score": "1", "da-sh": "two words"}
    direct.put_object(Bucket="bucket", Key=KEY, Body="täxt".encode(), Metadata=metadata)
    return direct, boto3.client("s3")


@few(4)
@pytest.mark.parametrize("name", CALLS)
def test_the_answer_is_the_same(clients: tuple[Any, Any], name: str) -> None:
    direct, connecting = (said(CALLS[name](client)) for client in clients)
    assert direct == connecting
    assert direct["status"] in (200, 204, 206)


def test_what_was_put_is_there(clients: tuple[Any, Any], tmp_path: Any) -> None:
    direct, connecting = clients
    got = connecting.get_object(Bucket="bucket", Key=KEY)
    assert got["Body"].read().decode() == "täxt"
    assert got["Metadata"] == {"under_score": "1", "da-sh": "two words"}
    # A file goes in parts, each with a checksum behind it.
    large = tmp_path / "large"
    large.write_bytes(os.urandom(9_000_000))
    direct.upload_file(str(large), "bucket", "large")
    direct.download_file("bucket", "large", str(tmp_path / "copy"))
    assert (tmp_path / "copy").read_bytes() == large.read_bytes()
    assert connecting.get_object(Bucket="bucket", Key="large")["Body"].read() == large.read_bytes()
    for body in (b"x" * 100_000, io.BytesIO(b"y" * 10), "text"):
        direct.put_object(Bucket="bucket", Key="put", Body=body)
        content = body.getvalue() if isinstance(body, io.BytesIO) else body
        expected = content.encode() if isinstance(content, str) else content
        assert connecting.get_object(Bucket="bucket", Key="put")["Body"].read() == expected


def test_a_refusal_is_the_same(clients: tuple[Any, Any]) -> None:
    errors = []
    for client in clients:
        for call in ("get_object", "head_object"):
            with pytest.raises(ClientError) as refused:
                getattr(client, call)(Bucket="bucket", Key="none")
            response: Any = refused.value.response
            errors.append((call, response["Error"], response["ResponseMetadata"]["HTTPStatusCode"]))
    assert errors[:2] == errors[2:]


def test_nothing_answers_a_closed_engine() -> None:
    with Engine() as engine:
        client = engine.client("batch")
        client.describe_job_queues()
    with pytest.raises(EngineError):
        engine.client("batch")
    with pytest.raises(EndpointConnectionError):
        client.describe_job_queues()
