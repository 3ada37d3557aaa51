"""What the page is told of a run.

Times are milliseconds since the beginning of the execution. What is absent is left out, and texts
are told by their numbers, since a page of 25,000 events is read in one go.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import click

from sfn_fragments_asl.report.failure import failure_of, telling_line
from sfn_fragments_asl.runs.figures import coverage, figures
from sfn_fragments_asl.runs.history import submitted_ids

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sfn_fragments_asl.report.budget import Texts
    from sfn_fragments_asl.report.graphs import Graph
    from sfn_fragments_asl.runs.model import (
        Attempt,
        Event,
        Execution,
        FunctionCall,
        Job,
        Permission,
        Run,
        Visit,
    )

#: Events and visits of all executions that are told; children beyond are told of in a line each.
_MOST_EVENTS = 120_000
#: Characters of a detail of an event that are told with it, and not as a text of its own.
_SHORT = 160
#: Milliseconds by which the times of a history may be off, being cut.
_SLACK = 2.0
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def readable_log(log: str) -> str:
    r"""A log without colours, and of lines that were written over, what was last to be seen.

    Examples:
        >>> readable_log("10 %\r20 %\n\x1b[31mboom\x1b[0m")
        '20 %\nboom'
    """
    lines = click.unstyle(log).replace("\r\n", "\n").split("\n")
    return "\n".join(_CONTROL.sub("", line.rstrip("\r").rpartition("\r")[2]) for line in lines)


def page_data(run: Run, graphs: Sequence[Graph], texts: Texts) -> dict[str, Any]:
    """What the page is told.

    Args:
        run: The run.
        graphs: The pictures of its state machines.
        texts: Takes the texts.

    Returns:
        JSON, without the texts.
    """
    return _Teller(run, texts).page(graphs)


class _Teller:
    def __init__(self, run: Run, texts: Texts) -> None:
        self._run = run
        self._texts = texts
        self._start = run.execution.started
        self._jobs = [
            replace(job, log=None if job.log is None else readable_log(job.log)) for job in run.jobs
        ]
        self._jobs_by_id: dict[str, list[int]] = {}
        for index, job in enumerate(self._jobs):
            self._jobs_by_id.setdefault(job.id.partition(":")[0], []).append(index)
        self._executions_by_arn = {each.arn: at for at, each in enumerate(run.executions)}
        self._free_functions = dict(enumerate(run.functions))
        self._permissions: dict[tuple[str, str], list[Permission]] = {}
        for permission in run.permissions:
            key = (permission.execution, permission.state)
            self._permissions.setdefault(key, []).append(permission)
        self._statements: dict[str, int] = {}
        self._types: dict[str, int] = {}

    def page(self, graphs: Sequence[Graph]) -> dict[str, Any]:
        run, execution = self._run, self._run.execution
        items = [each for each in run.executions if each.machine == execution.machine][1:]
        covered = coverage(execution, [each for each in items if each.kind == "item"])
        told = self._told_whole()
        executions = [
            self._execution(each, whole=at in told) for at, each in enumerate(run.executions)
        ]
        return {
            "title": execution.machine or execution.name or "Execution",
            "began": execution.started * 1000,
            "command": run.command,
            "notes": list(run.notes),
            "figures": asdict(figures(run)),
            "coverage": None if covered is None else asdict(covered),
            "failure": failure_of(run, self._jobs),
            "executions": executions,
            "graphs": [
                {"machine": each.machine, "executions": each.executions, "why": each.why}
                for each in graphs
            ],
            "jobs": [
                self._job(job, _of_which(each.log, each.log_size))
                for job, each in zip(self._jobs, run.jobs, strict=True)
            ],
            "functions": [self._function(call) for call in run.functions],
            "statements": [json.loads(statement) for statement in self._statements],
            "types": list(self._types),
        }

    def _told_whole(self) -> set[int]:
        """The executions whose visits and events are told: those that failed come first."""
        executions = self._run.executions
        order = sorted(
            range(len(executions)),
            key=lambda at: (at != 0, not executions[at].failed, executions[at].kind == "item", at),
        )
        told, total = set(), 0
        for at in order:
            total += len(executions[at].events)
            if at == 0 or total <= _MOST_EVENTS:
                told.add(at)
        return told

    def _ms(self, moment: float | None) -> float | None:
        return None if moment is None else round((moment - self._start) * 1000, 1)

    def _execution(self, execution: Execution, *, whole: bool) -> dict[str, Any]:
        told = {
            "name": execution.name,
            "machine": execution.machine,
            "arn": execution.arn,
            "status": execution.status,
            "kind": execution.kind,
            "parent": execution.parent,
            "item": execution.item,
            "start": self._ms(execution.started),
            "end": self._ms(execution.ended),
            "input": self._texts.add(execution.input),
            "output": self._texts.add(execution.output),
            "error": execution.error,
            "cause": self._texts.add(execution.cause),
            "entered": len(execution.visits),
            "visits": [self._visit(execution, visit) for visit in execution.visits]
            if whole
            else [],
            "events": [self._event(event) for event in execution.events] if whole else [],
            "left_out": None if whole else len(execution.events),
        }
        return _filled(told)

    def _event(self, event: Event) -> list[Any]:
        details = {
            key: {"text": self._texts.add(value)}
            if isinstance(value, str) and len(value) > _SHORT
            else value
            for key, value in event.details.items()
            if not key.endswith("Details")
        }
        return [
            event.id,
            self._types.setdefault(event.type, len(self._types)),
            self._ms(event.at),
            -1 if event.visit is None else event.visit,
            event.previous,
            self._texts.add(json.dumps(details, ensure_ascii=False, default=str))
            if details
            else -1,
        ]

    def _visit(self, execution: Execution, visit: Visit) -> dict[str, Any]:
        return _filled(
            {
                "name": visit.name,
                "type": visit.type,
                "status": visit.status,
                "start": self._ms(visit.entered),
                "end": self._ms(visit.left),
                "parent": visit.parent,
                "item": visit.item,
                "input": self._texts.add(visit.input),
                "output": self._texts.add(visit.output),
                "assigned": {
                    name: self._texts.add(_as_text(value)) for name, value in visit.assigned.items()
                },
                "attempts": [self._attempt(attempt) for attempt in visit.attempts],
                "error": visit.error,
                "cause": self._texts.add(visit.cause),
                "event": visit.event,
                "allowed": self._allowed(execution, visit),
            }
        )

    def _attempt(self, attempt: Attempt) -> dict[str, Any]:
        ids = submitted_ids(attempt)
        nested = self._executions_by_arn.get(ids.get("ExecutionArn", ""))
        return _filled(
            {
                "resource": attempt.resource,
                "start": self._ms(attempt.scheduled),
                "end": self._ms(attempt.ended),
                "request": self._texts.add(attempt.request),
                "submitted": self._texts.add(attempt.submitted),
                "answer": self._texts.add(attempt.answer),
                "error": attempt.error,
                "cause": self._texts.add(attempt.cause),
                "jobs": self._jobs_by_id.get(ids.get("JobId", ""), []),
                "function": self._function_of(attempt),
                "execution": nested,
            }
        )

    def _function_of(self, attempt: Attempt) -> int | None:
        """The call of a function that an attempt has made: the first of its name in its time."""
        if "lambda" not in attempt.resource:
            return None
        named = f"{attempt.resource} {attempt.request}"
        slack = _SLACK / 1000
        for index, call in self._free_functions.items():
            ended = attempt.ended is None or call.started <= attempt.ended + slack
            if call.name in named and attempt.scheduled - slack <= call.started and ended:
                del self._free_functions[index]
                return index
        return None

    def _allowed(self, execution: Execution, visit: Visit) -> list[list[Any]]:
        """What a visit was allowed: action, resource, number of the statement, role."""
        own = self._permissions.get((execution.arn, visit.name), [])
        left = execution.ended if visit.left is None else visit.left
        slack = _SLACK / 1000
        at_the_time = [each for each in own if visit.entered - slack <= each.at <= left + slack]
        found: dict[tuple[str, str], list[Any]] = {}
        for each in at_the_time or own:
            statement = -1
            if each.statement is not None:
                text = json.dumps(each.statement)
                statement = self._statements.setdefault(text, len(self._statements))
            found[each.action, each.resource] = [
                each.action,
                each.resource,
                statement,
                each.role,
            ]
        return list(found.values())

    def _job(self, job: Job, log_size: int | None) -> dict[str, Any]:
        # The same lines as the page has after it has split them at line feeds.
        at = telling_line((job.log or "").split("\n")) if job.status == "FAILED" else None
        return _filled(
            {
                "id": job.id,
                "name": job.name,
                "status": job.status,
                "reason": job.reason,
                "exit_code": job.exit_code,
                "start": self._ms(job.started),
                "end": self._ms(job.stopped),
                "queue": job.queue,
                "definition": job.definition,
                "image": job.image,
                "command": list(job.command),
                "environment": dict(job.environment),
                "secrets": dict(job.secrets),
                "mounts": [asdict(mount) for mount in job.mounts],
                "attempts": [
                    _filled(
                        {
                            "start": self._ms(each.started),
                            "end": self._ms(each.stopped),
                            "exit_code": each.exit_code,
                            "reason": each.reason,
                        }
                    )
                    for each in job.attempts
                ],
                "log": self._texts.add(job.log, tail=True, kept=job.status == "FAILED"),
                "log_stream": job.log_stream,
                "log_size": log_size,
                "line": at,
            }
        )

    def _function(self, call: FunctionCall) -> dict[str, Any]:
        log = readable_log(call.log)
        return _filled(
            {
                "name": call.name,
                "status": "FAILED" if call.failed else "SUCCEEDED",
                "start": self._ms(call.started),
                "end": self._ms(call.stopped),
                "handler": call.handler,
                "environment": dict(call.environment),
                "event": self._texts.add(call.event),
                "answer": self._texts.add(call.answer),
                "log": self._texts.add(log, tail=True, kept=call.failed),
                "log_size": _of_which(call.log, call.log_size),
                "line": telling_line(log.split("\n")) if call.failed else None,
            }
        )


def _of_which(log: str | None, size: int) -> int | None:
    """The size in bytes of the log that this is the end of; None if this is the whole of it."""
    return size if size > len((log or "").encode(errors="replace")) else None


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _filled(told: Mapping[str, Any]) -> dict[str, Any]:
    """What is there: the rest would be most of a large page."""
    return {key: value for key, value in told.items() if not _is_empty(value)}


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, str | list | tuple | dict) and not value)
