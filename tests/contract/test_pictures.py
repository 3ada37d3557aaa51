"""The pictures in the documentation are those of the fragments as they are."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest
from tests.proofs import FULL

ROOT = Path(__file__).parents[2]
TOOL = runpy.run_path(str(ROOT / "tools" / "draw_fragments.py"))
PICTURES: Path = TOOL["FOLDER"]


def test_every_fragment_has_a_picture_which_a_page_shows() -> None:
    files = {file.name for file in PICTURES.glob("*.svg")}
    assert files == {f"{name}.svg" for name in TOOL["names"]()}
    page = (ROOT / "docs" / "pictures.md").read_text(encoding="utf-8")
    assert [file for file in sorted(files) if f"(pictures/{file})" not in page] == []


@pytest.mark.parametrize("name", TOOL["names"]() if FULL else ["core.lambda_function"])
def test_a_picture_is_of_the_fragment_as_it_is(name: str) -> None:
    drawn = (PICTURES / f"{name}.svg").read_text(encoding="utf-8")
    assert drawn == TOOL["picture"](name), "run python tools/draw_fragments.py"
