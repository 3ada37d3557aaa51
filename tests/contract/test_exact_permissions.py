"""The role of every fragment's example: all of it is needed, and nothing is missing.

Each example succeeds with its role as synthesized. Then each action of each statement is taken out
of the role, one at a time, and its machine is refused with an error that names the action: when it
is updated, for what AWS asks for when a machine is created, else when it is executed. What a role
needs only to end what it waits for is seen by stopping an execution.

The suite takes each action out of one statement that has it; ``tools/long_proofs.py`` out of all.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from tests.contract.deployed_example import DeployedExample, ReplayedJobs, wait_for
from tests.proofs import FULL, sample

from sfn_fragments import get_registry
from sfn_fragments_local import Engine, ExecutionResult

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sfn_fragments_local import JobRequest

#: Actions, of all fragments or of one, that no execution here can miss, and why.
EXCEPTIONS: dict[str | tuple[str, str], str] = {
    ("demand_execution.execute", "iam:PassRole"): (
        "the machine that runs handlers lets its input name a role for the job, and none is named"
    ),
    ("data_sync.distributed_sync", "states:StopExecution"): (
        "AWS stops the children of a Map run by it; in the engine they end with their parent"
    ),
    "states:RedriveExecution": (
        "a Map run needs it when its execution is redriven, which the engine cannot do"
    ),
    "xray:GetSamplingRules": "AWS drops the traces that it may not write, and says nothing",
    "xray:GetSamplingTargets": "AWS drops the traces that it may not write, and says nothing",
    "xray:PutTelemetryRecords": "AWS drops the traces that it may not write, and says nothing",
    "xray:PutTraceSegments": "AWS drops the traces that it may not write, and says nothing",
}

#: What AWS asks for when it creates a machine, and not when it executes one.
AT_CREATION = ("events", "logs")
#: What a machine does only when its execution is stopped.
AT_STOP = ("batch:TerminateJob", "states:StopExecution")


class HangingJobs(ReplayedJobs):
    """Replayed jobs, of which one hangs until it is ended."""

    def __init__(self) -> None:
        super().__init__()
        self._count = 0
        self._hangs_at: int | None = None
        self.hanging: str | None = None

    def restart(self, hangs_at: int | None = None) -> None:
        super().restart()
        self._count = 0
        self._hangs_at, self.hanging = hangs_at, None

    def command(self, job: JobRequest) -> list[str]:
        index, self._count = self._count, self._count + 1
        if index == self._hangs_at:
            self.hanging = job.id
            return ["sleep", "600"]
        return super().command(job)


@dataclass(frozen=True)
class Removal:
    """An action taken out of one statement of a role's policy."""

    machine: str
    role: str
    policy: str
    statement: int
    action: str

    def __str__(self) -> str:
        name = self.machine.rpartition(":")[2]
        return f"{self.action} in statement {self.statement} of {self.policy} of {name}"


