"""Errors of services that pass by themselves: throttling and failures of the server.

They come under several names, since each integration names them in its own way. An SDK integration
names every error that the API's model lacks after the service alone (``Batch.BatchException``,
``S3.S3Exception``), throttling and a refusal alike.
https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
"""

from __future__ import annotations

_STEP_FUNCTIONS = (
    "StepFunctions.AWSStepFunctionsException",
    "StepFunctions.ExecutionLimitExceeded",
    "StepFunctions.ExecutionLimitExceededException",
    "StepFunctions.SdkClientException",
    "StepFunctions.ThrottlingException",
)

#: Service, as its integrations name it, to the names of its transient errors.
TRANSIENT_ERRORS: dict[str, tuple[str, ...]] = {
    "batch": (
        "Batch.BatchException",
        "Batch.AWSBatchException",
        "Batch.SdkClientException",
        "Batch.ServerException",
        "Batch.TooManyRequestsException",
    ),
    "ecr": ("Ecr.EcrException", "Ecr.SdkClientException", "Ecr.ServerException"),
    # Those of AWS Lambda itself; those of the function are none of them.
    "lambda": (
        "Lambda.ServiceException",
        "Lambda.AWSLambdaException",
        "Lambda.SdkClientException",
        "Lambda.ClientExecutionTimeoutException",
        "Lambda.TooManyRequestsException",
    ),
    "s3": ("S3.S3Exception", "S3.SdkClientException", "S3.SlowDownException"),
    # Those of starting an execution; those of the execution itself are not among them.
    "sfn": _STEP_FUNCTIONS,
    "states": _STEP_FUNCTIONS,
}
