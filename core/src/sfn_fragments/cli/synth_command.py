"""``sfn-fragments synth``: the definition of a fragment's state machine."""

from __future__ import annotations

from typing import Any

import click

from sfn_fragments.cli.arguments import env_base_option, set_option
from sfn_fragments.cli.output import print_json
from sfn_fragments.cli.problems import told_registry
from sfn_fragments.sandbox import Sandbox


@click.command(
    "synth",
    epilog="""\b
Examples:
  sfn-fragments synth data_sync.sync
  sfn-fragments synth data_sync.sync --template > template.json
  sfn-fragments synth batch.lambda_function --set memory=4096""",
)
@click.argument("name")
@set_option
@click.option("--template", is_flag=True, help="Print the CloudFormation template instead.")
@env_base_option
def command(name: str, overrides: dict[str, Any], template: bool, env_base: str) -> None:
    """Print the definition of NAME's state machine as JSON.

    The fragment is made with the arguments of its example. What only CloudFormation knows is
    shown in the notation of Fn::Sub, such as ${Bucket}.
    """
    built = Sandbox(env_base).build(told_registry(), name, overrides)
    print_json(built.template if template else built.definition)
