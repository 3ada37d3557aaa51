"""Faults of services and jobs, injected into the example of every registered fragment.

What comes of each is the table in ``docs/faults.md``; this file is also the script that writes it:
``uv run python tests/contract/test_faults.py``. Jobs are answered by a runner of this file, since
what they do is not the matter here; handlers whose response the states work with run once, and
are replayed from then on.

The suite has of each fragment one state of each call that is refused, and each way in which a job
goes wrong once; the table is that of all, which ``tools/long_proofs.py`` injects.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections import defaultdict
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sfn_fragments import get_registry
from sfn_fragments.errors import FragmentsError
from sfn_fragments.parameters import parameters_of
from sfn_fragments_asl.model import retriers
from sfn_fragments_asl.model.definition import Definition
from sfn_fragments_asl.model.machine import Machine
from sfn_fragments_local import Engine
from sfn_fragments_local.engine import EngineError
from sfn_fragments_local.moto_gaps.calls import ServiceCall, intercepted_by

if __name__ == "__main__":
    # As a script it has its own folder on the path, not the one that the next lines begin at.
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    # The table is of all faults.
    os.environ["SFN_FRAGMENTS_FULL_PROOFS"] = "1"

from tests.contract.deployed_example import DeployedExample, ReplayedJobs, response_of, wait_for
from tests.proofs import VARIABLE, WHOLE, chosen, is_of_this_part, long_proof, sample

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sfn_fragments_local import ExecutionResult, JobRecord, JobRequest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "faults.md"
BEGIN = "<!-- Written by tests/contract/test_faults.py -->"
END = "<!-- End of what is written -->"

#: Transient names that have been seen on AWS, by service: every retrier must have them.
SEEN = {
    "batch": {
        "Batch.AWSBatchException",
        "Batch.BatchException",
        "Batch.ServerException",
        "Batch.TooManyRequestsException",
    },
    "s3": {"S3.S3Exception", "S3.SdkClientException"},
    "states": {"StepFunctions.AWSStepFunctionsException", "StepFunctions.ExecutionLimitExceeded"},
    "ecr": {"Ecr.EcrException", "Ecr.ServerException"},
    "lambda": {
        "Lambda.AWSLambdaException",
        "Lambda.SdkClientException",
        "Lambda.ServiceException",
        "Lambda.TooManyRequestsException",
    },
}
THROTTLED = {
    "batch": "TooManyRequestsException",
    "s3": "SlowDown",
    "states": "ThrottlingException",
    "ecr": "ThrottlingException",
    "lambda": "TooManyRequestsException",
}
#: What a service answers that refuses for good.
REFUSED = {"s3": "AllAccessDisabled"}
ALSO_REFUSED = "AccessDeniedException"
#: What a call of a distributed Map is retried by.
OF_MAP = {"s3:GetObject": "States.ItemReaderFailed", "s3:PutObject": "States.ResultWriterFailed"}

#: Handlers whose response the states work with.
PLANNER, REMOVER = "handler", "remove_data_paths_handler"  # of a demand execution
PLANNERS = ("prepare_batch_data_sync_handler", PLANNER)
#: Where an error comes from that only a distributed Map has.
PLACES = {
    "States.ExceedToleratedFailureThreshold": " (in a child of its Map)",
    "States.ItemReaderFailed": " (its Map)",
    "States.ResultWriterFailed": " (its Map)",
}
#: Options of a fragment by which it makes other calls: only these are refused.
VARIANTS: dict[str, tuple[str, dict[str, Any]]] = {
    "demand_execution.execute with its plan in S3": (
        "demand_execution.execute",
        {"keep_plan_in_s3": True},
    ),
}

#: How many fragments a row of the table names.
FEW = 3

MARK = "as the test asked for"
IMAGE = "CannotPullContainerError: there is no such image"
COMMANDS = {
    "exit": "echo what went wrong; exit 3",
    "kill": "kill -KILL $$",
    "sleep": "sleep 600",
}
RESPONSES = ("silent", "text", "large")
BAD_JOBS = {
    "exit": "the job exits with 3",
    "kill": "the job is killed",
    "image": "the job's image does not exist",
    "silent": "the job writes no response",
    "text": "the job's response is not JSON",
    "large": "the job's response is above 256 KiB",
}

#: The error of what goes wrong with a response; a job that fails has another.
ERRORS_OF_JOBS = {
    # Its role may not list the bucket, so that S3 does not tell what is missing in it.
    "silent": "S3.S3Exception",
    "text": "States.QueryEvaluationError",
    "large": "States.DataLimitExceeded",
}
CAUSES = {
    "exit": '"ExitCode":3',
    "kill": '"ExitCode":137',
    "image": IMAGE,
    "silent": "is not authorized to perform: s3:ListBucket",
    "text": "$parse($states.result.Body)",
    "large": "exceeding the maximum number of bytes",
}

_RESOURCE = re.compile(r":states:::(?:aws-sdk:)?(\w+):(\w+)")
_VOLATILE = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b\d{13}\b")


@dataclass(frozen=True)
class Call:
    """A service call of a state."""

    name: str
    state: str
    retried: tuple[str, ...]
    bounded: bool
    of_child: bool = False

    @property
    def service(self) -> str:
        return self.name.partition(":")[0]

    @property
    def of_map(self) -> bool:
        return self.retried == (OF_MAP.get(self.name),)

    @property
    def refused(self) -> str:
        return REFUSED.get(self.service, ALSO_REFUSED)


@dataclass(frozen=True)
class Outcome:
    """What came of a fault in one fragment."""

    fragment: str
    fault: str
    status: str
    error: str | None
    cause: str
    output: str
    definitions: int
    objects: tuple[str, ...]
    running: int
    used: Mapping[Call, int]
    folders: bool

    @property
    def ends(self) -> str:
        return f"{self.status}, `{self.error}`" if self.error else self.status

    @property
    def left(self) -> str:
        left = ["a job definition, ACTIVE"] if self.definitions else []
        return ", ".join([*left, *(["the working folders"] if self.folders else [])]) or "nothing"

    @property
    def place(self) -> str:
        # A fragment starts several executions, and what they leave behind differs.
        started = [one.state.rpartition(": ")[2] for one in self.used if one.service == "states"]
        where = f" ({started[0]})" if len(started) == 1 else ""
        return self.fragment + PLACES.get(self.error or "", where)


class FailingJobs(ReplayedJobs):
    """Planners are replayed, other jobs say what they are.

    Those of the kind that is ``bad`` go wrong: ``how`` is a key of ``BAD_JOBS``, or ``sleep``.
    """

    def __init__(self) -> None:
        super().__init__()
        self.bad: str | None = None
        self.how = ""
        self.kinds: dict[str, bool] = {}

    def accepts(self, job: JobRequest) -> bool:
        kind = kind_of(job)
        self.kinds[kind] = response_of(job) is not None
        return self.replays or kind not in PLANNERS

    def command(self, job: JobRequest) -> list[str]:
        how = self._how(job)
        if how == "image":
            raise FragmentsError(IMAGE)
        if how in COMMANDS:
            return ["sh", "-c", COMMANDS[how]]
        if how == "silent":
            return ["true"]
        return super().command(job)

    def answer(self, job: JobRequest) -> str:
        how, kind = self._how(job), kind_of(job)
        if how == "text":
            return "no JSON {"
        text = super().answer(job) if kind in PLANNERS else json.dumps({"answered": kind})
        return json.dumps(json.loads(text) | {"large": "x" * 300_000}) if how == "large" else text

    def _how(self, job: JobRequest) -> str:
        return self.how if kind_of(job) == self.bad else ""


def kind_of(job: JobRequest | JobRecord) -> str:
    """What a job does: its handler, or a command."""
    return job.environment.get("AWS_LAMBDA_FUNCTION_HANDLER", "command").rpartition(".")[2]


class Stage(DeployedExample):
    """An example that is executed with faults."""

    def __init__(self, fragment: str, engine: Engine, jobs: FailingJobs) -> None:
        name, options = VARIANTS.get(fragment, (fragment, {}))
        parameters = {one.name for one in parameters_of(get_registry().load(name))}
        if name == "demand_execution.execute":
            # An execution of a Map is cut off where another one fails first, and leaves its job
            # definition: which is first is chance.
            options = {**options, "max_concurrency": 1}
        if "deploy_job_definition" in parameters:
            # Registered in the run, job definitions have calls that may fail.
            options = {**options, "deploy_job_definition": False}
        super().__init__(name, engine, options)
        self.fragment = fragment
        self.jobs = jobs
        jobs.s3 = self.s3
        self.scaffolding = f"{self.built.sandbox.env_base}-scaffolding"
        self.calls = [
            call
            for resource in self.built.template["Resources"].values()
            if resource["Type"] == "AWS::StepFunctions::StateMachine"
            for call in calls_of(
                Definition.from_resolved(resource["Properties"]["DefinitionString"]).states
            )
        ]

    def run(self, fault: str, faults: Iterable[tuple[Call, str, int | None]] = ()) -> Outcome:
        """Execute with faults: calls, the error of each, and how often."""
        with ExitStack() as injected:
            made = [
                (call, injected.enter_context(self._fail(call, error, times)))
                for call, error, times in faults
            ]
            definitions, objects = self._definitions(), self._objects()
            self.jobs.restart()
            result = self.engine.execute(self.input, self.machine, timeout=120)
            if result.succeeded and not self.jobs.replays:
                self.jobs.record(result)
            used: dict[Call, int] = defaultdict(int)
            for call, one in made:
                used[call] += one.failed
        return self._outcome(fault, result, definitions, objects, used)

    def _fail(self, call: Call, error: str, times: int | None) -> Any:
        return self.engine.fail(call.name, error, times=times, state=call.state, message=MARK)

    def stop(self) -> Outcome:
        """Stop an execution while its first job runs."""
        self.jobs.bad, self.jobs.how = next(iter(self.jobs.kinds)), "sleep"
        definitions, objects = self._definitions(), self._objects()
        execution = self.engine.start(self.input, self.machine)
        wait_for(lambda: any(job.status == "RUNNING" for job in execution.jobs))
        execution.stop()
        result = execution.wait()
        wait_for(lambda: not any(job.status == "RUNNING" for job in self.engine.jobs))
        self.jobs.bad = None
        return self._outcome("the execution is stopped", result, definitions, objects, {})

    def _outcome(
        self,
        fault: str,
        result: ExecutionResult,
        definitions: set[str],
        objects: set[str],
        used: Mapping[Call, int],
    ) -> Outcome:
        new = self._objects() - objects
        left = self._definitions() - definitions
        done = {kind_of(job) for job in result.jobs if job.status == "SUCCEEDED"}
        for arn in left:
            # What one fault leaves behind is not the next one's.
            self.engine.client("batch").deregister_job_definition(jobDefinition=arn)
        if new:
            marked = {"Objects": [{"Key": key} for key in sorted(new)]}
            self.s3.delete_objects(Bucket=self.scaffolding, Delete=marked)
        return Outcome(
            self.fragment,
            fault,
            result.status,
            result.error,
            result.cause or "",
            _VOLATILE.sub("<id>", json.dumps(result.output, sort_keys=True)),
            len(left),
            tuple(sorted({_VOLATILE.sub("<id>", key.rpartition("/")[2]) for key in new})),
            sum(job.status not in ("SUCCEEDED", "FAILED") for job in self.engine.jobs),
            used,
            PLANNER in done and REMOVER not in done,
        )

    def calls_made(self) -> tuple[Outcome, list[Call]]:
        """Run undisturbed, and see which calls the states make."""
        made: set[tuple[str, str]] = set()

        def watch(call: ServiceCall) -> None:
            service = "states" if call.service == "stepfunctions" else call.service
            made.add((f"{service}:{call.action}", call.state))

        with intercepted_by(watch):
            outcome = self.run("none")
        return outcome, [call for call in self.calls if (call.name, call.state) in made]

    def _definitions(self) -> set[str]:
        return {str(one["jobDefinitionArn"]) for one in self.engine.job_definitions()}

    def _objects(self) -> set[str]:
        if not self._has_scaffolding():
            return set()
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.scaffolding)
        return {one["Key"] for page in pages for one in page.get("Contents", ())}

    def _has_scaffolding(self) -> bool:
        return self.scaffolding in {one["Name"] for one in self.s3.list_buckets()["Buckets"]}

    def remove_scaffolding(self) -> bool:
        """Delete the bucket with all that is in it; False if there is none."""
        if not self._has_scaffolding():
            return False
        for key in self._objects():
            self.s3.delete_object(Bucket=self.scaffolding, Key=key)
        self.s3.delete_bucket(Bucket=self.scaffolding)
        return True

    def sources_are_there(self) -> bool:
        """Whether the objects that the example put are as they were."""
        return all(
            self.s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode() == text
            for bucket, objects in self.example.objects.items()
            for key, text in objects.items()
        )


def calls_of(definition: Mapping[str, Any]) -> Iterator[Call]:
    """The service calls of a definition, those of distributed Maps included."""
    machine = Machine(definition)
    children = {
        inner.name
        for each in machine.every_state()
        if "ItemReader" in each.fields
        for processor in each.inner
        for inner in processor.every_state()
    }
    for each in machine.every_state():
        name, state = each.name, each.fields
        rules = state.get("Retry", [])
        retried = tuple(error for rule in rules for error in rule["ErrorEquals"])
        bounded = all(
            rule.get("JitterStrategy") == "FULL" and rule.get("MaxDelaySeconds") for rule in rules
        )
        if state["Type"] == "Task":
            yield Call(action_of(state["Resource"]), name, retried, bounded, name in children)
        for key in ("ItemReader", "ResultWriter"):
            if key in state:
                call = action_of(state[key]["Resource"])
                # The Map does not tell what S3 answered, so that it is retried by its own error.
                own = tuple(error for error in retried if error == OF_MAP[call])
                yield Call(call, name, own, bounded)


def action_of(resource: str) -> str:
    """The call of a resource, such as ``batch:SubmitJob``."""
    found = _RESOURCE.search(resource)
    if found is None:
        return "lambda:Invoke"
    service, action = found.groups()
    return f"{service}:{action[0].upper()}{action[1:]}"


@dataclass(frozen=True)
class Matrix:
    """What all faults did to one fragment."""

    calls: list[Call]
    made: list[Call]
    undisturbed: Outcome
    transient: list[Outcome]
    refused: dict[Call, Outcome]
    after_refusals: Outcome
    jobs: dict[tuple[str, str], Outcome]
    cleaned: list[Outcome]
    cleaning_refused: dict[Call, Outcome]
    stopped: Outcome | None
    missing: list[Outcome]
    too_large: str
    after_all: Outcome
    sources_are_there: bool

    @property
    def outcomes(self) -> list[Outcome]:
        """Every outcome of a fault."""
        return [
            *self.transient,
            *self.refused.values(),
            *self.jobs.values(),
            *self.cleaned,
            *self.cleaning_refused.values(),
            *([self.stopped] if self.stopped else []),
            *self.missing,
        ]


@cache
def matrix(fragment: str) -> Matrix:
    """Inject every fault into one fragment, once for all tests."""
    failing = FailingJobs()
    with Engine(0, runners=[failing]) as engine:
        stage = Stage(fragment, engine, failing)
        runs_jobs = any(call.name == "batch:SubmitJob" for call in stage.calls)
        missing = [stage.run("the job queue does not exist")] if runs_jobs else []
        stage.create_job_queue()
        undisturbed, made = stage.calls_made()
        transient = [
            stage.run("each call throttled once", throttle(made, 1)),
            stage.run("each call throttled twice", throttle(made, 2)),
            stage.run(
                "each call fails once by each transient name",
                [(call, name, 1) for call in made for name in call.retried],
            ),
        ]
        variant = fragment in VARIANTS
        refusable = [
            call
            for call in made
            if not variant or call.of_child or call.of_map or call.service == "lambda"
        ]
        refused = {
            call: stage.run(f"`{call.name}` refused", [(call, call.refused, None)])
            for call in sample(refusable, kind_of_call, turn_of(fragment))
        }
        after_refusals = stage.run("none")
        cleaning = [call for call in stage.calls if call not in made]
        jobs, cleaned, cleaning_refused = ({}, [], {}) if variant else fail_jobs(stage, cleaning)
        stopped = stage.stop() if runs_jobs and not variant else None
        after_all = stage.run("none")
        sources_are_there = stage.sources_are_there()
        with pytest.raises(EngineError) as too_large:
            engine.start({"large": "x" * 300_000}, stage.machine)
        if runs_jobs and stage.remove_scaffolding():
            missing.append(stage.run("the bucket of requests and responses does not exist"))
    return Matrix(
        stage.calls,
        made,
        undisturbed,
        transient,
        refused,
        after_refusals,
        jobs,
        cleaned,
        cleaning_refused,
        stopped,
        missing,
        str(too_large.value),
        after_all,
        sources_are_there,
    )


def turn_of(fragment: str) -> int:
    """A number of each fragment's own."""
    return [*FRAGMENTS, *VARIANTS].index(fragment)


