"""What cannot work is refused by one error that names all of it, and nothing else gets through.

Hypothesis makes wrong calls of every constructor. Each is answered by this library's own error,
never by one of Python or of jsii; what is accepted is a machine that AWS accepts too, as far as the
rules and a parser of the language can tell. ``test_bad_commands.py`` does so by the command line.

The suite makes fewer calls, in which each parameter is wrong at least twice; all are made by
``tools/long_proofs.py``.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import Duration, Token
from aws_cdk import aws_efs as efs
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.contract.repeatable import REPEATABLE
from tests.proofs import FULL, few

from sfn_fragments.environment import EnvBase
from sfn_fragments.errors import FragmentsError, InvalidParametersError
from sfn_fragments.fragments import (
    EnvBaseStateMachineFragment,
    LambdaFunctionFragment,
    TaskWithPrePostStatus,
    create_log_options,
    create_role,
    create_state_machine,
)
from sfn_fragments.states import CommonOperation, S3Operation
from sfn_fragments_asl.checks import CheckedDefinition, builtin_checks, run_checks
from sfn_fragments_asl.model.definition import Definition
from sfn_fragments_asl.model.machine import Machine
from sfn_fragments_batch import (
    BatchInvokedExecutorFragment,
    BatchInvokedLambdaFunction,
    BatchOperation,
    MountPointConfiguration,
    SubmitJobFragment,
)
from sfn_fragments_data_sync import DataSyncFragment, DistributedDataSyncFragment
from sfn_fragments_demand_execution import DemandExecutionFragment
from sfn_fragments_efs import (
    CleanFileSystemFragment,
    CleanFileSystemTriggerConfig,
    CleanFileSystemTriggerRuleConfig,
    get_data_path_stats_fragment,
    outdated_data_path_scanner_fragment,
    remove_data_paths_fragment,
)
from sfn_fragments_local import Engine

ENV = EnvBase("dev-x")

#: Wrong calls of each constructor, and calls of it with right values and with anything at all.
WRONG, ANYTHING = 60, 12
#: Wrong calls for each of its parameters in a sample, and the others.
WRONG_IN_SAMPLE, ANYTHING_IN_SAMPLE = 1, 2

Strategy = st.SearchStrategy[Any]


# What the parameters are made of ------------------------------------------------------------------

TOKEN = Token.as_string({"Ref": "Something"})
PATHS = ["$.a", "$.a.b[0]", "$['a b']", "$$.Execution.Name", "States.Format('{}-x', $.a)"]


def right(*values: Any) -> Strategy:
    return st.sampled_from(values)


#: Begin as a path or an intrinsic function does, and are none.
MALFORMED = right(
    "$.",
    "$.a[",
    "$.a]",
    "$HOME/x",
    "$.a b",
    "$.a..",
    "$.a[b]",
    "$..",
    "$.a['b]",
    "States.",
    "States.Foo($.a)",
    "States.Format('x",
    "States.UUID($.a)",
    "States.MathAdd($.a)",
) | st.text("$.[]'ab ", min_size=1, max_size=6).map(lambda tail: f"$.a[{tail}")
BLANK = st.sampled_from(["", " ", "\t\n", "a\x00b", "\ud800"])
NO_TEXT = st.sampled_from([5, 1.5, True, [], {}, ["a"], {"a": 1}]) | st.builds(object)
NO_NUMBER = st.sampled_from(["many", "", "1 GiB", [], [1], {}, True, float("nan"), float("inf")])
NO_LIST = st.sampled_from([5, "a", True]) | st.builds(object)
NO_OBJECT = st.sampled_from([5, "text", True, [1], [("a", "b")]]) | st.builds(object)
JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | MALFORMED
    | st.sampled_from([*PATHS, TOKEN, "a" * 300, Duration.seconds(1), ENV]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=4,
)


def computed(*values: Any) -> Strategy:
    """Literals that can work, paths and tokens."""
    return st.sampled_from([*values, *PATHS, TOKEN])


@dataclass(frozen=True)
class Values:
    """What a parameter can be given, and what it cannot."""

    good: Strategy
    bad: Strategy


def name_of_length(longest: int) -> Values:
    return Values(
        computed("a", "Job_1-x", "a" * longest),
        st.none() | BLANK | NO_TEXT | MALFORMED | right("a" * (longest + 7), "a b", "a/b", "é"),
    )


def choices(*values: Any) -> Values:
    return Values(right(*values), st.none() | NO_TEXT | right("no such", ""))


# 128 characters, less "dev-x-" and "-<uuid>".
NAME = name_of_length(85)
IMAGE = Values(
    computed("img", "repo/img:1"),
    st.none() | BLANK | NO_TEXT | MALFORMED | right("img:1 2", "i" * 256),
)
QUEUE = Values(
    computed("queue", "q" * 128, "arn:aws:batch:us-east-1:1:job-queue/q"),
    st.none() | BLANK | NO_TEXT | MALFORMED | right("q" * 129, "a queue", "q/r"),
)
BUCKET = Values(
    computed("bucket", "b" * 3),
    st.none()
    | BLANK
    | NO_TEXT
    | MALFORMED
    | right("b", "a/b", "s3://bucket", "arn:aws:s3:::bucket", "b" * 256),
)
HANDLER = Values(computed("pkg.handler"), st.none() | BLANK | NO_TEXT | MALFORMED | right("a b"))
MEMORY = Values(
    computed(4, "1024", 2048.0),
    NO_NUMBER | MALFORMED | st.integers(max_value=3) | right("3", 4.5, -1),
)
VCPUS = Values(
    computed(1, "2", 4.0), NO_NUMBER | MALFORMED | st.integers(max_value=0) | right(0.24, "0")
)
GPU = Values(
    computed(0, 1, "2") | st.none(), NO_NUMBER | MALFORMED | st.integers(max_value=-1) | right(0.5)
)
PREFIX = Values(
    computed("scratch", "a/b", "p" * 800),
    MALFORMED | right("/a", "a/", "/", "p" * 801, " ", 5, ["a"]),
)
COMMAND = Values(
    right(None, "", "echo 'a b'", ["echo", "$.x"], [], "$.command", ["$"[:0]]),
    right(5, ["sleep", 5], "echo 'a", ["echo", "$.x["], True, [None])
    | NO_OBJECT.filter(lambda value: not isinstance(value, str)),
)
ENVIRONMENT = Values(
    right(None, {}, {"A": "b", "B": "$.c"}, "$.environment", {"A": TOKEN}),
    right(
        {"": "a"},
        {"A=B": "c"},
        {"AWS_BATCH_X": "a"},
        {"A": None},
        {5: "a"},
        {"A": "$.b["},
        {"A": ["b"]},
        {"A": {}},
    )
    | NO_OBJECT,
)
PLATFORMS = Values(
    right(None, ["EC2"], "$.platforms"),
    right([], ["EC3"], "EC2", ["EC2", "EC2"], ["FARGATE", 5], 5, [None]),
)
ROLE = Values(
    right(None, "arn:aws:iam::123456789012:role/job", "$.role", TOKEN), BLANK | NO_TEXT | MALFORMED
)
TIMEOUT = Values(
    right(None, 60, 86_400, "$.seconds", TOKEN) | st.builds(Duration.minutes, right(1, 9)),
    right(59, 0, -1, 60.5, "60", True, [], {}, 2**31)
    | MALFORMED
    | st.builds(Duration.seconds, st.integers(0, 59)),
)
FLAG = Values(st.booleans(), right(None, "yes", 0, 1, [], "true"))
DATA_PATH = Values(
    right(None, "$", "$.a", "$.a[*]", "$$.Execution.Input"),
    BLANK | NO_TEXT | MALFORMED | right("a", "States.UUID()"),
)
RESULT_PATH = Values(
    right(None, "$", "$.a", "$['a b'].c"),
    BLANK | NO_TEXT | MALFORMED | right("a", "$..a", "$.a[*]", "$$.a", "$var.a"),
)
PLACE = Values(
    right("$", "$.a", "a", "a.b[0]", "$['a']"),
    BLANK | NO_TEXT | MALFORMED | right("$..a", "$.a[*]", "a.", ".a", "a b"),
)
OBJECT = Values(
    right({}, {"a": 1, "b": {"c": "$.d"}}, {"a": [1, "$.b"]}, {"a": None}),
    NO_OBJECT
    | right({"a": "$.b["}, {"a": object()}, {5: 1}, {"": 1}, {"a": ["$.b["]}, {"a": float("nan")}),
)
POINTS = [{"containerPath": "/a", "sourceVolume": "v"}]
MOUNT_POINTS = Values(
    right(None),
    right(
        [{"containerPath": "a", "sourceVolume": "v"}],
        [*POINTS, *POINTS],
        [5],
        "text",
        5,
        [{}],
        [{"containerPath": "/", "sourceVolume": "v"}],
        [{**POINTS[0], "readonly": True}],
        [{**POINTS[0], "ContainerPath": 5}],
        "$.m[",
    ),
)
VOLUMES = Values(
    right(None, [{"name": "v"}], "$.volumes"),
    right(
        [{"name": ""}],
        [{"name": "v"}, {"name": "v"}],
        [{"name": "v", "path": "/a"}],
        [5],
        "v",
        5,
        [{}],
        [{"Name": "v" * 256}],
        [{"name": "v", "efsVolumeConfiguration": "fs"}],
    ),
)
ID = Values(right("Job"), st.none() | BLANK | NO_TEXT | right(TOKEN))
ENVIRONMENTS = Values(right(ENV), st.none() | NO_TEXT | right("dev-x", "", EnvBase("dev-é")))
CONSTRUCT_NAMES = Values(right(TOKEN), st.none() | NO_TEXT)


@cache
def stack() -> cdk.Stack:
    return cdk.Stack(cdk.App(analytics_reporting=False), "Stack")


@cache
def file_system() -> efs.IFileSystem:
    from aws_cdk.aws_ec2 import SecurityGroup

    group = SecurityGroup.from_security_group_id(stack(), "Group", "sg-1")
    return efs.FileSystem.from_file_system_attributes(
        stack(), "Files", file_system_id="fs-0123456789abcdef0", security_group=group
    )


@cache
def function() -> lambda_.IFunction:
    return lambda_.Function.from_function_name(stack(), "Function", "function")


@cache
def mount(path: str) -> MountPointConfiguration:
    return MountPointConfiguration.from_file_system(file_system(), mount_point=path)


CONFIGS = Values(
    right(None, []) | st.builds(lambda: [mount("/a"), mount("/b")]),
    NO_LIST | right([5], [None], {"a": 1}) | st.builds(lambda: [mount("/a"), mount("/a")]),
)
FILE_SYSTEM = Values(st.builds(file_system), st.none() | NO_TEXT | right("fs-1"))

_numbers = itertools.count()


@cache
def state_machine() -> sfn.IStateMachine:
    return sfn.StateMachine.from_state_machine_name(stack(), "Machine", "dev-x-machine")


STATE_MACHINE = Values(st.builds(state_machine), st.none() | NO_TEXT | right("machine"))
# Of its own place each time: all roles are mounted at once.
FILES = Values(
    st.builds(lambda: mount(f"/{next(_numbers)}")),
    st.none() | right(5, "/a", True, [], [5]) | st.builds(object),
)


def pass_state(scope: Any) -> Any:
    """A state for a constructor to work on, beside the scope that must stay empty."""
    del scope
    return sfn.Pass(stack(), f"Pass {next(_numbers)}")


CHAINABLE = Values(st.builds(pass_state, st.none()), st.none() | NO_TEXT | right("state"))

# The constructors ---------------------------------------------------------------------------------

BASE = {
    "scope": Values(st.none(), right(5, "stack", [], ENV) | st.builds(cdk.App)),
    "id": ID,
    "env_base": ENVIRONMENTS,
}
JOB = {
    **BASE,
    "name": NAME,
    "job_queue": QUEUE,
    "command": COMMAND,
    "environment": ENVIRONMENT,
    "memory": MEMORY,
    "vcpus": VCPUS,
    "gpu": GPU,
    "job_role_arn": ROLE,
    "execution_role_arn": ROLE,
    "timeout": TIMEOUT,
    "deploy_job_definition": Values(st.just(False), FLAG.bad),
}
MOUNTS = {
    "mount_points": MOUNT_POINTS,
    "volumes": VOLUMES,
    "platform_capabilities": PLATFORMS,
}
DOCUMENTS = {"bucket_name": BUCKET, "key_prefix": PREFIX, "payload_path": DATA_PATH}
HANDLED = {
    **BASE,
    "aibs_informatics_docker_asset": IMAGE,
    "batch_job_queue": QUEUE,
    "scaffolding_bucket": BUCKET,
    "mount_point_configs": CONFIGS,
    "timeout": TIMEOUT,
}
RESOURCES = {"memory": MEMORY, "vcpus": VCPUS, "deploy_job_definition": FLAG}
STATE = {"scope": BASE["scope"], "id": ID, "result_path": RESULT_PATH, "output_path": DATA_PATH}


@dataclass(frozen=True)
class Target:
    """A constructor, or a function that makes something."""

    make: Callable[..., Any]
    parameters: Mapping[str, Values]


def without(values: Mapping[str, Values], *names: str) -> dict[str, Values]:
    return {name: value for name, value in values.items() if name not in names}


TARGETS = {
    "SubmitJobFragment": Target(SubmitJobFragment, {**JOB, **MOUNTS, "image": IMAGE}),
    "SubmitJobFragment.from_defaults": Target(
        SubmitJobFragment.from_defaults, {**JOB, "image": IMAGE, "mount_point_configs": CONFIGS}
    ),
    "BatchInvokedLambdaFunction": Target(
        BatchInvokedLambdaFunction,
        {**JOB, **MOUNTS, **DOCUMENTS, "image": IMAGE, "handler": HANDLER},
    ),
    "BatchInvokedLambdaFunction.with_defaults": Target(
        BatchInvokedLambdaFunction.with_defaults,
        {
            **JOB,
            **DOCUMENTS,
            "image_path": Values(IMAGE.good, MALFORMED | right("a b", 5, ["a"])),
            "handler_path": Values(HANDLER.good, MALFORMED | right("a b", 5, ["a"])),
            "overrides_path": DATA_PATH,
            "mount_point_configs": CONFIGS,
            "platform_capabilities": PLATFORMS,
        },
    ),
    "BatchInvokedExecutorFragment": Target(
        BatchInvokedExecutorFragment,
        {
            **without(JOB, "command", "gpu"),
            **MOUNTS,
            **DOCUMENTS,
            "image": IMAGE,
            "executor": HANDLER,
        },
    ),
    "DataSyncFragment": Target(
        DataSyncFragment,
        {
            **HANDLED,
            "batch_job_role": ROLE,
            "deploy_job_definition": Values(right(False), FLAG.bad),
        },
    ),
    "DistributedDataSyncFragment": Target(
        DistributedDataSyncFragment,
        {
            **HANDLED,
            "batch_job_role": ROLE,
            "max_concurrency": Values(
                right(1, 10_000), st.integers(max_value=0) | st.integers(10_001) | NO_NUMBER
            ),
            "tolerated_failure_count": Values(
                st.integers(0, 10**6), st.integers(max_value=-1) | NO_NUMBER | right(1.5)
            ),
            "tolerated_failure_percentage": Values(
                right(0, 99.5, 100), st.floats(101, 1e300) | st.floats(-1e200, -0.1) | NO_NUMBER
            ),
        },
    ),
    "CleanFileSystemFragment": Target(
        CleanFileSystemFragment,
        {**HANDLED, **RESOURCES, "deploy_job_definition": Values(right(False), FLAG.bad)},
    ),
    **{
        make.__name__: Target(
            make, {**HANDLED, **RESOURCES, "deploy_job_definition": Values(right(False), FLAG.bad)}
        )
        for make in (
            get_data_path_stats_fragment,
            outdated_data_path_scanner_fragment,
            remove_data_paths_fragment,
        )
    },
    "LambdaFunctionFragment": Target(
        LambdaFunctionFragment,
        {
            **BASE,
            "lambda_function": Values(st.builds(function), st.none() | NO_TEXT | right("function")),
        },
    ),
    "TaskWithPrePostStatus": Target(
        TaskWithPrePostStatus, {**BASE, "task": Values(CHAINABLE.good, NO_TEXT | right("state"))}
    ),
    "merge_defaults": Target(
        CommonOperation.merge_defaults,
        {
            **without(STATE, "output_path"),
            "result_path": Values(
                right(None, "$", "$.a", "$['a b'].c", "a"),
                BLANK | NO_TEXT | MALFORMED | right("$..a", "$.a[*]", "$$.a", "$var.a"),
            ),
            "defaults": OBJECT,
            "input_path": PLACE,
            "target_path": PLACE,
            "order_of_preference": choices("target", "default"),
            "check_if_target_present": FLAG,
        },
    ),
    "enclose_chainable": Target(
        CommonOperation.enclose_chainable,
        {
            **without(STATE, "output_path"),
            "definition": CHAINABLE,
            "input_path": Values(right(None, "$", "$.a"), DATA_PATH.bad),
        },
    ),
    "put_object": Target(
        S3Operation.put_object,
        {
            **STATE,
            "bucket_name": BUCKET,
            "key": Values(
                computed("a/b"), st.none() | BLANK | NO_TEXT | MALFORMED | right("k" * 1025)
            ),
            "body": Values(
                right(None, "text", "$.a", {"a": "$.b"}, [1]),
                MALFORMED | right({"a": "$."}, {5: 1}) | st.builds(object),
            ),
        },
    ),
    "get_object": Target(
        S3Operation.get_object,
        {**STATE, "bucket_name": BUCKET, "key": Values(computed("a"), BLANK | NO_TEXT | MALFORMED)},
    ),
    "put_payload": Target(
        S3Operation.put_payload,
        {
            **STATE,
            "bucket_name": BUCKET,
            "key": Values(computed("a") | st.none(), BLANK | NO_TEXT | MALFORMED),
            "payload": Values(right("$", "$.a", "text"), MALFORMED | st.builds(object)),
        },
    ),
    "get_payload": Target(
        S3Operation.get_payload,
        {
            **without(STATE, "output_path"),
            "bucket_name": BUCKET,
            "key": Values(computed("a"), BLANK | NO_TEXT | MALFORMED),
        },
    ),
    "register_job_definition": Target(
        BatchOperation.register_job_definition,
        {
            **STATE,
            **MOUNTS,
            "command": COMMAND,
            "image": IMAGE,
            "job_definition_name": name_of_length(91),
            "job_role_arn": ROLE,
            "execution_role_arn": ROLE,
            "environment": ENVIRONMENT,
            "memory": MEMORY,
            "vcpus": VCPUS,
            "gpu": GPU,
        },
    ),
    "submit_job": Target(
        BatchOperation.submit_job,
        {
            **STATE,
            "job_name": name_of_length(128),
            "job_definition": Values(computed("job:1"), BLANK | NO_TEXT | MALFORMED | right("a b")),
            "job_queue": QUEUE,
            "parameters": Values(right(None, {"a": "b"}, {"a": "$.b"}), OBJECT.bad),
            "command": COMMAND,
            "environment": ENVIRONMENT,
            "memory": Values(MEMORY.good | st.none(), MEMORY.bad),
            "vcpus": Values(VCPUS.good | st.none(), VCPUS.bad),
            "gpu": GPU,
        },
    ),
    "deregister_job_definition": Target(
        BatchOperation.deregister_job_definition,
        {**STATE, "job_definition": Values(computed("job:1"), BLANK | NO_TEXT | MALFORMED)},
    ),
    "create_role": Target(
        create_role,
        {
            **BASE,
            "assumed_by": Values(st.none(), NO_TEXT | right("states.amazonaws.com")),
            "managed_policies": Values(
                right(None, [], ["AWSLambdaExecute"]), NO_LIST | right([""], [5], [None])
            ),
            "inline_policies": Values(
                right(None, {}), NO_OBJECT | right({"a": 1}, {"a b": None}, {5: 1})
            ),
            "inline_policies_from_statements": Values(
                right(None, {}, {"a": []}), NO_OBJECT | right({"a": 1}, {"a": [1]}, {"": []})
            ),
            "include_default_managed_policies": FLAG,
        },
    ),
    "create_log_options": Target(
        create_log_options,
        {
            **BASE,
            "id": Values(right("a", "a-b"), ID.bad | right("a b", "a" * 500, "é")),
            "removal_policy": Values(
                right(None, cdk.RemovalPolicy.RETAIN), NO_TEXT | right("DESTROY")
            ),
            "retention": Values(st.none(), NO_TEXT | right("ONE_DAY", 30)),
        },
    ),
    "create_state_machine": Target(
        create_state_machine,
        {
            **BASE,
            "id": Values(right("machine", "m" * 117), ID.bad | right("a b", "m" * 118, "a/b")),
            "name": Values(
                right(None, "m", "m" * 74, "a.b", TOKEN),
                BLANK | NO_TEXT | right("m" * 81, "a b", "é"),
            ),
            "definition": CHAINABLE,
            "role": Values(st.none(), NO_TEXT | right("role")),
            "logs": Values(st.none(), NO_TEXT | right("logs")),
            "timeout": Values(
                st.none() | st.builds(Duration.hours, right(1, 9)),
                NO_TEXT | st.builds(Duration.millis, right(0, 500, 1500)),
            ),
        },
    ),
    "to_state_machine": Target(
        lambda scope, **given: submit(scope).to_state_machine(**given),
        {
            "state_machine_name": Values(
                right("m", "m" * 74, TOKEN),
                st.none() | BLANK | NO_TEXT | right("m" * 81, "a b", "é", "a.b", "a/b"),
            ),
            "role": Values(st.none(), NO_TEXT | right("role")),
            "logs": Values(st.none(), NO_TEXT | right("logs")),
            "timeout": Values(
                st.none() | st.builds(Duration.seconds, right(61, 3600)),
                NO_TEXT
                | st.builds(Duration.seconds, right(0, 1, 60))
                | st.builds(Duration.millis, right(1, 61_500)),
            ),
        },
    ),
    "to_single_state": Target(
        lambda scope, **given: submit(scope).to_single_state(**given),
        {
            "state_id": Values(right(None, "One", "s" * 80), BLANK | NO_TEXT | right("s" * 81)),
            "prefix_states": Values(right(None, "a: ", "p" * 90), BLANK | NO_TEXT),
            "comment": Values(right(None, "text"), BLANK | NO_TEXT),
            "input_path": DATA_PATH,
            "output_path": DATA_PATH,
            "result_path": RESULT_PATH,
            "result_selector": Values(right(None, {"a.$": "$[0]"}), OBJECT.bad),
            "parameters": Values(right(None, {"a": 1}), OBJECT.bad),
            "query_language": Values(st.none(), NO_TEXT | right("JSONata")),
            "state_name": Values(right(None, "One", "s" * 80), BLANK | NO_TEXT | right("s" * 81)),
            "assign": Values(
                right(None, {"a": 1, "b.$": "$.b"}),
                OBJECT.bad | right({"0": 1}, {"states": 1}, {"v" * 81: 1}),
            ),
        },
    ),
    "DemandExecutionFragment": Target(
        DemandExecutionFragment,
        {
            **BASE,
            "aibs_informatics_docker_asset": IMAGE,
            "scaffolding_bucket": BUCKET,
            "scaffolding_job_queue": QUEUE,
            "batch_invoked_lambda_state_machine": STATE_MACHINE,
            "data_sync_state_machine": STATE_MACHINE,
            "shared_mount_point_config": FILES,
            "scratch_mount_point_config": FILES,
            "file_system_selection_strategy": Values(
                right(None, "RANDOM", "$.strategy"), NO_TEXT | MALFORMED | right("", "FIRST")
            ),
            "context_manager_configuration": Values(
                right(None, {"isolate_inputs": True}, {"isolate_inputs": "$.isolate"}),
                NO_OBJECT.filter(bool) | right({"isolate": True}, {"isolate_inputs": "$.["}),
            ),
            "tags": Values(
                right(None, {"a": "b"}, {"a": "$.b"}),
                NO_OBJECT.filter(bool) | right({"a": 1}, {"a": "$.["}, {5: "a"}),
            ),
        },
    ),
    "MountPointConfiguration": Target(
        lambda scope, **given: MountPointConfiguration(**given),
        {
            # Either may be None where the other is given.
            "file_system": Values(FILE_SYSTEM.good, NO_TEXT | right("fs-1")),
            "access_point": Values(st.none(), NO_TEXT | right("fsap-1")),
            "mount_point": Values(
                right("/a", "/a/b/", TOKEN),
                st.none() | BLANK | NO_TEXT | right("a", "/", "//", "./a"),
            ),
            "root_directory": Values(right(None, "/", "/a"), BLANK | NO_TEXT | right("a")),
            "read_only": FLAG,
        },
    ),
    "MountPointConfiguration.from_file_system": Target(
        lambda scope, **given: MountPointConfiguration.from_file_system(**given),
        {
            "file_system": FILE_SYSTEM,
            "mount_point": Values(right(None, "/a"), BLANK | NO_TEXT | right("a", "/")),
            "root_directory": Values(right(None, "/", "/a"), BLANK | NO_TEXT | right("a")),
            "read_only": FLAG,
        },
    ),
    "CleanFileSystemTriggerConfig": Target(
        lambda scope, **given: CleanFileSystemTriggerConfig(**given),
        {
            "file_system": FILE_SYSTEM,
            "path": Values(right("/", "/a"), st.none() | BLANK | NO_TEXT | right("a", "fs-1:/a")),
            "days_since_last_accessed": Values(
                right(0, 0.5, 30), st.none() | NO_NUMBER | st.floats(-1e9, -0.01)
            ),
            "max_depth": Values(right(None, 5), NO_NUMBER | right(-1, 1.5)),
            "min_depth": Values(right(None, 0, 5), NO_NUMBER | right(-1, 1.5)),
            "min_size_bytes_allowed": Values(
                right(0, 2**40), st.none() | NO_NUMBER | right(-1, 0.5)
            ),
            "schedule": Values(st.none(), NO_TEXT | right("rate(1 day)")),
        },
    ),
    "CleanFileSystemTriggerRuleConfig": Target(
        lambda scope, **given: CleanFileSystemTriggerRuleConfig(**given),
        {
            "rule_name": Values(
                right("r", "r" * 64), st.none() | BLANK | NO_TEXT | right("r" * 65, "a b", "a/b")
            ),
            "trigger_configs": Values(
                st.builds(lambda: [CleanFileSystemTriggerConfig(file_system(), "/a")]),
                st.none()
                | NO_LIST
                | right([], [5])
                | st.builds(lambda: [CleanFileSystemTriggerConfig(file_system(), "/a")] * 6),
            ),
            "schedule": Values(st.none(), NO_TEXT | right("rate(1 day)")),
        },
    ),
}


def submit(scope: Construct) -> SubmitJobFragment:
    """A fragment to call methods of; it lies beside the scope that must stay empty."""
    del scope
    return SubmitJobFragment(
        stack(),
        f"Submit{next(_numbers)}",
        ENV,
        "job",
        "queue",
        "img",
        memory=4,
        vcpus=1,
        timeout=60,
    )


# What is made of them -----------------------------------------------------------------------------


class Scopes:
    """An empty construct to make things in, for as long as nothing is made in it."""

    def __init__(self) -> None:
        self._scope: Construct | None = None

    def empty(self) -> Construct:
        if self._scope is None or self._scope.node.children:
            self._scope = Construct(stack(), f"Scope{next(_numbers)}")
        return self._scope


SCOPES = Scopes()


def call(target: Target, scope: Construct, values: Mapping[str, Any]) -> Any:
    arguments = dict(values)
    if arguments.get("scope") is None:
        arguments["scope"] = scope
    return target.make(**arguments)


def definition_of(made: Any, scope: Construct) -> dict[str, Any] | None:
    """The definition of the state machine of what was made, if it is states."""
    machine = made if isinstance(made, sfn.StateMachine) else None
    if isinstance(made, EnvBaseStateMachineFragment):
        machine = made.to_state_machine("machine")
    elif isinstance(made, sfn.Chain | sfn.Parallel):
        machine = create_state_machine(scope, ENV, "machine", "machine", sfn.Chain.start(made))
    if machine is None:
        return None
    resource: Any = machine.node.default_child
    resolved = stack().resolve(resource.definition_string)
    return dict(Definition.from_resolved(resolved).states)


JOB_NAME = re.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,127}")


def refused_by_aws(definition: Mapping[str, Any]) -> list[str]:
    """What the rules, the language's parser and Batch would say against a definition."""
    report = run_checks(CheckedDefinition(definition), builtin_checks())
    wrong = [f"{c.id}: {f}" for c, f in report.findings if c.severity == "error"]
    wrong += [f"{check.id} raised {error}" for check, error in report.problems]
    for state in Machine(definition).every_state():
        made = state.integration()
        if made is not None and made.call.service == "batch" and isinstance(made.arguments, dict):
            wrong += [f"{state.name}: {problem}" for problem in wrong_job(made.arguments)]
    return wrong


