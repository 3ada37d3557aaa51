"""A scaffolded project, installed as files beside what is installed, and its tools run over it."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from sfn_fragments_authoring.names import project_name
from sfn_fragments_authoring.scaffold import Kind, write_project

if TYPE_CHECKING:
    from pathlib import Path


def scaffold(into: Path, name: str, kind: Kind) -> Path:
    """Write a project, with the metadata that an installer would leave."""
    project = project_name(name)
    folder = write_project(project, kind, into)
    info = folder / "src" / f"{project.package}-0.1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {project.distribution}\nVersion: 0.1.0\n"
    )
    (info / "entry_points.txt").write_text(
        f"[sfn_fragments]\n{project.plugin} = {project.package}.plugin\n"
    )
    return folder


def run_in(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a module of this Python in a project that `scaffold` wrote."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    return subprocess.run(
        [sys.executable, "-m", *command],
        cwd=folder,
        env=own | {"PYTHONPATH": str(folder / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
