"""``check``: limits and mistakes of state machines, before they are deployed."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sfn_fragments_asl.checks import run_checks
from sfn_fragments_asl.cli.excuses import Baseline, excused_rules, write_baseline
from sfn_fragments_asl.cli.explaining import explain
from sfn_fragments_asl.cli.formats import (
    Outcome,
    known_ids,
    print_github,
    print_json,
    print_sarif,
    print_text,
)
from sfn_fragments_asl.cli.output import echo_json, echo_labelled, echo_table
from sfn_fragments_asl.cli.reported import Reported, reported
from sfn_fragments_asl.cli.settings import (
    FORMATS,
    LEVELS,
    Selection,
    Settings,
    SettingsError,
    find_settings,
)
from sfn_fragments_asl.near_names import near_names
from sfn_fragments_asl.reading.files import find_state_machines

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sfn_fragments_asl.checks import Check
    from sfn_fragments_asl.reading.templates import FoundMachine

_FOUND = 1
_NOT_READ = 2
_PRINTERS = {
    "text": print_text,
    "json": print_json,
    "sarif": print_sarif,
    "github": print_github,
}
#: How the ids of this library's rules began, and begin.
_OLD, _NEW = "core.", "asl."


def check_command(
    program: str, collect: Callable[[], tuple[Sequence[Check], Sequence[str]]]
) -> click.Command:
    """Make the command.

    Args:
        program: Name of the program that has it, for its help and its errors.
        collect: Returns the rules, and what is wrong with those that are left out.

    Returns:
        The command ``check``.
    """

    @click.command(
        "check",
        epilog=f"""\b
