"""What is wrong with installed plugins, each told once, with the place and what to do."""

from __future__ import annotations

import importlib
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import importlib_metadata
from packaging.requirements import InvalidRequirement, Requirement

from sfn_fragments import first_party
from sfn_fragments.errors import PluginError
from sfn_fragments_authoring.installed import normalized
from sfn_fragments_authoring.names import OWNED

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sfn_fragments.discovery import Problem
    from sfn_fragments_authoring.installed import Installed
    from sfn_fragments_authoring.probing import Probe

#: Longest text of an error that is told; what `SFN_FRAGMENTS_DEBUG=1` shows is not cut.
_LONGEST = 300


@dataclass(frozen=True)
class Finding:
    """Something that is wrong with a plugin.

    Attributes:
        id: Names the kind, such as ``heavy-import``.
        message: What is wrong.
        remedy: What to do.
        place: ``<file>:<line>``; empty where there is none.
    """

    id: str
    message: str
    remedy: str
    place: str = ""

    def as_json(self) -> dict[str, str]:
        """As ``plugins --json`` shows it."""
        return asdict(self)


def of_problem(problem: Problem) -> Finding:
    """A plugin that failed.

    Args:
        problem: What discovery has recorded.

    Returns:
        The finding, whose id is the stage that failed.
    """
    error = problem.error
    message = " ".join(str(error).split())
    remedy = problem.remedy
    if isinstance(error, PluginError):
        # Many of its messages end with the remedy.
        message = message.removesuffix(f"; {remedy}")
        remedy = remedy if problem.stage != "conflict" else "uninstall all but one of them"
    else:
        message = f"{type(error).__name__}: {message}"
    if len(message) > _LONGEST:
        message = f"{message[:_LONGEST]}..."
    mended = _remedy_of(error, problem)
    return Finding(f"failed-{problem.stage}", message, mended or remedy, _place_of(error))


def _remedy_of(error: BaseException, problem: Problem) -> str:
    """What mends an error that was raised by an import; empty if that is the problem's own."""
    disable = f"leave it out with SFN_FRAGMENTS_DISABLE={problem.plugin}"
    if problem.stage != "import":
        return ""
    if isinstance(error, SyntaxError):
        return f"mend that line, or report it to the authors of {problem.distribution}; {disable}"
    if isinstance(error, ModuleNotFoundError) and error.name:
        package = error.name.partition(".")[0]
        if package == problem.value.partition(":")[0].partition(".")[0]:
            return (
                f"its entry point names {problem.value}, and there is no {error.name}: mend the "
                f"entry point, or install {problem.distribution} anew"
            )
        return (
            f"install what has the module {package!r}, and add it to the dependencies of "
            f"{problem.distribution}"
        )
    if isinstance(error, ImportError):
        return f"install {problem.distribution} anew, with what it requires; {disable}"
    return f"report it to the authors of {problem.distribution}, or {disable}"


