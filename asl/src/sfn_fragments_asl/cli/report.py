"""``report``: a page on an execution on AWS, from its history."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sfn_fragments_asl.cli.output import echo_labelled

if TYPE_CHECKING:
    from sfn_fragments_asl.reading.templates import FoundMachine
    from sfn_fragments_asl.runs.history_files import History


def report_command(program: str) -> click.Command:
    """The command, for a program that has it.

    Args:
        program: Name of the program, for the examples.
    """
    epilog = f"""\b
Examples:
  aws stepfunctions get-execution-history --execution-arn ARN > history.json
  {program} report history.json --definition machine.asl.json -o run.html
  aws stepfunctions describe-execution --execution-arn ARN > execution.json
  {program} report history.json execution.json --definition cdk.out"""

    @click.command("report", epilog=epilog)
    @click.argument("histories", nargs=-1, required=True, metavar="HISTORY...")
    @click.option(
        "--definition",
        "definitions",
        metavar="FILE",
        help="The definition, the template, the folder or the cloud assembly that holds it. "
        "Without it, the page has no graph.",
    )
    @click.option(
        "--machine",
        metavar="NAME",
        help="The state machine, where several have the states of the history.",
    )
    @click.option(
        "-o",
        "--output",
        type=click.Path(dir_okay=False, path_type=Path),
        help="The page. Defaults to the name of the first HISTORY, with .html at its end.",
    )
    def command(
        histories: tuple[str, ...],
        definitions: str | None,
        machine: str | None,
        output: Path | None,
    ) -> None:
        """Write a page on an execution, from its HISTORY, that any browser opens offline.

        A HISTORY is a file with what `aws stepfunctions get-execution-history` prints, or - for
        the standard input; its pages may be in one file or in several. With what
        `describe-execution` prints among them, the page has the execution's name. It shows what
        went wrong, the graph coloured by the run, a timeline, and each state with its data.

        Exit codes: 0 done, 1 the history cannot be read, 2 wrong use.
        """
        _write(histories, definitions, machine, output)

    return command


def _write(
    histories: tuple[str, ...], definitions: str | None, machine: str | None, output: Path | None
) -> None:
    from sfn_fragments_asl.report import write_report
    from sfn_fragments_asl.runs.history_files import STANDARD_INPUT, read_history

    if output is None and histories[0] == STANDARD_INPUT:
        raise click.UsageError("the standard input has no name: give the page one with -o FILE")
    history = read_history(histories)
    found = None if definitions is None else _definition(definitions, machine, history)
    run = (
        history.run()
        if found is None
        else history.run(found.definition.states, machine=found.name, express=found.checked.express)
    )
    for note in run.notes:
        echo_labelled("warning", note)
    file = write_report(run, output or Path(histories[0]).with_suffix(".html"))
    number = len(history.events)
    events = f"{number:,} event{'' if number == 1 else 's'}"
    click.echo(f"{file}: {events}, {run.execution.status}")


def _definition(path: str, name: str | None, history: History) -> FoundMachine:
    """The state machine that a history is of.

    Raises:
        click.BadParameter: None has its states, or several have.
    """
    from sfn_fragments_asl.reading.files import find_state_machines

    machines, problems = find_state_machines([path])
    hint = "--definition"
    if not machines:
        reason = "; ".join(problems) or f"there is no state machine in {path}"
        raise click.BadParameter(reason, param_hint=hint)
    named = [one for one in machines if name in (None, one.name, one.machine_name)]
    wanted = history.state_names
    missing = {
        one.name: sorted(wanted - {state.name for state in one.checked.states()}) for one in named
    }
    fitting = [one for one in named if not missing[one.name]]
    if len(fitting) == 1:
        return fitting[0]
    listed = ", ".join(repr(one.name) for one in (fitting or machines))
    if fitting:
        raise click.BadParameter(
            f"several state machines have the states of this history; choose one with --machine: "
            f"{listed}",
            param_hint=hint,
        )
    if not named:
        raise click.BadParameter(
            f"there is no state machine {name!r}; there are: {listed}", param_hint="--machine"
        )
    lacking = "; ".join(
        f"{of!r} has no state {', '.join(map(repr, names[:3]))}" for of, names in missing.items()
    )
    raise click.BadParameter(f"the history is of another state machine: {lacking}", param_hint=hint)
