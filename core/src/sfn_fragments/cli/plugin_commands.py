"""Commands that plugins add to the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from sfn_fragments import get_registry

if TYPE_CHECKING:
    from collections.abc import Callable, Collection


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
    hook = get_registry().plugin_manager.hook.sfn_fragments_cli_commands
    # One by one and not through the hook's call, which one raising plugin would end for all.
    for implementation in hook.get_hookimpls():
        plugin = implementation.plugin_name
        function: Callable[[], Any] = implementation.function
        try:
            offered: list[Any] = list(function())
        except (Exception, SystemExit) as error:
            reason = f"{type(error).__name__}: {error}"
            problems.append(f"plugin {plugin!r} cannot add its commands: {reason}")
            continue
        for command in offered:
            name = getattr(command, "name", None)
            if not isinstance(command, click.Command) or not name:
                problems.append(f"plugin {plugin!r} offers {command!r}, no named click.Command")
            elif name in providers:
                problems.append(
                    f"plugin {plugin!r} offers a command {name!r}, "
                    f"which is already there from {providers[name]}: left out"
                )
            else:
                commands[name] = command
                providers[name] = f"plugin {plugin!r}"
    return commands, problems
