"""What the policy of a presigned POST allows: until when, and which form.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from io import BytesIO
from typing import Any, Final

from werkzeug.formparser import parse_form_data

#: Fields that no condition need be about.
_FREE: Final = frozenset({"awsaccesskeyid", "policy", "signature", "x-amz-signature"})


@dataclass(frozen=True)
class Form:
    """A form that has arrived.

    Attributes:
        bucket: The bucket that it is sent to.
        fields: Its fields; their names are in lower case.
        size: Bytes of its file.
    """

    bucket: str
    fields: Mapping[str, str]
    size: int


@dataclass(frozen=True)
class FormProblem:
    """Why a form is refused.

    Attributes:
        code: The error code of S3.
        message: Its message.
        status: The answer's.
    """

    code: str
    message: str
    status: int


def read_form(environ: Mapping[str, Any], content: bytes) -> Form:
    """Read a form.

    Args:
        environ: The WSGI environment of the request.
        content: Its body.
    """
    _, fields, files = parse_form_data({**environ, "wsgi.input": BytesIO(content)})
    named = {name.lower(): value for name, value in fields.items()}
    # A file may be a field like all others.
    file = files.get("file")
    size = len(named.pop("file", "").encode()) if file is None else len(file.stream.read())
    bucket = str(environ.get("PATH_INFO", "")).strip("/").partition("/")[0]
    return Form(bucket, named, size)


def problem_of_form(form: Form, now: float) -> FormProblem | None:
    """What S3 refuses of a form by its policy; None where it takes it.

    Args:
        form: The form. Its signature, which is over the policy, was found to be right.
        now: The Unix time.
    """
    try:
        policy = json.loads(base64.b64decode(form.fields.get("policy", "")))
        until = datetime.fromisoformat(policy["expiration"])
        conditions = [_condition(one) for one in policy.get("conditions", [])]
    except (ValueError, KeyError, TypeError) as error:
        return _invalid(f"Invalid Policy: {error}", "InvalidPolicyDocument", HTTPStatus.BAD_REQUEST)
    if (until if until.tzinfo else until.replace(tzinfo=UTC)).timestamp() < now:
        return _invalid("Invalid according to Policy: Policy expired.")
    given = {**form.fields, "bucket": form.bucket}
    for kind, name, value in conditions:
        if kind == "content-length-range":
            if form.size < int(name):
                return _sized("EntityTooSmall", "is smaller than the minimum")
            if form.size > int(value):
                return _sized("EntityTooLarge", "exceeds the maximum")
        elif not _holds(kind, given.get(name.lower(), ""), value):
            shown = json.dumps([kind, f"${name}", value])
            return _invalid(f"Invalid according to Policy: Policy Condition failed: {shown}")
    named = {name.lower() for kind, name, _ in conditions if kind != "content-length-range"}
    extra = [name for name in form.fields if name not in named | _FREE and name[:9] != "x-ignore-"]
    if extra:
        return _invalid(f"Invalid according to Policy: Extra input fields: {', '.join(extra)}")
    return None


def _condition(one: Mapping[str, Any] | Sequence[Any]) -> tuple[str, str, str]:
    """Operator, field and value."""
    if isinstance(one, Mapping):
        [(name, value)] = one.items()
        return "eq", str(name), str(value)
    kind, name, value = one
    return str(kind).lower(), str(name).removeprefix("$"), str(value)


def _holds(kind: str, given: str, value: str) -> bool:
    return given == value if kind == "eq" else kind == "starts-with" and given.startswith(value)


def _invalid(
    message: str, code: str = "AccessDenied", status: int = HTTPStatus.FORBIDDEN
) -> FormProblem:
    return FormProblem(code, message, status)


def _sized(code: str, how: str) -> FormProblem:
    return _invalid(f"Your proposed upload {how} allowed size", code, HTTPStatus.BAD_REQUEST)
