"""Which distribution may import which: plugins import the core, and the core libraries.

Read from the source, so that what is imported for a type, within a function or by its name in a
string counts as well.
"""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

ROOT = Path(__file__).parents[2]

CORE = "sfn-fragments"

#: What a library knows nothing of: it reads the States Language, wherever that comes from.
NOT_FOR_LIBRARIES = ("aibs_informatics_core", "aws_cdk", "constructs", "jsii", "pluggy")

_MODULE = re.compile(r"[A-Za-z_]\w*([.:][A-Za-z_]\w*)*[.:]?")
_BY_NAME = ("__import__", "find_spec", "import_module", "importorskip", "resolve_name")


@dataclass(frozen=True)
class Distribution:
    """One member of the workspace."""

    name: str
    folder: Path
    packages: tuple[str, ...]
    requires: frozenset[str]
    is_plugin: bool

    def sources(self) -> Iterator[Path]:
        for package in self.packages:
            yield from sorted((self.folder / "src" / package).rglob("*.py"))


def members(root: Path) -> dict[str, Distribution]:
    """The distributions of a workspace, by name, as their ``pyproject.toml`` say."""
    workspace = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    found = {}
    for pattern in workspace["tool"]["uv"]["workspace"]["members"]:
        for folder in sorted(root.glob(pattern)):
            declared = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))
            project = declared["project"]
            found[project["name"]] = Distribution(
                name=project["name"],
                folder=folder,
                packages=tuple(
                    sorted(path.parent.name for path in folder.glob("src/*/__init__.py"))
                ),
                # Not what an extra installs: the core works without it.
                requires=frozenset(
                    re.split(r"[^\w.-]", each, maxsplit=1)[0] for each in project["dependencies"]
                ),
                is_plugin=project["name"] != CORE
                and "sfn_fragments" in project.get("entry-points", {}),
            )
    return found


def imports(source: str, package: str) -> Iterator[tuple[int, str]]:
    """Line and module of everything that a module of ``package`` imports or names as a string.

    A string counts if an import takes it, or if it has the form of a module or target with a dot
    or a colon in it, such as those of a fragment's spec.
    """
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            # A relative one stays within its package.
            yield node.lineno, package if node.level else str(node.module)
        elif isinstance(node, ast.Call):
            function = node.func
            name = function.attr if isinstance(function, ast.Attribute) else ""
            name = function.id if isinstance(function, ast.Name) else name
            if name in _BY_NAME:
                for given in (*node.args, *(keyword.value for keyword in node.keywords)):
                    if isinstance(given, ast.Constant) and isinstance(given.value, str):
                        yield node.lineno, given.value
        elif (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and _MODULE.fullmatch(node.value)
            and re.search(r"[.:]", node.value)
        ):
            yield node.lineno, node.value


def wrong_directions(distributions: Mapping[str, Distribution]) -> list[str]:
    """Every import, and every requirement, that goes where none may."""
    owners = {
        package: distribution
        for distribution in distributions.values()
        for package in distribution.packages
    }
    wrong = list(_wrong_requirements(distributions))
    for distribution in distributions.values():
        for file in distribution.sources():
            source = file.read_text(encoding="utf-8")
            for line, module in imports(source, distribution.packages[0]):
                imported = re.split("[.:]", module)[0]
                owner = owners.get(imported, distribution)
                place = f"{file.relative_to(distribution.folder)}:{line} of {distribution.name}"
                if owner is not distribution and owner.name not in distribution.requires:
                    wrong.append(f"{place}: {module}, of {owner.name}, which it does not require")
                if _is_library(distribution) and imported in NOT_FOR_LIBRARIES:
                    wrong.append(f"{place}: {module}, which is not for a library")
    return sorted(set(wrong))


def _is_library(distribution: Distribution) -> bool:
    return not distribution.is_plugin and distribution.name != CORE


