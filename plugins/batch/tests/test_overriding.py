"""What an execution's input may give of a job's settings, by the expression that checks it."""

from __future__ import annotations

from typing import Any

import pytest
from jsonata import JException

from sfn_fragments.sandbox import Sandbox
from sfn_fragments_batch.overriding import SETTING_CONDITIONS, checked_settings
from sfn_fragments_batch.parameters import OVERRIDABLE
from sfn_fragments_batch.settings import Settings
from sfn_fragments_local.moto_gaps.jsonata import evaluate

EFS = {
    "fileSystemId": "fs-1",
    "transitEncryptionPort": 2049,
    "authorizationConfig": {"iam": "ENABLED"},
}
MOUNT = {"sourceVolume": "v", "containerPath": "/opt/v", "readOnly": False}

RIGHT: dict[str, list[Any]] = {
    "bucket_name": ["results"],
    "command": [[], ["true"], ["echo", ""]],
    "environment": [
        *({}, [], {"A": "1", "B": 2, "C": True, "D": None}),
        [{"Name": "A", "Value": "1"}, {"name": "B", "value": 2}],
    ],
    "execution_role_arn": ["arn:aws:iam::123456789012:role/r"],
    "gpu": [0, 1, "2"],
    "image": ["img:1"],
    "job_queue": ["queue"],
    "job_role_arn": ["arn:aws:iam::123456789012:role/r"],
    "key_prefix": ["", "a/b/"],
    "memory": [4, 2048.0, "4096"],
    "mount_points": [[], [MOUNT], [{"SourceVolume": "v", "ReadOnly": None}]],
    "platform_capabilities": [["EC2"], ["FARGATE"], "EC2"],
    "return_response": [True, False],
    "vcpus": [1, 0.25, "0.5", "16"],
    "volumes": [
        [],
        [{"name": "v", "efsVolumeConfiguration": EFS}, {"Name": "h", "Host": {"SourcePath": "/"}}],
        [{"Name": "v", "EfsVolumeConfiguration": {"FileSystemId": "fs-1"}}],
    ],
}

# One of each kind is wrong for most of them.
KINDS: list[Any] = [5, -1, "", "a b", True, [], [5], ["a", 5], [None], [[]], [["a"]], {}, {"a": 1}]
# What is right all the same, or documented to say nothing.
FITS: dict[str, list[Any]] = {
    "command": [[]],
    "environment": [[], {}, {"a": 1}],
    "gpu": [5],
    "key_prefix": ["", "a b"],
    "memory": [5],
    "mount_points": [[]],
    "return_response": [True],
    "vcpus": [5],
    "volumes": [[]],
}
MORE: dict[str, list[Any]] = {
    "environment": [{"A": {"b": 1}}, {"A": ["b"]}, [{"Name": "A"}], [{"Name": 5, "Value": "a"}]],
    "gpu": [1.5, "-1"],
    "key_prefix": ["/a"],
    "memory": [0, 3, 1.5, "0x10", " 7 ", [2048, 4096]],
    "mount_points": [
        [{"sourceVolume": 5}],
        [{**MOUNT, "readOnly": "yes"}],
        [{**MOUNT, "mode": "rw"}],
    ],
    "platform_capabilities": ["ec2", ["EC2", "FARGATE"]],
    "vcpus": [0, "0.1", "1."],
    "volumes": [
        [{"name": "v", "efsVolumeConfiguration": {"rootDirectory": "/"}}],
        [{"name": "v", "efsVolumeConfiguration": {**EFS, "transitEncryptionPort": "2049"}}],
        [{"name": "v", "host": "/opt"}, {"name": "w"}],
    ],
}


def checked(given: Any, name: str = "memory") -> Any:
    return evaluate(checked_settings("$given", [name]), {"given": given})


def test_each_setting_that_the_input_overrides_is_checked() -> None:
    assert {*OVERRIDABLE, "image", "return_response"} == SETTING_CONDITIONS.keys() == RIGHT.keys()


@pytest.mark.parametrize("name", SETTING_CONDITIONS)
def test_what_the_input_gives_is_taken_or_refused_by_name(name: str) -> None:
    for right in [None, *RIGHT[name]]:
        assert checked({name: right, "source_path": 5}, name) == {}
    # Python's 1 is equal to True, which JSON's is not.
    fitting = [repr(one) for one in FITS.get(name, [])]
    wrong = [one for one in KINDS if repr(one) not in fitting] + MORE.get(name, [])
    for one in wrong:
        with pytest.raises(JException, match=f"^{name} of the input: give .*, not "):
            checked({name: one}, name)


@pytest.mark.parametrize("given", [5, "a", [], [5]])
def test_what_overrides_is_an_object(given: Any) -> None:
    with pytest.raises(JException, match="what overrides the settings of the job: give an object"):
        checked(given)


def test_an_object_of_overrides_that_is_null_says_nothing() -> None:
    values = {"memory": "512", "environment": {"A": "1", "B": "2"}}
    settings = Settings(Sandbox("dev-x").stack, values, "$.job", list(values))
    [expression] = settings.assign().values()
    context = {"Execution": {"Name": "run"}}
    for given, environment in (
        (None, {"A": "1", "B": "2"}),
        ({"memory": None, "environment": None}, {"A": "1", "B": "2"}),
        ({"environment": {"A": None, "B": 3}}, {"A": "1", "B": 3}),
        ({"environment": [{"name": "C", "value": "4"}]}, {"A": "1", "B": "2", "C": "4"}),
    ):
        states = {"context": context, "input": {"job": given}}
        found = evaluate(expression.removeprefix("{%").removesuffix("%}"), {"states": states})
        assert (found["memory"], found["environment"]) == ("512", environment)
