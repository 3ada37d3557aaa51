"""What ``check --explain`` prints of a rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sfn_fragments_asl.checks.examples import EXAMPLES, as_text
from sfn_fragments_asl.cli.output import echo_heading

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sfn_fragments_asl.checks import Check


def explain(rule: str, checks: Sequence[Check]) -> None:
    """Print what a rule finds, why, what to do, and an example.

    Args:
        rule: Its id, or what the ids of several rules begin with.
        checks: The rules.
    """
    for check in checks:
        if check.id != rule and not check.id.startswith(f"{rule}."):
            continue
        echo_heading(f"{check.id} ({check.severity})")
        for label, text in (
            ("finds:", check.what),
            ("why:", check.why),
            ("remedy:", check.remedy),
        ):
            click.echo(f"  {label:8}{text}")
        example = EXAMPLES.get(check.id)
        if example is not None:
            for label, fields in (("this is found", example.found), ("this is not", example.fine)):
                click.echo(f"\n  {label}:")
                for line in as_text(fields).splitlines():
                    click.echo(f"    {line}")
        click.echo()
