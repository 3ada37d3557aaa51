"""One Lambda function."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfn_fragments.fragments.base import EnvBaseStateMachineFragment
from sfn_fragments.states.asl import custom_chain, state
from sfn_fragments.states.failure import fail_with
from sfn_fragments.validation import fragment_problems, instance, problems_of, refuse
from sfn_fragments_asl.model.retriers import LAMBDA_RETRY

if TYPE_CHECKING:
    from aws_cdk.aws_lambda import IFunction
    from constructs import Construct

    from sfn_fragments.environment import EnvBase


class LambdaFunctionFragment(EnvBaseStateMachineFragment):
    """Invokes a Lambda function with the input; the output is what the function returns.

    Enters 1 state. Errors of the Lambda service are retried; any other is caught, and ends the
    execution in a Fail state with the function's own error and cause.

    When to use:
        For work of a Lambda function: 15 minutes at most, and 10 GB of memory. For more, or for a
        command in an image of your own, run a job: ``batch.submit_job``, or
        ``batch.lambda_function`` for a handler that takes and returns JSON.

    Deletes:
        Nothing. What the function deletes is its own affair.

    Args:
        scope: The construct that holds the fragment.
        id: Its id, unique in the scope; it names the states, whatever the function's name is.
        env_base: Environment base.
        lambda_function: The function.

    Raises:
        InvalidParametersError: Some parameters cannot work; all of them are named.

    Examples:
        ```python
        LambdaFunctionFragment(
            self, "Notify", env_base, lambda_function=self.get_fn("notify")
        ).to_state_machine("notify")
        ```
    """

    def __init__(
        self, scope: Construct, id: str, env_base: EnvBase, lambda_function: IFunction
    ) -> None:
        refuse(
            f"LambdaFunctionFragment {id!r}",
            [
                *fragment_problems(scope, id, env_base),
                *problems_of(
                    {"lambda_function": lambda_function},
                    {"lambda_function": instance("a Lambda function", "function_arn")},
                ),
            ],
        )
        super().__init__(scope, id, env_base)
        invoke = state(
            self,
            "Invoke",
            {"Type": "Task", "Resource": lambda_function.function_arn, "Retry": LAMBDA_RETRY},
        )
        invoke.add_catch(fail_with(self, "Fail"), errors=["States.ALL"])
        self.definition = custom_chain(invoke, invoke)
