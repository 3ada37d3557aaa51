"""Whole demand executions, with the published handlers on real files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk.aws_s3 import Bucket, BucketEncryption
from tests.proofs import long_proof

from sfn_fragments_batch import MountPointConfiguration
from sfn_fragments_demand_execution.models import DemandExecutionResponse

if TYPE_CHECKING:
    from sfn_fragments_local import Engine

#: One input and one output: 14 states of its own, and five nested executions of 6: two folders are
#: removed, by one each.
MAX_STATES = 44

COUNT = "wc -l < ${TABLE} > ${COUNT}"
ONE_AND_ONE: dict[str, Any] = {
    "params": {"table": "s3://source/a.csv", "count": "count.txt @ s3://results/count.txt"},
    "inputs": ["table"],
    "outputs": ["count"],
}


pytestmark = pytest.mark.usefixtures("sfn_mounts")


def put(engine: Engine, key: str, body: bytes) -> None:
    engine.client("s3").put_object(Bucket="source", Key=key, Body=body)


def results(engine: Engine) -> dict[str, bytes]:
    s3 = engine.client("s3")
    listed = s3.list_objects_v2(Bucket="results").get("Contents", [])
    return {
        one["Key"]: s3.get_object(Bucket="results", Key=one["Key"])["Body"].read() for one in listed
    }


def working_files(bench: Any, engine: Engine) -> list[str]:
    """What an execution has left on the file systems; ``tmp`` is shared by all of them."""
    kept = {"shared", "scratch", "scratch/tmp", "other", "tmp"}
    return [path for path in bench.folders(engine) if path not in kept]


@long_proof
def test_one_input_and_one_output(bench: Any, sfn_engine: Engine) -> None:
    bench.build(**bench.real_arguments() | {"tags": {"project": "p1"}})
    bench.deploy(sfn_engine)
    put(sfn_engine, "a.csv", b"1\n2\n3\n")
    # As the page of the fragment warns: the first begins like the place of the output.
    for key in ("count.txt.old", "other.txt"):
        sfn_engine.client("s3").put_object(Bucket="results", Key=key, Body=b"0")
    request = bench.request(COUNT, **ONE_AND_ONE)
    result = sfn_engine.execute(request, "dev-x-demand").raise_for_status()
    found = {key: body.strip() for key, body in results(sfn_engine).items()}
    assert found == {"count.txt": b"3", "other.txt": b"0"}
    DemandExecutionResponse.model_validate(result.output)
    assert working_files(bench, sfn_engine) == []
    assert sfn_engine.job_definitions() == []
    entered = bench.states_entered(sfn_engine)
    assert {name: sorted(counts) for name, counts in entered.items()} == {
        "dev-x-demand": [14],
        "dev-x-run-handler": [6, 6, 6],
        "dev-x-sync": [6, 6],
    }
    assert sum(sum(counts) for counts in entered.values()) <= MAX_STATES


@long_proof
def test_a_plan_in_s3(bench: Any, sfn_engine: Engine) -> None:
    arguments = {"keep_plan_in_s3": True, "max_concurrency": 100, "tags": {"project": "p1"}}
    bench.build(**bench.real_arguments() | arguments)
    bench.deploy(sfn_engine)
    put(sfn_engine, "a.csv", b"1\n2\n3\n")
    result = sfn_engine.execute(bench.request(COUNT, **ONE_AND_ONE), "dev-x-demand")
    DemandExecutionResponse.model_validate(result.raise_for_status().output)
    assert {key: body.strip() for key, body in results(sfn_engine).items()} == {"count.txt": b"3"}
    assert working_files(bench, sfn_engine) == []
    assert sfn_engine.job_definitions() == []
    # One state more than with the plan in the state.
    assert len(result.states) == 15

    missing = {**ONE_AND_ONE["params"], "table": "s3://source/missing.csv"}
    failed = sfn_engine.execute(
        bench.request(COUNT, "run-2", **ONE_AND_ONE | {"params": missing}), "dev-x-demand"
    )
    assert failed.status == "FAILED"
    assert failed.error == "States.ExceedToleratedFailureThreshold"
    assert working_files(bench, sfn_engine) == []
    assert sfn_engine.job_definitions() == []


@long_proof
@pytest.mark.parametrize("granted", [True, False])
def test_a_plan_in_an_encrypted_bucket(bench: Any, sfn_engine: Engine, granted: bool) -> None:
    """The function that takes the plan apart gets the rights to the key, and needs them."""
    name = "dev-x-scaffolding"
    bench.sandbox.bucket = Bucket(
        bench.stack, "Encrypted", bucket_name=name, encryption=BucketEncryption.KMS
    )
    bench.build(**bench.real_arguments() | {"keep_plan_in_s3": True})
    bench.deploy(sfn_engine)
    iam = sfn_engine.client("iam")
    [role] = [
        one["RoleName"] for one in iam.list_roles()["Roles"] if "PlanReader" in one["RoleName"]
    ]
    given = {
        policy: iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
        for policy in iam.list_role_policies(RoleName=role)["PolicyNames"]
    }
    of_key = [policy for policy, document in given.items() if "kms:" in json.dumps(document)]
    assert len(of_key) == 1
    if not granted:
        iam.delete_role_policy(RoleName=role, PolicyName=of_key[0])
    put(sfn_engine, "a.csv", b"1\n2\n3\n")
    result = sfn_engine.execute(bench.request(COUNT, **ONE_AND_ONE), "dev-x-demand")
    if granted:
        result.raise_for_status()
        assert {key: one.strip() for key, one in results(sfn_engine).items()} == {"count.txt": b"3"}
    else:
        assert result.status == "FAILED"
        assert "kms:" in str(result.cause)


@long_proof
def test_two_of_each_and_several_file_systems(bench: Any, sfn_engine: Engine) -> None:
    arguments = bench.real_arguments()
    scratch = arguments["scratch_mount_point_config"]
    file_system = scratch.access_point.file_system
    other, tmp = (
        MountPointConfiguration.from_access_point(
            file_system.add_access_point(name, path=f"/{name}"), f"/opt/efs/{name}"
        )
        for name in ("other", "tmp")
    )
    # The sync of the example mounts the first scratch only, which the seed of this id chooses.
    arguments |= {
        "scratch_mount_point_config": [scratch, other],
        "tmp_mount_point_config": tmp,
        "file_system_selection_strategy": "RANDOM",
    }
    bench.build(**arguments)
    bench.deploy(sfn_engine)
    put(sfn_engine, "a/one.txt", b"one\n")
    put(sfn_engine, "a/deep/two.txt", b"two\n")
    put(sfn_engine, "b.txt", b"b\n")
    command = (
        "cat ${FOLDER}/one.txt ${FOLDER}/deep/two.txt > ${ALL} && mkdir ${COPIES} && "
        "cp ${FILE} ${COPIES}/x && cp ${FILE} ${COPIES}/y && test -d $TMPDIR && "
        "test $TMPDIR = /opt/efs/tmp"
    )
    request = bench.request(
        command,
        execution_id="id-3",
        params={
            "folder": "s3://source/a/",
            "file": "s3://source/b.txt",
            "all": "all.txt @ s3://results/all.txt",
            "copies": "copies @ s3://results/copies/",
        },
        inputs=["folder", "file"],
        outputs=["all", "copies"],
        tags={"purpose": "test"},
    )
    result = sfn_engine.execute(request, "dev-x-demand").raise_for_status()
    assert results(sfn_engine) == {
        "all.txt": b"one\ntwo\n",
        "copies/x": b"b\n",
        "copies/y": b"b\n",
    }
    assert working_files(bench, sfn_engine) == []
    assert sfn_engine.job_definitions() == []
    job_id = result.output["tasks"]["batch_submit_task"]["JobId"]
    (job,) = sfn_engine.client("batch").describe_jobs(jobs=[job_id])["jobs"]
    assert job["tags"] == {"project": "sandbox", "execution": "id-3", "purpose": "test"}
    # Of the candidates, the command gets those that were chosen.
    assert len(job["container"]["mountPoints"]) == 3


@long_proof
@pytest.mark.parametrize(
    ("options", "kept"),
    [
        ({"cleanup_working_dir": False}, True),
        ({"cleanup_inputs": False, "isolate_inputs": False}, True),
        ({"isolate_inputs": False}, False),
    ],
)
def test_what_is_kept_on_the_file_system(
    bench: Any, sfn_engine: Engine, options: dict[str, bool], kept: bool
) -> None:
    """As the page of the fragment tells it: copies that executions share are removed too."""
    arguments = {"context_manager_configuration": options}
    bench.build(**bench.real_arguments() | arguments)
    bench.deploy(sfn_engine)
    put(sfn_engine, "a.csv", b"1\n2\n3\n")
    sfn_engine.execute(bench.request(COUNT, **ONE_AND_ONE), "dev-x-demand").raise_for_status()
    folder = "shared/" if "isolate_inputs" in options else "scratch/run-1"
    found = [path for path in working_files(bench, sfn_engine) if path.startswith(folder)]
    assert bool(found) is kept
    assert sfn_engine.client("s3").head_object(Bucket="source", Key="a.csv")


@long_proof
def test_a_failing_command(bench: Any, sfn_engine: Engine) -> None:
    bench.build(**bench.real_arguments())
    bench.deploy(sfn_engine)
    put(sfn_engine, "a.csv", b"1\n")
    request = bench.request("cat ${TABLE} && echo never mind && exit 7", **ONE_AND_ONE)
    result = sfn_engine.execute(request, "dev-x-demand")
    assert (result.status, result.error) == ("FAILED", "States.TaskFailed")
    (failed,) = [job for job in result.jobs if job.status == "FAILED"]
    cause = json.loads(result.cause or "null")
    assert (cause["JobId"], cause["Status"]) == (failed.id, "FAILED")
    assert failed.exit_code == 7
    assert failed.output.endswith("1\nnever mind\n")
    assert results(sfn_engine) == {}
    assert working_files(bench, sfn_engine) == []
    assert sfn_engine.job_definitions() == []


@long_proof
def test_an_input_that_is_missing(bench: Any, sfn_engine: Engine) -> None:
    bench.build(**bench.real_arguments())
    bench.deploy(sfn_engine)
    result = sfn_engine.execute(bench.request(COUNT, **ONE_AND_ONE), "dev-x-demand")
    # The error is that of the job of the nested execution.
    assert (result.status, result.error) == ("FAILED", "States.TaskFailed")
    (failed,) = [job for job in result.jobs if job.status == "FAILED"]
    assert json.loads(result.cause or "null")["JobId"] == failed.id
    assert "s3://source/a.csv" in failed.output
    assert working_files(bench, sfn_engine) == []
    assert sfn_engine.job_definitions() == []


@long_proof
def test_a_request_that_is_none(bench: Any, sfn_engine: Engine) -> None:
    bench.build(**bench.real_arguments())
    bench.deploy(sfn_engine)
    request = {"execution_type": "test", "execution_id": "run-1"}
    result = sfn_engine.execute(request, "dev-x-demand")
    assert (result.status, result.error) == ("FAILED", "States.TaskFailed")
    assert "executionImage" in result.jobs[0].output
    assert working_files(bench, sfn_engine) == []
    assert sfn_engine.job_definitions() == []
