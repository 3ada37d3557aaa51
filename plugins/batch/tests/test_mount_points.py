"""Mount points and volumes as Batch wants them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from aws_cdk import App, Stack
from aws_cdk.aws_ec2 import Vpc
from aws_cdk.aws_efs import AccessPoint, FileSystem
from aws_cdk.aws_iam import Role, ServicePrincipal

from sfn_fragments.annotations import Annotation, read_annotations
from sfn_fragments.environment import EnvBase
from sfn_fragments.errors import InvalidParametersError
from sfn_fragments_batch import (
    AWSBatchMixins,
    BatchInvokedLambdaFunction,
    MountPointConfiguration,
)


@pytest.fixture
def stack() -> Stack:
    return Stack(App(), "Stack")


@pytest.fixture
def file_system(stack: Stack) -> FileSystem:
    from aws_cdk.aws_ec2 import SecurityGroup, Vpc

    vpc = Vpc(stack, "Vpc", max_azs=1, nat_gateways=0)
    return FileSystem(stack, "Files", vpc=vpc, security_group=SecurityGroup(stack, "G", vpc=vpc))


def test_a_file_system(stack: Stack, file_system: FileSystem) -> None:
    config = MountPointConfiguration.from_file_system(file_system, "/data", "/opt/data", True)
    assert config.access_point_id is None
    assert config.to_batch_mount_point("v") == {
        "sourceVolume": "v",
        "containerPath": "/opt/data",
        "readOnly": True,
    }
    volume = stack.resolve(config.to_batch_volume("v", sfn_format=True))
    assert volume["Name"] == "v"
    assert volume["EfsVolumeConfiguration"]["RootDirectory"] == "/data"
    assert set(volume["EfsVolumeConfiguration"]["FileSystemId"]) == {"Ref"}


def test_an_access_point(stack: Stack, file_system: FileSystem) -> None:
    config = MountPointConfiguration.from_access_point(
        file_system.add_access_point("Point", path="/x"), "/opt/x"
    )
    volume = stack.resolve(config.to_batch_volume("v"))["efsVolumeConfiguration"]
    # AWS refuses a root directory beside an access point, and one without TLS.
    assert "rootDirectory" not in volume
    assert volume["transitEncryption"] == "ENABLED"
    assert set(volume["authorizationConfig"]) == {"accessPointId", "iam"}
    assert config.to_file_system_configuration()["container_path"] == "/opt/x"
    assert config.file_system_id == file_system.file_system_id


def test_defaults(file_system: FileSystem) -> None:
    config = MountPointConfiguration.from_file_system(file_system)
    assert config.mount_point == f"/opt/efs/{file_system.file_system_id}"
    assert (config.root_directory, config.read_only) == ("/", False)
    point = MountPointConfiguration.from_access_point(file_system.add_access_point("P"))
    assert point.mount_point == f"/opt/efs/{point.access_point_id}"


def test_what_cannot_be_mounted(stack: Stack, file_system: FileSystem) -> None:
    with pytest.raises(InvalidParametersError) as caught:
        MountPointConfiguration(None, None, "data")
    assert [problem.parameter for problem in caught.value.problems] == [
        "file_system",
        "mount_point",
    ]
    other = AccessPoint.from_access_point_attributes(
        stack,
        "Other",
        access_point_id="fsap-0123456789abcdef0",
        file_system=FileSystem.from_file_system_attributes(
            stack,
            "OtherFiles",
            file_system_id="fs-0123456789abcdef0",
            security_group=file_system.connections.security_groups[0],
        ),
    )
    with pytest.raises(InvalidParametersError, match="access_point"):
        MountPointConfiguration(file_system, other, "/data")


def test_mount_points_and_volumes_belong_together(file_system: FileSystem) -> None:
    configs = [
        MountPointConfiguration.from_file_system(file_system, mount_point=path)
        for path in ("/a", "/b")
    ]
    mount_points, volumes = AWSBatchMixins.convert_to_mount_point_and_volumes(iter(configs))
    assert [point["ContainerPath"] for point in mount_points] == ["/a", "/b"]
    assert [point["SourceVolume"] for point in mount_points] == [v["Name"] for v in volumes]
    with pytest.raises(InvalidParametersError, match="'/a': give each its own path"):
        AWSBatchMixins.convert_to_mount_point_and_volumes([configs[0], configs[0]])


def file_system_of(app: App, **options: Any) -> FileSystem:
    stack = Stack(app, "Stack")
    return FileSystem(stack, "Files", vpc=Vpc(stack, "Vpc"), **options)


FLAG = {"@aws-cdk/aws-efs:denyAnonymousAccess": True}


@pytest.mark.parametrize(
    ("context", "options", "given", "asked"),
    [
        ({}, {}, {}, False),
        (FLAG, {}, {}, True),
        (FLAG, {"allow_anonymous_access": True}, {}, False),
        ({}, {"allow_anonymous_access": False}, {}, True),
        (FLAG, {}, {"iam_authorization": False}, False),
        ({}, {}, {"iam_authorization": True}, True),
    ],
)
def test_authorization(
    context: dict[str, Any], options: dict[str, Any], given: dict[str, Any], asked: bool
) -> None:
    file_system = file_system_of(App(context=context), **options)
    config = MountPointConfiguration(file_system, None, "/opt/a", **given)
    volume = config.to_batch_volume("v")["efsVolumeConfiguration"]
    assert volume.get("authorizationConfig") == ({"iam": "ENABLED"} if asked else None)
    assert volume.get("transitEncryption") == ("ENABLED" if asked else None)
    point = MountPointConfiguration(
        None, file_system.add_access_point("Point"), "/opt/b", **given
    ).to_batch_volume("v")["efsVolumeConfiguration"]
    assert point["authorizationConfig"]["iam"] == ("ENABLED" if asked else "DISABLED")
    assert point["transitEncryption"] == "ENABLED"


def test_tls_alone(file_system: FileSystem) -> None:
    config = MountPointConfiguration(file_system, None, "/opt/a", transit_encryption=True)
    volume = config.to_batch_volume("v")["efsVolumeConfiguration"]
    assert volume["transitEncryption"] == "ENABLED"
    assert "authorizationConfig" not in volume
    with pytest.raises(InvalidParametersError, match="IAM authorization need TLS"):
        MountPointConfiguration(
            file_system, None, "/opt/a", iam_authorization=True, transit_encryption=False
        )


@pytest.mark.parametrize("read_only", [False, True])
@pytest.mark.parametrize("deployed", [False, True])
def test_a_role_of_the_app_may_mount(read_only: bool, deployed: bool) -> None:
    app = App(context=FLAG)
    file_system = file_system_of(app)
    stack = Stack.of(file_system)
    role = Role(stack, "JobRole", assumed_by=ServicePrincipal("ecs-tasks.amazonaws.com"))
    point = file_system.add_access_point("Point")
    configs = [
        MountPointConfiguration.from_file_system(file_system, mount_point="/opt/a"),
        MountPointConfiguration.from_access_point(point, "/opt/b", read_only),
    ]
    job(stack, mount_point_configs=configs, job_role_arn=role, deploy_job_definition=deployed)
    template = app.synth().get_stack_by_name("Stack").template
    statements = [
        statement
        for one in template["Resources"].values()
        if one["Type"] == "AWS::IAM::Policy" and "JobRole" in json.dumps(one["Properties"]["Roles"])
        for statement in one["Properties"]["PolicyDocument"]["Statement"]
    ]
    whole, narrow = statements
    write = [] if read_only else ["elasticfilesystem:ClientWrite"]
    assert whole["Action"] == ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"]
    assert "Condition" not in whole
    actions = narrow["Action"]
    assert ([actions] if isinstance(actions, str) else actions) == [
        "elasticfilesystem:ClientMount",
        *write,
    ]
    assert "elasticfilesystem:AccessPointArn" in narrow["Condition"]["StringEquals"]
    assert annotated(app) == []


@pytest.mark.parametrize(
    ("role", "says"),
    [(None, "the job has no role"), ("arn:aws:iam::1:role/r", "arn:aws:iam::1:role/r may not be")],
)
def test_a_role_that_may_not_mount_is_told(role: str | None, says: str) -> None:
    app = App(context=FLAG)
    file_system = file_system_of(app)
    config = MountPointConfiguration.from_file_system(file_system, mount_point="/opt/a")
    job(Stack.of(file_system), mount_point_configs=[config], job_role_arn=role)
    [warning] = annotated(app)
    assert "elasticfilesystem:ClientMount" in warning.text
    assert says in warning.text


def job(stack: Stack, **given: Any) -> BatchInvokedLambdaFunction:
    return BatchInvokedLambdaFunction(
        stack,
        "Job",
        EnvBase("dev-x"),
        name="job",
        image="image:1",
        handler="a.b",
        job_queue="queue",
        bucket_name="a-bucket",
        memory=1024,
        vcpus=1,
        **given,
    )


def annotated(app: App) -> list[Annotation]:
    return read_annotations(app.synth().directory)
