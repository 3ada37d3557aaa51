"""Data sync by one job, with the published handler on real files."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import aws_cdk.aws_stepfunctions as sfn
import pytest
from aws_cdk.aws_batch import JobQueue, OrderedComputeEnvironment, UnmanagedComputeEnvironment
from aws_cdk.aws_iam import Role, ServicePrincipal
from constructs import Construct
from tests.proofs import long_proof

from sfn_fragments.annotations import read_annotations
from sfn_fragments.errors import InvalidParametersError
from sfn_fragments.fragments import EnvBaseStateMachineFragment
from sfn_fragments.states.asl import state
from sfn_fragments_batch import MountPointConfiguration
from sfn_fragments_data_sync import DataSyncFragment
from sfn_fragments_data_sync.models import SyncRequest, SyncResponse

if TYPE_CHECKING:
    from sfn_fragments_local import Engine

MAX_STATES = 6
FILES = {"a.bin": bytes(range(256)) * 40, "empty": b"", "deep/er/b.txt": "µ\n".encode()}
REQUEST = {"source_path": "s3://source/in/", "destination_path": "s3://results/out/"}


needs_namespaces = pytest.mark.usefixtures("sfn_mounts")


def put_files(bench: Any, engine: Engine, prefix: str = "in/") -> None:
    bench.put(engine, "source", {f"{prefix}{key}": body for key, body in FILES.items()})


def job_definition(engine: Engine) -> dict[str, Any]:
    """The one job definition that there has been."""
    (definition,) = engine.job_definitions(None)
    return definition


def resources(definition: dict[str, Any]) -> dict[str, str]:
    listed = definition["containerProperties"]["resourceRequirements"]
    return {requirement["type"]: requirement["value"] for requirement in listed}


def test_objects_are_copied_and_nothing_is_left(bench: Any, sfn_engine: Engine) -> None:
    DataSyncFragment(bench.stack, "Sync", **bench.arguments).to_state_machine("sync")
    bench.deploy(sfn_engine)
    put_files(bench, sfn_engine)
    result = sfn_engine.execute(
        {**REQUEST, "include_detailed_response": True}, name="run"
    ).raise_for_status()
    assert bench.get(sfn_engine, "results", "out/") == FILES
    response = SyncResponse.model_validate(result.output)
    assert response.result.files_transferred == len(FILES)
    assert response.result.bytes_transferred == sum(len(body) for body in FILES.values())
    assert str(response.request.source_path) == REQUEST["source_path"]
    assert len(result.states) <= MAX_STATES
    assert sfn_engine.job_definitions() == []
    definition = job_definition(sfn_engine)
    assert definition["jobDefinitionName"].startswith("dev-x-data-sync-")
    assert resources(definition) == {"MEMORY": "1024", "VCPU": "1"}
    assert definition["platformCapabilities"] == ["EC2"]
    kept = bench.get(sfn_engine, "dev-x-scaffolding", "scratch/run/")
    assert {key.rsplit("/")[-1] for key in kept} == {"request.json", "response.json"}
    (job,) = result.jobs
    assert job.environment["env_base"] == "dev-x"
    assert job.environment["AWS_ACCOUNT_ID"] == sfn_engine.account


@needs_namespaces
def test_to_a_file_system_and_back(bench: Any, sfn_engine: Engine) -> None:
    from aws_cdk.aws_ec2 import Vpc
    from aws_cdk.aws_efs import AccessPoint, FileSystem

    vpc = Vpc(bench.stack, "Vpc", max_azs=1, nat_gateways=0, restrict_default_security_group=False)
    file_system = FileSystem(bench.stack, "Files", vpc=vpc)
    access_point = AccessPoint(bench.stack, "Point", file_system=file_system, path="/lab")
    DataSyncFragment(
        bench.stack,
        "Sync",
        **bench.arguments,
        mount_point_configs=[
            MountPointConfiguration.from_file_system(file_system, mount_point="/opt/whole"),
            MountPointConfiguration.from_access_point(access_point, mount_point="/opt/lab"),
        ],
    ).to_state_machine("sync")
    bench.deploy(sfn_engine)
    put_files(bench, sfn_engine)
    there = {**REQUEST, "destination_path": "/opt/lab/runs/1/"}
    to_files = sfn_engine.execute(there).raise_for_status()
    (described,) = sfn_engine.client("efs").describe_file_systems()["FileSystems"]
    folder = sfn_engine.file_system_folder(described["FileSystemId"]) / "lab" / "runs" / "1"
    found = {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}
    assert {name: path.read_bytes() for name, path in found.items()} == FILES
    back = {"source_path": "/opt/whole/lab/runs/1/", "destination_path": "s3://results/out/"}
    to_objects = sfn_engine.execute(back).raise_for_status()
    assert bench.get(sfn_engine, "results", "out/") == FILES
    assert max(len(to_files.states), len(to_objects.states)) <= MAX_STATES


@long_proof
@needs_namespaces
def test_what_is_deleted_on_file_systems(bench: Any, sfn_engine: Engine) -> None:
    """As the page of the fragment tells it."""
    file_system = bench.sandbox.file_system
    mounted = [MountPointConfiguration.from_file_system(file_system, mount_point="/opt/data")]
    sync = DataSyncFragment(bench.stack, "Sync", **bench.arguments, mount_point_configs=mounted)
    sync.to_state_machine("sync")
    bench.deploy(sfn_engine)
    bench.put(sfn_engine, "source", {"in/new": b"1", "other/old": b"2"})
    (described,) = sfn_engine.client("efs").describe_file_systems()["FileSystems"]
    root = sfn_engine.file_system_folder(described["FileSystemId"])

    def run(source: str, destination: str, **options: Any) -> tuple[str, set[str]]:
        for path in ("from/a", "to/a", "to/old"):
            (root / path).parent.mkdir(exist_ok=True)
            (root / path).write_text(path)
        paths = {"source_path": source, "destination_path": destination}
        result = sfn_engine.execute({**paths, **options})
        left = {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}
        return result.status, left

    move = {"retain_source_data": False}
    copied = run("/opt/data/from", "/opt/data/to")
    assert copied == ("SUCCEEDED", {"from/a", "to/a", "to/old"})
    assert run("/opt/data/from", "/opt/data/to", **move) == ("SUCCEEDED", {"to/a"})
    downloaded = run("s3://source/in/", "/opt/data/to", **move)
    assert downloaded == ("SUCCEEDED", {"from/a", "to/new"})
    uploaded = run("/opt/data/from", "s3://results/out/", **move)
    assert uploaded == ("SUCCEEDED", {"to/a", "to/new", "to/old"})
    assert bench.get(sfn_engine, "results") == {"out/a": b"from/a"}
    # A file that differs is not overwritten, and nothing is deleted then.
    kept = run("s3://source/other/", "/opt/data/to")
    assert kept == ("FAILED", {"from/a", "to/a", "to/new", "to/old"})
    forced = run("s3://source/other/", "/opt/data/to", force=True)
    assert forced == ("SUCCEEDED", {"from/a", "to/old"})
    assert (root / "to/old").read_text() == "2"
    assert bench.get(sfn_engine, "source") == {"in/new": b"1", "other/old": b"2"}


@long_proof
def test_the_input_overrides_the_settings(bench: Any, sfn_engine: Engine) -> None:
    DataSyncFragment(bench.stack, "Sync", **bench.arguments).to_state_machine("sync")
    bench.deploy(sfn_engine)
    put_files(bench, sfn_engine)
    sfn_engine.create_job_queue("dev-x-large")
    sfn_engine.create_bucket("dev-x-other")
    overrides = {
        "job_queue": "dev-x-large",
        "memory": 4096,
        "vcpus": "2",
        "gpu": 1,
        "environment": {"LEVEL": "debug", "env_base": "dev-y", "COUNT": 3},
        "bucket_name": "dev-x-other",
        "key_prefix": "my/prefix/",
    }
    request = {**REQUEST, **overrides}
    SyncRequest.model_validate({**request, "environment": {"LEVEL": "debug"}})
    result = sfn_engine.execute(request, name="run").raise_for_status()
    assert bench.get(sfn_engine, "results", "out/") == FILES
    assert resources(job_definition(sfn_engine)) == {"MEMORY": "4096", "VCPU": "2", "GPU": "1"}
    (job,) = result.jobs
    assert job.queue == "dev-x-large"
    assert {job.environment[name] for name in ("LEVEL", "env_base", "COUNT")} == {
        "debug",
        # The fragment's own: its permissions are bounded by it.
        "dev-x",
        "3",
    }
    assert job.environment["AWS_REGION"] == sfn_engine.region
    kept = bench.get(sfn_engine, "dev-x-other", "my/prefix/run/")
    assert {key.rsplit("/")[-1] for key in kept} == {"request.json", "response.json"}
    assert bench.get(sfn_engine, "dev-x-scaffolding") == {}
    assert len(result.states) <= MAX_STATES


@long_proof
def test_null_overrides_count_as_absent(bench: Any, sfn_engine: Engine) -> None:
    DataSyncFragment(bench.stack, "Sync", **bench.arguments).to_state_machine("sync")
    bench.deploy(sfn_engine)
    put_files(bench, sfn_engine)
    nothing = dict.fromkeys(("job_queue", "vcpus", "gpu", "mount_points", "volumes"))
    nothing |= dict.fromkeys(("bucket_name", "key_prefix", "platform_capabilities"))
    environment = [{"Name": "LEVEL", "Value": "debug"}]
    result = sfn_engine.execute(
        {**REQUEST, **nothing, "memory": "2048", "gpu": 0, "environment": environment}
    ).raise_for_status()
    assert bench.get(sfn_engine, "results", "out/") == FILES
    assert resources(job_definition(sfn_engine)) == {"MEMORY": "2048", "VCPU": "1"}
    (job,) = result.jobs
    assert job.queue == bench.sandbox.job_queue
    assert job.environment["LEVEL"] == "debug"
    assert job.environment["env_base"] == "dev-x"


@long_proof
@needs_namespaces
@pytest.mark.parametrize("case", ["camelCase", "PascalCase"])
def test_mount_points_in_the_input(bench: Any, sfn_engine: Engine, case: str) -> None:
    DataSyncFragment(bench.stack, "Sync", **bench.arguments).to_state_machine("sync")
    bench.deploy(sfn_engine)
    put_files(bench, sfn_engine)
    file_system_id = sfn_engine.client("efs").create_file_system(CreationToken="x")["FileSystemId"]
    mounts: dict[str, Any] = {
        "mount_points": [{"sourceVolume": "v", "containerPath": "/opt/v", "readOnly": False}],
        "volumes": [
            {
                "name": "v",
                "efsVolumeConfiguration": {"fileSystemId": file_system_id, "rootDirectory": "/r"},
            }
        ],
    }
    if case == "PascalCase":
        efs = {"FileSystemId": file_system_id, "RootDirectory": "/r"}
        mounts["mount_points"] = [
            {"SourceVolume": "v", "ContainerPath": "/opt/v", "ReadOnly": False}
        ]
        mounts["volumes"] = [{"Name": "v", "EfsVolumeConfiguration": efs}]
    request = {**REQUEST, "destination_path": "/opt/v/out/", **mounts}
    sfn_engine.execute(request).raise_for_status()
    folder = sfn_engine.file_system_folder(file_system_id) / "r" / "out"
    assert {name: (folder / name).read_bytes() for name in FILES} == FILES


class Twice(EnvBaseStateMachineFragment):
    """One sync after the other."""

    def __init__(self, scope: Construct, id: str, arguments: dict[str, Any]) -> None:
        super().__init__(scope, id, arguments["env_base"])
        there = DataSyncFragment(self, "There", **arguments)
        turn = state(
            self,
            "Turn",
            {
                "Type": "Pass",
                "Parameters": {
                    "source_path.$": "$.request.destination_path",
                    "destination_path.$": "States.Format('{}again/', $.request.destination_path)",
                },
            },
        )
        again = DataSyncFragment(self, "Again", **arguments)
        self.definition = sfn.Chain.start(there).next(turn).next(again)


@long_proof
def test_several_in_one_machine(bench: Any, sfn_engine: Engine) -> None:
    stack, arguments = bench.stack, bench.arguments
    twice = Twice(stack, "Twice", arguments)
    each = sfn.Map(stack, "Each", items_path="$.items", max_concurrency=2)
    each.item_processor(DataSyncFragment(stack, "Item", **arguments))
    parallel = sfn.Parallel(stack, "Both")
    parallel.branch(sfn.Chain.start(sfn.Pass(stack, "First", output_path="$.twice")).next(twice))
    parallel.branch(each)
    whole = EnvBaseStateMachineFragment(stack, "Whole", arguments["env_base"])
    whole.definition = parallel
    whole.to_state_machine("whole")
    DataSyncFragment(stack, "Alone", **arguments).to_state_machine("alone")
    bench.deploy(sfn_engine)
    put_files(bench, sfn_engine)

    result = sfn_engine.execute(
        {
            "twice": {"source_path": "s3://source/in/", "destination_path": "s3://results/out/"},
            "items": [
                {
                    "source_path": f"s3://source/in/{key}",
                    "destination_path": f"s3://results/i/{key}",
                }
                for key in FILES
            ],
        },
        state_machine="dev-x-whole",
    ).raise_for_status()
    out = bench.get(sfn_engine, "results", "out/")
    assert out == {**FILES, **{f"again/{key}": body for key, body in FILES.items()}}
    assert bench.get(sfn_engine, "results", "i/") == FILES
    assert [len(part) if isinstance(part, list) else 1 for part in result.output] == [1, 3]
    visits = Counter(visit.name.split(": ")[0] for visit in result.states)
    assert visits["Twice.There"] <= MAX_STATES
    assert visits["Twice.Again"] <= MAX_STATES
    assert visits["Item"] <= MAX_STATES * len(FILES)
    assert sfn_engine.job_definitions() == []
    assert len({job.name for job in result.jobs}) == len(result.jobs) == 2 + len(FILES)
    alone = {**REQUEST, "destination_path": "s3://results/alone/"}
    sfn_engine.execute(alone, state_machine="dev-x-alone").raise_for_status()
    assert bench.get(sfn_engine, "results", "alone/") == FILES


def test_a_failing_job_keeps_its_error_and_leaves_no_job_definition(
    bench: Any, sfn_engine: Engine
) -> None:
    DataSyncFragment(bench.stack, "Sync", **bench.arguments).to_state_machine("sync")
    bench.deploy(sfn_engine)
    result = sfn_engine.execute(REQUEST)
    assert result.status == "FAILED"
    assert result.error == "States.TaskFailed"
    cause = json.loads(result.cause or "null")
    (job,) = result.jobs
    assert cause["JobId"] == job.id
    assert cause["Status"] == "FAILED"
    assert "s3://source/in/" in job.output
    assert sfn_engine.job_definitions() == []
    assert bench.get(sfn_engine, "results") == {}


def test_input_that_is_no_request(bench: Any, sfn_engine: Engine) -> None:
    DataSyncFragment(bench.stack, "Sync", **bench.arguments).to_state_machine("sync")
    bench.deploy(sfn_engine)
    for wrong in ("text", 3, [], [1, 2], False):
        result = sfn_engine.execute(wrong)
        assert result.status == "FAILED", wrong
        assert result.error, wrong
    assert sfn_engine.job_definitions() == []
    missing = sfn_engine.execute({"source_path": "s3://source/in/"})
    assert missing.status == "FAILED"
    assert "destinationPath" in missing.jobs[0].output
    assert sfn_engine.job_definitions() == []


@long_proof
def test_a_long_path_has_short_state_names(
    bench: Any, sfn_engine: Engine, capfd: pytest.CaptureFixture[str]
) -> None:
    scope: Construct = bench.stack
    for level in range(4):
        scope = Construct(scope, f"A rather long name for level {level} of the tree")
    sync = DataSyncFragment(scope, "Sync", **bench.arguments)
    machine = sync.to_state_machine("sync")
    assert read_annotations(bench.sandbox.app.synth().directory) == []
    # jsii writes what is deprecated there.
    assert "deprecated" not in capfd.readouterr().err
    resource: Any = machine.node.default_child
    definition = bench.stack.resolve(resource.definition_string)
    parsed = json.loads(
        "".join(p if isinstance(p, str) else "X" for p in definition["Fn::Join"][1])
    )
    assert all(len(name) <= 80 for name in parsed["States"])
    bench.deploy(sfn_engine)
    put_files(bench, sfn_engine)
    sfn_engine.execute(REQUEST).raise_for_status()
    assert bench.get(sfn_engine, "results", "out/") == FILES


def test_constructs_serve_as_well_as_names(bench: Any) -> None:
    stack = bench.stack
    role = Role(stack, "Job role", assumed_by=ServicePrincipal("ecs-tasks.amazonaws.com"))
    environment = UnmanagedComputeEnvironment(stack, "Machines")
    queue = JobQueue(
        stack,
        "Queue",
        compute_environments=[OrderedComputeEnvironment(compute_environment=environment, order=1)],
    )
    arguments = {**bench.arguments, "batch_job_queue": queue, "batch_job_role": role}
    DataSyncFragment(stack, "Sync", **arguments).to_state_machine("sync")
    template = bench.sandbox.app.synth().get_stack_by_name(stack.stack_name).template["Resources"]
    statements = [
        statement
        for resource in template.values()
        if resource["Type"] == "AWS::IAM::Policy"
        for statement in resource["Properties"]["PolicyDocument"]["Statement"]
    ]
    (logical_role,) = [key for key in template if key.startswith("Jobrole")]
    (logical_queue,) = [key for key in template if key.startswith("Queue")]
    (pass_role,) = [one for one in statements if one["Action"] == ["iam:PassRole"]]
    assert {"Fn::GetAtt": [logical_role, "Arn"]} in pass_role["Resource"]
    (submit,) = [one for one in statements if one["Action"] == ["batch:SubmitJob"]]
    assert {"Fn::GetAtt": [logical_queue, "JobQueueArn"]} in submit["Resource"]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"batch_job_queue": ""}, "batch_job_queue"),
        ({"aibs_informatics_docker_asset": ""}, "aibs_informatics_docker_asset"),
        ({"scaffolding_bucket": ""}, "scaffolding_bucket"),
        ({"scaffolding_bucket": "arn:aws:s3:::bucket"}, "give a bucket's name that matches"),
    ],
)
def test_wrong_parameters_are_refused(bench: Any, wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidParametersError, match=message):
        DataSyncFragment(bench.stack, "Sync", **{**bench.arguments, **wrong})
