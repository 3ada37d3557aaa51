"""Jobs that run a command, with what an execution may change about them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk.aws_stepfunctions import Map, Parallel
from tests.proofs import few

from sfn_fragments.environment import EnvBase
from sfn_fragments_batch import SubmitJobFragment

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import Stack

    from sfn_fragments_local import Engine, ExecutionResult

ENV = EnvBase("dev-x")
SHOW = ["sh", "-c", "echo $A $B $C"]


@pytest.fixture(autouse=True)
def queues(sfn_engine: Engine) -> None:
    for name in ("queue", "dev-run1-other"):
        sfn_engine.create_job_queue(name)


def fragment(stack: Stack, id: str = "Job", **given: Any) -> SubmitJobFragment:
    settings = {"name": "greet", "job_queue": "queue", "image": "img", "memory": 512, "vcpus": 1}
    return SubmitJobFragment(stack, id, ENV, **{**settings, **given})


def lines(result: ExecutionResult) -> list[str]:
    assert result.status == "SUCCEEDED", f"{result.error}: {result.cause}"
    return [job.output.strip() for job in result.jobs]


def test_a_command_with_references(
    sfn_engine: Engine, sfn_run: Callable[..., ExecutionResult]
) -> None:
    result = sfn_run(
        lambda stack: fragment(stack, command=["echo", "Hello,", "$.name"]), {"name": "Ada"}
    )
    assert lines(result) == ["Hello, Ada"]
    (job,) = result.jobs
    submitted = result.output["taskResult"]["submit"]
    assert result.output == {"name": "Ada", "taskResult": {"submit": submitted}}
    assert (submitted["JobName"], submitted["JobId"]) == (job.name, job.id)
    assert submitted["JobArn"].endswith(job.id)
    assert job.name.startswith("dev-x-greet-")
    assert len(result.states) == 4
    assert sfn_engine.job_definitions("ACTIVE") == []


def test_every_setting_may_be_a_reference(sfn_run: Callable[..., ExecutionResult]) -> None:
    given = {
        "name": "n",
        "queue": "dev-run1-other",
        "image": "img",
        "command": SHOW,
        "environment": {"A": "1", "B": 2},
        "memory": 1024,
        "vcpus": 1,
        "gpu": 0,
        "platform": ["EC2"],
    }
    result = sfn_run(
        lambda stack: SubmitJobFragment(
            stack,
            "Job",
            ENV,
            name="$.name",
            job_queue="$.queue",
            image="$.image",
            command="$.command",
            environment="$.environment",
            memory="$.memory",
            vcpus="$.vcpus",
            gpu="$.gpu",
            platform_capabilities="$.platform",
        ),
        given,
    )
    assert lines(result) == ["1 2"]
    assert result.jobs[0].queue == "dev-run1-other"
    assert result.jobs[0].name.startswith("dev-x-n-")


@few(1)
@pytest.mark.parametrize(
    "environment",
    [
        {"A": "x", "B": "$.name", "C": "States.Format('{}!', $.name)"},
        "$.object",
        "$.list",
    ],
)
def test_environments(sfn_run: Callable[..., ExecutionResult], environment: Any) -> None:
    result = sfn_run(
        lambda stack: fragment(stack, command=SHOW, environment=environment),
        {
            "name": "Ada",
            "object": {"A": "x", "B": "Ada", "C": "Ada!"},
            "list": [
                {"Name": "A", "Value": "x"},
                {"Name": "B", "Value": "Ada"},
                {"Name": "C", "Value": "Ada!"},
            ],
        },
    )
    assert lines(result) == ["x Ada Ada!"]


def test_defaults_alone(sfn_run: Callable[..., ExecutionResult]) -> None:
    result = sfn_run(
        lambda stack: SubmitJobFragment.from_defaults(
            stack, "Job", ENV, "greet", "queue", "img", command=SHOW, environment={"A": "1"}
        )
    )
    assert lines(result) == ["1"]
    assert len(result.states) == 4


def test_overrides(sfn_run: Callable[..., ExecutionResult]) -> None:
    result = sfn_run(
        lambda stack: SubmitJobFragment.from_defaults(
            stack, "Job", ENV, "greet", "queue", "img", environment={"A": "1", "B": "2"}
        ),
        {
            "command": SHOW,
            "environment": {"B": "two", "C": "three"},
            "job_queue": "dev-run1-other",
            "memory": 2048,
            "vcpus": None,
        },
    )
    assert lines(result) == ["1 two three"]
    assert result.jobs[0].queue == "dev-run1-other"


def test_a_failing_job_keeps_its_error_and_leaves_nothing(
    sfn_engine: Engine, sfn_run: Callable[..., ExecutionResult]
) -> None:
    result = sfn_run(lambda stack: fragment(stack, command=["sh", "-c", "echo boom; exit 3"]))
    assert (result.status, result.error) == ("FAILED", "States.TaskFailed")
    assert json.loads(str(result.cause))["Container"]["ExitCode"] == 3
    assert result.jobs[0].output.strip() == "boom"
    assert sfn_engine.job_definitions("ACTIVE") == []


def test_twice_in_one_machine(sfn_run: Callable[..., ExecutionResult]) -> None:
    result = sfn_run(
        lambda stack: fragment(stack, "First", command=["echo", "1"]).next(
            fragment(stack, "Second", command=["echo", "2"])
        )
    )
    assert lines(result) == ["1", "2"]


def test_inside_parallel_and_map(
    sfn_engine: Engine, sfn_run: Callable[..., ExecutionResult]
) -> None:
    result = sfn_run(
        lambda stack: (
            Parallel(stack, "Both")
            .branch(
                Map(stack, "Each", items_path="$.items", max_concurrency=2).item_processor(
                    fragment(stack, "Mapped", command=["echo", "$.name"])
                )
            )
            .branch(fragment(stack, "Branch", command=["echo", "$.items[0].name"]))
        ),
        {"items": [{"name": "Ada"}, {"name": "Bo"}]},
    )
    assert sorted(lines(result)) == ["Ada", "Ada", "Bo"]
    assert sfn_engine.job_definitions("ACTIVE") == []
