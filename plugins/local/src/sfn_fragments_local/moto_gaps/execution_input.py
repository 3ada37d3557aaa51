"""The input of an execution: not more than a state may hold."""

from __future__ import annotations

from typing import Any, Final

from sfn_fragments_local.moto_gaps.patching import load, replace

_StepFunctionResponse: Final = load("/moto.stepfunctions.responses:StepFunctionResponse")
_ValidationException: Final = load("/moto.stepfunctions.exceptions:ValidationException")
_MAX_BYTES: Final = 262_144

_start_execution: Final = _StepFunctionResponse.start_execution


def _start_small_execution(self: Any) -> Any:
    if len((self._get_param("input") or "").encode()) > _MAX_BYTES:
        raise _ValidationException(
            "1 validation error detected: Value at 'input' failed to satisfy constraint: "
            f"Member must have length less than or equal to {_MAX_BYTES}"
        )
    return _start_execution(self)


def close() -> None:
    """Refuse an execution whose input is above 256 KiB."""
    replace(_StepFunctionResponse, "start_execution", _start_small_execution)
