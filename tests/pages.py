"""What the pages of the documentation tell a reader to type, read and followed."""

from __future__ import annotations

import re
import shlex
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

DOCS = Path(__file__).parents[1] / "docs"

_BLOCK = re.compile(
    r"^(?P<indent> *)```(?P<head>[^`\n]*)\n(?P<body>.*?)^(?P=indent)```$", re.M | re.S
)


@dataclass(frozen=True)
class Block:
    """A fenced block of a page: language, ``title="…"`` if it has one, text and line."""

    language: str
    title: str | None
    text: str
    line: int


@dataclass
class Command:
    """A line to type, and what has to be seen."""

    line: str
    shown: list[str] = field(default_factory=list)

    @property
    def fails(self) -> bool:
        """Whether the page says that it does: the first thing to be seen is ``FAILED``."""
        return self.shown[:1] != [] and self.shown[0].startswith("FAILED")


@dataclass
class File:
    """A file to write."""

    path: str
    text: str


def blocks(page: Path) -> list[Block]:
    """All fenced blocks of a page, in their order.

    Args:
        page: A file of Markdown.
    """
    text = page.read_text(encoding="utf-8")
    found = []
    for match in _BLOCK.finditer(text):
        language, _, rest = match["head"].strip().partition(" ")
        titled = re.search(r'title="(.+?)"', rest)
        body = re.sub(f"^{match['indent']}", "", match["body"], flags=re.M)
        line = text.count("\n", 0, match.start()) + 1
        found.append(Block(language, titled[1] if titled else None, body, line))
    return found


def commands(block: Block) -> list[Command]:
    """The lines of a block of commands, each with what it shows.

    A line that ends with a backslash goes on, and so does one whose quotation is still open.
    """
    found: list[Command] = []
    lines = iter(block.text.splitlines())
    for line in lines:
        if line.startswith("$ "):
            typed = line.removeprefix("$ ")
            while typed.endswith("\\") or _is_open(typed):
                typed += f"\n{next(lines)}"
            found.append(Command(typed))
        else:
            assert found, f"line {block.line}: shows {line!r} before a command"
            found[-1].shown.append(line)
    return found


def _is_open(line: str) -> bool:
    try:
        shlex.split(line, comments=True)
    except ValueError:
        return True
    return False


def steps(page: Path) -> list[Command | File]:
    """What a page tells to do: files to write (blocks with a title), and commands to type.

    Args:
        page: A page each block of which is something to do.
    """
    found: list[Command | File] = []
    for block in blocks(page):
        if block.title:
            found.append(File(block.title, block.text))
        else:
            assert block.language == "console", f"{page.name}:{block.line}: {block.language}"
            found.extend(commands(block))
    return found


def seen(shown: str, output: str) -> bool:
    """Whether a line was shown; dots in it stand for what differs from time to time."""
    parts = map(re.escape, shown.split("..."))
    return re.search(".*".join(parts).strip(), output) is not None


def follow(todo: Iterable[Command | File], folder: Path, environment: Mapping[str, str]) -> Path:
    """Do what a page tells, and look whether all that it shows is seen.

    Args:
        todo: What to do.
        folder: Where the reader begins.
        environment: The variables of the reader's shell.

    Returns:
        The folder where the reader ends.
    """
    for step in todo:
        if isinstance(step, File):
            path = folder / step.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(step.text, encoding="utf-8")
        elif step.line.startswith("cd "):
            folder = (folder / shlex.split(step.line)[1]).resolve()
        else:
            done = subprocess.run(
                step.line,
                shell=True,
                cwd=folder,
                env=dict(environment),
                capture_output=True,
                text=True,
                check=False,
            )
            output = done.stdout + done.stderr
            assert (done.returncode != 0) == step.fails, f"{step.line}: {output}"
            missing = [line for line in step.shown if not seen(line, output)]
            assert missing == [], f"{step.line}: {output}"
    return folder
