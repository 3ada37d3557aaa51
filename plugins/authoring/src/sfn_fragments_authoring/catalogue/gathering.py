"""Finds out what a catalogue tells, and what keeps it from being told.

A plugin of somebody else may raise wherever its code runs. That costs the page the part in
question, which then says why; it never costs another fragment its page.
"""

from __future__ import annotations

import json
import re
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import importlib_metadata

from sfn_fragments.cli.show_command import code_of, documentation_of, schema_of
from sfn_fragments.errors import FragmentsError
from sfn_fragments.node import ensure_node
from sfn_fragments.parameters import alternative_constructors_of, parameters_of
from sfn_fragments.sandbox import Sandbox
from sfn_fragments_asl.cli.docstrings import (
    description_in,
    section_in,
    told_in,
    told_of,
)
from sfn_fragments_asl.cli.programs import named
from sfn_fragments_asl.cli.schema_fields import described, fields_of
from sfn_fragments_asl.drawing import draw
from sfn_fragments_asl.drawing.libraries import MissingLibraryError
from sfn_fragments_asl.drawing.nesting import outermost
from sfn_fragments_asl.errors import AslError
from sfn_fragments_asl.forecast.forecast import forecast
from sfn_fragments_asl.permissions.role_report import role_statements
from sfn_fragments_asl.reading.templates import state_machines
from sfn_fragments_authoring.catalogue.entries import (
    Catalogue,
    Deletion,
    Entry,
    Field,
    Fields,
    Synthesized,
)
from sfn_fragments_authoring.catalogue.markup import marked, sentences

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sfn_fragments import FragmentRegistry
    from sfn_fragments.parameters import Parameter
    from sfn_fragments.sandbox import BuiltFragment
    from sfn_fragments.spec import Example, FragmentSpec
    from sfn_fragments_authoring.catalogue.entries import Run

_T = TypeVar("_T")

#: Words of documentation that tells of deleting; not "deregisters".
_DELETING = re.compile(r"\b(delet|eras|overwr|purg|remov)\w+", re.IGNORECASE)
_WIDTH = re.compile(r'\bwidth="([\d.]+)"')
#: The environment that names are of in permissions, as `policy` has it.
_ENV_BASE = "dev-sandbox"


class _FailedError(Exception):
    """Something of a plugin's that raised; the message says what."""


def gather(
    registry: FragmentRegistry,
    run: Callable[[str], Run] | None = None,
    progress: Callable[[str], object] = str,
    names: Sequence[str] | None = None,
) -> Catalogue:
    """Find out all that a catalogue tells.

    Args:
        registry: The fragments.
        run: Runs the example of the fragment of this name; None to run none.
        progress: Told the name of each fragment before it is looked at.
        names: The fragments to look at; all by default.

    Returns:
        What the site shows; each fragment is there, whatever of it fails.

    Raises:
        NodeNotFoundError: CDK has no Node.js to run on.
    """
    # Without it, each page would say so.
    ensure_node()
    entries = []
    for name in registry.names() if names is None else names:
        progress(name)
        entries.append(_entry(registry, name, run))
    return Catalogue(
        tuple(entries),
        registry.problems(),
        registry.disabled(),
        importlib_metadata.version("sfn-fragments"),
    )


def _tried(function: Callable[[], _T]) -> _T:
    """Call what may run code of a plugin."""
    try:
        return function()
    except (Exception, SystemExit) as error:
        ours = isinstance(error, FragmentsError | AslError)
        raise _FailedError(str(error) if ours else f"{type(error).__name__}: {error}") from error


def _entry(registry: FragmentRegistry, name: str, run: Callable[[str], Run] | None) -> Entry:
    spec, provider = registry.spec(name), registry.provider(name)
    try:
        target = _tried(lambda: registry.load(name))
        own = _tried(lambda: parameters_of(target))
        others = _tried(lambda: alternative_constructors_of(target))
        documentation = _tried(lambda: documentation_of(target))
        description = _tried(lambda: description_in(documentation, marked))
        when_to_use = section_in(documentation, "When to use", marked)
        deletion = section_in(documentation, "Deletes", marked)
        parameters = [
            Fields("Parameters", "parameters", fields=_parameters(own, documentation)),
            *(
                Fields(
                    f"Parameters of {each.name}",
                    f"parameters-of-{each.name}",
                    _tried(partial(description_in, each.documentation, marked)),
                    _parameters(each.parameters, each.documentation),
                )
                for each in others
            ),
        ]
    except _FailedError as failed:
        return Entry(spec, provider, failure=str(failed))
    example, without_example = _example(registry, spec)
    synthesized, not_synthesized = _synthesized(registry, name)
    messages = tuple(_message(registry, spec, part) for part in ("request", "response"))
    return Entry(
        spec,
        provider,
        description=description,
        code=_code(name, own, example),
        parameters=tuple(parameters),
        messages=messages,
        when_to_use=when_to_use,
        deletion=deletion,
        # Said in full, it is not said again by sentences around it.
        deletes=tuple(
            each
            for each in _deletions(description, (parameters[0], messages[0]))
            if each.of_field or not deletion
        ),
        example=_shown(example),
        without_example=without_example,
        synthesized=synthesized,
        not_synthesized=not_synthesized,
        run=run(name) if run and example else None,
    )


