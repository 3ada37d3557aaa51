"""docs/pictures.md shows what the commands print, and its code runs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from click.testing import CliRunner

from sfn_fragments_asl.cli.group import main

if TYPE_CHECKING:
    import pytest

GUIDE = (Path(__file__).parents[2] / "docs" / "pictures.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", GUIDE, re.DOTALL | re.MULTILINE)


def test_it_prints_what_the_guide_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, definition in zip(("old", "new"), blocks("json"), strict=True):
        Path(f"{name}.asl.json").write_text(definition)
    (shown,) = [block for block in blocks("console") if "state changed" in block]
    command, _, expected = shown.partition("\n")
    result = CliRunner().invoke(main, command.split()[2:])
    assert (result.stdout.rstrip(), result.exit_code) == (expected.rstrip(), 1)


def test_its_code_runs() -> None:
    (code,) = blocks("python")
    exec(code, {})