def kind_of_call(call: Call) -> tuple[str, bool, bool]:
    """What a refusal of a call may be one of; what is in a Map fails in another way."""
    return call.name, call.of_child, call.of_map


def throttle(calls: list[Call], times: int) -> list[tuple[Call, str, int | None]]:
    """Faults that throttle each of some calls."""
    return [(call, THROTTLED[call.service], times) for call in calls]


def fail_jobs(
    stage: Stage, cleaning: list[Call]
) -> tuple[dict[tuple[str, str], Outcome], list[Outcome], dict[Call, Outcome]]:
    """Let each kind of job go wrong, then with faults of the calls that clean up after it."""
    jobs: dict[tuple[str, str], Outcome] = {}
    cleaned: list[Outcome] = []
    cleaning_refused: dict[Call, Outcome] = {}
    failing = stage.jobs
    kinds = dict(failing.kinds)
    possible = [
        (kind, how)
        for kind, responds in kinds.items()
        for how in BAD_JOBS
        if responds or how not in RESPONSES
    ]
    for kind, how in sample(possible, lambda one: one[1], turn_of(stage.fragment)):
        failing.bad, failing.how = kind, how
        jobs[kind, how] = stage.run(BAD_JOBS[how])
    for kind in kinds:
        failing.bad, failing.how = kind, "exit"
        outcome = stage.run(f"{BAD_JOBS['exit']}, cleaning throttled", throttle(cleaning, 2))
        cleaned.append(outcome)
        for call, times in outcome.used.items():
            if times and call not in cleaning_refused:
                fault = f"{BAD_JOBS['exit']}, then `{call.name}` refused"
                cleaning_refused[call] = stage.run(fault, [(call, call.refused, None)])
    failing.bad = None
    return jobs, cleaned, cleaning_refused


