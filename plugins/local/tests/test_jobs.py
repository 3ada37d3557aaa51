"""Batch jobs as processes: through the Batch API, as anything else would use it."""

from __future__ import annotations

import json
import os
import sys
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import moto.batch.models as batch_models
import pytest
from botocore.exceptions import ClientError
from tests.batch_jobs import define, record, run, submit, wait_for
from tests.proofs import long_proof

from sfn_fragments_local import (
    Engine,
    ExecutionFailedError,
    ExecutionResult,
    JobRequest,
)
from sfn_fragments_local.known_secrets import known_secrets

PYTHON = sys.executable

#: What ECS reads secrets by.
ROLE = {"executionRoleArn": "arn:aws:iam::123456789012:role/pulls"}


def describe(engine: Engine, job_id: str) -> dict[str, Any]:
    (job,) = engine.client("batch").describe_jobs(jobs=[job_id])["jobs"]
    return dict(job)


def test_a_job_runs_and_is_described(sfn_engine: Engine) -> None:
    job = run(sfn_engine, ["sh", "-c", "echo out; echo err >&2"])
    assert (job.status, job.exit_code, job.runner) == ("SUCCEEDED", 0, "command")
    assert job.output == "out\nerr\n"
    described = describe(sfn_engine, job.id)
    assert described["status"] == "SUCCEEDED"
    assert described["container"]["exitCode"] == 0
    assert described["startedAt"] <= described["stoppedAt"]
    assert len(described["attempts"]) == 1
    logged = sfn_engine.client("logs").get_log_events(
        logGroupName="/aws/batch/job", logStreamName=described["container"]["logStreamName"]
    )
    assert [event["message"] for event in logged["events"]] == ["out", "err"]


def test_the_definition_says_which_log_it_is(sfn_engine: Engine) -> None:
    options = {"awslogs-group": "/dev-x/jobs", "awslogs-stream-prefix": "align"}
    job = run(
        sfn_engine,
        ["echo", "out"],
        logConfiguration={"logDriver": "awslogs", "options": options},
    )
    stream = describe(sfn_engine, job.id)["container"]["logStreamName"]
    assert stream == f"align/default/{job.id}"
    logged = sfn_engine.client("logs").get_log_events(
        logGroupName="/dev-x/jobs", logStreamName=stream
    )
    assert [event["message"] for event in logged["events"]] == ["out"]


def test_a_failing_job_keeps_its_exit_code_and_output(sfn_engine: Engine) -> None:
    job = run(sfn_engine, ["sh", "-c", "echo no luck; exit 3"])
    assert (job.status, job.exit_code) == ("FAILED", 3)
    assert job.output == "no luck\n"
    assert describe(sfn_engine, job.id)["statusReason"] == "Essential container in task exited"


def test_a_command_that_does_not_exist(sfn_engine: Engine) -> None:
    job = run(sfn_engine, ["/no/such/program", "x"])
    assert job.status == "FAILED"
    assert "'/no/such/program x' does not start" in str(job.reason)


def test_a_job_without_a_command(sfn_engine: Engine) -> None:
    job = run(sfn_engine, [])
    assert job.status == "FAILED"
    assert "give the job definition a command" in str(job.reason)


