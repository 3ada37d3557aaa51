"""Stopping: an execution that was stopped has no other end."""

from __future__ import annotations

from typing import Any, Final

from sfn_fragments_local.moto_gaps.patching import load, replace

_Environment: Final = load("asl.eval.environment:Environment")
_ProgramStopped: Final = load("asl.eval.program_state:ProgramStopped")

_set_error: Final = _Environment.set_error


def _set_error_of_running(self: Any, error: Any) -> None:
    # A stopped task has no result, on which the rest of its state fails.
    if not isinstance(self.program_state(), _ProgramStopped):
        _set_error(self, error)


def close() -> None:
    """Let no error of a state that was interrupted take the place of the stop."""
    replace(_Environment, "set_error", _set_error_of_running)
