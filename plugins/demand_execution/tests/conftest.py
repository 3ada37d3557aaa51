"""What the tests of this distribution share."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk.aws_ec2 import SecurityGroup
from aws_cdk.aws_efs import AccessPoint, FileSystem

from sfn_fragments.fragments import create_state_machine
from sfn_fragments.sandbox import Sandbox
from sfn_fragments_batch import MountPointConfiguration
from sfn_fragments_demand_execution import DemandExecutionFragment
from sfn_fragments_demand_execution.examples import EXECUTE
from sfn_fragments_demand_execution.execution import REMOVAL_HANDLER, SCAFFOLDING_HANDLER

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sfn_fragments_local import Engine

QUEUE = "dev-x-queue"
#: The tag without which Batch would get an empty set.
DEFINITION_TAGS = {"USER": "unknown"}


class Bench:
    """A stack to build in, and ways to see what came of its executions."""

    def __init__(self) -> None:
        self.sandbox = Sandbox("dev-x")
        self.handlers: sfn.StateMachine | None = None

    @property
    def stack(self) -> Any:
        return self.sandbox.stack

    @staticmethod
    def mount_point(scope: Any, name: str, number: int) -> MountPointConfiguration:
        """An access point that is known by its ids only."""
        group = SecurityGroup.from_security_group_id(scope, f"{name} group", "sg-12345678")
        file_system = FileSystem.from_file_system_attributes(
            scope, f"{name} fs", file_system_id=f"fs-{number:08}", security_group=group
        )
        point = AccessPoint.from_access_point_attributes(
            scope, f"{name} ap", access_point_id=f"fsap-{number:017}", file_system=file_system
        )
        return MountPointConfiguration.from_access_point(point, f"/opt/efs/{name}")

    def real_arguments(self) -> dict[str, Any]:
        """Those of the example: the published handlers on a file system."""
        return self.sandbox.arguments_for(EXECUTE)

    def stub_arguments(
        self,
        *,
        job: Mapping[str, Any] | None = None,
        inputs: Sequence[Mapping[str, str]] = (),
        outputs: Sequence[Mapping[str, str]] = (),
        removals: Sequence[Mapping[str, Any]] = ({"paths": ["/opt/efs/scratch/run-1"]},),
        removal_fails: bool = False,
    ) -> dict[str, Any]:
        """Two machines that answer at once, as the handlers would.

        Args:
            job: Changes of the planned job.
            inputs: Planned requests to the sync, which fails where a source says so.
            outputs: The same for the outputs.
            removals: Planned removals.
            removal_fails: Whether removing fails.
        """
        planned_job = {
            "image": "public.ecr.aws/docker/library/bash:5",
            "job_definition_name": "dev-x-test-hash",
            "job_name": "dev-x-test-strict-hash",
            "job_queue_name": QUEUE,
            "command": ["/bin/bash", "-c", "true"],
            "environment": {"GREETING": "hello"},
            "job_definition_tags": DEFINITION_TAGS,
            "resource_requirements": [
                {"type": "MEMORY", "value": "512"},
                {"type": "VCPU", "value": "1"},
            ],
            "mount_points": [],
            "volumes": [],
            "privileged": True,
            "retry_strategy": {"attempts": 1},
            **(job or {}),
        }
        plan = {
            "demand_execution": "{% $states.input.payload.demand_execution %}",
            "setup_configs": {
                "data_sync_requests": list(inputs),
                "batch_create_request": planned_job,
            },
            "cleanup_configs": {
                "data_sync_requests": list(outputs),
                "remove_data_paths_requests": list(removals),
            },
        }
        stack = self.stack
        answer = sfn.Pass.jsonata(stack, "Plan", outputs=plan)
        broken = sfn.Fail(stack, "Removal fails", error="Removal.Broken", cause="read-only")
        removed = sfn.Pass.jsonata(stack, "Removed", outputs={"size_bytes_removed": 0})
        handlers = (
            sfn.Choice(stack, "Handler")
            .when(sfn.Condition.string_equals("$.handler", SCAFFOLDING_HANDLER), answer)
            .when(
                sfn.Condition.string_equals("$.handler", REMOVAL_HANDLER),
                broken if removal_fails else removed,
            )
        )
        full = sfn.Fail(stack, "Sync fails", error="Sync.DiskFull", cause='{"full": "yes"}')
        sync = (
            sfn.Choice(stack, "Source")
            .when(sfn.Condition.string_equals("$.source_path", "broken"), full)
            .otherwise(sfn.Pass(stack, "Synced"))
        )
        env_base = self.sandbox.env_base
        self.handlers = create_state_machine(stack, env_base, "handlers", "handlers", handlers)
        return {
            "env_base": env_base,
            "aibs_informatics_docker_asset": self.sandbox.image,
            "scaffolding_bucket": "dev-x-scaffolding",
            "scaffolding_job_queue": QUEUE,
            "batch_invoked_lambda_state_machine": self.handlers,
            "data_sync_state_machine": create_state_machine(stack, env_base, "sync", "sync", sync),
            "shared_mount_point_config": self.mount_point(stack, "shared", 1),
            "scratch_mount_point_config": self.mount_point(stack, "scratch", 2),
        }

    def build(self, **arguments: Any) -> DemandExecutionFragment:
        """The fragment with its machine, ``dev-x-demand``."""
        fragment = DemandExecutionFragment(self.stack, "Demand", **arguments)
        fragment.to_state_machine("demand")
        return fragment

    def deploy(self, engine: Engine) -> None:
        engine.deploy(self.stack)
        engine.create_job_queue(QUEUE)
        engine.create_bucket("source")
        engine.create_bucket("results")

    def resources(self, kind: str) -> dict[str, Any]:
        """The properties of the template's resources of a type, by logical id."""
        template = self.sandbox.app.synth().get_stack_by_name(self.stack.stack_name).template
        return {
            name: one["Properties"]
            for name, one in template["Resources"].items()
            if one["Type"] == kind
        }

    def definition(self, name: str = "dev-x-demand") -> dict[str, Any]:
        """The definition of a machine, with X for what is known at deployment only."""
        (machine,) = [
            one
            for one in self.resources("AWS::StepFunctions::StateMachine").values()
            if one["StateMachineName"] == name
        ]
        parts = machine["DefinitionString"]["Fn::Join"][1]
        parsed: dict[str, Any] = json.loads(
            "".join(p if isinstance(p, str) else "X" for p in parts)
        )
        return parsed

    @staticmethod
    def request(
        command: str,
        execution_id: str = "run-1",
        params: Mapping[str, str] | None = None,
        inputs: Sequence[str] = (),
        outputs: Sequence[str] = (),
        tags: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """A request, without metadata where no tags are given."""
        request: dict[str, Any] = {
            "execution_type": "test",
            "execution_id": execution_id,
            "execution_image": "public.ecr.aws/docker/library/bash:5",
            "execution_parameters": {
                "command": [command],
                "params": dict(params or {}),
                "inputs": list(inputs),
                "outputs": list(outputs),
            },
            "execution_platform": {"aws_batch": {"job_queue_name": QUEUE}},
            "resource_requirements": {"memory": 512, "vcpus": 1},
        }
        if tags is not None:
            request["execution_metadata"] = {"tags": dict(tags)}
        return request

    @staticmethod
    def nested_inputs(engine: Engine, machine: str) -> list[dict[str, Any]]:
        """The inputs of a machine's executions."""
        client = engine.client("stepfunctions")
        arn = engine.state_machine_arn(machine)
        executions = client.list_executions(stateMachineArn=arn)["executions"]
        return [
            json.loads(client.describe_execution(executionArn=one["executionArn"])["input"])
            for one in executions
        ]

    @staticmethod
    def states_entered(engine: Engine) -> dict[str, list[int]]:
        """Machine to the number of states that each of its executions entered."""
        client = engine.client("stepfunctions")
        counts: dict[str, list[int]] = {}
        for machine in client.list_state_machines()["stateMachines"]:
            arn = machine["stateMachineArn"]
            for one in client.list_executions(stateMachineArn=arn)["executions"]:
                pages = client.get_paginator("get_execution_history").paginate(
                    executionArn=one["executionArn"]
                )
                types = [event["type"] for page in pages for event in page["events"]]
                entered = sum(name.endswith("StateEntered") for name in types)
                counts.setdefault(machine["name"], []).append(entered)
        return counts

    @staticmethod
    def folders(engine: Engine) -> list[str]:
        """Every file and folder of every file system, from its root."""
        listed = []
        for one in engine.client("efs").describe_file_systems()["FileSystems"]:
            root: Path = engine.file_system_folder(one["FileSystemId"])
            listed += [path.relative_to(root).as_posix() for path in root.rglob("*")]
        return sorted(listed)


@pytest.fixture
def bench() -> Bench:
    return Bench()
