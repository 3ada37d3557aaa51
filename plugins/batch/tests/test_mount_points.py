"""Mount points and volumes as Batch wants them."""

from __future__ import annotations

import pytest
from aws_cdk import App, Stack
from aws_cdk.aws_efs import AccessPoint, FileSystem

from sfn_fragments.errors import InvalidParametersError
from sfn_fragments_batch import AWSBatchMixins, MountPointConfiguration


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
