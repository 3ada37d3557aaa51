"""Which jobs may mount a file system, and write to it, as EFS and IAM say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Stack
from aws_cdk.aws_ec2 import Vpc
from aws_cdk.aws_efs import FileSystem
from aws_cdk.aws_iam import PolicyStatement, Role, ServicePrincipal
from tests import batch_jobs
from tests.proofs import few

from sfn_fragments_local import Engine

if TYPE_CHECKING:
    from sfn_fragments_local import JobRecord

pytestmark = pytest.mark.usefixtures("sfn_mounts")

DENYING = {"@aws-cdk/aws-efs:denyAnonymousAccess": True}
MOUNT, WRITE = "elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"
BY_IAM = {"transitEncryption": "ENABLED", "authorizationConfig": {"iam": "ENABLED"}}


def deploy(engine: Engine, context: dict[str, Any], actions: list[str]) -> tuple[str, str]:
    """A file system, and a role that is allowed actions on it."""
    stack = Stack(App(context=context), "Files")
    file_system = FileSystem(stack, "Files", vpc=Vpc(stack, "Vpc"))
    role = Role(stack, "Role", assumed_by=ServicePrincipal("ecs-tasks.amazonaws.com"))
    if actions:
        role.add_to_policy(
            PolicyStatement(actions=actions, resources=[file_system.file_system_arn])
        )
    engine.deploy(stack)
    [described] = engine.client("efs").describe_file_systems()["FileSystems"]
    arns = [one["Arn"] for one in engine.client("iam").list_roles()["Roles"]]
    return described["FileSystemId"], next(arn for arn in arns if "Files-Role" in arn)


def run(engine: Engine, file_system: str, efs: dict[str, Any], role: str | None) -> JobRecord:
    """A job that writes to the file system."""
    properties: dict[str, Any] = {
        "mountPoints": [{"sourceVolume": "v", "containerPath": "/mnt/data"}],
        "volumes": [{"name": "v", "efsVolumeConfiguration": {"fileSystemId": file_system, **efs}}],
        **({"jobRoleArn": role} if role else {}),
    }
    return batch_jobs.run(engine, ["sh", "-c", "touch /mnt/data/x"], **properties)


@few(4)
@pytest.mark.parametrize(
    ("context", "efs", "actions", "has_role", "says"),
    [
        ({}, {}, [], False, None),
        ({}, BY_IAM, [], True, None),
        ({}, BY_IAM, [], False, "the job has no role"),
        (DENYING, {}, [MOUNT, WRITE], True, "ClientMount is not allowed for an anonymous client"),
        (DENYING, BY_IAM, [], False, "the job has no role"),
        (DENYING, BY_IAM, [], True, "ClientMount is not allowed for arn:aws:iam"),
        (DENYING, BY_IAM, [MOUNT, WRITE], True, None),
        ({}, {"authorizationConfig": {"iam": "ENABLED"}}, [MOUNT], True, "transitEncryption"),
    ],
)
def test_who_may_mount(
    sfn_engine: Engine,
    context: dict[str, Any],
    efs: dict[str, Any],
    actions: list[str],
    has_role: bool,
    says: str | None,
) -> None:
    file_system, role = deploy(sfn_engine, context, actions)
    job = run(sfn_engine, file_system, efs, role if has_role else None)
    if says is None:
        assert job.status == "SUCCEEDED", job.reason
    else:
        assert job.status == "FAILED"
        assert "access denied by server while mounting" in str(job.reason)
        assert says in str(job.reason)


def test_who_may_not_write(sfn_engine: Engine) -> None:
    """Where nothing allows to write, the file system is mounted read-only."""
    file_system, role = deploy(sfn_engine, DENYING, [MOUNT])
    sfn_engine.client("efs").put_file_system_policy(
        FileSystemId=file_system,
        Policy='{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", '
        f'"Action": "{WRITE}"}}]}}',
    )
    job = run(sfn_engine, file_system, BY_IAM, role)
    assert job.status == "FAILED"
    assert "Read-only file system" in job.output


def test_without_enforcement_all_may() -> None:
    with Engine(enforce_iam=False) as engine:
        file_system, _ = deploy(engine, DENYING, [])
        assert run(engine, file_system, {}, None).status == "SUCCEEDED"
