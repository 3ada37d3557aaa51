"""Where the error of a run came from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sfn_fragments_asl.runs.history import submitted_ids

if TYPE_CHECKING:
    from sfn_fragments_asl.runs.model import Execution, Run, Visit


@dataclass(frozen=True)
class Place:
    """A visit of a run.

    Attributes:
        execution: Index of the execution in the run.
        visit: Number of the visit in the execution.
    """

    execution: int
    visit: int


def origin(run: Run) -> Place | None:
    """The visit that the error of a run came from.

    It is the state that failed, not the Fail state that tells of it, nor the Map around it; and in
    the nested execution or the child of a distributed Map, if it was there.

    Args:
        run: The run.

    Returns:
        Its place; None if the run did not fail, or not in a state.
    """
    if not run.execution.failed:
        return None
    found = _in_execution(run.execution)
    if found is None:
        return None
    return _deepest(run, Place(0, found.number))


def _in_execution(execution: Execution) -> Visit | None:
    """The visit that an execution failed in."""
    failed = [visit for visit in execution.visits if visit.error is not None]
    inside = {visit.parent for visit in failed if visit.parent is not None}
    # Of a state and the ones around it that fail with it, the innermost knows.
    innermost = [visit for visit in failed if visit.number not in inside]
    last = innermost[-1] if innermost else None
    if last is None:
        unfinished = [visit for visit in execution.visits if visit.left is None]
        return unfinished[-1] if unfinished else None
    if last.type != "Fail":
        same = [visit for visit in innermost if _same_error(visit, execution)]
        return same[0] if same else last
    # A Fail state may tell of an error by its name, or in words of its own. What failed before it
    # was caught: else it would not have been entered.
    caught = innermost[:-1]
    same = [visit for visit in caught if _same_error(visit, execution)]
    return (same[:1] or caught[-1:] or [last])[0]


def _same_error(visit: Visit, execution: Execution) -> bool:
    return (visit.error, visit.cause) == (execution.error, execution.cause)


def _deepest(run: Run, place: Place) -> Place:
    """The place in the execution that a visit waited for, if that failed, and so on."""
    while True:
        child = _failed_child(run, place)
        if child is None:
            return place
        found = _in_execution(run.executions[child])
        if found is None:
            return place
        place = Place(child, found.number)


def _failed_child(run: Run, place: Place) -> int | None:
    visit = run.executions[place.execution].visits[place.visit]
    children = [
        index
        for index, execution in enumerate(run.executions)
        if execution.parent == (place.execution, place.visit) and execution.failed
    ]
    if not children or visit.type == "Map":
        return children[0] if children else None
    # Of the nested executions of a Task that was tried again, the last one decided.
    started = [submitted_ids(attempt).get("ExecutionArn") for attempt in visit.attempts]
    last = [index for index in children if run.executions[index].arn in started[-1:]]
    return last[0] if last else None


def was_caught(execution: Execution, visit: Visit) -> bool:
    """Whether a catcher took the error of a visit: its own, or that of a state around it.

    Args:
        execution: The execution.
        visit: The visit.
    """
    number: int | None = visit.number
    while number is not None:
        if execution.visits[number].caught:
            return True
        number = execution.visits[number].parent
    return False


def jobs_of(visit: Visit) -> list[str]:
    """Ids of the jobs that a visit submitted, one for each attempt.

    Args:
        visit: The visit.
    """
    ids = (submitted_ids(attempt).get("JobId") for attempt in visit.attempts)
    return list(dict.fromkeys(each for each in ids if each))
