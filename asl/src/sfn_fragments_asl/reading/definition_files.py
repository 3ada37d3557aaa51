"""Definitions that a template names instead of holding them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sfn_fragments_asl.model.definition import readable_text
from sfn_fragments_asl.reading.places import Places
from sfn_fragments_asl.reading.text import ensure_readable, read_file, read_text
from sfn_fragments_asl.reading.yaml_text import load_yaml

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class DefinitionFile:
    """A file that holds a definition.

    Attributes:
        path: Where it is.
        raw: What it holds, parsed.
        content: The same with what ``DefinitionSubstitutions`` fill in.
        tokens: Each place that CloudFormation fills in, to the intrinsic that it stands for.
        places: Where its values stand.
    """

    path: Path
    raw: Mapping[str, Any]
    content: Mapping[str, Any]
    tokens: Mapping[str, Any]
    places: Places


def definition_file(
    location: Any, folder: Path, substitutions: Mapping[str, Any]
) -> DefinitionFile:
    """Read the definition that a template names.

    Args:
        location: The value of ``DefinitionUri`` or ``DefinitionS3Location``: a path from the
            template's folder, or a place in S3 whose asset CDK wrote beside the template.
        folder: The template's folder.
        substitutions: Values that the template fills in, by their names.

    Returns:
        The definition.

    Raises:
        OSError: The file cannot be opened.
        ValueError: The definition is not in a file here, or the file cannot be read.
    """
    if isinstance(location, Mapping) and isinstance(location.get("Key"), str):
        file = folder / f"asset.{location['Key']}"
    elif isinstance(location, str) and "://" not in location and "${" not in location:
        file = folder / location
        if not file.is_file():
            raise ValueError(f"its definition is to be in {location}, and no such file is there")
    else:
        file = None
    if file is None or not file.is_file():
        place = readable_text(location)
        if isinstance(location, Mapping) and "Key" in location:
            place = f"{readable_text(location.get('Bucket', '?'))}/{readable_text(location['Key'])}"
        raise ValueError(
            f"its definition lies in S3, {place}: check the file of the definition instead"
        )
    text = read_file(file)
    raw, places = read_content(text, str(file), file)
    tokens: dict[str, Any] = {}
    filled = text
    for name, value in substitutions.items():
        # As it is, where it stands: 3 between quotes is a text, and without them a number.
        literal = json.dumps(value) if isinstance(value, bool | int | float) else value
        filled = filled.replace(f"${{{name}}}", readable_text(literal, tokens))
    content = raw
    if filled != text:
        content, _ = read_content(filled, f"{file}, with its substitutions,", file)
    if not isinstance(raw, Mapping) or not isinstance(content, Mapping):
        raise ValueError(f"its definition, {file}, holds no object")
    return DefinitionFile(file, raw, content, tokens, places)


def read_content(text: str, what: str, file: Path | None) -> tuple[Any, Places]:
    """Parse JSON or YAML.

    Args:
        text: The text.
        what: What it is, for errors.
        file: Its file, whose name tells YAML; of a text without one, its first character does.

    Returns:
        The value, and where its parts stand.

    Raises:
        ValueError: It is neither, or would take too long to look at.
    """
    yaml = is_yaml(text, file)
    content = load_yaml(text, what) if yaml else read_text(text, what)
    ensure_readable(content, what)
    return content, Places(text, yaml=yaml, file=file)


def is_yaml(text: str, file: Path | None) -> bool:
    """Whether a text is YAML, by the name of its file or by how it begins."""
    suffix = "" if file is None else file.suffix.lower()
    if suffix in (".json", ".yaml", ".yml"):
        return suffix != ".json"
    return not text.lstrip().startswith(("{", "[", '"'))
