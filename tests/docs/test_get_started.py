"""The pages of "Get started", followed to the letter."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import uuid
from itertools import dropwhile, takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aibs_informatics_core.exceptions import ValidationError
from tests.contract.test_cfn_lint import both, unexpected
from tests.docs.aws_lines import sent, wrong_calls
from tests.docs.in_process import follow_here
from tests.pages import DOCS, Command, File, follow, seen, steps
from tests.proofs import long_proof

from sfn_fragments.environment import EnvBase
from sfn_fragments.node import find_node
from sfn_fragments_local import Engine

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOT = DOCS.parent
START = DOCS / "start"
INSTALL, TEN_MINUTES = START / "install.md", START / "ten_minutes.md"
FIRST_APP, DEPLOY = START / "first_app.md", START / "deploy.md"


def test_the_extras_are_told() -> None:
    project = tomllib.loads((ROOT / "core/pyproject.toml").read_text("utf-8"))["project"]
    told = re.findall(r"^\| `([a-z-]+)` \|", INSTALL.read_text("utf-8"), re.MULTILINE)
    assert {*told} == {*project["optional-dependencies"]}


@long_proof
@pytest.mark.usefixtures("sfn_mounts")
def test_ten_minutes_with_data(tmp_path: Path) -> None:
    # What fails then is followed by the proof from an installation, below.
    good = takewhile(lambda step: isinstance(step, File) or not step.fails, steps(TEN_MINUTES))
    follow_here(good, tmp_path)
    assert "mean.py" in (tmp_path / "run.html").read_text("utf-8")


def needs_account(step: Command | File) -> bool:
    return isinstance(step, Command) and step.line.startswith("npx ")


def before_the_account() -> list[Command | File]:
    """What the page on deploying does on the reader's machine."""
    return [*takewhile(lambda step: not needs_account(step), steps(DEPLOY))]


def in_the_account() -> list[Command]:
    """What it does in an account."""
    rest = dropwhile(lambda step: not needs_account(step), steps(DEPLOY))
    return [step for step in rest if isinstance(step, Command)]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the app to deploy; the two pages have been followed to it."""
    folder = tmp_path_factory.mktemp("imaging")
    # The second page has the test of the first one, and more in it; the proof runs both.
    first = [s for s in steps(FIRST_APP) if isinstance(s, File) or "pytest" not in s.line]
    follow_here([*first, *before_the_account()], folder)
    return folder


def template(app: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((app / "cdk.out/Copying.template.json").read_text("utf-8"))
    return content


@long_proof
def test_linters_accept_the_app(app: Path) -> None:
    # cdk-nag has looked at it: without a reason, what it finds fails `app.py`.
    assert (app / "cdk.out/validation-report.json").exists()
    assert unexpected(both(template(app))) == []


def test_what_stays_is_told(app: Path) -> None:
    kept = {
        resource["Type"]
        for resource in template(app)["Resources"].values()
        if resource.get("DeletionPolicy") == "Retain"
    }
    text = DEPLOY.read_text(encoding="utf-8")
    assert kept
    assert [kind for kind in kept if f"| `{kind}` |" not in text] == []


def test_names_of_environments_are_those_that_are_taken() -> None:
    (sentence,) = re.findall(
        r"^An environment is a type(.*?)\n\n", DEPLOY.read_text("utf-8"), re.M | re.S
    )
    names = re.findall(r"`([^`]+)`", sentence)
    assert {EnvBase(name) for name in names} >= {"dev", "test", "prod", "dev-imaging"}
    for name in ("dev-my-app", "staging", "dev-"):
        with pytest.raises(ValidationError):
            EnvBase(name)


def test_calls_of_aws_are_those_of_its_api() -> None:
    assert [*wrong_calls(in_the_account())] == []
    wrong = [
        Command("X=$(aws stepfunctions start-executions --name a)"),
        Command('aws logs filter-log-events --group "$LOG"'),
    ]
    assert len([*wrong_calls(wrong)]) == 2


def clean_environment(**more: str) -> dict[str, str]:
    """A reader's: nothing of pytest's and of this environment's."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    for name in ("VIRTUAL_ENV", "UV_PROJECT_ENVIRONMENT", "PYTHONPATH", "JSII_NODE"):
        own.pop(name, None)
    return {**own, "NO_COLOR": "1", **more}


