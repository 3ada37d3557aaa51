"""The demand execution fragment, as the registry lists it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sfn_fragments_demand_execution
from sfn_fragments import FragmentSpec, TypedSpec, hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterator

    import click


EXECUTE = TypedSpec(
    name="demand_execution.execute",
    target="sfn_fragments_demand_execution.execution:DemandExecutionFragment",
    fragment=lambda: sfn_fragments_demand_execution.DemandExecutionFragment,
    summary="Stages inputs from S3, runs a command on Batch, returns its outputs, cleans up.",
    keywords=("batch", "job", "command", "data", "s3", "efs"),
    request="sfn_fragments_demand_execution.models:DemandExecutionRequest",
    response="sfn_fragments_demand_execution.models:DemandExecutionResponse",
    example="sfn_fragments_demand_execution.examples:EXECUTE",
)


@hookimpl
def sfn_fragments_register() -> Iterator[FragmentSpec]:
    """Declare the fragment."""
    yield EXECUTE


@hookimpl
def sfn_fragments_cli_commands() -> Iterator[click.Command]:
    """Add ``demand``, which runs a command on folders of this machine."""
    from sfn_fragments_demand_execution.demand_command import command

    yield command