FRAGMENTS = sorted(get_registry())
CHOSEN = [name for name in chosen([*FRAGMENTS, *VARIANTS]) if is_of_this_part(name)]
RUN_JOBS = [name for name in CHOSEN if name in FRAGMENTS and name != "core.lambda_function"]
every_fragment = pytest.mark.parametrize("fragment", CHOSEN)
every_job = pytest.mark.parametrize("fragment", RUN_JOBS)


@every_fragment
def test_each_call_is_retried_with_jitter_and_a_cap(fragment: str) -> None:
    for call in matrix(fragment).calls:
        assert call.retried, call
        assert call.bounded, call
        if not call.of_map:
            assert SEEN[call.service] <= set(call.retried), call


@every_fragment
def test_transient_errors_pass(fragment: str) -> None:
    found = matrix(fragment)
    assert found.undisturbed.status == "SUCCEEDED", found.undisturbed
    once, twice, names = found.transient
    for outcome in found.transient:
        assert outcome.status == "SUCCEEDED", outcome
        assert outcome.output == found.undisturbed.output
    assert set(once.used.values()) == {1}
    assert set(twice.used.values()) == {2}
    assert names.used == {call: len(call.retried) for call in once.used}


@every_fragment
def test_a_refusal_ends_it_with_that_error(fragment: str) -> None:
    found = matrix(fragment)
    assert found.refused
    for call, outcome in found.refused.items():
        assert outcome.status == "FAILED", outcome
        assert outcome.used[call] >= 1
        if call.of_child:
            # What a batch fails with is with its own execution; the Map has an error of its own.
            assert outcome.error == "States.ExceedToleratedFailureThreshold"
        else:
            assert outcome.error in call.retried, outcome
            assert MARK in outcome.cause
        assert outcome.definitions == (call.name == "batch:DeregisterJobDefinition"), outcome
    assert found.after_refusals.status == "SUCCEEDED"
    assert found.after_refusals.output == found.undisturbed.output


