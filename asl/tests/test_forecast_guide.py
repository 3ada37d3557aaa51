"""docs/forecast.md shows what the command prints, and its code runs."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from click.testing import CliRunner

from sfn_fragments_asl.cli.group import main
from sfn_fragments_asl.forecast import events
from sfn_fragments_asl.model.machine import Machine

if TYPE_CHECKING:
    import pytest

GUIDE = (Path(__file__).parents[2] / "docs" / "forecast.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", GUIDE, re.DOTALL | re.MULTILINE)


def test_it_prints_what_the_guide_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (definition,) = blocks("json")
    Path("machine.asl.json").write_text(definition)
    (shown,) = [block for block in blocks("console") if "HOW MANY" in block]
    command, _, expected = shown.partition("\n")
    _, program, *arguments = shlex.split(command)
    assert program == "sfn-asl"
    result = CliRunner().invoke(main, arguments)
    assert result.stdout.rstrip() == expected.rstrip()
    without = CliRunner().invoke(main, arguments[:2])
    assert "3 or more" in without.stdout


def test_its_code_runs() -> None:
    (code,) = blocks("python")
    exec(code, {})


def test_its_table_is_that_of_the_arithmetic() -> None:
    rows = dict(re.findall(r"^\| ([A-Za-z, ]+) \| (\d)", GUIDE, re.MULTILINE))
    assert int(rows["the execution"]) == events.EXECUTION_EVENTS
    for names, kind in (("Pass, Wait, Choice, Succeed", "Pass"), ("Task", "Task"), ("Map", "Map")):
        assert int(rows[names]) == own(kind), names
    assert int(rows["distributed Map"]) == own("Map", ProcessorConfig={"Mode": "DISTRIBUTED"})


def own(kind: str, **processor: object) -> int:
    fields = {"Type": kind, "ItemProcessor": processor, "End": True}
    return events.own_events(Machine({"StartAt": "A", "States": {"A": fields}}).states["A"])
