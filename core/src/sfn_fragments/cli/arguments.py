"""Values that are given on the command line."""

from __future__ import annotations

import json
from typing import Any

import click


def parse_setting(text: str) -> tuple[str, Any]:
    """Split ``PARAMETER=VALUE`` into the name and the value.

    Args:
        text: What followed ``--set``.

    Returns:
        The name, and the value as JSON where it parses as JSON, else as text.

    Raises:
        click.BadParameter: There is no ``=`` or no name before it, or the value is nested too
            deep to be read.

    Examples:
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
