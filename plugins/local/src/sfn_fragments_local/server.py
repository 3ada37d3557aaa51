"""Serves moto on a free loopback port of this process."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from threading import Thread
from typing import TYPE_CHECKING

from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import make_server

from sfn_fragments_local.environment import LOOPBACK

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def served_moto() -> Iterator[str]:
    """Serve moto for the length of the ``with`` block.

    Yields:
        The endpoint URL.
    """
    log = logging.getLogger("werkzeug")
    level = log.level
    log.setLevel(logging.ERROR)
    server = make_server(
        LOOPBACK,
        0,
        DomainDispatcherApplication(create_backend_app),
        threaded=True,
        request_handler=MotoRequestHandler,
    )
    # A short poll, since shutdown() waits for one. serve_forever() closes the socket at its end.
    thread = Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.05}, name="moto", daemon=True
    )
    thread.start()
    try:
        yield f"http://{LOOPBACK}:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        log.setLevel(level)
