"""What an execution's input may say about its job."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class JobOverrides(BaseModel):
    """Settings of the job that replace the fragment's defaults; null counts as absent."""

    # Each alias is its own name: a model that this one is mixed into may make up others.
    job_queue: str | None = Field(None, alias="job_queue", description="Name or ARN of the queue.")
    memory: int | float | str | None = Field(None, alias="memory", description="Memory in MiB.")
    vcpus: float | str | None = Field(None, alias="vcpus", description="Number of vCPUs.")
    gpu: int | float | str | None = Field(
        None, alias="gpu", description="Number of GPUs; 0 for none."
    )
    command: list[str] | None = Field(None, alias="command", description="Container's command.")
    environment: dict[str, str] | list[dict[str, str]] | None = Field(
        None,
        alias="environment",
        description="Variables to add: an object, or a list of Name and Value.",
    )
    mount_points: list[dict[str, Any]] | None = Field(
        None, alias="mount_points", description="Mount points, as Batch's API has them."
    )
    volumes: list[dict[str, Any]] | None = Field(
        None, alias="volumes", description="Volumes, as Batch's API has them."
    )
    platform_capabilities: list[str] | None = Field(
        None, alias="platform_capabilities", description="EC2 or FARGATE."
    )
    bucket_name: str | None = Field(
        None, alias="bucket_name", description="Bucket of request and response."
    )
    key_prefix: str | None = Field(
        None, alias="key_prefix", description="Begins the keys of request and response."
    )
    execution_role_arn: str | None = Field(
        None,
        alias="execution_role_arn",
        description="Role that pulls the image; heeded where the fragment has a default for it.",
    )
    job_role_arn: str | None = Field(
        None,
        alias="job_role_arn",
        description="Role of the job; heeded where the fragment has a default for it.",
    )
    job_options: dict[str, Any] | None = Field(
        None,
        alias="job_options",
        description="Other settings of the job, those that the fragment's allow_override names.",
    )


class SubmittedJob(BaseModel):
    """The job that was run."""

    JobName: str = Field(description="Its name.")
    JobId: str = Field(description="Its id.")
    JobArn: str = Field(description="Its ARN.")


class TaskResult(BaseModel):
    """What the fragment's task has done."""

    submit: SubmittedJob = Field(description="The job.")


class SubmitJobResponse(BaseModel):
    """Output of ``batch.submit_job``: the input, and the job."""

    model_config = ConfigDict(extra="allow")

    taskResult: TaskResult = Field(  # noqa: N815 - the documented name
        description="What the fragment adds to the input."
    )
