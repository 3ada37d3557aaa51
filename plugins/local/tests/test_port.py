"""The engine's port is its own: who has no key, another host or an origin gets nothing."""

from __future__ import annotations

import http.client
import io
import json
import sys
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any, ClassVar

import boto3
import pytest
from boto3.s3.transfer import TransferConfig
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from tests import batch_jobs
from tests.forms import answer_to, send_form
from tests.proofs import few, some

from sfn_fragments_local import Engine

if TYPE_CHECKING:
    from collections.abc import Iterator


def ask(engine: Engine, path: str = "/", **headers: str) -> tuple[int, str, dict[str, str]]:
    """What a program such as curl gets."""
    address = engine.endpoint_url.removeprefix("http://")
    connection = http.client.HTTPConnection(address, timeout=10)
    try:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode(), dict(answer.headers)
    finally:
        connection.close()


def signed(engine: Engine, path: str = "/", host: str = "") -> dict[str, str]:
    """The headers of a request that the engine's key has signed, for one of its hosts."""
    request = AWSRequest(
        "GET", f"http://{host or engine.endpoint_url.removeprefix('http://')}{path}"
    )
    S3SigV4Auth(credentials_of(engine), "s3", "us-east-1").add_auth(request)
    return dict(request.headers.items())


def credentials_of(engine: Engine) -> Credentials:
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
    return Credentials(*(engine.environment[name] for name in names))


@pytest.fixture
def engine(sfn_engine: Engine) -> Engine:
    sfn_engine.create_bucket("secret-bucket")
    sfn_engine.client("s3").put_object(Bucket="secret-bucket", Key="k", Body=b"mine")
    return sfn_engine


def test_without_the_key(engine: Engine) -> None:
    other = "AWS4-HMAC-SHA256 Credential=AKIAOTHER/20260101/us-east-1/s3/aws4_request"
    for headers in ({}, {"Authorization": other}, {"Authorization": "AWS AKIAOTHER:sig"}):
        status, body, _ = ask(engine, **headers)
        assert status == 403
        assert "does not carry the access key of this engine" in body
        assert "secret-bucket" not in body
    assert ask(engine, "/secret-bucket/k?AWSAccessKeyId=x&Signature=y&Expires=9999999999")[0] == 403
    assert "secret-bucket" in ask(engine, **signed(engine))[1]


def test_another_host_or_a_web_page(engine: Engine) -> None:
    port = engine.endpoint_url.rpartition(":")[2]
    for host in ("example.com", f"example.com:{port}", "127.0.0.1", f"127.0.0.2:{port}", ""):
        status, body, _ = ask(engine, Host=host, **signed(engine, host=host))
        assert (status, "answers to 127.0.0.1" in body) == (403, True)
    own = f"localhost:{port}"
    assert ask(engine, Host=own, **signed(engine, host=own))[0] == 200
    for origin in ("https://example.com", "null", engine.endpoint_url):
        status, body, headers = ask(engine, Origin=origin, **signed(engine))
        assert (status, "no web page" in body) == (403, True)
        assert not [name for name in headers if name.lower().startswith("access-control")]
    _, _, headers = ask(engine, **signed(engine))
    assert not [name for name in headers if name.lower().startswith("access-control")]


@pytest.mark.parametrize(
    "path", ["/moto-api/", "/moto-api/data.json", "/moto-api/reset", "/latest/meta-data/"]
)
def test_the_administration_is_closed(engine: Engine, path: str) -> None:
    status, body, _ = ask(engine, path, **signed(engine, path))
    assert (status, "is closed" in body) == (403, True)


@pytest.mark.parametrize("version", ["s3", "s3v4"])
def test_presigned_urls_work(engine: Engine, version: str) -> None:
    # As a job has one, whose clients do not call within this process.
    s3 = boto3.client("s3", config=Config(signature_version=version))
    get = s3.generate_presigned_url("get_object", {"Bucket": "secret-bucket", "Key": "k"})
    with urllib.request.urlopen(get, timeout=10) as answer:
        assert answer.read() == b"mine"
    kind = "application/octet-stream"
    put = s3.generate_presigned_url(
        "put_object", {"Bucket": "secret-bucket", "Key": "new", "ContentType": kind}
    )
    upload = urllib.request.Request(put, b"new", {"Content-Type": kind}, method="PUT")
    urllib.request.urlopen(upload, timeout=10).close()
    assert s3.get_object(Bucket="secret-bucket", Key="new")["Body"].read() == b"new"
    post = s3.generate_presigned_post("secret-bucket", "posted")
    assert send_form(post["url"], post["fields"]) == (204, "")
    assert s3.get_object(Bucket="secret-bucket", Key="posted")["Body"].read() == b"form"


