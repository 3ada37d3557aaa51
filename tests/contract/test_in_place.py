"""A stack of the library that this one replaces moves over in place.

Both libraries make the same stack, by one constructor call for each documented fragment and
function, and in both ways of making a state machine. What CloudFormation would replace or delete
is told by the logical ids.
"""

from __future__ import annotations

import re
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Stack
from aws_cdk.aws_ec2 import Vpc
from aws_cdk.aws_efs import FileSystem
from aws_cdk.aws_iam import PolicyStatement
from aws_cdk.aws_lambda import Function
from aws_cdk.aws_s3 import Bucket
from aws_cdk.aws_stepfunctions import StateMachine
from tests.contract.both_libraries import NEW, OLD, Library
from tests.proofs import few, some

from sfn_fragments.environment import EnvBase

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sfn_fragments_local import Engine

pytestmark = pytest.mark.filterwarnings("ignore")

DOCS = Path(__file__).parents[2] / "docs"
ENV = EnvBase("dev-x")
#: How a state machine is made of a fragment.
WAYS = ("to_state_machine", "create_state_machine")
#: What the old library refuses to make a state machine of by ``to_state_machine``: its role has an
#: empty policy.
WITHOUT_POLICY = {"Submit", "Function"}
#: What it does not synthesize in any way.
BROKEN = {"Executor"}

#: What has a fixed name or holds state, and what others refer to.
KEPT_TYPES = (
    "AWS::Events::Rule",
    "AWS::IAM::Role",
    "AWS::Logs::LogGroup",
    "AWS::S3::Bucket",
    "AWS::StepFunctions::StateMachine",
)
#: Inline policies of those roles: CloudFormation makes the new one, then deletes the old one.
REPLACED_TYPES = ("AWS::IAM::Policy",)


def fragments(library: Library, stack: Stack) -> dict[str, Callable[[], Any]]:
    """Each documented fragment and function, by the id of its construct."""
    bucket = Bucket(stack, "Bucket")
    file_system = FileSystem(stack, "Files", vpc=Vpc(stack, "Vpc"))
    mounts = {
        role: library.MountPointConfiguration.from_access_point(
            file_system.add_access_point(role), f"/opt/{role}"
        )
        for role in ("shared", "scratch")
    }
    machine = StateMachine.from_state_machine_name(stack, "Machine", "machine")
    handler: dict[str, Any] = {
        "env_base": ENV,
        "aibs_informatics_docker_asset": "image:1",
        "scaffolding_bucket": bucket,
    }
    handled = {
        "Sync": library.DataSyncFragment,
        "Distributed": library.DistributedDataSyncFragment,
        "Stats": library.get_data_path_stats_fragment,
        "Scan": library.outdated_data_path_scanner_fragment,
        "Remove": library.remove_data_paths_fragment,
        "Clean": library.CleanFileSystemFragment,
    }
    job = {
        "env_base": ENV,
        "name": "fn",
        "image": "image:1",
        "job_queue": "queue",
        "memory": 1024,
        "vcpus": 1,
    }
    with_bucket = {**job, "bucket_name": "a-bucket"}
    defaults = {
        name: with_bucket[name] for name in ("env_base", "name", "job_queue", "bucket_name")
    }
    function = Function.from_function_name(stack, "Fn", "fn")
    return {
        **{
            name: partial(make, stack, name, batch_job_queue="queue", **handler)
            for name, make in handled.items()
        },
        "Lambda": lambda: library.BatchInvokedLambdaFunction(
            stack, "Lambda", handler="a.b", **with_bucket
        ),
        "Defaults": lambda: library.BatchInvokedLambdaFunction.with_defaults(
            stack, "Defaults", mount_point_configs=[mounts["shared"]], **defaults
        ),
        "Submit": lambda: library.SubmitJobFragment(stack, "Submit", command=["a"], **job),
        "Executor": lambda: library.BatchInvokedExecutorFragment(
            stack, "Executor", executor="a.B", **with_bucket
        ),
        "Demand": lambda: library.DemandExecutionFragment(
            stack,
            "Demand",
            scaffolding_job_queue="queue",
            batch_invoked_lambda_state_machine=machine,
            data_sync_state_machine=machine,
            shared_mount_point_config=mounts["shared"],
            scratch_mount_point_config=mounts["scratch"],
            **handler,
        ),
        "Function": lambda: library.LambdaFunctionFragment(
            stack, "Function", ENV, lambda_function=function
        ),
    }


