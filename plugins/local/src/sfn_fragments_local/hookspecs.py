"""The hooks that the engine brings; light, since every listing imports it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfn_fragments import hookspec

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sfn_fragments_local.jobs import JobRunner


@hookspec
def sfn_fragments_job_runners() -> Iterable[JobRunner]:
    """Add ways to run a Batch job on the local engine.

    Purpose:
        Runs jobs that a local process cannot, such as those of an image without Python.

    Called:
        Once for each local engine that starts. The runners are asked in the order in which pluggy
        calls their plugins, before the engine's own; the first one that accepts a job runs it.

    Must not import:
        ``sfn_fragments_local`` at the top of the plugin module, since it need not be
        installed; nor ``aws_cdk``, ``constructs`` and ``jsii`` anywhere.

    Returns:
        The runners (``sfn_fragments_local.JobRunner``), none to add nothing. If a plugin raises,
        or gives something else, no engine starts, and the error names the plugin.

    Examples:
        >>> from sfn_fragments import hookimpl
        >>> @hookimpl
        ... def sfn_fragments_job_runners():
        ...     class EchoRunner:
        ...         name = "echo"
        ...
        ...         def accepts(self, job):
        ...             return job.image.endswith("/echo")
        ...
        ...         def command(self, job):
        ...             return ["echo", *job.command]
        ...
        ...     return [EchoRunner()]
        >>> [runner.name for runner in sfn_fragments_job_runners()]
        ['echo']
    """
