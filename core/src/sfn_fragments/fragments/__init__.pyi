# What the package offers, each imported on first touch; `lazy.stub_exports` reads it.
from sfn_fragments.fragments.base import EnvBaseStateMachineFragment as EnvBaseStateMachineFragment
from sfn_fragments.fragments.base import (
    LazyLoadStateMachineFragment as LazyLoadStateMachineFragment,
)
from sfn_fragments.fragments.base import StateMachineFragment as StateMachineFragment
from sfn_fragments.fragments.base import StateMachineMixins as StateMachineMixins
from sfn_fragments.fragments.lambda_function import LambdaFunctionFragment as LambdaFunctionFragment
from sfn_fragments.fragments.naming import EnvBaseConstructMixins as EnvBaseConstructMixins
from sfn_fragments.fragments.observation import create_log_options as create_log_options
from sfn_fragments.fragments.state_machine import create_role as create_role
from sfn_fragments.fragments.state_machine import create_state_machine as create_state_machine
from sfn_fragments.fragments.task_status import TaskWithPrePostStatus as TaskWithPrePostStatus
