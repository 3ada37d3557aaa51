"""A deployed stack with a file system, for the tests of the EFS fragments."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

import pytest

from sfn_fragments.sandbox import Sandbox

if TYPE_CHECKING:
    from pathlib import Path

    from sfn_fragments_local import Deployment, Engine


class FileSystemStack:
    """A stack with a file system, and what fragments need to work on it."""

    mount_point = "/opt/data"

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.sandbox = Sandbox()
        self._deployment: Deployment | None = None

    @property
    def arguments(self) -> dict[str, Any]:
        """Constructor arguments that the fragments have in common."""
        from sfn_fragments_batch import MountPointConfiguration

        mount_point = MountPointConfiguration.from_file_system(
            self.sandbox.file_system, mount_point=self.mount_point
        )
        return {
            "env_base": self.sandbox.env_base,
            "aibs_informatics_docker_asset": self.sandbox.image,
            "batch_job_queue": self.sandbox.job_queue,
            "scaffolding_bucket": self.sandbox.bucket,
            "mount_point_configs": [mount_point],
        }

    def deploy(self) -> Deployment:
        """Deploy what was made so far."""
        self.engine.create_job_queue(self.sandbox.job_queue)
        self._deployment = self.engine.deploy(self.sandbox.stack)
        return self._deployment

    @property
    def file_system_id(self) -> str:
        """Id of the deployed file system."""
        assert self._deployment is not None
        reference = self.sandbox.stack.resolve(self.sandbox.file_system.file_system_id)
        return self._deployment.resources[reference["Ref"]]

    @property
    def folder(self) -> Path:
        """The folder that holds the file system's content."""
        return self.engine.file_system_folder(self.file_system_id)

    def write(self, path: str, text: str, days_old: float = 0) -> None:
        """Write a file that was last accessed and modified some days ago."""
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        then = time.time() - days_old * 86_400
        os.utime(file, (then, then))

    def files(self) -> set[str]:
        """Every file on the file system."""
        return {
            path.relative_to(self.folder).as_posix()
            for path in self.folder.rglob("*")
            if path.is_file()
        }

    def memory_of_jobs(self) -> list[str]:
        """Memory in MiB of each job definition that was ever registered."""
        return [
            requirement["value"]
            for definition in self.engine.job_definitions(status=None)
            for requirement in definition["containerProperties"]["resourceRequirements"]
            if requirement["type"] == "MEMORY"
        ]


@pytest.fixture
def file_system_stack(sfn_mounts: None, sfn_engine: Engine) -> FileSystemStack:
    """A stack to put fragments into; skipped where no job can see a file system."""
    return FileSystemStack(sfn_engine)