def wrong_job(arguments: Mapping[str, Any]) -> list[str]:
    wrong = []
    job = str(arguments.get("JobName", "job"))
    if not job.startswith("{%") and "${" not in job and not JOB_NAME.fullmatch(job):
        wrong.append(f"name {job!r}")
    timeout = arguments.get("Timeout", {}).get("AttemptDurationSeconds", 60)
    if isinstance(timeout, int) and timeout < 60:
        wrong.append(f"timeout {timeout!r}")
    container = arguments.get("ContainerProperties")
    if not isinstance(container, Mapping):
        return wrong
    requirements = container.get("ResourceRequirements") or []
    least = {"MEMORY": 4, "VCPU": 1, "GPU": 1}
    for one in requirements if isinstance(requirements, list) else []:
        value = str(one.get("Value", "$"))
        if "$" not in value and float(value) < least[one["Type"]]:
            wrong.append(f"{one}")
    points = container.get("MountPoints")
    paths = [p.get("ContainerPath", "/") for p in points] if isinstance(points, list) else []
    if len(set(paths)) < len(paths) or not all(path.startswith(("/", "$")) for path in paths):
        wrong.append(f"mount points {paths}")
    return wrong


def parse(definition: Mapping[str, Any]) -> None:
    """Refuse what is no States Language."""
    from moto.stepfunctions.parser.asl.static_analyser.static_analyser import StaticAnalyser

    text = json.dumps(definition)
    for known, value in (("Partition", "aws"), ("Region", "us-east-1"), ("AccountId", "1" * 12)):
        text = text.replace(f"${{AWS::{known}}}", value)
    StaticAnalyser().analyse(text)


