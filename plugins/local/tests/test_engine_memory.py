"""What has ended is forgotten some time later, and never before its result has been read."""

from __future__ import annotations

import gc
import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from moto.stepfunctions.parser.asl.eval.environment import Environment
from tests.proofs import long_proof

from sfn_fragments_local import engine as engine_module
from sfn_fragments_local.engine import KEPT

if TYPE_CHECKING:
    from sfn_fragments_local import Engine

ROLE = "arn:aws:iam::123456789012:role/any"
PASS = {"Type": "Pass", "End": True}


def create_machine(engine: Engine, states: dict[str, Any], name: str = "machine") -> str:
    definition = {"StartAt": next(iter(states)), "States": states}
    created = engine.client("stepfunctions").create_state_machine(
        name=name, definition=json.dumps(definition), roleArn=ROLE
    )
    return str(created["stateMachineArn"])


def listed(engine: Engine, machine: str) -> list[str]:
    pages = engine.client("stepfunctions").get_paginator("list_executions")
    return [
        execution["executionArn"]
        for page in pages.paginate(stateMachineArn=machine)
        for execution in page["executions"]
    ]


def keep(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    monkeypatch.setattr(engine_module, "KEPT", number)


@long_proof
def test_the_newest_executions_are_kept_without_their_inside(sfn_engine: Engine) -> None:
    machine = create_machine(sfn_engine, {"Pass": PASS})
    results = [sfn_engine.execute({"number": number}) for number in range(KEPT + 50)]
    # The one that was started last has forgotten the others, and is there too.
    assert set(listed(sfn_engine, machine)) == {result.arn for result in results[-KEPT - 1 :]}
    gc.collect()
    assert [one for one in gc.get_objects() if isinstance(one, Environment)] == []

    states = sfn_engine.client("stepfunctions")
    kept = states.get_execution_history(executionArn=results[-KEPT].arn)["events"]
    assert [event["type"] for event in kept] == [event["type"] for event in results[0].history]
    with pytest.raises(ClientError, match="ExecutionDoesNotExist"):
        states.describe_execution(executionArn=results[0].arn)
    assert [result.output["number"] for result in results] == list(range(KEPT + 50))


@long_proof
def test_what_nobody_has_read_is_kept(sfn_engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(monkeypatch, 2)
    machine = create_machine(sfn_engine, {"Pass": PASS})
    started = [sfn_engine.start({"number": number}) for number in range(6)]
    while any(execution.running for execution in started):
        time.sleep(0.01)
    sfn_engine.execute({})
    assert [execution.wait().output["number"] for execution in started] == list(range(6))
    sfn_engine.execute({})
    assert len(listed(sfn_engine, machine)) == 3
    # What has been read says the same as before.
    first = started[0]
    assert (first.status, first.running, first.jobs) == ("SUCCEEDED", False, ())
    assert tuple(first.follow()) == first.wait().history
    first.stop()
    # What nobody holds is not waited for.
    del started, first
    sfn_engine.start({})
    gc.collect()
    sfn_engine.execute({})
    assert len(listed(sfn_engine, machine)) <= 4


@pytest.fixture
def queue(sfn_engine: Engine) -> str:
    return sfn_engine.create_job_queue("queue")


def register(engine: Engine, name: str) -> str:
    requirements = [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "512"}]
    made = engine.client("batch").register_job_definition(
        jobDefinitionName=name,
        type="container",
        containerProperties={
            "image": "image",
            "command": ["echo", name],
            "resourceRequirements": requirements,
        },
    )
    return str(made["jobDefinitionArn"])


def test_jobs_of_nested_executions_are_in_the_result(
    sfn_engine: Engine, queue: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(monkeypatch, 1)
    submit = {
        "Type": "Task",
        "Resource": "arn:aws:states:::batch:submitJob.sync",
        "Parameters": {
            "JobName": "job",
            "JobQueue": queue,
            "JobDefinition": register(sfn_engine, "definition"),
        },
        "End": True,
    }
    child = create_machine(sfn_engine, {"Submit": submit}, "child")
    start = {
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution.sync:2",
        "Parameters": {"StateMachineArn": child},
        "End": True,
    }
    each = {"StartAt": "Start", "States": {"Start": start}}
    create_machine(sfn_engine, {"Each": {"Type": "Map", "ItemProcessor": each, "End": True}})
    execution = sfn_engine.start([1, 2, 3], "machine")
    while execution.running:
        time.sleep(0.01)
    sfn_engine.execute([], "machine")
    assert [job.status for job in execution.wait().jobs] == ["SUCCEEDED"] * 3
    assert len(sfn_engine.jobs) == 3
    sfn_engine.execute([], "machine")
    assert len(sfn_engine.jobs) == 1
    assert len(execution.wait().jobs) == 3


def test_old_jobs_and_inactive_definitions_are_forgotten(
    sfn_engine: Engine, queue: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(monkeypatch, 2)
    create_machine(sfn_engine, {"Pass": PASS})
    batch = sfn_engine.client("batch")
    still_active = register(sfn_engine, "active")
    definitions, jobs = [], []
    for number in range(4):
        definitions.append(register(sfn_engine, f"definition-{number}"))
        submitted = batch.submit_job(
            jobName=f"job-{number}", jobQueue=queue, jobDefinition=definitions[-1]
        )
        jobs.append(submitted["jobId"])
        batch.deregister_job_definition(jobDefinition=definitions[-1])
    while any(job.status != "SUCCEEDED" for job in sfn_engine.jobs):
        time.sleep(0.01)
    sfn_engine.execute({})
    assert [job.id for job in sfn_engine.jobs] == jobs[2:]
    assert [job.output for job in sfn_engine.jobs] == ["definition-2\n", "definition-3\n"]
    assert [job["jobId"] for job in batch.describe_jobs(jobs=jobs)["jobs"]] == jobs[2:]
    listed_jobs = batch.list_jobs(jobQueue=queue, jobStatus="SUCCEEDED")["jobSummaryList"]
    assert {job["jobId"] for job in listed_jobs} == set(jobs[2:])
    inactive = sfn_engine.job_definitions("INACTIVE")
    assert [one["jobDefinitionArn"] for one in inactive] == definitions[2:]
    assert [one["jobDefinitionArn"] for one in sfn_engine.job_definitions()] == [still_active]
    streams = sfn_engine.client("logs").describe_log_streams(logGroupName="/aws/batch/job")
    assert len(streams["logStreams"]) == 2
