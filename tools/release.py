"""Build what is released, and check it: ``uv run python tools/release.py [FOLDER]``.

Builds the sdist and the wheel of every distribution into a folder, and says what would be wrong
with them for those who install them. Nothing is uploaded. ``docs/releasing.md`` has the rules.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from packaging.metadata import Metadata
from packaging.utils import canonicalize_name
from packaging.version import Version

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
#: Folders within a wheel that are no package.
_NO_PACKAGES = re.compile(r".*\.dist-info$")


@dataclass(frozen=True)
class Member:
    """A distribution of the workspace.

    Attributes:
        folder: Its folder.
    """

    folder: Path

    @cached_property
    def project(self) -> dict[str, Any]:
        """The table ``project`` of its ``pyproject.toml``."""
        table: dict[str, Any] = tomllib.loads((self.folder / "pyproject.toml").read_text("utf-8"))
        project: dict[str, Any] = table["project"]
        return project

    @property
    def name(self) -> str:
        """Its name."""
        return str(self.project["name"])

    @property
    def version(self) -> Version:
        """Its version."""
        return Version(self.project["version"])

    @property
    def stem(self) -> str:
        """How the names of its files begin."""
        return f"{canonicalize_name(self.name).replace('-', '_')}-{self.version}"

    def wheel(self, folder: Path) -> Path:
        """Its wheel in a folder."""
        return folder / f"{self.stem}-py3-none-any.whl"

    def sdist(self, folder: Path) -> Path:
        """Its sdist in a folder."""
        return folder / f"{self.stem}.tar.gz"


def members(root: Path = ROOT) -> list[Member]:
    """The distributions of the workspace, by name.

    Args:
        root: The workspace.
    """
    table = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    found = [
        Member(file.parent)
        for pattern in table["tool"]["uv"]["workspace"]["members"]
        for file in root.glob(f"{pattern}/pyproject.toml")
    ]
    return sorted(found, key=lambda member: member.name)


def build(folder: Path) -> None:
    """Build the sdist of every distribution, and its wheel from the sdist.

    Args:
        folder: Where to.
    """
    _run("uv", "build", "--quiet", "--all-packages", "--out-dir", str(folder))


def problems(released: Sequence[Member], folder: Path, from_source: Path) -> Iterator[str]:
    """What is wrong with built distributions.

    Args:
        released: The distributions that are released together.
        folder: Their sdists and wheels.
        from_source: Their wheels built without the sdist between.

    Yields:
        A sentence for each problem.
    """
    wanted = {file for each in released for file in (each.wheel(folder), each.sdist(folder))}
    there = {file for file in folder.iterdir() if file.suffix in (".whl", ".gz")}
    yield from (f"{file.name} was not built" for file in sorted(wanted - there))
    yield from (f"{file.name} is none of what is released" for file in sorted(there - wanted))
    yield from _wrong_versions(released)
    for member in released:
        if {member.wheel(folder), member.sdist(folder)} <= there:
            yield from _wrong_wheel(member, member.wheel(folder))
            yield from _wrong_sdist(member, folder, from_source)
            yield from _wrong_bounds(member, member.wheel(folder), released)


def _wrong_versions(released: Sequence[Member]) -> Iterator[str]:
    versions = {member.version for member in released}
    if len(versions) > 1:
        told = ", ".join(f"{member.name} {member.version}" for member in released)
        yield f"all have one version, and these differ: {told}"
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    for version in sorted(versions):
        if not re.search(rf"^## {re.escape(str(version))}( |$)", changelog, re.MULTILINE):
            yield f"CHANGELOG.md has no section for {version}"


def metadata_of(wheel: Path) -> Metadata:
    """What a wheel says of itself.

    Args:
        wheel: The wheel.
    """
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (each for each in archive.namelist() if each.endswith(".dist-info/METADATA"))
        return Metadata.from_email(archive.read(name), validate=True)


def _wrong_wheel(member: Member, wheel: Path) -> Iterator[str]:
    told = metadata_of(wheel)
    for what, found, wanted in (
        ("name", told.name, member.name),
        ("version", told.version, member.version),
        ("requires-python", str(told.requires_python), member.project["requires-python"]),
        ("licence", told.license_expression, member.project["license"]),
    ):
        if found != wanted:
            yield f"{wheel.name}: its {what} is {found} and no {wanted}"
    readme = (member.folder / "README.md").read_text("utf-8")
    if (told.description or "").strip() != readme.strip():
        yield f"{wheel.name}: its description is not README.md"
    if told.description_content_type != "text/markdown":
        yield f"{wheel.name}: its description is {told.description_content_type} and no Markdown"
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    if not any(name.endswith(".dist-info/licenses/LICENSE") for name in names):
        yield f"{wheel.name}: LICENSE is not in it"
    packages = sorted({name.partition("/")[0] for name in names})
    packages = [name for name in packages if not _NO_PACKAGES.match(name)]
    expected = canonicalize_name(member.name).replace("-", "_")
    if packages != [expected]:
        yield f"{wheel.name}: it installs {', '.join(packages) or 'nothing'}, not {expected} alone"
    if f"{expected}/py.typed" not in names:
        yield f"{wheel.name}: py.typed is not in it"


def _wrong_sdist(member: Member, folder: Path, from_source: Path) -> Iterator[str]:
    sdist = member.sdist(folder)
    with tarfile.open(sdist) as archive:
        names = archive.getnames()
    for name in ("LICENSE", "README.md", "pyproject.toml"):
        if f"{member.stem}/{name}" not in names:
            yield f"{sdist.name}: {name} is not in it"
    one, other = (_contents(member.wheel(each)) for each in (folder, from_source))
    differing = sorted(name for name in {*one, *other} if one.get(name) != other.get(name))
    if differing:
        yield f"{sdist.name}: the wheel that it builds differs in {', '.join(differing)}"


def _contents(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def bound_on(version: Version) -> str:
    """How our distributions bound each other: the releases with the same minor version.

    Args:
        version: The version that is released.

    Example:
        >>> bound_on(Version("0.1.3"))
        '<0.2,>=0.1'
    """
    major, minor = version.major, version.minor
    return f"<{major}.{minor + 1},>={major}.{minor}"


def _wrong_bounds(member: Member, wheel: Path, released: Sequence[Member]) -> Iterator[str]:
    versions = {canonicalize_name(each.name): each.version for each in released}
    for requirement in metadata_of(wheel).requires_dist or ():
        name = canonicalize_name(requirement.name)
        if name == canonicalize_name(member.name):
            # An extra that is made of others.
            continue
        if name not in versions:
            yield from _wrong_foreign(wheel, requirement)
            continue
        if not requirement.specifier.contains(versions[name], prereleases=True):
            yield f"{wheel.name}: {requirement} does not admit {versions[name]}, released with it"
        elif str(requirement.specifier) != bound_on(versions[name]):
            yield f"{wheel.name}: {requirement} is to be {name}{bound_on(versions[name])}"


def _wrong_foreign(wheel: Path, requirement: Requirement) -> Iterator[str]:
    if requirement.url:
        yield f"{wheel.name}: {requirement} names an address, which no index accepts"
    elif not any(clause.operator in (">=", "==", "~=") for clause in requirement.specifier):
        yield f"{wheel.name}: {requirement} has no oldest release"


def table(released: Sequence[Member], folder: Path) -> str:
    """The files with their sizes.

    Args:
        released: The distributions.
        folder: Their files.
    """
    rows = [("DISTRIBUTION", "VERSION", "WHEEL", "SDIST")]
    for member in released:
        wheel, sdist = _size(member.wheel(folder)), _size(member.sdist(folder))
        rows.append((member.name, str(member.version), wheel, sdist))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        f"{name:{widths[0]}}  {version:{widths[1]}}  {wheel:>{widths[2]}}  {sdist:>{widths[3]}}"
        for name, version, wheel, sdist in rows
    )


def _size(file: Path) -> str:
    return f"{file.stat().st_size / 1024:.0f} KiB" if file.exists() else "none"


def _refused_by_twine(folder: Path) -> Iterator[str]:
    files = sorted(str(file) for file in folder.iterdir() if file.suffix in (".whl", ".gz"))
    done = subprocess.run(
        [sys.executable, "-m", "twine", "--no-color", "check", "--strict", *files],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        yield f"twine check --strict says:\n{done.stdout}{done.stderr}"


def _run(*command: str) -> None:
    subprocess.run(command, cwd=ROOT, check=True)


def main() -> None:
    """Build, check, and list; the exit code is 1 where something is wrong."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path, nargs="?", default=ROOT / "dist")
    folder = parser.parse_args().folder.resolve()
    if folder.exists() and any(folder.iterdir()):
        sys.exit(f"{folder} is not empty: what lies in it would be taken for the release")
    released = members()
    build(folder)
    with tempfile.TemporaryDirectory() as scratch:
        options = ("--quiet", "--all-packages", "--wheel", "--out-dir", scratch)
        _run("uv", "build", *options)
        found = list(problems(released, folder, Path(scratch)))
    print(table(released, folder))
    found += _refused_by_twine(folder)
    if found:
        sys.exit("\n".join(["", *(f"wrong: {problem}" for problem in found)]))


if __name__ == "__main__":
    main()