@few(8)
@pytest.mark.parametrize("name", sorted(TARGETS))
def test_everything_that_is_wrong_is_named_at_once(name: str) -> None:
    target = TARGETS[name]
    names = sorted(target.parameters)

    def check(data: st.DataObject, certain: set[str]) -> None:
        some = st.sets(st.sampled_from(names), min_size=1 - len(certain), max_size=4 - len(certain))
        wrong = certain | data.draw(some, "wrong")
        values = {
            one: data.draw(
                target.parameters[one].bad if one in wrong else target.parameters[one].good, one
            )
            for one in names
        }
        scope = SCOPES.empty()
        with pytest.raises(InvalidParametersError) as caught:
            call(target, scope, values)
        named = {re.split(r"[.\[]", one.parameter)[0] for one in caught.value.problems}
        assert wrong <= named, str(caught.value)
        assert all(problem.remedy for problem in caught.value.problems)
        # Nothing half done: the scope is as empty as before, and the id is free.
        assert scope.node.children == []

    if FULL:
        settings(REPEATABLE, max_examples=WRONG)(
            given(data=st.data(), certain=st.just(set()))(check)
        )()
        return
    for one in names:
        settings(REPEATABLE, max_examples=WRONG_IN_SAMPLE)(
            given(data=st.data(), certain=st.just({one}))(check)
        )()


