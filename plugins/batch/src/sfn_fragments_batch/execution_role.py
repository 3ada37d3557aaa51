"""What an execution role must be allowed: by it, ECS pulls images, reads secrets and writes logs.

https://docs.aws.amazon.com/batch/latest/userguide/execution-IAM-role.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sfn_fragments.utils.reference_path import is_dynamic
from sfn_fragments.validation import is_token
from sfn_fragments_batch.option_table import api_case

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs import Construct

    from sfn_fragments_batch.job_options import JobOptions
    from sfn_fragments_batch.settings import Settings

#: Id of the warning, by which ``Annotations.of(construct).acknowledge_warning`` silences it.
WARNING = "sfn-fragments-batch:secrets"

_SECRETS_MANAGER = ":secretsmanager:"
# The key, the stage and the version of a secret end its ARN, and are no part of it.
_KEY_OF_TOKEN = re.compile(r"(?P<arn>\$\{Token\[[^\]]+\]\}):[^:]*:[^:]*:[^:]*")
# Secrets Manager ends the name of a secret with six characters. Those of a name itself may look
# like them, but for that they are seldom letters alone.
_WHOLE_NAME = re.compile(r".*-[A-Za-z0-9]{6}")
_MAY_BE_PART = re.compile(r".*-[a-z]{6}")


def read_by_role(options: JobOptions) -> list[Any]:
    """What ECS reads by the execution role before a job starts.

    Args:
        options: Options of the job.

    Returns:
        Its secrets, those of its log driver, and the credentials for its registry: constructs, ARNs
        and names.
    """
    found: list[Any] = (
        list(options.secrets.values()) if isinstance(options.secrets, Mapping) else []
    )
    door = api_case(options.container_properties)
    container = door if isinstance(door, Mapping) else {}
    for logs in (api_case(options.log_configuration), container.get("LogConfiguration")):
        if isinstance(logs, Mapping):
            found += _values_of(logs.get("SecretOptions"))
    found += _values_of(container.get("Secrets"))
    credentials = container.get("RepositoryCredentials")
    if isinstance(credentials, Mapping):
        found.append(credentials.get("CredentialsParameter"))
    return [one for one in found if one is not None]


def _values_of(secrets: Any) -> Iterator[Any]:
    for one in secrets if isinstance(secrets, list | tuple) else []:
        yield one.get("ValueFrom") if isinstance(one, Mapping) else None


def grant_reading(role: Any, options: JobOptions) -> bool:
    """Allow an execution role to read what ECS reads by it.

    Args:
        role: The role; of an ARN alone, which the app cannot change, nothing is granted.
        options: Options of its jobs. What only an execution knows is passed over.

    Returns:
        Whether it may read all of them now.
    """
    sources = read_by_role(options)
    if role is None or isinstance(role, str):
        return not sources
    may_read = True
    for one in sources:
        if not isinstance(one, str):
            one.grant_read(role)
        elif reading := _reading(one):
            _allow(role, *reading)
        else:
            may_read = False
    return may_read


def warn_of_secrets(scope: Construct, settings: Settings) -> None:
    """Warn where the app does not show that the execution role may read the secrets of the job.

    Args:
        scope: The fragment.
        settings: Settings of the job.
    """
    if settings.given("execution_role_lacks_secrets") is not True:
        return
    from aws_cdk import Annotations

    Annotations.of(scope).add_warning_v2(
        WARNING,
        "the job has secrets, and its execution role may not be allowed to read all of them: give "
        "the role as a construct, and each secret as a construct or by its ARN; or allow it "
        "secretsmanager:GetSecretValue and ssm:GetParameters yourself",
    )


def grant_writing(role: Any, log_group: Any) -> None:
    """Allow an execution role to write to the log group of its jobs.

    Args:
        role: The role.
        log_group: The log group, where it is a construct.
    """
    if role is not None and not isinstance(role, str) and hasattr(log_group, "grant_write"):
        log_group.grant_write(role)


def grant_pulling(role: Any, image: Any) -> None:
    """Allow an execution role to pull the image of its jobs, as Fargate does by it.

    Args:
        role: The role.
        image: The image, where it is an asset, or a repository.
    """
    if role is None or isinstance(role, str) or isinstance(image, str):
        return
    repository = image if hasattr(image, "grant_pull") else getattr(image, "repository", None)
    if repository is not None:
        repository.grant_pull(role)


def _reading(source: str) -> tuple[str, list[str]] | None:
    """The action that reads a secret, and its resources; ``None`` where its ARN does not show."""
    if found := _KEY_OF_TOKEN.fullmatch(source):
        return "secretsmanager:GetSecretValue", [found["arn"]]
    if is_dynamic(source):
        return None
    if _SECRETS_MANAGER in source:
        arn = ":".join(source.split(":")[:7])
        resources = [arn] if _WHOLE_NAME.fullmatch(arn) else []
        if not resources or _MAY_BE_PART.fullmatch(arn):
            resources.append(f"{arn}-??????")
        return "secretsmanager:GetSecretValue", resources
    if source.startswith("arn:") and ":ssm:" in source:
        return "ssm:GetParameters", [source]
    if is_token(source):
        return None
    from aws_cdk import Aws

    name = source.removeprefix("/")
    place = f"{Aws.PARTITION}:ssm:{Aws.REGION}:{Aws.ACCOUNT_ID}"
    return "ssm:GetParameters", [f"arn:{place}:parameter/{name}"]


def _allow(role: Any, action: str, resources: list[str]) -> None:
    from aws_cdk.aws_iam import PolicyStatement

    role.add_to_principal_policy(PolicyStatement(actions=[action], resources=resources))
