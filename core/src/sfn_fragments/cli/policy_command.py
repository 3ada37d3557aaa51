"""``sfn-fragments policy``: what the role of a fragment's state machine may do, and why."""

from __future__ import annotations

from typing import Any

import click

from sfn_fragments.cli.arguments import env_base_option, set_option
from sfn_fragments.cli.problems import told_registry
from sfn_fragments.cli.subjects import are_paths
from sfn_fragments.errors import FragmentsError
from sfn_fragments.sandbox import Sandbox
from sfn_fragments_asl.cli.policy import if_given, print_policies, print_role, with_format
from sfn_fragments_asl.errors import AslError
from sfn_fragments_asl.permissions.role_report import role_statements


@click.command(
    "policy",
    epilog="""\b
Examples:
  sfn-fragments policy data_sync.sync
  sfn-fragments policy data_sync.sync --json
  sfn-fragments policy batch.lambda_function --env-base prod
  sfn-fragments policy cdk.out --env-base prod
  sfn-fragments policy template.yaml --format cloudformation""",
)
@click.argument("names", nargs=-1, required=True, metavar="NAME|PATH...")
@set_option
@with_format
@env_base_option
@click.pass_context
def command(
    context: click.Context,
    names: tuple[str, ...],
    overrides: dict[str, Any],
    kind: str,
    env_base: str,
) -> None:
    """Print what the role of NAME's state machine may do, and which states need it.

    The fragment is made with the arguments of its example. Where an execution chooses a resource,
    the scope is told, and how to narrow it. What only CloudFormation knows is shown in the
    notation of Fn::Sub, such as ${Bucket}; ${NameOf:Machine} is the name of a state machine,
    ${LastOf:Queue} that of a queue which is given by its name or its ARN.

    A PATH is a cloud assembly, a folder, a template, a definition or -, as for `check`. Printed is
    what the roles of its state machines need, what a role in the template lacks, and what it has
    besides; what cannot be known from the template is said. There, an execution may choose any
    name unless --env-base is given.

    Exit codes: 0 done, whatever a role lacks (`check` finds that), 1 a state machine was left out
    because of a problem, 2 wrong use, or nothing that can be read.
    """
    registry = told_registry()
    if are_paths(registry, names, overrides):
        context.exit(print_policies(names, if_given(context, "env_base"), kind))
    built = Sandbox(env_base).build(registry, names[0], overrides)
    try:
        statements = role_statements(built.template, built.logical_id, env_base)
    except AslError as error:
        raise FragmentsError(str(error)) from error
    print_role(names[0], built.template, built.logical_id, statements, kind)
