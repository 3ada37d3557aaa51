"""Stopping: a stopped execution has no other end, and what was given up adds no events."""

from __future__ import annotations

from typing import Any, Final

from sfn_fragments_local.moto_gaps.patching import load, replace

_Environment: Final = load("asl.eval.environment:Environment")
_ProgramStopped: Final = load("asl.eval.program_state:ProgramStopped")

_set_error: Final = _Environment.set_error
_set_ended: Final = _Environment.set_ended
_close_frame: Final = _Environment.close_frame


class _NoEvents:
    """Takes the place of the history in a frame that nothing waits for any more."""

    @staticmethod
    def add_event(**_: Any) -> int:
        return 0


def _silence(frame: Any) -> None:
    # The thread of a frame runs on after a timeout, or after another branch has failed. What it
    # comes to would follow the last event of the execution.
    frame.event_manager = _NoEvents
    for inner in list(frame._frames):
        _silence(inner)


def _silence_inner(environment: Any) -> None:
    for frame in list(environment._frames):
        _silence(frame)


def _set_error_of_running(self: Any, error: Any) -> None:
    _silence_inner(self)
    # A stopped task has no result, on which the rest of its state fails.
    if not isinstance(self.program_state(), _ProgramStopped):
        _set_error(self, error)


def _set_ended_alone(self: Any) -> None:
    _silence_inner(self)
    _set_ended(self)


def _close_frame_for_good(self: Any, frame: Any) -> None:
    _close_frame(self, frame)
    _silence(frame)


def close() -> None:
    """Let nothing that was interrupted take the place of the stop, or write into the history."""
    replace(_Environment, "set_error", _set_error_of_running)
    replace(_Environment, "set_ended", _set_ended_alone)
    replace(_Environment, "close_frame", _close_frame_for_good)