@few(6)
@pytest.mark.parametrize("name", sorted(TARGETS))
def test_what_is_accepted_is_accepted_by_aws(name: str) -> None:
    target = TARGETS[name]

    @settings(REPEATABLE, max_examples=ANYTHING if FULL else ANYTHING_IN_SAMPLE)
    @given(data=st.data())
    def check(data: st.DataObject) -> None:
        anything = data.draw(st.sets(st.sampled_from(sorted(target.parameters)), max_size=1))
        values = {
            one: data.draw(JUNK if one in anything - {"scope"} else values.good, one)
            for one, values in sorted(target.parameters.items())
        }
        scope = SCOPES.empty()
        try:
            definition = definition_of(call(target, scope, values), scope)
        except FragmentsError:
            return
        if definition is not None:
            assert refused_by_aws(definition) == []
            parse(definition)

    with Engine():  # the parser, with its gaps closed
        check()


@pytest.mark.parametrize(
    ("longest", "make"),
    [
        # 128 characters, less "dev-x-" and the hyphen and UUID of each run.
        (85, lambda scope, name: job(scope, name=name)),
        # 80 characters, less "dev-x-".
        (74, lambda scope, name: job(scope).to_state_machine(name)),
        (74, lambda scope, name: machine(scope, name)),
        (91, lambda scope, name: registration(scope, name)),
    ],
)
def test_names_up_to_the_last_character(longest: int, make: Callable[..., Any]) -> None:
    scope = Construct(stack(), f"Scope{next(_numbers)}")
    with pytest.raises(InvalidParametersError, match="name"):
        make(scope, "a" * (longest + 1))
    make(Construct(stack(), f"Scope{next(_numbers)}"), "a" * longest)


