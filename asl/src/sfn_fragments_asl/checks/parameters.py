"""What a call of a service needs, and what it does not know.

Looked up in a table that ``tools/refresh_parameter_table.py`` makes of botocore's models: of all
optimized integrations, and of the SDK integrations that are used most. Of parameters within
parameters, optimized integrations' names in the case of the service's own API are found.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from sfn_fragments_asl.checks.check import Check, CheckedDefinition, Finding
from sfn_fragments_asl.model.json_data import below, is_marked, mapping
from sfn_fragments_asl.near_names import near_names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sfn_fragments_asl.model.calls import ServiceCall
    from sfn_fragments_asl.model.machine import Integration, State


@cache
def _table(file: str = "parameters.txt") -> dict[str, tuple[str, ...]]:
    text = (files(__package__) / file).read_text(encoding="utf-8")
    lines = (line.split() for line in text.splitlines())
    return {call: tuple(names) for call, *names in lines}


@cache
def _within(call: str) -> frozenset[str]:
    """Paths of what is in the parameters of a call, such as ``Overrides.ContainerOverrides``."""
    return frozenset(_table("nested_parameters.txt").get(call, ()))


def _known(call: ServiceCall) -> tuple[str, ...] | None:
    return _table().get(f"{'aws-sdk:' * call.sdk}{call.service}:{call.action}")


def _calls(
    checked: CheckedDefinition,
) -> Iterator[tuple[State, Integration, tuple[str, ...], str, dict[str, str]]]:
    """Calls with literal parameters: what the call takes, their place, and what they give."""
    for state in checked.states():
        for field in (None, "ItemReader", "ResultWriter") if state.type == "Map" else (None,):
            integration = state.integration(field)
            if integration is None:
                continue
            names = integration.arguments
            if names is None and field == "ItemReader":
                # Nothing else tells it what to read.
                names = {}
            if not isinstance(names, Mapping):
                continue
            known = _known(integration.call)
            if known is None or any(is_marked(name) for name in names):
                continue
            given = {name.removesuffix("" if state.jsonata else ".$"): name for name in names}
            place = below(integration.pointer, "Arguments" if state.jsonata else "Parameters")
            yield state, integration, known, place, given


def _called(call: ServiceCall) -> str:
    return f"{call.service}:{call.action}"


_ACRONYM = re.compile(r"[A-Z]{2}")
#: Calls that need one of several parameters, which the models do not tell.
_ONE_OF = {
    "sns:publish": ("PhoneNumber", "TargetArn", "TopicArn"),
    "http:invoke": ("Authentication", "InvocationConfig"),
}


def _missing(checked: CheckedDefinition) -> Iterator[Finding]:
    for state, integration, known, place, given in _calls(checked):
        written = {name.lower() for name in given}
        needed = [name[:-1] for name in known if name.endswith("!")]
        missing = [name for name in needed if name.lower() not in written]
        one_of = () if integration.call.sdk else _ONE_OF.get(_called(integration.call), ())
        if one_of and not any(name.lower() in written for name in one_of):
            missing.append(f"one of {', '.join(one_of)}")
        if missing:
            yield Finding(
                state.name,
                f"{_called(integration.call)} needs {' and '.join(missing)}",
                f"give {' and '.join(missing)}",
                place,
            )


def _unknown(checked: CheckedDefinition) -> Iterator[Finding]:
    for state, integration, known, place, given in _calls(checked):
        names = [name.removesuffix("!") for name in known]
        lower = {name.lower(): name for name in names}
        for name, written in given.items():
            meant = lower.get(name.lower())
            # The SDKs differ in the case of acronyms; the first letter is large in all of them.
            if meant == name or (meant and name[:1] == meant[:1] and _ACRONYM.search(meant)):
                continue
            near = [meant] if meant else near_names(name, names)
            yield Finding(
                state.name,
                f"{_called(integration.call)} has no parameter {name}",
                f"write {meant}" if meant else f"did you mean {near[0]}?" if near else "",
                below(place, written),
            )


_REFUSED = "AWS refuses to create the state machine (SCHEMA_VALIDATION_FAILED)"


def _in_small_letters(checked: CheckedDefinition) -> Iterator[Finding]:
    for state, integration, _, place, _ in _calls(checked):
        known = frozenset() if integration.call.sdk else _within(_called(integration.call))
        if known:
            yield from _small(state, integration, known, integration.arguments, ("", place))


def _small(
    state: State,
    integration: Integration,
    known: frozenset[str],
    value: Any,
    at: tuple[str, str],
) -> Iterator[Finding]:
    """Names within a parameter as the service's own API writes them; at: their path and place."""
    path, place = at
    for name, item in mapping(value).items():
        bare = name.removesuffix(".$")
        meant = bare[:1].upper() + bare[1:]
        inner = f"{path}.{meant}" if path else meant
        if bare != meant and inner in known:
            yield Finding(
                state.name,
                f"{_called(integration.call)} has no {bare} in {path}",
                f"write {meant}: names begin with a capital letter at every depth",
                below(place, name),
            )
        yield from _small(state, integration, known, item, (inner, below(place, name)))
    for index, item in enumerate(value if isinstance(value, list) else ()):
        yield from _small(state, integration, known, item, (path, below(place, index)))


def _not_known(checked: CheckedDefinition) -> Iterator[Finding]:
    yield from _unknown(checked)
    yield from _in_small_letters(checked)


PARAMETER_CHECKS = (
    Check(
        "asl.required-parameter",
        "error",
        f"{_REFUSED}, or the call fails in every execution.",
        _missing,
        what="A Task, an ItemReader or a ResultWriter calls a service without a parameter that "
        "the call needs.",
        remedy="give the parameter",
    ),
    Check(
        "asl.unknown-parameter",
        # No error, which nobody could accept: the services grow.
        "warning",
        f"{_REFUSED}: the field is not supported, unless the service has got it since this "
        "release.",
        _not_known,
        what="A Task, an ItemReader or a ResultWriter passes a parameter that the call does not "
        "know; their names begin with a capital letter.",
        remedy="correct the parameter's name, or remove it",
    ),
)
