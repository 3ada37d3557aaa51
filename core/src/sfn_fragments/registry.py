"""The registry: the fragments of all installed plugins by name, imported on first use."""

from __future__ import annotations

import gc
import importlib
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout, suppress
from typing import TYPE_CHECKING, Any, Concatenate, overload

from sfn_fragments import first_party
from sfn_fragments.calling import Call, calls_of
from sfn_fragments.discovery import (
    DISABLE_VARIABLE,
    Plugin,
    Problem,
    conflict,
    discover,
    hook_conflict,
)
from sfn_fragments.errors import (
    FragmentsError,
    InvalidParametersError,
    PluginError,
    UnknownFragmentError,
)
from sfn_fragments.spec import FragmentSpec, P, T, TypedSpec

if TYPE_CHECKING:
    import pluggy
    from constructs import Construct


class FragmentRegistry(Mapping[str, FragmentSpec]):
    """Read-only mapping of fragment names to their specs; classes are imported on first use.

    Use `get_registry`: it shares one registry in the process.

    Raises:
        PluginError: A plugin failed and ``SFN_FRAGMENTS_STRICT=1`` is set.
        FragmentConflictError: A name is provided twice, and the same is set.

    Examples:
        >>> from sfn_fragments import get_registry
        >>> registry = get_registry()
        >>> len(registry) == len(registry.names())
        True
    """

    def __init__(self) -> None:
        """Discover the installed plugins."""
        self._lock = threading.Lock()
        self._resolved: dict[str, Any] = {}
        self._found = discover()

    def __getitem__(self, name: str) -> FragmentSpec:
        """The spec of a fragment; see `spec`."""
        found = self._found
        spec = found.specs.get(name)
        if spec is not None:
            return spec
        if name in found.providers:
            raise conflict(name, found.providers[name])
        raise UnknownFragmentError(self._explain_unknown(str(name)))

    def __iter__(self) -> Iterator[str]:
        """The names, sorted."""
        return iter(self._found.specs)

    def __len__(self) -> int:
        """How many fragments can be used."""
        return len(self._found.specs)

    def __repr__(self) -> str:
        """The type and the counts."""
        return (
            f"<{type(self).__name__}: {len(self)} fragments of {len(self.plugins())} plugins, "
            f"{len(self.problems())} problems>"
        )

    @property
    def plugin_manager(self) -> pluggy.PluginManager:
        """Holds the plugins that loaded; another one after `refresh`.

        Hooks are called by `offers` and `calls` alone, which name who is at fault.
        """
        return self._found.manager

    def names(self) -> tuple[str, ...]:
        """Names of all fragments that can be used, sorted; imports none of them."""
        return tuple(self._found.specs)

    def plugins(self) -> tuple[Plugin, ...]:
        """All plugins that loaded, those without fragments too."""
        return tuple(self._found.plugins)

    def problems(self) -> tuple[Problem, ...]:
        """Plugins that failed and names that conflict, each with what to do."""
        return tuple(self._found.problems)

    def disabled(self) -> tuple[str, ...]:
        """Names of the plugins that are left out by ``SFN_FRAGMENTS_DISABLE``."""
        return tuple(self._found.disabled)

    def spec(self, name: str) -> FragmentSpec:
        """What the plugin declares about a fragment.

        Args:
            name: Name of the fragment, such as ``data_sync.sync``.

        Returns:
            The spec; nothing is imported.

        Raises:
            UnknownFragmentError: No plugin provides the name.
            FragmentConflictError: Several plugins provide it.
        """
        return self[name]

    def find(self, text: str = "", *, keyword: str | None = None) -> tuple[FragmentSpec, ...]:
        """Look for fragments.

        Args:
            text: Words that all stand in the name, the summary or a keyword, in any case; empty for
                any.
            keyword: A keyword that it has; ``None`` for any.

        Returns:
            The specs, sorted by name; nothing is imported.

        Examples:
            >>> from sfn_fragments import get_registry
            >>> [spec.name for spec in get_registry().find("invokes lambda", keyword="lambda")]
            ['core.lambda_function']
        """
        found = [
            (spec, " ".join((spec.name, spec.summary.lower(), *spec.keywords)))
            for spec in self.values()
            if keyword is None or keyword.lower() in spec.keywords
        ]
        words = text.lower().split()
        return tuple(spec for spec, all_of_it in found if all(word in all_of_it for word in words))

    def provider(self, name: str) -> Plugin:
        """The plugin that provides a fragment, with its distribution and version.

        Args:
            name: Name of the fragment.

        Returns:
            The plugin.

        Raises:
            UnknownFragmentError: No plugin provides the name.
            FragmentConflictError: Several plugins provide it.
        """
        self.spec(name)
        return self._found.providers[name][0]

    @overload
    def load(self, name: TypedSpec[P, T]) -> Callable[Concatenate[Construct, str, P], T]: ...
    @overload
    def load(self, name: str) -> Callable[..., Any]: ...
    def load(self, name: str | FragmentSpec) -> Callable[..., Any]:
        """Import a fragment.

        Args:
            name: Name of the fragment, or a `TypedSpec` with that name, so
                that type checkers know what is returned.

        Returns:
            Its class, or the function that returns an instance.

        Raises:
            UnknownFragmentError: No plugin provides the name.
            FragmentConflictError: Several plugins provide it.
            PluginError: Its target cannot be imported, or cannot be called.
            NodeNotFoundError: CDK needs Node.js, and there is none.
        """
        name = str(name)
        target = self.spec(name).target
        if "jsii" not in sys.modules:
            # jsii starts Node at import, and explains a missing one badly.
            from sfn_fragments.node import ensure_node

            ensure_node()
        fragment: object = self._resolve(target, [name])
        if not callable(fragment):
            raise PluginError(
                f"fragment {name!r} of {self.provider(name)}: target {target!r} is "
                f"{fragment!r}, neither a class nor a function"
            )
        return fragment

    @overload
    def create(
        self, name: TypedSpec[P, T], scope: Construct, id: str, /, *args: P.args, **kwargs: P.kwargs
    ) -> T: ...
    @overload
    def create(self, name: str, scope: Construct, id: str, /, *args: Any, **kwargs: Any) -> Any: ...
    def create(
        self, name: str | FragmentSpec, scope: Construct, id: str, /, *args: Any, **kwargs: Any
    ) -> Any:
        """Import a fragment and make an instance.

        Args:
            name: Name of the fragment, or a `TypedSpec` with that name, so
                that type checkers check the arguments and know what is returned.
            scope: Construct that will hold the instance.
            id: Its id within the scope.
            *args: What the fragment takes besides by its position.
            **kwargs: What it takes besides by its name; ``name`` may be among them.

        Returns:
            The instance.

        Raises:
            UnknownFragmentError: No plugin provides the name.
            FragmentConflictError: Several plugins provide it.
            PluginError: Its target cannot be imported, or a plugin that the project requires cannot
                be used.
            InvalidParametersError: An argument is not one of its parameters, a required one is
                missing, or, as the fragment tells it, a value cannot work.

        Examples:
            ``registry.create("data_sync.sync", stack, "Sync", env_base=env_base)``
        """
        # Listing the fragments does without.
        from sfn_fragments.parameters import argument_problems, parameters_of
        from sfn_fragments.required_plugins import ensure_required

        ensure_required(self)
        fragment = self.load(str(name))
        parameters = parameters_of(fragment)
        missing = {each.name for each in parameters[len(args) :] if each.required} - {*kwargs}
        if problems := argument_problems(parameters, kwargs, missing):
            raise InvalidParametersError(f"{name} {id!r}", problems)
        return fragment(scope, id, *args, **kwargs)

    def resolve(self, target: str) -> Any:
        """Import what a string of a spec names: a request model, a response model, an example.

        Args:
            target: ``"package.module:Name"``.

        Returns:
            The object; the same one on every call.

        Raises:
            PluginError: The module cannot be imported, or has no such name.
        """
        return self._resolve(target, [of for of in self if target in vars(self.spec(of)).values()])

    def _resolve(self, target: str, fragments: list[str]) -> Any:
        """Import a target of some fragments, the first of which an error names."""
        with self._lock:
            if target in self._resolved:
                return self._resolved[target]
        module, _, path = target.partition(":")
        if "jsii" not in sys.modules:
            from sfn_fragments.node import NodeNotFoundError, ensure_node

            # The module may import CDK; one that does not needs no Node.
            with suppress(NodeNotFoundError):
                ensure_node()
        try:
            # Outside the lock: Python has its own per module, and holding two at once would
            # deadlock with a thread that comes here from within an import. What a module prints is
            # no output of the command.
            with _without_collections(), redirect_stdout(sys.stderr):
                value: Any = importlib.import_module(module)
            for attribute in path.split("."):
                value = getattr(value, attribute)
        except FragmentsError:
            # Already says what is missing and what to do.
            raise
        except (Exception, SystemExit) as error:
            named = (f"fragment {one!r} of {self.provider(one)}: " for one in fragments)
            told = f"target {target!r} cannot be loaded: {type(error).__name__}: {error}"
            raise PluginError(f"{next(named, '')}{told}") from error
        with self._lock:
            return self._resolved.setdefault(target, value)

    def offers(self, hook: str, kind: type, /, **arguments: Any) -> list[Any]:
        """Ask the plugins, one by one, with a hook whose implementations give several things.

        This is how a plugin calls the hooks that it brings; see ``sfn_fragments_hookspecs``.

        Args:
            hook: Name of the hook.
            kind: What each thing must be an instance of.
            **arguments: What the hook's specification takes.

        Returns:
            What the plugins give, in the order in which pluggy calls them: the last one loaded
            first, but for ``tryfirst`` and ``trylast``. Nothing where no plugin implements it.

        Raises:
            PluginError: A plugin raises or gives something else; or several plugins bring the hook.

        Examples:
            >>> from sfn_fragments import FragmentSpec, get_registry
            >>> specs = get_registry().offers("sfn_fragments_register", FragmentSpec)
            >>> "core.lambda_function" in {spec.name for spec in specs}
            True
        """
        offered: list[Any] = []
        for call in self.calls(hook):
            offered += call.things(kind, arguments)
        return offered

    def calls(self, hook: str) -> Iterator[Call]:
        """The implementations of a hook, to be called one by one.

        Args:
            hook: Name of the hook.

        Returns:
            The implementations, in the order of `offers`; each names its plugin, and is
            called by ``things(kind, arguments)``, or by ``tell(arguments)`` if it gives nothing.

        Raises:
            PluginError: Several plugins bring the hook.

        Examples:
            >>> from sfn_fragments import FragmentSpec, get_registry
            >>> calls = get_registry().calls("sfn_fragments_register")
            >>> "core" in {call.name for call in calls if call.things(FragmentSpec, {})}
            True
        """
        found = self._found
        if len(found.hooks.get(hook, ())) > 1:
            raise hook_conflict(hook, found.hooks[hook])
        plugins = {plugin.identity: plugin for plugin in found.plugins}
        return calls_of(found.manager, hook, plugins)

    def refresh(self) -> None:
        """Discover again, for plugins that were installed or removed since.

        Modules that were imported before stay as they are.

        Raises:
            PluginError: A plugin failed and ``SFN_FRAGMENTS_STRICT=1`` is set.
            FragmentConflictError: A name is provided twice, and the same is set.
        """
        importlib.invalidate_caches()
        found = discover()
        with self._lock:
            self._found = found
            self._resolved = {}

    def _explain_unknown(self, name: str) -> str:
        # Only errors need it.
        from difflib import get_close_matches

        found = self._found
        loaded = {plugin.name for plugin in found.plugins}
        # A loaded plugin's own list is the truth about its names.
        absent = [f for f in first_party.FRAGMENTS if f.partition(".")[0] not in loaded]
        near = get_close_matches(name, [*found.specs, *absent])
        lines = [f"no fragment is named {name!r}"]
        if name in near:
            # The name is right, and only its plugin is missing.
            near = []
        if near:
            lines.append(f"did you mean {' or '.join(map(repr, near))}?")
        for candidate in near or [name]:
            hint = self._installation_hint(candidate)
            if hint is not None and hint not in lines:
                lines.append(hint)
        failed = [problem for problem in found.problems if problem.stage != "conflict"]
        if failed:
            lines.append("these plugins failed, so that their fragments are not listed:")
            lines.extend(f"  - {problem}" for problem in failed)
        elif len(lines) == 1:
            lines.append("'sfn-fragments list' lists those that are installed")
        return "\n".join(lines)

    def _installation_hint(self, name: str) -> str | None:
        found = self._found
        if name in found.specs:
            return None
        prefix = name.partition(".")[0]
        if prefix in found.disabled:
            return f"plugin {prefix!r} is left out by {DISABLE_VARIABLE}"
        installed = {plugin.name for plugin in found.plugins}
        failed = {problem.plugin for problem in found.problems}
        if prefix not in first_party.EXTRAS or prefix in installed | failed:
            return None
        return (
            f"{prefix!r} fragments come with: "
            f'pip install "sfn-fragments[{first_party.EXTRAS[prefix]}]"'
        )


@contextmanager
def _without_collections() -> Iterator[None]:
    """Import without looking for garbage meanwhile.

    What modules make stays for good, and those of CDK make so much that Python looks through all of
    it, in vain, for as long as the import takes otherwise.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


_registry: FragmentRegistry | None = None
_discovering = False
_lock = threading.RLock()


def get_registry() -> FragmentRegistry:
    """The registry of this process; the first call discovers the plugins.

    Returns:
        The same registry on every call, in every thread.

    Raises:
        PluginError: A plugin calls this while it is being loaded; or a plugin failed and
            ``SFN_FRAGMENTS_STRICT=1`` is set.
        FragmentConflictError: A name is provided twice, and the same is set.

    Examples:
        >>> from sfn_fragments import get_registry
        >>> get_registry() is get_registry()
        True
    """
    global _registry, _discovering
    with _lock:
        if _registry is None:
            # The lock lets the same thread in again, which is a plugin asking for itself.
            if _discovering:
                raise PluginError(
                    "get_registry() was called by a plugin that is being loaded; "
                    "call it inside the function that needs it"
                )
            _discovering = True
            try:
                _registry = FragmentRegistry()
            finally:
                _discovering = False
        return _registry
