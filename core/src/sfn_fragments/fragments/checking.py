"""The rules at synthesis: what they find becomes errors and warnings of CDK."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from sfn_fragments.checks import collect_checks
from sfn_fragments.validation import is_token
from sfn_fragments_asl.checks.check import CheckedDefinition
from sfn_fragments_asl.checks.run import run_checks
from sfn_fragments_asl.model.definition import MADE_UP, readable_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk import Stack
    from aws_cdk.aws_logs import ILogGroup
    from aws_cdk.aws_stepfunctions import LogOptions, StateMachine

    from sfn_fragments.registry import FragmentRegistry

# Asking a group for its name takes three round trips to Node.
_names: WeakKeyDictionary[ILogGroup, str] = WeakKeyDictionary()

# Stacks whose users were told of plugins that cannot be used.
_told: WeakKeyDictionary[Stack, FragmentRegistry] = WeakKeyDictionary()


def remember_log_group(group: ILogGroup, name: str) -> None:
    """Say what the name of a log group is, so that nobody has to ask it.

    Args:
        group: The construct.
        name: Its name.
    """
    _names[group] = name


def annotate(
    machine: StateMachine,
    definition: Mapping[str, Any],
    logs: LogOptions | None,
    registry: FragmentRegistry,
) -> None:
    """Check a state machine, and annotate it with what is found.

    A warning carries the rule's id, by which ``Annotations.of(machine).acknowledge_warning(id)``
    accepts it; advice is information. Rules that are not for synthesis are left out.

    Args:
        machine: The construct.
        definition: Its definition as parsed JSON.
        logs: Where its executions are logged.
        registry: Knows the plugins.
    """
    _annotate_problems(machine, registry)
    checked = CheckedDefinition(definition, log_groups=_log_groups(machine, logs))
    checks, problems = collect_checks(registry)
    report = run_checks(checked, [check for check in checks if check.at_synthesis])
    if not (problems or report.findings or report.problems):
        return
    from aws_cdk import Annotations

    annotations = Annotations.of(machine)
    for problem in problems:
        annotations.add_warning_v2("sfn-fragments.checks", problem)
    for check, error in report.problems:
        annotations.add_warning_v2(check.id, f"[{check.id}] this rule could not run: {error}")
    for check, finding in report.findings:
        text = f"[{check.id}] {finding.place}: {finding.message}; {finding.remedy}"
        if check.severity == "error":
            annotations.add_error(text)
        elif check.severity == "advice":
            annotations.add_info(text)
        else:
            annotations.add_warning_v2(check.id, text)


def _annotate_problems(machine: StateMachine, registry: FragmentRegistry) -> None:
    """Warn, once a stack, of plugins that cannot be used: they might have changed the machine."""
    if not registry.problems():
        return
    from aws_cdk import Annotations, Stack

    stack = Stack.of(machine)
    if _told.get(stack) is registry:
        return
    _told[stack] = registry
    # Several plugins share the text of their conflict.
    for number, text in enumerate(dict.fromkeys(map(str, registry.problems())), start=1):
        Annotations.of(stack).add_warning_v2(f"sfn-fragments.plugin-problem-{number}", text)


def _log_groups(machine: StateMachine, logs: LogOptions | None) -> tuple[str, ...]:
    if logs is None or logs.destination is None:
        return ()
    group: Any = logs.destination
    if group in _names:
        return (_names[group],)
    resource: Any = group.node.default_child
    # A group that is imported has no resource, and a name that was given.
    name = (resource or group).log_group_name
    if name and is_token(name):
        from aws_cdk import Stack

        # The token of a group without a name resolves to nothing.
        resolved = Stack.of(machine).resolve(name)
        name = resolved and readable_text(resolved)
    return (name or f"{MADE_UP}{group.node.id}",)
