"""What the rules call an error is not deployed, unless somebody asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sfn_fragments_local import DeploymentError

if TYPE_CHECKING:
    from sfn_fragments_local import Engine

ROLE = "arn:aws:iam::123456789012:role/any"
WRONG = {"StartAt": "A", "States": {"A": {"Type": "Pass", "InputPath": "$$.Map.Item.Value"}}}
RIGHT: dict[str, Any] = {
    "StartAt": "A",
    "States": {"A": {"Type": "Pass", "InputPath": "$.a", "End": True}},
}
#: A warning: the path is passed on as a text.
LITERAL = {
    "StartAt": "A",
    "States": {"A": {"Type": "Pass", "Parameters": {"a": "$.a"}, "End": True}},
}


def template(definition: dict[str, Any], **properties: Any) -> dict[str, Any]:
    given = {"RoleArn": ROLE, "Definition": definition, **properties}
    return {
        "Resources": {"Machine": {"Type": "AWS::StepFunctions::StateMachine", "Properties": given}}
    }


def test_all_errors_are_listed_with_the_way_out(sfn_engine: Engine) -> None:
    with pytest.raises(DeploymentError) as refused:
        sfn_engine.deploy(template(WRONG, StateMachineName="wrong"))
    message = str(refused.value)
    assert "Machine (AWS::StepFunctions::StateMachine): AWS refuses its definition" in message
    assert "\n  - asl.next-or-end: A: the Pass state has neither Next nor End" in message
    assert "\n  - asl.context-place: A: it reads the item of a Map" in message
    assert message.endswith("engine.deploy(..., checked=False)")
    assert sfn_engine.client("stepfunctions").list_state_machines()["stateMachines"] == []


def test_express_machines_are_refused_what_they_cannot_do(sfn_engine: Engine) -> None:
    waits = {"Type": "Task", "Resource": "arn:aws:states:::batch:submitJob.sync", "End": True}
    definition = {"StartAt": "A", "States": {"A": waits}}
    with pytest.raises(DeploymentError, match=r"asl\.express"):
        sfn_engine.deploy(template(definition, StateMachineType="EXPRESS"))
    sfn_engine.deploy(template(definition))


def test_what_is_filled_in_is_looked_at(sfn_engine: Engine) -> None:
    wait = {"Type": "Wait", "Timestamp": "${Time}", "End": True}
    definition = {"StartAt": "A", "States": {"A": wait}}
    with pytest.raises(DeploymentError, match=r"Timestamp is 'tomorrow'"):
        sfn_engine.deploy(template(definition, DefinitionSubstitutions={"Time": "tomorrow"}))


@pytest.mark.parametrize("definition", [RIGHT, LITERAL], ids=["right", "warning"])
def test_what_has_no_error_is_deployed(sfn_engine: Engine, definition: dict[str, Any]) -> None:
    sfn_engine.deploy(template(definition, StateMachineName="right"))
    assert sfn_engine.execute({"a": 1}, "right").output in (1, {"a": "$.a"})


def test_the_rules_can_be_left_out(sfn_engine: Engine) -> None:
    unreachable = {**RIGHT["States"], "B": {"Type": "Succeed"}}
    definition = {**RIGHT, "States": unreachable}
    with pytest.raises(DeploymentError, match=r"asl\.unreachable-state"):
        sfn_engine.deploy(template(definition))
    sfn_engine.deploy(template(definition, StateMachineName="all-the-same"), checked=False)
    assert sfn_engine.execute({"a": 1}, "all-the-same").output == 1
