"""For each rule of the core: definitions that break it, and near ones that do not."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from sfn_fragments_asl.checks import CheckedDefinition, builtin_checks, run_checks
from sfn_fragments_asl.model.state_machine import OpenReference
from sfn_fragments_asl.model.transient_errors import TRANSIENT_ERRORS
from sfn_fragments_asl.reading.templates import state_machines


def retrier(service: str) -> list[dict[str, Any]]:
    return [{"ErrorEquals": list(TRANSIENT_ERRORS[service]), "JitterStrategy": "FULL"}]


BATCH_RETRY = retrier("batch")
LAMBDA_RETRY = retrier("lambda")

END = {"End": True}
ALL = ["States.ALL"]
RETRY = [{"ErrorEquals": ALL}]
PASS = {"Type": "Pass", **END}
S3 = "arn:aws:states:::aws-sdk:s3:getObject"
BATCH = "arn:aws:states:::batch:submitJob.sync"
REGISTER = "arn:${AWS::Partition}:states:::aws-sdk:batch:registerJobDefinition"
START = "arn:aws:states:::states:startExecution.sync:2"
ACTIVITY = "arn:aws:states:us-east-1:123456789012:activity:a"
READER = {
    "Resource": "arn:aws:states:::s3:getObject",
    "ReaderConfig": {"InputType": "JSON"},
    "Parameters": {"Bucket": "b", "Key": "k"},
}
WRITER = {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "b"}}
TOKEN = "arn:aws:states:::sqs:sendMessage.waitForTaskToken"
LAMBDA = "arn:aws:states:::lambda:invoke"
#: What AWS's console retries of a function's call, and what CDK does.
OF_THE_CONSOLE = [
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.TooManyRequestsException",
]
OF_CDK = ["Lambda.ClientExecutionTimeoutException", *OF_THE_CONSOLE[:3]]
#: A rule of a Choice in JSONata.
CONDITION = {"Condition": "{% true %}", "Next": "B"}


#: Assigns x, and goes on to B.
ASSIGN = {"Type": "Pass", "Assign": {"x": 1}, "Next": "B"}


def machine(_first: Any = "A", _top: dict[str, Any] | None = None, **states: Any) -> Any:
    start = {} if _first is None else {"StartAt": _first}
    return {**start, "States": states, **(_top or {})}


def task(resource: str = S3, **fields: Any) -> dict[str, Any]:
    follows = {} if "Next" in fields else END
    return {"Type": "Task", "Resource": resource, "Retry": RETRY, **follows, **fields}


def jsonata(**fields: Any) -> dict[str, Any]:
    follows = {} if "Next" in fields or fields.get("Type") == "Choice" else END
    return {"QueryLanguage": "JSONata", "Type": "Pass", **follows, **fields}


def each(processor: Any, **fields: Any) -> dict[str, Any]:
    """An inline Map whose result is dropped."""
    follows = {} if "Next" in fields else END
    return {"Type": "Map", "ItemProcessor": processor, "ResultPath": None, **follows, **fields}


def distributed(processor: Any, **fields: Any) -> dict[str, Any]:
    config = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    return each({**processor, "ProcessorConfig": config}, **fields)


def of_express(processor: Any, **fields: Any) -> dict[str, Any]:
    """A Map whose items are Express workflows."""
    config = {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}
    return each({**processor, "ProcessorConfig": config}, **fields)


def parallel(*branches: Any, **fields: Any) -> dict[str, Any]:
    follows = {} if "Next" in fields else END
    return {"Type": "Parallel", "Branches": list(branches), **follows, **fields}


def chain(count: int, prefix: str = "S") -> Any:
    """Pass states in a row: twice as many events as states."""
    names = [f"{prefix}{index}" for index in range(count)]
    states: dict[str, Any] = {
        name: {"Type": "Pass", "Next": following} for name, following in pairwise(names)
    }
    return machine(names[0], None, **states, **{names[-1]: PASS})


def polling(rule: dict[str, Any], **ask: Any) -> Any:
    """Ask, wait half a minute, ask again: 9 events a round."""
    return machine(
        A=task("arn:aws:states:::aws-sdk:batch:describeJobs", Next="B", **ask),
        B={"Type": "Choice", "Choices": [{**rule, "Next": "D"}], "Default": "C"},
        C={"Type": "Wait", "Seconds": 30, "Next": "A"},
        D={"Type": "Succeed"},
    )


DONE = {"Choices": [{"Variable": "$.s", "StringEquals": "DONE", "Next": "D"}]}
LOOP = polling({"Variable": "$.s", "StringEquals": "DONE"})
COUNTED_LOOP = polling(
    {"Variable": "$n", "NumericGreaterThan": 100}, Assign={"n.$": "States.MathAdd($.n, 1)"}
)
# An hour has 120 rounds.
TIMED_LOOP = {**LOOP, "TimeoutSeconds": 3600}
SLOW_ENDLESS_LOOP = {**LOOP, "TimeoutSeconds": 366 * 24 * 3600}


def choice(rule: dict[str, Any]) -> Any:
    return machine(A={"Type": "Choice", "Choices": [{**rule, "Next": "B"}]}, B=PASS)


def volumes(name: str, volume: str, kind: str = "EfsVolumeConfiguration") -> Any:
    properties = {"Volumes": [{"Name": volume, kind: {}}]}
    return machine(
        A=task(REGISTER, Parameters={"JobDefinitionName": name, "ContainerProperties": properties})
    )


def overriding(length: int, letter: str = "x") -> dict[str, Any]:
    """Container overrides with a variable whose value has so many letters; the rest has 50."""
    return {"Environment": [{"Name": "A_VARIABLE", "Value": letter * length}]}


def calling(resource: str, arguments: Any) -> Any:
    """A machine in JSONata with one Task."""
    return machine(_top={"QueryLanguage": "JSONata"}, A=task(resource, Arguments=arguments))


def written(value: Any) -> str:
    """A value as an expression of JSONata writes it."""
    return f"{{% {json.dumps(value)} %}}"


#: The ARN of a job definition with a name and whatever revision.
NAMED = "arn:aws:batch:us-east-1:123456789012:job-definition/name:${Revision}"


def job_definition(properties: dict[str, Any], used: str = "${Job}") -> CheckedDefinition:
    submit = task(BATCH, Parameters={"JobDefinition": used})
    resources = {"Job": {"Type": "AWS::Batch::JobDefinition", "Properties": properties}}
    return CheckedDefinition(machine(A=submit), "Machine", resources)


def with_role(**properties: Any) -> CheckedDefinition:
    """A machine of a template that reads an object, by a role with these properties."""
    reads = task("arn:aws:states:::aws-sdk:s3:getObject", Parameters={"Bucket": "b", "Key": "k"})
    role_arn = {"Fn::GetAtt": ["Role", "Arn"]}
    resources = {
        "Machine": {
            "Type": "AWS::StepFunctions::StateMachine",
            "Properties": {"Definition": machine(A=reads), "RoleArn": role_arn},
        },
        "Role": {"Type": "AWS::IAM::Role", "Properties": properties},
    }
    (found,), problems = state_machines({"Resources": resources}, Path("t.json"))
    assert problems == []
    return found.checked


def allowing(action: str, resource: str = "*") -> list[dict[str, Any]]:
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    return [{"PolicyName": "P", "PolicyDocument": {"Statement": [statement]}}]


def registers(name: str, volumes: Any) -> dict[str, Any]:
    return jsonata(
        Type="Task",
        Resource=REGISTER,
        Retry=RETRY,
        Arguments={"JobDefinitionName": name, "ContainerProperties": {"Volumes": volumes}},
    )


def registering(volume: str) -> Any:
    """A job definition as fragments register it: 82 characters of name, volumes in a variable."""
    volumes = [{"name": volume, "efsVolumeConfiguration": {}}]
    name = "{% 'dev-x-" + "f" * 40 + "' & $job.id %}"
    register = registers(name, "{% ($f := $map; $f([$job.volumes])) %}")
    variable = {"defaults": {"volumes": volumes}, "id.$": "States.UUID()"}
    return machine(A={"Type": "Pass", "Assign": {"job": variable}, "Next": "B"}, B=register)


def appending(value: str, **top: Any) -> Any:
    """A JSONata loop that counts to ten and assigns a variable in each round."""
    return machine(
        "A",
        A=jsonata(Assign={"n": 0, "list": []}, Next="B"),
        B=jsonata(Assign={"n": "{% $n + 1 %}", "list": value}, Next="C"),
        C=jsonata(
            Type="Choice", Choices=[{"Condition": "{% $n < 10 %}", "Next": "B"}], Default="D"
        ),
        D=jsonata(Type="Succeed", Output="{% $list %}"),
    )


WRONG_RETRIERS: list[dict[str, Any]] = [
    {"MaxAttempts": 1},
    {"ErrorEquals": []},
    {"ErrorEquals": ["States.ALL", "States.Timeout"]},
    {"ErrorEquals": ALL, "MaxAttempts": -1},
    {"ErrorEquals": ALL, "MaxAttempts": 1.5},
    {"ErrorEquals": ALL, "IntervalSeconds": 0},
    {"ErrorEquals": ALL, "BackoffRate": 0.5},
    {"ErrorEquals": ALL, "MaxDelaySeconds": 31_622_400},
    {"ErrorEquals": ALL, "IntervalSeconds": 5, "MaxDelaySeconds": 5},
    {"ErrorEquals": ALL, "JitterStrategy": "Full"},
]

WRONG_RULES: list[dict[str, Any]] = [
    {"Variable": "$.a"},
    {"Variable": "$.a", "NumericEqual": 3},
    {"Variable": "$.a", "NumericEquals": 3, "NumericLessThan": 5},
    {"NumericEquals": 3},
    {"Variable": "$.a", "NumericEquals": "3"},
    {"Variable": "$.a", "NumericLessThan": True},
    {"Variable": "$.a", "StringEquals": 3},
    {"Variable": "$.a", "StringEqualsPath": None},
    {"Variable": "$.a", "StringMatches": None},
    {"Variable": "$.a", "BooleanEquals": "true"},
    {"Variable": "$.a", "IsPresent": 1},
    {"Variable": "$.a", "TimestampEquals": "tomorrow"},
    {"Not": []},
    {"And": []},
    {"Or": [{"Not": {"Variable": "$.a", "NumericEquals": "3"}}]},
]

#: Fields of a distributed Map that AWS does not take as they are.
WRONG_SETTINGS: list[dict[str, Any]] = [
    {"ItemReader": {"ReaderConfig": {"InputType": "JSON"}}},
    {"ItemReader": {**READER, "ReaderConfig": {}}},
    {"ItemReader": {**READER, "ReaderConfig": {"InputType": "Csv"}}},
    {"ResultWriter": {}},
    {"ResultWriter": {**WRITER, "Resource": S3}},
    {"ResultWriter": {"WriterConfig": {"OutputType": "XML"}}},
    {"ItemBatcher": {}},
    {"Label": "a label"},
    {"Label": ""},
]

#: Rule to what breaks it and what, near to it, does not.
CASES: dict[str, tuple[list[Any], list[Any]]] = {
    "asl.start-at": (
        [
            machine(None, A=PASS),
            machine("B", A=PASS),
            machine(["A"], A=PASS),
            {},
            machine(A=each(machine("C", B=PASS))),
        ],
        [machine(A=PASS), machine(A=each(machine("B", B=PASS)))],
    ),
    "asl.transition-target": (
        [
            machine(A={"Type": "Pass", "Next": "B"}),
            machine(A=task(Catch=[{"ErrorEquals": ALL, "Next": "B"}])),
            machine(A={"Type": "Choice", "Choices": [], "Default": "Z"}),
            machine(A={**DONE, "Type": "Choice"}),
            machine(A=each(machine("B", B={"Type": "Pass", "Next": "C"})), C=PASS),
        ],
        [machine(A={"Type": "Pass", "Next": "B"}, B=PASS)],
    ),
    "asl.next-or-end": (
        [
            machine(A={"Type": "Pass"}),
            machine(A={"Type": "Pass", "End": False}),
            machine(A={"Type": "Pass", "End": "true"}),
            machine(A={"Type": "Pass", "Next": 5}),
            machine(A={**DONE, "Type": "Choice", "Default": ["D"]}, D=PASS),
            machine(A={"Type": "Pass", "Next": "B", "End": True}, B=PASS),
            machine(A={"Type": "Succeed", "Next": "D"}, D=PASS),
            machine(A={**DONE, "Type": "Choice", "Next": "D"}, D=PASS),
            machine(A={**DONE, "Type": "Choice", "End": True}, D=PASS),
        ],
        [
            machine(A=PASS),
            machine(A={"Type": "Succeed"}),
            machine(A={**DONE, "Type": "Choice"}, D=PASS),
        ],
    ),
    "asl.needless-end": (
        [machine(A={"Type": "Succeed", "End": True}), machine(A={"Type": "Fail", "End": True})],
        [machine(A=PASS), machine(A={"Type": "Succeed", "End": False})],
    ),
    "asl.end-state": (
        [LOOP | {"States": {k: v for k, v in LOOP["States"].items() if k != "D"}}],
        [LOOP],
    ),
    "asl.state-type": (
        [
            machine(A={"Type": "Taks", **END}),
            machine(A=END),
            machine(A={"Type": ["Pass"], **END}),
            machine(A="Pass"),
        ],
        [machine(A=PASS)],
    ),
    "asl.required-field": (
        [
            machine(A={"Type": "Task", **END}),
            machine(A={"Type": "Map", **END}),
            machine(A={**each(machine("B", B=PASS)), "Iterator": machine("B", B=PASS)}),
            machine(A=parallel()),
            machine(A={"Type": "Wait", **END}),
            machine(A={"Type": "Wait", "Seconds": 1, "Timestamp": "2030-01-01T00:00:00Z", **END}),
            machine(A={"Type": "Choice", "Default": "B"}, B=PASS),
            machine(A={"Type": "Choice", "Choices": [{"Variable": "$.a"}], "Default": "B"}, B=PASS),
            machine(A=jsonata(Type="Choice", Choices=[{"Next": "B"}]), B=PASS),
        ],
        [
            machine(A=task()),
            machine(A={"Type": "Wait", "SecondsPath": "$.s", **END}),
            machine(A=jsonata(Type="Choice", Choices=[{"Condition": True, "Next": "B"}]), B=PASS),
        ],
    ),
    "asl.query-language": (
        [
            machine(A=jsonata(InputPath="$.a")),
            machine(A={**PASS, "Output": 1}),
            machine(A={**PASS, "QueryLanguage": "JMESPath"}),
            machine("A", {"QueryLanguage": "jsonpath"}, A=PASS),
            machine("A", {"QueryLanguage": "JSONata"}, A={**PASS, "QueryLanguage": "JSONPath"}),
            machine("A", {"QueryLanguage": "JSONata"}, A=each(machine("B", B=PASS))),
        ],
        [
            machine(A=jsonata(Output=1)),
            machine(A={**PASS, "InputPath": "$.a"}),
            machine("A", {"QueryLanguage": "JSONata"}, A={**PASS, "Output": 1}),
        ],
    ),
    "asl.text": (
        [
            machine(A={"Type": "Fail", "Error": 404}),
            machine(A={"Type": "Fail", "Cause": None}),
            machine("A", {"Version": "1"}, A=PASS),
        ],
        [
            machine(A={"Type": "Fail", "Error": "404", "Cause": ""}),
            machine(A={"Type": "Fail"}),
            machine("A", {"Version": "1.0"}, A=PASS),
        ],
    ),
    "asl.error-handlers": (
        [machine(A=task(Retry=[retrier])) for retrier in WRONG_RETRIERS]
        + [
            machine(A=task(Retry={"ErrorEquals": ALL})),
            machine(A=task(Retry=[{"ErrorEquals": [1]}])),
            machine(A=task(Retry=[{"ErrorEquals": ALL, "IntervalSeconds": "2"}])),
        ]
        + [
            machine(A=task(Retry=[{"ErrorEquals": ALL}, {"ErrorEquals": ["States.Timeout"]}])),
            machine(A=task(Catch=[{"ErrorEquals": ALL}])),
            machine(
                A=task(
                    Catch=[
                        {"ErrorEquals": ALL, "Next": "B"},
                        {"ErrorEquals": ["X"], "Next": "B"},
                    ]
                ),
                B=PASS,
            ),
        ],
        [
            machine(A=task(Retry=[{"ErrorEquals": ["X", "Y"]}, {"ErrorEquals": ALL}])),
            machine(A=task(Retry=[*BATCH_RETRY, {"ErrorEquals": ALL, "MaxAttempts": 0}])),
            machine(A=task(Retry=[{"ErrorEquals": ALL, "IntervalSeconds": "${Seconds}"}])),
            machine(A=task(Catch=[{"ErrorEquals": ALL, "Next": "B"}]), B=PASS),
        ],
    ),
    "asl.misplaced-field": (
        [
            machine(A={**PASS, "Catch": [{"ErrorEquals": ALL, "Next": "B"}]}, B=PASS),
            machine(A={"Type": "Wait", "Seconds": 1, "ResultPath": None, **END}),
            machine(A={"Type": "Succeed", "Assign": {"a": 1}}),
            machine(A={"Type": "Fail", "OutputPath": "$.a"}),
            machine(A=parallel(machine("B", B=PASS)) | {"TimeoutSeconds": 5}),
            machine(A=each(machine("B", {"QueryLanguage": "JSONata"}, B=PASS))),
            machine(A=parallel(machine("B", {"TimeoutSeconds": 5}, B=PASS))),
        ],
        [
            machine("A", {"TimeoutSeconds": 5, "QueryLanguage": "JSONPath"}, A=PASS),
            machine(A={"Type": "Succeed", "InputPath": "$.a", "OutputPath": "$.b"}),
            machine(A=each(machine("B", {"ProcessorConfig": {"Mode": "INLINE"}}, B=PASS))),
            machine(A=task(TimeoutSeconds=5, Catch=[{"ErrorEquals": ALL, "Next": "B"}]), B=PASS),
            # A name that no state has: asl.unknown-field tells it.
            machine(A={**PASS, "Cache": []}),
        ],
    ),
    "asl.unknown-field": (
        [
            machine("A", {"Timeout": 5}, A=PASS),
            machine(A=task(ResultsPath="$.a")),
            machine(A=task(Retry=[{"ErrorEquals": ALL, "IntervalSecond": 1}])),
            machine(A=task(Catch=[{"ErrorEquals": ALL, "Next": "B", "Nxt": "C"}]), B=PASS),
            machine(A=jsonata(Type="Choice", Choices=[CONDITION | {"Variable": "$.a"}]), B=PASS),
            machine(A=parallel(machine("B", {"ProcessorConfig": {}}, B=PASS))),
            machine(A=distributed(machine("B", B=PASS), ItemReader={"Bucket": "b"})),
            machine(
                A=distributed(
                    machine("B", B=PASS), ItemReader=READER | {"ReaderConfig": {"Max": 1}}
                )
            ),
            machine(A=distributed(machine("B", B=PASS), ResultWriter={"Prefix": "b"})),
            machine(A=distributed(machine("B", B=PASS), ItemBatcher={"MaxItems": 5})),
            machine(A=each(machine("B", {"ProcessorConfig": {"Concurrency": 1}}, B=PASS))),
        ],
        [
            machine("A", {"TimeoutSeconds": 5, "Version": "1.0", "Comment": "c"}, A=PASS),
            machine(A=task(Credentials={"RoleArn": "arn"}, TimeoutSecondsPath="$.a")),
            machine(A=task(Retry=[{"ErrorEquals": ALL, "Comment": "c", "JitterStrategy": "FULL"}])),
            machine(A={"Type": "Fail", "ErrorPath": "$.a", "Cause": "c"}),
            machine(A=jsonata(Type="Choice", Choices=[CONDITION | {"Comment": "c"}]), B=PASS),
            machine(
                A=distributed(
                    machine("B", {"Comment": "c"}, B=PASS),
                    ItemReader=READER | {"ReaderConfig": {"InputType": "JSON", "MaxItems": 5}},
                    ItemBatcher={"MaxItemsPerBatch": 5, "BatchInput": {"any": 1}},
                    ResultWriter={"Resource": S3, "Parameters": {"Prefix": "b"}},
                    Label="label",
                )
            ),
            # Of a type that there is not: asl.state-type tells it.
            machine(A={"Type": "Pas", "Anything": 1}),
        ],
    ),
    "asl.conflicting-fields": (
        [
            machine(A=task(TimeoutSeconds=5, TimeoutSecondsPath="$.a")),
            machine(A={"Type": "Fail", "Error": "E", "ErrorPath": "$.a"}),
            machine(A=each(machine("B", B=PASS), MaxConcurrency=5, MaxConcurrencyPath="$.a")),
        ],
        [
            machine(A=task(TimeoutSeconds=5, HeartbeatSecondsPath="$.a")),
            machine(A={"Type": "Fail", "Error": "E", "CausePath": "$.a"}),
        ],
    ),
    "asl.repeated-field": (
        [
            CheckedDefinition(machine(A=PASS), repeated=("/States/A/End",)),
            CheckedDefinition(machine(A=PASS), repeated=("/States/A",)),
        ],
        [CheckedDefinition(machine(A=PASS))],
    ),
    "asl.express": (
        [
            CheckedDefinition(machine(A=task(BATCH)), express=True),
            CheckedDefinition(machine(A=task(START)), express=True),
            CheckedDefinition(machine(A=parallel(machine("B", B=task(BATCH)))), express=True),
            CheckedDefinition(machine(A=distributed(machine("B", B=PASS))), express=True),
            CheckedDefinition(machine(A=task(ACTIVITY)), express=True),
            machine(A=of_express(machine("B", B=task(BATCH)))),
            machine(A=of_express(machine("B", B=each(machine("C", C=task(BATCH)))))),
        ],
        [
            CheckedDefinition(machine(A=task(S3)), express=True),
            CheckedDefinition(machine(A=each(machine("B", B=task(S3)))), express=True),
            machine(A=task(BATCH)),
            machine(A=distributed(machine("B", B=task(BATCH)))),
            machine(A=of_express(machine("B", B=task(S3)))),
        ],
    ),
    "asl.map-settings": (
        [
            machine(A=each(machine("B", {"ProcessorConfig": {"Mode": "DISTRIBUTED"}}, B=PASS))),
            machine(A=each(machine("B", {"ProcessorConfig": {"Mode": "Inline"}}, B=PASS))),
            machine(
                A=each(machine("B", {"ProcessorConfig": {"ExecutionType": "EXPRESS"}}, B=PASS))
            ),
            machine(A=each(machine("B", B=PASS), MaxConcurrency=-1)),
            machine(A=each(machine("B", B=PASS), MaxConcurrency=1.5)),
            machine(A=distributed(machine("B", B=PASS), ToleratedFailurePercentage=101)),
            machine(A=distributed(machine("B", B=PASS), ToleratedFailureCount=True)),
        ],
        [
            machine(A=each(machine("B", {"ProcessorConfig": {"Mode": "INLINE"}}, B=PASS))),
            machine(A=each(machine("B", B=PASS), MaxConcurrency=0)),
            machine(A=each(machine("B", {"ProcessorConfig": {"Mode": "${Mode}"}}, B=PASS))),
            machine(A=of_express(machine("B", B=PASS), ToleratedFailurePercentage=0.5)),
            machine(A=distributed(machine("B", B=PASS), ToleratedFailureCount="${Count}")),
        ],
    ),
    "asl.distributed-only": (
        [
            machine(A=each(machine("B", B=PASS), ItemReader=READER)),
            machine(A=each(machine("B", B=PASS), ItemBatcher={"MaxItemsPerBatch": 1})),
            machine(A=each(machine("B", B=PASS), ResultWriter=WRITER)),
        ],
        [
            machine(A=distributed(machine("B", B=PASS), ItemReader=READER, ResultWriter=WRITER)),
            machine(
                A=each(machine("B", {"ProcessorConfig": {"Mode": "${M}"}}, B=PASS), Label="l"),
            ),
        ],
    ),
    "asl.idle-field": (
        [
            machine(A=each(machine("B", B=PASS), Label="l")),
            machine(A=each(machine("B", B=PASS), ToleratedFailureCount=1)),
        ],
        [machine(A=distributed(machine("B", B=PASS), Label="l", ToleratedFailureCount=1))],
    ),
    "asl.distributed-settings": (
        [machine(A=distributed(machine("B", B=PASS), **fields)) for fields in WRONG_SETTINGS]
        + [
            machine(
                A=distributed(machine("B", B=PASS), Label="l", Next="C"),
                C=distributed(machine("D", D=PASS), Label="l"),
            )
        ],
        [
            machine(A=distributed(machine("B", B=PASS), ItemReader=READER, Label="l")),
            machine(A=distributed(machine("B", B=PASS), ResultWriter=WRITER)),
        ],
    ),
    "asl.path": (
        [
            machine(A={**PASS, "Parameters": {"deep": [{"a.$": value}]}})
            for value in (
                "a",
                "",
                5,
                {"b": 1},
                "$.a[",
                "$.",
                "States.Fromat('{}', $.a)",
                "States.Format('{}', $.a",
                "States.MathAdd($.a)",
                "states.UUID()",
                "$.a[?(@.b = 1)]",
                "$.a[?(@.b == 1 and @.c)]",
            )
        ]
        + [machine(A=task(ResultPath=path)) for path in ("$.a[*]", "$..a", "a", "$$.a", "$x", 5)]
        + [
            machine(A=task(Catch=[{"ErrorEquals": ALL, "ResultPath": "$.*", "Next": "B"}]), B=PASS),
            machine(A={**PASS, "InputPath": "a"}),
            machine(A={**PASS, "Assign": {"x.$": "$.a["}}),
            choice({"Variable": "a", "IsNull": True}),
            choice({"Variable": "$.a", "NumericEqualsPath": "$.b["}),
        ],
        [
            machine(A={**PASS, "Parameters": {"deep": [{"a.$": value}]}})
            for value in (
                "$",
                "$.a['b c'][0].d",
                "$.a[?(@.b == 'x')]..c",
                "$$.Map.Item.Value",
                "$x.y",
                "States.Format('{} \\'{}\\'', $.a, States.UUID())",
                "$.${Field}",
                "$.@type",
                "$.sum($.a)",
            )
        ]
        + [machine(A=task(ResultPath=path)) for path in ("$", "$.a.b", "$.a[0]['b c']", None)]
        + [
            machine(A={**PASS, "Result": {"a.$": "no path"}}),
            machine(A={**PASS, "Parameters": {"ImagePath": "/a", "Variable": "v"}}),
            machine(A={**PASS, "InputPath": None, "OutputPath": "$.a"}),
        ],
    ),
    "asl.jsonata-delimiters": (
        [machine(A=jsonata(Output={"deep": [text]})) for text in ("{% $x", "$x %}", "{%}")],
        [
            machine(A=jsonata(Output={"deep": [text]}))
            for text in ("{% 1 %}", "{% 'a' &\n 'b' %}", "100%", "${Open} 1 %}", "{% 1 ${Close}")
        ]
        + [
            machine(A=jsonata(Comment="{% no")),
            machine(A={**PASS, "Parameters": {"a": "{% no"}}),
        ],
    ),
    "asl.jsonata-blanks": (
        [machine(A=jsonata(Output=text)) for text in (" {% 1 %}", "{% 1 %} ", " {% 1 %}\n")],
        [machine(A=jsonata(Output=text)) for text in ("{% 1 %}", "a {% 1 %}", " 1 ", " {% 1")],
    ),
    "asl.jsonata": (
        [machine(A=jsonata(Output=f"{{% {text} %}}")) for text in ("", "1 +", "$f(", "a == b")],
        [
            machine(A=jsonata(Output=f"{{% {text} %}}"))
            for text in ("1 + ${Count}", "$f", "$match('a', /(?<b>a)/)", "a.b[c = 'd']")
        ]
        + [machine(A={**PASS, "Parameters": {"a": "{% 1 + %}"}})],
    ),
    "asl.jsonata-function": (
        [
            machine(A=jsonata(Output=f"{{% {text} %}}"))
            for text in (
                "$upper(1)",
                "$sum(1, 2)",
                "sum([1])",
                "$map([1])",
                "$range(1, 5)",
                "$count()",
            )
        ],
        [
            machine(A=jsonata(Output=f"{{% {text} %}}"))
            for text in (
                "$uppercase('a')",
                "($upper := $uppercase; $upper('a'))",
                "$now()",
                "[1] ~> $map(function($v) { $v })",
                "['a'].$uppercase()",
                "[1] ~> $sum()",
            )
        ],
    ),
    "asl.jsonata-field": (
        [
            machine(A=jsonata(Type="Choice", Choices=[{"Condition": "yes", "Next": "B"}]), B=PASS),
            machine(A=jsonata(Type="Choice", Choices=[{"Condition": 1, "Next": "B"}]), B=PASS),
            machine(A=jsonata(**each(machine("B", B=PASS)), Items="$states.input.a")),
        ],
        [
            machine(A=jsonata(Type="Choice", Choices=[{"Condition": True, "Next": "B"}]), B=PASS),
            machine(A=jsonata(Type="Choice", Choices=[CONDITION]), B=PASS),
            machine(A=jsonata(**each(machine("B", B=PASS)), Items="{% [1, 2] %}")),
            machine(A=jsonata(**each(machine("B", B=PASS)), Items={"a": 1})),
            machine(A=jsonata(**each(machine("B", B=PASS)), Items="${Items}")),
        ],
    ),
    "asl.jsonata-origin": (
        [
            machine(A=jsonata(Output=f"{{% {text} %}}"))
            for text in ("a.b", "$.a", "$$.a", "$sum(a)", "{'x': [b]}", "$", "a ? 1 : 2")
        ],
        [
            machine(A=jsonata(Output=f"{{% {text} %}}"))
            for text in (
                "$states.input.a[b = 1].c",
                "$map($states.input, function($v) { a })",
                "$states.input.list.{'a': b, 'c': $}",
                "$states.input.(a & b)",
                "$states.input ~> |a|{'b': c}|",
                "$states.input^(a)",
                "$append($states.input.a, [])[Name = 'x'].Value",
                "($states.input.a)[Name = 'x']",
                "$states.input.a{Name: $sum(Value)}",
                "$states.input.a ~> $filter(function($x) { $x.Name = 'a' })",
                "[$states.input.a][Name = 'x']",
                "{'a': 1}",
            )
        ],
    ),
    "asl.context-field": (
        [
            machine(A={**PASS, "InputPath": "$$.Execution.Arn"}),
            machine(A={**PASS, "InputPath": "$$['Excution']"}),
            machine(A=jsonata(Output="{% $states.context.Task.Id %}")),
        ],
        [
            machine(A={**PASS, "InputPath": "$$.Execution.Input.anything"}),
            machine(A={**PASS, "InputPath": "$$"}),
        ],
    ),
    "asl.context-place": (
        [
            machine(A={**PASS, "InputPath": "$$.Map.Item.Value"}),
            machine(A=jsonata(Output="{% $states.errorOutput %}")),
            machine(A=jsonata(Type="Task", Resource=S3, Arguments="{% $states.result %}")),
        ],
        [
            machine(A=each(machine("B", B={**PASS, "InputPath": "$$.Map.Item.Value.a"}))),
            machine(A=jsonata(Output="{% $exists($states.result) ? 1 : 2 %}")),
            machine(A=jsonata(Type="Task", Resource=S3, Output="{% $states.result %}")),
            machine(
                A=jsonata(
                    Type="Task",
                    Resource=S3,
                    Catch=[
                        {"ErrorEquals": ALL, "Output": "{% $states.errorOutput %}", "Next": "B"}
                    ],
                ),
                B=PASS,
            ),
        ],
    ),
    "asl.literal-expression": (
        [
            machine(A={**PASS, "Parameters": {"a": value}})
            for value in ("$.a", "$$.State.Name", "States.UUID()", ["$.a"], "{% 1 %}")
        ]
        + [
            machine(A=ASSIGN, B={**PASS, "Parameters": {"a": "$x"}}),
            machine(A=jsonata(Output="$states.input")),
            machine(A=jsonata(Output="{% $states.input.a %} rows")),
            machine(A=jsonata(Output={"a": "Dear {% $states.input.name %}, hello"})),
            choice({"Not": {"Variable": "$.a", "StringEquals": "$.b"}}),
        ],
        [
            machine(A={**PASS, "Parameters": {"a": value}})
            for value in ("$", "$x", "$5", "States.Of.America", "$.a or $.b c", "${A}")
        ]
        + [
            machine(A={**PASS, "Parameters": {"JsonPath": "$.a", "Query": {"a": "$.b"}}}),
            machine(A={**PASS, "Result": {"a": "$.a"}}),
            machine(A=jsonata(Output="costs $states")),
            machine(A=jsonata(Output="costs {% less %}")),
        ],
    ),
    "asl.choice-comparison": (
        [choice(rule) for rule in WRONG_RULES],
        [
            choice(rule)
            for rule in (
                {"Variable": "$.a", "NumericEquals": 3.5, "Comment": "c", "Assign": {"x": 1}},
                {"Variable": "$.a", "NumericEquals": "${Limit}"},
                {"Variable": "$.a", "NumericLessThanEqualsPath": "$.b"},
                {"Variable": "$.a", "StringMatches": "a*"},
                {"Variable": "$.a", "BooleanEquals": False},
                {"Variable": "$.a", "TimestampLessThan": "2030-01-31T12:00:00.5+01:00"},
                {
                    "And": [
                        {"Variable": "$.a", "IsPresent": True},
                        {"Not": {"Variable": "$.a", "IsTimestamp": True}},
                    ]
                },
            )
        ]
        + [machine(A=jsonata(Type="Choice", Choices=[{"Condition": True, "Next": "B"}]), B=PASS)],
    ),
    "asl.seconds": (
        [
            machine(A={"Type": "Wait", "Seconds": -5, **END}),
            machine(A={"Type": "Wait", "Seconds": "5", **END}),
            machine(A={"Type": "Wait", "Seconds": 1.5, **END}),
            machine(A={"Type": "Wait", "Seconds": float("inf"), **END}),
            machine(A={"Type": "Wait", "Seconds": True, **END}),
            machine(A={"Type": "Wait", "Seconds": 100_000_000, **END}),
            machine(A=task(TimeoutSeconds=0)),
            machine(A=task(TimeoutSeconds=60, HeartbeatSeconds=60)),
            machine("A", {"TimeoutSeconds": -1}, A=PASS),
        ],
        [
            machine(A={"Type": "Wait", "Seconds": 0, **END}),
            machine(A={"Type": "Wait", "Seconds": "${Pause}", **END}),
            machine(A=jsonata(Type="Wait", Seconds="{% $states.input.s %}")),
            machine(A=task(TimeoutSeconds=60, HeartbeatSeconds=59)),
            machine(A=task(HeartbeatSeconds=60)),
            machine(A=jsonata(**task(TimeoutSeconds="{% 5 %}", HeartbeatSeconds=60))),
            machine("A", {"TimeoutSeconds": 60}, A=PASS),
        ],
    ),
    "asl.unreachable-state": (
        [
            machine(A=PASS, B=PASS),
            # Two states that lead to each other alone.
            machine(A=PASS, B={"Type": "Pass", "Next": "C"}, C={"Type": "Pass", "Next": "B"}),
            machine(A=parallel(machine("B", B=PASS, C=PASS))),
        ],
        [
            machine(A=task(Catch=[{"ErrorEquals": ALL, "Next": "B"}]), B=PASS),
            machine(A={**DONE, "Type": "Choice", "Default": "B"}, B=PASS, D=PASS),
        ],
    ),
    "asl.state-name-length": (
        [machine("x" * 81, **{"x" * 81: PASS})],
        [machine("x" * 80, **{"x" * 80: PASS})],
    ),
    "asl.state-name-unique": (
        [
            machine(A=each(machine("A", A=PASS))),
            machine(A=parallel(machine("B", B=PASS), machine("B", B=PASS))),
        ],
        [machine(A=parallel(machine("B", B=PASS), machine("C", C=PASS)))],
    ),
    "asl.definition-size": (
        [machine(A={**PASS, "Comment": "x" * 1_048_576})],
        [machine(A={**PASS, "Comment": "x" * 1_000_000})],
    ),
    "asl.collected-results": (
        [
            machine(A={**each(machine("B", B=PASS)), "ResultPath": "$.results"}),
            machine(A={**distributed(machine("B", B=PASS)), "ResultPath": "$"}),
            machine(
                A=jsonata(
                    Type="Map", Items="{% $states.input %}", ItemProcessor=machine("B", B=PASS)
                )
            ),
        ],
        [
            machine(A=each(machine("B", B=PASS))),
            machine(A={**distributed(machine("B", B=PASS)), "ResultPath": "$", "ResultWriter": {}}),
            machine(A={**each(machine("B", B={**PASS, "Result": {}})), "ResultPath": "$"}),
            machine(A=jsonata(Type="Map", Items=[1, 2], ItemProcessor=machine("B", B=PASS))),
            machine(
                A=jsonata(
                    Type="Map",
                    Items="{% $states.input %}",
                    ItemProcessor=machine("B", B=PASS),
                    Output="{% $count($states.result) %}",
                )
            ),
        ],
    ),
    "asl.whole-response": (
        [
            machine(A=task(START, ResultPath="$.child")),
            machine(
                A=jsonata(
                    Type="Task",
                    Resource="arn:aws:states:::aws-sdk:s3:listObjectsV2",
                    Output="{% $merge([$states.input, {'all': 1}, $states.result]) %}",
                )
            ),
        ],
        [
            machine(A=task(START)),
            machine(A=task(START, ResultPath=None)),
            machine(A=task(START, ResultPath="$.child", ResultSelector={"a.$": "$.Output.a"})),
            machine(
                A=jsonata(
                    Type="Task",
                    Resource="arn:aws:states:::aws-sdk:s3:listObjectsV2",
                    Output="{% $merge([$states.input, {'n': $states.result.KeyCount}]) %}",
                )
            ),
            machine(A=task("arn:aws:states:::sqs:sendMessage", ResultPath="$.sent")),
        ],
    ),
    "asl.copied-input": (
        [
            machine(A=parallel(machine("B", B=PASS), machine("C", C=PASS), ResultPath="$.both")),
            machine(A=parallel(machine("B", B=PASS), machine("C", C=task(ResultPath=None)))),
        ],
        [
            machine(A=parallel(machine("B", B=PASS), machine("C", C=PASS), ResultPath=None)),
            machine(A=parallel(machine("B", B=PASS), machine("C", C=task()))),
            machine(A=parallel(machine("B", B=PASS), OutputPath="$[0]")),
        ],
    ),
    "asl.growing-loop": (
        [
            appending("{% $append($list, $n) %}"),
            appending("{% [$list, $n] %}"),
            appending("{% $list & 'x' %}"),
        ],
        [
            appending("{% $append($states.input, $n) %}"),
            appending("{% $merge([$list, {'n': $n}]) %}"),
            appending("{% $n & '$list & x' %}"),
        ],
    ),
    "asl.history-events": (
        [
            # 2 + 5 * 2 events an item: 2,081 items.
            machine(A=each(chain(5))),
            machine(A=jsonata(Type="Map", Items=[1] * 3000, ItemProcessor=chain(4), Output=0)),
            # 100 inner items for each of 100 are 10,000.
            machine(A=each(machine("B", B=each(chain(1))))),
            machine(A=distributed(machine("B", B=each(chain(5))))),
        ],
        [
            machine(A=each(chain(3))),
            machine(A=distributed(chain(5))),
            # Each item of the outer Map has a history of its own.
            machine(A=distributed(machine("B", B=each(chain(2))))),
            machine(A=each(machine("B", B=distributed(machine("C", C=each(chain(2))))))),
            machine(A=jsonata(Type="Map", Items=[1] * 2000, ItemProcessor=chain(4), Output=0)),
            CheckedDefinition(machine(A=each(chain(5))), express=True),
            # A batch has 100 items at most.
            machine(
                A=distributed(
                    machine("B", B=each(chain(5), ItemsPath="$.Items")),
                    ItemBatcher={"MaxItemsPerBatch": 100},
                )
            ),
        ],
    ),
    "asl.unbounded-loop": (
        [LOOP, SLOW_ENDLESS_LOOP, machine(A=parallel(LOOP))],
        [
            COUNTED_LOOP,
            TIMED_LOOP,
            appending("{% $n %}"),
            CheckedDefinition(LOOP, express=True),
        ],
    ),
    "asl.variable-name": (
        [
            machine(A={**PASS, "Assign": {name: 1}})
            for name in ("a-b", "$a", "states", "states.$", "1st", "x" * 81, "")
        ],
        [
            machine(A={**PASS, "Assign": {name: 1}})
            for name in ("a_b", "_a", "naïve", "state", "x" * 80, "${Name}")
        ],
    ),
    "asl.unassigned-variable": (
        [
            machine(A={**PASS, "Parameters": {"a.$": "$x"}}),
            machine(A={**PASS, "Parameters": {"a.$": "States.Format('{}$no', $x.y[0])"}}),
            machine(A={**PASS, "InputPath": "$x"}),
            machine(A=jsonata(Output={"deep": ["{% $uppercase($x.y) %}"]})),
            # On one way nothing assigns it before, on the other after.
            machine(A={**PASS, "Assign": {"x.$": "$x"}}),
            # What a branch assigns ends with the branch.
            machine(
                A=parallel(machine("B", B={**PASS, "Assign": {"x": 1}}), Next="C"),
                C={**PASS, "InputPath": "$x"},
            ),
            # A caught error comes before the state's own Assign.
            machine(
                A=task(Assign={"x": 1}, Catch=[{"ErrorEquals": ALL, "Next": "B"}]),
                B={**PASS, "InputPath": "$x"},
            ),
        ],
        [
            machine(A=ASSIGN, B=jsonata(Output="{% $x %}")),
            machine(
                A=task(Catch=[{"ErrorEquals": ALL, "Assign": {"x": 1}, "Next": "B"}]),
                B={**PASS, "InputPath": "$x"},
            ),
            # Variables are seen inside an inline Map.
            machine(
                A=ASSIGN,
                B=each(machine("C", C={**PASS, "InputPath": "$x"})),
            ),
            machine(
                A={
                    "Type": "Choice",
                    "Choices": [
                        {"Variable": "$.a", "IsNull": True, "Assign": {"x": 1}, "Next": "B"}
                    ],
                },
                B={**PASS, "Parameters": {"a.$": "$x"}},
            ),
            machine(A={**PASS, "Result": {"a.$": "$x"}, "Comment": "{% $x %}"}),
            *(
                machine(A=jsonata(Output=f"{{% {expression} %}}"))
                for expression in (
                    "$exists($x) ? $x : 0",
                    "($x := 1; $x + $x)",
                    "$map($states.input, function($x, $i) { $x & $i })",
                    "$states.input.a ~> $uppercase",
                    "'$x' & \"$x\" & `$x`",
                    "/* $x */ 1",
                    '$contains($states.input.a, /[$x"]$x/)',
                    "$map($states.input, $string)",
                    "$states.input@$x.{'a': $x}",
                )
            ),
            machine(
                A={**PASS, "Parameters": {"a.$": "$$.Execution.Name", "b.$": "$.x", "c.$": "$"}}
            ),
        ],
    ),
    "asl.distributed-map-variable": (
        [
            machine(
                A=ASSIGN,
                B=distributed(machine("C", C={**PASS, "InputPath": "$x"})),
            )
        ],
        [
            machine(
                A=ASSIGN,
                B=distributed(
                    machine("C", C={**PASS, "InputPath": "$.x"}), ItemSelector={"x.$": "$x"}
                ),
            ),
            machine(
                A=distributed(
                    machine(
                        "B",
                        B={"Type": "Pass", "Assign": {"x": 1}, "Next": "C"},
                        C={**PASS, "InputPath": "$x"},
                    )
                )
            ),
        ],
    ),
    "asl.variable-scope": (
        [
            machine(
                A=ASSIGN,
                B=each(machine("C", C={**PASS, "InputPath": "$x", "Assign": {"x": 2}})),
            )
        ],
        [
            machine(
                A=ASSIGN,
                B=each(
                    machine(
                        "C",
                        C={"Type": "Pass", "Assign": {"y.$": "$x"}, "Next": "D"},
                        D={**PASS, "InputPath": "$y"},
                    )
                ),
            )
        ],
    ),
    "asl.unread-variable": (
        [
            machine(A={**PASS, "Assign": {"x": 1}}),
            machine(A={**PASS, "Assign": {"x.$": "$.a"}, "Parameters": {"a": "$x"}}),
            machine(A=jsonata(Assign={"x": 1}, Output="{% '$x' %}")),
        ],
        [
            machine(A=ASSIGN, B={**PASS, "OutputPath": "$x"}),
            machine(
                A=ASSIGN,
                B=jsonata(Type="Choice", Choices=[{"Condition": "{% $x = 1 %}", "Next": "C"}]),
                C=PASS,
            ),
            machine(
                A=jsonata(Assign={"x": 1}, Next="B"), B=jsonata(Output="{% $exists($x) ? 1 : 2 %}")
            ),
        ],
    ),
    "asl.error-name": (
        [machine(A=task(Retry=[{"ErrorEquals": ["States.TaskFail"]}]))],
        [machine(A=task(Retry=[{"ErrorEquals": ["States.TaskFailed", "Mine", "Lambda.X"]}]))],
    ),
    "asl.missing-retry": (
        [
            machine(A=task(BATCH, Retry=[])),
            machine(A=task(BATCH, Retry=LAMBDA_RETRY)),
            machine(A=task(BATCH, Retry=[{**BATCH_RETRY[0], "MaxAttempts": 0}])),
            machine(A=task(BATCH, Retry=[{"ErrorEquals": ["Batch.TooManyRequestsException"]}])),
            machine(A=task("arn:aws:lambda:us-west-2:123456789012:function:f", Retry=[])),
            machine(A=task("arn:aws-cn:states:::aws-sdk:dynamodb:query", Retry=[])),
        ],
        [
            machine(A=task(BATCH, Retry=BATCH_RETRY)),
            machine(A=task(BATCH, Retry=[{"ErrorEquals": ["States.TaskFailed"]}])),
            machine(A=task(LAMBDA, Retry=[{"ErrorEquals": OF_THE_CONSOLE}])),
            machine(A=task(LAMBDA, Retry=[{"ErrorEquals": OF_CDK}])),
            machine(A=task("arn:aws:lambda:us-west-2:123456789012:function:f", Retry=LAMBDA_RETRY)),
            machine(
                A=task(
                    "arn:aws:states:::aws-sdk:dynamodb:getItem",
                    Retry=[{"ErrorEquals": ["DynamoDB.ThrottlingException"]}],
                )
            ),
            # What repeats the whole branch repeats the call.
            machine(A=parallel(machine("B", B=task(BATCH, Retry=[])), Retry=RETRY)),
            machine(A=task("arn:aws:states:us-west-2:123456789012:activity:a", Retry=[])),
            machine(A=task("${Function.Arn}", Retry=[])),
        ],
    ),
    "asl.service-integration": (
        [
            machine(A=task(resource))
            for resource in (
                "arn:aws:states:::lambda:invok",
                "arn:aws:states:::lamda:invoke",
                "arn:aws:states:::lambda:invoke.sync",
                "arn:aws:states:::batch:submitJob.sync:2",
                "arn:aws:states:::aws-sdk:batch:submitJob.sync",
                "arn:aws:states:::lambda",
                "lambda:invoke",
            )
        ],
        [
            machine(A=task(resource))
            for resource in (
                "arn:aws:states:::lambda:invoke.waitForTaskToken",
                "arn:aws-us-gov:states:::states:startExecution.sync:2",
                "arn:aws:states:::aws-sdk:sqs:sendMessage.waitForTaskToken",
                "arn:aws:lambda:us-west-2:123456789012:function:f",
                "arn:aws:states:us-west-2:123456789012:activity:a",
                "${Function.Arn}",
            )
        ],
    ),
    "asl.unknown-integration": (
        [
            machine(A=task(resource))
            for resource in (
                "arn:aws:states:::textract:analyzeDocument",
                "arn:aws:states:::glue:resetJobBookmark",
            )
        ],
        [
            machine(A=task(resource))
            for resource in (
                "arn:aws:states:::lamda:invoke",
                "arn:aws:states:::glue:startJobRun",
                "arn:aws:states:::aws-sdk:textract:analyzeDocument",
                "arn:aws:states:::${Service}:${Action}",
            )
        ],
    ),
    "asl.unlisted-action": (
        [
            machine(A=task(resource))
            for resource in (
                "arn:aws:states:::aws-sdk:cloudformation:setAlias",
                "arn:aws:states:::aws-sdk:nosuchservice:getThing",
            )
        ],
        [
            machine(A=task(resource))
            for resource in (
                "arn:aws:states:::aws-sdk:s3:headBucket",
                "arn:aws:states:::aws-sdk:geomaps:getTile",
                "arn:aws:states:::aws-sdk:${Service}:${Action}",
                "arn:aws:states:::textract:analyzeDocument",
            )
        ],
    ),
    "asl.deprecated-field": (
        [
            machine(A={"Type": "Map", "Iterator": machine("B", B=PASS), "ResultPath": None, **END}),
            machine(A=each(machine("B", B=PASS), Parameters={"a.$": "$.a"})),
        ],
        [machine(A=each(machine("B", B=PASS), ItemSelector={"a.$": "$.a"}))],
    ),
    "asl.required-parameter": (
        [
            machine(A=task(S3, Parameters={"Bucket": "b"})),
            machine(A=task(BATCH, Parameters={"JobName": "j", "JobQueue.$": "$.q"})),
            machine(A=jsonata(Type="Task", Resource=S3, Arguments={"Key": "k"})),
            machine(A=distributed(machine("B", B=PASS), ItemReader={**READER, "Parameters": {}})),
        ],
        [
            machine(A=task(S3, Parameters={"Bucket": "b", "Key.$": "$.k"})),
            machine(A=task(S3)),
            machine(A=task(S3, Parameters={"${Name}": "b"})),
            machine(A=jsonata(Type="Task", Resource=S3, Arguments="{% $states.input %}")),
            machine(A=task("arn:aws:states:::aws-sdk:ec2:runInstances", Parameters={})),
        ],
    ),
    "asl.unknown-parameter": (
        [
            machine(A=task(S3, Parameters={"Bucket": "b", "key": "k"})),
            machine(A=task(S3, Parameters={"Bucket": "b", "Key": "k", "Prefix": "p"})),
            machine(A=task(TOKEN, Parameters={"QueueURL": "q", "MessageBody.$": "$$.Task.Token"})),
        ],
        [
            machine(A=task(S3, Parameters={"Bucket": "b", "Key": "k", "SseCustomerKey": "p"})),
            machine(A=task("arn:aws:states:::aws-sdk:ec2:runInstances", Parameters={"a": 1})),
        ],
    ),
    "asl.task-token": (
        [
            machine(A=task(TOKEN, Parameters={"QueueUrl": "q", "MessageBody.$": "$.Task.Token"})),
            machine(A=task(TOKEN)),
        ],
        [
            machine(A=task(TOKEN, Parameters={"QueueUrl": "q", "MessageBody.$": path}))
            for path in ("$$.Task.Token", "$$", "$$.Task", "$$['Task']['Token']")
        ]
        + [machine(A=task(ACTIVITY)), machine(A=task(S3))],
    ),
    "asl.useless-token": (
        [
            machine(A=task(S3, Parameters={"Bucket": "b", "Key.$": "$$.Task.Token"})),
            machine(
                A=task(
                    "arn:aws:lambda:us-west-2:123456789012:function:f",
                    Parameters={"token.$": "$$.Task.Token"},
                )
            ),
            machine(
                A=jsonata(
                    Type="Task", Resource=S3, Arguments={"Key": "{% $states.context.Task.Token %}"}
                )
            ),
        ],
        [
            machine(A=task(TOKEN, Parameters={"QueueUrl": "q", "MessageBody.$": "$$.Task.Token"})),
            machine(A=task("${Resource}", Parameters={"Key.$": "$$.Task.Token"})),
        ],
    ),
    "asl.credentials": (
        [
            machine(A=task(Credentials=given))
            for given in ({}, None, {"RoleArn": "r"}, {"RoleArn": 5}, {"Role.$": "$.r"})
        ],
        [
            machine(A=task(Credentials={"RoleArn": "arn:aws-cn:iam::123456789012:role/p/r"})),
            machine(A=task(Credentials={"RoleArn.$": "$.r"})),
            machine(A=task(Credentials={"RoleArn": "${Role.Arn}"})),
            machine(A=task(Credentials="{% $states.input.credentials %}")),
        ],
    ),
    "asl.submit-job-size": (
        [
            machine(A=task(BATCH, Parameters={"JobName": "x" * 30_720})),
            calling(BATCH, written({"JobName": "x" * 30_720})),
        ],
        [
            machine(A=task(BATCH, Parameters={"JobName": "x" * 30_000})),
            machine(A=task(BATCH, Parameters={"JobName.$": "$." + "x" * 30_720})),
            machine(A=task(S3, Parameters={"Key": "x" * 30_720})),
        ],
    ),
    "asl.container-overrides-size": (
        [
            machine(A=task(BATCH, Parameters={"ContainerOverrides": overriding(8_143)})),
            machine(
                _top={"QueryLanguage": "JSONata"},
                A=task(BATCH, Arguments={"ContainerOverrides": overriding(8_143)}),
            ),
            calling(BATCH, {"ContainerOverrides": written(overriding(8_143))}),
            calling(BATCH, written({"ContainerOverrides": overriding(8_143)})),
            calling(
                BATCH,
                {
                    "ContainerOverrides": {
                        "Environment": "{% $append("
                        + json.dumps(overriding(8_143)["Environment"])
                        + ", $states.input.more) %}"
                    }
                },
            ),
            machine(
                A={**ASSIGN, "Assign": {"long": overriding(8_143)}},
                B=task(BATCH, Parameters={"ContainerOverrides.$": "$long"}),
            ),
            machine(
                _top={"QueryLanguage": "JSONata"},
                A={**ASSIGN, "Assign": {"long": written(overriding(8_143))}},
                B=task(
                    BATCH,
                    Arguments={"ContainerOverrides": {"Environment": "{% $long.Environment %}"}},
                ),
            ),
        ],
        [
            # Either may be there.
            machine(
                A={**ASSIGN, "Assign": {"long": overriding(8_143)}},
                B={**ASSIGN, "Assign": {"long": {}}, "Next": "C"},
                C=task(BATCH, Parameters={"ContainerOverrides.$": "$long"}),
            ),
            machine(A=task(BATCH, Parameters={"ContainerOverrides": overriding(8_142)})),
            # The text is as long as Batch's own: letters count, not their bytes.
            machine(A=task(BATCH, Parameters={"ContainerOverrides": overriding(8_142, "ä")})),
            machine(A=task(BATCH, Parameters={"ContainerOverrides.$": "$." + "x" * 8_192})),
            calling(BATCH, written({"ContainerOverrides": overriding(8_142)})),
            # Comments and names of the expression are not sent.
            calling(BATCH, "{% /* " + "x" * 8_192 + " */ $states.input %}"),
            machine(A=task(BATCH, Parameters={"Parameters": {"a": "x" * 8_192}})),
            machine(A=task(BATCH, Parameters={"JobName": "x"})),
        ],
    ),
    "asl.job-definition-size": (
        [
            machine(A=task(REGISTER, Parameters={"Tags": {"a": "x" * 24_576}})),
            calling(REGISTER, written({"Tags": {"a": "x" * 24_576}})),
            calling(REGISTER, {"Tags": written({"a": "x" * 24_576})}),
            job_definition({"Tags": {"a": "x" * 24_576}}),
            job_definition({"JobDefinitionName": "name", "Tags": {"a": "x" * 24_576}}, used=NAMED),
        ],
        [
            machine(A=task(REGISTER, Parameters={"Tags": {"a": "x" * 24_000}})),
            job_definition({"Tags": {"a": "x" * 24_000}}),
            job_definition({"Tags": {"a": "x" * 24_576}}, used="${OtherJob}"),
            job_definition({"JobDefinitionName": "me", "Tags": {"a": "x" * 24_576}}, used=NAMED),
        ],
    ),
    "asl.efs-volume-name": (
        [
            volumes("f" * 100, "v" * 39),
            registering("v" * 57),
            job_definition(
                {
                    "JobDefinitionName": {"Fn::Join": ["-", ["f" * 100, {"Ref": "Stage"}]]},
                    "ContainerProperties": {
                        "Volumes": [{"Name": "v" * 38, "EfsVolumeConfiguration": {}}]
                    },
                }
            ),
            machine(
                A=registers(
                    "{% '" + "f" * 100 + "' & $states.input.id %}",
                    [{"Name": "v" * 39, "EfsVolumeConfiguration": {}}],
                )
            ),
        ],
        [
            volumes("f" * 100, "v" * 38),
            registering("v" * 56),
            volumes("f" * 100, "v" * 39, kind="Host"),
            volumes("f" * 100, "{% " + "$" * 100 + " %}"),
        ],
    ),
    "asl.log-group-name": (
        [
            CheckedDefinition(machine(A=PASS), log_groups=(name,))
            for name in (
                "/aws/states/m",
                "/aws/vendedlogs",
                "${AWS::StackName}-Logs",
                "prefix-${Name}",
                "/aws/vendedlogx/${Name}",
            )
        ],
        [
            CheckedDefinition(machine(A=PASS), log_groups=names)
            for names in (
                (),
                ("/aws/vendedlogs/states/m",),
                ("/aws/vendedlogs/${Name}",),
                ("${Name}",),
                ("/aws/${Name}",),
            )
        ],
    ),
    "asl.unknown-reference": (
        [CheckedDefinition(machine(A=PASS), open_references=(OpenReference("${X}", in_sub=True),))],
        [
            CheckedDefinition(
                machine(A=PASS), open_references=(OpenReference("${X}", in_sub=False),)
            )
        ],
    ),
    "asl.open-substitution": (
        [
            CheckedDefinition(machine(A=PASS), open_references=(reference,))
            for reference in (
                OpenReference("${X}", in_sub=False),
                OpenReference("${X", in_sub=True, closed=False),
            )
        ],
        [CheckedDefinition(machine(A=PASS), open_references=(OpenReference("${X}", in_sub=True),))],
    ),
    "asl.missing-permission": (
        [with_role(Policies=allowing("s3:PutObject")), with_role(Policies=[])],
        [
            with_role(Policies=allowing("s3:GetObject")),
            with_role(Policies=allowing("s3:Get*")),
            # What they hold is not in the template.
            with_role(ManagedPolicyArns=["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"]),
        ],
    ),
    "asl.role-size": (
        [with_role(Policies=allowing("s3:GetObject", f"arn:aws:s3:::b/{'k' * 10_240}"))],
        [with_role(Policies=allowing("s3:GetObject", f"arn:aws:s3:::b/{'k' * 9_000}"))],
    ),
    "asl.role-policies": (
        [with_role(ManagedPolicyArns=[f"arn:aws:iam::aws:policy/P{n}" for n in range(11)])],
        [with_role(ManagedPolicyArns=[f"arn:aws:iam::aws:policy/P{n}" for n in range(10)])],
    ),
}

BREAKING = [
    pytest.param(rule, definition, id=f"{rule}-{index}")
    for rule, (breaking, _) in CASES.items()
    for index, definition in enumerate(breaking)
]
KEEPING = [
    pytest.param(rule, definition, id=f"{rule}-{index}")
    for rule, (_, keeping) in CASES.items()
    for index, definition in enumerate(keeping)
]


def found(definition: Any) -> set[str]:
    checked = definition
    if not isinstance(definition, CheckedDefinition):
        checked = CheckedDefinition(definition)
    report = run_checks(checked, builtin_checks())
    assert report.problems == ()
    for check, finding in report.findings:
        assert finding.place
        assert finding.message
        assert finding.remedy
        assert check.why
    return {check.id for check, _ in report.findings}


def test_every_rule_has_cases() -> None:
    assert list(CASES) == [check.id for check in builtin_checks()]


@pytest.mark.parametrize(("rule", "definition"), BREAKING)
def test_what_breaks_a_rule_is_found(rule: str, definition: Any) -> None:
    assert rule in found(definition)


@pytest.mark.parametrize(("rule", "definition"), KEEPING)
def test_what_keeps_a_rule_is_not_found(rule: str, definition: Any) -> None:
    assert rule not in found(definition)


@pytest.mark.parametrize(
    ("definition", "place", "message"),
    [
        (
            machine(A=each(chain(5))),
            "A",
            "an inline Map over a computed list writes 12 events an item: the history's 25,000 are "
            "reached at 2,081 items; a list of 256 KiB may have 2,621 of 100 bytes",
        ),
        (
            LOOP,
            "A",
            "a loop without a bound (A, B, C) writes 9 events a round: the history's 25,000 are "
            "reached in round 2,777, after 23.1 hours of waiting",
        ),
        (
            machine(A={**PASS, "Parameters": {"a.$": "States.Fromat('{}', $.a)"}}),
            "A",
            "there is no intrinsic function States.Fromat",
        ),
        (
            choice({"Or": [{"Variable": "$.a", "NumericEqual": 3}]}),
            "A",
            "Choices[0].Or[0] has NumericEqual, which is no operator; is NumericEquals meant?",
        ),
        (
            machine(A={"Type": "Pass", "Next": "Ende"}, End=PASS),
            "A",
            "Next is 'Ende', which is no state here; is 'End' meant?",
        ),
        (
            machine(A=each(machine("B", B={"Type": "Pass", "Next": "C"})), C=PASS),
            "B",
            "Next is 'C', which stands in another state machine, branch or item processor",
        ),
        (
            machine(
                A=task(
                    BATCH, Retry=[{**BATCH_RETRY[0], "ErrorEquals": ["Batch.AWSBatchException"]}]
                )
            ),
            "A",
            "Batch.TooManyRequestsException",
        ),
        (
            machine(A=task(BATCH, Parameters={"JobName": "x" * 40_000})),
            "A",
            "what it submits has 40,014 bytes without what is computed, Batch takes 30,720",
        ),
    ],
)
def test_a_finding_says_the_place_and_the_numbers(
    definition: Any, place: str, message: str
) -> None:
    report = run_checks(CheckedDefinition(definition), builtin_checks())
    assert any(
        finding.place == place and message in finding.message for _, finding in report.findings
    ), report.findings


def test_a_loop_with_a_negative_wait_waits_for_no_time() -> None:
    wait = {**LOOP["States"]["C"], "Seconds": -30}
    definition = {**LOOP, "States": {**LOOP["States"], "C": wait}}
    report = run_checks(CheckedDefinition(definition), builtin_checks())
    (message,) = (f.message for check, f in report.findings if check.id == "asl.unbounded-loop")
    assert message.endswith("are reached in round 2,777")
