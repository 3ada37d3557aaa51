"""Fragments that run jobs on AWS Batch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfn_fragments.lazy import lazy_exports

if TYPE_CHECKING:
    from sfn_fragments_batch.base import BatchInvokedBaseFragment
    from sfn_fragments_batch.executor import BatchInvokedExecutorFragment
    from sfn_fragments_batch.job_options import JobOptions
    from sfn_fragments_batch.lambda_function import BatchInvokedLambdaFunction
    from sfn_fragments_batch.mount_points import AWSBatchMixins, MountPointConfiguration
    from sfn_fragments_batch.operations import BatchOperation
    from sfn_fragments_batch.submit_job import SubmitJobFragment

__all__ = [
    "AWSBatchMixins",
    "BatchInvokedBaseFragment",
    "BatchInvokedExecutorFragment",
    "BatchInvokedLambdaFunction",
    "BatchOperation",
    "JobOptions",
    "MountPointConfiguration",
    "SubmitJobFragment",
]

__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "AWSBatchMixins": "sfn_fragments_batch.mount_points",
        "BatchInvokedBaseFragment": "sfn_fragments_batch.base",
        "BatchInvokedExecutorFragment": "sfn_fragments_batch.executor",
        "BatchInvokedLambdaFunction": "sfn_fragments_batch.lambda_function",
        "BatchOperation": "sfn_fragments_batch.operations",
        "JobOptions": "sfn_fragments_batch.job_options",
        "MountPointConfiguration": "sfn_fragments_batch.mount_points",
        "SubmitJobFragment": "sfn_fragments_batch.submit_job",
    },
)
