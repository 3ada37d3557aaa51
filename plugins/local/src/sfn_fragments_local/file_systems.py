"""EFS file systems as local folders."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from threading import Lock
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from sfn_fragments.errors import FragmentsError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class FileSystemError(FragmentsError):
    """A file system, an access point or a folder in one cannot be used."""


class FileSystems:
    """The local folders that hold the content of the engine's file systems.

    Args:
        root: Folder to keep them in.
        efs_client: Returns a boto3 EFS client of the engine.
    """

    def __init__(self, root: Path, efs_client: Callable[[], Any]) -> None:
        """Remember where; folders are made on first use."""
        self._root = root
        self._efs_client = efs_client
        self._lock = Lock()

    def folder(self, file_system_id: str) -> Path:
        """The folder that holds a file system's content, as its root directory shows it.

        Args:
            file_system_id: Id of an existing file system, ``fs-...``.

        Returns:
            An existing folder.

        Raises:
            FileSystemError: The engine has no such file system.
        """
        try:
            self._efs_client().describe_file_systems(FileSystemId=file_system_id)
        except ClientError as error:
            raise FileSystemError(
                f"file system {file_system_id!r}: {error.response['Error']['Message']}; create it "
                "with the EFS API of the engine, or deploy a stack that holds it"
            ) from error
        return self._made(self._root / file_system_id)

    def volume_folder(self, configuration: Mapping[str, Any]) -> Path:
        """The folder that a job's volume shows.

        Args:
            configuration: An ``efsVolumeConfiguration`` of a Batch job definition.

        Returns:
            An existing folder: the file system's, its ``rootDirectory``, or the root directory
            of the access point.

        Raises:
            FileSystemError: The file system or the access point does not exist, or the access
                point belongs to another file system, or a directory leads out of it.
        """
        file_system_id = configuration["fileSystemId"]
        folder = self.folder(file_system_id)
        directory = configuration.get("rootDirectory") or "/"
        authorization = configuration.get("authorizationConfig") or {}
        if access_point_id := authorization.get("accessPointId"):
            directory = self._access_point_directory(file_system_id, access_point_id)
        parts = PurePosixPath(directory).parts
        if ".." in parts:
            raise FileSystemError(
                f"file system {file_system_id!r}: root directory {directory!r} leads out of it; "
                "give a path without '..'"
            )
        return self._made(folder.joinpath(*[part for part in parts if part != "/"]))

    def _access_point_directory(self, file_system_id: str, access_point_id: str) -> str:
        try:
            points = self._efs_client().describe_access_points(AccessPointId=access_point_id)
        except ClientError as error:
            raise FileSystemError(
                f"access point {access_point_id!r} of file system {file_system_id!r}: "
                f"{error.response['Error']['Message']}"
            ) from error
        point = points["AccessPoints"][0]
        if point["FileSystemId"] != file_system_id:
            raise FileSystemError(
                f"access point {access_point_id!r} belongs to file system "
                f"{point['FileSystemId']!r}, not to {file_system_id!r}"
            )
        return str((point.get("RootDirectory") or {}).get("Path") or "/")

    def _made(self, folder: Path) -> Path:
        with self._lock:
            folder.mkdir(parents=True, exist_ok=True)
        return folder
