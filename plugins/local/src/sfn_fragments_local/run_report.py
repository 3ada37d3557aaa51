"""What a run prints at its end."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import click

from sfn_fragments.cli.output import print_heading, print_table
from sfn_fragments_asl.runs.outcome import origin
from sfn_fragments_local.handler_runner import HandlerRunner
from sfn_fragments_local.job_output import readable_tail
from sfn_fragments_local.progress import job_seconds

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console

    from sfn_fragments_local.execution import ExecutionResult
    from sfn_fragments_local.jobs import JobRecord
    from sfn_fragments_local.run_transfers import Transferred

#: Lines of what a failed job wrote, and a command that is all that ran, and characters of a cause,
#: that are shown.
_OUTPUT_LINES, _COMMAND_LINES, _CAUSE_LENGTH = 12, 50, 1_000

#: Objects of a bucket that are listed, and characters of an object's text.
_LISTED_OBJECTS, _TEXT_LENGTH = 20, 60


@dataclass(frozen=True)
class StoredObject:
    """An object in a bucket.

    Attributes:
        key: Its key.
        size: Its size in bytes.
        text: How it begins, if it is small and a text.
    """

    key: str
    size: int
    text: str = ""


@dataclass(frozen=True)
class Report:
    """A run that ended.

    Attributes:
        input: The input of the execution.
        result: What came of it.
        timeout: Seconds after which it was stopped; None if it was not.
        objects: Bucket to what is in it, of the buckets that show what the run did.
        uploads: What was uploaded.
        downloads: What was downloaded.
    """

    input: Any
    result: ExecutionResult
    timeout: float | None = None
    objects: Mapping[str, Sequence[StoredObject]] = field(default_factory=dict)
    uploads: Sequence[Transferred] = ()
    downloads: Sequence[Transferred] = ()


def report_as_json(report: Report) -> dict[str, Any]:
    """A run as one JSON object."""
    result = report.result
    return {
        "status": result.status,
        "seconds": result.seconds,
        "output": result.output,
        "error": result.error,
        "cause": result.cause,
        "notes": list(result.notes),
        "failed_state": None if result.succeeded else failed_state(result),
        "states": [
            {"name": state.name, "type": state.type, "seconds": state.seconds}
            for state in result.states
        ],
        "jobs": [
            {
                "name": job.name,
                "status": job.status,
                "exit_code": job.exit_code,
                "seconds": job_seconds(job),
                "output": job.output,
            }
            for job in result.jobs
        ],
        "objects": {
            bucket: [{"key": one.key, "size": one.size} for one in objects]
            for bucket, objects in report.objects.items()
        },
        "uploads": [_transfer_as_json(one) for one in report.uploads],
        "downloads": [_transfer_as_json(one) for one in report.downloads],
    }


def _transfer_as_json(done: Transferred) -> dict[str, Any]:
    return {
        "bucket": done.transfer.bucket,
        "prefix": done.transfer.prefix,
        "folder": done.transfer.shown_folder,
        "files": done.files,
        "bytes": done.size,
        "left_out": [
            {"name": one.name.encode(errors="backslashreplace").decode(), "why": one.why}
            for one in done.left_out
        ],
    }


def print_report(report: Report, console: Console, *, logs: bool = False) -> None:
    """Print a run for a reader: what matters most comes last.

    Args:
        report: The run.
        console: Where its lines go.
        logs: Whether all that jobs wrote is shown. What a single command wrote always is, and the
            end of what a job wrote that failed.
    """
    result = report.result
    downloaded = {done.transfer.bucket for done in report.downloads}
    for bucket, objects in report.objects.items():
        if bucket not in downloaded:
            _print_objects(bucket, objects)
    if report.uploads or report.downloads:
        click.echo()
    for done in report.uploads:
        folder, place = done.transfer.shown_folder, done.transfer.place
        click.echo(f"{_copied(done)} uploaded from {folder} to {place}{_left(done)}")
    for done in report.downloads:
        folder, place = done.transfer.shown_folder, done.transfer.place
        click.echo(f"{_copied(done)} downloaded from {place} to {folder}{_left(done)}")
    if result.notes:
        click.echo()
    for note in result.notes:
        click.echo(f"note: {note}")
    for job in result.jobs if logs else ():
        _print_log(job, None)
    states, jobs = len(result.states), len(result.jobs)
    counts = f"{_counted(states, 'state')} entered, {_counted(jobs, 'job')}"
    click.echo()
    status = click.style(result.status, fg="green" if result.succeeded else "red", bold=True)
    click.echo(
        f"{status} after {result.seconds:.1f} s: {counts}",
        color=console.is_terminal and not console.no_color,
    )
    if not result.succeeded:
        _print_failure(report, logs=logs)
        return
    if not logs and _is_single_command(result):
        _print_log(result.jobs[0], _COMMAND_LINES)
    _print_output(result.output)


def _is_single_command(result: ExecutionResult) -> bool:
    """Whether all that ran is one job with a command of the user's, not with a handler."""
    return len(result.jobs) == 1 and result.jobs[0].runner != HandlerRunner.name


