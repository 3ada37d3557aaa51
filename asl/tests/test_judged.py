"""Small definitions with what a check says of each: nothing, a warning or an error.

Each stands for a kind; how it is known what AWS does with it is told where that is not its
documentation.
"""

from __future__ import annotations

from typing import Any

import pytest

from sfn_fragments_asl.checks import CheckedDefinition, builtin_checks, run_checks

END: dict[str, Any] = {"End": True}
RETRY = [{"ErrorEquals": ["States.ALL"]}]
LAMBDA = "arn:aws:states:::lambda:invoke"
PUBLISH = "arn:aws:states:::sns:publish"
SEND = "arn:aws:states:::sqs:sendMessage"
LIST = "arn:aws:states:::aws-sdk:s3:listBuckets"
ROLE = "arn:aws:iam::123456789012:role/r"
TOPIC = {"TopicArn": "arn:aws:sns:us-east-1:123456789012:t"}


def one(**fields: Any) -> dict[str, Any]:
    """A state machine of one state."""
    return {"StartAt": "A", "States": {"A": fields}}


def passing(**fields: Any) -> dict[str, Any]:
    return one(Type="Pass", **fields, **END)


def evaluating(value: str) -> dict[str, Any]:
    """A Pass state that evaluates a path or a function."""
    return passing(Parameters={"v.$": value})


def jsonata(**fields: Any) -> dict[str, Any]:
    return passing(QueryLanguage="JSONata", **fields)


def output(value: str) -> dict[str, Any]:
    return jsonata(Output={"deep": [value]})


def calling(resource: str, **fields: Any) -> dict[str, Any]:
    return one(Type="Task", Resource=resource, Retry=RETRY, **fields, **END)


def waiting(**fields: Any) -> dict[str, Any]:
    return one(Type="Wait", **fields, **END)


def branching(*rules: dict[str, Any]) -> dict[str, Any]:
    choices = [{**rule, "Next": "B"} for rule in rules]
    return {
        "StartAt": "A",
        "States": {"A": {"Type": "Choice", "Choices": choices}, "B": {"Type": "Succeed"}},
    }


def mapping(*, distributed: bool = True, **fields: Any) -> dict[str, Any]:
    config = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"} if distributed else {}
    inner = {"StartAt": "P", "States": {"P": {"Type": "Pass", **END}}}
    processor = {**inner, **({"ProcessorConfig": config} if config else {})}
    return one(Type="Map", ItemProcessor=processor, ResultPath=None, **fields, **END)


def reading(**config: Any) -> dict[str, Any]:
    reader = {"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": config}
    return mapping(ItemReader={**reader, "Parameters": {"Bucket": "bbb", "Key": "k"}})


def catching(*errors: str) -> dict[str, Any]:
    task = {"Type": "Task", "Resource": LAMBDA, "Parameters": {"FunctionName": "f"}, "Retry": RETRY}
    catcher = {"ErrorEquals": list(errors), "Next": "B"}
    return {
        "StartAt": "A",
        "States": {"A": {**task, "Catch": [catcher], **END}, "B": {"Type": "Succeed"}},
    }