def _parameters(parameters: Sequence[Parameter], documentation: str) -> tuple[Field, ...]:
    told = _tried(lambda: told_in(documentation, marked))
    return tuple(
        Field(
            each.name,
            each.type,
            each.required,
            # That it may be left out is said by its not being required.
            None if each.default == "None" else each.default,
            told.get(each.name.lstrip("*"), ""),
        )
        for each in parameters
    )


def _message(registry: FragmentRegistry, spec: FragmentSpec, part: str) -> Fields:
    title = part.capitalize()
    model = getattr(spec, part)
    if model is None:
        return Fields(title, part, absent=f"The plugin declares no model of the {part}.")
    try:
        resolved = _tried(lambda: registry.resolve(model))
        schema = _tried(lambda: schema_of(registry, model))
        told = _tried(lambda: told_of(resolved, marked))
        found = _tried(lambda: fields_of(schema, told, partial(told_in, literal=marked)))
        description = _tried(lambda: description_in(resolved.__doc__ or "", marked))
    except _FailedError as failed:
        return Fields(title, part, absent=f"The model cannot be read: {failed}")
    fields = tuple(
        Field(each.name, each.type, each.required, each.default, each.description)
        for each in described(found)
    )
    absent = "" if fields else "Any JSON: the model names no fields."
    return Fields(title, part, description, fields, absent)


def _example(registry: FragmentRegistry, spec: FragmentSpec) -> tuple[Example | None, str]:
    named_example = spec.example
    if named_example is None:
        return None, "The plugin declares no example."
    try:
        example: Example = _tried(lambda: registry.resolve(named_example))
        _tried(lambda: _shown(example))
    except _FailedError as failed:
        return None, f"The example cannot be read: {failed}"
    return example, ""


def _shown(example: Example | None) -> dict[str, Any]:
    if example is None:
        return {}
    text = json.dumps(example.input, indent=2, ensure_ascii=False, default=str)
    return {"summary": example.summary, "input": text}


def _code(name: str, parameters: Sequence[Parameter], example: Example | None) -> str:
    try:
        return _tried(lambda: code_of(name, parameters, example))
    except _FailedError:
        # Why its arguments cannot be had, the page says where the state machine is missing.
        return code_of(name, parameters, None)


def _synthesized(registry: FragmentRegistry, name: str) -> tuple[Synthesized | None, str]:
    try:
        built = _tried(lambda: Sandbox(_ENV_BASE).build(registry, name))
        return _tried(lambda: _looked_at(built, name)), ""
    except _FailedError as failed:
        return None, str(failed)


def _looked_at(built: BuiltFragment, name: str) -> Synthesized:
    found, problems = state_machines(built.template, Path(name))
    if problems:
        raise FragmentsError("; ".join(problems))
    machines = named(found, built.logical_id, name)
    (machine,) = [each for each in machines if each.checked.logical_id == built.logical_id]
    definition = machine.definition.machine
    picture = without = ""
    nested = next((each.nested for each in outermost(machines) if each.found is machine), {})
    try:
        picture = draw(definition, title=name, nested=nested).svg()
    except MissingLibraryError as error:
        without = str(error)
    width = _WIDTH.search(picture)
    return Synthesized(
        states=sum(1 for _ in definition.every_state()),
        forecast=forecast(definition, express=machine.checked.express),
        permissions=tuple(role_statements(built.template, built.logical_id, _ENV_BASE)),
        picture=picture,
        without_picture=without,
        width=float(width[1]) if width else 0,
        others=tuple(each.name for each in machines if each is not machine),
    )


def _deletions(description: str, parts: Sequence[Fields]) -> Iterator[Deletion]:
    """What is said of deleting: whole descriptions of fields, and single sentences of prose."""
    yield from _deleting_sentences("", "what-it-does", description)
    for part in parts:
        yield from _deleting_sentences(part.title, part.anchor, part.description)
        for each in part.fields:
            if _DELETING.search(each.description):
                anchor = f"{part.anchor}-{each.anchor}"
                yield Deletion(each.name, anchor, each.description, of_field=True)


def _deleting_sentences(where: str, anchor: str, text: str) -> Iterator[Deletion]:
    for sentence in sentences(text):
        if _DELETING.search(sentence):
            yield Deletion(where, anchor, sentence)