def _place_of(error: BaseException) -> str:
    """File and line of what raised."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}:{error.lineno or 1}"
    if isinstance(error, PluginError) and error.__cause__ is None:
        # The core raised it, about the plugin.
        return ""
    trace = (error.__cause__ or error).__traceback__
    place = ""
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        # The import itself, and the framework that asked for it, say nothing about the plugin.
        if not file.startswith("<frozen") and Path(file).parent not in _OURS and file != _IMPORTLIB:
            place = f"{file}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place if "importlib_metadata" not in place else ""


_OURS = [Path(str(sys.modules[name].__file__)).parent for name in ("sfn_fragments", "pluggy")]
_IMPORTLIB = importlib.__file__


def of_probe(probe: Probe, value: str) -> Iterator[Finding]:
    """What the import of a plugin brought that it must not.

    Args:
        probe: What was seen.
        value: Value of its entry point.
    """
    for heavy in probe.heavy:
        yield Finding(
            "heavy-import",
            f"{heavy.package} is imported by {heavy.module}, whenever fragments are listed",
            "import it in the function that uses it, or under TYPE_CHECKING",
            f"{heavy.file}:{heavy.line}",
        )
    if probe.output:
        yield Finding(
            "output-at-import",
            f"it writes {probe.output[:80]!r} to the standard output when it is imported",
            "leave the print out, or use logging",
        )
    if probe.seconds is None:
        yield Finding(
            "import-does-not-end",
            "its import ends the process, or does not end within a minute",
            f"import it by itself to see why: python -c 'import {value.partition(':')[0]}'",
        )
    marked = False
    for hook in probe.hooks:
        place = f"{hook.file}:{hook.line}" if hook.file else ""
        if hook.marker == "sfn_fragments":
            marked = True
        elif hook.marker:
            yield Finding(
                "marker-of-another-project",
                f"{hook.name} is marked for {hook.marker!r}, and so never called",
                "mark it with @hookimpl of sfn_fragments",
                place,
            )
        else:
            yield Finding(
                "unmarked-hook",
                f"{hook.name} looks like a hook, is no marked function, and so never called",
                "mark a function with @hookimpl of sfn_fragments, or give it another name",
                place,
            )
    if not marked and not probe.failed:
        yield Finding(
            "no-hook",
            f"{value} implements no hook: the plugin does nothing",
            "implement one, such as sfn_fragments_register, or take the entry point out",
        )


def of_requirements(installed: Installed) -> Iterator[Finding]:
    """Requirements of a distribution that are not met.

    Args:
        installed: The distribution.
    """
    for text in installed.requires:
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            yield Finding(
                "requirement-not-met", f"{text!r} is no requirement", f"mend {installed.name}"
            )
            continue
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
            continue
        try:
            version = importlib_metadata.version(requirement.name)
        except importlib_metadata.PackageNotFoundError:
            told = "is not installed"
        else:
            if requirement.specifier.contains(version, prereleases=True):
                continue
            told = f"is {version}"
        wanted = str(requirement).partition(";")[0].strip()
        yield Finding(
            "requirement-not-met",
            f"{installed.name} requires {wanted}, and {requirement.name} {told}",
            f'pip install "{wanted}"',
        )


def of_copies(copies: Sequence[Installed]) -> Iterator[Finding]:
    """A distribution that is on the path several times.

    Args:
        copies: All of one name, first the one that Python imports.
    """
    first, *hidden = copies
    for other in hidden:
        # setuptools leaves an egg-info in the folder of an editable installation: one and the same.
        same = (other.version, other.entry_points) == (first.version, first.entry_points)
        within = first.source is not None and other.folder.is_relative_to(first.source)
        if same and (within or (other.source and first.folder.is_relative_to(other.source))):
            continue
        remedy = f"pip uninstall {first.name}, until none is left, and install one of them"
        if first.folder == other.folder:
            yield Finding("stale-metadata", f"{other} is left beside {first.version}", remedy)
        elif first.source or other.source:
            yield Finding("editable-beside-copy", f"{first} hides {other}", remedy)
        else:
            yield Finding("two-versions", f"{first} hides {other}", remedy)


def of_entry_points(name: str, providers: Sequence[Installed]) -> Iterator[Finding]:
    """A plugin's name that is another's.

    Args:
        name: Name of the entry point.
        providers: The distributions that have one of this name, without hidden copies.
    """
    # Of most names, discovery tells it itself.
    owner = None if first_party.distribution_of(name) else OWNED.get(name)
    for each in providers:
        if owner is not None and each.key != normalized(owner):
            yield Finding(
                "name-of-another",
                f"{each.name} has an entry point {name!r}, which belongs to {owner}",
                f"{each.name} takes another name",
            )
    if len(providers) > 1:
        told = " and ".join(f"{each.name} {each.version}" for each in providers)
        yield Finding(
            "entry-point-taken-twice",
            f"{told} have an entry point {name!r} each, so that their fragments have one prefix",
            "uninstall all but one of them",
        )
