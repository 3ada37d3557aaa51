"""What is built once for the tests of this folder."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with what is released; built unless ``SFN_FRAGMENTS_WHEELS`` names it."""
    if given := os.environ.get("SFN_FRAGMENTS_WHEELS"):
        return Path(given)
    # One for all workers of a run, if another has it already. A run without workers has no folder
    # that is its own alone.
    shared = tmp_path_factory.getbasetemp().parent / "release"
    of_worker = "PYTEST_XDIST_WORKER" in os.environ
    if of_worker and shared.exists():
        return shared
    folder = tmp_path_factory.mktemp("wheels")
    command = [sys.executable, str(ROOT / "tools" / "release.py"), str(folder)]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    with suppress(OSError):  # the other was first
        return folder.rename(shared) if of_worker else folder
    return folder
