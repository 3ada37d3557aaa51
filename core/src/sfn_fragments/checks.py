"""The checks of every plugin; what a check is made of comes from ``sfn_fragments_asl.checks``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfn_fragments.errors import PluginError
from sfn_fragments_asl.checks import Check, CheckedDefinition, Finding
from sfn_fragments_asl.checks.check import attribute_problems

if TYPE_CHECKING:
    from sfn_fragments.registry import FragmentRegistry

__all__ = ["Check", "CheckedDefinition", "Finding", "collect_checks"]


def collect_checks(registry: FragmentRegistry) -> tuple[list[Check], list[str]]:
    """The checks of every plugin, asked with the hook ``sfn_fragments_checks``.

    Args:
        registry: Knows the plugins.

    Returns:
        The checks, those of the core first, and what is wrong with plugins whose checks are left
        out.
    """
    checks: dict[str, Check] = {}
    problems: list[str] = []
    # The rules of the language, the core's, come first.
    for call in reversed([*registry.calls("sfn_fragments_checks")]):
        # They have a prefix of their own; a plugin that is registered by a test or a program has
        # no name that could be one.
        prefix = "asl" if call.name == "core" else call.name if call.plugin else ""
        try:
            offered = call.things(Check, {})
        except PluginError as error:
            problems.append(str(error))
            continue
        for check in offered:
            wrong = attribute_problems(check, prefix)
            if check.id in checks:
                wrong = ["its id is taken"]
            if wrong:
                reason = f"gives a check {check.id!r} that is left out: {'; '.join(wrong)}"
                problems.append(str(call.error(reason)))
            else:
                checks[check.id] = check
    return list(checks.values()), problems
