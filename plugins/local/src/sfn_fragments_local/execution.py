"""An execution while it runs, and what came of it."""

from __future__ import annotations

import json
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Any

from sfn_fragments.errors import FragmentsError
from sfn_fragments_local.interpreter import plain_event
from sfn_fragments_local.recording import map_runs_of, recorded

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from sfn_fragments_asl.runs.model import Run
    from sfn_fragments_local.interpreter import Interpreter
    from sfn_fragments_local.jobs import JobRecord
    from sfn_fragments_local.recording import Known, Recording

#: Seconds between two looks at a running execution. Looking is reading an attribute.
_POLL = 0.02

#: The lists that results are put into as they are read.
_watching: list[list[ExecutionResult]] = []

#: Seconds in which an execution that was stopped has ended.
_STOPPING = 5.0

#: Characters of a failed job's output that an error shows.
_SHOWN_OUTPUT = 2_000


class ExecutionFailedError(FragmentsError):
    """An execution ended with another status than ``SUCCEEDED``.

    Args:
        result: The result of the execution.
    """

    def __init__(self, result: ExecutionResult) -> None:
        """Say what failed, and what the failed jobs wrote."""
        self.result = result
        lines = [f"execution {result.name!r} of {result.state_machine!r}: {result.status}"]
        if result.error:
            lines.append(f"error: {result.error}")
        if result.cause:
            lines.append(f"cause: {result.cause}")
        for job in result.jobs:
            if job.status == "FAILED":
                lines.append(
                    f"job {job.name!r} failed with exit code {job.exit_code}: {job.reason}"
                )
                if job.output.strip():
                    lines.append(job.output.strip()[-_SHOWN_OUTPUT:])
        super().__init__("\n".join(lines))


@contextmanager
def results_seen() -> Iterator[list[ExecutionResult]]:
    """Collect the results of the executions that are waited for in the ``with`` block.

    Yields:
        The growing list of them.
    """
    results: list[ExecutionResult] = []
    _watching.append(results)
    try:
        yield results
    finally:
        # Another may hold as much.
        _watching[:] = [one for one in _watching if one is not results]


@dataclass(frozen=True)
class StateVisit:
    """One state that an execution entered.

    Attributes:
        name: Name of the state.
        type: ``Task``, ``Pass``, ``Map`` ...
        entered: When it was entered.
        seconds: How long it took; None if it was not left, as by a failure.
    """

    name: str
    type: str
    entered: datetime
    seconds: float | None


@dataclass(frozen=True)
class ExecutionResult:
    """What came of an execution.

    Attributes:
        arn: ARN of the execution.
        name: Its name.
        state_machine: Name of its state machine.
        status: ``SUCCEEDED``, ``FAILED``, ``TIMED_OUT`` or ``ABORTED``.
        output: Its output, parsed; None unless it succeeded.
        error: Name of the error, if it failed.
        cause: What the error says.
        states: The states entered, in order, those of Map and Parallel included.
        history: Its history events, as ``GetExecutionHistory`` returns them.
        map_run_histories: The events of each distributed Map's children.
        jobs: The Batch jobs that it and its nested executions submitted.
        seconds: How long it took.
        notes: Where it, a nested execution, a job or a function was allowed more than it would be
            on AWS.
        recording: What its report is made of.
    """

    arn: str
    name: str
    state_machine: str
    status: str
    output: Any
    error: str | None
    cause: str | None
    states: tuple[StateVisit, ...]
    history: tuple[dict[str, Any], ...]
    map_run_histories: tuple[tuple[dict[str, Any], ...], ...]
    jobs: tuple[JobRecord, ...]
    seconds: float
    notes: tuple[str, ...] = ()
    recording: Recording | None = field(default=None, repr=False, compare=False)

    @property
    def succeeded(self) -> bool:
        """Whether the status is ``SUCCEEDED``."""
        return self.status == "SUCCEEDED"

    def raise_for_status(self) -> ExecutionResult:
        """Return the result itself if the execution succeeded.

        Raises:
            ExecutionFailedError: It did not.
        """
        if not self.succeeded:
            raise ExecutionFailedError(self)
        return self

    def run(self, command: str | None = None) -> Run:
        """The run as `sfn_fragments_asl.runs` has it: visits, attempts, children, jobs.

        Args:
            command: What repeats the run in a shell, to be told.

        Raises:
            FragmentsError: The result was not made by an engine.
        """
        if self.recording is None:
            raise FragmentsError("only the result of an engine's execution tells of its run")
        return self.recording.run(command)

    def report(self, path: str | Path, *, command: str | None = None) -> Path:
        """Write a page on the run that any browser opens, also after the engine has closed.

        It holds all it needs, asks the network for nothing, and shows no secret that the engine
        knows: values in Secrets Manager and of secure parameters, secrets of jobs, credentials.

        Args:
            path: The file, such as ``run.html``; its folder is made.
            command: What repeats the run in a shell, to be shown.

        Returns:
            The file.

        Raises:
            OSError: It cannot be written.

        Examples:
            ```python
            result = engine.execute({"sample": "A1"}, "dev-x-align")
            if not result.succeeded:
                result.report("report.html")
            ```
        """
        from sfn_fragments_asl.report import write_report

        return write_report(self.run(command), path)


