"""The whole app on the local engine: its own handlers, functions and state machines."""

from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from deployed import Imaging

pytestmark = pytest.mark.usefixtures("sfn_mounts")

WEEK = 7 * 24 * 3600


def test_plates_are_copied_counted_and_told_of(imaging: Imaging) -> None:
    platform, pipelines = imaging.stacks
    for plate, wells in (("A1", 2), ("B2", 1)):
        for well in range(wells):
            imaging.put(platform.plates, f"{plate}/well-{well}.tif", "pixels")
    result = imaging.run(pipelines.intake, {"plates": ["A1", "B2"]})

    copied = imaging.folder() / "shared" / "plates"
    files = sorted(str(one.relative_to(copied)) for one in copied.rglob("*.tif"))
    assert files == ["A1/well-0.tif", "A1/well-1.tif", "B2/well-0.tif"]
    assert [job.exit_code for job in result.jobs] == [0, 0, 0]
    (message,) = imaging.messages()
    assert message["files"]["path_stats"]["object_count"] == 3


def test_nothing_new(imaging: Imaging) -> None:
    result = imaging.run(imaging.stacks.pipelines.intake, {"plates": []})
    assert not result.jobs
    assert imaging.messages() == []


def test_a_plate_that_cannot_be_copied_is_not_told_of(imaging: Imaging) -> None:
    machine = imaging.stacks.pipelines.intake
    with imaging.engine.fail("batch:SubmitJob", "ClientException", message="the queue is disabled"):
        result = imaging.engine.execute({"plates": ["A1"]}, machine.node.path)
    assert result.error == "Batch.ClientException"
    assert imaging.messages() == []


def test_the_nightly_clean_up_removes_what_is_old(imaging: Imaging) -> None:
    pipelines = imaging.stacks.pipelines
    scratch = imaging.folder() / "scratch"
    for name, age in (("old", 2 * WEEK), ("new", 0)):
        file = scratch / name / "reads.txt"
        file.parent.mkdir(parents=True)
        file.write_text("ACGT")
        then = time.time() - age
        for path in (file, file.parent):
            os.utime(path, (then, then))
    imaging.run(pipelines.clean_up, scheduled_input(imaging, pipelines.clean_up))
    assert [one.name for one in scratch.iterdir()] == ["new"]


def scheduled_input(imaging: Imaging, machine: Any) -> Any:
    """What the rule starts a state machine with."""
    events = imaging.engine.client("events")
    (rule,) = events.list_rule_names_by_target(TargetArn=imaging.id_of(machine))["RuleNames"]
    assert events.describe_rule(Name=rule)["ScheduleExpression"] == "cron(0 3 * * ? *)"
    (target,) = events.list_targets_by_rule(Rule=rule)["Targets"]
    return json.loads(target["Input"])


def test_a_demand_between_inputs_and_outputs_on_s3(imaging: Imaging) -> None:
    platform, pipelines = imaging.stacks
    imaging.put(platform.plates, "tables/a.csv", "1\n2\n3\n")
    plates, results = (imaging.id_of(one) for one in (platform.plates, platform.results))
    request = {
        "execution_type": "count-lines",
        "execution_id": "run-1",
        "execution_image": "public.ecr.aws/docker/library/bash:5",
        "execution_parameters": {
            "command": ["wc -l < ${TABLE} > ${COUNT}"],
            "params": {
                "table": f"s3://{plates}/tables/a.csv",
                "count": f"count.txt @ s3://{results}/count.txt",
            },
            "inputs": ["table"],
            "outputs": ["count"],
        },
        "execution_platform": {"aws_batch": {"job_queue_name": "dev-imaging-queue"}},
        "resource_requirements": {"memory": 512, "vcpus": 1},
    }
    imaging.run(pipelines.demand, request)
    assert imaging.text(platform.results, "count.txt").strip() == "3"
    # Nothing is left behind: no job definition that was registered for the run, no working folder.
    left = [one["jobDefinitionName"] for one in imaging.engine.job_definitions()]
    assert all(name.startswith("dev-imaging-") for name in left)
    assert len(left) == 4


def test_too_many_plates(imaging: Imaging) -> None:
    machine = imaging.stacks.pipelines.intake
    result = imaging.engine.execute({"plates": ["A1"] * 501}, machine.node.path)
    assert "501 plates; give 500 at the most" in str(result.cause)
