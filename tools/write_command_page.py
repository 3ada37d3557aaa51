"""Write docs/reference/command-line.md anew, from the commands themselves.

Run it after a change to a command or an option: ``uv run python tools/write_command_page.py``.
"""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sfn_fragments import get_registry
from sfn_fragments.cli.group import cli as fragments
from sfn_fragments_asl.cli.group import main as language

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "command-line.md"
PROGRAMS = {"sfn-fragments": fragments, "sfn-asl": language}
HEAD = """<!-- Written by tools/write_command_page.py -->

# Command line

Each command prints this by `--help` too. `--traceback`, which every command has, shows where an
error comes from. A command ends with one of these exit codes, unless it says otherwise: 0 done, 1
failed, 2 wrong use, 130 interrupted.

`sfn-fragments` comes with the distribution of that name, and plugins add commands to it. `sfn-asl`
comes with `sfn-fragments-asl`, which needs neither CDK nor Node.js.
"""
#: Marks a paragraph whose lines stay as they are.
_AS_IT_STANDS = "\b\n"
#: It is told once for all commands.
_EVERYWHERE = {"--traceback", "--help"}
_CODE = re.compile(r"(`[^`]+`)")


def page() -> str:
    """The text of the page."""
    parts, providers = [HEAD], _providers()
    for name, program in PROGRAMS.items():
        context = click.Context(program, info_name=name)
        parts.append(f"## {name}\n")
        parts += _told(program, context)
        for inner in program.list_commands(context):
            command = program.get_command(context, inner)
            if command is not None:
                parts.append(f"### {name} {inner}\n")
                if program is fragments and inner in providers:
                    parts.append(f"Comes with `{providers[inner]}`.\n")
                parts += _told(command, click.Context(command, info_name=inner, parent=context))
    return "\n".join(parts)


def _providers() -> dict[str, str]:
    """Name of each command that a plugin brings to ``sfn-fragments``, to the distribution."""
    return {
        str(command.name): call.plugin.distribution
        for call in get_registry().calls("sfn_fragments_cli_commands")
        if call.plugin is not None
        for command in call.things(click.Command, {})
    }


def _told(command: click.Command, context: click.Context) -> Iterator[str]:
    """Usage, description, options and examples of a command."""
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    yield f"```text\n{usage}\n```\n"
    yield from _paragraphs(command.help or "")
    options = [*filter(None, (_option(each, context) for each in command.params))]
    if options:
        yield '<div class="fields" markdown>\n'
        yield from options
        yield "</div>\n"
    yield from _paragraphs(command.epilog or "")


def _option(option: click.Parameter, context: click.Context) -> str:
    record = option.get_help_record(context)
    if record is None or {*option.opts} & _EVERYWHERE:
        return ""
    names, told = record
    if not told:
        # The usage has its name.
        return ""
    return f"`{names}`{{ .name }}\n:   {_as_it_stands(told)}\n"


def _paragraphs(text: str) -> Iterator[str]:
    for paragraph in re.split(r"\n\s*\n", text):
        if paragraph.lstrip(" ").startswith(_AS_IT_STANDS):
            lines = paragraph.lstrip(" ").removeprefix(_AS_IT_STANDS).splitlines()
            if lines[0].endswith(":") and not lines[0].startswith(" "):
                yield f"{_as_it_stands(lines.pop(0))}\n"
            indent = min(len(line) - len(line.lstrip()) for line in lines)
            block = "\n".join(line[indent:] for line in lines)
            yield f"```text\n{block}\n```\n"
        elif paragraph.strip():
            yield f"{_as_it_stands(' '.join(paragraph.split()))}\n"


def _as_it_stands(text: str) -> str:
    """A text in which nothing is taken for markup but code between backticks."""
    parts = _CODE.split(text)
    return "".join(
        part if index % 2 else re.sub(r"([*_\[\]])", r"\\\1", html.escape(part, quote=False))
        for index, part in enumerate(parts)
    )


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
