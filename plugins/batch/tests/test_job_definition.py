"""Job definitions that are part of the stack: fewer states, and overrides all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Stack

from sfn_fragments.environment import EnvBase
from sfn_fragments.errors import InvalidParametersError
from sfn_fragments_batch import BatchInvokedLambdaFunction, SubmitJobFragment

if TYPE_CHECKING:
    from collections.abc import Callable

    from sfn_fragments_local import Engine, ExecutionResult

ENV = EnvBase("dev-x")
PUT = "aibs_informatics_aws_lambda.handlers.data_sync.put_json_to_file_handler"
EVENT = {"content": {"a": 1}, "path": "s3://scaffolding/out.json"}
SHOW = ["sh", "-c", "echo $A $B"]


@pytest.fixture(autouse=True)
def surroundings(sfn_engine: Engine) -> None:
    sfn_engine.create_bucket("scaffolding")
    # The role of each of `sfn_run`'s machines allows the queues of its environment.
    for name in ("queue", "dev-run1-other", "dev-run2-other"):
        sfn_engine.create_job_queue(name)


def handler(stack: Any, **given: Any) -> BatchInvokedLambdaFunction:
    return BatchInvokedLambdaFunction.with_defaults(
        stack,
        "Put",
        ENV,
        name="put",
        job_queue="queue",
        bucket_name="scaffolding",
        image_path="img",
        handler_path=PUT,
        overrides_path="$",
        deploy_job_definition=True,
        **given,
    )


def test_a_handler(sfn_engine: Engine, sfn_run: Callable[..., ExecutionResult]) -> None:
    result = sfn_run(handler, {"payload": EVENT})
    assert result.raise_for_status().output == {"path": EVENT["path"]}
    assert len(result.states) == 4
    (definition,) = sfn_engine.job_definitions("ACTIVE")
    assert definition["containerProperties"]["image"] == "img"
    assert result.jobs[0].definition == definition["jobDefinitionArn"]


def test_overrides_that_submit_job_allows(
    sfn_engine: Engine, sfn_run: Callable[..., ExecutionResult]
) -> None:
    result = sfn_run(
        handler,
        {
            "payload": EVENT,
            "job_queue": "dev-run1-other",
            "memory": 4096,
            "environment": {"B": "two"},
            "key_prefix": "mine/",
        },
    )
    (job,) = result.raise_for_status().jobs
    assert (job.queue, job.environment["B"]) == ("dev-run1-other", "two")
    (shown,) = sfn_engine.client("batch").describe_jobs(jobs=[job.id])["jobs"]
    requirements = {
        each["type"]: each["value"] for each in shown["container"]["resourceRequirements"]
    }
    assert requirements == {"MEMORY": "4096", "VCPU": "1"}


def test_an_override_that_it_does_not_allow_is_not_ignored(
    sfn_run: Callable[..., ExecutionResult],
) -> None:
    result = sfn_run(handler, {"payload": EVENT, "volumes": [], "mount_points": []})
    assert (result.status, result.error) == ("FAILED", "States.QueryEvaluationError")
    assert "cannot override volumes, mount_points" in str(result.cause)


def test_what_must_be_known_is_refused_at_synthesis() -> None:
    with pytest.raises(InvalidParametersError) as caught:
        BatchInvokedLambdaFunction(
            Stack(App(), "Stack"),
            "Put",
            ENV,
            "put",
            "$.image",
            PUT,
            "queue",
            "scaffolding",
            memory="$.memory",
            mount_points="$.mounts",
            deploy_job_definition=True,
        )
    assert [problem.parameter for problem in caught.value.problems] == ["image", "mount_points"]
    assert "BatchInvokedLambdaFunction 'Put'" in str(caught.value)


def test_a_command_with_references(
    sfn_engine: Engine, sfn_run: Callable[..., ExecutionResult]
) -> None:
    result = sfn_run(
        lambda stack: SubmitJobFragment(
            stack,
            "Job",
            ENV,
            name="greet",
            job_queue="queue",
            image="img",
            command=["echo", "Hello,", "$.name"],
            memory="$.memory",
            deploy_job_definition=True,
        ),
        {"name": "Ada", "memory": 2048},
    )
    result.raise_for_status()
    assert [job.output.strip() for job in result.jobs] == ["Hello, Ada"]
    assert len(result.states) == 2


def test_defaults_and_overrides_of_a_command(sfn_run: Callable[..., ExecutionResult]) -> None:
    def build(stack: Any) -> SubmitJobFragment:
        return SubmitJobFragment.from_defaults(
            stack,
            "Job",
            ENV,
            "greet",
            "queue",
            "img",
            command=SHOW,
            environment={"A": "1"},
            deploy_job_definition=True,
        )

    alone = sfn_run(build).raise_for_status()
    assert [job.output.strip() for job in alone.jobs] == ["1"]
    overrides = {"environment": {"B": "2"}, "job_queue": "dev-run2-other"}
    changed = sfn_run(build, overrides).raise_for_status()
    assert [job.output.strip() for job in changed.jobs] == ["1 2"]
    assert changed.jobs[0].queue == "dev-run2-other"


def test_a_failing_job_keeps_its_error(sfn_run: Callable[..., ExecutionResult]) -> None:
    result = sfn_run(handler, {"payload": {"path": "s3://scaffolding/x"}})
    assert (result.status, result.error) == ("FAILED", "States.TaskFailed")
    assert "content" in result.jobs[0].output
