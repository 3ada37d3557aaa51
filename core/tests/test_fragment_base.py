"""The base classes of fragments: names, caches, single states, state machines."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks

from sfn_fragments.environment import EnvBase
from sfn_fragments.errors import FragmentsError, InvalidParametersError
from sfn_fragments.fragments import (
    EnvBaseConstructMixins,
    EnvBaseStateMachineFragment,
    LazyLoadStateMachineFragment,
    StateMachineFragment,
)
from sfn_fragments.states.asl import chain, state
from sfn_fragments.states.naming import state_name
from sfn_fragments_asl.model.definition import Definition

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from constructs import Construct

    from sfn_fragments_local import Engine, ExecutionResult

ENV = EnvBase("dev-x")


@pytest.fixture
def stack(tmp_path: Path) -> cdk.Stack:
    app = cdk.App(outdir=str(tmp_path / "cdk.out"), analytics_reporting=False)
    return cdk.Stack(app, "Stack")


def machine(stack: cdk.Stack, definition: sfn.IChainable) -> sfn.StateMachine:
    return sfn.StateMachine(
        stack, "Machine", definition_body=sfn.DefinitionBody.from_chainable(definition)
    )


def template(stack: cdk.Stack) -> dict[str, Any]:
    app = stack.node.root
    assert isinstance(app, cdk.App)
    body: dict[str, Any] = app.synth().get_stack_by_name("Stack").template
    return body


def state_names(stack: cdk.Stack) -> list[str]:
    [resource] = [
        one
        for one in template(stack)["Resources"].values()
        if one["Type"] == "AWS::StepFunctions::StateMachine"
    ]
    definition = Definition.from_resolved(resource["Properties"]["DefinitionString"])
    return [state.name for state in definition.machine.every_state()]


class PlainNames(EnvBaseStateMachineFragment):
    """A user's fragment: states with plain names, one of them in a Map, one in a Parallel."""

    def __init__(self, scope: Construct, id: str, env_base: EnvBase = ENV) -> None:
        super().__init__(scope, id, env_base)
        each = sfn.Map(self, "Each", items_path="$.items").item_processor(
            sfn.Pass(self, "Item", parameters={"item.$": "$", "by": id})
        )
        both = sfn.Parallel(self, "Both").branch(sfn.Pass(self, "Left"))
        self.definition = sfn.Pass(self, "Start").next(each).next(both)


class OwnNames(EnvBaseStateMachineFragment):
    """A fragment whose states are named by construction."""

    def __init__(self, scope: Construct, id: str, env_base: EnvBase = ENV) -> None:
        super().__init__(scope, id, env_base)
        one = {"Type": "Pass", "Parameters": {"in.$": "$"}}
        self.definition = chain(state(self, "One", one), state(self, "Two", one))


def test_a_fragment_with_a_map_and_plain_names_is_used_twice(
    sfn_engine: Engine, stack: cdk.Stack
) -> None:
    first = PlainNames(stack, "A").to_single_state(result_path="$.a")
    second = PlainNames(stack, "B").to_single_state(result_path="$.b")
    machine(stack, first.next(second))
    assert sorted(state_names(stack)) == sorted(
        f"{first}{rest}"
        for first in "AB"
        for rest in ("", ": Start", ": Each", ": Item", ": Both", ": Left")
    )
    sfn_engine.deploy(stack)
    result = sfn_engine.execute({"items": [1, 2]})
    result.raise_for_status()
    by = {one: [{"item": item, "by": one} for item in (1, 2)] for one in "AB"}
    # Two arrays around each: of the Parallel state in it, and of the one that it is.
    assert result.output == {"items": [1, 2], "a": [[by["A"]]], "b": [[by["B"]]]}


def test_used_twice_inside_a_map_and_another_fragment(sfn_engine: Engine, stack: cdk.Stack) -> None:
    class Outer(EnvBaseStateMachineFragment):
        def __init__(self, scope: Construct, id: str) -> None:
            super().__init__(scope, id, ENV)
            inner = PlainNames(self, "Inner").to_single_state()
            each = sfn.Map(
                self,
                "Outer map",
                items_path="$.lists",
                item_selector={
                    "items.$": "$$.Map.Item.Value",
                },
            ).item_processor(inner)
            self.definition = sfn.Chain.start(each)

    machine(
        stack,
        Outer(stack, "A")
        .to_single_state(result_path="$.a")
        .next(Outer(stack, "B").to_single_state(result_path="$.b")),
    )
    names = state_names(stack)
    assert len(names) == len(set(names)) == 16
    assert "A.Inner: Item" in names
    sfn_engine.deploy(stack)
    result = sfn_engine.execute({"lists": [[7]]})
    result.raise_for_status()
    assert result.output["b"] == [[[[{"item": 7, "by": "Inner"}]]]]


