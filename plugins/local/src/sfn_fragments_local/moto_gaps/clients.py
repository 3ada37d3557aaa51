"""boto3 clients of the states' service calls: made once, and pointed at the engine."""

from __future__ import annotations

import os
import threading
from typing import Any, Final
from urllib.parse import unquote

from botocore.config import Config

from sfn_fragments_local.clients import new_client
from sfn_fragments_local.direct_calls import answer_directly
from sfn_fragments_local.moto_gaps.calls import before_call, remember_arguments
from sfn_fragments_local.moto_gaps.patching import load, replace_imported
from sfn_fragments_local.moto_gaps.settings import get_endpoint_url
from sfn_fragments_local.server import access_key_of

_boto_client: Final = load("asl.utils.boto_client")
_NO_TIMEOUT: Final = load(
    "asl.component.common.timeouts.timeout:TimeoutSeconds.DEFAULT_TIMEOUT_SECONDS"
)

_lock: Final = threading.Lock()
_clients: Final[dict[tuple[str, str, str | None], Any]] = {}


def _boto_client_for(region: str, service: str, state_credentials: object = None) -> Any:  # noqa: ARG001 - moto's signature
    intercepted: bool = _boto_client.botocore_stubber.enabled
    endpoint_url = None
    if not intercepted:
        endpoint_url = (
            get_endpoint_url()
            or os.environ.get("AWS_ENDPOINT_URL")
            or f"http://localhost:{_boto_client.moto_server_port()}"
        )
    key = (service, region, endpoint_url)
    access_key = access_key_of(endpoint_url)
    # One lock for all: a client takes 50 to 100 ms to make.
    with _lock:
        if key not in _clients:
            client = new_client(
                service,
                region_name=region,
                endpoint_url=endpoint_url,
                aws_access_key_id=access_key.id,
                aws_secret_access_key=access_key.secret,
                config=Config(
                    parameter_validation=False,
                    retries={"max_attempts": 0, "total_max_attempts": 1},
                    connect_timeout=_NO_TIMEOUT,
                    read_timeout=_NO_TIMEOUT,
                    max_pool_connections=50,
                    # Interception knows AWS's own addresses alone.
                    ignore_configured_endpoint_urls=intercepted,
                    s3={"addressing_style": "path"},
                    # Else botocore makes one of many parts, for each call.
                    user_agent="sfn-fragments",
                ),
            )
            if service == "s3":
                client.meta.events.register_first("before-parameter-build.s3", _source_as_written)
            client.meta.events.register("before-parameter-build", remember_arguments)
            client.meta.events.register("before-call", before_call)
            answer_directly(client)
            _clients[key] = client
        return _clients[key]


def _source_as_written(params: dict[str, Any], **_: Any) -> None:
    """Botocore's event before it encodes the source of a copy, which the Java SDK sends as it is.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html

    Args:
        params: The call's arguments.
    """
    source = params.get("CopySource")
    if isinstance(source, str):
        path, separator, version = source.partition("?versionId=")
        params["CopySource"] = f"{unquote(path)}{separator}{version}"


def forget_clients(endpoint_url: str) -> None:
    """Close the clients of an engine that ends: each engine has an address of its own.

    Args:
        endpoint_url: Where it answered.
    """
    with _lock:
        for key in [key for key in _clients if key[2] == endpoint_url]:
            _clients.pop(key).close()


def close() -> None:
    """Make one client per service, region and endpoint, whichever way moto runs."""
    replace_imported(_boto_client.boto_client_for, _boto_client_for)
