"""The tutorial, typed: from an empty folder and the built wheels to an installed plugin."""

from __future__ import annotations

import os
import re
import shutil
import uuid
from typing import TYPE_CHECKING

from tests.pages import DOCS, Command, File, follow, steps
from tests.proofs import long_proof

from sfn_fragments_authoring.names import project_name
from sfn_fragments_authoring.scaffold import render_project

if TYPE_CHECKING:
    from pathlib import Path

PAGE = DOCS / "tutorial.md"


def test_the_page_changes_what_is_scaffolded() -> None:
    """Its files are those of the project, or new ones; nothing of them is left behind."""
    project = render_project(project_name("geo.tile"), "fragment")
    files = {step.path: step.text for step in steps(PAGE) if isinstance(step, File)}
    assert files.keys() - project.keys() == {"tests/test_skipping.py", "app.py"}
    for path in files.keys() & project.keys():
        named = re.findall(r"^(?:def|class) \w+|^import \w+", project[path], flags=re.MULTILINE)
        assert [name for name in named if name not in files[path]] == [], path
    lines = [step.line for step in steps(PAGE) if isinstance(step, Command)]
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
    follow(steps(PAGE), folder, own)
