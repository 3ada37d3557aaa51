"""Commands that plugins add to the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sfn_fragments import PluginError, get_registry

if TYPE_CHECKING:
    from collections.abc import Collection


def plugin_commands(taken: Collection[str]) -> tuple[dict[str, click.Command], list[str]]:
    """Ask every plugin for its commands, with the hook ``sfn_fragments_cli_commands``.

    Args:
        taken: Names that plugins cannot use.

    Returns:
        The commands by name, and what is wrong with those that are left out.
    """
    commands: dict[str, click.Command] = {}
    providers = dict.fromkeys(taken, "sfn-fragments itself")
    problems: list[str] = []
    # The first one loaded has a name that several offer.
    for call in reversed([*get_registry().calls("sfn_fragments_cli_commands")]):
        try:
            offered = call.things(click.Command, {})
        except PluginError as error:
            problems.append(str(error))
            continue
        for command in offered:
            name = command.name or ""
            if not name:
                problems.append(str(call.error(f"gives {command!r}, which has no name")))
            elif name in providers:
                reason = f"gives a command {name!r}, which is already there from {providers[name]}"
                problems.append(str(call.error(f"{reason}: left out")))
            else:
                commands[name] = command
                providers[name] = call.subject
    return commands, problems
