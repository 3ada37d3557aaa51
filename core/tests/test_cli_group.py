from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from sfn_fragments.cli.group import OWN_COMMANDS, cli

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

GREETS = """
import click
from sfn_fragments import hookimpl

@hookimpl
def sfn_fragments_cli_commands():
    @click.command("greet")
    def greet():
        '''Says hello.'''
        click.echo("hello")

    yield greet
"""
CLASHES = GREETS.replace('"greet"', '"list"')
RAISES = """
from sfn_fragments import hookimpl

@hookimpl
def sfn_fragments_cli_commands():
    raise RuntimeError("no terminal")
"""
NO_COMMAND = """
from sfn_fragments import hookimpl

@hookimpl
def sfn_fragments_cli_commands():
    return ["greet"]
"""
FAILS = """
import click
from sfn_fragments import FragmentsError, hookimpl

@hookimpl
def sfn_fragments_cli_commands():
    @click.command("fail")
    def fail():
        raise FragmentsError("the [bold]queue[/bold] 'q' is gone: make it again")

    @click.command("interrupted")
    def interrupted():
        raise KeyboardInterrupt

    return [fail, interrupted]
"""


@pytest.fixture
def plugin(install: Callable[..., None]) -> Callable[..., None]:
    """Install plugin modules, given by name."""

    def add(**sources: str) -> None:
        for name, source in sources.items():
            install(
                f"{name}-fragments",
                entry_points=f"{name} = {name}_plugin",
                modules={f"{name}_plugin": source},
            )

    return add


@pytest.mark.parametrize("name", OWN_COMMANDS)
def test_help_shows_examples(name: str) -> None:
    result = CliRunner().invoke(cli, [name, "--help"])
    assert result.exit_code == 0
    assert f"\n    sfn-fragments {name}" in result.stdout


def test_help_of_all(plugin: Callable[..., None]) -> None:
    plugin(acme=GREETS)
    result = CliRunner().invoke(cli, ["--help"])
    assert result.exit_code == 0
    for name in (*OWN_COMMANDS, "greet"):
        assert f"\n  {name} " in result.stdout
    assert result.stderr == ""


def test_nothing_given_is_wrong_use(install: Callable[..., None]) -> None:
    result = CliRunner().invoke(cli, [])
    assert result.exit_code == 2
    assert "Usage:" in result.output


def test_version() -> None:
    result = CliRunner().invoke(cli, ["--version"])
    assert result.exit_code == 0
    assert result.stdout.startswith("sfn-fragments 0.")


def test_a_command_of_a_plugin(plugin: Callable[..., None]) -> None:
    plugin(acme=GREETS)
    result = CliRunner().invoke(cli, ["greet"])
    assert (result.exit_code, result.stdout) == (0, "hello\n")


def test_own_commands_do_not_ask_plugins(plugin: Callable[..., None]) -> None:
    plugin(acme=RAISES)
    result = CliRunner().invoke(cli, ["list"])
    assert (result.exit_code, result.stderr) == (0, "")


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (CLASHES, "gives a command 'list', which is already there from sfn-fragments itself"),
        (RAISES, "RuntimeError: no terminal"),
        (NO_COMMAND, "gives 'greet', which is no instance of Command"),
    ],
)
def test_a_bad_command_is_reported_and_the_rest_works(
    plugin: Callable[..., None], source: str, message: str
) -> None:
    plugin(bad=source, good=GREETS)
    result = CliRunner().invoke(cli, ["greet"])
    assert (result.exit_code, result.stdout) == (0, "hello\n")
    assert result.stderr.startswith("warning: plugin 'bad' (bad-fragments 1.0, bad_plugin): ")
    assert message in result.stderr
    assert result.stderr.count("\n") == 1


def test_the_first_plugin_keeps_the_name(plugin: Callable[..., None]) -> None:
    plugin(acme=GREETS, beta=GREETS)
    result = CliRunner().invoke(cli, ["greet"])
    assert (result.exit_code, result.stdout) == (0, "hello\n")
    assert "gives a command 'greet', which is already there from plugin 'acme'" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["lst"], "error: there is no command 'lst'; did you mean list?"),
        (["greeet"], "did you mean greet?"),
        (["qqq"], "list, show, synth, policy, check, forecast, graph, diff, doctor, greet, run"),
        (["run", "data_sync.sync"], 'pip install "sfn-fragments[local]"'),
        (["list", "--jsn"], "--jsn"),
        (["show"], "NAME"),
        (["show", "acme.none"], "error: no fragment is named 'acme.none'"),
        (["synth", "acme.none"], "error: no fragment is named 'acme.none'"),
    ],
)
def test_wrong_use(plugin: Callable[..., None], arguments: list[str], message: str) -> None:
    plugin(acme=GREETS)
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert message in result.stderr


def test_an_error_of_the_library_is_a_message(plugin: Callable[..., None]) -> None:
    plugin(acme=FAILS)
    result = CliRunner().invoke(cli, ["fail"])
    assert result.exit_code == 1
    assert result.stderr == "error: the [bold]queue[/bold] 'q' is gone: make it again\n"


