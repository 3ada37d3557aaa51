"""Whose signature a request carries, and whether it is right.

AWS knows a caller by that: the id of an access key travels with each request, its secret never. The
signatures are computed by botocore's own signers, over what has arrived. See
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html, and for those of version 2,
which boto3 still puts into presigned URLs,
https://docs.aws.amazon.com/AmazonS3/latest/userguide/RESTAuthentication.html.
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from botocore.auth import HmacV1Auth, S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.compat import HTTPHeaders
from botocore.credentials import Credentials

from sfn_fragments_local.post_policy import Form, read_form

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_VERSION_4 = re.compile(
    r"AWS4-HMAC-SHA256 +Credential=(?P<credential>[^,\s]+), *"
    r"SignedHeaders=(?P<headers>[^,\s]+), *Signature=(?P<signature>\S+)"
)
_VERSION_2 = re.compile(r"AWS ([^:\s]+):(\S+)")

_FORM = "multipart/form-data"
_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Signature:
    """A signature that has arrived.

    Attributes:
        key: The id of the access key that it claims.
        given: The signature itself.
        computed: Computes what it should be, from the secret of the key.
        service: The service that it is for, as signatures name it.
        made: Unix time at which it was made; None for what does not tell, such as a form.
        ends: Unix time after which it is good for nothing; None for a request that is no presigned
            URL.
        content_is_right: Whether the body is the one that was signed.
        form: The form whose policy was signed.
    """

    key: str
    given: str
    computed: Callable[[str], str]
    service: str = "s3"
    made: float | None = None
    ends: float | None = None
    content_is_right: bool = True
    form: Form | None = None

    def is_right(self, secret: str) -> bool:
        """Whether it was made with a secret.

        Args:
            secret: The secret access key.
        """
        return hmac.compare_digest(self.computed(secret).encode(), self.given.encode())


def signed_by(environ: dict[str, Any]) -> Signature | None:
    """The signature of a request; None where it has none.

    Args:
        environ: The WSGI environment. A body in it is read, and can be read again.

    Returns:
        The one of the header ``Authorization``, of a presigned URL, or of the form of a presigned
        POST.
    """
    authorization = environ.get("HTTP_AUTHORIZATION", "")
    if found := _VERSION_4.match(authorization):
        content = environ.get("HTTP_X_AMZ_CONTENT_SHA256", "")
        # Others say that the body is not signed, or that its parts are.
        whole = not content or _HASH.fullmatch(content)
        actual = sha256(_body(environ)).hexdigest() if whole else content
        when = environ.get("HTTP_X_AMZ_DATE") or environ.get("HTTP_DATE", "")
        names = found["headers"].split(";")
        content = content or actual
        arrived = _version_4(environ, found["credential"], found["signature"], names, when, content)
        made = _time(when)
        return replace(arrived, made=made, content_is_right=content == actual)
    if found := _VERSION_2.match(authorization):
        when = environ.get("HTTP_DATE", "")
        # Where there is one of Amazon's own, it is signed as that, and the other as empty.
        own = environ.get("HTTP_X_AMZ_DATE")
        arrived = _version_2(environ, found[1], found[2], "" if own else when, {})
        return replace(arrived, made=_time(own or when))
    query = dict(parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True))
    if "X-Amz-Credential" in query:
        credential, signature = query["X-Amz-Credential"], query.get("X-Amz-Signature", "")
        names = query.get("X-Amz-SignedHeaders", "host").split(";")
        of_s3 = _parts(credential)[2] == "s3"
        content = "UNSIGNED-PAYLOAD" if of_s3 else sha256(_body(environ)).hexdigest()
        when = query.get("X-Amz-Date", "")
        arrived = _version_4(environ, credential, signature, names, when, content)
        made, seconds = _time(when), query.get("X-Amz-Expires", "")
        ends = made + int(seconds) if seconds.isdecimal() else 0.0
        return replace(arrived, made=made, ends=ends)
    if "AWSAccessKeyId" in query:
        key, signature = query["AWSAccessKeyId"], query.get("Signature", "")
        when = query.get("Expires", "")
        arrived = _version_2(environ, key, signature, when, query)
        return replace(arrived, ends=float(when) if when.isdecimal() else 0.0)
    if environ.get("CONTENT_TYPE", "").startswith(_FORM):
        return _of_form(read_form(environ, _body(environ)))
    return None


def _time(text: str) -> float:
    """The Unix time of a signature's date, in either way to write it; 0 for what is no date."""
    try:
        return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()
    except ValueError:
        pass
    try:
        return parsedate_to_datetime(text).timestamp()
    except ValueError:
        return 0.0


def _body(environ: dict[str, Any]) -> bytes:
    content: bytes = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = BytesIO(content)
    return content


