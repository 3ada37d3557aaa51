"""``graph``: a picture of each state machine."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sfn_fragments_asl.cli.output import echo_labelled
from sfn_fragments_asl.near_names import near_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sfn_fragments_asl.cli.programs import Program
    from sfn_fragments_asl.drawing import Drawing
    from sfn_fragments_asl.drawing.nesting import Outermost
    from sfn_fragments_asl.reading.templates import FoundMachine

_FAILED, _NOTHING_READ = 1, 2
_FORMATS = ("svg", "mermaid", "png")
#: End of a file's name to the format that it stands for.
_SUFFIXES = {".svg": "svg", ".png": "png", ".mmd": "mermaid", ".mermaid": "mermaid"}
_SUFFIX_OF = {"svg": ".svg", "png": ".png", "mermaid": ".mmd"}

#: How the names of definitions end, which are called by their files.
_ENDINGS = re.compile(r"(\.asl)?(\.json|\.ya?ml)?$", re.IGNORECASE)

_HELP = """Draw each state machine: its states, where each of them leads, and when.

{told}

States of Map and Parallel states are drawn inside of them, and so are those of a state machine
that another one of the same template starts, in the first state that starts it.

One picture goes to OUTPUT, or to the standard output. Several go into the folder OUTPUT, each
named after its state machine.

SVG and PNG take libraries that `pip install "sfn-fragments-asl[drawing]"` installs; Mermaid, which
pages of GitHub and others draw, takes none.

Exit codes: 0 done, 1 a state machine was left out because of a problem, or a picture cannot be
drawn or written, 2 wrong use, or nothing that can be read.
"""


def graph_command(program: Program) -> click.Command:
    """Make the command.

    Args:
        program: The program that has it.
    """
    examples = [
        f"{program.examples[0]} -o machine.svg",
        f"{program.examples[0]} -o machine.png --theme dark",
        "cdk.out -o pictures",
        "template.yaml --machine Nightly --format mermaid",
    ]

    @program.command("graph", _HELP, examples)
    @click.argument("paths", nargs=-1, required=True, metavar=f"{program.given}...")
    @click.option(
        "-o",
        "--output",
        metavar="OUTPUT",
        help="The file to write, or the folder for several; else the standard output.",
    )
    @click.option(
        "--format",
        "kind",
        type=click.Choice(_FORMATS),
        help="What to draw. The name of OUTPUT tells it otherwise (.svg, .png, .mmd); else SVG.",
    )
    @click.option(
        "--theme",
        type=click.Choice(("auto", "light", "dark")),
        default="auto",
        help="Colours. By default an SVG follows the reader's system, and a PNG is light.",
    )
    @click.option(
        "--scale",
        type=click.FloatRange(0.1, 8),
        default=2.0,
        show_default=True,
        help="Pixels of a PNG to a pixel of the picture.",
    )
    @click.option(
        "--machine", metavar="NAME", help="Draw the state machine of this name or logical id alone."
    )
    @click.option(
        "--apart",
        is_flag=True,
        help="Draw each state machine by itself, those too that another one starts.",
    )
    @click.pass_context
    def command(
        context: click.Context,
        /,
        paths: tuple[str, ...],
        output: str | None,
        kind: str | None,
        theme: Any,
        scale: float,
        machine: str | None,
        apart: bool,
        **options: Any,
    ) -> None:
        drawn_as = kind or _kind_of(output)
        machines, problems = program.find(paths, **options)
        for problem in problems:
            echo_labelled("error", problem)
        if not machines:
            context.exit(_NOTHING_READ)
        pictures = _pictures(machines, machine, apart=apart)
        files = _files(pictures, output, drawn_as)
        for picture, file in zip(pictures, files, strict=True):
            drawing = _drawing(picture)
            _write(_drawn(drawing, drawn_as, theme, scale), file)
            if file is not None:
                count = sum(1 for _ in drawing.machine.every_state())
                click.echo(f"{file}: {drawing.title}, {count} state{'' if count == 1 else 's'}")
        context.exit(_FAILED if problems else 0)

    return command


def _kind_of(output: str | None) -> str:
    """The format that a file's name stands for."""
    suffix = Path(output).suffix.lower() if output and not _is_folder(output) else ""
    if suffix and suffix not in _SUFFIXES:
        raise click.BadParameter(
            f"{output!r}: a picture ends with {', '.join(_SUFFIXES)}, or give --format",
            param_hint="--output",
        )
    return _SUFFIXES.get(suffix, "svg")


def _is_folder(output: str) -> bool:
    return output.endswith(("/", os.sep)) or Path(output).is_dir()


def _pictures(
    machines: Sequence[FoundMachine], name: str | None, *, apart: bool
) -> list[Outermost]:
    """The state machines that get a picture of their own."""
    from sfn_fragments_asl.drawing.nesting import Outermost, outermost, with_started

    if name is not None:
        named = [one for one in machines if name in (one.name, one.checked.logical_id)]
        if not named:
            known = list(dict.fromkeys(one.name for one in machines))
            near = near_names(name, known) or known
            raise click.BadParameter(
                f"there is no state machine {name!r}; there is {', '.join(near[:5])}",
                param_hint="--machine",
            )
        return [Outermost(one) if apart else with_started(one, machines) for one in named]
    return [Outermost(one) for one in machines] if apart else outermost(machines)


def _drawing(picture: Outermost) -> Drawing:
    from sfn_fragments_asl.drawing import draw

    found = picture.found
    title = found.name
    return draw(found.definition.machine, title=title, nested=picture.nested)


def _drawn(drawing: Drawing, kind: str, theme: Any, scale: float) -> str | bytes:
    if kind == "mermaid":
        return drawing.mermaid()
    return drawing.svg(theme) if kind == "svg" else drawing.png(theme, scale=scale)


def _files(pictures: Sequence[Outermost], output: str | None, kind: str) -> list[Path | None]:
    """Where each picture goes; None for the standard output."""
    several = len(pictures) > 1
    if output is not None and (_is_folder(output) or (several and not Path(output).suffix)):
        return [Path(output, name) for name in _names(pictures, _SUFFIX_OF[kind])]
    if several:
        names = ", ".join(each.found.name for each in pictures[:5])
        raise click.UsageError(
            f"there are {len(pictures)} state machines ({names}{', …' if pictures[5:] else ''}): "
            "give a folder as --output, or one of them as --machine"
        )
    if output is None and kind == "png" and sys.stdout.isatty():
        raise click.UsageError("a PNG is not for a terminal: give a file as --output")
    return [None if output is None else Path(output)]


def _names(pictures: Sequence[Outermost], suffix: str) -> Iterator[str]:
    taken: set[str] = set()
    for picture in pictures:
        base = re.sub(r"[^\w.-]+", "-", _ENDINGS.sub("", picture.found.name)).strip("-.")
        base = base or "machine"
        name, number = base, 1
        # File systems may not tell small letters from capital ones.
        while name.lower() in taken:
            number += 1
            name = f"{base}-{number}"
        taken.add(name.lower())
        yield name + suffix


def _write(drawn: str | bytes, file: Path | None) -> None:
    data = drawn.encode() if isinstance(drawn, str) else drawn
    if file is None:
        click.echo(data, nl=False)
        return
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written: {error.strerror}") from error
