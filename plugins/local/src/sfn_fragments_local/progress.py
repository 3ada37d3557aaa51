"""Shows how an execution goes on: live on a terminal, line by line elsewhere."""

from __future__ import annotations

import time
from collections import Counter, defaultdict, deque
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import TYPE_CHECKING, Any, Protocol, Self

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from sfn_fragments_local.job_output import readable_tail

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from types import TracebackType

    from rich.console import RenderableType

    from sfn_fragments_local.execution import Execution
    from sfn_fragments_local.jobs import JobRecord

#: Seconds between two looks at a running execution.
_TICK = 0.1

#: Running states, and running jobs, that the live display shows one by one.
_SHOWN = 8

#: Characters from the end of a running job's output, in which its last line is looked for.
_LAST_OUTPUT = 2_000

#: Seconds after which a copy gets a bar.
_BAR_AFTER = 1.0

#: What the handling of a file takes, as if it were so many bytes more of it.
_BYTES_A_FILE = 20_000

_ENDED = ("SUCCEEDED", "FAILED")

#: States that hold others.
_CONTAINERS = ("Map", "Parallel")
_INDENT = "  "


class Progress(Protocol):
    """A display of a run."""

    def __enter__(self) -> Self:
        """Begin to show."""
        ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Leave the terminal as it was."""
        ...

    def phase(self, text: str) -> None:
        """Say what is being done before the execution starts."""
        ...

    def copying(self, text: str) -> AbstractContextManager[CopyBar]:
        """Say what is being copied in the ``with`` block, and give it a bar."""
        ...

    def update(self, events: Sequence[Mapping[str, Any]], jobs: Sequence[JobRecord]) -> None:
        """Show the events that came since the last call, and the jobs as they are."""
        ...


def progress_on(console: Console, *, quiet: bool = False) -> Progress:
    """The display that fits a console.

    Args:
        console: Where to show.
        quiet: Show nothing unless it is a terminal.

    Returns:
        A live display on a terminal, else plain lines.
    """
    if console.is_terminal and not console.is_dumb_terminal:
        return LiveProgress(console)
    return NoProgress() if quiet else PlainProgress(console)


class CopyBar:
    """How much of a copy is done, shown when it has taken more than a second.

    Args:
        text: What is copied.
        show: Shows it; None shows nothing.
    """

    def __init__(self, text: str, show: Callable[[RenderableType], None] | None) -> None:
        """Begin to count the time."""
        self._text = text
        self._show = show
        self._next = time.monotonic() + _BAR_AFTER
        self._total_files = 0
        self._total = self._files = self._done = self._found = 0

    def found(self) -> None:
        """One more file was found, before it is known how many there are."""
        self._found += 1
        if self._is_time():
            self._put(Text(f"{self._found:,} files found", no_wrap=True))

    def begin(self, files: int, size: int) -> None:
        """So many files are to be copied, of so many bytes in all."""
        self._total_files, self._total = files, size + files * _BYTES_A_FILE

    def copied(self, size: int) -> None:
        """One more is."""
        self._files += 1
        self._done += size + _BYTES_A_FILE
        if self._is_time():
            self._put(
                ProgressBar(total=self._total, completed=self._done, width=30),
                Text(f"{self._files:,} of {self._total_files:,} files", no_wrap=True),
            )

    def _is_time(self) -> bool:
        if self._show is None or time.monotonic() < self._next:
            return False
        self._next = time.monotonic() + _TICK
        return True

    def _put(self, *cells: RenderableType) -> None:
        row = Table.grid(padding=(0, 2, 0, 0))
        row.add_row(Text(self._text, overflow="ellipsis", no_wrap=True), *cells)
        if self._show is not None:
            self._show(row)


def follow(
    execution: Execution,
    jobs: Callable[[], Sequence[JobRecord]],
    progress: Progress,
    timeout: float | None = None,
) -> bool:
    """Show an execution until it ends; one that is interrupted is stopped.

    Args:
        execution: The started execution.
        jobs: Returns the records of its jobs.
        progress: Where to show.
        timeout: Seconds after which it is stopped; None for never.

    Returns:
        False if it was stopped because it took too long.
    """
    events: SimpleQueue[dict[str, Any]] = SimpleQueue()

    left = Event()

    def read() -> None:
        try:
            for event in execution.follow(_TICK / 5):
                events.put(event)
        except Exception:
            # Interrupted while it was being started, it is not waited for, and the engine may
            # be gone by now.
            if not left.is_set():
                raise

    # follow() waits for events; beside it, the clock and the jobs go on.
    reader = Thread(target=read, name="follow", daemon=True)
    ends = None if timeout is None else time.monotonic() + timeout
    try:
        # Inside, since an interruption may come while the thread is being started.
        reader.start()
        while reader.is_alive():
            reader.join(_TICK)
            # The jobs first: what happens to one shows in the events only later.
            records = jobs()
            progress.update(_drained(events), records)
            if ends is not None and time.monotonic() >= ends and execution.running:
                return False
    finally:
        left.set()
        if execution.running:
            execution.stop()
        if reader.ident is not None:
            reader.join()
    progress.update(_drained(events), jobs())
    return True


def _drained(events: SimpleQueue[dict[str, Any]]) -> list[dict[str, Any]]:
    drained = []
    with suppress(Empty):
        while True:
            drained.append(events.get_nowait())
    return drained


@dataclass(frozen=True)
class StateChange:
    """A state that was entered or left.

    Attributes:
        name: Name of the state.
        type: ``Task``, ``Pass``, ``Map`` ...
        at: When.
        seconds: How long the state took; None if it was entered.
        failed: Whether it was left by an error.
        depth: How many Map and Parallel states it is inside of.
    """

    name: str
    type: str
    at: datetime
    seconds: float | None = None
    failed: bool = False
    depth: int = 0


class RunningStates:
    """Which states are entered and not left, by the events of an execution.

    Examples:
        >>> states = RunningStates()
        >>> states.running
        []
    """

    def __init__(self) -> None:
        """Nothing is entered yet."""
        self._entered: dict[str, deque[StateChange]] = defaultdict(deque)
        self._types: dict[int, str] = {}
        # Event to how many Map and Parallel states what follows it is inside of.
        self._depths: dict[int, int] = {}

    def changes(self, events: Iterable[Mapping[str, Any]]) -> list[StateChange]:
        """Take events, and return what they change, in order."""
        changes = []
        for event in events:
            kind = event["type"]
            self._types[event["id"]] = kind
            depth = self._depths.get(event["previousEventId"], 0)
            self._depths[event["id"]] = depth
            if kind.endswith("StateEntered"):
                name = event["stateEnteredEventDetails"]["name"]
                entered_type = kind.removesuffix("StateEntered")
                change = StateChange(name, entered_type, event["timestamp"], depth=depth)
                self._entered[name].append(change)
                self._depths[event["id"]] += entered_type in _CONTAINERS
            elif kind.endswith("StateExited"):
                name = event["stateExitedEventDetails"]["name"]
                if not self._entered[name]:
                    continue
                # Of the same state in several children of a Map, the first one counts as the one
                # that is left: a display need not tell them apart.
                entered = self._entered[name].popleft()
                before = self._types.get(event["previousEventId"], "")
                change = replace(
                    entered,
                    at=event["timestamp"],
                    seconds=(event["timestamp"] - entered.at).total_seconds(),
                    failed=before.endswith(("Failed", "TimedOut")),
                )
                self._depths[event["id"]] = entered.depth
            else:
                continue
            changes.append(change)
        return changes

    @property
    def running(self) -> list[StateChange]:
        """The states that are entered and not left, the longest running first."""
        running = [change for entered in self._entered.values() for change in entered]
        return sorted(running, key=lambda change: change.at)


def job_seconds(job: JobRecord) -> float | None:
    """Seconds that a job has run; None if it has not started."""
    if job.started is None:
        return None
    stopped = job.stopped or datetime.now(job.started.tzinfo)
    return (stopped - job.started).total_seconds()


def _changed_at(job: JobRecord) -> datetime:
    """When a job got its status, as far as its record says."""
    at = job.stopped if job.status in _ENDED else job.started
    return (at or datetime.now()).astimezone()


def _placed(change: StateChange) -> str:
    """The name of a state below those that it is inside of."""
    return _INDENT * change.depth + change.name


class NoProgress:
    """Shows nothing."""

    def __enter__(self) -> Self:
        """Nothing to begin."""
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to put back."""

    def phase(self, text: str) -> None:
        """Show nothing."""

    @contextmanager
    def copying(self, text: str) -> Iterator[CopyBar]:
        """Show a bar where stderr is a terminal, whatever the rest is written to."""
        console = Console(stderr=True)
        if not console.is_terminal or console.is_dumb_terminal:
            yield CopyBar(text, None)
            return
        live = Live(console=console, transient=True, auto_refresh=False, redirect_stdout=False)

        def show(bar: RenderableType) -> None:
            live.start()
            live.update(bar, refresh=True)

        try:
            yield CopyBar(text, show)
        finally:
            live.stop()

    def update(self, events: Sequence[Mapping[str, Any]], jobs: Sequence[JobRecord]) -> None:
        """Show nothing."""


