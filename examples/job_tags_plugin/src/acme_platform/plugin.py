"""Tags every Batch job of the organisation; every command imports it: it needs no ``aws_cdk``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sfn_fragments import hookimpl

if TYPE_CHECKING:
    from sfn_fragments.environment import EnvBase
    from sfn_fragments_batch import JobOptions


@hookimpl
def sfn_fragments_batch_job_options(env_base: EnvBase) -> Iterator[JobOptions]:
    """Tags of every job, which its task gets as well: the bill is divided by them."""
    # sfn-fragments-batch need not be installed.
    from sfn_fragments_batch import JobOptions

    yield JobOptions(
        tags={"organisation": "acme", "environment": str(env_base), "cost-centre": "shared"},
        propagate_tags=True,
    )
