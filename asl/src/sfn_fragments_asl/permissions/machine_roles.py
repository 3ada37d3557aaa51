"""What the role of a state machine in a file needs, beside what the file gives it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sfn_fragments_asl.model.definition import readable_text
from sfn_fragments_asl.model.json_data import mapping
from sfn_fragments_asl.permissions import derive_permissions, policy_document
from sfn_fragments_asl.permissions.call import arn
from sfn_fragments_asl.permissions.comparison import Comparison, compare
from sfn_fragments_asl.permissions.encryption import log_key_permissions, own_key_permissions
from sfn_fragments_asl.permissions.machine_calls import refers_to
from sfn_fragments_asl.permissions.markers import PARTS
from sfn_fragments_asl.permissions.needed import needed_statements
from sfn_fragments_asl.permissions.observation import LOG_DELIVERY, observation_permissions
from sfn_fragments_asl.permissions.policy_parts import cuts, parts
from sfn_fragments_asl.permissions.referred import activity_in, resources_of, with_referred
from sfn_fragments_asl.permissions.role_report import RoleStatement
from sfn_fragments_asl.reading.given_roles import given_role
from sfn_fragments_asl.reading.intrinsics import references, without_sub

if TYPE_CHECKING:
    from sfn_fragments_asl.permissions.permission import Permission
    from sfn_fragments_asl.permissions.referred import Referred
    from sfn_fragments_asl.reading.templates import FoundMachine

# A place to fill in, or what a marker takes a part of.
_PLACE = re.compile(rf"\$\{{(?:{'|'.join(PARTS)})?([^{{}}]+)\}}")
_TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "states.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}


@dataclass(frozen=True)
class MachineRole:
    """What a state machine needs of its role, and what a template gives it.

    Attributes:
        machine: The state machine.
        needed: What it needs: what its states do first, then logging, tracing and a key of its own.
        policy: The same as a policy, as CloudFormation has it.
        comparison: The role that the template gives it, held against that.
        before: The part of the policy that can be there before the state machine.
        after: The part that refers to the state machine itself; without statements where it has a
            name that is given.
        parameters: Names of the parameters of CloudFormation that stand, in the policy, for what
            nothing fills in: each with the place in the definition, such as ``${Bucket}``.
    """

    machine: FoundMachine
    needed: tuple[RoleStatement, ...]
    policy: dict[str, Any]
    comparison: Comparison
    parameters: Mapping[str, str]
    before: dict[str, Any]
    after: dict[str, Any]

    def resources(self) -> dict[str, Any]:
        """A role that is exact, as resources of CloudFormation by logical id.

        What exceeds an inline policy is in managed ones.
        """
        name = self.machine.checked.logical_id or self.machine.name.partition(".")[0]
        role_id = f"{re.sub(r'[^A-Za-z0-9]', '', name) or 'Machine'}Role"
        inline, *managed = parts(self.before, cuts(self.before))
        properties: dict[str, Any] = {"AssumeRolePolicyDocument": _TRUST}
        if inline["Statement"]:
            properties["Policies"] = [{"PolicyName": "definition", "PolicyDocument": inline}]
        found = {role_id: {"Type": "AWS::IAM::Role", "Properties": properties}}
        for number, document in enumerate(managed, start=2):
            found[f"{role_id}{number}"] = {
                "Type": "AWS::IAM::ManagedPolicy",
                "Properties": {
                    "Description": f"Continues the policy of {role_id}",
                    "PolicyDocument": document,
                    "Roles": [{"Ref": role_id}],
                },
            }
        if self.after["Statement"]:
            found[f"{role_id}MapRuns"] = {
                "Type": "AWS::IAM::Policy",
                "Properties": {
                    "PolicyName": "map-runs",
                    "PolicyDocument": self.after,
                    "Roles": [{"Ref": role_id}],
                },
            }
        return found


def machine_role(machine: FoundMachine, name_prefix: str = "") -> MachineRole:
    """What a state machine needs of its role, and what its file gives it.

    Args:
        machine: The state machine.
        name_prefix: How the names of resources begin that an execution may choose; empty for any.
    """
    own = arn("states", f"stateMachine:{machine.machine_name}")
    reference = None
    if machine.machine_name == "*" and machine.checked.logical_id is not None:
        # CloudFormation makes the name up: a policy that has it comes after the state machine.
        own = reference = f"${{{machine.checked.logical_id}}}"
    role = given_role(machine.checked)
    resources = machine.checked.resources
    # What the policy refers to and the definition does not.
    others: dict[str, Any] = {}
    readable_text(without_sub(_properties(machine).get("StateMachineName", "")), others)
    referred = resources_of(resources, others)
    permissions = with_referred(
        derive_permissions(machine.definition.machine, name_prefix, machine_arn=own), referred
    )
    permissions += _of_activities(machine, referred, others)
    besides = _besides(machine, own, others)
    needed = (
        *needed_statements(permissions),
        *(
            RoleStatement(
                actions=each.actions,
                resources=each.resources,
                conditions=each.conditions,
                reason=reason,
            )
            for reason, each in besides
        ),
    )
    every = (*permissions, *(each for _, each in besides))
    known = {**machine.definition.tokens, **others}
    open_places = {
        place: re.sub(r"[^A-Za-z0-9]", "", place) or "Value"
        for place in _places([(each.resources, each.conditions) for each in every])
        if place not in known
    }
    filled = {place: {"Ref": name} for place, name in open_places.items()}
    definition = replace(machine.definition, tokens={**known, **filled})

    def document(*wanted: bool) -> dict[str, Any]:
        return policy_document(
            [each for each in every if refers_to(each, reference) in wanted], definition
        )

    policy = document(False, True)
    named = {name for _, name in references(policy)}
    return MachineRole(
        machine,
        needed,
        policy,
        compare(role, needed, resources),
        {
            name: place
            for place, name in open_places.items()
            if name in named and place != reference
        },
        before=document(False),
        after=document(True),
    )


def _places(value: Any) -> Iterator[str]:
    """The places to fill in of texts, at whatever depth."""
    if isinstance(value, str):
        for name in _PLACE.findall(value):
            if not name.startswith("AWS::"):
                yield f"${{{name}}}"
    elif isinstance(value, Mapping):
        yield from _places([*value.keys(), *value.values()])
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _places(item)


def _properties(machine: FoundMachine) -> dict[str, Any]:
    """The properties of a state machine, by the names that CloudFormation has for them."""
    resource = mapping(machine.checked.resources.get(machine.checked.logical_id or ""))
    given = mapping(resource.get("Properties"))
    of_sam = {
        "LoggingConfiguration": given.get("Logging"),
        "StateMachineName": given.get("Name"),
        # SAM allows traces itself, in the roles that it makes.
        "TracingConfiguration": given.get("Role") and given.get("Tracing"),
    }
    return {**{name: value for name, value in of_sam.items() if value is not None}, **given}


def _besides(
    machine: FoundMachine, own: str, tokens: dict[str, Any]
) -> list[tuple[str, Permission]]:
    """What logs, traces and a key of its own take, where the template asks for them, with why."""
    given = _properties(machine)
    logging = mapping(given.get("LoggingConfiguration"))
    tracing = mapping(given.get("TracingConfiguration"))
    logged = logging.get("Level", "OFF") != "OFF" and bool(logging.get("Destinations"))
    observed = observation_permissions(
        logged=logged, traced=tracing.get("Enabled") in (True, "true")
    )
    found = [("logging" if each.actions == LOG_DELIVERY else "tracing", each) for each in observed]
    if key := _key(given, tokens):
        of_key = [*own_key_permissions(key, "stateMachine", own)]
        of_key += log_key_permissions(key) if logged else ()
        found += (("encryption", each) for each in of_key)
    return found


def _of_activities(
    machine: FoundMachine, referred: Mapping[str, Referred], tokens: dict[str, Any]
) -> Iterator[Permission]:
    """What it takes to give work to the activities of a template that have a key of their own."""
    for state in machine.definition.machine.every_state():
        resource = str(state.fields.get("Resource", ""))
        activity = activity_in(resource, referred)
        properties = mapping(machine.checked.resources.get(activity or "")).get("Properties")
        if key := _key(mapping(properties), tokens):
            yield from own_key_permissions(key, "activity", resource, state.name)


def _key(properties: Mapping[str, Any], tokens: dict[str, Any]) -> str | None:
    """The key of the customer's that a state machine or an activity has."""
    given = mapping(properties.get("EncryptionConfiguration"))
    key = given.get("KmsKeyId")
    owned = given.get("Type") == "AWS_OWNED_KEY"
    return None if key is None or owned else readable_text(without_sub(key), tokens)
