"""``sfn-fragments demand``: runs a command on folders of this machine, as a demand execution.

It writes the request that one would write by hand, and leaves the rest to ``sfn-fragments run``.
"""

from __future__ import annotations

import json
import re
import uuid
from pathlib import Path
from typing import Any

import click

from sfn_fragments.errors import FragmentsError

#: Buckets of the engine that folders go to and come from; an execution on AWS has others.
_INPUTS, _OUTPUTS = "my-inputs", "my-outputs"

_FRAGMENT = "demand_execution.execute"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
#: What the planning handler and the shell have under these names.
_TAKEN = frozenset({"working_dir", "tmpdir", "path", "home", "pwd", "ifs"})


def _folders(
    _context: click.Context, _parameter: click.Parameter, texts: tuple[str, ...]
) -> dict[str, str]:
    """Names and folders of ``NAME=FOLDER``.

    Raises:
        click.BadParameter: One is written otherwise, or its name cannot be a variable.
    """
    found: dict[str, str] = {}
    for text in texts:
        name, equals, folder = text.partition("=")
        if not equals or not folder:
            raise click.BadParameter(f"{text!r}: write NAME=FOLDER, such as data=./measurements")
        if not _NAME.fullmatch(name):
            raise click.BadParameter(f"{name!r}: a name has letters, digits and underscores")
        if name.lower() in _TAKEN:
            raise click.BadParameter(f"{name!r}: the job's shell has this name; take another")
        if name.lower() in {one.lower() for one in found}:
            raise click.BadParameter(f"{name!r} is given twice")
        found[name] = folder
    return found


def request_of(
    command: str,
    inputs: list[str],
    outputs: list[str],
    *,
    queue: str,
    image: str,
    memory: int,
    vcpus: int,
) -> dict[str, Any]:
    """The request of a demand execution that runs a command between folders.

    Args:
        command: A line of shell; ``${NAME}`` stands for the folder of that name.
        inputs: Names of the folders that it reads.
        outputs: Names of the folders that it writes, which are made for it.
        queue: Name of the job queue.
        image: URI of the image.
        memory: Memory in MiB.
        vcpus: Number of vCPUs.

    Returns:
        The input of an execution, with buckets of the engine.

    Examples:
        >>> request = request_of(
        ...     "sort ${A}/x > ${B}/x", ["a"], ["b"], queue="q", image="i", memory=512, vcpus=1
        ... )
        >>> request["execution_parameters"]["params"]
        {'a': 's3://my-inputs/a/', 'b': 'b @ s3://my-outputs/b/'}
    """
    made = "".join(f"mkdir -p ${{{name.upper()}}} && " for name in outputs)
    params = {name: f"s3://{_INPUTS}/{name}/" for name in inputs}
    params |= {name: f"{name} @ s3://{_OUTPUTS}/{name}/" for name in outputs}
    return {
        "execution_type": "demand",
        "execution_id": str(uuid.uuid4()),
        "execution_image": image,
        "execution_parameters": {
            # In brackets, all of it comes after the folders are there.
            "command": [f"{made}{{ {command}\n}}" if made else command],
            "params": params,
            "inputs": inputs,
            "outputs": outputs,
        },
        "execution_platform": {"aws_batch": {"job_queue_name": queue}},
        "resource_requirements": {"memory": memory, "vcpus": vcpus},
    }


@click.command(
    "demand",
    epilog="""\b
Examples:
  sfn-fragments demand 'wc -l ${DATA}/*.csv > ${COUNTS}/counts.txt' \\
    --input data=./measurements --output counts=./counts
  sfn-fragments demand 'python3 ${CODE}/align.py ${DATA} ${OUT}' \\
    --input code=. --input data=./data --output out=./out --report run.html""",
)
@click.argument("command")
@click.option(
    "--input",
    "inputs",
    multiple=True,
    callback=_folders,
    metavar="NAME=FOLDER",
    help="A folder that the command reads, as ${NAME} in capitals. Repeatable.",
)
@click.option(
    "--output",
    "outputs",
    multiple=True,
    callback=_folders,
    metavar="NAME=FOLDER",
    help="A folder for what the command writes into ${NAME}. Files that are there and differ are "
    "kept. Repeatable.",
)
@click.option("--overwrite", is_flag=True, help="Replace files that are there and differ.")
@click.option(
    "--image",
    default="public.ecr.aws/docker/library/bash:5",
    show_default=True,
    help="Image of the job on AWS. Here the job has the programs of this machine.",
)
@click.option(
    "--memory", type=click.IntRange(min=4), default=2048, show_default=True, help="Memory in MiB."
)
@click.option("--vcpus", type=click.IntRange(min=1), default=1, show_default=True, help="vCPUs.")
@click.option(
    "--image-path",
    "image_paths",
    multiple=True,
    metavar="PATH",
    help="A file or folder of this machine that the job may read, at its own path. Repeatable.",
)
@click.option(
    "--request",
    "request_file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE.json",
    help="Write the request too, to start an execution on AWS with.",
)
@click.option("--report", metavar="FILE.html", help="Write a page on the run.")
@click.option("--logs", is_flag=True, help="Show all that the jobs wrote.")
@click.pass_context
def command(
    ctx: click.Context,
    command: str,
    inputs: dict[str, str],
    outputs: dict[str, str],
    overwrite: bool,
    image: str,
    memory: int,
    vcpus: int,
    image_paths: tuple[str, ...],
    request_file: Path | None,
    report: str | None,
    logs: bool,
) -> None:
    """Run COMMAND on folders of this machine, offline, as a demand execution does on AWS.

    COMMAND is a line of shell. ${NAME}, in capitals, is the folder of that name. The folders go
    to buckets and to a file system, the command runs as a job that sees them alone, and what it
    wrote comes back, by the state machine that would do it on AWS.

    Exit codes: 0 it succeeded, 1 it failed, 2 wrong use.
    """
    if both := {name.upper() for name in inputs} & {name.upper() for name in outputs}:
        raise click.UsageError(
            f"{', '.join(sorted(both))} is an input and an output; name one anew"
        )
    above = ctx.parent
    run = None
    if above is not None and isinstance(above.command, click.Group):
        run = above.command.get_command(above, "run")
    if run is None:
        raise FragmentsError(
            'the command needs the local engine: pip install "sfn-fragments[local]"'
        )
    request = request_of(
        command,
        [*inputs],
        [*outputs],
        queue="dev-sandbox-queue",
        image=image,
        memory=memory,
        vcpus=vcpus,
    )
    if request_file is not None:
        try:
            request_file.write_text(json.dumps(request, indent=2) + "\n", encoding="utf-8")
        except OSError as error:
            raise FragmentsError(
                f"--request: {request_file} cannot be written: {error.strerror}"
            ) from error
    arguments = [_FRAGMENT, "--input", json.dumps(request)]
    for name, folder in inputs.items():
        arguments += ["--upload", f"{_INPUTS}/{name}={folder}"]
    for name, folder in outputs.items():
        arguments += ["--download", f"{_OUTPUTS}/{name}={folder}"]
    for path in image_paths:
        arguments += ["--image-path", path]
    arguments += ["--report", report] if report is not None else []
    arguments += ["--overwrite"] if overwrite else []
    arguments += ["--logs"] if logs else []
    ctx.exit(run.main(arguments, "sfn-fragments run", standalone_mode=False, parent=ctx) or 0)
