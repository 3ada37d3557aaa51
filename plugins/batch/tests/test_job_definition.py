"""Job definitions that are part of the stack: fewer states, and overrides all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Fn, Stack
from tests.batch_jobs import small_job
from tests.proofs import long_proof

from sfn_fragments.annotations import read_annotations
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
        **{"image_path": "img", **given},
        handler_path=PUT,
        overrides_path="$",
        deploy_job_definition=True,
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


def test_a_deployment_leaves_old_revisions_to_executions_under_way(sfn_engine: Engine) -> None:
    """One that began before it submits jobs of the revision that it began with."""

    def deploy(image: str) -> None:
        stack = Stack(App(), "Stack")
        fragment = handler(stack, image_path=image)
        fragment.to_state_machine("put")
        sfn_engine.deploy(stack)

    deploy("first:1")
    [before] = active(sfn_engine)
    machine = f"arn:aws:states:{sfn_engine.region}:{sfn_engine.account}:stateMachine:dev-x-put"
    old = sfn_engine.client("stepfunctions").describe_state_machine(stateMachineArn=machine)
    deploy("second:1")
    name = before.rsplit(":", 1)[0]
    assert active(sfn_engine) == [before, f"{name}:2"]
    # What an execution under way still has: the definition of before, and the role as it is now.
    sfn_engine.client("stepfunctions").create_state_machine(
        name="under-way", definition=old["definition"], roleArn=old["roleArn"]
    )
    result = sfn_engine.execute({"payload": EVENT}, "under-way").raise_for_status()
    definition = sfn_engine.client("batch").describe_jobs(jobs=[result.jobs[0].id])["jobs"][0]
    assert definition["jobDefinition"] == before


def active(engine: Engine) -> list[str]:
    """ARNs of the job definitions that jobs can be submitted of."""
    return sorted(one["jobDefinitionArn"] for one in engine.job_definitions("ACTIVE"))


def test_it_is_named_after_the_environment_and_tagged() -> None:
    from aws_cdk import Tags

    app = App()
    names = set()
    for name in ("One", "Two"):
        stack = Stack(app, name)
        Tags.of(stack).add("team", "imaging")
        handler(stack)
    for name in ("One", "Two"):
        template = app.synth().get_stack_by_name(name).template
        [made] = [
            one["Properties"]
            for one in template["Resources"].values()
            if one["Type"] == "AWS::Batch::JobDefinition"
        ]
        assert made["Tags"] == {"team": "imaging"}
        assert made["JobDefinitionName"].startswith("dev-x-put-")
        names.add(made["JobDefinitionName"])
    # Two stacks of an environment do not make revisions of one definition.
    assert len(names) == 2


@long_proof
def test_constructs_wherever_texts_are_taken(sfn_engine: Engine) -> None:
    """Of the stack and imported ones; the permissions follow."""
    from aws_cdk.aws_batch import JobQueue
    from aws_cdk.aws_ecr import Repository
    from aws_cdk.aws_iam import Role, ServicePrincipal
    from aws_cdk.aws_s3 import Bucket

    app = App()
    stack = Stack(app, "Stack")
    bucket = Bucket(stack, "Bucket", bucket_name="dev-x-own")
    role = Role(stack, "JobRole", assumed_by=ServicePrincipal("ecs-tasks.amazonaws.com"))
    bucket.grant_read_write(role)
    imported = Role.from_role_arn(stack, "Other", "arn:aws:iam::123456789012:role/other")
    queue = JobQueue.from_job_queue_arn(
        stack, "Queue", "arn:aws:batch:us-east-1:123456789012:job-queue/queue"
    )
    repository = Repository.from_repository_name(stack, "Repository", "tools")
    for number, one in enumerate((role, imported)):
        BatchInvokedLambdaFunction(
            stack,
            f"Job{number}",
            ENV,
            name="job",
            image=repository,
            handler=PUT,
            job_queue=queue,
            bucket_name=bucket,
            memory=1024,
            vcpus=1,
            job_role_arn=one,
        ).to_state_machine(f"job{number}")
    sfn_engine.deploy(stack)
    for number, name in enumerate(("JobRole", "role/other")):
        event = {"content": {"a": 1}, "path": "s3://dev-x-own/out.json"}
        result = sfn_engine.execute(event, f"dev-x-job{number}").raise_for_status()
        job = sfn_engine.client("batch").describe_jobs(jobs=[result.jobs[0].id])["jobs"][0]
        assert job["jobQueue"].endswith("job-queue/queue")
        [made] = [
            one
            for one in sfn_engine.client("batch").describe_job_definitions()["jobDefinitions"]
            if one["jobDefinitionArn"] == job["jobDefinition"]
        ]
        assert made["containerProperties"]["image"].endswith("/tools")
        assert name in made["containerProperties"]["jobRoleArn"]


@pytest.mark.parametrize("deployed", [False, True])
@pytest.mark.parametrize(("length", "found"), [(23_000, False), (24_576, True)])
def test_an_environment_that_no_job_definition_has_room_for(
    deployed: bool, length: int, found: bool
) -> None:
    app = App()
    stack = Stack(app, "Stack")
    token = Fn.import_value("a-long-name-" * 20)
    small_job(
        stack,
        command=["true"],
        environment={"LONG": "x" * length, "TOKEN": token},
        deploy_job_definition=deployed,
    ).to_state_machine("job")
    told = [one.text for one in read_annotations(app.synth().directory)]
    assert bool([text for text in told if "asl.job-definition-size" in text]) is found, told


@pytest.mark.parametrize("deployed", [False, True])
def test_a_definition_that_batch_does_not_know_yet(
    sfn_engine: Engine, sfn_run: Callable[..., ExecutionResult], deployed: bool
) -> None:
    """It is tried again right after it was registered; one of the stack has been there for long."""
    unknown = sfn_engine.fail("batch:SubmitJob", "ClientException", times=1, message="not found")
    result = sfn_run(
        lambda stack: small_job(stack, command=["true"], deploy_job_definition=deployed)
    )
    assert unknown.failed == 1
    assert result.error == ("Batch.ClientException" if deployed else None)
