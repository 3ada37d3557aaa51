"""Data sync by many jobs, with the published handlers on real files."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

import aws_cdk.aws_stepfunctions as sfn
import pytest
from tests.batch_jobs import attempts, interrupt
from tests.proofs import few, long_proof, some

from sfn_fragments.errors import InvalidParametersError
from sfn_fragments.fragments import EnvBaseStateMachineFragment
from sfn_fragments_batch import JobOptions, MountPointConfiguration
from sfn_fragments_data_sync import DistributedDataSyncFragment
from sfn_fragments_data_sync.models import DistributedSyncRequest, DistributedSyncResponse
from sfn_fragments_local import Engine, JobRequest

if TYPE_CHECKING:
    from sfn_fragments_local import ExecutionResult

MAX_INPUT = 256 * 1024
REQUEST = {
    "source_path": "s3://source/in/",
    "destination_path": "s3://results/out/",
    # One folder each.
    "batch_size_bytes_limit": 100,
}
FILES = {f"{folder}/{name}.bin": os.urandom(40) for folder in "abc" for name in ("x", "y")}


needs_namespaces = pytest.mark.usefixtures("sfn_mounts")


def put_files(bench: Any, engine: Engine) -> None:
    bench.put(engine, "source", {f"in/{key}": body for key, body in FILES.items()})


def add(bench: Any, name: str, **options: Any) -> None:
    DistributedDataSyncFragment(
        bench.stack, name, **{**bench.arguments, **options}
    ).to_state_machine(name)


def assert_states(result: ExecutionResult, batches: int) -> None:
    assert len(result.jobs) == 1 + batches
    assert len(result.states) <= 8 + 2 * batches


def test_every_object_arrives(bench: Any, sfn_engine: Engine) -> None:
    add(bench, "sync")
    bench.deploy(sfn_engine)
    put_files(bench, sfn_engine)
    DistributedSyncRequest.model_validate(REQUEST)
    result = sfn_engine.execute(REQUEST, name="run").raise_for_status()
    assert bench.get(sfn_engine, "results", "out/") == FILES
    assert_states(result, batches=3)
    assert sfn_engine.job_definitions() == []
    kept = bench.get(sfn_engine, "dev-x-scaffolding", "scratch/run/")
    kinds = Counter(key.split("/")[1] for key in kept)
    # A request and a response, and for each batch too.
    assert kinds == Counter(
        {"request.json": 1, "response.json": 1, "requests": 3, "responses": 3, "results": 2}
    )
    response = DistributedSyncResponse.model_validate(result.output)
    assert response.map_run_arn.startswith("arn:aws:states:")
    manifest = bench.get(sfn_engine, response.results.bucket, response.results.key)
    written = json.loads(manifest[""])
    assert written["MapRunArn"] == response.map_run_arn
    (file,) = written["ResultFiles"]["SUCCEEDED"]
    results = json.loads(bench.get(sfn_engine, response.results.bucket, file["Key"])[""])
    assert [one["Status"] for one in results] == ["SUCCEEDED"] * 3


@long_proof
def test_options_reach_the_jobs_of_batches(bench: Any, sfn_engine: Engine) -> None:
    options = JobOptions(
        tags={"sample": "$.sample", "run": "$$.Execution.Name"},
        scheduling_priority="$.priority",
        share_identifier="x",
        allow_override=["tags", "timeout", "ulimits"],
    )
    add(bench, "sync", job_options=options)
    bench.deploy(sfn_engine)
    put_files(bench, sfn_engine)
    batch = sfn_engine.client("batch")
    queue = bench.arguments["batch_job_queue"]
    policy = batch.create_scheduling_policy(name="fair", fairsharePolicy={})["arn"]
    batch.update_job_queue(jobQueue=queue, schedulingPolicyArn=policy)
    own = {"tags": {"team": "imaging"}, "timeout": 120}
    request = {**REQUEST, "sample": "A1", "priority": 7, "job_options": own}
    result = sfn_engine.execute(request, name="run").raise_for_status()
    assert bench.get(sfn_engine, "results", "out/") == FILES
    assert_states(result, batches=3)
    for job in batch.describe_jobs(jobs=[job.id for job in result.jobs])["jobs"]:
        assert job["tags"] == {"sample": "A1", "run": "run", "team": "imaging"}
        assert job["timeout"] == {"attemptDurationSeconds": 120}
        assert (job["shareIdentifier"], job["schedulingPriority"]) == ("x", 7)
    result = sfn_engine.execute({**request, "job_options": {"share_identifier": "y"}})
    assert "allow_override does not name it: share_identifier" in str(result.cause)
    # Without any of it, nothing of it is sent.
    del request["job_options"]
    result = sfn_engine.execute(request, name="other").raise_for_status()
    for job in batch.describe_jobs(jobs=[job.id for job in result.jobs])["jobs"]:
        assert job["tags"] == {"sample": "A1", "run": "other"}
        assert "timeout" not in job


@long_proof
@needs_namespaces
def test_to_a_file_system(bench: Any, sfn_engine: Engine) -> None:
    from aws_cdk.aws_ec2 import Vpc
    from aws_cdk.aws_efs import FileSystem

    vpc = Vpc(bench.stack, "Vpc", max_azs=1, nat_gateways=0, restrict_default_security_group=False)
    file_system = FileSystem(bench.stack, "Files", vpc=vpc)
    mounts = (
        # Consumed once only, as any iterable may be.
        MountPointConfiguration.from_file_system(system, mount_point="/opt/data")
        for system in [file_system]
    )
    add(bench, "sync", mount_point_configs=mounts)
    bench.deploy(sfn_engine)
    put_files(bench, sfn_engine)
    result = sfn_engine.execute(
        {**REQUEST, "destination_path": "/opt/data/out/"}
    ).raise_for_status()
    (described,) = sfn_engine.client("efs").describe_file_systems()["FileSystems"]
    folder = sfn_engine.file_system_folder(described["FileSystemId"]) / "out"
    assert {name: (folder / name).read_bytes() for name in FILES} == FILES
    assert_states(result, batches=3)


@long_proof
def test_job_definitions_of_the_stack(bench: Any, sfn_engine: Engine) -> None:
    add(bench, "sync", deploy_job_definition=True)
    bench.deploy(sfn_engine)
    put_files(bench, sfn_engine)
    known = sfn_engine.job_definitions()
    overrides = {"memory": 2048, "environment": {"LEVEL": "debug"}}
    result = sfn_engine.execute({**REQUEST, **overrides}).raise_for_status()
    assert bench.get(sfn_engine, "results", "out/") == FILES
    assert len(result.jobs) == 4
    assert len(result.states) == 4 + 2 * 3
    # Those of the stack, which stay, and no others.
    assert sfn_engine.job_definitions() == known
    assert len(sfn_engine.job_definitions(None)) == len(known) == 2
    assert {job.environment["LEVEL"] for job in result.jobs} == {"debug"}
    described = sfn_engine.client("batch").describe_jobs(jobs=[job.id for job in result.jobs])
    memory = [
        {one["type"]: one["value"] for one in job["container"]["resourceRequirements"]}["MEMORY"]
        for job in described["jobs"]
    ]
    assert memory == ["2048"] * 4
    refused = sfn_engine.execute({**REQUEST, "volumes": []})
    assert refused.status == "FAILED"
    assert "the input cannot override volumes" in (refused.cause or "")


@long_proof
def test_overrides_reach_every_job(bench: Any, sfn_engine: Engine) -> None:
    add(bench, "sync")
    bench.deploy(sfn_engine)
    put_files(bench, sfn_engine)
    sfn_engine.create_job_queue("dev-x-large")
    sfn_engine.create_bucket("dev-x-other")
    sfn_engine.execute({**REQUEST, "batch_size_bytes_limit": None}).raise_for_status()
    usual = {d["jobDefinitionName"]: resources(d) for d in sfn_engine.job_definitions(None)}
    assert sorted(map(str, usual.values())) == sorted(
        map(str, [{"MEMORY": "1024", "VCPU": "1"}, {"MEMORY": "4096", "VCPU": "2"}])
    )
    overrides = {
        "job_queue": "dev-x-large",
        "memory": "2048",
        "gpu": None,
        "environment": [{"Name": "LEVEL", "Value": "debug"}],
        "bucket_name": "dev-x-other",
        "key_prefix": "mine/",
        "temporary_request_payload_path": "s3://dev-x-other/requests/",
    }
    result = sfn_engine.execute({**REQUEST, **overrides}, name="run").raise_for_status()
    assert bench.get(sfn_engine, "results", "out/") == FILES
    assert_states(result, batches=3)
    assert {job.queue for job in result.jobs} == {"dev-x-large"}
    assert {job.environment["LEVEL"] for job in result.jobs} == {"debug"}
    assert {job.environment["env_base"] for job in result.jobs} == {"dev-x"}
    new = [d for d in sfn_engine.job_definitions(None) if d["jobDefinitionName"] not in usual]
    assert {resources(definition)["MEMORY"] for definition in new} == {"2048"}
    # One for all of the batches.
    assert Counter(resources(definition)["VCPU"] for definition in new) == {"1": 1, "2": 1}
    assert len(bench.get(sfn_engine, "dev-x-other", "requests/")) == 3
    kept = bench.get(sfn_engine, "dev-x-other", "mine/run/")
    assert Counter(key.split("/")[1] for key in kept)["responses"] == 3
    assert result.output["results"]["bucket"] == "dev-x-other"


def resources(definition: dict[str, Any]) -> dict[str, str]:
    listed = definition["containerProperties"]["resourceRequirements"]
    return {requirement["type"]: requirement["value"] for requirement in listed}


class BatchRunner:
    """Runs the jobs of the batches by a script that knows the batch's request."""

    name = "batch"

    def __init__(self, script: str) -> None:
        self._script = script

    def accepts(self, job: JobRequest) -> bool:
        return job.name.startswith("dev-x-batch-data-sync-")

    def command(self, job: JobRequest) -> list[str]:
        return [sys.executable, "-S", "-c", PREAMBLE + self._script]


