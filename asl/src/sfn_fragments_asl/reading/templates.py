"""The state machines of a CloudFormation or SAM template."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from sfn_fragments_asl.model.definition import MADE_UP, Definition, readable_text
from sfn_fragments_asl.model.json_data import below, mapping, objects
from sfn_fragments_asl.model.state_machine import CheckedDefinition
from sfn_fragments_asl.reading.definition_files import DefinitionFile, definition_file
from sfn_fragments_asl.reading.intrinsics import joined, without_sub
from sfn_fragments_asl.reading.loops import without_loops
from sfn_fragments_asl.reading.open_places import open_references
from sfn_fragments_asl.reading.places import DefinitionPlaces, Places
from sfn_fragments_asl.reading.text import ensure_readable, read_text, repeated_names

if TYPE_CHECKING:
    from pathlib import Path

    from sfn_fragments_asl.reading.places import Place

_INTRINSIC = re.compile(r"Fn::\w+|Ref")
_MACHINE = "AWS::StepFunctions::StateMachine"
_SAM_MACHINE = "AWS::Serverless::StateMachine"
#: Transforms that are read here, or that add nothing.
_KNOWN_TRANSFORMS = ("AWS::LanguageExtensions", "AWS::Serverless-2016-10-31")
#: Property of a SAM state machine to that of CloudFormation.
_OF_SAM = {
    "DefinitionUri": "DefinitionS3Location",
    "Logging": "LoggingConfiguration",
    "Name": "StateMachineName",
    "Type": "StateMachineType",
}

__all__ = ["FoundMachine", "log_groups", "read_text", "state_machines"]


@dataclass(frozen=True)
class FoundMachine:
    """A state machine in a file.

    Attributes:
        file: The file.
        name: The construct's path where CDK wrote it, else the logical id; the file's name for a
            definition alone.
        definition: Its definition, with what only CloudFormation knows.
        checked: The same, with what the template tells about it.
        machine_name: Name of the state machine, with markers; ``*`` where CloudFormation makes it
            up, or where nothing is known but the definition.
        places: Where its parts stand; None where that is not known.
        definition_file: The file of the definition, where the template names one.
    """

    file: Path
    name: str
    definition: Definition
    checked: CheckedDefinition
    machine_name: str = "*"
    places: DefinitionPlaces | None = None
    definition_file: Path | None = None

    def place_of(self, pointer: str) -> Place | None:
        """Where a part of its definition stands.

        Args:
            pointer: JSON Pointer of the part within the definition, such as that of a state.

        Returns:
            The place: in the file itself, or in that of the asset that holds the definition. For
            a ``DefinitionString`` the place of that property, whatever the part is. None where
            the part is not there.
        """
        return None if self.places is None else self.places.locate(pointer)


def state_machines(
    template: Mapping[str, Any], file: Path, places: Places | None = None, pointer: str = ""
) -> tuple[list[FoundMachine], list[str]]:
    """Find the state machines of a template, with their definitions resolved.

    Args:
        template: The parsed template, of CloudFormation or of SAM.
        file: Its file; definitions that are assets of CDK lie in the same folder, and those that
            ``DefinitionUri`` or ``DefinitionS3Location`` name are looked for from there.
        places: Where its values stand, if that is known.
        pointer: JSON Pointer of the template there, where it is a part of something else.

    Returns:
        The state machines, and what is wrong with those whose definition cannot be read.
    """
    found: list[FoundMachine] = []
    problems: list[str] = []
    expanded = without_loops(template)
    resources = {logical_id: resource for logical_id, (resource, _) in expanded.items()}
    for logical_id, (resource, keys) in expanded.items():
        kind = mapping(resource).get("Type")
        if kind not in (_MACHINE, _SAM_MACHINE):
            continue
        path = mapping(mapping(resource).get("Metadata")).get("aws:cdk:path")
        name = str(path).removesuffix("/Resource") if path else logical_id
        properties = mapping(mapping(resource).get("Properties"))
        if kind == _SAM_MACHINE:
            properties = _of_sam(properties, mapping(template.get("Globals")))
        place = logical_id if name == logical_id else f"{logical_id} ({name})"
        where = below(pointer, "Resources", *keys, "Properties")
        made = partial(_found, file, template, logical_id, resources, properties)
        for given in _given_definitions(properties):
            try:
                machine = made(given, f"{name}{given.condition}", places, where)
            except (OSError, ValueError, RecursionError) as error:
                reason = "it is nested too deep" if isinstance(error, RecursionError) else error
                problems.append(f"{file}: {place}: {reason}")
            else:
                found.append(machine)
    return found, problems


def _found(
    file: Path,
    template: Mapping[str, Any],
    logical_id: str,
    resources: Mapping[str, Any],
    properties: Mapping[str, Any],
    given: _Given,
    name: str,
    places: Places | None,
    pointer: str,
) -> FoundMachine:
    """The state machine that the properties of a resource at a pointer describe."""
    substitutions = without_sub(mapping(properties.get("DefinitionSubstitutions")))
    given = given.read(file.parent, substitutions)
    definition = _definition(given, substitutions)
    checked = CheckedDefinition(
        definition.states,
        logical_id,
        resources,
        express=properties.get("StateMachineType") == "EXPRESS",
        repeated=tuple(repeated_names(_parsed(given))),
        log_groups=tuple(log_groups(properties, resources)),
        macros=tuple(_macros(template)),
        open_references=tuple(
            open_references(given.file.raw if given.file else given.value, template, substitutions)
        ),
    )
    machine_name = readable_text(without_sub(properties.get("StateMachineName") or "*"))
    source = given.file.path if given.file else None
    where = given.places(pointer, places)
    return FoundMachine(file, name, definition, checked, machine_name, where, source)


def _macros(template: Mapping[str, Any]) -> Iterator[str]:
    """The macros that may add resources to a template, beyond what is read here."""
    given = template.get("Transform")
    for transform in given if isinstance(given, list) else [given]:
        name = transform.get("Name") if isinstance(transform, Mapping) else transform
        if name is not None and name not in _KNOWN_TRANSFORMS:
            yield str(name)
    included = mapping(template.get("Resources")).get("Fn::Transform")
    for transform in included if isinstance(included, list) else [included]:
        if transform is not None:
            yield str(mapping(transform).get("Name"))


def _of_sam(properties: Mapping[str, Any], shared: Mapping[str, Any]) -> dict[str, Any]:
    """The properties of a SAM state machine, and of Globals, as CloudFormation names them."""
    merged = dict(mapping(shared.get("StateMachine")))
    for name, value in properties.items():
        both = isinstance(merged.get(name), Mapping) and isinstance(value, Mapping)
        merged[name] = {**merged[name], **value} if both else value
    return {_OF_SAM.get(name, name): value for name, value in merged.items()}


@dataclass(frozen=True)
class _Given:
    """A definition as the properties of a state machine give it.

    Attributes:
        field: The property.
        value: The property's value, or a part of it.
        file: The file that the property names, where it does.
        within: The keys of that part.
        condition: When that part counts, for the name of the state machine.
        is_text: Whether it is JSON in a text.
    """

    field: str
    value: Any
    file: DefinitionFile | None = None
    within: tuple[str | int, ...] = ()
    condition: str = ""
    is_text: bool = False

    def places(self, pointer: str, places: Places | None) -> DefinitionPlaces | None:
        """Where the parts of the definition stand, which the property at a pointer gives."""
        if self.file is not None:
            return DefinitionPlaces(self.file.places)
        if places is None:
            return None
        place = below(pointer, self.field, *self.within)
        return DefinitionPlaces(places, place, as_text=self.is_text)

    def ways(self) -> Iterator[_Given]:
        """The values that it may have: a condition gives one of two."""
        match self.value:
            case {"Fn::If": [str(name), *values]}:
                for index, value in enumerate(values, 1):
                    if value != {"Ref": "AWS::NoValue"}:
                        when = f"{self.condition}, if {'' if index == 1 else 'not '}{name}"
                        within = (*self.within, "Fn::If", index)
                        yield from replace(self, value=value, within=within, condition=when).ways()
            case {"Fn::ToJsonString": value}:
                within = (*self.within, "Fn::ToJsonString")
                yield replace(self, value=value, within=within, is_text=False)
            case _:
                yield self

    def read(self, folder: Path, substitutions: Mapping[str, Any]) -> _Given:
        """It, with the file that it names.

        Args:
            folder: Where the file is looked for.
            substitutions: What is filled in.

        Raises:
            ValueError: Nothing gives a definition.
        """
        if not self.field:
            raise ValueError("it has neither Definition, DefinitionString nor DefinitionS3Location")
        included = mapping(mapping(self.value).get("Fn::Transform"))
        if self.field == "DefinitionS3Location" or included.get("Name") == "AWS::Include":
            location = mapping(included.get("Parameters")).get("Location", self.value)
            return replace(self, file=definition_file(location, folder, substitutions))
        return self


def _given_definitions(properties: Mapping[str, Any]) -> list[_Given]:
    """The definitions that the properties of a state machine give or name."""
    for field in ("Definition", "DefinitionString", "DefinitionS3Location"):
        if field in properties:
            given = _Given(field, properties[field], is_text=field == "DefinitionString")
            return [*given.ways()]
    return [_Given("", None)]


def _with_numbers(value: Any, substitutions: Mapping[str, Any]) -> Any:
    """A definition in which a number that is filled in is one: an object has no place for it."""
    if isinstance(value, Mapping):
        return {name: _with_numbers(item, substitutions) for name, item in value.items()}
    if isinstance(value, list):
        return [_with_numbers(item, substitutions) for item in value]
    if isinstance(value, str) and value.startswith("${") and value.endswith("}"):
        filled = substitutions.get(value[2:-1])
        return filled if isinstance(filled, bool | int | float) else value
    return value


def _parsed(given: _Given) -> Any:
    """The definition before anything is filled in, as far as it is one text or object."""
    if given.file is not None:
        return given.file.raw
    text = given.value
    if "Fn::Sub" in mapping(text):
        text = text["Fn::Sub"][0] if isinstance(text["Fn::Sub"], list) else text["Fn::Sub"]
    return read_text(text, "its definition") if isinstance(text, str) else text


def _definition(given: _Given, substitutions: Mapping[str, Any]) -> Definition:
    if given.file is not None:
        return Definition(given.file.content, given.file.tokens)
    if given.is_text:
        text: Any = without_sub(given.value)
    else:
        # Intrinsics stand where their values will: as text they are read like any other.
        text = json.dumps(_with_numbers(with_markers(given.value), substitutions))
    if isinstance(text, str):
        read_text(text, "its definition")
        text = joined(text, substitutions)
    try:
        definition = Definition.from_resolved(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"its definition is not JSON: {error}") from error
    if not isinstance(definition.states, Mapping):
        raise ValueError(f"its definition is {type(definition.states).__name__} and no object")
    ensure_readable(definition.states, "its definition")
    return definition


def with_markers(value: Any) -> Any:
    """A definition in which each intrinsic of CloudFormation is a marker.

    Args:
        value: The definition, or a part of it.

    Returns:
        The same, with a text such as ``${Function.Arn}`` in place of each intrinsic.
    """
    if isinstance(value, Mapping):
        if len(value) == 1 and _INTRINSIC.fullmatch(next(iter(value))):
            return readable_text(without_sub(value))
        return {name: with_markers(item) for name, item in value.items()}
    return [with_markers(item) for item in value] if isinstance(value, list) else value


def log_groups(properties: Mapping[str, Any], resources: Mapping[str, Any]) -> Iterator[str]:
    """Names of the log groups that a state machine writes to.

    Args:
        properties: The resolved properties of the state machine.
        resources: The resources of its template.

    Yields:
        The names, with markers for what is known at deployment only.
    """
    logging = mapping(properties.get("LoggingConfiguration"))
    for destination in objects(logging.get("Destinations")):
        arn: Any = mapping(destination.get("CloudWatchLogsLogGroup")).get("LogGroupArn")
        match arn:
            case {"Fn::GetAtt": [str(group), "Arn"]} if group in resources:
                given = mapping(mapping(resources[group]).get("Properties")).get("LogGroupName")
                yield readable_text(given) if given else f"{MADE_UP}{group}"
            case str() | {"Fn::Join": _} | {"Fn::Sub": _}:
                name = readable_text(without_sub(arn)).partition(":log-group:")[2]
                if name:
                    yield name.removesuffix(":*")
