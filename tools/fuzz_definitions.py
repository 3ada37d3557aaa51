"""Change definitions at random, and look for tracebacks and for what takes too long.

Run with: ``uv run python tools/fuzz_definitions.py [COUNT] [SEED]``; 10,000 by default. The suite
runs some of them. Begun with are the examples of the rules; what is found is printed with its seed.
"""

from __future__ import annotations

import json
import random
import sys
import time
import xml.etree.ElementTree as ET
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sfn_fragments_asl.checks import builtin_checks, run_checks
from sfn_fragments_asl.checks.examples import EXAMPLES
from sfn_fragments_asl.comparing import compare_machines
from sfn_fragments_asl.drawing import draw
from sfn_fragments_asl.forecast.forecast import forecast
from sfn_fragments_asl.model.machine import Machine
from sfn_fragments_asl.permissions import derive_permissions, policy_document
from sfn_fragments_asl.reading.definition_files import read_content
from sfn_fragments_asl.reading.files import machines_in

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Seconds that reading and checking one definition may take.
MOST_SECONDS = 5.0
_CHECKS = builtin_checks()
_VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1.5, 10**30, float("inf"), "", "A", "$", "$.a", "$.a[", "$$", "$x",
    "{% 1 %}", "{% $x %", "{%", "%}", "{% $f($states.input %}", "{% $states.a.b %}", "${A}", "${",
    "States.Format('{}', $.a)", "States.X(", "States.ALL", "arn:aws:states:::lambda:invoke",
    "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "arn:${AWS::Partition}:states:::s3:x",
    "2030-01-31T12:00:00Z", "JSONata", "DISTRIBUTED", "Map", "Parallel", "Choice", "Task", [], {},
    [[]], {"Fn::Sub": "${A}"}, {"Fn::Join": None}, {"Ref": "A"}, {"a.$": "$.a"}, "\\" * 2000,
    "x" * 5000, "\u2028\U0001f600", "sfn-fragments: ignore[asl.path]",
)  # fmt: skip
_NAMES = (
    "Type", "Next", "End", "States", "StartAt", "Parameters", "Arguments", "Output", "Assign",
    "Catch", "Retry", "ErrorEquals", "Choices", "Variable", "And", "Not", "ItemProcessor",
    "ItemReader", "ReaderConfig", "ItemBatcher", "ResultWriter", "Label", "Branches", "Result",
    "QueryLanguage", "Resource", "Credentials", "Comment", "Timestamp", "a.$", "", "${A}", "a/b~c",
)  # fmt: skip


def mutants(count: int, seed: int) -> Iterator[tuple[int, str]]:
    """Definitions and templates, changed at random.

    Args:
        count: How many.
        seed: Of the first; each further one has the next.

    Yields:
        The seed, and the text.
    """
    # What is long takes long to change, and nothing else.
    originals = [
        content
        for example in EXAMPLES.values()
        for content in (example.found, example.fine)
        if len(json.dumps(content)) < 5_000
    ]
    for number in range(seed, seed + count):
        chance = random.Random(number)  # noqa: S311, repeatable, and no secret
        content = deepcopy(dict(chance.choice(originals)))
        for _ in range(chance.randint(1, 6)):
            _change(content, chance, originals)
        text = json.dumps(content)
        if chance.random() < 0.1:
            at = chance.randrange(len(text))
            text = (
                text[:at] + chance.choice(("", "}", '"', "\\", "${A}", "\ud800")) + text[at + 1 :]
            )
        yield number, text


def _change(content: Any, chance: random.Random, originals: list[Any]) -> None:
    """Change one place of a definition."""
    holders = list(_holders(content))
    holder = chance.choice(holders)
    keys: list[Any] = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
    kind = chance.randrange(6)
    if not keys or kind == 0:
        value = deepcopy(chance.choice(_VALUES))
        if isinstance(holder, dict):
            holder[chance.choice(_NAMES)] = value
        else:
            holder.append(value)
        return
    key = chance.choice(keys)
    if kind == 1:
        del holder[key]
    elif kind == 2:
        holder[key] = deepcopy(chance.choice(holders))
    elif kind == 3:
        other = chance.choice(originals)
        holder[key] = deepcopy(chance.choice(list(_holders(other))))
    elif kind == 4 and isinstance(holder, dict):
        holder[chance.choice(_NAMES)] = holder.pop(key)
    else:
        holder[key] = deepcopy(chance.choice(_VALUES))


def _holders(value: Any) -> Iterator[Any]:
    """The objects and lists in a value."""
    if isinstance(value, dict | list):
        yield value
        for item in value.values() if isinstance(value, dict) else value:
            yield from _holders(item)


def problem_of(text: str) -> str | None:
    """What goes wrong when a text is read and checked; None where nothing does.

    Args:
        text: A definition or a template, or what was one.
    """
    started = time.monotonic()
    file = Path("mutant.json")
    try:
        content, places = read_content(text, str(file), file)
        machines, _ = machines_in(content, file, places)
    except ValueError:
        # It is refused, in one line.
        machines = []
    for machine in machines:
        report = run_checks(machine.checked, _CHECKS)
        if report.problems:
            check, error = report.problems[0]
            return f"{check.id}: {error}"
        for _, finding in report.findings:
            machine.place_of(finding.pointer)
            finding.message.encode()
        graph = machine.definition.machine
        policy_document(derive_permissions(graph, ""), machine.definition)
        forecast(graph, express=machine.checked.express)
        ET.fromstring(draw(graph).svg())  # noqa: S314 - the picture that was just drawn
        if not compare_machines(graph, Machine(machine.definition.states)).same:
            return "it differs from itself"
    seconds = time.monotonic() - started
    return f"it took {seconds:.1f} s" if seconds > MOST_SECONDS else None


def main(count: int = 10_000, seed: int = 0) -> int:
    """Print what goes wrong, and how long it took; returns the exit code."""
    started = time.monotonic()
    wrong = 0
    for number, text in mutants(count, seed):
        try:
            problem = problem_of(text)
        except Exception as error:
            problem = f"{type(error).__name__}: {error}"
        if problem is not None:
            wrong += 1
            print(f"seed {number}: {problem}\n  {text[:2000]}")
    print(f"{count} definitions in {time.monotonic() - started:.1f} s, {wrong} problems")
    return bool(wrong)


if __name__ == "__main__":
    raise SystemExit(main(*map(int, sys.argv[1:])))
