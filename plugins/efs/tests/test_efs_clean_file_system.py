"""Cleaning a file system, executed with the published handlers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.proofs import long_proof

from sfn_fragments.errors import InvalidParametersError
from sfn_fragments.sandbox import Sandbox
from sfn_fragments_batch import JobOptions
from sfn_fragments_efs import CleanFileSystemFragment
from sfn_fragments_local import Engine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sfn_fragments_local import JobRequest


def deploy(stack: Any, **arguments: Any) -> None:
    fragment = CleanFileSystemFragment(stack.sandbox.stack, "Clean", **stack.arguments | arguments)
    fragment.to_state_machine("clean")
    stack.deploy()


def test_what_is_stale_is_removed_and_what_is_fresh_is_kept(file_system_stack: Any) -> None:
    deploy(file_system_stack)
    file_system_stack.write("scratch/stale/one.txt", "12345", days_old=5)
    file_system_stack.write("scratch/stale/deep/two.txt", "123", days_old=8)
    file_system_stack.write("scratch/fresh/one.txt", "1", days_old=2)
    file_system_stack.write("results/old.txt", "1", days_old=100)
    path = f"efs://{file_system_stack.file_system_id}:/scratch"

    result = file_system_stack.engine.execute(
        {"path": path, "days_since_last_accessed": 3}
    ).raise_for_status()

    assert file_system_stack.files() == {"scratch/fresh/one.txt", "results/old.txt"}
    assert not (file_system_stack.folder / "scratch/stale").exists()
    assert result.output == {
        "size_bytes_removed": 8,
        "paths_removed": [f"{file_system_stack.mount_point}/scratch/stale"],
    }
    assert len(result.states) <= 13
    assert [job.name.rsplit("-", 5)[0] for job in result.jobs] == [
        "dev-sandbox-outdated-data-path-scanner",
        "dev-sandbox-remove-data-paths",
    ]
    assert file_system_stack.memory_of_jobs() == ["1024", "1024"]
    assert file_system_stack.engine.job_definitions() == []

    # As the page of the fragment warns: without a number of days, all of it goes.
    file_system_stack.engine.execute({"path": path}).raise_for_status()

    assert file_system_stack.files() == {"results/old.txt"}
    assert not (file_system_stack.folder / "scratch").exists()


@long_proof
@pytest.mark.parametrize("deployed", [False, True])
def test_both_jobs_have_the_options(file_system_stack: Any, deployed: bool) -> None:
    options = JobOptions(
        tags={"path": "$.path"},
        retry_strategy="$.tries",
        log_configuration="/acme/jobs",
        allow_override=["tags", "timeout"],
    )
    deploy(file_system_stack, job_options=options, deploy_job_definition=deployed)
    file_system_stack.write("scratch/stale/one.txt", "12345", days_old=5)
    path = f"{file_system_stack.mount_point}/scratch"
    request = {"path": path, "days_since_last_accessed": 3, "tries": 3}
    own = {"tags": {"team": "imaging"}}

    engine = file_system_stack.engine
    result = engine.execute({**request, "job_options": own}).raise_for_status()

    assert file_system_stack.files() == set()
    assert len(result.states) == (8 if deployed else 12)
    batch = engine.client("batch")
    jobs = batch.describe_jobs(jobs=[job.id for job in result.jobs])["jobs"]
    assert len(jobs) == 2
    for job in jobs:
        assert job["tags"] == {"path": path, "team": "imaging"}
        assert job["retryStrategy"] == {"attempts": 3}
        assert "timeout" not in job
        [definition] = batch.describe_job_definitions(jobDefinitions=[job["jobDefinition"]])[
            "jobDefinitions"
        ]
        logs = definition["containerProperties"]["logConfiguration"]
        assert logs["options"] == {"awslogs-group": "/acme/jobs"}


@long_proof
def test_nothing_stale(file_system_stack: Any) -> None:
    deploy(file_system_stack)
    file_system_stack.write("scratch/one.txt", "1", days_old=1)

    result = file_system_stack.engine.execute(
        {"path": f"{file_system_stack.mount_point}/scratch", "days_since_last_accessed": 3}
    ).raise_for_status()

    assert result.output == {"size_bytes_removed": 0, "paths_removed": []}
    assert file_system_stack.files() == {"scratch/one.txt"}


@long_proof
def test_the_size_to_leave_is_left(file_system_stack: Any) -> None:
    deploy(file_system_stack)
    file_system_stack.write("scratch/oldest.txt", "12345", days_old=9)
    file_system_stack.write("scratch/older.txt", "12345", days_old=8)
    file_system_stack.write("scratch/fresh.txt", "12345")

    file_system_stack.engine.execute(
        {
            "path": f"{file_system_stack.mount_point}/scratch",
            "days_since_last_accessed": 3,
            "min_size_bytes_allowed": 10,
        }
    ).raise_for_status()

    assert file_system_stack.files() == {"scratch/older.txt", "scratch/fresh.txt"}


@long_proof
def test_overrides_reach_both_jobs(file_system_stack: Any) -> None:
    deploy(file_system_stack, memory=2048, vcpus=2)
    engine = file_system_stack.engine
    env_base = file_system_stack.sandbox.env_base
    other, elsewhere = f"{env_base}-other", f"{env_base}-elsewhere"
    engine.create_job_queue(other)
    engine.create_bucket(elsewhere)
    file_system_stack.write("scratch/one.txt", "1", days_old=5)

    result = engine.execute(
        {
            "path": f"{file_system_stack.mount_point}/scratch",
            "days_since_last_accessed": 3,
            "memory": 4096,
            "job_queue": other,
            "bucket_name": elsewhere,
            "key_prefix": "kept/",
            "environment": {"COLOR": "blue"},
        }
    ).raise_for_status()

    assert file_system_stack.files() == set()
    assert file_system_stack.memory_of_jobs() == ["4096", "4096"]
    assert [job.queue for job in result.jobs] == [other, other]
    assert [job.environment["COLOR"] for job in result.jobs] == ["blue", "blue"]
    listed = engine.client("s3").list_objects_v2(Bucket=elsewhere)["Contents"]
    assert sorted(one["Key"].rsplit("/", 1)[1] for one in listed) == [
        "request.json",
        "request.json",
        "response.json",
        "response.json",
    ]
    assert all(one["Key"].startswith("kept/") for one in listed)


def test_a_failing_scan_removes_nothing(file_system_stack: Any) -> None:
    deploy(file_system_stack)
    file_system_stack.write("scratch/one.txt", "1", days_old=5)

    result = file_system_stack.engine.execute({"path": "efs://fs-0123456789abcdef0:/scratch"})

    assert result.status == "FAILED"
    assert result.error == "States.TaskFailed"
    assert "outdated-data-path-scanner" in result.cause
    assert [job.status for job in result.jobs] == ["FAILED"]
    assert file_system_stack.files() == {"scratch/one.txt"}
    assert file_system_stack.engine.job_definitions() == []


class FailingRemoval:
    """Runs the removal's jobs by a command that fails."""

    name = "failing removal"

    def accepts(self, job: JobRequest) -> bool:
        return "remove-data-paths" in job.name

    def command(self, job: JobRequest) -> list[str]:
        return ["sh", "-c", "echo no space left >&2; exit 3"]


