"""The one way to call a hook: guarded, so that whoever does something wrong is named.

pluggy's own call ends at the first error, does not tell whose it is, and passes on whatever is
given. Here each implementation is called by itself; what it raises, gives or changes is held to
what its hook says.
"""

from __future__ import annotations

import copy
import inspect
import os
import sys
from contextlib import redirect_stdout
from typing import TYPE_CHECKING, Any, TypeVar

from sfn_fragments.errors import PluginError, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pluggy

    from sfn_fragments.discovery import Plugin

T = TypeVar("T")

#: Set to 1: errors of plugins come with their tracebacks.
DEBUG_VARIABLE = "SFN_FRAGMENTS_DEBUG"

#: Set to 1: each call of a hook is told on stderr.
TRACE_VARIABLE = "SFN_FRAGMENTS_TRACE_HOOKS"


def is_set(variable: str) -> bool:
    """Whether an environment variable switches something on."""
    return os.environ.get(variable, "0") not in ("", "0")


def show_traceback(error: BaseException) -> None:
    """Print where an error of a plugin comes from, for who asked by ``SFN_FRAGMENTS_DEBUG=1``."""
    if is_set(DEBUG_VARIABLE):
        import traceback

        traceback.print_exception(error)


class Call:
    """One implementation of a hook, which is called once.

    Args:
        implementation: What pluggy knows of it.
        plugins: The plugins that loaded, by their names in pluggy; ``None`` if the caller says
            whose it is.

    Attributes:
        plugin: Its plugin; ``None`` for one that was registered by hand, such as in a test.
        name: Name of its plugin's entry point; in pluggy, of one that was registered by hand.
    """

    def __init__(
        self, implementation: pluggy.HookImpl, plugins: Mapping[str, Plugin] | None
    ) -> None:
        self._implementation = implementation
        self._named = plugins is not None
        self.plugin = (plugins or {}).get(implementation.plugin_name)
        self.name = self.plugin.name if self.plugin else implementation.plugin_name

    @property
    def subject(self) -> str:
        """One phrase: the plugin, with its distribution and version."""
        return str(self.plugin or f"plugin {self.name!r}")

    def things(
        self, kind: type[T], arguments: Mapping[str, Any], *, required: bool = False
    ) -> list[T]:
        """Call it for several things.

        Args:
            kind: What each thing must be an instance of.
            arguments: What the hook's specification takes.
            required: Whether it is wrong to give ``None``, which stands for no things otherwise.

        Raises:
            PluginError: It raises, gives something else, or changes what is to be read only.
        """

        def listed(given: Any) -> list[Any]:
            if given is None and not required:
                return []
            # A text would be taken for its letters.
            return [given] if isinstance(given, str) else list(given)

        things: list[T] = self._called(listed, arguments)
        for thing in things:
            if isinstance(thing, type) or not isinstance(thing, kind):
                raise self.error(f"gives {thing!r}, which is no instance of {kind.__name__}")
        return things

    def tell(self, arguments: Mapping[str, Any]) -> None:
        """Call one that gives nothing.

        Args:
            arguments: What the hook's specification takes.

        Raises:
            PluginError: It raises, gives something, or changes what is to be read only.
        """
        given = self._called(lambda given: given, arguments)
        if given is not None:
            # A `yield` in it, and nothing of it would have run.
            raise self.error(f"gives {given!r}, where nothing is asked for")

    def _called(self, taken: Any, arguments: Mapping[str, Any]) -> Any:
        given = {name: arguments[name] for name in self._implementation.argnames}
        # What is data is the caller's. Objects, such as options, are there to be changed.
        data = {name: each for name, each in given.items() if isinstance(each, (dict, list))}
        before = copy.deepcopy(data)
        try:
            # The standard output is the command's: what a hook prints would break its JSON.
            with redirect_stdout(sys.stderr):
                result = taken(self._implementation.function(*given.values()))
        except KeyboardInterrupt:
            raise
        # Not all that plugins raise is an Exception: a panic of a Rust extension is none.
        except BaseException as error:
            show_traceback(error)
            raise self.error(f"{type(error).__name__}: {error}", error) from error
        if changed := [name for name in data if data[name] != before[name]]:
            raise self.error(f"changes {' and '.join(changed)}, which it may only read")
        if is_set(TRACE_VARIABLE):
            hook = self._implementation.function.__name__
            print(f"hook {hook} of {self.subject}: {shown.repr(result)}", file=sys.stderr)
        return result

    def error(self, reason: str, raised: BaseException | None = None) -> PluginError:
        """The error that names the plugin, the hook, its file and line, and how to go on.

        Args:
            reason: What is wrong.
            raised: What it raised, which tells the line.
        """
        function = inspect.unwrap(self._implementation.function)
        code = function.__code__
        line = code.co_firstlineno
        trace = raised.__traceback__ if raised else None
        while trace is not None:
            if trace.tb_frame.f_code.co_filename == code.co_filename:
                line = trace.tb_lineno
            trace = trace.tb_next
        reason = f"{function.__name__} ({code.co_filename}:{line}): {reason}"
        if not self._named:
            return PluginError(reason)
        remedy = f"; {self.plugin.remedy}" if self.plugin else ""
        return PluginError(f"{self.subject}: {reason}{remedy}")


def calls_of(
    manager: pluggy.PluginManager, hook: str, plugins: Mapping[str, Plugin] | None = None
) -> Iterator[Call]:
    """Each implementation of a hook.

    Args:
        manager: Knows the implementations.
        hook: Name of the hook.
        plugins: The plugins that loaded, by their names in pluggy; ``None`` if the caller says
            whose an implementation is.

    Yields:
        The implementations, in the order in which pluggy calls them: the last one loaded first, but
        for ``tryfirst`` and ``trylast``.
    """
    caller = getattr(manager.hook, hook, None)
    for implementation in reversed(caller.get_hookimpls() if caller else []):
        yield Call(implementation, plugins)
