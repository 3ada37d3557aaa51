"""READMEs: what they tell to type is typed, what they show is seen, their programs run."""

from __future__ import annotations

import json
import os
import re
import shlex
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, RemovalPolicy, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_efs as efs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as sfn
from tests.pages import Block, Command, blocks, commands, follow
from tests.proofs import long_proof

from sfn_fragments.environment import EnvBase
from sfn_fragments_asl import cli as language

if TYPE_CHECKING:
    from sfn_fragments_local import Engine

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
DISTRIBUTIONS = ("asl", "core", *(f"plugins/{each.name}" for each in ROOT.glob("plugins/*")))
READMES = ["README.md", *(f"{each}/README.md" for each in DISTRIBUTIONS)]
READMES += [str(each.relative_to(ROOT)) for each in sorted(ROOT.glob("examples/*/README.md"))]

IMAGE = "123456789012.dkr.ecr.us-west-2.amazonaws.com/handlers:1"


def python(page: Path) -> list[Block]:
    return [block for block in blocks(page) if block.language == "python"]


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The app of the README, judged by cdk-nag as the page about it says."""
    [code] = (block.text for block in python(README) if "app.synth()" in block.text)
    [judged] = (
        block.text for block in python(ROOT / "docs/security.md") if "app.synth()" in block.text
    )
    module = ModuleType("app")
    exec(code.replace("app.synth()", judged), module.__dict__)
    monkeypatch.setitem(sys.modules, "app", module)
    return module.__dict__


def test_the_app_passes_its_test_and_cdk_nag(
    app: dict[str, Any], sfn_engine: Engine, tmp_path: Path
) -> None:
    [code] = (block.text for block in python(README) if "from app import" in block.text)
    names: dict[str, Any] = {}
    exec(code, names)
    names["test_it_copies"](sfn_engine, tmp_path)
    assert sfn_engine.download("results", tmp_path / "out", "copy/") == 1


@pytest.mark.parametrize("page", READMES)
def test_links_of_readmes_lead_somewhere(page: str) -> None:
    path = ROOT / page
    text = path.read_text("utf-8")
    links = re.findall(r"\]\(([^)#]+)", text) + re.findall(r'src="([^"]+)"', text)
    missing = [link for link in links if "://" not in link and not (path.parent / link).exists()]
    assert missing == []


def shell(folder: Path) -> dict[str, str]:
    """The reader's shell, in which what `uv run` would install is installed."""
    programs = folder / "programs"
    programs.mkdir()
    uv = programs / "uv"
    uv.write_text('#!/bin/sh\nshift\nexec "$@"\n')
    uv.chmod(0o755)
    path = os.pathsep.join([str(programs), str(Path(sys.executable).parent), os.environ["PATH"]])
    return os.environ | {"PATH": path}


@long_proof
def test_the_commands_of_the_readme(tmp_path: Path) -> None:
    folder = tmp_path / "checkout"
    folder.mkdir()
    follow(typed_in(README), folder, shell(tmp_path))
    assert (folder / "out/a.csv").read_text() == "time,value\n"
    assert "SUCCEEDED" in (folder / "run.html").read_text("utf-8")


def typed_in(page: Path) -> list[Command]:
    """What a reader types once the distribution is installed."""
    console = [block for block in blocks(page) if block.language == "console"]
    typed = [each for block in console for each in commands(block)]
    # This is one of the tests that the other passes.
    return [each for each in typed if not each.line.startswith(("pip install", "uv run pytest"))]


@long_proof
@pytest.mark.parametrize("family", ["data_sync", "demand_execution", "local"])
def test_the_commands_of_a_family(family: str, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.csv").write_text("time,value\n")
    follow(typed_in(ROOT / "plugins" / family / "README.md"), tmp_path, shell(tmp_path))


def test_the_commands_of_the_language(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    state = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:listBuckets", "End": True}
    definition = json.dumps({"StartAt": "List", "States": {"List": state}, "TimeoutSeconds": 60})
    properties = {"DefinitionString": definition, "RoleArn": "arn:aws:iam::123456789012:role/own"}
    machine = {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}
    template = json.dumps({"Resources": {"Machine": machine}})
    started = {"id": 1, "type": "ExecutionStarted", "timestamp": "2026-11-28T00:00:00Z"}
    for path, text in {
        "machine.asl.json": definition,
        "workflows/machine.asl.json": definition,
        "template.yaml": template,
        "cdk.out/Stack.template.json": template,
        "before/cdk.out/Stack.template.json": template,
        "history.json": json.dumps({"events": [started]}),
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    monkeypatch.chdir(tmp_path)
    for command in typed_in(ROOT / "asl/README.md"):
        program, *arguments = shlex.split(command.line)
        assert program == "sfn-asl"
        with pytest.raises(SystemExit) as ended:
            language.main(arguments)
        assert not ended.value.code, (command.line, capsys.readouterr())
    assert {path.name for path in tmp_path.iterdir()} >= {"machine.svg", "history.html"}


@pytest.fixture
def given() -> dict[str, Any]:
    """What the snippets of the distributions take from their reader."""
    stack = Stack(App(), "Reader")
    network = ec2.Vpc(stack, "Network", max_azs=1)
    file_system = efs.FileSystem(stack, "Files", vpc=network, removal_policy=RemovalPolicy.DESTROY)
    return {
        "stack": stack,
        "env_base": EnvBase("dev-x"),
        "image": IMAGE,
        "bucket": s3.Bucket(stack, "Bucket"),
        "file_system": file_system,
        "shared_access_point": file_system.add_access_point("shared", path="/shared"),
        "scratch_access_point": file_system.add_access_point("scratch", path="/scratch"),
    }


def one_state(app: App) -> Stack:
    """A machine that a program of a page executes."""
    stack = Stack(app, "Align")
    body = sfn.DefinitionBody.from_chainable(sfn.Pass(stack, "Only"))
    sfn.StateMachine(stack, "Machine", state_machine_name="dev-x-align", definition_body=body)
    return stack


def test_the_program_of_the_page_on_reports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    app = App(outdir=str(tmp_path / "cdk.out"))
    one_state(app)
    app.synth()
    [program] = python(ROOT / "docs/reports.md")
    exec(program.text, {})
    assert "SUCCEEDED" in Path("run.html").read_text("utf-8")


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_the_snippets_of_a_distribution(
    distribution: str,
    given: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    names = dict(given)
    if distribution == "plugins/local":
        names["stack"] = one_state(App())
    page = ROOT / distribution / "README.md"
    for block in python(page):
        exec(compile(block.text, f"{page}:{block.line}", "exec"), names)
        shown = re.findall(r"^# (.*)$", block.text, re.M)
        printed = capsys.readouterr().out
        assert [line for line in shown if line not in printed] == []
    if distribution == "plugins/local":
        assert "SUCCEEDED" in (tmp_path / "run.html").read_text("utf-8")
