"""For each rule a small definition that it finds, and one near to it that it does not.

They are what the guide and ``check --explain`` show; a test holds the rules against them.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_END: dict[str, Any] = {"End": True}
_PASS = {"Type": "Pass", **_END}
_ALL = ["States.ALL"]
_RETRY = {"Retry": [{"ErrorEquals": _ALL}]}
_GET = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:getObject"}
_KEY = {"Bucket": "measurements", "Key.$": "$.key"}
_INVOKE = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke"}
_SUBMIT = {"Type": "Task", "Resource": "arn:aws:states:::batch:submitJob.sync"}
_REGISTER = {
    "Type": "Task",
    "Resource": "arn:aws:states:::aws-sdk:batch:registerJobDefinition",
}
_JOB = {"JobName": "job", "JobQueue": "queue", "JobDefinition": "definition"}
_TOKEN = {"FunctionName": "f", "Payload": {"token.$": "$$.Task.Token"}}
_POLICY = "arn:aws:iam::123456789012:policy"
_LONG = 200


@dataclass(frozen=True)
class Example:
    """A definition, or a template, that a rule finds something in, and one that it does not.

    Attributes:
        found: The one that breaks the rule.
        fine: The one that keeps it.
    """

    found: Mapping[str, Any]
    fine: Mapping[str, Any]


def as_text(content: Mapping[str, Any]) -> str:
    """An example as JSON, with very long texts shortened."""
    return json.dumps(_shown(content), indent=2, ensure_ascii=False)


def _shown(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {_shown(name): _shown(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_shown(item) for item in value]
    if isinstance(value, str) and len(value) > _LONG:
        return f"{value[:20]}... ({len(value):,} characters)"
    return value


def _machine(**states: Any) -> dict[str, Any]:
    return {"StartAt": next(iter(states)), "States": states}


def _jsonata(**fields: Any) -> dict[str, Any]:
    return {"QueryLanguage": "JSONata", **_machine(A={"Type": "Pass", **fields, **_END})}


def _evaluating(path: str) -> dict[str, Any]:
    return _machine(A={**_PASS, "Parameters": {"name.$": path}})


def _choice(**rule: Any) -> dict[str, Any]:
    return _machine(A={"Type": "Choice", "Choices": [{**rule, "Next": "B"}]}, B=_PASS)


def _map(processor: Mapping[str, Any], *, distributed: str = "", **fields: Any) -> dict[str, Any]:
    mode = {"Mode": "DISTRIBUTED", "ExecutionType": distributed}
    config = {"ProcessorConfig": mode} if distributed else {}
    return {"Type": "Map", "ItemProcessor": {**config, **processor}, **fields, **_END}


def _template(definition: Any, **properties: Any) -> dict[str, Any]:
    return {
        "Resources": {
            "Machine": {
                "Type": "AWS::StepFunctions::StateMachine",
                "Properties": {**definition, **properties},
            }
        }
    }


def _logged(name: str) -> dict[str, Any]:
    group = {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": name}}
    arn = {"CloudWatchLogsLogGroup": {"LogGroupArn": {"Fn::GetAtt": ["Logs", "Arn"]}}}
    template = _template(
        {"Definition": _machine(A=_PASS)}, LoggingConfiguration={"Destinations": [arn]}
    )
    return {"Resources": {**template["Resources"], "Logs": group}}


def _with_role(states: Mapping[str, Any], **properties: Any) -> dict[str, Any]:
    template = _template(
        {"Definition": _machine(**states)}, RoleArn={"Fn::GetAtt": ["Role", "Arn"]}
    )
    role = {"Type": "AWS::IAM::Role", "Properties": properties}
    return {"Resources": {**template["Resources"], "Role": role}}


def _inline(resource: str, action: str = "s3:GetObject") -> list[dict[str, Any]]:
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    return [{"PolicyName": "own", "PolicyDocument": {"Statement": [statement]}}]


def _chain(count: int) -> dict[str, Any]:
    names = [f"S{number}" for number in range(count)]
    states: dict[str, Any] = {
        name: {"Type": "Pass", "Next": following} for name, following in itertools.pairwise(names)
    }
    return _machine(**states, **{names[-1]: _PASS})


def _loop(**choice: Any) -> dict[str, Any]:
    ask: dict[str, Any] = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:batch:describeJobs",
        **_RETRY,
    }
    return _machine(
        Ask={**ask, "Assign": {"round.$": "States.MathAdd($.round, 1)"}, "Next": "Done"},
        Done={"Type": "Choice", "Choices": [{**choice, "Next": "End"}], "Default": "Rest"},
        Rest={"Type": "Wait", "Seconds": 30, "Next": "Ask"},
        End={"Type": "Succeed"},
    )


def _appending(value: str) -> dict[str, Any]:
    count = {"Type": "Pass", "Assign": {"n": "{% $n + 1 %}", "list": value}, "Next": "Done"}
    rule = {"Condition": "{% $n > 9 %}", "Next": "End"}
    return {
        "QueryLanguage": "JSONata",
        **_machine(
            Begin={"Type": "Pass", "Assign": {"n": 0, "list": []}, "Next": "Count"},
            Count=count,
            Done={"Type": "Choice", "Choices": [rule], "Default": "Count"},
            End={"Type": "Succeed", "Output": "{% $list %}"},
        ),
    }


def _volume(name: str) -> dict[str, Any]:
    volume = {"Name": name, "EfsVolumeConfiguration": {"FileSystemId": "fs-1"}}
    given: dict[str, Any] = {"JobDefinitionName": "f" * 100, "Type": "container"}
    given |= {"ContainerProperties": {"Volumes": [volume]}}
    return _machine(A={**_REGISTER, "Parameters": given, **_RETRY, **_END})


_READER = {
    "Resource": "arn:aws:states:::s3:getObject",
    "ReaderConfig": {"InputType": "JSON"},
    "Parameters": {"Bucket": "measurements", "Key": "list.json"},
}
_ASSIGN = {"Type": "Pass", "Assign": {"run.$": "$.id"}, "Next": "B"}
_READ = {**_PASS, "Parameters": {"id.$": "$run"}}

#: Rule to its example.
EXAMPLES: dict[str, Example] = {
    "asl.start-at": Example(
        {"StartAt": "Begin", "States": {"Start": _PASS}},
        {"StartAt": "Start", "States": {"Start": _PASS}},
    ),
    "asl.transition-target": Example(
        _machine(A={"Type": "Pass", "Next": "End"}, Ende=_PASS),
        _machine(A={"Type": "Pass", "Next": "Ende"}, Ende=_PASS),
    ),
    "asl.next-or-end": Example(_machine(A={"Type": "Pass"}), _machine(A=_PASS)),
    "asl.needless-end": Example(
        _machine(A={"Type": "Succeed", **_END}), _machine(A={"Type": "Succeed"})
    ),
    "asl.end-state": Example(
        _machine(A={"Type": "Pass", "Next": "A"}),
        _machine(A={"Type": "Pass", "Next": "B"}, B={"Type": "Succeed"}),
    ),
    "asl.state-type": Example(_machine(A={"Type": "Taks", **_END}), _machine(A=_PASS)),
    "asl.required-field": Example(
        _machine(A={"Type": "Wait", **_END}), _machine(A={"Type": "Wait", "Seconds": 5, **_END})
    ),
    "asl.query-language": Example(
        {"QueryLanguage": "JSONata", **_machine(A={**_PASS, "InputPath": "$.a"})},
        {"QueryLanguage": "JSONata", **_machine(A={**_PASS, "Output": "{% $states.input.a %}"})},
    ),
    "asl.text": Example(
        _machine(A={"Type": "Fail", "Error": 404}), _machine(A={"Type": "Fail", "Error": "404"})
    ),
    "asl.error-handlers": Example(
        _machine(
            A={**_INVOKE, "Retry": [{"ErrorEquals": ["States.ALL", "States.Timeout"]}], **_END}
        ),
        _machine(A={**_INVOKE, "Retry": [{"ErrorEquals": ["States.ALL"]}], **_END}),
    ),
    "asl.unknown-field": Example(
        _machine(A={**_PASS, "ResultsPath": "$.a"}), _machine(A={**_PASS, "ResultPath": "$.a"})
    ),
    "asl.misplaced-field": Example(
        _machine(A={**_PASS, **_RETRY}), _machine(A={**_INVOKE, **_RETRY, **_END})
    ),
    "asl.conflicting-fields": Example(
        _machine(A={**_PASS, "Parameters": {"id": 1, "id.$": "$.id"}}),
        _machine(A={**_PASS, "Parameters": {"id.$": "$.id"}}),
    ),
    "asl.repeated-field": Example(
        _template(
            {
                "DefinitionString": '{"StartAt": "A", "States": {"A": {"Type": "Pass", '
                '"ResultPath": "$.a", "ResultPath": "$.b", "End": true}}}'
            }
        ),
        _template(
            {
                "DefinitionString": '{"StartAt": "A", "States": {"A": {"Type": "Pass", '
                '"ResultPath": "$.b", "End": true}}}'
            }
        ),
    ),
    "asl.express": Example(
        _template({"Definition": _machine(A={**_SUBMIT, **_END})}, StateMachineType="EXPRESS"),
        _template({"Definition": _machine(A={**_SUBMIT, **_END})}, StateMachineType="STANDARD"),
    ),
    "asl.map-settings": Example(
        _machine(A=_map(_machine(B=_PASS), MaxConcurrency=-1)),
        _machine(A=_map(_machine(B=_PASS), MaxConcurrency=10)),
    ),
    "asl.distributed-only": Example(
        _machine(A=_map(_machine(B=_PASS), ItemReader=_READER)),
        _machine(A=_map(_machine(B=_PASS), distributed="STANDARD", ItemReader=_READER)),
    ),
    "asl.idle-field": Example(
        _machine(A=_map(_machine(B=_PASS), ToleratedFailureCount=5)),
        _machine(A=_map(_machine(B=_PASS), distributed="STANDARD", ToleratedFailureCount=5)),
    ),
    "asl.distributed-settings": Example(
        _machine(A=_map(_machine(B=_PASS), distributed="STANDARD", Label="each file")),
        _machine(A=_map(_machine(B=_PASS), distributed="STANDARD", Label="each-file")),
    ),
    "asl.path": Example(_evaluating("$.a["), _evaluating("$.a[0].['b c']")),
    "asl.jsonata-delimiters": Example(
        _jsonata(Output="{% $states.input.a"), _jsonata(Output="{% $states.input.a %}")
    ),
    "asl.jsonata-blanks": Example(
        _jsonata(Output=" {% $states.input.a %} "), _jsonata(Output="{% $states.input.a %}")
    ),
    "asl.jsonata": Example(
        _jsonata(Output="{% $sum($states.input.n %}"),
        _jsonata(Output="{% $sum($states.input.n) %}"),
    ),
    "asl.jsonata-function": Example(
        _jsonata(Output="{% $upper($states.input.a) %}"),
        _jsonata(Output="{% $uppercase($states.input.a) %}"),
    ),
    "asl.jsonata-field": Example(
        {"QueryLanguage": "JSONata", **_choice(Condition="$states.input.n > 5")},
        {"QueryLanguage": "JSONata", **_choice(Condition="{% $states.input.n > 5 %}")},
    ),
    "asl.jsonata-origin": Example(
        _jsonata(Output="{% order.total %}"), _jsonata(Output="{% $states.input.order.total %}")
    ),
    "asl.context-field": Example(_evaluating("$$.Execution.Arn"), _evaluating("$$.Execution.Id")),
    "asl.context-place": Example(
        _evaluating("$$.Map.Item.Value"),
        _machine(A=_map(_evaluating("$$.Map.Item.Value") | _machine(B=_PASS))),
    ),
    "asl.literal-expression": Example(
        _machine(A={**_PASS, "Parameters": {"id": "$.id"}}), _evaluating("$.id")
    ),
    "asl.choice-comparison": Example(
        _choice(Variable="$.count", NumericEquals="5"), _choice(Variable="$.count", NumericEquals=5)
    ),
    "asl.seconds": Example(
        _machine(A={"Type": "Wait", "Timestamp": "2030-02-31T12:00:00Z", **_END}),
        _machine(A={"Type": "Wait", "Timestamp": "2030-01-31T12:00:00Z", **_END}),
    ),
    "asl.unreachable-state": Example(
        _machine(A=_PASS, B=_PASS), _machine(A={"Type": "Pass", "Next": "B"}, B=_PASS)
    ),
    "asl.state-name-length": Example(_machine(**{"x" * 81: _PASS}), _machine(**{"x" * 80: _PASS})),
    "asl.state-name-unique": Example(
        _machine(A=_map(_machine(A=_PASS))), _machine(A=_map(_machine(B=_PASS)))
    ),
    "asl.definition-size": Example(
        _machine(A={**_PASS, "Result": "x" * 1_048_576}), _machine(A={**_PASS, "Result": "x"})
    ),
    "asl.collected-results": Example(
        _machine(A=_map(_machine(B=_PASS))), _machine(A=_map(_machine(B=_PASS), ResultPath=None))
    ),
    "asl.whole-response": Example(
        _machine(A={**_GET, "Parameters": _KEY, "ResultPath": "$.object", **_RETRY, **_END}),
        _machine(
            A={
                **_GET,
                "Parameters": _KEY,
                "ResultSelector": {"size.$": "$.ContentLength"},
                "ResultPath": "$.object",
                **_RETRY,
                **_END,
            }
        ),
    ),
    "asl.copied-input": Example(
        _machine(
            A={"Type": "Parallel", "Branches": [_machine(B=_PASS), _machine(C=_PASS)], **_END}
        ),
        _machine(
            A={
                "Type": "Parallel",
                "Branches": [_machine(B=_PASS), _machine(C=_PASS)],
                "ResultPath": None,
                **_END,
            }
        ),
    ),
    "asl.growing-loop": Example(
        _appending("{% $append($list, $states.input) %}"), _appending("{% [$states.input] %}")
    ),
    "asl.history-events": Example(
        _machine(A=_map(_chain(5), ResultPath=None)),
        _machine(A=_map(_chain(5), distributed="STANDARD", ResultPath=None)),
    ),
    "asl.unbounded-loop": Example(
        _loop(Variable="$.status", StringEquals="DONE"),
        _loop(Variable="$round", NumericGreaterThan=100),
    ),
    "asl.variable-name": Example(
        _machine(A={**_ASSIGN, "Assign": {"run-id.$": "$.id"}}, B=_READ),
        _machine(A=_ASSIGN, B=_READ),
    ),
    "asl.unassigned-variable": Example(
        _machine(A={"Type": "Pass", "Next": "B"}, B=_READ), _machine(A=_ASSIGN, B=_READ)
    ),
    "asl.distributed-map-variable": Example(
        _machine(A=_ASSIGN, B=_map(_machine(C=_READ), distributed="STANDARD", ResultPath=None)),
        _machine(
            A=_ASSIGN,
            B=_map(
                _machine(C={**_PASS, "Parameters": {"id.$": "$.id"}}),
                distributed="STANDARD",
                ItemSelector={"id.$": "$run"},
                ResultPath=None,
            ),
        ),
    ),
    "asl.variable-scope": Example(
        _machine(
            A=_ASSIGN, B=_map(_machine(C={**_READ, "Assign": {"run": "inner"}}), ResultPath=None)
        ),
        _machine(A=_ASSIGN, B=_map(_machine(C=_READ), ResultPath=None)),
    ),
    "asl.unread-variable": Example(
        _machine(A=_ASSIGN, B={**_PASS, "Parameters": {"id.$": "$.run"}}),
        _machine(A=_ASSIGN, B=_READ),
    ),
    "asl.error-name": Example(
        _machine(A={**_INVOKE, "Retry": [{"ErrorEquals": ["States.Timeouts"]}], **_END}),
        _machine(A={**_INVOKE, "Retry": [{"ErrorEquals": ["States.Timeout"]}], **_END}),
    ),
    "asl.missing-retry": Example(
        _machine(A={**_INVOKE, "Parameters": {"FunctionName": "f"}, **_END}),
        _machine(
            A={
                **_INVOKE,
                "Parameters": {"FunctionName": "f"},
                "Retry": [
                    {
                        "ErrorEquals": [
                            "Lambda.ServiceException",
                            "Lambda.AWSLambdaException",
                            "Lambda.SdkClientException",
                            "Lambda.TooManyRequestsException",
                        ],
                        "JitterStrategy": "FULL",
                    }
                ],
                **_END,
            }
        ),
    ),
    "asl.service-integration": Example(
        _machine(A={**_INVOKE, "Resource": "arn:aws:states:::lambda:invoke.sync", **_END}),
        _machine(A={**_INVOKE, **_END}),
    ),
    "asl.unknown-integration": Example(
        _machine(A={**_INVOKE, "Resource": "arn:aws:states:::textract:analyzeDocument", **_END}),
        _machine(
            A={**_INVOKE, "Resource": "arn:aws:states:::aws-sdk:textract:analyzeDocument", **_END}
        ),
    ),
    "asl.unlisted-action": Example(
        _machine(
            A={**_INVOKE, "Resource": "arn:aws:states:::aws-sdk:cloudformation:setAlias", **_END}
        ),
        _machine(
            A={
                **_INVOKE,
                "Resource": "arn:aws:states:::aws-sdk:cloudformation:describeStacks",
                **_END,
            }
        ),
    ),
    "asl.deprecated-field": Example(
        _machine(A={"Type": "Map", "Iterator": _machine(B=_PASS), "ResultPath": None, **_END}),
        _machine(A=_map(_machine(B=_PASS), ResultPath=None)),
    ),
    "asl.required-parameter": Example(
        _machine(A={**_GET, "Parameters": {"Bucket": "measurements"}, **_RETRY, **_END}),
        _machine(A={**_GET, "Parameters": _KEY, **_RETRY, **_END}),
    ),
    "asl.unknown-parameter": Example(
        _machine(A={**_GET, "Parameters": {**_KEY, "versionId": "1"}, **_RETRY, **_END}),
        _machine(A={**_GET, "Parameters": {**_KEY, "VersionId": "1"}, **_RETRY, **_END}),
    ),
    "asl.task-token": Example(
        _machine(
            A={
                **_INVOKE,
                "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
                "Parameters": {"FunctionName": "f", "Payload": {"id.$": "$.id"}},
                **_END,
            }
        ),
        _machine(
            A={
                **_INVOKE,
                "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
                "Parameters": _TOKEN,
                **_END,
            }
        ),
    ),
    "asl.useless-token": Example(
        _machine(A={**_INVOKE, "Parameters": _TOKEN, **_RETRY, **_END}),
        _machine(
            A={
                **_INVOKE,
                "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
                "Parameters": _TOKEN,
                **_RETRY,
                **_END,
            }
        ),
    ),
    "asl.credentials": Example(
        _machine(A={**_INVOKE, "Credentials": {}, **_END}),
        _machine(
            A={**_INVOKE, "Credentials": {"RoleArn": "arn:aws:iam::123456789012:role/r"}, **_END}
        ),
    ),
    "asl.submit-job-size": Example(
        _machine(A={**_SUBMIT, "Parameters": {**_JOB, "Parameters": {"a": "x" * 30_720}}, **_END}),
        _machine(A={**_SUBMIT, "Parameters": {**_JOB, "Parameters": {"a.$": "$.key"}}, **_END}),
    ),
    "asl.container-overrides-size": Example(
        _machine(
            A={
                **_SUBMIT,
                "Parameters": {**_JOB, "ContainerOverrides": {"Command": ["x" * 8_192]}},
                **_END,
            }
        ),
        _machine(
            A={
                **_SUBMIT,
                "Parameters": {**_JOB, "ContainerOverrides": {"Command": ["x"]}},
                **_END,
            }
        ),
    ),
    "asl.job-definition-size": Example(
        _machine(A={**_REGISTER, "Parameters": {"Tags": {"a": "x" * 24_576}}, **_END}),
        _machine(A={**_REGISTER, "Parameters": {"Tags": {"a": "x"}}, **_END}),
    ),
    "asl.efs-volume-name": Example(_volume("v" * 39), _volume("v")),
    "asl.log-group-name": Example(_logged("/aws/states/m"), _logged("/aws/vendedlogs/states/m")),
    "asl.unknown-reference": Example(
        _template({"DefinitionString": {"Fn::Sub": json.dumps(_evaluating("${Nobody}"))}}),
        _template({"DefinitionString": {"Fn::Sub": json.dumps(_evaluating("$.${AWS::Region}"))}}),
    ),
    "asl.open-substitution": Example(
        _template({"Definition": _machine(A={**_INVOKE, "Resource": "${Function}", **_END})}),
        _template(
            {"Definition": _machine(A={**_INVOKE, "Resource": "${Function}", **_END})},
            DefinitionSubstitutions={"Function": "arn:aws:states:::lambda:invoke"},
        ),
    ),
    "asl.missing-permission": Example(
        _with_role(
            {"A": {**_GET, "Parameters": _KEY, **_END}},
            Policies=_inline("arn:aws:s3:::measurements/*", "s3:PutObject"),
        ),
        _with_role(
            {"A": {**_GET, "Parameters": _KEY, **_END}},
            Policies=_inline("arn:aws:s3:::measurements/*", "s3:GetObject"),
        ),
    ),
    "asl.role-size": Example(
        _with_role({"A": _PASS}, Policies=_inline(f"arn:aws:s3:::measurements/{'k' * 10_240}")),
        _with_role({"A": _PASS}, Policies=_inline("arn:aws:s3:::measurements/k*")),
    ),
    "asl.role-policies": Example(
        _with_role({"A": _PASS}, ManagedPolicyArns=[f"{_POLICY}/Part{n}" for n in range(11)]),
        _with_role({"A": _PASS}, ManagedPolicyArns=[f"{_POLICY}/Whole"]),
    ),
}