def with_node(wheels: Path, folder: Path) -> dict[str, str]:
    """The environment of a reader who has Node.js, and the wheels."""
    # Wheels that were built anew under their old names are not taken from a cache by a new path.
    links = folder / uuid.uuid4().hex
    shutil.copytree(wheels, links)
    found = find_node()
    assert found is not None, "CDK runs here, and so there is one"
    node = Path(found.path)
    programs = folder / "node"
    programs.mkdir()
    (programs / "node").symlink_to(node)
    # The one in the wheel's own folder of programs does not find its modules.
    npx = programs / "npx"
    cli = node.parents[1] / "lib/node_modules/npm/bin/npx-cli.js"
    npx.write_text(f'#!/bin/sh\nexec "{node}" "{cli}" "$@"\n', encoding="utf-8")
    npx.chmod(0o755)
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    return clean_environment(PATH=path, UV_FIND_LINKS=str(links), UV_NO_CONFIG="1")


@long_proof
def test_installed_as_the_page_says_and_ten_minutes_on(tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    listed = printed("git ls-files -co --exclude-standard", ROOT, clean_environment())
    for name in listed.splitlines():
        if (ROOT / name).is_file():  # and was not deleted
            (clone / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, clone / name)
    commands = [step for step in steps(INSTALL) if isinstance(step, Command)]
    lines = "\n".join(["set -e", *(command.line for command in commands)])
    environment = clean_environment()
    done = subprocess.run(
        ["bash", "-c", lines],
        cwd=clone,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert missing(commands, done.stdout) == []
    programs = f"{tmp_path / 'trying/.venv/bin'}{os.pathsep}{os.environ['PATH']}"
    follow(steps(TEN_MINUTES), tmp_path, clean_environment(PATH=programs))
    assert "could not convert string to float" in (tmp_path / "failed.html").read_text("utf-8")


@long_proof
def test_the_first_app_from_an_empty_folder(wheels: Path, tmp_path: Path) -> None:
    environment = with_node(wheels, tmp_path)
    if subprocess.run(
        ["npx", "--yes", "aws-cdk@2", "--version"],
        env=environment,
        capture_output=True,
        check=False,
    ).returncode:
        pytest.skip("npm cannot get the CDK CLI here")
    folder = tmp_path / "empty"
    folder.mkdir()
    folder = follow(steps(FIRST_APP), folder, environment)
    follow(before_the_account(), folder, environment)
    for command in filter(needs_account, in_the_account()):
        # It knows the command; what it does, AWS alone can show.
        npx = command.line.replace("npx ", "npx --yes ", 1)
        assert "--help" in printed(f"{npx} --help", folder, environment)
    assert "DeletionPolicy" in printed("npx --yes aws-cdk@2 synth", folder, environment)


def printed(line: str, folder: Path, environment: dict[str, str]) -> str:
    done = subprocess.run(
        line, shell=True, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@long_proof
def test_what_the_aws_cli_is_told(app: Path, tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    installs = (["venv", str(tools)], ["pip", "install", "--python", str(tools), "awscli"])
    for arguments in installs:
        # Not what the workspace pins: each release of the CLI pins another botocore.
        subprocess.run(
            ["uv", *arguments],
            check=True,
            capture_output=True,
            cwd=tmp_path,
            env=clean_environment(UV_NO_CONFIG="1"),
        )
    with Engine() as engine:
        engine.deploy(app / "cdk.out")
        folders = [str(tools / "bin"), str(Path(sys.executable).parent), os.environ["PATH"]]
        environment = clean_environment(
            PATH=os.pathsep.join(folders), AWS_DEFAULT_REGION=engine.region
        )
        commands = in_the_account()
        output = sent(commands, app, environment)
        assert missing(commands, output) == []
        buckets = engine.client("s3").list_buckets()["Buckets"]
        assert buckets == []
        assert engine.client("efs").describe_file_systems()["FileSystems"] == []
    assert "<!doctype html>" in (app / "run.html").read_text(encoding="utf-8").lower()


def missing(commands: Iterable[Command], output: str) -> list[str]:
    return [line for command in commands for line in command.shown if not seen(line, output)]
