"""Sessions of roles: what jobs and functions sign their calls with, and whose a signature is.

As on AWS, the containers of a job and a function have the credentials of a session of their role,
and may do what the role allows.
"""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Final

from moto.iam.models import iam_backends
from moto.sts.models import sts_backends

from sfn_fragments.errors import FragmentsError
from sfn_fragments_local.iam_enforcement.resource_policies import context_of_service, trusts
from sfn_fragments_local.iam_enforcement.roles import known_role

if TYPE_CHECKING:
    from collections.abc import Mapping

#: What a service answers where a role is not its own to assume.
_UNTRUSTED: Final = {
    "ecs-tasks.amazonaws.com": (
        "ECS was unable to assume the role '{role}' that was provided for this task. Please verify "
        "that the role being passed has the proper trust relationship and permissions and that "
        "your IAM user has permissions to pass this role."
    ),
    "ec2.amazonaws.com": (
        "The role '{role}' of the instances does not trust ec2.amazonaws.com, so that no instance "
        "profile has it."
    ),
    "lambda.amazonaws.com": "The role defined for the function cannot be assumed by Lambda: {role}",
}


class RoleNotAssumedError(FragmentsError):
    """A role does not trust the service that is to assume it."""


class RoleSessions:
    """The sessions in which services of one engine act for roles.

    Args:
        account: Account of the engine.
        region: Its region.
    """

    def __init__(self, account: str, region: str) -> None:
        """There is none yet."""
        self._account = account
        self._region = region
        self._lock = Lock()
        self._variables: dict[str, dict[str, str]] = {}

    def variables(
        self, role_arn: str | None, service: str, source_arn: str | None = None
    ) -> Mapping[str, str]:
        """The credentials of a role, as environment variables of what a service runs for it.

        Args:
            role_arn: The role, if there is one.
            service: The service's principal, such as ``ecs-tasks.amazonaws.com``.
            source_arn: ARN of what it runs, such as the function; None where the service does
                not tell.

        Returns:
            Names and values; none without a role, or for a role that the engine does not have,
            such as one of another stack.

        Raises:
            RoleNotAssumedError: The role does not trust the service, in the service's words.
        """
        role = known_role(role_arn) if role_arn else None
        if role is None:
            return {}
        context = context_of_service(service, self._account, source_arn)
        if not trusts(role.assume_role_policy_document, service, context):
            raise RoleNotAssumedError(_UNTRUSTED[service].format(role=role.arn))
        with self._lock:
            # One for all: moto keeps each session for ever.
            if role.arn not in self._variables:
                self._variables[role.arn] = self._begin(role.arn)
            return self._variables[role.arn]

    def _begin(self, role_arn: str) -> dict[str, str]:
        partition = role_arn.split(":")[1]
        session = sts_backends[self._account][partition].assume_role(
            region_name=self._region,
            role_session_name="local-session",
            role_arn=role_arn,
            policy="",
            duration=43_200,
            external_id="",
        )
        return {
            "AWS_ACCESS_KEY_ID": session.access_key_id,
            "AWS_SECRET_ACCESS_KEY": session.secret_access_key,
            "AWS_SESSION_TOKEN": session.session_token,
        }


def session_of_key(access_key: str) -> tuple[str, str] | None:
    """The role and the name of the session that an access key id belongs to.

    Args:
        access_key: The id, as a request is signed with it.

    Returns:
        The role's ARN and the session's name; None for a key that is no session's.
    """
    for account, partitions in list(iam_backends.items()):
        for partition, backend in list(partitions.items()):
            key = backend.access_keys.get(access_key)
            if key is not None and key.role_arn:
                sessions = sts_backends[account][partition]
                session = sessions.get_assumed_role_from_access_key(access_key)
                return key.role_arn, "" if session is None else session.session_name
    return None
