"""Jobs and machines that take longer than they may: what ends, and what is left behind."""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Duration, Stack
from tests.proofs import few, long_proof, some

from sfn_fragments.environment import EnvBase
from sfn_fragments.errors import InvalidParametersError
from sfn_fragments.sandbox import Sandbox
from sfn_fragments_asl.model.definition import Definition
from sfn_fragments_asl.model.machine import Machine
from sfn_fragments_batch import (
    BatchInvokedExecutorFragment,
    BatchInvokedLambdaFunction,
    SubmitJobFragment,
)
from sfn_fragments_data_sync import DataSyncFragment, DistributedDataSyncFragment
from sfn_fragments_efs import (
    CleanFileSystemFragment,
    get_data_path_stats_fragment,
    outdated_data_path_scanner_fragment,
    remove_data_paths_fragment,
)
from sfn_fragments_local import Engine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ENV = EnvBase("dev-x")
QUEUE, BUCKET = "dev-x-queue", "dev-x-scaffolding"

#: Batch's least, 60 seconds, passes in 0.6.
SCALE = 0.01
HANGS = [sys.executable, "-c", "import time; time.sleep(60)"]


@pytest.fixture
def stack() -> Iterator[Stack]:
    sandbox = Sandbox("dev-x")
    yield sandbox.stack
    # The app's folder ends with the sandbox, and so not before the test.
    del sandbox


@pytest.fixture
def engine() -> Iterator[Engine]:
    with Engine(job_timeout_scale=SCALE) as engine:
        engine.create_job_queue(QUEUE)
        engine.create_bucket(BUCKET)
        yield engine


def submit(scope: Stack, id: str = "Job", **given: Any) -> SubmitJobFragment:
    job: dict[str, Any] = {"name": "hang", "job_queue": QUEUE, "image": "img", "command": HANGS}
    return SubmitJobFragment(scope, id, ENV, **{**job, "memory": 1024, "vcpus": 1, **given})


@few(1)
@pytest.mark.parametrize(
    ("timeout", "deployed"),
    some([(60, False), ("$.limit", False), (Duration.minutes(1), True), ("$.limit", True)], 1, 2),
)
def test_a_job_that_hangs_fails_and_leaves_nothing(
    engine: Engine, stack: Stack, timeout: Any, deployed: bool
) -> None:
    submit(stack, timeout=timeout, deploy_job_definition=deployed).to_state_machine("hang")
    engine.deploy(stack)
    before = {one["jobDefinitionArn"] for one in engine.job_definitions()}
    begun = time.monotonic()
    result = engine.execute({"limit": 60})
    assert time.monotonic() - begun < 30
    assert (result.status, result.error) == ("FAILED", "States.TaskFailed")
    assert result.cause is not None
    assert json.loads(result.cause)["StatusReason"] == "Job attempt duration exceeded timeout"
    # Tried once, though a job has five attempts; and with nothing left of it.
    [job] = engine.jobs
    assert (job.status, job.reason) == ("FAILED", "Job attempt duration exceeded timeout")
    assert {one["jobDefinitionArn"] for one in engine.job_definitions()} == before


def test_a_job_in_time_is_left_alone(engine: Engine, stack: Stack) -> None:
    submit(stack, command=["true"], timeout=6000).to_state_machine("quick")
    engine.deploy(stack)
    engine.execute({}).raise_for_status()


@long_proof
def test_a_machine_that_times_out_cannot_clean_up(engine: Engine, stack: Stack) -> None:
    submit(stack).to_state_machine("hang", timeout=Duration.seconds(3))
    engine.deploy(stack)
    result = engine.execute({})
    assert result.status == "TIMED_OUT"
    # No state runs any more, and so none deregisters.
    assert len(engine.job_definitions()) == 1


