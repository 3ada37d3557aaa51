"""Settings as one JSONata expression, with what CDK replaces in them."""

from __future__ import annotations

from typing import Any

import jsii
import pytest
from aws_cdk import App, CfnParameter, IStableAnyProducer, Lazy, Stack
from aws_cdk.aws_stepfunctions import JsonPath

from sfn_fragments_asl.errors import UntranslatableError
from sfn_fragments_batch.translated import translated


def test_one_expression_holds_what_parameters_render() -> None:
    stack = Stack(App(analytics_reporting=False), "Stack")
    values = {
        "a": {"b.$": "States.UUID()", "c": JsonPath.string_at("$$.State.Name")},
        "list": ["x", 1, None, True, [2]],
        "text": 'it\'s "ä"',
    }
    assert translated(stack, values) == (
        '{"a": {"b": $uuid(), "c": $states.context.State.Name}, '
        '"list": ["x", 1, null, true, [2]], "text": "it\'s \\"ä\\""}'
    )
    with pytest.raises(UntranslatableError, match="in a state before"):
        translated(stack, {"a": ["$['b','c']"]})


def test_what_cdk_replaces_is_replaced_in_an_expression() -> None:
    stack = Stack(App(analytics_reporting=False), "Stack")
    words = CfnParameter(stack, "Words", type="CommaDelimitedList").value_as_list
    number: Any = CfnParameter(stack, "Number", type="Number").value_as_number
    later: Any = Lazy.any(_Later())
    expression = translated(stack, {"n": number, "t": stack.region, "w": words, "l": later})
    resolved = stack.resolve(expression)["Fn::Join"][1]
    joined = {"Fn::Join": ["|,|", {"Ref": "Words"}]}
    assert resolved == [
        '{"n": ',
        {"Ref": "Number"},
        ', "t": "',
        {"Ref": "AWS::Region"},
        '", "w": ("',
        joined,
        '" = "" ? [] : [$split("',
        joined,
        '", "|,|")]), "l": {"a":[1]}}',
    ]


@jsii.implements(IStableAnyProducer)
class _Later:
    def produce(self) -> Any:
        return {"a": [1]}
