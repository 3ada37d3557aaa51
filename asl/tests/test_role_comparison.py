"""The role that a template gives, held against what the state machine needs."""

from __future__ import annotations

import copy
import json
import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.proofs import FULL

from sfn_fragments_asl.checks import builtin_checks, run_checks
from sfn_fragments_asl.permissions.machine_roles import machine_role
from sfn_fragments_asl.permissions.resource_texts import ResourceTexts, allows, may_allow
from sfn_fragments_asl.reading.files import machines_in
from sfn_fragments_asl.reading.places import Places

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sfn_fragments_asl.permissions.comparison import Comparison
    from sfn_fragments_asl.permissions.role_report import RoleStatement
    from sfn_fragments_asl.reading.templates import FoundMachine

ARN = "arn:${AWS::Partition}"
HERE = "${AWS::Region}:${AWS::AccountId}"


def task(resource: Any, parameters: Any = None, **fields: Any) -> dict[str, Any]:
    given = {} if parameters is None else {"Parameters": parameters}
    return {"Type": "Task", "Resource": resource, **given, **fields, "End": True}


def put(bucket: Any, key: str = "k") -> dict[str, Any]:
    return task("arn:aws:states:::aws-sdk:s3:putObject", {"Bucket": bucket, "Key": key, "Body": ""})


def encrypted(key: Any) -> dict[str, Any]:
    return {"EncryptionConfiguration": {"Type": "CUSTOMER_MANAGED_KMS_KEY", "KmsKeyId": key}}


def scan(table: Any) -> dict[str, Any]:
    return task("arn:aws:states:::aws-sdk:dynamodb:scan", {"TableName": table})


INVOKE = "arn:aws:states:::lambda:invoke"
SEND = "arn:aws:states:::sns:publish"


def statement(actions: Any, resources: Any = "*", **rest: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": resources, **rest}


def found(
    state: dict[str, Any],
    *statements: Any,
    resources: dict[str, Any] | None = None,
    role: dict[str, Any] | None = None,
    **machine: Any,
) -> FoundMachine:
    policy = {"PolicyName": "own", "PolicyDocument": {"Statement": list(statements)}}
    template = {
        "Resources": {
            "Machine": {
                "Type": "AWS::StepFunctions::StateMachine",
                "Properties": {
                    "Definition": {"StartAt": "A", "States": {"A": state}},
                    "RoleArn": {"Fn::GetAtt": ["Role", "Arn"]},
                    **machine,
                },
            },
            "Role": {
                "Type": "AWS::IAM::Role",
                "Properties": {"Policies": [policy], **(role or {})},
            },
            **(resources or {}),
        }
    }
    (one,), problems = machines_in(template, Path("t.json"), Places(json.dumps(template)))
    assert problems == []
    return one


def compared(*arguments: Any, **named: Any) -> Comparison:
    return machine_role(found(*arguments, **named)).comparison


def told(statements: Iterable[RoleStatement]) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    return [(each.actions, each.resources) for each in statements]


BUCKET = {"Data": {"Type": "AWS::S3::Bucket"}}
NAMED = {"Data": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "measurements"}}}
FUNCTION = {"Count": {"Type": "AWS::Lambda::Function"}}
TOPIC = {"Topic": {"Type": "AWS::SNS::Topic"}}


