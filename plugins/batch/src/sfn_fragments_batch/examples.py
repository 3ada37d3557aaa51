"""Runs that show what the Batch fragments do."""

from __future__ import annotations

from sfn_fragments import Example

SUBMIT_JOB = Example(
    summary="Greets by a command whose argument comes from the input.",
    arguments=lambda sandbox: {
        "name": "greet",
        "job_queue": sandbox.job_queue,
        "image": "public.ecr.aws/docker/library/alpine:3",
        "command": ["echo", "Hello,", "$.name"],
        "memory": 512,
        "vcpus": 1,
        "deploy_job_definition": True,
    },
    input={"name": "world"},
)

LAMBDA_FUNCTION = Example(
    summary="Writes a JSON document to S3 with a handler of aibs-informatics-aws-lambda.",
    arguments=lambda sandbox: {
        "name": "put-json",
        "image": sandbox.image,
        "handler": "aibs_informatics_aws_lambda.handlers.data_sync.put_json_to_file_handler",
        "job_queue": sandbox.job_queue,
        "bucket_name": sandbox.bucket,
        "memory": 1024,
        "vcpus": 1,
        "deploy_job_definition": True,
    },
    input={
        "content": {"sample": "A1", "reads": 1200},
        "path": "s3://sandbox-results/samples/A1.json",
    },
    results=("sandbox-results",),
)

EXECUTOR = Example(
    summary="Writes a JSON document to S3 with an executor of aibs-informatics-aws-lambda.",
    arguments=lambda sandbox: {
        "name": "put-json",
        "image": sandbox.image,
        "executor": "aibs_informatics_aws_lambda.handlers.data_sync.PutJSONToFileHandler",
        "job_queue": sandbox.job_queue,
        "bucket_name": sandbox.bucket,
        "memory": 1024,
        "vcpus": 1,
        "deploy_job_definition": True,
    },
    input={
        "content": {"sample": "B2", "reads": 3400},
        "path": "s3://sandbox-results/samples/B2.json",
    },
    results=("sandbox-results",),
)
