"""What docs/operate tells an operator to type, typed at the engine after runs that failed."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
import uuid
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aibs_informatics_aws_lambda
import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template
from aws_cdk.aws_iam import Role, ServicePrincipal
from tests.batch_jobs import define, interrupt
from tests.docs.apps import app
from tests.docs.shell import Shell, unanswered
from tests.pages import DOCS, blocks, commands, seen
from tests.proofs import long_proof

from sfn_fragments import get_registry
from sfn_fragments.environment import EnvBase
from sfn_fragments_batch import JobOptions, SubmitJobFragment
from sfn_fragments_local import Engine
from sfn_fragments_local.engine import EngineError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

RUNBOOK = DOCS / "operate" / "runbook.md"

ENVIRONMENT = EnvBase("dev-imaging")
QUEUE, BUCKET = "dev-imaging-queue", "dev-imaging-scaffolding"
ACCOUNT = "us-east-1:123456789012"
#: Nothing is at its source.
SOURCELESS = {"source_path": "s3://source/plates/A1/", "destination_path": "s3://results/A1/"}
EXECUTION = f"arn:aws:states:{ACCOUNT}:execution:dev-imaging-{{}}:nightly-7"

#: Where the runbook tells to set EXECUTION to another one: what is typed next, and the machine.
OTHERS = {"TaskSubmitted": "outer", "list-map-runs": "plates", "list-jobs": "sync"}

#: A part of a command, and what has to be seen.
SHOWN = {
    "status-filter FAILED --max-items": EXECUTION.format("sync"),
    "[status,error,cause]": "FAILED\tStates.TaskFailed\t{",
    "sfn-fragments report": "FAILED",
    "container.exitCode": "Essential container in task exited",
    "get-log-events": "s3://source/plates/A1/",
    "s3 cp $REQUEST": "s3://source/plates/A1/",
    "TaskSubmitted": ":execution:dev-imaging-plates:",
    "itemCounts": "FAILED",
    "list-jobs": "dev-imaging-data-sync-",
    "redriveStatus": "",
    "redrive-execution": "redriveDate",
    "status-filter RUNNING": "[",
    "start-execution": "executionArn",
}

_BATCH = "arn:aws:states:::batch:submitJob.sync"
_CHILD = {"StartAt": "Bad", "States": {"Bad": {"Type": "Fail", "Error": "Bad", "Cause": "plate"}}}
_PLATES: dict[str, Any] = {
    "StartAt": "Each",
    "States": {
        "Each": {
            "Type": "Map",
            "ItemsPath": "$.plates",
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                **_CHILD,
            },
            "End": True,
        }
    },
}


_OUTER = {
    "StartAt": "Start",
    "States": {
        "Start": {
            "Type": "Task",
            "Resource": "arn:aws:states:::states:startExecution.sync:2",
            "Parameters": {
                "StateMachineArn": f"arn:aws:states:{ACCOUNT}:stateMachine:dev-imaging-plates",
                "Input.$": "$",
            },
            "End": True,
        }
    },
}


def _alone(kind: str, **fields: Any) -> dict[str, Any]:
    return {"StartAt": "A", "States": {"A": {"Type": kind, **fields}}}


#: State machines of states that are no fragments.
OWN = {
    "plates": _PLATES,
    "outer": _OUTER,
    "late": {**_alone("Wait", Seconds=1000, End=True), "TimeoutSeconds": 1},
    "no-path": _alone("Pass", InputPath="$.plate", End=True),
    "large": _alone("Pass", QueryLanguage="JSONata", Output="{% [1..60000].('abcd') %}", End=True),
    "no-choice": {
        "StartAt": "A",
        "States": {
            "A": {
                "Type": "Choice",
                "Choices": [{"Variable": "$.plate", "IsNull": True, "Next": "B"}],
            },
            "B": {"Type": "Succeed"},
        },
    },
    "no-list": _alone(
        "Map",
        ItemReader={
            "Resource": "arn:aws:states:::s3:getObject",
            "ReaderConfig": {"InputType": "JSON"},
            "Parameters": {"Bucket": "source", "Key": "list.json"},
        },
        ItemProcessor=_PLATES["States"]["Each"]["ItemProcessor"],
        End=True,
    ),
    "no-definition": _alone(
        "Task",
        Resource=_BATCH,
        Parameters={"JobName": "a", "JobDefinition": "deleted", "JobQueue": QUEUE},
        End=True,
    ),
    "slow": _alone(
        "Task",
        Resource=_BATCH,
        TimeoutSeconds=1,
        Parameters={"JobName": "a", "JobDefinition": "job", "JobQueue": QUEUE},
        End=True,
    ),
}


def _app() -> cdk.Stack:
    stack = cdk.Stack(cdk.App(), "Imaging")
    sync = get_registry().create(
        "data_sync.sync",
        stack,
        "Sync",
        env_base=ENVIRONMENT,
        aibs_informatics_docker_asset="handlers:1",
        batch_job_queue=QUEUE,
        scaffolding_bucket=BUCKET,
        deploy_job_definition=True,
        job_options=JobOptions(allow_override=["tags"]),
    )
    sync.to_state_machine("sync")
    role = Role(stack, "Jobs", assumed_by=ServicePrincipal("ecs-tasks.amazonaws.com"))
    for name, given in {
        "align": {"job_queue": "$.queue", "command": "$.command", "timeout": 60},
        "own": {"command": "$.command", "job_options": JobOptions(job_role=role)},
        "fixed": {"environment": {"TEXT": "$.text"}, "deploy_job_definition": True},
    }.items():
        settings: dict[str, Any] = {"job_queue": QUEUE, "image": "align:1", "memory": 512}
        SubmitJobFragment(
            stack, name, ENVIRONMENT, name=name, vcpus=1, **{**settings, **given}
        ).to_state_machine(name)
    return stack


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    """An engine on which a sync, a Map and a nested execution have failed."""
    stack = _app()
    with Engine(job_timeout_scale=0.01) as engine:
        engine.create_job_queue(QUEUE)
        for bucket in (BUCKET, "source", "results"):
            engine.create_bucket(bucket)
        engine.deploy(stack)
        states = engine.client("stepfunctions")
        for name, definition in OWN.items():
            states.create_state_machine(
                name=f"dev-imaging-{name}",
                definition=json.dumps(definition),
                roleArn=f"arn:aws:iam::123456789012:role/{name}",
            )
        running = [
            engine.start(SOURCELESS, "dev-imaging-sync", "nightly-7"),
            engine.start({"plates": [1, 2]}, "dev-imaging-plates", "nightly-7"),
            engine.start({"plates": [3]}, "dev-imaging-outer", "nightly-7"),
        ]
        assert [one.wait(60).status for one in running] == ["FAILED"] * 3
        yield engine


def _typed(page: Path, others: Mapping[str, str]) -> Iterator[str]:
    """The commands of a page, and the executions that it tells to set between them."""
    for block in (block for block in blocks(page) if block.language == "console"):
        for command in commands(block):
            for part, machine in others.items():
                if part in command.line:
                    yield f"EXECUTION={EXECUTION.format(machine)}"
            yield command.line


def test_the_runbook(engine: Engine, tmp_path: Path) -> None:
    shell, missing = Shell(engine, tmp_path), dict(SHOWN)
    for line in _typed(RUNBOOK, OTHERS):
        output = shell.type(line)
        for part, shown in SHOWN.items():
            if part in " ".join(line.replace("\\\n", " ").split()):
                assert shown in output, line
                missing.pop(part, None)
    assert missing == {}, "the page does not tell to type it"
    assert json.loads((tmp_path / "input.json").read_text())["source_path"].startswith("s3://")
    page = (tmp_path / "run.html").read_text("utf-8")
    assert "Submit job" in page


def _typed_here(engine: Engine, folder: Path, lines: Iterable[str]) -> str:
    shell = Shell(engine, folder)
    return "".join(map(shell.type, lines))


def _typed_with_the_cli(engine: Engine, folder: Path, lines: Iterable[str]) -> str:
    """What a shell prints, in which ``aws`` is the AWS CLI."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    uvx = shutil.which("uvx")
    assert uvx is not None
    aws = f'aws() {{ {uvx} --quiet --from awscli aws "$@"; }}'
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", "\n".join([aws, *lines])],
        cwd=folder,
        env={**os.environ, **engine.environment, "AWS_PAGER": "", "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@long_proof
def test_the_runbook_with_the_aws_cli(engine: Engine, tmp_path: Path) -> None:
    lines = [line for line in _typed(RUNBOOK, OTHERS) if not unanswered(line)]
    output = _typed_with_the_cli(engine, tmp_path, lines)
    for shown in SHOWN.values():
        assert shown in output


ERRORS = DOCS / "operate" / "errors.md"
CLEANING = DOCS / "operate" / "cleaning_up.md"
EXITED = "Essential container in task exited"

READ = "import boto3; boto3.client('s3', 'us-east-1').get_object(Bucket='source', Key='a')"

#: What is asked of a state machine, and the entries whose words are seen then.
FAILING: list[tuple[str, dict[str, Any], tuple[str, ...]]] = [
    ("align", {"queue": QUEUE, "command": ["sh", "-c", "exit 3"]}, ("States.TaskFailed", EXITED)),
    ("align", {"queue": QUEUE, "command": ["sh", "-c", "kill -KILL $$"]}, (EXITED,)),
    (
        "align",
        {"queue": QUEUE, "command": ["sleep", "60"]},
        ("Job attempt duration exceeded timeout",),
    ),
    ("align", {"queue": "dev-imaging-none", "command": []}, ("Batch.ClientException",)),
    ("align", {"queue": "dev-imaging-fair", "command": []}, ("Batch.ClientException",)),
    ("align", {"queue": "prod-other", "command": []}, ("Batch.AWSBatchException",)),
    ("align", {"queue": QUEUE}, ("States.QueryEvaluationError",)),
    (
        "fixed",
        {"text": "x" * 9000},
        ("Container Overrides length must be at most 8192",),
    ),
    ("own", {"command": ["python", "-c", READ]}, ("AccessDenied",)),
    (
        "own",
        {"command": ["python", "-c", "import boto3; boto3.client('batch')"]},
        ("NoRegionError",),
    ),
    ("sync", {"source_path": "s3://source/a/"}, ("Field required",)),
    ("sync", {**SOURCELESS, "mount_points": []}, ("States.QueryEvaluationError",)),
    (
        "sync",
        {**SOURCELESS, "job_options": {"timeout": 60}},
        ("States.QueryEvaluationError",),
    ),
    ("sync", {**SOURCELESS, "bucket_name": "dev-imaging-gone"}, ("S3.NoSuchBucketException",)),
    ("sync", {**SOURCELESS, "bucket_name": "prod-other"}, ("S3.S3Exception",)),
    ("late", {}, ("Status TIMED_OUT",)),
    ("no-path", {}, ("States.Runtime",)),
    ("large", {}, ("States.DataLimitExceeded",)),
    ("no-choice", {"plate": 1}, ("States.NoChoiceMatched",)),
    ("no-list", {}, ("States.ItemReaderFailed, States.ResultWriterFailed",)),
    ("no-definition", {}, ("Batch.ClientException",)),
    ("slow", {}, ("States.Timeout",)),
    ("plates", {"plates": [1]}, ("States.ExceedToleratedFailureThreshold",)),
]


@pytest.fixture(scope="module")
def told(engine: Engine) -> dict[str, str]:
    """What executions and their jobs said, by the entry of the page."""
    _create_fair_queue(engine)
    define(engine, ["sleep", "60"])
    running = [
        engine.start(asked, f"dev-imaging-{machine}", f"failing-{number}")
        for number, (machine, asked, _) in enumerate(FAILING)
    ]
    said: dict[str, str] = defaultdict(str)
    [first] = [job for job in engine.jobs if job.id == _first_job(engine)]
    said["FileNotFoundError"] = str(first.output)
    for execution, (_, _, entries) in zip(running, FAILING, strict=True):
        result = execution.wait(120)
        logs = [job.output or "" for job in result.jobs]
        text = [f"{result.status} {result.error} {result.cause}", *logs]
        for entry in entries:
            said[entry] += "\n".join([*text, ""])
    try:
        engine.start({"other": 1}, "dev-imaging-late", running[-8].name)
    except EngineError as error:
        said["ExecutionAlreadyExists"] = str(error)
    before = len(engine.jobs)
    interrupted = engine.start({"queue": QUEUE, "command": ["sleep", "60"]}, "dev-imaging-align")
    interrupt(engine, 5, after=before)
    said["Host EC2 (instance …) terminated."] = str(interrupted.wait(60).cause)
    return said


def _first_job(engine: Engine) -> str:
    """The id of the job of the sync whose source is missing."""
    history = engine.client("stepfunctions").get_execution_history(
        executionArn=EXECUTION.format("sync")
    )
    [*_, submitted] = [
        event["taskSubmittedEventDetails"]["output"]
        for event in history["events"]
        if event["type"] == "TaskSubmitted"
    ][:1]
    return str(json.loads(submitted)["JobId"])


def _create_fair_queue(engine: Engine) -> None:
    batch = engine.client("batch")
    [environment] = batch.describe_compute_environments()["computeEnvironments"]
    policy = batch.create_scheduling_policy(
        name="fair", fairsharePolicy={"shareDistribution": [{"shareIdentifier": "a"}]}
    )
    batch.create_job_queue(
        jobQueueName="dev-imaging-fair",
        schedulingPolicyArn=policy["arn"],
        priority=1,
        state="ENABLED",
        computeEnvironmentOrder=[
            {"order": 1, "computeEnvironment": environment["computeEnvironmentArn"]}
        ],
    )


def _entries() -> dict[str, list[str]]:
    """The entries of the page that are seen here: heading, and the words that it quotes."""
    found: dict[str, list[str]] = defaultdict(list)
    for section in re.split(r"^### ", ERRORS.read_text("utf-8"), flags=re.M)[1:]:
        title, _, body = re.split(r"^## ", section, flags=re.M)[0].partition("\n")
        title = title.replace("`", "")
        for part in re.split(r"^> ", body, flags=re.M):
            if re.search(r"\*Seen\s+here[.,]", part):
                quoted, stop, _ = part.partition("\n\n")
                found[title].append(quoted if stop and f"> {quoted}" in body else title)
    return dict(found)


def test_errors_stand_from_a_to_z() -> None:
    for section in re.split(r"^## ", ERRORS.read_text("utf-8"), flags=re.M):
        titles = re.findall(r"^### (.*)", section, flags=re.M)
        assert titles == sorted(titles, key=lambda title: re.sub("[^a-z0-9]", "", title.lower()))


def test_every_error_of_the_page_that_is_seen_here_is_seen(told: dict[str, str]) -> None:
    entries = _entries()
    assert entries.keys() == told.keys()
    for title, quotations in entries.items():
        for quoted in quotations:
            wanted = quoted.removeprefix("Status ").replace("…", "...").replace('"', "")
            assert seen(wanted, told[title].replace('"', "")), (title, quoted, told[title][:2000])


def test_errors_have_the_names_of_their_entries(told: dict[str, str]) -> None:
    for title, text in told.items():
        if "." in title.split(",")[0] and " " not in title.split(",")[0]:
            assert title.split(",")[0] in text


def test_what_handlers_log_is_in_their_code() -> None:
    """Entries of the log that no test makes handlers write."""
    text = ERRORS.read_text("utf-8")
    source = "".join(
        path.read_text("utf-8")
        for path in Path(next(iter(aibs_informatics_aws_lambda.__path__))).rglob("*.py")
    )
    for title in (
        "At least one … file system config is required",
        "Filters matched none of the … object(s)",
        "Include/exclude filters are not supported for local -> local sync",
        "Job definition name and volume names exceed the ECS/EFS mount path budget",
        "Must specify command for demand execution",
    ):
        assert f"### `{title}`" in text
        for part in title.split("…"):
            assert part in source


def test_what_the_page_tells_to_type(engine: Engine, tmp_path: Path) -> None:
    shell = Shell(engine, tmp_path)
    typed = [shell.type(line) for line in _typed(ERRORS, {})]
    assert ["VALID" in output for output in typed] == [False, True]


@pytest.mark.parametrize(
    "typed", [_typed_here, pytest.param(_typed_with_the_cli, marks=long_proof)]
)
def test_what_is_typed_to_clean_up(
    engine: Engine, tmp_path: Path, typed: Callable[[Engine, Path, Iterable[str]], str]
) -> None:
    s3, batch = engine.client("s3"), engine.client("batch")
    s3.create_multipart_upload(Bucket=BUCKET, Key="scratch/half")
    s3.put_object(Bucket=BUCKET, Key="scratch/nightly-7/more.json", Body=b"{}")
    left = batch.register_job_definition(
        jobDefinitionName=f"dev-imaging-align-{uuid.uuid4()}",
        type="container",
        containerProperties={
            "image": "align:1",
            "resourceRequirements": [
                {"type": "VCPU", "value": "1"},
                {"type": "MEMORY", "value": "512"},
            ],
        },
    )["jobDefinitionArn"]
    running = engine.start({"command": ["sleep", "500"]}, "dev-imaging-own")
    job = _running(engine)
    output = typed(engine, tmp_path, [f"JOB={job}", *_typed(CLEANING, {})])
    for shown in ("scratch/nightly-7/more.json", "scratch/half", "/aws/batch/job", job):
        assert shown in output
    definitions = batch.describe_job_definitions(jobDefinitions=[left])["jobDefinitions"]
    assert [one["status"] for one in definitions] == ["INACTIVE"]
    assert "Contents" not in s3.list_objects_v2(Bucket=BUCKET, Prefix="scratch/nightly-7/")
    assert "Its execution was stopped" in str(running.wait(60).cause)
    [group] = engine.client("logs").describe_log_groups(logGroupNamePrefix="/aws/batch/job")[
        "logGroups"
    ]
    assert group["retentionInDays"] == 30


def _running(engine: Engine) -> str:
    ends = time.monotonic() + 60
    while not (
        found := [
            job
            for job in engine.jobs
            if job.status == "RUNNING" and job.name.startswith("dev-imaging-own-")
        ]
    ):
        assert time.monotonic() < ends, engine.jobs
        time.sleep(0.05)
    return found[0].id


@pytest.mark.usefixtures("sfn_mounts")
def test_what_is_set_up_to_clean(engine: Engine) -> None:
    made = app(CLEANING)
    deployment = engine.deploy(made["stack"])
    folder = engine.file_system_folder(deployment.physical_id(made["files"].node.path))
    for name, days in (("scratch/old/a.tif", 8), ("scratch/new/a.tif", 6), ("other/a.tif", 99)):
        path = folder / name
        path.parent.mkdir(parents=True)
        path.write_text("pixels")
        os.utime(path, (time.time() - days * 24 * 3600,) * 2)
    template = Template.from_stack(made["stack"])
    [rule] = template.find_resources("AWS::Events::Rule").values()
    assert rule["Properties"]["ScheduleExpression"] == "cron(0 3 * * ? *)"
    [target] = engine.client("events").list_targets_by_rule(Rule="dev-imaging-clean")["Targets"]
    engine.execute(json.loads(target["Input"]), "dev-imaging-clean").raise_for_status()
    left = sorted(str(path.relative_to(folder)) for path in folder.rglob("*.tif"))
    assert left == ["other/a.tif", "scratch/new/a.tif"]
    assert (folder / "scratch" / "old").exists() is False
    [bucket] = template.find_resources("AWS::S3::Bucket").values()
    [lifecycle] = bucket["Properties"]["LifecycleConfiguration"]["Rules"]
    assert lifecycle["ExpirationInDays"] == 14
    assert lifecycle["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"] == 2
