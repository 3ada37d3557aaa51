"""Secrets of a job's container, from the engine's own Secrets Manager and Parameter Store."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from sfn_fragments.errors import FragmentsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


class SecretError(FragmentsError):
    """A secret of a job is not there."""


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
    except (KeyError, ValueError) as error:
        reason = f"its value has no key {error}" if isinstance(error, KeyError) else str(error)
    raise SecretError(
        f"secret {name!r} from {source!r}: {reason}; create it with the API of the engine, or "
        "deploy a stack that holds it"
    )


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
