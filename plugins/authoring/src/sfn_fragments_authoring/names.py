"""Names of plugins and of what they bring: which can be used, and why another one cannot."""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass

from sfn_fragments import first_party
from sfn_fragments.errors import FragmentsError

#: Names of plugins that belong to distributions of this project, to these.
OWNED = {
    "asl": "sfn-fragments-asl",
    "core": "sfn-fragments",
    # Its package would be that of the core.
    "sfn": "sfn-fragments",
    "local": "sfn-fragments-local",
    "authoring": "sfn-fragments-authoring",
    **{name: f"sfn-fragments-{extra}" for name, extra in first_party.EXTRAS.items()},
}

_PART = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")

#: Names of modules that each project has, which what it brings cannot have too.
_MODULES = ("checks", "hookspecs", "job", "models", "plugin", "stand_in")

#: A name of a fragment begins each of its states' names, which end at 80 characters.
_LONGEST = 40


class NameRefusedError(FragmentsError):
    """A name that a plugin, or what it brings, cannot have."""


@dataclass(frozen=True)
class ProjectName:
    """The name of a new plugin, and of the first thing that it brings.

    Attributes:
        plugin: Name of its entry point, which its fragments' names begin with.
        thing: The fragment, the check or the runner.
    """

    plugin: str
    thing: str

    @property
    def distribution(self) -> str:
        """Name of the distribution, and of its folder."""
        return f"{self.plugin.replace('_', '-')}-fragments"

    @property
    def package(self) -> str:
        """Name of the package."""
        return f"{self.plugin}_fragments"

    @property
    def class_prefix(self) -> str:
        """Begins the names of its classes."""
        return "".join(part.capitalize() for part in self.thing.split("_"))

    @property
    def dashed(self) -> str:
        """The thing as ids of rules and names of images have it."""
        return self.thing.replace("_", "-")


def project_name(text: str) -> ProjectName:
    """Read the name of a new plugin.

    Args:
        text: ``<plugin>.<fragment>``, such as ``geo.tile``.

    Returns:
        Its parts.

    Raises:
        NameRefusedError: It cannot be used; the message says why, and what could be.

    Examples:
        >>> project_name("geo.tile").distribution
        'geo-fragments'
    """
    parts = text.split(".")
    if len(parts) != 2 or not all(parts):
        plugin = parts[0] if _PART.fullmatch(parts[0]) else "geo"
        raise NameRefusedError(
            f"{text!r} is not like <plugin>.<name>: give the plugin, a dot, and the first thing "
            f"that it brings, such as {plugin}.tile"
        )
    for part in parts:
        if reason := _why_not(part, text):
            raise NameRefusedError(f"{text!r}: {reason}")
    plugin, thing = parts
    if plugin in OWNED:
        raise NameRefusedError(
            f"{text!r}: the plugin name {plugin!r} belongs to {OWNED[plugin]}; take one of your "
            "own, such as that of your team"
        )
    if thing in _MODULES:
        raise NameRefusedError(
            f"{text!r}: {thing!r} is a module that the project has anyway; say what it does, such "
            f"as {plugin}.{thing}_step"
        )
    return ProjectName(plugin, thing)


def _why_not(part: str, text: str) -> str:
    """Why a part of a name cannot be used; empty if it can."""
    words = [re.sub(r"[^a-z0-9]+", "_", each.lower()).strip("_") for each in text.split(".")]
    mended = ".".join(words)
    way_out = f"; write {mended}" if all(map(_PART.fullmatch, words)) else ""
    if "-" in part:
        return f"{part!r} has a hyphen, which no Python module has in its name{way_out}"
    if part != part.lower():
        return f"{part!r} has capitals, and names are in lower case{way_out}"
    if not _PART.fullmatch(part):
        return (
            f"{part!r} is not a small letter followed by small letters and digits, with single "
            f"underscores between them{way_out or '; a name begins with a letter'}"
        )
    if keyword.iskeyword(part):
        return (
            f"{part!r} is a keyword of Python, and no module can have it as its name; write "
            f"{'.'.join(f'{word}_step' if keyword.iskeyword(word) else word for word in words)}"
        )
    if len(part) > _LONGEST:
        return f"{part!r} has {len(part)} characters; take at most {_LONGEST}"
    return ""
