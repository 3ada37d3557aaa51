"""Finds, checks and loads the installed plugins; the one module that reads their metadata."""

from __future__ import annotations

import os
import re
import sys
import warnings
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Literal, TypeAlias

import importlib_metadata
import pluggy

from sfn_fragments import first_party, hookspecs
from sfn_fragments.calling import calls_of, is_set, show_traceback
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
Stage: TypeAlias = Literal[
    "metadata", "compatibility", "import", "hookspecs", "register", "declare", "conflict"
]


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

    @property
    def identity(self) -> str:
        """Its name in pluggy, which refuses a second use; distributions may share entry points'."""
        return f"{self.distribution}:{self.name}"

    @property
    def remedy(self) -> str:
        """What the user can do about a plugin that does something wrong."""
        disable = f"{DISABLE_VARIABLE}={self.name}"
        return f"report it to the authors of {self.distribution}, or leave it out with {disable}"

    def __str__(self) -> str:
        """One phrase: the plugin and where it comes from."""
        return f"plugin {self.name!r} ({self.distribution} {self.version}, {self.value})"


@dataclass(frozen=True)
class Problem:
    """A plugin, or one of its fragments or hooks, that cannot be used, and why.

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
        if self.stage == "import" and isinstance(self.error, ImportError):
            disable = f"leave it out with {DISABLE_VARIABLE}={self.plugin}"
            return f"reinstall {self.distribution} with what it requires, or {disable}"
        upgrade = f"pip install --upgrade {CORE} {self.distribution}, or uninstall the latter"
        fitting = {
            "metadata": f"reinstall {self.distribution}",
            "compatibility": upgrade,
            "conflict": "uninstall all but one of them",
        }
        plugin = Plugin(self.plugin, self.value, self.distribution, self.version)
        return fitting.get(self.stage, plugin.remedy)

    @property
    def subject(self) -> str:
        """One phrase: the plugin and where it comes from."""
        if not self.plugin:
            return f"plugins of {self.distribution} {self.version}"
        return str(Plugin(self.plugin, self.value, self.distribution, self.version))

    @property
    def reason(self) -> str:
        """The error and its place, in one line: a list stays readable whatever a plugin raises."""
        message = " ".join(str(self.error).split())
        if isinstance(self.error, PluginError | FragmentConflictError):
            return message
        from traceback import walk_tb  # errors alone need it

        walked = walk_tb(self.error.__traceback__) if self.stage == "import" else ()
        places = [f"{frame.f_code.co_filename}:{line}" for frame, line in walked]
        # What raised, not what of Python imported it. A file that cannot be read has no frame.
        own = [place for place in places if not place.startswith("<frozen")]
        if isinstance(self.error, SyntaxError):
            own = [f"{self.error.filename}:{self.error.lineno}"]
        return f"{type(self.error).__name__}: {message}" + "".join(f" ({one})" for one in own[-1:])

    def __str__(self) -> str:
        """One line: the plugin, the stage, the error and what to do."""
        told = f"{self.subject}: {self.stage}: {self.reason}"
        # The message of a conflict already ends with the way out.
        return told if self.stage == "conflict" else f"{told}; {self.remedy}"


@dataclass
class Discovery:
    """What one look at the installed plugins found.

    Args:
        manager: Holds the plugins that loaded, and calls their hooks.
        plugins: The plugins that loaded, by name.
        specs: Fragment name to its spec, without those that conflict.
        providers: Fragment name to the plugins that provide it, conflicts included.
        hooks: Name of a hook that is not the core's to the plugins that bring it, the same.
        problems: What failed, in the order it was met.
        disabled: Names of the plugins that were skipped.
    """

    manager: pluggy.PluginManager
    plugins: list[Plugin] = field(default_factory=list)
    specs: dict[str, FragmentSpec] = field(default_factory=dict)
    providers: dict[str, list[Plugin]] = field(default_factory=dict)
    hooks: dict[str, list[Plugin]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    disabled: list[str] = field(default_factory=list)


@dataclass
class _Candidate:
    """A plugin that is imported, and not yet among those that loaded.

    It has a plugin manager of its own: whatever fails leaves nothing behind in the one that calls
    the hooks.
    """

    plugin: Plugin
    module: object
    manager: pluggy.PluginManager
    hooks: dict[str, object] = field(default_factory=dict)


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
    # Looked up once, and only if a plugin asks: it reads the metadata of the core.
    core = cache(core_version)
    candidates: list[_Candidate] = []
    # Sorted, so that the outcome does not depend on the order of sys.path.
    for plugin, entry_point, requires in sorted(_entry_points(found), key=lambda each: each[0]):
        if plugin.name in disabled:
            found.disabled.append(plugin.name)
            continue
        # The standard output is the command's: what a plugin prints would break its JSON.
        with redirect_stdout(sys.stderr):
            _load(plugin, entry_point, requires, core, found, candidates)
    # All hooks are known before any implementation is checked, whichever plugin comes first.
    _settle_hooks(found, candidates)
    declared: dict[str, FragmentSpec] = {}
    accepted: list[_Candidate] = []
    for candidate in candidates:
        specs = _check(candidate, found, candidates)
        if specs is None:
            continue
        accepted.append(candidate)
        for spec in specs:
            declared[spec.name] = spec
            found.providers.setdefault(spec.name, []).append(candidate.plugin)
    _add_hooks(found.manager, found, accepted)
    with warnings.catch_warnings():
        # pluggy's of what is deprecated: each candidate has told them.
        warnings.simplefilter("ignore")
        for candidate in accepted:
            found.manager.register(candidate.module, candidate.plugin.identity)
            found.plugins.append(candidate.plugin)
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
    return FragmentConflictError(f"fragment {_several(name, 'provide', providers)}")


def hook_conflict(name: str, providers: list[Plugin]) -> PluginError:
    """The error for a hook that several plugins bring."""
    return PluginError(f"hook {_several(name, 'bring', providers)}")


def _several(name: str, do: str, plugins: list[Plugin]) -> str:
    listed = ", ".join(f"{one.distribution} {one.version} ({one.value})" for one in plugins)
    return (
        f"{name!r} cannot be used, since several plugins {do} it: {listed}; "
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
        key = _canonical(name)
        if key in seen:
            continue
        seen.add(key)
        for entry_point in entry_points:
            yield Plugin(entry_point.name, entry_point.value, name, version), entry_point, requires


def _canonical(distribution: str) -> str:
    # https://packaging.python.org/specifications/name-normalization/
    return re.sub(r"[-_.]+", "-", distribution).lower()


def _load(
    plugin: Plugin,
    entry_point: importlib_metadata.EntryPoint,
    requires: list[str],
    core: Callable[[], str],
    found: Discovery,
    candidates: list[_Candidate],
) -> None:
    """Import one plugin and the hooks that it brings; it is a candidate if nothing failed."""
    stage: Stage = "register"
    try:
        owner = first_party.distribution_of(plugin.name) or plugin.distribution
        if _canonical(owner) != _canonical(plugin.distribution):
            raise PluginError(f"{plugin.name!r} is {owner}'s: give the entry point another name")
        stage = "compatibility"
        _check_compatibility(plugin, requires, core)
        stage = "import"
        candidate = _Candidate(plugin, entry_point.load(), _new_manager())
        stage = "register"
        if any(candidate.module is other.module for other in candidates):
            raise PluginError(f"{plugin.value} is already loaded as another plugin")
        with _named_warnings(plugin):
            candidate.manager.register(candidate.module, plugin.identity)
        stage = "hookspecs"
        _refuse_wrappers(candidate)
        for call in calls_of(candidate.manager, "sfn_fragments_hookspecs"):
            for name in call.things(str, {}, required=True):
                _bring_hooks(candidate, name)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        _record(found, stage, plugin, error)
    else:
        candidates.append(candidate)


@contextmanager
def _named_warnings(plugin: Plugin) -> Iterator[None]:
    """Let pluggy's warnings of deprecated hooks and parameters say whose implementation it is."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    for each in caught:
        told = f"{plugin}: {each.message}"
        warnings.warn_explicit(told, each.category, each.filename, each.lineno)


