"""What docs/how_to shows, executed: each app is deployed to the engine and run."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from aws_cdk.aws_stepfunctions import Succeed
from click.testing import CliRunner
from tests.docs.apps import app, titled
from tests.docs.shell import Shell
from tests.pages import DOCS, blocks, commands
from tests.proofs import few
from tests.scaffolded import Outcomes

from sfn_fragments_asl.cli import main
from sfn_fragments_local import Engine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sfn_fragments_local import ExecutionResult

HOW_TO = DOCS / "how_to"


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine(job_timeout_scale=0.01) as engine:
        for queue in ("queue", "gpu", "fargate", "other"):
            engine.create_job_queue(f"dev-imaging-{queue}")
        engine.create_bucket("dev-imaging-scaffolding")
        yield engine


def page(name: str) -> Path:
    return HOW_TO / f"{name}.md"


def run(engine: Engine, made: dict[str, Any], asked: Any, machine: str) -> ExecutionResult:
    engine.deploy(made["stack"])
    return engine.execute(asked, f"dev-imaging-{machine}")


def said(result: ExecutionResult) -> set[str]:
    return {(job.output or "").strip() for job in result.raise_for_status().jobs}


# First: the engines of these tests are to be empty, and share what an open engine holds.
@few(1)
@pytest.mark.parametrize(
    ("name", "file"), [("testing", "test_align.py"), ("faults_in_tests", "test_faults.py")]
)
def test_tests_of_pages_pass(name: str, file: str, tmp_path: Path) -> None:
    block = titled(page(name), file)
    (tmp_path / file).write_text(block.text, encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    outcomes = Outcomes()
    # The page's own way to call it, without the workers and the cache of this run.
    reports = ["--sfn-report=failed", f"--sfn-report-folder={tmp_path}/reports"]
    files = [f"--rootdir={tmp_path}", f"--config-file={tmp_path}/pytest.ini", f"{tmp_path}/{file}"]
    pytest.main(["-q", "-p", "no:cacheprovider", *reports, *files], plugins=[outcomes])
    assert outcomes.failed == {}
    assert len(outcomes.passed) == block.text.count("\ndef test_")


def test_a_command_of_ones_own(engine: Engine) -> None:
    result = run(engine, app(page("own_command")), {"sample": "A1"}, "align")
    assert said(result) == {"aligning A1 A1.bam"}
    assert result.output["sample"] == "A1"
    assert result.output["taskResult"]["submit"]["JobId"] == result.jobs[0].id
    [job] = engine.client("batch").describe_jobs(jobs=[result.jobs[0].id])["jobs"]
    assert job["tags"] == {"execution": result.name}


@pytest.mark.usefixtures("sfn_mounts")
def test_a_file_system(engine: Engine) -> None:
    made = app(page("efs"))
    deployed = engine.deploy(made["stack"])
    result = engine.execute({}, "dev-imaging-count")
    assert said(result) == {"last"}
    folder = engine.file_system_folder(deployed.physical_id(made["files"].node.path))
    assert [path.name for path in (folder / "shared").iterdir()] == ["last"]


def test_fargate(engine: Engine) -> None:
    result = run(engine, app(page("fargate_and_gpu"), "fargate.py"), {"name": "world"}, "greet")
    assert said(result) == {"Hello, world"}


@pytest.mark.parametrize("gpus", [0, 1])
def test_gpus(engine: Engine, gpus: int) -> None:
    made = app(page("fargate_and_gpu"), "gpu.py")
    result = run(engine, made, {"model": "cells", "gpus": gpus}, "train")
    assert said(result) == {"training cells"}
    [job] = engine.client("batch").describe_jobs(jobs=[result.jobs[0].id])["jobs"]
    wanted = {one["type"]: one["value"] for one in job["container"]["resourceRequirements"]}
    assert wanted.get("GPU", "0") == str(gpus)


def test_map_and_parallel(engine: Engine) -> None:
    made = app(page("map_and_parallel"))
    result = run(engine, made, {"run": "r7", "samples": ["A1", "A2"]}, "samples")
    assert said(result) == {"r7 A1", "r7 A2", "report r7", "archive r7"}
    assert result.output == {"run": "r7", "samples": ["A1", "A2"]}
    another = made["job"]("Another", "true").to_single_state()
    another.add_catch(Succeed(made["stack"], "Go on"))


def test_timeouts(engine: Engine) -> None:
    text = (page("timeouts")).read_text("utf-8")
    short, long = map(json.loads, re.findall(r'`(\{"seconds": .*?\})`', text))
    made = app(page("timeouts"))
    assert run(engine, made, short, "wait").status == "SUCCEEDED"
    result = engine.execute(long, "dev-imaging-wait")
    assert result.error == "States.TaskFailed"
    assert "Job attempt duration exceeded timeout" in str(result.cause)


def test_narrow_permissions(engine: Engine, tmp_path: Path) -> None:
    made = app(page("narrow_permissions"))
    asked = {"source_path": "s3://a-bucket/a/", "destination_path": "s3://a-bucket/b/"}
    other = {**asked, "job_queue": "dev-imaging-other"}
    result = run(engine, made, other, "narrow")
    assert result.error == "Batch.AWSBatchException"
    assert "not authorized to perform: batch:SubmitJob" in str(result.cause)
    [block] = [one for one in blocks(page("narrow_permissions")) if not one.title]
    [command] = commands(block)
    assert "batch:SubmitJob" in Shell(engine, tmp_path).type(command.line)


@pytest.fixture
def bad_workflow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder, which one is in, with a definition that has a mistake."""
    states = {"A": {"Type": "Pass", "Parameters": {"text": "$.text"}, "End": True}}
    path = tmp_path / "send.asl.json"
    path.write_text(json.dumps({"StartAt": "A", "States": states}), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return path


def test_check_by_hand(engine: Engine, tmp_path: Path) -> None:
    made = app(page("own_command"))
    template = tmp_path / "cdk.out"
    made["app"].synth()
    template.symlink_to(made["app"].outdir)
    [block] = [one for one in blocks(page("check_in_ci")) if one.language == "console"]
    [command] = commands(block)
    assert "0 errors and 0 warnings" in Shell(engine, tmp_path).type(command.line)


def test_check_on_github(bad_workflow: Path) -> None:
    workflow = yaml.safe_load(titled(page("check_in_ci"), ".github/workflows/check.yml").text)
    [job] = workflow["jobs"].values()
    *_, install, check = [step["run"] for step in job["steps"] if "run" in step]
    assert install.startswith("pip install ")
    done = CliRunner().invoke(main, check.split()[1:])
    assert done.exit_code == 1
    assert f"::warning file={bad_workflow.name}" in done.output


def test_check_before_a_commit(bad_workflow: Path) -> None:
    settings = yaml.safe_load(titled(page("check_in_ci"), ".pre-commit-config.yaml").text)
    [hook] = settings["repos"][0]["hooks"]
    assert re.search(hook["files"], bad_workflow.name)
    assert not re.search(hook["files"], "package.json")
    done = CliRunner().invoke(main, [*hook["entry"].split()[1:], bad_workflow.name])
    assert done.exit_code == 1
    assert "asl.literal-expression" in done.output


def test_what_the_page_says_of_old_code(bad_workflow: Path) -> None:
    text = (page("check_in_ci")).read_text("utf-8")
    typed = re.findall(r"`sfn-asl (check --write-baseline.*?)`.*?`(--baseline.*?)`", text, re.S)
    [(write, read)] = typed
    assert CliRunner().invoke(main, write.split()).exit_code == 0
    assert CliRunner().invoke(main, ["check", *read.split(), "."]).exit_code == 0
    assert CliRunner().invoke(main, ["check", "."]).exit_code == 1
