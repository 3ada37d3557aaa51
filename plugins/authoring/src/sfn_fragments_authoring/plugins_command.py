"""``sfn-fragments plugins``: what is installed, what it does, and what is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sfn_fragments.cli.output import print_heading, print_json, print_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sfn_fragments_authoring.findings import Finding
    from sfn_fragments_authoring.inspection import Inspected

#: They fit 80 columns: the distribution is told of each plugin by its name.
_COLUMNS = ("NAME", "VERSION", "STATUS", "IMPORT", "HOOKS", "FRAGMENTS", "CHECKS", "COMMANDS")


@click.command(
    "plugins",
    epilog="""\b
Examples:
  sfn-fragments plugins
  sfn-fragments plugins acme
  sfn-fragments plugins --json""",
)
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(names: tuple[str, ...], as_json: bool) -> None:
    """Tell what each installed plugin does, and what is wrong with it.

    NAME is that of an entry point; all plugins are told where there is none. Each is imported in a
    process of its own, to see how long that takes and what it brings with it.
    """
    from sfn_fragments_authoring.inspection import inspect, installed_names, unreadable

    found = inspect(names)
    if absent := [name for name in names if name not in {each.name for each in found}]:
        known = ", ".join(installed_names())
        raise click.BadParameter(
            f"no plugin is named {' or '.join(map(repr, absent))}; installed are {known}",
            param_hint="NAME",
        )
    others = [] if names else unreadable()
    if as_json:
        print_json(
            {
                "plugins": [each.as_json() for each in found],
                "findings": [each.as_json() for each in others],
            }
        )
        return
    if names:
        for each in found:
            _print_one(each)
    else:
        _print_all(found)
    _print_findings([(each.name, finding) for each in found for finding in each.findings])
    _print_findings([("", finding) for finding in others])


def _print_all(found: Sequence[Inspected]) -> None:
    print_table(
        _COLUMNS,
        [
            (
                each.name,
                each.version,
                each.status,
                _milliseconds(each),
                str(len(each.hooks)),
                str(len(each.fragments)),
                str(len(each.checks)),
                " ".join(each.commands) or "-",
            )
            for each in found
        ],
        {"failed": "red", "left out": "yellow"},
    )


def _print_one(each: Inspected) -> None:
    print_heading(f"{each.name}: {each.distribution} {each.version} ({each.value}), {each.status}")
    for label, values in (
        ("import", [_milliseconds(each)]),
        ("hooks", each.hooks),
        ("fragments", each.fragments),
        ("checks", each.checks),
        ("commands", each.commands),
    ):
        click.echo(f"  {label + ':':11}{', '.join(values) or '-'}")


def _milliseconds(each: Inspected) -> str:
    return "-" if each.seconds is None else f"{each.seconds * 1000:.0f} ms"


def _print_findings(found: Sequence[tuple[str, Finding]]) -> None:
    if not found:
        return
    click.echo()
    print_heading("Findings")
    for name, finding in found:
        subject = f"{name}: " if name else ""
        click.echo(f"- {subject}{finding.id}: {finding.message}")
        if finding.place:
            click.echo(f"    at:     {finding.place}")
        click.echo(f"    remedy: {finding.remedy}")
