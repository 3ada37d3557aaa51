"""Roles that allow too little: what a state calls, and no statement allows.

https://docs.aws.amazon.com/step-functions/latest/dg/procedure-create-iam-role.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfn_fragments_asl.checks.check import Check, CheckedDefinition, Finding
from sfn_fragments_asl.model.json_data import mapping
from sfn_fragments_asl.permissions import derive_permissions
from sfn_fragments_asl.permissions.action_names import unlisted_note
from sfn_fragments_asl.permissions.comparison import given_statements
from sfn_fragments_asl.permissions.resource_texts import ResourceTexts
from sfn_fragments_asl.reading.given_roles import given_role

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sfn_fragments_asl.model.machine import State
    from sfn_fragments_asl.permissions.permission import Permission

#: What AWS answers whoever asks.
_FREE = {("sts", "getCallerIdentity"), ("sts", "getSessionToken")}
_MANAGED_RULE = ("events:PutRule", "events:PutTargets")
_FUNCTIONS = (
    "AWS::Lambda::Alias",
    "AWS::Lambda::Function",
    "AWS::Lambda::Version",
    "AWS::Serverless::Function",
)


def _not_allowed(checked: CheckedDefinition) -> Iterator[Finding]:
    role = given_role(checked)
    if role.logical_id is None or role.unknown:
        # Something else may allow it.
        return
    given = [each for each in given_statements(role) if each.allows]
    texts = ResourceTexts(checked.resources)
    needed: dict[str, list[Permission]] = {}
    for permission in derive_permissions(checked.machine, ""):
        needed.setdefault(permission.state, []).append(permission)

    def is_nowhere(action: str) -> bool:
        return not any(each.may_name(action) for each in given)

    for state in checked.states():
        # An operation may need one of several actions, as its input says.
        actions = _called(state, needed.get(state.name, []), texts)
        if actions and all(map(is_nowhere, actions)):
            message = f"needs {', '.join(actions)}, which the role {role.logical_id} allows nowhere"
            yield Finding(state.name, message)
        rules = list(filter(is_nowhere, _of_managed_rule(needed.get(state.name, []))))
        if rules:
            yield Finding(
                state.name,
                f"waits by a rule that Step Functions manages, and needs {', '.join(rules)}, which "
                f"the role {role.logical_id} allows nowhere: the state machine is not created",
            )


def _of_managed_rule(needed: Sequence[Permission]) -> list[str]:
    """What it takes to wait by a managed rule, which AWS looks for when it creates the machine."""
    waits = any(":rule/StepFunctionsGetEvent" in text for each in needed for text in each.resources)
    return list(_MANAGED_RULE) if waits else []


def _called(state: State, needed: Sequence[Permission], texts: ResourceTexts) -> tuple[str, ...]:
    """The actions of which the call that a state makes needs one; none where that is not known."""
    if needed and state.distributed:
        # It starts its children, whatever it reads and writes.
        return needed[0].actions
    # The trust of a role in Credentials may be enough to assume it.
    if state.type != "Task" or not needed or "Credentials" in state.fields:
        return ()
    # The call comes first, before what it takes to wait for its end.
    actions = needed[0].actions
    integration = state.integration()
    if integration is None:
        resource = str(state.fields.get("Resource", ""))
        # What only CloudFormation knows may be an activity.
        known = ":function:" in resource or texts.type_of(resource) in _FUNCTIONS
        return actions if known else ()
    call = integration.call
    if (call.service, call.action) in _FREE:
        return ()
    if call.service == "apigateway":
        # Without IAM_ROLE, the API does not ask who calls.
        signed = mapping(integration.arguments).get("AuthType") == "IAM_ROLE"
        return actions if signed else ()
    # IAM may know the action by another name than the API.
    return () if unlisted_note(call.service, call.action) else actions


ROLE_PERMISSION_CHECKS = (
    Check(
        "asl.missing-permission",
        "warning",
        "The state fails in every execution: AWS refuses the call. Without the rights on a rule "
        "that Step Functions manages, AWS refuses to create the state machine.",
        _not_allowed,
        what="A state calls what no statement of its role allows, on any resource, or waits "
        "(.sync) by a rule that the role may not manage. Roles of which "
        "something is not known are passed over: an imported one, a managed policy that is not in "
        "the template, what a macro adds.",
        remedy="allow the action in the role of the state machine; policy prints what it needs",
    ),
)
