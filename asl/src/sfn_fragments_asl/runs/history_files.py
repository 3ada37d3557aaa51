"""What ``aws stepfunctions get-execution-history`` prints, in one page or in several."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sfn_fragments_asl.errors import AslError
from sfn_fragments_asl.reading.text import decoded
from sfn_fragments_asl.runs.described_jobs import described_jobs
from sfn_fragments_asl.runs.history import read_event, read_execution, seconds
from sfn_fragments_asl.runs.model import Run

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sfn_fragments_asl.runs.model import Event

#: Stands for the standard input.
STANDARD_INPUT = "-"

_DOCUMENT = re.compile(r"\S")

#: What a description of an execution says, to the attribute of the model.
_DESCRIBED = ("status", "input", "output", "error", "cause")


class HistoryError(AslError, ValueError):
    """What is given is no history; names the file and the way out."""


@dataclass(frozen=True)
class History:
    """The history of an execution.

    Attributes:
        events: Its events, in order.
        described: What ``aws stepfunctions describe-execution`` printed of it, if it was given.
        notes: What is missing.
    """

    events: tuple[Event, ...]
    described: Mapping[str, Any]
    notes: tuple[str, ...]

    @property
    def state_names(self) -> set[str]:
        """Names of the states that it enters."""
        return {
            str(event.details.get("name"))
            for event in self.events
            if event.type.endswith("StateEntered")
        }

    def run(
        self,
        definition: Mapping[str, Any] | None = None,
        *,
        machine: str = "",
        express: bool = False,
    ) -> Run:
        """The run that it tells of.

        Args:
            definition: The definition of the state machine, parsed; None if it is not known.
            machine: Name of the state machine, where no description tells it.
            express: Whether the state machine is of type ``EXPRESS``.
        """
        told = self.described
        arn = str(told.get("executionArn") or "")
        of_machine = str(told.get("stateMachineArn") or "")
        known: dict[str, Any] = {name: told.get(name) for name in _DESCRIBED}
        if told.get("startDate") is not None:
            known["started"] = seconds(told["startDate"])
        if told.get("stopDate") is not None:
            known["ended"] = seconds(told["stopDate"])
        execution = read_execution(
            self.events,
            arn=arn,
            name=str(told.get("name") or arn.rpartition(":")[2]),
            machine=of_machine.partition(":stateMachine:")[2].partition(":")[0] or machine,
            definition=definition,
            express=express,
            **known,
        )
        return Run((execution,), jobs=tuple(described_jobs(execution)), notes=self.notes)


def read_history(sources: Sequence[str | Path]) -> History:
    """Read the history of one execution.

    Args:
        sources: Files with what ``aws stepfunctions get-execution-history`` printed, ``-`` for
            the standard input. Each may hold several pages, one after the other, in any order;
            what ``describe-execution`` printed may be among them.

    Returns:
        The history.

    Raises:
        HistoryError: It cannot be read, is no history, or mixes those of several executions.
    """
    events: dict[int, Event] = {}
    described: Mapping[str, Any] = {}
    more = False
    for source in sources:
        for document in _documents(source):
            if (
                isinstance(document, dict)
                and "events" not in document
                and "executionArn" in document
            ):
                described = document
                continue
            found, token = _events(document, source)
            more = token
            for each in found:
                event = _read(each, source)
                if events.setdefault(event.id, event) != event:
                    raise HistoryError(
                        f"{_named(source)}: there are two different events of number {event.id}; "
                        "give the pages of one execution"
                    )
    if not events:
        raise HistoryError(f"{', '.join(map(_named, sources))}: there is no event in it")
    ordered = [events[number] for number in sorted(events)]
    return History(tuple(ordered), described, tuple(_notes(ordered, more=more)))


def _notes(events: Sequence[Event], *, more: bool) -> Iterator[str]:
    present = {event.id for event in events}
    last = events[-1].id
    missing = last - len(present)
    if missing > 0:
        first = next(number for number in range(1, last + 1) if number not in present)
        yield (
            f"{missing:,} of the events up to number {last:,} are missing, the first of them is "
            f"{first:,}: give all pages of the history"
        )
    if more and not events[-1].type.startswith("Execution"):
        yield "The history has more pages than were given."
    entered = [event for event in events if event.type.endswith("StateEntered")]
    if entered and not any("input" in event.details for event in entered):
        yield (
            "Inputs and outputs are not in this history: get-execution-history leaves them out "
            "with --no-include-execution-data."
        )


def _documents(source: str | Path) -> Iterator[Any]:
    """The JSON values of a file, one after the other."""
    try:
        if str(source) == STANDARD_INPUT:
            data = sys.stdin.buffer.read()
        else:
            data = Path(source).read_bytes()
        text = decoded(data, _named(source))
    except (OSError, ValueError) as error:
        raise HistoryError(f"{_named(source)} cannot be read: {error}") from error
    decoder = json.JSONDecoder()
    position = 0
    while (found := _DOCUMENT.search(text, position)) is not None:
        try:
            value, position = decoder.raw_decode(text, found.start())
        except (RecursionError, ValueError) as error:
            raise HistoryError(
                f"{_named(source)} is not JSON: {error}; give what `aws stepfunctions "
                "get-execution-history --output json` prints"
            ) from error
        yield value


def _events(document: Any, source: str | Path) -> tuple[list[Any], bool]:
    """The events of a page, and whether there are more."""
    if isinstance(document, dict):
        if isinstance(document.get("events"), list):
            return document["events"], bool(document.get("nextToken") or document.get("NextToken"))
        if "type" in document and "id" in document:
            return [document], False
    if isinstance(document, list):
        return document, False
    raise HistoryError(
        f"{_named(source)} holds no history: give what `aws stepfunctions get-execution-history "
        "--execution-arn ARN` prints, an object with 'events'"
    )


def _read(event: Any, source: str | Path) -> Event:
    try:
        return read_event(event)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        shown = json.dumps(event, default=str)[:120]
        raise HistoryError(
            f"{_named(source)}: {shown} is no event of a history "
            f"({type(error).__name__}: {error}); "
            "an event has 'id', 'type' and 'timestamp'"
        ) from error


def _named(source: str | Path) -> str:
    return "the standard input" if str(source) == STANDARD_INPUT else str(source)
