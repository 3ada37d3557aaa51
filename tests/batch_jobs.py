"""Batch jobs in tests of the engine: registered, submitted, and waited for."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sfn_fragments_batch import SubmitJobFragment
    from sfn_fragments_local import Engine, JobRecord

#: Seconds in which a job has to reach a status.
LONGEST = 60.0


def small_job(stack: Any, **given: Any) -> SubmitJobFragment:
    """A fragment that runs a small job in a queue named ``queue``.

    Args:
        stack: The construct that holds it.
        **given: What else it is given, and what is given instead.
    """
    from sfn_fragments.environment import EnvBase
    from sfn_fragments_batch import SubmitJobFragment

    settings = {"name": "job", "image": "image:1", "job_queue": "queue", "memory": 512, "vcpus": 1}
    return SubmitJobFragment(stack, "Job", EnvBase("dev-run1"), **{**settings, **given})


def define(engine: Engine, command: Sequence[str], **properties: Any) -> str:
    """Register a job definition.

    Args:
        engine: Where.
        command: What its container runs.
        **properties: More container properties, and among them the definition's own
            ``retryStrategy``, ``parameters`` and ``timeout``.

    Returns:
        Its ARN.
    """
    definition = {
        "type": "container",
        "retryStrategy": properties.pop("retryStrategy", {"attempts": 1}),
        "parameters": properties.pop("parameters", {}),
        "timeout": properties.pop("timeout", {}),
    }
    registered = engine.client("batch").register_job_definition(
        jobDefinitionName="job",
        containerProperties={
            "image": "image",
            "command": [*command],
            "resourceRequirements": [
                {"type": "VCPU", "value": "1"},
                {"type": "MEMORY", "value": "512"},
            ],
            **properties,
        },
        **{name: value for name, value in definition.items() if value},
    )
    return str(registered["jobDefinitionArn"])


def submit(engine: Engine, definition: str, **options: Any) -> str:
    """Submit a job to a queue that is made for it; its id."""
    engine.create_job_queue("queue")
    submitted = engine.client("batch").submit_job(
        jobName="job", jobQueue="queue", jobDefinition=definition, **options
    )
    return str(submitted["jobId"])


def record(engine: Engine, job_id: str) -> JobRecord:
    """What the engine knows about a job now."""
    return next(job for job in engine.jobs if job.id == job_id)


def wait_for(engine: Engine, job_id: str, *statuses: str) -> JobRecord:
    """A job that has one of these statuses; without any, one that has ended."""
    ends = time.monotonic() + LONGEST
    while (job := record(engine, job_id)).status not in (statuses or ("SUCCEEDED", "FAILED")):
        assert time.monotonic() < ends, f"never {statuses or 'ended'}: {job}"
        time.sleep(0.02)
    return job


def run(engine: Engine, command: Sequence[str], **properties: Any) -> JobRecord:
    """A job that has run; the arguments are those of `define`."""
    return wait_for(engine, submit(engine, define(engine, command, **properties)))


def attempts(engine: Engine, job_id: str) -> int:
    """How many attempts of a job there were, the one that runs among them."""
    [described] = engine.client("batch").describe_jobs(jobs=[job_id])["jobs"]
    return len(described["attempts"])


def interrupt(engine: Engine, times: int, name: str = "", after: int = 0) -> None:
    """Take a job's host away as often as it is tried again, as Spot does.

    Args:
        engine: Where it runs, or will.
        times: How many attempts are ended.
        name: Begins the job's name.
        after: Jobs that were there before.
    """
    ends = time.monotonic() + LONGEST
    for ended in range(times):
        while True:
            assert time.monotonic() < ends, engine.jobs[after:]
            found = [job for job in engine.jobs[after:] if job.name.startswith(name)]
            if found and found[0].status == "RUNNING" and attempts(engine, found[0].id) > ended:
                break
            time.sleep(0.02)
        engine.interrupt_job(found[0].id)
