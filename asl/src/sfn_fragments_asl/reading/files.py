"""Reading what commands are given: folders, templates, definitions, cloud assemblies, a pipe."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import replace
from pathlib import Path
from typing import Any

from sfn_fragments_asl.model.definition import Definition
from sfn_fragments_asl.model.json_data import mapping
from sfn_fragments_asl.model.state_machine import CheckedDefinition
from sfn_fragments_asl.reading.definition_files import definition_file, read_content
from sfn_fragments_asl.reading.places import DefinitionPlaces, Places
from sfn_fragments_asl.reading.serverless import ServerlessMachine, serverless_machines
from sfn_fragments_asl.reading.templates import FoundMachine, state_machines, with_markers
from sfn_fragments_asl.reading.text import (
    MAX_BYTES,
    decoded,
    ensure_readable,
    read_file,
    read_text,
    repeated_names,
)

#: The path that stands for the standard input, and what findings call it.
STANDARD_INPUT, PIPED = "-", Path("<stdin>")
_TEMPLATE = ".template.json"
_DEFINITIONS = (".asl", ".asl.json", ".asl.yaml", ".asl.yml")
# The last ones are of Terraform's templatefile().
_SUFFIXES = frozenset({".asl", ".json", ".template", ".yaml", ".yml", ".tftpl", ".tpl"})
#: Folders that hold what others wrote, or copies.
_SKIPPED = frozenset({"__pycache__", "node_modules", "site-packages", "venv"})
#: One of these is in every definition and in every template with a state machine.
_MARKS = ("StartAt", "::StateMachine", "stateMachineArn")

#: Type of a nested stack to the property that names its template.
_NESTED = {"AWS::CloudFormation::Stack": "TemplateURL", "AWS::Serverless::Application": "Location"}


def find_state_machines(paths: Sequence[str]) -> tuple[list[FoundMachine], list[str]]:
    """Find every state machine in folders and files.

    Args:
        paths: Cloud assemblies and other folders, templates of CloudFormation and SAM, services
            of the Serverless Framework, files with a definition, what
            ``aws stepfunctions describe-state-machine`` prints, and ``-`` for the standard input;
            JSON, and YAML where PyYAML is installed.

    Returns:
        The state machines, in the order of the paths and of the files' names, and what cannot be
        read: each path, file or state machine with the reason.
    """
    found: list[FoundMachine] = []
    problems: list[str] = []
    for path in dict.fromkeys(paths):
        machines, wrong = _read_piped() if path == STANDARD_INPUT else _read(Path(path))
        problems += wrong
        found += machines
    given = {Path(path).resolve() for path in paths}
    return _once(found, given), list(dict.fromkeys(problems))


def _once(found: Sequence[FoundMachine], given: Set[Path]) -> list[FoundMachine]:
    """Each state machine once.

    A definition that a template names is looked at with what the template fills in, and alone
    where somebody gave its path.
    """
    named = {machine.definition_file.resolve() for machine in found if machine.definition_file}
    kept: dict[tuple[Path, str], FoundMachine] = {}
    for machine in found:
        file = machine.file.resolve()
        alone = machine.checked.logical_id is None
        if not (alone and file in named and file not in given):
            kept.setdefault((file, machine.name), machine)
    return list(kept.values())


def _read_piped() -> tuple[list[FoundMachine], list[str]]:
    data = sys.stdin.buffer.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        return [], [f"{PIPED} has more than {MAX_BYTES:,} bytes, which is what is read"]
    try:
        return _read_source(decoded(data, str(PIPED)), PIPED)
    except (OSError, ValueError, RecursionError) as error:
        return [], [str(error)]


def _read(path: Path) -> tuple[list[FoundMachine], list[str]]:
    """The state machines in a folder or file, and what cannot be read there."""
    if not path.is_dir():
        if not path.exists():
            return [], [f"{path}: there is no such file or folder"]
        return _read_file(path)
    found: list[FoundMachine] = []
    problems: list[str] = []
    # CDK writes its version into a file of this name; others have a manifest too.
    assembly = (path / "manifest.json").is_file() and (path / "cdk.out").is_file()
    for file in _files(path):
        # An assembly holds templates, and files of its own that are none.
        if assembly and not file.name.endswith(_TEMPLATE):
            continue
        machines, wrong = _read_file(file, likely=True)
        found += machines
        problems += wrong
    if not (found or problems):
        problems = [
            f"{path} holds no state machine: give a cloud assembly (cdk.out, which cdk synth "
            "writes), a folder with templates or definitions, or name the files"
        ]
    return found, problems


def _files(folder: Path) -> Iterator[Path]:
    """The files below a folder that may hold a template or a definition, in order."""
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(
            name
            for name in folders
            if name not in _SKIPPED and not name.startswith((".", "asset."))
        )
        for name in sorted(names):
            file = Path(root, name)
            if (
                file.suffix.lower() in _SUFFIXES
                and not name.startswith("asset.")
                and file.is_file()
            ):
                yield file


def _nested_stacks(template: Mapping[str, Any], file: Path) -> Iterator[Path]:
    """The templates beside a template that its nested stacks are made of."""
    for resource in mapping(template.get("Resources")).values():
        name = _NESTED.get(str(mapping(resource).get("Type")))
        place = mapping(mapping(resource).get("Properties")).get(name) if name else None
        if isinstance(place, str) and "://" not in place and (file.parent / place).is_file():
            yield file.parent / place


def _read_file(
    file: Path, *, likely: bool = False, outer: tuple[Path, ...] = ()
) -> tuple[list[FoundMachine], list[str]]:
    """The state machines in a file.

    Args:
        file: The file.
        likely: Whether it is one of a folder: what holds no state machine is passed over then.
        outer: The templates that it is nested in; it is passed over likewise then.
    """
    likely = likely or bool(outer)
    named_so = file.name.lower().endswith((*_DEFINITIONS, _TEMPLATE))
    try:
        text = read_file(file)
    except (OSError, ValueError) as error:
        # Of a folder: another program's file, in its own encoding or of any size.
        return [], [] if likely and not named_so else [str(error)]
    if likely and not any(mark in text for mark in (*_MARKS, *_NESTED)):
        return [], []
    try:
        return _read_source(text, file, likely=likely, outer=outer)
    except RecursionError:
        return [], [f"{file} is nested too deep"]
    except (OSError, ValueError) as error:
        return [], [str(error)]


def _read_source(
    text: str, file: Path, *, likely: bool = False, outer: tuple[Path, ...] = ()
) -> tuple[list[FoundMachine], list[str]]:
    """The state machines in a text, which a file or a pipe holds."""
    content, places = read_content(text, str(file), None if file is PIPED else file)
    return machines_in(content, file, places, likely=likely, outer=outer)


def machines_in(
    content: Any,
    file: Path,
    places: Places,
    *,
    likely: bool = False,
    outer: tuple[Path, ...] = (),
) -> tuple[list[FoundMachine], list[str]]:
    """The state machines in what was parsed.

    Args:
        content: A template, a definition, or what the AWS CLI prints of a state machine.
        file: The file that it is from.
        places: Where its values stand.
        likely: Whether nobody named it: what holds no state machine is passed over then.
        outer: The templates that it is nested in.

    Returns:
        The state machines, and what cannot be read.
    """
    if isinstance(content, Mapping):
        if isinstance(content.get("Resources"), Mapping):
            machines, problems = state_machines(content, file, places)
            for nested in _nested_stacks(content, file):
                if nested not in outer:
                    inner, wrong = _read_file(nested, outer=(*outer, file))
                    machines += inner
                    problems += wrong
            if machines or problems or likely:
                return machines, problems
            return [], [f"{file} holds no state machine: give a template or a definition that does"]
        if "States" in content or "StartAt" in content:
            return [_alone(content, file, file.name, DefinitionPlaces(places))], []
        if isinstance(content.get("definition"), str):
            return [_described(content, file, places)], []
        machines, problems = _of_service(content, file, places)
        if machines or problems:
            return machines, problems
    if likely and not file.name.lower().endswith(_DEFINITIONS):
        return [], []
    if not isinstance(content, Mapping):
        return [], [f"{file} holds no object"]
    return [], [
        f"{file} is neither a template (it has no Resources), nor a definition (it has no States), "
        "nor a service of the Serverless Framework with stepFunctions.stateMachines, nor what "
        "`aws stepfunctions describe-state-machine` prints"
    ]


def _of_service(
    content: Mapping[str, Any], file: Path, places: Places
) -> tuple[list[FoundMachine], list[str]]:
    """The state machines of a service of the Serverless Framework."""
    found: list[FoundMachine] = []
    problems: list[str] = []
    # What the service has besides, as CloudFormation writes it.
    resources = mapping(content.get("resources"))
    if isinstance(resources.get("Resources"), Mapping):
        found, problems = state_machines(resources, file, places, "/resources")
    for machine in serverless_machines(content):
        try:
            found.append(_of_plugin(machine, file, places))
        except (OSError, ValueError) as error:
            problems.append(f"{file}: {machine.name}: {error}")
    return found, problems


def _of_plugin(machine: ServerlessMachine, file: Path, places: Places) -> FoundMachine:
    definition: Any = machine.definition
    where = DefinitionPlaces(places, machine.pointer)
    source = None
    if machine.included is not None:
        included = definition_file(machine.included, file.parent, {})
        definition, where, source = included.raw, DefinitionPlaces(included.places), included.path
    if not isinstance(definition, Mapping):
        raise ValueError(f"its definition is {definition!r}, which is filled in elsewhere")
    found = _alone(definition, file, machine.name, where, express=machine.express)
    return replace(found, definition_file=source)


def _alone(
    content: Mapping[str, Any],
    file: Path,
    name: str,
    places: DefinitionPlaces,
    *,
    express: bool = False,
) -> FoundMachine:
    # Frameworks put the intrinsics of a template into a file of its own.
    definition = with_markers(content)
    repeated = tuple(repeated_names(content))
    checked = CheckedDefinition(definition, express=express, repeated=repeated)
    return FoundMachine(file, name, Definition(definition), checked, places=places)


def _described(content: Mapping[str, Any], file: Path, places: Places) -> FoundMachine:
    """What ``aws stepfunctions describe-state-machine`` prints: the definition is a text in it."""
    what = f"{file}: its definition"
    definition = read_text(content["definition"], what)
    ensure_readable(definition, what)
    name = content.get("name")
    if not isinstance(definition, Mapping):
        raise ValueError(f"{what} is {type(definition).__name__} and no object")
    return _alone(
        definition,
        file,
        name if isinstance(name, str) else file.name,
        DefinitionPlaces(places, "/definition", as_text=True),
        express=content.get("type") == "EXPRESS",
    )
