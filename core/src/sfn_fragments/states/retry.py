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

#: Transient errors of starting an execution; those of the execution itself are not among them.
STEP_FUNCTIONS_RETRY: list[dict[str, Any]] = [
    _retrier(
        "StepFunctions.AWSStepFunctionsException",
        "StepFunctions.ExecutionLimitExceeded",
        "StepFunctions.ExecutionLimitExceededException",
        "StepFunctions.SdkClientException",
        "StepFunctions.ThrottlingException",
    )
]

#: Transient errors of Amazon ECR.
ECR_RETRY: list[dict[str, Any]] = [
    _retrier("Ecr.EcrException", "Ecr.SdkClientException", "Ecr.ServerException")
]

#: Transient errors of AWS Lambda itself; those of the function are none of them.
LAMBDA_RETRY: list[dict[str, Any]] = [
    _retrier(
        "Lambda.ServiceException",
        "Lambda.AWSLambdaException",
        "Lambda.SdkClientException",
        "Lambda.ClientExecutionTimeoutException",
        "Lambda.TooManyRequestsException",
    )
]
