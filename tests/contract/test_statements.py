"""Statements of the documented API that are about parts: roles, logs, tags, hooks, definitions."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, RemovalPolicy, Stack
from aws_cdk.aws_iam import (
    ManagedPolicy,
    PolicyDocument,
    PolicyStatement,
    ServicePrincipal,
)
from aws_cdk.aws_lambda import Code, Function, Runtime
from aws_cdk.aws_logs import RetentionDays
from aws_cdk.aws_s3 import Bucket
from aws_cdk.aws_stepfunctions import Chain, JsonPath, Pass, StateMachine
from tests.contract.both_libraries import OLD, Library
from tests.contract.test_behaviour import GIVEN, Build, execute, outputs, same
from tests.proofs import long_proof

from sfn_fragments.environment import EnvBase

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs import Construct

    from sfn_fragments_local import Engine

pytestmark = pytest.mark.filterwarnings("ignore")

ENV = EnvBase("dev-x")


def template_of(build: Callable[[Stack], Any]) -> dict[str, Any]:
    app = App(analytics_reporting=False)
    stack = Stack(app, "Stack")
    build(stack)
    template: dict[str, Any] = app.synth().get_stack_by_name("Stack").template
    return template


def resources(build: Callable[[Stack], Any], kind: str) -> list[Any]:
    """What a stack has of a kind: its properties, and what becomes of it when it is removed."""
    return [
        [one["Properties"], one.get("DeletionPolicy")]
        for one in template_of(build)["Resources"].values()
        if one["Type"] == kind
    ]


@pytest.mark.parametrize(
    "options",
    [{}, {"removal_policy": RemovalPolicy.RETAIN}, {"retention": RetentionDays.ONE_DAY}],
)
def test_log_options(options: dict[str, Any]) -> None:
    [[properties, deletion]] = same(
        lambda library: resources(
            lambda stack: library.create_log_options(stack, "logs", ENV, **options),
            "AWS::Logs::LogGroup",
        )
    )
    if not options:
        assert (properties["RetentionInDays"], deletion) == (30, "Delete")


def statement() -> PolicyStatement:
    return PolicyStatement(actions=["s3:GetObject"], resources=["arn:aws:s3:::b/*"])


@pytest.mark.parametrize(
    "options",
    [
        dict,
        lambda: {"include_default_managed_policies": False},
        lambda: {"assumed_by": ServicePrincipal("lambda.amazonaws.com")},
        lambda: {"managed_policies": ["AmazonS3ReadOnlyAccess"]},
        lambda: {
            "managed_policies": [ManagedPolicy.from_aws_managed_policy_name("ReadOnlyAccess")],
            "include_default_managed_policies": False,
        },
        lambda: {
            "inline_policies": {
                "own": PolicyDocument(statements=[statement()]),
            },
            "inline_policies_from_statements": {"more": [statement()]},
        },
    ],
)
def test_roles(options: Callable[[], dict[str, Any]]) -> None:
    same(
        lambda library: resources(
            lambda stack: library.create_role(stack, "role", ENV, **options()), "AWS::IAM::Role"
        )
    )


def test_functions_and_machines_by_name() -> None:
    def ask(library: Library) -> Any:
        stack = Stack(App(), "Stack")
        fragment = library.EnvBaseStateMachineFragment(stack, "Fragment", ENV)
        found = fragment.get_fn("count"), fragment.get_state_machine_from_name("align")
        again = fragment.get_fn("count"), fragment.get_state_machine_from_name("align")
        assert all(one is other for one, other in zip(found, again, strict=True))
        arns = stack.resolve([found[0].function_arn, found[1].state_machine_arn])
        # The old library has the partition of the commercial regions in some of its ARNs.
        whole = "".join(part for arn in arns for part in map(str, arn["Fn::Join"][1]))
        return whole.replace("arn:{'Ref': 'AWS::Partition'}:", "arn:aws:")

    assert "dev-x-count" in same(ask)


def test_a_definition_is_built_once_and_may_be_set() -> None:
    def ask(library: Library) -> Any:
        stack = Stack(App(), "Stack")
        built: list[str] = []

        class Lazy(library.LazyLoadStateMachineFragment):  # type: ignore[misc,name-defined] # of either library
            def build_definition(self) -> Any:
                built.append(self.node.id)
                return Pass(self, "Built")

        lazy, given = Lazy(stack, "Lazy", ENV), Lazy(stack, "Given", ENV)
        before = list(built)
        first = [lazy.definition is lazy.definition, lazy.start_state.id, len(lazy.end_states)]
        given.definition = Pass(stack, "Set")
        return before, built, first, given.start_state.id

    before, built, first, _ = same(ask)
    assert (before, built, first) == ([], ["Lazy"], [True, "Built", 1])


def test_a_task_must_be_set() -> None:
    def ask(library: Library) -> str:
        fragment = library.TaskWithPrePostStatus(Stack(App(), "S"), "Task", ENV, None)
        with pytest.raises(AssertionError):
            _ = fragment.task
        fragment.task = Pass(fragment, "Do")
        fragment.task_name = "Other"
        return f"{fragment.task.id} {fragment.task_name}"

    assert same(ask) == "Do Other"


def states_of(build: Callable[[Stack], Any]) -> dict[str, Any]:
    """The states of the definition that a chain makes."""

    def machine(stack: Stack) -> None:
        from aws_cdk.aws_stepfunctions import DefinitionBody

        body = DefinitionBody.from_chainable(build(stack))
        StateMachine(stack, "Machine", definition_body=body)

    [[properties, _]] = resources(machine, "AWS::StepFunctions::StateMachine")
    found: dict[str, Any] = json.loads(properties["DefinitionString"])["States"]
    return found


def inner(library: Library, scope: Construct) -> Any:
    fragment = library.EnvBaseStateMachineFragment(scope, "Inner", ENV)
    fragment.definition = Chain.start(Pass(fragment, "Do"))
    return fragment


@pytest.mark.parametrize(
    "options",
    [
        {"state_id": "Named"},
        {"state_id": "Named", "comment": "why", "input_path": "$.a", "output_path": "$[0].b"},
        {"state_id": "Named", "state_name": "Shown"},
        {"state_id": "Named", "result_path": "$.r", "output_path": "$"},
        {"state_id": "Named", "result_selector": {"x.$": "$[0]"}, "output_path": "$"},
        {"state_id": "Named", "assign": {"v": JsonPath.string_at("$[0].b")}},
    ],
)
def test_the_fields_of_a_single_state(options: dict[str, Any]) -> None:
    def ask(library: Library) -> Any:
        states = states_of(lambda stack: inner(library, stack).to_single_state(**options))
        # How the states inside are called is no part of it.
        return {
            name: {**state, "Branches": len(state["Branches"])} for name, state in states.items()
        }

    [[name, state]] = same(ask).items()
    assert (name, state["Type"]) == (options.get("state_name", "Named"), "Parallel")


def test_an_enclosed_fragment_is_called_by_its_id() -> None:
    def ask(library: Library) -> list[Any]:
        states = states_of(lambda stack: inner(library, stack).enclose())
        found = [(name, one) for name, one in states.items() if one["Type"] == "Parallel"]
        return [(name[:5], one.get("InputPath", "$")) for name, one in found]

    assert same(ask) == [("Inner", "$")]


@long_proof
def test_tags_of_build_and_run(sfn_engine: Engine) -> None:
    """Those of the run win; without any, those of the build are used alone."""

    def chain(library: Library, scope: Construct, tags: Any) -> Any:
        make = library.DemandExecutionFragment
        if library is OLD:
            # Its fragment makes these states itself, whose names are always the same.
            holder = library.EnvBaseStateMachineFragment(scope, "Holder", ENV)
            return make.demand_execution_normalize_tags_chain(holder, tags)
        machine = StateMachine.from_state_machine_name(scope, "Other", "other")
        fragment = make(
            scope,
            "Demand",
            ENV,
            aibs_informatics_docker_asset="image:1",
            scaffolding_bucket=Bucket(scope, "Bucket"),
            scaffolding_job_queue="queue",
            batch_invoked_lambda_state_machine=machine,
            data_sync_state_machine=machine,
            shared_mount_point_config=mount(library, scope, "shared"),
            scratch_mount_point_config=mount(library, scope, "scratch"),
        )
        return fragment.demand_execution_normalize_tags_chain(tags)

    builds = {"none": None, "some": {"a": "build", "b": "build"}, "path": {"a": "$.execution_id"}}
    for run in (None, {"a": "run", "c": "run"}):
        request: dict[str, Any] = {"execution_id": "id-1", "execution_metadata": {"user": "me"}}
        if run is not None:
            request["execution_metadata"]["tags"] = run

        def ask(library: Library, request: dict[str, Any] = request) -> Any:
            cases: dict[str, Build] = {
                name: partial(chain, tags=tags) for name, tags in builds.items()
            }
            results = execute(sfn_engine, library, cases, request, allow_anything=True)
            return {name: (one.status, one.output) for name, one in results.items()}

        found = same(ask)
        assert {status for status, _ in found.values()} == {"SUCCEEDED"}
        tags = found["some"][1]["execution_metadata"]["tags"]
        assert tags == {"a": "build", "b": "build", **(run or {})}
        assert found["path"][1]["execution_metadata"]["tags"]["a"] == ("run" if run else "id-1")


def mount(library: Library, scope: Construct, name: str) -> Any:
    from aws_cdk.aws_ec2 import SecurityGroup
    from aws_cdk.aws_efs import FileSystem

    group = SecurityGroup.from_security_group_id(scope, f"{name} group", "sg-12345678")
    file_system = FileSystem.from_file_system_attributes(
        scope, name, file_system_id="fs-12345678", security_group=group
    )
    return library.MountPointConfiguration.from_file_system(file_system, None, f"/opt/{name}")


HANDLER = """
def handler(event, context):
    if event.get("fail"):
        raise ValueError("no such plate")
    return {"seen": event}
