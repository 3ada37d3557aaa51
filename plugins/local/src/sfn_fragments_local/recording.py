"""What the engine knows of a run, kept for its report.

The lists of events are held as the interpreter has them, and read when a report is made: most runs
have none.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sfn_fragments_asl.runs.history import (
    read_event,
    read_execution,
    separated,
    submitted_ids,
)
from sfn_fragments_asl.runs.model import Execution, Job, Run
from sfn_fragments_local.interpreter import plain_event

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sfn_fragments_asl.runs.model import Event, FunctionCall, Permission
    from sfn_fragments_local.interpreter import Described, Interpreter, MapRun
    from sfn_fragments_local.jobs import JobRecord


@dataclass(frozen=True)
class _Recorded:
    """An execution as the interpreter has it."""

    arn: str
    described: Described
    events: Sequence[Any]


@dataclass(frozen=True)
class Recording:
    """A run, before its histories are read.

    Attributes:
        executions: The execution, and the nested ones.
        map_runs: ARN of an execution, or of the child of a distributed Map, to its Map Runs.
        jobs: The jobs of all.
        functions: Calls of functions, of any run.
        permissions: What its service calls were allowed by.
        notes: Where it was allowed more than on AWS.
        secrets: Texts that are shown nowhere.
        time_scale: Factor for the seconds of its waits and retry intervals.
    """

    executions: tuple[_Recorded, ...]
    map_runs: Mapping[str, Sequence[MapRun]]
    jobs: tuple[JobRecord, ...]
    functions: tuple[FunctionCall, ...] = ()
    permissions: tuple[Permission, ...] = ()
    notes: tuple[str, ...] = ()
    secrets: frozenset[str] = field(default=frozenset(), repr=False)
    time_scale: float = 1.0

    def run(self, command: str | None = None) -> Run:
        """The run as the model has it.

        Args:
            command: What repeats it in a shell.
        """
        executions = tuple(_Reader(self).read())
        return Run(
            executions=executions,
            jobs=tuple(_job(record) for record in self.jobs),
            functions=tuple(_own_calls(executions, self.functions)),
            permissions=self.permissions,
            notes=(*self.notes, *_note_of_times(executions, self.time_scale)),
            command=command,
            secrets=self.secrets,
        )


@dataclass(frozen=True)
class Known:
    """What the engine knows besides the histories.

    Attributes:
        functions: The calls of functions.
        permissions: What the executions of the run were allowed by.
        secrets: Texts that are shown nowhere.
        time_scale: Factor for the seconds of waits and retry intervals.
    """

    functions: Sequence[FunctionCall]
    permissions: Sequence[Permission]
    secrets: frozenset[str] = field(repr=False)
    time_scale: float


def map_runs_of(arns: Iterable[str], interpreter: Interpreter) -> dict[str, Sequence[MapRun]]:
    """The Map Runs of executions, and those in the children of these.

    Args:
        arns: ARNs of the executions.
        interpreter: What ran them.
    """
    found: dict[str, Sequence[MapRun]] = {}
    pending = list(arns)
    while pending:
        arn = pending.pop()
        runs = interpreter.map_runs(arn)
        if runs:
            found[arn] = runs
            pending += [child.arn for run in runs for child in list(run.children)]
    return found


def recorded(
    arns: Sequence[str],
    interpreter: Interpreter,
    map_runs: Mapping[str, Sequence[MapRun]],
    jobs: Sequence[JobRecord],
    notes: Sequence[str],
    known: Known,
) -> Recording:
    """Keep what is needed for the report of a run.

    Args:
        arns: ARNs of the execution and of those nested in it.
        interpreter: What ran them.
        map_runs: Their Map Runs.
        jobs: Their jobs.
        notes: Where they were allowed more than on AWS.
        known: What the engine knows besides.
    """
    return Recording(
        executions=tuple(
            _Recorded(arn, interpreter.described(arn), interpreter.event_sources(arn)[0])
            for arn in arns
        ),
        map_runs=map_runs,
        jobs=tuple(jobs),
        functions=tuple(known.functions),
        permissions=tuple(known.permissions),
        notes=tuple(notes),
        secrets=known.secrets,
        time_scale=known.time_scale,
    )


class _Reader:
    """Reads the executions of a run, each after the one that started it."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._read: list[Execution] = []

    def read(self) -> list[Execution]:
        pending = {one.arn: one for one in self._recording.executions[1:]}
        first = self._recording.executions[0]
        self._add(first.events, arn=first.arn, **_told(first.described))
        # Those that are added on the way are looked at too.
        for number, execution in enumerate(self._read):
            for visit in execution.visits:
                for attempt in visit.attempts:
                    nested = pending.pop(submitted_ids(attempt).get("ExecutionArn", ""), None)
                    if nested is not None:
                        self._add(
                            nested.events,
                            arn=nested.arn,
                            kind="nested",
                            parent=(number, visit.number),
                            **_told(nested.described),
                        )
            for run in self._recording.map_runs.get(execution.arn, ()):
                self._add_children(number, execution, run)
        return self._read

    def _add(self, events: Sequence[Any], **known: Any) -> None:
        self._read.append(
            read_execution(_events(events), name=known["arn"].rpartition(":")[2], **known)
        )

    def _add_children(self, number: int, parent: Execution, run: MapRun) -> None:
        visit = next(
            (
                event.visit
                for event in parent.events
                if event.type == "MapRunStarted" and event.details.get("mapRunArn") == run.arn
            ),
            None,
        )
        if visit is None:
            return
        histories = separated(_events(run.events))
        by_event = {event.id: history for history in histories for event in history}
        for child in sorted(run.children, key=lambda one: one.index):
            history = by_event.get(child.last_event, [])
            read = read_execution(history)
            first = read.visits[0].input if read.visits else None
            last = read.visits[-1].output if child.status == "SUCCEEDED" and read.visits else None
            self._read.append(
                read_execution(
                    [*history, *_end(history, child.error, child.cause, child.ended)],
                    name=child.arn.rpartition(":")[2],
                    arn=child.arn,
                    kind="item",
                    parent=(number, visit),
                    item=child.index,
                    machine=parent.machine,
                    definition=parent.definition,
                    status=child.status,
                    error=child.error,
                    cause=child.cause,
                    started=child.started,
                    ended=child.ended,
                    input=first,
                    output=last,
                )
            )


