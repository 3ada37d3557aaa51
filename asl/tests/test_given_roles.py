"""The role that a template gives to a state machine: what is known of it, and what is not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sfn_fragments_asl.checks.role_sizes import ROLE_SIZE_CHECKS
from sfn_fragments_asl.permissions.policy_parts import MAX_INLINE
from sfn_fragments_asl.reading.files import machines_in
from sfn_fragments_asl.reading.given_roles import GivenRole, given_role
from sfn_fragments_asl.reading.places import Places
from sfn_fragments_asl.reading.sam_policies import _templates, sam_policy

if TYPE_CHECKING:
    from sfn_fragments_asl.checks import CheckedDefinition

DEFINITION = {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}
ARN = {"Fn::GetAtt": ["Role", "Arn"]}


def document(*actions: str) -> dict[str, Any]:
    return {"Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": "*"}]}


def checked(
    resources: dict[str, Any] | None = None,
    role: dict[str, Any] | None = None,
    role_arn: Any = ARN,
    machine: dict[str, Any] | None = None,
    **template: Any,
) -> CheckedDefinition:
    given = {
        "Machine": {
            "Type": "AWS::StepFunctions::StateMachine",
            "Properties": {"Definition": DEFINITION, "RoleArn": role_arn},
            **(machine or {}),
        },
        "Role": {"Type": "AWS::IAM::Role", "Properties": role or {}},
        **(resources or {}),
    }
    found, problems = machines_in({"Resources": given, **template}, Path("t.json"), Places("{}"))
    assert problems == []
    (one,) = found
    return one.checked


def read(*arguments: Any, **named: Any) -> GivenRole:
    return given_role(checked(*arguments, **named))


def places(role: GivenRole) -> list[tuple[str, bool, bool]]:
    return [(each.place, each.managed, each.sure) for each in role.policies]


@pytest.mark.parametrize(
    ("role_arn", "name", "known"),
    [
        (ARN, None, True),
        ({"Fn::Sub": "${Role.Arn}"}, None, True),
        ({"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:role/${Role}"}, None, True),
        ({"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:role/path/own"}, "own", True),
        ("arn:aws:iam::123456789012:role/own", "own", True),
        ("arn:aws:iam::123456789012:role/other", "own", False),
        ({"Ref": "RoleArn"}, None, False),
        ({"Fn::ImportValue": "role"}, None, False),
        ({"Fn::If": ["C", ARN, "arn:aws:iam::123456789012:role/x"]}, None, False),
    ],
)
def test_which_role_it_is(role_arn: Any, name: str | None, known: bool) -> None:
    role = read(role={"RoleName": name} if name else {}, role_arn=role_arn)
    assert (role.logical_id == "Role") is known
    assert (role.unknown == ()) is known
    if not known:
        assert role.unknown[0].startswith("the role is not part of the template: ")


def test_policies_of_every_kind() -> None:
    inline = {"PolicyName": "inline", "PolicyDocument": document("a:A")}
    attached = {"PolicyDocument": document("b:B"), "Roles": [{"Ref": "Role"}]}
    resources = {
        "Beside": {"Type": "AWS::IAM::Policy", "Properties": attached},
        "Single": {
            "Type": "AWS::IAM::RolePolicy",
            "Properties": {"RoleName": {"Ref": "Role"}, "PolicyDocument": document("c:C")},
        },
        "Named": {"Type": "AWS::IAM::ManagedPolicy", "Properties": attached},
        "Listed": {
            "Type": "AWS::IAM::ManagedPolicy",
            "Properties": {"PolicyDocument": document("d:D")},
        },
        "Elsewhere": {
            "Type": "AWS::IAM::Policy",
            "Properties": {**attached, "Roles": [{"Ref": "Other"}, "other"]},
        },
        "Other": {"Type": "AWS::IAM::Role", "Properties": {}},
    }
    role = read(resources, {"Policies": [inline], "ManagedPolicyArns": [{"Ref": "Listed"}]})
    assert places(role) == [
        ("Role inline", False, True),
        ("Listed", True, True),
        ("Beside", False, True),
        ("Single", False, True),
        ("Named", True, True),
    ]
    assert (role.attached, role.unknown) == (2, ())


def policy(roles: Any, **fields: Any) -> dict[str, Any]:
    return {
        "Type": "AWS::IAM::Policy",
        "Properties": {"PolicyDocument": document("a:A"), "Roles": roles},
        **fields,
    }


def test_what_depends_on_conditions_is_not_sure() -> None:
    inline = {"PolicyName": "p", "PolicyDocument": document("a:A")}
    nothing = {"Ref": "AWS::NoValue"}
    role = read(
        {"Beside": policy([{"Ref": "Role"}], Condition="C")},
        {
            "Policies": [{"Fn::If": ["C", inline, nothing]}],
            "ManagedPolicyArns": {"Fn::If": ["C", ["arn:aws:iam::aws:policy/A"], nothing]},
        },
    )
    assert places(role) == [("Role p", False, False), ("Beside", False, False)]
    assert (role.attached, role.unknown) == (
        0,
        (
            "the managed policy arn:aws:iam::aws:policy/A, "
            "whose statements the template does not have",
        ),
    )
    # One that is there whenever the machine is, is sure.
    role = read({"Beside": policy([{"Ref": "Role"}], Condition="C")}, machine={"Condition": "C"})
    assert places(role) == [("Beside", False, True)]


STATEMENT = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}
ALLOWED = {"Statement": [STATEMENT]}


@pytest.mark.parametrize(
    ("resources", "unknown"),
    [
        ({"P": policy({"Ref": "Roles"})}, "what is attached at deployment, perhaps to it: P"),
        ({"P": policy([{"Ref": "Name"}])}, "what is attached at deployment, perhaps to it: P"),
        ({"P": policy(["other"])}, None),
        (
            {"S": {"Type": "AWS::CloudFormation::Stack", "Properties": {"RoleArn": ARN}}},
            "what refers to the role: S",
        ),
        (
            {"C": {"Type": "Custom::Grant", "Properties": {"Role": {"Ref": "Role"}}}},
            "what refers to the role: C",
        ),
        ({"F": {"Type": "AWS::Lambda::Function", "Properties": {"Role": ARN}}}, None),
        (
            {
                "Q": {
                    "Type": "AWS::SQS::QueuePolicy",
                    "Properties": {
                        "PolicyDocument": {"Statement": [{**STATEMENT, "Principal": {"AWS": ARN}}]}
                    },
                }
            },
            "what refers to the role: Q",
        ),
        (
            {
                "Q": {
                    "Type": "AWS::SQS::QueuePolicy",
                    "Properties": {
                        "PolicyDocument": {"Statement": {**STATEMENT, "Principal": "*"}}
                    },
                }
            },
            "what is open to anybody: Q",
        ),
        (
            {
                "Q": {
                    "Type": "AWS::SQS::QueuePolicy",
                    "Properties": {
                        "PolicyDocument": {
                            "Statement": {**STATEMENT, "Effect": "Deny", "Principal": "*"}
                        }
                    },
                }
            },
            None,
        ),
        (
            # What a loop makes is read as if it stood there.
            {"Fn::ForEach::All": ["N", ["A"], {"${N}": policy([{"Ref": "Role"}])}]},
            None,
        ),
        ({"Fn::ForEach::All": ["N", ["A"], {"${N}": {"Type": "AWS::SQS::Queue"}}]}, None),
    ],
)
def test_what_else_may_allow_something_is_named(
    resources: dict[str, Any], unknown: str | None
) -> None:
    assert read(resources).unknown == (() if unknown is None else (unknown,))


def named(principal: Any) -> dict[str, Any]:
    properties = {"Action": "lambda:InvokeFunction", "Principal": principal}
    return {"P": {"Type": "AWS::Lambda::Permission", "Properties": properties}}


BY_NAME = {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:role/app/orders"}


@pytest.mark.parametrize(
    ("name", "resources", "unknown"),
    [
        ("orders", named(BY_NAME), "what names the role: P"),
        ("orders", named({"AWS": [BY_NAME]}), "what names the role: P"),
        ({"Ref": "Name"}, named(BY_NAME), "what names the role: P"),
        # A parameter may be the ARN of the role where somebody has chosen its name.
        ("orders", named({"Ref": "Caller"}), "what names the role: P"),
        (None, named({"Ref": "Caller"}), None),
        ("invoices", named(BY_NAME), None),
        ("orders", named({"Ref": "AWS::AccountId"}), None),
        ("orders", named({"Fn::GetAtt": ["P", "Arn"]}), None),
        ("orders", named("states.amazonaws.com"), None),
        (
            {"Ref": "Name"},
            {"P": policy(["orders"])},
            "what is attached at deployment, perhaps to it: P",
        ),
        (None, {"P": policy(["orders"])}, None),
    ],
)
def test_what_names_the_role_may_allow_it_something(
    name: Any, resources: dict[str, Any], unknown: str | None
) -> None:
    role = {} if name is None else {"RoleName": name}
    assert read(resources, role).unknown == (() if unknown is None else (unknown,))


INCLUDED = {"Name": "AWS::Include", "Parameters": {"Location": "s3://shared/policies.yaml"}}


@pytest.mark.parametrize(
    ("role", "unknown"),
    [
        ({"Fn::Transform": INCLUDED}, "what a macro makes in Role"),
        (
            {"Fn::ForEach::All": ["N", ["Policies"], {"${N}": []}]},
            "what a loop makes in Role",
        ),
        (
            {"Policies": [{"PolicyName": "p", "PolicyDocument": {"Fn::Transform": INCLUDED}}]},
            "the document of Role p",
        ),
        (
            {
                "Policies": [
                    {
                        "PolicyName": "p",
                        "PolicyDocument": {"Statement": [STATEMENT, {"Fn::Transform": INCLUDED}]},
                    }
                ]
            },
            "what a macro makes in Role p",
        ),
    ],
)
def test_what_is_included_may_allow_anything(role: dict[str, Any], unknown: str) -> None:
    assert read(role=role).unknown == (unknown,)


def test_connectors_stand_beside_the_properties() -> None:
    machine = {
        "Type": "AWS::StepFunctions::StateMachine",
        "Properties": {"Definition": DEFINITION, "RoleArn": ARN},
        "Connectors": {"Write": {"Properties": {"Destination": {"Id": "T"}}}},
    }
    assert read(machine=machine).unknown == ("the connector Write",)


@pytest.mark.parametrize(
    "arn", [{"Ref": "M"}, {"Fn::Sub": "${M}"}, {"Fn::GetAtt": ["M", "PolicyArn"]}]
)
def test_a_managed_policy_of_the_template_by_its_arn(arn: Any) -> None:
    managed = {"M": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": ALLOWED}}}
    role = read(managed, {"ManagedPolicyArns": [arn]})
    assert (places(role), role.unknown) == ([("M", True, True)], ())


def test_a_role_that_a_loop_makes() -> None:
    loop = {
        "Own${N}": {"Type": "AWS::IAM::Role"},
        "Go${N}": {
            "Type": "AWS::StepFunctions::StateMachine",
            "Properties": {
                "Definition": DEFINITION,
                "RoleArn": {"Fn::GetAtt": [{"Fn::Sub": "Own${N}"}, "Arn"]},
            },
        },
    }
    template = {"Resources": {"Fn::ForEach::All": ["N", ["A", "B"], loop]}}
    found, _ = machines_in(template, Path("t.json"), Places("{}"))
    assert [given_role(each.checked).logical_id for each in found] == ["OwnA", "OwnB"]


def test_what_a_loop_makes_is_read() -> None:
    loop = {"Fn::ForEach::All": ["N", ["A", "B"], {"Of${N}": policy([{"Ref": "Role"}])}]}
    assert [place for place, _, sure in places(read(loop)) if sure] == ["OfA", "OfB"]


def test_macros_may_add_anything() -> None:
    known = read(Transform=["AWS::Serverless-2016-10-31", "AWS::LanguageExtensions"])
    assert known.unknown == ()
    assert read(Transform="Mine").unknown == ("the macro Mine may add anything to the template",)
    included = ("the macro AWS::Include may add anything to the template",)
    assert read({"Fn::Transform": [INCLUDED]}).unknown == included


def sam(**properties: Any) -> GivenRole:
    machine = {
        "Type": "AWS::Serverless::StateMachine",
        "Properties": {"Definition": DEFINITION, **properties},
    }
    return read(machine=machine)


def test_roles_that_sam_makes() -> None:
    assert sam() == GivenRole("MachineRole")
    own = sam(Policies=[document("a:A"), "AWSLambdaRole", {"NewPolicy": {"QueueName": "q"}}])
    assert places(own) == [("MachineRole Policies", False, True)]
    assert own.attached == 1
    assert own.unknown == (
        "the managed policy AWSLambdaRole, whose statements the template does not have",
        "the policy template of SAM NewPolicy",
    )
    assert sam(Role=ARN).logical_id == "Role"
    assert sam(Policies=document("a:A")).policies[0].document == document("a:A")


def test_policy_templates_of_sam() -> None:
    for name, template in _templates().items():
        parameters = {each: {"Ref": f"My{each}"} for each in template["Parameters"]}
        made = sam_policy({name: parameters})
        assert made is not None
        text = json.dumps(made)
        # Each parameter is somewhere, and nothing is left to fill in.
        assert all(f'{{"Ref": "My{each}"}}' in text for each in parameters), name
        assert "${" not in text
        assert all(each["Effect"] == "Allow" and each["Action"] for each in made["Statement"])
        lacking = dict(list(parameters.items())[1:])
        assert not parameters or sam_policy({name: lacking}) is None


def test_a_policy_template_of_sam_is_what_sam_makes_of_it() -> None:
    own = sam(Policies=[{"SQSPollerPolicy": {"QueueName": "q"}}, {"VPCAccessPolicy": {}}])
    assert own.unknown == ()
    first, second = own.policies
    [statement] = first.document["Statement"]
    assert "sqs:ReceiveMessage" in statement["Action"]
    place = ["arn:", {"Ref": "AWS::Partition"}, ":sqs:", {"Ref": "AWS::Region"}, ":"]
    whole = {"Fn::Join": ["", [*place, {"Ref": "AWS::AccountId"}, ":", "q", ""]]}
    assert statement["Resource"] == whole
    assert second.document["Statement"][0]["Resource"] == "*"


def findings(given: CheckedDefinition) -> list[str]:
    return [found.message for check in ROLE_SIZE_CHECKS for found in check.find(given)]


def large(size: int) -> dict[str, Any]:
    return {"Statement": [{**STATEMENT, "Resource": f"arn:aws:sqs:::{'q' * size}"}]}


def test_the_sum_of_the_inline_policies_counts() -> None:
    policies = [{"PolicyName": name, "PolicyDocument": large(4_000)} for name in "ab"]
    beside = policy([{"Ref": "Role"}])
    beside["Properties"]["PolicyDocument"] = large(2_300)
    assert findings(checked(role={"Policies": policies})) == []
    (message,) = findings(checked({"Beside": beside}, {"Policies": policies}))
    assert message.startswith("the inline policies of the role Role have 10,")
    assert f"{MAX_INLINE:,}" in message
    # One that a condition may leave out is not counted.
    assert findings(checked({"Beside": {**beside, "Condition": "C"}}, {"Policies": policies})) == []


def test_a_managed_policy_has_a_limit_of_its_own() -> None:
    properties = {"PolicyDocument": large(6_200), "Roles": [{"Ref": "Role"}]}
    managed = {"Type": "AWS::IAM::ManagedPolicy", "Properties": properties}
    (message,) = findings(checked({"Managed": managed}))
    assert message.startswith("the managed policy Managed of the role Role has 6,2")
    properties["PolicyDocument"] = large(6_000)
    assert findings(checked({"Managed": managed})) == []


def test_what_a_template_adds_to_an_imported_role() -> None:
    beside = policy(["given"])
    beside["Properties"]["PolicyDocument"] = large(10_200)
    arn = "arn:aws:iam::123456789012:role/path/given"
    imported = checked({"Beside": beside}, role_arn=arn)
    assert places(given_role(imported)) == [("Beside", False, True)]
    assert given_role(imported).unknown == (f"the role is not part of the template: {arn}",)
    (message,) = findings(imported)
    assert message.startswith("the inline policies of the role given have 10,")
    assert findings(checked({"Beside": beside}, role_arn=f"{arn}-too")) == []


def test_how_many_are_attached() -> None:
    arns = [f"arn:aws:iam::aws:policy/P{number}" for number in range(11)]
    assert findings(checked(role={"ManagedPolicyArns": arns[:10]})) == []
    (message,) = findings(checked(role={"ManagedPolicyArns": arns}))
    assert message.startswith("the role Role has 11 managed policies")