def test_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "mine")
    monkeypatch.setenv("SECRET", "of the user")
    with Engine() as engine:
        definition = define(
            engine,
            ["env"],
            environment=[
                {"name": "A", "value": "definition"},
                {"name": "B", "value": "definition"},
                {"name": "AWS_ENDPOINT_URL_S3", "value": "https://s3.example.com"},
            ],
        )
        overrides = {"environment": [{"name": "B", "value": "override"}]}
        job = wait_for(engine, submit(engine, definition, containerOverrides=overrides))
        described = describe(engine, job.id)["container"]["environment"]
    seen = dict(line.split("=", 1) for line in job.output.splitlines())
    assert seen["A"] == "definition"
    assert seen["B"] == "override"
    assert seen["AWS_BATCH_JOB_ID"] == job.id
    assert seen["AWS_BATCH_JQ_NAME"] == "queue"
    assert seen["AWS_BATCH_JOB_ATTEMPT"] == "1"
    assert seen["AWS_ENDPOINT_URL"] == engine.endpoint_url
    assert seen["AWS_BATCH_CE_NAME"] == "local"
    assert seen["HOME"] != os.environ["HOME"]
    # Nothing of the user's but where the programs of the image are.
    of_batch = {name for name in seen if name.startswith("AWS_BATCH_")}
    assert set(seen) - of_batch <= {
        *("A", "B", "HOME", "TMPDIR", "PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "PYTHONUSERBASE"),
        *("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"),
    }
    assert {"name": "B", "value": "override"} in described
    assert [one["name"] for one in described].count("AWS_BATCH_JOB_ID") == 1


def test_parameters_and_overrides_of_the_command(sfn_engine: Engine) -> None:
    definition = define(
        sfn_engine, ["echo", "Ref::what", "Ref::other"], parameters={"what": "a", "other": "b"}
    )
    job = wait_for(sfn_engine, submit(sfn_engine, definition, parameters={"what": "c"}))
    assert job.output == "c b\n"
    overridden = {"command": ["echo", "instead"]}
    job = wait_for(sfn_engine, submit(sfn_engine, definition, containerOverrides=overridden))
    assert job.output == "instead\n"
    assert describe(sfn_engine, job.id)["container"]["command"] == ["echo", "instead"]


def test_overridden_resources_are_described(sfn_engine: Engine) -> None:
    memory = {"resourceRequirements": [{"type": "MEMORY", "value": "1024"}]}
    job_id = submit(sfn_engine, define(sfn_engine, ["true"]), containerOverrides=memory)
    wait_for(sfn_engine, job_id)
    requirements = describe(sfn_engine, job_id)["container"]["resourceRequirements"]
    assert {one["type"]: one["value"] for one in requirements} == {"VCPU": "1", "MEMORY": "1024"}


def test_terminate_kills_the_process_and_its_children(sfn_engine: Engine) -> None:
    marker = uuid.uuid4().hex
    script = f"sh -c 'sleep 60; : {marker}' & wait"
    job_id = submit(sfn_engine, define(sfn_engine, ["sh", "-c", script]))
    await_processes(marker, present=True)
    sfn_engine.client("batch").terminate_job(jobId=job_id, reason="enough")
    job = wait_for(sfn_engine, job_id)
    assert (job.status, job.reason) == ("FAILED", "enough")
    await_processes(marker, present=False)


def await_processes(marker: str, *, present: bool) -> None:
    """Wait until there is a process, or none, with a text in its command line."""
    ends = time.monotonic() + 30
    while time.monotonic() < ends:
        found = []
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            with suppress(OSError):
                if marker in path.read_text(errors="replace"):
                    found.append(path.parent.name)
        if bool(found) == present:
            return
        time.sleep(0.02)
    raise AssertionError(f"processes with {marker}: {found}")


@long_proof
def test_a_job_that_ignores_the_signal_is_killed_at_close() -> None:
    marker = uuid.uuid4().hex
    script = (
        "import signal, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "print('ready', flush=True)\n"
        f"time.sleep(60) # {marker}\n"
    )
    with Engine() as engine:
        job_id = submit(engine, define(engine, [PYTHON, "-c", script]))
        while "ready" not in record(engine, job_id).output:
            time.sleep(0.02)
    await_processes(marker, present=False)


def test_what_a_job_leaves_running_ends_with_it(sfn_engine: Engine) -> None:
    marker = uuid.uuid4().hex
    script = f"setsid sh -c 'sleep 60; : {marker}' & sleep 0.2; echo done"
    job = run(sfn_engine, ["sh", "-c", script])
    assert (job.status, job.output) == ("SUCCEEDED", "done\n")
    await_processes(marker, present=False)


def test_a_timeout_kills() -> None:
    with Engine(job_timeout_scale=0.01) as engine:
        job = run(engine, ["sleep", "60"], timeout={"attemptDurationSeconds": 60})
    assert (job.status, job.reason) == ("FAILED", "Job attempt duration exceeded timeout")


def test_a_timeout_below_a_minute_is_refused(sfn_engine: Engine) -> None:
    timeout = {"attemptDurationSeconds": 59}
    with pytest.raises(ClientError, match=r"ClientException.*at least 60 seconds, not 59"):
        define(sfn_engine, ["true"], timeout=timeout)
    definition = define(sfn_engine, ["true"])
    with pytest.raises(ClientError, match=r"ClientException.*at least 60 seconds, not 59"):
        submit(sfn_engine, definition, timeout=timeout)
    assert sfn_engine.jobs == []


def counting(succeeds_at: int) -> list[str]:
    return ["sh", "-c", f"test $AWS_BATCH_JOB_ATTEMPT -ge {succeeds_at} || exit 7"]


def test_retries_until_the_attempts_are_used(sfn_engine: Engine) -> None:
    job = run(sfn_engine, counting(succeeds_at=3), retryStrategy={"attempts": 3})
    assert [bool(attempt.exit_code) for attempt in job.attempts] == [True, True, False]
    assert job.status == "SUCCEEDED"
    attempts = describe(sfn_engine, job.id)["attempts"]
    assert [attempt["container"]["exitCode"] for attempt in attempts] == [7, 7, 0]


def test_the_retry_strategy_of_the_submission_wins(sfn_engine: Engine) -> None:
    definition = define(sfn_engine, counting(succeeds_at=3))
    job_id = submit(sfn_engine, definition, retryStrategy={"attempts": 2})
    assert wait_for(sfn_engine, job_id).status == "FAILED"
    assert len(describe(sfn_engine, job_id)["attempts"]) == 2


@pytest.mark.parametrize(("pattern", "attempts"), [("7*", 1), ("8", 3)])
def test_retry_rules(sfn_engine: Engine, pattern: str, attempts: int) -> None:
    rules = [
        {"onExitCode": pattern, "action": "EXIT"},
        {"onReason": "*", "action": "RETRY"},
    ]
    job = run(
        sfn_engine,
        counting(succeeds_at=3),
        retryStrategy={"attempts": 3, "evaluateOnExit": rules},
    )
    assert len(describe(sfn_engine, job.id)["attempts"]) == attempts


def test_jobs_beyond_the_limit_wait(tmp_path: Path) -> None:
    go = tmp_path / "go"
    with Engine(max_jobs=1, image_paths=[tmp_path]) as engine:
        definition = define(engine, ["sh", "-c", f"until test -e {go}; do sleep 0.05; done"])
        first = submit(engine, definition)
        wait_for(engine, first, "RUNNING")
        second, third = submit(engine, definition), submit(engine, definition)
        wait_for(engine, second, "RUNNABLE")
        wait_for(engine, third, "RUNNABLE")
        engine.client("batch").terminate_job(jobId=third, reason="not needed")
        assert wait_for(engine, third).reason == "not needed"
        assert record(engine, second).status == "RUNNABLE"
        go.touch()
        assert wait_for(engine, first).status == "SUCCEEDED"
        assert wait_for(engine, second).status == "SUCCEEDED"


def test_an_array_job(sfn_engine: Engine) -> None:
    definition = define(sfn_engine, ["sh", "-c", "exit $AWS_BATCH_JOB_ARRAY_INDEX"])
    job_id = submit(sfn_engine, definition, arrayProperties={"size": 2})
    codes = [wait_for(sfn_engine, f"{job_id}:{index}").exit_code for index in (0, 1)]
    assert codes == [0, 1]
    assert describe(sfn_engine, job_id)["status"] == "FAILED"


def test_the_children_of_an_array_are_in_the_result(sfn_engine: Engine) -> None:
    sfn_engine.create_job_queue("queue")
    script = (
        "test $AWS_BATCH_JOB_ARRAY_INDEX -lt 2 || "
        "{ echo third of $AWS_BATCH_JOB_ARRAY_SIZE; exit 9; }"
    )
    definition = define(sfn_engine, ["sh", "-c", script])
    result = execute(
        sfn_engine, {"JobDefinition": definition, "ArrayProperties": {"Size": 3}}, sync=True
    )
    assert result.status == "FAILED"
    statuses = [(job.id.partition(":")[2], job.status) for job in result.jobs]
    assert statuses == [("", "FAILED"), ("0", "SUCCEEDED"), ("1", "SUCCEEDED"), ("2", "FAILED")]
    with pytest.raises(ExecutionFailedError, match=r"exit code 9(.|\n)*third of 3"):
        result.raise_for_status()


def execute(engine: Engine, parameters: dict[str, Any], *, sync: bool = False) -> ExecutionResult:
    """Submit a job by a state machine."""
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::batch:submitJob" + (".sync" if sync else ""),
        "Parameters": {"JobName": "job", "JobQueue": "queue", **parameters},
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}],
        "End": True,
    }
    definition = {"StartAt": "Submit", "States": {"Submit": state, "Caught": {"Type": "Fail"}}}
    if sync:
        del state["Catch"]
    arn = engine.client("stepfunctions").create_state_machine(
        name="submit",
        definition=json.dumps(definition),
        roleArn="arn:aws:iam::123456789012:role/any",
    )["stateMachineArn"]
    return engine.execute({}, arn)


