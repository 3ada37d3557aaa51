"""``sfn-fragments run``: executes a fragment on this machine.

The engine is imported inside the functions, since it takes seconds and wrong arguments should be
answered at once.
"""

from __future__ import annotations

import atexit
import os
import shlex
import signal
import tempfile
import threading
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sfn_fragments.cli.arguments import env_base_option, set_option
from sfn_fragments.cli.output import print_json, print_warning
from sfn_fragments_asl.cli.output import echo_labelled
from sfn_fragments_local.run_arguments import FiniteFloat, checked_image_paths, read_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sfn_fragments.errors import InvalidValue
    from sfn_fragments.sandbox import BuiltFragment
    from sfn_fragments.spec import Example
    from sfn_fragments_local.deployment import Deployment
    from sfn_fragments_local.engine import Engine
    from sfn_fragments_local.progress import Progress
    from sfn_fragments_local.run_input import Transfer
    from sfn_fragments_local.run_report import Report
    from sfn_fragments_local.run_transfers import Transferred


@dataclass(frozen=True)
class Run:
    """A run whose arguments were found to be right.

    Attributes:
        built: The synthesized fragment.
        input: Input of the execution.
        example: The fragment's example, if it is that which runs.
        uploads: Folders to put into buckets first.
        downloads: Folders to get buckets into afterwards.
        buckets: Buckets to make.
        queues: Job queues to make.
    """

    built: BuiltFragment
    input: Any
    example: Example | None
    uploads: Sequence[Transfer]
    downloads: Sequence[Transfer]
    buckets: frozenset[str]
    queues: frozenset[str]


class _Remembering(click.Command):
    """A command that knows what was typed, to tell how it is repeated."""

    typed = f"{__name__}.typed"

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Keep the arguments, and read them."""
        ctx.meta[self.typed] = list(args)
        return super().parse_args(ctx, args)


@click.command(
    "run",
    cls=_Remembering,
    epilog="""\b
