"""docs/rules.md shows the rules as they are."""

from __future__ import annotations

import runpy
from pathlib import Path
from types import SimpleNamespace

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def tool() -> SimpleNamespace:
    return SimpleNamespace(**runpy.run_path(str(ROOT / "tools" / "refresh_rules_page.py")))


def test_the_page_is_current(tool: SimpleNamespace) -> None:
    text = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
    assert text == tool.page(), "run python tools/refresh_rules_page.py"


def test_every_rule_is_documented(tool: SimpleNamespace) -> None:
    for check in tool.rules():
        assert check.what, check.id
        assert check.why, check.id
        assert check.remedy, check.id