class Execution:
    """A started execution.

    Args:
        arn: Its ARN.
        interpreter: What runs it.
        stop: Called with the ARN, stops it.
        terminate_job: Called with the id of a job and a reason, ends it.
        job_records: Returns the records of all the engine's jobs.
        may_end: Whether the role of an execution, given by its ARN, may do an action that ends
            what it waits for, on a resource.
        note_of: Says of an execution, given by its ARN, and of a function, given by its name,
            where AWS would allow it less.
        known: Returns what else is known of executions, given by their ARNs.
    """

    def __init__(
        self,
        arn: str,
        interpreter: Interpreter,
        stop: Callable[[str], None],
        terminate_job: Callable[[str, str], None],
        job_records: Callable[[], Sequence[JobRecord]],
        may_end: Callable[[str, str, str], bool],
        note_of: Callable[[str], str | None],
        known: Callable[[Collection[str]], Known],
    ) -> None:
        """Nothing is read yet."""
        self.arn = arn
        self.state_machine, self.name = arn.split(":")[-2:]
        self._interpreter = interpreter
        self._stop = stop
        self._terminate_job = terminate_job
        self._job_records = job_records
        self._may_end = may_end
        self._note_of = note_of
        self._known_of = known
        # What moto and Batch know is forgotten some time after it has been read.
        self._known: ExecutionResult | None = None

    @property
    def read(self) -> bool:
        """Whether its result has been read, by `wait`."""
        return self._known is not None

    @property
    def status(self) -> str:
        """Its status now."""
        return self._known.status if self._known else self._interpreter.status(self.arn)

    @property
    def running(self) -> bool:
        """Whether it still runs."""
        return self.status == "RUNNING"

    @property
    def jobs(self) -> tuple[JobRecord, ...]:
        """The jobs submitted so far by it and by its nested executions."""
        if self._known:
            return self._known.jobs
        _, ids = self._begun()
        return self._records(ids)

    def _records(self, ids: Collection[str]) -> tuple[JobRecord, ...]:
        # The children of an array job have its id, a colon and their index.
        return tuple(record for record in self._job_records() if record.id.partition(":")[0] in ids)

    def follow(self, poll: float = 0.1) -> Iterator[dict[str, Any]]:
        """Yield history events as they come, until the execution ends.

        Events of a distributed Map's children are among them; their ids count from 1 again.

        Args:
            poll: Seconds between two looks.

        Yields:
            Events as ``GetExecutionHistory`` returns them.
        """
        if self._known:
            yield from chain(self._known.history, *self._known.map_run_histories)
            return
        seen: list[int] = []
        while True:
            # Asked before reading, so that what came with the end is read too.
            running = self.running
            for index, source in enumerate(self._interpreter.event_sources(self.arn)):
                if index == len(seen):
                    seen.append(0)
                events = source[seen[index] :]
                seen[index] += len(events)
                for event in events:
                    yield plain_event(event)
            if not running:
                return
            time.sleep(poll)

    def stop(self) -> None:
        """Stop the execution; its status becomes ``ABORTED``.

        The jobs and the nested executions that it waits for end with it, as they do on AWS, if
        its role may end them; what it may not end goes on.
        """
        if self._known:
            return
        arns = [self.arn]
        while arns:
            arn = arns.pop()
            self._stop(arn)
            for started in self._started(arn, waited_for=True):
                nested, job = started.get("ExecutionArn"), started.get("JobArn")
                if job and self._may_end(arn, "batch:TerminateJob", job):
                    self._terminate_job(started["JobId"], "The execution was stopped")
                if (
                    nested
                    and self._interpreter.status(nested) == "RUNNING"
                    and self._may_end(arn, "states:StopExecution", nested)
                ):
                    arns.append(nested)

    def wait(self, timeout: float = 600) -> ExecutionResult:
        """Wait until the execution ends.

        Args:
            timeout: Seconds to wait.

        Returns:
            Its result.

        Raises:
            TimeoutError: It still runs after that time; it goes on.
        """
        ends = time.monotonic() + timeout
        while self.running:
            if time.monotonic() >= ends:
                raise TimeoutError(
                    f"execution {self.name!r} of {self.state_machine!r} still runs after "
                    f"{timeout} s; wait again, stop() it, or give a longer timeout"
                )
            time.sleep(_POLL)
        if self._known is None:
            self._known = self._result()
            for results in _watching:
                results.append(self._known)
        return self._known

    def tell_watchers(self) -> None:
        """Let those who collect results have that of an execution that was just stopped."""
        if _watching:
            with suppress(TimeoutError):
                self.wait(_STOPPING)

    def _result(self) -> ExecutionResult:
        sources = self._interpreter.event_sources(self.arn)
        histories = [tuple(plain_event(event) for event in source) for source in sources]
        history = histories[0]
        # The last event, not the description: that one gets its status before its output.
        last = history[-1]
        details: dict[str, Any] = next(
            (value for key, value in last.items() if key.endswith("EventDetails")), {}
        )
        status = self.status
        arns, ids = self._begun()
        jobs = self._records(ids)
        functions = [name for arn in arns for name in self._functions(arn)]
        notes = [self._note_of(one) for one in (*arns, *dict.fromkeys(functions))]
        notes += [note for job in jobs for note in job.notes]
        visits = [visit for events in histories for visit in state_visits(events)]
        told = tuple(note for note in dict.fromkeys(notes) if note)
        map_runs = map_runs_of(arns, self._interpreter)
        everyone = {
            *arns,
            *(one.arn for runs in map_runs.values() for run in runs for one in run.children),
        }
        return ExecutionResult(
            arn=self.arn,
            name=self.name,
            state_machine=self.state_machine,
            status=status,
            output=json.loads(details["output"]) if status == "SUCCEEDED" else None,
            error=details.get("error"),
            cause=details.get("cause"),
            states=tuple(sorted(visits, key=lambda visit: visit.entered)),
            history=history,
            map_run_histories=tuple(histories[1:]),
            jobs=jobs,
            seconds=(last["timestamp"] - history[0]["timestamp"]).total_seconds(),
            notes=told,
            recording=recorded(
                list(arns), self._interpreter, map_runs, jobs, told, self._known_of(everyone)
            ),
        )

    def _begun(self) -> tuple[Collection[str], Collection[str]]:
        """The ARNs of this execution and its nested ones, and the ids of the jobs of all."""
        ids: set[str] = set()
        arns = [self.arn]
        visited: dict[str, None] = {}
        while arns:
            arn = arns.pop()
            if arn in visited:
                continue
            visited[arn] = None
            for started in self._started(arn):
                if "JobId" in started:
                    ids.add(started["JobId"])
                if "ExecutionArn" in started:
                    arns.append(started["ExecutionArn"])
        return visited, ids

    def _functions(self, arn: str) -> list[str]:
        """The names of the functions that the states of an execution invoked."""
        events = [event for source in self._interpreter.event_sources(arn) for event in [*source]]
        return [name for name in map(_invoked, events) if name]

    def _started(self, arn: str, *, waited_for: bool = False) -> list[dict[str, Any]]:
        """What an execution submitted and started, as the services answered."""
        events = [event for source in self._interpreter.event_sources(arn) for event in [*source]]
        answers = (_submitted(event, waited_for=waited_for) for event in events)
        return [answer for answer in answers if answer is not None]