def _header(environ: Mapping[str, Any], name: str) -> str:
    key = name.upper().replace("-", "_")
    value = environ.get(key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}", "")
    # WSGI gives what has arrived as Latin-1, and UTF-8 is signed.
    return str(value).encode("latin-1", "replace").decode("utf-8", "replace")


def _parts(credential: str) -> tuple[str, str, str]:
    """The id of the key, the region and the service of ``<id>/<date>/<region>/<service>/...``."""
    parts = [*credential.split("/"), "", "", ""]
    return parts[0], parts[2], parts[3]


class _Signer4(SigV4Auth):  # type: ignore[misc] # botocore has no types: its classes are Any
    """Signs those headers that were signed."""

    # botocore leaves some out, such as User-Agent; other SDKs do not.
    def headers_to_sign(self, request: AWSRequest) -> HTTPHeaders:
        headers = HTTPHeaders()
        for name, value in request.headers.items():
            headers[name.lower()] = value
        return headers

    def payload(self, request: AWSRequest) -> str:
        return str(request.context["content"])


class _S3Signer4(_Signer4, S3SigV4Auth):  # type: ignore[misc] # botocore has no types: its classes are Any
    """The same for S3, which does not normalize paths."""


def _version_4(
    environ: dict[str, Any],
    credential: str,
    signature: str,
    names: list[str],
    when: str,
    content: str,
) -> Signature:
    key, region, service = _parts(credential)

    def computed(secret: str) -> str:
        url = urlsplit(_target(environ))
        query = "&".join(
            one for one in url.query.split("&") if not one.startswith("X-Amz-Signature=")
        )
        request = AWSRequest(environ["REQUEST_METHOD"], url._replace(query=query).geturl())
        for name in names:
            request.headers[name] = _header(environ, name)
        request.context |= {"timestamp": when, "content": content}
        kind = _S3Signer4 if service == "s3" else _Signer4
        signer = kind(Credentials(key, secret), service, region)
        return str(signer.signature(_to_sign(signer, request), request))

    return Signature(key, signature, computed, service)


def _to_sign(signer: SigV4Auth, request: AWSRequest) -> str:
    return str(signer.string_to_sign(request, signer.canonical_request(request)))


class _Signer2(HmacV1Auth):  # type: ignore[misc] # botocore has no types: its classes are Any
    """Signs the date that was signed."""

    def __init__(self, credentials: Credentials, when: str) -> None:
        super().__init__(credentials)
        self._when = when

    def _get_date(self) -> str:
        return self._when


def _version_2(
    environ: dict[str, Any], key: str, signature: str, when: str, query: Mapping[str, str]
) -> Signature:
    def computed(secret: str) -> str:
        headers = HTTPHeaders()
        for name in ("Content-MD5", "Content-Type"):
            if value := _header(environ, name):
                headers[name] = value
        of_amazon = [name for name in environ if name.startswith("HTTP_X_AMZ_")]
        for name in of_amazon:
            header = name.removeprefix("HTTP_").lower().replace("_", "-")
            headers[header] = _header(environ, header)
        # botocore signs these as headers, and puts them into the URL.
        for name, value in query.items():
            if name.startswith("x-amz-") or name in ("content-md5", "content-type"):
                del headers[name]
                headers[name] = value
        signer = _Signer2(Credentials(key, secret), when)
        url = urlsplit(_target(environ))
        # A bucket alone is signed with a slash, whether it was asked for with one or not.
        path = f"{url.path}/" if url.path.rfind("/") == 0 and url.path != "/" else url.path
        method = environ["REQUEST_METHOD"]
        return str(signer.get_signature(method, url, headers, auth_path=path))

    return Signature(key, signature, computed)


def _of_form(form: Form) -> Signature | None:
    """The signature of a presigned POST, which is over its policy."""
    found = form.fields
    policy = found.get("policy", "")
    if "x-amz-credential" in found:
        key, region, service = _parts(found["x-amz-credential"])

        def of_version_4(secret: str) -> str:
            request = AWSRequest()
            request.context["timestamp"] = found.get("x-amz-date", "")
            signer = SigV4Auth(Credentials(key, secret), service, region)
            return str(signer.signature(policy, request))

        return Signature(key, found.get("x-amz-signature", ""), of_version_4, form=form)
    if "awsaccesskeyid" in found:
        key = found["awsaccesskeyid"]

        def of_version_2(secret: str) -> str:
            return str(HmacV1Auth(Credentials(key, secret)).sign_string(policy))

        return Signature(key, found.get("signature", ""), of_version_2, form=form)
    return None


def _target(environ: Mapping[str, Any]) -> str:
    """The address as it was asked for, which WSGI's own variables have decoded."""
    path = str(environ["RAW_URI"])
    return path if "://" in path else f"http://{environ.get('HTTP_HOST', '')}{path}"
