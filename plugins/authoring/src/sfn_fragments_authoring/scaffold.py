"""Makes the project of a new plugin from templates."""

from __future__ import annotations

import shutil
import tempfile
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

import importlib_metadata
from packaging.requirements import Requirement
from packaging.version import Version

from sfn_fragments.errors import FragmentsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from jinja2 import Environment

    from sfn_fragments_authoring.names import ProjectName

#: What the first version of a plugin does.
Kind: TypeAlias = Literal["fragment", "organisation", "runner"]

#: Ends the name of a template's file.
_SUFFIX = ".jinja"

#: Written without the dot, so that no tool takes a template for its own file.
_DOTTED = {"gitignore": ".gitignore", "github": ".github"}


class ScaffoldError(FragmentsError):
    """A project that cannot be written."""


def write_project(name: ProjectName, kind: Kind, into: Path) -> Path:
    """Write the project of a new plugin.

    Args:
        name: What it is called.
        kind: What it does: a fragment, what an organisation sets on its state machines, or a way to
            run jobs on the local engine.
        into: The folder that will hold its folder.

    Returns:
        Its folder, ``<into>/<plugin>-fragments``.

    Raises:
        ScaffoldError: The folder is there already, or cannot be written; nothing is left of it.

    Examples:
        >>> import tempfile
        >>> from pathlib import Path
        >>> from sfn_fragments_authoring.names import project_name
        >>> with tempfile.TemporaryDirectory() as into:
        ...     folder = write_project(project_name("geo.tile"), "fragment", Path(into))
        ...     folder.name, (folder / "src" / "geo_fragments" / "tile.py").exists()
        ('geo-fragments', True)
    """
    folder = into / name.distribution
    _refuse_existing(folder)
    rendered = render_project(name, kind)
    try:
        # Beside it, on the same file system, so that it appears whole or not at all.
        scratch = Path(tempfile.mkdtemp(prefix=f".{name.distribution}-", dir=into))
    except OSError as error:
        raise ScaffoldError(
            f"{into} cannot be written: {error.strerror}; give another folder with --into"
        ) from error
    try:
        project = scratch / name.distribution
        for path, text in rendered.items():
            file = project / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        # An empty folder that was made meanwhile would be replaced.
        _refuse_existing(folder)
        project.rename(folder)
    except OSError as error:
        raise ScaffoldError(f"{folder} cannot be written: {error.strerror}") from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return folder


def _refuse_existing(folder: Path) -> None:
    if folder.exists() or folder.is_symlink():
        raise ScaffoldError(
            f"{folder} is there already, and nothing is overwritten; move it away, or give another "
            "folder with --into"
        )


def render_project(name: ProjectName, kind: Kind) -> dict[str, str]:
    """The files of a new plugin's project.

    Args:
        name: What it is called.
        kind: What it does.

    Returns:
        Path within the project to its text.
    """
    environment = _environment()
    values = {"name": name, "kind": kind, "bounds": _bounds()}
    found: dict[str, str] = {}
    for template in _templates():
        room, _, path = template.partition("/")
        if room not in ("common", kind):
            continue
        path = path.removesuffix(_SUFFIX)
        path = path.replace("PACKAGE", name.package).replace("THING", name.thing)
        first, slash, rest = path.partition("/")
        found[_DOTTED.get(first, first) + slash + rest] = environment.get_template(template).render(
            values
        )
    return dict(sorted(found.items()))


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

    # What is made is code, in which nothing is to be escaped.
    return Environment(
        autoescape=select_autoescape(()),
        loader=PackageLoader(str(__package__)),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
        # Those of Jinja are f-strings' and GitHub's too.
        variable_start_string="[[",
        variable_end_string="]]",
    )


def _templates() -> Iterator[str]:
    root = Path(str(files(str(__package__)).joinpath("templates")))
    for file in sorted(root.rglob(f"*{_SUFFIX}")):
        yield file.relative_to(root).as_posix()


def _bounds() -> Mapping[str, str]:
    """What the new project requires: what the core requires, and the core that is installed."""
    core = importlib_metadata.distribution("sfn-fragments")
    version = Version(core.version)
    # Before 1.0 a minor version may change what a plugin uses.
    end = f"0.{version.minor + 1}" if version.major == 0 else f"{version.major + 1}"
    bounds = {"sfn-fragments": f">={version.major}.{version.minor},<{end}"}
    for text in core.requires or ():
        requirement = Requirement(text)
        if requirement.marker is None:
            # In the order in which people write them.
            clauses = sorted(map(str, requirement.specifier), reverse=True)
            bounds.setdefault(requirement.name, ",".join(clauses))
    return bounds
