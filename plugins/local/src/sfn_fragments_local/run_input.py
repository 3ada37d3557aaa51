"""What a run is given on the command line, checked before anything is deployed."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sfn_fragments.errors import InvalidValue
from sfn_fragments_asl.near_names import near_names
from sfn_fragments_local.file_keys import is_text

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_BUCKET_OF_URI = re.compile(rf"s3://({_BUCKET.pattern})(?:/|$)")
_QUEUE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}")

#: Fields of an input, and constructor parameters, that hold such names; ``scaffolding_bucket`` too.
_BUCKET_FIELD = re.compile(r"(?:.*_)?bucket(?:_name)?")
_QUEUE_FIELD = re.compile(r"(?:.*_)?job_queue(?:_name)?")


class NotGiven:
    """Stands in an error for a value that was not given."""

    def __repr__(self) -> str:
        """As the error shows it."""
        return "not given"


@dataclass(frozen=True)
class Transfer:
    """A folder to copy to or from a bucket.

    Attributes:
        bucket: Name of the bucket.
        folder: The local folder.
        prefix: Begins the keys; empty, or ends with a slash.
    """

    bucket: str
    folder: Path
    prefix: str = ""

    @property
    def place(self) -> str:
        """Bucket and prefix, as they were given."""
        return f"{self.bucket}/{self.prefix}".rstrip("/")

    @property
    def shown_folder(self) -> str:
        """The folder as it can be printed, whatever bytes its name has."""
        return os.fsencode(self.folder).decode(errors="replace")


def read_transfers(
    option: str, texts: Iterable[str], *, must_exist: bool
) -> tuple[list[Transfer], list[InvalidValue]]:
    """Read ``BUCKET=FOLDER`` and ``BUCKET/PREFIX=FOLDER`` arguments.

    Args:
        option: The option that they were given to, for the messages.
        texts: The arguments.
        must_exist: Whether the folder has to be there already.

    Returns:
        Those that can work, and what is wrong with the others.

    Examples:
        >>> read_transfers("--download", ["results=out"], must_exist=False)[0]
        [Transfer(bucket='results', folder=PosixPath('out'), prefix='')]
    """
    transfers, problems = [], []
    for text in texts:
        place, equals, folder = text.partition("=")
        bucket, _, prefix = place.partition("/")
        prefix = prefix.strip("/")
        path, kind = _local(folder)
        if not equals or not bucket or not folder:
            remedy = "write BUCKET=FOLDER or BUCKET/PREFIX=FOLDER, such as data/run-1=./run-1"
        elif not _BUCKET.fullmatch(bucket):
            remedy = (
                f"{bucket!r} is no bucket name: 3 to 63 lower-case letters, digits, dots, hyphens"
            )
        elif not is_text(prefix):
            remedy = f"{prefix!r} is no Unicode text, as keys are"
        elif kind not in ("folder", "file", ""):
            remedy = f"{folder!r} cannot be looked at: {kind}"
        elif must_exist and kind != "folder":
            remedy = f"there is no folder {folder!r}"
        elif kind == "file":
            remedy = f"{folder!r} is a file; give a folder"
        else:
            transfers.append(Transfer(bucket, path, f"{prefix}/" if prefix else ""))
            continue
        problems.append(InvalidValue(option, text, remedy))
    return transfers, problems


def _local(folder: str) -> tuple[Path, str]:
    """A path, and whether it is a ``folder``, another ``file``, nothing, or why this is unknown."""
    path = Path(folder)
    try:
        path = path.expanduser()
        mode = path.stat().st_mode
    except FileNotFoundError:
        return path, ""
    except (OSError, RuntimeError) as error:
        # expanduser() raises a RuntimeError for a user that is none.
        return path, str(getattr(error, "strerror", "") or error)
    return path, "folder" if stat.S_ISDIR(mode) else "file"


def check_queues(option: str, names: Iterable[str]) -> list[InvalidValue]:
    """What is wrong with the names of job queues.

    Args:
        option: The option that they were given to, for the messages.
        names: The names.

    Returns:
        A problem for each name that cannot be one.
    """
    remedy = "a queue's name has 1 to 128 letters, digits, hyphens, underscores"
    return [InvalidValue(option, name, remedy) for name in names if not _QUEUE.fullmatch(name)]


def check_request(model: Any, value: Any, example: Any) -> list[InvalidValue]:
    """What is wrong with an execution's input.

    Args:
        model: The fragment's request, a pydantic model.
        value: The input.
        example: An input that works, to show what a missing field looks like; None if there is
            none.

    Returns:
        A problem for each field that cannot work.
    """
    from pydantic import ValidationError

    try:
        model.model_validate(value)
    except ValidationError as error:
        expected: dict[str, list[str]] = {}
        values: dict[str, Any] = {}
        for one in error.errors(include_url=False):
            field, found = _located(model, value, one["loc"], missing=one["type"] == "missing")
            values[field] = found
            remedy = _remedy(one, field, example)
            if remedy not in expected.setdefault(field, []):
                expected[field].append(remedy)
        return [
            InvalidValue(field, values[field], ", or: ".join(expected[field])) for field in expected
        ]
    return []


def _located(
    model: Any, value: Any, location: Sequence[str | int], *, missing: bool
) -> tuple[str, Any]:
    """The path of a field in the input, and the value there."""
    names: list[str] = []
    for index, step in enumerate(location):
        if not names and isinstance(step, str):
            # Models may know a field by a second name; their own is the documented one.
            own = _field_name(model, step)
            step = own if isinstance(value, Mapping) and step not in value else step
        is_key = isinstance(value, Mapping) and step in value
        is_index = isinstance(value, list) and isinstance(step, int) and step < len(value)
        if is_key or is_index:
            value = value[step]
        elif missing and index == len(location) - 1:
            value = NotGiven()
        else:
            # What follows names the member of a union, which says nothing to a user.
            break
        names.append(str(step))
    return ".".join(names) or "input", value


def _field_name(model: Any, alias: str) -> str:
    for name, field in model.model_fields.items():
        if alias in (field.alias, field.validation_alias):
            return str(name)
    return alias


def _remedy(error: Any, field: str, example: Any) -> str:
    if error["type"] == "missing":
        if isinstance(example, Mapping) and field in example:
            return f"required, such as {example[field]!r}"
        return "required"
    if error["type"] == "model_type":
        return "the input should be an object"
    return str(error["msg"]).removeprefix("Value error, ").removeprefix("Input ")


def unknown_fields(model: Any, value: Any) -> list[str]:
    """Warnings about fields of an input that its model does not know, and so ignores.

    Args:
        model: The fragment's request, a pydantic model.
        value: The input.

    Returns:
        A line for each such field.
    """
    takes_any = model.model_config.get("extra") == "allow" or "root" in model.model_fields
    if not isinstance(value, Mapping) or takes_any:
        return []
    names = list(model.model_fields)
    aliases = {
        alias
        for field in model.model_fields.values()
        for alias in (field.alias, field.validation_alias)
        if isinstance(alias, str)
    }
    lines = []
    for field in value:
        if field in names or field in aliases:
            continue
        near = near_names(field, names)
        hint = f"did you mean {' or '.join(near)}?" if near else f"it knows: {', '.join(names)}"
        lines.append(f"input: the request has no field {field!r}, which is ignored; {hint}")
    return lines


def named_buckets(value: Any) -> set[str]:
    """The buckets that an input or constructor arguments name, at any depth.

    Args:
        value: JSON.

    Returns:
        The buckets of its ``s3://`` URIs and of fields such as ``bucket_name``.

    Examples:
        >>> sorted(named_buckets({"paths": ["s3://one/a"], "bucket_name": "two"}))
        ['one', 'two']
    """
    found = set()
    for _, text in leaves(value):
        if match := _BUCKET_OF_URI.match(text):
            found.add(match[1])
    return found | _named(value, _BUCKET_FIELD, _BUCKET)


def named_queues(value: Any) -> set[str]:
    """The job queues that an input or constructor arguments name, at any depth.

    Args:
        value: JSON.

    Returns:
        The values of fields such as ``job_queue``, where they are plain names.
    """
    return _named(value, _QUEUE_FIELD, _QUEUE)


def _named(value: Any, field: re.Pattern[str], name: re.Pattern[str]) -> set[str]:
    return {
        text
        for path, text in leaves(value)
        if path and field.fullmatch(path[-1]) and name.fullmatch(text)
    }


def leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """The strings in a JSON value, each with the path that leads to it.

    Args:
        value: JSON.
        path: Where it stands.

    Yields:
        Path and string.
    """
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from leaves(item, (*path, str(key)))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from leaves(item, (*path, str(index)))


def attempt(
    problems: list[InvalidValue], parameter: str, value: str, read: Callable[[str], Any]
) -> Any:
    """Read a value, and note what is wrong with it rather than ending there.

    Args:
        problems: Where to note it.
        parameter: The option that it was given to.
        value: The text given.
        read: Reads it; raises ``click.BadParameter``.

    Returns:
        What was read; None if it could not be.
    """
    import click

    try:
        return read(value)
    except click.BadParameter as error:
        shown = value if len(value) <= 80 else value[:80] + "..."
        problems.append(InvalidValue(parameter, shown, error.message))
        return None
