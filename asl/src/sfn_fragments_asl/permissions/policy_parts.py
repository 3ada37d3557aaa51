"""How a policy is laid over the policies of a role, none of which may be too large.

IAM counts the characters of a document without white space: those of all inline policies of a role
together, and those of each managed policy.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from sfn_fragments_asl.permissions.markers import marker_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

#: Characters of all inline policies of a role, together.
MAX_INLINE = 10_240
#: Characters of a managed policy.
MAX_MANAGED = 6_144
#: Managed policies of a role, unless AWS has raised the quota of the account.
MAX_ATTACHED = 10
#: Characters of inline policies that are left to what an app adds to the role.
ROOM = 2_048

_SPACE = re.compile(r"[ \t\r\n]")
# Of what only CloudFormation knows: characters at least, as in us-east-1, and at most. An account
# id has twelve; for names and ARNs, the longest that are common.
_PSEUDO = {
    "AWS::AccountId": (12, 12),
    "AWS::Partition": (3, 10),
    "AWS::Region": (9, 14),
    "AWS::StackName": (1, 128),
    "AWS::URLSuffix": (13, 16),
}
_ANY = (1, 180)
# Of what is a bucket or an access point: what its ARN has before and behind its name.
_OF_BUCKETS = {"BucketRegionOf": (0, 14), "BucketAccountOf": (0, 12), "ObjectsOf": (0, 7)}
_EMPTY: dict[str, Any] = {"Version": "2012-10-17", "Statement": []}


def size_at_least(document: Any) -> int:
    """How many characters IAM counts of a policy, at least.

    Args:
        document: The policy, with what only CloudFormation knows as intrinsics.

    Examples:
        >>> size_at_least({"Resource": {"Ref": "AWS::AccountId"}})
        27
    """
    return _size(document, 0)


def size_at_most(document: Any) -> int:
    """How many characters IAM counts of a policy, where no name is longer than is common.

    Args:
        document: The policy, with what only CloudFormation knows as intrinsics.
    """
    return _size(document, 1)


def inline_size(policies: Sequence[Mapping[str, Any]] | None) -> int:
    """How many characters IAM counts of the inline policies of a role, at most.

    Args:
        policies: The documents, or what has them as CDK names it.

    Examples:
        >>> inline_size([{"policyName": "p", "policyDocument": {"Statement": []}}])
        16
    """
    return sum(size_at_most(each.get("policyDocument", each)) for each in policies or ())


def size_of_text(document: str) -> int:
    """How many characters IAM counts of a policy that is a text.

    Args:
        document: The policy.

    Examples:
        >>> size_of_text('{"Statement": []}')
        16
    """
    return len(_SPACE.sub("", document))


def _size(value: Any, bound: int) -> int:
    return size_of_text(json.dumps(_filled_in(value, bound), separators=(",", ":")))


def _filled_in(value: Any, bound: int) -> Any:
    """A document with a text of its length in place of each intrinsic."""
    match value:
        case {"Fn::Join": [str(separator), [*parts]]}:
            return separator.join(str(_filled_in(part, bound)) for part in parts)
        case {"Ref": name}:
            return "x" * _PSEUDO.get(str(name), _ANY)[bound]
        case dict() if len(value) == 1 and next(iter(value)).startswith("Fn::"):
            part = (marker_of(value) or "${:").partition(":")[0]
            return "x" * _OF_BUCKETS.get(part[2:], _ANY)[bound]
        case dict():
            return {name: _filled_in(item, bound) for name, item in value.items()}
        case list():
            return [_filled_in(item, bound) for item in value]
    return value


def merged_statements(statements: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Statements with the resources of those that allow the same actions in one.

    Nothing is allowed that was not: each of the actions was allowed on each of the resources.

    Args:
        statements: The statements, with lists of actions and resources.

    Examples:
        >>> get = {"Effect": "Allow", "Action": ["s3:GetObject"]}
        >>> merged_statements([{**get, "Resource": ["a"]}, {**get, "Resource": ["b"]}])
        [{'Effect': 'Allow', 'Action': ['s3:GetObject'], 'Resource': ['a', 'b']}]
    """
    found: dict[str, dict[str, Any]] = {}
    for statement in statements:
        rest = {name: item for name, item in statement.items() if name != "Resource"}
        one = found.setdefault(json.dumps(rest, sort_keys=True), {**statement, "Resource": []})
        one["Resource"] += [
            resource for resource in statement["Resource"] if resource not in one["Resource"]
        ]
    return list(found.values())


def cuts(document: Mapping[str, Any], taken: int = 0) -> list[int]:
    """Where to cut a policy, so that none of its parts is too large.

    Args:
        document: The policy, as `policy_document` makes it.
        taken: Characters of the role's inline policies that others have.

    Returns:
        How many resources each part has, as `parts` takes them: the first for an inline
        policy, whatever is left of these, the others for managed ones. The first may have none.
    """
    room = max(MAX_INLINE - ROOM - taken, 0)
    counts = [0]
    if size_at_most(document) <= room:
        return [sum(len(statement["Resource"]) for statement in document["Statement"])]
    part: list[Mapping[str, Any]] = []
    for unit in _units(document):
        if size_at_most({**_EMPTY, "Statement": merged_statements([*part, unit])}) > room:
            part, room = [], MAX_MANAGED
            counts.append(0)
        part.append(unit)
        counts[-1] += 1
    return counts


def parts(document: Mapping[str, Any], counts: Sequence[int]) -> list[dict[str, Any]]:
    """A policy in parts.

    Args:
        document: The policy, as `policy_document` makes it.
        counts: How many resources each part has; the last has the rest.

    Returns:
        The parts, as many as there are counts; one without a resource has no statements.

    Examples:
        >>> statement = {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["a", "b", "c"]}
        >>> policy = {"Version": "2012-10-17", "Statement": [statement]}
        >>> [part["Statement"][0]["Resource"] for part in parts(policy, [1, 2])]
        [['a'], ['b', 'c']]
    """
    units = list(_units(document))
    found = []
    for index, count in enumerate(counts):
        taken = len(units) if index == len(counts) - 1 else count
        found.append({**_EMPTY, "Statement": merged_statements(units[:taken])})
        del units[:taken]
    return found


def part_maker(
    make: Callable[[Any], Mapping[str, Any]], counts: Sequence[int], index: int
) -> Callable[[Any], dict[str, Any]]:
    """A function that makes one part of a policy.

    Args:
        make: Makes the whole policy.
        counts: How many resources each part has.
        index: Which part it is.
    """
    return lambda definition: parts(make(definition), counts)[index]


def _units(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Each statement once for each of its resources."""
    for statement in document["Statement"]:
        for resource in statement["Resource"]:
            yield {**statement, "Resource": [resource]}