def _refuse_wrappers(candidate: _Candidate) -> None:
    """Hooks are called plugin by plugin: there is nothing to wrap."""
    for caller in candidate.manager.get_hookcallers(candidate.module) or ():
        if any(each.wrapper or each.hookwrapper for each in caller.get_hookimpls()):
            raise PluginError(
                f"{caller.name} is marked as a wrapper, which nothing calls: leave wrapper=True out"
            )


def _bring_hooks(candidate: _Candidate, module_name: str) -> None:
    """Take the specifications out of one module that a plugin names."""
    try:
        module = import_module(module_name)
    except (Exception, SystemExit) as error:
        reason = f"{type(error).__name__}: {error}"
        raise PluginError(
            f"sfn_fragments_hookspecs names {module_name!r}, which cannot be imported: {reason}"
        ) from error
    prefix = _hook_prefix(candidate.plugin.name)
    problems = []
    specified = False
    for name, function in vars(module).items():
        if candidate.manager.parse_hookspec_opts(module, name) is None:
            if name.startswith(f"{PROJECT}_") and callable(function):
                problems.append(f"{name} is not marked with @hookspec")
            continue
        specified = True
        if hasattr(hookspecs, name):
            problems.append(f"{name} is a hook of the core")
        elif name in candidate.hooks:
            problems.append(f"{name} is specified twice")
        elif not name.startswith(prefix) and first_party.HOOKS.get(name) != candidate.plugin.name:
            problems.append(f"{name} does not begin with {prefix}")
        elif not (function.__doc__ or "").strip():
            problems.append(f"{name} has no docstring, which tells others how to implement it")
        candidate.hooks[name] = function
    if not specified:
        problems.append("it has no function that is marked with @hookspec")
    if problems:
        raise PluginError(f"module {module_name!r} of hooks: {', and '.join(problems)}")


