"""What services read and write in the name of their caller: data in S3, credentials of databases.

A service that gets no role for its data asks S3 as its caller does: who may not read an object may
not have it analyzed either. Each line has the page that says so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sfn_fragments_asl.model.values import NOTHING, OPEN, Value, concatenated
from sfn_fragments_asl.permissions.call import arn
from sfn_fragments_asl.permissions.message_calls import secret_arns
from sfn_fragments_asl.permissions.s3_calls import bucket_of, object_arns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sfn_fragments_asl.permissions.call import Call
    from sfn_fragments_asl.permissions.permission import Permission


@dataclass(frozen=True)
class _Data:
    """What a call has of S3.

    Attributes:
        calls: Regular expression of the API actions.
        actions: What their caller needs on the objects.
        bucket: The way to the parameter that names the bucket, or to one that is a URI.
        key: The way to the key; empty for a URI.
        begun: Whether the key is the beginning of keys.
        version: The way to the version of the object.
        unless: The way to a parameter that gives a role for the data.
    """

    calls: str
    actions: tuple[str, ...]
    bucket: str
    key: str = ""
    begun: bool = False
    version: str = ""
    unless: str = ""


_READ, _WRITE = ("s3:GetObject",), ("s3:PutObject",)


def _object(calls: str, way: str) -> _Data:
    """An ``S3Object``, as image and text services have it."""
    return _Data(calls, _READ, f"{way}.Bucket", f"{way}.Name", version=f"{way}.Version")


def _read(calls: str, way: str = "") -> _Data:
    """An archive of code."""
    ways = (f"{way}S3Bucket", f"{way}S3Key")
    return _Data(calls, _READ, *ways, version=f"{way}S3ObjectVersion")


_ROLE_OF_TRANSCRIBE = "JobExecutionSettings.DataAccessRoleArn"
#: Service, as Step Functions names it, to what its calls have of S3.
CALLERS_DATA: dict[str, tuple[_Data, ...]] = {
    # https://docs.aws.amazon.com/bedrock/latest/userguide/inference-async.html
    "bedrockruntime": (
        _Data("startAsyncInvoke", _WRITE, "OutputDataConfig.S3OutputDataConfig.S3Uri", begun=True),
    ),
    # https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/control-access-with-iam.html
    "cloudformation": (
        _Data(
            "(create|update)Stack(Set)?|createChangeSet|validateTemplate|getTemplateSummary"
            "|estimateTemplateCost",
            _READ,
            "TemplateURL",
        ),
    ),
    # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport_Requesting.html
    "dynamodb": (
        _Data(
            "exportTableToPointInTime",
            ("s3:AbortMultipartUpload", "s3:PutObject", "s3:PutObjectAcl"),
            "S3Bucket",
            "S3Prefix",
            begun=True,
        ),
        # .../S3DataImport.Requesting.html
        _Data(
            "importTable",
            _READ,
            "S3BucketSource.S3Bucket",
            "S3BucketSource.S3KeyPrefix",
            begun=True,
        ),
    ),
    # https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-deployment.html
    "lambda": (
        _read("createFunction", "Code."),
        _read("updateFunctionCode"),
        _read("publishLayerVersion", "Content."),
    ),
    # https://docs.aws.amazon.com/polly/latest/dg/asynchronous-iam.html
    "polly": (
        _Data(
            "startSpeechSynthesisTask",
            _WRITE,
            "OutputS3BucketName",
            "OutputS3KeyPrefix",
            begun=True,
        ),
    ),
    # https://docs.aws.amazon.com/rekognition/latest/dg/images-s3.html
    "rekognition": (
        _object(".*", "Image.S3Object"),
        _object("compareFaces", "SourceImage.S3Object"),
        _object("compareFaces", "TargetImage.S3Object"),
        _object("start.*", "Video.S3Object"),
    ),
    # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazontextract.html
    "textract": (
        _object("analyzeDocument|analyzeExpense|detectDocumentText", "Document.S3Object"),
        _object("analyzeID", "DocumentPages.S3Object"),
        _object("start.*", "DocumentLocation.S3Object"),
    ),
    # https://docs.aws.amazon.com/transcribe/latest/dg/security_iam_id-based-policy-examples.html
    "transcribe": (
        _Data("start.*", _READ, "Media.MediaFileUri", unless=_ROLE_OF_TRANSCRIBE),
        _Data("start.*", _WRITE, "OutputBucketName", "OutputKey", begun=True),
        _Data("start.*", _WRITE, "OutputLocation", begun=True),
        _Data("(create|update)(Medical)?Vocabulary", _READ, "VocabularyFileUri"),
        _Data("(create|update)VocabularyFilter", _READ, "VocabularyFilterFileUri"),
    ),
}
# Where an object is: s3://<bucket>/<key>, or a URL with the bucket in its path or its host.
_URI = re.compile(
    r"(?:s3://|https://s3[^/]*/)(?P<path>.+)|https://(?P<host>[^/]+?)\.s3[^/]*/(?P<key>.+)",
    re.DOTALL,
)
_LOGS_OF_IMPORTS = (
    "logs:CreateLogGroup",
    "logs:CreateLogStream",
    "logs:DescribeLogGroups",
    "logs:DescribeLogStreams",
    "logs:PutLogEvents",
    "logs:PutRetentionPolicy",
)
#: Calls of the Data API of Redshift that get into a database.
_INTO_DATABASES = frozenset(
    {
        "batchExecuteStatement",
        "describeTable",
        "executeStatement",
        "listDatabases",
        "listSchemas",
        "listTables",
    }
)


def callers_data(call: Call) -> Iterator[Permission]:
    """What a service does in the name of its caller.

    Args:
        call: The call.
    """
    for data in CALLERS_DATA.get(call.service, ()):
        if re.fullmatch(data.calls, call.action):
            yield from _of_data(call, data)
    if call.service == "redshiftdata":
        yield from _of_redshift(call)
    elif call.service == "dynamodb" and call.action == "importTable":
        yield from _of_import(call)
    elif call.action == "startSpeechSynthesisTask" and "SnsTopicArn" in call:
        topics = call.patterns("SnsTopicArn")
        yield call.need(["sns:Publish"], topics.patterns, [topics.note])


def _of_data(call: Call, data: _Data) -> Iterator[Permission]:
    bucket = _at(call, data.bucket)
    if bucket == NOTHING or (data.unless and _at(call, data.unless).texts):
        return
    actions = list(data.actions)
    if data.version and _at(call, data.version) != NOTHING:
        actions.append("s3:GetObjectVersion")
    if not data.key:
        uris = call.names("buckets", data.bucket, bucket)
        objects = [_of_uri(uri, begun=data.begun) for uri in uris.patterns]
        yield call.need(actions, objects, [uris.note])
        return
    key = _at(call, data.key)
    if key == NOTHING:
        key = OPEN
    elif data.begun:
        key = concatenated([key, OPEN])
    yield call.need(actions, *object_arns(call, data.bucket, bucket, key))


def _at(call: Call, way: str) -> Value:
    """What is known of what a way leads to; `NOTHING` where it is not given."""
    value = call.arguments
    for name in way.split("."):
        value = value.parameter(name)
    return value


def _of_uri(uri: str, *, begun: bool) -> str:
    """The ARN of an object, or of those that begin so."""
    found = _URI.fullmatch(uri)
    path = "*" if found is None else found["path"] or f"{found['host']}/{found['key']}"
    if begun and not path.endswith("*"):
        path += "*"
    if "/" not in path:
        path += "/*"
    return f"arn:${{AWS::Partition}}:s3:::{path}"


def _of_import(call: Call) -> Iterator[Permission]:
    buckets = call.names("buckets", "S3BucketSource.S3Bucket")
    yield call.need(["s3:ListBucket"], map(bucket_of, buckets.patterns), [buckets.note])
    groups = [arn("logs", f"log-group:/aws-dynamodb/*{end}") for end in ("", ":log-stream:*")]
    yield call.need(_LOGS_OF_IMPORTS, groups)
    yield call.need(["dynamodb:DescribeImport"], [arn("dynamodb", "table/*/import/*")])


def _of_redshift(call: Call) -> Iterator[Permission]:
    """How the Data API gets into a database: by a secret, or by credentials for a while.

    https://docs.aws.amazon.com/redshift/latest/mgmt/data-api-access.html
    """
    if call.action not in _INTO_DATABASES:
        return
    if "SecretArn" in call:
        secrets = call.patterns("SecretArn")
        resources = [each for name in secrets.patterns for each in secret_arns(name)]
        yield call.need(["secretsmanager:GetSecretValue"], resources, [secrets.note])
    if call.given("SecretArn"):
        return
    if "WorkgroupName" in call:
        # The ARN of a workgroup has its id, which nobody names.
        yield call.need(
            ["redshift-serverless:GetCredentials"],
            [arn("redshift-serverless", "workgroup/*")],
            ["WorkgroupName: IAM knows workgroups by their ids; allowed: any."],
        )
    if "ClusterIdentifier" not in call:
        return
    clusters, databases = call.patterns("ClusterIdentifier"), call.patterns("Database")
    named = [f"{cluster}/{name}" for cluster in clusters.patterns for name in databases.patterns]
    notes = [clusters.note, databases.note]
    if "DbUser" in call:
        users = call.patterns("DbUser")
        people = [f"{cluster}/{user}" for cluster in clusters.patterns for user in users.patterns]
        resources = [arn("redshift", f"dbuser:{each}") for each in people]
        resources += [arn("redshift", f"dbname:{each}") for each in named]
        yield call.need(["redshift:GetClusterCredentials"], resources, [*notes, users.note])
    if not call.given("DbUser"):
        resources = [arn("redshift", f"dbname:{each}") for each in named]
        yield call.need(["redshift:GetClusterCredentialsWithIAM"], resources, notes)
