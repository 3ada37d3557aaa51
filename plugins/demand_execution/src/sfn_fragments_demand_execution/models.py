"""Requests and responses of demand executions.

The one place of this distribution that imports ``aibs_informatics_core``, whose licence forbids
commercial use without permission.
"""

from __future__ import annotations

from typing import Any

from aibs_informatics_core.models.demand_execution import DemandExecution
from pydantic import BaseModel, ConfigDict, Field, field_validator

__all__ = ["DemandExecutionRequest", "DemandExecutionResponse"]


class DemandExecutionRequest(DemandExecution):
    """Input of ``demand_execution.execute``: what to run, on what, where to.

    Attributes:
        execution_type: Kind of work: the names of the job and of its definition begin with it.
        execution_id: Names the working folder of this run, such as a UUID.
        execution_image: Image of the job: its URI, or the name of a repository in ECR.
        execution_parameters: What is run.
        execution_parameters.command: The command; ``${NAME}`` stands for a parameter.
        execution_parameters.params: Parameters by name. Those that are named below as inputs or
            outputs are paths; ``"out @ s3://bucket/key"`` says where an output goes.
        execution_parameters.inputs: Names of parameters whose objects are copied to the job.
        execution_parameters.outputs: Names of parameters whose files are copied back.
        execution_parameters.outputs_metadata: Notes on outputs, by name; nothing here reads them.
        execution_parameters.output_s3_prefix: Where outputs go that do not say it.
        execution_parameters.param_pair_overrides: Which output is made of which input; all of
            all, if left out.
        execution_parameters.param_pair_overrides[].inputs: Names of inputs.
        execution_parameters.param_pair_overrides[].outputs: Names of their outputs.
        execution_parameters.param_pair_overrides[].input: Name of the one input.
        execution_parameters.param_pair_overrides[].output: Name of its output.
        execution_parameters.verbosity: Whether to tell more; nothing here reads it.
        execution_metadata: Who asked, and what the run is tagged with.
        execution_metadata.user: Who asked: the tag ``USER`` of the job definition.
        execution_metadata.arn: ARN of an execution; nothing here reads it.
        execution_metadata.tags: Tags of the job.
        execution_metadata.notify_on: Outcomes to tell of; nothing here reads them.
        execution_metadata.notify_list: Whom to tell; nothing here reads it.
        execution_platform: Where it runs.
        execution_platform.aws_batch: AWS Batch, the one platform there is.
        execution_platform.aws_batch.job_queue_name: Queue of the job, or its ARN.
        execution_platform.aws_batch.job_role: Role of the job, or its ARN.
        resource_requirements: What the job needs.
        resource_requirements.gpu: Number of GPUs.
        resource_requirements.memory: Memory in MiB.
        resource_requirements.vcpus: Number of vCPUs.
    """

    @field_validator("execution_id")
    @classmethod
    def _id_names_a_folder(cls, value: str) -> str:
        # The working folder has this name, and is removed afterwards: never one above it.
        if value.startswith("/") or any(part in ("", ".", "..") for part in value.split("/")):
            raise ValueError(f"{value!r} is no name of a folder: give one, such as a UUID")
        return value


class _Request(BaseModel):
    demand_execution: dict[str, Any] = Field(description="The request, with all tags.")


class _Job(BaseModel):
    model_config = ConfigDict(extra="allow")

    JobId: str = Field(description="Id of the job.")
    JobName: str = Field(description="Name of the job.")


class _Tasks(BaseModel):
    batch_submit_task: _Job = Field(description="The job that ran the command, as Batch has it.")


class DemandExecutionResponse(BaseModel):
    """Output of ``demand_execution.execute``: the request and its job."""

    request: _Request = Field(description="What was asked for.")
    tasks: _Tasks = Field(description="What was done.")