@pytest.mark.parametrize(
    ("state", "resource", "resources"),
    [
        (put("b"), "arn:aws:s3:::b/k", {}),
        (put("b"), {"Fn::Sub": "arn:${AWS::Partition}:s3:::b/k"}, {}),
        (put({"Ref": "Data"}), {"Fn::Sub": "${Data.Arn}/k"}, BUCKET),
        (
            put({"Ref": "Data"}),
            {"Fn::Join": ["", ["arn:aws:s3:::", {"Ref": "Data"}, "/k"]]},
            BUCKET,
        ),
        (put("measurements"), {"Fn::Sub": "${Data.Arn}/k"}, NAMED),
        (put({"Ref": "Data"}), "arn:aws:s3:::measurements/k", NAMED),
        (
            task(INVOKE, {"FunctionName": {"Fn::GetAtt": ["Count", "Arn"]}}),
            {"Fn::GetAtt": ["Count", "Arn"]},
            FUNCTION,
        ),
        (
            task(INVOKE, {"FunctionName": {"Ref": "Count"}}),
            {"Fn::GetAtt": ["Count", "Arn"]},
            FUNCTION,
        ),
        (task({"Fn::GetAtt": ["Count", "Arn"]}), {"Fn::GetAtt": ["Count", "Arn"]}, FUNCTION),
        (task(SEND, {"TopicArn": {"Ref": "Topic"}, "Message": "m"}), {"Ref": "Topic"}, TOPIC),
        # A parameter is a name or an ARN, and the role says which.
        (scan({"Ref": "Name"}), {"Fn::Sub": f"{ARN}:dynamodb:{HERE}:table/${{Name}}"}, {}),
        (scan({"Ref": "Name"}), {"Ref": "Name"}, {}),
    ],
)
def test_ways_of_writing_are_one(state: Any, resource: Any, resources: dict[str, Any]) -> None:
    action = machine_role(found(state, resources=resources)).needed[0].actions[0]
    comparison = compared(state, statement(action, [resource]), resources=resources)
    assert comparison.is_exact, comparison


def test_what_is_missing() -> None:
    nothing = compared(put("b"), statement("s3:GetObject", "arn:aws:s3:::b/k"))
    assert told(nothing.missing) == [(("s3:PutObject",), (f"{ARN}:s3:::b/k",))]
    assert nothing.missing[0].states == ("A",)
    assert told(nothing.unneeded) == [(("s3:GetObject",), ("arn:aws:s3:::b/k",))]
    assert nothing.unneeded[0].reason == "Role own"
    elsewhere = compared(
        put("b"), statement("s3:PutObject", ["arn:aws:s3:::b/other", "arn:aws:s3:::b"])
    )
    assert told(elsewhere.missing) == [(("s3:PutObject",), (f"{ARN}:s3:::b/k",))]
    assert told(elsewhere.unneeded) == [
        (("s3:PutObject",), ("arn:aws:s3:::b/other", "arn:aws:s3:::b"))
    ]


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (statement("s3:PutObject", {"Fn::Sub": "${Data.Arn}/k"}), "allows it on ${Data.Arn}/k"),
        (statement("s3:PutObject", "arn:aws:s3:::b/${aws:PrincipalTag/x}"), "allows it on "),
        (statement({"Ref": "Actions"}), "has actions that are known at deployment only"),
        (
            statement("s3:PutObject", Condition={"Bool": {"a:b": True}}),
            "under conditions of its own",
        ),
        (
            {"Fn::If": ["C", statement("s3:PutObject"), {"Ref": "AWS::NoValue"}]},
            "allows it where a condition of the template holds",
        ),
        (
            {"Effect": "Allow", "Action": "s3:*", "NotResource": {"Fn::Sub": "${Data.Arn}/*"}},
            "allows it but not on ${Data.Arn}/*",
        ),
    ],
)
def test_what_is_not_known_is_said(given: dict[str, Any], reason: str) -> None:
    comparison = compared(put("b"), given)
    assert comparison.missing == ()
    ((actions, resources),) = told(comparison.unsure)
    assert (actions, resources) == (("s3:PutObject",), (f"{ARN}:s3:::b/k",))
    assert reason in comparison.unsure[0].notes[0]
    assert not comparison.is_exact


