"""The role that a template gives to a state machine, as far as the template tells.

Whatever may allow something and is not in the template is named, so that nobody takes what is not
known for what is not allowed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sfn_fragments_asl.model.definition import readable_text
from sfn_fragments_asl.model.json_data import mapping
from sfn_fragments_asl.reading.intrinsics import branches, references, without_sub
from sfn_fragments_asl.reading.sam_policies import sam_policy

if TYPE_CHECKING:
    from sfn_fragments_asl.model.state_machine import CheckedDefinition

_SAM_MACHINE = "AWS::Serverless::StateMachine"
_ROLE = "AWS::IAM::Role"
_MANAGED = "AWS::IAM::ManagedPolicy"
#: Types of policies to the property that names their roles.
_ATTACHING = {"AWS::IAM::Policy": "Roles", "AWS::IAM::RolePolicy": "RoleName", _MANAGED: "Roles"}
#: What may do anything with a role whose name it is given.
_STRANGERS = ("AWS::CloudFormation::", "AWS::Serverless::Application", "Custom::")
# What CloudFormation replaces by what a macro or a loop makes.
_MAKERS = ("Fn::Transform", "Fn::ForEach")
# A property that hands the role over to be assumed, and adds nothing to it.
_HANDED_OVER = re.compile(r"\w*[Rr]ole(Arn|ARN|Name|Id)?s?")
_POLICY = re.compile(r"\$\{(\w+)(?:\.PolicyArn)?\}")
_REFERENCE = re.compile(r"\$\{([\w:]+)(?:\.[\w.]+)?\}")
_MARKER = re.compile(r"\$\{[^{}]*\}")
_ROLE_ARN = re.compile(r"arn:.*:iam::.*:role/(?:.*/)?([^/]+)")


@dataclass(frozen=True)
class GivenPolicy:
    """A policy of a role.

    Attributes:
        place: Logical id of the policy; of one in the role itself, the role's with the name of
            the policy.
        document: The policy, with each ``Fn::Sub`` as ``Fn::Join``.
        managed: Whether it is a managed policy.
        sure: Whether it is there in every deployment, whatever its conditions say.
    """

    place: str
    document: Any
    managed: bool = False
    sure: bool = True


@dataclass(frozen=True)
class GivenRole:
    """What a template tells of the role of a state machine.

    Attributes:
        logical_id: Logical id of the role; None where it is not part of the template.
        policies: Its policies, in the order of the template; of a role that is not part of it,
            those that it adds.
        attached: How many managed policies it has at least.
        unknown: What else may allow something, or why nothing is known, each in one phrase.
        users: Logical ids of what else has the role.
        limits: What may deny what the policies allow, each in one phrase.
        name: Name of a role that is not part of the template, where its ARN tells it.
    """

    logical_id: str | None
    policies: tuple[GivenPolicy, ...] = ()
    attached: int = 0
    unknown: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    name: str = ""


def given_role(checked: CheckedDefinition) -> GivenRole:
    """What the template of a state machine tells of its role.

    Args:
        checked: The definition, with the resources of the template.

    Examples:
        >>> from sfn_fragments_asl.model.state_machine import CheckedDefinition
        >>> given_role(CheckedDefinition({"StartAt": "A", "States": {}})).unknown
        ('the role is not part of the file',)
    """
    machine = mapping(checked.resources.get(checked.logical_id or ""))
    properties = mapping(machine.get("Properties"))
    if checked.logical_id is None or not machine:
        return GivenRole(None, unknown=("the role is not part of the file",))
    of_sam = machine.get("Type") == _SAM_MACHINE
    given = properties.get("Role" if of_sam else "RoleArn")
    if given is None and of_sam:
        role_id: str | None = f"{checked.logical_id}Role"
    else:
        role_id = _named_role(given, checked.resources)
    if role_id is None:
        shown = readable_text(without_sub(given)) if given is not None else "none is given"
        unknown = (f"the role is not part of the template: {shown}",)
        match = _ROLE_ARN.fullmatch(shown)
        if match is None:
            return GivenRole(None, unknown=unknown)
        # What the template adds to it is known all the same.
        added = _Reader(checked, "", match.group(1)).read(None)
        return GivenRole(None, added.policies, added.attached, unknown, name=match.group(1))
    return _Reader(checked, role_id).read(machine if given is None else None)


def _named_role(given: Any, resources: Mapping[str, Any]) -> str | None:
    """Logical id of the role that an ARN is of."""
    name = readable_text(without_sub(given))
    match = _ROLE_ARN.fullmatch(name)
    for logical_id, resource in resources.items():
        if mapping(resource).get("Type") != _ROLE:
            continue
        own = mapping(mapping(resource).get("Properties")).get("RoleName")
        names = {f"${{{logical_id}}}", readable_text(without_sub(own)) if own else ""}
        if name == f"${{{logical_id}.Arn}}" or (match and match.group(1) in names):
            return str(logical_id)
    return None


class _Reader:
    """Collects the policies of a role."""

    def __init__(self, checked: CheckedDefinition, role_id: str, name: str = "") -> None:
        self._resources = checked.resources
        self._macros = checked.macros
        self._role_id = role_id
        self._name = name
        self._machine_id = checked.logical_id
        self._users: dict[str, None] = {}
        self._conditions = [
            None,
            *(
                mapping(checked.resources.get(each)).get("Condition")
                for each in (role_id, checked.logical_id or "")
            ),
        ]
        self._policies: list[GivenPolicy] = []
        self._attached = 0
        self._unknown: dict[str, None] = {}

    def read(self, sam_machine: Mapping[str, Any] | None) -> GivenRole:
        if sam_machine is None:
            properties = mapping(mapping(self._resources.get(self._role_id)).get("Properties"))
            self._read_inline(properties.get("Policies"))
            self._read_managed(properties.get("ManagedPolicyArns"))
        else:
            self._read_sam(sam_machine)
        machine = mapping(self._resources.get(self._machine_id or ""))
        for name in mapping(machine.get("Connectors")):
            self._cannot_tell("the connector", str(name))
        self._read_macros(self._role_id, mapping(self._resources.get(self._role_id)))
        self._read_macros(self._machine_id or "", mapping(machine.get("Properties")))
        for logical_id, resource in self._resources.items():
            self._read_resource(str(logical_id), mapping(resource))
        self._unknown |= {
            f"the macro {name} may add anything to the template": None for name in self._macros
        }
        return GivenRole(
            self._role_id,
            tuple(self._policies),
            self._attached,
            tuple(self._unknown),
            tuple(self._users),
            tuple(self._limits(sam_machine)),
        )

    def _limits(self, sam_machine: Mapping[str, Any] | None) -> Iterator[str]:
        holder = self._resources.get(self._role_id) if sam_machine is None else sam_machine
        boundary = mapping(mapping(holder).get("Properties")).get("PermissionsBoundary")
        if boundary is not None:
            shown = readable_text(without_sub(boundary))
            yield f"the permissions boundary {shown} may deny something"

    def _read_inline(self, policies: Any) -> None:
        for policy, sure in branches(policies):
            if "PolicyDocument" in mapping(policy):
                name = readable_text(without_sub(policy.get("PolicyName", "")))
                self._add(f"{self._role_id} {name}".strip(), policy["PolicyDocument"], sure=sure)
            else:
                self._cannot_tell("a policy", policy)

    def _read_managed(self, arns: Any) -> None:
        for arn, sure in branches(arns):
            self._attached += sure
            if name := self._managed_in(arn):
                self._add_managed(name, sure=sure)
            else:
                self._cannot_tell_managed(arn)

    def _read_sam(self, machine: Mapping[str, Any]) -> None:
        policies = mapping(machine.get("Properties")).get("Policies")
        for policy, sure in branches(policies if isinstance(policies, list) else [policies]):
            match policy:
                case None:
                    continue
                case {"Statement": _}:
                    self._add(f"{self._role_id} Policies", policy, sure=sure)
                case _ if name := self._managed_in(policy):
                    self._attached += sure
                    self._add_managed(name, sure=sure)
                case str() | {"Ref": _} | {"Fn::Sub": _} | {"Fn::Join": _} | {"Fn::ImportValue": _}:
                    self._attached += sure
                    self._cannot_tell_managed(policy)
                case _ if (document := sam_policy(policy)) is not None:
                    self._add(f"{self._role_id} {next(iter(policy))}", document, sure=sure)
                case _:
                    self._cannot_tell("the policy template of SAM", ", ".join(mapping(policy)))

    def _read_macros(self, place: str, holder: Mapping[str, Any]) -> None:
        """Find what a macro or a loop makes of the properties of a resource."""
        for each in (holder, mapping(holder.get("Properties"))):
            for name in each:
                if str(name).startswith(_MAKERS):
                    maker = "a macro" if str(name).startswith("Fn::Tr") else "a loop"
                    self._cannot_tell(f"what {maker} makes in", place)

    def _read_resource(self, logical_id: str, resource: Mapping[str, Any]) -> None:
        kind = str(resource.get("Type"))
        properties = mapping(resource.get("Properties"))
        if logical_id.startswith("Fn::"):
            text = json.dumps(self._resources[logical_id], default=str)
            if self._role_id in text or '"AWS::IAM::' in text:
                self._cannot_tell("what the template makes by", logical_id)
        elif kind in _ATTACHING:
            attached = self._attaches(properties.get(_ATTACHING[kind]))
            sure = resource.get("Condition") in self._conditions
            if attached is None:
                self._cannot_tell("what is attached at deployment, perhaps to it:", logical_id)
            elif attached:
                self._attached += sure and kind == _MANAGED
                document = properties.get("PolicyDocument")
                self._add(logical_id, document, managed=kind == _MANAGED, sure=sure)
        elif kind == "AWS::Serverless::Connector":
            self._cannot_tell("the connector", logical_id)
        elif logical_id not in (self._role_id, self._machine_id):
            self._read_stranger(logical_id, kind, properties)

    def _read_stranger(self, logical_id: str, kind: str, properties: Mapping[str, Any]) -> None:
        """Find a resource that has the role too, may add to it, or allows it something itself."""
        anything = kind.startswith(_STRANGERS)
        for place, name in references(properties):
            if name != self._role_id:
                continue
            if anything or not _HANDED_OVER.fullmatch(place):
                self._cannot_tell("what refers to the role:", logical_id)
            else:
                self._users[logical_id] = None
        if _is_open_to_all(properties):
            self._cannot_tell("what is open to anybody:", logical_id)
        own = self._given_name()
        if own and any(_may_be(own, name) or name == own for name in self._role_names(properties)):
            self._cannot_tell("what names the role:", logical_id)

    def _attaches(self, given: Any) -> bool | None:
        """Whether names of roles have this one among them; None where that is not known."""
        names = {self._name or f"${{{self._role_id}}}"}
        if own := self._given_name():
            names.add(own)
        found: bool | None = False
        for entry, _ in branches(given if isinstance(given, list) else [given]):
            name = readable_text(without_sub(entry)) if entry is not None else ""
            if name in names:
                return True
            # A role whose name is a parameter may have been given that one.
            if not self._is_other(name) and ("${" in name or (own and _may_be(own, name))):
                found = None
        return found

    def _given_name(self) -> str:
        """The name that the template gives to the role; empty where CloudFormation makes it up."""
        own = mapping(mapping(self._resources.get(self._role_id)).get("Properties")).get("RoleName")
        return self._name if own is None else readable_text(without_sub(own))

    def _is_other(self, name: str) -> bool:
        """Whether a name is that of another resource of the template, or a pseudo parameter."""
        match = _REFERENCE.fullmatch(name)
        known = match and (match[1] in self._resources or match[1].startswith("AWS::"))
        return bool(known)

    def _role_names(self, properties: Mapping[str, Any]) -> Iterator[str]:
        """Names of roles that a resource allows something itself, as far as it says their ARNs."""
        for holder in _holders(properties):
            for each, _ in branches(_accounts(holder["Principal"])):
                text = readable_text(without_sub(each))
                match = _ROLE_ARN.fullmatch(text)
                name = match[1] if match else text
                # What only CloudFormation knows may be the ARN of any role.
                if (match or _MARKER.fullmatch(text)) and not self._is_other(name):
                    yield name

    def _managed_in(self, arn: Any) -> str | None:
        """Logical id of the managed policy of the template that an ARN is of."""
        match = _POLICY.fullmatch(readable_text(without_sub(arn)))
        kind = mapping(self._resources.get(match[1])).get("Type") if match else None
        return match[1] if match and kind == _MANAGED else None

    def _add_managed(self, name: str, *, sure: bool) -> None:
        properties = mapping(mapping(self._resources[name]).get("Properties"))
        self._add(name, properties.get("PolicyDocument"), managed=True, sure=sure)

    def _add(self, place: str, document: Any, *, sure: bool, managed: bool = False) -> None:
        for each, always in branches([document]):
            read = _document(each)
            if read is not None:
                policy = GivenPolicy(place, read, managed, sure and always)
                if policy not in self._policies:
                    self._policies.append(policy)
                for part in (read, *(mapping(one) for one, _ in branches(read["Statement"]))):
                    self._read_macros(place, part)
            else:
                self._cannot_tell("the document of", place)

    def _cannot_tell_managed(self, arn: Any) -> None:
        text = readable_text(without_sub(arn))
        self._unknown[f"the managed policy {text}, whose statements the template does not have"] = (
            None
        )

    def _cannot_tell(self, what: str, which: Any) -> None:
        text = which if isinstance(which, str) else readable_text(without_sub(which))
        self._unknown[f"{what} {text}"] = None


def _document(given: Any) -> Mapping[str, Any] | None:
    """A policy, which CloudFormation takes as a text of JSON too; None where it is none."""
    if not isinstance(given, Mapping) or "Statement" not in given:
        try:
            given = json.loads(readable_text(without_sub(given)))
        except ValueError:
            return None
    return without_sub(given) if "Statement" in mapping(given) else None


def _is_open_to_all(properties: Mapping[str, Any]) -> bool:
    """Whether a resource has a policy of its own that allows something to anybody."""
    return any(_anybody(holder["Principal"]) for holder in _holders(properties))


def _may_be(one: str, other: str) -> bool:
    """Whether two names, of which CloudFormation fills in parts, may be the same in the end."""
    return any(
        "${" in first
        and re.fullmatch(".*".join(map(re.escape, _MARKER.split(first))), _MARKER.sub("x", second))
        is not None
        for first, second in ((one, other), (other, one))
    )


def _holders(value: Any) -> Iterator[Mapping[str, Any]]:
    """What allows something to a principal."""
    if isinstance(value, Mapping):
        if "Principal" in value and value.get("Effect") != "Deny":
            yield value
        for item in value.values():
            yield from _holders(item)
    elif isinstance(value, list):
        for item in value:
            yield from _holders(item)


def _accounts(principal: Any) -> Any:
    """The accounts, roles and users of a principal, which may be of other kinds too."""
    kinds = isinstance(principal, Mapping) and not any(
        key == "Ref" or str(key).startswith("Fn::") for key in principal
    )
    return principal.get("AWS") if kinds else principal


def _anybody(principal: Any) -> bool:
    listed = _accounts(principal)
    return "*" in (listed if isinstance(listed, list) else [listed])
