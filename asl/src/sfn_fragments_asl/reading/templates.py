"""The state machines of a CloudFormation template."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sfn_fragments_asl.model.definition import MADE_UP, Definition, readable_text
from sfn_fragments_asl.model.json_data import below, mapping, objects
from sfn_fragments_asl.model.state_machine import CheckedDefinition
from sfn_fragments_asl.reading.places import DefinitionPlaces, Places

if TYPE_CHECKING:
    from pathlib import Path

    from sfn_fragments_asl.reading.places import Place

_VARIABLE = re.compile(r"\$\{([^!}][^}]*)\}")
_LITERAL = re.compile(r"\$\{!([^}]*)\}")
_MACHINE = "AWS::StepFunctions::StateMachine"


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
    """

    file: Path
    name: str
    definition: Definition
    checked: CheckedDefinition
    machine_name: str = "*"
    places: DefinitionPlaces | None = None

    def place_of(self, pointer: str) -> Place | None:
        """Where a part of its definition stands.

        Args:
            pointer: JSON Pointer of the part within the definition, such as that of a state.

        Returns:
            The place: in the file itself, or in that of the asset that holds the definition. For
            a ``DefinitionString`` that is a text, or an ``Fn::Sub`` of one, the place of that
            property. None where the definition is put together from parts (``Fn::Join``), and
            where the part is not there.
        """
        return None if self.places is None else self.places.locate(pointer)


def read_text(text: str, what: str) -> Any:
    """Parse JSON in which no name is given twice.

    Args:
        text: The JSON.
        what: What it is, for the error.

    Returns:
        The value.

    Raises:
        ValueError: It is not JSON, or an object has a name twice: readers keep the last alone.
    """

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _ in pairs]
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            raise ValueError(f"{what} gives {', '.join(map(repr, repeated))} twice in one object")
        return dict(pairs)

    try:
        return json.loads(text, object_pairs_hook=unique)
    except json.JSONDecodeError as error:
        raise ValueError(f"{what} is not JSON: {error}") from error


def state_machines(
    template: Mapping[str, Any], file: Path, places: Places | None = None
) -> tuple[list[FoundMachine], list[str]]:
    """Find the state machines of a template, with their definitions resolved.

    Args:
        template: The parsed template.
        file: Its file; definitions that are assets of CDK lie in the same folder.
        places: Where its values stand, if that is known.

    Returns:
        The state machines, and what is wrong with those whose definition cannot be read.
    """
    found: list[FoundMachine] = []
    problems: list[str] = []
    resources = mapping(template.get("Resources"))
    for logical_id, resource in resources.items():
        if mapping(resource).get("Type") != _MACHINE:
            continue
        path = mapping(mapping(resource).get("Metadata")).get("aws:cdk:path")
        name = str(path).removesuffix("/Resource") if path else logical_id
        properties = mapping(mapping(resource).get("Properties"))
        try:
            definition = _definition(properties, file.parent)
        except (OSError, ValueError) as error:
            place = logical_id if name == logical_id else f"{logical_id} ({name})"
            problems.append(f"{file}: {place}: {error}")
            continue
        checked = CheckedDefinition(
            definition.states,
            logical_id,
            resources,
            express=properties.get("StateMachineType") == "EXPRESS",
            log_groups=tuple(log_groups(properties, resources)),
        )
        machine_name = readable_text(properties.get("StateMachineName") or "*")
        where = _places(properties, below("", "Resources", logical_id, "Properties"), file, places)
        found.append(FoundMachine(file, name, definition, checked, machine_name, where))
    return found, problems


def _definition(properties: Mapping[str, Any], folder: Path) -> Definition:
    substitutions = mapping(properties.get("DefinitionSubstitutions"))
    if "Definition" in properties:
        # Intrinsics stand where their values will: as text they are read like any other.
        text: Any = json.dumps(_with_markers(properties["Definition"]))
    elif "DefinitionString" in properties:
        text = _without_sub(properties["DefinitionString"])
    elif "DefinitionS3Location" in properties:
        text = _asset(mapping(properties["DefinitionS3Location"]), folder)
    else:
        raise ValueError("it has neither Definition, DefinitionString nor DefinitionS3Location")
    if isinstance(text, str):
        if "${" not in text:
            read_text(text, "its definition")
        text = _joined(text, substitutions)
    definition = Definition.from_resolved(text)
    if not isinstance(definition.states, Mapping):
        raise ValueError(f"its definition is {type(definition.states).__name__} and no object")
    return definition


def _places(
    properties: Mapping[str, Any], pointer: str, file: Path, places: Places | None
) -> DefinitionPlaces | None:
    """Where the definition among the properties of a state machine stands."""
    if "Definition" in properties:
        return DefinitionPlaces(places, below(pointer, "Definition")) if places else None
    if "DefinitionString" in properties:
        text = properties["DefinitionString"]
        one_text = isinstance(text, str) or "Fn::Sub" in mapping(text)
        place = below(pointer, "DefinitionString")
        return DefinitionPlaces(places, place, as_text=True) if places and one_text else None
    asset = _asset_file(mapping(properties["DefinitionS3Location"]), file.parent)
    return DefinitionPlaces(Places(asset.read_text(encoding="utf-8"), file=asset))


def _asset_file(location: Mapping[str, Any], folder: Path) -> Path:
    return folder / f"asset.{location.get('Key')}"


def _asset(location: Mapping[str, Any], folder: Path) -> str:
    key = location.get("Key")
    file = _asset_file(location, folder)
    if not isinstance(key, str) or not file.is_file():
        raise ValueError(
            f"its definition lies in S3, {readable_text(location.get('Bucket', '?'))}/"
            f"{readable_text(key or '?')}: check the file of the definition instead"
        )
    return file.read_text(encoding="utf-8")


def _joined(text: str, substitutions: Mapping[str, Any]) -> dict[str, Any]:
    """A text with ``${Name}`` in it, as CDK would write it with intrinsics."""
    pieces = _VARIABLE.split(text)
    parts: list[Any] = []
    for index, piece in enumerate(pieces):
        if index % 2 == 0:
            parts.append(_LITERAL.sub(r"${\1}", piece))
        elif piece in substitutions:
            value = substitutions[piece]
            parts.append(json.dumps(value) if isinstance(value, bool | int | float) else value)
        else:
            name, dot, attribute = piece.partition(".")
            parts.append({"Fn::GetAtt": [name, attribute]} if dot else {"Ref": piece})
    return {"Fn::Join": ["", parts]}


def _without_sub(value: Any) -> Any:
    """An intrinsic with each ``Fn::Sub`` in it written as ``Fn::Join``."""
    match value:
        case {"Fn::Sub": [str(template), Mapping() as variables]}:
            return _joined(template, {name: _without_sub(each) for name, each in variables.items()})
        case {"Fn::Sub": str(template)}:
            return _joined(template, {})
        case Mapping():
            return {name: _without_sub(item) for name, item in value.items()}
        case list():
            return [_without_sub(item) for item in value]
    return value


def _with_markers(value: Any) -> Any:
    if isinstance(value, Mapping):
        if len(value) == 1 and next(iter(value)).startswith(("Fn::", "Ref")):
            return readable_text(_without_sub(value))
        return {name: _with_markers(item) for name, item in value.items()}
    return [_with_markers(item) for item in value] if isinstance(value, list) else value


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
                name = readable_text(_without_sub(arn)).partition(":log-group:")[2]
                if name:
                    yield name.removesuffix(":*")
