"""The runner: which jobs it takes, and which process each of them is here."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sfn_fragments_local import JobRequest

#: Name of the image whose jobs it runs, whatever its registry and tag.
IMAGE = "initech-align"


class AlignRunner:
    """Runs a stand-in for the program of an image, which need not be pulled.

    The engine asks it before its own runners. The process runs in the job's container, with the
    job's environment; ``job.mounts`` are the folders that it sees.
    """

    name = "align"

    def accepts(self, job: JobRequest) -> bool:
        """Whether it runs the job."""
        repository, _, _ = job.image.rpartition("/")[2].partition(":")
        return repository == IMAGE

    def command(self, job: JobRequest) -> list[str]:
        """The process to start."""
        return [sys.executable, "-m", "initech_fragments.stand_in", *job.command]
