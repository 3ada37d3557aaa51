"""The versions of Python that are claimed are those that ``.ci/run`` tests."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
CLASSIFIER = "Programming Language :: Python :: "
MEMBERS = sorted([*ROOT.glob("*/pyproject.toml"), *ROOT.glob("plugins/*/pyproject.toml")])


def settings(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text(encoding="utf-8"))


def versions() -> list[str]:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    found = re.search(r"^pythons=\((.*)\)$", script, re.MULTILINE)
    assert found is not None
    # The list is what the tests are run on.
    assert 'for version in "${pythons[@]}"; do' in script
    return found[1].split()


def test_there_are_members() -> None:
    assert {"core", "batch", "local"} <= {file.parent.name for file in MEMBERS}


@pytest.mark.parametrize("file", MEMBERS, ids=lambda file: file.parent.name)
def test_a_distribution_claims_what_is_tested(file: Path) -> None:
    project = settings(file)["project"]
    claimed = [each for each in project["classifiers"] if each.startswith(CLASSIFIER)]
    assert claimed == [CLASSIFIER + version for version in versions()]
    assert project["requires-python"] == f">={versions()[0]}"


def test_linters_read_the_code_as_the_oldest_version_does() -> None:
    root = settings(ROOT / "pyproject.toml")
    oldest = versions()[0]
    assert root["project"]["requires-python"] == f">={oldest}"
    assert root["tool"]["mypy"]["python_version"] == oldest
    assert root["tool"]["ruff"]["target-version"] == f"py{oldest.replace('.', '')}"
