"""What each installed plugin does, and what is wrong with it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sfn_fragments import PluginError, get_registry
from sfn_fragments_authoring import findings as kinds
from sfn_fragments_authoring.findings import Finding
from sfn_fragments_authoring.installed import installed_plugins, normalized
from sfn_fragments_authoring.probing import Probe, probe

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sfn_fragments import FragmentRegistry
    from sfn_fragments_authoring.installed import Installed

#: Processes at a time in which plugins are imported: more would tell of each other's time.
_AT_A_TIME = 2


@dataclass(frozen=True)
class Inspected:
    """An installed plugin.

    Attributes:
        name: Name of its entry point.
        value: Value of its entry point.
        distribution: Name of its distribution.
        version: Version of its distribution.
        status: ``loaded``, ``failed``, or ``left out`` by ``SFN_FRAGMENTS_DISABLE``.
        seconds: How long its import takes in a process of its own; None if it was not imported.
        hooks: The hooks that it implements.
        fragments: Its fragments.
        checks: Ids of its checks.
        commands: Its commands.
        findings: What is wrong with it.
    """

    name: str
    value: str
    distribution: str
    version: str
    status: str
    seconds: float | None = None
    hooks: tuple[str, ...] = ()
    fragments: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """As ``plugins --json`` shows it."""
        return {
            "name": self.name,
            "entry_point": self.value,
            "distribution": self.distribution,
            "version": self.version,
            "status": self.status,
            "import_seconds": self.seconds,
            "hooks": list(self.hooks),
            "fragments": list(self.fragments),
            "checks": list(self.checks),
            "commands": list(self.commands),
            "findings": [finding.as_json() for finding in self.findings],
        }


def inspect(names: Sequence[str] = ()) -> list[Inspected]:
    """Look at the installed plugins.

    Args:
        names: Those to look at, by the names of their entry points; all where there is none.

    Returns:
        The plugins by name; a name that several distributions have is there several times.

    Examples:
        >>> [plugin] = inspect(["authoring"])
        >>> plugin.distribution, plugin.findings
        ('sfn-fragments-authoring', ())
    """
    copies = installed_plugins()
    providers: dict[str, list[Installed]] = {}
    chosen: list[tuple[str, str, Installed]] = []
    for first, *_ in copies.values():
        for name, value in first.entry_points:
            providers.setdefault(name, []).append(first)
            if not names or name in names:
                chosen.append((name, value, first))
    chosen.sort(key=lambda each: (each[0], each[2].key))
    registry = get_registry()
    disabled = {*registry.disabled()}
    with ThreadPoolExecutor(_AT_A_TIME) as pool:
        # One that is left out is to be left out of this process and of any other.
        probes = [
            None if name in disabled else pool.submit(probe, value) for name, value, _ in chosen
        ]
        return [
            _inspected(
                registry,
                (name, value),
                copies[installed.key],
                providers[name],
                probed.result() if probed else None,
            )
            for (name, value, installed), probed in zip(chosen, probes, strict=True)
        ]


def installed_names() -> list[str]:
    """Names of the entry points of all installed plugins."""
    copies = installed_plugins().values()
    return sorted({name for first, *_ in copies for name, _ in first.entry_points})


def unreadable() -> list[Finding]:
    """Distributions whose metadata cannot be read, so that their plugins have no name."""
    return [
        Finding(finding.id, f"{each.distribution} {each.version}: {finding.message}", each.remedy)
        for each in get_registry().problems()
        if not each.plugin
        for finding in [kinds.of_problem(each)]
    ]


def _inspected(
    registry: FragmentRegistry,
    entry_point: tuple[str, str],
    copies: Sequence[Installed],
    providers: Sequence[Installed],
    probed: Probe | None,
) -> Inspected:
    name, value = entry_point
    installed = copies[0]
    loaded = any(
        (each.name, normalized(each.distribution)) == (name, installed.key)
        for each in registry.plugins()
    )
    found = [*_problems(registry, name, installed)]
    failed = {finding.id for finding in found}
    given, faults = _given(registry, name, installed) if loaded else ({}, [])
    found += faults
    found += kinds.of_copies(copies)
    found += kinds.of_entry_points(name, providers)
    found += (
        finding
        for finding in kinds.of_requirements(installed)
        # Told as the reason why it was not loaded.
        if not ("failed-compatibility" in failed and " requires sfn-fragments" in finding.message)
    )
    if probed is not None:
        found += kinds.of_probe(probed, value)
    hooks = probed.hooks if probed else ()
    status = "loaded" if loaded else "left out" if name in registry.disabled() else "failed"
    return Inspected(
        name,
        value,
        installed.name,
        installed.version,
        status,
        None if probed is None or probed.failed else probed.seconds,
        tuple(hook.name for hook in hooks if hook.marker == "sfn_fragments"),
        tuple(given.get("fragments", ())),
        tuple(given.get("checks", ())),
        tuple(given.get("commands", ())),
        tuple(dict.fromkeys(found)),
    )


def _problems(registry: FragmentRegistry, name: str, installed: Installed) -> Iterator[Finding]:
    for problem in registry.problems():
        if problem.plugin == name and normalized(problem.distribution) == installed.key:
            yield kinds.of_problem(problem)


def _given(
    registry: FragmentRegistry, name: str, installed: Installed
) -> tuple[dict[str, Iterable[str]], list[Finding]]:
    """What a plugin gives by its hooks, and what is wrong with that."""
    import click

    from sfn_fragments.checks import Check

    given: dict[str, Iterable[str]] = {
        "fragments": [
            each
            for each in registry.names()
            if normalized(registry.provider(each).distribution) == installed.key
            and registry.provider(each).name == name
        ]
    }
    found = []
    for hook, kind, key, attribute in (
        ("sfn_fragments_checks", Check, "checks", "id"),
        ("sfn_fragments_cli_commands", click.Command, "commands", "name"),
    ):
        for call in registry.calls(hook):
            if call.plugin is None or (call.name, normalized(call.plugin.distribution)) != (
                name,
                installed.key,
            ):
                continue
            try:
                given[key] = sorted(str(getattr(each, attribute)) for each in call.things(kind, {}))
            except PluginError as error:
                message, _, remedy = str(error).partition(f"; {call.plugin.remedy}")
                del remedy
                found.append(Finding("hook-fails", message, call.plugin.remedy))
    return given, found
