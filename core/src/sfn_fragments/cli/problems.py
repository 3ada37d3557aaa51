"""How commands show plugins that failed and names that conflict."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sfn_fragments.cli.output import print_heading

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sfn_fragments.discovery import Problem


def problem_as_json(problem: Problem) -> dict[str, str]:
    """A problem as ``list --json`` and ``doctor --json`` show it."""
    return {
        "plugin": problem.plugin,
        "stage": problem.stage,
        "distribution": problem.distribution,
        "version": problem.version,
        "entry_point": problem.value,
        "error": f"{type(problem.error).__name__}: {problem.error}",
        "remedy": problem.remedy,
    }


def problem_as_line(problem: Problem) -> str:
    """A problem with its error and its remedy, in one line."""
    return f"{_failure(problem)}: {_error(problem)}; {problem.remedy}"


def _failure(problem: Problem) -> str:
    return (
        f"plugin {problem.plugin!r} of {problem.distribution} {problem.version} "
        f"({problem.value}) failed at stage {problem.stage!r}"
    )


def _error(problem: Problem) -> str:
    return f"{type(problem.error).__name__}: {' '.join(str(problem.error).split())}"


def print_problems(problems: Sequence[Problem]) -> None:
    """Print the problems, each with what to do; nothing where there are none."""
    if not problems:
        return
    click.echo()
    print_heading("Problems")
    for problem in problems:
        click.echo(f"- {_failure(problem)}")
        click.echo(f"    error:  {_error(problem)}")
        click.echo(f"    remedy: {problem.remedy}")