@few(1)
@pytest.mark.parametrize("version", ["s3", "s3v4"])
def test_a_presigned_url_is_good_for_what_it_was_made_for(engine: Engine, version: str) -> None:
    s3 = boto3.client("s3", config=Config(signature_version=version))
    get = s3.generate_presigned_url("get_object", {"Bucket": "secret-bucket", "Key": "k"})
    deletion = urllib.request.Request(get, method="DELETE")
    for changed in (get.replace("/k?", "/other?"), get.replace("/k?", "?"), deletion):
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(changed, timeout=10)
        with refused.value as answer:
            assert (answer.code, b"SignatureDoesNotMatch" in answer.read()) == (403, True)
    short = s3.generate_presigned_url(
        "get_object", {"Bucket": "secret-bucket", "Key": "k"}, ExpiresIn=1
    )
    time.sleep(2.1)
    with pytest.raises(urllib.error.HTTPError) as expired:
        urllib.request.urlopen(short, timeout=10)
    with expired.value as answer:
        content = answer.read()
        assert b"AccessDenied" in content
        assert b"Request has expired" in content
    post = s3.generate_presigned_post("secret-bucket", "posted")
    other = s3.generate_presigned_post("secret-bucket", "other")["fields"]["policy"]
    assert send_form(post["url"], post["fields"] | {"policy": other})[0] == 403


POSTED: list[tuple[dict[str, Any], dict[str, str], str, tuple[int, str]]] = [
    ({}, {"key": "other"}, "form", (403, "AccessDenied")),
    ({}, {"acl": "public-read"}, "form", (403, "AccessDenied")),
    ({}, {"x-ignore-this": "1"}, "form", (204, "")),
    ({"ExpiresIn": -5}, {}, "form", (403, "AccessDenied")),
    ({"Conditions": [["content-length-range", 2, 4]]}, {}, "form", (204, "")),
    ({"Conditions": [["content-length-range", 2, 4]]}, {}, "f", (400, "EntityTooSmall")),
    ({"Conditions": [["content-length-range", 2, 4]]}, {}, "larger", (400, "EntityTooLarge")),
    ({"Conditions": [["starts-with", "$acl", "pub"]]}, {"acl": "public-read"}, "f", (204, "")),
    (
        {"Conditions": [["starts-with", "$acl", "pub"]]},
        {"acl": "private"},
        "f",
        (403, "AccessDenied"),
    ),
]


@few(5)
@pytest.mark.parametrize("version", ["s3", "s3v4"])
@pytest.mark.parametrize(("options", "fields", "file", "answer"), POSTED)
def test_a_presigned_form_is_good_for_what_its_policy_says(
    engine: Engine,
    version: str,
    options: dict[str, Any],
    fields: dict[str, str],
    file: str,
    answer: tuple[int, str],
) -> None:
    s3 = boto3.client("s3", config=Config(signature_version=version))
    post = s3.generate_presigned_post("secret-bucket", "posted", **options)
    assert send_form(post["url"], post["fields"] | fields, file) == answer
    there = {one["Key"] for one in s3.list_objects_v2(Bucket="secret-bucket")["Contents"]}
    assert there == {"k"} | ({"posted"} if answer[0] == 204 else set())


def test_a_form_for_another_bucket(engine: Engine) -> None:
    engine.create_bucket("other-bucket")
    post = engine.client("s3").generate_presigned_post("other-bucket", "posted")
    url = post["url"].replace("other-bucket", "secret-bucket")
    assert send_form(url, post["fields"]) == (403, "AccessDenied")


@few(4)
@pytest.mark.parametrize(
    ("minutes", "refused"), [(-14, False), (14, False), (-16, True), (16, True)]
)
@pytest.mark.parametrize(
    ("service", "version", "call", "code"),
    [
        ("s3", "s3v4", "list_buckets", "RequestTimeTooSkewed"),
        ("s3", "s3", "list_buckets", "RequestTimeTooSkewed"),
        ("sts", "v4", "get_caller_identity", "SignatureDoesNotMatch"),
        ("batch", "v4", "describe_job_queues", "InvalidSignatureException"),
    ],
)
def test_a_clock_that_is_wrong(
    engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
    service: str,
    version: str,
    call: str,
    code: str,
    minutes: int,
    refused: bool,
) -> None:
    moment = datetime.now(UTC) + timedelta(minutes=minutes)
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda **_: moment)
    date = format_datetime(moment, usegmt=True)
    monkeypatch.setattr("botocore.auth.formatdate", lambda **_: date)
    client = boto3.client(service, config=Config(signature_version=version))
    if not refused:
        getattr(client, call)()
        return
    with pytest.raises(ClientError) as caught:
        getattr(client, call)()
    assert caught.value.response["Error"]["Code"] == code


