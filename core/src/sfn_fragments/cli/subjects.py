"""What commands look at: a fragment by its name, or files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sfn_fragments.cli.arguments import env_base_option, set_option
from sfn_fragments.cli.problems import told_registry
from sfn_fragments.sandbox import Sandbox
from sfn_fragments_asl.cli.programs import Program, named
from sfn_fragments_asl.reading.files import find_state_machines
from sfn_fragments_asl.reading.templates import state_machines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sfn_fragments.registry import FragmentRegistry


def are_paths(known: FragmentRegistry, names: Sequence[str], overrides: dict[str, Any]) -> bool:
    """Whether arguments are paths, and not the name of one fragment.

    Args:
        known: The fragments.
        names: The arguments.
        overrides: What ``--set`` gives.

    Raises:
        click.UsageError: They are, and ``--set`` is given.
    """
    fragment = names[0] in known or not Path(names[0]).exists()
    if fragment and names[0] != "-" and not names[1:]:
        return False
    if overrides:
        context = click.get_current_context()
        raise click.UsageError("--set is for fragments: a PATH has no parameters", context)
    return True


def _find(names: Sequence[str], overrides: dict[str, Any], env_base: str) -> Any:
    registry = told_registry()
    if are_paths(registry, names, overrides):
        return find_state_machines(names)
    built = Sandbox(env_base).build(registry, names[0], overrides)
    found, problems = state_machines(built.template, Path(names[0]))
    return named(found, built.logical_id, names[0]), problems


#: This command line, for the commands that it shares with that of the language.
PROGRAM = Program(
    "sfn-fragments",
    "NAME|PATH",
    "NAME is a fragment, which is made with the arguments of its example. A PATH is a cloud "
    "assembly, a folder, a template, a definition or -, as for `check`.",
    _find,
    ("data_sync.sync", "data_sync.distributed_sync"),
    (set_option, env_base_option),
)
