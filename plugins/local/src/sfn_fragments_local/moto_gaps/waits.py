"""Waiting: Wait states and retry intervals follow the time scale, ``.sync`` asks often."""

from __future__ import annotations

import time
from typing import Any, Final

from sfn_fragments_local.moto_gaps.patching import load, replace
from sfn_fragments_local.moto_gaps.settings import get_time_scale

_WaitFunction: Final = load("asl.component.state.wait.wait_function.wait_function:WaitFunction")
_JitterStrategyDecl: Final = load(
    "asl.component.common.retry.jitter_strategy_decl:JitterStrategyDecl"
)
_callback: Final = load("asl.component.state.exec.state_task.service.state_task_service_callback")
_SYNC_POLL_SECONDS: Final = 0.05

_eval_sync: Final = _callback.StateTaskServiceCallback._eval_sync

_eval_jitter: Final = _JitterStrategyDecl._eval_body


def _wait_interval(self: Any, env: Any, wait_seconds: float) -> None:  # noqa: ARG001 - moto's signature
    end = time.monotonic() + wait_seconds * get_time_scale()
    while env.is_running() and (remaining := end - time.monotonic()) > 0:
        env.program_state_event.wait(remaining)


def _eval_scaled_jitter(self: Any, env: Any) -> None:
    # The jitter comes last before the sleep, so the backoff still counts in real seconds.
    _eval_jitter(self, env)
    env.stack.append(env.stack.pop() * get_time_scale())


def _eval_sync_alone(
    self: Any,
    env: Any,
    sync_resolver: Any,
    timeout_seconds: int | None,
    callback_endpoint: object,  # noqa: ARG001 - moto's signature
    heartbeat_endpoint: object,  # noqa: ARG001 - moto's signature
) -> Any:
    # moto also starts a thread that waits for a task token, which a ``.sync`` task does not have.
    # That thread takes from the state's stack while the state itself works on it.
    return _eval_sync(self, env, sync_resolver, timeout_seconds, None, None)


def close() -> None:
    """Scale waits and retry intervals, and poll the state of a ``.sync`` task every 50 ms."""
    replace(_callback.StateTaskServiceCallback, "_eval_sync", _eval_sync_alone)
    replace(_WaitFunction, "_wait_interval", _wait_interval)
    replace(_JitterStrategyDecl, "_eval_body", _eval_scaled_jitter)
    replace(_callback, "_DELAY_SECONDS_SYNC_CONDITION_CHECK", _SYNC_POLL_SECONDS)
