"""Who may talk to the engine's port: its own clients, jobs and functions.

Anyone on this machine reaches the port, and so does a web page in a browser, directly or by a name
that it lets point here. A request has to carry the engine's access key, or one that the engine has
issued, to name this host, and to come from no page.
"""

from __future__ import annotations

import hmac
import json
import re
import secrets
from http import HTTPStatus
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from moto.iam.models import iam_backends
from moto.sts.models import sts_backends

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

#: moto's own: its administration, the page that shows everything, the metadata of a machine.
_CLOSED = re.compile(r"/(moto-api|latest/(meta-data|api))(/|$)|/favicon\.ico$")

_SIGNED = re.compile(r"Credential=([^/,\s]+)/|^AWS ([^:\s]+):")

#: A form that a presigned POST comes with.
_FORM_FIELD = re.compile(
    rb'name="(?:x-amz-credential|awsaccesskeyid)"\r\n\r\n([^/\r]+)', re.IGNORECASE
)
_FORM = "multipart/form-data"


def new_access_key() -> str:
    """An access key id that nobody can guess."""
    return f"LOCAL{secrets.token_hex(16).upper()}"


class PortGuard:
    """Decides about requests.

    Args:
        access_key: The engine's access key id.
        hosts: What the requests may name as their host, with the port.
    """

    def __init__(self, access_key: str, hosts: Iterable[str]) -> None:
        """All is known."""
        self._access_key = access_key
        self._hosts = frozenset(hosts)

    def refusal(self, environ: dict[str, Any]) -> str | None:
        """Why a request is not answered, if it is not.

        Args:
            environ: The WSGI environment. A form in it is read, and can be read again.
        """
        if environ.get("HTTP_HOST") not in self._hosts:
            return f"this engine answers to {' and '.join(sorted(self._hosts))} only"
        if "HTTP_ORIGIN" in environ:
            return "this engine answers no web page"
        if _CLOSED.match(environ.get("PATH_INFO", "")):
            return "the administration of moto is closed"
        key = key_of(environ)
        if key is None or not (self.is_own(key) or _is_issued(key)):
            return (
                "the request does not carry the access key of this engine; take a client from "
                "Engine.client, or the variables of Engine.environment"
            )
        return None

    def is_own(self, key: str) -> bool:
        """Whether an access key id is the engine's, which may do everything."""
        return hmac.compare_digest(key.encode(), self._access_key.encode())


def refused(
    environ: Mapping[str, Any],
    start_response: Callable[..., Any],
    reason: str,
    code: str = "UnrecognizedClientException",
    status: int = HTTPStatus.FORBIDDEN,
) -> list[bytes]:
    """Answer a request that is refused, in a form that the SDKs understand.

    Args:
        environ: The WSGI environment.
        start_response: WSGI's.
        reason: Why.
        code: Name of the error.
        status: Its status.

    Returns:
        The body.
    """
    kind = environ.get("CONTENT_TYPE", "")
    if "json" in kind or "HTTP_X_AMZ_TARGET" in environ:
        content_type, body = "application/json", json.dumps({"__type": code, "message": reason})
    else:
        content_type = "text/xml"
        body = f"<Error><Code>{code}</Code><Message>{escape(reason)}</Message></Error>"
        if "x-www-form-urlencoded" in kind:
            body = f"<ErrorResponse>{body}</ErrorResponse>"
    answer = body.encode()
    headers = [
        ("Content-Type", content_type),
        ("Content-Length", str(len(answer))),
        ("x-amzn-ErrorType", code),
    ]
    start_response(f"{int(status)} {HTTPStatus(status).phrase}", headers)
    # What HEAD is answered has a length and no body.
    return [] if environ.get("REQUEST_METHOD") == "HEAD" else [answer]


def key_of(environ: dict[str, Any]) -> str | None:
    """The access key id of a request: signed, presigned, or with the form of a presigned POST.

    Args:
        environ: The WSGI environment. A form in it is read, and can be read again.
    """
    if found := _SIGNED.search(environ.get("HTTP_AUTHORIZATION", "")):
        return str(found[1] or found[2])
    query = parse_qs(environ.get("QUERY_STRING", ""))
    for name in ("X-Amz-Credential", "AWSAccessKeyId"):
        if name in query:
            return str(query[name][0]).partition("/")[0]
    if environ.get("CONTENT_TYPE", "").startswith(_FORM):
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = BytesIO(body)
        if field := _FORM_FIELD.search(body):
            return str(field[1], errors="replace")
    return None


def _is_issued(key: str) -> bool:
    """Whether the engine has made this key, as by AssumeRole or CreateAccessKey."""
    users = (one for account in list(iam_backends.values()) for one in list(account.values()))
    if any(key in backend.access_keys for backend in users):
        return True
    roles = (one for account in list(sts_backends.values()) for one in list(account.values()))
    return any(backend.get_assumed_role_from_access_key(key) for backend in roles)
