"""What moto would send to addresses outside: refused, but to hosts that are allowed by name.

moto posts to subscribers of a topic, to destinations of Firehose and EventBridge, and calls the
addresses of APIs. While an engine is open nothing leaves the machine; without one, moto is as ever.
"""

from __future__ import annotations

from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import requests

from sfn_fragments_local.moto_gaps.patching import load, replace

if TYPE_CHECKING:
    from collections.abc import Iterator

_SENDERS: Final = (
    "/moto.apigateway.integration_parsers.aws_parser",
    "/moto.apigateway.integration_parsers.http_parser",
    "/moto.events.models",
    "/moto.firehose.models",
    "/moto.sns.models",
    "asl.component.state.exec.state_task.service.state_task_service_api_gateway",
)
_SNSBackend: Final = load("/moto.sns.models:SNSBackend")
_InvalidParameter: Final = load("/moto.sns.exceptions:SNSInvalidParameter")

_subscribe: Final = _SNSBackend.subscribe

_lock: Final = Lock()
#: The hosts that each open engine allows.
_allowed: Final[list[frozenset[str]]] = []


class OutgoingError(ValueError):
    """Something would leave the machine."""


def _refusal(url: str) -> str | None:
    with _lock:
        allowed = list(_allowed)
    host = urlsplit(url).hostname or ""
    if not allowed or any(host in hosts for hosts in allowed):
        return None
    return (
        f"{url!r} is not reached: nothing leaves this machine; allow it with "
        f"Engine(allowed_hosts=[{host!r}])"
    )


class _Guarded:
    """The functions of ``requests`` that moto calls."""

    def __getattr__(self, name: str) -> Any:
        original = getattr(requests, name)
        if name not in ("get", "post", "put", "patch", "delete", "head", "options"):
            return original

        def send(url: str, *args: Any, **kwargs: Any) -> Any:
            return self.request(name.upper(), url, *args, **kwargs)

        return send

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        if refusal := _refusal(url):
            raise OutgoingError(refusal)
        return getattr(requests, method.lower())(url, *args, **kwargs)


def _checked_subscribe(self: Any, topic_arn: str, endpoint: str, protocol: str) -> Any:
    if protocol in ("http", "https") and (refusal := _refusal(endpoint)):
        raise _InvalidParameter(f"Invalid parameter: Endpoint {refusal}")
    return _subscribe(self, topic_arn, endpoint, protocol)


@contextmanager
def sending_to(hosts: frozenset[str]) -> Iterator[None]:
    """Send to no other hosts in the ``with`` block.

    Args:
        hosts: Names of hosts.

    Yields:
        Nothing.
    """
    with _lock:
        _allowed.append(hosts)
    try:
        yield
    finally:
        with _lock:
            _allowed.remove(hosts)


def close() -> None:
    """Keep what moto sends on this machine, where an engine is open."""
    for path in _SENDERS:
        replace(load(path), "requests", _Guarded())
    replace(_SNSBackend, "subscribe", _checked_subscribe)
