"""Stopping: a stopped execution has no other end, and what was given up adds no events."""

from __future__ import annotations

import threading
from typing import Any, Final

from sfn_fragments_local.moto_gaps.patching import load, replace

_Environment: Final = load("asl.eval.environment:Environment")
_EventManager: Final = load("asl.eval.event.event_manager:EventManager")
_ProgramStopped: Final = load("asl.eval.program_state:ProgramStopped")

_set_error: Final = _Environment.set_error
_set_ended: Final = _Environment.set_ended
_close_frame: Final = _Environment.close_frame
_as_inner_frame_of: Final = _Environment.as_inner_frame_of.__func__
_add_event: Final = _EventManager.add_event

# An event that is on its way is written before its frame is given up, or not at all.
_lock: Final = threading.RLock()
_GIVEN_UP: Final = "given_up"


def _add_event_of_needed(self: Any, context: Any, *arguments: Any, **named: Any) -> int:
    with _lock:
        if getattr(context, _GIVEN_UP, False):
            return 0
        event_id: int = _add_event(self, context, *arguments, **named)
        return event_id


def _give_up(frame: Any) -> None:
    # The thread of a frame runs on after a timeout, or after another branch has failed. What it
    # comes to would follow the last event of the execution.
    setattr(frame.event_history_context, _GIVEN_UP, True)
    _give_up_inner(frame)


def _give_up_inner(environment: Any) -> None:
    with _lock:
        for frame in list(environment._frames):
            _give_up(frame)


def _frame_of(cls: Any, env: Any, *arguments: Any, **named: Any) -> Any:
    frame = _as_inner_frame_of(cls, env, *arguments, **named)
    if getattr(env.event_history_context, _GIVEN_UP, False):
        _give_up(frame)
    return frame


def _set_error_of_running(self: Any, error: Any) -> None:
    _give_up_inner(self)
    # A stopped task has no result, on which the rest of its state fails.
    if not isinstance(self.program_state(), _ProgramStopped):
        _set_error(self, error)


def _set_ended_alone(self: Any) -> None:
    _give_up_inner(self)
    _set_ended(self)


def _close_frame_for_good(self: Any, frame: Any) -> None:
    _close_frame(self, frame)
    with _lock:
        _give_up(frame)


def close() -> None:
    """Let nothing that was interrupted take the place of the stop, or write into the history."""
    replace(_Environment, "set_error", _set_error_of_running)
    replace(_Environment, "set_ended", _set_ended_alone)
    replace(_Environment, "close_frame", _close_frame_for_good)
    replace(_Environment, "as_inner_frame_of", classmethod(_frame_of))
    replace(_EventManager, "add_event", _add_event_of_needed)