def test_what_an_execution_chooses_may_be_what_the_role_allows() -> None:
    chosen = put(None)
    chosen["Parameters"] = {"Bucket.$": "$.bucket", "Key": "k"}
    machine = found(chosen, statement("s3:PutObject", "arn:aws:s3:::measurements/k"))
    for prefix, needed in (("", "*"), ("dev-x", "dev-x-*")):
        comparison = machine_role(machine, prefix).comparison
        assert told(comparison.unsure) == [(("s3:PutObject",), (f"{ARN}:s3:::{needed}/k",))]
        assert "on arn:aws:s3:::measurements/k" in comparison.unsure[0].notes[0]
        assert (comparison.missing, comparison.unneeded) == ((), ())
    # What no statement names is missing, whatever is chosen.
    lacking = machine_role(found(chosen, statement("s3:GetObject")), "dev-x").comparison
    assert told(lacking.missing) == [(("s3:PutObject",), (f"{ARN}:s3:::dev-x-*/k",))]


def test_a_managed_policy_may_allow_anything() -> None:
    arn = "arn:aws:iam::aws:policy/AmazonS3FullAccess"
    comparison = compared(put("b"), role={"ManagedPolicyArns": [arn]})
    assert comparison.unknown == (
        f"the managed policy {arn}, whose statements the template does not have",
    )
    assert comparison.unsure[0].notes == comparison.unknown
    # What is allowed for certain is needed no less.
    known = compared(put("b"), statement("s3:PutObject"), role={"ManagedPolicyArns": [arn]})
    assert (known.missing, known.unsure) == ((), ())


@pytest.mark.parametrize(
    "given",
    [
        {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"},
        {"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::other/*"},
        statement("S3:putobject", "arn:aws:s3:::b/*"),
        statement("s3:Put?bject", "arn:aws:s3:*:*:b/?"),
        statement(["s3:Put*"], ["*"]),
    ],
)
def test_wildcards_and_their_opposites(given: dict[str, Any]) -> None:
    comparison = compared(put("b"), given)
    assert (comparison.missing, comparison.unsure) == ((), ())


def test_what_denies_is_told() -> None:
    denied = {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}
    comparison = compared(put("b"), statement("s3:PutObject"), denied)
    assert comparison.unknown == ("a statement of Role own denies s3:*",)
    assert not comparison.is_exact


@pytest.mark.parametrize("effect", [{"Ref": "Effect"}, {"Fn::If": ["Dev", "Allow", "Deny"]}])
def test_an_effect_that_is_known_at_deployment_may_be_either(effect: Any) -> None:
    given = {"Effect": effect, "Action": "s3:PutObject", "Resource": "*"}
    comparison = compared(put("b"), given)
    assert (comparison.missing, len(comparison.unsure)) == ((), 1)
    assert comparison.unknown == ("a statement of Role own may deny s3:PutObject",)
    assert findings(found(put("b"), given)) == []


def test_a_boundary_may_deny_and_allows_nothing() -> None:
    arn = "arn:aws:iam::123456789012:policy/Boundary"
    comparison = compared(put("b"), role={"PermissionsBoundary": arn})
    assert comparison.unknown == (f"the permissions boundary {arn} may deny something",)
    assert told(comparison.missing) == [(("s3:PutObject",), (f"{ARN}:s3:::b/k",))]


def test_what_reaches_further_than_needed() -> None:
    comparison = compared(put("b"), statement(["s3:*", "sqs:*"]))
    assert told(comparison.unneeded) == [(("sqs:*",), ("*",))]
    assert told(comparison.wider) == [(("s3:*",), ("*",)), (("s3:*",), ("*",))]
    assert [each.notes for each in comparison.wider] == [
        ("needed: s3:PutObject",),
        (f"needed on: {ARN}:s3:::b/k",),
    ]


def test_conditions_that_say_the_same_are_one() -> None:
    parameters = {"ApiEndpoint": "https://example.com", "Method": "GET"}
    state = task("arn:aws:states:::http:invoke", parameters)
    conditions = {
        "StringLike": {"states:HTTPMethod": "GET"},
        "StringEquals": {"states:httpendpoint": ["https://example.com"]},
    }
    own = statement("states:InvokeHTTPEndpoint", Condition=conditions)
    assert compared(state, own).is_exact
    conditions["StringLike"] = {"states:HTTPMethod": "P*"}
    assert compared(state, own).unsure[0].notes == (
        "Role own allows it under conditions of its own",
    )


def test_a_machine_that_starts_its_own_children() -> None:
    each = {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}
    processor = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, **each}
    state = {"Type": "Map", "ItemProcessor": processor, "End": True}
    role = machine_role(found(state))
    start = next(one for one in role.needed if "states:StartExecution" in one.actions)
    assert start.resources == ("${Machine}",)
    resources = role.resources()
    assert "Policies" not in resources["MachineRole"]["Properties"]
    runs = resources["MachineRoleMapRuns"]["Properties"]
    assert runs["Roles"] == [{"Ref": "MachineRole"}]
    assert {"Ref": "Machine"} in runs["PolicyDocument"]["Statement"][0]["Resource"]
    assert role.parameters == {}
    # Its role has a policy of its own for that, as CDK makes it.
    policy = {
        "Type": "AWS::IAM::Policy",
        "Properties": {"Roles": [{"Ref": "Role"}], "PolicyDocument": runs["PolicyDocument"]},
    }
    assert compared(state, resources={"Runs": policy}).is_exact
    named = machine_role(found(state, StateMachineName="nightly")).resources()
    assert list(named) == ["MachineRole"]
    assert "stateMachine:nightly" in json.dumps(named)