#: Fragment to how many jobs it submits.
EVERY: dict[str, tuple[Callable[[Stack, Any], Any], int]] = {
    "submit_job": (lambda stack, timeout: submit(stack, timeout=timeout), 1),
    "submit_job.from_defaults": (
        lambda stack, timeout: SubmitJobFragment.from_defaults(
            stack, "Job", ENV, "job", QUEUE, "img", timeout=timeout
        ),
        1,
    ),
    "lambda_function": (
        lambda stack, timeout: BatchInvokedLambdaFunction(
            stack,
            "Job",
            ENV,
            "job",
            "img",
            "pkg.handler",
            QUEUE,
            BUCKET,
            memory=1024,
            vcpus=1,
            timeout=timeout,
        ),
        1,
    ),
    "lambda_function.with_defaults": (
        lambda stack, timeout: BatchInvokedLambdaFunction.with_defaults(
            stack, "Job", ENV, "job", QUEUE, BUCKET, timeout=timeout
        ),
        1,
    ),
    "executor": (
        lambda stack, timeout: BatchInvokedExecutorFragment(
            stack,
            "Job",
            ENV,
            "job",
            "img",
            "pkg.Executor",
            QUEUE,
            BUCKET,
            memory=1024,
            vcpus=1,
            timeout=timeout,
        ),
        1,
    ),
    "data_sync": (
        lambda stack, timeout: DataSyncFragment(
            stack, "Job", ENV, "img", QUEUE, BUCKET, timeout=timeout
        ),
        1,
    ),
    "distributed_sync": (
        lambda stack, timeout: DistributedDataSyncFragment(
            stack, "Job", ENV, "img", QUEUE, BUCKET, timeout=timeout
        ),
        2,
    ),
    "clean_file_system": (
        lambda stack, timeout: CleanFileSystemFragment(
            stack, "Job", ENV, "img", QUEUE, BUCKET, timeout=timeout
        ),
        2,
    ),
    "data_path_stats": (
        lambda stack, timeout: get_data_path_stats_fragment(
            stack, "Job", ENV, "img", QUEUE, BUCKET, timeout=timeout
        ),
        1,
    ),
    "outdated_path_scanner": (
        lambda stack, timeout: outdated_data_path_scanner_fragment(
            stack, "Job", ENV, "img", QUEUE, BUCKET, timeout=timeout
        ),
        1,
    ),
    "remove_paths": (
        lambda stack, timeout: remove_data_paths_fragment(
            stack, "Job", ENV, "img", QUEUE, BUCKET, timeout=timeout
        ),
        1,
    ),
}


def definition(name: str, timeout: Any) -> dict[str, Any]:
    stack = Stack(App(analytics_reporting=False), "Stack")
    machine = EVERY[name][0](stack, timeout).to_state_machine("job", timeout=Duration.hours(5))
    resolved = stack.resolve(machine.node.default_child.definition_string)
    return dict(Definition.from_resolved(resolved).states)


def timeouts(states: dict[str, Any]) -> list[Any]:
    return [
        state.arguments["Timeout"]["AttemptDurationSeconds"]
        for state in Machine(states).every_state()
        if state.call is not None and state.call.action == "submitJob"
    ]


@few(4)
@pytest.mark.parametrize("name", sorted(EVERY))
def test_every_fragment_bounds_its_jobs(name: str) -> None:
    jobs = EVERY[name][1]
    assert timeouts(definition(name, Duration.hours(2))) == [7200] * jobs
    by_path = timeouts(definition(name, "$.limit"))
    assert len(by_path) == jobs
    assert all(one.startswith("{% $number($") for one in by_path)


def test_child_executions_are_handed_a_timeout_that_is_a_path() -> None:
    states = definition("distributed_sync", "$.limit")
    [submitted] = [one for one in timeouts(states) if "$states" in one]
    assert submitted == "{% $number($states.input.options.timeout) %}"
    [batches] = [state for state in Machine(states).every_state() if state.type == "Map"]
    assert batches.fields["ItemSelector"]["options"]["timeout.$"].endswith(".timeout")


@pytest.mark.parametrize("timeout", [59, 0, -1, 60.5, True, "60", "$.", Duration.seconds(59), []])
def test_a_timeout_that_batch_refuses(timeout: Any) -> None:
    with pytest.raises(InvalidParametersError, match="timeout: "):
        submit(Stack(App(analytics_reporting=False), "Stack"), timeout=timeout)


@pytest.mark.parametrize(("name", "seconds"), [("submit_job", 600), ("clean_file_system", 1200)])
def test_a_machine_that_ends_before_its_jobs_is_refused(name: str, seconds: int) -> None:
    stack = Stack(App(analytics_reporting=False), "Stack")
    fragment = EVERY[name][0](stack, 600)
    with pytest.raises(InvalidParametersError, match="the timeouts of the fragment's jobs"):
        fragment.to_state_machine("early", timeout=Duration.seconds(seconds))
    # Nothing was made of it: the name is free.
    fragment.to_state_machine("early", timeout=Duration.seconds(seconds + 1))


@pytest.mark.parametrize("timeout", [5, Duration.seconds(0), Duration.millis(1500), "1h"])
def test_a_timeout_that_step_functions_refuses(timeout: Any) -> None:
    fragment = submit(Stack(App(analytics_reporting=False), "Stack"))
    with pytest.raises(InvalidParametersError, match="timeout: "):
        fragment.to_state_machine("job", timeout=timeout)
