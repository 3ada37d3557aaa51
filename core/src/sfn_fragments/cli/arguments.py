"""Values that are given on the command line."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import Any

import click


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


def parse_setting(text: str) -> tuple[str, Any]:
    """Split ``PARAMETER=VALUE`` into the name and the value.

    Args:
        text: What followed ``--set``.

    Returns:
        The name, and the value as JSON where it parses as JSON, else as text.

    Raises:
        click.BadParameter: There is no ``=`` or no name before it, or the value is nested too
            deep to be read.

    Example:
        >>> parse_setting("memory=2048"), parse_setting("path=s3://b/k")
        (('memory', 2048), ('path', 's3://b/k'))
    """
    name, equals, value = text.partition("=")
    name = name.strip().replace("-", "_")
    if not equals or not name.isidentifier():
        raise click.BadParameter(f"{text!r} is not PARAMETER=VALUE, such as memory=2048")
    try:
        return name, json.loads(value)
    except RecursionError:
        raise click.BadParameter(f"the value of {name} is nested too deep") from None
    except ValueError:
        return name, value


def _settings(
    _context: click.Context, _parameter: click.Parameter, texts: tuple[str, ...]
) -> dict[str, Any]:
    settings: dict[str, Any] = {}
    for name, value in map(parse_setting, texts):
        if name in settings:
            raise click.BadParameter(f"{name} is given twice")
        settings[name] = value
    return settings


#: Adds ``--env-base`` to a command, which gets ``env_base``.
env_base_option = click.option(
    "--env-base",
    default="dev-sandbox",
    show_default=True,
    metavar="ENV_BASE",
    help="Environment base that names the resources, such as dev-x.",
)

#: Adds ``--set PARAMETER=VALUE`` to a command, which gets a dictionary named ``overrides``.
set_option = click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="PARAMETER=VALUE",
    callback=_settings,
    help="A constructor argument, as JSON or else text, in place of the example's. Repeatable.",
)


def read_json(source: str) -> Any:
    """Read JSON that is given as text, as the name of a file, or as ``-`` for stdin.

    Args:
        source: JSON text, a path, or ``-``.

    Returns:
        The value.

    Raises:
        click.BadParameter: It is neither; the message says where the JSON breaks.

    Example:
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
        return json.loads(text)
    except RecursionError:
        raise click.BadParameter(f"{origin} is JSON that is nested too deep") from None
    except ValueError as error:
        raise click.BadParameter(f"{origin} is not JSON: {error}") from error