# Plain HTTP, since importing boto3 takes longer than all the rest.
PREAMBLE = """
import base64, email.utils, hmac, json, os, sys, urllib.request
def call(location, data=None, method="GET"):
    path, date = "/" + location.removeprefix("s3://"), email.utils.formatdate(usegmt=True)
    # By version 2 of signatures, which takes the fewest lines.
    signed = "\\n".join([method, "", "application/json", date, path])
    mac = hmac.new(os.environ["AWS_SECRET_ACCESS_KEY"].encode(), signed.encode(), "sha1")
    signature = base64.b64encode(mac.digest()).decode()
    request = urllib.request.Request(os.environ["AWS_ENDPOINT_URL"] + path, data, method=method)
    request.add_header("Authorization", f"AWS {os.environ['AWS_ACCESS_KEY_ID']}:{signature}")
    request.add_header("Content-Type", "application/json")
    request.add_header("Date", date)
    return urllib.request.urlopen(request).read()
requests = json.loads(os.environ["AWS_LAMBDA_EVENT_PAYLOAD"])["requests"]
"""
RESPOND = """
body = json.dumps({"result": {"total_requests_count": 1}}).encode()
call(os.environ["AWS_LAMBDA_EVENT_RESPONSE_LOCATION"], data=body, method="PUT")
"""
FAIL_ONE = """
if requests.endswith("request_1.json"):
    sys.exit("the second batch fails")
"""
REALLY_SYNC = """
os.execv(sys.executable, [sys.executable, "-m", "aibs_informatics_aws_lambda.main"])
"""


