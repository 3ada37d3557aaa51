"""Where executions are logged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfn_fragments_asl.checks.check import Check, CheckedDefinition, Finding
from sfn_fragments_asl.model.definition import MADE_UP

if TYPE_CHECKING:
    from collections.abc import Iterator

VENDED_LOGS = "/aws/vendedlogs/"


def _other_log_groups(checked: CheckedDefinition) -> Iterator[Finding]:
    for name in checked.log_groups:
        known = name.partition("${")[0]
        # What follows a marker is known at deployment; a name made up there is known to be another.
        open_ended = VENDED_LOGS.startswith(known) and known != name
        if not known.startswith(VENDED_LOGS) and (name.startswith(MADE_UP) or not open_ended):
            yield Finding("definition", f"executions are logged to {name}")


LOGGING_CHECKS = (
    Check(
        "asl.log-group-name",
        "advice",
        "AWS adds each other log group to one resource policy of the account, which ends at 5,120 "
        "characters: a later state machine cannot be created then.",
        _other_log_groups,
        what="Executions are logged to a log group outside /aws/vendedlogs/.",
        remedy="name the log group /aws/vendedlogs/...; in CDK create_log_options does",
    ),
)