@every_job
def test_a_bad_job_ends_it_with_that_error(fragment: str) -> None:
    found = matrix(fragment)
    assert found.jobs
    for (kind, how), outcome in found.jobs.items():
        assert outcome.definitions == 0
        if (fragment, how) == ("data_sync.distributed_sync", "large") and kind in PLANNERS:
            # The Map reads it from S3, whatever its size.
            assert outcome.status == "SUCCEEDED"
            continue
        assert outcome.status == "FAILED", (kind, outcome)
        if fragment == "data_sync.distributed_sync":
            # Its jobs' responses are read by Step Functions itself, and by the batches.
            assert outcome.error in (
                "States.TaskFailed",
                "States.ItemReaderFailed",
                "States.ExceedToleratedFailureThreshold",
            )
            continue
        assert outcome.error == ERRORS_OF_JOBS.get(how, "States.TaskFailed"), (kind, outcome)
        assert CAUSES[how] in outcome.cause


@every_job
def test_cleaning_up_is_retried_and_its_refusal_hides_nothing(fragment: str) -> None:
    found = matrix(fragment)
    cleaning = [call for call in found.calls if call not in found.made]
    assert cleaning
    used = {call for outcome in found.cleaned for call, times in outcome.used.items() if times}
    assert used == set(cleaning) == set(found.cleaning_refused)
    assert [outcome.definitions for outcome in found.cleaned] == [0] * len(found.cleaned)
    failures = {outcome.error for outcome in found.cleaned}
    for call, outcome in found.cleaning_refused.items():
        assert outcome.error in failures, outcome
        assert MARK not in outcome.cause
        assert outcome.definitions == (call.name == "batch:DeregisterJobDefinition"), outcome