def job(scope: Construct, **given: Any) -> SubmitJobFragment:
    values: dict[str, Any] = {"name": "job", "job_queue": "queue", "image": "img", **given}
    return SubmitJobFragment(scope, "Job", ENV, **{"memory": 4, "vcpus": 1, **values})


def machine(scope: Construct, name: str) -> sfn.StateMachine:
    return create_state_machine(scope, ENV, "machine", name, pass_state(scope))


def registration(scope: Construct, name: str) -> sfn.Chain:
    return BatchOperation.register_job_definition(
        scope, "Job", ["true"], "img", name, memory=4, vcpus=1
    )


PULLS = "arn:aws:iam::123456789012:role/pull"
ON_FARGATE = {"platform_capabilities": ["FARGATE"], "execution_role_arn": PULLS}


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"vcpus": 0.25}, {"vcpus"}),
        ({**ON_FARGATE, "vcpus": 0.25, "memory": 512}, set()),
        ({**ON_FARGATE, "vcpus": 0.25, "memory": 513}, {"memory"}),
        (
            {"platform_capabilities": ["FARGATE"], "vcpus": 0.25, "memory": 513},
            {"memory", "execution_role_arn"},
        ),
        ({**ON_FARGATE, "vcpus": 16, "memory": 122_880}, set()),
        ({**ON_FARGATE, "vcpus": 8, "memory": 17_408}, {"memory"}),
        ({**ON_FARGATE, "vcpus": 3, "memory": 8192}, {"vcpus"}),
        ({**ON_FARGATE, "vcpus": 1, "memory": 2048, "gpu": 1}, {"gpu"}),
        ({**ON_FARGATE, "vcpus": 3, "memory": 2048, "gpu": "2"}, {"gpu", "vcpus"}),
        ({**ON_FARGATE, "vcpus": "$.vcpus", "memory": 5, "gpu": "$.gpu"}, set()),
        ({"memory": None, "vcpus": None}, {"memory", "vcpus"}),
        ({"memory": None, "vcpus": None, "deploy_job_definition": True}, set()),
        ({"image": "$.image", "deploy_job_definition": True}, {"image"}),
        ({"volumes": [{"name": "v"}], "mount_points": POINTS}, set()),
        ({"volumes": [{"name": "w"}], "mount_points": POINTS}, {"mount_points"}),
        (
            {
                "name": "n" * 85,
                "volumes": [{"name": "v" * 20, "efsVolumeConfiguration": {"fileSystemId": "fs-1"}}],
            },
            {"volumes"},
        ),
    ],
)
def test_what_is_wrong_together(given: dict[str, Any], wrong: set[str]) -> None:
    scope = Construct(stack(), f"Scope{next(_numbers)}")
    if not wrong:
        job(scope, **given)
        return
    with pytest.raises(InvalidParametersError) as caught:
        job(scope, **given)
    assert {re.split(r"[.\[]", one.parameter)[0] for one in caught.value.problems} == wrong
    assert scope.node.children == []


