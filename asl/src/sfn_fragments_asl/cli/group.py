"""The group that holds the commands of ``sfn-asl``."""

from __future__ import annotations

import click

from sfn_fragments_asl.checks import builtin_checks
from sfn_fragments_asl.cli.check import check_command
from sfn_fragments_asl.cli.command_line import CommandLine
from sfn_fragments_asl.cli.diff import diff_command
from sfn_fragments_asl.cli.forecast import forecast_command
from sfn_fragments_asl.cli.graph import graph_command
from sfn_fragments_asl.cli.policy import command as policy
from sfn_fragments_asl.cli.programs import SFN_ASL
from sfn_fragments_asl.cli.report import report_command


@click.group(cls=CommandLine, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(
    package_name="sfn-fragments-asl", prog_name="sfn-asl", message="%(prog)s %(version)s"
)
def main() -> None:
    """Check, forecast, draw and compare state machines, and derive their roles.

    Exit codes: 0 done, 1 failed, 2 wrong use.
    """


main.add_command(check_command("sfn-asl", lambda: (builtin_checks(), [])))
main.add_command(policy)
main.add_command(forecast_command(SFN_ASL))
main.add_command(graph_command(SFN_ASL))
main.add_command(diff_command(SFN_ASL))
main.add_command(report_command(SFN_ASL.name))
