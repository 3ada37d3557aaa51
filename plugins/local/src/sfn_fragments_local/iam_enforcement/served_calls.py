"""Holds calls that arrive at the engine's port to the role whose session has signed them.

Executions' calls are asked about where they are made, in `moto_hooks`; these come from outside of
this process: from jobs, from functions, and from whoever has assumed a role.
"""

from __future__ import annotations

import re
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import UnknownServiceError
from botocore.model import OperationNotFoundError
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request as ServedRequest
from moto.core.request import determine_request_protocol
from moto.core.routing import get_service_router
from moto.core.utils import get_service_model
from werkzeug.exceptions import NotFound

from sfn_fragments_local.iam_enforcement.enforcement import access_denied
from sfn_fragments_local.iam_enforcement.policies import UnsupportedPolicyError
from sfn_fragments_local.iam_enforcement.sessions import session_of_key
from sfn_fragments_local.post_policy import read_form

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sfn_fragments_local.iam_enforcement.enforcement import IamEnforcement
    from sfn_fragments_local.moto_gaps.calls import ErrorResponse

#: ``<key>/<date>/<region>/<service>/aws4_request``, in a header or in a presigned URL.
_SCOPE: Final = re.compile(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/aws4_request")

#: Services that sign with another name than boto3 has for them.
_SIGNED_AS: Final = {
    "elasticfilesystem": "efs",
    "elasticloadbalancing": "elbv2",
    "eventbridge": "events",
    "monitoring": "cloudwatch",
    "states": "stepfunctions",
    "tagging": "resourcegroupstaggingapi",
}

#: Everybody may ask who they are.
_FREE: Final = frozenset({("sts", "GetCallerIdentity"), ("sts", "GetSessionToken")})


class SessionGuard:
    """Decides about requests that are signed with the key of a role's session.

    Args:
        enforcement: Says what a role may do.
    """

    def __init__(self, enforcement: IamEnforcement) -> None:
        """All is known."""
        self._enforcement = enforcement

    def refusal(self, access_key: str, environ: dict[str, Any]) -> ErrorResponse | None:
        """The answer to a request that its role does not allow.

        Args:
            access_key: The key's id that signed it.
            environ: The WSGI environment. The body in it is read, and can be read again.

        Returns:
            The service's answer; None if the role allows it, if the engine has no such role, and
            for keys that are no session's.
        """
        session = session_of_key(access_key)
        if session is None:
            return None
        role, name = session
        service = _service_of(environ)
        call = None if service is None else _call(service, environ)
        if service is None or call is None or (service, call[0]) in _FREE:
            return None
        try:
            refusal = self._enforcement.refusal_of_call(role, service, *call, session=name)
        except UnsupportedPolicyError as error:
            refusal = str(error)
        return None if refusal is None else access_denied(service, refusal)


def _service_of(environ: Mapping[str, Any]) -> str | None:
    text = environ.get("HTTP_AUTHORIZATION") or environ.get("QUERY_STRING", "")
    found = _SCOPE.search(text.replace("%2F", "/"))
    if found is None:
        # Signatures of version 2, which S3 alone still takes.
        return "s3"
    name = found[1].lower()
    return _SIGNED_AS.get(name, name)


def _call(service: str, environ: dict[str, Any]) -> tuple[str, Mapping[str, Any]] | None:
    """The API action of a request and its arguments; None for what is not known here."""
    try:
        model = get_service_model(service)
    except UnknownServiceError:
        return None
    request = ServedRequest(environ)
    body = b""
    if service == "s3" and environ.get("CONTENT_TYPE", "").startswith("multipart/form-data"):
        # A presigned POST, which the API's model does not have.
        content = request.get_data()
        environ["wsgi.input"] = BytesIO(content)
        form = read_form(environ, content)
        return "PutObject", {"Bucket": form.bucket, "Key": form.fields.get("key", "")}
    # S3's bodies are objects, of any size, but for the list of what to delete.
    if service != "s3" or "delete" in request.args:
        body = request.get_data()
        environ["wsgi.input"] = BytesIO(body)
    try:
        action, uri = _action(service, request)
        operation = model.operation_model(action)
    except (NotFound, NotImplementedError, OperationNotFoundError):
        # In these ways moto and botocore say that they know no such call: nothing here answers it.
        return None
    protocol = determine_request_protocol(model, request.content_type)
    parser = PROTOCOL_PARSERS[protocol](operation, map_type=dict)
    arguments: Mapping[str, Any] = parser.parse(
        {
            "method": request.method,
            "values": request.values,
            "headers": request.headers,
            "body": body,
            "url_path": request.path,
            "url_params": uri,
        }
    )
    return action, arguments


def _action(service: str, request: ServedRequest) -> tuple[str, dict[str, Any]]:
    if target := request.headers.get("X-Amz-Target"):
        return target.rpartition(".")[2], {}
    if action := request.values.get("Action"):
        return action, {}
    operation, uri = get_service_router(service).match(request)
    return operation.name, dict(uri)
