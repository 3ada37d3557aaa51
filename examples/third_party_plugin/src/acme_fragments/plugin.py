"""What this plugin declares; imported by every command, and so without ``aws_cdk``."""

from __future__ import annotations

from collections.abc import Iterator

from sfn_fragments import FragmentSpec, hookimpl


@hookimpl
def sfn_fragments_register() -> Iterator[FragmentSpec]:
    """Declare the fragments."""
    yield FragmentSpec(
        name="acme.wait",
        target="acme_fragments.wait:Wait",
        summary="Waits for a delivery.",
        example="acme_fragments.wait:EXAMPLE",
    )