@cache
def resources(library: Library, way: str) -> Mapping[str, Any]:
    """The resources of the stack, by logical id."""
    app = App(analytics_reporting=False)
    stack = Stack(app, "Stack")
    machine = None
    for name, make in fragments(library, stack).items():
        if name in BROKEN or (way == WAYS[0] and name in WITHOUT_POLICY):
            continue
        fragment = make()
        if way == WAYS[0]:
            made = fragment.to_state_machine(f"{name}-machine")
        else:
            chain = fragment if name == "Submit" else fragment.enclose()
            given = None if name == "Sync" else f"{name}-machine"
            made = library.create_state_machine(stack, ENV, f"{name}-id", given, chain)
        machine = made if name == "Clean" else machine
    trigger = library.CleanFileSystemTriggerConfig(stack.node.find_child("Files"), "/scratch")
    library.CleanFileSystemTriggerRuleConfig("a-rule", [trigger]).create_rule(stack, machine)
    # As users make them themselves.
    library.create_log_options(stack, "own", ENV)
    library.create_role(stack, "own", ENV)
    template: Mapping[str, Any] = app.synth().get_stack_by_name("Stack").template["Resources"]
    return template


def names_of(resource: Mapping[str, Any]) -> dict[str, Any]:
    """The properties that name it, by which AWS would tell that it is there already."""
    return {
        key: value
        for key, value in resource.get("Properties", {}).items()
        if key.endswith("Name") and resource["Type"] not in REPLACED_TYPES
    }


@few(1)
@pytest.mark.parametrize("way", WAYS)
def test_what_is_there_stays(way: str) -> None:
    old, new = resources(OLD, way), resources(NEW, way)
    kept = {
        key: (one["Type"], names_of(one)) for key, one in old.items() if one["Type"] in KEPT_TYPES
    }
    assert sum(kind == "AWS::StepFunctions::StateMachine" for kind, _ in kept.values()) >= 9
    assert {key: (new[key]["Type"], names_of(new[key])) for key in kept if key in new} == kept
    for key, (kind, _) in kept.items():
        for attribute in ("DeletionPolicy", "UpdateReplacePolicy"):
            assert new[key].get(attribute) == old[key].get(attribute), (key, kind)


@pytest.mark.parametrize("way", WAYS)
def test_what_goes_is_listed(way: str) -> None:
    old, new = resources(OLD, way), resources(NEW, way)
    assert {one["Type"] for key, one in old.items() if key not in new} == set(REPLACED_TYPES)
    # Each is the policy of a role that stays, and has another one.
    roles = {
        role["Ref"]
        for one in new.values()
        if one["Type"] in REPLACED_TYPES
        for role in one["Properties"]["Roles"]
    }
    gone = [one for key, one in old.items() if key not in new]
    assert {role["Ref"] for one in gone for role in one["Properties"]["Roles"]} <= roles


def test_the_page_shows_what_changes() -> None:
    """The ``cdk diff`` of the documentation has the logical ids of such a move."""
    page = (DOCS / "migration.md").read_text()
    shown = {
        sign: set(re.findall(rf"^\[{re.escape(sign)}\].* (\w+[0-9A-F]{{8}})", page, re.MULTILINE))
        for sign in "-+~"
    }
    old, new = one_sync(OLD), one_sync(NEW)
    assert shown["-"] == set(old) - set(new)
    assert shown["+"] == set(new) - set(old)
    assert shown["~"] == {key for key in set(old) & set(new) if old[key] != new[key]}


