"""``check``: limits and mistakes of state machines, before they are deployed."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

import click

from sfn_fragments_asl.checks import Report, run_checks
from sfn_fragments_asl.cli.output import echo_heading, echo_json, echo_labelled, echo_table
from sfn_fragments_asl.near_names import near_names
from sfn_fragments_asl.reading.files import find_state_machines

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sfn_fragments_asl.checks import Check, Finding
    from sfn_fragments_asl.reading.templates import FoundMachine

_FOUND = 1
_NOTHING_READ = 2


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
  {program} check template.yaml machine.asl.json --strict
  {program} check cdk.out --ignore core.missing-retry --json
  {program} check --rules""",
    )
    @click.argument("paths", nargs=-1, metavar="PATH...")
    @click.option("--rules", is_flag=True, help="List the rules instead.")
    @click.option("--ignore", multiple=True, metavar="RULE", help="Leave a rule out. Repeatable.")
    @click.option("--strict", is_flag=True, help="Warnings make the exit code 1 too.")
    @click.option("--json", "as_json", is_flag=True, help="Print JSON.")
    @click.pass_context
    def command(
        context: click.Context,
        paths: tuple[str, ...],
        rules: bool,
        ignore: tuple[str, ...],
        strict: bool,
        as_json: bool,
    ) -> None:
        """Check the state machines in each PATH.

        A PATH is a cloud assembly (the folder that `cdk synth` writes), a CloudFormation template
        or a definition in the States Language; JSON, or YAML where PyYAML is installed. The state
        machines need not be made with this library.

        Exit codes: 0 no errors, 1 errors found, or a plugin, a rule or a state machine left out
        because of a problem, 2 wrong use, or nothing that can be read.
        """
        checks, refused = collect()
        _refuse_unknown(ignore, checks, program)
        checks = [check for check in checks if check.id not in ignore]
        if rules:
            _print_rules(checks, refused, as_json)
        elif paths:
            context.exit(_check(paths, checks, refused, strict=strict, as_json=as_json))
        else:
            raise click.UsageError(
                "give a PATH: a cloud assembly such as cdk.out, a template or a definition", context
            )

    return command


def _check(
    paths: Sequence[str],
    checks: Sequence[Check],
    refused: Sequence[str],
    *,
    strict: bool,
    as_json: bool,
) -> int:
    """Check what is in the paths, and print what is found; returns the exit code."""
    machines, unreadable = find_state_machines(paths)
    problems = [*refused, *unreadable]
    if not machines:
        for problem in problems:
            echo_labelled("error", problem)
        return _NOTHING_READ
    reports = [(machine, run_checks(machine.checked, checks)) for machine in machines]
    failed = {
        f"rule {check.id!r} could not run: {error}": None
        for _, report in reports
        for check, error in report.problems
    }
    problems += failed
    if as_json:
        echo_json(
            {
                "state_machines": [
                    {"file": str(machine.file), "name": machine.name} for machine in machines
                ],
                "findings": [
                    _as_json(machine, check, finding)
                    for machine, report in reports
                    for check, finding in report.findings
                ],
                "problems": problems,
            }
        )
    else:
        _print_reports(reports, len(checks))
        for problem in problems:
            echo_labelled("error", problem)
    severities = [check.severity for _, report in reports for check, _ in report.findings]
    return _FOUND if problems or "error" in severities or (strict and severities) else 0


def _refuse_unknown(ignored: Sequence[str], checks: Sequence[Check], program: str) -> None:
    known = [check.id for check in checks]
    wrong = []
    for rule in ignored:
        if rule not in known:
            near = near_names(rule, known)
            wrong.append(f"{rule!r}" + (f" (did you mean {near[0]}?)" if near else ""))
    if wrong:
        raise click.BadParameter(
            f"no such rule: {', '.join(wrong)}; `{program} check --rules` lists them",
            param_hint="--ignore",
        )


def _print_rules(checks: Sequence[Check], problems: Sequence[str], as_json: bool) -> None:
    fields = ("id", "severity", "what", "why", "remedy", "at_synthesis")
    if as_json:
        rules = [{field: getattr(check, field) for field in fields} for check in checks]
        echo_json({"rules": rules, "problems": problems})
        return
    echo_table(
        ("RULE", "SEVERITY", "WHAT IT FINDS", "WHY"),
        [(check.id, check.severity, check.what, check.why) for check in checks],
    )
    for problem in problems:
        echo_labelled("error", problem)


def _as_json(machine: FoundMachine, check: Check, finding: Finding) -> dict[str, Any]:
    return {
        "rule": check.id,
        "severity": check.severity,
        "file": str(machine.file),
        "state_machine": machine.name,
        "place": finding.place,
        "message": finding.message,
        "why": check.why,
        "remedy": finding.remedy,
    }


def _print_reports(reports: Sequence[tuple[FoundMachine, Report]], rules: int) -> None:
    counts = {"error": 0, "warning": 0}
    for machine, report in reports:
        if not report.findings:
            continue
        echo_heading(f"{machine.file}: {machine.name}")
        ordered = sorted(report.findings, key=lambda each: (each[0].severity, each[0].id))
        for check, found in groupby(ordered, key=lambda each: each[0]):
            click.echo(f"  {check.severity}  {check.id}")
            remedies: dict[str, None] = {}
            for _, finding in found:
                counts[check.severity] += 1
                click.echo(f"    {finding.place}: {finding.message}")
                remedies[finding.remedy] = None
            click.echo(f"    why:    {check.why}")
            for remedy in remedies:
                click.echo(f"    remedy: {remedy}")
        click.echo()
    click.echo(
        f"{_counted(counts['error'], 'error')} and {_counted(counts['warning'], 'warning')} "
        f"in {_counted(len(reports), 'state machine')}, by {_counted(rules, 'rule')}"
    )


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
