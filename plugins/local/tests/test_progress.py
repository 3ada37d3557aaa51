"""The displays of a run: what they say of events and jobs, and that pipes get plain text."""

from __future__ import annotations

import io
import os
import pty
import subprocess
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rich.console import Console

from sfn_fragments_local.job_output import readable_tail
from sfn_fragments_local.jobs import JobRecord
from sfn_fragments_local.progress import (
    LiveProgress,
    NoProgress,
    PlainProgress,
    RunningStates,
    progress_on,
)
from sfn_fragments_local.run_input import check_request, named_buckets, named_queues, unknown_fields

START = datetime(2024, 1, 1, tzinfo=UTC)


def entered(number: int, name: str, after: float, kind: str = "Task") -> dict[str, Any]:
    return {
        "id": number,
        "previousEventId": number - 1,
        "type": f"{kind}StateEntered",
        "timestamp": START + timedelta(seconds=after),
        "stateEnteredEventDetails": {"name": name},
    }


def exited(number: int, name: str, after: float, kind: str = "Task") -> dict[str, Any]:
    return {
        "id": number,
        "previousEventId": number - 1,
        "type": f"{kind}StateExited",
        "timestamp": START + timedelta(seconds=after),
        "stateExitedEventDetails": {"name": name},
    }


def task_failed(number: int, after: float) -> dict[str, Any]:
    return {
        "id": number,
        "previousEventId": number - 1,
        "type": "TaskFailed",
        "timestamp": START + timedelta(seconds=after),
        "taskFailedEventDetails": {"error": "E"},
    }


def job(status: str, started: float | None, stopped: float | None, output: str = "") -> JobRecord:
    return JobRecord(
        id="1",
        name="copy",
        queue="queue",
        definition="definition",
        status=status,
        reason=None,
        exit_code=None,
        runner=None,
        command=(),
        environment={},
        started=None if started is None else START + timedelta(seconds=started),
        stopped=None if stopped is None else START + timedelta(seconds=stopped),
        output=output,
    )


def test_states_are_running_between_entry_and_exit() -> None:
    states = RunningStates()
    states.changes([entered(1, "Map", 0, "Map"), entered(2, "Each", 1), entered(3, "Each", 2)])
    assert [change.name for change in states.running] == ["Map", "Each", "Each"]
    [change] = states.changes([exited(4, "Each", 5)])
    assert (change.name, change.type, change.seconds, change.failed) == ("Each", "Task", 4.0, False)
    assert [change.name for change in states.running] == ["Map", "Each"]


def test_states_stand_below_those_that_hold_them() -> None:
    states = RunningStates()
    inside = [{**task_failed(2, 0), "type": "MapStateStarted"}, entered(3, "Each", 1)]
    changes = states.changes(
        [
            entered(1, "Map", 0, "Map"),
            *inside,
            exited(4, "Each", 2),
            {**task_failed(5, 2), "type": "MapStateSucceeded"},
            exited(6, "Map", 3, "Map"),
            entered(7, "Next", 4),
        ]
    )
    assert [(change.name, change.depth) for change in changes] == [
        ("Map", 0),
        ("Each", 1),
        ("Each", 1),
        ("Map", 0),
        ("Next", 0),
    ]


def test_a_caught_failure_does_not_pass_for_success() -> None:
    states = RunningStates()
    changes = states.changes([entered(1, "Copy", 0), task_failed(2, 1), exited(3, "Copy", 1)])
    assert [change.failed for change in changes] == [False, True]


def test_plain_lines_are_in_the_order_of_time_and_not_repeated() -> None:
    written = io.StringIO()
    progress = progress_on(Console(file=written, width=40))
    assert isinstance(progress, PlainProgress)
    with progress:
        progress.update([entered(1, "Copy", 0)], [job("RUNNING", 0.5, None)])
        progress.update([], [job("RUNNING", 0.5, None)])
        progress.update([exited(2, "Copy", 3)], [job("SUCCEEDED", 0.5, 2.5)])
    assert written.getvalue().splitlines() == [
        "    0.0 s  entered Copy (Task)",
        "    0.5 s  job     copy RUNNING",
        "    2.5 s  job     copy SUCCEEDED after 2.0 s",
        "    3.0 s  left    Copy after 3.0 s",
    ]


def test_a_quiet_display_writes_nothing_unless_on_a_terminal() -> None:
    assert isinstance(progress_on(Console(file=io.StringIO()), quiet=True), NoProgress)
    on_terminal = Console(file=io.StringIO(), force_terminal=True, _environ={"TERM": "xterm"})
    assert isinstance(progress_on(on_terminal, quiet=True), LiveProgress)
    dumb = Console(file=io.StringIO(), force_terminal=True, _environ={"TERM": "dumb"})
    assert isinstance(progress_on(dumb), PlainProgress)


def test_the_live_display_shows_what_runs_and_keeps_what_ended() -> None:
    written = io.StringIO()
    console = Console(
        file=written, force_terminal=True, width=100, color_system=None, _environ={"TERM": "xterm"}
    )
    with LiveProgress(console) as progress:
        progress.phase("Deploying")
        progress.update(
            [entered(1, "[red]Copy", 0)], [job("RUNNING", 0, None, "\x1b[1mhalf\x1b[0m\nmost\n")]
        )
        shown = written.getvalue()
        progress.update([exited(2, "[red]Copy", 3)], [job("FAILED", 0, 2.5)])
    # What is between brackets is a name, not markup.
    assert "[red]Copy" in shown
    assert "job copy  RUNNING" in shown
    assert "most" in shown
    assert "half" not in shown
    lines = written.getvalue()
    assert "[red]Copy  Task  3.0 s" in lines
    assert "copy  job  2.5 s" in lines
    assert lines.index("copy  job  2.5 s") < lines.index("[red]Copy  Task  3.0 s")


