"""EFS file systems and access points, as the volumes and mount points of a Batch job."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sfn_fragments.errors import InvalidParametersError, InvalidValue
from sfn_fragments.utils import convert_to_sfn_api_action_case

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aws_cdk.aws_efs import AccessPoint, FileSystem, IAccessPoint, IFileSystem


@dataclass
class MountPointConfiguration:
    """Where a file system, or an access point of it, is mounted.

    Args:
        file_system: The file system; may be left out where an access point is given.
        access_point: The access point.
        mount_point: Absolute path in the container.
        root_directory: Directory of the file system to mount; access points have their own.
        read_only: Whether it is mounted read-only.

    Raises:
        InvalidParametersError: Neither file system nor access point is given, the access point
            is of another file system, or the mount point is not an absolute path.

    Example:
        ``MountPointConfiguration.from_file_system(file_system, mount_point="/opt/data")``
    """

    file_system: FileSystem | IFileSystem | None
    access_point: AccessPoint | IAccessPoint | None
    mount_point: str
    root_directory: str | None = None
    read_only: bool = False

    def __post_init__(self) -> None:
        """Refuse what cannot be mounted."""
        problems = []
        if self.file_system is None and self.access_point is None:
            problems.append(
                InvalidValue("file_system", None, "give a file system or an access point")
            )
        if self.file_system is not None and self.access_point is not None:
            own = self.access_point.file_system.file_system_id
            if own != self.file_system.file_system_id:
                problems.append(
                    InvalidValue(
                        "access_point", own, "give an access point of this file system, or it alone"
                    )
                )
        if not self.mount_point.startswith("/"):
            problems.append(InvalidValue("mount_point", self.mount_point, "give an absolute path"))
        if problems:
            raise InvalidParametersError("MountPointConfiguration", problems)

    @classmethod
    def from_file_system(
        cls,
        file_system: FileSystem | IFileSystem,
        root_directory: str | None = None,
        mount_point: str | None = None,
        read_only: bool = False,
    ) -> MountPointConfiguration:
        """Mount a file system.

        Args:
            file_system: The file system.
            root_directory: Directory of it to mount. Defaults to ``/``.
            mount_point: Absolute path in the container. Defaults to ``/opt/efs/<id>``.
            read_only: Whether it is mounted read-only.

        Returns:
            The configuration.
        """
        return cls(
            file_system=file_system,
            access_point=None,
            mount_point=mount_point or f"/opt/efs/{file_system.file_system_id}",
            root_directory=root_directory or "/",
            read_only=read_only,
        )

    @classmethod
    def from_access_point(
        cls,
        access_point: AccessPoint | IAccessPoint,
        mount_point: str | None = None,
        read_only: bool = False,
    ) -> MountPointConfiguration:
        """Mount an access point.

        Args:
            access_point: The access point.
            mount_point: Absolute path in the container. Defaults to ``/opt/efs/<id>``.
            read_only: Whether it is mounted read-only.

        Returns:
            The configuration.
        """
        return cls(
            file_system=access_point.file_system,
            access_point=access_point,
            mount_point=mount_point or f"/opt/efs/{access_point.access_point_id}",
            read_only=read_only,
        )

    @property
    def file_system_id(self) -> str:
        """Id of the file system."""
        if self.access_point is not None:
            return self.access_point.file_system.file_system_id
        assert self.file_system is not None, "checked at construction"
        return self.file_system.file_system_id

    @property
    def access_point_id(self) -> str | None:
        """Id of the access point, if there is one."""
        return self.access_point.access_point_id if self.access_point is not None else None

    def to_batch_mount_point(self, name: str, sfn_format: bool = False) -> dict[str, Any]:
        """The mount point of a job definition.

        Args:
            name: Name of the volume.
            sfn_format: Write keys as Step Functions does, ``ContainerPath``.

        Returns:
            The mount point.
        """
        mount_point = {
            "sourceVolume": name,
            "containerPath": self.mount_point,
            "readOnly": self.read_only,
        }
        return convert_to_sfn_api_action_case(mount_point) if sfn_format else mount_point

    def to_batch_volume(self, name: str, sfn_format: bool = False) -> dict[str, Any]:
        """The volume of a job definition.

        Args:
            name: Name of the volume.
            sfn_format: Write keys as Step Functions does, ``EfsVolumeConfiguration``.

        Returns:
            The volume.
        """
        efs: dict[str, Any] = {"fileSystemId": self.file_system_id}
        if self.access_point is not None:
            # An access point is only mounted over TLS.
            efs["transitEncryption"] = "ENABLED"
            efs["authorizationConfig"] = {
                "accessPointId": self.access_point_id,
                "iam": "DISABLED",
            }
        else:
            efs["rootDirectory"] = self.root_directory or "/"
        volume = {"name": name, "efsVolumeConfiguration": efs}
        return convert_to_sfn_api_action_case(volume) if sfn_format else volume

    def to_file_system_configuration(self) -> dict[str, Any]:
        """The file system as the scaffolding handler of a demand execution reads it.

        Returns:
            ``file_system``, ``access_point`` (``None`` without one) and ``container_path``.
        """
        return {
            "file_system": self.file_system_id,
            "access_point": self.access_point_id,
            "container_path": self.mount_point,
        }


class AWSBatchMixins:
    """Converts mount point configurations for Batch."""

    @classmethod
    def convert_to_mount_point_and_volumes(
        cls, mount_point_configs: Iterable[MountPointConfiguration]
    ) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """The mount points and volumes of a job definition.

        Args:
            mount_point_configs: The configurations.

        Returns:
            Mount points and volumes, with keys as Batch's API writes them.

        Raises:
            InvalidParametersError: Two configurations have the same mount point.
        """
        configs = list(mount_point_configs)
        places = [config.mount_point for config in configs]
        repeated = sorted({place for place in places if places.count(place) > 1})
        if repeated:
            raise InvalidParametersError(
                "mount_point_configs",
                [
                    InvalidValue("mount_point", place, "give each its own path")
                    for place in repeated
                ],
            )
        # A short name: AWS limits family, revision and volume name together to 139 characters.
        names = [f"efs-vol{index}" for index in range(len(configs))]
        return (
            [
                config.to_batch_mount_point(name)
                for config, name in zip(configs, names, strict=True)
            ],
            [config.to_batch_volume(name) for config, name in zip(configs, names, strict=True)],
        )
