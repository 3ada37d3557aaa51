"""The hooks that a plugin may implement; light, since every plugin module imports it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pluggy

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import click
    from aws_cdk.aws_iam import PolicyStatement
    from aws_cdk.aws_stepfunctions import StateMachine
    from constructs import Construct

    from sfn_fragments.cli import doctor_command
    from sfn_fragments.options import StateMachineOptions
    from sfn_fragments.spec import FragmentSpec
    from sfn_fragments_asl.checks import Check

#: Name of the pluggy project, and of the entry-point group.
PROJECT: Final = "sfn_fragments"

#: Marks a function as the specification of the hook it is named after, for a plugin that brings it.
hookspec = pluggy.HookspecMarker(PROJECT)

#: Marks a function of a plugin module as the implementation of the hook it is named after.
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def sfn_fragments_register() -> Iterable[FragmentSpec]:
    """Declare the fragments of a plugin.

    Purpose:
        Makes fragments known by name, without importing them.

    Called:
        Once per discovery, when all plugins are imported: on the first ``get_registry()`` of a
        process and on each ``refresh()``.

    Must not import:
        ``aws_cdk``, ``constructs``, ``jsii`` and ``pydantic``, nor a module that does. Listing
        has to be quick and to work without Node; that is why targets are strings.

    Returns:
        The specs; a generator is fine. Each name begins with the plugin's entry-point name
        and a dot. If one is wrong the whole plugin is refused, and reported as a problem.

    Examples:
        >>> from sfn_fragments import FragmentSpec, hookimpl
        >>> @hookimpl
        ... def sfn_fragments_register():
        ...     yield FragmentSpec(
        ...         name="acme.wait",
        ...         target="acme.fragments:Wait",
        ...         summary="Waits for a delivery.",
        ...     )
        >>> [spec.name for spec in sfn_fragments_register()]
        ['acme.wait']
    """


@hookspec
def sfn_fragments_hookspecs() -> Iterable[str]:
    """Bring hooks of the plugin's own, for other plugins to implement.

    Purpose:
        Lets a plugin be extended by others, as the core is: checked when plugins are loaded, and
        told by name when something is wrong.

    Called:
        Once per discovery, right after the plugin's import. Implementations are held to the hooks
        of plugins when all are known: the order in which plugins are loaded does not matter.

    Must not import:
        ``aws_cdk``, ``constructs``, ``jsii`` and ``pydantic``, nor may the modules that it names:
        they are imported whenever fragments are listed. What annotations need is imported under
        ``TYPE_CHECKING``.

    Returns:
        Names of modules. Each holds functions marked with ``hookspec``, with a docstring and
        without a body, named ``sfn_fragments_<name of the entry point>_<hook>``. If one is wrong
        the whole plugin is refused, and reported as a problem. A hook is asked with
        ``get_registry().offers(...)``.

    Examples:
        >>> from sfn_fragments import hookimpl
        >>> @hookimpl
        ... def sfn_fragments_hookspecs():
        ...     yield "acme_fragments.hookspecs"
        >>> list(sfn_fragments_hookspecs())
        ['acme_fragments.hookspecs']
    """


@hookspec
def sfn_fragments_state_machine_options(options: StateMachineOptions, scope: Construct) -> None:
    """Adjust the options of a state machine before it is made.

    Purpose:
        One place for what holds for all state machines of an organisation: logging, tracing,
        timeout, tags.

    Called:
        For every state machine made with ``create_state_machine`` or a fragment's
        ``to_state_machine``, before the construct is created.

    Args:
        options: To be changed in place.
        scope: The construct that will hold the state machine.

    Must not import:
        Anything of ``aws_cdk`` at the top of the plugin module. The function itself may: CDK
        is loaded by then.

    Returns:
        Nothing.

    Examples:
        >>> from sfn_fragments import hookimpl
        >>> @hookimpl
        ... def sfn_fragments_state_machine_options(options):
        ...     options.tags.setdefault("team", "imaging")
        >>> from sfn_fragments.options import StateMachineOptions
        >>> options = StateMachineOptions(name="dev-sync")
        >>> sfn_fragments_state_machine_options(options)
        >>> options.tags
        {'team': 'imaging'}
    """


@hookspec
def sfn_fragments_state_machine_created(
    state_machine: StateMachine, definition: Mapping[str, Any]
) -> None:
    """Be told of a state machine that was made.

    Purpose:
        Adds what belongs beside a state machine: alarms, dashboards, an inventory.

    Called:
        Once for every state machine made with ``create_state_machine`` or a fragment's
        ``to_state_machine``, after the construct is created.

    Args:
        state_machine: The construct.
        definition: Its definition as parsed JSON, to be read only; CDK tokens are in it
            unresolved.

    Must not import:
        Anything of ``aws_cdk`` at the top of the plugin module. The function itself may.

    Returns:
        Nothing.

    Examples:
        >>> from sfn_fragments import hookimpl
        >>> sizes = []
        >>> @hookimpl
        ... def sfn_fragments_state_machine_created(definition):
        ...     sizes.append(len(definition["States"]))
        >>> sfn_fragments_state_machine_created({"StartAt": "Only", "States": {"Only": {}}})
        >>> sizes
        [1]
    """


@hookspec
def sfn_fragments_role_statements(
    definition: Mapping[str, Any], scope: Construct
) -> Iterable[PolicyStatement]:
    """Add policy statements to the role of a state machine.

    Purpose:
        Grants what the service calls in the definition do not show, such as the key that
        encrypts a bucket.

    Called:
        For the role of every state machine made with ``create_state_machine`` or a fragment's
        ``to_state_machine``, after the statements were derived from the definition.

    Args:
        definition: The definition as parsed JSON, to be read only.
        scope: The construct that holds the state machine.

    Must not import:
        Anything of ``aws_cdk`` at the top of the plugin module. The function itself may.

    Returns:
        The statements, none to add nothing.

    Examples:
        >>> from sfn_fragments import hookimpl
        >>> @hookimpl
        ... def sfn_fragments_role_statements(definition):
        ...     from aws_cdk.aws_iam import PolicyStatement
        ...
        ...     key = "arn:aws:kms:us-west-2:123456789012:key/data"
        ...     yield PolicyStatement(actions=["kms:Decrypt"], resources=[key])
        >>> [statement] = sfn_fragments_role_statements({"StartAt": "Only", "States": {}})
        >>> statement.actions
        ['kms:Decrypt']
    """


@hookspec
def sfn_fragments_checks() -> Iterable[Check]:
    """Add checks of a definition.

    Purpose:
        Finds before the deployment what AWS, or an organisation's rules, would refuse later.

    Called:
        Whenever definitions are checked: for every state machine made with
        ``create_state_machine`` or a fragment's ``to_state_machine``, by ``sfn-fragments check``
        and by the test suite that fragments are tested with.

    Must not import:
        ``aws_cdk``, ``constructs`` and ``jsii``: a check reads the definition as JSON, and what
        is known about its state machine (``sfn_fragments.checks.CheckedDefinition``). The
        modules of the checks are best imported inside the function, and what takes long to
        import in the check itself, with ``at_synthesis=False``.

    Returns:
        The checks, none to add nothing; their ids begin with the plugin's name and a dot. One that
        raises is reported, and the others run.

    Examples:
        >>> from sfn_fragments import hookimpl
        >>> @hookimpl
        ... def sfn_fragments_checks():
        ...     from sfn_fragments.checks import Check, Finding
        ...
        ...     def waits(checked):
        ...         for state in checked.states():
        ...             if state.type == "Wait":
        ...                 yield Finding(state.name, "waits")
        ...
        ...     yield Check("acme.no-wait", "warning", "Waiting is billed.", waits)
        >>> from sfn_fragments.checks import CheckedDefinition
        >>> [check] = sfn_fragments_checks()
        >>> [found] = check.find(CheckedDefinition({"States": {"A": {"Type": "Wait"}}}))
        >>> found.place, found.message
        ('A', 'waits')
    """


@hookspec
def sfn_fragments_cli_commands() -> Iterable[click.Command]:
    """Add commands to ``sfn-fragments``.

    Purpose:
        A plugin with something to run brings its command; ``run`` comes this way.

    Called:
        Each time the command line starts, even for ``--help``.

    Must not import:
        ``aws_cdk``, ``constructs`` and ``jsii``; ``click`` only inside the function, since the
        registry works without it. What a command needs is imported inside the command.

    Returns:
        The commands, named as they are called.

    Examples:
        >>> from sfn_fragments import hookimpl
        >>> @hookimpl
        ... def sfn_fragments_cli_commands():
        ...     import click
        ...
        ...     @click.command("greet")
        ...     def greet():
        ...         '''Says hello.'''
        ...         click.echo("hello")
        ...
        ...     yield greet
        >>> [command.name for command in sfn_fragments_cli_commands()]
        ['greet']
    """


@hookspec
def sfn_fragments_doctor_checks() -> Iterable[doctor_command.Check]:
    """Add what ``sfn-fragments doctor`` looks at.

    Purpose:
        Tells a user what the plugin needs of the machine, and how to get it.

    Called:
        By ``sfn-fragments doctor``.

    Must not import:
        ``aws_cdk``, ``constructs`` and ``jsii``, which may be what is broken.

    Returns:
        What was found; ``fix`` as a status makes the command fail. If a plugin raises, or gives
        something else, that is reported instead.

    Examples:
        >>> from sfn_fragments import hookimpl
        >>> @hookimpl
        ... def sfn_fragments_doctor_checks():
        ...     import shutil
        ...
        ...     from sfn_fragments.cli.doctor_command import Check
        ...
        ...     path = shutil.which("python3")
        ...     yield Check("acme", "ok" if path else "fix", path or "absent", "install Python")
        >>> [check.name for check in sfn_fragments_doctor_checks()]
        ['acme']
    """
