"""Write docs/llms.txt anew: the pages of the site, for programs that read them (llmstxt.org).

Run it after a change to the navigation, a title or a first sentence:
``uv run python tools/write_llms.py``.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
FILE = DOCS / "llms.txt"

_TITLE = re.compile(r"^# (.+)$", re.M)
_SENTENCE = re.compile(r".+?[.!?](?=\s+[A-Z`]|$)|.+")
_LINK = re.compile(r"!?\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])")
#: A file that a page includes: all of it, some of its lines, or a part that has a name there.
_INCLUDED = re.compile(
    r'^--8<-- "(?P<path>[^":]+)(?::(?P<part>[a-z]\w*)|:(?P<first>\d*))?(?::(?P<last>\d*))?"$', re.M
)
#: Attributes of Markdown, such as the anchor of a heading.
_ATTRIBUTES = re.compile(r"\s*\{[ #.:][^}]*\}")


def text() -> str:
    """The text of the file."""
    site = tomllib.loads((ROOT / "zensical.toml").read_text(encoding="utf-8"))["project"]
    parts = [f"# {site['site_name']}\n\n> {site['site_description']}\n"]
    for item in site["nav"]:
        for title, inner in item.items():
            lines = [_line(page) for page in pages(inner)]
            parts.append(f"## {title}\n\n" + "\n".join(lines) + "\n")
    return "\n".join(parts)


def pages(item: Any) -> Iterator[str]:
    """The path of each page below a part of the navigation.

    Args:
        item: A path, a list, or titles with what is below them.
    """
    if isinstance(item, str):
        yield item
    else:
        for inner in item.values() if isinstance(item, dict) else item:
            yield from pages(inner)


def _line(page: str) -> str:
    content = _INCLUDED.sub(_file, (DOCS / page).read_text(encoding="utf-8"))
    title = _TITLE.search(content)
    if title is None:
        raise SystemExit(f"docs/{page} has no title: begin it with one, as # Title")
    told = _first_sentence(content[title.end() :])
    return f"- [{_plain(title[1])}]({_address(page)}){told and f': {told}'}"


def _file(included: re.Match[str]) -> str:
    """What stands in a page by the name of a file."""
    text = (ROOT / included["path"]).read_text(encoding="utf-8")
    if part := included["part"]:
        return text.partition(f"[start:{part}]")[2].partition("\n")[2].partition("--8<--")[0]
    lines = text.splitlines(keepends=True)
    return "".join(lines[int(included["first"] or 1) - 1 : int(included["last"] or len(lines))])


def _address(page: str) -> str:
    """Where the site has a page, from its root."""
    path = page.removesuffix(".md").removesuffix("index")
    return f"{path.rstrip('/')}/" if path else "./"


def _first_sentence(content: str) -> str:
    """The first sentence of a page; empty where it has no paragraph."""
    for paragraph in re.split(r"\n\s*\n", content):
        first = paragraph.strip()
        # Neither a heading, a picture, a table, a block, a list, nor HTML.
        if first and not first.startswith(("#", "!", "|", "`" * 3, "<", "-")):
            found = _SENTENCE.match(" ".join(first.split()))
            return _plain(found[0]).rstrip(":") if found else ""
    return ""


def _plain(markdown: str) -> str:
    """A text in one line, without links, attributes and marks of code and emphasis."""
    text = _ATTRIBUTES.sub("", _LINK.sub(r"\1", markdown))
    return " ".join(re.sub(r"[`*]", "", text).split())


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