@pytest.mark.parametrize(
    ("parameters", "problem"),
    [
        (
            {"ContainerOverrides": {"Environment": [{"Name": "A", "Value": 3}]}},
            "The value for the field 'Value' must be a STRING",
        ),
        ({"Parameters": {"days": 3}}, "The value for the field 'days' must be a STRING"),
        (
            {"ContainerOverrides": {"ResourceRequirements": [{"Type": "VCPU", "Value": 1}]}},
            "The value for the field 'Value' must be a STRING",
        ),
        ({"ArrayProperties": {"Size": "2"}}, "The value for the field 'Size' must be an INTEGER"),
    ],
)
def test_batch_converts_no_types(
    sfn_engine: Engine, parameters: dict[str, Any], problem: str
) -> None:
    sfn_engine.create_job_queue("queue")
    definition = define(sfn_engine, ["true"])
    result = execute(sfn_engine, {"JobDefinition": definition, **parameters})
    assert (result.status, result.error) == ("FAILED", "States.Runtime")
    assert f"could not be used to start the Task: [{problem}]" in str(result.cause)
    assert sfn_engine.jobs == []


@pytest.mark.parametrize(("length", "status"), [(8_000, "SUCCEEDED"), (8_200, "FAILED")])
def test_long_overrides_fail_the_job(sfn_engine: Engine, length: int, status: str) -> None:
    overrides = {"environment": [{"name": "A", "value": "x" * length}]}
    job_id = submit(sfn_engine, define(sfn_engine, ["true"]), containerOverrides=overrides)
    job = wait_for(sfn_engine, job_id)
    assert job.status == status
    if status == "FAILED":
        assert job.reason == "Container Overrides length must be at most 8192"