class PlainProgress(NoProgress):
    """Writes a line for every state entered or left and for every new status of a job.

    Args:
        console: Where to write.
    """

    def __init__(self, console: Console) -> None:
        """Nothing is written yet."""
        self._console = console
        self._states = RunningStates()
        self._statuses: dict[str, str] = {}
        self._started: datetime | None = None

    def update(self, events: Sequence[Mapping[str, Any]], jobs: Sequence[JobRecord]) -> None:
        """Write what is new, in the order in which it happened."""
        if self._started is None and events:
            self._started = events[0]["timestamp"]
        lines = []
        for change in self._states.changes(events):
            if change.seconds is None:
                text = f"entered {change.name} ({change.type})"
            else:
                how = "failed" if change.failed else "left"
                text = f"{how:<7} {change.name} after {change.seconds:.1f} s"
            lines.append((change.at, text))
        for job in jobs:
            if self._statuses.get(job.id) == job.status:
                continue
            self._statuses[job.id] = job.status
            seconds = job_seconds(job)
            ended = job.status in _ENDED and seconds is not None
            after = f" after {seconds:.1f} s" if ended else ""
            lines.append((_changed_at(job), f"job     {job.name} {job.status}{after}"))
        for at, text in sorted(lines, key=lambda line: line[0]):
            self._line(at, text)

    def _line(self, at: datetime, text: str) -> None:
        elapsed = (at - self._started).total_seconds() if self._started else 0.0
        line = f"{max(0.0, elapsed):7.1f} s  {text}"
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)


