"""What operators do by hand at night: more memory, another queue, an end of waiting, the cause."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any, cast

import pytest
from aws_cdk.aws_stepfunctions import StateGraph
from tests.batch_jobs import attempts, interrupt
from tests.proofs import few

from sfn_fragments.environment import EnvBase
from sfn_fragments.errors import InvalidParametersError
from sfn_fragments.sandbox import Sandbox
from sfn_fragments_batch import JobOptions, SubmitJobFragment
from sfn_fragments_local import Engine

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sfn_fragments_local import ExecutionResult, JobRecord

ENV = EnvBase("dev-x")
ROLE = "arn:aws:iam::123456789012:role/dev-x-execution"


def fragment(scope: Any, id: str = "Job", **given: Any) -> SubmitJobFragment:
    settings = {"name": "greet", "job_queue": "queue", "image": "img", "memory": 512, "vcpus": 1}
    return SubmitJobFragment(scope, id, ENV, **{**settings, **given})


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine(max_jobs=1) as engine:
        for queue in ("queue", "other"):
            engine.create_job_queue(queue)
        yield engine


def deploy(engine: Engine, **given: Any) -> None:
    sandbox = Sandbox(ENV)
    fragment(sandbox.stack, **given).to_state_machine("machine")
    engine.deploy(sandbox.stack)


def run(engine: Engine, input: Any = None, **given: Any) -> ExecutionResult:
    deploy(engine, **given)
    return engine.execute({} if input is None else input, "dev-x-machine")


def resources(engine: Engine, jobs: Sequence[JobRecord]) -> list[str]:
    described = engine.client("batch").describe_jobs(jobs=[job.id for job in jobs])["jobs"]
    return [
        one["value"]
        for job in described
        for one in job["container"]["resourceRequirements"]
        if one["type"] == "MEMORY"
    ]


def running(engine: Engine, known: int) -> JobRecord:
    ends = time.monotonic() + 60
    while len(engine.jobs) <= known or engine.jobs[known].status != "RUNNING":
        assert time.monotonic() < ends, engine.jobs[known:]
        time.sleep(0.02)
    return engine.jobs[known]


@few(1)
@pytest.mark.parametrize("deployed", [False, True])
def test_a_job_whose_memory_ran_out_gets_more(engine: Engine, deployed: bool) -> None:
    most = 4096 if deployed else "$.most"
    result = run(
        engine,
        {"most": 4096},
        # The kernel ends a process like this.
        command=["sh", "-c", "kill -KILL $$"],
        memory=[1024, 2048, most],
        deploy_job_definition=deployed,
    )
    assert result.status == "FAILED"
    assert resources(engine, result.jobs) == ["1024", "2048", "4096"]
    assert json.loads(str(result.cause))["Container"]["ExitCode"] == 137
    assert engine.job_definitions("ACTIVE") == [] or deployed


def test_only_memory_is_a_reason_for_more(engine: Engine) -> None:
    result = run(engine, command=["sh", "-c", "exit 3"], memory=[1024, 2048])
    assert resources(engine, result.jobs) == ["1024"]
    deploy(engine, command=["sleep", "60"], memory=[1024, 2048])
    known = len(engine.jobs)
    execution = engine.start({}, "dev-x-machine")
    job = running(engine, known)
    engine.client("batch").terminate_job(jobId=job.id, reason="enough")
    result = execution.wait(60)
    assert result.status == "FAILED"
    assert len(result.jobs) == 1


def test_the_next_try_succeeds_with_the_input(engine: Engine) -> None:
    command = ["sh", "-c", "test $TRY_MEMORY != 0"]
    result = run(
        engine,
        {"kept": "yes"},
        command=command,
        environment={"TRY_MEMORY": "1"},
        memory=[1024, 2048],
        job_options=JobOptions(fallback_job_queue="other"),
    )
    assert result.raise_for_status().output["kept"] == "yes"
    assert len(result.states) == 4


def test_what_spot_takes_away_twice_goes_to_another_queue(engine: Engine) -> None:
    deploy(
        engine,
        command=["sh", "-c", "test $AWS_BATCH_JQ_NAME = other || exec sleep 60"],
        # The input may say how often, and does not.
        job_options=JobOptions(fallback_job_queue="other", allow_override=["retry_strategy"]),
    )
    known = len(engine.jobs)
    execution = engine.start({"kept": "yes"}, "dev-x-machine")
    interrupt(engine, 2, after=known)
    result = execution.wait(60).raise_for_status()
    assert result.output["kept"] == "yes"
    first, second = result.jobs
    assert (first.queue, first.status) == ("queue", "FAILED")
    assert attempts(engine, first.id) == 2
    assert (second.queue, second.status) == ("other", "SUCCEEDED")
    assert result.output["taskResult"]["submit"]["JobId"] == second.id
    assert engine.job_definitions("ACTIVE") == []
    described = engine.client("batch").describe_jobs(jobs=[second.id])["jobs"][0]
    assert described["retryStrategy"]["attempts"] == 5


def test_a_job_may_not_wait_for_longer(engine: Engine) -> None:
    deploy(engine, command=["true"], job_options=JobOptions(runnable_timeout=60))
    batch = engine.client("batch")
    definition = batch.register_job_definition(
        jobDefinitionName="blocks",
        type="container",
        containerProperties={
            "image": "img",
            "command": ["sleep", "120"],
            "resourceRequirements": [
                {"type": "VCPU", "value": "1"},
                {"type": "MEMORY", "value": "512"},
            ],
        },
    )["jobDefinitionArn"]
    result = engine.execute({"kept": 1}, "dev-x-machine").raise_for_status()
    assert result.output["kept"] == 1
    assert len(result.states) == 4 + 5
    known = len(engine.jobs)
    blocking = batch.submit_job(jobName="blocks", jobQueue="queue", jobDefinition=definition)
    running(engine, known)
    execution = engine.start({}, "dev-x-machine")
    ends = time.monotonic() + 60
    while len(engine.jobs) < known + 2 and time.monotonic() < ends:
        time.sleep(0.02)
    # The engine shortens the minute of the Wait; the job's own time has to pass as well.
    for job in list(engine._jobs._jobs):
        job.job_created_at = job.job_created_at.replace(year=2020)
    result = execution.wait(90)
    assert result.status == "FAILED"
    cause = json.loads(str(result.cause))
    assert cause["StatusReason"].startswith("Waited ")
    assert "seconds in job queue queue, and may wait 60" in cause["StatusReason"]
    assert cause["Summary"].startswith(cause["StatusReason"])
    batch.terminate_job(jobId=blocking["jobId"], reason="done")
    batch.deregister_job_definition(jobDefinition=definition)
    assert engine.job_definitions("ACTIVE") == []


def test_the_cause_says_where_the_log_is(engine: Engine) -> None:
    options = JobOptions(log_configuration="/acme/jobs")
    result = run(engine, command=["sh", "-c", "echo no; exit 3"], job_options=options)
    cause = json.loads(str(result.cause))
    stream = cause["Container"]["LogStreamName"]
    assert cause["Summary"] == (
        f"Essential container in task exited; exit code 3; log stream {stream} of /acme/jobs: "
        "https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1#logsV2:"
        "log-groups/log-group/$252Facme$252Fjobs/log-events/" + stream.replace("/", "$252F")
    )
    assert next(iter(cause)) == "Summary"
    assert result.error == "States.TaskFailed"
    # Nothing catches the failure of a definition of the stack: it can be redriven from there, and
    # its cause is Batch's own description.
    result = run(engine, command=["sh", "-c", "exit 3"], deploy_job_definition=True)
    cause = json.loads(str(result.cause))
    assert cause["StatusReason"] == "Essential container in task exited"
    assert cause["Container"]["ExitCode"] == 3
    assert cause["Container"]["LogStreamName"]
    assert "Summary" not in cause
    # Whoever would rather read a summary than redrive has one, for a state after a failure.
    options = JobOptions(failure_summary=True)
    fails = ["sh", "-c", "exit $0", "$.code"]
    given: dict[str, Any] = {"deploy_job_definition": True, "job_options": options}
    result = run(engine, {"code": "3"}, command=fails, **given)
    cause = json.loads(str(result.cause))
    assert cause["Summary"].startswith("Essential container in task exited; exit code 3; log str")
    assert (result.error, result.states[-1].name) == ("States.TaskFailed", "Job: Fail")
    assert len(engine.execute({"code": "0"}, "dev-x-machine").raise_for_status().states) == 2


@few(1)
@pytest.mark.parametrize("deployed", [False, True])
def test_an_array(engine: Engine, deployed: bool) -> None:
    script = "test $AWS_BATCH_JOB_ARRAY_INDEX != $0 || exit 7"
    given: dict[str, Any] = {
        "command": ["sh", "-c", script, "$.failing"],
        "deploy_job_definition": deployed,
        "job_options": JobOptions(array_size="$.size"),
    }
    result = run(engine, {"failing": "9", "size": 3}, **given).raise_for_status()
    assert len(result.states) == (2 if deployed else 4)
    result = engine.execute({"failing": "1", "size": 3}, "dev-x-machine")
    cause = json.loads(str(result.cause))
    assert [(one["Index"], one["ExitCode"]) for one in cause["FailedChildren"]] == [(1, 7)]
    result = engine.execute({"failing": "1", "size": 1}, "dev-x-machine")
    assert "Array size must be between 2 and 10000, not 1" in str(result.cause)


def test_a_job_definition_that_exists(engine: Engine) -> None:
    batch = engine.client("batch")
    batch.register_job_definition(
        jobDefinitionName="dev-x-known",
        type="container",
        containerProperties={
            "image": "img",
            "command": ["sh", "-c", "echo $A $B"],
            "environment": [{"name": "A", "value": "a"}, {"name": "B", "value": "b"}],
            "resourceRequirements": [
                {"type": "VCPU", "value": "1"},
                {"type": "MEMORY", "value": "512"},
            ],
        },
    )
    given: dict[str, Any] = {"image": None, "memory": None, "vcpus": None}
    result = run(
        engine, job_definition="dev-x-known", environment={"B": "$.b"}, input={"b": "x"}, **given
    )
    assert [job.output.strip() for job in result.raise_for_status().jobs] == ["a x"]
    assert len(result.states) == 2
    result = run(
        engine, job_definition="dev-x-known", command=["true"], **{**given, "memory": 1024}
    )
    assert resources(engine, result.raise_for_status().jobs) == ["1024"]
    batch.deregister_job_definition(jobDefinition="dev-x-known:1")
    with pytest.raises(InvalidParametersError) as raised:
        fragment(
            Sandbox(ENV).stack,
            job_definition="dev-x-known",
            deploy_job_definition=True,
            job_options=JobOptions(ulimits={"nofile": 5}, platform="EC2", tags={"a": "b"}),
        )
    assert {one.parameter for one in raised.value.problems} == {
        "image",
        "deploy_job_definition",
        "job_options.ulimits",
        "job_options.platform",
    }


def test_a_definition_of_the_stack_can_be_redriven() -> None:
    # Nothing catches what its job does: the execution fails there, and is redriven from there.
    job = fragment(Sandbox(ENV).stack, deploy_job_definition=True)
    states = StateGraph(job.start_state, "test").to_graph_json()["States"]
    assert [state["Type"] for state in states.values()] == ["Pass", "Task"]
    assert all("Catch" not in state for state in states.values())


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"memory": []}, "memory"),
        ({"memory": [1024, "lots"]}, r"memory: \['lots'\]: item 0: give 4 MiB or more"),
        (
            {
                "memory": [2048, 3000],
                "job_options": JobOptions(platform="FARGATE", execution_role=ROLE),
            },
            "memory: 3000: Fargate has 2,048 to 8,192 MiB",
        ),
        ({"job_options": JobOptions(array_size=1)}, "array_size: 1: give a whole number of 2"),
        ({"job_options": JobOptions(runnable_timeout=5)}, "runnable_timeout: 5: give 60 seconds"),
        ({"job_options": JobOptions(fallback_job_queue="a b")}, "fallback_job_queue: 'a b'"),
        (
            {"job_options": JobOptions(failure_summary=cast("bool", "yes"))},
            "failure_summary: 'yes': give True or False",
        ),
    ],
)
def test_what_cannot_work_is_refused(given: dict[str, Any], problem: str) -> None:
    with pytest.raises(InvalidParametersError, match=problem):
        fragment(Sandbox(ENV).stack, **given)
