"""Fragments in a state machine of CDK's own, whose role lacks what they need."""

from __future__ import annotations

from typing import Any

import pytest
from aws_cdk import Annotations, App, Stack
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from sfn_fragments.annotations import Annotation, read_annotations
from sfn_fragments.environment import EnvBase
from sfn_fragments.fragments import EnvBaseStateMachineFragment, create_state_machine
from sfn_fragments.states import S3Operation

ENV = EnvBase("dev-x")


class Put(EnvBaseStateMachineFragment):
    def __init__(self, scope: Any, id: str) -> None:
        super().__init__(scope, id, ENV)
        self.definition = S3Operation.put_object(self, "Put", "a-bucket", "key", "$")


def own_machine(stack: Stack, definition: sfn.IChainable, id: str = "Own") -> sfn.StateMachine:
    body = sfn.DefinitionBody.from_chainable(definition)
    return sfn.StateMachine(stack, id, definition_body=body)


def warnings(app: App) -> list[Annotation]:
    found = read_annotations(app.synth().directory)
    return [one for one in found if "role lacks what the fragment calls" in one.text]


def in_a_map(stack: Construct) -> Any:
    each = sfn.Map(stack, "Each")
    each.item_processor(Put(stack, "Put"))
    return each


@pytest.mark.parametrize(
    "use",
    [
        lambda stack: Put(stack, "Put"),
        lambda stack: Put(stack, "Put").to_single_state(),
        lambda stack: Put(stack, "Put").enclose(result_path="$.put"),
        in_a_map,
    ],
    ids=["plain", "single state", "enclosed", "in a Map"],
)
def test_a_warning_names_the_fragment(use: Any) -> None:
    app = App()
    stack = Stack(app, "Stack")
    own_machine(stack, use(stack))
    [warning] = warnings(app)
    assert warning.level == "warning"
    assert "'Stack/Put'" in warning.text
    assert "create_state_machine" in warning.text
    assert "Own" in warning.path


def test_what_this_library_makes_has_none() -> None:
    app = App()
    stack = Stack(app, "Stack")
    Put(stack, "Put").to_state_machine("put")
    create_state_machine(stack, ENV, "each", "each", in_a_map(Construct(stack, "Scope")))
    Put(stack, "Unused")
    own_machine(stack, sfn.Pass(stack, "Other"))
    assert warnings(app) == []


def test_the_same_states_in_another_stack_are_told_apart() -> None:
    app = App()
    good, bad = Stack(app, "Good"), Stack(app, "Bad")
    Put(good, "Put").to_state_machine("put")
    own_machine(bad, Put(bad, "Put"))
    [warning] = warnings(app)
    assert "'Bad/Put'" in warning.text


def test_it_is_accepted_by_its_id() -> None:
    app = App()
    stack = Stack(app, "Stack")
    machine = own_machine(stack, Put(stack, "Put"))
    Annotations.of(machine).acknowledge_warning("sfn-fragments:permissions", "It has them.")
    assert warnings(app) == []