def test_secrets(sfn_engine: Engine) -> None:
    create = sfn_engine.client("secretsmanager").create_secret
    arn = create(Name="login", SecretString='{"user": "me", "uid": 7}')["ARN"]
    ssm = sfn_engine.client("ssm")
    ssm.put_parameter(Name="/app/url", Value="u", Type="String")
    ssm.put_parameter(Name="plain", Value="p", Type="SecureString")
    sources = {
        "ALL": arn,
        "USER_NAME": f"{arn}:user::",
        "USER_ID": f"{arn}:uid:AWSCURRENT:",
        "URL": "arn:aws:ssm:us-east-1:123456789012:parameter/app/url",
        "PATH_URL": "/app/url",
        "PLAIN": "arn:aws:ssm:us-east-1:123456789012:parameter/plain",
    }
    secrets = [{"name": name, "valueFrom": source} for name, source in sources.items()]
    job = run(
        sfn_engine,
        ["sh", "-c", f"echo {' '.join('$' + name for name in sources)}"],
        secrets=secrets,
        **ROLE,
    )
    assert job.output == '{"user": "me", "uid": 7} me 7 u u p\n'
    secret = known_secrets(sfn_engine.account, sfn_engine.region)
    assert secret >= {'{"user": "me", "uid": 7}', "me", "7", "p"}
    assert "u" not in secret
    assert job.secrets == sources
    for text, reason in (
        ("plain", "is no JSON object"),
        ("[]", "is no JSON object"),
        ("{}", "'k'"),
    ):
        other = create(Name=f"secret {text}", SecretString=text)["ARN"]
        job = run(sfn_engine, [], secrets=[{"name": "A", "valueFrom": f"{other}:k::"}], **ROLE)
        assert reason in str(job.reason)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("arn:aws:secretsmanager:us-east-1:123456789012:secret:none-AbCdEf", "can't find"),
        ("arn:aws:ssm:us-east-1:123456789012:parameter/none", "there is no such parameter"),
        ("none", "there is no such parameter"),
    ],
)
def test_a_missing_secret_is_named(sfn_engine: Engine, source: str, reason: str) -> None:
    job = run(sfn_engine, ["true"], secrets=[{"name": "LOGIN", "valueFrom": source}], **ROLE)
    assert job.status == "FAILED"
    assert f"secret 'LOGIN' from {source!r}: " in str(job.reason)
    assert reason in str(job.reason)


