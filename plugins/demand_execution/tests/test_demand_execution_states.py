"""The states of a demand execution, with machines that answer at once in place of handlers."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Duration
from aws_cdk import aws_stepfunctions as sfn
from tests.batch_jobs import attempts, interrupt
from tests.proofs import few, long_proof, some

from sfn_fragments.errors import InvalidParametersError
from sfn_fragments.fragments import create_state_machine
from sfn_fragments_batch import JobOptions, MountPointConfiguration
from sfn_fragments_demand_execution import DemandExecutionFragment
from sfn_fragments_local import Engine

if TYPE_CHECKING:
    from collections.abc import Callable

    from sfn_fragments_local.execution import ExecutionResult

FAILING = {"command": ["/bin/bash", "-c", "echo no such table; exit 3"]}
BROKEN = {"source_path": "broken", "destination_path": "anywhere"}
SOUND = {"source_path": "sound", "destination_path": "anywhere"}


def run(bench: Any, engine: Engine, request: dict[str, Any] | None = None) -> ExecutionResult:
    bench.deploy(engine)
    return engine.execute(request or bench.request("true"), "dev-x-demand")


def described_job(engine: Engine, result: ExecutionResult) -> dict[str, Any]:
    (job,) = result.jobs
    described: dict[str, Any] = engine.client("batch").describe_jobs(jobs=[job.id])["jobs"][0]
    return described


def removals(bench: Any, engine: Engine) -> list[Any]:
    return [
        one["payload"]
        for one in bench.nested_inputs(engine, "dev-x-handlers")
        if one["handler"].endswith("remove_data_paths_handler")
    ]


@long_proof
def test_the_job_is_as_planned(bench: Any, sfn_engine: Engine) -> None:
    volumes = [{"name": "data", "host": {"sourcePath": "/data"}}]
    mounts = [{"sourceVolume": "data", "containerPath": "/opt/data", "readOnly": False}]
    role = "arn:aws:iam::123456789012:role/dev-x-job"
    retries = {"attempts": 2, "evaluateOnExit": [{"action": "exit", "onExitCode": "3"}]}
    job = {
        "volumes": volumes,
        "mount_points": mounts,
        "job_role_arn": role,
        "retry_strategy": retries,
        "command": ["/bin/bash", "-c", 'test "$GREETING" = hello'],
    }
    bench.build(**bench.stub_arguments(job=job, inputs=[SOUND], outputs=[SOUND, SOUND]))
    result = run(bench, sfn_engine).raise_for_status()
    (definition,) = sfn_engine.job_definitions(None)
    assert definition["status"] == "INACTIVE"
    assert definition["jobDefinitionName"].startswith("dev-x-test-")
    assert definition["tags"] == {"USER": "unknown"}
    assert definition["retryStrategy"]["attempts"] == 2
    assert definition["retryStrategy"]["evaluateOnExit"] == retries["evaluateOnExit"]
    container = definition["containerProperties"]
    assert container["volumes"] == volumes
    assert container["mountPoints"] == mounts
    assert container["jobRoleArn"] == role
    assert container["privileged"] is True
    assert container["command"] == job["command"]
    assert {one["type"]: one["value"] for one in container["resourceRequirements"]} == {
        "MEMORY": "512",
        "VCPU": "1",
    }
    described = described_job(sfn_engine, result)
    assert described["jobName"] == "dev-x-test-strict-hash"
    task = result.output["tasks"]["batch_submit_task"]
    assert task["JobId"] == described["jobId"]
    assert task["Status"] == "SUCCEEDED"
    assert len(bench.nested_inputs(sfn_engine, "dev-x-sync")) == 3
    (started_by,) = {
        one["AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID"]
        for one in [
            *bench.nested_inputs(sfn_engine, "dev-x-sync"),
            *bench.nested_inputs(sfn_engine, "dev-x-handlers"),
        ]
    }
    assert started_by == result.arn


@long_proof
def test_options_of_the_job(bench: Any, sfn_engine: Engine) -> None:
    options = JobOptions(
        tags={"organisation": "acme", "execution": "$.execution_id", "USER": "nobody"},
        retry_strategy=3,
        shared_memory_size="$.shm",
        job_role="arn:aws:iam::123456789012:role/dev-x-default",
        container_properties={"readonlyRootFilesystem": True},
        allow_override=["timeout"],
    )
    arguments = bench.stub_arguments(job={"job_role_arn": None})
    bench.build(**arguments, job_options=options, tags={"execution": "own"})
    request = {**bench.request("true"), "shm": 64, "job_options": {"timeout": 90}}
    result = run(bench, sfn_engine, request).raise_for_status()
    # The handler plans with these; the stub plans tags of its own.
    [planned] = [
        one["payload"]["demand_execution"]["execution_metadata"]["tags"]
        for one in bench.nested_inputs(sfn_engine, "dev-x-handlers")
        if "demand_execution" in one["payload"]
    ]
    assert planned == {"organisation": "acme", "execution": "own", "USER": "nobody"}
    job = described_job(sfn_engine, result)
    assert job["retryStrategy"] == {"attempts": 3}
    assert job["timeout"] == {"attemptDurationSeconds": 90}
    (definition,) = sfn_engine.job_definitions(None)
    container = definition["containerProperties"]
    assert container["linuxParameters"] == {"sharedMemorySize": 64}
    assert container["readonlyRootFilesystem"] is True
    assert container["jobRoleArn"].endswith("dev-x-default")


def test_options_that_cannot_work_are_refused(bench: Any) -> None:
    wrong: dict[str, Any] = {
        "timeout": 5,
        "fallback_job_queue": "a b",
        "runnable_timeout": "$.wait",
        "platform": "ARM",
        "allow_override": ["array_size"],
    }
    with pytest.raises(InvalidParametersError) as raised:
        bench.build(**bench.stub_arguments(), job_options=JobOptions(**wrong))
    assert {one.parameter for one in raised.value.problems} == {
        f"job_options.{one}" for one in wrong
    }


@long_proof
def test_what_spot_takes_away_goes_to_another_queue(bench: Any, sfn_engine: Engine) -> None:
    command = ["sh", "-c", "test $AWS_BATCH_JQ_NAME = dev-x-other || exec sleep 60"]
    options = JobOptions(fallback_job_queue="dev-x-other", runnable_timeout=3600)
    job = {"command": command, "retry_strategy": None}
    bench.build(**bench.stub_arguments(job=job), job_options=options)
    bench.deploy(sfn_engine)
    sfn_engine.create_job_queue("dev-x-other")
    request = bench.request("true")
    execution = sfn_engine.start(request, "dev-x-demand")
    interrupt(sfn_engine, 2, "dev-x-test-strict-hash-")
    result = execution.wait(60).raise_for_status()
    first, second = result.jobs
    assert (first.status, attempts(sfn_engine, first.id)) == ("FAILED", 2)
    assert (second.queue, second.status) == ("dev-x-other", "SUCCEEDED")
    # Each try is looked at by a name of its own.
    assert second.name == f"{first.name}f"
    assert result.output["tasks"]["batch_submit_task"]["JobId"] == second.id
    given = result.output["request"]["demand_execution"]
    assert given["execution_id"] == request["execution_id"]
    assert removals(bench, sfn_engine) == [{"paths": ["/opt/efs/scratch/run-1"]}]
    assert sfn_engine.job_definitions() == []


@long_proof
def test_a_job_that_waits_for_too_long_is_cleaned_up(bench: Any) -> None:
    with Engine(max_jobs=1) as engine:
        options = JobOptions(runnable_timeout=60)
        bench.build(**bench.stub_arguments(), job_options=options)
        bench.deploy(engine)
        batch = engine.client("batch")
        blocks = batch.register_job_definition(
            jobDefinitionName="blocks",
            type="container",
            containerProperties={
                "image": "i",
                "command": ["sleep", "120"],
                "memory": 4,
                "vcpus": 1,
            },
        )["jobDefinitionArn"]
        batch.submit_job(jobName="blocks", jobQueue="dev-x-queue", jobDefinition=blocks)
        wait_until(lambda: engine.jobs and engine.jobs[0].status == "RUNNING")
        execution = engine.start(bench.request("true"), "dev-x-demand")
        wait_until(lambda: len(engine.jobs) == 2)
        # The engine shortens the minute of the Wait; the job's own time has to pass as well.
        for job in list(engine._jobs._jobs):
            job.job_created_at = job.job_created_at.replace(year=2020)
        result = execution.wait(90)
        assert result.status == "FAILED"
        assert "and may wait 60" in json.loads(str(result.cause))["StatusReason"]
        assert removals(bench, engine) == [{"paths": ["/opt/efs/scratch/run-1"]}]
        kept = [one["jobDefinitionName"] for one in engine.job_definitions()]
        assert kept == ["blocks"]


def wait_until(reached: Callable[[], Any]) -> None:
    ends = time.monotonic() + 60
    while not reached():
        assert time.monotonic() < ends
        time.sleep(0.02)


@long_proof
def test_a_plan_without_role_retries_or_removals(bench: Any, sfn_engine: Engine) -> None:
    job = {"job_role_arn": None, "retry_strategy": None}
    bench.build(**bench.stub_arguments(job=job, removals=[]))
    run(bench, sfn_engine).raise_for_status()
    (definition,) = sfn_engine.job_definitions(None)
    assert "jobRoleArn" not in definition["containerProperties"]
    assert definition["retryStrategy"]["attempts"] == 5
    assert removals(bench, sfn_engine) == []


@long_proof
def test_each_removal_is_a_request_of_its_own(bench: Any, sfn_engine: Engine) -> None:
    requests = [{"paths": ["/a", "/b"]}, {"paths": []}, {"paths": ["/c"], "more": 1}]
    bench.build(**bench.stub_arguments(removals=requests))
    run(bench, sfn_engine).raise_for_status()
    key = json.dumps
    assert sorted(removals(bench, sfn_engine), key=key) == sorted(requests, key=key)


@long_proof
def test_a_command_that_takes_too_long(bench: Any) -> None:
    with Engine(job_timeout_scale=0.02) as engine:
        arguments = bench.stub_arguments(job={"command": ["sleep", "60"]})
        bench.build(**arguments | {"timeout": Duration.minutes(1)})
        result = run(bench, engine)
        assert result.error == "States.TaskFailed"
        assert "Job attempt duration exceeded timeout" in str(result.cause)
        assert engine.job_definitions() == []
        assert removals(bench, engine) == [{"paths": ["/opt/efs/scratch/run-1"]}]


@few(1)
@pytest.mark.parametrize("removal_fails", [False, True])
def test_a_failing_command(bench: Any, sfn_engine: Engine, removal_fails: bool) -> None:
    bench.build(**bench.stub_arguments(job=FAILING, outputs=[SOUND], removal_fails=removal_fails))
    result = run(bench, sfn_engine)
    assert result.status == "FAILED"
    assert result.error == "States.TaskFailed"
    cause = json.loads(result.cause or "null")
    assert cause["JobId"] == result.jobs[0].id
    assert cause["Status"] == "FAILED"
    assert sfn_engine.job_definitions() == []
    # The outputs of a command that failed are not taken for results.
    assert bench.nested_inputs(sfn_engine, "dev-x-sync") == []
    assert removals(bench, sfn_engine) == [{"paths": ["/opt/efs/scratch/run-1"]}]


@few(1)
@pytest.mark.parametrize("failing", ["inputs", "outputs"])
def test_a_failing_sync(bench: Any, sfn_engine: Engine, failing: str) -> None:
    syncs: dict[str, Any] = {failing: [SOUND, BROKEN]}
    bench.build(**bench.stub_arguments(**syncs))
    result = run(bench, sfn_engine)
    assert (result.status, result.error, result.cause) == (
        "FAILED",
        "Sync.DiskFull",
        '{"full": "yes"}',
    )
    assert len(result.jobs) == (0 if failing == "inputs" else 1)
    assert sfn_engine.job_definitions() == []
    assert removals(bench, sfn_engine) == [{"paths": ["/opt/efs/scratch/run-1"]}]


@long_proof
def test_a_failing_removal(bench: Any, sfn_engine: Engine) -> None:
    bench.build(**bench.stub_arguments(removal_fails=True))
    result = run(bench, sfn_engine)
    assert (result.status, result.error, result.cause) == (
        "FAILED",
        "Removal.Broken",
        "read-only",
    )
    assert sfn_engine.job_definitions() == []


@long_proof
def test_a_job_that_batch_refuses(bench: Any, sfn_engine: Engine) -> None:
    bench.build(**bench.stub_arguments(job={"job_queue_name": "dev-x-missing"}))
    result = run(bench, sfn_engine)
    assert result.status == "FAILED"
    assert "dev-x-missing" in str(result.cause)
    assert sfn_engine.job_definitions() == []
    assert removals(bench, sfn_engine) == [{"paths": ["/opt/efs/scratch/run-1"]}]


@long_proof
def test_tags_reach_the_job(bench: Any, sfn_engine: Engine) -> None:
    bench.build(
        **bench.stub_arguments(),
        tags={
            "team": "imaging",
            "stage": "build",
            "execution": "$.execution_id",
            "text": "States.Format('{} by {}', $.execution_type, $$.StateMachine.Name)",
        },
    )
    request = bench.request("true", tags={"stage": "run", "project": "p1"})
    result = run(bench, sfn_engine, request).raise_for_status()
    expected = {
        "team": "imaging",
        "stage": "run",
        "execution": "run-1",
        "text": "test by dev-x-demand",
        "project": "p1",
    }
    assert described_job(sfn_engine, result)["tags"] == expected
    handled = result.output["request"]["demand_execution"]
    assert handled == {**request, "execution_metadata": {"tags": expected}}


@long_proof
def test_a_job_without_tags_has_those_of_its_definition(bench: Any, sfn_engine: Engine) -> None:
    bench.build(**bench.stub_arguments())
    result = run(bench, sfn_engine, bench.request("true")).raise_for_status()
    assert described_job(sfn_engine, result)["tags"] == {"USER": "unknown"}


@pytest.mark.parametrize("tags", some([None, {"a": "1"}, {"a": "$.execution_id", "b": "2"}], 1))
def test_the_chain_that_normalizes_tags(
    bench: Any, sfn_engine: Engine, tags: dict[str, str] | None
) -> None:
    fragment = bench.build(**bench.stub_arguments())
    create_state_machine(
        bench.stack,
        bench.sandbox.env_base,
        "tags",
        "tags",
        fragment.demand_execution_normalize_tags_chain(tags),
    )
    bench.deploy(sfn_engine)
    built = {key: "run-1" if value[0] == "$" else value for key, value in (tags or {}).items()}
    given: list[dict[str, Any] | None]
    given = [None, {}, {"user": "me"}, {"tags": None}, {"tags": {}}, {"tags": {"b": "3"}}]
    for metadata in given:
        request = bench.request("true")
        if metadata is not None:
            request["execution_metadata"] = metadata
        result = sfn_engine.execute(request, "dev-x-tags").raise_for_status()
        own = (metadata or {}).get("tags") or {}
        expected = {**(metadata or {}), "tags": {**built, **own}}
        assert result.output == {**request, "execution_metadata": expected}, metadata


@long_proof
def test_settings_may_be_reference_paths(bench: Any, sfn_engine: Engine) -> None:
    arguments = bench.stub_arguments() | {
        "aibs_informatics_docker_asset": "$.settings.image",
        "scaffolding_bucket": "$.settings.bucket",
        "scaffolding_job_queue": "$.settings.queue",
        "context_manager_configuration": {
            "isolate_inputs": "$.settings.isolate",
            "cleanup_inputs": False,
            "input_data_sync_configuration": {"force": "$.settings.force", "size_only": True},
        },
    }
    bench.build(**arguments)
    settings = {"image": "i", "bucket": "b", "queue": "q", "isolate": True, "force": False}
    run(bench, sfn_engine, {**bench.request("true"), "settings": settings}).raise_for_status()
    for sent in bench.nested_inputs(sfn_engine, "dev-x-handlers"):
        assert (sent["image"], sent["bucket_name"], sent["job_queue"]) == ("i", "b", "q")
    (payload,) = [
        sent["payload"]
        for sent in bench.nested_inputs(sfn_engine, "dev-x-handlers")
        if sent["handler"].endswith("scaffolding.handler")
    ]
    assert payload["context_manager_configuration"] == {
        "isolate_inputs": True,
        "cleanup_inputs": False,
        "input_data_sync_configuration": {"force": False, "size_only": True},
    }


@long_proof
def test_tokens_of_paths_are_evaluated(bench: Any, sfn_engine: Engine) -> None:
    at = sfn.JsonPath.string_at
    arguments = bench.stub_arguments()
    scratch = arguments["scratch_mount_point_config"]
    arguments |= {
        "aibs_informatics_docker_asset": sfn.JsonPath.format("{}:1", at("$.settings.image")),
        "scaffolding_bucket": at("$.settings.bucket"),
        "scaffolding_job_queue": sfn.JsonPath.format("{}-queue", at("$.settings.queue")),
        "scratch_mount_point_config": MountPointConfiguration.from_access_point(
            scratch.access_point, sfn.JsonPath.format("/opt/{}", at("$.settings.folder"))
        ),
        "tmp_mount_point_config": MountPointConfiguration.from_file_system(
            scratch.access_point.file_system, at("$.settings.directory"), "/opt/tmp"
        ),
        "context_manager_configuration": {
            "isolate_inputs": sfn.JsonPath.object_at("$.settings.isolate"),
            "cleanup_inputs": False,
            "input_data_sync_configuration": {
                "force": at("$.settings.force"),
                "max_concurrency": sfn.JsonPath.number_at("$.settings.most"),
                "include_patterns": [at("$.settings.pattern"), "*.csv", "$5"],
                "exclude_patterns": sfn.JsonPath.list_at("$.settings.patterns"),
            },
        },
        "tags": {
            "run": sfn.JsonPath.execution_name,
            "text": sfn.JsonPath.format("{}-x", at("$.settings.bucket")),
        },
    }
    bench.build(**arguments)
    settings = {
        "image": "i",
        "bucket": "b",
        "queue": "q",
        "folder": "work",
        "directory": "/deep",
        "isolate": True,
        "force": False,
        "most": 7,
        "pattern": "*.tif",
        "patterns": ["x", "y"],
    }
    request = {**bench.request("true"), "settings": settings}
    result = run(bench, sfn_engine, request).raise_for_status()
    sent = bench.nested_inputs(sfn_engine, "dev-x-handlers")
    for one in sent:
        assert (one["image"], one["bucket_name"], one["job_queue"]) == ("i:1", "b", "q-queue")
        paths = {point["SourceVolume"]: point["ContainerPath"] for point in one["mount_points"]}
        assert paths == {"shared": "/opt/efs/shared", "scratch": "/opt/work", "tmp": "/opt/tmp"}
        volumes = {volume["Name"]: volume["EfsVolumeConfiguration"] for volume in one["volumes"]}
        assert volumes["tmp"]["RootDirectory"] == "/deep"
    (payload,) = [one["payload"] for one in sent if one["handler"].endswith("scaffolding.handler")]
    assert payload["file_system_configurations"]["scratch"]["container_path"] == "/opt/work"
    assert payload["context_manager_configuration"] == {
        "isolate_inputs": True,
        "cleanup_inputs": False,
        "input_data_sync_configuration": {
            "force": False,
            "max_concurrency": 7,
            "include_patterns": ["*.tif", "*.csv", "$5"],
            "exclude_patterns": ["x", "y"],
        },
    }
    assert described_job(sfn_engine, result)["tags"] == {
        "run": result.arn.split(":")[-1],
        "text": "b-x",
    }


OWN_REGISTRY = "123456789012.dkr.ecr.us-east-1.amazonaws.com"


@pytest.mark.parametrize(
    ("image", "expected"),
    some(
        [
            ("public.ecr.aws/docker/library/bash", "public.ecr.aws/docker/library/bash"),
            ("localhost:5000/tools", "localhost:5000/tools"),
            ("tools:v1", f"{OWN_REGISTRY}/tools:v1"),
            ("dev-x/tools@sha256:00", f"{OWN_REGISTRY}/dev-x/tools@sha256:00"),
        ],
        0,
    ),
)
def test_names_of_images(bench: Any, sfn_engine: Engine, image: str, expected: str) -> None:
    bench.build(**bench.stub_arguments(job={"image": image}))
    run(bench, sfn_engine).raise_for_status()
    (definition,) = sfn_engine.job_definitions(None)
    assert definition["containerProperties"]["image"] == expected


@long_proof
def test_a_repository_stands_for_the_image_pushed_last(bench: Any, sfn_engine: Engine) -> None:
    bench.build(**bench.stub_arguments(job={"image": "dev-x/tools"}))
    ecr = sfn_engine.client("ecr")
    ecr.create_repository(repositoryName="dev-x/tools")
    for version in ("v1", "v2"):
        manifest = {
            "schemaVersion": 2,
            "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
            "config": {"digest": f"sha256:{version}"},
            "layers": [],
        }
        ecr.put_image(
            repositoryName="dev-x/tools", imageManifest=json.dumps(manifest), imageTag=version
        )
    details = ecr.describe_images(repositoryName="dev-x/tools")["imageDetails"]
    newest = max(details, key=lambda one: one["imagePushedAt"])["imageDigest"]
    run(bench, sfn_engine).raise_for_status()
    (definition,) = sfn_engine.job_definitions(None)
    assert definition["containerProperties"]["image"] == f"{OWN_REGISTRY}/dev-x/tools@{newest}"


def test_a_repository_that_is_not_there(bench: Any, sfn_engine: Engine) -> None:
    bench.build(**bench.stub_arguments(job={"image": "dev-x/missing"}))
    result = run(bench, sfn_engine)
    assert result.status == "FAILED"
    assert "dev-x/missing" in str(result.cause)
    assert removals(bench, sfn_engine) == [{"paths": ["/opt/efs/scratch/run-1"]}]


@long_proof
def test_twice_in_one_parallel_state(bench: Any, sfn_engine: Engine) -> None:
    arguments = bench.stub_arguments(inputs=[SOUND])
    both = sfn.Parallel(bench.stack, "Both")
    for name in ("first", "second"):
        fragment = DemandExecutionFragment(
            bench.stack, name.title(), **arguments, tags={"branch": name, "id": "$.execution_id"}
        )
        both.branch(fragment.to_single_state(input_path=f"$.{name}"))
    create_state_machine(bench.stack, bench.sandbox.env_base, "demand", "demand", both)
    requests = {name: bench.request("true", execution_id=name) for name in ("first", "second")}
    result = run(bench, sfn_engine, requests).raise_for_status()
    metadata = [one["request"]["demand_execution"]["execution_metadata"] for one in result.output]
    assert metadata == [{"tags": {"branch": name, "id": name}} for name in ("first", "second")]
    assert len({one["tasks"]["batch_submit_task"]["JobId"] for one in result.output}) == 2
    assert sfn_engine.job_definitions() == []
    assert len(sfn_engine.job_definitions(None)) == 2


@long_proof
def test_many_syncs(bench: Any, sfn_engine: Engine) -> None:
    inputs = [{"source_path": f"s3://source/{n}", "destination_path": "x"} for n in range(60)]
    bench.build(**bench.stub_arguments(inputs=inputs))
    run(bench, sfn_engine).raise_for_status()
    sent = bench.nested_inputs(sfn_engine, "dev-x-sync")
    assert {one["source_path"] for one in sent} == {one["source_path"] for one in inputs}
