"""State machines with their logs and a role that can do what the definition does, no more."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from functools import cache, partial
from typing import TYPE_CHECKING, Any, cast
from weakref import WeakKeyDictionary

from aws_cdk import Annotations, Duration, Tags, Token
from aws_cdk.aws_iam import (
    CfnManagedPolicy,
    CfnPolicy,
    IManagedPolicy,
    IPrincipal,
    IRole,
    PolicyDocument,
    PolicyStatement,
    Role,
    ServicePrincipal,
)
from aws_cdk.aws_stepfunctions import DefinitionBody, IChainable, LogOptions, StateMachine

from sfn_fragments.errors import FragmentsError, InvalidParametersError, InvalidValue
from sfn_fragments.fragments.checking import annotate
from sfn_fragments.fragments.foreign_machines import remember_granted
from sfn_fragments.fragments.keys import encrypted, markers, referred_to
from sfn_fragments.fragments.machine_parameters import (
    check_machine_parts,
    check_options,
    check_role,
)
from sfn_fragments.fragments.naming import managed_policy
from sfn_fragments.fragments.observation import apply_log_options, log_options, observe
from sfn_fragments.fragments.rendered import Rendered
from sfn_fragments.fragments.suppressions import explain_default_policy, explain_wildcards
from sfn_fragments.options import StateMachineOptions
from sfn_fragments.registry import get_registry
from sfn_fragments.required_plugins import ensure_required
from sfn_fragments.validation import is_token, naming_taken_ids
from sfn_fragments_asl.errors import AllowedResourcesError
from sfn_fragments_asl.model.definition import readable_text
from sfn_fragments_asl.permissions import derive_permissions, policy_document
from sfn_fragments_asl.permissions.call import arn
from sfn_fragments_asl.permissions.encryption import asks_kms, key_permissions
from sfn_fragments_asl.permissions.machine_calls import refers_to
from sfn_fragments_asl.permissions.observation import observation_permissions
from sfn_fragments_asl.permissions.policy_parts import cuts, inline_size, part_maker, parts
from sfn_fragments_asl.permissions.referred import taken_apart, with_referred
from sfn_fragments_asl.permissions.statements import has_distributed_map
from sfn_fragments_asl.reading.intrinsics import has_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from aws_cdk.aws_stepfunctions import CfnStateMachine
    from constructs import Construct

    from sfn_fragments.environment import EnvBase
    from sfn_fragments.iam import AllowedResources
    from sfn_fragments_asl.model.definition import Definition
    from sfn_fragments_asl.permissions.permission import Permission

#: What `create_role` attaches unless it is told not to.
DEFAULT_MANAGED_POLICIES = (
    "AWSStepFunctionsFullAccess",
    "CloudWatchLogsFullAccess",
    "CloudWatchEventsFullAccess",
)
# Characters of the inline policies of a role: those that it came with, and of its state machines.
_inline: WeakKeyDictionary[Role, int] = WeakKeyDictionary()


def create_role(
    scope: Construct,
    id: str,
    env_base: EnvBase,
    assumed_by: IPrincipal | None = None,
    managed_policies: Sequence[IManagedPolicy | str] | None = None,
    inline_policies: Mapping[str, PolicyDocument] | None = None,
    inline_policies_from_statements: Mapping[str, Sequence[PolicyStatement]] | None = None,
    include_default_managed_policies: bool = True,
) -> Role:
    """Make a role for a state machine.

    Args:
        scope: The construct that holds the role.
        id: Names it, together with the environment base.
        env_base: Environment base.
        assumed_by: Who may assume it. Defaults to Step Functions.
        managed_policies: Managed policies, AWS's own by name.
        inline_policies: Policies by name.
        inline_policies_from_statements: Policies by name, as statements.
        include_default_managed_policies: Attach AWS's policies of full access to Step Functions,
            CloudWatch Logs and Events. State machines of this library do without.

    Returns:
        The role.

    Raises:
        InvalidParametersError: Some parameters cannot work; all of them are named.
    """
    check_role(**locals())
    inline = dict(inline_policies or {})
    for name, statements in (inline_policies_from_statements or {}).items():
        if statements:
            inline[name] = PolicyDocument(statements=list(statements))
    default = DEFAULT_MANAGED_POLICIES if include_default_managed_policies else ()
    policies = [*(managed_policies or ()), *default]
    with naming_taken_ids(f"create_role {id!r}", id):
        return Role(
            scope,
            env_base.get_construct_id(id, "role"),
            assumed_by=assumed_by or _step_functions(),
            managed_policies=[managed_policy(policy) for policy in policies] or None,
            inline_policies=inline or None,
        )


@cache
def _step_functions() -> IPrincipal:
    # One for all roles: it holds nothing of a stack, and each is a round trip to Node.
    return cast("IPrincipal", ServicePrincipal("states.amazonaws.com"))


def create_state_machine(
    scope: Construct,
    env_base: EnvBase,
    id: str,
    name: str | None,
    definition: IChainable,
    role: Role | None = None,
    logs: LogOptions | None = None,
    timeout: Duration | None = None,
    *,
    allowed_resources: AllowedResources | None = None,
) -> StateMachine:
    """Make a state machine whose role is allowed what its definition does.

    Plugins adjust it by ``sfn_fragments_state_machine_options``, add to its role by
    ``sfn_fragments_role_statements``, and check it by ``sfn_fragments_checks``; what a check finds
    becomes an error or a warning of the synthesis.

    Args:
        scope: The construct that holds it.
        env_base: Environment base.
        id: Names the construct, together with the environment base.
        name: Its name, which gets the environment base as prefix; ``None`` for one that
            CloudFormation makes up.
        definition: Its states.
        role: Its role, which gets the permissions that the definition needs. Defaults to one
            that has these alone.
        logs: Where executions are logged. Defaults to a log group of its own, named
            ``/aws/vendedlogs/<env_base>/states/<name>``, or by the ``id`` where there is no name.
        timeout: How long an execution may take. Defaults to no limit.
        allowed_resources: What an execution may choose, where the definition leaves a resource
            open. Defaults to what has a name of the environment.

    Returns:
        The state machine.

    Raises:
        InvalidParametersError: Some parameters cannot work, or a kind of ``allowed_resources`` has
            no effect; all of them are named.
    """
    return machine_with_role(**locals())


def machine_with_role(
    scope: Construct,
    env_base: EnvBase,
    id: str,
    name: str | None,
    definition: IChainable,
    role: Role | None,
    logs: LogOptions | None,
    timeout: Duration | None,
    *,
    allowed_resources: AllowedResources | None,
    make_role: Callable[[], Role] | None = None,
) -> StateMachine:
    """Make a state machine as `create_state_machine` does, by default with a given role.

    What has a name or holds state keeps the logical id that ``aibs-informatics-cdk-lib`` gives it,
    so that its stacks move over in place.

    Args:
        scope: The construct that holds it.
        env_base: Environment base.
        id: Names the construct, together with the environment base.
        name: Its name without the environment base, or ``None``.
        definition: Its states.
        role: Its role, or ``None``.
        logs: Where executions are logged; ``None`` for a log group of its own.
        timeout: How long an execution may take, or ``None``.
        allowed_resources: What an execution may choose, or ``None``.
        make_role: Makes a role that is the state machine's alone, where there is no ``role``.
            Defaults to CDK's own, a child of the machine.

    Returns:
        The state machine.

    Raises:
        InvalidParametersError: Some parameters cannot work; all of them are named.
    """
    check_machine_parts(**locals())
    registry = get_registry()
    subject = f"create_state_machine {id!r}"
    construct_id = env_base.get_construct_id(id)
    ensure_required(registry)
    with taken_back_if_refused() as made:
        if logs is None:
            logs = log_options(scope, id, env_base, name or id)
            made.append(logs.destination)
        options = StateMachineOptions(
            name=env_base.get_state_machine_name(name) if name else None, timeout=timeout, logs=logs
        )
        for call in registry.calls("sfn_fragments_state_machine_options"):
            before = replace(options)
            call.tell({"options": options, "scope": scope})
            check_options(f"{subject}, options of {call.subject}", options, before)
        if made and options.logs is logs:
            apply_log_options(made[0], options)
        own = role is None
        if role is None and make_role is not None:
            role = make_role()
            made.append(role)
        with (
            naming_taken_ids(subject, id),
            _naming_used_states(subject, scope, construct_id, definition),
        ):
            machine = StateMachine(
                scope,
                construct_id,
                state_machine_name=options.name,
                definition_body=DefinitionBody.from_chainable(definition),
                role=cast("IRole | None", role),
                timeout=options.timeout,
                # CDK puts what they take into the role's default policy. A role of the machine's
                # own has it in the policy that is derived, which is one policy less to make.
                logs=None if own else options.logs,
                tracing_enabled=None if own else options.tracing_enabled,
            )
        made.append(machine)
        if role is None:
            role = cast("Role", machine.role)
        for key, value in options.tags.items():
            Tags.of(machine).add(key, value)
        if options.permissions_boundary is not None:
            bound(role, options.permissions_boundary)
        # Asked for once: each time is a round trip to Node.
        node = machine.node
        resource = cast("CfnStateMachine", node.default_child)
        rendered = Rendered(machine, resource)
        resolved = rendered.definition
        remember_granted(rendered.stack, resolved)
        observed = observation_permissions(
            logged=own and options.logs is not None and options.logs.destination is not None,
            traced=own and options.tracing_enabled,
        )
        if own:
            observe(resource, options)
        else:
            explain_default_policy(node, cast("IRole", role))
        # Fragments allow the keys of the buckets that they are given.
        keys = encrypted(rendered.stack) if asks_kms(resolved.machine, s3=make_role is None) else []
        _grant(machine, options, role, id, rendered, env_base, allowed_resources, observed, keys)
        given = {"definition": resolved.states, "scope": scope}
        for statement in registry.offers("sfn_fragments_role_statements", PolicyStatement, **given):
            role.add_to_principal_policy(statement)
        annotate(machine, resolved.states, options.logs, registry)
        for call in registry.calls("sfn_fragments_state_machine_created"):
            call.tell({"state_machine": machine, "definition": resolved.states})
    return machine


def bound(role: Any, boundary: IManagedPolicy | str) -> None:
    """Have a managed policy bound what a role may do, unless the app has one bound it already.

    Args:
        role: The role of a state machine.
        boundary: The policy, or its ARN.
    """
    resource = role.node.default_child
    if resource is None:
        text = "the role is imported: set the permissions boundary of plugins where it is made"
        Annotations.of(role).add_warning_v2("sfn-fragments.permissions-boundary", text)
    elif resource.permissions_boundary is None:
        bounding = boundary if isinstance(boundary, str) else boundary.managed_policy_arn
        resource.permissions_boundary = bounding


@contextmanager
def taken_back_if_refused() -> Iterator[list[Any]]:
    """Remove from the tree what was made for a state machine that is refused.

    What its role may allow is known when CDK has rendered the definition, which it does for a
    machine that is in the tree.

    Yields:
        A list, to which each construct is added when it has been made.
    """
    made: list[Any] = []
    try:
        yield made
    except FragmentsError:
        for construct in reversed(made):
            construct.node.scope.node.try_remove_child(construct.node.id)
        raise


@contextmanager
def _naming_used_states(
    subject: str, scope: Construct, construct_id: str, definition: IChainable
) -> Iterator[None]:
    """Turn CDK's refusal of states that it has rendered before into this library's error."""
    try:
        yield
    except RuntimeError as error:
        if "can only be used in one graph" not in str(error):
            raise
        remedy = (
            "its states were given to a state machine before, be it one that was refused: "
            "make them (the fragment) anew"
        )
        start = definition.start_state.node.path
        scope.node.try_remove_child(construct_id)
        # CDK put the machine into the tree before it refused the states.
        raise InvalidParametersError(subject, [InvalidValue("definition", start, remedy)]) from None


def _grant(
    machine: StateMachine,
    options: StateMachineOptions,
    role: Role,
    id: str,
    rendered: Rendered,
    env_base: EnvBase,
    allowed_resources: AllowedResources | None,
    observed: Sequence[Permission],
    keys: list[tuple[Any, Any]],
) -> None:
    stack, name = rendered.stack, options.name
    allowed, given = allowed_resources.resolved(stack.resolve) if allowed_resources else (None, {})
    machine_arn = None
    # Asked only where it has to be: each time is a round trip to Node.
    if has_distributed_map(rendered.definition.machine):
        if name is None:
            machine_arn = readable_text(stack.resolve(machine.state_machine_arn), given)
        else:
            known = readable_text(stack.resolve(name), given) if is_token(name) else name
            machine_arn = arn("states", f"stateMachine:{known}")

    def derive(definition: Definition) -> list[Permission]:
        machine, listed = definition.machine, allowed.listed() if allowed else None
        try:
            return derive_permissions(machine, env_base, machine_arn=machine_arn, allowed=listed)
        except AllowedResourcesError as error:
            problems = [InvalidValue(one.kind, one.names, one.remedy) for one in error.problems]
            raise InvalidParametersError("allowed_resources", problems) from None

    referred = referred_to(stack, taken_apart(derive(rendered.definition)), given)

    def document(definition: Definition, *, after: bool) -> dict[str, Any]:
        derived = with_referred(derive(definition), referred)
        on_keys = key_permissions(derived, definition.machine, markers(stack, keys, given))
        permissions = [
            each
            for each in (*derived, *on_keys)
            # A role that refers to its machine could not be there before it, as it has to be.
            if after == (name is None and refers_to(each, machine_arn))
        ]
        permissions += () if after else observed
        filled = replace(definition, tokens={**definition.tokens, **given})
        return policy_document(permissions, filled)

    imported: Any = None if isinstance(role, Role) else role
    if imported is not None:
        # CDK knows whether it may be changed, and how.
        for after in (False, True):
            for statement in document(rendered.definition, after=after)["Statement"]:
                imported.add_to_principal_policy(_statement(statement))
        return

    # A child of the role: the state machine waits for all of its role before it is created.
    # A role that is given may have one of another state machine of this id.
    with naming_taken_ids(f"create_state_machine {id!r}, policies of its role", id):
        _add_policy(role, f"{id}-definition", role, rendered, partial(document, after=False))
    if machine_arn is not None and name is None:
        _add_policy(machine, f"{id}-map-runs", role, rendered, partial(document, after=True))


def _statement(statement: Mapping[str, Any]) -> PolicyStatement:
    resources = statement["Resource"]
    return PolicyStatement(
        actions=statement["Action"],
        # CDK takes texts alone, and tokens of what CloudFormation fills in.
        resources=[each if isinstance(each, str) else Token.as_string(each) for each in resources],
        conditions=statement.get("Condition"),
    )


def _add_policy(
    scope: Construct,
    name: str,
    role: Role,
    rendered: Rendered,
    make: Callable[[Definition], dict[str, Any]],
) -> None:
    document = make(rendered.definition)
    late = has_names(document)
    # Cut as it is now: when CDK asks again, there have to be as many parts.
    own = getattr(role.node.default_child, "policies", None)
    counts = cuts(document, taken := _inline.get(role) or inline_size(rendered.stack.resolve(own)))
    for index, part in enumerate(parts(document, counts)):
        if not part["Statement"]:
            continue
        content = rendered.again(part_maker(make, counts, index)) if late else part
        given: dict[str, Any] = {"policy_document": content, "roles": [role.role_name]}
        policy: CfnPolicy | CfnManagedPolicy
        if index:
            text = f"Continues {name}"
            policy = CfnManagedPolicy(scope, f"{name}-{index + 1}", description=text, **given)
        else:
            _inline[role] = taken + inline_size([part])
            policy = CfnPolicy(scope, name, policy_name=name, **given)
        explain_wildcards(policy, None if late else part)
