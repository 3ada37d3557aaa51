"""What the policies of keys and buckets say about a role.

In the account of the resource, such a policy allows besides those of the role, and denies above
them: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from moto.s3.models import s3_backends

from sfn_fragments_local.iam_enforcement.policies import (
    Request,
    Statement,
    knows_operator,
    read_statements,
)

#: Condition keys that requests have here, if they have them on AWS. Such as the network and the
#: organization that one comes from are not known.
_KNOWN: Final = (
    "aws:principalaccount",
    "aws:principalarn",
    "aws:requestedregion",
    "aws:securetransport",
    "s3:delimiter",
    "s3:max-keys",
    "s3:prefix",
    "s3:tlsversion",
    "s3:x-amz-acl",
    "s3:x-amz-server-side-encryption",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
)


def statements_about(document: Any, role_arn: str) -> tuple[Statement, ...]:
    """The statements of a resource's policy that are about a role.

    Args:
        document: The policy, as JSON or parsed.
        role_arn: ARN of the role.

    Returns:
        What they allow the role by its name, or everybody, and what they deny it in any way. What
        they allow its account is left to the policies of the role.
    """
    parsed = document if isinstance(document, Mapping) else json.loads(document)
    listed = parsed.get("Statement", [])
    return read_statements(
        {
            "Statement": [
                one
                for one in ([listed] if isinstance(listed, Mapping) else listed)
                if _is_meant(one, role_arn)
            ]
        }
    )


def bucket_statements(request: Request, role_arn: str, account: str) -> tuple[Statement, ...]:
    """What the policy of a bucket says about a role that wants to do something with it.

    Args:
        request: What it wants to do.
        role_arn: The role.
        account: Account of the engine.

    Returns:
        The statements, but for those with a condition on what is not known here, such as the
        network that a request comes from. None for what is no bucket with a policy.
    """
    service, _, resource = (request.resource or "").partition(":::")
    _, partition, *rest = [*service.split(":"), ""]
    if "s3" not in rest:
        return ()
    bucket = s3_backends[account][partition].buckets.get(resource.partition("/")[0])
    if bucket is None or not bucket.policy:
        return ()
    statements = statements_about(json.loads(bucket.policy), role_arn)
    return tuple(
        one
        for one in statements
        if all(key in _KNOWN and knows_operator(operator) for operator, key, _ in one.conditions)
    )


def _is_meant(statement: Mapping[str, Any], role_arn: str) -> bool:
    if "NotPrincipal" in statement:
        return not _is_named(role_arn, statement["NotPrincipal"], account_is=True)
    denies = statement.get("Effect") == "Deny"
    return _is_named(role_arn, statement.get("Principal"), account_is=denies)


def _is_named(role_arn: str, principal: object, *, account_is: bool) -> bool:
    return any(_is(role_arn, one, account_is=account_is) for one in _names(principal))


def _names(principal: object) -> Iterator[str]:
    given = principal.get("AWS", []) if isinstance(principal, Mapping) else principal
    yield from map(str, given if isinstance(given, list) else [given])


def _is(role_arn: str, name: str, *, account_is: bool) -> bool:
    arn, account = role_arn.split(":", 5), role_arn.split(":")[4]
    if name in ("*", role_arn):
        return True
    if name in (account, f"{arn[0]}:{arn[1]}:iam::{account}:root"):
        return account_is
    # A session of the role.
    session = f":sts::{account}:assumed-role/{role_arn.rpartition('/')[2]}/"
    return session in name
