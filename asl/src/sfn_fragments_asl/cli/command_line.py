"""How a command line ends where something is wrong: in one line, and with the right exit code."""

from __future__ import annotations

import errno
import os
import sys
import threading
import traceback
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import click

from sfn_fragments_asl.cli.output import echo_json, echo_labelled
from sfn_fragments_asl.errors import AslError

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Set to 1, it shows the traceback of each error, as the option does.
DEBUG_VARIABLE = "SFN_FRAGMENTS_DEBUG"
_OPTION = "--traceback"

_DONE, _FAILED, _WRONG_USE, _INTERRUPTED = 0, 1, 2, 130

#: What the commands print with.
_PRINTING = ("click", "rich")


class CommandLine(click.Group):
    """A group of commands, none of which shows a traceback to who has not asked for it.

    The group and each command of it have the option ``--traceback``, those of plugins too. Called
    as a function, it is the whole process; `main` is for what has other things to do as well. Who
    asks for JSON gets an error as JSON on the standard output too, ``{"error": {"message": ...}}``.

    Examples:
        >>> from click.testing import CliRunner
        >>> @click.group(cls=CommandLine)
        ... def program() -> None: ...
        >>> @program.command("divide")
        ... def divide() -> None:
        ...     1 / 0
        >>> print(CliRunner().invoke(program, ["divide"]).stderr.rstrip())
        error: ZeroDivisionError: division by zero (--traceback shows where)
    """

    #: Errors whose message tells all that their users have to know, besides those of the language.
    told: ClassVar[tuple[type[Exception], ...]] = ()
    #: Those of them that a wrong call has caused.
    wrong_use: ClassVar[tuple[type[Exception], ...]] = ()

    def __init__(self, *args: Any, **attributes: Any) -> None:
        """Make the group, with its option; nobody has given it yet."""
        super().__init__(*args, **attributes)
        self.asked_for_traceback = False
        self._asked_for_json = False
        _add_option(self)

    def __call__(self, *args: Any, **extra: Any) -> Any:
        """Run the command line, and end the process with its exit code."""
        _ensure_standard_streams()
        try:
            return self.main(*args, **extra)
        except SystemExit as end:
            if end.code and not self._shows_tracebacks():
                # What an error, or Ctrl-C, leaves half made complains when Python ends.
                sys.unraisablehook = lambda _: None
            raise

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, and give it the option."""
        name, command, rest = super().resolve_command(ctx, args)
        if command is not None:
            _add_option(command)
        return name, command, rest

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a pipe that is closed is its own only if it is the standard output."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            # click ends in silence for any of them, as is right for `| head`.
            if not _is_of_output(error):
                raise _PipeError(f"a pipe was closed at its other end: {error}") from error
            raise

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Run the command line; in standalone mode, end the process with its exit code."""
        if not standalone_mode:
            return super().main(args, prog_name, complete_var, standalone_mode=False, **extra)
        self.asked_for_traceback = False
        given = [*(sys.argv[1:] if args is None else args)]
        self._asked_for_json = "--json" in given or ("--format", "json") in pairwise(given)
        thread_hook = threading.excepthook
        threading.excepthook = self._tell_of_thread
        try:
            result = super().main(args, prog_name, complete_var, standalone_mode=False, **extra)
            code = result if isinstance(result, int) else _DONE
            if (error := _output_error()) is not None:
                raise error
        except (click.Abort, KeyboardInterrupt):
            code = _INTERRUPTED
        except SystemExit:
            raise
        # Not all that plugins raise is an Exception: a panic of a Rust extension is none.
        except BaseException as error:
            code = self._end(error)
        finally:
            threading.excepthook = thread_hook
        sys.exit(code)

    def _end(self, error: BaseException) -> int:
        """Tell of an error, and return the exit code."""
        code = _FAILED
        if isinstance(error, click.ClickException):
            message, code = error.format_message(), error.exit_code
        elif isinstance(error, (AslError, *self.told)):
            message = str(error)
            code = _WRONG_USE if isinstance(error, self.wrong_use) else _FAILED
        elif isinstance(error, OSError) and _is_of_output(error):
            message = f"what this prints cannot be written: {error.strerror}"
            _let_go_of(sys.stdout)
        else:
            message = _in_one_line(error)
        try:
            if self._shows_tracebacks():
                traceback.print_exception(error)
            if isinstance(error, click.UsageError) and error.ctx is not None:
                click.echo(error.ctx.get_usage(), err=True)
                click.echo(f"Try '{error.ctx.command_path} --help'.", err=True)
            _tell(message)
        except OSError:  # nobody can be told
            _let_go_of(sys.stderr)
        if self._asked_for_json:
            with suppress(OSError):
                echo_json({"error": {"message": message, "exit_code": code}})
        return code

    def _tell_of_thread(self, told: threading.ExceptHookArgs) -> None:
        """Tell of what a thread did not catch."""
        if told.exc_value is None or isinstance(told.exc_value, SystemExit):
            return
        with suppress(OSError):
            if self._shows_tracebacks():
                traceback.print_exception(told.exc_value)
            _tell(_in_one_line(told.exc_value))

    def _shows_tracebacks(self) -> bool:
        return self.asked_for_traceback or os.environ.get(DEBUG_VARIABLE, "0") not in ("", "0")


