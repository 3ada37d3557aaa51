"""Reading what ``sfn-fragments check`` is given: cloud assemblies, templates, definitions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from sfn_fragments_asl.model.definition import Definition
from sfn_fragments_asl.model.state_machine import CheckedDefinition
from sfn_fragments_asl.reading.places import DefinitionPlaces, Places
from sfn_fragments_asl.reading.templates import FoundMachine, read_text, state_machines
from sfn_fragments_asl.reading.yaml_text import load_yaml

_TEMPLATES = "*.template.json"


def find_state_machines(paths: Sequence[str]) -> tuple[list[FoundMachine], list[str]]:
    """Find every state machine in folders and files.

    Args:
        paths: Cloud assemblies (folders), templates (JSON, and YAML where PyYAML is installed),
            and files with a definition (JSON or YAML).

    Returns:
        The state machines, in the order of the paths and of the files' names, and what cannot be
        read: each path, file or state machine with the reason.
    """
    found: list[FoundMachine] = []
    problems: list[str] = []
    for path in paths:
        machines, wrong = _read(Path(path))
        if not (machines or wrong):
            wrong = [f"{path} holds no AWS::StepFunctions::StateMachine: give a path that does"]
        problems += wrong
        found += machines
    return found, problems


def _read(path: Path) -> tuple[list[FoundMachine], list[str]]:
    """The state machines in a folder or file, and what cannot be read there."""
    if not path.exists():
        return [], [f"{path}: there is no such file or folder"]
    if not path.is_dir():
        return _read_file(path)
    # Those of nested stacks end alike; the assemblies of stages are folders within.
    templates = [
        file
        for file in sorted(path.rglob(_TEMPLATES))
        if not any(part.startswith("asset.") for part in file.relative_to(path).parts[:-1])
    ]
    if not templates:
        return [], [
            f"{path} holds no template ({_TEMPLATES}): synthesize first (cdk synth), and give "
            "the cloud assembly (cdk.out), or name the files"
        ]
    found: list[FoundMachine] = []
    problems: list[str] = []
    for template in templates:
        machines, wrong = _read_file(template)
        found += machines
        problems += wrong
    return found, problems


def _read_file(file: Path) -> tuple[list[FoundMachine], list[str]]:
    try:
        text = file.read_text(encoding="utf-8")
        yaml = _is_yaml(file, text)
        content = load_yaml(text, str(file)) if yaml else read_text(text, str(file))
    except UnicodeDecodeError as error:
        return [], [f"{file} is not UTF-8: {error}"]
    except (OSError, ValueError) as error:
        return [], [str(error)]
    if not isinstance(content, Mapping):
        return [], [f"{file} holds no object"]
    places = Places(text, yaml=yaml, file=file)
    if "Resources" in content:
        return state_machines(content, file, places)
    if "States" in content or "StartAt" in content:
        checked = CheckedDefinition(content)
        where = DefinitionPlaces(places)
        definition = Definition(content)
        return [FoundMachine(file, file.name, definition, checked, places=where)], []
    return [], [
        f"{file} is neither a template (it has no Resources) nor a definition (it has no States)"
    ]


def _is_yaml(file: Path, text: str) -> bool:
    if file.suffix.lower() in (".yaml", ".yml"):
        return True
    return not text.lstrip().startswith(("{", "[", '"'))
