"""The hooks that the Batch fragments bring; light, since every listing imports it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfn_fragments import hookspec

if TYPE_CHECKING:
    from collections.abc import Iterable

    from constructs import Construct

    from sfn_fragments.environment import EnvBase
    from sfn_fragments_batch.job_options import JobOptions


@hookspec
def sfn_fragments_batch_job_options(scope: Construct, env_base: EnvBase) -> Iterable[JobOptions]:
    """Say what holds for every Batch job of an organisation.

    Purpose:
        One place for tags by which costs are told apart, the log group, retries, the execution
        role: what each team would otherwise write into each construct.

    Called:
        For every fragment that runs a job, when it is made. What the construct says itself goes
        above it, tags one by one. What a job cannot have, since its platform or its queue, where
        they show, does not take it, is left out for this job; so is what only a job definition
        holds where the fragment is given one that exists, of which synthesis warns
        (``sfn-fragments-batch:organisation``).

    Args:
        scope: The construct that will hold the fragment.
        env_base: Its environment base.

    Must not import:
        Anything of ``aws_cdk``, nor ``sfn_fragments_batch``, at the top of the plugin module. The
        function itself may.

    Returns:
        The options (``sfn_fragments_batch.JobOptions``), none to say nothing. If a plugin raises,
        or gives something else, no fragment is made, and the error names the plugin.

    Examples:
        >>> from sfn_fragments import hookimpl
        >>> @hookimpl
        ... def sfn_fragments_batch_job_options(env_base):
        ...     from sfn_fragments_batch import JobOptions
        ...
        ...     yield JobOptions(tags={"environment": str(env_base)}, propagate_tags=True)
        >>> [options.tags for options in sfn_fragments_batch_job_options("dev-x")]
        [{'environment': 'dev-x'}]
    """
