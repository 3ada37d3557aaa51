"""The plugin module of the core itself; like any plugin's, it imports nothing heavy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfn_fragments import fragments
from sfn_fragments.hookspecs import hookimpl
from sfn_fragments.spec import TypedSpec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sfn_fragments.spec import FragmentSpec
    from sfn_fragments_asl.checks import Check


LAMBDA_FUNCTION = TypedSpec(
    name="core.lambda_function",
    target="sfn_fragments.fragments.lambda_function:LambdaFunctionFragment",
    fragment=lambda: fragments.LambdaFunctionFragment,
    summary="Invokes a Lambda function, and fails with its error.",
    keywords=("lambda", "function"),
    request="sfn_fragments.models:AnyJson",
    response="sfn_fragments.models:AnyJson",
    example="sfn_fragments.examples:LAMBDA_FUNCTION",
)


@hookimpl
def sfn_fragments_register() -> Iterator[FragmentSpec]:
    """Declare the fragment."""
    yield LAMBDA_FUNCTION


@hookimpl
def sfn_fragments_checks() -> Iterable[Check]:
    """The checks of a definition that apply to every state machine."""
    from sfn_fragments_asl.checks import builtin_checks

    return builtin_checks()
