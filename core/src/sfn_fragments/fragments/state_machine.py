"""State machines with their logs and a role that can do what the definition does, no more."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from aws_cdk import Duration, Stack, Tags
from aws_cdk.aws_iam import (
    CfnPolicy,
    IManagedPolicy,
    IPrincipal,
    IRole,
    PolicyDocument,
    PolicyStatement,
    Role,
    ServicePrincipal,
)
from aws_cdk.aws_stepfunctions import (
    CfnStateMachine,
    DefinitionBody,
    IChainable,
    LogOptions,
    StateMachine,
)

from sfn_fragments.checks.synthesis import annotate
from sfn_fragments.definition import Definition, readable_text
from sfn_fragments.errors import InvalidParametersError, InvalidValue
from sfn_fragments.fragments.log_options import logging_configuration
from sfn_fragments.fragments.machine_parameters import check_machine_parts, check_role
from sfn_fragments.fragments.naming import managed_policy
from sfn_fragments.fragments.suppressions import explain_wildcards
from sfn_fragments.iam import derive_permissions, policy_document
from sfn_fragments.iam.call import arn
from sfn_fragments.iam.machine_calls import refers_to
from sfn_fragments.iam.observation import observation_permissions
from sfn_fragments.iam.statements import has_distributed_map
from sfn_fragments.options import StateMachineOptions
from sfn_fragments.registry import get_registry
from sfn_fragments.validation import is_token, naming_taken_ids

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from constructs import Construct

    from sfn_fragments.environment import EnvBase
    from sfn_fragments.iam import AllowedResources

#: What :func:`create_role` attaches unless it is told not to.
DEFAULT_MANAGED_POLICIES = (
    "AWSStepFunctionsFullAccess",
    "CloudWatchLogsFullAccess",
    "CloudWatchEventsFullAccess",
)


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
    check_role(
        scope,
        id,
        env_base,
        assumed_by,
        managed_policies,
        inline_policies,
        inline_policies_from_statements,
        include_default_managed_policies,
    )
    inline = dict(inline_policies or {})
    for name, statements in (inline_policies_from_statements or {}).items():
        if statements:
            inline[name] = PolicyDocument(statements=list(statements))
    policies = [
        *(DEFAULT_MANAGED_POLICIES if include_default_managed_policies else ()),
        *(managed_policies or ()),
    ]
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
        logs: Where executions are logged. Defaults to nowhere.
        timeout: How long an execution may take. Defaults to no limit.
        allowed_resources: What an execution may choose, where the definition leaves a resource
            open. Defaults to what has a name of the environment.

    Returns:
        The state machine.

    Raises:
        InvalidParametersError: Some parameters cannot work, or a kind of ``allowed_resources`` has
            no effect; all of them are named.
    """
    check_machine_parts(
        scope, env_base, id, name, definition, role, logs, timeout, allowed_resources
    )
    hooks = get_registry().plugin_manager.hook
    options = StateMachineOptions(
        name=env_base.get_state_machine_name(name) if name else None, timeout=timeout, logs=logs
    )
    hooks.sfn_fragments_state_machine_options(options=options, scope=scope)
    subject = f"create_state_machine {id!r}"
    with taken_back_if_refused() as made:
        if role is None:
            role = create_role(scope, id, env_base, include_default_managed_policies=False)
            made.append(role)
        construct_id = env_base.get_construct_id(id)
        with (
            naming_taken_ids(subject, id),
            _naming_used_states(subject, scope, construct_id, definition),
        ):
            machine = StateMachine(
                scope,
                construct_id,
                state_machine_name=options.name,
                definition_body=DefinitionBody.from_chainable(definition),
                role=cast("IRole", role),
                timeout=options.timeout,
            )
        made.append(machine)
        for key, value in options.tags.items():
            Tags.of(machine).add(key, value)
        resource = cast("CfnStateMachine", machine.node.default_child)
        _observe(resource, options)
        resolved = Definition.from_resolved(Stack.of(machine).resolve(resource.definition_string))
        _grant(machine, options, role, id, resolved, env_base, allowed_resources)
    for statement in _extra_statements(hooks, resolved, scope):
        role.add_to_principal_policy(statement)
    annotate(machine, resolved.states, options.logs, get_registry().plugin_manager)
    hooks.sfn_fragments_state_machine_created(state_machine=machine, definition=resolved.states)
    return machine


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
    except InvalidParametersError:
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


def _observe(resource: CfnStateMachine, options: StateMachineOptions) -> None:
    """Log and trace the executions.

    Here and not by CDK's ``StateMachine``, which puts what the role needs for it into a policy
    that holds what an app adds, too.
    """
    if options.logs is not None:
        resource.logging_configuration = logging_configuration(options.logs)
    resource.tracing_configuration = CfnStateMachine.TracingConfigurationProperty(
        enabled=options.tracing_enabled
    )


def _extra_statements(
    hooks: Any, definition: Definition, scope: Construct
) -> list[PolicyStatement]:
    results = hooks.sfn_fragments_role_statements(definition=definition.states, scope=scope)
    return [statement for statements in results for statement in statements]


def _grant(
    machine: StateMachine,
    options: StateMachineOptions,
    role: Role,
    id: str,
    definition: Definition,
    env_base: EnvBase,
    allowed_resources: AllowedResources | None,
) -> None:
    # Asked only where it has to be: each time is a round trip to Node.
    def resolve(value: Any) -> Any:
        return Stack.of(machine).resolve(value)

    name = options.name
    tokens = dict(definition.tokens)
    allowed = machine_arn = None
    if allowed_resources is not None:
        allowed, allowed_tokens = allowed_resources.resolved(resolve)
        tokens |= allowed_tokens
    if has_distributed_map(definition.states):
        if name is None:
            machine_arn = readable_text(resolve(machine.state_machine_arn), tokens)
        else:
            known = readable_text(resolve(name), tokens) if is_token(name) else name
            machine_arn = arn("states", f"stateMachine:{known}")
    permissions = derive_permissions(
        definition.states, env_base, machine_arn=machine_arn, allowed=allowed
    )
    # A role that refers to its machine could not be there before it, as it has to be.
    after = [each for each in permissions if name is None and refers_to(each, machine_arn)]
    before = [each for each in permissions if each not in after]
    logged = options.logs is not None and options.logs.destination is not None
    before += observation_permissions(logged=logged, traced=options.tracing_enabled)
    resolved = replace(definition, tokens=tokens)
    # A child of the role: the state machine waits for all of its role before it is created.
    _add_policy(role, f"{id}-definition", role, policy_document(before, resolved))
    _add_policy(machine, f"{id}-map-runs", role, policy_document(after, resolved))


def _add_policy(scope: Construct, name: str, role: Role, document: Mapping[str, Any]) -> None:
    if document["Statement"]:
        policy = CfnPolicy(
            scope, name, policy_name=name, policy_document=document, roles=[role.role_name]
        )
        explain_wildcards(policy, document)
