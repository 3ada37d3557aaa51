"""What this plugin offers; imported by every command, and so without what it works with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sfn_fragments import hookimpl

if TYPE_CHECKING:
    from sfn_fragments_local import JobRunner


@hookimpl
def sfn_fragments_job_runners() -> Iterator[JobRunner]:
    """Offer the runner."""
    from initech_fragments.align import AlignRunner

    yield AlignRunner()
