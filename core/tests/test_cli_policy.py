"""``policy`` shows all that a role holds, and what each part of it is for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from sfn_fragments.cli.group import cli

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PLUGIN = """
from sfn_fragments import FragmentSpec, hookimpl

@hookimpl
def sfn_fragments_register():
    yield FragmentSpec(
        "acme.put", "acme_put:Put", "Puts an object.", example="acme_put:EXAMPLE"
    )

@hookimpl
def sfn_fragments_role_statements(definition, scope):
    from aws_cdk.aws_iam import PolicyStatement

    key = "arn:aws:kms:us-west-2:123456789012:key/data"
    yield PolicyStatement(actions=["kms:GenerateDataKey"], resources=[key])
"""

FRAGMENT = """
from aws_cdk.aws_iam import PolicyStatement
from sfn_fragments import Example
from sfn_fragments.fragments import EnvBaseStateMachineFragment, create_state_machine
from sfn_fragments.states import S3Operation


class Put(EnvBaseStateMachineFragment):
    def __init__(self, scope, id, env_base, bucket="$.bucket"):
        super().__init__(scope, id, env_base)
        self.definition = S3Operation.put_object(self, "Put", bucket, "a/b", "$.body")

    @property
    def required_managed_policies(self):
        return ["AmazonSQSReadOnlyAccess"]

    @property
    def required_inline_policy_statements(self):
        condition = {"StringEquals": {"aws:ResourceTag/team": "imaging"}}
        return [
            PolicyStatement(actions=["sqs:SendMessage"], resources=["*"], conditions=condition)
        ]


def other_machine(sandbox):
    # A machine that an example makes besides: its role is another one.
    other = S3Operation.put_object(sandbox.stack, "Other", "other", "key", "$")
    create_state_machine(sandbox.stack, sandbox.env_base, "other", "other", other)
    return {}


