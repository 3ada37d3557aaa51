"""``diff``: what differs between two definitions, templates or assemblies, in words."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from sfn_fragments_asl.cli.output import echo_heading, echo_json, echo_labelled

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sfn_fragments_asl.cli.programs import Program
    from sfn_fragments_asl.comparing.machines import MachineDifference
    from sfn_fragments_asl.comparing.pairing import Difference, Pair
    from sfn_fragments_asl.comparing.permissions import PermissionChange
    from sfn_fragments_asl.comparing.states import StateChange
    from sfn_fragments_asl.reading.templates import FoundMachine

_SAME, _DIFFERS, _NOT_READ = 0, 1, 2
_FORMATS = ("text", "markdown", "json")
_NOTHING = "nothing differs"
#: Width of the first column.
_LABEL = 20

_HELP = """Tell what differs between the state machines of OLD and those of NEW, in words.

OLD and NEW are one of these each. {told}

Told are states that were added, removed, renamed or changed, where they lead and when, retries,
calls of services and what they pass, permissions that the role needs now or no longer, and what a
run enters and costs. The order of keys and how a file is formatted are no differences.

State machines are paired by logical id, then by name; one that is left on each side is the same.

Exit codes: 0 nothing differs, 1 something differs, 2 wrong use, or something that cannot be read.
"""


def diff_command(program: Program) -> click.Command:
    """Make the command.

    Args:
        program: The program that has it.
    """
    examples = [
        "old.asl.json new.asl.json",
        "before/cdk.out cdk.out",
        f"{program.examples[0]} template.yaml --format markdown",
    ]

    @program.command("diff", _HELP, examples)
    @click.argument("old", metavar="OLD")
    @click.argument("new", metavar="NEW")
    @click.option(
        "--format",
        "kind",
        type=click.Choice(_FORMATS),
        default="text",
        help="How to print; text by default. markdown is for the comment on a pull request.",
    )
    @click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
    @click.pass_context
    def command(
        context: click.Context, /, old: str, new: str, kind: str, as_json: bool, **options: Any
    ) -> None:
        # Comparing takes the checks' and the forecast's modules; the help needs none of them.
        from sfn_fragments_asl.comparing import compare

        if old == new == "-":
            raise click.UsageError("the standard input is OLD or NEW, not both", context)
        before, wrong_before = program.find([old], **options)
        after, wrong_after = program.find([new], **options)
        problems = [*wrong_before, *wrong_after]
        if before and after:
            difference = compare(before, after)
            _print(difference, problems, "json" if as_json else kind)
        if not (as_json or kind == "json") or not (before and after):
            for problem in dict.fromkeys(problems):
                echo_labelled("error", problem)
        if problems or not (before and after):
            context.exit(_NOT_READ)
        context.exit(_SAME if difference.same else _DIFFERS)

    return command


def _print(difference: Difference, problems: Sequence[str], kind: str) -> None:
    if kind == "json":
        echo_json(_as_json(difference, problems))
    elif kind == "markdown":
        click.echo("\n".join(_markdown(difference)))
    else:
        _print_text(difference)


def _as_json(difference: Difference, problems: Sequence[str]) -> dict[str, Any]:
    return {
        "same": difference.same,
        "state_machines": [
            {
                "name": pair.new.name,
                "old": _place(pair.old),
                "new": _place(pair.new),
                "same": pair.difference.same,
                **asdict(pair.difference),
            }
            for pair in difference.pairs
        ],
        "added": [_place(each) for each in difference.added],
        "removed": [_place(each) for each in difference.removed],
        "problems": list(problems),
    }


def _place(machine: FoundMachine) -> dict[str, Any]:
    return {
        "file": str(machine.file),
        "name": machine.name,
        "logical_id": machine.checked.logical_id,
    }


def _print_text(difference: Difference) -> None:
    told = [pair for pair in difference.pairs if not pair.difference.same]
    for pair in told:
        echo_heading(_heading(pair))
        for label, text, details in _lines(pair.difference):
            click.echo(f"  {label:{_LABEL}}{text}")
            for detail in details:
                click.echo(f"  {'':{_LABEL}}  {detail}")
        click.echo()
    for verb, machines in (("added", difference.added), ("removed", difference.removed)):
        for machine in machines:
            count = _counted(sum(1 for _ in machine.definition.machine.every_state()))
            echo_heading(f"{machine.name}: {verb}, {count} ({machine.file})")
    if difference.same:
        click.echo(_NOTHING)


def _heading(pair: Pair) -> str:
    name = pair.new.name if pair.old.name == pair.new.name else f"{pair.old.name} → {pair.new.name}"
    files = f"{pair.old.file} → {pair.new.file}"
    return files if name == f"{pair.old.file.name} → {pair.new.file.name}" else f"{name} ({files})"


def _counted(states: int) -> str:
    return f"{states} state{'' if states == 1 else 's'}"


def _lines(difference: MachineDifference) -> Iterator[tuple[str, str, Sequence[str]]]:
    """Each difference: what it is, what it is about, and what there is to say."""
    for text in difference.settings:
        yield "state machine", text, ()
    for state in difference.states:
        yield f"state {state.kind}", *_state(state)
    for label, changes in (("needs now", difference.gained), ("no longer", difference.lost)):
        for change in changes:
            yield label, *_permission(change)
    for figure in difference.figures:
        yield figure.name, f"{figure.words[1]}, was {figure.words[0]}", ()


def _state(change: StateChange) -> tuple[str, Sequence[str]]:
    if change.kind == "renamed":
        return f"{change.before}, now {change.name}", change.words
    if change.kind == "changed":
        return change.name, change.words
    kind = f"{change.name} ({change.type})" if change.type else change.name
    return f"{kind}{': ' if change.words else ''}{'; '.join(change.words)}", ()


def _permission(change: PermissionChange) -> tuple[str, Sequence[str]]:
    details = [f"on {', '.join(change.resources)}"]
    if change.condition:
        details.append(f"if {change.condition}")
    return f"{', '.join(change.actions)} (for {', '.join(change.states)})", details


def _markdown(difference: Difference) -> Iterator[str]:
    if difference.same:
        yield f"State machines: {_NOTHING}."
    for pair in difference.pairs:
        if pair.difference.same:
            continue
        yield f"### {_code(pair.new.name)}"
        if pair.old.name != pair.new.name:
            yield f"\nBefore: {_code(pair.old.name)}."
        yield from _sections(pair.difference)
        yield ""
    for verb, machines in (("Added", difference.added), ("Removed", difference.removed)):
        if machines:
            yield f"### {verb}\n"
            yield from (f"- {_code(machine.name)} in {_code(machine.file)}" for machine in machines)
            yield ""


def _sections(difference: MachineDifference) -> Iterator[str]:
    if difference.settings or difference.states:
        yield "\n**States**\n"
        yield from (f"- {_escaped(text)}" for text in difference.settings)
    for state in difference.states:
        label = f"- {state.kind}: {_code(state.before or state.name)}"
        if state.kind == "renamed":
            label += f", now {_code(state.name)}"
        if state.kind in ("added", "removed"):
            yield label + f" ({'; '.join(map(_escaped, [state.type, *state.words]))})"
            continue
        yield label
        yield from (f"    - {_escaped(text)}" for text in state.words)
    for title, changes in (("gained", difference.gained), ("lost", difference.lost)):
        if changes:
            yield f"\n**Permissions {title}**\n"
        for change in changes:
            actions, resources = (
                ", ".join(map(_code, texts)) for texts in (change.actions, change.resources)
            )
            condition = f" if {_code(change.condition)}" if change.condition else ""
            states = ", ".join(map(_code, change.states))
            yield f"- {actions} on {resources}{condition}, for {states}"
    if difference.figures:
        yield "\n| A run | before | after |\n| --- | --- | --- |"
    for figure in difference.figures:
        yield f"| {figure.name} | {' | '.join(figure.words)} |"


def _code(text: Any) -> str:
    """A text that Markdown shows as it is."""
    shown = " ".join(str(text).split())
    fence = "`"
    while fence in shown:
        fence += "`"
    room = " " if "`" in shown else ""
    return f"{fence}{room}{shown}{room}{fence}"


def _escaped(text: str) -> str:
    """A text whose characters have no meaning in Markdown."""
    return "".join(f"\\{each}" if each in "\\`*_[]<>#|~$" else each for each in text)
