"""Parsing JSON, and refusing what would take too long, or too much, to look at.

Files come from anywhere: each of these ends with one line that says why it is not read.
"""

from __future__ import annotations

import json
import re
import stat
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from sfn_fragments_asl.model.json_data import below, objects_within

if TYPE_CHECKING:
    from pathlib import Path

#: Bytes of a file. CloudFormation takes templates of 1 MiB, Step Functions definitions of 1 MiB.
MAX_BYTES = 16 * 1024 * 1024
#: Levels of objects and lists; those of a Map within a Map within a Map are some twenty.
MAX_LEVELS = 200
#: Values of a file, with those that aliases of YAML repeat.
MAX_VALUES = 500_000

# A text, or whatever stands outside of texts and holds what CloudFormation fills in.
_BARE = re.compile(
    r'"[^"\\]*(?:\\.[^"\\]*)*"|(?:[^\s,:{}\[\]"$]|\$(?!\{))*\$\{[^{}]*\}'
    r'(?:\$\{[^{}]*\}|[^\s,:{}\[\]"])*',
    re.DOTALL,
)


def read_file(file: Path) -> str:
    """The text of a file.

    Args:
        file: The file.

    Returns:
        The text, without a byte order mark.

    Raises:
        OSError: It cannot be opened.
        ValueError: It is no file (a pipe, a device), too large, or not UTF-8.
    """
    status = file.stat()
    if not stat.S_ISREG(status.st_mode):
        raise ValueError(f"{file} is no file that can be read: it is a device, a pipe or a socket")
    if status.st_size > MAX_BYTES:
        raise ValueError(
            f"{file} has {status.st_size:,} bytes: files of up to {MAX_BYTES:,} are read, and AWS "
            "takes definitions and templates of 1 MiB"
        )
    return decoded(file.read_bytes(), str(file))


def decoded(data: bytes, what: str) -> str:
    """Bytes as text.

    Args:
        data: The bytes.
        what: What they are, for the error.

    Raises:
        ValueError: They are not UTF-8.
    """
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"{what} is not UTF-8: {error}") from error


class Repeating(dict[str, Any]):
    """An object that a text gives a name twice; it has the last value, as for all readers.

    Attributes:
        repeated: The names.
    """

    repeated: tuple[str, ...] = ()


def of_pairs(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """An object of names and values, which remembers the names that are given twice."""
    given = list(pairs)
    found = dict(given)
    if len(found) == len(given):
        return found
    repeating = Repeating(found)
    counts = Counter(name for name, _ in given)
    repeating.repeated = tuple(name for name, count in counts.items() if count > 1)
    return repeating


def repeated_names(content: Any, pointer: str = "") -> Iterator[str]:
    """The JSON Pointers of the fields that a text gives twice.

    Args:
        content: What was parsed.
        pointer: JSON Pointer of it.
    """
    for place, fields in objects_within(content, pointer):
        if isinstance(fields, Repeating):
            yield from (below(place, name) for name in fields.repeated)


def read_text(text: str, what: str) -> Any:
    """Parse JSON.

    Args:
        text: The JSON; a place that CloudFormation fills in, such as ``${Seconds}``, may stand
            without quotes.
        what: What it is, for the error.

    Returns:
        The value; what is filled in is a text, and an object with a name twice is `Repeating`.

    Raises:
        ValueError: It is not JSON, or nested too deep.

    Examples:
        >>> read_text('{"Seconds": ${Seconds}}', "the text")
        {'Seconds': '${Seconds}'}
    """
    try:
        return json.loads(_with_quotes(text), object_pairs_hook=of_pairs)
    except ValueError as error:
        # A number of more digits than Python reads is one too.
        raise ValueError(f"{what} is not JSON: {error}") from error
    except RecursionError:
        raise ValueError(_too_deep(what)) from None


def _with_quotes(text: str) -> str:
    """JSON in which whatever is filled in is a text."""
    if "${" not in text:
        return text
    return _BARE.sub(
        lambda part: part.group() if part.group().startswith('"') else json.dumps(part.group()),
        text,
    )


def _too_deep(what: str) -> str:
    return f"{what} is nested too deep: {MAX_LEVELS} levels of objects and lists are read"


def ensure_readable(content: Any, what: str) -> None:
    """Refuse what is nested too deep, has too many values, or texts that cannot be printed.

    Args:
        content: JSON data; parts of it may be the same object.
        what: What it is, for the error.

    Raises:
        ValueError: It is.
    """
    levels = [(content, 1)]
    count = 0
    while levels:
        value, level = levels.pop()
        count += 1
        if level > MAX_LEVELS:
            raise ValueError(_too_deep(what))
        if count > MAX_VALUES:
            raise ValueError(f"{what} has more than {MAX_VALUES:,} values")
        if isinstance(value, str):
            ensure_text(value, what)
        elif isinstance(value, Mapping):
            for name, item in value.items():
                ensure_text(name, what)
                levels.append((item, level + 1))
        elif isinstance(value, list):
            levels += [(item, level + 1) for item in value]


def ensure_text(text: str, what: str) -> None:
    """Refuse half of a pair of surrogates, which no file in UTF-8 can hold.

    Args:
        text: The text.
        what: What it is in, for the error.

    Raises:
        ValueError: It has one.
    """
    if text.isascii():
        return
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError(
            f"{what} has a text with half of a surrogate pair, {text[:60]!a}"
        ) from error