def one_sync(library: Library) -> Mapping[str, Any]:
    """The resources of a stack with one data sync, by logical id."""
    app = App(analytics_reporting=False)
    stack = Stack(app, "Stack")
    library.DataSyncFragment(
        stack,
        "Sync",
        env_base=ENV,
        aibs_informatics_docker_asset="image:1",
        batch_job_queue="queue",
        scaffolding_bucket=Bucket(stack, "Bucket"),
    ).to_state_machine("data-sync")
    template: Mapping[str, Any] = app.synth().get_stack_by_name("Stack").template["Resources"]
    return template


@pytest.mark.parametrize("way", WAYS)
def test_what_comes_has_no_name_that_is_taken(way: str) -> None:
    old, new = resources(OLD, way), resources(NEW, way)
    come = {one["Type"] for key, one in new.items() if key not in old}
    assert come == set(REPLACED_TYPES)


@pytest.mark.parametrize("way", WAYS)
def test_the_schedule_stays(way: str) -> None:
    old, new = (_rule(library, way) for library in (OLD, NEW))
    for name in ("Name", "ScheduleExpression", "State", "Targets"):
        assert old[name] == new[name], name


def _rule(library: Library, way: str) -> Mapping[str, Any]:
    [rule] = [o for o in resources(library, way).values() if o["Type"] == "AWS::Events::Rule"]
    properties: Mapping[str, Any] = rule["Properties"]
    return properties


#: What `docs/migration.md` says to allow for as long as executions of before go on.
[_ALLOWING] = re.findall(
    r"^```python\n(machine = .*?)^```", (DOCS / "migration.md").read_text(), re.M | re.S
)
FOR_NOW = re.findall(r'"(batch:\w+)"', _ALLOWING)


@pytest.mark.parametrize("allowed", some([True, False], 0))
def test_an_execution_under_way_goes_on(sfn_engine: Engine, allowed: bool) -> None:
    """It has the definition of before, and the role as the deployment has left it."""
    templates = {}
    for library in (OLD, NEW):
        app = App(analytics_reporting=False)
        stack = Stack(app, "Stack")
        bucket = Bucket(stack, "Bucket", bucket_name="dev-x-scaffolding")
        file_system = FileSystem(stack, "Files", vpc=Vpc(stack, "Vpc"))
        machine = library.DataSyncFragment(
            stack,
            "Sync",
            ENV,
            aibs_informatics_docker_asset="image:1",
            batch_job_queue="dev-x-queue",
            scaffolding_bucket=bucket,
            # Without, the definition of before fails.
            mount_point_configs=[
                library.MountPointConfiguration.from_file_system(file_system, None, "/opt/data")
            ],
        ).to_state_machine("sync")
        if library is NEW and allowed:
            statement = PolicyStatement(actions=FOR_NOW, resources=["*"])
            machine.role.add_to_principal_policy(statement)
        templates[library.name] = app.synth().get_stack_by_name("Stack")
    sfn_engine.create_job_queue("dev-x-queue")
    sfn_engine.deploy(templates["old"].template_full_path)
    states = sfn_engine.client("stepfunctions")
    [arn] = [one["stateMachineArn"] for one in states.list_state_machines()["stateMachines"]]
    old = states.describe_state_machine(stateMachineArn=arn)
    sfn_engine.deploy(templates["new"].template_full_path)
    new = states.describe_state_machine(stateMachineArn=arn)
    assert new["definition"] != old["definition"]
    states.create_state_machine(
        name="under-way", definition=old["definition"], roleArn=new["roleArn"]
    )
    for name in ("dev-x-source", "dev-x-results"):
        sfn_engine.create_bucket(name)
    sfn_engine.client("s3").put_object(Bucket="dev-x-source", Key="a/b", Body=b"x")
    request = {"source_path": "s3://dev-x-source/a/", "destination_path": "s3://dev-x-results/"}
    result = sfn_engine.execute(request, "under-way")
    assert result.status == ("SUCCEEDED" if allowed else "FAILED"), result.cause
    assert allowed or "batch:RegisterJobDefinition" in str(result.cause)
    assert sfn_engine.execute(request, "dev-x-sync").status == "SUCCEEDED"
