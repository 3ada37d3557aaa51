"""Runs synthesized state machines on a laptop, offline, with the real job code.

The names are imported on first use, so that importing the package imports neither moto nor boto3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfn_fragments.lazy import lazy_exports

if TYPE_CHECKING:
    from sfn_fragments_local.cdk_json import CdkJsonError, app_from_cdk_json, cdk_context
    from sfn_fragments_local.containers import Mount
    from sfn_fragments_local.copying import CopyWatcher, LeftOut, TransferError
    from sfn_fragments_local.deployment import Deployment, DeploymentError
    from sfn_fragments_local.engine import Engine
    from sfn_fragments_local.execution import (
        Execution,
        ExecutionFailedError,
        ExecutionResult,
        StateVisit,
    )
    from sfn_fragments_local.faults import Fault
    from sfn_fragments_local.jobs import JobRecord, JobRequest, JobRunner

__all__ = [
    "CdkJsonError",
    "CopyWatcher",
    "Deployment",
    "DeploymentError",
    "Engine",
    "Execution",
    "ExecutionFailedError",
    "ExecutionResult",
    "Fault",
    "JobRecord",
    "JobRequest",
    "JobRunner",
    "LeftOut",
    "Mount",
    "StateVisit",
    "TransferError",
    "app_from_cdk_json",
    "cdk_context",
]

__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "CdkJsonError": "sfn_fragments_local.cdk_json",
        "CopyWatcher": "sfn_fragments_local.copying",
        "Deployment": "sfn_fragments_local.deployment",
        "DeploymentError": "sfn_fragments_local.deployment",
        "Engine": "sfn_fragments_local.engine",
        "Execution": "sfn_fragments_local.execution",
        "ExecutionFailedError": "sfn_fragments_local.execution",
        "ExecutionResult": "sfn_fragments_local.execution",
        "Fault": "sfn_fragments_local.faults",
        "JobRecord": "sfn_fragments_local.jobs",
        "JobRequest": "sfn_fragments_local.jobs",
        "JobRunner": "sfn_fragments_local.jobs",
        "LeftOut": "sfn_fragments_local.copying",
        "Mount": "sfn_fragments_local.containers",
        "StateVisit": "sfn_fragments_local.execution",
        "TransferError": "sfn_fragments_local.copying",
        "app_from_cdk_json": "sfn_fragments_local.cdk_json",
        "cdk_context": "sfn_fragments_local.cdk_json",
    },
    # The engine reads templates; only deploy() touches constructs, and those are made already.
    needs_cdk=False,
)