WAIT_FOR_OTHER_QUEUE = """
import time
if os.environ["AWS_BATCH_JQ_NAME"] != "dev-x-other":
    time.sleep(60)
"""


@long_proof
def test_a_batch_that_spot_takes_away_goes_to_another_queue(bench: Any) -> None:
    options = JobOptions(fallback_job_queue="dev-x-other", runnable_timeout=3600)
    add(bench, "sync", job_options=options)
    with Engine(runners=[BatchRunner(WAIT_FOR_OTHER_QUEUE + RESPOND)]) as engine:
        bench.deploy(engine)
        engine.create_job_queue("dev-x-other")
        put_files(bench, engine)
        request = {**REQUEST, "batch_size_bytes_limit": 10_000}
        execution = engine.start(request, "dev-x-sync", name="run")
        interrupt(engine, 2, "dev-x-batch-data-sync-")
        result = execution.wait(60).raise_for_status()
        first, second = (one for one in result.jobs if one.name.startswith("dev-x-batch"))
        assert (first.status, attempts(engine, first.id)) == ("FAILED", 2)
        assert (second.queue, second.status) == ("dev-x-other", "SUCCEEDED")
        # The second is looked at by a name of its own.
        assert second.name == f"{first.name}f"
        assert engine.job_definitions() == []
        responses = bench.get(engine, "dev-x-scaffolding", "scratch/run/")
        assert sum("/responses/" in key for key in responses) == 1


