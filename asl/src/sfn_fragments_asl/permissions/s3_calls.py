"""What calls of S3 need: the object, or the bucket, that they name.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sfn_fragments_asl.model.values import OPEN, Value, concatenated
from sfn_fragments_asl.permissions.action_names import actions_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sfn_fragments_asl.permissions.call import Call
    from sfn_fragments_asl.permissions.permission import Permission
    from sfn_fragments_asl.permissions.resource_scope import Names

#: What Step Functions does to write the results of a Map.
RESULT_WRITER_ACTIONS = (
    "s3:PutObject",
    "s3:GetObject",
    "s3:ListMultipartUploadParts",
    "s3:AbortMultipartUpload",
)
# Parameters that take a right of their own.
_BESIDES = {
    "ACL": "s3:PutObjectAcl",
    "Tagging": "s3:PutObjectTagging",
    "ObjectLockMode": "s3:PutObjectRetention",
    "ObjectLockLegalHoldStatus": "s3:PutObjectLegalHold",
}
# With the version of an object named, these actions have other names.
_OF_VERSIONS = {
    "s3:GetObject": "s3:GetObjectVersion",
    "s3:DeleteObject": "s3:DeleteObjectVersion",
}


def s3_permissions(call: Call) -> Iterator[Permission]:
    """What a call of S3 needs.

    Args:
        call: The call.
    """
    actions = actions_of(call.service, call.action)
    if "Bucket" not in call:
        yield call.need(actions, ["*"])
    elif call.action == "deleteObjects":
        yield _on_objects(call, actions, OPEN)
    elif call.action in ("listObjects", "listObjectsV2"):
        yield _on_listing(call, actions)
    elif "Key" not in call:
        buckets = call.names("buckets", "Bucket")
        yield call.need(actions, _buckets(buckets), [buckets.note])
    else:
        if call.action == "copyObject":
            yield _of_source(call)
        if "VersionId" in call:
            actions = tuple(_OF_VERSIONS.get(action, action) for action in actions)
        writes = call.action in ("putObject", "copyObject", "createMultipartUpload")
        besides = [action for name, action in _BESIDES.items() if writes and name in call]
        yield _on_objects(call, [*actions, *besides], call.known("Key"))


def reader_permissions(call: Call, config: Mapping[str, Any]) -> Iterator[Permission]:
    """What a distributed Map needs to read its items.

    https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html

    Args:
        call: The call of the Map's ``ItemReader``.
        config: Its ``ReaderConfig``.
    """
    if call.action != "getObject":
        yield from s3_permissions(call)
        if config.get("Transformation") == "LOAD_AND_FLATTEN":
            # The objects that are listed are read too.
            yield _on_objects(call, ["s3:GetObject"], _begun(call, "Prefix"), "Prefix")
    elif config.get("InputType") == "MANIFEST":
        # The files that a manifest lists stand beside it.
        yield _on_objects(call, ["s3:GetObject"], OPEN)
    else:
        yield _on_objects(call, ["s3:GetObject"], call.known("Key"))


def writer_permissions(call: Call) -> Iterator[Permission]:
    """What a distributed Map needs to write its results, at keys that it makes up.

    Args:
        call: The call of the Map's ``ResultWriter``.
    """
    yield _on_objects(call, RESULT_WRITER_ACTIONS, _begun(call, "Prefix"), "Prefix")


def _begun(call: Call, parameter: str) -> Value:
    return concatenated([call.known(parameter), OPEN]) if parameter in call else OPEN


def _on_objects(
    call: Call, actions: Sequence[str], keys: Value, parameter: str = "Key"
) -> Permission:
    buckets = call.names("buckets", "Bucket")
    allowed = call.names("key_prefixes", parameter, keys)
    objects = [
        f"{bucket}/object/{key}" if ":accesspoint/" in bucket else f"{bucket}/{key}"
        for bucket in _buckets(buckets)
        for key in allowed.patterns
    ]
    return call.need(actions, objects, [buckets.note, allowed.note])


def _on_listing(call: Call, actions: Sequence[str]) -> Permission:
    buckets = call.names("buckets", "Bucket")
    if "Prefix" not in call:
        return call.need(actions, _buckets(buckets), [buckets.note])
    prefixes = call.names("key_prefixes", "Prefix")
    # Of one condition, any value will do.
    condition = {"s3:prefix": list(prefixes.patterns)}
    notes = [buckets.note, prefixes.note]
    if prefixes.patterns == ("*",):
        return call.need(actions, _buckets(buckets), notes)
    return call.need(actions, _buckets(buckets), notes, StringLike=condition)


def _of_source(call: Call) -> Permission:
    sources = call.names("buckets", "CopySource")
    listed = [name if "/" in name else f"{name}/*" for name in sources.patterns]
    return call.need(["s3:GetObject"], [_object_arn(name) for name in listed], [sources.note])


def _buckets(names: Names) -> list[str]:
    return [name if name.startswith("arn:") else _object_arn(name) for name in names.patterns]


def _object_arn(name: str) -> str:
    return f"arn:${{AWS::Partition}}:s3:::{name}"