def _invoked(event: Mapping[str, Any]) -> str | None:
    """The name of the function that a Task is about to invoke, if it is one that does."""
    details = event.get("lambdaFunctionScheduledEventDetails")
    name = None if details is None else details["resource"]
    task = event.get("taskScheduledEventDetails") or {}
    if task.get("resourceType") in ("lambda", "aws-sdk:lambda"):
        with suppress(ValueError):  # moto cuts long parameters
            name = json.loads(task.get("parameters") or "{}").get("FunctionName")
    # A name, or an ARN or its end, with a version or an alias or without.
    return str(name).rpartition("function:")[2].partition(":")[0] if name else None


def _submitted(event: Mapping[str, Any], *, waited_for: bool) -> dict[str, Any] | None:
    """The answer to a submitted job, or to the start of a nested execution, if it is one."""
    details = event.get("taskSubmittedEventDetails") or event.get("taskSucceededEventDetails")
    if not details or details.get("resourceType") not in ("batch", "states", "aws-sdk:sfn"):
        return None
    if waited_for and ".sync" not in details.get("resource", ""):
        return None
    try:
        output = json.loads(details.get("output") or "null")
    except ValueError:  # moto cuts long outputs
        return None
    return output if isinstance(output, dict) else None


def state_visits(history: Sequence[Mapping[str, Any]]) -> list[StateVisit]:
    """The states that a history entered.

    Args:
        history: Events as ``GetExecutionHistory`` returns them, in order.

    Returns:
        One visit per state entered, in order. A state that was left is matched with its entry
        along the events' previous ids, so that the children of a Map do not mix.
    """
    by_id = {event["id"]: event for event in history}
    exits: dict[int, datetime] = {}
    for event in history:
        if not event["type"].endswith("StateExited"):
            continue
        name = event["stateExitedEventDetails"]["name"]
        current: Mapping[str, Any] | None = event
        while current is not None:
            entered = current.get("stateEnteredEventDetails")
            if entered and entered["name"] == name and current["id"] not in exits:
                exits[current["id"]] = event["timestamp"]
                break
            current = by_id.get(current["previousEventId"])
    visits = []
    for event in history:
        if entered := event.get("stateEnteredEventDetails"):
            left = exits.get(event["id"])
            visits.append(
                StateVisit(
                    name=entered["name"],
                    type=event["type"].removesuffix("StateEntered"),
                    entered=event["timestamp"],
                    seconds=(left - event["timestamp"]).total_seconds() if left else None,
                )
            )
    return visits
