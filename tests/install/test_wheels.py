"""The built wheels, installed as a user installs them: alone, by extra, and all together."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.install.changed_wheels import Files, changed, with_metadata
from tests.proofs import long_proof

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

ROOT = Path(__file__).parents[2]
UV = shutil.which("uv")

pytestmark = pytest.mark.skipif(UV is None, reason="uv builds and installs the wheels")


def run(
    *command: str | Path, check: bool = True, folder: Path | None = None, **environment: str
) -> str:
    done = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )
    output = done.stdout + done.stderr
    assert not check or done.returncode == 0, output
    return output


def into_a_new_environment(folder: Path, wheels: Path, *requirements: str | Path) -> Path:
    """Install into an environment of its own; where its programs are."""
    environment = folder / "venv"
    run("uv", "venv", "--python", sys.executable, environment)
    python = environment / "bin" / "python"
    # A wheel that was built anew under its old name is not taken from a cache.
    names = [wheel.name.partition("-")[0] for wheel in wheels.glob("*.whl")]
    fresh = [f"--refresh-package={name}" for name in names]
    options = ("--no-config", "--python", python, "--find-links", wheels)
    run("uv", "pip", "install", *options, *fresh, *requirements)
    return environment / "bin"


@pytest.fixture
def install(wheels: Path, tmp_path: Path) -> Callable[..., Path]:
    return partial(into_a_new_environment, tmp_path, wheels)


@pytest.fixture(scope="module")
def everything(wheels: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with all of this project, to which a test adds its plugin for a while."""
    tools = ("cdk-nag", "mypy", "ruff")
    return into_a_new_environment(
        tmp_path_factory.mktemp("all"), wheels, "sfn-fragments[all]", *tools
    )


@contextmanager
def added(programs: Path, plugin: Path, *options: str) -> Iterator[None]:
    """A plugin is installed, for a ``with`` block."""
    chosen = ("--no-config", "--python", programs / "python")
    before = distributions(programs)
    run("uv", "pip", "install", *chosen, *options, plugin)
    try:
        yield
    finally:
        new = sorted(distributions(programs) - before)
        run("uv", "pip", "uninstall", *chosen[1:], *new)


@long_proof
def test_every_wheel_is_typed_and_licensed(wheels: Path) -> None:
    import zipfile

    found = sorted(wheels.glob("*.whl"))
    assert len(found) == 8
    for wheel in found:
        names = zipfile.ZipFile(wheel).namelist()
        assert any(name.endswith("/py.typed") for name in names), wheel
        assert any(name.endswith("/LICENSE") for name in names), wheel
        assert not any("test" in name.split("/")[0] for name in names), wheel


#: What the library of the States Language brings: a command line, tables, paths, JSONata.
OF_THE_LANGUAGE = {
    "click",
    "docstring-parser",
    "jsonata-python",
    "jsonpath-ng",
    "markdown-it-py",
    "mdurl",
    "pygments",
    "rich",
    "sfn-fragments-asl",
}


def distributions(programs: Path) -> set[str]:
    options = ("--quiet", "--format", "json", "--python", programs / "python")
    return {one["name"] for one in json.loads(run("uv", "pip", "list", *options))}


@long_proof
def test_the_language_alone(install: Callable[..., Path], tmp_path: Path) -> None:
    programs = install("sfn-fragments-asl")
    assert distributions(programs) == OF_THE_LANGUAGE
    assert not (programs / "node").exists()
    definition = tmp_path / "machine.asl.json"
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:s3:getObject",
        "Parameters": {"Bucket": "b", "Key": "k"},
        "End": True,
    }
    definition.write_text(json.dumps({"StartAt": "Read", "States": {"Read": state}}))
    told = run(programs / "sfn-asl", "--help", PATH="/nonexistent")
    commands = re.findall(r"^  ([a-z]+)  ", told.partition("Commands:")[2], re.MULTILINE)
    history = tmp_path / "history.json"
    started = {"id": 1, "type": "ExecutionStarted", "timestamp": 0}
    history.write_text(json.dumps({"events": [started]}))
    expected: dict[str, tuple[Sequence[str | Path], str]] = {
        "check": ([definition], "1 of advice"),
        "policy": ([definition], "s3:GetObject"),
        "forecast": ([definition], "$0.000025"),
        "graph": ([definition, "--format", "mermaid"], "flowchart"),
        "diff": ([definition, definition], ""),
        "report": ([history, "--definition", definition], "history.html: 1 event, RUNNING"),
    }
    assert {*commands} == {*expected}
    for command, (arguments, text) in expected.items():
        told = run(programs / "sfn-asl", command, *arguments, PATH="/nonexistent")
        assert text in told, command


@pytest.fixture
def another_language(wheels: Path, tmp_path: Path) -> Path:
    """A wheel of ``sfn-fragments-asl`` of the next release, of which nothing can be imported."""

    def next_release(files: Files) -> Files:
        files = with_metadata("Version: .*", "Version: 0.2.0")(files)
        return {**files, "sfn_fragments_asl/__init__.py": b"raise ImportError('of 0.2')\n"}

    (wheel,) = wheels.glob("sfn_fragments_asl-*.whl")
    return changed(wheel, tmp_path, next_release)


