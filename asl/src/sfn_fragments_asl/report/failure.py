"""What went wrong in a run, in a few words."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from sfn_fragments_asl.runs.outcome import jobs_of, origin, was_caught

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sfn_fragments_asl.runs.model import Job, Run, Visit
    from sfn_fragments_asl.runs.outcome import Place

#: Lines of a log that are shown with the error, and characters of a cause.
_LINES, _CAUSE = 12, 600
#: How lines look that say what went wrong.
_TELLING = re.compile(r"error|exception|fatal|failed|cannot|denied|killed", re.IGNORECASE)
_AMONG_THE_LAST = 40


def cause_in_short(cause: str | None) -> str:
    """A cause as a sentence: that of a failed job is the job's whole description.

    Args:
        cause: The cause.

    Examples:
        >>> cause_in_short('{"JobName": "a", "StatusReason": "Out of memory", "Container": {}}')
        'job a: Out of memory'
    """
    if not cause:
        return ""
    try:
        told = json.loads(cause)
    except ValueError:
        told = None
    if isinstance(told, dict):
        text = _of_object(told)
        if text:
            return text
    text = " ".join(cause.split())
    return text if len(text) <= _CAUSE else f"{text[:_CAUSE]}…"


def _of_object(told: dict[str, Any]) -> str:
    if "JobName" in told and "StatusReason" in told:
        exit_code = (told.get("Container") or {}).get("ExitCode")
        code = "" if exit_code is None else f", exit code {exit_code}"
        return f"job {told['JobName']}: {told['StatusReason']}{code}"
    # What Lambda makes of an exception.
    if "errorMessage" in told:
        return f"{told.get('errorType', 'Error')}: {told['errorMessage']}"
    # What a nested execution gives of itself.
    if "ExecutionArn" in told and "Error" in told:
        name = str(told["ExecutionArn"]).rpartition(":")[2]
        return f"execution {name}: {told['Error']}: {cause_in_short(told.get('Cause'))}"
    return ""


def telling_line(lines: Sequence[str]) -> int | None:
    """The line of a log that says what went wrong.

    Args:
        lines: The log.

    Returns:
        Its index: the last one that has a word such as "error", if that is near the end, or the
        last that is not empty; None where there is none.
    """
    filled = [index for index, line in enumerate(lines) if line.strip()]
    near = [index for index in filled[-_AMONG_THE_LAST:] if _TELLING.search(lines[index])]
    found = near or filled
    return found[-1] if found else None


def failure_of(run: Run, jobs: Sequence[Job]) -> dict[str, Any] | None:
    """What went wrong, for the head of the page.

    Args:
        run: The run.
        jobs: Its jobs, in the order of the page, with logs as they are shown there.

    Returns:
        The failed state with its error, the way to it, and the end of the log of its job; None if
        the run did not fail.
    """
    execution = run.execution
    if not execution.failed:
        return None
    told: dict[str, Any] = {
        "status": execution.status,
        "error": execution.error,
        "cause": cause_in_short(execution.cause),
    }
    place = origin(run)
    if place is None:
        return told
    visit = run.executions[place.execution].visits[place.visit]
    told |= {
        "place": [place.execution, place.visit],
        "state": visit.name,
        "error": visit.error or execution.error,
        "cause": cause_in_short(visit.cause or execution.cause),
        "way": _way(run, place),
    }
    same = (visit.error, visit.cause) == (execution.error, execution.cause)
    if place.execution == 0 and not same and was_caught(execution, visit):
        told["ended"] = [execution.error, cause_in_short(execution.cause)]
    job = _failed_job(visit, jobs)
    if job is not None and jobs[job].log:
        lines = str(jobs[job].log).split("\n")
        at = telling_line(lines)
        filled = [index for index, line in enumerate(lines) if line.strip()]
        # What a job says after what went wrong is seldom more of it.
        end = 0 if at is None else min(filled[-1] + 1, at + 3)
        first = max(0, end - _LINES)
        told["job"] = {"index": job, "line": at, "first": first, "lines": lines[first:end]}
    return told


def _way(run: Run, place: Place) -> list[list[Any]]:
    """The visits that lead to a place, from the execution down: execution, visit and name."""
    way: list[list[Any]] = []
    execution, visit = place.execution, place.visit
    while True:
        current: int | None = visit
        while current is not None:
            one = run.executions[execution].visits[current]
            way.append([execution, current, one.name])
            current = one.parent
        parent = run.executions[execution].parent
        if parent is None:
            return way[::-1]
        execution, visit = parent


def _failed_job(visit: Visit, jobs: Sequence[Job]) -> int | None:
    """The last job of a visit that failed; a child of an array job has the id of that before it."""
    ids = jobs_of(visit)
    failed = [
        index
        for index, job in enumerate(jobs)
        if job.id.partition(":")[0] in ids and job.status == "FAILED"
    ]
    children = [index for index in failed if ":" in jobs[index].id]
    found = children or failed
    return found[-1] if found else None
