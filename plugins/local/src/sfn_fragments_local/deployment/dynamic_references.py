"""Dynamic references: ``{{resolve:ssm:/name}}`` in a text of a template.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from sfn_fragments_local.deployment.errors import UnusableValueError

if TYPE_CHECKING:
    from collections.abc import Callable

_REFERENCE = re.compile(r"\{\{resolve:(ssm|ssm-secure|secretsmanager):([^}]+)\}\}")


def without_dynamic_references(text: str, client: Callable[[str], Any]) -> str:
    """A text with values in place of its dynamic references.

    Args:
        text: The text.
        client: Returns a boto3 client of the engine for a service.

    Raises:
        UnusableValueError: The engine has no such parameter or secret.
    """

    def replaced(match: re.Match[str]) -> str:
        service, what = match.groups()
        try:
            return _secret(what, client) if service == "secretsmanager" else _ssm(what, client)
        except (ClientError, LookupError, ValueError) as error:
            called = "secretsmanager" if service == "secretsmanager" else "ssm"
            raise UnusableValueError(
                f"{match[0]!r} cannot be resolved: {error}; put it there with "
                f"engine.client({called!r}) before the deployment"
            ) from error

    return _REFERENCE.sub(replaced, text)


def _ssm(what: str, client: Callable[[str], Any]) -> str:
    found = client("ssm").get_parameter(Name=what, WithDecryption=True)
    return str(found["Parameter"]["Value"])


def _secret(what: str, client: Callable[[str], Any]) -> str:
    # <id or ARN>:SecretString:<key>:<stage>:<version>; an ARN holds colons itself.
    secret, _, rest = what.partition(":SecretString")
    key = rest.removeprefix(":").partition(":")[0]
    value = client("secretsmanager").get_secret_value(SecretId=secret)["SecretString"]
    return str(json.loads(value)[key]) if key else str(value)
