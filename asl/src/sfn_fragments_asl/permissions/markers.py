"""Parts of what only CloudFormation knows: the name in an ARN, in a URL, or in either form.

The text of a permission has such a part as a marker, ``${LastOf:Queue}``, beside the markers of a
definition, ``${Queue}``. A policy has intrinsics for it, which CloudFormation evaluates when it
knows the value, so that the ARN is right whichever form the value has.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sfn_fragments_asl.model.definition import readable_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True)
class Part:
    """A part of a text that is split.

    Attributes:
        separator: What it is split at.
        index: Which of the pieces it is.
        doubled: Whether the text is put twice, with the separator between: then the second piece
            is what stands behind the separator, or the whole text where there is none.
        inner: The part that is taken out first.
        joined: What is put together with the separator before it is split; None for the text.
    """

    separator: str
    index: int
    doubled: bool = False
    inner: Part | None = None
    joined: tuple[str | None, ...] = ()

    @property
    def texts(self) -> tuple[str | None, ...]:
        """What is put together before it is split; None for the text."""
        return (None, None) if self.doubled else self.joined


#: The name of a state machine in what is its name, its ARN, or that of its version or alias.
MACHINE_OF = "MachineOf:"
#: The same in what is known to be an ARN.
NAME_OF = "NameOf:"
#: The name in what is a name or an ARN that has one slash before it.
LAST_OF = "LastOf:"
#: The name, with its path, in what is the name or the ARN of a role.
ROLE_OF = "RoleOf:"
# A bucket is given by its name, or an access point by its ARN. Split at its colons, one of these
# has the parts of the ARN that IAM knows it by at the same places:
#   data              /object s3 (none)    (none)       data          (none)
#   arn               aws     s3 us-east-1 123456789012 accesspoint/p /object    s3 ...
_BUCKET = (None, "/object", "s3", "", "", None, "")
#: What begins a marker, and the part that it stands for.
PARTS = {
    MACHINE_OF: Part(":", 0, inner=Part("stateMachine:", 1, doubled=True)),
    NAME_OF: Part(":", 6),
    LAST_OF: Part("/", 1, doubled=True),
    # The same where names may have slashes, or where a colon stands before the name.
    "FunctionOf:": Part("function:", 1, doubled=True),
    ROLE_OF: Part("role/", 1, doubled=True),
    "RepositoryOf:": Part("repository/", 1, doubled=True),
    "BusOf:": Part("event-bus/", 1, doubled=True),
    "ParameterOf:": Part("parameter/", 1, doubled=True),
    "SecretOf:": Part("secret:", 1, doubled=True),
    # <name>, or arn:aws:ecs:<region>:<account>:service/<cluster>/<name>
    "ServiceOf:": Part("/", 2, joined=(None, None, None)),
    "DatabaseOf:": Part(":db:", 1, doubled=True),
    "ClusterOf:": Part(":cluster:", 1, doubled=True),
    "LogGroupOf:": Part("log-group:", 1, doubled=True),
    # <region>.<vendor>.<model>, of a profile of Bedrock's; a name without dots is itself.
    "VendorOf:": Part(".", 1, doubled=True, inner=Part("/", 1, doubled=True)),
    "BucketRegionOf:": Part(":", 3, joined=_BUCKET),
    "BucketAccountOf:": Part(":", 4, joined=_BUCKET),
    "BucketOf:": Part(":", 5, joined=_BUCKET),
    "ObjectsOf:": Part(":", 6, joined=_BUCKET),
    # https://sqs.<region>.amazonaws.com/<account>/<name>
    "AccountInUrl:": Part("/", 3),
    "NameInUrl:": Part("/", 4),
    # arn:aws:events:<region>:<account>:connection/<name>/<id>
    "ConnectionOf:": Part("/", 1),
}
# The ARN of a bucket or an access point in whichever form only CloudFormation knows it.
_EITHER_BUCKET = (
    "arn:${{AWS::Partition}}:s3:${{BucketRegionOf:{0}}}:${{BucketAccountOf:{0}}}:${{BucketOf:{0}}}"
)
_BY_EITHER = re.compile(
    re.escape(_EITHER_BUCKET.format("ID")).replace("ID", r"([^{}]+)", 1).replace("ID", r"\1")
    + r"(\$\{ObjectsOf:\1\})?"
)
# What CDK makes of the name of a resource of another stack: an export, an output, or a parameter.
_NAME_ELSEWHERE = re.compile(
    r"\$\{(\w+(ExportsOutput|PublishOutput)Ref\w+|referenceto\w+Ref"
    r"|[\w.]+/cdk/exports/[\w/-]*Ref\w+)\}"
)
#: The beginning of a marker of a part, and the name of what is split.
PATTERN = "(?:" + "|".join(PARTS) + ")[^{}]+"
_MARKER = re.compile(r"\$\{(" + "|".join(PARTS) + r")([^{}]+)\}")


def part_of(beginning: str, marker: str) -> str:
    """The marker of a part.

    Args:
        beginning: Which part, such as `LAST_OF`.
        marker: What it is a part of, such as ``${Queue}``.

    Examples:
        >>> part_of(LAST_OF, "${Queue}")
        '${LastOf:Queue}'
    """
    return f"${{{beginning}{marker[2:-1]}}}"


def bucket_arn(marker: str, *, objects: bool = False) -> str:
    """The ARN of a bucket, or of an access point, that only CloudFormation knows.

    Objects that are reached by an access point have ``/object`` before their keys:
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-policies.html

    What CDK takes from another stack of the app by ``Ref`` is the name of a bucket: that of an
    access point is no ARN.

    Args:
        marker: What is given for a bucket, such as ``${Data}``: its name, or the ARN of an access
            point.
        objects: Whether the key of an object is put behind.
    """
    if _NAME_ELSEWHERE.fullmatch(marker):
        return f"arn:${{AWS::Partition}}:s3:::{marker}"
    return _EITHER_BUCKET.format(marker[2:-1]) + (part_of("ObjectsOf:", marker) if objects else "")


def buckets_by_name(text: str, is_name: Callable[[str], bool] = lambda _: True) -> str:
    """An ARN of `bucket_arn` as it is where a bucket is given by its name.

    Args:
        text: A resource of a policy.
        is_name: Whether what is called so in the template is surely the name of a bucket.

    Examples:
        >>> buckets_by_name(bucket_arn("${Data}", objects=True) + "/a")
        'arn:${AWS::Partition}:s3:::${Data}/a'
    """
    return _BY_EITHER.sub(
        lambda found: (
            f"arn:${{AWS::Partition}}:s3:::${{{found[1]}}}" if is_name(found[1]) else found[0]
        ),
        text,
    )


def bucket_ids(text: str) -> list[str]:
    """What the buckets are called, in the template, of which a text has the ARN in either form.

    Args:
        text: A resource of a policy.
    """
    return [found[1] for found in _BY_EITHER.finditer(text)]


def intrinsic_of(marker: str, tokens: Mapping[str, Any]) -> Any:
    """What CloudFormation makes a part of.

    Args:
        marker: The marker of the part.
        tokens: The marker of each thing that only CloudFormation knows, and its intrinsic. What is
            not there, such as a substitution that nothing fills in, is split as the text it is.
    """
    match = _MARKER.fullmatch(marker)
    if match is None:
        raise ValueError(f"{marker!r} is no marker of a part")
    whole = f"${{{match[2]}}}"
    return _taken(PARTS[match[1]], tokens.get(whole, whole))


def _taken(part: Part, value: Any) -> Any:
    if part.inner is not None:
        value = _taken(part.inner, value)
    if part.texts:
        texts = [value if text is None else text for text in part.texts]
        value = {"Fn::Join": [part.separator, texts]}
    return {"Fn::Select": [part.index, {"Fn::Split": [part.separator, value]}]}


def marker_of(intrinsic: Any) -> str | None:
    """The marker of a part that an intrinsic takes out of a value.

    Args:
        intrinsic: An intrinsic of CloudFormation.

    Returns:
        The marker; ``None`` where it is no such part.
    """
    for beginning, part in PARTS.items():
        if (value := _source(part, intrinsic)) is not None:
            return part_of(beginning, readable_text(value))
    return None


def _source(part: Part, intrinsic: Any) -> Any:
    """What a part is taken out of; None where an intrinsic takes no such part."""
    match intrinsic:
        case {"Fn::Select": [part.index, {"Fn::Split": [part.separator, value]}]}:
            pass
        case _:
            return None
    if part.texts:
        match value:
            case {"Fn::Join": [part.separator, [named, *rest]]}:
                again = [named if text is None else text for text in part.texts[1:]]
                if rest != again:
                    return None
                value = named
            case _:
                return None
    return value if part.inner is None else _source(part.inner, value)
