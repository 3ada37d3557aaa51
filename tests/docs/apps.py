"""The apps that pages show, made as they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.pages import blocks

if TYPE_CHECKING:
    from pathlib import Path

    from tests.pages import Block


def titled(page: Path, title: str) -> Block:
    """The block of a page that is a file.

    Args:
        page: The page.
        title: The file's name.
    """
    [block] = [one for one in blocks(page) if one.title == title]
    return block


def app(page: Path, title: str = "app.py") -> dict[str, Any]:
    """Run the app of a page but for its end, whose work the engine does.

    Args:
        page: The page.
        title: The file's name.

    Returns:
        The names that it makes.
    """
    block = titled(page, title)
    text, end, _ = block.text.partition("\napp.synth()\n")
    assert end, f"{page.name}: {title} is no whole app"
    made: dict[str, Any] = {}
    exec(compile(f"{text}\n", f"{page.name}:{block.line}", "exec"), made)
    return made