SHARED_VARIABLE = {
    "StartAt": "A",
    "States": {
        "A": {
            "Type": "Parallel",
            "Branches": [
                {
                    "StartAt": "B",
                    "States": {
                        "B": {"Type": "Pass", "Assign": {"x": 1}, "Next": "C"},
                        "C": {"Type": "Pass", "Parameters": {"x.$": "$x"}, **END},
                    },
                }
            ],
            "Catch": [{"ErrorEquals": ["States.ALL"], "Assign": {"x": 2}, "Next": "D"}],
            **END,
        },
        "D": {"Type": "Pass", "Parameters": {"x.$": "$x"}, **END},
    },
}
NAMED_LIKE_BOOLEANS = {
    "StartAt": "on",
    "States": {
        "on": {"Type": "Pass", "Next": "null"},
        "null": {"Type": "Pass", "Next": "Yes"},
        "Yes": {"Type": "Succeed"},
    },
}
FILLED_IN = {
    "StartAt": "${First}",
    "QueryLanguage": "${Language}",
    "TimeoutSeconds": "${Timeout}",
    "States": {
        "A": {"Type": "Wait", "Seconds": "${Seconds}", "Next": "${Next}"},
        "B": {"Type": "Task", "Resource": "${Function}", "TimeoutSeconds": "${T}", "End": "${End}"},
        "C": {"Type": "Choice", "Choices": "${Rules}", "Default": "A"},
        "D": {"Type": "Map", "ItemProcessor": "${Processor}", "End": True},
        "E": {"Type": "Parallel", "Branches": "${Branches}", "End": True},
        "F": {
            "Type": "Task",
            "Resource": "arn:${AWS::Partition}:states:::${Service}:${Action}",
            "Parameters": "${Parameters}",
            "Credentials": "${Credentials}",
            "Retry": [{"ErrorEquals": "${Errors}", "JitterStrategy": "${Jitter}"}],
            "Catch": [{"ErrorEquals": ["${Error}"], "Next": "${Handler}"}],
            "ResultPath": "${Path}",
            "End": True,
        },
        "G": {"Type": "${Kind}", "End": True},
        "H": {"Type": "Wait", "Timestamp": "${Time}", "End": True},
        "I": {
            "Type": "Map",
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "${Mode}"},
                "StartAt": "P",
                "States": {"P": {"Type": "Pass", "End": True}},
            },
            "ItemReader": {"Resource": "${Reader}", "ReaderConfig": {"InputType": "${Type}"}},
            "ItemBatcher": {"MaxItemsPerBatch": "${Batch}"},
            "Label": "${Label}",
            "MaxConcurrency": "${Concurrency}",
            "End": True,
        },
    },
}

