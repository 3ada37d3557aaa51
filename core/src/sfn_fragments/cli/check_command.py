"""``sfn-fragments check``: the command of ``sfn_fragments_asl``, with the rules of every plugin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfn_fragments import get_registry
from sfn_fragments.checks import collect_checks
from sfn_fragments_asl.cli.check import check_command

if TYPE_CHECKING:
    from sfn_fragments_asl.checks import Check


def _collect() -> tuple[list[Check], list[str]]:
    registry = get_registry()
    checks, refused = collect_checks(registry)
    # A plugin that failed has brought no rules.
    return checks, [*map(str, registry.problems()), *refused]


command = check_command("sfn-fragments", _collect)
