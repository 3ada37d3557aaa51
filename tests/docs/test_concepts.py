"""What docs/concepts says of names, of the life of a run and of values, looked at on the engine."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template
from tests.docs.shell import Shell
from tests.pages import DOCS, blocks, commands

from sfn_fragments.environment import EnvBase
from sfn_fragments_local import Engine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sfn_fragments_local import ExecutionResult, JobRecord, JobRequest

CONCEPTS = DOCS / "concepts"
QUEUE, BUCKET = "dev-imaging-queue", "dev-imaging-scaffolding"
ALIGN = {"image": "align:1", "handler": "align.run", "payload": {}}
SYNC = {"source_path": "s3://plates/A1/", "destination_path": "s3://results/A1/"}


def code(page: Path, **given: Any) -> dict[str, Any]:
    """Run the Python of a page; returns the names that it makes."""
    for block in blocks(page):
        if block.language == "python":
            exec(compile(block.text, f"{page.name}:{block.line}", "exec"), given)
    return given


class Aligner:
    """Runs the jobs of the image of the page on values, which there is none of."""

    name = "aligner"

    def accepts(self, job: JobRequest) -> bool:
        return job.image == "align:1"

    def command(self, job: JobRequest) -> list[str]:
        return ["true"]


@pytest.fixture(scope="module")
def app() -> dict[str, Any]:
    """The app of the page on fragments, with the fragment of the page on values."""
    made = code(CONCEPTS / "fragment.md")
    code(CONCEPTS / "values.md", stack=made["stack"], env_base=EnvBase("dev-imaging"))
    return made


@pytest.fixture(scope="module")
def engine(app: dict[str, Any]) -> Iterator[Engine]:
    with Engine(runners=[Aligner()]) as engine:
        engine.create_job_queue(QUEUE)
        for bucket in (BUCKET, "plates", "results"):
            engine.create_bucket(bucket)
        engine.client("s3").put_object(Bucket="plates", Key="A1/well.tif", Body=b"pixels")
        engine.deploy(app["stack"])
        yield engine


@pytest.fixture(scope="module")
def run(engine: Engine) -> ExecutionResult:
    return engine.execute(SYNC, "dev-imaging-sync", "nightly-7").raise_for_status()


def labels(result: ExecutionResult) -> list[str]:
    return [state.name.rpartition(": ")[2] for state in result.states]


def test_the_life_of_a_run(engine: Engine, run: ExecutionResult) -> None:
    text = (CONCEPTS / "run.md").read_text("utf-8")
    steps = re.findall(r"^\d\. \*\*(.*?)\*\*", text, flags=re.M)
    assert steps[0] == "Start."
    assert [step for step in steps[1:] if step in labels(run)] == labels(run)
    [job] = run.jobs
    place = rf"s3://{BUCKET}/scratch/nightly-7/[0-9a-f-]{{36}}/"
    assert re.fullmatch(place + "request.json", job.environment["AWS_LAMBDA_EVENT_PAYLOAD"])
    location = job.environment["AWS_LAMBDA_EVENT_RESPONSE_LOCATION"]
    assert re.fullmatch(place + "response.json", location)
    assert job.environment["AWS_LAMBDA_FUNCTION_HANDLER"]
    key = location.removeprefix(f"s3://{BUCKET}/")
    response = engine.client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read()
    assert json.loads(response) == run.output
    for name in ("PAYLOAD", "RESPONSE_LOCATION"):
        assert f"`AWS_LAMBDA_EVENT_{name}`" in text


def test_a_definition_of_one_run(engine: Engine) -> None:
    with engine.fail("s3:GetObject", "NoSuchKey", state="Align: Get response"):
        result = engine.execute(ALIGN, "dev-imaging-align")
    text = (CONCEPTS / "run.md").read_text("utf-8")
    steps = re.findall(r"^\d\. \*\*(.*?)\*\*", text, flags=re.M)
    assert labels(result) == [step for step in steps[1:] if step != "The handler"]


def test_names(app: dict[str, Any], engine: Engine, run: ExecutionResult) -> None:
    [job] = run.jobs
    uuid = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    [kept] = engine.client("batch").describe_job_definitions(status="ACTIVE")["jobDefinitions"]
    definition = kept["jobDefinitionName"]
    machine = engine.client("stepfunctions").describe_state_machine(
        stateMachineArn=engine.state_machine_arn("dev-imaging-sync")
    )
    groups = Template.from_stack(app["stack"]).find_resources("AWS::Logs::LogGroup")
    names = {group["Properties"]["LogGroupName"] for group in groups.values()}
    text = (CONCEPTS / "names.md").read_text("utf-8")
    table = dict(re.findall(r"^\| (.*?) \| `(.*?)`", text, flags=re.M))
    assert machine["name"] == table["state machine"]
    assert table["its log group"] in names
    role = machine["roleArn"].partition("role/")[2]
    assert role.startswith(table["its role"].rstrip("…"))
    assert table["a state"] in [state.name for state in run.states]
    for name, kind, pattern in (
        (job.name, "a job", uuid),
        (definition, "a job definition of the stack", "[0-9a-f]+"),
    ):
        assert re.fullmatch(re.sub("<.*?>", pattern, table[kind]), name), (kind, name)
    assert table["request, response"] == "scratch/<execution>/<uuid>/request.json"
    assert table["the log of a job"].startswith("<job definition>/default/")
    [logs] = engine.client("logs").describe_log_groups(logGroupNamePrefix="/aws/batch")["logGroups"]
    assert f"`{logs['logGroupName']}`" in text


def test_the_command_that_shows_names(engine: Engine, tmp_path: Path) -> None:
    [block] = [block for block in blocks(CONCEPTS / "names.md") if block.language == "console"]
    [command] = commands(block)
    states = json.loads(Shell(engine, tmp_path).type(command.line))["States"]
    assert "Fragment: Submit job" in states


def test_values(engine: Engine) -> None:
    text = (CONCEPTS / "values.md").read_text("utf-8")
    rows = re.findall(r"^\| `(\{.*?\})` \| ([\d,]+) MiB \| (.*?) \|$", text, flags=re.M)
    assert len(rows) == 4
    assert f"`{json.dumps(ALIGN)}`" in text
    with engine.fail("s3:GetObject", "NoSuchKey", state="Align: Get response"):
        inputs = [{**ALIGN, **json.loads(row[0])} for row in rows]
        running = [engine.start(each, "dev-imaging-align") for each in inputs]
        results = [one.wait(60) for one in running]
    for result, (_, memory, variables) in zip(results, rows, strict=True):
        [job] = result.jobs
        assert resources(engine, job)["MEMORY"] == memory.replace(",", "")
        for pair in re.findall("`(.*?)`", variables):
            name, _, value = pair.partition("=")
            assert job.environment[name] == value
        assert ("DEBUG" in job.environment) == ("DEBUG" in variables)


def resources(engine: Engine, job: JobRecord) -> dict[str, str]:
    [described] = engine.client("batch").describe_jobs(jobs=[job.id])["jobs"]
    return {one["type"]: one["value"] for one in described["container"]["resourceRequirements"]}


def test_an_override_that_cannot_be(engine: Engine) -> None:
    result = engine.execute({**SYNC, "volumes": []}, "dev-imaging-sync")
    assert result.error == "States.QueryEvaluationError"
    assert "cannot override volumes" in str(result.cause)


def test_the_four_kinds_of_values() -> None:
    from sfn_fragments_batch import SubmitJobFragment

    text = (CONCEPTS / "values.md").read_text("utf-8")
    kinds = re.findall(r"^- an? \*\*.*?`(\w+)=(.*?)`", text, flags=re.M)
    assert [name for name, _ in kinds] == ["memory", "memory", "command"]
    for number, (name, value) in enumerate(kinds):
        stack = cdk.Stack(cdk.App(), f"Stack{number}")
        settings: dict[str, Any] = {"image": "a:1", "job_queue": QUEUE, "memory": 512, "vcpus": 1}
        settings[name] = json.loads(value.replace("'", "\\u0027"))
        SubmitJobFragment(stack, "Job", EnvBase("dev-x"), name="job", **settings)


def test_the_glossary_is_in_order() -> None:
    text = (CONCEPTS / "glossary.md").read_text("utf-8")
    terms = re.findall(r"^\*\*(.*?)\*\*\n:   ", text, flags=re.M)
    assert terms == sorted(set(terms), key=lambda term: re.sub("[^a-z]", "", term.lower()))
    assert len(terms) == text.count("\n:   ")
