"""Checks of a definition before it is deployed: what AWS would refuse, and what would cost."""

from __future__ import annotations

from sfn_fragments.checks.check import Check, CheckedDefinition, Finding
from sfn_fragments.checks.graph import Machine, State, Transition
from sfn_fragments.checks.run import Report, builtin_checks, collect_checks, run_checks

__all__ = [
    "Check",
    "CheckedDefinition",
    "Finding",
    "Machine",
    "Report",
    "State",
    "Transition",
    "builtin_checks",
    "collect_checks",
    "run_checks",
]
