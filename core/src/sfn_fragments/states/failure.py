"""Failing with the error that was caught."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk.aws_stepfunctions import Fail

from sfn_fragments.states.naming import state_name
from sfn_fragments_asl.model.jsonata_source import Expression, field, render

if TYPE_CHECKING:
    from constructs import Construct


def fail_with(scope: Construct, label: str, variable: str | None = None) -> Fail:
    """Make a state that fails the execution with an error that a catcher caught.

    Args:
        scope: The construct that holds the state.
        label: Names it, unique in the scope.
        variable: The variable that holds the error output, without ``$``. Defaults to the
            state's input.

    Returns:
        The state; error and cause are those of the error output.
    """
    output = Expression("$states.input") if variable is None else field(variable)
    return Fail.jsonata(
        scope,
        state_name(scope, label),
        error=render(Expression(f"{output}.Error")),
        # A timeout has no cause.
        cause=render(Expression(f"$exists({output}.Cause) ? {output}.Cause : ''")),
    )
