"""Who delivers, and how long it takes."""

from __future__ import annotations

from dataclasses import dataclass

from sfn_fragments import get_registry


@dataclass(frozen=True)
class Carrier:
    """One that delivers.

    Args:
        name: Its name.
        seconds: How long a delivery takes.
    """

    name: str
    seconds: int


def carriers() -> dict[str, Carrier]:
    """The carriers of all installed plugins, by name."""
    offered: list[Carrier] = get_registry().offers("sfn_fragments_acme_carriers", Carrier)
    return {carrier.name: carrier for carrier in offered}
