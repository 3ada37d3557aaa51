"""Wrong parameters of a job are refused at once, all of them, by name and value."""

from __future__ import annotations

from typing import Any

import pytest
from aws_cdk import App, Stack, Token

from sfn_fragments.environment import EnvBase
from sfn_fragments.errors import InvalidParametersError
from sfn_fragments_batch import BatchInvokedLambdaFunction, MountPointConfiguration
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
        {"memory": 4, "vcpus": 0.25, "gpu": 0},
        {"memory": "1024", "vcpus": "1", "gpu": "0"},
        {"memory": "$.memory", "vcpus": "$.vcpus", "gpu": "States.MathAdd($.gpu, 1)"},
        {"memory": Token.as_string({"Ref": "Memory"})},
    ],
)
def test_what_is_accepted(given: dict[str, Any]) -> None:
    assert job_settings("job", **given) == given


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


def test_a_refused_mount_point_is_a_problem_of_its_own() -> None:
    with pytest.raises(InvalidParametersError, match="give a file system or an access point"):
        MountPointConfiguration(None, None, "/data")
