"""``sfn-fragments new``: what it writes works, and what it refuses is explained."""

from __future__ import annotations

import keyword
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import importlib_metadata
import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from packaging.requirements import Requirement

from sfn_fragments import first_party
from sfn_fragments.cli.group import cli
from sfn_fragments_authoring import scaffold as scaffolding
from sfn_fragments_authoring.names import NameRefusedError, project_name
from sfn_fragments_authoring.scaffold import write_project

if TYPE_CHECKING:
    from sfn_fragments_authoring.scaffold import Kind

KINDS: tuple[Kind, ...] = ("fragment", "organisation", "runner")


def new(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["new", *arguments])


def test_the_next_three_commands_are_told(tmp_path: Path) -> None:
    done = new("geo.tile", "--into", str(tmp_path))
    assert done.exit_code == 0, done.output
    assert done.output.splitlines() == [
        f"Made {tmp_path / 'geo-fragments'}. Next:",
        f"  cd {tmp_path / 'geo-fragments'}",
        "  uv run pytest",
        "  uv run sfn-fragments run geo.tile",
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_its_bounds_are_those_of_the_core(kind: Kind) -> None:
    files = scaffolding.render_project(project_name("geo.tile"), kind)
    table = tomllib.loads(files["pyproject.toml"])
    core = importlib_metadata.distribution("sfn-fragments")
    core_requires = {
        requirement.name: requirement.specifier
        for requirement in map(Requirement, core.requires or ())
        if requirement.marker is None
    }
    for requirement in map(Requirement, table["project"]["dependencies"]):
        if requirement.name == "sfn-fragments":
            assert requirement.specifier.contains(core.version, prereleases=True)
            assert "<" in str(requirement.specifier)
        else:
            assert requirement.specifier == core_requires[requirement.name]
    assert table["project"]["entry-points"]["sfn_fragments"] == {"geo": "geo_fragments.plugin"}


@pytest.mark.parametrize("kind", KINDS)
def test_no_placeholder_is_left(kind: Kind) -> None:
    files = scaffolding.render_project(project_name("geo.tile"), kind)
    for path, text in files.items():
        assert "[[ " not in text, path
        assert "{%" not in text, path
        assert "PACKAGE" not in path
        if path.endswith(".py"):
            compile(text, path, "exec")
            # What a formatter would change.
            assert all(len(line) <= 100 for line in text.splitlines()), path
    assert {".gitignore", ".github/workflows/ci.yml", "README.md"} <= files.keys()


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("geo-x.tile", "has a hyphen, which no Python module has in its name; write geo_x.tile"),
        ("geo.map-tile", "write geo.map_tile"),
        ("Geo.tile", "has capitals, and names are in lower case; write geo.tile"),
        ("batch.tile", "the plugin name 'batch' belongs to sfn-fragments-batch"),
        ("asl.tile", "belongs to sfn-fragments-asl"),
        ("sfn.tile", "belongs to sfn-fragments;"),
        ("geo.import", "no module can have it as its name; write geo.import_step"),
        ("geo.job", "is a module that the project has anyway"),
        ("rain", "give the plugin, a dot, and the first thing that it brings, such as rain.tile"),
        ("geo.", "is not like <plugin>.<name>"),
        ("geo.map.tile", "is not like <plugin>.<name>"),
        ("geo.3d", "between them; a name begins with a letter"),
        ("geo_.tile", "between them; write geo.tile"),
        ("geo.tile/x", "between them; write geo.tile_x"),
        ("géo.tile", "is not a small letter"),
        (f"geo.{'t' * 41}", "has 41 characters; take at most 40"),
    ],
)
def test_a_name_that_is_refused_is_explained(tmp_path: Path, name: str, reason: str) -> None:
    done = new(name, "--into", str(tmp_path))
    assert done.exit_code == 2
    assert reason in " ".join(done.output.split())
    assert list(tmp_path.iterdir()) == []


@given(st.text(alphabet="abAB_-.1 é\n", max_size=12))
def test_a_name_that_is_taken_can_be_imported(text: str) -> None:
    try:
        name = project_name(text)
    except NameRefusedError:
        return
    for module in (name.package, name.thing):
        assert module.isidentifier()
        assert not keyword.iskeyword(module)
    assert name.package != "sfn_fragments"


def test_every_plugin_of_this_project_has_its_name() -> None:
    for plugin in first_party.EXTRAS:
        with pytest.raises(NameRefusedError, match="belongs to"):
            project_name(f"{plugin}.thing")
    for entry_point in importlib_metadata.entry_points(group="sfn_fragments"):
        if entry_point.dist is not None and entry_point.dist.name.startswith("sfn-fragments"):
            with pytest.raises(NameRefusedError, match="belongs to"):
                project_name(f"{entry_point.name}.thing")


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "geo-fragments").mkdir()
    done = new("geo.tile", "--into", str(tmp_path))
    assert done.exit_code == 1
    assert "is there already, and nothing is overwritten" in done.output
    assert list((tmp_path / "geo-fragments").iterdir()) == []
    assert len(list(tmp_path.iterdir())) == 1


def test_a_folder_that_cannot_be_written_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(**_: object) -> str:
        # Whoever runs the tests may be allowed everything.
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(tempfile, "mkdtemp", refused)
    done = new("geo.tile", "--into", str(tmp_path))
    assert done.exit_code == 1
    told = f"{tmp_path} cannot be written: Permission denied; give another folder with --into"
    assert told in " ".join(done.output.split())


@pytest.mark.parametrize("kind", ["runer", "Fragment"])
def test_an_unknown_kind_is_told_with_those_there_are(tmp_path: Path, kind: str) -> None:
    done = new("geo.tile", "--kind", kind, "--into", str(tmp_path))
    assert done.exit_code == 2
    assert all(f"'{known}'" in done.output for known in KINDS)


def test_nothing_is_left_of_one_that_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = Path.write_text

    def full_disk(path: Path, text: str, encoding: str | None = None) -> int:
        if path.name == "README.md":
            raise OSError(28, "No space left on device")
        return write(path, text, encoding=encoding)

    monkeypatch.setattr(Path, "write_text", full_disk)
    done = new("geo.tile", "--into", str(tmp_path))
    assert done.exit_code == 1
    assert "cannot be written: No space left on device" in done.output
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", KINDS)
def test_linters_have_nothing_to_say(tmp_path: Path, kind: Kind) -> None:
    folder = write_project(project_name("geo.tile"), kind, tmp_path)
    for arguments in (["check", "--no-cache"], ["format", "--check", "--no-cache"]):
        command = [sys.executable, "-m", "ruff", *arguments]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