def test_names_that_are_unique_by_construction_stay(stack: cdk.Stack) -> None:
    first, second = OwnNames(stack, "A"), OwnNames(stack, "B")
    machine(stack, first.to_single_state().next(second.to_single_state()))
    assert state_names(stack) == ["A", "A: One", "A: Two", "B", "B: One", "B: Two"]


def test_prefix_id_and_name_as_asked_for(stack: cdk.Stack) -> None:
    first = PlainNames(stack, "A").to_single_state(state_id="Step 1")
    second = PlainNames(stack, "B").to_single_state(prefix_states="p-", state_name="Second")
    third = OwnNames(stack, "C").to_single_state(prefix_states="q-")
    machine(stack, first.next(second).next(third))
    names = state_names(stack)
    assert {"Step 1", "Step 1: Start", "Step 1: Item", "Second", "p-Start", "p-Item"} <= {*names}
    assert {"C", "q-C: One", "q-C: Two"} <= {*names}


def test_long_names_are_cut_and_stay_different(stack: cdk.Stack) -> None:
    class Nested(EnvBaseStateMachineFragment):
        def __init__(self, scope: Construct, id: str) -> None:
            super().__init__(scope, id, ENV)
            self.definition = PlainNames(self, "n" * 60).to_single_state()

    first, second = Nested(stack, "A" * 60), Nested(stack, "A" * 59 + "B")
    machine(stack, sfn.Chain.start(first.to_single_state()).next(second.to_single_state()))
    names = state_names(stack)
    assert max(len(name) for name in names) <= 80
    assert len(names) == len(set(names)) == 14


def test_the_permissions_of_a_fragment_with_a_map_reach_the_state_machine(
    stack: cdk.Stack,
) -> None:
    function = lambda_.Function(
        stack,
        "Function",
        code=lambda_.Code.from_inline("handler = lambda e, c: e"),
        handler="index.handler",
        runtime=lambda_.Runtime.PYTHON_3_13,
    )

    class Calls(EnvBaseStateMachineFragment):
        def __init__(self, scope: Construct, id: str) -> None:
            super().__init__(scope, id, ENV)
            call = tasks.LambdaInvoke(self, "Call", lambda_function=function)
            self.definition = sfn.Map(self, "Each").item_processor(call)

    machine(stack, Calls(stack, "A").to_single_state().next(Calls(stack, "B").to_single_state()))
    allowed = [
        statement["Action"]
        for one in template(stack)["Resources"].values()
        if one["Type"] == "AWS::IAM::Policy"
        for statement in one["Properties"]["PolicyDocument"]["Statement"]
    ]
    assert "lambda:InvokeFunction" in allowed


def test_to_single_state_puts_the_output_where_asked(sfn_engine: Engine, stack: cdk.Stack) -> None:
    whole = OwnNames(stack, "A").to_single_state(input_path="$.x")
    part = OwnNames(stack, "B").to_single_state(
        parameters={"given.$": "$.in"}, result_selector={"kept.$": "$[0].in"}, result_path="$.y"
    )
    machine(stack, whole.next(part))
    sfn_engine.deploy(stack)
    result = sfn_engine.execute({"x": 1})
    result.raise_for_status()
    assert result.output == {"in": {"in": 1}, "y": {"kept": {"in": {"given": {"in": 1}}}}}


def test_enclose_makes_one_state(sfn_engine: Engine, stack: cdk.Stack) -> None:
    first = OwnNames(stack, "A").enclose()
    second = OwnNames(stack, "B").enclose("Second", input_path="$.in", result_path="$.second")
    machine(stack, first.next(second))
    sfn_engine.deploy(stack)
    result = sfn_engine.execute({"a": 1})
    result.raise_for_status()
    once = {"in": {"in": {"a": 1}}}
    assert result.output == {**once, "second": {"in": {"in": once["in"]}}}


def test_a_fragment_is_a_state_of_a_chain(sfn_engine: Engine, stack: cdk.Stack) -> None:
    class Two(StateMachineFragment):
        def __init__(self, scope: Construct, id: str) -> None:
            super().__init__(scope, id)
            first, last = (sfn.Pass(self, state_name(self, label)) for label in ("1", "2"))
            self.definition = first.next(last)

    fragment = Two(stack, "T")
    assert fragment.start_state.state_id == "T: 1"
    [end] = fragment.end_states
    assert isinstance(end, sfn.Pass)
    assert end.state_id == "T: 2"
    machine(stack, sfn.Pass(stack, "Before").next(fragment).next(sfn.Pass(stack, "After")))
    sfn_engine.deploy(stack)
    visits = sfn_engine.execute({}).states
    assert [visit.name for visit in visits] == ["Before", "T: 1", "T: 2", "After"]