def test_errors_are_red_unless_no_color(
    plugin: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    plugin(acme=FAILS)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[1;31merror: " in CliRunner().invoke(cli, ["fail"], color=True).stderr
    monkeypatch.setenv("NO_COLOR", "1")
    assert "[1;31m" not in CliRunner().invoke(cli, ["fail"], color=True).stderr


def test_interrupted(plugin: Callable[..., None]) -> None:
    plugin(acme=FAILS)
    result = CliRunner().invoke(cli, ["interrupted"])
    assert result.exit_code == 130
    assert "Traceback" not in result.output


def test_ctrl_c_and_a_closed_pipe_in_a_process(
    tmp_path: Path, write_plugin: Callable[..., None]
) -> None:
    slow = GREETS.replace(
        'click.echo("hello")', 'click.echo("hello"); __import__("time").sleep(30)'
    )
    endless = GREETS.replace("greet", "flood").replace(
        'click.echo("hello")', '[click.echo("hello" * 100) for _ in range(100000)]'
    )
    for name, source in {"slow": slow, "endless": endless}.items():
        write_plugin(
            tmp_path,
            f"{name}-fragments",
            entry_points=f"{name} = {name}_plugin",
            modules={f"{name}_plugin": source},
        )
    variables = {**os.environ, "PYTHONPATH": str(tmp_path)}
    # What a shell runs in the background ignores Ctrl-C, and passes that on.
    heeding = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    command = [sys.executable, "-c", f"{heeding}; from sfn_fragments.cli import main; main()"]

    with subprocess.Popen(
        [*command, "greet"],
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == "hello\n"
        time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 130
        assert "Traceback" not in process.stderr.read()

    with subprocess.Popen(
        [*command, "flood"],
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(timeout=20) == 1
        errors = process.stderr.read()
    assert "Traceback" not in errors
    assert "BrokenPipe" not in errors


DIVIDES = """
import click
from sfn_fragments import hookimpl

@hookimpl
def sfn_fragments_cli_commands():
    @click.group("part")
    def part():
        pass

    @part.command("divide")
    def divide():
        1 / 0

    @click.command("memory")
    def memory():
        raise MemoryError

    @click.command("files")
    def files():
        raise OSError(24, "Too many open files", "a.json")

    @click.command("pipe")
    def pipe():
        raise BrokenPipeError(32, "Broken pipe")

    @click.command("thread")
    def thread():
        import threading
        one = threading.Thread(target=lambda: 1 / 0)
        one.start()
        one.join()

    return [part, memory, files, pipe, thread]
"""


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["part", "divide"], "ZeroDivisionError: division by zero (--traceback shows where)"),
        (["memory"], "there is not enough memory"),
        (["files"], "Too many open files: a.json (`ulimit -n 1024` allows more)"),
        (["pipe"], "a pipe was closed at its other end"),
    ],
)
def test_any_error_is_one_line(
    plugin: Callable[..., None], arguments: list[str], line: str
) -> None:
    plugin(acme=DIVIDES)
    result = CliRunner().invoke(cli, arguments)
    assert (result.exit_code, result.stdout) == (1, "")
    assert line in result.stderr
    assert result.stderr.startswith("error: ")
    assert result.stderr.count("\n") == 1


def test_an_error_in_a_thread_is_one_line(plugin: Callable[..., None]) -> None:
    plugin(acme=DIVIDES)
    result = CliRunner().invoke(cli, ["thread"])
    message = "error: ZeroDivisionError: division by zero (--traceback shows where)\n"
    assert (result.exit_code, result.stderr) == (0, message)
    assert "in <lambda>" in CliRunner().invoke(cli, ["thread", "--traceback"]).stderr


@pytest.mark.parametrize(
    ("arguments", "variable"),
    [
        (["--traceback", "part", "divide"], "0"),
        (["part", "--traceback", "divide"], ""),
        (["part", "divide", "--traceback"], ""),
        (["part", "divide"], "1"),
    ],
)
def test_the_traceback_for_who_asks(
    plugin: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    variable: str,
) -> None:
    plugin(acme=DIVIDES)
    monkeypatch.setenv("SFN_FRAGMENTS_DEBUG", variable)
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == 1
    assert "acme_plugin.py" in result.stderr
    assert result.stderr.splitlines()[-1].startswith("error: ZeroDivisionError")
    monkeypatch.delenv("SFN_FRAGMENTS_DEBUG")
    assert "Traceback" not in CliRunner().invoke(cli, ["part", "divide"]).stderr


@pytest.mark.parametrize("name", [*OWN_COMMANDS, "greet"])
def test_each_command_can_be_asked_for_the_traceback(
    plugin: Callable[..., None], name: str
) -> None:
    plugin(acme=GREETS)
    assert "--traceback" in CliRunner().invoke(cli, [name, "--help"]).stdout
    result = CliRunner().invoke(cli, ["show", "acme.none", "--traceback"])
    assert result.exit_code == 2
    assert "Traceback (most recent call last)" in result.stderr
    assert "error: no fragment is named 'acme.none'" in result.stderr