def test_a_copy_has_a_bar_when_it_takes_longer_than_a_second(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    written = io.StringIO()
    console = Console(
        file=written, force_terminal=True, width=120, color_system=None, _environ={"TERM": "xterm"}
    )
    with LiveProgress(console) as progress:
        with progress.copying("Uploading in to bucket") as bar:
            bar.begin(2_000, 2_000)
            for _ in range(1_000):
                bar.copied(1)
        assert "Uploading in to bucket ..." in written.getvalue()
        assert "of 2,000 files" not in written.getvalue()
        monkeypatch.setattr("sfn_fragments_local.progress._BAR_AFTER", 0.05)
        with progress.copying("Uploading in to bucket") as bar:
            bar.begin(2_000, 2_000)
            for _ in range(1_000):
                bar.copied(1)
            time.sleep(0.06)
            bar.copied(1)
        assert "1,001 of 2,000 files" in written.getvalue()
        # A large folder is looked through before it is known how much is to be copied.
        with progress.copying("Uploading large to bucket") as bar:
            for _ in range(1_000):
                bar.found()
            assert "files found" not in written.getvalue()
            time.sleep(0.06)
            bar.found()
    assert "1,001 files found" in written.getvalue()


def test_a_bar_is_on_stderr_where_that_is_a_terminal_and_stdout_is_not() -> None:
    script = (
        "import time\n"
        "from rich.console import Console\n"
        "from sfn_fragments_local.progress import progress_on\n"
        "with progress_on(Console()) as progress, progress.copying('Copying') as bar:\n"
        "    bar.begin(2, 2)\n"
        "    bar.copied(1)\n"
        "    time.sleep(1.1)\n"
        "    bar.copied(1)\n"
        "    print('a line')\n"
    )
    ours, its = pty.openpty()
    try:
        process = subprocess.Popen(
            [sys.executable, "-c", script],
            stdout=subprocess.PIPE,
            stderr=its,
            env={**os.environ, "TERM": "xterm", "COLUMNS": "100"},
        )
        stdout, _ = process.communicate(timeout=60)
        os.close(its)
        shown = b""
        with suppress(OSError):  # how a pseudo-terminal ends
            while read := os.read(ours, 65_536):
                shown += read
    finally:
        os.close(ours)
    assert process.returncode == 0
    assert stdout == b"a line\n"
    assert b"2 of 2 files" in shown
    # The cursor is back.
    assert shown.rindex(b"\x1b[?25h") > shown.rindex(b"\x1b[?25l")


@pytest.mark.parametrize(
    ("output", "shown"),
    [
        ("a\n\nb\nc\n", ["b", "c"]),
        ("\x1b[31mred\x1b[0m\a\n", ["red"]),
        ('{"level": "INFO", "message": {"a": 1}, "x": 2}\n', ['INFO {"a": 1}']),
        ('{"no": "record"}\n{broken\n', ['{"no": "record"}', "{broken"]),
        (
            "start\nTraceback (most recent call last):\n  File x\n    y()\n\nOSError: no\n",
            ["start", "OSError: no"],
        ),
        ("x" * 1000, ["x" * 300 + "..."]),
        ("", []),
    ],
)
def test_the_tail_of_an_output_is_readable(output: str, shown: list[str]) -> None:
    assert readable_tail(output, 2) == shown


def test_buckets_and_queues_are_found_at_any_depth() -> None:
    value = {
        "paths": [{"source": "s3://one-bucket/a/b"}, "s3://two.bucket"],
        "scaffolding_bucket": "three",
        "overrides": {"bucket_name": "four", "job_queue": "queue-a"},
        "batch_job_queue": "queue_b",
        "note": "copy of s3://not-this/one",
        "bucket": "$.from_input",
        "job_queue": "arn:aws:batch:us-east-1:123456789012:job-queue/other",
        "count": 3,
        "malformed": "s3://Upper_Case/x",
    }
    assert named_buckets(value) == {"one-bucket", "two.bucket", "three", "four"}
    assert named_queues(value) == {"queue-a", "queue_b"}


def test_problems_of_a_request_name_the_documented_field() -> None:
    from pydantic import BaseModel, Field

    class Filter(BaseModel):
        pattern: str

    class Request(BaseModel, populate_by_name=True):
        source_path: str = Field(alias="sourcePath")
        filters: list[Filter] = []
        size: int | list[int] = 0

    value = {"filters": [{"pattern": "a"}, {}, {"pattern": 3}], "size": "x"}
    problems = check_request(Request, value, {"source_path": "s3://a/b"})
    assert [str(problem) for problem in problems] == [
        "source_path: not given: required, such as 's3://a/b'",
        "filters.1.pattern: not given: required",
        "filters.2.pattern: 3: should be a valid string",
        "size: 'x': should be a valid integer, unable to parse string as an integer, or: "
        "should be a valid list",
    ]
    assert check_request(Request, {"sourcePath": "a"}, None) == []
    [warning] = unknown_fields(Request, {"sourcePath": "a", "sizes": 3})
    assert "'sizes'" in warning
    assert "did you mean size?" in warning