#: What is right, and what nothing is known of.
NOTHING: dict[str, dict[str, Any]] = {
    "a version": {"Version": "1.0", **passing()},
    "an error that JSONata computes": one(
        Type="Fail", QueryLanguage="JSONata", Error="{% $states.input.error %}"
    ),
    "a cause that a function computes (seen on AWS)": one(
        Type="Fail", CausePath="States.Format('{}', $.a)", ErrorPath="$.error"
    ),
    "a comparison with the context": branching(
        {"Variable": "$$.Execution.Input.a", "StringEqualsPath": "$$.Execution.Name"}
    ),
    "a dot before a bracket, as AWS writes it": passing(InputPath="$.abc.['def ghi']"),
    "a dot before an index, inside a function": evaluating("States.StringToJson($.[0].body)"),
    "several names, as Metaflow writes them": evaluating("$.['a','b']"),
    "several names with blanks between, as Metaflow writes them": passing(
        InputPath="$.['JobId', 'Parameters', 'Index', 'SplitParentTaskId']"
    ),
    "a name with a dot, behind a dot": evaluating("$.[0].Parameters.['metaflow.run_id']"),
    "several names with blanks": evaluating("$.a['b c' , \"d\"]"),
    "blanks behind a path": evaluating("$$.Execution.Name "),
    "blanks behind a path of the result": passing(ResultPath="$.a "),
    "blanks inside and behind a function": evaluating("States.Format( '{}' , $.a ) "),
    "a blank in front of a function's bracket": evaluating("States.UUID ()"),
    "a name behind a bracket without a dot, as people write it": evaluating("$.a[0]b['c']d.e"),
    "every field behind a bracket without a dot": evaluating("States.ArrayLength($.a[0]*)"),
    "a number of a Map from the input": mapping(MaxConcurrencyPath="$.a.b[0]"),
    "a JSON Pointer": reading(InputType="JSON", ItemsPointer="/a/b~1c"),
    "a merge": evaluating("States.JsonMerge($.a, $.b, false)"),
    "an algorithm": evaluating("States.Hash($.a, $.algorithm)"),
    "a function of JSONata on what is around it": output("{% $states.input.name.$substring(1) %}"),
    "items from the context": mapping(ItemsPath="$$.Execution.Input.items"),
    "a filter": evaluating("$.a[?(@.b == 'x' && @.c[0] > 1)].d"),
    "a filter with a regular expression": evaluating("$.a[?(@.b =~ /x[)\\]]*/i)]"),
    "a filter with blanks": evaluating("$.a[ ?( @.b in ['x', 'y'] ) ]"),
    "a filter behind a dot": evaluating("$.a.[?(@.b)]"),
    "brackets with blanks": evaluating("$[ 'a' ][ 0 ][ * ]"),
    "a name at any depth, in brackets": evaluating("$..['a']"),
    "a quote in a name": evaluating("$.a['it\\'s']"),
    "names with signs": evaluating("$.@type.a-b.c:d.#text.detail$"),
    "known escapes": evaluating(r"States.Format('\'{}\' \{\} \\', $.x)"),
    "a line's end in a text": evaluating("States.StringSplit($.a, '\n')"),
    "two expressions are one, to AWS": output("100 % and %"),
    "a percentage": output("100%"),
    "functions of Step Functions in JSONata": output(
        "{% $merge([$parse('{}'), {'a': $hash('a', 'MD5'), 'b': $range(1, 2, 1), 'c': $uuid()}]) %}"
    ),
    "a function of its own in JSONata": output("{% ($f := function($x) { $x }; $f(1)) %}"),
    "a function that is an argument": output("{% $map([1], function($v, $i) { $v + $i }) %}"),
    "a chain": output("{% [1, 2] ~> $sum() ~> $string() %}"),
    "the context in JSONata": output("{% $states.context.Execution.Input.a.b %}"),
    "the context": evaluating("States.Format('{}', $$.Execution.RedriveCount)"),
    "a Pass state whose type is filled in": one(Type="${Kind}", End=True),
    "what substitutions fill in": FILLED_IN,
    "states named like booleans": NAMED_LIKE_BOOLEANS,
    "a time": waiting(Timestamp="2028-02-29T23:59:59.123+05:30"),
    "a time that is computed": waiting(
        QueryLanguage="JSONata", Timestamp="{% $states.input.until %}"
    ),
    "credentials": calling(LIST, Credentials={"RoleArn": ROLE}),
    "credentials that are computed": calling(LIST, Credentials={"RoleArn.$": "$.role"}),
    "a token that is passed on": calling(
        f"{SEND}.waitForTaskToken",
        Parameters={"QueueUrl": "q", "MessageBody": {"deep": [{"t.$": "$$.Task.Token"}]}},
    ),
    "a token in a text": calling(
        f"{SEND}.waitForTaskToken",
        Parameters={"QueueUrl": "q", "MessageBody.$": "States.Format('{}', $$.Task.Token)"},
    ),
    "a token in JSONata": calling(
        f"{SEND}.waitForTaskToken",
        QueryLanguage="JSONata",
        Arguments={"QueueUrl": "q", "MessageBody": "{% {'t': $states.context.Task.Token} %}"},
    ),
    "a token in the whole context": calling(
        f"{SEND}.waitForTaskToken", Parameters={"QueueUrl": "q", "MessageBody.$": "$$"}
    ),
    "paths that a service reads": calling(
        "arn:aws:states:::aws-sdk:eventbridge:putTargets",
        Parameters={
            "Rule": "r",
            "Targets": [{"InputTransformer": {"InputPathsMap": {"a": "$.detail"}}}],
        },
    ),
    "a price is no path": calling(PUBLISH, Parameters={**TOPIC, "Message": "$5.00 or $.99"}),
    "errors of Step Functions": catching("States.Http.StatusCode.503", "States.HeartbeatTimeout"),
    "an error that a state of its own fails with": {
        "StartAt": "A",
        "States": {
            "A": {
                "Type": "Parallel",
                "Branches": [
                    {"StartAt": "B", "States": {"B": {"Type": "Fail", "Error": "States.Enough"}}}
                ],
                "Catch": [{"ErrorEquals": ["States.Enough"], "Next": "C"}],
                **END,
            },
            "C": {"Type": "Succeed"},
        },
    },
    "several fields of each item, as AWS's samples write them": passing(
        Parameters={"a.$": "$.[*].['bucket', 'key']"}
    ),
    "errors of others": catching("Lambda.Unknown", "StatesError", "${Error}"),
    "a reader of a distributed Map": reading(InputType="CSV", CSVHeaderLocation="FIRST_ROW"),
    "a reader of a manifest": reading(InputType="MANIFEST", MaxItems=10),
    "a batcher, a writer and a label": mapping(
        ItemBatcher={"MaxItemsPerBatch": 10, "MaxInputBytesPerBatchPath": "$.n"},
        ResultWriter={
            "Resource": "arn:aws:states:::s3:putObject",
            "Parameters": {"Bucket.$": "$.b"},
        },
        Label="each-one_1",
        ToleratedFailurePercentage=5,
    ),
    "a writer that writes to no bucket": mapping(
        ResultWriter={"WriterConfig": {"Transformation": "COMPACT", "OutputType": "JSONL"}}
    ),
    "a Parallel whose branch and catcher assign the same (seen on AWS)": SHARED_VARIABLE,
    "names of the user's own in parameters": calling(
        "arn:aws:states:::batch:submitJob",
        Parameters={
            "JobName": "j",
            "JobQueue": "q",
            "JobDefinition": "d",
            "Parameters": {"command": "c", "environment": "e"},
            "Tags": {"name": "n", "value": "v"},
            "ContainerOverrides": {"Environment": [{"Name": "name", "Value": "value"}]},
        },
    ),
    "parameters that are computed": calling(LAMBDA, QueryLanguage="JSONata", Arguments="{% $x %}")
    | {"States": {"A": {"Type": "Pass", "End": True}}},
    "required parameters as paths": calling(
        LAMBDA, Parameters={"FunctionName.$": "$.f", "Payload.$": "$"}
    ),
}

