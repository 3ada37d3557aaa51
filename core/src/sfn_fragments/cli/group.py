"""The group that holds the commands."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, cast

import click

from sfn_fragments.cli.output import print_warning
from sfn_fragments.errors import FragmentsError, InvalidParametersError, UnknownFragmentError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sfn_fragments_asl.cli.command_line import CommandLine

#: Each is the ``command`` of the module ``<name>_command``, imported when it is asked for.
OWN_COMMANDS = ("list", "show", "synth", "policy", "check", "forecast", "graph", "diff", "doctor")
#: Those of them that the language's own command line makes, for fragments too.
_SHARED = ("forecast", "graph", "diff")

if not TYPE_CHECKING:
    try:
        from sfn_fragments_asl.cli.command_line import CommandLine
    except ImportError:  # it is of another release: the commands that say so need nothing of it
        CommandLine = click.Group

#: Commands that distributions of this project add, to what installs them.
_COMMANDS_OF_EXTRAS = {"run": "local", "report": "local", "demand": "demand-execution"}
_COMMANDS_OF_EXTRAS |= dict.fromkeys(("catalog", "new", "plugins", "validate"), "authoring")


class FragmentsGroup(CommandLine):
    """Loads commands lazily, those of plugins only when no own command has the name."""

    told = (FragmentsError,)
    wrong_use = (UnknownFragmentError, InvalidParametersError)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names for the help text: own commands, then those of plugins."""
        return [*OWN_COMMANDS, *sorted(self._plugin_commands(ctx))]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name; None where there is none."""
        if cmd_name in _SHARED:
            program = import_module("sfn_fragments.cli.subjects").PROGRAM
            module = import_module(f"sfn_fragments_asl.cli.{cmd_name}")
            return cast("click.Command", getattr(module, f"{cmd_name}_command")(program))
        if cmd_name in OWN_COMMANDS:
            module = import_module(f"sfn_fragments.cli.{cmd_name}_command")
            return cast("click.Command", module.command)
        return self._plugin_commands(ctx).get(cmd_name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; a wrong name gets an error that says how to go on."""
        name = args[0]
        if name.startswith("-") or ctx.resilient_parsing or self.get_command(ctx, name):
            return super().resolve_command(ctx, args)
        extra = _COMMANDS_OF_EXTRAS.get(name)
        if extra:
            message = (
                f"the command {name!r} comes with sfn-fragments-{extra}: "
                f'pip install "sfn-fragments[{extra}]" '
                "(if it is installed, `sfn-fragments doctor` says why it is not loaded)"
            )
        else:
            known = list(dict.fromkeys([*self.list_commands(ctx), *_COMMANDS_OF_EXTRAS]))
            from sfn_fragments_asl.near_names import near_names

            near = near_names(name, known)
            message = f"there is no command {name!r}; " + (
                f"did you mean {' or '.join(near)}?" if near else f"there are: {', '.join(known)}"
            )
        raise click.UsageError(message, ctx)

    def _plugin_commands(self, ctx: click.Context) -> dict[str, click.Command]:
        key = f"{__name__}.plugin_commands"
        if key not in ctx.meta:
            # Finding plugins takes time that own commands need not spend here.
            from sfn_fragments.cli.plugin_commands import plugin_commands

            ctx.meta[key], problems = plugin_commands(OWN_COMMANDS)
            for problem in problems:
                print_warning(problem)
        commands: dict[str, click.Command] = ctx.meta[key]
        return commands


@click.command(
    cls=FragmentsGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="""\b
Examples:
  sfn-fragments list
  sfn-fragments show data_sync.sync
  sfn-fragments synth data_sync.sync --template
  sfn-fragments policy data_sync.sync
  sfn-fragments run data_sync.sync
  sfn-fragments check cdk.out
  sfn-fragments forecast data_sync.sync
  sfn-fragments graph data_sync.sync -o sync.svg
  sfn-fragments diff before/cdk.out cdk.out
  sfn-fragments doctor""",
)
@click.version_option(
    package_name="sfn-fragments", prog_name="sfn-fragments", message="%(prog)s %(version)s"
)
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Reusable AWS Step Functions fragments for CDK apps.

    Exit codes: 0 done, 1 failed, 2 wrong use.
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())
        ctx.exit(2)


def main(args: Sequence[str] | None = None) -> None:
    """Run the command line ``sfn-fragments``, and end the process with its exit code.

    Args:
        args: The arguments; those of the process where not given.
    """
    cli(args=args, prog_name="sfn-fragments")
