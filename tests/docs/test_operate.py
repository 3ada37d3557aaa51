"""What docs/operate tells an operator to type, typed at the engine after runs that failed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import aws_cdk as cdk
import pytest
from tests.docs.shell import Shell, unanswered
from tests.pages import DOCS, blocks, commands
from tests.proofs import long_proof

from sfn_fragments import get_registry
from sfn_fragments.environment import EnvBase
from sfn_fragments_local import Engine

if TYPE_CHECKING:
    from collections.abc import Iterator

RUNBOOK = DOCS / "operate" / "runbook.md"

ENVIRONMENT = EnvBase("dev-imaging")
QUEUE, BUCKET = "dev-imaging-queue", "dev-imaging-scaffolding"
ACCOUNT = "us-east-1:123456789012"
EXECUTION = f"arn:aws:states:{ACCOUNT}:execution:dev-imaging-{{}}:nightly-7"

#: Where the runbook tells to set EXECUTION to another one: what is typed next, and the machine.
OTHERS = {"TaskSubmitted": "outer", "list-map-runs": "plates", "list-jobs": "sync"}

#: A part of a command, and what has to be seen.
SHOWN = {
    "status-filter FAILED --max-items": EXECUTION.format("sync"),
    "[status,error,cause]": "FAILED\tStates.TaskFailed\t{",
    "sfn-fragments report": "FAILED",
    "container.exitCode": "Essential container in task exited",
    "get-log-events": "s3://source/plates/A1/",
    "s3 cp $REQUEST": "s3://source/plates/A1/",
    "TaskSubmitted": ":execution:dev-imaging-plates:",
    "itemCounts": "FAILED",
    "list-jobs": "dev-imaging-data-sync-",
    "redriveStatus": "",
    "redrive-execution": "redriveDate",
    "status-filter RUNNING": "[",
    "start-execution": "executionArn",
}

_CHILD = {"StartAt": "Bad", "States": {"Bad": {"Type": "Fail", "Error": "Bad", "Cause": "plate"}}}
_PLATES = {
    "StartAt": "Each",
    "States": {
        "Each": {
            "Type": "Map",
            "ItemsPath": "$.plates",
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                **_CHILD,
            },
            "End": True,
        }
    },
}


_OUTER = {
    "StartAt": "Start",
    "States": {
        "Start": {
            "Type": "Task",
            "Resource": "arn:aws:states:::states:startExecution.sync:2",
            "Parameters": {
                "StateMachineArn": f"arn:aws:states:{ACCOUNT}:stateMachine:dev-imaging-plates",
                "Input.$": "$",
            },
            "End": True,
        }
    },
}


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    """An engine on which a sync, a Map and a nested execution have failed."""
    stack = cdk.Stack(cdk.App(), "Imaging")
    sync = get_registry().create(
        "data_sync.sync",
        stack,
        "Sync",
        env_base=ENVIRONMENT,
        aibs_informatics_docker_asset="handlers:1",
        batch_job_queue=QUEUE,
        scaffolding_bucket=BUCKET,
        deploy_job_definition=True,
    )
    sync.to_state_machine("sync")
    with Engine() as engine:
        engine.create_job_queue(QUEUE)
        for bucket in (BUCKET, "source", "results"):
            engine.create_bucket(bucket)
        engine.deploy(stack)
        states = engine.client("stepfunctions")
        for name, definition in (("plates", _PLATES), ("outer", _OUTER)):
            states.create_state_machine(
                name=f"dev-imaging-{name}",
                definition=json.dumps(definition),
                roleArn=f"arn:aws:iam::123456789012:role/{name}",
            )
        missing = {
            "source_path": "s3://source/plates/A1/",
            "destination_path": "s3://results/A1/",
        }
        running = [
            engine.start(missing, "dev-imaging-sync", "nightly-7"),
            engine.start({"plates": [1, 2]}, "dev-imaging-plates", "nightly-7"),
            engine.start({"plates": [3]}, "dev-imaging-outer", "nightly-7"),
        ]
        assert [one.wait(60).status for one in running] == ["FAILED"] * 3
        yield engine


def _typed(page: Path) -> Iterator[str]:
    """The commands of a page, and the executions that it tells to set between them."""
    for block in blocks(page):
        for command in commands(block):
            for part, machine in OTHERS.items():
                if part in command.line:
                    yield f"EXECUTION={EXECUTION.format(machine)}"
            yield command.line


def test_the_runbook(engine: Engine, tmp_path: Path) -> None:
    shell, missing = Shell(engine, tmp_path), dict(SHOWN)
    for line in _typed(RUNBOOK):
        output = shell.type(line)
        for part, shown in SHOWN.items():
            if part in " ".join(line.replace("\\\n", " ").split()):
                assert shown in output, line
                missing.pop(part, None)
    assert missing == {}, "the page does not tell to type it"
    assert json.loads((tmp_path / "input.json").read_text())["source_path"].startswith("s3://")
    page = (tmp_path / "run.html").read_text("utf-8")
    assert "Submit job" in page


@long_proof
def test_the_runbook_with_the_aws_cli(engine: Engine, tmp_path: Path) -> None:
    lines = [line for line in _typed(RUNBOOK) if not unanswered(line)]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    uvx = shutil.which("uvx")
    assert uvx is not None
    aws = f'aws() {{ {uvx} --quiet --from awscli aws "$@"; }}'
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", "\n".join([aws, *lines])],
        cwd=tmp_path,
        env={**os.environ, **engine.environment, "AWS_PAGER": "", "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    for shown in SHOWN.values():
        assert shown in done.stdout
