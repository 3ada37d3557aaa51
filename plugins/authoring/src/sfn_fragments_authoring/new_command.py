"""``sfn-fragments new``: the project of a new plugin."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sfn_fragments_authoring.names import NameRefusedError, project_name

if TYPE_CHECKING:
    from sfn_fragments_authoring.names import ProjectName
    from sfn_fragments_authoring.scaffold import Kind


@click.command(
    "new",
    epilog="""\b
Examples:
  sfn-fragments new geo.tile
  sfn-fragments new geo.log_retention --kind organisation
  sfn-fragments new geo.tile --kind runner --into ~/projects""",
)
@click.argument("name", metavar="PLUGIN.NAME")
@click.option(
    "--kind",
    type=click.Choice(["fragment", "organisation", "runner"]),
    default="fragment",
    show_default=True,
    help="A fragment; what an organisation sets on its state machines, with a rule; or a way to "
    "run jobs on the local engine.",
)
@click.option(
    "--into",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path(),
    help="Folder that will hold the project's. Defaults to the working directory.",
)
def command(name: str, kind: Kind, into: Path) -> None:
    """Make the project of a new plugin.

    PLUGIN.NAME is the plugin and the first thing that it brings: a fragment, a rule, or a runner.
    The project's tests pass as it is; nothing is overwritten.
    """
    from sfn_fragments_authoring.scaffold import write_project

    try:
        project = project_name(name)
    except NameRefusedError as error:
        raise click.BadParameter(str(error), param_hint="PLUGIN.NAME") from error
    folder = write_project(project, kind, into)
    click.echo(f"Made {folder}. Next:")
    for line in _next_commands(project, kind, folder):
        click.echo(f"  {line}")


def _next_commands(name: ProjectName, kind: Kind, folder: Path) -> list[str]:
    """The three commands with which one goes on."""
    shown = f"run {name.plugin}.{name.thing}" if kind == "fragment" else f"plugins {name.plugin}"
    return [
        f"cd {shlex.quote(str(folder))}",
        "uv run pytest",
        f"uv run sfn-fragments {shown}",
    ]
