"""Running the rules over a definition."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sfn_fragments_asl.checks.check import Check, CheckedDefinition, Finding


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
    """The checks of this library."""
    # Not when this module is imported: the rules import what a plugin's rule is made of.
    from sfn_fragments_asl.checks.batch import BATCH_CHECKS
    from sfn_fragments_asl.checks.comparisons import COMPARISON_CHECKS
    from sfn_fragments_asl.checks.context_fields import CONTEXT_CHECKS
    from sfn_fragments_asl.checks.distributed_maps import DISTRIBUTED_MAP_CHECKS
    from sfn_fragments_asl.checks.error_names import ERROR_NAME_CHECKS
    from sfn_fragments_asl.checks.expression_syntax import EXPRESSION_SYNTAX_CHECKS
    from sfn_fragments_asl.checks.fields import FIELD_CHECKS
    from sfn_fragments_asl.checks.history import HISTORY_CHECKS
    from sfn_fragments_asl.checks.integrations import INTEGRATION_CHECKS
    from sfn_fragments_asl.checks.jsonata_syntax import JSONATA_CHECKS
    from sfn_fragments_asl.checks.literals import LITERAL_CHECKS
    from sfn_fragments_asl.checks.logging import LOGGING_CHECKS
    from sfn_fragments_asl.checks.names import NAME_CHECKS
    from sfn_fragments_asl.checks.parameters import PARAMETER_CHECKS
    from sfn_fragments_asl.checks.payload import PAYLOAD_CHECKS
    from sfn_fragments_asl.checks.reachability import REACHABILITY_CHECKS
    from sfn_fragments_asl.checks.retries import RETRY_CHECKS
    from sfn_fragments_asl.checks.role_permissions import ROLE_PERMISSION_CHECKS
    from sfn_fragments_asl.checks.role_sizes import ROLE_SIZE_CHECKS
    from sfn_fragments_asl.checks.sizes import SIZE_CHECKS
    from sfn_fragments_asl.checks.structure import STRUCTURE_CHECKS
    from sfn_fragments_asl.checks.substitutions import SUBSTITUTION_CHECKS
    from sfn_fragments_asl.checks.times import TIME_CHECKS
    from sfn_fragments_asl.checks.tokens import TOKEN_CHECKS
    from sfn_fragments_asl.checks.variables import VARIABLE_CHECKS
    from sfn_fragments_asl.checks.workflow_types import WORKFLOW_TYPE_CHECKS

    return (
        *STRUCTURE_CHECKS,
        *FIELD_CHECKS,
        *WORKFLOW_TYPE_CHECKS,
        *DISTRIBUTED_MAP_CHECKS,
        *EXPRESSION_SYNTAX_CHECKS,
        *JSONATA_CHECKS,
        *CONTEXT_CHECKS,
        *LITERAL_CHECKS,
        *COMPARISON_CHECKS,
        *TIME_CHECKS,
        *REACHABILITY_CHECKS,
        *NAME_CHECKS,
        *SIZE_CHECKS,
        *PAYLOAD_CHECKS,
        *HISTORY_CHECKS,
        *VARIABLE_CHECKS,
        *ERROR_NAME_CHECKS,
        *RETRY_CHECKS,
        *INTEGRATION_CHECKS,
        *PARAMETER_CHECKS,
        *TOKEN_CHECKS,
        *BATCH_CHECKS,
        *LOGGING_CHECKS,
        *SUBSTITUTION_CHECKS,
        *ROLE_PERMISSION_CHECKS,
        *ROLE_SIZE_CHECKS,
    )


def run_checks(checked: CheckedDefinition, checks: Iterable[Check]) -> Report:
    """Check a definition.

    Args:
        checked: The definition, with what is known about its state machine.
        checks: The rules.

    Returns:
        The findings, and the rules that raised instead of finding.

    Examples:
        >>> report = run_checks(CheckedDefinition({"States": {}}), builtin_checks())
        >>> [check.id for check, finding in report.findings]
        ['asl.start-at']
    """
    findings: list[tuple[Check, Finding]] = []
    problems: list[tuple[Check, str]] = []
    for check in checks:
        try:
            # The standard output is the command's: what a rule prints would break its JSON.
            with redirect_stdout(sys.stderr):
                found = list(check.find(checked))
            findings += [
                (check, replace(finding, remedy=finding.remedy or check.remedy))
                for finding in found
            ]
        except Exception as error:
            # The rule of a plugin: what the others find must not depend on it.
            problems.append((check, describe_error(error)))
    return Report(tuple(findings), tuple(problems))


def describe_error(error: BaseException) -> str:
    """An error in one phrase: its type and its message."""
    return f"{type(error).__name__}: {error}"
