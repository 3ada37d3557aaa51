"""The example of each rule, as the guide shows it: the rule finds the one, and not the other."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from sfn_fragments_asl.checks import builtin_checks, run_checks
from sfn_fragments_asl.checks.examples import EXAMPLES, as_text
from sfn_fragments_asl.reading.files import find_state_machines

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from typing import Any


def found(folder: Path, content: Mapping[str, Any]) -> set[str]:
    file = folder / "example.json"
    file.write_text(json.dumps(content))
    [machine], problems = find_state_machines([str(file)])
    assert problems == []
    report = run_checks(machine.checked, builtin_checks())
    assert report.problems == ()
    return {check.id for check, _ in report.findings}


def test_every_rule_has_an_example() -> None:
    assert set(EXAMPLES) == {check.id for check in builtin_checks()}


@pytest.mark.parametrize("rule", EXAMPLES)
def test_an_example(rule: str, tmp_path: Path) -> None:
    example = EXAMPLES[rule]
    assert rule in found(tmp_path, example.found)
    assert rule not in found(tmp_path, example.fine)
    assert len(as_text(example.found)) < 3_000