def _end(history: Sequence[Event], error: str | None, cause: str | None, at: float) -> list[Event]:
    """The event that ends the history of a child that failed, which the interpreter leaves out."""
    if error is None or not history:
        return []
    last = history[-1].id
    told = {
        "id": last + 1,
        "previousEventId": last,
        "type": "ExecutionFailed",
        "timestamp": at,
        "executionFailedEventDetails": {"error": error, "cause": cause},
    }
    return [read_event(told)]


def _events(events: Sequence[Any]) -> list[Event]:
    return [read_event(plain_event(event)) for event in [*events]]


def _told(described: Described) -> dict[str, Any]:
    return {
        "status": described.status,
        "machine": described.machine,
        "definition": json.loads(described.definition),
        "express": described.express,
    }


def _job(record: JobRecord) -> Job:
    return Job(
        id=record.id,
        name=record.name,
        status=record.status,
        reason=record.reason,
        exit_code=record.exit_code,
        started=_first_start(record),
        stopped=record.stopped.timestamp() if record.stopped else None,
        queue=record.queue,
        definition=record.definition,
        image=record.image,
        command=record.command,
        environment=record.environment,
        secrets=record.secrets,
        mounts=record.mounts,
        attempts=record.attempts,
        log=record.output,
        log_size=record.output_size,
    )


def _note_of_times(executions: Sequence[Execution], scale: float) -> list[str]:
    """What a reader of the times should know, if some of them are not those of AWS."""
    waited = any(
        visit.type == "Wait" or len(visit.attempts) > 1
        for execution in executions
        for visit in execution.visits
    )
    if scale == 1 or not waited:
        return []
    return [f"waits and retry intervals took {scale:g} of their time here (time_scale)"]


def _first_start(record: JobRecord) -> float | None:
    if record.attempts:
        return record.attempts[0].started
    return record.started.timestamp() if record.started else None


def _own_calls(
    executions: Sequence[Execution], calls: Sequence[FunctionCall]
) -> list[FunctionCall]:
    """The calls that states of a run may have made: those of a function that an attempt names."""
    attempts = [
        (attempt.scheduled, attempt.ended, f"{attempt.resource} {attempt.request}")
        for execution in executions
        for visit in execution.visits
        for attempt in visit.attempts
        if "lambda" in attempt.resource
    ]
    return [
        call
        for call in calls
        if any(
            # The history's times are cut to milliseconds.
            scheduled - 0.001 <= call.started
            and (ended is None or call.started <= ended + 0.001)
            and call.name in named
            for scheduled, ended, named in attempts
        )
    ]
