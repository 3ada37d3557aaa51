"""What the engine's services keep secret, which no report may show."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


def known_secrets(account: str, region: str) -> set[str]:
    """The values in Secrets Manager and of the secure parameters of Parameter Store.

    Read from moto's own data, since a call of the API would be one of a user's account.

    Args:
        account: Account of the engine.
        region: Its region.

    Returns:
        The values; those within a secret that is JSON too.
    """
    return {*_of_secrets_manager(account, region), *_of_parameter_store(account, region)}


def _backend(service: str, account: str, region: str) -> Any:
    """The service of moto, if anything has used it: importing it for nothing takes time."""
    module = sys.modules.get(f"moto.{service}.models")
    return None if module is None else getattr(module, f"{service}_backends")[account][region]


def _of_secrets_manager(account: str, region: str) -> Iterator[str]:
    backend = _backend("secretsmanager", account, region)
    for secret in [] if backend is None else list(backend.secrets.values()):
        for version in list(getattr(secret, "versions", {}).values()):
            text = version.get("secret_string")
            if text:
                yield text
                yield from _leaves(text)


def _of_parameter_store(account: str, region: str) -> Iterator[str]:
    backend = _backend("ssm", account, region)
    for versions in [] if backend is None else list(backend._parameters.values()):
        for parameter in versions:
            if parameter.parameter_type == "SecureString":
                yield str(parameter.decrypt(parameter.value))


def _leaves(text: str) -> Iterator[str]:
    """The values in a secret that is JSON."""
    try:
        pending = [json.loads(text)]
    except ValueError:
        return
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            pending += value.values()
        elif isinstance(value, list):
            pending += value
        elif isinstance(value, str):
            yield value
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield json.dumps(value)