"""


@long_proof
def test_a_function_as_a_fragment(sfn_engine: Engine) -> None:
    def invoke(library: Library, scope: Construct) -> Any:
        function = Function(
            scope,
            "Function",
            code=Code.from_inline(HANDLER),
            handler="index.handler",
            runtime=Runtime.PYTHON_3_12,
        )
        return library.LambdaFunctionFragment(scope, "Invoke", ENV, lambda_function=function)

    def ask(library: Library) -> Any:
        found = [
            execute(sfn_engine, library, {f"invoke{number}": invoke}, given, allow_anything=True)
            for number, given in enumerate(({"a": 1}, {"fail": True}))
        ]
        return [[one.status, one.output] for results in found for one in results.values()]

    assert [status for status, _ in same(ask)] == ["SUCCEEDED", "FAILED"]


def test_what_is_put_without_a_key_and_as_a_text(sfn_engine: Engine) -> None:
    """The key is the execution's name and a UUID; an explicit body may be a text."""
    sfn_engine.create_bucket("a-bucket")

    def ask(library: Library) -> Any:
        cases: dict[str, Build] = {
            "default": lambda library, scope: library.S3Operation.put_payload(
                scope, "Put", payload="$", bucket_name="a-bucket"
            ),
            "text": lambda library, scope: library.S3Operation.put_object(
                scope, "Put", bucket_name="a-bucket", key="text", body="body"
            ),
        }
        results = execute(sfn_engine, library, cases, {"a": "b"}, allow_anything=True)
        found = []
        for result in results.values():
            place: Any = result.raise_for_status().output
            body = sfn_engine.client("s3").get_object(**place)["Body"].read().decode()
            run, _, rest = place["Key"].partition("/")
            found.append([run == result.arn.split(":")[-1], len(rest), json.loads(body)])
        return found

    assert same(ask) == [[True, 36, {"a": "b"}], [False, 0, "body"]]


