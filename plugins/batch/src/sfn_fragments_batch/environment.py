"""Environment variables of a job, as Batch's API lists them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def environment_variables(
    given: Mapping[str, Any] | None, own: Mapping[str, Any] | None = None
) -> list[dict[str, str]]:
    """Variables as Batch's API lists them.

    Args:
        given: Variables that are known at synthesis, name to value.
        own: Those that the fragment sets itself, which win.

    Returns:
        ``Name`` and ``Value`` of each that is ``given`` and not among the ``own``.
    """
    return [
        {"Name": name, "Value": str(value)}
        for name, value in (given or {}).items()
        if name not in (own or {})
    ]
