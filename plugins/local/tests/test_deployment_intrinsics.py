"""Functions of templates, evaluated as CloudFormation documents them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sfn_fragments_local.deployment.coercion import as_request, as_text, coerced_like
from sfn_fragments_local.deployment.errors import UnusableValueError
from sfn_fragments_local.deployment.intrinsics import NO_VALUE, condition_holds, evaluated

if TYPE_CHECKING:
    from collections.abc import Mapping


class Scope:
    region = "us-west-2"
    values: Mapping[str, Any] = {
        "Text": "a",
        "Number": 5,
        "List": ["x", "y"],
        "AWS::Region": region,
    }

    def ref(self, name: str) -> Any:
        try:
            return self.values[name]
        except KeyError:
            raise UnusableValueError(f"no {name}") from None

    def attribute(self, logical_id: str, name: str) -> Any:
        return f"{logical_id}->{name}"

    def condition(self, name: str) -> bool:
        return name == "Yes"

    def mapping(self, name: str) -> Mapping[str, Any]:
        return {"us-west-2": {"size": 3, "names": ["m", "n"]}}

    def exported(self, name: str) -> Any:
        return f"exported {name}"

    def stack_output(self, stack: str, output: str) -> Any:
        return f"{stack}/{output}"

    def dynamic(self, text: str) -> str:
        return text.replace("{{resolve:ssm:/x}}", "looked up")


@pytest.mark.parametrize(
    ("node", "value"),
    [
        ({"Ref": "Text"}, "a"),
        ({"Fn::GetAtt": ["R", "Arn"]}, "R->Arn"),
        ({"Fn::GetAtt": "R.Outputs.Name"}, "R->Outputs.Name"),
        ({"Fn::Join": ["-", ["a", {"Ref": "Number"}, True, {"Ref": "AWS::NoValue"}]]}, "a-5-true"),
        ({"Fn::Join": ["", {"Ref": "List"}]}, "xy"),
        ({"Fn::Sub": "${Text}-${R.Arn}-${!Text}-$x"}, "a-R->Arn-${Text}-$x"),
        ({"Fn::Sub": ["${Own}${Text}", {"Own": {"Ref": "Number"}}]}, "5a"),
        ({"Fn::Select": ["1", {"Ref": "List"}]}, "y"),
        ({"Fn::Split": [",", "a,b"]}, ["a", "b"]),
        ({"Fn::If": ["Yes", 1, 2]}, 1),
        ({"Fn::If": ["No", 1, {"Ref": "AWS::NoValue"}]}, NO_VALUE),
        ({"Fn::FindInMap": ["M", {"Ref": "AWS::Region"}, "size"]}, 3),
        ({"Fn::FindInMap": ["M", "eu-west-1", "size", {"DefaultValue": 9}]}, 9),
        ({"Fn::GetAZs": ""}, ["us-west-2a", "us-west-2b", "us-west-2c"]),
        ({"Fn::GetAZs": {"Ref": "AWS::Region"}}, ["us-west-2a", "us-west-2b", "us-west-2c"]),
        ({"Fn::ImportValue": {"Fn::Sub": "${Text}:X"}}, "exported a:X"),
        (
            {
                "Fn::GetStackOutput": {
                    "StackName": "S",
                    "Region": {"Ref": "Text"},
                    "OutputName": "O",
                }
            },
            "S/O",
        ),
        ({"Fn::Base64": "a"}, "YQ=="),
        ({"Fn::Cidr": ["10.0.0.0/16", 2, "8"]}, ["10.0.0.0/24", "10.0.1.0/24"]),
        ({"Fn::ToJsonString": {"a": {"Ref": "Number"}}}, '{"a":5}'),
        ({"Fn::Length": {"Ref": "List"}}, 2),
        ("-{{resolve:ssm:/x}}-", "-looked up-"),
        ({"Fn::Sub": "${Text}{{resolve:ssm:/x}}"}, "alooked up"),
        # An entry without a value is none.
        ({"a": {"Ref": "AWS::NoValue"}, "b": [{"Ref": "AWS::NoValue"}, 1]}, {"b": [1]}),
        # No call: a policy's statement, and a job's own reference.
        ({"Condition": {"Bool": {"x": "true"}}}, {"Condition": {"Bool": {"x": "true"}}}),
        (["Ref::What"], ["Ref::What"]),
    ],
)
def test_values(node: Any, value: Any) -> None:
    assert evaluated(node, Scope()) == value


@pytest.mark.parametrize(
    ("node", "message"),
    [
        ({"a": [{"Ref": "Nowhere"}]}, "no Nowhere"),
        ({"a": [{"Fn::Transform": {}}]}, "Fn::Transform is not known to the engine"),
        ({"a": [{"Fn::Select": [2, {"Ref": "List"}]}]}, "there is no item 2 in"),
        ({"a": [{"Fn::Select": ["x", {"Ref": "List"}]}]}, "cannot be evaluated"),
        ({"a": [{"Fn::FindInMap": ["M", "us-west-2", "no"]}]}, "has no 'no'; it has size, names"),
        ({"a": [{"Fn::Join": ["", "text"]}]}, "is no list"),
        ({"a": [{"Fn::Join": "text"}]}, "cannot be evaluated"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(node: Any, message: str) -> None:
    with pytest.raises(UnusableValueError) as error:
        evaluated(node, Scope())
    assert message in error.value.message
    assert error.value.place == "a[0]"


@pytest.mark.parametrize(
    ("node", "holds"),
    [
        ({"Fn::Equals": [{"Ref": "Number"}, "5"]}, True),
        ({"Fn::Equals": [True, "true"]}, True),
        ({"Fn::Equals": ["a", "A"]}, False),
        ({"Fn::Not": [{"Condition": "Yes"}]}, False),
        ({"Fn::And": [{"Condition": "Yes"}, {"Fn::Equals": ["a", "a"]}]}, True),
        ({"Fn::Or": [{"Condition": "No"}, {"Condition": "Yes"}]}, True),
        ("true", True),
        (False, False),
    ],
)
def test_conditions(node: Any, holds: bool) -> None:
    assert condition_holds(node, Scope(), "") is holds


def test_what_is_no_condition() -> None:
    with pytest.raises(UnusableValueError, match=r"is no condition; give Fn::Equals"):
        condition_holds({"Fn::Join": ["", ["a"]]}, Scope(), "")


def test_values_are_coerced_to_what_a_call_takes() -> None:
    properties = {
        "Type": "container",
        "Parameters": {"Key": 1},
        "RetryStrategy": {"Attempts": "3"},
        "PropagateTags": "true",
        "ContainerProperties": {
            "Image": "i",
            "ResourceRequirements": [{"Type": "VCPU", "Value": 1}],
            "LogConfiguration": {"LogDriver": "awslogs", "Options": {"Key": True}},
        },
    }
    assert as_request("batch", "RegisterJobDefinition", properties) == {
        "type": "container",
        "parameters": {"Key": "1"},
        "retryStrategy": {"attempts": 3},
        "propagateTags": True,
        "containerProperties": {
            "image": "i",
            "resourceRequirements": [{"type": "VCPU", "value": "1"}],
            "logConfiguration": {"logDriver": "awslogs", "options": {"Key": "true"}},
        },
    }
    like = ("lambda", "CreateFunction")
    assert coerced_like(*like, {"Timeout": "30", "Own": "x"}) == {"Timeout": 30, "Own": "x"}
    assert as_text({"a": [1]}) == '{"a":[1]}'


@pytest.mark.parametrize(
    ("properties", "place", "message"),
    [
        ({"Priority": "high"}, "Priority", "'high' is no number"),
        ({"Priorty": 1}, "Priorty", "it has ComputeEnvironmentOrder, JobQueueName"),
        (
            {"ComputeEnvironmentOrder": [{"Order": "x"}]},
            "ComputeEnvironmentOrder[0].Order",
            "is no number",
        ),
        ({"ComputeEnvironmentOrder": "x"}, "ComputeEnvironmentOrder", "is no list"),
        ({"JobQueueName": ["x"]}, "JobQueueName", "is no text"),
        ({"Tags": "x"}, "Tags", "is no object"),
    ],
)
def test_what_cannot_be_coerced(properties: dict[str, Any], place: str, message: str) -> None:
    with pytest.raises(UnusableValueError) as error:
        as_request("batch", "CreateJobQueue", properties)
    assert (error.value.place, message in error.value.message) == (place, True)


def test_what_is_no_boolean() -> None:
    with pytest.raises(UnusableValueError, match="'perhaps' is no boolean; give true or false"):
        as_request("batch", "RegisterJobDefinition", {"PropagateTags": "perhaps"})
