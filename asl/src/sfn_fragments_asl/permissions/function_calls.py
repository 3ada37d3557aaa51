"""What calls of Lambda need: the function that they name, in whichever form.

https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_RequestParameters
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sfn_fragments_asl.permissions.action_names import actions_of
from sfn_fragments_asl.permissions.call import arn, arns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sfn_fragments_asl.permissions.call import Call
    from sfn_fragments_asl.permissions.permission import Permission

# <account>:function:<name>, of an ARN whose beginning is left out.
_PARTIAL_ARN = re.compile(r"(\d{12}|\$\{[^{}]+\}):function:(.+)")
# A function that only CloudFormation knows, by its name or its ARN, and a version or an alias.
_QUALIFIED = re.compile(r"(\$\{[^{}]+\}):([^:]+)")


def function_permissions(call: Call) -> Iterator[Permission]:
    """What a call needs that names a function.

    Args:
        call: The call.
    """
    names = call.names("functions", "FunctionName")
    functions = [_function(name) for name in names.patterns]
    if "Qualifier" in call:
        # Versions and aliases are resources of their own.
        qualified = [
            f"{function}:{qualifier}"
            for function in functions
            for qualifier in call.patterns("Qualifier").patterns
        ]
        functions = qualified if call.given("Qualifier") else [*functions, *qualified]
    yield call.need(actions_of(call.service, call.action), functions, [names.note])


def _function(name: str) -> str:
    """The ARN of a function that is given by its name, its ARN, or a part of that."""
    if partial := _PARTIAL_ARN.fullmatch(name):
        account, rest = partial.groups()
        return arn("lambda", f"function:{rest}").replace("${AWS::AccountId}", account)
    if (qualified := _QUALIFIED.fullmatch(name)) is not None:
        return f"{_function(qualified[1])}:{qualified[2]}"
    [function] = arns("lambda", "function:", [name], part="FunctionOf:")
    return function
