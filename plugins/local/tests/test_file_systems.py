"""EFS volumes: which folder a job sees, and that it sees it at its container path."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests import batch_jobs

from sfn_fragments_local.file_systems import FileSystemError

if TYPE_CHECKING:
    from sfn_fragments_local import Engine, JobRecord


@pytest.fixture
def file_system_id(sfn_engine: Engine) -> str:
    return str(sfn_engine.client("efs").create_file_system(CreationToken="fs")["FileSystemId"])


def efs_volume(name: str, file_system_id: str, **configuration: Any) -> dict[str, Any]:
    return {
        "name": name,
        "efsVolumeConfiguration": {"fileSystemId": file_system_id, **configuration},
    }


def mount_point(name: str, path: Path | str, *, read_only: bool = False) -> dict[str, Any]:
    return {"sourceVolume": name, "containerPath": str(path), "readOnly": read_only}


def run(
    engine: Engine,
    script: str,
    volumes: list[dict[str, Any]],
    points: list[dict[str, Any]],
    command: list[str] | None = None,
) -> JobRecord:
    shell = command or ["sh", "-c", script]
    job = batch_jobs.run(engine, shell, volumes=volumes, mountPoints=points)
    [described] = engine.client("batch").describe_jobs(jobs=[job.id])["jobs"]
    assert described["container"]["volumes"] == volumes
    assert described["container"]["mountPoints"] == points
    seen = [(mount.target, mount.read_only) for mount in job.mounts]
    assert seen == [(point["containerPath"], point["readOnly"]) for point in points]
    return job


needs_namespaces = pytest.mark.usefixtures("sfn_mounts")


def test_a_file_system_is_a_folder(sfn_engine: Engine, file_system_id: str) -> None:
    folder = sfn_engine.file_system_folder(file_system_id)
    assert folder.is_dir()
    assert sfn_engine.file_system_folder(file_system_id) == folder


def test_an_unknown_file_system(sfn_engine: Engine) -> None:
    with pytest.raises(FileSystemError, match="file system 'fs-0'"):
        sfn_engine.file_system_folder("fs-0")


@needs_namespaces
def test_one_folder_at_two_nested_paths(sfn_engine: Engine, file_system_id: str) -> None:
    access_point_id = sfn_engine.client("efs").create_access_point(
        FileSystemId=file_system_id, ClientToken="scratch", RootDirectory={"Path": "/scratch"}
    )["AccessPointId"]
    folder = sfn_engine.file_system_folder(file_system_id)
    script = (
        "echo one > /opt/sfn-efs/scratch/one; cat /opt/sfn-scratch/one; echo two > "
        "/opt/sfn-efs/deep/two; cat /opt/sfn-efs/three; test ! -L /opt/sfn-scratch"
    )
    (folder / "three").write_text("three\n")
    job = run(
        sfn_engine,
        script,
        [
            efs_volume("root", file_system_id),
            efs_volume(
                "scratch",
                file_system_id,
                transitEncryption="ENABLED",
                authorizationConfig={"accessPointId": access_point_id},
            ),
            efs_volume("deep", file_system_id, rootDirectory="/a/b"),
        ],
        [
            # The inner path first: the order is not the user's to know.
            mount_point("scratch", "/opt/sfn-efs/scratch"),
            mount_point("deep", "/opt/sfn-efs/deep"),
            mount_point("root", "/opt/sfn-efs"),
            mount_point("scratch", "/opt/sfn-scratch"),
        ],
    )
    assert (job.status, job.output) == ("SUCCEEDED", "one\nthree\n"), job
    assert (folder / "scratch" / "one").read_text() == "one\n"
    assert (folder / "a" / "b" / "two").read_text() == "two\n"
    assert not Path("/opt/sfn-efs").exists()


@needs_namespaces
def test_paths_that_exist_nowhere_leave_nothing(sfn_engine: Engine, file_system_id: str) -> None:
    job = run(
        sfn_engine,
        "echo x > /sfn-missing/deeper/x; ls /usr > /dev/null; echo y > /etc/sfn-missing/y",
        [efs_volume("root", file_system_id)],
        [mount_point("root", "/sfn-missing/deeper"), mount_point("root", "/etc/sfn-missing")],
    )
    assert job.status == "SUCCEEDED", job
    assert not Path("/sfn-missing").exists()
    assert not Path("/etc/sfn-missing").exists()
    folder = sfn_engine.file_system_folder(file_system_id)
    assert {path.name for path in folder.iterdir()} == {"x", "y"}


@needs_namespaces
def test_a_path_that_exists_is_covered(
    sfn_engine: Engine, file_system_id: str, tmp_path: Path
) -> None:
    (tmp_path / "mine").touch()
    job = run(
        sfn_engine,
        f"ls {tmp_path}; touch {tmp_path}/job",
        [efs_volume("root", file_system_id)],
        [mount_point("root", tmp_path)],
    )
    assert (job.status, job.output) == ("SUCCEEDED", "")
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


@needs_namespaces
@pytest.mark.parametrize("existing", ["one", "deep/one"])
def test_no_job_sees_what_is_there_beside_a_path_that_is_not(
    sfn_engine: Engine, file_system_id: str, tmp_path: Path, existing: str
) -> None:
    (tmp_path / existing).mkdir(parents=True)
    (tmp_path / "mine").touch()
    one, other, third = tmp_path / existing, tmp_path / "other/two", tmp_path / "deep/three"
    job = run(
        sfn_engine,
        f"touch {one}/1 {other}/2 {third}/3; ls {tmp_path} {one}",
        [
            efs_volume("one", file_system_id, rootDirectory="/a"),
            efs_volume("other", file_system_id, rootDirectory="/b"),
            efs_volume("third", file_system_id, rootDirectory="/c"),
        ],
        [mount_point("one", one), mount_point("other", other), mount_point("third", third)],
    )
    seen = "\n".join(sorted({Path(existing).parts[0], "deep", "other"}))
    assert (job.status, job.output) == ("SUCCEEDED", f"{tmp_path}:\n{seen}\n\n{one}:\n1\n"), job
    folder = sfn_engine.file_system_folder(file_system_id)
    assert sorted(path.name for path in folder.glob("*/*")) == ["1", "2", "3"]
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / "mine"]
    assert sorted(path.name for path in one.iterdir()) == []


@needs_namespaces
def test_read_only(sfn_engine: Engine, file_system_id: str) -> None:
    job = run(
        sfn_engine,
        "touch /opt/sfn-efs/x",
        [efs_volume("root", file_system_id)],
        [mount_point("root", "/opt/sfn-efs", read_only=True)],
    )
    assert job.status == "FAILED"
    assert "Read-only file system" in job.output


@needs_namespaces
def test_a_host_volume_is_a_folder_of_the_job(sfn_engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "mine").touch()
    job = run(
        sfn_engine,
        "ls /sfn-host; touch /sfn-host/x",
        [{"name": "host", "host": {"sourcePath": str(tmp_path)}}],
        [mount_point("host", "/sfn-host")],
    )
    assert (job.status, job.output) == ("SUCCEEDED", "")
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


@needs_namespaces
def test_the_exit_code_of_the_launcher_may_be_the_commands_too(
    sfn_engine: Engine, file_system_id: str
) -> None:
    job = run(
        sfn_engine,
        "exit 125",
        [efs_volume("root", file_system_id)],
        [mount_point("root", "/opt/sfn-efs")],
    )
    assert (job.status, job.exit_code) == ("FAILED", 125)
    assert job.reason == "Essential container in task exited"


@needs_namespaces
@pytest.mark.parametrize(
    ("command", "target", "reason"),
    [
        ("/no/such", "/opt/sfn-efs", "command '/no/such' does not start: [Errno 2]"),
        # What is mounted where no directory can be.
        ("true", "/dev/null/x", "at /dev/null/x: [Errno 20]"),
    ],
)
def test_why_a_job_with_mounts_does_not_start(
    sfn_engine: Engine, file_system_id: str, command: str, target: str, reason: str
) -> None:
    job = run(
        sfn_engine,
        "",
        [efs_volume("root", file_system_id)],
        [mount_point("root", target)],
        command=[command],
    )
    assert (job.status, job.exit_code) == ("FAILED", None)
    assert reason in str(job.reason)


@pytest.mark.parametrize(
    ("volume", "reason"),
    [
        (efs_volume("v", "fs-0"), "file system 'fs-0'"),
        (efs_volume("v", "FS", rootDirectory="/../.."), "leads out of it"),
        (efs_volume("v", "FS", authorizationConfig={"accessPointId": "fsap-0"}), "'fsap-0'"),
        ({"name": "other", "host": {}}, "names volume 'v'"),
    ],
)
def test_volumes_that_cannot_be(
    sfn_engine: Engine, file_system_id: str, volume: dict[str, Any], reason: str
) -> None:
    if volume.get("efsVolumeConfiguration", {}).get("fileSystemId") == "FS":
        configuration = {**volume["efsVolumeConfiguration"], "fileSystemId": file_system_id}
        volume = {**volume, "efsVolumeConfiguration": configuration}
    job = run(sfn_engine, "true", [volume], [mount_point("v", "/opt/sfn-efs")])
    assert (job.status, job.exit_code) == ("FAILED", None)
    assert reason in str(job.reason)
