"""docs/checks.md shows the rules as they are."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    path = ROOT / "tools" / "refresh_checks_table.py"
    spec = importlib.util.spec_from_file_location("refresh_checks_table", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_table_is_current(tool: ModuleType) -> None:
    text = (ROOT / "docs" / "checks.md").read_text(encoding="utf-8")
    assert text == tool.refreshed(text), "run python tools/refresh_checks_table.py"


def test_every_rule_is_documented(tool: ModuleType) -> None:
    for check in tool.rules():
        assert check.what, check.id
        assert check.why, check.id
        assert check.remedy, check.id