@pytest.mark.parametrize(
    "name",
    [
        None,
        "nightly",
        {"Fn::Sub": "${AWS::StackName}-nightly"},
        {"Fn::Sub": ["${Stage}-nightly", {"Stage": {"Fn::FindInMap": ["A", "B", "C"]}}]},
        {"Fn::Join": ["-", [{"Ref": "Stage"}, "nightly"]]},
    ],
)
def test_the_printed_role_is_the_one_that_is_needed(name: Any) -> None:
    each = {"ProcessorConfig": {"Mode": "DISTRIBUTED"}, "StartAt": "B"}
    state = {
        "Type": "Map",
        "ItemProcessor": {**each, "States": {"B": put({"Ref": "Data"})}},
        "End": True,
    }
    given = {**encrypted({"Fn::GetAtt": ["Key", "Arn"]}), "TracingConfiguration": {"Enabled": True}}
    named = {} if name is None else {"StateMachineName": name}
    resources = {**BUCKET, "Key": {"Type": "AWS::KMS::Key"}}
    first = machine_role(found(state, resources=resources, **given, **named))
    assert first.parameters == {}
    printed = {**resources, **first.resources()}
    role = {"RoleArn": {"Fn::GetAtt": ["MachineRole", "Arn"]}}
    again = machine_role(found(state, resources=printed, **given, **named, **role))
    assert again.comparison.is_exact, again.comparison


def test_what_else_has_the_role_may_need_more() -> None:
    function = {
        "Type": "AWS::Lambda::Function",
        "Properties": {"Role": {"Fn::GetAtt": ["Role", "Arn"]}},
    }
    own = statement("sqs:SendMessage")
    alone = compared({"Type": "Succeed"}, own)
    assert alone.unneeded[0].notes == ()
    shared = compared({"Type": "Succeed"}, own, resources={"Count": function})
    assert shared.unneeded[0].notes == ("Count has the role too; what it needs is not looked at",)
    assert shared.unknown == ()


def test_keys_may_be_those_of_what_is_encrypted() -> None:
    own = [statement("s3:PutObject", "arn:aws:s3:::b/k"), statement(["kms:Decrypt", "sqs:*"])]
    comparison = compared(put("b"), *own)
    assert told(comparison.unneeded) == [(("sqs:*",), ("*",))]
    reason = "Role own allows kms:Decrypt, which what is encrypted needs"
    assert comparison.unknown == (reason,)


