"""A run as plain frozen data, whoever executed it.

Times are seconds since 1970-01-01 UTC. Inputs, outputs, requests and answers are JSON texts as the
history holds them, since most of them are never looked at.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Event:
    """An event of a history.

    https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html

    Attributes:
        id: Its number in the history, from 1.
        previous: The number of the event that it follows; 0 where there is none.
        type: Such as ``TaskStateEntered``.
        at: When.
        details: What the history says about it.
        visit: Number of the visit that it belongs to; None for events of the execution.
    """

    id: int
    previous: int
    type: str
    at: float
    details: Mapping[str, Any] = field(default_factory=dict)
    visit: int | None = None


@dataclass(frozen=True)
class Attempt:
    """One attempt of a Task to do what it is for.

    Attributes:
        resource: What it calls: ``batch:submitJob.sync``, or the ARN of a function or activity.
        scheduled: When it began.
        ended: When it ended; None if it did not.
        request: The arguments of the call.
        submitted: The first answer of a service whose job is waited for.
        answer: The answer.
        error: Name of the error, if it failed.
        cause: What the error says.
    """

    resource: str
    scheduled: float
    ended: float | None = None
    request: str | None = None
    submitted: str | None = None
    answer: str | None = None
    error: str | None = None
    cause: str | None = None


@dataclass(frozen=True)
class Visit:
    """A state that was entered.

    Attributes:
        number: Its place among the visits of its execution, from 0.
        name: Name of the state.
        type: Such as ``Task``.
        entered: When.
        left: When it was left; None if it was not.
        parent: Number of the visit of the Map or Parallel state around it.
        item: Index of the item of an inline Map that it belongs to.
        input: Its input.
        output: Its output.
        assigned: Variables that it assigned, to their values as JSON.
        attempts: What a Task tried, in order.
        error: Name of the error that it ended with, caught or not.
        cause: What the error says.
        caught: Whether a catcher took the error.
        event: Number of the event that tells of its beginning.
    """

    number: int
    name: str
    type: str
    entered: float
    left: float | None = None
    parent: int | None = None
    item: int | None = None
    input: str | None = None
    output: str | None = None
    assigned: Mapping[str, str] = field(default_factory=dict)
    attempts: tuple[Attempt, ...] = ()
    error: str | None = None
    cause: str | None = None
    caught: bool = False
    event: int = 0

    @property
    def status(self) -> str:
        """``succeeded``, ``caught``, ``failed``, or ``unfinished`` if it was not left."""
        if self.caught:
            return "caught"
        if self.error is not None:
            return "failed"
        return "succeeded" if self.left is not None else "unfinished"


@dataclass(frozen=True)
class Execution:
    """An execution, a nested one, or that of an item of a distributed Map.

    Attributes:
        name: Its name.
        status: ``SUCCEEDED``, ``FAILED``, ``TIMED_OUT``, ``ABORTED`` or ``RUNNING``.
        started: When.
        ended: When it ended; that of its last event, if it still runs.
        machine: Name of its state machine.
        arn: Its ARN.
        kind: ``execution``, ``item`` or ``nested``.
        parent: Index in the run of the execution that started it, and number of the visit.
        item: Index of its item, if it is the child of a distributed Map.
        input: Its input.
        output: Its output.
        error: Name of its error.
        cause: What the error says.
        visits: The states that it entered, in order.
        events: Its history.
        definition: The definition of its state machine, parsed; None where it is not known.
        express: Whether it is one of an Express workflow.
    """

    name: str
    status: str
    started: float
    ended: float
    machine: str = ""
    arn: str = ""
    kind: str = "execution"
    parent: tuple[int, int] | None = None
    item: int | None = None
    input: str | None = None
    output: str | None = None
    error: str | None = None
    cause: str | None = None
    visits: tuple[Visit, ...] = ()
    events: tuple[Event, ...] = ()
    definition: Mapping[str, Any] | None = None
    express: bool = False

    @property
    def failed(self) -> bool:
        """Whether it ended otherwise than well."""
        return self.status not in ("SUCCEEDED", "RUNNING")


@dataclass(frozen=True)
class JobAttempt:
    """One attempt of a job.

    Attributes:
        started: When.
        stopped: When it ended; None if it did not.
        exit_code: Exit code of its process.
        reason: Why it ended so.
    """

    started: float | None
    stopped: float | None
    exit_code: int | None
    reason: str | None


@dataclass(frozen=True)
class Mount:
    """A folder that a job sees.

    Attributes:
        target: Its path in the container.
        source: What is there, such as ``fs-0123:/data``.
        read_only: Whether the job may only read.
    """

    target: str
    source: str
    read_only: bool = False


@dataclass(frozen=True)
class Job:
    """A Batch job.

    Attributes:
        id: Its id.
        name: Its name.
        status: ``SUCCEEDED``, ``FAILED`` or where it is.
        reason: Why it ended so.
        exit_code: Exit code of its last attempt.
        started: When its first attempt started.
        stopped: When it ended.
        queue: Name of its queue.
        definition: ARN of its definition.
        image: Its container image.
        command: What it ran.
        environment: Its variables, as definition and submission gave them.
        secrets: Names of the variables that hold secrets, to where those are from.
        mounts: The folders that it sees.
        attempts: Its attempts.
        log: What it wrote; None where that is not known.
        log_size: How much it wrote, in bytes; ``log`` may be the end of it alone.
        log_stream: Name of its log stream in CloudWatch Logs, where its log is not known.
    """

    id: str
    name: str
    status: str
    reason: str | None = None
    exit_code: int | None = None
    started: float | None = None
    stopped: float | None = None
    queue: str = ""
    definition: str = ""
    image: str = ""
    command: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    mounts: tuple[Mount, ...] = ()
    attempts: tuple[JobAttempt, ...] = ()
    log: str | None = ""
    log_size: int = 0
    log_stream: str = ""


@dataclass(frozen=True)
class FunctionCall:
    """A call of a Lambda function.

    Attributes:
        name: Name of the function.
        failed: Whether it raised.
        started: When.
        stopped: When it ended.
        event: What it was given.
        answer: What it returned, or its error.
        handler: Its handler.
        environment: Its variables.
        log: What it wrote.
        log_size: How much it wrote, in bytes.
    """

    name: str
    failed: bool
    started: float
    stopped: float
    event: str
    answer: str
    handler: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    log: str = ""
    log_size: int = 0


@dataclass(frozen=True)
class Permission:
    """What allowed a service call of a state.

    Attributes:
        execution: ARN of the execution.
        state: Name of the state.
        at: When.
        action: What was asked for, such as ``s3:PutObject``.
        resource: On what.
        role: ARN of the role.
        statement: The statement of a policy that allows it, as JSON; None where none is known.
    """

    execution: str
    state: str
    at: float
    action: str
    resource: str
    role: str
    statement: Mapping[str, Any] | None


@dataclass(frozen=True)
class Run:
    """A run of a state machine, with all that it started.

    Attributes:
        executions: The execution, then its children, each after its parent.
        jobs: Batch jobs.
        functions: Calls of functions by its states.
        permissions: What allowed its service calls.
        notes: What a reader should know besides.
        command: What repeats the run in a shell.
        secrets: Texts that are shown nowhere.
    """

    executions: tuple[Execution, ...]
    jobs: tuple[Job, ...] = ()
    functions: tuple[FunctionCall, ...] = ()
    permissions: tuple[Permission, ...] = ()
    notes: tuple[str, ...] = ()
    command: str | None = None
    secrets: frozenset[str] = field(default=frozenset(), repr=False)

    @property
    def execution(self) -> Execution:
        """The execution itself."""
        return self.executions[0]
