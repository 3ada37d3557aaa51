"""Secrets of a job's container, from the engine's own Secrets Manager and Parameter Store."""

from __future__ import annotations

import json
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.exceptions import ClientError

from sfn_fragments.errors import FragmentsError
from sfn_fragments_local.clients import new_client

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

# What ECS says before the answer of the service; of Secrets Manager it names the secret.
_NOT_PULLED = (
    "ResourceInitializationError: unable to pull secrets or registry auth: execution resource "
    "retrieval failed: unable to retrieve {what}: service call has been retried 1 time(s): {why}"
)
_DENIED = ("AccessDenied", "AccessDeniedException")


class SecretError(FragmentsError):
    """A secret of a job is not there, or its execution role may not read it."""


@contextmanager
def clients_of_role(
    client: Callable[[str], Any], variables: Mapping[str, str]
) -> Iterator[Callable[[str], Any]]:
    """Clients that act for a role, for the length of the ``with`` block.

    Args:
        client: Returns a boto3 client of the engine for a service.
        variables: The role's credentials, as environment variables; none for the engine's own.

    Yields:
        Returns a client for a service.
    """
    if not variables:
        yield client
        return
    made: dict[str, Any] = {}
    with ExitStack() as stack:

        def of_role(service: str) -> Any:
            if service not in made:
                engine = client(service).meta
                made[service] = new_client(
                    service,
                    region_name=engine.region_name,
                    endpoint_url=engine.endpoint_url,
                    aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
                    aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
                    aws_session_token=variables["AWS_SESSION_TOKEN"],
                    config=Config(proxies={}, retries={"total_max_attempts": 1}),
                )
                stack.callback(made[service].close)
            return made[service]

        yield of_role


def secret_variables(
    secrets: Iterable[Mapping[str, str]], client: Callable[[str], Any]
) -> dict[str, str]:
    """The variables that a container gets for its secrets.

    What ``valueFrom`` may be:
    https://docs.aws.amazon.com/batch/latest/APIReference/API_Secret.html

    Args:
        secrets: ``secrets`` of container properties: ``name`` and ``valueFrom`` of each.
        client: Returns a boto3 client of the engine for a service.

    Returns:
        Names and values.

    Raises:
        SecretError: One of them is not there; the text names it.
    """
    return {one["name"]: _value(one["name"], one["valueFrom"], client) for one in secrets}


def _value(name: str, source: str, client: Callable[[str], Any]) -> str:
    try:
        if ":secretsmanager:" in source:
            return _of_secrets_manager(source, client("secretsmanager"))
        # The path of a parameter begins with a slash, which its ARN has once.
        parameter = source.partition(":parameter")[2] if source.startswith("arn:") else source
        for candidate in dict.fromkeys([parameter, parameter.removeprefix("/")]):
            found = client("ssm").get_parameters(Names=[candidate], WithDecryption=True)
            if found["Parameters"]:
                return str(found["Parameters"][0]["Value"])
        reason = "there is no such parameter"
    except ClientError as error:
        reason = str(error.response["Error"]["Message"])
        if error.response["Error"]["Code"] in _DENIED:
            raise SecretError(_denied(source, f"AccessDeniedException: {reason}")) from error
    except (KeyError, TypeError, ValueError) as error:
        missing = isinstance(error, KeyError)
        reason = f"its value has no key {error}" if missing else "its value is no JSON object"
    raise SecretError(
        f"secret {name!r} from {source!r}: {reason}; create it with the API of the engine, or "
        "deploy a stack that holds it"
    )


def _denied(source: str, why: str) -> str:
    if ":secretsmanager:" not in source:
        return _NOT_PULLED.format(what="secrets from ssm", why=why)
    fetched = f"failed to fetch secret {source} from secrets manager: {why}"
    return _NOT_PULLED.format(what="secret from asm", why=fetched)


def _of_secrets_manager(source: str, secrets_manager: Any) -> str:
    # arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME[:KEY[:STAGE[:VERSION]]], each part or none
    parts = [*source.split(":"), "", "", ""]
    key, stage, version = parts[7:10]
    wanted = {"VersionStage": stage, "VersionId": version}
    secret = secrets_manager.get_secret_value(
        SecretId=":".join(parts[:7]), **{name: value for name, value in wanted.items() if value}
    )
    text = str(secret["SecretString"])
    if not key:
        return text
    value = json.loads(text)[key]
    return value if isinstance(value, str) else json.dumps(value)
