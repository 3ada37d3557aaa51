"""A job sees its container, not the machine."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import sysconfig
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests import batch_jobs
from tests.proofs import few

from sfn_fragments.errors import InvalidParametersError
from sfn_fragments_local import Engine
from sfn_fragments_local.launching.isolation import Isolation, why_not

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sfn_fragments_local import JobRecord


def needs(isolation: str) -> pytest.MarkDecorator:
    reason = why_not(isolation)
    return pytest.mark.skipif(reason is not None, reason=f"no {isolation} here: {reason}")


def run(engine: Engine, script: str, mounts: dict[str, bool] | None = None) -> JobRecord:
    """Run a shell script as a job; the mounts are paths, and whether they are read-only."""
    efs = engine.client("efs")
    file_system = efs.create_file_system(CreationToken=str(uuid.uuid4()))["FileSystemId"]
    volumes: list[dict[str, Any]] = [
        {
            "name": f"v{number}",
            "efsVolumeConfiguration": {"fileSystemId": file_system, "rootDirectory": f"/{number}"},
        }
        for number in range(len(mounts or {}))
    ]
    points = [
        {"sourceVolume": f"v{number}", "containerPath": path, "readOnly": read_only}
        for number, (path, read_only) in enumerate((mounts or {}).items())
    ]
    return batch_jobs.run(engine, ["sh", "-c", script], volumes=volumes, mountPoints=points)


@pytest.fixture
def decoys(tmp_path: Path) -> Iterator[list[Path]]:
    """Folders of the user's with a file: in the temporary folder, the home and the current one."""
    name = f"sfn-fragments-decoy-{uuid.uuid4().hex}"
    folders = [tmp_path / name, Path.home() / name, Path.cwd() / name]
    for folder in folders:
        folder.mkdir()
        (folder / "mine").write_text("mine")
    yield folders
    for folder in folders:
        shutil.rmtree(folder)


def untouched(folders: list[Path]) -> bool:
    return all(
        [path.name for path in folder.iterdir()] == ["mine"]
        and (folder / "mine").read_text() == "mine"
        for folder in folders
    )


@pytest.mark.parametrize("isolation", ["namespaces", "landlock"])
def test_a_job_that_deletes_and_writes_everything(isolation: str, decoys: list[Path]) -> None:
    if reason := why_not(isolation):
        pytest.skip(f"no {isolation} here: {reason}")
    paths = " ".join(map(str, decoys))
    with Engine(isolation=isolation) as engine:
        job = run(
            engine,
            f"for one in {paths}; do rm -rf $one; cat $one/mine; mkdir -p $one; echo x > $one/x; "
            "done; echo x > ~/x && cat ~/x; rm -rf ~/* /tmp/* /home/* 2> /dev/null",
        )
    assert untouched(decoys)
    assert "\nx\n" in f"\n{job.output}"
    assert "mine\n" not in job.output


@needs("landlock")
def test_landlock_says_what_it_refused_and_that_it_cannot_mount(tmp_path: Path) -> None:
    with Engine(isolation="landlock") as engine:
        denied = run(engine, f"ls {tmp_path}")
        fine = run(engine, "cd; touch x; ls; test $TMPDIR = $HOME; exit 3")
        mounted = run(engine, "true", {"/opt/data": False})
    assert denied.status == "FAILED"
    assert "Permission denied" in denied.output
    assert "held by Landlock" in denied.output
    assert (fine.exit_code, fine.output) == (3, "x\n")
    assert "no folder can be mounted at /opt/data here: isolation 'landlock'" in str(mounted.reason)


def test_without_isolation_jobs_run_only_where_that_was_asked_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    macos = Isolation("none", "this is darwin; namespaces and Landlock are Linux's", network=False)
    monkeypatch.setattr("sfn_fragments_local.containers.found_isolation", lambda: macos)
    with Engine() as engine:
        refused = run(engine, f"touch {tmp_path}/x")
    assert refused.status == "FAILED"
    assert "this is darwin" in str(refused.reason)
    assert "--no-isolation" in str(refused.reason)
    assert list(tmp_path.iterdir()) == []
    with Engine(isolation="none") as engine:
        job = run(engine, f"touch {tmp_path}/x; cd; touch y; ls $TMPDIR")
        mounted = run(engine, "true", {"/opt/data": False})
    assert (job.status, job.output) == ("SUCCEEDED", "y\n"), job
    assert [path.name for path in tmp_path.iterdir()] == ["x"]
    assert "cannot be mounted" in str(mounted.reason) or "can be mounted" in str(mounted.reason)


