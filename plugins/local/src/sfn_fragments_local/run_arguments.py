"""Values of ``run`` that are given on the command line."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Any

import click

from sfn_fragments_local.input_text import input_text, parsed_input
from sfn_fragments_local.launching.image import unusable_path


class FiniteFloat(click.FloatRange):
    """A number in a range; click's own takes ``nan`` and ``inf`` for one."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """The number.

        Raises:
            click.BadParameter: It is none, or out of the range.
        """
        number = float(super().convert(value, param, ctx))
        if not math.isfinite(number):
            self.fail(f"{value!r} is not a finite number", param, ctx)
        return number


def checked_image_paths(
    _context: click.Context, _parameter: click.Parameter, paths: tuple[str, ...]
) -> tuple[str, ...]:
    """The values of ``--image-path``, refused where ``Engine(image_paths=[...])`` would.

    Raises:
        click.BadParameter: Some cannot be part of the image; each is named, with the way out.
    """
    wrong = [f"{path!r}: {why}" for path in paths if (why := unusable_path(path))]
    if wrong:
        raise click.BadParameter("; ".join(wrong))
    return paths


def read_json(source: str) -> Any:
    """Read JSON that is given as text, as the name of a file, or as ``-`` for stdin.

    Args:
        source: JSON text, a path, or ``-``.

    Returns:
        The value.

    Raises:
        click.BadParameter: It is neither, or no input that Step Functions takes; the message says
            why.

    Examples:
        >>> read_json('{"seconds": 5}')
        {'seconds': 5}
    """
    text, origin = source, "the text given"
    try:
        if source == "-":
            text, origin = sys.stdin.read(), "stdin"
        elif not source.lstrip().startswith(("{", "[", '"')):
            path = Path(source)
            if source and path.is_dir():
                raise click.BadParameter(f"{source!r} is a folder; give a file with JSON")
            if path.is_file():
                text, origin = path.read_text(encoding="utf-8"), str(path)
            else:
                origin = f"there is no file {source!r}, and as text it"
    except (OSError, ValueError) as error:
        raise click.BadParameter(f"cannot read {source!r}: {error}") from error
    try:
        value = parsed_input(text)
    except RecursionError:
        raise click.BadParameter(f"{origin} is JSON that is nested too deep") from None
    except ValueError as error:
        raise click.BadParameter(f"{origin} is not JSON: {error}") from error
    try:
        input_text(value)
    except ValueError as error:
        raise click.BadParameter(f"{origin} is no input of an execution: {error}") from error
    return value
