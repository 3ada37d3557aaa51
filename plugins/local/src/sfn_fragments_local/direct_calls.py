"""Calls of this process's own clients, answered without a connection.

What the engine serves is in this process. A connection, a thread and the parsing of HTTP on both
sides take longer than most services take to answer; the request is otherwise the same, down to
what the server makes of it.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import Context
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from botocore.awsrequest import AWSResponse
from moto.core.botocore_stubber import MockRawResponse
from moto.moto_server.werkzeug_app import MotoRequestHandler
from urllib3 import HTTPHeaderDict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from botocore.awsrequest import AWSPreparedRequest

#: The applications that are served, by their endpoint URLs.
_applications: dict[str, Any] = {}


@contextmanager
def answered_directly(endpoint_url: str, application: Any) -> Iterator[None]:
    """Answer the clients that `answer_directly` was told of, in the ``with`` block.

    Args:
        endpoint_url: Where the application is served.
        application: The WSGI application.

    Yields:
        Nothing.
    """
    _applications[endpoint_url] = application
    try:
        yield
    finally:
        del _applications[endpoint_url]


def answer_directly(client: Any) -> None:
    """Have a client's calls answered without a connection, while its endpoint is served here.

    Args:
        client: A boto3 client.
    """
    client.meta.events.register("before-send", _answer)


class _Request(MotoRequestHandler):
    """What moto's server reads from a connection, of a request of botocore."""

    # The base class's handles a connection while it is made.
    def __init__(self, request: AWSPreparedRequest, body: bytes) -> None:
        url = urlsplit(request.url)
        # Untyped: what stands for headers, connection and server has what moto reads of them.
        own: Any = self
        own.command = request.method
        own.path = url._replace(scheme="", netloc="").geturl()
        own.request_version = "HTTP/1.1"
        own.headers = _headers(request.headers, url.netloc, len(body))
        own.rfile = BytesIO(body)
        own.client_address = (url.hostname or "", 0)
        own.connection = None
        own.server = _Server(url.hostname or "", url.port or 80)


class _Server:
    ssl_context = None
    multithread = True
    multiprocess = False

    def __init__(self, host: str, port: int) -> None:
        self.server_address = (host, port)


def _headers(given: Mapping[str, str | bytes], host: str, length: int) -> HTTPHeaderDict:
    """The headers as they would arrive; the body is whole, whatever its parts would have been."""
    headers = HTTPHeaderDict({"Host": host, "Accept-Encoding": "identity"})
    for name, value in given.items():
        if name.lower() not in ("transfer-encoding", "content-length"):
            headers[name] = value.decode("latin-1") if isinstance(value, bytes) else str(value)
    headers["Content-Length"] = str(length)
    return headers


def _answer(request: AWSPreparedRequest, **_: Any) -> AWSResponse | None:
    """Botocore's event ``before-send``; None has it send the request."""
    scheme, netloc, *_rest = urlsplit(request.url)
    application = _applications.get(f"{scheme}://{netloc}")
    if application is None:
        return None
    body = request.body
    if hasattr(body, "read"):
        body = body.read()
    content = body.encode() if isinstance(body, str) else bytes(body or b"")
    environ = _Request(request, content).make_environ()
    # As in a thread of the server's own, which knows nothing of the state that makes the call.
    status, headers, answer = Context().run(_called, application, environ)
    # botocore reads of it what it reads of urllib3's.
    raw: Any = MockRawResponse(answer)
    return AWSResponse(request.url, status, headers, raw)


def _called(
    application: Callable[..., Iterable[bytes]], environ: dict[str, Any]
) -> tuple[int, HTTPHeaderDict, bytes]:
    """Call a WSGI application."""
    started: list[tuple[str, list[tuple[str, str]]]] = []
    written: list[bytes] = []

    def start(status: str, headers: list[tuple[str, str]], _: Any = None) -> Callable[..., Any]:
        started.append((status, headers))
        return written.append

    answer = application(environ, start)
    try:
        written.extend(answer)
    finally:
        if hasattr(answer, "close"):
            answer.close()
    status, headers = started[-1]
    return int(status.split()[0]), HTTPHeaderDict(headers), b"".join(written)
