"""``sfn-fragments policy``: what the role of a fragment's state machine may do, and why."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from sfn_fragments import get_registry
from sfn_fragments.cli.arguments import env_base_option, set_option
from sfn_fragments.cli.output import print_heading, print_json
from sfn_fragments.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sfn_fragments.iam.role_report import RoleStatement


@click.command(
    "policy",
    epilog="""\b
Examples:
  sfn-fragments policy data_sync.sync
  sfn-fragments policy data_sync.sync --json
  sfn-fragments policy batch.lambda_function --env-base prod""",
)
@click.argument("name")
@set_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@env_base_option
def command(name: str, overrides: dict[str, Any], as_json: bool, env_base: str) -> None:
    """Print what the role of NAME's state machine may do, and which states need it.

    The fragment is made with the arguments of its example. Where an execution chooses a resource,
    the scope is told, and how to narrow it. What only CloudFormation knows is shown in the
    notation of Fn::Sub, such as ${Bucket}; ${NameOf:Machine} is the name of a state machine.
    """
    from sfn_fragments.iam.role_report import role_statements

    built = Sandbox(env_base).build(get_registry(), name, overrides)
    statements = role_statements(built.template, built.logical_id, env_base)
    if as_json:
        print_json(
            {
                "name": name,
                "state_machine": built.state_machine_name,
                "statements": [asdict(statement) for statement in statements],
            }
        )
        return
    print_heading(f"Role of {built.state_machine_name or built.logical_id}")
    for statement in statements:
        click.echo()
        _print_statement(statement)


def _print_statement(statement: RoleStatement) -> None:
    if statement.managed_policy:
        _print_line("policy", statement.managed_policy)
    else:
        verb = "allow" if statement.effect == "Allow" else "deny"
        for action in statement.actions:
            _print_line(verb, action)
            verb = ""
    for label, texts in (
        ("on", statement.resources),
        ("if", _conditions(statement.conditions)),
        ("for", statement.states or (statement.reason,)),
        ("note", statement.notes),
    ):
        for index, text in enumerate(texts):
            _print_line("" if index else label, text)


def _conditions(conditions: Mapping[str, Any]) -> list[str]:
    return [
        f"{key} {operator} {' or '.join(value) if isinstance(value, list) else value}"
        for operator, each in conditions.items()
        for key, value in each.items()
    ]


def _print_line(label: str, text: str) -> None:
    click.echo(f"{label:6}{text}")