def test_a_job_waits_for_the_one_it_depends_on(sfn_engine: Engine) -> None:
    definition = define(sfn_engine, ["sh", "-c", "sleep 0.2; exit 1"])
    first = submit(sfn_engine, definition)
    second = submit(sfn_engine, definition, dependsOn=[{"jobId": first}])
    assert wait_for(sfn_engine, second).status == "FAILED"
    assert record(sfn_engine, second).started is None


@pytest.mark.parametrize("what", ["jobQueue", "jobDefinition"])
def test_unknown_names_are_refused(sfn_engine: Engine, what: str) -> None:
    sfn_engine.create_job_queue("queue")
    arguments = {"jobQueue": "queue", "jobDefinition": define(sfn_engine, ["true"])}
    with pytest.raises(ClientError, match="does not exist"):
        sfn_engine.client("batch").submit_job(jobName="job", **{**arguments, what: "unknown"})


def test_an_inactive_definition_is_refused(sfn_engine: Engine) -> None:
    definition = define(sfn_engine, ["true"])
    sfn_engine.client("batch").deregister_job_definition(jobDefinition=definition)
    with pytest.raises(ClientError, match="is not ACTIVE"):
        submit(sfn_engine, definition)
    assert sfn_engine.job_definitions() == []
    assert len(sfn_engine.job_definitions(status="INACTIVE")) == 1


def test_only_the_end_of_long_output_is_kept(sfn_engine: Engine) -> None:
    script = "print('start'); [print('x' * 99) for _ in range(2000)]; print('end')"
    job = run(sfn_engine, [PYTHON, "-c", script])
    assert job.output.endswith("end\n")
    assert len(job.output) == 64 * 1024


def test_an_own_runner_comes_first() -> None:
    class Echo:
        name = "echo"

        def accepts(self, job: JobRequest) -> bool:
            return job.image == "image"

        def command(self, job: JobRequest) -> list[str]:
            return ["echo", "ran", *job.command]

    with Engine(runners=[Echo()]) as engine:
        job = run(engine, ["false"])
        assert (job.runner, job.output) == ("echo", "ran false\n")


class Failing:
    """A runner that does what it is told."""

    name = "failing"

    def __init__(self, accepts: Any, command: Any) -> None:
        self._accepts, self._command = accepts, command

    def accepts(self, job: JobRequest) -> bool:
        return bool(self._accepts())

    def command(self, job: JobRequest) -> list[str]:
        result: list[str] = self._command()
        return result


def raises(error: BaseException) -> Any:
    def raising() -> None:
        raise error

    return raising


