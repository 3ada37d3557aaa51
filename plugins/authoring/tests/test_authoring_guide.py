"""The pages tell what there is: each test of the suites by its number, and each finding."""

from __future__ import annotations

import re
from pathlib import Path

from sfn_fragments_authoring import findings, inspection
from sfn_fragments_authoring.testing import FragmentSuite, PluginSuite

DOCS = Path(__file__).parents[3] / "docs"


def test_each_test_of_the_suites_is_in_the_table_by_its_number() -> None:
    page = (DOCS / "suites.md").read_text(encoding="utf-8")
    table = re.findall(r"^\| ([FP]\d+) \| `(\w+)` \|", page, flags=re.MULTILINE)
    found = []
    for suite in (FragmentSuite, PluginSuite):
        for name in dir(suite):
            if name.startswith("test_"):
                number = re.match(r"([FP]\d+): ", getattr(suite, name).__doc__ or "")
                assert number is not None, f"{suite.__name__}.{name} cites no scenario"
                found.append((number[1], name))
    assert sorted(found) == sorted(table)
    numbers = [number for number, _ in table]
    assert numbers == [f"F{each}" for each in range(1, 10)] + [f"P{each}" for each in range(1, 9)]


def test_each_finding_is_in_the_table() -> None:
    page = (DOCS / "plugins.md").read_text(encoding="utf-8")
    section = page.partition("### What is found")[2]
    table = re.findall(r"^\| `([a-z-]+)`", section, flags=re.MULTILINE)
    source = "".join(
        Path(str(module.__file__)).read_text(encoding="utf-8") for module in (findings, inspection)
    )
    named = set(re.findall(r'Finding\(\s*"([a-z-]+)"', source))
    assert named == {*table}
    assert 'Finding(f"failed-{problem.stage}"' in source
    assert "| `failed-…` |" in section
