"""``policy``: what the role of a state machine may do, or needs to, and why."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from functools import wraps
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from sfn_fragments_asl.cli.output import echo_heading, echo_json, echo_labelled
from sfn_fragments_asl.model.json_data import mapping
from sfn_fragments_asl.model.state_machine import CheckedDefinition
from sfn_fragments_asl.permissions.machine_roles import machine_role
from sfn_fragments_asl.permissions.role_report import resource_text
from sfn_fragments_asl.reading.files import find_state_machines
from sfn_fragments_asl.reading.given_roles import given_role

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from sfn_fragments_asl.permissions.comparison import Comparison
    from sfn_fragments_asl.permissions.machine_roles import MachineRole
    from sfn_fragments_asl.permissions.role_report import RoleStatement
    from sfn_fragments_asl.reading.templates import FoundMachine

_FAILED, _NOTHING_READ = 1, 2
_FORMATS = ("text", "json", "cloudformation")
#: Parts of a comparison, and how they are called.
_PARTS = {
    "missing": "Missing from the role {}:",
    "unsure": "Perhaps missing from the role {}:",
    "unneeded": "Allowed by the role {}, and not needed:",
    "wider": "Allowed by the role {}, and wider than needed:",
}


def with_format(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command ``--format`` and ``--json``; it gets ``kind``, one of the formats.

    Args:
        command: What the command calls.
    """

    @click.option(
        "--format",
        "kind",
        type=click.Choice(_FORMATS),
        default="text",
        help="How to print; text by default. cloudformation prints roles that are exact.",
    )
    @click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
    @wraps(command)
    def asking(*arguments: Any, kind: str, as_json: bool, **rest: Any) -> None:
        command(*arguments, kind="json" if as_json else kind, **rest)

    return asking


@click.command(
    "policy",
    epilog="""\b
Examples:
  sfn-asl policy cdk.out
  sfn-asl policy machine.asl.json --json
  sfn-asl policy template.yaml --name-prefix prod
  sfn-asl policy template.yaml --format cloudformation""",
)
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@with_format
@click.option(
    "--name-prefix",
    default="",
    metavar="PREFIX",
    help="Where an execution chooses a resource, allow names that begin with PREFIX and a dash.",
)
@click.pass_context
def command(context: click.Context, paths: tuple[str, ...], kind: str, name_prefix: str) -> None:
    """Print what the role of each state machine in PATH needs, and which states need it.

    A PATH is a cloud assembly, a folder, a template, a definition or -, as for `check`. Where a
    template has the role, what it lacks and what it has besides is printed too; what cannot be
    known from the template is said. What only CloudFormation knows is shown in the notation of
    Fn::Sub, such as ${Bucket}; ${NameOf:Machine} is the name of a state machine, ${LastOf:Queue}
    that of a queue which is given by its name or its ARN.

    Exit codes: 0 done, whatever a role lacks (`check` finds that), 1 a state machine was left out
    because of a problem, 2 wrong use, or nothing that can be read.
    """
    context.exit(print_policies(paths, name_prefix, kind))


def if_given(context: click.Context, option: str) -> str:
    """The value of an option that somebody has given; empty for a default.

    Args:
        context: The command's.
        option: Name of the option, as the command gets it.
    """
    default = context.get_parameter_source(option) is ParameterSource.DEFAULT
    return "" if default else str(context.params[option])


def print_policies(paths: Sequence[str], name_prefix: str, kind: str) -> int:
    """Print what the state machines in files and folders need.

    Args:
        paths: The files and folders.
        name_prefix: How the names of resources begin that an execution may choose; empty for any.
        kind: ``text``, ``json`` or ``cloudformation``.

    Returns:
        The exit code.
    """
    machines, problems = find_state_machines(paths)
    roles = [machine_role(machine, name_prefix) for machine in machines]
    in_json = kind == "json" and bool(machines)
    if in_json:
        listed = [_as_json(role) for role in roles]
        echo_json({"state_machines": listed, "problems": problems})
    elif kind == "cloudformation" and machines:
        echo_json(_template(roles))
    else:
        for role in roles:
            _print_machine(role)
    for problem in () if in_json else problems:
        echo_labelled("error", problem)
    if not machines:
        return _NOTHING_READ
    return _FAILED if problems else 0


def _template(roles: Sequence[MachineRole]) -> dict[str, Any]:
    """A template of all roles; those of two state machines of one name are told apart."""
    parameters = {
        name: {"Type": "String", "Description": f"What {place} stands for in the definition"}
        for role in roles
        for name, place in role.parameters.items()
    }
    found: dict[str, Any] = {}
    taken: Counter[str] = Counter()
    for role in roles:
        own = role.resources()
        role_id = next(iter(own))
        taken[role_id] += 1
        if taken[role_id] > 1:
            renamed = f"{role_id}Of{taken[role_id]}"
            own = {
                f"{renamed}{name.removeprefix(role_id)}": _referring(resource, role_id, renamed)
                for name, resource in own.items()
            }
        found |= own
    return {**({"Parameters": parameters} if parameters else {}), "Resources": found}


def _referring(resource: Any, old: str, new: str) -> Any:
    properties = resource["Properties"]
    if properties.get("Roles") != [{"Ref": old}]:
        return resource
    return {**resource, "Properties": {**properties, "Roles": [{"Ref": new}]}}