@pytest.mark.parametrize(
    ("accepts", "command", "reason"),
    [
        (raises(KeyError("gpu")), list, "raised in accepts(): KeyError: 'gpu' ("),
        (lambda: True, raises(ZeroDivisionError()), "raised in command(): ZeroDivisionError ("),
        (lambda: True, lambda: None, "gives [None] for a command; it has to be a list of texts"),
        (lambda: True, lambda: ["a", 3], "gives ['a', 3] for a command"),
        (lambda: True, list, "gives [[]] for a command"),
        (raises(SystemExit(3)), list, "SystemExit: 3 ("),
    ],
)
def test_what_a_runner_raises_ends_the_job(accepts: Any, command: Any, reason: str) -> None:
    with Engine(runners=[Failing(accepts, command)]) as engine:
        engine.create_job_queue("queue")
        definition = define(engine, ["true"])
        result = execute(engine, {"JobDefinition": definition}, sync=True)
    assert result.status == "FAILED"
    told = str(result.jobs[0].reason)
    assert reason in told
    if "raised" in reason:
        assert "runner 'failing' of " in told
        assert "test_jobs.py, line " in told


def test_a_timeout_that_is_a_text() -> None:
    with Engine(job_timeout_scale=0.01) as engine:
        arn = define(engine, ["sleep", "60"], timeout={"attemptDurationSeconds": 60})
        backend: Any = batch_models.batch_backends[engine.account][engine.region]
        backend._job_definitions[arn].timeout = {"attemptDurationSeconds": "60"}
        job = wait_for(engine, submit(engine, arn))
        backend._job_definitions[arn].timeout = {"attemptDurationSeconds": "soon"}
        other = wait_for(engine, submit(engine, arn))
    assert job.reason == "Job attempt duration exceeded timeout"
    assert "ValueError: could not convert string to float: 'soon'" in str(other.reason)


def test_a_dependency_that_is_not_there(sfn_engine: Engine) -> None:
    job_id = submit(sfn_engine, define(sfn_engine, ["true"]), dependsOn=[{"jobId": "none"}])
    job = wait_for(sfn_engine, job_id)
    assert job.status == "FAILED"
    assert "depends on job 'none', which there is not" in str(job.reason)


def test_arrays_wait_as_batch_has_it(sfn_engine: Engine) -> None:
    batch = sfn_engine.client("batch")
    shared = define(sfn_engine, ["sh", "-c", "exit $(( AWS_BATCH_JOB_ARRAY_INDEX == 1 ))"])
    first = submit(
        sfn_engine, shared, arrayProperties={"size": 3}, dependsOn=[{"type": "SEQUENTIAL"}]
    )
    second = submit(
        sfn_engine,
        define(sfn_engine, ["true"]),
        arrayProperties={"size": 3},
        dependsOn=[{"jobId": first, "type": "N_TO_N"}],
    )
    last = submit(sfn_engine, shared, dependsOn=[{"jobId": second}])
    # Nobody has to look at an array for it to end.
    wait_for(sfn_engine, last)
    told = {
        job["jobId"]: (job["status"], job.get("statusReason"))
        for job in batch.describe_jobs(
            jobs=[first, second, last, *(f"{one}:{n}" for one in (first, second) for n in range(3))]
        )["jobs"]
    }
    ended, failed = "Essential container in task exited", "Dependent Job failed"
    assert told == {
        first: ("FAILED", "Array Child Job failed"),
        f"{first}:0": ("SUCCEEDED", ended),
        f"{first}:1": ("FAILED", ended),
        f"{first}:2": ("FAILED", failed),
        second: ("FAILED", "Array Child Job failed"),
        f"{second}:0": ("SUCCEEDED", ended),
        f"{second}:1": ("FAILED", failed),
        f"{second}:2": ("FAILED", failed),
        last: ("FAILED", failed),
    }
    for size, dependency, problem in (
        (None, {"type": "SEQUENTIAL"}, "SEQUENTIAL is only supported for array jobs"),
        (2, {"jobId": first, "type": "N_TO_N"}, "array jobs of one size, not 2 and 3"),
        (None, {}, "jobId must be specified"),
    ):
        array: dict[str, Any] = {} if size is None else {"arrayProperties": {"size": size}}
        with pytest.raises(ClientError, match=problem):
            submit(sfn_engine, shared, dependsOn=[dependency], **array)


