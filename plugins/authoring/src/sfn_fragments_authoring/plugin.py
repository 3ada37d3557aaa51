"""The plugin module; light, since every start of the command line imports it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfn_fragments import hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterator

    import click


@hookimpl
def sfn_fragments_cli_commands() -> Iterator[click.Command]:
    """Add ``catalog``, ``new``, ``plugins`` and ``validate``."""
    from sfn_fragments_authoring.catalog_command import command as catalog
    from sfn_fragments_authoring.new_command import command as new
    from sfn_fragments_authoring.plugins_command import command as plugins
    from sfn_fragments_authoring.validate_command import command as validate

    yield from (catalog, new, plugins, validate)
