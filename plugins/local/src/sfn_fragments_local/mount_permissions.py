"""Whether a job may mount a file system of EFS, and write to it.

A file system without a policy lets every client do everything. One with a policy lets those that it
names, and the roles that IAM allows it to:
https://docs.aws.amazon.com/efs/latest/ug/iam-access-control-nfs-efs.html
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sfn_fragments_local.file_systems import FileSystemError
from sfn_fragments_local.iam_enforcement.policies import Request, Statement, Verdict, evaluate
from sfn_fragments_local.iam_enforcement.resource_policies import statements_about
from sfn_fragments_local.iam_enforcement.roles import boundary_statements, role_statements

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Whom no policy names, but who is everybody.
_ANONYMOUS = "anonymous"


def may_write(efs: Any, configuration: Mapping[str, Any], role_arn: str | None) -> bool:
    """Whether a job that mounts a volume may write to it.

    Args:
        efs: A client of EFS.
        configuration: The ``efsVolumeConfiguration`` of its job definition.
        role_arn: The job's role, if it has one. One that the engine does not have is not held to
            anything.

    Raises:
        FileSystemError: It may not even mount it, in the words of ECS.
    """
    file_system_id = configuration["fileSystemId"]
    authorization = configuration.get("authorizationConfig") or {}
    encrypted = configuration.get("transitEncryption") == "ENABLED"
    by_iam = authorization.get("iam") == "ENABLED"
    if by_iam and not encrypted:
        raise _denied(file_system_id, "IAM authorization needs transitEncryption ENABLED")
    if by_iam and role_arn is None:
        raise _denied(file_system_id, "IAM authorization is ENABLED, and the job has no role")
    try:
        document = json.loads(
            efs.describe_file_system_policy(FileSystemId=file_system_id)["Policy"]
        )
    except efs.exceptions.PolicyNotFound:
        return True
    client = role_arn if by_iam else None
    allowing = _statements(document, client)
    if allowing is None:
        return True
    [described] = efs.describe_file_systems(FileSystemId=file_system_id)["FileSystems"]
    context = {
        "elasticfilesystem:AccessedViaMountTarget": ["true"],
        "aws:SecureTransport": [str(encrypted).lower()],
    }
    if point := authorization.get("accessPointId"):
        [known] = efs.describe_access_points(AccessPointId=point)["AccessPoints"]
        context["elasticfilesystem:AccessPointArn"] = [known["AccessPointArn"]]

    boundary = None if client is None else boundary_statements(client)

    def allowed(action: str) -> bool:
        request = Request(f"elasticfilesystem:{action}", described["FileSystemArn"], context)
        sources = (allowing,) if boundary is None else (allowing, boundary)
        return all(evaluate(one, request) is Verdict.ALLOWED for one in sources)

    if not allowed("ClientMount"):
        who = client or "an anonymous client, as jobs are without IAM authorization"
        raise _denied(file_system_id, f"elasticfilesystem:ClientMount is not allowed for {who}")
    return allowed("ClientWrite")


def _denied(file_system_id: str, reason: str) -> FileSystemError:
    return FileSystemError(
        "ResourceInitializationError: failed to invoke EFS utils commands to set up EFS volumes: "
        f"mount.nfs4: access denied by server while mounting {file_system_id}: {reason}"
    )


def _statements(document: Mapping[str, Any], client: str | None) -> tuple[Statement, ...] | None:
    """What is said about a client: by the file system, and by its role's policies.

    ``None`` for a role that the engine does not have.
    """
    # An account as a principal leaves it to the policies of its roles.
    own = statements_about(document, client or _ANONYMOUS)
    if client is None:
        return own
    of_role = role_statements(client)
    return None if of_role is None else (*own, *of_role)