def test_what_stands_for_an_array_is_pending_while_the_others_run(sfn_engine: Engine) -> None:
    batch = sfn_engine.client("batch")
    arn = define(sfn_engine, ["sleep", "60"])
    job_id = submit(sfn_engine, arn, arrayProperties={"size": 2})
    wait_for(sfn_engine, f"{job_id}:0", "RUNNING")
    listed = batch.list_jobs(jobQueue="queue", filters=[{"name": "JOB_NAME", "values": ["job"]}])
    statuses = {one["jobId"]: one["status"] for one in listed["jobSummaryList"]}
    assert statuses[job_id] == "PENDING"
    batch.terminate_job(jobId=job_id, reason="enough")
    assert wait_for(sfn_engine, f"{job_id}:1").reason == "enough"
    assert record(sfn_engine, job_id).status == "FAILED"


FARGATE = {"platformCapabilities": ["FARGATE"]}
VCPU = [{"type": "VCPU", "value": "1"}]
MEMORY = {"type": "MEMORY", "value": "2048"}


@pytest.mark.parametrize(
    ("definition", "container", "problem"),
    [
        (FARGATE, {}, "executionRoleArn must be specified for jobs on FARGATE"),
        (
            FARGATE,
            {**ROLE, "ulimits": [{"name": "nofile", "softLimit": 1, "hardLimit": 1}]},
            "ulimits must not be specified for jobs on FARGATE",
        ),
        (
            FARGATE,
            {**ROLE, "privileged": True, "linuxParameters": {"sharedMemorySize": 64}},
            "sharedMemorySize, privileged must not be specified for jobs on FARGATE",
        ),
        (FARGATE, {**ROLE, "ephemeralStorage": {"sizeInGiB": 20}}, "between 21 and 200, not 20"),
        (
            {},
            {"networkConfiguration": {"assignPublicIp": "ENABLED"}},
            "networkConfiguration must not be specified for jobs on EC2",
        ),
        ({"retryStrategy": {"attempts": 11}}, {}, "attempts must be between 1 and 10, not 11"),
        (
            {"retryStrategy": {"evaluateOnExit": [{"action": "EXIT", "onExitCode": "1"}]}},
            {},
            "attempts must be specified with evaluateOnExit",
        ),
        (
            {
                "retryStrategy": {
                    "attempts": 2,
                    "evaluateOnExit": [{"action": "EXIT", "onExitCode": "1"}] * 6,
                }
            },
            {},
            "at most 5 conditions, not 6",
        ),
        (
            {
                "retryStrategy": {
                    "attempts": 2,
                    "evaluateOnExit": [{"action": "EXIT", "onReason": "a*b"}],
                }
            },
            {},
            r"onReason 'a\*b' is not valid",
        ),
        (
            FARGATE,
            {**ROLE, "resourceRequirements": [*VCPU, {"type": "MEMORY", "value": "4000"}]},
            r"Fargate resource requirements \(1.00 vCPU, 4000 MiB\) not valid.",
        ),
        (FARGATE, {**ROLE, "logConfiguration": {"logDriver": "fluentd"}}, "not fluentd"),
        ({"platformCapabilities": ["ec2"]}, {}, "ec2 is none of EC2, FARGATE"),
        (
            {},
            {"resourceRequirements": [MEMORY, {"type": "VCPU", "value": "0.5"}]},
            "VCPU must be a whole number for jobs on EC2",
        ),
        ({}, {"ephemeralStorage": {"sizeInGiB": 30}}, "ephemeralStorage must not be specified"),
        ({}, {"linuxParameters": {"maxSwap": 1, "swappiness": 101}}, "between 0 and 100, not 101"),
        (
            {},
            {"environment": [{"name": "AWS_BATCH_X", "value": "1"}]},
            "must not start with AWS_BATCH",
        ),
        (
            {},
            {
                **ROLE,
                "environment": [{"name": "A", "value": "1"}],
                "secrets": [{"name": "A", "valueFrom": "a"}],
            },
            "The secret name must be unique .* such as 'A'",
        ),
        (
            {},
            {"secrets": [{"name": "A", "valueFrom": "a"}]},
            "you must also specify a value for 'executionRoleArn'",
        ),
        (
            {"ecsProperties": {"taskProperties": [{"containers": [{"image": "i"}]}]}},
            {},
            "ecsProperties: jobs of several containers are not run here",
        ),
    ],
)
def test_what_batch_refuses_of_a_definition(
    sfn_engine: Engine, definition: dict[str, Any], container: dict[str, Any], problem: str
) -> None:
    resources = [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "2048"}]
    with pytest.raises(ClientError, match=f"ClientException.*{problem}"):
        sfn_engine.client("batch").register_job_definition(
            jobDefinitionName="refused",
            type="container",
            containerProperties={"image": "img", "resourceRequirements": resources, **container},
            **definition,
        )