def test_a_condition_narrows_what_a_star_allows() -> None:
    condition = {"StringEquals": {"s3:ResourceAccount": "123456789012"}}
    assert compared(put("b"), statement("s3:PutObject", Condition=condition)).wider == ()
    assert len(compared(put("b"), statement("s3:PutObject")).wider) == 1


def test_an_activity_needs_nothing() -> None:
    activity = {"Work": {"Type": "AWS::StepFunctions::Activity"}}
    assert compared(task({"Ref": "Work"}), resources=activity).is_exact
    comparison = compared(task({"Ref": "WorkArn"}))
    assert comparison.missing == ()
    assert comparison.unsure[0].notes == ("${WorkArn} may be an activity, which needs nothing",)


@pytest.mark.parametrize(
    ("definition", "passed"),
    [
        (
            {"TaskRoleArn": {"Fn::GetAtt": ["Do", "Arn"]}, "ExecutionRoleArn": "pull"},
            ["${Do.Arn}", f"{ARN}:iam::${{AWS::AccountId}}:role/pull"],
        ),
        ({}, []),
        # A condition chooses it.
        (
            {"TaskRoleArn": {"Fn::If": ["Prod", "a", {"Ref": "AWS::NoValue"}]}},
            [f"{ARN}:iam::${{AWS::AccountId}}:role/*"],
        ),
    ],
)
def test_a_task_passes_the_roles_that_its_template_shows(
    definition: dict[str, Any], passed: list[str]
) -> None:
    task_definition = {"Type": "AWS::ECS::TaskDefinition", "Properties": definition}
    run = task("arn:aws:states:::ecs:runTask", {"TaskDefinition": "${Task}", "Cluster": "c"})
    machine = found(
        run,
        resources={"Task": task_definition},
        DefinitionSubstitutions={"Task": {"Ref": "Task"}},
    )
    made = machine_role(machine)
    roles = [each for each in made.needed if each.actions == ("iam:PassRole",)]
    assert [name for each in roles for name in each.resources] == passed
    # What is known of the template is no parameter of the policy.
    assert made.parameters == {}


def test_logs_and_traces_are_needed_too() -> None:
    group = {"CloudWatchLogsLogGroup": {"LogGroupArn": {"Fn::GetAtt": ["Logs", "Arn"]}}}
    needed = machine_role(
        found(
            put("b"),
            LoggingConfiguration={"Level": "ALL", "Destinations": [group]},
            TracingConfiguration={"Enabled": True},
        )
    ).needed
    assert [each.reason for each in needed] == ["", "logging", "tracing"]
    off = found(
        put("b"),
        LoggingConfiguration={"Level": "OFF", "Destinations": [group]},
        TracingConfiguration={"Enabled": False},
    )
    assert [each.reason for each in machine_role(off).needed] == [""]


OWN = f"{ARN}:states:{HERE}:stateMachine:m"


def on_key(kind: str, own: Any) -> dict[str, Any]:
    condition = {"StringEquals": {f"kms:EncryptionContext:{kind}": own}}
    actions = ["kms:GenerateDataKey"] if kind == "SourceArn" else ["kms:Decrypt", "kms:Gen*"]
    return statement(actions, {"Fn::GetAtt": ["Key", "Arn"]}, Condition=condition)