class _PipeError(Exception):
    """A pipe that is not the standard output was closed at its other end."""


def _remember(context: click.Context, _parameter: click.Parameter, asked: bool) -> None:
    program = context.find_root().command
    if asked and isinstance(program, CommandLine):
        program.asked_for_traceback = True


def _add_option(command: click.Command) -> None:
    """Give a command the option, and those below it, unless they have one of this name."""
    if not any(_OPTION in parameter.opts for parameter in command.params):
        option = click.Option(
            [_OPTION],
            is_flag=True,
            # Before all whose errors it is to show.
            is_eager=True,
            expose_value=False,
            callback=_remember,
            help=f"Show where an error comes from, as {DEBUG_VARIABLE}=1 does.",
        )
        command.params.append(option)
    if isinstance(command, click.Group):
        for one in command.commands.values():
            _add_option(one)


def _in_one_line(error: BaseException) -> str:
    if isinstance(error, MemoryError):
        return "there is not enough memory (`ulimit -v` tells how much a process may have)"
    if isinstance(error, OSError) and error.strerror:
        place = f": {error.filename}" if error.filename is not None else ""
        hint = " (`ulimit -n 1024` allows more)" if error.errno == errno.EMFILE else ""
        return f"{error.strerror}{place}{hint}"
    lines = str(error).strip().splitlines()
    told = f": {lines[0]}" if lines else ""
    return f"{type(error).__name__}{told} ({_OPTION} shows where)"


def _tell(message: str) -> None:
    try:
        echo_labelled("error", message)
    except (ImportError, MemoryError, OSError):
        # What prints in colour takes files and memory to import.
        click.echo(f"error: {message}", err=True)


def _output_error() -> OSError | None:
    """Why what was printed does not arrive, if the stream still holds it."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError as error:
        return error
    return None


def _is_of_output(error: OSError) -> bool:
    """Whether it was raised where something is printed."""
    *_, (frame, _line) = traceback.walk_tb(error.__traceback__)
    module = str(frame.f_globals.get("__name__", ""))
    # Where a stream keeps nothing, as with PYTHONUNBUFFERED, flushing it again tells nothing.
    printing = error.filename is None and module.partition(".")[0] in _PRINTING
    return printing or _output_error() is not None


def _let_go_of(stream: Any) -> None:
    """Have what a stream still holds go nowhere, or Python would fail at its end."""
    with suppress(OSError, ValueError), Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), stream.fileno())


def _ensure_standard_streams() -> None:
    """Open what is closed of the standard streams.

    Else the next file that is opened takes the place, and what is printed lands in it.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            # The lowest that is free: this one.
            os.open(os.devnull, os.O_RDWR)
            os.set_inheritable(descriptor, True)
    # These are no files for Python, which found them closed.
    if sys.stdin is None:
        sys.stdin = os.fdopen(0, closefd=False)
    if sys.stderr is None:
        sys.stderr = os.fdopen(2, "w", closefd=False, errors="backslashreplace")
