"""The tutorial, typed: from an empty folder and the built wheels to an installed plugin."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import uuid
from dataclasses import dataclass, field
from pathlib import Path

from tests.proofs import long_proof

from sfn_fragments_authoring.names import project_name
from sfn_fragments_authoring.scaffold import render_project

PAGE = (Path(__file__).parents[2] / "docs" / "tutorial.md").read_text(encoding="utf-8")


@dataclass
class Command:
    """A line to type, and what has to be seen."""

    line: str
    shown: list[str] = field(default_factory=list)


@dataclass
class File:
    """A file to write."""

    path: str
    text: str


def steps() -> list[Command | File]:
    """What the page tells to do, in its order; every block of it is something to do."""
    found: list[Command | File] = []
    for head, body in re.findall(r"^```(.+?)\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL):
        if titled := re.fullmatch(r'\w+ title="(.+)"', head):
            found.append(File(titled[1], body))
            continue
        assert head == "console", head
        for line in body.splitlines():
            if line.startswith("$ "):
                found.append(Command(line.removeprefix("$ ")))
            else:
                command = found[-1]
                assert isinstance(command, Command), line
                command.shown.append(line)
    return found


def seen(shown: str, output: str) -> bool:
    """Whether a line was shown; dots in it stand for what differs from time to time."""
    parts = map(re.escape, shown.split("..."))
    return re.search(".*".join(parts).strip(), output) is not None


def test_the_page_changes_what_is_scaffolded() -> None:
    """Its files are those of the project, or new ones; nothing of them is left behind."""
    project = render_project(project_name("geo.tile"), "fragment")
    files = {step.path: step.text for step in steps() if isinstance(step, File)}
    assert files.keys() - project.keys() == {"tests/test_skipping.py", "app.py"}
    for path in files.keys() & project.keys():
        named = re.findall(r"^(?:def|class) \w+|^import \w+", project[path], flags=re.MULTILINE)
        assert [name for name in named if name not in files[path]] == [], path
    lines = [step.line for step in steps() if isinstance(step, Command)]
    assert any(line.startswith("uv build") for line in lines)


@long_proof
def test_what_the_page_says_happens(wheels: Path, tmp_path: Path) -> None:
    # Wheels that were built anew under their old names are not taken from a cache by a new path.
    links = tmp_path / uuid.uuid4().hex
    shutil.copytree(wheels, links)
    own = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    for name in ("VIRTUAL_ENV", "UV_PROJECT_ENVIRONMENT", "PYTHONPATH"):
        own.pop(name, None)
    own |= {"UV_FIND_LINKS": str(links), "UV_NO_CONFIG": "1", "NO_COLOR": "1"}
    folder = tmp_path / "empty"
    folder.mkdir()
    for step in steps():
        if isinstance(step, File):
            (folder / step.path).write_text(step.text, encoding="utf-8")
        elif step.line.startswith("cd "):
            folder = (folder / shlex.split(step.line)[1]).resolve()
        else:
            done = subprocess.run(
                step.line,
                shell=True,
                cwd=folder,
                env=own,
                capture_output=True,
                text=True,
                check=False,
            )
            output = done.stdout + done.stderr
            assert done.returncode == 0, f"{step.line}: {output}"
            missing = [line for line in step.shown if not seen(line, output)]
            assert missing == [], f"{step.line}: {output}"
