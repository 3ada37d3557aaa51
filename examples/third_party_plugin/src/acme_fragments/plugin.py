"""What this plugin declares; imported by every command, and so without ``aws_cdk``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sfn_fragments import FragmentSpec, hookimpl

if TYPE_CHECKING:
    from acme_fragments.carriers import Carrier


@hookimpl
def sfn_fragments_register() -> Iterator[FragmentSpec]:
    """Declare the fragments."""
    yield FragmentSpec(
        name="acme.wait",
        target="acme_fragments.wait:Wait",
        summary="Waits for a delivery.",
        example="acme_fragments.wait:EXAMPLE",
    )


@hookimpl
def sfn_fragments_hookspecs() -> Iterator[str]:
    """Bring the hook for carriers."""
    yield "acme_fragments.hookspecs"


@hookimpl
def sfn_fragments_acme_carriers() -> Iterator[Carrier]:
    """The carrier that is always there."""
    from acme_fragments.carriers import Carrier

    yield Carrier("post", seconds=172_800)
