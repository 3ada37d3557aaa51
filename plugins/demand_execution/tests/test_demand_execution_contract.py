"""What the fragment sends to the handlers, what it is allowed, and what it refuses."""

from __future__ import annotations

import json
import subprocess
import sys
import warnings
from typing import Any

import pytest
from pydantic import ValidationError

from sfn_fragments.errors import InvalidParametersError
from sfn_fragments_asl.model.machine import Machine
from sfn_fragments_demand_execution import DemandExecutionFragment
from sfn_fragments_demand_execution.models import DemandExecutionRequest


def sent_to_handlers(bench: Any) -> list[dict[str, Any]]:
    """The inputs of the executions that run handlers: planning first."""
    states = {state.name: state.fields for state in Machine(bench.definition()).every_state()}
    planning = [
        one["Arguments"]["Input"]
        for name, one in states.items()
        if one.get("Resource", "").endswith("states:startExecution.sync:2")
        and isinstance(one["Arguments"]["Input"], dict)
    ]
    return sorted(planning, key=lambda one: "scaffolding" not in one["handler"])


def configurations(bench: Any) -> dict[str, Any]:
    found: dict[str, Any] = sent_to_handlers(bench)[0]["payload"]["file_system_configurations"]
    with warnings.catch_warnings():
        # The handlers' own libraries call what is deprecated.
        warnings.simplefilter("ignore")
        from aibs_informatics_aws_lambda.handlers.demand.model import (
            PrepareDemandScaffoldingRequest,
        )
    PrepareDemandScaffoldingRequest.model_validate(
        {"demand_execution": bench.request("true"), "file_system_configurations": found}
    )
    return found


def file_system(name: str, number: int) -> dict[str, str]:
    return {
        "file_system": f"fs-{number:08}",
        "access_point": f"fsap-{number:017}",
        "container_path": f"/opt/efs/{name}",
    }


def test_one_candidate_for_each_role(bench: Any) -> None:
    arguments = bench.stub_arguments()
    arguments["tmp_mount_point_config"] = [bench.mount_point(bench.stack, "tmp", 3)]
    bench.build(**arguments)
    assert configurations(bench) == {
        "shared": file_system("shared", 1),
        "scratch": file_system("scratch", 2),
        "tmp": file_system("tmp", 3),
    }
    for sent in sent_to_handlers(bench):
        assert [one["Name"] for one in sent["volumes"]] == ["shared", "scratch", "tmp"]


def test_without_a_temporary_file_system(bench: Any) -> None:
    bench.build(**bench.stub_arguments())
    assert configurations(bench) == {
        "shared": file_system("shared", 1),
        "scratch": file_system("scratch", 2),
    }
    assert "context_manager_configuration" not in sent_to_handlers(bench)[0]["payload"]


def test_several_candidates_for_a_role(bench: Any) -> None:
    arguments = bench.stub_arguments()
    scratch = arguments["scratch_mount_point_config"]
    other = bench.mount_point(bench.stack, "other", 3)
    bench.build(**arguments | {"scratch_mount_point_config": [scratch, other]})
    assert configurations(bench) == {
        "selection_strategy": "RANDOM",
        "shared": [file_system("shared", 1)],
        "scratch": [file_system("scratch", 2), file_system("other", 3)],
    }
    # All are mounted where paths are removed: any may have been chosen.
    for sent in sent_to_handlers(bench):
        volumes = {one["Name"]: one for one in sent["volumes"]}
        assert list(volumes) == ["shared0", "scratch0", "scratch1"]
        mounted = {one["ContainerPath"]: one["SourceVolume"] for one in sent["mount_points"]}
        assert mounted["/opt/efs/other"] == "scratch1"
        efs = volumes["scratch1"]["EfsVolumeConfiguration"]
        assert efs["AuthorizationConfig"]["AccessPointId"] == f"fsap-{3:017}"


def test_a_strategy_makes_arrays_of_single_candidates(bench: Any) -> None:
    bench.build(**bench.stub_arguments(), file_system_selection_strategy="RANDOM")
    assert configurations(bench) == {
        "selection_strategy": "RANDOM",
        "shared": [file_system("shared", 1)],
        "scratch": [file_system("scratch", 2)],
    }


def test_options_of_the_planning(bench: Any) -> None:
    options = {"isolate_inputs": False, "env_file_write_mode": "IF_REQUIRED"}
    bench.build(**bench.stub_arguments(), context_manager_configuration=options)
    payload = sent_to_handlers(bench)[0]["payload"]
    assert payload["context_manager_configuration"] == options


