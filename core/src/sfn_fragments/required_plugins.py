"""Plugins that an app cannot do without: without them, nothing is made."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

from sfn_fragments.discovery import DISABLE_VARIABLE
from sfn_fragments.errors import PluginError
from sfn_fragments.registry import get_registry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sfn_fragments.registry import FragmentRegistry

#: The setting of a ``pyproject.toml``, in its table ``tool.sfn-fragments``.
SETTING = "require-plugins"


def require_plugins(*requirements: str) -> None:
    """Raise an error unless plugins are loaded.

    An app calls it first: a plugin that cannot be used brings neither its fragments nor what it
    would have set on each state machine, such as a permissions boundary.

    Args:
        *requirements: Names of plugins or of their distributions, each with a range of versions or
            without, such as ``org>=1.2``.

    Raises:
        PluginError: Some are absent, left out, of another version or failed; all of them are named.

    Examples:
        >>> from sfn_fragments import require_plugins
        >>> require_plugins("core", "sfn-fragments>=0.1")
    """
    _require(get_registry(), "required plugins", requirements)


def ensure_required(registry: FragmentRegistry) -> None:
    """Raise an error unless the plugins that the project requires are loaded.

    They are named by ``require-plugins`` in the table ``tool.sfn-fragments`` of the nearest
    ``pyproject.toml`` that has one, in the working directory or above.

    Args:
        registry: Knows what is loaded.

    Raises:
        PluginError: Some are not, or the file says nothing that can be read.
    """
    for folder in (Path.cwd(), *Path.cwd().parents):
        file = folder / "pyproject.toml"
        if not file.is_file():
            continue
        try:
            tables = tomllib.loads(file.read_text(encoding="utf-8"))
            table = tables.get("tool", {}).get("sfn-fragments")
            requirements = (table or {}).get(SETTING, [])
        except (OSError, ValueError, AttributeError) as error:
            raise PluginError(f"{file} cannot be read: {error}") from error
        if not isinstance(requirements, list) or not all(isinstance(r, str) for r in requirements):
            raise PluginError(f"{file}: {SETTING} is {requirements!r}: give a list of requirements")
        if table is not None:
            _require(registry, f"{file}: {SETTING}", requirements)
            return


def _require(registry: FragmentRegistry, subject: str, requirements: Sequence[str]) -> None:
    lacks = [lack for each in requirements if (lack := _lack(registry, each)) is not None]
    if lacks:
        raise PluginError("\n  - ".join([f"{subject}: {len(lacks)} cannot be used:", *lacks]))


def _lack(registry: FragmentRegistry, text: str) -> str | None:
    """What is wrong with one that is required; ``None`` if it is loaded."""
    from packaging.requirements import InvalidRequirement, Requirement
    from packaging.utils import canonicalize_name

    try:
        wanted = Requirement(text)
    except InvalidRequirement as error:
        return f"{text!r} is no requirement, such as 'org>=1.2': {str(error).splitlines()[0]}"

    def means(*names: str) -> bool:
        return canonicalize_name(wanted.name) in map(canonicalize_name, names)

    for plugin in registry.plugins():
        if means(plugin.name, plugin.distribution):
            if wanted.specifier.contains(plugin.version, prereleases=True):
                return None
            remedy = f'pip install "{plugin.distribution}{wanted.specifier}"'
            return f"{text}: {plugin} is another version: {remedy}"
    for problem in registry.problems():
        if means(problem.plugin, problem.distribution):
            return f"{text}: {problem}"
    if means(*registry.disabled()):
        return f"{text}: it is left out by {DISABLE_VARIABLE}"
    return f"{text}: no such plugin is installed: install its distribution"
