"""Finds, checks and loads the installed plugins; the one module that reads their metadata."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import importlib_metadata
import pluggy

from sfn_fragments import hookspecs
from sfn_fragments.compatibility import allows, is_about_core
from sfn_fragments.errors import FragmentConflictError, PluginError
from sfn_fragments.hookspecs import PROJECT
from sfn_fragments.spec import FragmentSpec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: Distribution whose version plugins state their compatibility with.
CORE = "sfn-fragments"

#: Set to 1: the first problem is raised instead of recorded.
STRICT_VARIABLE = "SFN_FRAGMENTS_STRICT"

#: Entry-point names, separated by commas, that are skipped before their import.
DISABLE_VARIABLE = "SFN_FRAGMENTS_DISABLE"

#: Where loading a plugin failed, in the order of the steps.
Stage: TypeAlias = Literal["metadata", "compatibility", "import", "register", "declare", "conflict"]


@dataclass(frozen=True, order=True)
class Plugin:
    """An installed plugin: one entry point of one distribution.

    Args:
        name: Name of the entry point, which its fragments' names begin with.
        value: Value of the entry point, such as ``sfn_fragments_batch.plugin``.
        distribution: Name of the distribution that declares it.
        version: Version of that distribution.
    """

    name: str
    value: str
    distribution: str
    version: str

    def __str__(self) -> str:
        """One phrase: the plugin and where it comes from."""
        return f"plugin {self.name!r} ({self.distribution} {self.version}, {self.value})"


@dataclass(frozen=True)
class Problem:
    """A plugin, or one of its fragments, that cannot be used, and why.

    Args:
        stage: The step that failed.
        plugin: Name of the entry point; empty if even that could not be read.
        value: Value of the entry point.
        distribution: Name of the distribution that declares it.
        version: Version of that distribution.
        error: What was raised.
    """

    stage: Stage
    plugin: str
    value: str
    distribution: str
    version: str
    error: BaseException

    @property
    def remedy(self) -> str:
        """What the user can do about it."""
        disable = f"leave it out with {DISABLE_VARIABLE}={self.plugin}"
        report = f"report it to the authors of {self.distribution}, or {disable}"
        return {
            "metadata": f"reinstall {self.distribution}",
            "compatibility": (
                f"pip install --upgrade {CORE} {self.distribution}, or uninstall the latter"
            ),
            "import": f"reinstall {self.distribution} with what it requires, or {disable}",
            "register": report,
            "declare": report,
            "conflict": "uninstall all but one of them",
        }[self.stage]

    def __str__(self) -> str:
        """One line: the plugin, the stage, the error and what to do."""
        # One line, so that a list of problems stays readable whatever a plugin raises.
        message = " ".join(str(self.error).split())
        subject = (
            str(Plugin(self.plugin, self.value, self.distribution, self.version))
            if self.plugin
            else f"plugins of {self.distribution} {self.version}"
        )
        if isinstance(self.error, FragmentConflictError):
            # Its message already ends with the way out.
            return f"{subject}: {self.stage}: {message}"
        if not isinstance(self.error, PluginError):
            message = f"{type(self.error).__name__}: {message}"
        return f"{subject}: {self.stage}: {message}; {self.remedy}"


@dataclass
class Discovery:
    """What one look at the installed plugins found.

    Args:
        manager: Holds the plugins that loaded, and calls their hooks.
        plugins: The plugins that loaded, by name.
        specs: Fragment name to its spec, without those that conflict.
        providers: Fragment name to the plugins that provide it, conflicts included.
        problems: What failed, in the order it was met.
        disabled: Names of the plugins that were skipped.
    """

    manager: pluggy.PluginManager
    plugins: list[Plugin] = field(default_factory=list)
    specs: dict[str, FragmentSpec] = field(default_factory=dict)
    providers: dict[str, list[Plugin]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    disabled: list[str] = field(default_factory=list)


def core_version() -> str:
    """The installed version of the core."""
    return importlib_metadata.version(CORE)


def discover() -> Discovery:
    """Load every installed plugin that can be loaded.

    A plugin that fails is recorded with the stage, and the others load all the same.

    Returns:
        The plugins, the fragments they declare and the problems.

    Raises:
        PluginError: A plugin failed and ``SFN_FRAGMENTS_STRICT=1`` is set.
        FragmentConflictError: A name is provided twice, and the same is set.
    """
    found = Discovery(_new_manager())
    disabled = {name.strip() for name in os.environ.get(DISABLE_VARIABLE, "").split(",")}
    declared: dict[str, FragmentSpec] = {}
    # Looked up once, and only if a plugin asks: it reads the metadata of the core.
    core = cache(core_version)
    # Sorted, so that the outcome does not depend on the order of sys.path.
    for plugin, entry_point, requires in sorted(_entry_points(found), key=lambda each: each[0]):
        if plugin.name in disabled:
            found.disabled.append(plugin.name)
            continue
        specs = _load(plugin, entry_point, requires, core, found)
        if specs is None:
            continue
        found.plugins.append(plugin)
        for spec in specs:
            declared[spec.name] = spec
            found.providers.setdefault(spec.name, []).append(plugin)
    for name in sorted(declared):
        if len(found.providers[name]) == 1:
            found.specs[name] = declared[name]
            continue
        error = conflict(name, found.providers[name])
        for plugin in found.providers[name]:
            _record(found, "conflict", plugin, error)
    return found


def conflict(name: str, providers: list[Plugin]) -> FragmentConflictError:
    """The error for a fragment name that several plugins provide."""
    listed = ", ".join(
        f"{plugin.distribution} {plugin.version} ({plugin.value})" for plugin in providers
    )
    return FragmentConflictError(
        f"fragment {name!r} cannot be used, since several plugins provide it: {listed}; "
        "uninstall all but one of them"
    )


def _new_manager() -> pluggy.PluginManager:
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(hookspecs)
    return manager


def _entry_points(
    found: Discovery,
) -> Iterator[tuple[Plugin, importlib_metadata.EntryPoint, list[str]]]:
    """Every entry point of the group, and what its distribution requires, read one by one.

    ``importlib_metadata.entry_points()`` parses the files of all distributions, so that a
    broken one of a stranger would hide every plugin, and takes ten times as long.
    """
    seen = set()
    for distribution in importlib_metadata.distributions():
        name = version = "unknown"
        try:
            if PROJECT not in (distribution.read_text("entry_points.txt") or ""):
                continue
            # Read once: each property of a distribution parses all of its metadata again.
            metadata = distribution.metadata
            name, version = metadata["Name"], metadata["Version"]
            requires = metadata.get_all("Requires-Dist") or distribution.requires or []
            entry_points = list(distribution.entry_points.select(group=PROJECT))
        except Exception as error:
            _record(found, "metadata", Plugin("", "", name, version), error)
            continue
        # The first on sys.path is the one that Python imports.
        key = re.sub(r"[-_.]+", "-", name).lower()
        if key in seen:
            continue
        seen.add(key)
        for entry_point in entry_points:
            yield Plugin(entry_point.name, entry_point.value, name, version), entry_point, requires


def _load(
    plugin: Plugin,
    entry_point: importlib_metadata.EntryPoint,
    requires: list[str],
    core: Callable[[], str],
    found: Discovery,
) -> list[FragmentSpec] | None:
    """Take one plugin through all stages; ``None`` if one of them failed."""
    stage: Stage = "compatibility"
    module = None
    # Two distributions may use one entry-point name; pluggy refuses a name's second use.
    identity = f"{plugin.distribution}:{plugin.name}"
    registered = False
    try:
        _check_compatibility(plugin, requires, core)
        stage = "import"
        module = entry_point.load()
        stage = "register"
        if found.manager.get_name(module) is not None:
            raise PluginError(f"{plugin.value} is already loaded as another plugin")
        registered = True
        found.manager.register(module, identity)
        _refuse_unknown_hooks(found.manager)
        stage = "declare"
        return _declared(plugin, module, found.manager)
    except (Exception, SystemExit) as error:
        # pluggy before 1.7 leaves a plugin that it refused half registered.
        if registered and found.manager.get_plugin(identity) is module:
            found.manager.unregister(name=identity)
        _record(found, stage, plugin, error)
        return None


def _refuse_unknown_hooks(manager: pluggy.PluginManager) -> None:
    """Otherwise a hook whose name is misspelt would silently never be called."""
    try:
        manager.check_pending()
    except pluggy.PluginValidationError as error:
        from sfn_fragments.parameters import near_names

        # What follows the prefix, which makes all of them alike.
        unknown = (re.findall(rf"unknown hook '{PROJECT}_(\w+)'", str(error)) or [""])[0]
        hooks = (name for name in vars(hookspecs) if name.startswith(f"{PROJECT}_"))
        near = near_names(unknown, [name.removeprefix(f"{PROJECT}_") for name in hooks])
        if not near:
            raise
        raise PluginError(f"{error}; did you mean {PROJECT}_{near[0]}?") from error


def _check_compatibility(plugin: Plugin, requires: list[str], core: Callable[[], str]) -> None:
    for requirement in requires:
        if is_about_core(requirement) and not allows(requirement, core()):
            raise PluginError(
                f"{plugin.distribution} {plugin.version} requires {requirement!r}, "
                f"and {CORE} {core()} is installed"
            )


def _declared(plugin: Plugin, module: object, manager: pluggy.PluginManager) -> list[FragmentSpec]:
    """What the register hook of this plugin alone yields."""
    specs: dict[str, FragmentSpec] = {}
    for implementation in reversed(manager.hook.sfn_fragments_register.get_hookimpls()):
        if implementation.plugin is not module:
            continue
        declared: Any = implementation.function()
        for spec in declared:
            if not isinstance(spec, FragmentSpec):
                raise PluginError(f"sfn_fragments_register gives {spec!r}, not a FragmentSpec")
            if not spec.name.startswith(f"{plugin.name}."):
                raise PluginError(
                    f"fragment {spec.name!r} does not begin with the name of its entry point, "
                    f"{plugin.name + '.'!r}"
                )
            if spec.name in specs:
                raise PluginError(f"fragment {spec.name!r} is declared twice")
            specs[spec.name] = spec
        break
    return list(specs.values())


def _record(found: Discovery, stage: Stage, plugin: Plugin, error: BaseException) -> None:
    problem = Problem(stage, plugin.name, plugin.value, plugin.distribution, plugin.version, error)
    if os.environ.get(STRICT_VARIABLE, "0") not in ("", "0"):
        if isinstance(error, FragmentConflictError):
            raise error
        raise PluginError(str(problem)) from error
    found.problems.append(problem)