def test_what_batch_refuses_of_a_size_on_fargate(sfn_engine: Engine) -> None:
    batch = sfn_engine.client("batch")
    sfn_engine.create_job_queue("queue")
    definition = batch.register_job_definition(
        jobDefinitionName="sized",
        type="container",
        containerProperties={
            **ROLE,
            "image": "img",
            "command": ["true"],
            "resourceRequirements": [*VCPU, {"type": "MEMORY", "value": "2048"}],
        },
        **FARGATE,
    )["jobDefinitionArn"]
    for memory in ("4000", "16384"):
        told = rf"Fargate resource requirements \(1.00 vCPU, {memory} MiB\) not valid."
        resources = [{"type": "MEMORY", "value": memory}]
        with pytest.raises(ClientError, match=told):
            batch.submit_job(
                jobName="job",
                jobQueue="queue",
                jobDefinition=definition,
                containerOverrides={"resourceRequirements": resources},
            )


def test_multi_node_jobs_are_refused_by_name(sfn_engine: Engine) -> None:
    batch = sfn_engine.client("batch")
    sfn_engine.create_job_queue("queue")
    arn = batch.register_job_definition(
        jobDefinitionName="nodes",
        type="multinode",
        nodeProperties={"numNodes": 2, "mainNode": 0, "nodeRangeProperties": []},
    )["jobDefinitionArn"]
    with pytest.raises(ClientError, match="multi-node parallel jobs are not run here"):
        batch.submit_job(jobName="job", jobQueue="queue", jobDefinition=arn)


def test_definitions_are_registered_side_by_side(sfn_engine: Engine) -> None:
    batch = sfn_engine.client("batch")
    properties = {"image": "i", "command": ["true"], "vcpus": 1, "memory": 8}

    def register(thread: int) -> list[int]:
        made = [
            batch.register_job_definition(
                jobDefinitionName=name, type="container", containerProperties=properties
            )
            for each in range(20)
            for name in ("shared", f"own-{thread}-{each}")
        ]
        return [one["revision"] for one in made if one["jobDefinitionName"] == "shared"]

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as threads:
            revisions = [each for found in threads.map(register, range(4)) for each in found]
    finally:
        sys.setswitchinterval(interval)
    assert sorted(revisions) == [*range(1, 81)]


def test_names_of_jobs(sfn_engine: Engine) -> None:
    batch = sfn_engine.client("batch")
    sfn_engine.create_job_queue("queue")
    batch.register_job_definition(
        jobDefinitionName="names",
        type="container",
        containerProperties={"image": "i", "command": ["true"], "vcpus": 1, "memory": 8},
    )
    for name in ("j", "J" * 128):
        batch.submit_job(jobName=name, jobQueue="queue", jobDefinition="names")
    for name in ("-j", "j.k", "j\n", "J" * 129):
        with pytest.raises(ClientError, match="Job name should match valid pattern"):
            batch.submit_job(jobName=name, jobQueue="queue", jobDefinition="names")