class Subject(DeployedExample):
    """An example that is executed with less than its role."""

    def __init__(self, fragment: str, engine: Engine, jobs: HangingJobs) -> None:
        super().__init__(fragment, engine)
        self.jobs = jobs
        jobs.s3 = self.s3
        self.iam, self.states = engine.client("iam"), engine.client("stepfunctions")
        self.create_job_queue()
        self.described = {
            arn: self.states.describe_state_machine(stateMachineArn=arn) for arn in self.machines
        }

    def run(self) -> ExecutionResult:
        self._restart()
        return self.engine.execute(self.input, self.machine, timeout=120)

    def removals(self) -> list[Removal]:
        for one in self.described.values():
            role = one["roleArn"].rpartition("/")[2]
            managed = self.iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
            assert managed == [], "nothing can be taken out of these"
        return [
            Removal(machine, role, policy, number, action)
            for machine, described in self.described.items()
            for role in [described["roleArn"].rpartition("/")[2]]
            for policy in self.iam.list_role_policies(RoleName=role)["PolicyNames"]
            for number, statement in enumerate(self._statements(role, policy))
            for action in _actions(statement)
        ]

    def _statements(self, role: str, policy: str) -> list[dict[str, Any]]:
        found = self.iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
        statements: list[dict[str, Any]] = found["Statement"]
        return statements

    @contextmanager
    def without(self, removal: Removal) -> Iterator[None]:
        statements = self._statements(removal.role, removal.policy)
        reduced = [dict(statement) for statement in statements]
        left = [one for one in _actions(reduced[removal.statement]) if one != removal.action]
        reduced[removal.statement]["Action"] = left
        self._put(removal, [one for one in reduced if one["Action"]])
        try:
            yield
        finally:
            self._put(removal, statements)

    def _put(self, removal: Removal, statements: list[dict[str, Any]]) -> None:
        where = {"RoleName": removal.role, "PolicyName": removal.policy}
        if not statements:
            self.iam.delete_role_policy(**where)
            return
        document = {"Version": "2012-10-17", "Statement": statements}
        self.iam.put_role_policy(**where, PolicyDocument=json.dumps(document))

    def missing(self, removal: Removal) -> str | None:
        """What is wrong about a machine that can do without an action, or says not which."""
        with self.without(removal):
            if removal.action.partition(":")[0] in AT_CREATION:
                return self._updated(removal)
            result = self.run()
        if result.status != "FAILED":
            return f"{removal}: {result.status}"
        # The children of a Map run fail by themselves, and the Map for their number.
        told = json.dumps([result.cause, result.map_run_histories], default=str)
        wanted = f"not authorized to perform: {removal.action} on resource"
        return None if wanted in told else f"{removal}: {result.error}: {result.cause}"

    def _updated(self, removal: Removal) -> str | None:
        definition = self.described[removal.machine]["definition"]
        try:
            self.states.update_state_machine(stateMachineArn=removal.machine, definition=definition)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code == "AccessDeniedException" and f"({removal.action} on" in str(error):
                return None
            return f"{removal}: {error}"
        return f"{removal}: the machine was updated"

    def first_jobs(self, result: ExecutionResult) -> list[int]:
        """Of each machine that waits for jobs, the number of its first job in an execution."""
        machines: dict[str, str] = {}
        for machine in self.machines:
            for one in self.states.list_executions(stateMachineArn=machine)["executions"]:
                events = self.states.get_execution_history(executionArn=one["executionArn"])
                for event in events["events"]:
                    details = event.get("taskSubmittedEventDetails", {})
                    machines[json.loads(details.get("output", "{}")).get("JobId")] = machine
        firsts: dict[str | None, int] = {}
        for number, job in enumerate(result.jobs):
            firsts.setdefault(machines.get(job.id), number)
        return list(firsts.values())

    def goes_on(self, hangs_at: int) -> bool:
        """Whether a job goes on when the execution is stopped that waits for it."""
        self._restart(hangs_at)
        execution = self.engine.start(self.input, self.machine)
        job = wait_for(lambda: self.jobs.hanging)
        wait_for(lambda: job in {one.id for one in execution.jobs if one.status == "RUNNING"})
        execution.stop()
        assert execution.wait().status == "ABORTED"
        [told] = [one.reason for one in self.engine.jobs if one.id == job]
        self.engine.client("batch").terminate_job(jobId=job, reason="the test is over")
        return told is None

    def _restart(self, hangs_at: int | None = None) -> None:
        # A refused execution leaves jobs behind, which are not to be counted.
        wait_for(self._is_quiet)
        self.jobs.restart(hangs_at)

    def _is_quiet(self) -> bool:
        ended = all(job.status in ("SUCCEEDED", "FAILED") for job in self.engine.jobs)
        return ended and not any(
            one["status"] == "RUNNING"
            for machine in self.machines
            for one in self.states.list_executions(stateMachineArn=machine)["executions"]
        )


def _actions(statement: dict[str, Any]) -> list[str]:
    actions = statement["Action"]
    return [actions] if isinstance(actions, str) else actions


@pytest.mark.parametrize("fragment", get_registry().names() if FULL else ["core.lambda_function"])
def test_its_role_is_exact(fragment: str) -> None:
    problems: list[str] = []
    jobs = HangingJobs()
    with Engine(0, runners=[jobs]) as engine:
        subject = Subject(fragment, engine, jobs)
        recorded = subject.run().raise_for_status()
        jobs.record(recorded)
        subject.run().raise_for_status()
        first_jobs = subject.first_jobs(recorded)
        for number in first_jobs:
            assert not subject.goes_on(number), "it is stopped, and its job goes on"
        removals = subject.removals()
        own = {one[1] for one in EXCEPTIONS if isinstance(one, tuple) and one[0] == fragment}
        assert own < {removal.action for removal in removals}
        turn = get_registry().names().index(fragment)
        for removal in sample(removals, lambda one: one.action, turn):
            if {removal.action, (fragment, removal.action)} & EXCEPTIONS.keys():
                continue
            if removal.action in AT_STOP:
                with subject.without(removal):
                    if not any(subject.goes_on(number) for number in first_jobs):
                        problems.append(f"{removal}: what it waits for ends all the same")
            elif problem := subject.missing(removal):
                problems.append(problem)
    assert problems == []
