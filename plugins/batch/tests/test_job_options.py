"""The one value for a job's settings: what of it reaches Batch, and who has the last word."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import CfnParameter
from aws_cdk.assertions import Template
from aws_cdk.aws_batch import Secret as BatchSecret
from aws_cdk.aws_ecr import Repository
from aws_cdk.aws_iam import Role, ServicePrincipal
from aws_cdk.aws_logs import LogGroup
from aws_cdk.aws_secretsmanager import Secret
from aws_cdk.aws_ssm import StringParameter
from tests.proofs import few

from sfn_fragments import get_registry, hookimpl
from sfn_fragments.annotations import read_annotations
from sfn_fragments.environment import EnvBase
from sfn_fragments.errors import InvalidParametersError
from sfn_fragments.sandbox import Sandbox
from sfn_fragments_batch import JobOptions, SubmitJobFragment
from sfn_fragments_batch.given_options import with_options
from sfn_fragments_batch.option_table import OPTIONS
from sfn_fragments_local import Engine
from sfn_fragments_local.jobs import JobError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aws_cdk import Stack

    from sfn_fragments_local import ExecutionResult, JobRecord

ENV = EnvBase("dev-x")
SHOW = ["sh", "-c", "ulimit -n; echo $TOKEN $PLAIN"]


def fragment(scope: Any, id: str = "Job", **given: Any) -> SubmitJobFragment:
    settings = {"name": "greet", "job_queue": "queue", "image": "img", "memory": 512, "vcpus": 1}
    return SubmitJobFragment(scope, id, ENV, **{**settings, **given})


class Organisation:
    """A plugin that says what holds for every job of its organisation."""

    @hookimpl
    def sfn_fragments_batch_job_options(self, env_base: EnvBase) -> Iterator[JobOptions]:
        yield JobOptions(
            tags={"organisation": "acme", "team": "none", "place": str(env_base)},
            propagate_tags=True,
            container_properties={"readonlyRootFilesystem": True, "user": "nobody"},
        )


def everything(stack: Stack, **changes: Any) -> JobOptions:
    role = Role(stack, "Execution", assumed_by=ServicePrincipal("ecs-tasks.amazonaws.com"))
    parameter = StringParameter(stack, "Plain", string_value="open")
    given: dict[str, Any] = {
        "tags": {"team": "imaging", "sample": "$.sample"},
        "retry_strategy": {
            "attempts": 2,
            "evaluateOnExit": [{"onExitCode": "3", "action": "EXIT"}],
        },
        "scheduling_priority": "$.priority",
        "share_identifier": "$.share",
        "timeout": 120,
        "log_configuration": LogGroup(stack, "Logs", log_group_name="/acme/jobs"),
        "shared_memory_size": 64,
        "tmpfs": [{"containerPath": "/scratch", "size": 16}],
        "devices": [{"hostPath": "/dev/fuse", "permissions": ["READ"]}],
        "init_process_enabled": True,
        "max_swap": 128,
        "swappiness": 10,
        "ulimits": {"nofile": (64, 128)},
        "secrets": {"TOKEN": Secret(stack, "Token", secret_name="token"), "PLAIN": parameter},
        "execution_role": role,
        "container_properties": {"linuxParameters": {"maxSwap": 256}},
        "submit_job": {"containerOverrides": {"environment": [{"name": "A", "value": "1"}]}},
    }
    return JobOptions(**{**given, **changes})


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine() as engine:
        batch = engine.client("batch")
        engine.create_job_queue("queue")
        environments = batch.describe_job_queues(jobQueues=["queue"])["jobQueues"][0]
        policy = batch.create_scheduling_policy(name="fair", fairsharePolicy={})["arn"]
        batch.create_job_queue(
            jobQueueName="fair",
            state="ENABLED",
            priority=1,
            schedulingPolicyArn=policy,
            computeEnvironmentOrder=environments["computeEnvironmentOrder"],
        )
        yield engine


@pytest.fixture
def organisation() -> Iterator[None]:
    manager = get_registry().plugin_manager
    plugin = Organisation()
    manager.register(plugin)
    yield
    manager.unregister(plugin)


def run(
    engine: Engine, build: Any, input: Any = None, name: str = "dev-x-machine"
) -> ExecutionResult:
    sandbox = Sandbox(ENV)
    build(sandbox.stack).to_state_machine("machine")
    engine.deploy(sandbox.stack)
    return engine.execute(input, name)


def running(engine: Engine, known: int) -> JobRecord:
    """The job that comes after those that are known, when it runs."""
    ends = time.monotonic() + 60
    while len(engine.jobs) <= known or engine.jobs[known].status != "RUNNING":
        assert time.monotonic() < ends, engine.jobs[known:]
        time.sleep(0.02)
    return engine.jobs[known]


def template(stack: Stack) -> dict[str, Any]:
    return dict(Template.from_stack(stack).to_json())


def described(engine: Engine, result: ExecutionResult) -> dict[str, Any]:
    result.raise_for_status()
    [job] = result.jobs
    found: dict[str, Any] = engine.client("batch").describe_jobs(jobs=[job.id])["jobs"][0]
    return found


@few(1)
@pytest.mark.parametrize("deployed", [False, True])
def test_everything_reaches_batch(engine: Engine, deployed: bool) -> None:
    result = run(
        engine,
        lambda stack: fragment(
            stack,
            job_queue="fair",
            command=SHOW,
            deploy_job_definition=deployed,
            job_options=everything(stack),
        ),
        {"sample": "A1", "priority": 7, "share": "x"},
    )
    job = described(engine, result)
    assert job["tags"] == {"team": "imaging", "sample": "A1"}
    assert (job["shareIdentifier"], job["schedulingPriority"]) == ("x", 7)
    assert job["timeout"] == {"attemptDurationSeconds": 120}
    assert job["retryStrategy"]["attempts"] == 2
    assert [one["onExitCode"] for one in job["retryStrategy"]["evaluateOnExit"]] == ["3"]
    definition = engine.client("batch").describe_job_definitions(
        jobDefinitions=[job["jobDefinition"]]
    )["jobDefinitions"][0]["containerProperties"]
    assert definition["logConfiguration"] == {
        "logDriver": "awslogs",
        "options": {"awslogs-group": "/acme/jobs"},
    }
    assert definition["linuxParameters"] == {
        "sharedMemorySize": 64,
        "tmpfs": [{"containerPath": "/scratch", "size": 16}],
        "devices": [{"hostPath": "/dev/fuse", "permissions": ["READ"]}],
        "initProcessEnabled": True,
        "maxSwap": 256,
        "swappiness": 10,
    }
    assert definition["ulimits"] == [{"name": "nofile", "softLimit": 64, "hardLimit": 128}]
    environment = {one["name"]: one["value"] for one in job["container"]["environment"]}
    assert environment["A"] == "1"
    limit, words = result.jobs[0].output.split("\n")[:2]
    assert limit == "64"
    assert words.endswith("open")
    assert len(words.split()) >= 2


def test_organisation_construct_and_input(engine: Engine, organisation: None) -> None:
    options = JobOptions(
        tags={"team": "imaging", "sample": "none"},
        container_properties={"user": "$.user"},
        allow_override=["tags", "retry_strategy", "timeout", "ulimits", "scheduling_priority"],
    )
    given = {
        "user": "worker",
        "job_options": {
            "tags": {"sample": "A1"},
            "retry_strategy": {"attempts": 3},
            "timeout": 90,
            "ulimits": [{"name": "nofile", "softLimit": 32, "hardLimit": 32}],
        },
    }
    result = run(engine, lambda stack: fragment(stack, command=SHOW, job_options=options), given)
    job = described(engine, result)
    assert job["tags"] == {
        "organisation": "acme",
        "place": "dev-x",
        "team": "imaging",
        "sample": "A1",
    }
    assert job["propagateTags"] is True
    assert job["timeout"] == {"attemptDurationSeconds": 90}
    assert job["retryStrategy"]["attempts"] == 3
    assert job["container"]["user"] == "worker"
    assert job["container"]["readonlyRootFilesystem"] is True
    assert result.jobs[0].output.startswith("32\n")
    # What the input leaves out has its default, or is left to Batch.
    result = engine.execute({"user": "worker"}, "dev-x-machine")
    job = described(engine, result)
    assert job["tags"]["sample"] == "none"
    assert "timeout" not in job
    assert job["retryStrategy"]["attempts"] == 5
    assert len(result.states) == 4
    result = engine.execute(
        {"user": "w", "job_options": {"share_identifier": "x"}}, "dev-x-machine"
    )
    assert result.status == "FAILED"
    assert "allow_override does not name it: share_identifier" in str(result.cause)
    assert result.jobs == ()


#: What an input cannot say, and what is told.
WRONG: list[tuple[Any, str]] = [
    ("x", "job_options of the input: give an object"),
    ([1], "job_options of the input: give an object"),
    ({"tags": "x"}, "job_options.tags of the input: give an object of texts"),
    ({"tags": {"a": ["b"]}}, "job_options.tags of the input"),
    ({"timeout": "soon"}, "job_options.timeout of the input: give a whole number"),
    ({"scheduling_priority": 1.5}, "job_options.scheduling_priority of the input"),
    ({"propagate_tags": "yes"}, "job_options.propagate_tags of the input: give true or false"),
    ({"share_identifier": 5}, "job_options.share_identifier of the input: give a text"),
    ({"retry_strategy": {"attemps": 2}}, "job_options.retry_strategy of the input"),
    ({"retry_strategy": {"evaluateOnExit": [{"on": "3"}]}}, "job_options.retry_strategy"),
    ({"tmpfs": ["x"]}, "job_options.tmpfs of the input: give a list of objects"),
    ({"ulimits": 5}, "job_options.ulimits of the input"),
    ({"init_process_enabled": "yes"}, "job_options.init_process_enabled of the input"),
    ({"log_configuration": 5}, "job_options.log_configuration of the input"),
    ({"max_swap": None, "secrets": {}}, "allow_override does not name it: secrets"),
]


def test_the_inputs_options_get_batchs_types_or_are_refused(engine: Engine) -> None:
    allowed = [
        name
        for name, option in OPTIONS.items()
        if option.refusal is None and "EC2" in option.platforms and name != "array_size"
    ]
    options = JobOptions(allow_override=allowed)
    conditions = {"retry_strategy": [{"onExitCode": 3, "action": "EXIT"}]}
    given = {
        "tags": {"run": 5, "done": True, "none": None},
        "timeout": "90",
        "share_identifier": "x",
        "retry_strategy": {"attempts": "2", "evaluateOnExit": conditions["retry_strategy"]},
        "log_configuration": "/acme/jobs",
        "ulimits": {"nofile": 32, "core": [0, "5"]},
        "tmpfs": [{"containerPath": "/scratch", "size": "16"}],
        "max_swap": 0,
    }
    result = run(
        engine,
        lambda stack: fragment(stack, command=SHOW, job_queue="fair", job_options=options),
        {"job_options": given},
    )
    job = described(engine, result)
    assert job["tags"] == {"run": "5", "done": "true"}
    assert job["timeout"] == {"attemptDurationSeconds": 90}
    # Batch takes no share identifier without a priority.
    assert (job["shareIdentifier"], job["schedulingPriority"]) == ("x", 0)
    assert job["retryStrategy"] == {
        "attempts": 2,
        "evaluateOnExit": [{"onExitCode": "3", "action": "EXIT"}],
    }
    container = job["container"]
    assert container["logConfiguration"]["options"] == {"awslogs-group": "/acme/jobs"}
    assert container["ulimits"] == [
        {"name": "nofile", "softLimit": 32, "hardLimit": 32},
        {"name": "core", "softLimit": 0, "hardLimit": 5},
    ]
    assert container["linuxParameters"]["tmpfs"] == [{"containerPath": "/scratch", "size": 16}]
    assert container["linuxParameters"]["maxSwap"] == 0
    for wrong, told in WRONG:
        result = engine.execute({"job_options": wrong}, "dev-x-machine")
        assert (result.status, result.error) == ("FAILED", "States.QueryEvaluationError"), wrong
        assert told in str(result.cause)
        # It never came to a job definition.
        assert len(result.states) == 1
    for nothing in ({}, {"job_options": None}):
        result = engine.execute(nothing, "dev-x-machine")
        assert "shareIdentifier must be specified." in str(result.cause)
    assert engine.job_definitions("ACTIVE") == []


def test_paths_and_texts_of_cloudformation_get_batchs_types(engine: Engine) -> None:
    def build(stack: Stack) -> SubmitJobFragment:
        parameter = CfnParameter(stack, "Attempts", type="Number", default=3)
        options = JobOptions(
            tags={"run": "$.run"},
            retry_strategy=parameter.value_as_string,
            share_identifier="$.share",
            ulimits={"nofile": "$.files"},
            submit_job={
                "timeout": {"attemptDurationSeconds": "$.seconds"},
                "containerOverrides": {"environment": [{"name": "N", "value": "$.run"}]},
                "dependsOn": "$.before",
            },
        )
        return fragment(stack, command=SHOW, job_queue="fair", job_options=options)

    given = {"run": 7, "share": 1, "files": "64", "seconds": "120"}
    [first] = run(engine, lambda stack: fragment(stack, command=["true"])).jobs
    before = [{"jobId": first.id}]
    job = described(engine, run(engine, build, {**given, "before": before}))
    assert job["dependsOn"] == before
    assert (job["tags"], job["shareIdentifier"]) == ({"run": "7"}, "1")
    assert job["retryStrategy"] == {"attempts": 3}
    assert job["timeout"] == {"attemptDurationSeconds": 120}
    assert job["container"]["ulimits"][0]["hardLimit"] == 64
    assert {"name": "N", "value": "7"} in job["container"]["environment"]


def test_what_overrides_a_setting_wrongly_leaves_nothing_registered(engine: Engine) -> None:
    given: dict[str, Any] = {"name": "greet", "image": "img", "command": ["true"]}
    result = run(
        engine,
        lambda stack: SubmitJobFragment.from_defaults(
            stack, "Job", ENV, job_queue="queue", **given
        ),
        {"job_queue": 5},
    )
    assert "job_queue of the input: give its name or ARN, not 5" in str(result.cause)
    assert len(result.states) == 1
    volumes = [{"name": "v", "efsVolumeConfiguration": {"transitEncryptionPort": 2049}}]
    result = engine.execute({"volumes": volumes}, "dev-x-machine")
    assert "volumes of the input: give a list of volumes, as Batch's API has them" in str(
        result.cause
    )
    assert len(result.states) == 1
    result = run(
        engine,
        lambda stack: fragment(stack, job_queue="$.queue", command=["true"]),
        {"queue": 5},
    )
    assert (result.status, result.error) == ("FAILED", "Batch.AWSBatchException")
    assert engine.job_definitions("ACTIVE") == []


@pytest.mark.parametrize("deployed", [False, True])
def test_variables_of_the_open_doors_are_added(engine: Engine, deployed: bool) -> None:
    own = JobOptions(
        container_properties={"environment": [{"name": "A", "value": "door"}]},
        submit_job={"containerOverrides": {"environment": [{"name": "B", "value": "$.b"}]}},
    )
    below = {"environment": [{"name": "A", "value": "none"}, {"name": "D", "value": "below"}]}
    result = run(
        engine,
        lambda stack: fragment(
            stack,
            command=["sh", "-c", "echo $A $B $C $D"],
            environment={"A": "own", "C": "kept"},
            deploy_job_definition=deployed,
            job_options=own.above(JobOptions(container_properties=below)),
        ),
        {"b": "path"},
    )
    assert result.jobs[0].output == "door path kept below\n"


def test_what_the_queue_demands_is_told(engine: Engine) -> None:
    result = run(engine, lambda stack: fragment(stack, job_queue="fair", command=["true"]))
    assert result.status == "FAILED"
    assert "shareIdentifier must be specified." in str(result.cause)
    options = JobOptions(share_identifier="x")
    result = run(engine, lambda stack: fragment(stack, command=["true"], job_options=options))
    assert "has no fair-share scheduling policy" in str(result.cause)
    result = run(
        engine,
        lambda stack: fragment(stack, job_queue="fair", command=["true"], job_options=options),
    )
    assert described(engine, result)["schedulingPriority"] == 0


@pytest.mark.parametrize(
    "reason", ["Host EC2 (instance i-1) terminated.", "Your Spot Task was interrupted."]
)
def test_what_spot_takes_away_is_tried_again(engine: Engine, reason: str) -> None:
    sandbox = Sandbox(ENV)
    command = ["sh", "-c", "test $AWS_BATCH_JOB_ATTEMPT = 2 || exec sleep 60"]
    fragment(sandbox.stack, command=command).to_state_machine("machine")
    engine.deploy(sandbox.stack)
    known = len(engine.jobs)
    execution = engine.start({}, "dev-x-machine")
    job = running(engine, known)
    engine.interrupt_job(job.id, reason)
    described(engine, execution.wait(60))
    attempts = engine.client("batch").describe_jobs(jobs=[job.id])["jobs"][0]["attempts"]
    assert [one["statusReason"] for one in attempts] == [
        reason,
        "Essential container in task exited",
    ]
    with pytest.raises(JobError, match="runs nowhere"):
        engine.interrupt_job(job.id)


@pytest.mark.parametrize(
    ("options", "problems"),
    [
        ({"tags": {"aws:x": "y"}}, ["tags: {'aws:x': 'y'}: AWS keeps names that begin with aws:"]),
        ({"tags": {f"t{n}": "" for n in range(51)}}, ["give at most 50, not 51"]),
        ({"retry_strategy": 11}, ["retry_strategy: 11: give a whole number of 1 to 10"]),
        (
            {"retry_strategy": {"attempts": 2, "evaluateOnExit": [{"onExitCod": "3"}]}},
            ["evaluateOnExit[0]: Batch has no 'onExitCod'; did you mean onExitCode"],
        ),
        ({"retry_strategy": {"evaluateOnExit": []}}, ["give attempts as well"]),
        (
            {
                "retry_strategy": {
                    "attempts": 2,
                    "evaluateOnExit": [{"action": "EXIT", "onReason": "a*b"}],
                }
            },
            ["onReason: an asterisk can only end a pattern"],
        ),
        ({"ulimits": {"nofile": (64, 32)}}, ["nofile: the soft limit, 64, is above the hard one"]),
        ({"share_identifier": "a-b"}, ["share_identifier: 'a-b': give a name that matches"]),
        ({"ulimits": {"files": 1}}, ["'files' is none of core, cpu"]),
        ({"swappiness": 5}, ["swappiness: 5: give max_swap as well"]),
        ({"secrets": {"A": "token"}}, ["secrets: {'A': 'token'}: give execution_role as well"]),
        ({"ephemeral_storage": 50}, ["Batch has it on FARGATE alone"]),
        ({"runtime_platform": "ARM64"}, ["on EC2, the instances of the compute environment"]),
        (
            {"platform": "FARGATE", "execution_role": "arn:aws:iam::123456789012:role/e"},
            ["memory: 512: Fargate has 2,048 to 8,192 MiB"],
        ),
        (
            {"container_properties": {"privileged": "yes"}},
            ["container_properties: {'privileged': 'yes'}: privileged: give a boolean"],
        ),
        ({"submit_job": {"nodeOverrides": {}}}, ["fragments run no multi-node parallel jobs"]),
        ({"submit_job": {"jobQueue": "q"}}, ["leave out jobQueue: give the fragment's job_queue"]),
        ({"tmpfs": [{"containerPath": "/x"}]}, ["give size as well"]),
        ({"log_configuration": {"options": {}}}, ["give logDriver as well"]),
        (
            {"container_properties": {"secrets": [{"name": "A", "valueFrom": "a"}]}},
            ["container_properties: {'secrets'", "give execution_role as well"],
        ),
        (
            {"container_properties": {"ephemeralStorage": {"sizeInGiB": 50}}},
            ["EphemeralStorage.SizeInGiB: Batch has it on FARGATE alone"],
        ),
        (
            {
                "platform": "FARGATE",
                "execution_role": "arn:aws:iam::123456789012:role/e",
                "container_properties": {"privileged": True},
                "allow_override": ["ulimits"],
            },
            ["Fargate has no privileged containers", "'ulimits': Batch has it on EC2 alone"],
        ),
        ({"allow_override": "tags"}, ["give a list of names of options"]),
        ({"array_size": 2, "fallback_job_queue": "q"}, ["array_size: 2: leave out fallback_job"]),
        ({"array_size": 2, "runnable_timeout": 60}, ["an array is PENDING while its children run"]),
        ({"allow_override": ["tag"]}, ["'tag': there is no such option; give tags"]),
        ({"allow_override": ["secrets"]}, ["which an execution must not choose"]),
        ({"allow_override": ["container_properties"]}, ["it may hold anything"]),
        ({"job_role": "$['a','b']"}, ["job_role_arn: \"$['a','b']\""]),
    ],
)
def test_what_cannot_work_is_refused(options: dict[str, Any], problems: list[str]) -> None:
    stack = Sandbox(ENV).stack
    with pytest.raises(InvalidParametersError) as raised:
        fragment(stack, job_options=JobOptions(**options))
    for problem in problems:
        assert problem in str(raised.value)
    # Nothing of it is there: the id can be used again.
    fragment(stack)


def test_a_definition_of_the_stack_takes_no_paths() -> None:
    options = JobOptions(
        shared_memory_size="$.shm", tags={"a": "$.a"}, allow_override=["ulimits", "tags"]
    )
    with pytest.raises(InvalidParametersError) as raised:
        fragment(Sandbox(ENV).stack, deploy_job_definition=True, job_options=options)
    text = str(raised.value)
    assert "shared_memory_size: '$.shm': SubmitJob cannot override it" in text
    assert "allow_override: 'ulimits': SubmitJob cannot override it" in text
    assert len(raised.value.problems) == 2


FARGATE_JOB = {"platform": "FARGATE", "execution_role": "arn:aws:iam::123456789012:role/dev-x-e"}


@pytest.mark.parametrize(
    ("organisation", "own", "given", "left"),
    [
        # What looks at one job, where an array is many: the construct's own stays.
        ({"array_size": 3}, {}, {"memory_growth": [1024]}, {}),
        ({"array_size": 3}, {"runnable_timeout": 60}, {}, {"runnable_timeout": 60}),
        (
            {
                "container_properties": {
                    "linuxParameters": {"sharedMemorySize": 64},
                    "privileged": True,
                    "user": "nobody",
                }
            },
            FARGATE_JOB,
            {},
            {**FARGATE_JOB, "container_properties": {"User": "nobody"}},
        ),
        (
            {"allow_override": ["ulimits", "tags"]},
            {},
            {"deployed": True},
            {"allow_override": ["tags"]},
        ),
    ],
)
def test_what_a_job_cannot_have_of_an_organisations_options_is_left_out(
    organisation: dict[str, Any], own: dict[str, Any], given: dict[str, Any], left: dict[str, Any]
) -> None:
    assert chosen(JobOptions(**organisation), JobOptions(**own), **given) == (left, [])


@pytest.mark.parametrize(
    ("options", "remedy"),
    [
        ({"allow_override": 5}, "job_options.allow_override: 5: give a list of names of options"),
        ({"retry_strategy": 99}, "job_options.retry_strategy: 99: give a whole number of 1 to 10"),
    ],
)
def test_what_a_plugin_gives_wrongly_is_told_as_the_plugins(
    options: dict[str, Any], remedy: str
) -> None:
    told = "; a plugin gives it to every job, by sfn_fragments_batch_job_options"
    assert chosen(JobOptions(**options), JobOptions())[1] == [f"{remedy}{told}"]
    assert chosen(JobOptions(), JobOptions(**options))[1] == [remedy]


def chosen(
    organisation: JobOptions, own: JobOptions, deployed: bool = False, **given: Any
) -> tuple[dict[str, Any], list[str]]:
    """The options of a job below those of a plugin, and what is wrong with them."""

    class Plugin:
        @hookimpl
        def sfn_fragments_batch_job_options(self) -> list[JobOptions]:
            return [organisation]

    manager, plugin = get_registry().plugin_manager, Plugin()
    manager.register(plugin)
    try:
        found, _, problems = with_options(
            Sandbox(ENV).stack,
            ENV,
            own,
            {"job_queue": "queue", **given},
            deployed=deployed,
            lacking={},
        )
    finally:
        manager.unregister(plugin)
    options = {name: value for name, value in vars(found).items() if value is not None}
    return options, [f"{one.parameter}: {one.value!r}: {one.remedy}" for one in problems]


def test_an_option_and_its_parameter_exclude_each_other() -> None:
    with pytest.raises(InvalidParametersError, match="give timeout or this, not both"):
        fragment(Sandbox(ENV).stack, timeout=60, job_options=JobOptions(timeout=120))


def test_a_name_that_batch_has_learnt_since_passes() -> None:
    sandbox = Sandbox(ENV)
    options = JobOptions(container_properties={"quantumCores": {"count": 2}})
    fragment(sandbox.stack, job_options=options).to_state_machine("machine")
    assert "QuantumCores" in json.dumps(template(sandbox.stack))


def test_a_role_of_which_nothing_is_known_is_warned_of() -> None:
    sandbox = Sandbox(ENV)
    arn = "arn:aws:iam::123456789012:role/dev-x-execution"
    role = Role.from_role_arn(sandbox.stack, "Role", arn)
    secret = Secret(sandbox.stack, "Secret")
    options: dict[str, Any] = {"secrets": {"TOKEN": secret}, "execution_role": role}
    fragment(sandbox.stack, "Known", job_options=JobOptions(**options))
    fragment(sandbox.stack, "Unknown", job_options=JobOptions(**{**options, "execution_role": arn}))
    path = {**options, "secrets": {"TOKEN": "$.token"}}
    fragment(sandbox.stack, "Chosen", job_options=JobOptions(**path))
    warned = {
        one.path.rpartition("/")[2]
        for one in read_annotations(sandbox.app.synth().directory)
        if "may not be allowed to read all of them" in one.text
    }
    assert warned == {"Chosen", "Unknown"}


def test_a_role_may_read_what_the_options_have_ecs_read() -> None:
    sandbox = Sandbox(ENV)
    stack = sandbox.stack
    role = Role(stack, "Role", assumed_by=ServicePrincipal("ecs-tasks.amazonaws.com"))
    secret = Secret(stack, "Secret")
    place = "arn:aws:secretsmanager:us-east-1:123456789012:secret:"
    options = JobOptions(
        execution_role=role,
        secrets={
            "FIELD": BatchSecret.from_secrets_manager(secret, "field"),
            "TEXT": f"{secret.secret_arn}:other::",
            "WHOLE": f"{place}whole-aB3dE6:key::",
            "PART": f"{place}db-secret",
            "NAME": "/app/name",
        },
        log_configuration={
            "logDriver": "splunk",
            "secretOptions": [{"name": "splunk-token", "valueFrom": f"{place}splunk-a1B2c3"}],
        },
        container_properties={
            "repositoryCredentials": {"credentialsParameter": f"{place}registry-x9Y8z7"}
        },
    )
    repository = Repository.from_repository_name(stack, "Repository", "acme/align")
    fragment(stack, job_options=options, image=repository)
    sources = json.dumps(template(stack))
    assert "ecr:GetAuthorizationToken" in sources
    assert ":repository/acme/align" in sources
    [policy] = [
        one["Properties"]["PolicyDocument"]["Statement"]
        for one in template(stack)["Resources"].values()
        if one["Type"] == "AWS::IAM::Policy"
    ]
    allowed = [
        resource
        for statement in policy
        if "secretsmanager:GetSecretValue" in statement["Action"]
        for resource in [statement["Resource"]]
    ]
    flat = [item for one in allowed for item in (one if isinstance(one, list) else [one])]
    assert {one.removeprefix(place) for one in flat if isinstance(one, str)} == {
        *("whole-aB3dE6", "db-secret", "db-secret-??????", "splunk-a1B2c3", "registry-x9Y8z7")
    }
    assert [one for one in flat if isinstance(one, dict)]
    assert ":parameter/app/name" in sources
    assert [
        one
        for one in read_annotations(sandbox.app.synth().directory)
        if "may not be allowed to read" in one.text
    ] == []


def test_roles_get_what_the_options_need() -> None:
    sandbox = Sandbox(ENV)
    fragment(sandbox.stack, job_options=everything(sandbox.stack)).to_state_machine("machine")
    policies = [
        json.dumps(one["Properties"]["PolicyDocument"])
        for one in template(sandbox.stack)["Resources"].values()
        if one["Type"] == "AWS::IAM::Policy"
    ]
    [execution] = [one for one in policies if "secretsmanager:GetSecretValue" in one]
    assert "ssm:GetParameter" in execution
    assert "logs:PutLogEvents" in execution
    [machine] = [one for one in policies if "batch:SubmitJob" in one]
    assert "batch:TagResource" in machine
    assert "iam:PassRole" in machine
