"""Every option of a job, on every fragment that runs one: in its requests, and on the engine."""

from __future__ import annotations

import json
import os
import runpy
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.contract.deployed_example import DeployedExample
from tests.proofs import chosen, long_proof

from sfn_fragments_batch import JobOptions
from sfn_fragments_local import Engine

ROOT = Path(__file__).resolve().parents[2]
WRITER = SimpleNamespace(**runpy.run_path(str(ROOT / "tools" / "refresh_job_table.py")))
FRAGMENTS = WRITER.fragments()
OPTIONS = JobOptions(
    tags={"team": "imaging"},
    propagate_tags=True,
    retry_strategy=2,
    timeout=3600,
    ulimits={"nofile": 512},
    log_configuration="/acme/jobs",
    secrets={"TOKEN": "token"},
    execution_role=WRITER.ROLE,
    # What the fragments tell their jobs stays.
    container_properties={"environment": [{"name": "REGISTERED", "value": "1"}]},
    submit_job={
        "containerOverrides": {
            "instanceType": "m5.large",
            "environment": [{"name": "SUBMITTED", "value": "2"}],
        }
    },
)


def test_the_table_has_every_option() -> None:
    given = {*WRITER.BOTH, *WRITER.SINGLE}.union(*WRITER.VALUES.values())
    assert given == set(vars(JobOptions())) - {"allow_override"}


@pytest.mark.parametrize("fragment", chosen(FRAGMENTS))
def test_the_table_is_current(fragment: str) -> None:
    told = WRITER.told_of(fragment, WRITER.PAGE.read_text("utf-8"))
    run = "run: uv run python tools/refresh_job_table.py"
    assert told == WRITER.cells_of(fragment), run


@pytest.mark.parametrize("fragment", chosen(FRAGMENTS))
def test_jobs_have_the_options(fragment: str) -> None:
    with Engine(0) as engine:
        engine.client("ssm").put_parameter(Name="token", Value="open", Type="String")
        options: dict[str, Any] = {"job_options": OPTIONS}
        if fragment != "demand_execution.execute":
            options["deploy_job_definition"] = False
        example = DeployedExample(fragment, engine, options)
        example.create_job_queue()
        result = engine.execute(example.input, example.machine)
        assert result.status == "SUCCEEDED", result.cause
        is_own = fragment != "demand_execution.execute"
        # Jobs of its two machines run handlers; their fragments have options of their own.
        ids = [
            job.id
            for job in engine.jobs
            if is_own or "AWS_LAMBDA_FUNCTION_HANDLER" not in job.environment
        ]
        jobs = engine.client("batch").describe_jobs(jobs=ids)["jobs"]
        assert jobs
        for job in jobs:
            assert job["tags"].items() >= {"team": "imaging"}.items()
            assert job["propagateTags"] is True
            assert job["retryStrategy"]["attempts"] == 2
            assert job["timeout"] == {"attemptDurationSeconds": 3600}
            container = job["container"]
            assert container["ulimits"] == [{"name": "nofile", "softLimit": 512, "hardLimit": 512}]
            assert container["executionRoleArn"] == WRITER.ROLE
            assert container["instanceType"] == "m5.large"
            variables = {one["name"]: one["value"] for one in container["environment"]}
            assert (variables["REGISTERED"], variables["SUBMITTED"]) == ("1", "2")
        # A secret that there is not lets the job fail before it starts.
        engine.client("ssm").delete_parameter(Name="token")
        result = engine.execute(example.input, example.machine)
        assert result.status == "FAILED"
        # What cleans up after a job ends in a Fail of its own, which tells what there was.
        cause = json.loads(str(result.cause))
        assert next(iter(cause)) == "Summary"
        assert cause["Summary"].startswith(cause["StatusReason"])


@long_proof
def test_the_plugin_that_tags_every_job(tmp_path: Path) -> None:
    example = ROOT / "examples" / "job_tags_plugin"
    shutil.copytree(example / "src", tmp_path, dirs_exist_ok=True)
    metadata = tmp_path / "acme_platform-1.0.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: acme-platform\nVersion: 1.0.0\n"
    )
    (metadata / "entry_points.txt").write_text(
        "[sfn_fragments]\nacme_platform = acme_platform.plugin\n"
    )
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull),
            *(f"--rootdir={tmp_path}", str(example / "tests")),
        ],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "2 passed" in done.stdout, done.stdout + done.stderr