@pytest.mark.parametrize(
    ("changes", "problems"),
    [
        (
            {"shared_mount_point_config": None, "scratch_mount_point_config": []},
            ["shared_mount_point_config: []", "scratch_mount_point_config: []"],
        ),
        (
            {"file_system_selection_strategy": "FIRST"},
            ["file_system_selection_strategy: 'FIRST': give 'RANDOM'"],
        ),
        (
            {"max_concurrency": 100, "tolerated_failure_percentage": 5, "tags": ["a"]},
            [
                "max_concurrency: 100: give a whole number of 1 to 40",
                "tolerated_failure_percentage: 5: give keep_plan_in_s3=True as well",
                "tags: ['a']: give an object of texts",
            ],
        ),
        (
            {
                "keep_plan_in_s3": True,
                "max_concurrency": 0,
                "scaffolding_bucket": "$.bucket",
                "timeout": 59,
            },
            [
                "timeout: 59: give 60 seconds",
                "max_concurrency: 0: give",
                "scaffolding_bucket: '$.bucket': with keep_plan_in_s3",
            ],
        ),
        (
            {
                "context_manager_configuration": {"isolate_input": True},
                "data_sync_state_machine": "sync",
                "aibs_informatics_docker_asset": "",
            },
            [
                "context_manager_configuration: {'isolate_input': True}: there is no option "
                "'isolate_input'; give isolate_inputs",
                "data_sync_state_machine: 'sync': give a state machine",
                "aibs_informatics_docker_asset: ''",
            ],
        ),
    ],
)
def test_what_cannot_work(bench: Any, changes: dict[str, Any], problems: list[str]) -> None:
    with pytest.raises(InvalidParametersError) as caught:
        bench.build(**bench.stub_arguments() | changes)
    assert [problem for problem in problems if problem not in str(caught.value)] == []
    assert len(caught.value.problems) == len(problems)


def test_mount_points_are_unique(bench: Any) -> None:
    arguments = bench.stub_arguments()
    shared = arguments["shared_mount_point_config"]
    with pytest.raises(InvalidParametersError, match="'/opt/efs/shared'"):
        bench.build(**arguments | {"tmp_mount_point_config": [shared]})


def test_permissions_follow_from_the_definition(bench: Any) -> None:
    fragment = bench.build(**bench.stub_arguments())
    assert list(fragment.required_managed_policies) == []
    assert list(fragment.required_inline_policy_statements) == []
    (policy,) = [
        one["PolicyDocument"]["Statement"]
        for one in bench.resources("AWS::IAM::Policy").values()
        if "batch:SubmitJob" in json.dumps(one)
    ]
    allowed: dict[str, list[str]] = {}
    for statement in policy:
        for action in statement["Action"]:
            allowed.setdefault(action, []).append(json.dumps(statement["Resource"]))
    for action in ("batch:RegisterJobDefinition", "batch:DeregisterJobDefinition"):
        (resource,) = allowed[action]
        assert 'job-definition/dev-x-*"' in resource
    (submitted,) = allowed["batch:SubmitJob"]
    assert 'job-definition/dev-x-*"' in submitted
    assert 'job-queue/dev-x-*"' in submitted
    assert "batch:TagResource" in allowed
    (passed,) = allowed["iam:PassRole"]
    assert 'role/dev-x-*"' in passed
    # The two machines, by reference.
    (started,) = allowed["states:StartExecution"]
    assert [list(each) for each in json.loads(started)] == [["Ref"], ["Ref"]]
    for role in bench.resources("AWS::IAM::Role").values():
        assert "ManagedPolicyArns" not in role


def test_every_call_is_retried_and_caught(bench: Any) -> None:
    bench.build(**bench.stub_arguments())
    definition = bench.definition()
    for state in Machine(definition).every_state():
        name, one = state.name, state.fields
        if state.type == "Task":
            errors = {error for retrier in one["Retry"] for error in retrier["ErrorEquals"]}
            assert errors, name
            # What fails by itself fails again.
            assert not errors & {"States.ALL", "States.TaskFailed", "States.Timeout"}, name
    for name, one in definition["States"].items():
        if one["Type"] in ("Task", "Map"):
            assert one["Catch"][0]["ErrorEquals"] == ["States.ALL"], name
        if one["Type"] == "Map":
            assert 1 <= one["MaxConcurrency"] <= 40, name


def test_imported_state_machines_do(bench: Any) -> None:
    arguments = bench.stub_arguments()
    helper = DemandExecutionFragment(bench.stack, "Helper", **arguments)
    for parameter in ("batch_invoked_lambda_state_machine", "data_sync_state_machine"):
        arguments[parameter] = helper.get_state_machine_from_name("imported")
    bench.build(**arguments)
    assert "stateMachine:dev-x-imported" in json.dumps(bench.resources("AWS::IAM::Policy"))


def test_importing_the_package_is_light() -> None:
    script = (
        "import sys, sfn_fragments_demand_execution, sfn_fragments_demand_execution.plugin; "
        "print({'aws_cdk', 'jsii', 'pydantic'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize("execution_id", ["", ".", "..", "/", "a/../..", "/etc", "a//b"])
def test_ids_that_name_no_folder_of_their_own(bench: Any, execution_id: str) -> None:
    with pytest.raises(ValidationError, match="folder"):
        DemandExecutionRequest.model_validate(bench.request("true", execution_id=execution_id))
    DemandExecutionRequest.model_validate(bench.request("true", execution_id="a-1"))
