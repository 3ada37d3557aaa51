"""Retries of service calls: which errors pass by themselves, and how long to wait for it.

Throttling and server errors come under several names, since each integration names them in its
own way; all of them are listed. Full jitter keeps the branches of a Map from trying in step:
https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
"""

from __future__ import annotations

from typing import Any


def _retrier(*errors: str) -> dict[str, Any]:
    return {
        "ErrorEquals": list(errors),
        "IntervalSeconds": 3,
        "BackoffRate": 2,
        "MaxAttempts": 7,
        "MaxDelaySeconds": 60,
        "JitterStrategy": "FULL",
    }


#: Transient errors of AWS Batch.
BATCH_RETRY: list[dict[str, Any]] = [
    _retrier(
        "Batch.BatchException",
        "Batch.AWSBatchException",
        "Batch.ServerException",
        "Batch.TooManyRequestsException",
    )
]

#: Transient errors of Amazon S3.
S3_RETRY: list[dict[str, Any]] = [
    _retrier("S3.S3Exception", "S3.SdkClientException", "S3.SlowDownException")
]
