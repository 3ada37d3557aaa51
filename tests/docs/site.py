"""The documentation site, built from the working tree and read without a browser."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from tests.browser import NEEDED

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]

#: Elements without an end.
_VOID = {
    "area",
    "base",
    "br",
    "col",
    "embed",
    "hr",
    "img",
    "input",
    "link",
    "meta",
    "source",
    "wbr",
}

#: Elements whose text is code, or nothing that is read.
_NOT_PROSE = {"code", "pre", "script", "style", "svg"}


#: Markup of docstrings, which a page would show as it stands: roles, directives, fields, literals.
MARKUP = re.compile(
    r":(?:py:)?(?:attr|class|data|doc|exc|func|meth|mod|obj|ref|term):"
    r"|^[ ]*\.\. [\w-]+::?"
    r"|:(?:param|raises|returns?|rtype|type)\b[^:\n]*:"
    r"|``",
    re.M,
)


def build(folder: Path) -> Path:
    """Build the site, strict, of a copy of the pages: the repository stays as it is.

    Args:
        folder: An empty folder.

    Returns:
        The folder of the site.
    """
    if find_spec("zensical") is None:
        if os.environ.get(NEEDED):
            pytest.fail(f"{NEEDED} is set, and there is no zensical: `uv sync --all-groups`")
        pytest.skip("the site is built where the group `docs` is installed, as CI has it")
    # Pages have to be in the folder of the settings, and links to either would lead back here.
    shutil.copytree(ROOT / "docs", folder / "docs")
    shutil.copy(ROOT / "zensical.toml", folder)
    for entry in ROOT.iterdir():
        if not (
            entry.name.startswith(".") or entry.name == "site" or (folder / entry.name).exists()
        ):
            (folder / entry.name).symlink_to(entry)
    done = subprocess.run(
        [sys.executable, "-m", "zensical", "build", "--strict"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "site"


@dataclass
class Html:
    """What a page has for a reader and for who links to it."""

    #: Targets of links, and what the page loads, as they are written.
    links: list[str] = field(default_factory=list)
    #: Anchors.
    ids: set[str] = field(default_factory=set)
    #: Text that is no code.
    prose: str = ""


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page = Html()
        self.within: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.page.links += [given[name] or "" for name in ("href", "src") if name in given]
        self.page.ids |= {given[name] or "" for name in ("id", "name") if name in given}
        if tag not in _VOID:
            self.within.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self.within and self.within.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not _NOT_PROSE.intersection(self.within):
            self.page.prose += data


def read(path: Path) -> Html:
    """Read a page.

    Args:
        path: A file of HTML.
    """
    reader = _Reader()
    reader.feed(path.read_text(encoding="utf-8"))
    return reader.page


def broken(site: Path, pages: dict[str, Html]) -> Iterator[str]:
    """The links within a site that lead nowhere.

    Args:
        site: Its folder.
        pages: Its pages, by path from there.
    """
    for name, page in pages.items():
        # What is not found is shown at any address: its links begin at the root.
        for link in page.links:
            target = urlsplit(urljoin(f"http://site/{name}", link))
            if target.netloc != "site" or target.scheme != "http":
                continue
            path = unquote(target.path).removeprefix("/")
            if path.endswith("/") or not path:
                path += "index.html"
            if not (site / path).is_file():
                yield f"{name}: {link}"
            elif target.fragment and unquote(target.fragment) not in pages[path].ids | {"__top"}:
                yield f"{name}: {link}, which has no such anchor"


@contextmanager
def served(site: Path) -> Iterator[str]:
    """Serve a site on this machine.

    Yields:
        Its address, with a slash.
    """

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(site))) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/"
        finally:
            server.shutdown()
            thread.join()
