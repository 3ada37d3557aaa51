"""Resources of policies as texts that can be compared, whichever way a template writes them.

The ARN of a resource of the template is written out: ``${Bucket.Arn}`` and
``arn:${AWS::Partition}:s3:::${Bucket}`` are one, and ``${Bucket}`` is its name where the template
gives it one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sfn_fragments_asl.model.definition import readable_text
from sfn_fragments_asl.model.json_data import mapping
from sfn_fragments_asl.permissions.call import arn
from sfn_fragments_asl.permissions.markers import buckets_by_name
from sfn_fragments_asl.reading.intrinsics import without_sub

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True)
class _Kind:
    """How resources of a type are named.

    Attributes:
        service: The service, as ARNs name it.
        before: What stands before the name in an ARN.
        named_by: The property that gives the name.
        ref: What ``Ref`` gives: ``name``, ``arn``, or something else.
        place: Which of region and account their ARNs have: ``both``, ``account`` or ``none``.
        behind: What stands behind the name in an ARN, with the logical id to fill in.
    """

    service: str
    before: str
    named_by: str
    ref: str = "name"
    place: str = "both"
    behind: str = ""


_BUCKET = _Kind("s3", "", "BucketName", place="none")
_FUNCTION = _Kind("lambda", "function:", "FunctionName")
_TABLE = _Kind("dynamodb", "table/", "TableName")
#: The types of resources that are known.
KINDS = {
    # The revision is in what Ref gives.
    "AWS::Batch::JobDefinition": _Kind(
        "batch", "job-definition/", "JobDefinitionName", "arn", behind=":${{{}.Revision}}"
    ),
    "AWS::Batch::JobQueue": _Kind("batch", "job-queue/", "JobQueueName", "arn"),
    "AWS::CodeBuild::Project": _Kind("codebuild", "project/", "Name"),
    "AWS::DynamoDB::GlobalTable": _TABLE,
    "AWS::DynamoDB::Table": _TABLE,
    "AWS::ECR::Repository": _Kind("ecr", "repository/", "RepositoryName"),
    "AWS::ECS::Cluster": _Kind("ecs", "cluster/", "ClusterName"),
    # Families that are not named are made up of the stack's name and the logical id.
    "AWS::ECS::TaskDefinition": _Kind(
        "ecs", "task-definition/", "Family", "arn", behind=":${{{}.Revision}}"
    ),
    "AWS::Events::Connection": _Kind("events", "connection/", "Name", behind="/${{{}.Id}}"),
    "AWS::Events::EventBus": _Kind("events", "event-bus/", "Name"),
    "AWS::IAM::Role": _Kind("iam", "role/", "RoleName", place="account"),
    "AWS::KMS::Key": _Kind("kms", "key/", ""),
    "AWS::Kinesis::Stream": _Kind("kinesis", "stream/", "Name"),
    "AWS::KinesisFirehose::DeliveryStream": _Kind(
        "firehose", "deliverystream/", "DeliveryStreamName"
    ),
    # What Ref gives of these ends with the name of the alias, or the number of the version.
    "AWS::Lambda::Alias": _Kind("lambda", "function:", "", "arn"),
    "AWS::Lambda::Function": _FUNCTION,
    "AWS::Lambda::Version": _Kind("lambda", "function:", "", "arn"),
    "AWS::S3::Bucket": _BUCKET,
    "AWS::SecretsManager::Secret": _Kind(
        "secretsmanager", "secret:", "Name", "arn", behind="-??????"
    ),
    "AWS::SNS::Topic": _Kind("sns", "", "TopicName", "arn"),
    "AWS::SQS::Queue": _Kind("sqs", "", "QueueName", "url"),
    "AWS::Serverless::Function": _FUNCTION,
    "AWS::Serverless::SimpleTable": _TABLE,
    "AWS::Serverless::StateMachine": _Kind("states", "stateMachine:", "Name", "arn"),
    "AWS::StepFunctions::StateMachine": _Kind("states", "stateMachine:", "StateMachineName", "arn"),
}
# ${Name}, ${Name.Attribute}, or a part of one of these: ${LastOf:Name}.
_MARKER = re.compile(r"\$\{(\w+Of:|\w+InUrl:)?(\w+)((?:\.\w+)?)\}")
# The stream of a table is another resource than the table.
_ARN_ATTRIBUTE = re.compile(r"\.(?!Stream)(\w*Arn)")
_PARTITION = re.compile(r"^arn:aws[\w-]*:")
_PSEUDO = re.compile(r"\$\{AWS::(\w+)\}")


class ResourceTexts:
    """Writes the resources of policies in one way.

    Args:
        resources: The resources of the template.

    Examples:
        >>> texts = ResourceTexts({"Data": {"Type": "AWS::S3::Bucket"}})
        >>> texts.written_out("${Data.Arn}/*") == texts.written_out("arn:aws:s3:::${Data}/*")
        True
    """

    def __init__(self, resources: Mapping[str, Any]) -> None:
        """Keep the resources."""
        self._resources = resources

    def type_of(self, text: str) -> str | None:
        """The type of the resource that a text refers to, and nothing but it.

        Args:
            text: A marker, such as ``${Count.Arn}``.

        Returns:
            The type; None for another text, and for what is not a resource of the template.
        """
        match = _MARKER.fullmatch(text)
        if match is None or match.group(2) not in self._resources:
            return None
        return str(mapping(self._resources[match.group(2)]).get("Type"))

    def written_out(self, text: str) -> str:
        """A resource with ARNs and names written out as far as the template tells them.

        Args:
            text: An ARN, a pattern of ARNs, or ``*``; what only CloudFormation knows is a marker.
        """
        # Of a bucket that only CloudFormation knows, most templates have the name.
        whole = _MARKER.sub(self._known, buckets_by_name(text))
        return _PARTITION.sub("arn:${AWS::Partition}:", whole)

    def _known(self, match: re.Match[str]) -> str:
        part, logical_id, attribute = match.group(1), match.group(2), match.group(3)
        holder = mapping(self._resources.get(logical_id))
        kind = KINDS.get(str(holder.get("Type")))
        if kind is None:
            return match.group()
        given = mapping(holder.get("Properties")).get(kind.named_by)
        name = f"${{{logical_id}}}" if given is None else readable_text(without_sub(given))
        if part == "AccountInUrl:":
            return "${AWS::AccountId}"
        is_arn = bool(_ARN_ATTRIBUTE.fullmatch(attribute)) or (not attribute and kind.ref == "arn")
        if part is not None:
            # What stands behind the name is taken with it, but for the id of a connection.
            whole = is_arn and part != "ConnectionOf:"
            return f"{name}{kind.behind.format(logical_id)}" if whole else name
        if attribute == ".SecretArn":
            # The one secret of a connection, which has a made-up id and hash at its end.
            return arn("secretsmanager", f"secret:events!connection/{name}/*")
        if is_arn:
            resource = f"{kind.before}{name}{kind.behind.format(logical_id)}"
            full = arn(kind.service, resource, region=kind.place == "both")
            return full.replace("${AWS::AccountId}", "") if kind.place == "none" else full
        if attribute in (".Name", f".{kind.named_by}") or (not attribute and kind.ref == "name"):
            return name
        return match.group()


def allows(given: str, needed: str) -> bool:
    """Whether a pattern of a policy allows all that is needed.

    Args:
        given: The pattern, written out.
        needed: An ARN or a pattern, written out.

    Examples:
        >>> allows("arn:aws:s3:::data/*", "arn:aws:s3:::data/a/*"), allows("a/b", "a/*")
        (True, False)
    """
    if "*" not in given and "?" not in given:
        return given == needed
    return _pattern(given).fullmatch(needed) is not None


def may_allow(given: str, needed: str) -> bool:
    """Whether a pattern of a policy may allow something of what is needed.

    Args:
        given: The pattern, written out.
        needed: An ARN or a pattern, written out.

    Returns:
        False where they have surely nothing in common, whatever CloudFormation fills in.

    Examples:
        >>> may_allow("arn:aws:s3:::${Data}/*", "arn:aws:s3:::logs/*")
        True
        >>> may_allow("arn:aws:s3:::data/*", "arn:aws:s3:::logs/*")
        False
    """
    if allows(given, needed):
        return True
    ours, theirs = _fields(given), _fields(needed)
    if len(ours) < _ARN_FIELDS or len(theirs) < _ARN_FIELDS:
        return _meet(given, needed)
    return all(map(_meet, ours, theirs))


#: Fields of an ARN: arn, partition, service, region, account, and the rest.
_ARN_FIELDS = 6
_OPEN = re.compile(r"[*?]|\$\{[^{}]*\}")
_TOKEN = re.compile(r"\$\{[^{}]*\}|.", re.DOTALL)


@lru_cache(maxsize=4096)
def _fields(text: str) -> list[str]:
    # The colons of a pseudo parameter end no field.
    return _PSEUDO.sub(r"${\1}", text).split(":", _ARN_FIELDS - 1)


def _meet(one: str, other: str) -> bool:
    """Whether two patterns may have a text in common; what is open may be any text."""
    ours, theirs = _TOKEN.findall(one), _TOKEN.findall(other)
    return _begin_alike(ours, theirs) and _begin_alike(ours[::-1], theirs[::-1])


def _begin_alike(ours: Sequence[str], theirs: Sequence[str]) -> bool:
    """Whether two patterns may be the same from their beginnings to the first that is open."""
    for mine, yours in zip(ours, theirs, strict=False):
        # The same name is the same text, whatever it will be.
        if mine == yours and mine not in "*?":
            continue
        return bool(_OPEN.fullmatch(mine) or _OPEN.fullmatch(yours))
    rest = ours[len(theirs) :] or theirs[len(ours) :]
    return all(_OPEN.fullmatch(token) for token in rest)


@lru_cache(maxsize=4096)
def _pattern(text: str) -> re.Pattern[str]:
    pieces = ("." if part == "?" else ".*" if part == "*" else re.escape(part) for part in text)
    return re.compile("".join(pieces), re.DOTALL)
