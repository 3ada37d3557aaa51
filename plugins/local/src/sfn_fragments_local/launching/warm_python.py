"""Runs modules of Python in copies of an interpreter that has imported what they need.

Importing the AWS libraries takes longer than most jobs. A copy of a process that has imported them
is what a new interpreter is after the same imports, if these depend on nothing that is the job's
own. So the variables that they read are noted: a job that sets one of them gets a new interpreter.
HOME is one; so there are copies where all jobs have the same, in a file tree of their own.
"""

from __future__ import annotations

import builtins
import gc
import importlib
import os
import runpy
import signal
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

#: Beginnings of the names of variables that Python, libc and OpenSSL read by themselves.
_OF_THE_RUNTIME = (
    *("PYTHON", "LC_", "LANG", "TZ", "LD_", "DYLD_", "MALLOC_", "GLIBC_", "OPENSSL_", "SSL_"),
    *("NLSPATH", "LOCPATH", "COLUMNS", "LINES", "TERM"),
)


class _Noting(os._Environ[str]):
    """Takes the place of the class of ``os.environ`` and notes the names that are read."""

    read: ClassVar[set[str]] = set()

    def __getitem__(self, name: str) -> str:
        self.read.add(name)
        return str(super().__getitem__(name))

    def __contains__(self, name: object) -> bool:
        self.read.add(str(name))
        return super().__contains__(name)

    def __iter__(self) -> Iterator[str]:
        self.read.add("*")
        return super().__iter__()

    def copy(self) -> dict[str, str]:
        self.read.add("*")
        return super().copy()


class Interpreter:
    """This interpreter, with modules imported ahead.

    Args:
        modules: Their names. Those that are not installed are left out.
    """

    def __init__(self, modules: Sequence[str]) -> None:
        """Import them."""
        # The folder of this program; those of the job come in its place.
        self._path = sys.path[1:]
        # Python sets it where no locale is chosen, and nothing else: this process was given none.
        self._coerced = {n: v for n, v in os.environ.items() if n == "LC_CTYPE"}
        before = {n: v for n, v in os.environ.items() if n not in self._coerced}
        environ: Any = os.environ
        plain = type(environ)
        environ.__class__ = _Noting
        try:
            for name in modules:
                try:
                    importlib.import_module(name)
                except ImportError:
                    continue
        finally:
            environ.__class__ = plain
        self._read = frozenset(_Noting.read)
        self._before = before
        # An import that changes them would be one more that a new process has not seen.
        self._changes = dict(os.environ) != {**before, **self._coerced}
        self._found = _identities([sys.executable, *self._path])
        # Collecting would copy the memory that the copies share.
        gc.collect()
        gc.freeze()

    def can_run(self, command: Sequence[str], environment: Mapping[str, str]) -> bool:
        """Whether a copy would be what a new process is.

        Args:
            command: The command.
            environment: Its environment.

        The current folder is the command's.
        """
        if command[:2] != [sys.executable, "-m"] or len(command) < 3:
            return False
        if "*" in self._read or self._changes:
            return False
        if self._found != _identities([sys.executable, *self._path]) or self._shadowed():
            return False
        return all(
            environment.get(name) == self._before.get(name)
            for name in {*environment, *self._before}
            if name in self._read or name.startswith(_OF_THE_RUNTIME)
        )

    def _shadowed(self) -> bool:
        """Whether the current folder, which comes first, has a module that was found elsewhere."""
        imported = {name.partition(".")[0] for name in sys.modules}
        return any(entry.partition(".")[0] in imported for entry in os.listdir("."))

    @staticmethod
    def _make_main() -> None:
        """Give a main module as Python makes it; libraries may hold the one of the server."""
        old, main = sys.modules["__main__"], ModuleType("__main__")
        main.__dict__["__builtins__"] = builtins
        if hasattr(old, "__annotations__"):
            main.__annotations__ = {}
        for name in [name for name, module in sys.modules.items() if module is old]:
            sys.modules[name] = main
        if process := sys.modules.get("multiprocessing.process"):
            vars(process)["ORIGINAL_DIR"] = os.getcwd()

    def become(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Run the command's module as ``python -m`` does, to the end of this process.

        Args:
            command: ``python -m MODULE ...``.
            environment: Its environment.
        """
        os.environ.clear()
        os.environ.update({**environment, **self._coerced})
        sys.argv = ["-m", *command[3:]]
        sys.orig_argv = [*command]
        sys.path[:] = [os.getcwd(), *self._path]
        for name in [name for name in sys.modules if name.startswith("sfn_fragments_local")]:
            del sys.modules[name]
        self._make_main()
        # As Python sets them when it starts.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for number in (signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(number, signal.SIG_IGN)
        run: Any = runpy
        try:
            # What "python -m" calls.
            run._run_module_as_main(command[2])
        except SystemExit:
            raise
        except BaseException as error:
            # As Python shows it, without the frames of this module.
            shown = error.with_traceback(error.__traceback__ and error.__traceback__.tb_next)
            sys.excepthook(type(error), shown, shown.__traceback__)
            sys.exit(128 + signal.SIGINT if isinstance(error, KeyboardInterrupt) else 1)


def _identities(paths: Sequence[str]) -> list[tuple[int, int] | None]:
    """What is at paths, which a mount may have covered in a container."""
    found: list[tuple[int, int] | None] = []
    for path in paths:
        try:
            status = os.stat(path)
        except OSError:
            found.append(None)
        else:
            found.append((status.st_dev, status.st_ino))
    return found


class ReplacedError(BaseException):
    """Unwinds the process of a command to where its module can run as the main one.

    Args:
        interpreter: Runs it.
        command: The command.
        environment: Its environment.
    """

    def __init__(
        self, interpreter: Interpreter, command: Sequence[str], environment: Mapping[str, str]
    ) -> None:
        """Keep what to run."""
        super().__init__()
        self._arguments = (interpreter, command, environment)

    def run_module(self) -> None:
        """Run it; see `Interpreter.become`."""
        interpreter, command, environment = self._arguments
        interpreter.become(command, environment)