def test_a_fragment_without_states_says_how_to_give_it_some(stack: cdk.Stack) -> None:
    class Empty(EnvBaseStateMachineFragment):
        pass

    empty = Empty(stack, "E", ENV)
    with pytest.raises(FragmentsError, match=r"Empty 'Stack/E' has no states: assign self\.def"):
        empty.to_state_machine("empty")


def test_a_lazy_fragment_is_built_once_and_when_asked_for(stack: cdk.Stack) -> None:
    class Lazy(LazyLoadStateMachineFragment):
        built = 0

        def build_definition(self) -> sfn.IChainable:
            self.built += 1
            return sfn.Pass(self, "Only")

    lazy = Lazy(stack, "L", ENV)
    assert lazy.built == 0
    machine(stack, lazy.to_single_state())
    assert state_names(stack) == ["L", "L: Only"]
    assert lazy.start_state.state_id == "L: Only"
    assert lazy.built == 1
    other = Lazy(stack, "M", ENV)
    other.definition = sfn.Pass(stack, "Given")
    assert other.start_state.state_id == "Given"
    assert other.built == 0


def test_to_state_machine_names_and_grants(stack: cdk.Stack) -> None:
    class Needs(OwnNames):
        @property
        def required_managed_policies(self) -> list[iam.IManagedPolicy | str]:
            return ["AmazonS3ReadOnlyAccess"]

        @property
        def required_inline_policy_statements(self) -> list[iam.PolicyStatement]:
            return [iam.PolicyStatement(actions=["kms:Decrypt"], resources=["*"])]

    Needs(stack, "A").to_state_machine("sync", timeout=cdk.Duration.hours(2))
    resources = list(template(stack)["Resources"].values())
    [made] = [one for one in resources if one["Type"] == "AWS::StepFunctions::StateMachine"]
    assert made["Properties"]["StateMachineName"] == "dev-x-sync"
    assert "LoggingConfiguration" in made["Properties"]
    [role] = [one for one in resources if one["Type"] == "AWS::IAM::Role"]
    [managed] = role["Properties"]["ManagedPolicyArns"]
    assert managed["Fn::Join"][1][-1].endswith("AmazonS3ReadOnlyAccess")
    [inline] = role["Properties"]["Policies"]
    assert inline["PolicyDocument"]["Statement"][0]["Action"] == "kms:Decrypt"


def test_functions_and_state_machines_are_found_by_name_once(stack: cdk.Stack) -> None:
    fragment, other = OwnNames(stack, "A"), OwnNames(stack, "B")
    function = fragment.get_fn("notify")
    assert fragment.get_fn("notify") is function
    assert other.get_fn("notify") is not function
    assert "dev-x-notify" in str(stack.resolve(function.function_arn))
    found = fragment.get_state_machine_from_name("sync")
    assert fragment.get_state_machine_from_name("sync") is found
    assert "stateMachine:dev-x-sync" in str(stack.resolve(found.state_machine_arn))
    # A function and a state machine may have one name, and two names differ.
    assert fragment.get_state_machine_from_name("notify") is not found
    assert fragment.get_fn("sync") is not function


class Named(cdk.Stack, EnvBaseConstructMixins):
    def __init__(self, scope: Construct, id: str, env_base: str, **options: Any) -> None:
        super().__init__(scope, id, **options)
        self.env_base = EnvBase(env_base)

    @property
    def construct_tags(self) -> list[cdk.Tag]:
        return [cdk.Tag("team", "imaging")]


@pytest.mark.parametrize(
    ("env_base", "kinds"),
    [
        ("dev-x", (True, False, False, False)),
        ("test-x", (False, True, False, True)),
        ("prod-x", (False, False, True, True)),
    ],
)
def test_the_kind_of_an_environment(env_base: str, kinds: tuple[bool, ...]) -> None:
    named = Named(cdk.App(analytics_reporting=False), "S", env_base)
    assert (named.is_dev, named.is_test, named.is_prod, named.is_test_or_prod) == kinds


