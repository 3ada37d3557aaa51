"""``sfn-fragments catalog``: a site of all fragments that are installed."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(
    "catalog",
    epilog="""\b
Examples:
  sfn-fragments catalog -o site
  sfn-fragments catalog -o site --run""",
)
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="The folder to write. It is replaced if an earlier catalogue wrote all that is in it, and "
    "refused otherwise.",
)
@click.option(
    "--run",
    "with_runs",
    is_flag=True,
    help="Run the examples on this machine too, and add the reports of these runs. This takes "
    "sfn-fragments-local, and minutes.",
)
def command(output: Path, with_runs: bool) -> None:
    """Write a site of all installed fragments, which is searched without a server.

    Each fragment has a page: its picture, what it does and deletes, an example, code for a stack,
    parameters, request and response, the permissions of its role, and the price of a run. What
    cannot be told of one, its page says, and why; plugins that cannot be used are listed.

    Open index.html in any browser, or put the folder on any web server; nothing is loaded from
    elsewhere. The same fragments give the same files, but for the reports of runs.

    Exit codes: 0 the site is written, whatever it lists as unusable, 1 it is not, 2 wrong use.
    """
    from sfn_fragments import get_registry
    from sfn_fragments_authoring.catalogue.example_runs import run_example
    from sfn_fragments_authoring.catalogue.folder import check_folder, write_site
    from sfn_fragments_authoring.catalogue.gathering import gather
    from sfn_fragments_authoring.catalogue.pages import site

    check_folder(output)
    registry = get_registry()
    catalogue = gather(
        registry,
        (lambda name: run_example(registry, name)) if with_runs else None,
        lambda name: click.echo(f"looking at {name}", err=True),
    )
    write_site(site(catalogue), output)
    for each in catalogue.entries:
        for reason in filter(None, (each.failure, each.not_synthesized)):
            click.echo(f"warning: {each.name}: {reason}", err=True)
    for problem in catalogue.problems:
        click.echo(f"warning: {problem}", err=True)
    count = len(catalogue.entries)
    pages = "1 fragment" if count == 1 else f"{count} fragments"
    click.echo(f"{output / 'index.html'}: {pages}")
