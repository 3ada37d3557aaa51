"""Runs that show what the core's fragments do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sfn_fragments.spec import Example

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sfn_fragments.sandbox import Sandbox

_GREET = """
def handler(event, context):
    return {"greeting": f"Hello, {event['name']}!"}
"""


def _function(sandbox: Sandbox) -> Mapping[str, Any]:
    stack = sandbox.stack
    from aws_cdk.aws_lambda import Code, Function, Runtime

    function = Function(
        stack,
        "Function",
        code=Code.from_inline(_GREET),
        handler="index.handler",
        runtime=Runtime.PYTHON_3_13,
    )
    return {"lambda_function": function}


LAMBDA_FUNCTION = Example(
    summary="Greets by an inline Python function.",
    arguments=_function,
    input={"name": "world"},
)
