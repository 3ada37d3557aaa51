"""How findings are printed: for people, for programs, for code scanning, and for GitHub."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib.metadata import version
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import click

from sfn_fragments_asl.cli.output import echo_json, echo_labelled
from sfn_fragments_asl.cli.settings import LEVELS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sfn_fragments_asl.checks import Check
    from sfn_fragments_asl.cli.reported import Reported
    from sfn_fragments_asl.reading.templates import FoundMachine

_COLOURS = {"error": "red", "warning": "yellow", "advice": "cyan"}
_SARIF_LEVELS = {"error": "error", "warning": "warning", "advice": "note"}
_GITHUB_LEVELS = {"error": "error", "warning": "warning", "advice": "notice"}
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


@dataclass(frozen=True)
class Outcome:
    """What a check came to.

    Attributes:
        machines: The state machines that were looked at.
        checks: The rules that were asked.
        told: The findings that are told.
        problems: What was not read, and rules that could not run.
        untold: How many findings each level has that is not told.
        known: How many findings the baseline knows.
        excused: How many findings a comment excuses.
    """

    machines: Sequence[FoundMachine]
    checks: Sequence[Check]
    told: Sequence[Reported]
    problems: Sequence[str]
    untold: Mapping[str, int] = field(default_factory=dict)
    known: int = 0
    excused: int = 0


def print_text(outcome: Outcome) -> None:
    """Print for people: a line for each finding that editors can open, then why and what to do."""
    ordered = sorted(
        outcome.told,
        key=lambda one: (LEVELS.index(one.check.severity), one.check.id),
    )
    by_machine: dict[int, list[Reported]] = {}
    for one in ordered:
        by_machine.setdefault(id(one.machine), []).append(one)
    for machine in outcome.machines:
        found = by_machine.get(id(machine), [])
        for check, group in groupby(found, key=lambda one: one.check):
            remedies: dict[str, None] = {}
            for one in group:
                click.echo(_line(one))
                remedies[one.finding.remedy] = None
            click.echo(f"    why:    {check.why}")
            for remedy in remedies:
                click.echo(f"    remedy: {remedy}")
        if found:
            click.echo()
    if outcome.machines:
        click.echo(_summary(outcome))
    for problem in outcome.problems:
        echo_labelled("error", problem)


def _line(one: Reported) -> str:
    place = one.place
    where = f":{place.line}:{place.column}" if place else ""
    severity = click.style(one.check.severity, fg=_COLOURS[one.check.severity], bold=True)
    pointer = f" ({one.pointer})" if one.pointer else ""
    of = one.machine.name
    machine = "" if of == one.machine.file.name else f"{of}: "
    return (
        f"{one.file}{where}: {severity} {one.check.id}: {machine}{one.finding.place}: "
        f"{one.finding.message}{pointer}"
    )


def _summary(outcome: Outcome) -> str:
    levels = [one.check.severity for one in outcome.told]
    counts = [_counted(levels.count(level), level) for level in ("error", "warning")]
    if "advice" in levels:
        counts.append(f"{levels.count('advice')} of advice")
    line = (
        f"{', '.join(counts[:-1])} and {counts[-1]} in "
        f"{_counted(len(outcome.machines), 'state machine')}, by "
        f"{_counted(len(outcome.checks), 'rule')}"
    )
    left_out = [
        f"{count} of {level} (--level {level} tells them)"
        if level == "advice"
        else f"{_counted(count, level)} (--level {level} tells them)"
        for level, count in outcome.untold.items()
        if count
    ]
    if outcome.known:
        left_out.append(f"{outcome.known} in the baseline")
    if outcome.excused:
        left_out.append(f"{outcome.excused} excused by comments")
    return f"{line}; not told: {', '.join(left_out)}" if left_out else line


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")


def print_json(outcome: Outcome) -> None:
    """Print for programs."""
    echo_json(
        {
            "state_machines": [
                {"file": str(machine.file), "name": machine.name} for machine in outcome.machines
            ],
            "findings": [one.as_json() for one in outcome.told],
            "not_told": {
                **{level: outcome.untold.get(level, 0) for level in LEVELS[1:]},
                "baseline": outcome.known,
                "excused": outcome.excused,
            },
            "problems": list(outcome.problems),
        }
    )


def print_sarif(outcome: Outcome) -> None:
    """Print SARIF 2.1.0, which code scanning takes."""
    index = {check.id: number for number, check in enumerate(outcome.checks)}
    notifications = [
        {"level": "error", "message": {"text": problem}} for problem in outcome.problems
    ]
    run = {
        "tool": {
            "driver": {
                "name": "sfn-fragments",
                "version": version("sfn-fragments-asl"),
                "rules": [_sarif_rule(check) for check in outcome.checks],
            }
        },
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {
                "executionSuccessful": not outcome.problems,
                "toolExecutionNotifications": notifications,
            }
        ],
        "results": [_sarif_result(one, index[one.check.id]) for one in outcome.told],
    }
    echo_json({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _sarif_rule(check: Check) -> dict[str, Any]:
    return {
        "id": check.id,
        "shortDescription": {"text": check.what or check.id},
        "fullDescription": {"text": check.why},
        "help": {"text": check.remedy or check.why},
        "defaultConfiguration": {"level": _SARIF_LEVELS[check.severity]},
    }


def _sarif_result(one: Reported, index: int) -> dict[str, Any]:
    place = one.place
    uri = _uri(one.file)
    physical: dict[str, Any] = {"artifactLocation": {"uri": uri}}
    if place is not None:
        physical["region"] = {"startLine": place.line, "startColumn": place.column}
    return {
        "ruleId": one.check.id,
        "ruleIndex": index,
        "level": _SARIF_LEVELS[one.check.severity],
        "message": {
            "text": f"{one.finding.place}: {one.finding.message}. Instead: {one.finding.remedy}"
        },
        "locations": [
            {
                "physicalLocation": physical,
                "logicalLocations": [
                    {
                        "name": one.finding.place,
                        "fullyQualifiedName": f"{one.machine.name}{one.pointer}",
                    }
                ],
            }
        ],
        # Lines move: what stays is the rule, the file and the place in the definition.
        "partialFingerprints": {
            "place/v2": ":".join(
                (one.check.id, uri, one.machine.name, one.pointer or one.finding.place)
            )
        },
    }


def _uri(file: Path) -> str:
    near = _from_here(file)
    # A blank, or a letter beyond ASCII, is written with % in a URI.
    return near.as_uri() if near.is_absolute() else quote(near.as_posix())


def _from_here(file: Path) -> Path:
    """A file's path from the working folder, where it lies in it."""
    return file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file


def print_github(outcome: Outcome) -> None:
    """Print the commands by which GitHub Actions annotates files."""
    for one in outcome.told:
        place = one.place
        position = f",line={place.line},col={place.column}" if place else ""
        message = f"{one.finding.place}: {one.finding.message}\n{one.check.why}\n"
        message += f"Instead: {one.finding.remedy}"
        # A path, and no URI.
        file = _property(_from_here(one.file).as_posix())
        click.echo(
            f"::{_GITHUB_LEVELS[one.check.severity]} file={file}{position},"
            f"title={_property(one.check.id)}::{_data(message)}"
        )
    for problem in outcome.problems:
        click.echo(f"::error title=not read::{_data(problem)}")
    click.echo(_summary(outcome))


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def known_ids(checks: Iterable[Check]) -> list[str]:
    """The ids of rules, and the prefixes that stand for all rules of a plugin."""
    ids = [check.id for check in checks]
    return [*ids, *dict.fromkeys(one.partition(".")[0] for one in ids)]