def test_keys_of_machines_and_activities_are_needed_too() -> None:
    # https://docs.aws.amazon.com/step-functions/latest/dg/encryption-at-rest.html
    resources = {
        "Key": {"Type": "AWS::KMS::Key"},
        "Work": {
            "Type": "AWS::StepFunctions::Activity",
            "Properties": encrypted({"Fn::GetAtt": ["Key", "Arn"]}),
        },
    }
    logging = {"Level": "ALL", "Destinations": [{"CloudWatchLogsLogGroup": {}}]}
    one = machine_role(
        found(
            task({"Ref": "Work"}),
            on_key("aws:states:activityArn", {"Ref": "Work"}),
            on_key(
                "aws:states:stateMachineArn", {"Fn::Sub": f"{ARN}:states:{HERE}:stateMachine:m"}
            ),
            on_key("SourceArn", {"Fn::Sub": f"{ARN}:logs:{HERE}:*"}),
            statement("logs:*"),
            resources=resources,
            StateMachineName="m",
            LoggingConfiguration=logging,
            **encrypted({"Ref": "Key"}),
        )
    )
    assert [(each.reason, each.states) for each in one.needed] == [
        ("", ("A",)),
        ("logging", ()),
        ("encryption", ()),
        ("encryption", ()),
    ]
    assert (one.comparison.missing, one.comparison.unsure) == ((), ())

    own = machine_role(found(task({"Ref": "Work"}), resources=resources, **encrypted("alias/a")))
    assert told(own.comparison.missing) == [
        (("kms:Decrypt", "kms:GenerateDataKey"), ("${Key.Arn}",)),
        (("kms:Decrypt", "kms:GenerateDataKey"), (f"{ARN}:kms:{HERE}:key/*",)),
    ]
    # The name of the machine is made up with it: what depends on that comes after it.
    [last] = own.after["Statement"]
    assert last["Condition"]["StringEquals"] == {
        "kms:EncryptionContext:aws:states:stateMachineArn": {"Ref": "Machine"}
    }
    assert "Machine" not in json.dumps(own.before)


def test_a_policy_may_be_a_text() -> None:
    text = json.dumps({"Statement": [statement("s3:PutObject", "arn:aws:s3:::b/k")]})
    policies = [{"PolicyName": "own", "PolicyDocument": text}]
    assert compared(put("b"), role={"Policies": policies}).is_exact
    broken = [{"PolicyName": "own", "PolicyDocument": text[1:]}]
    assert compared(put("b"), role={"Policies": broken}).unknown == ("the document of Role own",)


def test_missing_rights_name_the_states_that_lack_them() -> None:
    second = {**task("arn:aws:states:::aws-sdk:ec2:describeInstances", {}), "Next": "A"}
    del second["End"]
    start = task("arn:aws:states:::aws-sdk:ec2:describeVolumes", {})
    states = {"StartAt": "B", "States": {"B": second, "A": start}}
    [missing] = compared(start, statement("ec2:DescribeVolumes"), Definition=states).missing
    assert (missing.actions, missing.states) == (("ec2:DescribeInstances",), ("B",))


@pytest.mark.parametrize(
    ("given", "needed", "surely", "perhaps"),
    [
        ("*", "arn:aws:s3:::b/k", True, True),
        ("arn:aws:s3:::b*", "arn:aws:s3:::b/*", True, True),
        ("arn:aws:s3:::b/k", "arn:aws:s3:::b/*", False, True),
        ("arn:aws:s3:::b/k", "arn:aws:s3:::b/l", False, False),
        ("arn:aws:sqs:*:*:q", "arn:aws:sqs:us-east-1:123456789012:q", True, True),
        ("arn:aws:sqs:us-east-1:*:q", "arn:aws:sqs:${AWS::Region}:1:q", False, True),
        ("arn:aws:sqs:us-east-1:*:q", "arn:aws:sqs:us-west-2:1:q", False, False),
        ("arn:aws:sqs:*:*:q", "arn:aws:sns:us-east-1:1:q", False, False),
        ("${Arn}", "arn:aws:sns:us-east-1:1:q", False, True),
        ("arn:aws:s3:::${A}/x", "arn:aws:s3:::b/y", False, False),
        ("arn:aws:s3:::${A}", "arn:aws:s3:::b/y", False, True),
        ("arn:aws:s3:::${A}/x", "arn:aws:s3:::${A}/y", False, False),
        ("arn:aws:s3:::${A}/x", "arn:aws:s3:::${B}/x", False, True),
        ("arn:aws:s3:::${A}:*", "arn:aws:s3:::${A}/*", False, False),
        ("arn:aws:s3:::${A}/*:*", "arn:aws:s3:::${A}/*", False, True),
        ("arn:aws:s3:::b", "arn:aws:s3:::b/k", False, False),
        ("arn:aws:s3:::b/*", "arn:aws:s3:::b", False, False),
        ("a*b", "ab", True, True),
        ("ab*", "a", False, False),
    ],
)
def test_patterns(given: str, needed: str, surely: bool, perhaps: bool) -> None:
    assert (allows(given, needed), may_allow(given, needed)) == (surely, perhaps)