@needs("namespaces")
def test_what_is_private_is_empty_writable_and_gone(sfn_engine: Engine) -> None:
    name = uuid.uuid4().hex
    script = (
        f"pwd; for one in / /tmp /home /var /srv /opt /dev/shm ~; do mkdir -p $one; "
        f"test -e $one/{name} && exit 1; touch $one/{name} || exit 2; done"
    )
    for _ in range(2):
        job = run(sfn_engine, script)
        assert (job.status, job.output) == ("SUCCEEDED", "/home/job\n")
    assert not any(Path(one, name).exists() for one in ("/", "/tmp", "/home", "/var"))


@needs("namespaces")
def test_the_image_is_read_only_at_its_own_paths(tmp_path: Path) -> None:
    (tmp_path / "image" / "deep").mkdir(parents=True)
    (tmp_path / "beside").mkdir()
    named = tmp_path / "image"
    (named / "deep" / "file").write_text("of the image\n")
    link = tmp_path / "link"
    link.symlink_to("image")
    places = [sys.prefix, sys.base_prefix, sysconfig.get_path("purelib"), "/usr", "/etc", named]
    script = (
        f"cat {link}/deep/file; ls {tmp_path}; "
        + "".join(f"touch {one}/x && echo {one}; " for one in places)
        + f"{sys.executable} -c 'import boto3, sys; print(sys.prefix)'"
    )
    with Engine(image_paths=[named, str(link)]) as engine:
        job = run(engine, script)
    lines = [line for line in job.output.splitlines() if "Read-only file system" not in line]
    assert lines == ["of the image", "image", "link", sys.prefix]
    assert job.output.count("Read-only file system") == len(places)


