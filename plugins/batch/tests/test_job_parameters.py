"""Wrong parameters of a job are refused at once, all of them, by name and value."""

from __future__ import annotations

from typing import Any

import pytest
from aws_cdk import App, CfnParameter, Stack, Token
from aws_cdk.aws_stepfunctions import JsonPath

from sfn_fragments.environment import EnvBase
from sfn_fragments.errors import InvalidParametersError
from sfn_fragments_asl.model.definition import Definition
from sfn_fragments_batch import (
    BatchInvokedLambdaFunction,
    MountPointConfiguration,
    SubmitJobFragment,
)
from sfn_fragments_batch.parameters import job_settings


def test_all_problems_at_once() -> None:
    with pytest.raises(InvalidParametersError) as caught:
        job_settings(
            "job",
            name="",
            image="",
            job_queue="q",
            memory=-1,
            vcpus="many",
            gpu=-2,
            key_prefix="/scratch/",
            mount_points=[],
            mount_point_configs=[],
        )
    assert [problem.parameter for problem in caught.value.problems] == [
        "name",
        "image",
        "memory",
        "vcpus",
        "gpu",
        "key_prefix",
        "mount_points",
    ]
    assert "memory: -1: give 4 MiB or more" in str(caught.value)


@pytest.mark.parametrize(
    "given",
    [
        {"memory": 4, "vcpus": 1, "gpu": 0},
        {"memory": 512, "vcpus": 0.25, "gpu": 0, "platform_capabilities": ["FARGATE"]},
        {"memory": "1024", "vcpus": "1", "gpu": "0"},
        {"memory": "$.memory", "vcpus": "$.vcpus", "gpu": "States.MathAdd($.gpu, 1)"},
        {"memory": Token.as_string({"Ref": "Memory"})},
    ],
)
def test_what_is_accepted(given: dict[str, Any]) -> None:
    assert job_settings("job", **given) == given


@pytest.mark.parametrize(
    "name",
    [
        "name",
        "image",
        "handler",
        "executor",
        "job_queue",
        "bucket_name",
        "memory",
        "vcpus",
        "gpu",
        "key_prefix",
        "job_role_arn",
        "execution_role_arn",
        "timeout",
    ],
)
def test_one_value_is_at_one_place(name: str) -> None:
    others: dict[str, Any] = {"memory": 512, "vcpus": 1}
    for path in ("$.m[*]", "$.a..b", "$.q[0:2]", "$.a[0,1].b", "$.a[?(@.b > 1)]", "$['a','b']"):
        with pytest.raises(InvalidParametersError, match=f"{name}: .* may find several places"):
            job_settings("job", **{**others, name: path})
    for path in ("$.a[0]", "$.a[-1]", "$['a b'].c", "$.a.length()", "States.ArrayGetItem($.a, 0)"):
        assert job_settings("job", **{**others, name: path})[name] == path


def test_what_the_first_state_cannot_resolve_is_refused() -> None:
    with pytest.raises(InvalidParametersError) as caught:
        job_settings(
            "job",
            memory=512,
            vcpus=1,
            command=["a", "$['b','c']"],
            environment={"A": {"x": 1}, "B": "States.StringSplit($.a, $.b)"},
            volumes="$..*",
            mount_points=[{"containerPath": "$.a[0,1]"}],
            key_prefix=JsonPath.string_at("$.a.max()"),
            payload_path="$.a[?(@.b =~ /x/)]",
            overrides_path="$.a",
        )
    problems = {problem.parameter: problem.remedy for problem in caught.value.problems}
    named = {name for name, remedy in problems.items() if "in a state before" in remedy}
    assert named == {
        "command",
        "environment",
        "volumes",
        "mount_points",
        "key_prefix",
        "payload_path",
    }


def test_lists_and_objects_may_be_at_several_places() -> None:
    names = ("command", "environment", "mount_points", "volumes", "platform_capabilities")
    given: dict[str, Any] = dict.fromkeys(names, "$.all[*]")
    assert job_settings("job", **given) == given


def test_a_mount_point_without_a_volume_is_told_with_what_is_wrong_of_volumes() -> None:
    points = [{"sourceVolume": "v", "containerPath": "/v"}]
    with pytest.raises(InvalidParametersError) as caught:
        job_settings("job", mount_points=points, volumes=[{"name": ""}])
    assert [problem.parameter for problem in caught.value.problems] == [
        "volumes[0].name",
        "mount_points[0].sourceVolume",
    ]


def test_amounts_are_written_as_batch_reads_them() -> None:
    given = job_settings("job", memory=2048.0, vcpus=4.0, gpu="0")
    assert {name: str(value) for name, value in given.items()} == {
        "memory": "2048",
        "vcpus": "4",
        "gpu": "0",
    }
    with pytest.raises(InvalidParametersError, match="memory: '1e3'"):
        job_settings("job", memory="1e3")


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("echo 'a b'", ["echo", "a b"]),
        ("$.command", "$.command"),
        (["echo", "$.x"], ["echo", "$.x"]),
        ("", None),
        (None, None),
    ],
)
def test_commands(command: Any, expected: Any) -> None:
    assert job_settings("job", command=command).get("command") == expected


def test_a_constructor_names_the_fragment() -> None:
    with pytest.raises(InvalidParametersError, match="BatchInvokedLambdaFunction 'Stats'"):
        BatchInvokedLambdaFunction(
            Stack(App(), "Stack"), "Stats", EnvBase("dev-x"), "", "img", "h", "q", "b"
        )


def test_numbers_that_cdk_encodes() -> None:
    stack = Stack(App(analytics_reporting=False), "Stack")
    encoded: Any = CfnParameter(stack, "Memory", type="Number").value_as_number
    machine = SubmitJobFragment(
        stack,
        "Job",
        EnvBase("dev-x"),
        "job",
        "queue",
        "img",
        memory=encoded,
        vcpus=JsonPath.number_at("$.vcpus"),
    ).to_state_machine("job")
    resource: Any = machine.node.default_child
    states = Definition.from_resolved(stack.resolve(resource.definition_string)).states["States"]
    (assigned,) = states["Job: Prepare"]["Assign"].values()
    assert "? $states.input.vcpus :" in assigned["vcpus"]
    properties = states["Job: Register job definition"]["Arguments"]["ContainerProperties"]
    assert '"MEMORY", "Value": "${Memory}"' in properties["ResourceRequirements"]


def test_a_refused_mount_point_is_a_problem_of_its_own() -> None:
    with pytest.raises(InvalidParametersError, match="give a file system or an access point"):
        MountPointConfiguration(None, None, "/data")