Examples:
  sfn-fragments run data_sync.sync
  sfn-fragments run data_sync.sync --upload source/a=./data --download results/b=./out \\
    --input '{"source_path": "s3://source/a/", "destination_path": "s3://results/b/"}'
  sfn-fragments run batch.submit_job --set 'command=["echo", "hello"]' --json
  sfn-fragments run data_sync.sync --report run.html
  sfn-fragments run batch.submit_job --set 'command=["ls", "/data/models"]' \\
    --image-path /data/models""",
)
@click.argument("name")
@click.option(
    "--input",
    "source",
    metavar="JSON|FILE|-",
    help="Input of the execution: JSON, the name of a file with it, or - for stdin. "
    "Without it, the fragment's example runs.",
)
@click.option(
    "--upload",
    "uploads",
    multiple=True,
    metavar="BUCKET[/PREFIX]=FOLDER",
    help="Put the files of a folder into a bucket first, below a prefix. Links are followed. "
    "Repeatable.",
)
@click.option(
    "--download",
    "downloads",
    multiple=True,
    metavar="BUCKET[/PREFIX]=FOLDER",
    help="Copy what is in a bucket, below a prefix, into a folder at the end, failed or not. "
    "Files that are there and differ are kept. Repeatable.",
)
@click.option(
    "--overwrite",
    is_flag=True,
    help="Let --download replace files that are there and differ.",
)
@set_option
@click.option(
    "--queue",
    "queues",
    multiple=True,
    metavar="NAME",
    help="Make a job queue, besides those that --input and --set name. Repeatable.",
)
@env_base_option
@click.option(
    "--time-scale",
    type=FiniteFloat(min=0),
    default=0.01,
    show_default=True,
    help="Factor for the seconds of waits and retry intervals; 1 is real time.",
)
@click.option(
    "--timeout",
    type=FiniteFloat(min=0, min_open=True),
    metavar="SECONDS",
    help="Stop the execution after this time. By default it may take any.",
)
@click.option(
    "--no-isolation",
    is_flag=True,
    help="Let jobs and functions do with this machine's files what you may.",
)
@click.option(
    "--image-path",
    "image_paths",
    multiple=True,
    metavar="PATH",
    callback=checked_image_paths,
    help="A file or folder of this machine that jobs and functions may read, at its own path. "
    "Repeatable.",
)
@click.option(
    "--report",
    "page",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE.html",
    help="Write a page on the run, which any browser opens without a network.",
)
@click.option(
    "--logs",
    is_flag=True,
    help="Show all that the jobs wrote, also of those that succeeded. By default the end of what "
    "the failed one wrote, and of a single command, is shown.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as one JSON object.")
@click.pass_context
def command(
    ctx: click.Context,
    name: str,
    source: str | None,
    uploads: tuple[str, ...],
    downloads: tuple[str, ...],
    overwrite: bool,
    overrides: dict[str, Any],
    queues: tuple[str, ...],
    env_base: str,
    time_scale: float,
    timeout: float | None,
    no_isolation: bool,
    image_paths: tuple[str, ...],
    page: Path | None,
    logs: bool,
    as_json: bool,
) -> None:
    """Execute NAME on this machine, offline, and follow its states and jobs.

    The fragment is synthesized and deployed to an engine inside this process; nothing reaches
    AWS. Buckets that the input names are made. Jobs run as processes that see a container, not
    this machine.

    Exit codes: 0 it succeeded, 1 it failed, 2 wrong use.
    """
    from rich.console import Console

    from sfn_fragments_local.progress import progress_on
    from sfn_fragments_local.run_report import print_report, report_as_json

    # With --json, stdout is for the program that reads it.
    console = Console(stderr=as_json)
    with _ending_on_signals(), _temporary_files_in_a_folder_of_its_own():
        try:
            with progress_on(console, quiet=as_json) as progress:
                progress.phase("Synthesizing")
                run = _checked(name, source, uploads, downloads, overrides, queues, env_base)
                progress.phase("Starting the engine")
                from sfn_fragments_local.engine import Engine

                isolation = "none" if no_isolation else "auto"
                engine = Engine(time_scale, isolation=isolation, image_paths=image_paths)
                report = _executed(run, engine, timeout, overwrite, progress)
        except KeyboardInterrupt:
            click.echo("interrupted: the execution and its jobs are stopped", err=True)
            raise
        if page is not None:
            _write_page(report, page, ctx.meta[_Remembering.typed])
        if as_json:
            print_json(report_as_json(report))
        else:
            print_report(report, console, logs=logs)
    left_out = [done for done in (*report.uploads, *report.downloads) if done.left_out]
    if not report.result.succeeded or len(report.downloads) < len(downloads) or left_out:
        ctx.exit(1)


def _write_page(report: Report, page: Path, typed: Sequence[str]) -> None:
    from sfn_fragments.errors import FragmentsError

    try:
        report.result.report(page, command=_repeating(typed))
    except OSError as error:
        raise FragmentsError(f"--report: {page} cannot be written: {error.strerror}") from error
    click.echo(f"report:   {page}", err=True)


def _repeating(typed: Sequence[str]) -> str:
    """The command that repeats a run: what was typed, but for the report."""
    given, kept = iter(typed), []
    for word in given:
        if word == "--report":
            next(given, None)
        elif not word.startswith("--report="):
            kept.append(word)
    return shlex.join(["sfn-fragments", "run", *kept])


def _checked(
    name: str,
    source: str | None,
    uploads: Sequence[str],
    downloads: Sequence[str],
    overrides: dict[str, Any],
    queues: Sequence[str],
    env_base: str,
) -> Run:
    """Synthesize the fragment; whatever is wrong with the arguments is raised at once."""
    from sfn_fragments.cli.problems import told_registry
    from sfn_fragments.errors import (
        FragmentsError,
        InvalidParametersError,
        InvalidValue,
        PluginError,
    )
    from sfn_fragments.sandbox import Sandbox
    from sfn_fragments.spec import Example
    from sfn_fragments_local.run_input import (
        NotGiven,
        attempt,
        check_queues,
        check_request,
        named_buckets,
        named_queues,
        read_transfers,
        unknown_fields,
    )

    registry = told_registry()
    spec = registry.spec(name)
    example = None if spec.example is None else registry.resolve(spec.example)
    if not isinstance(example, Example | None):
        owner = f"fragment {name!r} of {registry.provider(name)}"
        raise PluginError(f"{owner}: its example {spec.example!r} is {example!r}, and no Example")
    model = None if spec.request is None else registry.resolve(spec.request)
    problems: list[InvalidValue] = []
    if source is not None:
        value = attempt(problems, "--input", source, read_json)
    elif example is not None:
        value = example.input
    else:
        value = None
        problems.append(InvalidValue("--input", NotGiven(), "this fragment has no example to run"))
    if model is not None and not problems:
        problems += check_request(model, value, example and example.input)
    read_uploads, wrong = read_transfers("--upload", uploads, must_exist=True)
    problems += wrong
    read_downloads, wrong = read_transfers("--download", downloads, must_exist=False)
    problems += wrong
    problems += check_queues("--queue", queues)
    try:
        built = Sandbox(env_base).build(registry, name, overrides)
        _ = built.template  # kept there; what CDK refuses shows here
    except InvalidParametersError as error:
        raise InvalidParametersError(name, [*problems, *error.problems]) from error
    except FragmentsError:
        if not problems:
            raise
    if problems:
        raise InvalidParametersError(name, problems)
    if model is not None and source is not None:
        for line in unknown_fields(model, value):
            print_warning(line)
    ran = example if source is None else None
    buckets = named_buckets(value) | named_buckets(overrides)
    buckets |= {transfer.bucket for transfer in (*read_uploads, *read_downloads)}
    if ran is not None:
        buckets |= {*ran.objects, *ran.results}
    return Run(
        built=built,
        input=value,
        example=ran,
        uploads=read_uploads,
        downloads=read_downloads,
        buckets=frozenset(buckets),
        queues=frozenset(
            {built.sandbox.job_queue, *queues, *named_queues(value), *named_queues(overrides)}
        ),
    )


def _executed(
    run: Run, engine: Engine, timeout: float | None, overwrite: bool, progress: Progress
) -> Report:
    from sfn_fragments_local.progress import follow
    from sfn_fragments_local.run_report import Report

    with engine:
        progress.phase("Deploying")
        deployment = engine.deploy(run.built.template, name=run.built.stack.stack_name)
        for logical_id, why in deployment.skipped.items():
            print_warning(f"{logical_id} is not deployed: {why}")
        uploads = _supply(engine, run, deployment, progress)
        definitions_before = _job_definitions(engine)
        execution = engine.start(run.input, deployment.state_machines[run.built.logical_id])
        in_time = follow(execution, lambda: engine.jobs, progress, timeout)
        result = execution.wait()
        if in_time:
            left = sorted(_job_definitions(engine) - definitions_before)
            if left:
                print_warning(f"the run left job definitions ACTIVE: {', '.join(left)}")
        return Report(
            input=run.input,
            result=result,
            timeout=None if in_time else timeout,
            objects=_result_objects(engine, run),
            uploads=uploads,
            downloads=_downloaded(engine, run, overwrite, progress),
        )


def _supply(
    engine: Engine, run: Run, deployment: Deployment, progress: Progress
) -> list[Transferred]:
    from botocore.exceptions import ClientError

    from sfn_fragments.errors import FragmentsError
    from sfn_fragments_local.run_transfers import upload

    what = ""
    try:
        for queue in sorted(run.queues):
            what = f"job queue {queue!r} cannot be made"
            engine.create_job_queue(queue)
        for bucket in sorted(run.buckets):
            what = f"bucket {bucket!r} cannot be made"
            engine.create_bucket(bucket)
        for bucket, objects in ({} if run.example is None else run.example.objects).items():
            what = f"the example's objects cannot be put into {bucket!r}"
            for key, text in objects.items():
                engine.client("s3").put_object(Bucket=bucket, Key=key, Body=text.encode())
        if run.example is not None and run.example.files:
            what = "the example's files cannot be put on its file system"
            folder = _file_system_folder(engine, run, deployment)
            for name, text in run.example.files.items():
                path = folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
        what = "the folders cannot be uploaded"
        return [upload(engine, transfer, progress) for transfer in run.uploads]
    except (ClientError, OSError) as error:
        raise FragmentsError(f"{what}: {error}") from error


def _file_system_folder(engine: Engine, run: Run, deployment: Deployment) -> Path:
    """The local folder of the file system that the sandbox made for its example."""
    file_system = run.built.sandbox.file_system
    reference = run.built.stack.resolve(file_system.file_system_id)
    return engine.file_system_folder(deployment.resources[reference["Ref"]])


def _downloaded(engine: Engine, run: Run, overwrite: bool, progress: Progress) -> list[Transferred]:
    from sfn_fragments.errors import FragmentsError
    from sfn_fragments_local.run_transfers import download

    done = []
    for transfer in run.downloads:
        try:
            done.append(download(engine, transfer, progress, overwrite=overwrite))
        except (FragmentsError, OSError) as error:
            # What the execution did is still worth telling.
            echo_labelled("error", f"{transfer.bucket!r} cannot be downloaded: {error}")
    return done


def _job_definitions(engine: Engine) -> set[str]:
    return {str(one["jobDefinitionArn"]) for one in engine.job_definitions()}


def _result_objects(engine: Engine, run: Run) -> dict[str, Any]:
    from sfn_fragments_local.run_input import named_buckets
    from sfn_fragments_local.run_report import stored_objects

    downloaded = {transfer.bucket for transfer in run.downloads}
    if run.example is not None:
        shown = {*run.example.results} | downloaded
    else:
        # What the input names besides the buckets that were filled may be where results are.
        shown = (named_buckets(run.input) - {one.bucket for one in run.uploads}) | downloaded
    s3 = engine.client("s3")
    return {
        bucket: stored_objects(s3, bucket, with_text=bucket not in downloaded)
        for bucket in sorted(shown)
    }


@cache
def _folder_of_this_process() -> str:
    """A folder for temporary files that is gone with this process, however it ends."""
    from sfn_fragments_local.launching.launcher import temporary_folder

    stack = ExitStack()
    # Not earlier: CDK's own process, which the next run uses too, has its files there.
    atexit.register(stack.close)
    return str(stack.enter_context(temporary_folder()))


@contextmanager
def _temporary_files_in_a_folder_of_its_own() -> Iterator[None]:
    """Let what CDK writes be gone with this process too, however it ends."""
    before, variable = tempfile.tempdir, os.environ.get("TMPDIR")
    tempfile.tempdir = os.environ["TMPDIR"] = _folder_of_this_process()
    try:
        yield
    finally:
        tempfile.tempdir = before
        if variable is None:
            del os.environ["TMPDIR"]
        else:
            os.environ["TMPDIR"] = variable


@contextmanager
def _ending_on_signals() -> Iterator[None]:
    """Let a closed terminal and SIGTERM end the run as Ctrl-C does, and say so."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    # Not on Windows: SIGHUP.
    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in numbers}
    for number in numbers:
        if before[number] is not signal.SIG_IGN:  # as under nohup
            signal.signal(number, interrupt)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
