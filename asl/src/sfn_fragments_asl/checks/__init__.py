"""Checks of a definition before it is deployed: what AWS would refuse, and what would cost."""

from __future__ import annotations

from sfn_fragments_asl.checks.check import Check, CheckedDefinition, Finding
from sfn_fragments_asl.checks.run import Report, builtin_checks, run_checks
from sfn_fragments_asl.model.machine import Machine, State, Transition

__all__ = [
    "Check",
    "CheckedDefinition",
    "Finding",
    "Machine",
    "Report",
    "State",
    "Transition",
    "builtin_checks",
    "run_checks",
]
