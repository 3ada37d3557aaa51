"""The checks of every plugin; what a check is made of comes from ``sfn_fragments_asl.checks``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sfn_fragments_asl.checks import Check, CheckedDefinition, Finding
from sfn_fragments_asl.checks.check import attribute_problems
from sfn_fragments_asl.checks.run import describe_error

if TYPE_CHECKING:
    import pluggy

__all__ = ["Check", "CheckedDefinition", "Finding", "collect_checks"]


def collect_checks(plugins: pluggy.PluginManager) -> tuple[list[Check], list[str]]:
    """The checks of every plugin, asked with the hook ``sfn_fragments_checks``.

    Args:
        plugins: The plugin manager of the registry.

    Returns:
        The checks, those of the core first, and what is wrong with plugins whose checks are left
        out.
    """
    checks: dict[str, Check] = {}
    problems: list[str] = []
    # One by one and not through the hook's call, which one raising plugin would end for all.
    for implementation in plugins.hook.sfn_fragments_checks.get_hookimpls():
        plugin = implementation.plugin_name
        # The rules of the language come with the core, and have a prefix of their own; a plugin
        # that is registered by a test or a program has no name that could be one.
        prefix = "asl" if plugin == "sfn-fragments:core" else plugin.partition(":")[2]
        try:
            function: Any = implementation.function
            offered: list[Any] = list(function())
        except (Exception, SystemExit) as error:
            problems.append(f"plugin {plugin!r} cannot add its checks: {describe_error(error)}")
            continue
        for check in offered:
            if not isinstance(check, Check):
                problems.append(f"plugin {plugin!r} offers {check!r}, which is no Check")
            elif wrong := attribute_problems(check, prefix):
                problems.append(
                    f"plugin {plugin!r} offers a check {check.id!r} with wrong attributes: "
                    f"{'; '.join(wrong)}: left out"
                )
            elif check.id in checks:
                problems.append(
                    f"plugin {plugin!r} offers a check {check.id!r}, which is already there: "
                    "left out"
                )
            else:
                checks[check.id] = check
    return list(checks.values()), problems
