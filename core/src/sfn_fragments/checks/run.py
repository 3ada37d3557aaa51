"""Collecting the rules, and running them over a definition."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sfn_fragments.checks.check import Check, CheckedDefinition, Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pluggy


_ID = re.compile(r"[^\s.]+\.\S+")


@dataclass(frozen=True)
class Report:
    """What the rules say about a definition.

    Attributes:
        findings: Every finding with its rule, in the order of the rules; each has a remedy.
        problems: Rules that could not run, each with the error as text.
    """

    findings: tuple[tuple[Check, Finding], ...] = ()
    problems: tuple[tuple[Check, str], ...] = ()


def builtin_checks() -> Sequence[Check]:
    """The checks of the core."""
    # Not when this module is imported: the rules import what a plugin's rule is made of.
    from sfn_fragments.checks.batch import BATCH_CHECKS
    from sfn_fragments.checks.comparisons import COMPARISON_CHECKS
    from sfn_fragments.checks.expression_syntax import EXPRESSION_SYNTAX_CHECKS
    from sfn_fragments.checks.fields import FIELD_CHECKS
    from sfn_fragments.checks.history import HISTORY_CHECKS
    from sfn_fragments.checks.integrations import INTEGRATION_CHECKS
    from sfn_fragments.checks.logging import LOGGING_CHECKS
    from sfn_fragments.checks.names import NAME_CHECKS
    from sfn_fragments.checks.payload import PAYLOAD_CHECKS
    from sfn_fragments.checks.reachability import REACHABILITY_CHECKS
    from sfn_fragments.checks.retries import RETRY_CHECKS
    from sfn_fragments.checks.sizes import SIZE_CHECKS
    from sfn_fragments.checks.structure import STRUCTURE_CHECKS
    from sfn_fragments.checks.times import TIME_CHECKS
    from sfn_fragments.checks.variables import VARIABLE_CHECKS
    from sfn_fragments.checks.workflow_types import WORKFLOW_TYPE_CHECKS

    return (
        *STRUCTURE_CHECKS,
        *FIELD_CHECKS,
        *WORKFLOW_TYPE_CHECKS,
        *EXPRESSION_SYNTAX_CHECKS,
        *COMPARISON_CHECKS,
        *TIME_CHECKS,
        *REACHABILITY_CHECKS,
        *NAME_CHECKS,
        *SIZE_CHECKS,
        *PAYLOAD_CHECKS,
        *HISTORY_CHECKS,
        *VARIABLE_CHECKS,
        *RETRY_CHECKS,
        *INTEGRATION_CHECKS,
        *BATCH_CHECKS,
        *LOGGING_CHECKS,
    )


def collect_checks(plugins: pluggy.PluginManager) -> tuple[list[Check], list[str]]:
    """The checks of every plugin, asked with the hook ``sfn_fragments_checks``.

    Args:
        plugins: The plugin manager of the registry.

    Returns:
        The checks, those of the core first, and what is wrong with plugins whose checks are left
        out.
    """
    checks: dict[str, Check] = {}
    problems: list[str] = []
    # One by one and not through the hook's call, which one raising plugin would end for all.
    for implementation in plugins.hook.sfn_fragments_checks.get_hookimpls():
        plugin = implementation.plugin_name
        try:
            function: Any = implementation.function
            offered: list[Any] = list(function())
        except (Exception, SystemExit) as error:
            problems.append(f"plugin {plugin!r} cannot add its checks: {_described(error)}")
            continue
        for check in offered:
            if not isinstance(check, Check):
                problems.append(f"plugin {plugin!r} offers {check!r}, which is no Check")
            elif wrong := _wrong_attributes(check):
                problems.append(
                    f"plugin {plugin!r} offers a check {check.id!r} with wrong attributes: "
                    f"{'; '.join(wrong)}: left out"
                )
            elif check.id in checks:
                problems.append(
                    f"plugin {plugin!r} offers a check {check.id!r}, which is already there: "
                    "left out"
                )
            else:
                checks[check.id] = check
    return list(checks.values()), problems


def _wrong_attributes(check: Check) -> list[str]:
    # Unknown types: a plugin need not be type-checked.
    identifier: Any = check.id
    severity: Any = check.severity
    wrong = []
    if not (isinstance(identifier, str) and _ID.fullmatch(identifier)):
        wrong.append("id: give <plugin>.<rule>, without blanks")
    if severity not in ("error", "warning"):
        wrong.append(f"severity: give error or warning, not {severity!r}")
    return wrong


def run_checks(checked: CheckedDefinition, checks: Iterable[Check]) -> Report:
    """Check a definition.

    Args:
        checked: The definition, with what is known about its state machine.
        checks: The rules.

    Returns:
        The findings, and the rules that raised instead of finding.

    Example:
        >>> report = run_checks(CheckedDefinition({"States": {}}), builtin_checks())
        >>> [check.id for check, finding in report.findings]
        ['core.start-at']
    """
    findings: list[tuple[Check, Finding]] = []
    problems: list[tuple[Check, str]] = []
    for check in checks:
        try:
            found = list(check.find(checked))
            findings += [
                (check, replace(finding, remedy=finding.remedy or check.remedy))
                for finding in found
            ]
        except Exception as error:
            # The rule of a plugin: what the others find must not depend on it.
            problems.append((check, _described(error)))
    return Report(tuple(findings), tuple(problems))


def _described(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"
