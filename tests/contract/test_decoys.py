"""No run of a fragment touches what the user has, whatever paths are given to it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from tests.proofs import chosen

from sfn_fragments import get_registry
from sfn_fragments.cli.group import cli

if TYPE_CHECKING:
    from pathlib import Path

REGISTRY = get_registry()


def replaced(value: Any, folder: str) -> Any:
    """The value with each path, and each URI, replaced."""
    if isinstance(value, dict):
        return {key: replaced(item, folder) for key, item in value.items()}
    if isinstance(value, list):
        return [replaced(item, folder) for item in value]
    if isinstance(value, str) and value.startswith(("/", "s3://")):
        return folder
    return value


@pytest.mark.parametrize("name", chosen(REGISTRY.names()))
def test_an_example_on_the_users_own_folders(name: str, tmp_path: Path) -> None:
    decoy = tmp_path / "decoy"
    (decoy / "deep").mkdir(parents=True)
    for file in (decoy / "mine", decoy / "deep" / "mine"):
        file.write_text("mine")
    before = {path: path.lstat().st_mtime_ns for path in [decoy, *decoy.rglob("*")]}
    example = REGISTRY.resolve(str(REGISTRY.spec(name).example))
    given = replaced(example.input, str(decoy))

    result = CliRunner().invoke(cli, ["run", name, "--input", json.dumps(given), "--json"])

    # It may fail, and may be refused; where it ran, its jobs had the folder's path.
    assert result.exit_code in (0, 1, 2), result.output
    assert {path: path.lstat().st_mtime_ns for path in [decoy, *decoy.rglob("*")]} == before
    assert (decoy / "deep" / "mine").read_text() == "mine"


def test_a_path_that_people_type(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "mine").write_text("mine")
    given = json.dumps({"paths": [str(tmp_path / "data")]})

    result = CliRunner().invoke(cli, ["run", "efs.remove_paths", "--input", given, "--json"])

    report = json.loads(result.stdout)
    assert [job["exit_code"] for job in report["jobs"]] == [0], result.output
    assert (tmp_path / "data" / "mine").read_text() == "mine"
