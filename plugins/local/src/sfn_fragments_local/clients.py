"""boto3 clients of one session, which reads the models of services and regions once."""

from __future__ import annotations

from functools import cache
from threading import Lock
from typing import Any

import boto3.session

_lock = Lock()


@cache
def _session() -> Any:
    # Not at import: outside of an engine the user's own profile would be looked for.
    return boto3.session.Session()


def new_client(service: str, **options: Any) -> Any:
    """Make a client; call it inside of an engine's environment.

    Args:
        service: Name of the service, such as ``s3``.
        **options: What boto3's own function takes; a region, an endpoint and credentials at least.

    Returns:
        The client.
    """
    # A session is not thread-safe.
    with _lock:
        return _session().client(service, **options)
