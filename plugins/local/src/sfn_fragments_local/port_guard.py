"""Who may talk to the engine's port: its own clients, jobs and functions.

Anyone on this machine reaches the port, and so does a web page in a browser, directly or by a name
that it lets point here. A request has to be signed with the engine's access key, or with one that
the engine has issued, to name this host, and to come from no page.
"""

from __future__ import annotations

import json
import re
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from xml.sax.saxutils import escape

from moto.iam.models import iam_backends
from moto.sts.models import sts_backends

from sfn_fragments_local.post_policy import problem_of_form
from sfn_fragments_local.signatures import signed_by

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sfn_fragments_local.signatures import Signature

#: moto's own: its administration, the page that shows everything, the metadata of a machine.
_CLOSED = re.compile(r"/(moto-api|latest/(meta-data|api))(/|$)|/favicon\.ico$")


#: Seconds that a clock may be wrong:
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html
_SKEW: Final = 15 * 60


@dataclass(frozen=True)
class AccessKey:
    """Credentials of an engine, which nobody can guess.

    Attributes:
        id: Travels with each request, and in presigned URLs.
        secret: Signs them, and travels never.
    """

    id: str
    secret: str


@dataclass(frozen=True)
class Refusal:
    """Why a request is not answered.

    Attributes:
        reason: In words.
        code: AWS's, as the services say it whose answers are XML.
        status: That of the answer.
    """

    reason: str
    code: str = "UnrecognizedClientException"
    status: int = HTTPStatus.FORBIDDEN


def new_access_key() -> AccessKey:
    """An access key that nobody can guess."""
    return AccessKey(f"LOCAL{secrets.token_hex(16).upper()}", secrets.token_hex(20))


class PortGuard:
    """Decides about requests.

    Args:
        access_key: The engine's access key.
        hosts: What the requests may name as their host, with the port.
    """

    def __init__(self, access_key: AccessKey, hosts: Iterable[str]) -> None:
        """All is known."""
        self._access_key = access_key
        self._hosts = frozenset(hosts)

    def caller(self, environ: dict[str, Any]) -> str | Refusal:
        """Whose request it is, or why it is not answered.

        Args:
            environ: The WSGI environment. A body in it is read, and can be read again.

        Returns:
            The id of the access key that signed it.
        """
        if environ.get("HTTP_HOST") not in self._hosts:
            return Refusal(f"this engine answers to {' and '.join(sorted(self._hosts))} only")
        if "HTTP_ORIGIN" in environ:
            return Refusal("this engine answers no web page")
        if _CLOSED.match(environ.get("PATH_INFO", "")):
            return Refusal("the administration of moto is closed")
        found = signed_by(environ)
        secret = None if found is None else self._secret_of(found.key)
        if found is None or secret is None:
            return Refusal(
                "the request does not carry the access key of this engine; take a client from "
                "Engine.client, or the variables of Engine.environment"
            )
        if not found.is_right(secret):
            return Refusal(
                "The request signature we calculated does not match the signature you provided. "
                "Check your AWS Secret Access Key and signing method. Consult the service "
                "documentation for details.",
                "SignatureDoesNotMatch",
            )
        return _untimely(found) or _unlike_what_was_signed(found) or found.key

    def is_own(self, key: str) -> bool:
        """Whether an access key id is the engine's, which may do everything."""
        return key == self._access_key.id

    def _secret_of(self, key: str) -> str | None:
        return self._access_key.secret if self.is_own(key) else _issued_secret(key)


def _clocks() -> tuple[float, float]:
    """The time of this process, which a test may have stopped, and that of its jobs."""
    return time.time(), time.clock_gettime(time.CLOCK_REALTIME)


def _untimely(signature: Signature) -> Refusal | None:
    """Why a signature is of another time, as AWS says it."""
    early, late = min(_clocks()), max(_clocks())
    if signature.ends is not None:
        if signature.ends < early:
            return Refusal("Request has expired", "AccessDenied")
        if signature.made is not None and signature.made > late + _SKEW:
            return Refusal("Request is not yet valid", "AccessDenied")
    elif signature.made is not None and not early - _SKEW <= signature.made <= late + _SKEW:
        if signature.service == "s3":
            reason = "The difference between the request time and the current time is too large."
            return Refusal(reason, "RequestTimeTooSkewed")
        return Refusal(
            f"Signature expired: it was made at {_shown(signature.made)}, now it is "
            f"{_shown(late)}, and 15 minutes are allowed",
            "SignatureDoesNotMatch",
        )
    return None


def _shown(when: float) -> str:
    return datetime.fromtimestamp(when, UTC).strftime("%Y%m%dT%H%M%SZ")


def _unlike_what_was_signed(signature: Signature) -> Refusal | None:
    """Why what has arrived is not what a signature is good for."""
    if not signature.content_is_right:
        reason = "The provided 'x-amz-content-sha256' header does not match what was computed."
        if signature.service == "s3":
            return Refusal(reason, "XAmzContentSHA256Mismatch", HTTPStatus.BAD_REQUEST)
        return Refusal(reason, "SignatureDoesNotMatch")
    problem = signature.form and problem_of_form(signature.form, min(_clocks()))
    return Refusal(problem.message, problem.code, problem.status) if problem else None


def refused(
    environ: Mapping[str, Any], start_response: Callable[..., Any], refusal: Refusal
) -> list[bytes]:
    """Answer a request that is refused, in a form that the SDKs understand.

    Args:
        environ: The WSGI environment.
        start_response: WSGI's.
        refusal: Why.

    Returns:
        The body.
    """
    reason, code = refusal.reason, refusal.code
    kind = environ.get("CONTENT_TYPE", "")
    in_json = "json" in kind or "HTTP_X_AMZ_TARGET" in environ
    if in_json:
        code = {"SignatureDoesNotMatch": "InvalidSignatureException"}.get(code, code)
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
    status = HTTPStatus(refusal.status)
    start_response(f"{int(status)} {status.phrase}", headers)
    # What HEAD is answered has a length and no body.
    return [] if environ.get("REQUEST_METHOD") == "HEAD" else [answer]


def _issued_secret(key: str) -> str | None:
    """The secret of a key that the engine has made, as by AssumeRole or CreateAccessKey."""
    users = (one for account in list(iam_backends.values()) for one in list(account.values()))
    for backend in users:
        if key in backend.access_keys:
            return str(backend.access_keys[key].secret_access_key)
    roles = (one for account in list(sts_backends.values()) for one in list(account.values()))
    assumed = (backend.get_assumed_role_from_access_key(key) for backend in roles)
    return next((str(role.secret_access_key) for role in assumed if role), None)
