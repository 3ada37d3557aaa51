"""``sfn-fragments validate``: whether a plugin can be published."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sfn_fragments.cli.output import print_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sfn_fragments_authoring.inspection import Inspected


@click.command(
    "validate",
    epilog="""\b
Examples:
  sfn-fragments validate acme
  sfn-fragments validate acme --accept-rule asl.history-events --json""",
)
@click.argument("name")
@click.option("--accept-rule", multiple=True, help="Rule that its examples may break. Repeatable.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def command(context: click.Context, name: str, accept_rule: tuple[str, ...], as_json: bool) -> None:
    """Try everything a plugin does that needs no test code, before it is published.

    NAME is that of its entry point. Runs the suites for plugins and fragments, and tells what
    `plugins` finds.

    Exit codes: 0 nothing is wrong, 1 something is, 2 wrong use.
    """
    from sfn_fragments_authoring.inspection import inspect, installed_names
    from sfn_fragments_authoring.validation import validate

    inspected = inspect([name])
    if not inspected:
        raise click.BadParameter(
            f"no plugin is named {name!r}; installed are {', '.join(installed_names())}",
            param_hint="NAME",
        )
    # One that does not load has nothing to try.
    loaded = any(each.status == "loaded" for each in inspected)
    outcomes = validate(name, accept_rule) if loaded else []
    failed = [outcome for outcome in outcomes if outcome.status == "failed"]
    findings = [*_findings(inspected)]
    wrong = bool(findings or failed or not loaded)
    if as_json:
        print_json(
            {
                "plugins": [each.as_json() for each in inspected],
                "tests": [outcome.as_json() for outcome in outcomes],
                "valid": not wrong,
            }
        )
    else:
        for finding in findings:
            click.echo(finding)
        for outcome in outcomes:
            click.echo(f"{outcome.status}: {outcome.test}")
            for line in outcome.message.splitlines():
                click.echo(f"    {line}")
        if not loaded:
            click.echo(f"plugin {name!r} is {inspected[0].status}: nothing of it was tried")
        passed = sum(outcome.status == "passed" for outcome in outcomes)
        click.echo(f"{len(findings)} findings; {passed} tests passed, {len(failed)} failed")
    context.exit(1 if wrong else 0)


def _findings(inspected: list[Inspected]) -> Iterator[str]:
    for each in inspected:
        for finding in each.findings:
            place = f" ({finding.place})" if finding.place else ""
            yield f"{finding.id}: {finding.message}{place}\n    {finding.remedy}"