#: What AWS takes, and what is most likely a mistake.
WARNING: dict[str, dict[str, Any]] = {
    # AWS takes them, and passes on the text.
    "an expression inside of a longer text": output("write {% $x %} please"),
    "a longer text that ends with an expression": output("write {% $x %}"),
    "an expression between blanks is a text (seen on AWS)": output(" {% x %} "),
    "an expression with a line's end behind it": output("{% 1 %}\n"),
    "a path in a field without .$": calling(PUBLISH, Parameters={**TOPIC, "Message": "$.text"}),
    "a path into the context without .$": calling(
        PUBLISH, Parameters={**TOPIC, "Message": "$$.Execution.Id"}
    ),
    "a function in a field without .$": passing(Parameters={"id": "States.UUID()"}),
    "a path in a list": passing(Parameters={"list": ["$.a", "b"]}),
    "a path in a Result": passing(Result={"a.$": "$.a"}),
    "a path to compare with": branching({"Variable": "$.a", "StringEquals": "$.b"}),
    "a path as a cause": one(Type="Fail", Error="E", Cause="$.cause"),
    "an expression in a JSONPath state": passing(Parameters={"a": "{% $states.input.a %}"}),
    "JSONata without delimiters": output("$states.input.a"),
    "a function of JSONata without delimiters": output("$uppercase('a')"),
    "a path in a JSONata state": output("$.a"),
    "a field .$ in a JSONata state": jsonata(Output={"a.$": "$.a"}),
    "an error of States.* that does not exist": catching("States.Timeouts"),
    "the same in another case": catching("States.All"),
    "a token that nobody gets": calling(
        f"{SEND}.waitForTaskToken", Parameters={"QueueUrl": "q", "MessageBody": "x"}
    ),
    "a token that nobody gets, in JSONata": calling(
        f"{LAMBDA}.waitForTaskToken",
        QueryLanguage="JSONata",
        Arguments={"FunctionName": "f", "Payload": "{% $states.context.Execution %}"},
    ),
    "a token without waiting": calling(
        LAMBDA, Parameters={"FunctionName": "f", "Payload": {"t.$": "$$.Task.Token"}}
    ),
    "a field that the context has not": evaluating("$$.Execution.ARN"),
    "a field that the context has not, in a function": evaluating(
        "States.Format('{}', $$.Executions.Id)"
    ),
    "a field that the context has not, in JSONata": output("{% $states.context.Execution.Ids %}"),
    "a field that $states has not": output("{% $states.inputs.a %}"),
    "an integration that may be new": calling("arn:aws:states:::textract:analyzeDocument"),
    "a label of an inline Map": mapping(distributed=False, Label="each"),
    "a parameter that the call does not know": calling(
        LAMBDA, Parameters={"FunctionName": "f", "Payloads": {}}
    ),
    "a parameter within another in small letters, as the service's own API writes it": calling(
        "arn:aws:states:::ecs:runTask.sync",
        Parameters={
            "TaskDefinition": "t",
            "NetworkConfiguration": {"awsvpcConfiguration": {"Subnets": ["s"]}},
        },
    ),
    "a path in small letters in a list": calling(
        "arn:aws:states:::batch:submitJob",
        Parameters={
            "JobName": "j",
            "JobQueue": "q",
            "JobDefinition": "d",
            "ContainerOverrides": {"Environment": [{"Name": "A", "value.$": "$.a"}]},
        },
    ),
    "a parameter in small letters": calling(
        "arn:aws:states:::aws-sdk:s3:getObject",
        Parameters={"Bucket": "b", "Key": "k", "versionId": "v"},
    ),
}

