"""Apps as a fresh ``cdk init`` makes them, and values that are known late."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, CfnParameter, Environment, Fn, Stack
from aws_cdk.aws_ec2 import Vpc
from aws_cdk.aws_efs import FileSystem
from aws_cdk.aws_iam import Role, ServicePrincipal
from aws_cdk.aws_s3 import Bucket
from aws_cdk.aws_ssm import StringParameter
from aws_cdk.aws_stepfunctions import Pass
from tests.proofs import chosen, few, long_proof, some

from sfn_fragments import get_registry
from sfn_fragments.environment import EnvBase
from sfn_fragments.fragments import create_state_machine
from sfn_fragments_batch import (
    BatchInvokedLambdaFunction,
    MountPointConfiguration,
    SubmitJobFragment,
)
from sfn_fragments_efs import remove_data_paths_fragment

if TYPE_CHECKING:
    from sfn_fragments_local import Engine

ROOT = Path(__file__).resolve().parents[2]
ENV = EnvBase("dev-x")
#: The feature flags of a fresh project.
CONTEXT: dict[str, Any] = json.loads((ROOT / "examples/cdk_app/cdk.json").read_text())["context"]

SYNTHESIZE = """
import json
import sys
from sfn_fragments import get_registry
from sfn_fragments.sandbox import Sandbox
found = {}
for name in sys.argv[1:]:
    built = Sandbox().build(get_registry(), name, {})
    found[name] = len(built.template["Resources"])