@every_job
def test_what_is_missing_is_named(fragment: str) -> None:
    missing = matrix(fragment).missing
    assert missing
    for outcome in missing:
        assert outcome.status == "FAILED"
        assert outcome.error in ("Batch.ClientException", "S3.NoSuchBucketException"), outcome
        assert "does not exist" in outcome.cause
        assert outcome.definitions == 0


@every_fragment
def test_nothing_is_lost_and_nothing_goes_on(fragment: str) -> None:
    found = matrix(fragment)
    assert found.sources_are_there
    for outcome in found.outcomes:
        assert outcome.running == 0, outcome
        # Requests and responses, which stay after a success too, and what a Map tells of failures.
        assert set(outcome.objects) <= {*found.undisturbed.objects, "FAILED_0.json"}, outcome
    assert found.after_all.status == "SUCCEEDED"
    assert found.after_all.output == found.undisturbed.output
    assert "length less than or equal to 262144" in found.too_large


@every_job
def test_a_stopped_execution_leaves_its_job_definition(fragment: str) -> None:
    stopped = matrix(fragment).stopped
    assert stopped is not None
    assert (stopped.status, stopped.definitions) == ("ABORTED", 1)


@long_proof
def test_a_handler_that_raises() -> None:
    """The published handler, given a request that it cannot read."""
    with Engine(0) as engine:
        example = DeployedExample("batch.lambda_function", engine, {"deploy_job_definition": False})
        example.create_job_queue()
        result = engine.execute({"content": {}}, example.machine)
        (job,) = result.jobs
        assert (result.status, result.error) == ("FAILED", "States.TaskFailed")
        assert '"ExitCode":1' in str(result.cause)
        assert "Traceback" in job.output
        assert engine.job_definitions() == []


