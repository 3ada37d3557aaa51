"""Errors of services that pass by themselves: throttling and failures of the server.

They come under several names, since each integration names them in its own way. An SDK integration
names every error that the API's model lacks after the service alone (``Batch.BatchException``,
``S3.S3Exception``), throttling and a refusal alike.
https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
"""

from __future__ import annotations

import re

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

# What an optimized integration names its service's errors by, and an SDK integration does not.
_OF_OPTIMIZED = re.compile(r"\w+\.(AWS\w+Exception|ClientExecutionTimeoutException)")
#: Names that not every retrier needs: those of AWS's console lack one, those of CDK the other.
_OPTIONAL = frozenset({"Lambda.ClientExecutionTimeoutException", "Lambda.TooManyRequestsException"})
#: How SDK integrations name the errors of a service, where it is not the name in the table.
_SDK_PREFIXES = {"sfn": "Sfn", "states": "Sfn"}


def transient_errors(service: str, *, sdk: bool) -> tuple[str, ...] | None:
    """The transient errors that an integration raises.

    Args:
        service: The service, as the integration's ARN names it.
        sdk: Whether it is an AWS SDK integration, and no optimized one.

    Returns:
        Their names; None for a service of which they are not known.

    Examples:
        >>> transient_errors("s3", sdk=True)
        ('S3.S3Exception', 'S3.SdkClientException', 'S3.SlowDownException')
    """
    names = TRANSIENT_ERRORS.get(service)
    if names is None:
        return None
    prefix = names[0].partition(".")[0]
    if not sdk:
        general = f"{prefix}.{prefix}Exception"
        return tuple(name for name in names if name != general)
    mine = _SDK_PREFIXES.get(service, prefix)
    own = [name.replace(prefix, mine, 1) for name in names if not _OF_OPTIMIZED.fullmatch(name)]
    return tuple(dict.fromkeys([f"{mine}.{mine}Exception", *own]))


def missing_retries(service: str, retried: set[str], *, sdk: bool) -> tuple[str, ...]:
    """The transient errors of an integration that nothing retries.

    Args:
        service: The service, as the integration's ARN names it.
        retried: Names that retriers have.
        sdk: Whether it is an AWS SDK integration.

    Returns:
        The names; none where a retrier of AWS's console or of CDK is enough.
    """
    raised = transient_errors(service, sdk=sdk) or ()
    missing = [name for name in raised if name not in retried]
    return tuple(missing) if set(missing) - _OPTIONAL else ()
