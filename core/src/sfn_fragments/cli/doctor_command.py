"""``sfn-fragments doctor``: whether everything that fragments need is there."""

from __future__ import annotations

import platform
import sys
from dataclasses import asdict, dataclass
from itertools import starmap
from typing import TYPE_CHECKING, Any, Literal

import click
import importlib_metadata

from sfn_fragments import get_registry
from sfn_fragments.cli.group import OWN_COMMANDS
from sfn_fragments.cli.output import origin_as_json, print_heading, print_json, print_table
from sfn_fragments.cli.plugin_commands import plugin_commands
from sfn_fragments.cli.problems import print_problems, problem_as_json
from sfn_fragments.compatibility import allows
from sfn_fragments.errors import FragmentsError
from sfn_fragments.node import (
    NODE_ADVICE,
    OLDEST_SUPPORTED_NODE,
    find_node,
    node_on_path,
    what_node_lacks,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sfn_fragments.discovery import Plugin, Problem

_OLDEST_PYTHON = (3, 11)

#: Packages of the local engine, which need not be there.
_OF_LOCAL_ENGINE = ("sfn-fragments-local", "moto", "aibs-informatics-aws-lambda")


@dataclass(frozen=True)
class Check:
    """One thing that was looked at.

    Attributes:
        name: What.
        status: ``ok``; ``absent`` for something that need not be there; ``fix``.
        value: What was found.
        remedy: What to do; empty where nothing has to be done.
    """

    name: str
    status: Literal["ok", "absent", "fix"]
    value: str
    remedy: str = ""


@click.command(
    "doctor",
    epilog="""\b
Examples:
  sfn-fragments doctor
  sfn-fragments doctor --json""",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    """Check Python, Node.js, the packages and the plugins.

    Exit codes: 0 all is well, 1 there is something to fix.
    """
    checks = [_check_python(), _check_node(), *starmap(_check_required, _requirements().items())]
    checks.extend(map(_check_optional, _OF_LOCAL_ENGINE))
    plugins: Sequence[Plugin] = ()
    problems: Sequence[Problem] = ()
    try:
        registry = get_registry()
        plugins, problems = registry.plugins(), registry.problems()
        remedy = "report it to the authors of the plugin"
        failed = plugin_commands(OWN_COMMANDS)[1]
        checks.extend(Check("commands", "fix", problem, remedy) for problem in failed)
        checks.extend(registry.offers("sfn_fragments_doctor_checks", Check))
    except FragmentsError as error:
        # SFN_FRAGMENTS_STRICT raises the first problem instead of reporting all.
        remedy = "unset SFN_FRAGMENTS_STRICT to see every problem"
        checks.append(Check("plugins", "fix", str(error), remedy))
    if as_json:
        print_json(_as_json(checks, plugins, problems))
    else:
        _print(checks, plugins, problems)
    if problems or any(check.status == "fix" for check in checks):
        ctx.exit(1)


def _check_python() -> Check:
    value = f"{platform.python_version()} ({sys.executable})"
    if sys.version_info >= _OLDEST_PYTHON:
        return Check("Python", "ok", value)
    return Check("Python", "fix", value, "install Python 3.11 or newer")


def _check_node() -> Check:
    node = find_node()
    if node is None:
        on_path = node_on_path()
        value = f"{on_path.version or 'broken'} ({on_path.path})" if on_path else "not found"
        return Check("Node.js", "fix", value, NODE_ADVICE)
    value = f"{node.version or 'does not run'} ({node.path}, from {node.source})"
    lack = what_node_lacks()
    if node.supported or lack:
        return Check("Node.js", "fix" if lack else "ok", value, lack or "")
    if node.source == "JSII_NODE":
        remedy = f"unset JSII_NODE, or point it at Node {OLDEST_SUPPORTED_NODE} or newer"
    else:
        remedy = NODE_ADVICE
    if node.works:
        value = f"{value}: not a release that jsii supports"
    return Check("Node.js", "fix", value, remedy)


def _version_of(distribution: str) -> str | None:
    try:
        return importlib_metadata.version(distribution)
    except importlib_metadata.PackageNotFoundError:
        return None


def _check_required(distribution: str, requirement: str) -> Check:
    version = _version_of(distribution)
    if version is None:
        remedy = "pip install --force-reinstall sfn-fragments"
        return Check(distribution, "fix", "not installed", remedy)
    # Installers refuse another release, unless they are told to look at no dependencies.
    if requirement and not allows(requirement, version):
        core = _version_of("sfn-fragments")
        value = f"{version}, but sfn-fragments {core} requires {requirement}"
        return Check(distribution, "fix", value, f'pip install "{requirement}"')
    return Check(distribution, "ok", version)


def _requirements() -> dict[str, str]:
    """Name to requirement of what the core needs without its extras, and of jsii, which CDK has."""
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    found = {"sfn-fragments": "", "jsii": ""}
    for text in importlib_metadata.requires("sfn-fragments") or ():
        requirement = Requirement(text)
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            requirement.marker = None
            found[canonicalize_name(requirement.name)] = str(requirement)
    return found


def _check_optional(distribution: str) -> Check:
    version = _version_of(distribution)
    if version is not None:
        return Check(distribution, "ok", version)
    remedy = 'to run fragments here: pip install "sfn-fragments[local]"'
    return Check(distribution, "absent", "not installed", remedy)


def _as_json(
    checks: Sequence[Check], plugins: Sequence[Plugin], problems: Sequence[Problem]
) -> dict[str, Any]:
    return {
        "checks": [asdict(check) for check in checks],
        "plugins": [{"name": each.name, **origin_as_json(each)} for each in plugins],
        "problems": [problem_as_json(problem) for problem in problems],
    }


def _print(checks: Sequence[Check], plugins: Sequence[Plugin], problems: Sequence[Problem]) -> None:
    print_table(
        ("STATUS", "WHAT", "FOUND"),
        [
            (each.status, each.name, f"{each.value}: {each.remedy}".removesuffix(": "))
            for each in checks
        ],
        styles={"ok": "green", "absent": "dim", "fix": "bold red"},
    )
    if plugins:
        click.echo()
        print_heading("Plugins")
        print_table(
            ("NAME", "DISTRIBUTION", "VERSION"),
            [(plugin.name, plugin.distribution, plugin.version) for plugin in plugins],
        )
    print_problems(problems)
