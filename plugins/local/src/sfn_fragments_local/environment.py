"""The AWS environment variables of a process that talks to the engine and to nothing else."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sfn_fragments_local.port_guard import AccessKey

LOOPBACK = "127.0.0.1"

#: moto's own default account, the one that the credentials below belong to.
ACCOUNT = "123456789012"


def engine_environment(endpoint_url: str, region: str, access_key: AccessKey) -> dict[str, str]:
    """Environment variables for a process to reach the engine with any AWS SDK.

    Args:
        endpoint_url: Where the engine listens.
        region: Name of the region that the engine plays.
        access_key: The engine's access key, without which it does not answer.

    Returns:
        Names and values. The files that could hold real ones, and
        the metadata service of a cloud machine, are out of reach.
    """
    no_proxy = ",".join(filter(None, [os.environ.get("NO_PROXY"), LOOPBACK, "localhost"]))
    return {
        "AWS_ACCESS_KEY_ID": access_key.id,
        "AWS_SECRET_ACCESS_KEY": access_key.secret,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_ENDPOINT_URL": endpoint_url,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        # moto's interpreter builds the address of its own calls from this one.
        "MOTO_PORT": str(urlsplit(endpoint_url).port),
        "NO_PROXY": no_proxy,
        "no_proxy": no_proxy,
    }


def container_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """What a container is told of the engine; it has no other variables of this machine.

    Args:
        environment: What `engine_environment` returns.

    Returns:
        Credentials and endpoint. No region: Batch sets none, and Lambda its own.
    """
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL")
    return {name: environment[name] for name in names}


@contextmanager
def replaced_environment(values: Mapping[str, str]) -> Iterator[None]:
    """Set variables of this process, with no other ``AWS_`` variable left, and put all back.

    boto3's default session, which remembers the credentials that it found, is set aside as well.

    Args:
        values: Names and values to set.

    Yields:
        Nothing; the variables are in force inside the ``with`` block.
    """
    before = dict(os.environ)
    touched = {name for name in before if name.startswith("AWS_")} | set(values)
    session = _swap_default_session(None)
    for name in touched:
        os.environ.pop(name, None)
    os.environ.update(values)
    try:
        yield
    finally:
        for name in touched:
            os.environ.pop(name, None)
            if name in before:
                os.environ[name] = before[name]
        _swap_default_session(session)


def _swap_default_session(session: Any) -> Any:
    # It need not be imported to be set aside.
    boto3: Any = sys.modules.get("boto3")
    if boto3 is None:
        return None
    before, boto3.DEFAULT_SESSION = vars(boto3).get("DEFAULT_SESSION"), session
    return before
