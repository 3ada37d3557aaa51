"""``forecast``: what a run of each state machine enters, writes and costs."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from sfn_fragments_asl.cli.output import echo_heading, echo_json, echo_labelled, echo_table
from sfn_fragments_asl.errors import AssumedItemsError
from sfn_fragments_asl.forecast.forecast import Forecast, check_items, forecast
from sfn_fragments_asl.model.limits import MAX_EVENTS, MAX_PAYLOAD
from sfn_fragments_asl.wording.figures import price_in_words, span_in_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sfn_fragments_asl.cli.programs import Program
    from sfn_fragments_asl.reading.templates import FoundMachine

_FAILED, _NOTHING_READ = 1, 2
_MILLION = 1_000_000


def _items(
    _context: click.Context, _parameter: click.Parameter, texts: tuple[str, ...]
) -> dict[str, int]:
    """What was given with ``--items``; the name of a state may hold ``=``, a number none."""
    found: dict[str, int] = {}
    for text in texts:
        name, equals, number = text.rpartition("=")
        if not (equals and name and number.strip().isdecimal()):
            raise click.BadParameter(
                f"{text!r} is not MAP=N, such as 'Each file=200', with a number of 0 or more"
            )
        found[name] = int(number)
    return found


_HELP = """Print what a run of each state machine enters, writes into its history, and costs.

{told}

Where the input decides, the least and the greatest are shown; the greatest is left open where
nothing bounds it. Prices are list prices of us-east-1; retries are not counted.

Exit codes: 0 done, 1 a state machine was left out because of a problem, 2 wrong use, or nothing
that can be read.
"""

items_option = click.option(
    "--items",
    multiple=True,
    metavar="MAP=N",
    callback=_items,
    help="How many items the Map of this name goes over. Repeatable.",
)


def forecast_command(program: Program) -> click.Command:
    """Make the command.

    Args:
        program: The program that has it.
    """

    @program.command("forecast", _HELP, [*program.examples, "cdk.out --items 'Each file=200'"])
    @click.argument("paths", nargs=-1, required=True, metavar=f"{program.given}...")
    @items_option
    @click.option("--json", "as_json", is_flag=True, help="Print JSON, with each state.")
    @click.pass_context
    def command(
        context: click.Context,
        /,
        paths: tuple[str, ...],
        items: dict[str, int],
        as_json: bool,
        **options: Any,
    ) -> None:
        machines, problems = program.find(paths, **options)
        context.exit(_print_forecasts(machines, problems, items, as_json=as_json))

    return command


def _print_forecasts(
    machines: Sequence[FoundMachine],
    problems: Sequence[str],
    items: Mapping[str, int],
    *,
    as_json: bool,
) -> int:
    """Print the forecasts of state machines.

    Args:
        machines: The state machines.
        problems: What could not be read.
        items: Name of a Map to the number of its items; each is a Map of one of the machines.
        as_json: Whether to print JSON.

    Returns:
        The exit code.

    Raises:
        click.BadParameter: No machine has such a Map.
    """
    forecasts = [
        (machine, _forecast(machine, told)) for machine, told in _by_machine(machines, items)
    ]
    if as_json and machines:
        shown = [_as_json(machine, found) for machine, found in forecasts]
        echo_json({"state_machines": shown, "problems": problems})
    else:
        for machine, found in forecasts:
            _print_forecast(machine, found)
        for problem in problems:
            echo_labelled("error", problem)
    if not machines:
        return _NOTHING_READ
    return _FAILED if problems else 0


def _by_machine(
    machines: Sequence[FoundMachine], items: Mapping[str, int]
) -> list[tuple[FoundMachine, dict[str, int]]]:
    """Each state machine with the numbers of items that are about it."""
    try:
        told = check_items([each.definition.machine for each in machines], items)
    except AssumedItemsError as error:
        raise click.BadParameter("; ".join(error.problems), param_hint="--items") from error
    return list(zip(machines, told, strict=True))


def _forecast(machine: FoundMachine, items: Mapping[str, int]) -> Forecast:
    return forecast(machine.definition.machine, express=machine.checked.express, items=items)


def _as_json(machine: FoundMachine, found: Forecast) -> dict[str, Any]:
    told = asdict(found)
    price = told.pop("price")
    return {
        "file": str(machine.file),
        "name": machine.name,
        "express": told.pop("express"),
        **{name: told.pop(name) for name in ("states", "transitions", "events", "payload")},
        "dollars_of_a_run": {
            bound: None if price[bound] is None else price[bound] / _MILLION for bound in price
        },
        "dollars_of_a_million_runs": price,
        **{
            name: [_placed(machine, each) for each in told[name]]
            for name in ("children", "parts", "notes")
        },
    }


def _placed(machine: FoundMachine, part: dict[str, Any]) -> dict[str, Any]:
    """Something about a state, with where the state stands; null where that is not known."""
    place = machine.place_of(part["pointer"])
    return {
        **part,
        "file": str(place.file) if place and place.file else None,
        "line": place and place.line,
        "column": place and place.column,
    }


def _print_forecast(machine: FoundMachine, found: Forecast) -> None:
    echo_heading(f"{machine.file}: {machine.name}" + (" (Express)" if found.express else ""))
    click.echo()
    rows = [
        ("states entered", span_in_words(found.states), ""),
        ("billed transitions", span_in_words(found.transitions), ""),
        (
            "history events",
            span_in_words(found.events),
            "" if found.express else f"of {MAX_EVENTS:,}",
        ),
    ]
    for child in found.children:
        limit = "" if child.express else f"of {MAX_EVENTS:,}"
        rows += [
            (f"children of {child.name}", span_in_words(child.executions), "executions"),
            ("  states of a child", span_in_words(child.states), ""),
            ("  events of a child", span_in_words(child.events), limit),
        ]
    rows += [
        ("largest payload", span_in_words(found.payload), f"bytes, of {MAX_PAYLOAD:,}"),
        ("price of a run", price_in_words(found.price), "list price"),
        ("price of a million runs", price_in_words(found.price, runs=_MILLION), "list price"),
    ]
    echo_table(("A RUN", "HOW MANY", ""), rows)
    for note in found.notes:
        click.echo(f"note  {note.state}: {note.text}")
    click.echo()