def test_both_mount_styles_and_repeated_places() -> None:
    with pytest.raises(InvalidParametersError) as caught:
        BatchInvokedLambdaFunction(
            stack(),
            "Job",
            ENV,
            "job",
            "img",
            "pkg.handler",
            "queue",
            "bucket",
            memory=4,
            vcpus=1,
            mount_points=[*POINTS, *POINTS],
            volumes=[{"name": "v"}],
            mount_point_configs=[mount("/a"), mount("/a")],
        )
    assert [(one.parameter, one.value) for one in caught.value.problems] == [
        ("mount_point_configs", "/a"),
        ("mount_points", [*POINTS, *POINTS]),
        ("volumes", [{"name": "v"}]),
        ("mount_points", "/a"),
    ]


def test_an_id_that_is_taken_is_named_and_one_that_was_refused_is_free() -> None:
    scope = Construct(stack(), f"Scope{next(_numbers)}")
    with pytest.raises(InvalidParametersError, match="memory: -1"):
        job(scope, memory=-1)
    job(scope)
    for again in (
        lambda: job(scope),
        lambda: [S3Operation.get_object(scope, "Get", "bucket", "key") for _ in range(2)],
        lambda: [create_role(scope, "role", ENV) for _ in range(2)],
        lambda: [create_log_options(scope, "logs", ENV) for _ in range(2)],
        lambda: [CommonOperation.enclose_chainable(scope, "E", pass_state(scope)) for _ in "ab"],
        lambda: [machine(scope, "m") for _ in range(2)],
    ):
        with pytest.raises(InvalidParametersError, match="the scope has it already"):
            again()


def test_a_task_that_was_never_given() -> None:
    fragment = TaskWithPrePostStatus(stack(), f"Task{next(_numbers)}", ENV, task=None)
    with pytest.raises(FragmentsError, match="pass task="):
        fragment.to_state_machine("task")


def test_the_calls_are_many() -> None:
    assert len(TARGETS) * WRONG >= 1_750