def _wrong_requirements(distributions: Mapping[str, Distribution]) -> Iterator[str]:
    own = {name: one.requires & distributions.keys() for name, one in distributions.items()}
    for name, required in own.items():
        if distributions[name].is_plugin:
            continue
        for other in sorted(required):
            if not _is_library(distributions[other]):
                yield f"{name} requires {other}"
    try:
        TopologicalSorter(own).prepare()
    except CycleError as error:
        yield f"a circle: {' -> '.join(error.args[1])}"


def test_every_import_goes_down() -> None:
    assert wrong_directions(members(ROOT)) == []


def test_the_distributions_are_read() -> None:
    found = members(ROOT)
    assert {CORE, "sfn-fragments-local"} <= found.keys()
    assert found["sfn-fragments-local"].is_plugin
    assert found["sfn-fragments-data-sync"].packages == ("sfn_fragments_data_sync",)
    assert all(distribution.packages for distribution in found.values())
    assert all(list(distribution.sources()) for distribution in found.values())


# --- It can fail: a workspace of four, in which each arrow is drawn once the wrong way.

#: Distribution to its pyproject's dependencies and entry points.
FAKE = {
    "lib": ("sfn-fragments-lib", [], ""),
    "core": (CORE, ["sfn-fragments-lib>=0.1"], 'core = "sfn_fragments.plugin"'),
    "plugins/one": ("sfn-fragments-one", [CORE], 'one = "sfn_fragments_one.plugin"'),
    "plugins/two": (
        "sfn-fragments-two",
        [f"{CORE}>=0.1", "sfn-fragments-one[all]<2"],
        'two = "sfn_fragments_two.plugin"',
    ),
}


def fake_workspace(
    root: Path, sources: Mapping[str, str], requires: Mapping[str, Iterable[str]] | None = None
) -> dict[str, Distribution]:
    """Write it, with one source for each folder and with further requirements, and read it."""
    (root / "pyproject.toml").write_text(
        '[tool.uv.workspace]\nmembers = ["lib", "core", "plugins/*"]'
    )
    for folder, (name, required, entry_point) in FAKE.items():
        package = root / folder / "src" / name.replace("-", "_")
        package.mkdir(parents=True)
        (package / "__init__.py").write_text("")
        (package / "plugin.py").write_text(sources.get(folder, ""))
        every = [*required, *(requires or {}).get(folder, ())]
        text = f'[project]\nname = "{name}"\ndependencies = {json.dumps(every)}\n'
        if entry_point:
            text += f"[project.entry-points.sfn_fragments]\n{entry_point}\n"
        (root / folder / "pyproject.toml").write_text(text)
    return members(root)


def test_what_goes_down_is_right(tmp_path: Path) -> None:
    sources = {
        "lib": "import json\nfrom sfn_fragments_lib import other\nTEXT = 'constructs of CDK'",
        "core": "import aws_cdk\nfrom sfn_fragments_lib.model import Machine",
        "plugins/one": "from sfn_fragments import hookimpl\nfrom . import other",
        "plugins/two": "TARGET = 'sfn_fragments_one.jobs:Job'\nimport sfn_fragments.spec",
    }
    assert wrong_directions(fake_workspace(tmp_path, sources)) == []


