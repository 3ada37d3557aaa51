"""Serves moto on a free loopback port of this process."""

from __future__ import annotations

from contextlib import contextmanager
from functools import cache
from threading import Thread
from typing import TYPE_CHECKING, Any

from moto.core import responses
from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import make_server

from sfn_fragments_local.direct_calls import answered_directly
from sfn_fragments_local.environment import LOOPBACK
from sfn_fragments_local.port_guard import AccessKey, PortGuard, Refusal, new_access_key, refused

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

    from werkzeug.serving import BaseWSGIServer

    from sfn_fragments_local.iam_enforcement import SessionGuard


# It holds a service's routes and no content, and its making takes as long as ten calls: all engines
# of the process share it.
_application_of = cache(create_backend_app)


class _Services(DomainDispatcherApplication):
    """Answers those who may ask, and knows which service a host name stands for.

    moto lists a folder for each request to find that out.
    """

    def __init__(self) -> None:
        super().__init__(_application_of)
        self._known: dict[str | None, Any] = {}
        self.guard = PortGuard(new_access_key(), [])
        self.sessions: SessionGuard | None = None

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        caller = self.guard.caller(environ)
        if isinstance(caller, Refusal):
            return refused(environ, start_response, caller)
        if self.sessions is not None and not self.guard.is_own(caller):
            denied = self.sessions.refusal(caller, environ)
            if denied is not None:
                refusal = Refusal(denied.message, denied.code, denied.status)
                return refused(environ, start_response, refusal)

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            # moto lets any page read what it answers.
            own = [one for one in headers if not one[0].lower().startswith("access-control-")]
            return start_response(status, own, *rest)

        return super().__call__(environ, start)

    def get_backend_for_host(self, host: str | None) -> Any:
        if host not in self._known:
            self._known[host] = super().get_backend_for_host(host)
        return self._known[host]


# moto goes through all attributes of a service's class for each request.
_responses: Any = responses
_responses.method_names_from_class = cache(_responses.method_names_from_class)


class _QuietHandler(MotoRequestHandler):
    """Logs no requests, and what went wrong with one."""

    def log(self, type: str, message: str, *args: Any) -> None:
        if type == "error":
            super().log(type, message, *args)


#: The access keys of the engines that are served, by their endpoint URLs.
_access_keys: dict[str, AccessKey] = {}


def access_key_of(endpoint_url: str | None) -> AccessKey:
    """The access key that an engine answers to; any where none is served there.

    Args:
        endpoint_url: Where it answers.
    """
    return _access_keys.get(endpoint_url or "", AccessKey("none", "none"))


class Served:
    """A server that runs.

    Args:
        server: werkzeug's.
    """

    def __init__(self, server: BaseWSGIServer) -> None:
        """It has a port."""
        self._server = server
        self.port = server.port
        self.endpoint_url = f"http://{LOOPBACK}:{server.port}"
        self.access_key = new_access_key()

    def admit(self, door: socket.socket) -> None:
        """Answer the connections that arrive at a socket, until it is shut down.

        Args:
            door: A socket that listens in a network of its own, at the server's port there.
        """
        Thread(target=self._answer, args=[door], name="moto door", daemon=True).start()

    def _answer(self, door: socket.socket) -> None:
        while True:
            try:
                connection, address = door.accept()
            except OSError:  # shut down
                return
            self._server.process_request(connection, address)


@contextmanager
def served_moto(sessions: SessionGuard | None = None) -> Iterator[Served]:
    """Serve moto for the length of the ``with`` block.

    Calls of this process's own clients are answered without a connection.

    Args:
        sessions: Decides about what is signed in a session of a role; None allows everything.

    Yields:
        The server.
    """
    services = _Services()
    services.sessions = sessions
    server = make_server(
        LOOPBACK,
        0,
        services,
        threaded=True,
        request_handler=_QuietHandler,
    )
    served = Served(server)
    hosts = [f"{name}:{server.port}" for name in (LOOPBACK, "localhost")]
    services.guard = PortGuard(served.access_key, hosts)
    _access_keys[served.endpoint_url] = served.access_key
    # A short poll, since shutdown() waits for one. serve_forever() closes the socket at its end.
    thread = Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.01}, name="moto", daemon=True
    )
    thread.start()
    try:
        with answered_directly(served.endpoint_url, services):
            yield served
    finally:
        del _access_keys[served.endpoint_url]
        server.shutdown()
        thread.join()