REGISTERED: dict[str, dict[str, Any]] = {
    "literals": {"command": ["a", "b"], "environment": {"A": "x"}, "gpu": 1},
    "zero": {"command": ["a"], "gpu": 0},
    "references": {
        "command": "$.list",
        "image": "$.text",
        "environment": {"A": "$.text", "B": "x"},
        "memory": "$.memory",
        "vcpus": "$.n",
        "gpu": "$.zero",
        "platform_capabilities": "$.platforms",
        "job_role_arn": "$.role",
    },
    "pairs": {"command": ["a"], "environment": "$.pairs"},
    "mounts": {
        "command": ["a"],
        "mount_points": [{"sourceVolume": "v", "containerPath": "/opt/a", "readOnly": True}],
        "volumes": [{"name": "v", "host": {"sourcePath": "/data"}}],
    },
}


def test_registered_job_definitions(sfn_engine: Engine) -> None:
    given = {
        **GIVEN,
        "memory": 2048,
        "zero": 0,
        "platforms": ["EC2"],
        "role": "arn:aws:iam::123456789012:role/jobs",
        "pairs": [{"Name": "P", "Value": "q"}],
    }

    def register(library: Library, scope: Construct, options: dict[str, Any]) -> Any:
        return library.BatchOperation.register_job_definition(
            scope,
            "Register",
            **{
                "image": "img",
                "job_definition_name": "some",
                "memory": 1024,
                "vcpus": 1,
                "environment": {},
                # The old library sends null for what is not given.
                "mount_points": [],
                "volumes": [],
                **options,
            },
        )

    def ask(library: Library) -> Any:
        cases: dict[str, Build] = {
            name: partial(register, options=options) for name, options in REGISTERED.items()
        }
        results = execute(sfn_engine, library, cases, given, allow_anything=True)
        return {name: _described(sfn_engine, one) for name, one in results.items()}

    retries: dict[str, list[Any]] = {name: [] for name in REGISTERED}

    def without_retries(library: Library) -> Any:
        described = ask(library)
        for name, one in described.items():
            retries[name].append(one.pop("retries"))
        return described

    found = same(without_retries)
    for old, ours in retries.values():
        # Whoever tried again goes on to; more reasons pass by themselves than that library knew.
        assert ours["attempts"] == old["attempts"]
        assert [one for one in ours["evaluateOnExit"] if one in old["evaluateOnExit"]] == (
            old["evaluateOnExit"]
        )
    assert found["references"]["environment"] == {"A": "plain", "B": "x"}
    assert found["references"]["resources"] == {"MEMORY": "2048", "VCPU": "5"}
    assert found["pairs"]["environment"] == {"P": "q"}


