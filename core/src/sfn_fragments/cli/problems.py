"""How commands show plugins that failed and names that conflict."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sfn_fragments import get_registry
from sfn_fragments.cli.output import origin_as_json, print_heading, print_warning

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sfn_fragments.discovery import Problem
    from sfn_fragments.registry import FragmentRegistry


def problem_as_json(problem: Problem) -> dict[str, str]:
    """A problem as ``list --json`` and ``doctor --json`` show it."""
    return {
        "plugin": problem.plugin,
        "stage": problem.stage,
        **origin_as_json(problem),
        "error": f"{type(problem.error).__name__}: {problem.error}",
        "remedy": problem.remedy,
    }


def told_registry() -> FragmentRegistry:
    """The registry, after a warning of each plugin that cannot be used.

    What it would have added to a state machine may be what matters most.
    """
    registry = get_registry()
    for problem in registry.problems():
        print_warning(str(problem))
    return registry


def print_problems(problems: Sequence[Problem]) -> None:
    """Print the problems, each with what to do; nothing where there are none."""
    if not problems:
        return
    click.echo()
    print_heading("Problems")
    for problem in problems:
        click.echo(f"- {problem.subject}: {problem.stage}")
        click.echo(f"    error:  {problem.reason}")
        click.echo(f"    remedy: {problem.remedy}")
