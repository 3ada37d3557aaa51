"""What the tests of this distribution share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sfn_fragments.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk import Stack

    from sfn_fragments_local import Engine


class Bench:
    """A stack to build in, and ways to put files into an engine and find them again."""

    def __init__(self) -> None:
        self.sandbox = Sandbox("dev-x")

    @property
    def stack(self) -> Stack:
        return self.sandbox.stack

    @property
    def arguments(self) -> dict[str, Any]:
        """What the fragments' constructors take besides scope and id."""
        return {
            "env_base": self.sandbox.env_base,
            "aibs_informatics_docker_asset": self.sandbox.image,
            "batch_job_queue": self.sandbox.job_queue,
            "scaffolding_bucket": self.sandbox.bucket,
        }

    def deploy(self, engine: Engine) -> None:
        """Deploy the stack, with its queue and the buckets ``source`` and ``results``."""
        engine.deploy(self.stack)
        engine.create_job_queue(self.sandbox.job_queue)
        engine.create_bucket("source")
        engine.create_bucket("results")

    def put(self, engine: Engine, bucket: str, objects: Mapping[str, bytes]) -> None:
        for key, content in objects.items():
            engine.client("s3").put_object(Bucket=bucket, Key=key, Body=content)

    def get(self, engine: Engine, bucket: str, prefix: str = "") -> dict[str, bytes]:
        """Every object below a prefix, by the rest of its key."""
        s3 = engine.client("s3")
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        keys = [item["Key"] for page in pages for item in page.get("Contents", [])]
        return {
            key.removeprefix(prefix): s3.get_object(Bucket=bucket, Key=key)["Body"].read()
            for key in keys
        }


@pytest.fixture
def bench() -> Bench:
    return Bench()
