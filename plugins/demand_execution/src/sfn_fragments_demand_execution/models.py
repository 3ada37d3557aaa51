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
    """Input of ``demand_execution.execute``: what to run, on what, where to."""

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

    request: _Request
    tasks: _Tasks
