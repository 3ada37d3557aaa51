"""What this plugin sets and asks for; imported by every command, and so without ``aws_cdk``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sfn_fragments import StateMachineOptions, hookimpl

if TYPE_CHECKING:
    from constructs import Construct

    from sfn_fragments.checks import Check


@hookimpl
def sfn_fragments_state_machine_options(options: StateMachineOptions, scope: Construct) -> None:
    """Set what holds for every state machine."""
    from globex_fragments.options import set_options

    set_options(options, scope)


@hookimpl
def sfn_fragments_checks() -> Iterator[Check]:
    """Add the rules."""
    from globex_fragments.checks import TIMEOUTS

    yield TIMEOUTS
