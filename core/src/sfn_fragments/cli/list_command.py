"""``sfn-fragments list``: the fragments that are installed."""

from __future__ import annotations

import click

from sfn_fragments import get_registry
from sfn_fragments.cli.output import fragment_as_json, print_json, print_table
from sfn_fragments.cli.problems import print_problems, problem_as_json


@click.command(
    "list",
    epilog="""\b
Examples:
  sfn-fragments list
  sfn-fragments list --json""",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(as_json: bool) -> None:
    """List the installed fragments, and plugins that could not be loaded.

    Imports none of them, and needs no Node.js. `show` and `list --json` tell which distribution
    each is of.
    """
    registry = get_registry()
    entries = [(registry.spec(name), registry.provider(name)) for name in registry.names()]
    if as_json:
        fragments = [fragment_as_json(spec, provider) for spec, provider in entries]
        problems = [problem_as_json(problem) for problem in registry.problems()]
        print_json({"fragments": fragments, "problems": problems})
        return
    if entries:
        print_table(("NAME", "SUMMARY"), [(spec.name, spec.summary) for spec, _ in entries])
    else:
        click.echo('No fragments are installed; try: pip install "sfn-fragments[all]"')
    print_problems(registry.problems())