Examples:
  {program} check cdk.out
  {program} check template.yaml workflows/ --level advice
  {program} check cdk.out --ignore asl.unread-variable --format sarif
  {program} check --explain asl.path
  {program} check --rules""",
    )
    @click.argument("paths", nargs=-1, metavar="PATH...")
    @click.option("--rules", is_flag=True, help="List the rules instead.")
    @click.option("--explain", "explained", metavar="RULE", help="Explain a rule instead.")
    @click.option(
        "--select",
        multiple=True,
        metavar="RULE",
        help="Ask this rule, or all that begin so (asl), alone. Repeatable.",
    )
    @click.option("--ignore", multiple=True, metavar="RULE", help="Leave a rule out. Repeatable.")
    @click.option(
        "--level",
        type=click.Choice(LEVELS),
        help="The least level to tell and to fail for; warning by default.",
    )
    @click.option("--baseline", metavar="FILE", help="Leave out the findings in FILE.")
    @click.option(
        "--write-baseline", metavar="FILE", help="Write all findings into FILE, and tell none."
    )
    @click.option(
        "--format", "kind", type=click.Choice(FORMATS), help="How to print; text by default."
    )
    @click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
    # Warnings make the exit code 1 by themselves now.
    @click.option("--strict", is_flag=True, hidden=True, expose_value=False)
    @click.pass_context
    def command(
        context: click.Context,
        paths: tuple[str, ...],
        rules: bool,
        explained: str | None,
        select: tuple[str, ...],
        ignore: tuple[str, ...],
        level: str | None,
        baseline: str | None,
        write_baseline: str | None,
        kind: str | None,
        as_json: bool,
    ) -> None:
        """Check the state machines in each PATH.

        A PATH is a cloud assembly (the folder that `cdk synth` writes), another folder, a template
        of CloudFormation or SAM, a service of the Serverless Framework, a definition in the States
        Language, what `aws stepfunctions describe-state-machine` prints, or - for the standard
        input; JSON, or YAML where PyYAML is installed. The state machines need not be made with
        this library.

        Settings stand in [tool.sfn-fragments.check] of the nearest pyproject.toml; options come on
        top.

        Exit codes: 0 clean, 1 findings, or a plugin or a rule left out because of a problem, 2
        wrong use, or something that is not read.
        """
        checks, refused = collect()
        if explained is not None:
            explain(_known_rule(explained, checks, program), checks)
            return
        asked = Selection(
            tuple(_known_rule(rule, checks, program, "--select") for rule in select),
            tuple(_known_rule(rule, checks, program, "--ignore") for rule in ignore),
            level,
        )
        if rules:
            _print_rules([one for one in checks if asked.asks(one.id)], refused, as_json=as_json)
            return
        if not paths:
            raise click.UsageError(
                "give a PATH: a cloud assembly such as cdk.out, a folder, a template or a "
                "definition",
                context,
            )
        try:
            settings = _settings(checks, program)
            # The one that the settings name is not there before it is written.
            known = None if write_baseline else baseline or settings.baseline
            run = _Run(settings, asked, Baseline(Path(known)) if known else None)
            outcome, unread = run.over(paths, checks, refused, everything=bool(write_baseline))
        except SettingsError as error:
            raise click.UsageError(str(error), context) from error
        if write_baseline:
            _write(Path(write_baseline), outcome)
        else:
            _PRINTERS["json" if as_json else kind or settings.format or "text"](outcome)
        found = outcome.problems or (outcome.told and not write_baseline)
        context.exit(_NOT_READ if unread else _FOUND if found else 0)

    return command


class _Run:
    """One check of some paths.

    Args:
        settings: Those of the project.
        asked: What the command line says on top.
        baseline: The findings that are known.
    """

    def __init__(self, settings: Settings, asked: Selection, baseline: Baseline | None) -> None:
        self._settings = settings
        self._asked = asked
        self._baseline = baseline
        self._untold: Counter[str] = Counter()
        self._known = self._excused = 0

    def over(
        self,
        paths: Sequence[str],
        checks: Sequence[Check],
        refused: Sequence[str],
        *,
        everything: bool,
    ) -> tuple[Outcome, bool]:
        """Check what is in the paths.

        Args:
            paths: The files and folders.
            checks: The rules.
            refused: What is wrong with rules that are left out.
            everything: Whether no finding of the level is left out.

        Returns:
            What it came to, and whether something was not read.
        """
        machines, unreadable = find_state_machines(paths)
        told: list[Reported] = []
        failed: dict[str, None] = {}
        for machine in machines:
            selection = self._settings.for_file(machine.file).narrowed(self._asked)
            report = run_checks(machine.checked, [one for one in checks if selection.asks(one.id)])
            failed |= {
                f"rule {check.id!r} could not run: {error}": None
                for check, error in report.problems
            }
            found = reported(machine, report)
            told += found if everything else self._told(machine, found, selection)
        base = self._settings.selection.narrowed(self._asked)
        outcome = Outcome(
            machines,
            [check for check in checks if base.asks(check.id)],
            told,
            [*refused, *unreadable, *failed],
            self._untold,
            self._known,
            self._excused,
        )
        return outcome, bool(unreadable)

    def _told(
        self, machine: FoundMachine, found: Sequence[Reported], selection: Selection
    ) -> list[Reported]:
        """The findings of a state machine that are told."""
        excuses = excused_rules(machine.checked)
        told = []
        for one in found:
            excused = excuses.get(one.finding.place, frozenset())
            if one.check.id in excused or one.check.id.replace(_NEW, _OLD, 1) in excused:
                self._excused += 1
            elif not selection.tells(one.check.severity):
                self._untold[one.check.severity] += 1
            elif self._baseline is not None and self._baseline.knows(one):
                self._known += 1
            else:
                told.append(one)
        return told


def _write(file: Path, outcome: Outcome) -> None:
    try:
        count = write_baseline(file, outcome.told)
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written: {error}") from error
    noun = "finding" if count == 1 else "findings"
    click.echo(f"{file}: {count} {noun}, which --baseline {file} leaves out")
    for problem in outcome.problems:
        echo_labelled("error", problem)


def _settings(checks: Sequence[Check], program: str) -> Settings:
    settings = find_settings(Path.cwd())
    known = set(known_ids(checks))
    wrong = [rule for rule in settings.rules() if rule not in known]
    if wrong:
        raise SettingsError(
            f"{settings.folder / 'pyproject.toml'}: no such rule: {', '.join(map(repr, wrong))}; "
            f"`{program} check --rules` lists them"
        )
    return settings


def _known_rule(rule: str, checks: Sequence[Check], program: str, option: str = "--explain") -> str:
    """A rule by its id, or by its old one."""
    known = known_ids(checks)
    if rule in known:
        return rule
    renamed = rule.replace(_OLD, _NEW, 1) if rule.startswith(_OLD) else ""
    if renamed in known:
        echo_labelled("warning", f"{rule} is {renamed} now: the next release knows that name alone")
        return renamed
    near = near_names(renamed or rule, known)
    hint = f" (did you mean {near[0]}?)" if near else ""
    raise click.BadParameter(
        f"no such rule: {rule!r}{hint}; `{program} check --rules` lists them", param_hint=option
    )


def _print_rules(checks: Sequence[Check], problems: Sequence[str], *, as_json: bool) -> None:
    fields = ("id", "severity", "what", "why", "remedy", "at_synthesis")
    if as_json:
        rules: list[dict[str, Any]] = [
            {field: getattr(check, field) for field in fields} for check in checks
        ]
        echo_json({"rules": rules, "problems": problems})
        return
    echo_table(
        ("RULE", "SEVERITY", "WHAT IT FINDS", "WHY"),
        [(check.id, check.severity, check.what, check.why) for check in checks],
    )
    for problem in problems:
        echo_labelled("error", problem)