@pytest.mark.parametrize("now", some([1_000_000_000.0, 4_000_000_000.0], 0))
def test_a_test_may_stop_the_clock(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, now: float
) -> None:
    """Jobs go on signing with the time that it really is."""
    monkeypatch.setattr("sfn_fragments_local.port_guard.time.time", lambda: now)
    assert boto3.client("s3").list_buckets()["Buckets"]
    job = batch_jobs.run(
        engine, [sys.executable, "-c", "import boto3; print(boto3.client('s3').list_buckets())"]
    )
    assert "secret-bucket" in job.output


def test_whatever_is_sent_is_signed(engine: Engine) -> None:
    """What clients sign in several ways: odd names, parts, streams, checksums at the end."""
    s3 = boto3.client("s3", config=Config(signature_version="s3v4"))
    for key in ("a b/\u00fc+~(1)'*!.txt", "..//x", "k=v&w?#%41", "a//b/"):
        for body in (b"", b"content", io.BytesIO(b"of a stream")):
            meta = {"one_two": "1", "three-four": "  two   blanks "}
            s3.put_object(Bucket="secret-bucket", Key=key, Body=body, Metadata=meta)
        assert s3.head_object(Bucket="secret-bucket", Key=key)["ContentLength"] == 11
        url = s3.generate_presigned_url("get_object", {"Bucket": "secret-bucket", "Key": key})
        with urllib.request.urlopen(url, timeout=10) as answer:
            assert answer.read() == b"of a stream"
        s3.delete_object(Bucket="secret-bucket", Key=key)
    parts = TransferConfig(multipart_threshold=5 << 20, multipart_chunksize=5 << 20)
    s3.upload_fileobj(io.BytesIO(b"x" * (11 << 20)), "secret-bucket", "large", Config=parts)
    assert s3.head_object(Bucket="secret-bucket", Key="large")["ContentLength"] == 11 << 20
    listed = s3.list_objects_v2(Bucket="secret-bucket", Prefix="la", Delimiter="/", MaxKeys=5)
    assert [one["Key"] for one in listed["Contents"]] == ["large"]
    for style in ("s3", "s3v4"):
        unsigned = Config(signature_version=style, s3={"payload_signing_enabled": False})
        other = boto3.client("s3", config=unsigned)
        other.put_object(Bucket="secret-bucket", Key="u", Body=b"u", ChecksumAlgorithm="CRC32")
        assert other.get_object(Bucket="secret-bucket", Key="u")["Body"].read() == b"u"
        assert other.list_objects_v2(Bucket="secret-bucket", Prefix="u")["KeyCount"] == 1
    # A name with a colon stands encoded in the path, and is encoded once more to be signed.
    functions = boto3.client("lambda")
    with pytest.raises(functions.exceptions.ResourceNotFoundException):
        functions.get_function(FunctionName="arn:aws:lambda:us-east-1:123456789012:function:f")
    logs = boto3.client("logs")
    logs.create_log_group(logGroupName="/aws/\u00fc")
    assert logs.describe_log_groups()["logGroups"][0]["logGroupName"] == "/aws/\u00fc"


@pytest.mark.parametrize(
    ("service", "call", "code"),
    [
        ("s3", "list_buckets", "SignatureDoesNotMatch"),
        ("sts", "get_caller_identity", "SignatureDoesNotMatch"),
        ("batch", "describe_job_queues", "InvalidSignatureException"),
        ("dynamodb", "list_tables", "InvalidSignatureException"),
        ("stepfunctions", "list_state_machines", "InvalidSignatureException"),
    ],
)
def test_who_knows_the_id_of_the_key_alone(
    engine: Engine, service: str, call: str, code: str
) -> None:
    iam = engine.client("iam")
    iam.create_user(UserName="u")
    issued = iam.create_access_key(UserName="u")["AccessKey"]["AccessKeyId"]
    for key in (credentials_of(engine).access_key, issued):
        client = boto3.client(service, aws_access_key_id=key, aws_secret_access_key="local")
        with pytest.raises(ClientError, match=rf"\({code}\).*we calculated does not match"):
            getattr(client, call)()


def test_what_was_signed_is_what_is_answered(engine: Engine) -> None:
    headers = signed(engine, "/secret-bucket/k")
    assert ask(engine, "/secret-bucket/k", **headers)[1] == "mine"
    assert ask(engine, "/secret-bucket/other", **headers)[0] == 403
    assert ask(engine, "/secret-bucket/k?acl", **headers)[0] == 403
    assert ask(engine, "/secret-bucket/k", **headers | {"X-Amz-Date": "20300101T000000Z"})[0] == 403
    broken = headers["Authorization"].replace("us-east-1/s3/aws4_request", "")
    assert ask(engine, "/secret-bucket/k", **headers | {"Authorization": broken})[0] == 403


