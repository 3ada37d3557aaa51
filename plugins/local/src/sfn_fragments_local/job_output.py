"""The end of a job's output, fit for a terminal."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click
from rich.control import strip_control_codes

if TYPE_CHECKING:
    from collections.abc import Iterator

_TRACEBACK = "Traceback (most recent call last):"

#: Characters of a line that are shown.
_LENGTH = 300


def readable_tail(output: str, lines: int) -> list[str]:
    """The last lines that a job wrote.

    Args:
        output: What it wrote.
        lines: How many lines to return at most.

    Returns:
        Lines without control codes. Of a log record in JSON only level and message are left, and
        of a Python traceback only its last line, which says what happened.

    Examples:
        >>> readable_tail('{"level": "INFO", "message": "Copying", "service": "sync"}', 5)
        ['INFO Copying']
    """
    return list(_readable(output))[-lines:]


def _readable(output: str) -> Iterator[str]:
    in_traceback = False
    for raw in click.unstyle(output).splitlines():
        if raw.startswith(_TRACEBACK):
            in_traceback = True
        elif in_traceback and raw and not raw[0].isspace():
            in_traceback = False
        if in_traceback or not raw.strip():
            continue
        line = strip_control_codes(_log_message(raw)).rstrip()
        yield line if len(line) <= _LENGTH else f"{line[:_LENGTH]}..."


def _log_message(line: str) -> str:
    if not line.startswith("{"):
        return line
    try:
        record = json.loads(line)
    except ValueError:
        return line
    if not isinstance(record, dict) or "level" not in record or "message" not in record:
        return line
    message = record["message"]
    text = message if isinstance(message, str) else json.dumps(message, ensure_ascii=False)
    return f"{record['level']} {' '.join(text.split())}"