class LiveProgress:
    """Shows what runs now at the end of the terminal, and above it a line for what ended.

    Args:
        console: A terminal.
    """

    def __init__(self, console: Console) -> None:
        """Nothing is shown yet."""
        ascii_only = console.options.ascii_only
        self._console = console
        self._good, self._bad = ("+", "x") if ascii_only else ("✓", "✗")
        self._spinner = Spinner("line" if ascii_only else "dots", style="cyan")
        self._states = RunningStates()
        self._ended_jobs: set[str] = set()
        self._text = ""
        # What runs is gone from the display when it ends; auto_refresh keeps the spinner turning
        # while a phase works.
        self._live = Live(console=console, transient=True, refresh_per_second=10)

    def __enter__(self) -> Self:
        """Take the end of the terminal."""
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Give it back."""
        self._live.stop()

    def phase(self, text: str) -> None:
        """Show what is being done."""
        self._live.update(self._row(Text(f"{text} ...")), refresh=True)

    @contextmanager
    def copying(self, text: str) -> Iterator[CopyBar]:
        """Show what is being done, and later a bar."""
        self.phase(text)
        yield CopyBar(text, lambda bar: self._live.update(bar, refresh=True))

    def update(self, events: Sequence[Mapping[str, Any]], jobs: Sequence[JobRecord]) -> None:
        """Show the states and the jobs that run, and lines for those that ended."""
        ended = [
            (change.at, change.failed, _placed(change), change.type, change.seconds)
            for change in self._states.changes(events)
            if change.seconds is not None
        ]
        for job in jobs:
            if job.status in _ENDED and job.id not in self._ended_jobs:
                self._ended_jobs.add(job.id)
                seconds = job_seconds(job) or 0.0
                ended.append((_changed_at(job), job.status == "FAILED", job.name, "job", seconds))
        for _, failed, name, kind, seconds in sorted(ended, key=lambda one: one[0]):
            self._ended(failed, name, kind, seconds)
        self._live.update(Group(*self._state_rows(), *self._job_rows(jobs)), refresh=True)

    def _row(self, *cells: Text) -> Table:
        row = Table.grid(padding=(0, 2, 0, 0))
        row.add_row(self._spinner, *cells)
        return row

    def _ended(self, failed: bool, name: str, kind: str, seconds: float) -> None:
        mark = (self._bad, "red") if failed else (self._good, "green")
        line = Text.assemble(mark, "  ", name, (f"  {kind}  {seconds:.1f} s", "dim"))
        self._console.print(line, soft_wrap=True)

    def _state_rows(self) -> list[Table]:
        running = self._states.running
        counts = Counter(change.name for change in running)
        first = {change.name: change for change in reversed(running)}
        rows = []
        for change in sorted(first.values(), key=lambda change: change.at)[:_SHOWN]:
            seconds = (datetime.now(change.at.tzinfo) - change.at).total_seconds()
            times = f" x {counts[change.name]}" if counts[change.name] > 1 else ""
            rows.append(
                self._row(
                    Text(f"{_placed(change)}{times}", overflow="ellipsis", no_wrap=True),
                    Text(f"{change.type}  {seconds:.1f} s", style="dim"),
                )
            )
        return rows

    def _job_rows(self, jobs: Sequence[JobRecord]) -> list[Text]:
        unfinished = [job for job in jobs if job.status not in _ENDED]
        unfinished.sort(key=lambda job: job.started is None)
        rows = []
        for job in unfinished[:_SHOWN]:
            seconds = job_seconds(job)
            text = Text.assemble(
                "   job ", job.name, ("  " + job.status, "cyan"), overflow="ellipsis", no_wrap=True
            )
            text.append("" if seconds is None else f"  {seconds:.1f} s", style="dim")
            rows.append(text)
            rows.extend(
                Text(f"       {line}", style="dim", overflow="ellipsis", no_wrap=True)
                for line in readable_tail(job.output[-_LAST_OUTPUT:], 1)
            )
        if len(unfinished) > _SHOWN:
            done = len(jobs) - len(unfinished)
            more = f"   and {len(unfinished) - _SHOWN} more jobs; {done} have ended"
            rows.append(Text(more, style="dim"))
        return rows
