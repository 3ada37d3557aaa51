"""Retries of service calls: which errors pass by themselves, and how long to wait for it.

Throttling and server errors come under several names, since each integration names them in its
own way; all of them are listed. Full jitter keeps the branches of a Map from trying in step:
https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html

An SDK integration names every error that the API's model lacks after the service alone
(``Batch.BatchException``, ``S3.S3Exception``), throttling and a refusal alike. Retrying them all
means that a refusal takes some two minutes to show; not doing so, that throttling ends a run.
"""

from __future__ import annotations

from typing import Any

from sfn_fragments_asl.model.transient_errors import TRANSIENT_ERRORS


def _retrier(*errors: str, attempts: int = 7) -> dict[str, Any]:
    return {
        "ErrorEquals": list(errors),
        "IntervalSeconds": 3,
        "BackoffRate": 2,
        "MaxAttempts": attempts,
        "MaxDelaySeconds": 60,
        "JitterStrategy": "FULL",
    }


#: Transient errors of AWS Batch.
BATCH_RETRY: list[dict[str, Any]] = [_retrier(*TRANSIENT_ERRORS["batch"])]

#: The same for a job of a definition that was registered right before: Batch may not know it yet,
#: which it calls the client's fault.
SUBMIT_REGISTERED_RETRY: list[dict[str, Any]] = [
    *BATCH_RETRY,
    {**_retrier("Batch.ClientException", attempts=3), "IntervalSeconds": 1},
]

#: Transient errors of Amazon S3.
S3_RETRY: list[dict[str, Any]] = [_retrier(*TRANSIENT_ERRORS["s3"])]

#: Transient errors of starting an execution; those of the execution itself are not among them.
STEP_FUNCTIONS_RETRY: list[dict[str, Any]] = [_retrier(*TRANSIENT_ERRORS["states"])]

#: Transient errors of Amazon ECR.
ECR_RETRY: list[dict[str, Any]] = [_retrier(*TRANSIENT_ERRORS["ecr"])]

#: Transient errors of AWS Lambda itself; those of the function are none of them.
LAMBDA_RETRY: list[dict[str, Any]] = [_retrier(*TRANSIENT_ERRORS["lambda"])]

#: What a distributed Map reports of its reading and writing in S3, whatever S3 answered. Reading
#: comes before the first child; writing may come after the last one, and then all of them run
#: again: only for children that may.
DISTRIBUTED_MAP_RETRY: list[dict[str, Any]] = [
    _retrier("States.ItemReaderFailed"),
    _retrier("States.ResultWriterFailed", attempts=2),
]