def _print_log(job: JobRecord, most: int | None) -> None:
    """Print what a job wrote, or the last lines of it and how many there are."""
    lines = readable_tail(job.output, sys.maxsize)
    shown = lines if most is None else lines[-most:]
    cut = ""
    if len(shown) < len(lines):
        cut = f": the last {len(shown)} of {len(lines):,} lines, --logs shows all"
    code = "" if job.exit_code is None else f", exit code {job.exit_code}"
    click.echo()
    print_heading(f"Output of job {job.name}{code}{cut}")
    click.echo("\n".join(f"  {line}" for line in shown) or "  (it wrote nothing)")


def _copied(done: Transferred) -> str:
    return f"{_counted(done.files, 'file')}, {_readable_size(done.size)}"


def _left(done: Transferred) -> str:
    return f"; {len(done.left_out):,} left out" if done.left_out else ""


def _print_output(output: Any) -> None:
    click.echo()
    print_heading("Output")
    click.echo(json.dumps(output, indent=2, ensure_ascii=False))


def _print_failure(report: Report, *, logs: bool) -> None:
    result = report.result
    if report.timeout is not None:
        click.echo(f"stopped:  it still ran after {report.timeout:g} s (--timeout)")
    if state := failed_state(result):
        click.echo(f"state:    {state}")
    if result.error:
        click.echo(f"error:    {result.error}")
    if result.cause:
        click.echo(f"cause:    {_short_cause(result.cause)}")
    failed = [job for job in result.jobs if job.status == "FAILED"]
    if len(failed) > 1:
        # Those before it were tried again, or failed for the same reason.
        click.echo(f"jobs:     {len(failed)} failed, the last one is {failed[-1].name}")
    if failed and not logs:
        _print_log(failed[-1], _OUTPUT_LINES)


def failed_state(result: ExecutionResult) -> str | None:
    """The state where an execution's error came from, even if it was caught and passed on.

    Args:
        result: An execution that did not succeed.

    Returns:
        Name of the state, or of the one that it was in when it was stopped; of a nested execution
        or the child of a distributed Map, if it was there.
    """
    run = result.run()
    place = origin(run)
    return None if place is None else run.executions[place.execution].visits[place.visit].name


def _short_cause(cause: str) -> str:
    try:
        job = json.loads(cause)
    except ValueError:
        job = None
    # A failed job's whole description is the cause, of which this is what happened.
    if isinstance(job, dict) and "JobName" in job and "StatusReason" in job:
        container = job.get("Container") or {}
        told = [f"job {job['JobName']}: {job['StatusReason']}"]
        if "ExitCode" in container:
            told.append(f"exit code {container['ExitCode']}")
        if "LogStreamName" in container:
            told.append(f"log stream {container['LogStreamName']}")
        return ", ".join(told)
    cause = " ".join(cause.split())
    return cause if len(cause) <= _CAUSE_LENGTH else f"{cause[:_CAUSE_LENGTH]}..."


def _print_objects(bucket: str, objects: Sequence[StoredObject]) -> None:
    click.echo()
    print_heading(f"Objects in {bucket}")
    if not objects:
        click.echo("none")
        return
    rows = [(one.key, _readable_size(one.size), one.text) for one in objects[:_LISTED_OBJECTS]]
    if any(one.text for one in objects):
        print_table(("KEY", "SIZE", "TEXT"), rows)
    else:
        print_table(("KEY", "SIZE"), [row[:2] for row in rows])
    if len(objects) > _LISTED_OBJECTS:
        size = _readable_size(sum(one.size for one in objects))
        click.echo(f"... {len(objects)} objects, {size} in all")


def stored_objects(s3: Any, bucket: str, *, with_text: bool) -> list[StoredObject]:
    """What is in a bucket.

    Args:
        s3: A boto3 S3 client.
        bucket: Name of an existing bucket.
        with_text: Whether to read small objects.

    Returns:
        The objects, sorted by key.
    """
    objects: list[StoredObject] = []
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for item in page.get("Contents", []):
            key, size = item["Key"], item["Size"]
            text = ""
            if with_text and len(objects) < _LISTED_OBJECTS and 0 < size <= 4 * _TEXT_LENGTH:
                text = _text_of(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
            objects.append(StoredObject(key, size, text))
    return objects


def _text_of(content: bytes) -> str:
    try:
        text = " ".join(content.decode("utf-8").split())
    except UnicodeDecodeError:
        return ""
    if not text.isprintable():
        return ""
    return text if len(text) <= _TEXT_LENGTH else f"{text[:_TEXT_LENGTH]}..."


def _readable_size(size: float) -> str:
    if size < 1024:
        return f"{size:.0f} B"
    for unit in ("KiB", "MiB"):
        size /= 1024
        if size < 1023.95:  # else it would be shown as 1024.0
            return f"{size:.1f} {unit}"
    return f"{size / 1024:,.1f} GiB"


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
