"""What a data sync deletes, as the pages of the fragments tell it: with the published handlers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.proofs import FULL, long_proof

from sfn_fragments_data_sync import DataSyncFragment, DistributedDataSyncFragment
from sfn_fragments_local import Engine

if TYPE_CHECKING:
    from collections.abc import Iterator

#: What is in the two buckets before each run.
SOURCE = {"in/a", "in/b", "in/sub/c", "in-2/d"}
RESULTS = {"out/a", "out/old", "out-2/e", "out/gone/f"}

#: Name of the case to what is asked for besides the paths, and what is then in the two buckets.
CASES: dict[str, tuple[dict[str, Any], set[str], set[str]]] = {
    "what is only in the destination is deleted": (
        {},
        SOURCE,
        {"out/a", "out/b", "out/sub/c", "out-2/e"},
    ),
    "nothing is deleted": (
        {"delete": False},
        SOURCE,
        RESULTS | {"out/b", "out/sub/c"},
    ),
    "what the filter leaves out is deleted in the destination": (
        {"filter_config": {"include": "b"}},
        SOURCE,
        {"out/b", "out-2/e"},
    ),
    "a filter that matches nothing empties the destination": (
        {"filter_config": {"include": "nothing"}},
        SOURCE,
        {"out-2/e"},
    ),
    "the source is deleted, with what the filter left out": (
        {"retain_source_data": False, "delete": False, "filter_config": {"include": "b"}},
        {"in-2/d"},
        RESULTS | {"out/b"},
    ),
    "keys that begin like a destination without a slash are deleted": (
        {"source_path": "s3://source/in/a", "destination_path": "s3://results/out"},
        SOURCE,
        {"out"},
    ),
    "keys that begin like a source without a slash are deleted": (
        {"source_path": "s3://source/in", "retain_source_data": False, "delete": False},
        set(),
        RESULTS | {"out/b", "out/sub/c"},
    ),
}
#: What every change is held against; each of the others takes a job of two seconds.
CHEAP = [*CASES][:1]


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    from sfn_fragments.sandbox import Sandbox

    sandbox = Sandbox("dev-x")
    arguments: dict[str, Any] = {
        "aibs_informatics_docker_asset": sandbox.image,
        "batch_job_queue": sandbox.job_queue,
        "scaffolding_bucket": sandbox.bucket,
        "deploy_job_definition": True,
    }
    stack, env_base = sandbox.stack, sandbox.env_base
    DataSyncFragment(stack, "One", env_base, **arguments).to_state_machine("one")
    DistributedDataSyncFragment(stack, "Many", env_base, **arguments).to_state_machine("many")
    with Engine() as engine:
        engine.deploy(stack)
        engine.create_job_queue(sandbox.job_queue)
        engine.create_bucket("source")
        engine.create_bucket("results")
        yield engine


def keys(engine: Engine, bucket: str) -> set[str]:
    listed = engine.client("s3").list_objects_v2(Bucket=bucket)
    return {item["Key"] for item in listed.get("Contents", [])}


def fill(engine: Engine, bucket: str, wanted: set[str]) -> None:
    s3 = engine.client("s3")
    for key in keys(engine, bucket):
        s3.delete_object(Bucket=bucket, Key=key)
    for key in wanted:
        s3.put_object(Bucket=bucket, Key=key, Body=key.encode())


def run(engine: Engine, machine: str, **request: Any) -> tuple[set[str], set[str]]:
    """What is in the two buckets after a sync."""
    fill(engine, "source", SOURCE)
    fill(engine, "results", RESULTS)
    paths = {"source_path": "s3://source/in/", "destination_path": "s3://results/out/"}
    engine.execute({**paths, **request}, f"dev-x-{machine}").raise_for_status()
    return keys(engine, "source"), keys(engine, "results")


@pytest.mark.parametrize("case", CASES if FULL else CHEAP)
def test_what_one_job_deletes(engine: Engine, case: str) -> None:
    request, source, results = CASES[case]
    assert run(engine, "one", **request) == (source, results)


@long_proof
def test_many_jobs_delete_within_what_each_of_them_copies(engine: Engine) -> None:
    """A folder of the destination that no job copies to is not looked at."""
    _, results = run(engine, "many", batch_size_bytes_limit=4)
    assert results == {"out/a", "out/b", "out/sub/c", "out/old", "out/gone/f", "out-2/e"}


@long_proof
def test_many_jobs_that_are_one_mirror_the_source(engine: Engine) -> None:
    _, results = run(engine, "many")
    assert results == {"out/a", "out/b", "out/sub/c", "out-2/e"}
