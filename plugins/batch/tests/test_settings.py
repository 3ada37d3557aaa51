"""Settings of every kind that an execution computes, as its job finds them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk.aws_stepfunctions import JsonPath, Pass
from tests.proofs import few, some

from sfn_fragments.environment import EnvBase
from sfn_fragments_batch import BatchInvokedLambdaFunction, SubmitJobFragment

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import Stack

    from sfn_fragments_local import Engine, ExecutionResult

ENV = EnvBase("dev-x")
SHOW = ["sh", "-c", "echo $A/$B/$C"]
LEAST: dict[str, Any] = {"job_queue": "queue", "image": "img", "memory": 512, "vcpus": 1}

GIVEN = {
    "name": "Ada",
    "words": ["echo", "a b"],
    "one": ["env"],
    "lists": [["echo", "x"]],
    "rows": [{"word": "echo", "n": 1}, {"word": "one", "n": 2}, {"word": "two", "n": 3}],
    "json": '["echo", "parsed"]',
    "object": {"A": "1"},
    "other": {"A": "2", "B": "3"},
    "n": 2,
    "nothing": None,
    "path": "/data",
    "file_system": "fs-0123456789abcdef0",
}


@pytest.fixture(autouse=True)
def surroundings(sfn_engine: Engine) -> None:
    sfn_engine.create_bucket("scaffolding")
    sfn_engine.create_job_queue("queue")


def submit(stack: Stack, **given: Any) -> SubmitJobFragment:
    return SubmitJobFragment(stack, "Job", ENV, name="job", **{**LEAST, **given})


def output(result: ExecutionResult) -> str:
    assert result.status == "SUCCEEDED", f"{result.error}: {result.cause}"
    return result.jobs[0].output.strip()


@few(3)
@pytest.mark.parametrize(
    ("command", "expected"),
    some(
        [
            ("$.words", "a b"),
            (["echo", "$.name", "States.Format('{}!', $.name)", "'x'"], "Ada Ada! 'x'"),
            (["$.words[0]", "$.rows[-1].word"], "two"),
            ("States.Array('echo', $.name, States.Format('{}', $.n))", "Ada 2"),
            ("$.rows[*].word", "one two"),
            ("$.rows[?(@.n != 2)].word", "two"),
            ("$.rows[0:2].word", "one"),
            ("$.lists[0]", "x"),
            ("States.ArrayGetItem($.lists, 0)", "x"),
            ("States.StringSplit('echo;a,b', ',;')", "a b"),
            ("States.StringToJson($.json)", "parsed"),
            (["echo", "States.JsonToString($.object)"], '{"A":"1"}'),
            (["echo", "$$.State.Name"], "Job: Prepare"),
            (JsonPath.list_at("$.words"), "a b"),
            (["echo", JsonPath.string_at("$.name")], "Ada"),
            # The text of a token is not the same in each process.
            pytest.param(JsonPath.array("echo", JsonPath.string_at("$.name")), "Ada", id="array"),
            (["sh", "-c", "States.Format('echo {}', States.MathAdd($.n, 40))"], "42"),
        ],
        0,
        1,
        3,
        5,
        12,
        15,
        16,
    ),
)
def test_commands(sfn_run: Callable[..., ExecutionResult], command: Any, expected: str) -> None:
    assert output(sfn_run(lambda stack: submit(stack, command=command), GIVEN)) == expected


@few(2)
@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        (
            {
                "A": "$.name",
                "B": "States.Format('{}-{}', $.n, $.nothing)",
                "C": "States.Base64Encode('x')",
            },
            "Ada/2-null/eA==",
        ),
        ("$.object", "1//"),
        ("States.JsonMerge($.object, $.other, false)", "2/3/"),
        ({"A": "$.n", "B": "$.rows[1].n", "C": "{% not %} an expression"}, "2/2/{% not %}"),
    ],
)
def test_environments(
    sfn_run: Callable[..., ExecutionResult], environment: Any, expected: str
) -> None:
    result = sfn_run(lambda stack: submit(stack, command=SHOW, environment=environment), GIVEN)
    assert output(result).startswith(expected)


def test_variables_and_the_context(sfn_run: Callable[..., ExecutionResult]) -> None:
    def build(stack: Stack) -> Any:
        assign = {"given": JsonPath.object_at("$"), "computed": "x", "k": ["echo", "k"]}
        before = Pass(stack, "Before", assign=assign)
        # The names that the expressions themselves use are the user's as well.
        command = ["echo", "$given.name", "$computed", "$k[1]", "$$.Execution.Name"]
        return before.next(
            SubmitJobFragment.from_defaults(stack, "Job", ENV, "job", "queue", "img", command)
        )

    result = sfn_run(build, {"name": "Ada", "memory": 600})
    assert output(result) == f"Ada x k {result.name}"


@few(2)
@pytest.mark.parametrize(
    "nested",
    [
        {"fileSystemId": "$.file_system", "rootDirectory": "States.Format('{}/x', $.path)"},
        {"fileSystemId": JsonPath.string_at("$.file_system"), "rootDirectory": "/data/x"},
    ],
)
@pytest.mark.parametrize("overridable", [False, True])
def test_mount_points_and_volumes(
    sfn_engine: Engine, sfn_run: Callable[..., ExecutionResult], nested: Any, overridable: bool
) -> None:
    points = [{"sourceVolume": "v", "containerPath": "$.path", "readOnly": True}]
    volumes = [{"name": "v", "efsVolumeConfiguration": nested}]
    mounts: dict[str, Any] = {"mount_points": points, "volumes": volumes}
    # What is registered is looked at; there is no such file system to mount.
    sfn_engine.fail("batch:SubmitJob", "Batch.NotNow")

    def build(stack: Stack) -> Any:
        if overridable:
            return SubmitJobFragment.from_defaults(stack, "Job", ENV, "job", "queue", "img")
        return submit(stack, **mounts)

    resolved = {
        "mount_points": [{"sourceVolume": "v", "containerPath": "/data", "readOnly": True}],
        "volumes": [
            {
                "name": "v",
                "efsVolumeConfiguration": {
                    "fileSystemId": GIVEN["file_system"],
                    "rootDirectory": "/data/x",
                },
            }
        ],
    }
    result = sfn_run(build, {**GIVEN, **(resolved if overridable else {})})
    assert result.error == "Batch.NotNow"
    (definition,) = sfn_engine.job_definitions(None)
    properties = definition["containerProperties"]
    assert properties["mountPoints"] == resolved["mount_points"]
    assert properties["volumes"] == resolved["volumes"]


@few(3)
@pytest.mark.parametrize(
    ("given", "expected"),
    some(
        [
            ({}, "1/Ada/"),
            ({"environment": None, "command": None, "memory": None}, "1/Ada/"),
            ({"environment": {"B": "x", "C": "y"}}, "1/x/y"),
            ({"environment": [{"Name": "C", "Value": "y"}]}, "1/Ada/y"),
            ({"environment": []}, "1/Ada/"),
            ({"environment": {}}, "1/Ada/"),
            ({"command": ["echo", "over"]}, "over"),
            ({"command": ["pwd"], "image": "other", "unknown": [1]}, "/"),
        ],
        1,
        2,
        -1,
    ),
)
@pytest.mark.parametrize("deployed", [False, True])
def test_overrides_of_defaults_that_are_computed(
    sfn_run: Callable[..., ExecutionResult], given: Any, expected: str, deployed: bool
) -> None:
    if deployed:
        given = {name: value for name, value in given.items() if name != "image"}
    result = sfn_run(
        lambda stack: SubmitJobFragment.from_defaults(
            stack,
            "Job",
            ENV,
            "job",
            "queue",
            "img",
            SHOW,
            memory="$.n_memory",
            environment={"A": "1", "B": "$.name"},
            deploy_job_definition=deployed,
        ),
        {"name": "Ada", "n_memory": 512, **given},
    )
    assert output(result).startswith(expected)
    assert len(result.states) == (2 if deployed else 4)


@pytest.mark.parametrize("fixed", ["image", "volumes", "job_role_arn"])
def test_what_a_definition_of_the_stack_has_is_not_overridden(
    sfn_run: Callable[..., ExecutionResult], fixed: str
) -> None:
    result = sfn_run(
        lambda stack: SubmitJobFragment.from_defaults(
            stack, "Job", ENV, "job", "queue", "img", deploy_job_definition=True
        ),
        {fixed: "other", "memory": 512},
    )
    assert result.error == "States.QueryEvaluationError"
    message = "the job definition is part of the stack: the input cannot override "
    assert f"{message}{fixed}" in str(result.cause)
    assert not result.jobs


PUT = "aibs_informatics_aws_lambda.handlers.data_sync.put_json_to_file_handler"


@few(3)
@pytest.mark.parametrize("content", [[1], [[1]], [], {}, None, "text", [{"a": [None]}]])
def test_a_request_arrives_as_it_is(
    sfn_engine: Engine, sfn_run: Callable[..., ExecutionResult], content: Any
) -> None:
    event = {"content": content, "path": "s3://scaffolding/out.json"}
    sfn_engine.fail("batch:SubmitJob", "Batch.NotNow")
    result = sfn_run(
        lambda stack: BatchInvokedLambdaFunction.with_defaults(
            stack,
            "Put",
            ENV,
            "put",
            "queue",
            "scaffolding",
            image_path="img",
            handler_path=PUT,
            payload_path="$.events[0]",
        ),
        {"events": [event]},
    )
    assert result.error == "Batch.NotNow"
    s3 = sfn_engine.client("s3")
    (found,) = s3.list_objects_v2(Bucket="scaffolding")["Contents"]
    assert json.load(s3.get_object(Bucket="scaffolding", Key=found["Key"])["Body"]) == event


@few(2)
@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"input": {}}, "$.input.name"),
        ({"input": [{"name": "x"}]}, "$.input.name"),
        ({"input": "x"}, "$.input.name"),
        ({}, "$.input.name"),
    ],
)
def test_what_is_not_there_fails_before_anything_is_made(
    sfn_engine: Engine, sfn_run: Callable[..., ExecutionResult], given: Any, path: str
) -> None:
    result = sfn_run(lambda stack: submit(stack, command=["echo", path]), given)
    assert result.status == "FAILED"
    assert path in str(result.cause)
    assert sfn_engine.job_definitions(None) == []