def test_names_ids_region_and_account() -> None:
    place = cdk.Environment(region="eu-west-1", account="111122223333")
    named = Named(cdk.App(analytics_reporting=False), "S", "dev-x", env=place)
    assert (named.aws_region, named.aws_account) == ("eu-west-1", "111122223333")
    assert named.get_stack_of() is named
    assert named.get_construct_id("a", "b") == "dev-x-a-b"
    assert named.build_construct_id(ENV, "a") == "dev-x-a"
    assert named.get_name_with_env("a", "b") == "dev-x-a-b"
    assert named.get_resource_name("a") == "dev-x-a"
    assert named.get_child_id(named, "a", "b") == "dev-x-a-b"
    inside = OwnNames(named, "dev-x-inside")
    assert inside.get_child_id(inside, "a", "b") == "a-b"


def test_region_and_account_that_are_known_at_deployment_only(stack: cdk.Stack) -> None:
    fragment = OwnNames(stack, "A")
    assert stack.resolve(fragment.aws_region) == {"Ref": "AWS::Region"}
    assert stack.resolve(fragment.aws_account) == {"Ref": "AWS::AccountId"}


def test_tags_reach_what_is_below(tmp_path: Path) -> None:
    app = cdk.App(outdir=str(tmp_path / "cdk.out"), analytics_reporting=False)
    named = Named(app, "Stack", "dev-x")
    named.add_tags(*named.construct_tags)
    iam.Role(named, "Role", assumed_by=iam.AccountRootPrincipal())
    [role] = template(named)["Resources"].values()
    assert {"Key": "team", "Value": "imaging"} in role["Properties"]["Tags"]


def test_ids_are_normalized(stack: cdk.Stack) -> None:
    fragment = OwnNames(stack, "A")
    assert fragment.normalize_construct_id("a b/c_d") == "a-b-c-d"
    long = fragment.normalize_construct_id("x" * 100)
    assert len(long) == 64
    assert re.fullmatch(r"x{56}[0-9a-f]{8}", long)
    assert long != fragment.normalize_construct_id("x" * 101)
    with pytest.raises(ValueError, match="max_size 4"):
        fragment.normalize_construct_id("x", max_size=4)


def test_managed_policies_are_attached_by_name(stack: cdk.Stack) -> None:
    role = iam.Role(stack, "Role", assumed_by=iam.AccountRootPrincipal())
    EnvBaseConstructMixins.add_managed_policies(role, "AmazonS3ReadOnlyAccess")
    EnvBaseConstructMixins.add_managed_policies(None, "AmazonS3ReadOnlyAccess")
    [made] = template(stack)["Resources"].values()
    assert "AmazonS3ReadOnlyAccess" in str(made["Properties"]["ManagedPolicyArns"])


class Doubled(EnvBaseStateMachineFragment):
    """A fragment in JSONPath, with states of two query languages."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id, ENV)
        first = state(self, "First", {"Type": "Pass", "Parameters": {"n.$": "$.n"}})
        second = {"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% $states.input.n * 2 %}"}
        self.definition = chain(first, state(self, "Second", second))


@pytest.mark.parametrize(
    ("options", "output"),
    [
        ({"query_language": sfn.QueryLanguage.JSONATA}, 10),
        ({"arguments": {"n": "{% $states.input.n + 1 %}"}}, 12),
        ({"outputs": {"all": "{% $states.result %}"}}, {"all": [10]}),
        ({"query_language": sfn.QueryLanguage.JSON_PATH, "parameters": {"n.$": "$.n"}}, 10),
    ],
)
def test_a_single_state_in_either_language(
    sfn_run: Callable[..., ExecutionResult], options: dict[str, Any], output: Any
) -> None:
    result = sfn_run(
        lambda stack: sfn.Chain.start(Doubled(stack, "Double").to_single_state(**options)), {"n": 5}
    )
    assert result.raise_for_status().output == output


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (
            {
                "query_language": sfn.QueryLanguage.JSONATA,
                "input_path": "$.a",
                "output_path": "$.b",
                "result_path": "$.c",
                "result_selector": {"d": 1},
                "parameters": {"e": 1},
            },
            ["input_path", "output_path", "result_path", "result_selector", "parameters"],
        ),
        ({"query_language": sfn.QueryLanguage.JSON_PATH, "outputs": {}}, ["outputs"]),
        ({"arguments": {"a": 1}, "parameters": {"a": 1}}, ["parameters"]),
    ],
)
def test_parameters_of_the_other_language_are_refused(
    stack: cdk.Stack, options: dict[str, Any], named: list[str]
) -> None:
    with pytest.raises(InvalidParametersError) as caught:
        Doubled(stack, "Double").to_single_state(**options)
    assert [problem.parameter for problem in caught.value.problems] == named


def test_the_result_path_of_a_single_state_may_be_all(stack: cdk.Stack) -> None:
    fragment = Doubled(stack, "Double")
    assert fragment.to_single_state(result_path="$").to_state_json()["OutputPath"] == "$[0]"