@pytest.mark.parametrize(
    ("folder", "source", "imported"),
    [
        ("core", "from sfn_fragments_one.jobs import Job", "sfn_fragments_one.jobs"),
        ("core", "import sfn_fragments_one", "sfn_fragments_one"),
        (
            "core",
            "if TYPE_CHECKING:\n    from sfn_fragments_one.jobs import Job",
            "sfn_fragments_one.jobs",
        ),
        ("core", "def f():\n    import sfn_fragments_one.jobs", "sfn_fragments_one.jobs"),
        ("core", "importlib.import_module('sfn_fragments_one')", "sfn_fragments_one"),
        ("core", "import_module(name='sfn_fragments_one')", "sfn_fragments_one"),
        ("core", "import_module(f'sfn_fragments_one.{name}')", "sfn_fragments_one."),
        ("core", "LAZY = {'Job': 'sfn_fragments_one.jobs'}", "sfn_fragments_one.jobs"),
        ("core", "TARGET = 'sfn_fragments_one.jobs:Job'", "sfn_fragments_one.jobs:Job"),
        ("plugins/one", "import sfn_fragments_two", "sfn_fragments_two"),
        ("plugins/one", "import sfn_fragments_lib", "sfn_fragments_lib"),
        ("lib", "import sfn_fragments", "sfn_fragments"),
        ("lib", "from sfn_fragments_one import hookimpl", "sfn_fragments_one"),
        ("lib", "from aws_cdk.aws_iam import Role", "aws_cdk.aws_iam"),
        ("lib", "if TYPE_CHECKING:\n    from constructs import Construct", "constructs"),
        ("lib", "import_module('pluggy')", "pluggy"),
        ("lib", "def f():\n    import jsii", "jsii"),
        ("lib", "import aibs_informatics_core.env", "aibs_informatics_core.env"),
    ],
)
def test_what_goes_up_or_across_is_found(
    tmp_path: Path, folder: str, source: str, imported: str
) -> None:
    [wrong] = wrong_directions(fake_workspace(tmp_path, {folder: source}))
    assert f": {imported}, " in wrong
    assert f" of {FAKE[folder][0]}: " in wrong
    assert re.match(r"src/\w+/plugin\.py:[12] ", wrong)


@pytest.mark.parametrize(
    ("folder", "required", "message"),
    [
        ("core", "sfn-fragments-one", "sfn-fragments requires sfn-fragments-one"),
        ("lib", CORE, "sfn-fragments-lib requires sfn-fragments"),
        ("plugins/one", "sfn-fragments-two", "a circle: "),
    ],
)
def test_a_requirement_that_goes_up_or_round_is_found(
    tmp_path: Path, folder: str, required: str, message: str
) -> None:
    wrong = wrong_directions(fake_workspace(tmp_path, {}, {folder: [required]}))
    assert any(message in each for each in wrong)


# --- Within the core: what lists fragments does without the libraries.

FRAMEWORK = (
    "compatibility",
    "discovery",
    "errors",
    "hookspecs",
    "lazy",
    "options",
    "plugin",
    "registry",
    "spec",
    "cli.list_command",
)

LISTING = "import sfn_fragments; sfn_fragments.get_registry().names()"

LIST_COMMAND = "from sfn_fragments.cli.group import cli; cli.main(['list'], standalone_mode=False)"


#: How both command lines print and end, which takes nothing of the language.
HOW_COMMANDS_END = {
    "sfn_fragments_asl",
    "sfn_fragments_asl.cli",
    "sfn_fragments_asl.cli.command_line",
    "sfn_fragments_asl.cli.output",
    "sfn_fragments_asl.errors",
}


def imported_packages(script: str, but: Collection[str] = ()) -> set[str]:
    """The packages that a fresh process has imported after a script, but for some modules."""
    done = subprocess.run(
        [sys.executable, "-c", f"{script}\nimport json, sys; print(json.dumps([*sys.modules]))"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    modules = {*json.loads(done.stdout.splitlines()[-1])} - {*but}
    return {name.partition(".")[0] for name in modules}


@pytest.mark.parametrize(
    "script", [LISTING, LIST_COMMAND, *(f"import sfn_fragments.{module}" for module in FRAMEWORK)]
)
def test_listing_imports_no_library(script: str) -> None:
    libraries = {
        package
        for distribution in members(ROOT).values()
        if _is_library(distribution)
        for package in distribution.packages
    }
    of_commands = HOW_COMMANDS_END if ".cli" in script else ()
    assert not imported_packages(script, of_commands) & libraries


def test_a_library_that_listing_imports_would_be_seen(tmp_path: Path) -> None:
    (tmp_path / "sfn_fragments_lib.py").write_text("")
    script = f"import sys; sys.path.append({str(tmp_path)!r}); import sfn_fragments_lib"
    assert "sfn_fragments_lib" in imported_packages(script)