def test_the_body_is_what_was_signed(engine: Engine) -> None:
    """A hash that is not the body's, with a signature that is right for it."""
    url = f"{engine.endpoint_url}/secret-bucket/k"
    for body, answer in ((b"signed", (200, "")), (b"another", (400, "XAmzContentSHA256Mismatch"))):
        request = AWSRequest("PUT", url, {"Content-Type": "text/plain"}, b"signed")
        S3SigV4Auth(credentials_of(engine), "s3", "us-east-1").add_auth(request)
        headers = dict(request.headers.items())
        assert answer_to(urllib.request.Request(url, body, headers, method="PUT")) == answer
    stored = engine.client("s3").get_object(Bucket="secret-bucket", Key="k")["Body"].read()
    assert stored == b"signed"


def test_credentials_that_the_engine_issued_work(engine: Engine) -> None:
    iam = engine.client("iam")
    role = iam.create_role(RoleName="r", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    assumed = engine.client("sts").assume_role(RoleArn=role, RoleSessionName="session")[
        "Credentials"
    ]
    # A session of a role may do what its role may.
    statement = {"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": statement})
    iam.put_role_policy(RoleName="r", PolicyName="p", PolicyDocument=document)
    iam.create_user(UserName="u")
    created = iam.create_access_key(UserName="u")["AccessKey"]
    for one in (assumed, created):
        client = boto3.client(
            "s3",
            aws_access_key_id=one["AccessKeyId"],
            aws_secret_access_key=one["SecretAccessKey"],
            aws_session_token=one.get("SessionToken"),
        )
        assert client.list_buckets()["Buckets"][0]["Name"] == "secret-bucket"


@pytest.mark.parametrize("service", some(["s3", "batch", "dynamodb", "sqs", "sns"], 0, 2))
def test_a_client_of_anothers_is_told_why(engine: Engine, service: str) -> None:
    client = boto3.client(service, aws_access_key_id="x", aws_secret_access_key="y")
    call = {
        "s3": "list_buckets",
        "batch": "describe_job_queues",
        "dynamodb": "list_tables",
        "sqs": "list_queues",
        "sns": "list_topics",
    }[service]
    with pytest.raises(ClientError, match=r"UnrecognizedClientException.*take a client from"):
        getattr(client, call)()


def test_each_engine_has_a_key_of_its_own() -> None:
    with Engine() as outer, Engine() as inner:
        key, other = (one.environment["AWS_ACCESS_KEY_ID"] for one in (outer, inner))
        assert key != other
        assert ask(outer, **signed(inner))[0] == 403
        assert ask(inner, **signed(inner))[0] == 200


class Receiver(BaseHTTPRequestHandler):
    received: ClassVar[list[str]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.received.append(json.loads(body)["Message"])
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        return


@pytest.fixture
def outside() -> Iterator[str]:
    """The address of a server that is not the engine's."""
    Receiver.received.clear()
    server = HTTPServer(("127.0.0.1", 0), Receiver)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://localhost:{server.server_address[1]}/hook"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("allowed", [[], ["localhost"]])
def test_a_subscription_to_a_url(outside: str, allowed: list[str]) -> None:
    with Engine(allowed_hosts=allowed) as engine:
        sns = engine.client("sns")
        topic = sns.create_topic(Name="t")["TopicArn"]
        if allowed:
            sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=outside)
        else:
            with pytest.raises(ClientError, match=rf"InvalidParameter.*{outside}.*allowed_hosts"):
                sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=outside)
        sns.publish(TopicArn=topic, Message="hello")
    assert Receiver.received == (["hello"] if allowed else [])


def test_an_http_task_is_refused_and_named(engine: Engine) -> None:
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::http:invoke",
        "Parameters": {"ApiEndpoint": "https://example.com", "Method": "GET"},
        "End": True,
    }
    with pytest.raises(ClientError, match=r"http:invoke|'http'"):
        engine.client("stepfunctions").create_state_machine(
            name="call",
            definition=json.dumps({"StartAt": "Call", "States": {"Call": state}}),
            roleArn="arn:aws:iam::123456789012:role/any",
        )


def test_moto_without_an_engine_is_as_ever(outside: str) -> None:
    from moto import mock_aws

    with Engine():
        pass
    with mock_aws(config={"core": {"passthrough": {"urls": [outside]}}}):
        options: dict[str, Any] = {
            "region_name": "us-east-1",
            "aws_access_key_id": "x",
            "aws_secret_access_key": "x",
        }
        sns = boto3.client("sns", **options)
        topic = sns.create_topic(Name="t")["TopicArn"]
        sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=outside)
        sns.publish(TopicArn=topic, Message="hello")
    assert Receiver.received == ["hello"]


def test_jobs_have_the_key(engine: Engine) -> None:
    code = "import boto3; print(boto3.client('s3').list_buckets()['Buckets'][0]['Name'])"
    job = batch_jobs.run(engine, [sys.executable, "-c", code])
    assert job.output == "secret-bucket\n"