@long_proof
def test_a_core_and_a_language_one_release_apart(
    install: Callable[..., Path], wheels: Path, another_language: Path
) -> None:
    programs = install("sfn-fragments")
    options = ("uv", "pip", "install", "--no-config", "--python", programs / "python")
    refused = run(*options, "--find-links", wheels, "sfn-fragments", another_language, check=False)
    refused = " ".join(refused.split())
    assert "No solution found" in refused
    assert re.search(r"sfn-fragments\S* depends? on sfn-fragments-asl>=0\.1,\s?<0\.2", refused)
    run(*options, "--no-deps", another_language)
    listed = run(programs / "sfn-fragments", "list")
    assert "core.lambda_function" in listed
    assert "Traceback" not in listed
    doctor = run(programs / "sfn-fragments", "doctor", "--json", check=False)
    (found,) = (
        each
        for each in json.loads(doctor[doctor.index("{") : doctor.rindex("}") + 1])["checks"]
        if each["name"] == "sfn-fragments-asl"
    )
    assert found["status"] == "fix"
    assert found["value"].startswith(
        "0.2.0, but sfn-fragments 0.1.0 requires sfn-fragments-asl<0.2"
    )
    remedy = re.fullmatch(r'pip install "(.+)"', found["remedy"])
    assert remedy is not None
    run(*options, "--find-links", wheels, remedy[1])
    doctor = run(programs / "sfn-fragments", "doctor", check=False)
    assert "requires sfn-fragments-asl" not in doctor


@long_proof
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


@long_proof
def test_an_extra_brings_what_it_needs_and_no_more(install: Callable[..., Path]) -> None:
    programs = install("sfn-fragments[efs,node]")
    listed = run(programs / "sfn-fragments", "list")
    assert "efs.clean_file_system" in listed
    assert "batch.submit_job" in listed
    assert "data_sync" not in listed
    definition = run(programs / "sfn-fragments", "synth", "efs.remove_paths")
    assert '"StartAt"' in definition


@long_proof
def test_all_together_run_the_main_job(everything: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    ran = run(
        everything / "sfn-fragments",
        "run",
        "data_sync.sync",
        HOME=str(home),
        # No Node.js, no AWS credentials: only what a shell needs.
        PATH="/usr/bin:/bin" if not shutil.which("node", path="/usr/bin:/bin") else "/nonexistent",
        AWS_PROFILE="absent",
    )
    assert "SUCCEEDED" in ran
    assert "copy/a.csv" in ran
    out = tmp_path / "cdk.out"
    run(everything / "python", ROOT / "examples" / "cdk_app" / "app.py", CDK_OUTDIR=str(out))
    assert "AWS::StepFunctions::StateMachine" in (out / "Pipelines.template.json").read_text()


@long_proof
@pytest.mark.parametrize(
    "example", ["third_party_plugin", "job_tags_plugin", "organisation_plugin", "runner_plugin"]
)
def test_an_example_of_a_plugin(everything: Path, tmp_path: Path, example: str) -> None:
    plugin = tmp_path / "plugin"
    shutil.copytree(ROOT / "examples" / example, plugin)
    options = ("-q", "--import-mode=importlib", "-p", "no:cacheprovider")
    with added(everything, plugin):
        tested = run(everything / "python", "-m", "pytest", *options, folder=plugin)
        assert "passed" in tested
        if example == "third_party_plugin":
            # Others have nothing for some tests of their suites.
            assert "skipped" not in tested
            wait = ("run", "acme.wait", "--input", '{"seconds": 30}')
            ran = run(everything / "sfn-fragments", *wait, PATH="/nonexistent")
            assert "SUCCEEDED" in ran


@pytest.fixture(scope="module")
def typed(everything: Path) -> Callable[[Path], None]:
    """Checks the types of a project, by its own settings.

    To read CDK takes mypy minutes and 3 GB; so what it knows of CDK is shared, and begins with what
    it knows from this project. It is only taken where these settings are the same.
    """
    own = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["mypy"]
    options = [f"--python-version={own['python_version']}", "--warn-unreachable"]
    options += [f"--untyped-calls-exclude={each}" for each in own["untyped_calls_exclude"]]
    cache = everything.parent / "mypy"
    known = Path(os.environ.get("MYPY_CACHE_DIR", ROOT / ".mypy_cache"))
    if known.exists():
        shutil.copytree(known, cache)

    def check(folder: Path) -> None:
        command: list[str | Path] = [everything / "python", "-m", "mypy", *options]
        assert "Success" in run(*command, folder=folder, MYPY_CACHE_DIR=str(cache))

    return check


@long_proof
@pytest.mark.parametrize("kind", ["fragment", "organisation", "runner"])
def test_a_scaffolded_plugin(
    everything: Path, tmp_path: Path, kind: str, typed: Callable[[Path], None]
) -> None:
    command, python = everything / "sfn-fragments", everything / "python"
    run(command, "new", "geo.tile", "--kind", kind, "--into", tmp_path)
    plugin = tmp_path / "geo-fragments"
    with added(everything, plugin, "--no-deps", "-e"):
        assert "passed" in run(python, "-m", "pytest", "-q", folder=plugin)
        typed(plugin)
        run(python, "-m", "ruff", "check", folder=plugin)
        run(python, "-m", "ruff", "format", "--check", folder=plugin)
        assert "0 failed" in run(command, "validate", "geo", folder=plugin)
    run("uv", "build", "--quiet", "--wheel", folder=plugin)
    [wheel] = (plugin / "dist").glob("*.whl")
    with added(everything, wheel, "--no-deps"):
        assert "loaded" in run(command, "plugins", "geo")
