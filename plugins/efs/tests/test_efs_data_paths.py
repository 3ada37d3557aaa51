"""Path statistics, scanner and removal, executed with the published handlers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.proofs import long_proof

from sfn_fragments.errors import InvalidParametersError
from sfn_fragments.sandbox import Sandbox
from sfn_fragments_efs import (
    get_data_path_stats_fragment,
    outdated_data_path_scanner_fragment,
    remove_data_paths_fragment,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from sfn_fragments_local import Engine

FUNCTIONS = {
    "get-data-path-stats": get_data_path_stats_fragment,
    "outdated-data-path-scanner": outdated_data_path_scanner_fragment,
    "remove-data-paths": remove_data_paths_fragment,
}


def deploy(stack: Any, function: Callable[..., Any], **arguments: Any) -> None:
    fragment = function(stack.sandbox.stack, "Fragment", **stack.arguments | arguments)
    fragment.to_state_machine("machine")
    stack.deploy()


@long_proof
def test_paths_on_a_file_system_are_counted(file_system_stack: Any) -> None:
    deploy(file_system_stack, get_data_path_stats_fragment)
    file_system_stack.write("runs/a/one.txt", "12345")
    file_system_stack.write("runs/a/two.txt", "123")
    file_system_stack.write("runs/b.txt", "1")
    file_system_stack.write("elsewhere.txt", "1234567")
    path = f"efs://{file_system_stack.file_system_id}:/runs"

    result = file_system_stack.engine.execute({"path": path}).raise_for_status()

    stats = result.output["path_stats"]
    assert (stats["size_bytes"], stats["object_count"]) == (9, 3)
    children = {name: child["object_count"] for name, child in result.output["children"].items()}
    assert children == {"a": 2, "b.txt": 1}
    assert len(result.states) <= 6
    assert [job.name.rsplit("-", 5)[0] for job in result.jobs] == [
        "dev-sandbox-get-data-path-stats"
    ]
    assert file_system_stack.memory_of_jobs() == ["1024"]
    assert file_system_stack.engine.job_definitions() == []


@long_proof
def test_paths_in_s3_are_counted_and_scanned(sfn_engine: Engine) -> None:
    sandbox = Sandbox()
    for name in ("get-data-path-stats", "outdated-data-path-scanner"):
        FUNCTIONS[name](
            sandbox.stack,
            name,
            sandbox.env_base,
            sandbox.image,
            sandbox.job_queue,
            sandbox.bucket,
        ).to_state_machine(name)
    sfn_engine.create_job_queue(sandbox.job_queue)
    sfn_engine.deploy(sandbox.stack)
    sfn_engine.create_bucket("data")
    for key, text in (("a/one.txt", "12345"), ("a/b/two.txt", "123"), ("c.txt", "1")):
        sfn_engine.client("s3").put_object(Bucket="data", Key=key, Body=text)
    machine = f"{sandbox.env_base}-{{}}"

    stats = sfn_engine.execute(
        {"path": "s3://data/a/"}, machine.format("get-data-path-stats")
    ).raise_for_status()
    found = sfn_engine.execute(
        {"path": "s3://data/a/", "days_since_last_accessed": 0, "min_depth": 1},
        machine.format("outdated-data-path-scanner"),
    ).raise_for_status()
    fresh = sfn_engine.execute(
        {"path": "s3://data/a/", "days_since_last_accessed": 1},
        machine.format("outdated-data-path-scanner"),
    ).raise_for_status()

    assert stats.output["path_stats"]["size_bytes"] == 8
    assert stats.output["path_stats"]["object_count"] == 2
    # The handler names objects by their keys.
    assert found.output == {"paths": ["a/b/", "a/one.txt"]}
    assert fresh.output == {"paths": []}
    assert max(len(result.states) for result in (stats, found, fresh)) <= 6


@long_proof
def test_the_scanner_finds_what_is_stale(file_system_stack: Any) -> None:
    deploy(file_system_stack, outdated_data_path_scanner_fragment)
    file_system_stack.write("scratch/stale/one.txt", "1", days_old=5)
    file_system_stack.write("scratch/mixed/old.txt", "1", days_old=9)
    file_system_stack.write("scratch/mixed/new.txt", "1", days_old=1)
    file_system_stack.write("scratch/fresh/one.txt", "1", days_old=2)
    path = f"{file_system_stack.mount_point}/scratch"
    execute = file_system_stack.engine.execute

    by_file = execute({"path": path, "days_since_last_accessed": 3}).raise_for_status()
    by_folder = execute(
        {"path": path, "days_since_last_accessed": 3, "max_depth": 1}
    ).raise_for_status()

    found = {one.removeprefix(path).strip("/") for one in by_file.output["paths"]}
    assert found == {"stale", "mixed/old.txt"}
    assert {one.removeprefix(path).strip("/") for one in by_folder.output["paths"]} == {"stale"}
    assert len(by_file.states) <= 6
    assert len(file_system_stack.files()) == 4


@long_proof
def test_paths_are_removed(file_system_stack: Any) -> None:
    deploy(file_system_stack, remove_data_paths_fragment)
    file_system_stack.write("runs/a/one.txt", "12345")
    file_system_stack.write("runs/b.txt", "123")
    file_system_stack.write("runs/c.txt", "1")
    root = f"efs://{file_system_stack.file_system_id}:/runs"
    paths = [f"{root}/a", f"{file_system_stack.mount_point}/runs/b.txt", f"{root}/not-there"]

    result = file_system_stack.engine.execute({"paths": paths}).raise_for_status()

    assert file_system_stack.files() == {"runs/c.txt"}
    mounted = f"{file_system_stack.mount_point}/runs"
    assert result.output == {
        "size_bytes_removed": 8,
        "paths_removed": [f"{mounted}/a", f"{mounted}/b.txt", f"{mounted}/not-there"],
    }
    assert len(result.states) <= 6


@long_proof
def test_the_input_overrides_memory_and_queue(file_system_stack: Any) -> None:
    deploy(file_system_stack, get_data_path_stats_fragment, memory=2048, vcpus=2)
    other = f"{file_system_stack.sandbox.env_base}-other"
    file_system_stack.engine.create_job_queue(other)
    execute = file_system_stack.engine.execute
    path = {"path": file_system_stack.mount_point}

    default = execute(path).raise_for_status()
    overridden = execute({**path, "memory": 4096, "job_queue": other}).raise_for_status()

    assert sorted(file_system_stack.memory_of_jobs()) == ["2048", "4096"]
    queues = [result.jobs[0].queue for result in (default, overridden)]
    assert queues == [file_system_stack.sandbox.job_queue, other]


def test_a_failing_job_fails_the_execution_and_leaves_nothing(file_system_stack: Any) -> None:
    deploy(file_system_stack, get_data_path_stats_fragment)
    # Mounted nowhere.
    path = "efs://fs-0123456789abcdef0:/data"

    result = file_system_stack.engine.execute({"path": path})

    assert result.status == "FAILED"
    assert result.error == "States.TaskFailed"
    assert "dev-sandbox-get-data-path-stats" in result.cause
    assert result.jobs[0].status == "FAILED"
    assert file_system_stack.engine.job_definitions() == []


@long_proof
def test_used_twice_in_one_state_machine(sfn_engine: Engine) -> None:
    sandbox = Sandbox()
    stack = sandbox.stack
    from aws_cdk.aws_stepfunctions import Parallel

    from sfn_fragments.fragments import create_state_machine

    both = Parallel(stack, "Both")
    for name in ("First", "Second"):
        both.branch(
            get_data_path_stats_fragment(
                stack, name, sandbox.env_base, sandbox.image, sandbox.job_queue, sandbox.bucket
            )
        )
    create_state_machine(stack, sandbox.env_base, "Machine", "twice", both)
    sfn_engine.create_job_queue(sandbox.job_queue)
    sfn_engine.deploy(stack)
    sfn_engine.create_bucket("data")
    sfn_engine.client("s3").put_object(Bucket="data", Key="a.txt", Body="123")

    result = sfn_engine.execute({"path": "s3://data/"}).raise_for_status()

    assert [one["path_stats"]["size_bytes"] for one in result.output] == [3, 3]
    assert len(result.jobs) == 2


@pytest.mark.parametrize("name", FUNCTIONS)
def test_wrong_parameters_are_all_named(name: str) -> None:
    sandbox = Sandbox()
    with pytest.raises(InvalidParametersError, match=r"(?s)memory.*vcpus") as raised:
        FUNCTIONS[name](
            sandbox.stack, "Wrong", sandbox.env_base, "image", "queue", "bucket", None, 1, 0
        )
    assert "'Wrong'" in str(raised.value)
