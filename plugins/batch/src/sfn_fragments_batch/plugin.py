"""The Batch fragments, as the registry lists them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sfn_fragments_batch
from sfn_fragments import FragmentSpec, TypedSpec, hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

    from aws_cdk.aws_iam import PolicyStatement
    from constructs import Construct


SUBMIT_JOB = TypedSpec(
    name="batch.submit_job",
    target="sfn_fragments_batch.submit_job:SubmitJobFragment",
    fragment=lambda: sfn_fragments_batch.SubmitJobFragment,
    summary="Runs a command in an image as a job on AWS Batch.",
    keywords=("batch", "job", "container"),
    request="sfn_fragments.models:AnyObject",
    response="sfn_fragments_batch.models:SubmitJobResponse",
    example="sfn_fragments_batch.examples:SUBMIT_JOB",
)
LAMBDA_FUNCTION = TypedSpec(
    name="batch.lambda_function",
    target="sfn_fragments_batch.lambda_function:BatchInvokedLambdaFunction",
    fragment=lambda: sfn_fragments_batch.BatchInvokedLambdaFunction,
    summary="Runs a Lambda handler as a job on AWS Batch, with its event and response in S3.",
    keywords=("batch", "job", "lambda", "handler"),
    request="sfn_fragments.models:AnyJson",
    response="sfn_fragments.models:AnyJson",
    example="sfn_fragments_batch.examples:LAMBDA_FUNCTION",
)
EXECUTOR = TypedSpec(
    name="batch.executor",
    target="sfn_fragments_batch.executor:BatchInvokedExecutorFragment",
    fragment=lambda: sfn_fragments_batch.BatchInvokedExecutorFragment,
    summary="Runs an executor class as a job on AWS Batch, with request and response in S3.",
    keywords=("batch", "job", "handler", "executor"),
    request="sfn_fragments.models:AnyJson",
    response="sfn_fragments.models:AnyJson",
    example="sfn_fragments_batch.examples:EXECUTOR",
)


@hookimpl
def sfn_fragments_register() -> Iterator[FragmentSpec]:
    """Declare the fragments."""
    yield SUBMIT_JOB
    yield LAMBDA_FUNCTION
    yield EXECUTOR


@hookimpl
def sfn_fragments_hookspecs() -> Iterator[str]:
    """Bring the hook for the options of an organisation's jobs."""
    yield "sfn_fragments_batch.hookspecs"


@hookimpl
def sfn_fragments_role_statements(
    definition: Mapping[str, Any], scope: Construct
) -> Iterable[PolicyStatement]:
    """Allow a machine the keys of the encrypted buckets that its jobs exchange requests by."""
    from sfn_fragments_batch.bucket_encryption import role_statements

    return list(role_statements(definition, scope))