@long_proof
def test_a_batch_that_fails(bench: Any) -> None:
    add(bench, "sync")
    with Engine(runners=[BatchRunner(FAIL_ONE + REALLY_SYNC)]) as engine:
        bench.deploy(engine)
        put_files(bench, engine)
        result = engine.execute(REQUEST)
        assert result.status == "FAILED"
        assert result.error == "States.ExceedToleratedFailureThreshold"
        statuses = Counter(job.status for job in result.jobs)
        assert statuses == Counter({"SUCCEEDED": 3, "FAILED": 1})
        assert engine.job_definitions() == []
        copied = bench.get(engine, "results", "out/")
        # Two whole folders of the three.
        assert sorted(Counter(key.split("/")[0] for key in copied).values()) == [2, 2]


@few(1)
@pytest.mark.parametrize(
    ("tolerated", "status"),
    some(
        [
            ({"tolerated_failure_count": 1}, "SUCCEEDED"),
            ({"tolerated_failure_percentage": 34}, "SUCCEEDED"),
            ({"tolerated_failure_percentage": 33}, "FAILED"),
            ({"tolerated_failure_percentage": 33, "tolerated_failure_count": 1}, "FAILED"),
        ],
        1,
        3,
    ),
)
def test_tolerated_failures(bench: Any, tolerated: dict[str, Any], status: str) -> None:
    add(bench, "sync", **tolerated, job_options=JobOptions(failure_summary=True))
    with Engine(runners=[BatchRunner(FAIL_ONE + RESPOND)]) as engine:
        bench.deploy(engine)
        put_files(bench, engine)
        assert engine.execute(REQUEST).status == status
        assert engine.job_definitions() == []
        if status == "SUCCEEDED":
            kept = bench.get(engine, "dev-x-scaffolding", "scratch/")
            (failed,) = (body for key, body in kept.items() if key.endswith("/FAILED_0.json"))
            cause = json.loads(json.loads(failed)[0]["Cause"])
            assert cause["Summary"].startswith("Essential container in task exited; exit code ")


@long_proof
def test_a_missing_source(bench: Any, sfn_engine: Engine) -> None:
    add(bench, "sync")
    bench.deploy(sfn_engine)
    result = sfn_engine.execute(REQUEST)
    assert result.status == "FAILED"
    assert result.error
    assert sfn_engine.job_definitions() == []


