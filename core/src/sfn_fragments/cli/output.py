"""What commands print: tables, JSON and errors, coloured on a terminal only."""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sfn_fragments.discovery import Plugin, Problem
    from sfn_fragments.spec import FragmentSpec


def print_json(value: Any) -> None:
    """Print a value as indented JSON on stdout."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False, default=str))


def origin_as_json(plugin: Plugin | Problem) -> dict[str, str]:
    """Where a plugin comes from, as ``--json`` shows it."""
    return {
        "distribution": plugin.distribution,
        "version": plugin.version,
        "entry_point": plugin.value,
    }


def fragment_as_json(spec: FragmentSpec, provider: Plugin) -> dict[str, Any]:
    """What ``list --json`` and ``show --json`` tell of every fragment."""
    return {
        "name": spec.name,
        "summary": spec.summary,
        "keywords": [*spec.keywords],
        "stability": spec.stability,
        **origin_as_json(provider),
        "target": spec.target,
    }


def print_heading(text: str) -> None:
    """Print the heading of a part of the output."""
    _console().print(text, style="bold", markup=False, highlight=False, soft_wrap=True)


def print_table(
    headers: Sequence[str],
    rows: Sequence[Sequence[str]],
    styles: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Print a table: with rich on a terminal, as plain aligned lines when piped.

    Args:
        headers: Names of the columns.
        rows: The cells, as many in each row as there are headers.
        styles: Text of a cell to its style on a terminal, such as ``{"ok": "green"}``.
    """
    console = _console()
    if console.is_terminal:
        from rich.table import Column, Table
        from rich.text import Text

        # What a row is about is a name, to be copied whole.
        table = Table(
            Column(headers[0], no_wrap=True),
            *headers[1:],
            box=None,
            pad_edge=False,
            padding=(0, 2, 0, 0),
        )
        for row in rows:
            # Text, since brackets in a cell would be read as markup.
            table.add_row(
                *(Text(cell, style=styles.get(cell, ""), overflow="fold") for cell in row)
            )
        console.print(table)
        return
    # A program or a pager reads this: one line a row, whatever the width.
    lines = [[" ".join(cell.split()) for cell in row] for row in (headers, *rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        click.echo("  ".join(cells).rstrip())


def print_warning(message: str) -> None:
    """Print ``warning: <message>`` on stderr."""
    # Listing fragments needs nothing of the language, which may be of another release.
    from sfn_fragments_asl.cli.output import echo_labelled

    echo_labelled("warning", message)


def _console() -> Any:
    # Imported here: rich is most of what starting the command line would cost. It leaves colours
    # out when piped, and where NO_COLOR is set.
    from rich.console import Console

    return Console()