class TestFailingRemoval:
    @pytest.fixture
    def sfn_engine(self) -> Iterator[Engine]:
        with Engine(runners=[FailingRemoval()]) as engine:
            yield engine

    def test_it_leaves_no_job_definition(self, file_system_stack: Any) -> None:
        deploy(file_system_stack)
        file_system_stack.write("scratch/one.txt", "1", days_old=5)

        result = file_system_stack.engine.execute(
            {"path": f"{file_system_stack.mount_point}/scratch", "days_since_last_accessed": 3}
        )

        assert result.status == "FAILED"
        assert result.error == "States.TaskFailed"
        assert "remove-data-paths" in result.cause
        assert [job.status for job in result.jobs] == ["SUCCEEDED", "FAILED"]
        assert file_system_stack.engine.job_definitions() == []


@long_proof
def test_used_twice_in_one_state_machine(file_system_stack: Any) -> None:
    stack = file_system_stack.sandbox.stack
    from aws_cdk.aws_stepfunctions import Parallel

    from sfn_fragments.fragments import create_state_machine

    both = Parallel(stack, "Both")
    for index, name in enumerate(("First", "Second")):
        clean = CleanFileSystemFragment(stack, name, **file_system_stack.arguments)
        # As fragments are put into others: as one state, on a part of the input.
        both.branch(clean.enclose(input_path=f"$.parts[{index}]", result_path="$.cleaned"))
    create_state_machine(stack, file_system_stack.sandbox.env_base, "Machine", "twice", both)
    file_system_stack.deploy()
    for folder in ("a", "b"):
        file_system_stack.write(f"{folder}/one.txt", "1234", days_old=5)
    paths = [f"{file_system_stack.mount_point}/{folder}" for folder in ("a", "b")]

    result = file_system_stack.engine.execute({"parts": [{"path": path} for path in paths]})

    result.raise_for_status()
    assert [one["cleaned"]["size_bytes_removed"] for one in result.output] == [4, 4]
    assert file_system_stack.files() == set()


def test_wrong_parameters_are_all_named() -> None:
    sandbox = Sandbox()
    with pytest.raises(InvalidParametersError, match=r"(?s)memory.*vcpus") as raised:
        CleanFileSystemFragment(
            sandbox.stack, "Wrong", sandbox.env_base, "image", "queue", "bucket", None, 1, 0
        )
    assert "CleanFileSystemFragment 'Wrong'" in str(raised.value)
