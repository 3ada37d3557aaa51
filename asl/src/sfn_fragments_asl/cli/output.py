"""What commands print: tables, JSON and errors, coloured on a terminal only.

rich is imported in the functions, since it is most of what starting a command would cost.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Columns of a table that a program or a pager reads: one line a row, whatever its length.
_PIPED = 1_000_000
_STYLES = {"error": "bold red", "warning": "bold yellow"}


def echo_json(value: Any) -> None:
    """Print a value as indented JSON on stdout."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False, default=str))


def echo_heading(text: str) -> None:
    """Print the heading of a part of the output."""
    click.echo(click.style(text, bold=True))


def echo_labelled(label: str, message: str) -> None:
    """Print ``<label>: <message>`` on stderr; the label is ``error`` or ``warning``."""
    from rich.console import Console
    from rich.text import Text

    text = Text.assemble((f"{label}: ", _STYLES[label]), message)
    Console(stderr=True).print(text, soft_wrap=True)


def echo_text(text: str) -> None:
    """Print paragraphs, fitted to the terminal."""
    from rich.console import Console

    click.echo(click.wrap_text(text, Console().width, preserve_paragraphs=True))


def echo_described(rows: Sequence[tuple[str, str, str]]) -> None:
    """Print names with what they are beside them, fitted to the terminal; names stay whole.

    Args:
        rows: Name, what it may be, and what it is.
    """
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name, kind, description in rows:
        told = Text.assemble((f"{kind}. " if description else kind, "dim"), description)
        table.add_row(Text(name, style="bold"), told)
    console = Console()
    with console.capture() as captured:
        console.print(table)
    # The cells are filled with spaces, which nobody wants who copies a line.
    for line in captured.get().splitlines():
        click.echo(line.rstrip())


def echo_table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table: fitted to a terminal, as plain aligned lines when piped.

    Args:
        headers: Names of the columns.
        rows: The cells, as many in each row as there are headers.
    """
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*headers, box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for row in rows:
        # Text, since brackets in a cell would be read as markup.
        table.add_row(*(Text(cell, style=_STYLES.get(cell, ""), overflow="fold") for cell in row))
    console = Console()
    if console.is_terminal:
        console.print(table)
        return
    wide = Console(width=_PIPED, no_color=True)
    with wide.capture() as captured:
        wide.print(table)
    for line in captured.get().splitlines():
        click.echo(line.rstrip())
