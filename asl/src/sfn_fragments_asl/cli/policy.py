"""``policy``: what the role of a state machine may do, or needs to, and why."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from sfn_fragments_asl.cli.output import echo_heading, echo_json, echo_labelled
from sfn_fragments_asl.permissions import derive_permissions, policy_document
from sfn_fragments_asl.permissions.call import arn
from sfn_fragments_asl.permissions.needed import needed_statements
from sfn_fragments_asl.reading.files import find_state_machines

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sfn_fragments_asl.permissions.role_report import RoleStatement
    from sfn_fragments_asl.reading.templates import FoundMachine

_FAILED, _NOTHING_READ = 1, 2


@click.command(
    "policy",
    epilog="""\b
Examples:
  sfn-asl policy cdk.out
  sfn-asl policy machine.asl.json --json
  sfn-asl policy template.yaml --name-prefix prod""",
)
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, with the policy document.")
@click.option(
    "--name-prefix",
    default="",
    metavar="PREFIX",
    help="Where an execution chooses a resource, allow names that begin with PREFIX and a dash.",
)
@click.pass_context
def command(
    context: click.Context, paths: tuple[str, ...], as_json: bool, name_prefix: str
) -> None:
    """Print what the role of each state machine in PATH needs, and which states need it.

    A PATH is a cloud assembly, a folder, a template, a definition or -, as for `check`. What only
    CloudFormation knows is shown in the notation of Fn::Sub, such as ${Bucket};
    ${NameOf:Machine} is the name of a state machine,
    ${LastOf:Queue} that of a queue which is given by its name or its ARN.

    Exit codes: 0 done, 1 a state machine was left out because of a problem, 2 wrong use, or
    nothing that can be read.
    """
    context.exit(print_policies(paths, name_prefix, as_json=as_json))


def print_policies(paths: Sequence[str], name_prefix: str, *, as_json: bool) -> int:
    """Print what the state machines in files and folders need.

    Args:
        paths: The files and folders.
        name_prefix: How the names of resources begin that an execution may choose; empty for any.
        as_json: Whether to print JSON.

    Returns:
        The exit code.
    """
    machines, problems = find_state_machines(paths)
    found = []
    for machine in machines:
        statements = needed_statements(machine.definition.machine, name_prefix, _arn(machine))
        found.append((machine, statements))
    if as_json and machines:
        echo_json(
            {
                "state_machines": [
                    {
                        "file": str(machine.file),
                        "name": machine.name,
                        "statements": [asdict(statement) for statement in statements],
                        "policy": policy_document(
                            derive_permissions(
                                machine.definition.machine, name_prefix, machine_arn=_arn(machine)
                            ),
                            machine.definition,
                        ),
                    }
                    for machine, statements in found
                ],
                "problems": problems,
            }
        )
    else:
        for machine, statements in found:
            print_statements(f"Role of {machine.file}: {machine.name}", statements)
            click.echo()
    for problem in problems if not (as_json and machines) else ():
        echo_labelled("error", problem)
    if not machines:
        return _NOTHING_READ
    return _FAILED if problems else 0


def _arn(machine: FoundMachine) -> str:
    # By its name, not by a reference: the role has to be there before the state machine.
    return arn("states", f"stateMachine:{machine.machine_name}")


def print_role(
    name: str, machine: str | None, statements: Sequence[RoleStatement], *, as_json: bool
) -> None:
    """Print what the role of one state machine holds.

    Args:
        name: What the state machine is of.
        machine: Its name, or its logical id where CloudFormation makes the name up.
        statements: The parts of the role.
        as_json: Whether to print JSON.
    """
    if as_json:
        listed = [asdict(statement) for statement in statements]
        echo_json({"name": name, "state_machine": machine, "statements": listed})
    else:
        print_statements(f"Role of {machine}", statements)


def print_statements(heading: str, statements: Sequence[RoleStatement]) -> None:
    """Print what a role holds or needs.

    Args:
        heading: The line above.
        statements: Its parts.
    """
    echo_heading(heading)
    if not statements:
        click.echo("nothing: none of its states calls a service")
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
