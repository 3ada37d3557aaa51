"""The visits of states that a list of events tells of.

An event names the one that it follows, and so the branch and the item that it belongs to, since
those of several run into each other in a history.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sfn_fragments_asl.runs.model import Attempt, Event, Execution, Visit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_ENTERED, _EXITED = "StateEntered", "StateExited"
#: Beginnings of the types of events by which a Task tells of an attempt.
_ATTEMPTS = ("Task", "LambdaFunction", "Activity")
_SUCCEEDED = "Succeeded"
_FAILURES = ("Failed", "TimedOut", "Aborted")
#: The end of an execution by the type of its last event.
_STATUSES = {
    "ExecutionSucceeded": "SUCCEEDED",
    "ExecutionFailed": "FAILED",
    "ExecutionTimedOut": "TIMED_OUT",
    "ExecutionAborted": "ABORTED",
}


def seconds(moment: Any) -> float:
    """A time of a history, in seconds since 1970.

    Args:
        moment: A datetime, a number of seconds, or a text in ISO 8601, as the AWS CLI prints them
            in its several settings.

    Raises:
        ValueError: It is none of them.

    Examples:
        >>> seconds("1970-01-01T00:01:00Z")
        60.0
    """
    if isinstance(moment, datetime):
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return aware.timestamp()
    if isinstance(moment, bool) or not isinstance(moment, str | int | float):
        raise ValueError(f"{moment!r} is no time")
    if isinstance(moment, str):
        return seconds(datetime.fromisoformat(moment))
    return float(moment)


def read_event(event: Mapping[str, Any]) -> Event:
    """An event as ``GetExecutionHistory`` returns it.

    Args:
        event: The event.

    Raises:
        KeyError: It has no id, type or timestamp.
        ValueError: Those are none.

    Examples:
        >>> read_event({"id": 1, "type": "ExecutionStarted", "timestamp": 0}).type
        'ExecutionStarted'
    """
    details = next((each for key, each in event.items() if key.endswith("EventDetails")), None)
    return Event(
        id=int(event["id"]),
        previous=int(event.get("previousEventId") or 0),
        type=str(event["type"]),
        at=seconds(event["timestamp"]),
        details=details if isinstance(details, dict) else {},
    )


def separated(events: Sequence[Event]) -> list[list[Event]]:
    """The events of several executions that are in one list, apart.

    Args:
        events: Events, each after the one that it follows; those of an execution lead to one that
            follows none.

    Returns:
        The events of each execution, in the order in which those begin.
    """
    first: dict[int, int] = {}
    found: dict[int, list[Event]] = {}
    for event in events:
        root = first.get(event.previous, event.id)
        first[event.id] = root
        found.setdefault(root, []).append(event)
    return list(found.values())


def read_execution(events: Iterable[Event], **known: Any) -> Execution:
    """An execution, by its history.

    Args:
        events: Its events, in order of their numbers.
        **known: What else is known of it: attributes of `Execution`, which take the place
            of what the history tells.

    Returns:
        The execution.

    Examples:
        >>> entered = {"name": "A", "input": "{}"}
        >>> found = read_execution([Event(1, 0, "PassStateEntered", 0.0, entered)])
        >>> found.status, [visit.name for visit in found.visits]
        ('RUNNING', ['A'])
    """
    reader = _Reader()
    placed = tuple(reader.place(event) for event in events)
    told: dict[str, Any] = {"name": "", "status": "RUNNING", "started": 0.0, "ended": 0.0}
    if placed:
        first, last = placed[0], placed[-1]
        told |= {"started": first.at, "ended": last.at, "input": first.details.get("input")}
        if last.type in _STATUSES:
            told["status"] = _STATUSES[last.type]
            told |= {name: last.details.get(name) for name in ("output", "error", "cause")}
    told |= {name: value for name, value in known.items() if value is not None}
    return Execution(**told, visits=tuple(visit.frozen() for visit in reader.visits), events=placed)


@dataclass
class _Opened:
    """A visit while its events are read."""

    visit: Visit
    attempts: list[Attempt] = field(default_factory=list)
    error: str | None = None
    cause: str | None = None
    failing: bool = False
    "Whether the last that is known of it is a failure."
    item: int | None = None
    "Index of the item of it whose events are being read, by the event that began the item."

    def frozen(self) -> Visit:
        return replace(
            self.visit, attempts=tuple(self.attempts), error=self.error, cause=self.cause
        )

    def fail(self, details: Mapping[str, Any], kind: str = "") -> None:
        error = details.get("error")
        if error is None and "TimedOut" in kind:
            error = "States.Timeout"
        self.failing = True
        if error is not None:
            self.error, self.cause = str(error), details.get("cause")

    def recover(self) -> None:
        self.failing, self.error, self.cause = False, None, None


class _Reader:
    """Reads events in order."""

    def __init__(self) -> None:
        self.visits: list[_Opened] = []
        #: Event to the visit that what follows it is in, and to the item of an inline Map.
        self._inside: dict[int, tuple[int | None, int | None]] = {}

    def place(self, event: Event) -> Event:
        """Read an event; it, with the visit that it belongs to."""
        visit: int | None
        inside, item = self._inside.get(event.previous, (None, None))
        if event.type.endswith(_ENTERED):
            inside = self._enter(event, inside, item)
            visit = inside
        elif event.type.endswith(_EXITED):
            visit = self._exit(event, inside)
            if visit is not None:
                left = self.visits[visit].visit
                inside, item = left.parent, left.item
        elif event.type.startswith("Execution"):
            visit = None
            if inside is not None and event.type != "ExecutionSucceeded":
                self._end(inside, event)
        else:
            visit = inside = self._within(event, inside)
            if event.type == "MapIterationStarted":
                item = event.details.get("index")
        self._inside[event.id] = (inside, item)
        return replace(event, visit=visit)

    def _enter(self, event: Event, parent: int | None, item: int | None) -> int:
        number = len(self.visits)
        visit = Visit(
            number=number,
            name=str(event.details.get("name", "")),
            type=event.type.removesuffix(_ENTERED),
            entered=event.at,
            parent=parent,
            item=item,
            input=event.details.get("input"),
            event=event.id,
        )
        self.visits.append(_Opened(visit))
        return number

    def _exit(self, event: Event, inside: int | None) -> int | None:
        number = self._around(inside, lambda visit: visit.name == event.details.get("name"))
        if number is None:
            return None
        opened = self.visits[number]
        failing = opened.failing
        if inside != number and inside is not None and self.visits[inside].failing:
            # A Parallel or Map whose catcher takes the error of a state inside of it.
            failing = True
            inner = self.visits[inside]
            opened.error, opened.cause = opened.error or inner.error, opened.cause or inner.cause
        if not failing:
            opened.recover()
        opened.visit = replace(
            opened.visit,
            left=event.at,
            output=event.details.get("output"),
            assigned=event.details.get("assignedVariables") or {},
            caught=failing,
        )
        return number

    def _end(self, inside: int, event: Event) -> None:
        """The end of an execution that did not succeed: what it was in has failed, or is ended."""
        opened = self.visits[inside]
        if event.type == "ExecutionFailed" and opened.visit.left is None and not opened.failing:
            opened.fail(event.details)

    def _within(self, event: Event, inside: int | None) -> int | None:
        """Read an event that is neither the beginning nor the end of a state; its visit."""
        kind = event.type
        if inside is None or not kind.startswith(("Map", "Parallel")):
            # Such as TaskStateAborted, which says no more than that the execution was stopped.
            if inside is not None and "State" not in kind:
                self._own(self.visits[inside], event)
            return inside
        wanted = "Parallel" if kind.startswith("Parallel") else "Map"
        name = event.details.get("name")
        number = self._around(
            inside, lambda visit: visit.type == wanted and name in (None, visit.name)
        )
        if number is None:
            return inside
        if kind.endswith(_FAILURES):
            details = event.details
            if inside != number and "error" not in details:
                inner = self.visits[inside]
                details = {"error": inner.error, "cause": inner.cause}
            self.visits[number].fail(details, kind)
        elif kind.endswith(f"State{_SUCCEEDED}"):
            self.visits[number].recover()
        return number

    def _own(self, opened: _Opened, event: Event) -> None:
        """Read an event of a state that is neither a Map nor a Parallel state."""
        if event.type.startswith(_ATTEMPTS):
            self._attempt(opened, event)
        elif event.type == "EvaluationFailed":
            opened.fail(event.details)

    def _attempt(self, opened: _Opened, event: Event) -> None:
        kind, details = event.type, event.details
        if kind.endswith("Scheduled"):
            opened.attempts.append(
                Attempt(
                    resource=_resource(details),
                    scheduled=event.at,
                    request=details.get("parameters", details.get("input")),
                )
            )
            return
        if not opened.attempts:
            opened.attempts.append(Attempt(_resource(details), event.at))
        last = opened.attempts[-1]
        if kind == "TaskSubmitted":
            last = replace(last, submitted=details.get("output"))
        elif kind.endswith(_SUCCEEDED):
            last = replace(last, ended=event.at, answer=details.get("output"))
            opened.recover()
        elif kind.endswith(_FAILURES):
            error = details.get("error") or ("States.Timeout" if "TimedOut" in kind else None)
            last = replace(last, ended=event.at, error=error, cause=details.get("cause"))
            opened.fail(details, kind)
        opened.attempts[-1] = last

    def _around(self, number: int | None, wanted: Any) -> int | None:
        """The visit itself, or the nearest one around it, that is the one wanted."""
        while number is not None:
            visit = self.visits[number].visit
            if wanted(visit):
                return number
            number = visit.parent
        return None


def _resource(details: Mapping[str, Any]) -> str:
    kind, resource = details.get("resourceType"), str(details.get("resource", ""))
    return f"{kind}:{resource}" if kind else resource


def submitted_ids(attempt: Attempt) -> dict[str, str]:
    """Ids of what an attempt submitted or started, such as ``JobId`` and ``ExecutionArn``.

    Args:
        attempt: The attempt.

    Returns:
        Name to id; the cause of a failed job has it where the first answer is not told.
    """
    for text in (attempt.submitted, attempt.answer, attempt.cause):
        try:
            told = json.loads(text or "null")
        except ValueError:
            continue
        if isinstance(told, dict):
            found = {
                name: told[name]
                for name in ("JobId", "ExecutionArn")
                if isinstance(told.get(name), str)
            }
            if found:
                return found
    return {}