def _hook_prefix(plugin: str) -> str:
    """What the names of a plugin's hooks begin with; entry points may be no identifiers."""
    return re.sub(r"\W", "_", f"{PROJECT}_{plugin}_")


def _settle_hooks(found: Discovery, candidates: list[_Candidate]) -> None:
    """Find out which plugins bring which hooks, and where several bring the same."""
    for candidate in candidates:
        for name in candidate.hooks:
            found.hooks.setdefault(name, []).append(candidate.plugin)
    for name, plugins in sorted(found.hooks.items()):
        if len(plugins) > 1:
            for plugin in plugins:
                _record(found, "conflict", plugin, hook_conflict(name, plugins))


def _add_hooks(
    manager: pluggy.PluginManager, found: Discovery, candidates: list[_Candidate]
) -> None:
    """Let a manager know the hooks that these plugins bring, without those that conflict."""
    usable = ModuleType("hooks of plugins")
    for candidate in candidates:
        for name, function in candidate.hooks.items():
            if len(found.hooks[name]) == 1:
                setattr(usable, name, function)
    # pluggy takes a module without any hook for a mistake.
    if any(name in found.hooks for name in vars(usable)):
        manager.add_hookspecs(usable)


def _check(
    candidate: _Candidate, found: Discovery, candidates: list[_Candidate]
) -> list[FragmentSpec] | None:
    """Hold a plugin to the hooks it implements; its fragments, or ``None`` if something failed."""
    stage: Stage = "register"
    try:
        # Compares the implementations that are registered with the specifications.
        with _named_warnings(candidate.plugin):
            _add_hooks(candidate.manager, found, candidates)
        _refuse_unknown_hooks(candidate, found)
        stage = "declare"
        return _declared(candidate)
    except (Exception, SystemExit) as error:
        _record(found, stage, candidate.plugin, error)
        return None


def _refuse_unknown_hooks(candidate: _Candidate, found: Discovery) -> None:
    """Otherwise a hook whose name is misspelt would silently never be called."""
    for caller in candidate.manager.get_hookcallers(candidate.module) or ():
        name = caller.name
        optional = all(each.optionalhook for each in caller.get_hookimpls())
        if caller.has_spec() or optional or _is_left_out(name, found):
            continue
        from sfn_fragments_asl.near_names import near_names

        # What follows the prefix, which makes all of them alike.
        known = [*vars(hookspecs), *found.hooks, *first_party.HOOKS]
        hooks = {each.removeprefix(f"{PROJECT}_") for each in known if each.startswith(PROJECT)}
        near = near_names(name.removeprefix(f"{PROJECT}_"), sorted(hooks))
        meant = f"did you mean {PROJECT}_{near[0]}? If not, and" if near else "if"
        raise PluginError(
            f"unknown hook {name!r}; {meant} it is one of a plugin that need not be installed, or "
            "of a later release, mark it with @hookimpl(optionalhook=True)"
        )


def _is_left_out(hook: str, found: Discovery) -> bool:
    """Whether a hook that nobody specifies is that of a plugin that is not there, or conflicts."""
    failed = (problem.plugin for problem in found.problems if problem.stage != "conflict")
    absent = tuple(_hook_prefix(plugin) for plugin in (*found.disabled, *failed) if plugin)
    return hook in found.hooks or hook in first_party.HOOKS or hook.startswith(absent)


def _check_compatibility(plugin: Plugin, requires: list[str], core: Callable[[], str]) -> None:
    for requirement in requires:
        if is_about_core(requirement) and not allows(requirement, core()):
            raise PluginError(
                f"{plugin.distribution} {plugin.version} requires {requirement!r}, "
                f"and {CORE} {core()} is installed"
            )


def _declared(candidate: _Candidate) -> list[FragmentSpec]:
    """What the register hook of a plugin yields."""
    specs: dict[str, FragmentSpec] = {}
    prefix = f"{candidate.plugin.name}."
    for call in calls_of(candidate.manager, "sfn_fragments_register"):
        for spec in call.things(FragmentSpec, {}, required=True):
            if not spec.name.startswith(prefix):
                raise PluginError(
                    f"fragment {spec.name!r} does not begin with the name of its entry point, "
                    f"{prefix!r}"
                )
            if spec.name in specs:
                raise PluginError(f"fragment {spec.name!r} is declared twice")
            specs[spec.name] = spec
    return list(specs.values())


def _record(found: Discovery, stage: Stage, plugin: Plugin, error: BaseException) -> None:
    show_traceback(error)
    problem = Problem(stage, plugin.name, plugin.value, plugin.distribution, plugin.version, error)
    if is_set(STRICT_VARIABLE):
        if isinstance(error, FragmentConflictError):
            raise error
        raise PluginError(str(problem)) from error
    found.problems.append(problem)
