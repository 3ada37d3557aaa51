"""A user's program that makes fragments by the registry: type checkers know what they take.

What is wrong is marked as refused, and a mark that nothing is refused for is an error: to mypy
since it is strict, to pyright by the next line.
"""

# pyright: reportUnnecessaryTypeIgnoreComment=error

from __future__ import annotations

from typing import TYPE_CHECKING, assert_type

from sfn_fragments import get_registry
from sfn_fragments.environment import EnvBase
from sfn_fragments.plugin import LAMBDA_FUNCTION
from sfn_fragments_batch import BatchInvokedLambdaFunction, SubmitJobFragment
from sfn_fragments_batch.plugin import SUBMIT_JOB
from sfn_fragments_data_sync import DataSyncFragment
from sfn_fragments_data_sync.plugin import SYNC
from sfn_fragments_efs.plugin import DATA_PATH_STATS

if TYPE_CHECKING:
    from aws_cdk import Stack

    from sfn_fragments.fragments import EnvBaseStateMachineFragment

ENV = EnvBase("dev-x")


def build(stack: Stack) -> dict[str, EnvBaseStateMachineFragment]:
    """Make one by a class, one by a function, one by a class that was loaded, and one by a name."""
    registry = get_registry()
    job = registry.create(
        SUBMIT_JOB, stack, "Job", ENV, "job", "queue", image="busybox", memory=64, vcpus=1
    )
    assert_type(job, SubmitJobFragment)
    stats = registry.create(
        DATA_PATH_STATS,
        stack,
        "Stats",
        env_base=ENV,
        aibs_informatics_docker_asset="handlers",
        batch_job_queue="queue",
        scaffolding_bucket="bucket",
    )
    assert_type(stats, BatchInvokedLambdaFunction)
    sync = registry.load(SYNC)(stack, "Sync", ENV, "handlers", "queue", "bucket")
    assert_type(sync, DataSyncFragment)
    named = registry.create("data_sync.sync", stack, "Named", ENV, "handlers", "queue", "bucket")
    return {"job": job, "stats": stats, "sync": sync, "named": named}


def refused(stack: Stack) -> None:
    """Nobody calls it: an argument of another type, one that is misspelt, and one that lacks."""
    registry = get_registry()
    registry.create(SUBMIT_JOB, stack, "Type", ENV, name="job", job_queue=3)  # type: ignore[arg-type] # must be refused: a number names no queue
    registry.create(SUBMIT_JOB, stack, "Name", ENV, name="job", job_queu="q")  # type: ignore[call-arg] # must be refused: no such parameter
    registry.create(LAMBDA_FUNCTION, stack, "Lacks", ENV)  # type: ignore[call-overload] # must be refused: no function is given
    registry.load(SYNC)(stack, "Sync", ENV)  # type: ignore[call-arg] # must be refused: no image is given