EXAMPLE = Example("Puts an object.", arguments=other_machine, input={})
"""


@pytest.fixture
def policy(install: Callable[..., None]) -> Callable[..., Any]:
    install("acme-fragments", modules={"acme_plugin": PLUGIN, "acme_put": FRAGMENT})
    return lambda *arguments: CliRunner().invoke(cli, ["policy", *arguments])


def test_it_lists_everything_that_the_role_holds(policy: Callable[..., Any]) -> None:
    result = policy("acme.put", "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    shown = json.loads(result.stdout)
    assert shown["state_machine"] == "dev-sandbox-acme-put"
    by_reason = {each["reason"]: each for each in shown["statements"]}
    assert set(by_reason) == {
        "",
        "logging",
        "tracing",
        "required_inline_policy_statements",
        "required_managed_policies",
        "the hook sfn_fragments_role_statements, or the app",
    }
    put = by_reason[""]
    assert put["actions"] == ["s3:PutObject"]
    assert put["resources"] == ["arn:${AWS::Partition}:s3:::dev-sandbox-*/a/b"]
    assert put["states"] == ["Fragment: Put Put object"]
    (note,) = put["notes"]
    assert note.startswith("Bucket: an execution chooses it; allowed: buckets whose names begin ")
    assert "AllowedResources(buckets=[...])" in note
    assert by_reason["logging"]["actions"][0] == "logs:CreateLogDelivery"
    assert by_reason["tracing"]["actions"][0] == "xray:GetSamplingRules"
    required = by_reason["required_inline_policy_statements"]
    assert required["actions"] == ["sqs:SendMessage"]
    assert required["conditions"] == {"StringEquals": {"aws:ResourceTag/team": "imaging"}}
    managed = by_reason["required_managed_policies"]["managed_policy"]
    assert managed == "arn:${AWS::Partition}:iam::aws:policy/AmazonSQSReadOnlyAccess"
    hooked = by_reason["the hook sfn_fragments_role_statements, or the app"]
    assert hooked["actions"] == ["kms:GenerateDataKey"]
    # What states need comes first.
    assert [bool(each["states"]) for each in shown["statements"]] == [True, *[False] * 5]


def test_it_is_readable(policy: Callable[..., Any]) -> None:
    text = policy("acme.put").stdout
    assert text.startswith("Role of dev-sandbox-acme-put\n")
    assert (
        "\nallow s3:PutObject\n"
        "on    arn:${AWS::Partition}:s3:::dev-sandbox-*/a/b\n"
        "for   Fragment: Put Put object\n"
        "note  Bucket: an execution chooses it; "
    ) in text
    assert "\nif    aws:ResourceTag/team StringEquals imaging\n" in text
    assert "\npolicy" in text


def test_what_is_set_and_the_environment_are_heeded(policy: Callable[..., Any]) -> None:
    shown = json.loads(policy("acme.put", "--json", "--set", "bucket=own").stdout)
    put = shown["statements"][0]
    assert put["resources"] == ["arn:${AWS::Partition}:s3:::own/a/b"]
    assert put["notes"] == []
    shown = json.loads(policy("acme.put", "--json", "--env-base", "prod").stdout)
    assert shown["statements"][0]["resources"] == ["arn:${AWS::Partition}:s3:::prod-*/a/b"]


def test_the_role_as_resources_of_cloudformation(policy: Callable[..., Any]) -> None:
    resources = json.loads(policy("acme.put", "--format", "cloudformation").stdout)["Resources"]
    kinds = [resource["Type"] for resource in resources.values()]
    # The other machine that the example makes has a role of its own, which is not printed.
    assert kinds == ["AWS::IAM::Role", "AWS::IAM::Policy", "AWS::IAM::Policy"]
    text = json.dumps(resources)
    assert "s3:PutObject" in text
    assert "kms:GenerateDataKey" in text
    assert "s3:::other" not in text
    assert policy("acme.put", "--format", "json").stdout == policy("acme.put", "--json").stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["acme.none"], "no fragment is named 'acme.none'"),
        (["acme.put", "--set", "buckets=own"], "did you mean bucket?"),
        (["acme.put", "--env-base", "none"], "give dev, test or prod"),
    ],
)
def test_wrong_use(policy: Callable[..., Any], arguments: list[str], message: str) -> None:
    result = policy(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr


def test_a_file_is_read_like_any_definition(tmp_path: Path) -> None:
    file = tmp_path / "machine.asl.json"
    put = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:s3:putObject",
        "Parameters": {"Bucket.$": "$.bucket", "Key": "a"},
        "End": True,
    }
    file.write_text(json.dumps({"StartAt": "Put", "States": {"Put": put}}))
    done = CliRunner().invoke(cli, ["policy", str(file), "--env-base", "prod"])
    assert done.exit_code == 0, done.output
    assert "on    arn:${AWS::Partition}:s3:::prod-*/a" in done.stdout
    # Nobody has named an environment: the default is that of examples.
    done = CliRunner().invoke(cli, ["policy", str(file)])
    assert "on    arn:${AWS::Partition}:s3:::*/a" in done.stdout
    done = CliRunner().invoke(cli, ["policy", str(file), "--set", "a=b"])
    assert done.exit_code == 2
    assert "a PATH has no parameters" in done.output


@pytest.mark.parametrize("command", ["policy", "forecast", "check"])
def test_files_folders_and_the_standard_input_are_read_together(
    command: str, tmp_path: Path
) -> None:
    task = {"Type": "Task", "Resource": "arn:aws:states:::sns:publish", "End": True}
    task["Parameters"] = {"TopicArn": "arn:aws:sns:us-east-1:123456789012:t", "Message": "m"}
    text = json.dumps({"StartAt": "A", "States": {"A": task}})
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "first.asl.json").write_text(text)
    (tmp_path / "second.json").write_text(text)
    paths = [str(tmp_path / "folder"), str(tmp_path / "second.json"), "-"]
    done = CliRunner().invoke(cli, [command, *paths], input=text)
    assert done.exit_code == 0, done.output
    names = ["3 state machines"] if command == "check" else ["first.asl", "second", "<stdin>"]
    assert all(name in done.stdout for name in names)
    missing = CliRunner().invoke(cli, [command, *paths, "absent.json"], input=text)
    assert missing.exit_code == (2 if command == "check" else 1)
    assert "absent.json: there is no such file" in missing.stderr
