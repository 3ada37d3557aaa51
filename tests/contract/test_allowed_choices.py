"""What the input of an execution may choose: by default the environment's, else what is listed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk.aws_iam import PolicyStatement, Role, ServicePrincipal

from sfn_fragments.errors import InvalidParametersError
from sfn_fragments.iam import AllowedResources
from sfn_fragments.sandbox import Sandbox
from sfn_fragments_asl.permissions.role_report import role_statements
from sfn_fragments_batch import BatchInvokedLambdaFunction

if TYPE_CHECKING:
    from sfn_fragments_local import Engine

HANDLER = "aibs_informatics_aws_lambda.handlers.data_sync.put_json_to_file_handler"


def runner(sandbox: Sandbox, **arguments: Any) -> BatchInvokedLambdaFunction:
    """Runs a handler, with a queue, a bucket and a role that the input may override."""
    role = Role(sandbox.stack, "Worker", assumed_by=ServicePrincipal("ecs-tasks.amazonaws.com"))
    rights = ["s3:GetObject", "s3:PutObject", "s3:PutObjectTagging", "s3:ListBucket"]
    role.add_to_policy(PolicyStatement(actions=rights, resources=["*"]))
    return BatchInvokedLambdaFunction.with_defaults(
        sandbox.stack,
        "Run",
        sandbox.env_base,
        name="run",
        job_queue="standard",
        bucket_name=sandbox.bucket.bucket_name,
        job_role_arn=role.role_arn,
        **arguments,
    )


def resources_by_action(sandbox: Sandbox, machine: Any) -> dict[str, list[str]]:
    """What each action is allowed on, without partition, region, account and hashes."""
    stack = sandbox.stack
    template = sandbox.app.synth().get_stack_by_name(stack.stack_name).template
    machine_id = stack.resolve(machine.node.default_child.logical_id)
    found: dict[str, list[str]] = {}
    for statement in role_statements(template, machine_id, "dev-x"):
        for action in statement.actions:
            found.setdefault(action, []).extend(statement.resources)
    return {
        action: [resource.rpartition(":")[2] for resource in resources]
        for action, resources in found.items()
    }


def test_queue_role_and_bucket_are_bounded_by_the_environment() -> None:
    sandbox = Sandbox("dev-x")
    machine = runner(sandbox).to_state_machine("run")
    found = resources_by_action(sandbox, machine)
    assert found["batch:SubmitJob"][1:] == ["job-queue/standard", "job-queue/dev-x-*"]
    assert found["iam:PassRole"][1:] == ["role/dev-x-*"]
    assert found["iam:PassRole"][0].startswith("${Worker")
    assert found["s3:PutObject"][0].startswith("${Bucket")
    assert found["s3:PutObject"][1:] == ["dev-x-*/*"]


def test_a_list_takes_the_place_of_the_environment() -> None:
    sandbox = Sandbox("dev-x")
    allowed = AllowedResources(job_queues=["large"], job_roles=[], buckets=[], key_prefixes=["a"])
    runner(sandbox).to_state_machine("run", allowed_resources=allowed)
    template = sandbox.app.synth().get_stack_by_name(sandbox.stack.stack_name).template
    text = str(
        [each for each in template["Resources"].values() if each["Type"] == "AWS::IAM::Policy"]
    )
    assert "dev-x-*" not in text
    for resource in (":job-queue/standard", ":job-queue/large", "/scratch/*", "/a/*"):
        assert f"{resource}'" in text, resource


def test_where_nothing_is_open_a_list_is_refused() -> None:
    sandbox = Sandbox("dev-x")
    allowed = AllowedResources(state_machines=["other"], buckets=[])
    with pytest.raises(InvalidParametersError) as raised:
        runner(sandbox).to_state_machine("run", allowed_resources=allowed)
    assert [each.parameter for each in raised.value.problems] == ["state_machines"]


def test_an_execution_may_choose_what_is_listed_and_nothing_else(sfn_engine: Engine) -> None:
    sandbox = Sandbox("dev-x")
    allowed = AllowedResources(job_queues=["large"])
    runner(sandbox).to_state_machine("run", allowed_resources=allowed)
    for queue in ("standard", "large", "dev-x-other"):
        sfn_engine.create_job_queue(queue)
    sfn_engine.create_bucket("results")
    sfn_engine.deploy(sandbox.stack)
    request = {
        "image": sandbox.image,
        "handler": HANDLER,
        "payload": {"content": {"a": 1}, "path": "s3://results/a.json"},
    }
    chosen = sfn_engine.execute({**request, "job_queue": "large"}).raise_for_status()
    assert [job.queue for job in chosen.jobs] == ["large"]
    refused = sfn_engine.execute({**request, "job_queue": "dev-x-other"})
    assert refused.status == "FAILED"
    assert "job-queue/dev-x-other" in str(refused.cause)
    assert sfn_engine.job_definitions() == []