class _Places:
    """Where the states of a state machine stand."""

    def __init__(self, machine: FoundMachine) -> None:
        self._machine = machine
        self._pointers: dict[str, str] = {}
        for state in machine.checked.states():
            self._pointers.setdefault(state.name, state.pointer)

    def as_json(self, state: str) -> dict[str, Any]:
        pointer = self._pointers.get(state, "")
        place = self._machine.place_of(pointer)
        source = self._machine.file if place is None else place.file or self._machine.file
        return {
            "place": state,
            "source": str(source),
            "line": place.line if place else None,
            "column": place.column if place else None,
            "pointer": pointer,
        }

    def as_text(self, state: str) -> str:
        found = self.as_json(state)
        return state if found["line"] is None else f"{state} ({found['source']}:{found['line']})"


def _as_json(role: MachineRole) -> dict[str, Any]:
    places = _Places(role.machine)

    def listed(statements: Iterable[RoleStatement]) -> list[dict[str, Any]]:
        return [
            {**asdict(each), "places": [places.as_json(state) for state in each.states]}
            for each in statements
        ]

    comparison = role.comparison
    return {
        "file": str(role.machine.file),
        "name": role.machine.name,
        "statements": listed(role.needed),
        "policy": role.policy,
        "role": {
            "logical_id": comparison.role,
            "exact": comparison.is_exact,
            **{name: listed(getattr(comparison, name)) for name in _PARTS},
            "unknown": list(comparison.unknown),
        },
    }


def _print_machine(role: MachineRole) -> None:
    machine, places = role.machine, _Places(role.machine)
    print_statements(f"Role of {machine.file}: {machine.name}", role.needed, places.as_text)
    click.echo()
    # A definition alone has no role to hold it against.
    if machine.checked.logical_id is not None:
        _print_comparison(role.comparison, places.as_text)
        click.echo()


def _print_comparison(comparison: Comparison, shown: Callable[[str], str]) -> None:
    if comparison.role is None:
        click.echo(f"Not compared: {'; '.join(comparison.unknown)}")
        return
    if comparison.is_exact:
        click.echo(f"The role {comparison.role} allows what is needed, and no more.")
        return
    headings = [
        (heading.format(comparison.role), getattr(comparison, name))
        for name, heading in _PARTS.items()
    ]
    for index, (heading, statements) in enumerate(each for each in headings if each[1]):
        if index:
            click.echo()
        print_statements(heading, statements, shown)
    if comparison.unknown:
        if any(statements for _, statements in headings):
            click.echo()
        echo_heading(f"Not known of the role {comparison.role}:")
        click.echo()
        for index, text in enumerate(comparison.unknown):
            _print_line("" if index else "note", text)


def print_role(
    name: str,
    template: Mapping[str, Any],
    machine_id: str,
    statements: Sequence[RoleStatement],
    kind: str,
) -> None:
    """Print what the role of a synthesized state machine holds.

    Args:
        name: What the state machine is of.
        template: The template.
        machine_id: Logical id of the state machine.
        statements: The parts of the role.
        kind: ``text``, ``json`` or ``cloudformation``.
    """
    resources = template["Resources"]
    named = resources[machine_id]["Properties"].get("StateMachineName")
    machine = machine_id if named is None else resource_text(named)
    if kind == "json":
        listed = [asdict(statement) for statement in statements]
        echo_json({"name": name, "state_machine": machine, "statements": listed})
    elif kind == "cloudformation":
        role = given_role(CheckedDefinition({}, machine_id, resources))
        names = [role.logical_id, *(policy.place for policy in role.policies)]
        echo_json({"Resources": {each: resources[each] for each in names if each in resources}})
    else:
        print_statements(f"Role of {machine}", statements)


def print_statements(
    heading: str, statements: Sequence[RoleStatement], shown: Callable[[str], str] = str
) -> None:
    """Print what a role holds or needs.

    Args:
        heading: The line above.
        statements: Its parts.
        shown: How a state is shown.
    """
    echo_heading(heading)
    if not statements:
        click.echo("nothing: none of its states calls a service")
    for statement in statements:
        click.echo()
        _print_statement(statement, shown)


def _print_statement(statement: RoleStatement, shown: Callable[[str], str]) -> None:
    if statement.managed_policy:
        _print_line("policy", statement.managed_policy)
    else:
        verb = "allow" if statement.effect == "Allow" else "deny"
        for action in statement.actions:
            _print_line(verb, action)
            verb = ""
    for label, texts in (
        ("on", statement.resources),
        ("if", list(_conditions(statement.conditions))),
        ("for", [shown(state) for state in statement.states] or [statement.reason]),
        ("note", statement.notes),
    ):
        for index, text in enumerate(texts):
            _print_line("" if index else label, text)


def _conditions(conditions: Mapping[str, Any]) -> Iterator[str]:
    for operator, each in conditions.items():
        for key, value in mapping(each).items():
            values = value if isinstance(value, list) else [value]
            yield f"{key} {operator} {' or '.join(map(str, values))}"


def _print_line(label: str, text: str) -> None:
    click.echo(f"{label:6}{text}")
