"""Requests and responses of the EFS fragments.

The one place of this distribution that imports ``aibs_informatics_core``, whose licence forbids
commercial use without permission.
"""

from __future__ import annotations

from typing import Annotated

from aibs_informatics_core.models.aws.efs import EFSPath
from aibs_informatics_core.models.aws.s3 import S3Path
from pydantic import AfterValidator, AwareDatetime, BaseModel, Field, field_validator

from sfn_fragments_batch.models import JobOverrides


def _whole(path: str) -> str:
    # A malformed URI would pass as the name of a local file.
    if path[:3].lower() == "s3:" and not S3Path.is_valid(path):
        raise ValueError(f"{path!r} is not a valid S3 path: write s3://bucket/key")
    if path[:4].lower() == "efs:" and not EFSPath.is_valid(path):
        raise ValueError(
            f"{path!r} is not a valid EFS path: write efs://fs-0123456789abcdef0:/path"
        )
    return path


#: A path on EFS (``efs://fs-...:/path``), in S3 (``s3://bucket/key``), or as the job sees it.
DataPath = Annotated[str, Field(min_length=1), AfterValidator(_whole)]


class PathStats(BaseModel):
    """Size and age of a path."""

    size_bytes: int = Field(description="Size of all files in it, in bytes.")
    object_count: int = Field(description="Number of files in it.")
    last_modified: AwareDatetime = Field(description="When the newest of them was modified.")


class DataPathStatsRequest(JobOverrides):
    """Input of ``efs.data_path_stats``: what to measure, and what to change about the job."""

    path: DataPath = Field(description="Path on EFS, in S3, or as the job sees it.")


class DataPathStatsResponse(BaseModel):
    """Output of ``efs.data_path_stats``."""

    path: str = Field(description="The path.")
    path_stats: PathStats = Field(description="Its size and age.")
    children: dict[str, PathStats] = Field(description="The same of each path right below it.")


class OutdatedPathScannerRequest(JobOverrides):
    """Input of ``efs.outdated_path_scanner``: what to search, and what to change about the job."""

    path: DataPath = Field(description="Path on EFS, in S3, or as the job sees it.")
    days_since_last_accessed: float = Field(
        0.0,
        description="Days since which nothing in a path has been modified; 0 means every path.",
    )
    max_depth: int | None = Field(None, description="Depth below the path down to which to search.")
    min_depth: int | None = Field(
        None, description="Depth below the path above which folders are passed over."
    )
    min_size_bytes_allowed: int = Field(0, description="Size in bytes to leave.")
    current_time: AwareDatetime | None = Field(
        None, description="Time from which days are counted; now, if left out."
    )


class CleanFileSystemRequest(OutdatedPathScannerRequest):
    """Input of ``efs.clean_file_system``: what to clean, and what to change about the jobs."""

    @field_validator("path")
    @classmethod
    def _is_no_object(cls, path: str) -> str:
        if S3Path.is_valid(path):
            raise ValueError(
                f"{path!r} is in S3, from where paths are not removed: give one on EFS"
            )
        return path


class OutdatedPathScannerResponse(BaseModel):
    """Output of ``efs.outdated_path_scanner``."""

    paths: list[str] = Field(description="The paths found; of objects in S3, their keys.")


class RemovePathsRequest(JobOverrides):
    """Input of ``efs.remove_paths``: what to remove, and what to change about the job."""

    paths: list[DataPath] = Field(description="Paths on EFS, or as the job sees them.")


class RemovePathsResponse(BaseModel):
    """Output of ``efs.remove_paths`` and ``efs.clean_file_system``."""

    size_bytes_removed: int = Field(description="Size of what was removed, in bytes.")
    paths_removed: list[str] = Field(description="What was removed, as the job sees it.")
