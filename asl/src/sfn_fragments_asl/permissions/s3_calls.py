"""What calls of S3 need: the object, or the bucket, that they name.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from sfn_fragments_asl.model.values import OPEN, Known, Value, concatenated
from sfn_fragments_asl.permissions.action_names import actions_of
from sfn_fragments_asl.permissions.call import arn, is_arn, is_marker
from sfn_fragments_asl.permissions.kms_calls import key_permission
from sfn_fragments_asl.permissions.markers import bucket_arn

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
# Parameters that take a right of their own. Grants write the object's access control list.
_ACL, _RETENTION = "s3:PutObjectAcl", "s3:PutObjectRetention"
_BESIDES = {
    "ACL": _ACL,
    "GrantFullControl": _ACL,
    "GrantRead": _ACL,
    "GrantReadACP": _ACL,
    "GrantWriteACP": _ACL,
    "Tagging": "s3:PutObjectTagging",
    "ObjectLockMode": _RETENTION,
    "ObjectLockRetainUntilDate": _RETENTION,
    "ObjectLockLegalHoldStatus": "s3:PutObjectLegalHold",
}
_BYPASS = "s3:BypassGovernanceRetention"
# With the version of an object named, these actions have other names.
_OF_VERSIONS = {
    f"s3:{name}": f"s3:{versioned}"
    for name, versioned in (
        ("DeleteObject", "DeleteObjectVersion"),
        ("DeleteObjectTagging", "DeleteObjectVersionTagging"),
        ("GetObject", "GetObjectVersion"),
        ("GetObjectAcl", "GetObjectVersionAcl"),
        ("GetObjectAttributes", "GetObjectVersionAttributes"),
        ("GetObjectTagging", "GetObjectVersionTagging"),
        ("GetObjectTorrent", "GetObjectVersionTorrent"),
        ("PutObjectAcl", "PutObjectVersionAcl"),
        ("PutObjectTagging", "PutObjectVersionTagging"),
    )
}
# Calls that are about one object, whose key they name.
_OF_OBJECTS = frozenset(
    {
        "abortMultipartUpload",
        "completeMultipartUpload",
        "copyObject",
        "createMultipartUpload",
        "deleteObject",
        "deleteObjectTagging",
        "getObject",
        "getObjectAcl",
        "getObjectAttributes",
        "getObjectLegalHold",
        "getObjectRetention",
        "getObjectTagging",
        "getObjectTorrent",
        "headObject",
        "listParts",
        "putObject",
        "putObjectAcl",
        "putObjectLegalHold",
        "putObjectRetention",
        "putObjectTagging",
        "renameObject",
        "restoreObject",
        "selectObjectContent",
        "uploadPart",
        "uploadPartCopy",
    }
)
_WRITES = frozenset({"putObject", "copyObject", "createMultipartUpload"})
_COPIES = frozenset({"copyObject", "uploadPartCopy"})
_LISTS = frozenset({"listObjects", "listObjectsV2", "listObjectVersions"})
_WITHOUT_BUCKET = frozenset({"listBuckets", "listDirectoryBuckets", "writeGetObjectResponse"})
# A directory bucket knows sessions alone, in which its objects are read and written:
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-express-security-iam-identity-policies.html
_DIRECTORY_BUCKET = re.compile(r"[^/*]+--x-s3")
_OF_SESSIONS = frozenset({"headBucket", "listMultipartUploads"})
# An access point of one, by its ARN or its name; of a bucket, by its alias, which begins like its
# name and goes on with 34 characters.
_DIRECTORY_POINT = re.compile(r"arn:[^:*]*:s3express:[^*]*|[^/*:]+--xa-s3")
_ALIAS = re.compile(r"([^/*:]+)-[a-z0-9]{34}-s3alias")
# What ARNs of access points of other kinds begin with: their actions are of the service's prefix.
_OTHER_POINT = re.compile(r"arn:[^:*]*:(s3-outposts|s3-object-lambda):")
_BEHIND = (
    "Bucket: an access point; the bucket behind it has to allow the same, by its policy or in this "
    "role."
)
_BY_FUNCTION = (
    "Bucket: an access point of Object Lambda; its function, and the access point behind it, have "
    "to be allowed besides."
)
# An escape of a URL that a text breaks off in.
_BEGUN_ESCAPE = re.compile(r"%[0-9A-Fa-f]?$")


def s3_permissions(call: Call) -> Iterator[Permission]:
    """What a call of S3 needs.

    Args:
        call: The call.
    """
    actions = actions_of(call.service, call.action)
    if call.action in _WITHOUT_BUCKET or "Bucket" not in call:
        yield call.need(actions, ["*"])
    elif call.action == "deleteObjects":
        yield from _of_deleted(call)
    elif call.action in _LISTS:
        yield from _on_listing(call, actions)
    elif call.action in _OF_OBJECTS:
        yield from _of_object(call, actions)
    else:
        yield from _on_buckets(call, actions)


def _of_object(call: Call, actions: Sequence[str]) -> Iterator[Permission]:
    if call.action in _COPIES:
        yield from _of_source(call)
    asked = (name for name in _BESIDES if call.action in _WRITES and name in call)
    besides = list(dict.fromkeys(_BESIDES[name] for name in asked))
    if call.action in ("deleteObject", "putObjectRetention") and _may_bypass(call):
        besides.append(_BYPASS)
    yield from _on_objects(call, [*_versioned(call, actions), *besides], call.known("Key"))
    if call.action in _WRITES and "SSEKMSKeyId" in call:
        in_parts = call.action == "createMultipartUpload"
        yield key_permission(
            call,
            "SSEKMSKeyId",
            ["kms:GenerateDataKey", *(["kms:Decrypt"] if in_parts else [])],
        )


def _versioned(call: Call, actions: Sequence[str]) -> list[str]:
    """The actions on a version, on the current one, or on both where the call leaves it open."""
    if "VersionId" not in call:
        return list(actions)
    versioned = [_OF_VERSIONS.get(action, action) for action in actions]
    return versioned if call.given("VersionId") else list(dict.fromkeys([*actions, *versioned]))


def _of_deleted(call: Call) -> Iterator[Permission]:
    objects = call.known("Delete.Objects")
    version = objects.fields.get("VersionId")
    actions = ["s3:DeleteObject"] if version is None or version.absent or objects.open else []
    if version is not None or objects.open:
        actions.append("s3:DeleteObjectVersion")
    if _may_bypass(call):
        actions.append(_BYPASS)
    keys = OPEN if objects.open else call.known("Delete.Objects.Key")
    yield from _on_objects(call, actions, keys)


def _may_bypass(call: Call) -> bool:
    return "BypassGovernanceRetention" in call


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
            yield from _on_objects(call, ["s3:GetObject"], _begun(call, "Prefix"), "Prefix")
    elif config.get("InputType") == "MANIFEST":
        # The files that a manifest lists stand beside it.
        yield from _on_objects(call, ["s3:GetObject"], OPEN)
    else:
        yield from _on_objects(call, _versioned(call, ["s3:GetObject"]), call.known("Key"))


def writer_permissions(call: Call) -> Iterator[Permission]:
    """What a distributed Map needs to write its results, at keys that it makes up.

    Args:
        call: The call of the Map's ``ResultWriter``.
    """
    yield from _on_objects(call, RESULT_WRITER_ACTIONS, _begun(call, "Prefix"), "Prefix")


def _begun(call: Call, parameter: str) -> Value:
    return concatenated([call.known(parameter), OPEN]) if parameter in call else OPEN


def _on_objects(
    call: Call, actions: Sequence[str], keys: Value, parameter: str = "Key"
) -> Iterator[Permission]:
    buckets = call.names("buckets", "Bucket")
    yield from _in_sessions(call, buckets)
    others = [name for name in buckets.patterns if not _knows_sessions(name)]
    if not others:
        return
    allowed = call.names("key_prefixes", parameter, keys)
    for prefix, names in _by_prefix(others):
        objects = [_objects(name, key) for name in names for key in allowed.patterns]
        notes = [buckets.note, allowed.note, *_notes(names)]
        yield call.need(_of_prefix(prefix, actions), objects, notes)


def object_arns(
    call: Call, parameter: str, bucket: Value, key: Value
) -> tuple[list[str], list[str]]:
    """The objects that a call of another service names.

    Args:
        call: The call.
        parameter: The parameter that names the bucket.
        bucket: What is known of it.
        key: What is known of the key.

    Returns:
        Their ARNs, and why these are not narrower.
    """
    buckets = call.names("buckets", parameter, bucket)
    keys = call.names("key_prefixes", "Key", key)
    objects = [_objects(name, each) for name in buckets.patterns for each in keys.patterns]
    return objects, [buckets.note, keys.note]


def _on_buckets(call: Call, actions: Sequence[str], **conditions: Any) -> Iterator[Permission]:
    buckets = call.names("buckets", "Bucket")
    notes = [buckets.note, *(conditions.pop("notes", ()))]
    sessions = call.action in _LISTS or call.action in _OF_SESSIONS
    directories = [name for name in buckets.patterns if _knows_sessions(name)]
    if sessions:
        yield from _in_sessions(call, buckets)
    elif directories:
        # Calls about a directory bucket itself have actions of their own.
        yield call.need(
            [action.replace("s3:", "s3express:", 1) for action in actions],
            map(_session_arn, directories),
            notes,
        )
    others = [name for name in buckets.patterns if name not in directories]
    for prefix, names in _by_prefix(others):
        yield call.need(
            _of_prefix(prefix, actions),
            map(bucket_of, names),
            [*notes, *_notes(names)],
            **conditions,
        )


def _in_sessions(call: Call, buckets: Names) -> Iterator[Permission]:
    """What a directory bucket asks for, whatever is done with its objects."""
    names = [name for name in buckets.patterns if _knows_sessions(name)]
    if names:
        yield call.need(["s3express:CreateSession"], map(_session_arn, names))


def _on_listing(call: Call, actions: Sequence[str]) -> Iterator[Permission]:
    if not call.given("Prefix"):
        yield from _on_buckets(call, actions)
        return
    prefixes = call.names("key_prefixes", "Prefix")
    # Of one condition, any value will do.
    condition = {"s3:prefix": list(prefixes.patterns)}
    conditions = {} if prefixes.patterns == ("*",) else {"StringLike": condition}
    yield from _on_buckets(call, actions, notes=[prefixes.note], **conditions)


def _of_source(call: Call) -> Iterator[Permission]:
    given = call.known("CopySource")
    whole = [text for text in given.texts if text.complete]
    plain = [_source(text) for text in whole if "?versionId=" not in text.prefix]
    versions = [_source(text) for text in whole if "?versionId=" in text.prefix]
    begun = [_source(text) for text in given.texts if not text.complete]
    if plain:
        yield _on_source(call, ["s3:GetObject"], Value(tuple(plain)))
    if versions:
        yield _on_source(call, ["s3:GetObjectVersion"], Value(tuple(versions)))
    if begun or given.open:
        both = ["s3:GetObject", "s3:GetObjectVersion"]
        yield _on_source(call, both, Value(tuple(begun), open=given.open))


def _on_source(call: Call, actions: Sequence[str], given: Value) -> Permission:
    sources = call.names("buckets", "CopySource", given)
    listed = [name if "/" in name else f"{name}/*" for name in sources.patterns]
    resources = [name if name.startswith("arn:") else _object_arn(name) for name in listed]
    return call.need(actions, resources, [sources.note])


def _source(text: Known) -> Known:
    """A source as ``<bucket>/<key>``: callers may encode it, and begin it with a slash."""
    path = text.prefix.partition("?versionId=")[0]
    if not text.complete:
        path = _BEGUN_ESCAPE.sub("", path)
    return Known(unquote(path).removeprefix("/"), text.complete)


def _knows_sessions(name: str) -> bool:
    return bool(_DIRECTORY_BUCKET.fullmatch(name) or _DIRECTORY_POINT.fullmatch(name))


def _session_arn(name: str) -> str:
    if is_arn(name):
        return name
    kind = "accesspoint" if _DIRECTORY_POINT.fullmatch(name) else "bucket"
    return arn("s3express", f"{kind}/{name}")


def _by_prefix(names: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """Buckets and access points by the prefix of the actions on them."""
    found: dict[str, list[str]] = {}
    for name in names:
        match = _OTHER_POINT.match(name)
        found.setdefault(match[1] if match else "s3", []).append(name)
    yield from found.items()


def _of_prefix(prefix: str, actions: Sequence[str]) -> list[str]:
    return [re.sub(r"^s3:", f"{prefix}:", action) for action in actions]


def _notes(names: Sequence[str]) -> list[str]:
    """What has to be allowed besides, where access points are named."""
    notes = []
    for name in names:
        if ":s3-object-lambda:" in name:
            notes.append(_BY_FUNCTION)
        elif _is_access_point(name) or _ALIAS.fullmatch(name):
            notes.append(_BEHIND)
    return list(dict.fromkeys(notes))


def bucket_of(name: str) -> str:
    """The ARN of what is given for a bucket.

    Args:
        name: A name, an alias or an ARN, written out or as a marker.
    """
    if is_arn(name):
        return name
    if is_marker(name):
        return bucket_arn(name)
    if alias := _ALIAS.fullmatch(name):
        # Of a long name, the alias has but the beginning.
        return arn("s3", f"accesspoint/{alias[1]}*")
    return _object_arn(name)


def _objects(name: str, key: str) -> str:
    if ":s3-object-lambda:" in name:
        return name
    if is_marker(name) and not is_arn(name):
        return f"{bucket_arn(name, objects=True)}/{key}"
    between = "/object" if _is_access_point(name) or _ALIAS.fullmatch(name) else ""
    return f"{bucket_of(name)}{between}/{key}"


def _is_access_point(name: str) -> bool:
    """Whether what is given for a bucket is an access point, by its ARN."""
    return is_arn(name) and ("accesspoint/" in name or name.startswith("${"))


def _object_arn(name: str) -> str:
    return f"arn:${{AWS::Partition}}:s3:::{name}"