@pytest.mark.parametrize("path", ["relative", "/no/such", "/", "/proc", "/tmp"])
def test_what_cannot_be_a_part_of_the_image(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", "/tmp")
    with pytest.raises(InvalidParametersError, match=r"image_paths: .*item 0"):
        Engine(image_paths=[path])


@needs("namespaces")
def test_mounts_win_over_all(sfn_engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "mine").touch()
    points = {
        "/usr/local/sfn-data": False,
        "/mnt/x/y": False,
        "/usr/share": False,
        str(tmp_path): False,
        "/etc/hostname": False,
        "/bin/sfn-data": True,
    }
    names = " ".join(points)
    job = run(
        sfn_engine,
        f"for one in {names}; do ls -A $one; touch $one/x || echo $one; done; "
        "ls -d /usr/local/bin; "
        "touch /usr/local/y; test -e /etc/passwd && touch /etc/y; test -x /usr/bin/env && echo env",
        points,
    )
    lines = [line for line in job.output.splitlines() if "Read-only file system" not in line]
    assert lines == ["/bin/sfn-data", "/usr/local/bin", "env"], job.output
    assert job.output.count("Read-only file system") == 3
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
    assert not Path("/usr/local/sfn-data").exists()
    assert not Path("/usr/bin/sfn-data").exists()


@needs("namespaces")
def test_a_job_sees_no_process_and_no_mount_of_the_machine(sfn_engine: Engine) -> None:
    job = run(
        sfn_engine,
        "echo /proc/[0-9]*; grep -c sfn-fragments /proc/self/mountinfo; "
        "mount -o remount,bind,rw /usr 2> /dev/null; touch /usr/x; "
        "mknod /tmp/disk b 8 0 2> /dev/null; ls /tmp; kill -0 $PPID && echo init",
    )
    processes = job.output.splitlines()[0].split()
    assert processes[0] == "/proc/1"
    assert len(processes) <= 4
    assert "cannot touch '/usr/x': Read-only file system" in job.output
    assert "disk" not in job.output


@needs("namespaces")
def test_a_job_reaches_the_port_of_the_engine_and_nothing_else(sfn_engine: Engine) -> None:
    connect = (
        "import socket, sys\n"
        "for port in map(int, sys.argv[1:]):\n"
        "    try: socket.create_connection(('127.0.0.1', port), 5).close(); print('reached')\n"
        "    except OSError as error: print(type(error).__name__)\n"
    )
    port = sfn_engine.endpoint_url.rpartition(":")[2]
    with socket.create_server(("127.0.0.1", 0)) as other:
        script = f'{sys.executable} -c "{connect}" {port} {other.getsockname()[1]}'
        job = run(sfn_engine, script)
    assert job.output.splitlines() == ["reached", "ConnectionRefusedError"], job.output


PROBE = """
import sys, tempfile
from pathlib import Path
from sfn_fragments_local.containers import Command, Containers
from sfn_fragments_local.launching.image import image_paths, image_variables
from sfn_fragments_local.launching.launcher import launchers

script = (
    "import sys, boto3, sfn_fragments_local\\n"
    "print(sys.prefix, flush=True)\\n"
    "for path in (sys.prefix, sfn_fragments_local.__path__[0], '/tmp', '/home'):\\n"
    "    try: open(path + '/sfn-fragments-x', 'w').close(); print('wrote')\\n"
    "    except OSError as error: print(error.strerror)\\n"
)
containers = Containers("namespaces", image_paths(), 1, lambda door: None)
with tempfile.TemporaryDirectory() as folder, launchers.in_use():
    command = Command((sys.executable, "-c", script), {})
    process = containers.start(command, Path(folder), [0, 1, 2])
    sys.exit(process.wait())
"""
SEEN = ["Read-only file system"] * 2 + ["wrote"] * 2


def probe(python: Path | str, **options: Any) -> list[str]:
    done = subprocess.run(
        [python, "-c", PROBE], capture_output=True, text=True, check=False, **options
    )
    assert done.returncode == 0, done.stderr
    return str(done.stdout).splitlines()


@few(1)
@needs("namespaces")
@pytest.mark.parametrize("place", ["/opt", "~", "/tmp"])
def test_python_anywhere(place: str) -> None:
    parent = Path(place).expanduser()
    if not os.access(parent, os.W_OK):
        pytest.skip(f"a Python cannot be put into {parent}: this user may not write there")
    folder = parent / f"sfn-fragments-python-{uuid.uuid4().hex}"
    try:
        command = [sys.executable, "-m", "venv", "--without-pip", str(folder)]
        subprocess.run(command, check=True)
        packages = sysconfig.get_path("purelib", vars={"base": str(folder)})
        (Path(packages) / "ours.pth").write_text("\n".join(path for path in sys.path if path))
        prefix, *seen = probe(folder / "bin" / "python")
        assert (prefix, seen) == (str(folder), SEEN)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@needs("namespaces")
@pytest.mark.skipif(os.getuid() != 0, reason="only root may run a program as another user")
def test_an_unprivileged_user(tmp_path: Path) -> None:
    nobody: dict[str, Any] = {"user": 65534, "group": 65534, "extra_groups": []}
    pythons = (sys.executable, f"/usr/bin/python{sys.version_info[0]}.{sys.version_info[1]}")
    python = next((one for one in pythons if usable(one, nobody)), None)
    if python is None:
        pytest.skip("no Python here is where the user nobody may read it")
    environment = {
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "TMPDIR": "/tmp",
    }
    _, *seen = probe(python, env=environment, **nobody)
    assert seen == SEEN


def usable(python: str, user: dict[str, Any]) -> bool:
    script = "import sys; sys.path[:0] = sys.argv[1:]; import boto3, pydantic_core, click"
    paths = [path for path in sys.path if "site-packages" in path]
    try:
        done = subprocess.run(
            [python, "-c", script, *paths], capture_output=True, check=False, **user
        )
    except OSError:
        return False
    return done.returncode == 0
