"""The built wheels, installed as a user installs them: alone, by extra, and all together."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
UV = shutil.which("uv")

pytestmark = pytest.mark.skipif(UV is None, reason="uv builds and installs the wheels")


def run(*command: str | Path, check: bool = True, **environment: str) -> str:
    done = subprocess.run(
        [str(part) for part in command],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )
    output = done.stdout + done.stderr
    assert not check or done.returncode == 0, output
    return output


@pytest.fixture
def install(wheels: Path, tmp_path: Path) -> Callable[..., Path]:
    def into_a_new_environment(*requirements: str | Path) -> Path:
        environment = tmp_path / "venv"
        run("uv", "venv", "--python", sys.executable, environment)
        python = environment / "bin" / "python"
        run(
            "uv",
            "pip",
            "install",
            "--no-config",
            "--python",
            python,
            "--find-links",
            wheels,
            *requirements,
        )
        return environment / "bin"

    return into_a_new_environment


def test_every_wheel_is_typed_and_licensed(wheels: Path) -> None:
    import zipfile

    found = sorted(wheels.glob("*.whl"))
    assert len(found) == 6
    for wheel in found:
        names = zipfile.ZipFile(wheel).namelist()
        assert any(name.endswith("/py.typed") for name in names), wheel
        assert any(name.endswith("/LICENSE") for name in names), wheel
        assert not any("test" in name.split("/")[0] for name in names), wheel


def test_the_core_alone(install: Callable[..., Path]) -> None:
    programs = install("sfn-fragments")
    listed = run(programs / "sfn-fragments", "list", PATH="/nonexistent")
    assert "data_sync.sync" not in listed
    assert "Problems" not in listed
    missing = run(programs / "sfn-fragments", "show", "data_sync.sync", check=False)
    assert 'pip install "sfn-fragments[data-sync]"' in missing
    assert "Traceback" not in missing
    missing = run(programs / "sfn-fragments", "run", "data_sync.sync", check=False)
    assert 'pip install "sfn-fragments[local]"' in missing


def test_an_extra_brings_what_it_needs_and_no_more(install: Callable[..., Path]) -> None:
    programs = install("sfn-fragments[efs,node]")
    listed = run(programs / "sfn-fragments", "list")
    assert "efs.clean_file_system" in listed
    assert "batch.submit_job" in listed
    assert "data_sync" not in listed
    definition = run(programs / "sfn-fragments", "synth", "efs.remove_paths")
    assert '"StartAt"' in definition


def test_all_together_run_the_main_job(install: Callable[..., Path], tmp_path: Path) -> None:
    programs = install("sfn-fragments[all]")
    home = tmp_path / "home"
    home.mkdir()
    ran = run(
        programs / "sfn-fragments",
        "run",
        "data_sync.sync",
        HOME=str(home),
        # No Node.js, no AWS credentials: only what a shell needs.
        PATH="/usr/bin:/bin" if not shutil.which("node", path="/usr/bin:/bin") else "/nonexistent",
        AWS_PROFILE="absent",
    )
    assert "SUCCEEDED" in ran
    assert "copy/a.csv" in ran


def test_the_examples(install: Callable[..., Path], tmp_path: Path) -> None:
    plugin = tmp_path / "plugin"
    shutil.copytree(ROOT / "examples" / "third_party_plugin", plugin)
    programs = install("sfn-fragments[data-sync,local]", "pytest", plugin)
    assert "acme.wait" in run(programs / "sfn-fragments", "list")
    tested = run(
        programs / "python", "-m", "pytest", "-q", plugin / "tests", "-p", "no:cacheprovider"
    )
    assert "passed" in tested
    assert "skipped" not in tested
    wait = ("run", "acme.wait", "--input", '{"seconds": 30}')
    ran = run(programs / "sfn-fragments", *wait, PATH="/nonexistent")
    assert "SUCCEEDED" in ran
    out = tmp_path / "cdk.out"
    run(programs / "python", ROOT / "examples" / "cdk_app" / "app.py", CDK_OUTDIR=str(out))
    assert "AWS::StepFunctions::StateMachine" in (out / "DataSync.template.json").read_text()
