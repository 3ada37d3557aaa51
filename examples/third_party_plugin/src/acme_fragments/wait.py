"""Waits for a delivery."""

from __future__ import annotations

from aws_cdk.aws_stepfunctions import Wait as WaitState
from aws_cdk.aws_stepfunctions import WaitTime
from constructs import Construct

from sfn_fragments import Example
from sfn_fragments.environment import EnvBase
from sfn_fragments.fragments import EnvBaseStateMachineFragment
from sfn_fragments.states.naming import state_name


class Wait(EnvBaseStateMachineFragment):
    """Waits as long as the input says, and passes the input on.

    Enters 1 state.

    When to use:
        For what is there some time after it was ordered. Not for what can tell that it is there:
        that starts the next state machine by itself.

    Deletes:
        Nothing.

    Args:
        scope: The construct that holds the fragment.
        id: Its id, unique in the scope.
        env_base: Environment base.
        seconds_path: Reference path of the seconds to wait.
    """

    def __init__(
        self, scope: Construct, id: str, env_base: EnvBase, seconds_path: str = "$.seconds"
    ) -> None:
        super().__init__(scope, id, env_base)
        self.definition = WaitState(
            self, state_name(self, "Wait"), time=WaitTime.seconds_path(seconds_path)
        )


EXAMPLE = Example(
    summary="Waits for a minute, which the engine shortens.",
    arguments=lambda sandbox: {},
    input={"seconds": 60},
)
