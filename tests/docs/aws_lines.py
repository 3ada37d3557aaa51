"""The lines of a page that call AWS: held against its API, and sent to an engine."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import botocore.session
from botocore import xform_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from tests.pages import Command

#: A call of the AWS CLI within a line, and an option of it.
_CALL = re.compile(r"\baws (?P<service>[a-z0-9]+) (?P<operation>[a-z0-9-]+)(?P<rest>[^|;)]*)")
_OPTION = re.compile(r"(?<!\S)--([a-z0-9-]+)")
_OF_THE_CLI = {"query", "output", "region", "profile", "no-paginate", "max-items"}

#: Stands for a step that only AWS can take.
_DESTROY = """for TARGET in $(aws efs describe-mount-targets --file-system-id "$FILES" \
--query "MountTargets[].MountTargetId" --output text)
do aws efs delete-mount-target --mount-target-id "$TARGET"; done"""


def wrong_calls(commands: Iterable[Command]) -> Iterator[str]:
    """What AWS's API does not have of the calls in some lines.

    Args:
        commands: The lines.

    Yields:
        A line for each service, operation or option that is none.
    """
    session = botocore.session.get_session()
    for command in commands:
        for call in _CALL.finditer(command.line.replace("\\\n", " ")):
            service, operation = call["service"], call["operation"]
            if service == "s3":  # the CLI's own, tried by the proof that runs it
                continue
            name = {"logs": "logs"}.get(service, service)
            if name not in session.get_available_services():
                yield f"{service}: {command.line}"
                continue
            model = session.get_service_model(name)
            operations = {xform_name(one, "-"): one for one in model.operation_names}
            if operation not in operations:
                yield f"{service} {operation}: {command.line}"
                continue
            shape = model.operation_model(operations[operation]).input_shape
            options = {xform_name(one, "-") for one in (shape.members if shape else ())}
            unquoted = re.sub(r'"[^"]*"', '""', call["rest"])
            for option in _OPTION.findall(unquoted):
                if option not in options | _OF_THE_CLI:
                    yield f"{service} {operation} --{option}: {command.line}"


def script(commands: Iterable[Command]) -> str:
    """The lines as one script, in which steps of the CDK CLI are played.

    Args:
        commands: The lines, as they are typed one after the other in one shell.
    """
    lines = ["set -euo pipefail"]
    for command in commands:
        line = command.line
        if line.startswith("npx "):
            line = _DESTROY if line.endswith(" destroy") else "true"
        lines.append(line.replace("uv run ", ""))
    return "\n".join(lines)


def sent(commands: Iterable[Command], folder: Path, environment: Mapping[str, str]) -> str:
    """What the lines print; they must succeed.

    Args:
        commands: The lines.
        folder: Where they are typed.
        environment: The variables of the shell, those of an engine among them.
    """
    done = subprocess.run(
        ["bash", "-c", script(commands)],
        cwd=folder,
        env=dict(environment),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
