"""The plugin module; light, since every start of the command line imports it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfn_fragments import hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import click

    from sfn_fragments.cli.doctor_command import Check as DoctorCheck
    from sfn_fragments_asl.checks import Check


@hookimpl
def sfn_fragments_hookspecs() -> Iterator[str]:
    """Bring the hook for job runners."""
    yield "sfn_fragments_local.hookspecs"


@hookimpl
def sfn_fragments_cli_commands() -> Iterator[click.Command]:
    """Add ``run``, and ``report`` on what ran on AWS."""
    from sfn_fragments_asl.cli.report import report_command
    from sfn_fragments_local.run_command import command

    yield command
    yield report_command("sfn-fragments")


@hookimpl
def sfn_fragments_doctor_checks() -> Iterator[DoctorCheck]:
    """Tell what keeps jobs apart from this machine."""
    from sfn_fragments_local.doctor import isolation_check

    yield isolation_check()


@hookimpl
def sfn_fragments_checks() -> Iterable[Check]:
    """Add the rules that need botocore's models of the services."""
    from sfn_fragments_local.service_checks import SERVICE_CHECKS

    return SERVICE_CHECKS