#: What AWS refuses, or what fails in each execution.
ERROR: dict[str, dict[str, Any]] = {
    "an error that is a number": one(Type="Fail", Error=404),
    "an error that is an object": one(Type="Fail", Error={"code": 404}),
    "a cause that is an object": one(Type="Fail", Cause={"code": 404}),
    "a version of the future (seen on AWS)": {"Version": "2.0", **passing()},
    "a version that is another number": {"Version": 1.1, **passing()},
    "a language in small letters": {"QueryLanguage": "jsonata", **passing()},
    "a path that ends with a dot": evaluating("$.a."),
    "three dots": evaluating("$...a"),
    "a bracket that is not closed": evaluating("$.a['b'"),
    "nothing in brackets": evaluating("$.a[]"),
    "a blank in a name": evaluating("$.a b"),
    "a name without quotes": evaluating("$[a]"),
    "an escape that there is not (seen on AWS)": evaluating("States.Format('\\\"{}\\\"', $.x)"),
    "a line's end as an escape": evaluating(r"States.StringSplit($.a, '\n')"),
    "an escape in a function within a function": evaluating(
        r"States.Array(States.Format('\d{}', $.x))"
    ),
    "a function that there is not": evaluating("States.Concat($.a, $.b)"),
    "too few arguments": evaluating("States.MathAdd(1)"),
    "too many arguments": evaluating("States.UUID(1)"),
    "more places than values": evaluating("States.Format('{}-{}', $.a)"),
    "more values than places": evaluating("States.Format('{}', $.a, $.b)"),
    "a month that there is not (seen on AWS)": waiting(Timestamp="2026-13-01T00:00:00Z"),
    "a day that there is not": waiting(Timestamp="2027-02-29T00:00:00Z"),
    "a time without a zone": waiting(Timestamp="2027-02-28T00:00:00"),
    "a path as a time": waiting(Timestamp="$.until"),
    "a time to compare with": branching(
        {"Variable": "$.a", "TimestampEquals": "2026-02-30T00:00:00Z"}
    ),
    "credentials without a role (seen on AWS)": calling(LIST, Credentials={}),
    "credentials with another field": calling(LIST, Credentials={"Role": ROLE}),
    "credentials with a name": calling(LIST, Credentials={"RoleArn": "role/r"}),
    "JSONata that is not closed": output("{% $sum($states.input.n %}"),
    "JSONata with an operator too many": output("{% 1 + %}"),
    "JSONata that is empty": output("{%  %}"),
    "a condition that does not parse": {
        **branching({"Condition": "{% $states.input.a == 1 %}"}),
        "QueryLanguage": "JSONata",
    },
    "JSONata that is not ended": output("{% 1"),
    "JSONata that is not begun": output("1 %}"),
    "a function that JSONata has not": output("{% $upper('a') %}"),
    "a function of JSONPath in JSONata": output("{% States.UUID() %}"),
    "a function without its sign in JSONata": output("{% uppercase('a') %}"),
    "an operator that filters have not": evaluating("$.a[?(@.b = 'x')]"),
    "a word as an operator of a filter": evaluating("$.a[?(@.b > 1 and @.c)]"),
    "seconds of a retrier as a text": one(
        Type="Task", Resource=LIST, Retry=[{"ErrorEquals": ["X"], "IntervalSeconds": "2"}], **END
    ),
    "a topic that is not given": calling(PUBLISH, Parameters={"Message": "m"}),
    "a function that Step Functions has not": output("{% $eval('1') %}"),
    "too many arguments in JSONata": output("{% $count([1], 2) %}"),
    "a result where there is none": output("{% $states.result.a %}"),
    "an item outside of a Map": evaluating("$$.Map.Item.Value"),
    "a name from nowhere in JSONata (seen on AWS)": output("{% order.total %}"),
    "a path in JSONata's delimiters": output("{% $.a %}"),
    "the root in JSONata (seen on AWS)": output("{% $$ %}"),
    "a retrier of a Pass state (seen on AWS)": passing(Retry=RETRY),
    "a timeout of a Map (seen on AWS)": mapping(TimeoutSeconds=5),
    "a query language of an item processor (seen on AWS)": one(
        Type="Map",
        ItemProcessor={"QueryLanguage": "JSONata", **passing()},
        **END,
    ),
    "a limit of a batch from the context (seen on AWS)": mapping(
        ItemBatcher={"MaxItemsPerBatchPath": "$$.Execution.Input.n"}
    ),
    "a limit of a reader that a function computes": reading(
        InputType="JSON", MaxItemsPath="States.MathAdd(1, 2)"
    ),
    "a number of several places": mapping(MaxConcurrencyPath="$.a[*]"),
    "a function as an input": passing(InputPath="States.StringToJson($.a)"),
    "a function as a Map's items": mapping(ItemsPath="States.ArrayRange(1, 5, 1)"),
    "a function in a comparison (seen on AWS)": branching(
        {"Variable": "States.ArrayLength($.a)", "NumericEquals": 3}
    ),
    "a function to compare with": branching(
        {"Variable": "$.a", "NumericEqualsPath": "States.ArrayLength($.b)"}
    ),
    "a Task that names nothing": calling(""),
    "an action of the SDK in large letters (seen on AWS)": calling(
        "arn:aws:states:::aws-sdk:cloudwatchlogs:CreateLogStream"
    ),
    "an action of the SDK as the CLI writes it": calling(
        "arn:aws:states:::aws-sdk:s3:list-buckets"
    ),
    "an algorithm that there is not": evaluating("States.Hash($.a, 'SHA-2')"),
    "a deep merge": evaluating("States.Array(States.JsonMerge($.a, $.b, true))"),
    "an operator of another language": output("{% !$states.input.a %}"),
    "too few arguments in JSONata, of a function of its own": output("{% $substring() %}"),
    "a Result in JSONata": jsonata(Result={"a": 1}),
    "a JSON Pointer that is a path": reading(InputType="JSON", ItemsPointer="$.a.b"),
    "headers in one text": reading(InputType="CSV", CSVHeaderLocation="GIVEN", CSVHeaders="a,b"),
    "a reader that is told nothing": mapping(
        ItemReader={
            "Resource": "arn:aws:states:::s3:getObject",
            "ReaderConfig": {"InputType": "JSON"},
        }
    ),
    "a rule within a rule that leads somewhere": branching(
        {"And": [{"Variable": "$.a", "IsNull": True, "Next": "B"}]}
    ),
    "a field twice": passing(Parameters={"a": 1, "a.$": "$.a"}),
    "a field twice, further in": passing(Parameters={"list": [{"a": 1, "a.$": "$.a"}]}),
    "a time and its path": waiting(Seconds=1, SecondsPath="$.s"),
    "a timeout and its path": calling(LIST, TimeoutSeconds=1, TimeoutSecondsPath="$.s"),
    "a limit of a batch and its path": mapping(
        ItemBatcher={"MaxItemsPerBatch": 1, "MaxItemsPerBatchPath": "$.n"}
    ),
    "a limit of a reader and its path": reading(InputType="JSON", MaxItems=1, MaxItemsPath="$.n"),
    "what a Map's items get, twice": mapping(Parameters={"a": 1}, ItemSelector={"a": 1}),
    "a path in JSONata": jsonata(InputPath="$.a"),
    "arguments in JSONPath": calling(LIST, Arguments={}),
    "a result's path in a catcher of JSONata": {
        "StartAt": "A",
        "QueryLanguage": "JSONata",
        "States": {
            "A": {
                "Type": "Task",
                "Resource": LIST,
                "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.e", "Next": "B"}],
                **END,
            },
            "B": {"Type": "Succeed"},
        },
    },
    "a reader without a distributed Map": mapping(
        distributed=False,
        ItemReader={
            "Resource": "arn:aws:states:::s3:getObject",
            "ReaderConfig": {"InputType": "JSON"},
            "Parameters": {"Bucket": "bbb", "Key": "k"},
        },
    ),
    "a batcher without a distributed Map": mapping(
        distributed=False, ItemBatcher={"MaxItemsPerBatch": 1}
    ),
    "a writer without a distributed Map": mapping(
        distributed=False,
        ResultWriter={"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "b"}},
    ),
    "a reader of another kind": reading(InputType="XML"),
    "a reader without a kind": reading(MaxItems=1),
    "a reader of too many": reading(InputType="JSON", MaxItems=-1),
    "headers that are not given": reading(InputType="CSV", CSVHeaderLocation="GIVEN"),
    "a reader that calls another service": mapping(
        ItemReader={"Resource": LAMBDA, "ReaderConfig": {"InputType": "JSON"}}
    ),
    "a reader without a key": mapping(
        ItemReader={
            "Resource": "arn:aws:states:::s3:getObject",
            "ReaderConfig": {"InputType": "JSON"},
            "Parameters": {"Bucket": "bbb"},
        }
    ),
    "a batcher without a limit": mapping(ItemBatcher={"BatchInput": {}}),
    "a batch of nothing": mapping(ItemBatcher={"MaxItemsPerBatch": 0}),
    "a batch that is too large": mapping(ItemBatcher={"MaxInputBytesPerBatch": 262_145}),
    "a label of 41 characters": mapping(Label="x" * 41),
    "a label with a blank": mapping(Label="each one"),
    "a label with a slash": mapping(Label="each/one"),
    "a call without a required parameter": calling(LAMBDA, Parameters={"Payload": {}}),
    "a call without two of them": calling(SEND, Parameters={}),
    "a call by the SDK without one": calling(
        "arn:aws:states:::aws-sdk:dynamodb:query", Parameters={"Limit": 1}
    ),
    "an unknown service": calling("arn:aws:states:::lamda:invoke"),
}

CASES = [
    pytest.param(definition, expected, id=f"{expected}: {about}")
    for expected, definitions in (
        ("nothing", NOTHING),
        ("warning", WARNING),
        ("error", ERROR),
    )
    for about, definition in definitions.items()
]


@pytest.mark.parametrize(("definition", "expected"), CASES)
def test_what_is_said(definition: dict[str, Any], expected: str) -> None:
    report = run_checks(CheckedDefinition(definition), builtin_checks())
    assert report.problems == ()
    told = {check.severity: f"{check.id}: {found.message}" for check, found in report.findings}
    told.pop("advice", None)
    # An error may come with warnings.
    worst = "error" if "error" in told else next(iter(told), "nothing")
    assert worst == expected, told