def test_arns_of_the_resources_of_a_template() -> None:
    texts = ResourceTexts(
        {
            "Role": {"Type": "AWS::IAM::Role"},
            "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "q"}},
            "Machine": {"Type": "AWS::StepFunctions::StateMachine"},
            "Job": {"Type": "AWS::Batch::JobDefinition"},
            "Other": {"Type": "Custom::Thing"},
        }
    )
    written = {
        text: texts.written_out(text)
        for text in (
            "${Role.Arn}",
            "${Queue}",
            "${Queue.QueueName}",
            "${Queue.Arn}",
            "${Other.Arn}",
        )
    }
    assert written == {
        "${Role.Arn}": f"{ARN}:iam::${{AWS::AccountId}}:role/${{Role}}",
        # The URL.
        "${Queue}": "${Queue}",
        "${Queue.QueueName}": "q",
        "${Queue.Arn}": f"{ARN}:sqs:{HERE}:q",
        "${Other.Arn}": "${Other.Arn}",
    }
    children = f"{ARN}:states:{HERE}:execution:${{NameOf:Machine}}:*"
    assert texts.written_out(children) == children.replace("NameOf:", "")
    revision = f"{ARN}:batch:{HERE}:job-definition/${{Job}}:${{Job.Revision}}"
    assert texts.written_out("${Job}") == revision


def findings(machine: FoundMachine) -> list[str]:
    rules = [check for check in builtin_checks() if check.id == "asl.missing-permission"]
    return [one.message for _, one in run_checks(machine.checked, rules).findings]


def test_the_rule_finds_managed_rules_that_the_role_may_not_make() -> None:
    start = task("arn:aws:states:::states:startExecution.sync:2", {"StateMachineArn": "m"})
    events = ["events:PutTargets", "events:PutRule", "events:DescribeRule"]
    own = statement("states:*")
    [missing] = findings(found(start, own, statement(events[:1])))
    assert "needs events:PutRule, which the role Role allows nowhere" in missing
    assert findings(found(start, own, statement(events))) == []
    assert findings(found(start, own, statement("events:*"))) == []
    rule = task("arn:aws:states:::aws-sdk:eventbridge:putRule", {"Name": "r"})
    [called] = findings(found(rule, own))
    assert called.startswith("needs events:PutRule")


def test_the_rule_finds_what_is_allowed_nowhere() -> None:
    message = "needs s3:PutObject, which the role Role allows nowhere"
    assert findings(found(put("b"), statement("s3:GetObject"))) == [message]
    assert findings(found(put("b"))) == [message]
    # On another resource: policy tells that, since nobody knows which is meant.
    assert findings(found(put("b"), statement("s3:PutObject", "arn:aws:s3:::other/*"))) == []


