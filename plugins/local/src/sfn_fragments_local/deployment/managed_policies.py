"""Makes customer managed policies; moto's models of them cannot be changed by a template."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sfn_fragments_local.deployment.made import Made, Maker, Order

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

#: Property to what a call names it.
_ATTACHED = {"Groups": "Group", "Roles": "Role", "Users": "User"}
#: IAM keeps this many versions of a policy.
_VERSIONS = 5


def _managed_policy(order: Order) -> Made:
    iam = order.client("iam")
    properties = order.properties
    name = order.name(properties.get("ManagedPolicyName"))
    path = str(properties.get("Path", "/"))
    document = json.dumps(properties["PolicyDocument"], default=str)
    arn = f"arn:{order.partition}:iam::{order.account}:policy{path}{name}"
    before: Mapping[str, Any] = {}
    if order.before == arn:
        before = order.properties_before
        _make_room(iam, arn)
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=document, SetAsDefault=True)
    else:
        description = str(properties.get("Description", ""))
        iam.create_policy(
            PolicyName=name, Path=path, PolicyDocument=document, Description=description
        )
    for field, kind in _ATTACHED.items():
        wanted, attached = properties.get(field) or [], before.get(field) or []
        for holder in (one for one in attached if one not in wanted):
            _call(iam, "detach", kind, holder, arn)
        for holder in wanted:
            _call(iam, "attach", kind, holder, arn)
    return Made(arn, {"PolicyArn": arn})


def _make_room(iam: Any, arn: str) -> None:
    versions = iam.list_policy_versions(PolicyArn=arn)["Versions"]
    if len(versions) >= _VERSIONS:
        oldest = min(
            (one for one in versions if not one["IsDefaultVersion"]),
            key=lambda one: int(one["VersionId"].removeprefix("v")),
        )
        iam.delete_policy_version(PolicyArn=arn, VersionId=oldest["VersionId"])


def _call(iam: Any, verb: str, kind: str, holder: str, arn: str) -> None:
    call = getattr(iam, f"{verb}_{kind.lower()}_policy")
    call(**{f"{kind}Name": holder}, PolicyArn=arn)


def _remove(client: Callable[[str], Any], arn: str) -> None:
    iam = client("iam")
    holders = iam.list_entities_for_policy(PolicyArn=arn)
    for kind in _ATTACHED.values():
        for holder in holders[f"Policy{kind}s"]:
            _call(iam, "detach", kind, holder[f"{kind}Name"], arn)
    for version in iam.list_policy_versions(PolicyArn=arn)["Versions"]:
        if not version["IsDefaultVersion"]:
            iam.delete_policy_version(PolicyArn=arn, VersionId=version["VersionId"])
    iam.delete_policy(PolicyArn=arn)


MANAGED_POLICIES = {"AWS::IAM::ManagedPolicy": Maker(_managed_policy, _remove)}
