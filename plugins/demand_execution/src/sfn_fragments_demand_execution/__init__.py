"""Demand execution: a command run on data of S3, with a file system to work on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfn_fragments.lazy import lazy_exports

if TYPE_CHECKING:
    from sfn_fragments_demand_execution.execution import DemandExecutionFragment

__all__ = ["DemandExecutionFragment"]

__getattr__, __dir__ = lazy_exports(
    __name__, {"DemandExecutionFragment": "sfn_fragments_demand_execution.execution"}
)