@pytest.mark.parametrize(
    ("state", "statements", "named"),
    [
        (put("b"), [], {"role": {"ManagedPolicyArns": ["arn:aws:iam::aws:policy/A"]}}),
        (put("b"), [], {"RoleArn": {"Ref": "RoleArn"}}),
        (put("b"), [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}], {}),
        (put("b"), [statement({"Fn::If": ["C", "s3:PutObject", "s3:GetObject"]})], {}),
        (put("b"), [statement({"Fn::Sub": "${Service}:PutObject"})], {}),
        (task({"Ref": "Arn"}), [], {}),
        (task("arn:aws:states:::aws-sdk:sts:getCallerIdentity", {}), [], {}),
        (task("arn:aws:states:us-east-1:123456789012:activity:work"), [], {}),
        (
            task("arn:aws:states:::apigateway:invoke", {"ApiEndpoint": "a", "Method": "GET"}),
            [],
            {},
        ),
        ({**put("b"), "Credentials": {"RoleArn": "arn:aws:iam::123456789012:role/x"}}, [], {}),
        ({"Type": "Succeed"}, [], {}),
    ],
)
def test_the_rule_is_silent_where_it_cannot_know(
    state: dict[str, Any], statements: list[Any], named: dict[str, Any]
) -> None:
    assert findings(found(state, *statements, **named)) == []


#: What stands in templates where something else is meant.
JUNK: list[Any] = [
    None,
    "",
    "text",
    0,
    [],
    {},
    [[]],
    [None],
    {"Ref": 1},
    {"Ref": "Role"},
    {"Fn::If": ["C"]},
    {"Fn::If": ["C", {}, []]},
    {"Fn::Sub": []},
    {"Fn::Sub": ["${Role}", "no"]},
    {"Fn::GetAtt": []},
    {"Fn::Join": [1, 2]},
    {"Fn::Transform": {}},
]
WHOLE = {
    "Resources": {
        "Machine": {
            "Type": "AWS::StepFunctions::StateMachine",
            "Condition": "C",
            "Properties": {
                "DefinitionString": json.dumps({"StartAt": "A", "States": {"A": put("b")}}),
                "RoleArn": {"Fn::GetAtt": ["Role", "Arn"]},
                "LoggingConfiguration": {"Level": "ALL", "Destinations": [{"a": 1}]},
                "TracingConfiguration": {"Enabled": True},
            },
        },
        "Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "RoleName": "own",
                "ManagedPolicyArns": [{"Ref": "Managed"}],
                "Policies": [
                    {
                        "PolicyName": "own",
                        "PolicyDocument": {
                            "Statement": [statement("s3:*", Condition={"Bool": {"a:b": True}})]
                        },
                    }
                ],
            },
        },
        "Managed": {
            "Type": "AWS::IAM::ManagedPolicy",
            "Properties": {
                "PolicyDocument": {"Statement": statement(["s3:PutObject"], ["a"])},
                "Roles": [{"Ref": "Role"}],
            },
        },
        "Queue": {
            "Type": "AWS::SQS::QueuePolicy",
            "Condition": "D",
            "Properties": {"PolicyDocument": {"Statement": {"Principal": {"AWS": ["*"]}}}},
        },
        "Sam": {
            "Type": "AWS::Serverless::StateMachine",
            "Properties": {
                "Definition": {"StartAt": "A", "States": {"A": put("b")}},
                "Policies": [{"S3ReadPolicy": {"BucketName": "b"}}, {"Statement": []}],
                "Logging": {"Level": "ALL"},
            },
            "Connectors": {"Data": {}},
        },
    },
    "Transform": ["AWS::Serverless-2016-10-31"],
}


def places(value: Any) -> list[tuple[Any, Any]]:
    items = list(value.items()) if isinstance(value, dict) else []
    items = list(enumerate(value)) if isinstance(value, list) else items
    return [(value, key) for key, _ in items] + [
        place for _, item in items for place in places(item)
    ]


def test_no_template_breaks_it() -> None:
    chance = random.Random(1)
    for _ in range(600 if FULL else 60):
        template = copy.deepcopy(WHOLE)
        for _ in range(chance.choice([1, 1, 2, 4])):
            holder, key = chance.choice(places(template))
            holder[key] = copy.deepcopy(chance.choice(JUNK))
        machines, _problems = machines_in(template, Path("t.json"), Places("{}"), likely=True)
        for machine in machines:
            machine_role(machine).resources()
            report = run_checks(machine.checked, builtin_checks())
            assert report.problems == (), template
