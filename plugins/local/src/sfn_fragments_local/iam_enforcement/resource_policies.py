"""What the policies of resources say about a role, or about a service of AWS.

In the account of the resource, such a policy allows besides those of the role, and denies above
them. Who belongs to another account needs both:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from moto.awslambda.exceptions import LambdaClientError
from moto.awslambda.models import lambda_backends
from moto.kms.models import kms_backends
from moto.s3.models import s3_backends
from moto.secretsmanager.models import secretsmanager_backends
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends

from sfn_fragments_local.iam_enforcement.policies import (
    Request,
    Statement,
    UnsupportedPolicyError,
    Verdict,
    evaluate,
    knows_operator,
    read_statements,
)

#: Condition keys that requests have here, if they have them on AWS. Such as the network and the
#: organization that one comes from are not known.
_KNOWN: Final = frozenset(
    {
        "aws:currenttime",
        "aws:epochtime",
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalisawsservice",
        "aws:principalservicename",
        "aws:requestedregion",
        "aws:securetransport",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceowner",
        "kms:calleraccount",
        "kms:resourcealiases",
        "kms:viaservice",
        "s3:delimiter",
        "s3:max-keys",
        "s3:prefix",
        "s3:tlsversion",
        "s3:x-amz-acl",
        "s3:x-amz-server-side-encryption",
        "s3:x-amz-server-side-encryption-aws-kms-key-id",
        "sts:externalid",
        "sts:rolesessionname",
    }
)


def statements_about(
    document: Any, principal: str, *, account_is: bool = False
) -> tuple[Statement, ...]:
    """The statements of a resource's policy that are about someone.

    Args:
        document: The policy, as JSON or parsed.
        principal: ARN of a role, or the name of a service such as ``sns.amazonaws.com``.
        account_is: Whether what the role's account is allowed is meant too. Without it, that is
            left to the policies of the role.

    Returns:
        What they allow, and what they deny in any way, also by the account.
    """
    parsed = document if isinstance(document, Mapping) else json.loads(document)
    meant = [
        one for one in listed_statements(parsed) if _is_meant(one, principal, account_is=account_is)
    ]
    return read_statements({"Statement": meant})


def listed_statements(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The statements of a policy, as they are written.

    Args:
        document: The policy, parsed.

    Raises:
        UnsupportedPolicyError: They are none.
    """
    given = document.get("Statement", [])
    listed = given if isinstance(given, list) else [given]
    for one in listed:
        if not isinstance(one, Mapping) or one.get("Effect") not in ("Allow", "Deny"):
            raise UnsupportedPolicyError(f"{one!r} is no statement of a policy")
    return listed


def context_of_service(service: str, account: str, source_arn: str | None) -> dict[str, list[str]]:
    """The condition keys of what a service of AWS does on behalf of a resource.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html

    Args:
        service: Its name, such as ``sns.amazonaws.com``.
        account: Account of the resource.
        source_arn: ARN of the resource; None where the service does not tell.
    """
    context = {"aws:PrincipalIsAWSService": ["true"], "aws:PrincipalServiceName": [service]}
    if source_arn is not None:
        context |= {"aws:SourceArn": [source_arn], "aws:SourceAccount": [account]}
    return context


@dataclass(frozen=True)
class Opinion:
    """What the policy of a resource says about a role's request.

    Attributes:
        verdict: About the role by its name, or about everybody.
        foreign: Whether the resource belongs to another account, so that the role's own policies
            have to allow the request too.
        lacks_allow: Whether the policy has to allow it, and does not, not even to the account.
    """

    verdict: Verdict = Verdict.NOT_ALLOWED
    foreign: bool = False
    lacks_allow: bool = False


def opinion_of_resource(request: Request, role_arn: str, account: str) -> Opinion:
    """What the policy of a resource says about a role that wants to do something with it.

    Args:
        request: What it wants to do.
        role_arn: The role.
        account: Account of the engine.

    Returns:
        The opinion; that of an empty policy for what the engine does not have. Statements with a
        condition on what is not known here, such as the network that a request comes from, say
        nothing.
    """
    found = _policy_of(request.resource or "*", account)
    if found is None:
        return Opinion()
    owner, document = found
    foreign = owner != role_arn.split(":")[4]

    def verdict(*, account_is: bool) -> Verdict:
        statements = statements_about(document, role_arn, account_is=account_is)
        return evaluate(_evaluable(statements), request)

    # The policy of a key alone says who may use it; IAM's count where it lets the account.
    needs_allow = foreign or request.action.startswith("kms:")
    return Opinion(
        verdict(account_is=False),
        foreign,
        needs_allow and verdict(account_is=True) is not Verdict.ALLOWED,
    )


def lets_service(action: str, resource: str, service: str, source_arn: str, account: str) -> bool:
    """Whether the policy of a resource lets a service of AWS do something with it.

    Args:
        action: Such as ``sqs:SendMessage``.
        resource: ARN of the resource.
        service: Name of the service, such as ``sns.amazonaws.com``.
        source_arn: On behalf of which resource of the engine's.
        account: Account of the engine.

    Returns:
        Whether it does; True for what the engine does not have, which the service finds missing.
    """
    found = _policy_of(resource, account)
    if found is None:
        return True
    context = {"aws:SecureTransport": ["true"], **context_of_service(service, account, source_arn)}
    statements = _evaluable(statements_about(found[1], service))
    return evaluate(statements, Request(action, resource, context)) is Verdict.ALLOWED