@long_proof
def test_many_batches(bench: Any) -> None:
    batches = 30
    add(bench, "sync")
    with Engine(runners=[BatchRunner(RESPOND)]) as engine:
        bench.deploy(engine)
        bench.put(engine, "source", {f"in/{index}/f": b"." * 60 for index in range(batches)})
        result = engine.execute(REQUEST).raise_for_status()
        assert_states(result, batches)
        assert engine.job_definitions() == []
        visits = Counter(visit.name for visit in result.states)
        assert visits["sync.Batch: Submit job"] == visits["sync.Batch: Get response"] == batches
    events = [*result.history, *(event for run in result.map_run_histories for event in run)]
    inputs = [len(json.dumps(event).encode()) for event in map(entered, events) if event]
    assert max(inputs) < MAX_INPUT / 100
    # What the execution itself records does not grow with the batches.
    assert len(result.history) < 60


def entered(event: dict[str, Any]) -> Any:
    return (event.get("stateEnteredEventDetails") or {}).get("input")


@long_proof
def test_two_side_by_side(bench: Any, sfn_engine: Engine) -> None:
    stack, arguments = bench.stack, bench.arguments
    parallel = sfn.Parallel(stack, "Both")
    for name in ("one", "two"):
        take = sfn.Pass(stack, f"Take {name}", input_path=f"$.{name}")
        parallel.branch(take.next(DistributedDataSyncFragment(stack, name, **arguments)))
    whole = EnvBaseStateMachineFragment(stack, "Whole", arguments["env_base"])
    whole.definition = parallel
    whole.to_state_machine("whole")
    bench.deploy(sfn_engine)
    put_files(bench, sfn_engine)
    result = sfn_engine.execute(
        {
            "one": {**REQUEST, "source_path": "s3://source/in/a/"},
            "two": {**REQUEST, "destination_path": "s3://results/two/"},
        }
    ).raise_for_status()
    a = {key.removeprefix("a/"): body for key, body in FILES.items() if key.startswith("a/")}
    assert bench.get(sfn_engine, "results", "out/") == a
    assert bench.get(sfn_engine, "results", "two/") == FILES
    assert [set(output) for output in result.output] == [{"map_run_arn", "results"}] * 2


def test_the_role_may_run_the_map(bench: Any) -> None:
    add(bench, "sync")
    template = bench.sandbox.app.synth().get_stack_by_name(bench.stack.stack_name).template
    allowed: dict[str, list[str]] = {}
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::IAM::Policy":
            for statement in resource["Properties"]["PolicyDocument"]["Statement"]:
                for action in statement["Action"]:
                    allowed.setdefault(action, []).append(json.dumps(statement["Resource"]))
    assert ':stateMachine:dev-x-sync"' in "".join(allowed["states:StartExecution"])
    for name in ("DescribeExecution", "StopExecution", "RedriveExecution"):
        assert ':execution:dev-x-sync/*"' in "".join(allowed[f"states:{name}"])
    for name in ("GetObject", "PutObject", "AbortMultipartUpload", "ListMultipartUploadParts"):
        assert any('{"Ref": "Bucket' in one and '"/*"' in one for one in allowed[f"s3:{name}"])
    for name in ("RegisterJobDefinition", "SubmitJob", "DeregisterJobDefinition"):
        resources = "".join(allowed[f"batch:{name}"])
        for job in ("prepare", "batch"):
            assert f":job-definition/dev-x-{job}-data-sync-*" in resources
    assert ":job-queue/dev-x-*" in "".join(allowed["batch:SubmitJob"])
    assert "{%" not in str(allowed)


def test_wrong_parameters_are_named_together(bench: Any) -> None:
    with pytest.raises(InvalidParametersError) as error:
        DistributedDataSyncFragment(
            bench.stack,
            "Sync",
            **bench.arguments,
            max_concurrency=0,
            tolerated_failure_count=-1,
            tolerated_failure_percentage=101,
        )
    for name in ("max_concurrency", "tolerated_failure_count", "tolerated_failure_percentage"):
        assert name in str(error.value)
