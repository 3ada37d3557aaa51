"""`LambdaFunctionFragment`, with functions that the engine runs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_stepfunctions as sfn

from sfn_fragments import get_registry
from sfn_fragments.environment import EnvBase
from sfn_fragments.fragments import LambdaFunctionFragment, create_state_machine
from sfn_fragments.sandbox import Sandbox

if TYPE_CHECKING:
    from pathlib import Path

    from sfn_fragments_local import Engine

ENV = EnvBase("dev-x")

CODE = """
class NoSuchSample(Exception):
    pass

def handler(event, context):
    if "fail" in event:
        raise NoSuchSample(event["fail"])
    return {"got": event}
"""


@pytest.fixture
def stack(tmp_path: Path) -> cdk.Stack:
    app = cdk.App(outdir=str(tmp_path / "cdk.out"), analytics_reporting=False)
    return cdk.Stack(app, "Stack")


def function(stack: cdk.Stack, **options: Any) -> lambda_.Function:
    return lambda_.Function(
        stack,
        "Function",
        code=lambda_.Code.from_inline(CODE),
        handler="index.handler",
        runtime=lambda_.Runtime.PYTHON_3_13,
        **options,
    )


def test_it_invokes_the_function_in_one_state(sfn_engine: Engine, stack: cdk.Stack) -> None:
    fragment = LambdaFunctionFragment(stack, "Greet", ENV, lambda_function=function(stack))
    fragment.to_state_machine("greet")
    sfn_engine.deploy(stack)
    result = sfn_engine.execute({"a": [1, None]})
    result.raise_for_status()
    assert result.output == {"got": {"a": [1, None]}}
    assert [visit.name for visit in result.states] == ["Greet: Invoke"]


def test_a_failure_is_caught_and_ends_in_fail_with_the_functions_error(
    sfn_engine: Engine, stack: cdk.Stack
) -> None:
    fragment = LambdaFunctionFragment(stack, "Greet", ENV, lambda_function=function(stack))
    fragment.to_state_machine("greet")
    sfn_engine.deploy(stack)
    result = sfn_engine.execute({"fail": "sample 7"})
    assert (result.status, result.error) == ("FAILED", "NoSuchSample")
    assert json.loads(result.cause or "")["errorMessage"] == "sample 7"
    assert [visit.name for visit in result.states] == ["Greet: Invoke", "Greet: Fail"]


def test_two_of_one_function_stand_in_a_chain_and_another_state_may_follow(
    sfn_engine: Engine, stack: cdk.Stack
) -> None:
    fn = function(stack)
    first = LambdaFunctionFragment(stack, "First", ENV, fn)
    second = LambdaFunctionFragment(stack, "Second", ENV, fn)
    last = sfn.Pass(stack, "Last", output_path="$.got.got")
    create_state_machine(stack, ENV, "machine", "machine", first.next(second).next(last))
    sfn_engine.deploy(stack)
    assert sfn_engine.execute({"a": 1}).output == {"a": 1}


def test_the_states_have_the_same_names_whatever_the_function_is_called(stack: cdk.Stack) -> None:
    # The name of such a function is known at deployment only.
    imported = lambda_.Function.from_function_name(stack, "Imported", "dev-x-fn")
    fragment = LambdaFunctionFragment(stack, "Greet", ENV, lambda_function=imported)
    assert fragment.start_state.state_id == "Greet: Invoke"
    ends: list[Any] = list(fragment.end_states)
    assert [end.state_id for end in ends] == ["Greet: Invoke"]


def test_its_role_may_invoke_the_function_and_nothing_else(stack: cdk.Stack) -> None:
    fragment = LambdaFunctionFragment(stack, "Greet", ENV, lambda_function=function(stack))
    machine = fragment.to_state_machine("greet")
    app = stack.node.root
    assert isinstance(app, cdk.App)
    resources = app.synth().get_stack_by_name("Stack").template["Resources"]
    role = stack.resolve(machine.role.role_name)["Ref"]
    statements = [
        statement
        for one in resources.values()
        if one["Type"] == "AWS::IAM::Policy" and {"Ref": role} in one["Properties"]["Roles"]
        for statement in one["Properties"]["PolicyDocument"]["Statement"]
    ]
    invoke, observe = statements
    assert invoke["Action"] == ["lambda:InvokeFunction"]
    assert "*" not in invoke["Resource"]
    assert {action.partition(":")[0] for action in observe["Action"]} == {"logs", "xray"}


def test_transient_errors_of_lambda_are_retried(stack: cdk.Stack) -> None:
    fragment = LambdaFunctionFragment(stack, "Greet", ENV, lambda_function=function(stack))
    definition = stack.resolve(fragment.start_state.to_state_json())
    [retrier] = definition["Retry"]
    assert {
        "Lambda.ServiceException",
        "Lambda.AWSLambdaException",
        "Lambda.SdkClientException",
        "Lambda.TooManyRequestsException",
        "Lambda.ClientExecutionTimeoutException",
    } <= set(retrier["ErrorEquals"])


def test_its_example_runs(sfn_engine: Engine) -> None:
    built = Sandbox().build(get_registry(), "core.lambda_function")
    sfn_engine.deploy(built.stack)
    result = sfn_engine.execute({"name": "world"})
    result.raise_for_status()
    assert result.output == {"greeting": "Hello, world!"}
