"""The distributions that declare plugins, as they lie on the path, shadowed ones too."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import importlib_metadata

if TYPE_CHECKING:
    from collections.abc import Iterator

#: The group of entry points that name plugins.
GROUP = "sfn_fragments"


@dataclass(frozen=True)
class Installed:
    """A distribution with plugins.

    Attributes:
        name: Its name.
        version: Its version.
        entry_points: Name of each of its plugins, with the value.
        folder: The folder in which its metadata lies.
        requires: What it requires, as its metadata say.
        source: The folder that it is installed from, for changes to be seen; None if it is copied.
    """

    name: str
    version: str
    entry_points: tuple[tuple[str, str], ...]
    folder: Path
    requires: tuple[str, ...] = ()
    source: Path | None = None

    @cached_property
    def key(self) -> str:
        """Its name as installers compare it."""
        return normalized(self.name)

    def __str__(self) -> str:
        """One phrase: the version, where it lies, and how it is installed."""
        editable = f", editable from {self.source}" if self.source else ""
        return f"{self.name} {self.version} in {self.folder}{editable}"


def normalized(name: str) -> str:
    """A distribution's name as installers compare it.

    Args:
        name: The name, however it is written.

    Examples:
        >>> normalized("Acme_Fragments")
        'acme-fragments'
    """
    return re.sub(r"[-_.]+", "-", name).lower()


def installed_plugins() -> dict[str, list[Installed]]:
    """The distributions that declare plugins.

    Returns:
        Normalized name to the distribution, first the one that Python imports, then those that it
        hides. What cannot be read is left out: discovery tells of it.
    """
    found: dict[str, list[Installed]] = defaultdict(list)
    for each in _readable():
        if each not in found[each.key]:
            found[each.key].append(each)
    return dict(found)


def _readable() -> Iterator[Installed]:
    for distribution in importlib_metadata.distributions():
        # Whatever cannot be read, discovery tells it.
        with suppress(Exception):
            found = _read(distribution)
            if found is not None:
                yield found


def _read(distribution: Any) -> Installed | None:
    """What a distribution says; None if it has no plugin."""
    if GROUP not in (distribution.read_text("entry_points.txt") or ""):
        return None
    entry_points = distribution.entry_points.select(group=GROUP)
    if not entry_points:
        return None
    return Installed(
        distribution.metadata["Name"],
        distribution.version,
        tuple(sorted((each.name, each.value) for each in entry_points)),
        Path(str(distribution.locate_file(""))).resolve(),
        tuple(distribution.requires or ()),
        _source(distribution),
    )


def _source(distribution: Any) -> Path | None:
    """The folder of an editable installation, as PEP 610 records it."""
    text = distribution.read_text("direct_url.json")
    origin = json.loads(text) if text else {}
    url = str(origin.get("url", ""))
    if not origin.get("dir_info", {}).get("editable") or not url.startswith("file://"):
        return None
    from urllib.parse import unquote, urlsplit

    return Path(unquote(urlsplit(url).path)).resolve()