print(json.dumps(found))
"""


def with_flags(*command: str) -> subprocess.CompletedProcess[str]:
    """Run a command whose apps have the context of a fresh project, as the CDK CLI gives it."""
    environment = {**os.environ, "CDK_CONTEXT_JSON": json.dumps(CONTEXT)}
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env=environment, cwd=ROOT
    )


@long_proof
def test_every_example_synthesizes_with_the_flags() -> None:
    names = chosen(get_registry().names())
    done = with_flags(sys.executable, "-c", SYNTHESIZE, *names)
    assert done.returncode == 0, done.stderr
    assert [*json.loads(done.stdout.splitlines()[-1])] == names


@long_proof
def test_an_example_runs_with_the_flags() -> None:
    command = Path(sys.executable).with_name("sfn-fragments")
    done = with_flags(str(command), "run", "data_sync.sync", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)["status"] == "SUCCEEDED"


@few(1)
@pytest.mark.usefixtures("sfn_mounts")
@pytest.mark.parametrize("has_role", [True, False])
def test_a_file_system_that_denies_anonymous_clients(sfn_engine: Engine, has_role: bool) -> None:
    """A role of the app gets what mounting takes; a job without is refused, as on AWS."""
    stack = Stack(App(context=CONTEXT), "Stack")
    file_system = FileSystem(stack, "Files", vpc=Vpc(stack, "Vpc"))
    role = Role(stack, "JobRole", assumed_by=ServicePrincipal("ecs-tasks.amazonaws.com"))
    bucket = Bucket(stack, "Bucket")
    bucket.grant_read_write(role)
    remove_data_paths_fragment(
        stack,
        "Remove",
        ENV,
        aibs_informatics_docker_asset="image:1",
        batch_job_queue="queue",
        scaffolding_bucket=bucket,
        mount_point_configs=[MountPointConfiguration.from_file_system(file_system, None, "/opt/f")],
        batch_job_role=role if has_role else None,
    ).to_state_machine("remove")
    sfn_engine.create_job_queue("queue")
    sfn_engine.deploy(stack)
    [described] = sfn_engine.client("efs").describe_file_systems()["FileSystems"]
    old = sfn_engine.file_system_folder(described["FileSystemId"]) / "old"
    old.mkdir()
    result = sfn_engine.execute({"paths": ["/opt/f/old"]}, "dev-x-remove")
    assert result.status == ("SUCCEEDED" if has_role else "FAILED"), result.cause
    assert old.exists() is not has_role
    assert has_role or "the job has no role" in str(result.cause)


def test_a_lookup_passes_before_its_value_is_known() -> None:
    app = App()
    stack = Stack(app, "Stack", env=Environment(account="123456789012", region="us-east-1"))

    def look_up(name: str) -> Any:
        return StringParameter.value_from_lookup(stack, name)

    BatchInvokedLambdaFunction(
        stack,
        "Job",
        ENV,
        name="job",
        image=look_up("/image"),
        handler=look_up("/handler"),
        job_queue=look_up("/queue"),
        bucket_name=look_up("/bucket"),
        key_prefix=look_up("/prefix"),
        command=look_up("/command"),
        environment={"A": look_up("/a")},
        memory=look_up("/memory"),
        vcpus=look_up("/vcpus"),
        job_role_arn=look_up("/role"),
    ).to_state_machine("job")
    template = app.synth().get_stack_by_name("Stack").template
    assert "dummy-value-for-/queue" in json.dumps(template)


def job(stack: Stack, **given: Any) -> SubmitJobFragment:
    settings = {"name": "job", "image": "i", "job_queue": "queue", "memory": 512, "vcpus": 1}
    return SubmitJobFragment(stack, "Job", ENV, command=["true"], **{**settings, **given})


@pytest.mark.parametrize("deployed", [False, True])
def test_numbers_stay_numbers_where_batch_wants_them(sfn_engine: Engine, deployed: bool) -> None:
    """And texts where it wants texts: each is refused otherwise."""
    stack = Stack(App(), "Stack")

    def number(name: str, default: int) -> Any:
        return CfnParameter(stack, name, type="Number", default=default).value_as_number

    fragment = job(
        stack,
        memory=number("Memory", 1024),
        vcpus=number("Vcpus", 2),
        timeout=number("Timeout", 120),
        environment={"COUNT": number("Count", 7)},
        deploy_job_definition=deployed,
    )
    fragment.to_state_machine("job")
    sfn_engine.create_job_queue("queue")
    sfn_engine.deploy(stack)
    [done] = sfn_engine.execute({}, "dev-x-job").raise_for_status().jobs
    assert done.environment["COUNT"] == "7"
    described = sfn_engine.client("batch").describe_jobs(jobs=[done.id])["jobs"][0]
    assert described["timeout"] == {"attemptDurationSeconds": 120}


def test_a_name_that_a_parameter_gives(sfn_engine: Engine) -> None:
    stack = Stack(App(), "Stack")
    name = CfnParameter(stack, "Name", default="late").value_as_string
    create_state_machine(stack, ENV, "late-id", name, Pass(stack, "Pass"))
    sfn_engine.deploy(stack)
    assert sfn_engine.execute({"a": 1}, "dev-x-late").raise_for_status().output == {"a": 1}


@pytest.mark.parametrize("given", ["name", "arn"])
@pytest.mark.parametrize("source", some(["parameter", "ssm", "import"], 0, -1))
def test_a_queue_that_cloudformation_knows(sfn_engine: Engine, source: str, given: str) -> None:
    """Its permission is right whether it turns out to be a name or an ARN."""
    sfn_engine.create_job_queue("elsewhere")
    queues = sfn_engine.client("batch").describe_job_queues(jobQueues=["elsewhere"])["jobQueues"]
    value = "elsewhere" if given == "name" else queues[0]["jobQueueArn"]
    app = App()
    stack = Stack(app, "Stack")
    queue: Any
    if source == "parameter":
        queue = CfnParameter(stack, "Queue", default=value).value_as_string
    elif source == "ssm":
        sfn_engine.client("ssm").put_parameter(Name="/queue", Value=value, Type="String")
        queue = StringParameter.value_for_string_parameter(stack, "/queue")
    else:
        from aws_cdk import CfnOutput

        other = Stack(app, "Other")
        CfnOutput(other, "Queue", value=value, export_name="a-queue")
        sfn_engine.deploy(other)
        queue = Fn.import_value("a-queue")
    job(stack, job_queue=queue).to_state_machine("job")
    sfn_engine.deploy(stack)
    [done] = sfn_engine.execute({}, "dev-x-job").raise_for_status().jobs
    assert done.queue == "elsewhere"