def trusts(document: Any, principal: str, context: Mapping[str, list[str]]) -> bool:
    """Whether a trust policy lets someone assume its role.

    Args:
        document: The policy, as JSON or parsed.
        principal: ARN of a role, whose account may be meant; or the name of a service.
        context: Condition keys of the request to their values. Conditions on others that cannot
            be known here, such as the organization, are taken as met.

    Raises:
        UnsupportedPolicyError: It is no policy, or has a condition of a kind that IAM lacks.
    """
    statements = [
        replace(one, conditions=tuple(two for two in one.conditions if two[1] in _KNOWN))
        for one in statements_about(document, principal, account_is=True)
        # A denial that cannot be judged is none.
        if one.allows or all(key in _KNOWN for _, key, _ in one.conditions)
    ]
    asked = Request("sts:AssumeRole", None, context)
    return evaluate(statements, asked) is Verdict.ALLOWED


def _evaluable(statements: Any) -> list[Statement]:
    return [one for one in statements if all(map(_is_known, one.conditions))]


def _is_known(condition: tuple[str, str, tuple[str, ...]]) -> bool:
    operator, key, _ = condition
    return key in _KNOWN and knows_operator(operator)


def _policy_of(arn: str, account: str) -> tuple[str, Mapping[str, Any]] | None:
    """The account of a resource and its policy; None for what the engine does not have."""
    if not arn.startswith("arn:") or arn.count(":") < 5:
        return None
    _, partition, service, region, owner, name = arn.split(":", 5)
    read = _READERS.get(service)
    document = None if read is None else read(partition, region, owner or account, name)
    return None if document is None else (owner or account, document)


def _parsed(policy: str | Mapping[str, Any] | None) -> Mapping[str, Any]:
    if not policy:
        return {}
    parsed: Mapping[str, Any] = policy if isinstance(policy, Mapping) else json.loads(policy)
    return parsed


def _bucket(partition: str, _: str, owner: str, name: str) -> Mapping[str, Any] | None:
    bucket = s3_backends[owner][partition].buckets.get(name.partition("/")[0])
    if bucket is None:
        return None
    policy = bucket.policy
    return _parsed(policy.decode() if isinstance(policy, bytes) else policy)


def _queue(_: str, region: str, owner: str, name: str) -> Mapping[str, Any] | None:
    queue = sqs_backends[owner][region].queues.get(name)
    return None if queue is None else _parsed(queue.policy)


def _topic(partition: str, region: str, owner: str, name: str) -> Mapping[str, Any] | None:
    arn = f"arn:{partition}:sns:{region}:{owner}:{name.partition(':')[0]}"
    topic = sns_backends[owner][region].topics.get(arn)
    return None if topic is None else _parsed(topic.policy)


def _function(_: str, region: str, owner: str, name: str) -> Mapping[str, Any] | None:
    kind, function, qualifier = [*name.split(":"), "", ""][:3]
    if kind != "function":
        return None
    backend = lambda_backends[owner][region]
    try:
        known: Any = backend.get_function(function, qualifier or None)
    except LambdaClientError:
        return None
    # Each version and alias has a policy of its own, which moto keeps in one.
    behind = f":{qualifier}" if qualifier else f":{function}"
    return {
        "Statement": [
            {**one, "Resource": "*"}
            for one in known.policy.statements
            if one["Resource"].endswith(behind)
        ]
    }


def _secret(partition: str, region: str, owner: str, name: str) -> Mapping[str, Any] | None:
    arn = f"arn:{partition}:secretsmanager:{region}:{owner}:{name}"
    secret: Any = secretsmanager_backends[owner][region].secrets.get(arn)
    return None if secret is None else _parsed(getattr(secret, "policy", None))


def _key(_: str, region: str, owner: str, name: str) -> Mapping[str, Any] | None:
    key = kms_backends[owner][region].keys.get(name.removeprefix("key/"))
    return None if key is None else _parsed(key.policy)


_READERS: Final[Mapping[str, Callable[[str, str, str, str], Mapping[str, Any] | None]]] = {
    "kms": _key,
    "lambda": _function,
    "s3": _bucket,
    "secretsmanager": _secret,
    "sns": _topic,
    "sqs": _queue,
}


def _is_meant(statement: Mapping[str, Any], principal: str, *, account_is: bool) -> bool:
    if "NotPrincipal" in statement:
        return not _is_named(principal, statement["NotPrincipal"], account_is=True)
    meant = account_is or statement.get("Effect") == "Deny"
    return _is_named(principal, statement.get("Principal"), account_is=meant)


def _is_named(principal: str, element: object, *, account_is: bool) -> bool:
    return any(_is(principal, one, account_is=account_is) for one in _names(element))


def _names(element: object) -> Iterator[str]:
    kinds = element.values() if isinstance(element, Mapping) else [element]
    for given in kinds:
        yield from map(str, given if isinstance(given, list) else [given])


def _is(principal: str, name: str, *, account_is: bool) -> bool:
    # In China, some services have names of that partition, and IAM takes these for the same.
    if principal in (name, name.removesuffix(".cn")) or name == "*":
        return True
    if not principal.startswith("arn:"):
        return False
    arn, account = principal.split(":", 5), principal.split(":")[4]
    if name in (account, f"{arn[0]}:{arn[1]}:iam::{account}:root"):
        return account_is
    # A session of the role.
    session = f":sts::{account}:assumed-role/{principal.rpartition('/')[2]}/"
    return session in name
