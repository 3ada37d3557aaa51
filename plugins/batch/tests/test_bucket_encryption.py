"""A bucket that KMS encrypts: its key is granted where it can be, and told of where it cannot."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Stack
from aws_cdk.aws_iam import IRole, Role, ServicePrincipal
from aws_cdk.aws_kms import Key
from aws_cdk.aws_s3 import Bucket, BucketEncryption
from aws_cdk.aws_stepfunctions import Pass
from tests.proofs import few

from sfn_fragments.annotations import read_annotations
from sfn_fragments.environment import EnvBase
from sfn_fragments.fragments import create_state_machine
from sfn_fragments_batch import BatchInvokedLambdaFunction

if TYPE_CHECKING:
    from aws_cdk.cx_api import CloudAssembly

    from sfn_fragments_local import Engine

ENV = EnvBase("dev-x")
HANDLER = "aibs_informatics_aws_lambda.handlers.data_sync.put_json_to_file_handler"
RIGHTS = {"kms:Decrypt", "kms:GenerateDataKey"}


@pytest.fixture
def stack() -> Stack:
    return Stack(App(analytics_reporting=False), "Stack")


def encrypted(stack: Stack) -> Bucket:
    return Bucket(stack, "Bucket", encryption=BucketEncryption.KMS)


def job_role(stack: Stack) -> Role:
    return Role(stack, "JobRole", assumed_by=ServicePrincipal("ecs-tasks.amazonaws.com"))


def job(stack: Stack, bucket: Any, role: Any, **given: Any) -> BatchInvokedLambdaFunction:
    return BatchInvokedLambdaFunction(
        stack,
        "Job",
        ENV,
        name="job",
        image="image:1",
        handler=HANDLER,
        job_queue="queue",
        bucket_name=bucket,
        memory=1024,
        vcpus=1,
        job_role_arn=role,
        **given,
    )


def synthesized(stack: Stack) -> CloudAssembly:
    app = App.of(stack)
    assert app is not None
    return app.synth()


def rights_to_keys(stack: Stack) -> dict[str, set[str]]:
    """The role that a policy belongs to, and what it may do with keys."""
    template = synthesized(stack).get_stack_by_name("Stack").template
    found: dict[str, set[str]] = {}
    for one in template["Resources"].values():
        if one["Type"] != "AWS::IAM::Policy":
            continue
        [role] = one["Properties"]["Roles"]
        for statement in one["Properties"]["PolicyDocument"]["Statement"]:
            actions = statement["Action"]
            listed = {actions} if isinstance(actions, str) else set(actions)
            if any(action.startswith("kms:") for action in listed):
                assert statement["Resource"] != "*"
                name = role["Ref"] if isinstance(role, dict) else role
                found.setdefault(name, set()).update(listed)
    return found


def warnings(stack: Stack) -> list[str]:
    directory = synthesized(stack).directory
    return [one.text for one in read_annotations(directory) if "encrypted" in one.text]


@few(1)
@pytest.mark.parametrize("deployed", [False, True])
def test_both_roles_get_the_rights(sfn_engine: Engine, stack: Stack, deployed: bool) -> None:
    """The engine refuses who lacks them: the machine that writes, and the job that reads."""
    bucket, role = encrypted(stack), job_role(stack)
    # What the job does with the bucket is the app's to allow; the key is not.
    results = Bucket(stack, "Results", bucket_name="results")
    for one in (bucket, results):
        role.add_to_principal_policy(_objects(one))
    job(stack, bucket, role, deploy_job_definition=deployed).to_state_machine("job")
    found = rights_to_keys(stack)
    assert len(found) == 2
    assert set.union(*found.values()) == RIGHTS == set.intersection(*found.values())
    assert warnings(stack) == []
    sfn_engine.create_job_queue("queue")
    sfn_engine.deploy(stack)
    document = {"content": {"a": 1}, "path": "s3://results/a.json"}
    sfn_engine.execute(document).raise_for_status()


def _objects(bucket: Bucket) -> Any:
    from aws_cdk.aws_iam import PolicyStatement

    return PolicyStatement(
        # The handler tags what it writes.
        actions=["s3:GetObject", "s3:PutObject", "s3:PutObjectTagging"],
        resources=[bucket.arn_for_objects("*")],
    )


def imported(stack: Stack) -> IRole:
    return Role.from_role_arn(stack, "Imported", "arn:aws:iam::123456789012:role/jobs")


@pytest.mark.parametrize("role", [None, "arn:aws:iam::123456789012:role/jobs"])
def test_what_cannot_be_granted_is_told(stack: Stack, role: str | None) -> None:
    key = Key.from_key_arn(stack, "Key", "arn:aws:kms:us-east-1:123456789012:key/k")
    bucket = Bucket.from_bucket_attributes(
        stack, "Bucket", bucket_name="imported-bucket", encryption_key=key
    )
    job(stack, bucket, role).to_state_machine("job")
    [warning] = warnings(stack)
    assert (role or "the job's role") in warning
    assert "kms:GenerateDataKey and kms:Decrypt" in warning
    # The machine itself has them all the same.
    assert list(rights_to_keys(stack).values()) == [RIGHTS]


def test_an_imported_role_gets_the_rights(stack: Stack) -> None:
    job(stack, encrypted(stack), imported(stack)).to_state_machine("job")
    assert len(rights_to_keys(stack)) == 2
    assert warnings(stack) == []


def test_a_bucket_without_a_key_of_its_own(stack: Stack) -> None:
    for number, encryption in enumerate(
        (BucketEncryption.S3_MANAGED, BucketEncryption.KMS_MANAGED, BucketEncryption.UNENCRYPTED)
    ):
        bucket = Bucket(stack, f"Bucket{number}", encryption=encryption)
        scope = Stack(stack, f"Nested{number}")
        job(scope, bucket, None).to_state_machine("job")
    assert rights_to_keys(stack) == {}
    assert warnings(stack) == []


def test_other_machines_get_nothing(stack: Stack) -> None:
    fragment = job(stack, encrypted(stack), job_role(stack))
    create_state_machine(stack, ENV, "Whole", "whole", fragment.enclose())
    other = Pass(stack, "Other", parameters={"Resource": "::s3:::"})
    create_state_machine(stack, ENV, "Others", "others", other)
    names = list(rights_to_keys(stack))
    assert len(names) == 2
    assert not [name for name in names if name.lower().startswith("others")]
    assert json.dumps(names).lower().count("whole") == 1