def _described(engine: Engine, result: Any) -> dict[str, Any]:
    arn = result.raise_for_status().output["JobDefinitionArn"]
    [found] = engine.client("batch").describe_job_definitions(jobDefinitions=[arn])[
        "jobDefinitions"
    ]
    container = found["containerProperties"]
    return {
        "environment": {one["name"]: one["value"] for one in container.get("environment") or []},
        "resources": {one["type"]: one["value"] for one in container["resourceRequirements"]},
        "platforms": found.get("platformCapabilities"),
        "retries": found.get("retryStrategy"),
        "length of the name": len(found["jobDefinitionName"]),
        **{
            name: container.get(name)
            for name in ("image", "command", "jobRoleArn", "mountPoints", "volumes")
        },
    }


@long_proof
def test_hooks_of_a_task_pass_its_output_on(sfn_engine: Engine) -> None:
    """What they output is discarded."""

    def build(library: Library, scope: Construct) -> Any:
        class Hooked(library.TaskWithPrePostStatus):  # type: ignore[misc,name-defined] # of either library
            def _noise(self, name: str) -> Any:
                return Pass(self, name, parameters={"noise": True})

            @property
            def task__status_started(self) -> Any:
                return self._noise("started")

            @property
            def task__pre_run(self) -> Any:
                return self._noise("pre")

            @property
            def task__post_run(self) -> Any:
                return self._noise("post")

            @property
            def task__status_completed(self) -> Any:
                return self._noise("completed")

        task = Pass(scope, "Task", parameters={"n.$": "$.n", "done": True})
        return Hooked(scope, "Hooked", ENV, task).definition

    assert outputs(sfn_engine, {"hooked": build}, GIVEN) == {"hooked": {"n": 5, "done": True}}
