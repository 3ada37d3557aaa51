"""Settings of ``check`` in ``[tool.sfn-fragments.check]`` of a ``pyproject.toml``."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sfn_fragments_asl.errors import AslError
from sfn_fragments_asl.near_names import near_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

#: Levels of findings, the worst first.
LEVELS = ("error", "warning", "advice")
_TABLE = "tool.sfn-fragments.check"
_PER_FILE = "per-file"
_NAMES = ("baseline", "format", "ignore", "level", _PER_FILE, "select")
_NAMES_PER_FILE = ("ignore", "level", "select")
FORMATS = ("text", "json", "sarif", "github")


class SettingsError(AslError, ValueError):
    """Settings that mean nothing; names the file, the setting and what to write."""


@dataclass(frozen=True)
class Selection:
    """Which rules are asked, and which findings are told.

    Attributes:
        select: Rules that are asked alone, by id or by what ids begin with; empty for all.
        ignore: Rules that are left out, likewise.
        level: The least level that is told; None where nothing is said of it.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    level: str | None = None

    def asks(self, rule: str) -> bool:
        """Whether a rule is asked."""
        selected = not self.select or any(_covers(each, rule) for each in self.select)
        return selected and not any(_covers(each, rule) for each in self.ignore)

    def tells(self, severity: str) -> bool:
        """Whether findings of a severity are told."""
        return LEVELS.index(severity) <= LEVELS.index(self.level or "warning")

    def narrowed(self, other: Selection) -> Selection:
        """This one, with what another says on top."""
        return Selection(
            other.select or self.select, (*self.ignore, *other.ignore), other.level or self.level
        )


def _covers(pattern: str, rule: str) -> bool:
    return rule == pattern or rule.startswith(f"{pattern}.")


@dataclass(frozen=True)
class Settings:
    """What a ``pyproject.toml`` says of checks.

    Attributes:
        selection: For all files.
        per_file: Pattern of paths to what is said of such files on top.
        folder: The folder of the ``pyproject.toml``, from which patterns and paths are meant.
        baseline: File of findings that are known.
        format: How findings are printed.
    """

    selection: Selection = Selection()
    per_file: Mapping[str, Selection] = field(default_factory=dict)
    folder: Path = Path()
    baseline: Path | None = None
    format: str | None = None

    def rules(self) -> Iterator[str]:
        """Every rule that is named."""
        for one in (self.selection, *self.per_file.values()):
            yield from (*one.select, *one.ignore)

    def for_file(self, file: Path) -> Selection:
        """What is said of a file."""
        path = Path(os.path.relpath(file.absolute(), self.folder.absolute())).as_posix()
        selection = self.selection
        for pattern, other in self.per_file.items():
            if fnmatchcase(path, pattern) or fnmatchcase(path, f"{pattern.rstrip('/')}/*"):
                selection = selection.narrowed(other)
        return selection


def find_settings(start: Path) -> Settings:
    """The settings of the nearest ``pyproject.toml`` that has some.

    Args:
        start: The folder to begin in; those around it follow.

    Returns:
        The settings; empty ones where there are none.

    Raises:
        SettingsError: They mean nothing.
    """
    for folder in (start.absolute(), *start.absolute().parents):
        file = folder / "pyproject.toml"
        if not file.is_file():
            continue
        try:
            content = tomllib.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise SettingsError(f"{file} cannot be read: {error}") from error
        table: Any = content
        for name in _TABLE.split("."):
            table = table.get(name) if isinstance(table, dict) else None
        if table is not None:
            return _settings(table, file)
    return Settings()


def _settings(table: Any, file: Path) -> Settings:
    where = f"{file}: [{_TABLE}]"
    _ensure_known(table, _NAMES, where)
    per_file = table.get(_PER_FILE, {})
    if not isinstance(per_file, dict):
        raise SettingsError(f"{where}: {_PER_FILE} is to be a table, with patterns of paths")
    found = {}
    for pattern, entry in per_file.items():
        place = f'{where}: {_PER_FILE}."{pattern}"'
        _ensure_known(entry, _NAMES_PER_FILE, place)
        found[pattern] = _selection(entry, place)
    baseline, kind = table.get("baseline"), table.get("format")
    if baseline is not None and not isinstance(baseline, str):
        raise SettingsError(f"{where}: baseline is {baseline!r}: give the path of a file")
    if kind is not None and kind not in FORMATS:
        raise SettingsError(f"{where}: format is {kind!r}: give one of {', '.join(FORMATS)}")
    return Settings(
        _selection(table, where),
        found,
        file.parent,
        None if baseline is None else file.parent / baseline,
        kind,
    )


def _ensure_known(table: Any, known: tuple[str, ...], where: str) -> None:
    if not isinstance(table, dict):
        raise SettingsError(f"{where} is to be a table")
    for name in table:
        if name not in known:
            near = near_names(name, known)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
            raise SettingsError(f"{where} has {name}, which is no setting: {hint}")


def _selection(table: Mapping[str, Any], where: str) -> Selection:
    lists = {}
    for name in ("select", "ignore"):
        value = table.get(name, [])
        if not (isinstance(value, list) and all(isinstance(one, str) for one in value)):
            raise SettingsError(f"{where}: {name} is {value!r}: give a list of rules")
        lists[name] = tuple(value)
    level = table.get("level")
    if level is not None and level not in LEVELS:
        raise SettingsError(f"{where}: level is {level!r}: give one of {', '.join(LEVELS)}")
    return Selection(lists["select"], lists["ignore"], level)
