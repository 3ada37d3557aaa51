"""Follows pages in this process, where a reader would start one for each command.

An interpreter with CDK and the engine takes seconds to start, and shows nothing that this one does
not. What installs is left out: the environment of the tests has it.
"""

from __future__ import annotations

import io
import os
import re
import runpy
import shlex
import subprocess
import sys
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from tests.pages import Command, File, seen

from sfn_fragments.cli.group import cli

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

#: What installs, and what needs an account of AWS or the npm registry.
_LEFT_OUT = re.compile(r"(git|uv (init|add|sync|venv|tool|pip)|uvx|export|npx|aws) ")


def follow_here(todo: Iterable[Command | File], folder: Path) -> None:
    """Do what a page tells, and look whether all that it shows is seen.

    Args:
        todo: What to do.
        folder: Where the reader is, once everything is installed.
    """
    with chdir(folder):
        for step in todo:
            if isinstance(step, File):
                path = folder / step.path
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(step.text, encoding="utf-8")
            elif not _LEFT_OUT.match(step.line) and not step.line.startswith("cd "):
                code, output = typed(step.line)
                assert bool(code) == step.fails, f"{step.line}: {output}"
                missing = [line for line in step.shown if not seen(line, output)]
                assert missing == [], f"{step.line}: {output}"


def typed(line: str) -> tuple[int, str]:
    """Exit code and output of a command, in the current folder.

    Args:
        line: As it is typed.
    """
    words = shlex.split(line.replace("\\\n", " "))
    if words[:2] == ["uv", "run"]:
        words = words[2:]
    match words:
        case ["sfn-fragments", *arguments]:
            result = CliRunner().invoke(cli, arguments)
            return result.exit_code, result.output
        case ["python", "-m", "pytest", *arguments]:
            return _tested(arguments)
        case ["python", script]:
            return _executed(script)
    done = subprocess.run(line, shell=True, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def _tested(arguments: list[str]) -> tuple[int, str]:
    output = io.StringIO()
    options = ["-s", "-p", "no:xdist", "-p", "no:cacheprovider", "--rootdir", str(Path.cwd())]
    with _fresh_modules(), redirect_stdout(output):
        code = pytest.main([*arguments, *options])
    return int(code), output.getvalue()


def _executed(script: str) -> tuple[int, str]:
    output = io.StringIO()
    with _fresh_modules(), redirect_stdout(output), redirect_stderr(output):
        runpy.run_path(str(Path(script).resolve()), run_name="__main__")
    return 0, output.getvalue()


@contextmanager
def _fresh_modules() -> Iterator[None]:
    """Import the modules of the current folder, and forget them: other pages have others."""
    here = str(Path.cwd())
    sys.path.insert(0, here)
    try:
        yield
    finally:
        sys.path.remove(here)
        for name, module in [*sys.modules.items()]:
            if (getattr(module, "__file__", None) or "").startswith(here + os.sep):
                del sys.modules[name]
