"""The pages that tools write are of the project as it is."""

from __future__ import annotations

import runpy
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.proofs import FULL

from sfn_fragments import get_registry
from sfn_fragments.first_party import FRAGMENTS

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


def tool(name: str) -> dict[str, Any]:
    return runpy.run_path(str(ROOT / "tools" / f"{name}.py"))


def pages_of_navigation() -> Iterator[str]:
    """The path of each page that the site's navigation leads to."""

    def leaves(item: Any) -> Iterator[str]:
        if isinstance(item, str):
            yield item
        else:
            for inner in item.values() if isinstance(item, dict) else item:
                yield from leaves(inner)

    project = tomllib.loads((ROOT / "zensical.toml").read_text(encoding="utf-8"))["project"]
    yield from leaves(project["nav"])


def test_every_fragment_has_a_page_which_the_site_leads_to() -> None:
    listed = [*pages_of_navigation()]
    index = (DOCS / "fragments.md").read_text(encoding="utf-8")
    assert {f"{name}.md" for name in FRAGMENTS} == {
        file.name for file in (DOCS / "fragments").iterdir()
    }
    for name in FRAGMENTS:
        assert f"fragments/{name}.md" in listed
        assert f"(fragments/{name}.md)" in index


@pytest.mark.parametrize("name", FRAGMENTS if FULL else ["core.lambda_function"])
def test_the_page_of_a_fragment_is_of_the_fragment_as_it_is(name: str) -> None:
    page = (DOCS / "fragments" / f"{name}.md").read_text(encoding="utf-8")
    written = tool("write_fragment_pages")["pages"]([name])[name]
    assert page == written, f"run python tools/write_fragment_pages.py {name}"


@pytest.mark.parametrize("name", FRAGMENTS)
def test_the_page_of_a_fragment_leaves_nothing_out(name: str) -> None:
    page = (DOCS / "fragments" / f"{name}.md").read_text(encoding="utf-8")
    parts = ("what-it-does", "when-to-use-it", "what-it-deletes", "example", "permissions")
    for title in parts:
        heading = f"## {title.replace('-', ' ').capitalize()}\n\n"
        assert heading in page
        assert not page.partition(heading)[2].startswith("\n")
    assert "Not described." not in page
    assert get_registry().spec(name).summary in page