def test_the_page_has_every_name_that_is_retried() -> None:
    page = PAGE.read_text()
    lists = [value for name, value in vars(retriers).items() if name.endswith("_RETRY")]
    names = [name for rules in lists for rule in rules for name in rule["ErrorEquals"]]
    assert len(names) > len(lists)
    assert [name for name in names if f"`{name}`" not in page] == []


def test_the_table_is_current() -> None:
    page = PAGE.read_text()
    written = page.partition(BEGIN)[2].partition(END)[0].strip()
    if not WHOLE:
        assert [row for row in sampled_rows() if not has_row(written, row)] == []
        return
    assert written == table(), f"run: uv run python {Path(__file__).relative_to(PAGE.parents[1])}"


def test_a_sample_has_faults_of_every_kind() -> None:
    matrices = {fragment: matrix(fragment) for fragment in CHOSEN}
    refused = {kind_of_call(call) for one in matrices.values() for call in one.refused}
    made = {
        kind_of_call(call)
        for fragment, one in matrices.items()
        if fragment not in VARIANTS
        for call in one.made
    }
    assert refused >= made
    for fragment in RUN_JOBS:
        bad = matrix(fragment).jobs
        assert {how for _, how in bad} in (set(BAD_JOBS), set(BAD_JOBS) - set(RESPONSES)), fragment


