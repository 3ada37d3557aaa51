"""Pages on settings and checks: their programs run, and what they show is told."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager
from click.testing import CliRunner
from tests.pages import DOCS, Block, blocks, commands

from sfn_fragments import get_registry
from sfn_fragments.cli.group import cli
from sfn_fragments.environment import EnvBase
from sfn_fragments.errors import InvalidParametersError
from sfn_fragments_asl.cli.group import main as language
from sfn_fragments_batch import SubmitJobFragment
from sfn_fragments_data_sync import DataSyncFragment

if TYPE_CHECKING:
    from pathlib import Path


def blocks_with(page: str, text: str) -> list[Block]:
    """A block that has a text in it, and those after it."""
    found = blocks(DOCS / page)
    [number] = [number for number, block in enumerate(found) if text in block.text]
    return found[number:]


@pytest.fixture
def given() -> dict[str, Any]:
    """What the programs take from their reader."""
    stack = Stack(App(), "Reader")
    return {
        "self": stack,
        "stack": stack,
        "registry": get_registry(),
        "env_base": EnvBase("dev-imaging"),
        "log_group": logs.LogGroup(stack, "Log"),
        "token_secret": secretsmanager.Secret(stack, "Token"),
        "execution_role": iam.Role(
            stack, "Pull", assumed_by=iam.ServicePrincipal("ecs-tasks.amazonaws.com")
        ),
        "archive": s3.Bucket(stack, "Archive"),
        "settings": {
            "aibs_informatics_docker_asset": "handlers:1",
            "batch_job_queue": "dev-imaging-queue",
            "scaffolding_bucket": s3.Bucket(stack, "Scaffolding"),
        },
        "DataSyncFragment": DataSyncFragment,
        "SubmitJobFragment": SubmitJobFragment,
    }


def test_the_options_of_jobs(given: dict[str, Any]) -> None:
    for text in ("options = JobOptions(", "container_properties="):
        exec(blocks_with("jobs.md", text)[0].text, given)
    machine = given["stack"].node.find_child("Sync").to_state_machine("sync")
    assert machine


def test_a_machine_of_ones_own(given: dict[str, Any]) -> None:
    exec(blocks_with("fragments.md", 'Map(stack, "Copy all"')[0].text, given)


def test_what_an_execution_may_choose(given: dict[str, Any]) -> None:
    given["sync"] = DataSyncFragment(given["stack"], "Sync", given["env_base"], **given["settings"])
    exec(blocks_with("permissions.md", "AllowedResources(")[0].text, given)


def test_wrong_input_is_told_as_shown(given: dict[str, Any]) -> None:
    program, shown, *rest = blocks_with("common.md", 'name="align reads"')
    with pytest.raises(InvalidParametersError) as raised:
        exec(program.text, given)
    told = f"{InvalidParametersError.__name__}: {raised.value}"
    assert [line for line in shown.text.splitlines() if line not in told] == []

    [command] = commands(next(block for block in rest if block.language == "console"))
    done = CliRunner().invoke(cli, shlex.split(command.line)[1:])
    assert done.exit_code == 2
    assert [line for line in command.shown if line not in done.output] == []


#: Its line 5 is the one that the page shows, with the finding at its column.
SEND = """{
  "StartAt": "Send",
  "States": {
    "Send": {"Type": "Task", "End": true, "Resource": "arn:aws:states:::sns:publish", "Parameters":
        {"TopicArn": "${Topic}",      "Message": "$.text"}}
  }
}
"""


def test_a_check_tells_what_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "workflows").mkdir()
    (tmp_path / "workflows" / "send.asl.json").write_text(SEND)
    block = blocks_with("checks.md", "send.asl.json:5:")[0]
    [command] = commands(block)
    done = CliRunner().invoke(language, shlex.split(command.line)[1:])
    *finding, _, summary = command.shown
    assert [line for line in finding if line not in done.output] == [], done.output
    rules = re.search(r"by \d+ rules", summary)
    assert rules is not None
    assert rules[0] in done.output
