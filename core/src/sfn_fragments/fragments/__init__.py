"""Base classes of fragments, and what a state machine is made with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfn_fragments.lazy import lazy_exports

if TYPE_CHECKING:
    from sfn_fragments.fragments.base import (
        EnvBaseStateMachineFragment,
        LazyLoadStateMachineFragment,
        StateMachineFragment,
        StateMachineMixins,
    )
    from sfn_fragments.fragments.lambda_function import LambdaFunctionFragment
    from sfn_fragments.fragments.naming import EnvBaseConstructMixins
    from sfn_fragments.fragments.observation import create_log_options
    from sfn_fragments.fragments.state_machine import create_role, create_state_machine
    from sfn_fragments.fragments.task_status import TaskWithPrePostStatus

__all__ = [
    "EnvBaseConstructMixins",
    "EnvBaseStateMachineFragment",
    "LambdaFunctionFragment",
    "LazyLoadStateMachineFragment",
    "StateMachineFragment",
    "StateMachineMixins",
    "TaskWithPrePostStatus",
    "create_log_options",
    "create_role",
    "create_state_machine",
]

__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "EnvBaseConstructMixins": "sfn_fragments.fragments.naming",
        "EnvBaseStateMachineFragment": "sfn_fragments.fragments.base",
        "LambdaFunctionFragment": "sfn_fragments.fragments.lambda_function",
        "LazyLoadStateMachineFragment": "sfn_fragments.fragments.base",
        "StateMachineFragment": "sfn_fragments.fragments.base",
        "StateMachineMixins": "sfn_fragments.fragments.base",
        "TaskWithPrePostStatus": "sfn_fragments.fragments.task_status",
        "create_log_options": "sfn_fragments.fragments.observation",
        "create_role": "sfn_fragments.fragments.state_machine",
        "create_state_machine": "sfn_fragments.fragments.state_machine",
    },
)