def sampled_rows() -> list[tuple[str, str, str, str]]:
    """Fault, place, outcome and what is left, of each outcome that there is."""
    return [
        (outcome.fault, outcome.place, outcome.ends, outcome.left)
        for fragment in CHOSEN
        for outcome in matrix(fragment).outcomes
    ]


_TOLD = re.compile(r":   (?P<where>.+?): (?P<ends>.+); left behind: (?P<left>.+)")


def has_row(written: str, outcome: tuple[str, str, str, str]) -> bool:
    """Whether the table says so of an outcome."""
    fault, place, ends, left = outcome
    told, term = [], ""
    for line in written.splitlines():
        if found := _TOLD.fullmatch(line):
            if (term, found["ends"], found["left"]) == (fault, ends, left):
                told.append(found["where"])
        elif line:
            term = line
    return any(
        where in ("every fragment", "every other fragment") or place in where.split(", ")
        for where in told
    )


def table() -> str:
    """The outcomes of all fragments, those that are alike in one row."""
    rows: dict[tuple[str, str, str], dict[str, None]] = {}
    everywhere: dict[str, set[str]] = defaultdict(set)
    for fragment in (*FRAGMENTS, *VARIANTS):
        for outcome in matrix(fragment).outcomes:
            rows.setdefault((outcome.fault, outcome.ends, outcome.left), {})[outcome.place] = None
            everywhere[outcome.fault].add(fragment)
    order = list(everywhere)
    lines = ['<div class="terms" markdown>']
    term = None
    for (fault, ends, left), places in sorted(rows.items(), key=lambda row: order.index(row[0][0])):
        others = len(everywhere[fault] - set(places))
        where = ", ".join(places)
        if len(places) > FEW:
            where = "every other fragment" if others else "every fragment"
        if fault != term:
            lines += ["", fault]
            term = fault
        lines.append(f":   {where}: {ends}; left behind: {left}")
    lines += ["", "the input is above 256 KiB"]
    lines += [":   every fragment: it is not started; left behind: nothing", "", "</div>"]
    return "\n".join(lines)


if __name__ == "__main__":
    assert WHOLE, VARIABLE
    before, _, rest = PAGE.read_text().partition(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}\n\n{table()}\n\n{END}{rest.partition(END)[2]}")
