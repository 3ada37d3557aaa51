"""``sfn-fragments forecast``: what a run of a fragment's state machine does and costs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from sfn_fragments.cli.arguments import env_base_option, set_option
from sfn_fragments.cli.problems import told_registry
from sfn_fragments.sandbox import Sandbox
from sfn_fragments_asl.cli.forecast import items_option, print_forecasts
from sfn_fragments_asl.reading.files import find_state_machines
from sfn_fragments_asl.reading.templates import state_machines


@click.command(
    "forecast",
    epilog="""\b
Examples:
  sfn-fragments forecast data_sync.sync
  sfn-fragments forecast data_sync.distributed_sync --json
  sfn-fragments forecast cdk.out --items 'Each file=200'""",
)
@click.argument("names", nargs=-1, required=True, metavar="NAME|PATH...")
@set_option
@items_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON, with each state.")
@env_base_option
@click.pass_context
def command(
    context: click.Context,
    names: tuple[str, ...],
    overrides: dict[str, Any],
    items: dict[str, int],
    as_json: bool,
    env_base: str,
) -> None:
    """Print what a run of NAME's state machine enters, writes into its history, and costs.

    The fragment is made with the arguments of its example. Where the input decides, the least and
    the greatest are shown; the greatest is left open where nothing bounds it. Prices are list
    prices of us-east-1; retries are not counted.

    A PATH is a cloud assembly, a folder, a template, a definition or -, as for `check`.
    """
    registry = told_registry()
    if names[1:] or names[0] == "-" or (names[0] not in registry and Path(names[0]).exists()):
        if overrides:
            raise click.UsageError("--set is for fragments: a PATH has no parameters", context)
        machines, problems = find_state_machines(names)
    else:
        template = Sandbox(env_base).build(registry, names[0], overrides).template
        machines, problems = state_machines(template, Path(names[0]))
    context.exit(print_forecasts(machines, problems, items, as_json=as_json))
