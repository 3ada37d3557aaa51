"""JSONPath as AWS reads it: a path that may match several values gives a list, empty or not."""

from __future__ import annotations

import re
import threading
from functools import lru_cache
from typing import Any, Final

from jsonpath_ng.ext.parser import parse

from sfn_fragments_local.moto_gaps.patching import load, replace_imported

_json_path: Final = load("asl.utils.json_path")

# A filter, a wildcard, a slice, a union or a deep scan; quoted names are passed over.
_TOKEN: Final = re.compile(
    r"""\['(?:[^'\\]|\\.)*'\]|\["(?:[^"\\]|\\.)*"\]|(?P<several>\[\?|\[?\*|\.\.|\[[^\]]*[:,])"""
)
_parse_lock: Final = threading.Lock()


@lru_cache(maxsize=4096)
def _compiled(path: str) -> Any:
    # The parser builds its tables on first use, which is not thread-safe.
    with _parse_lock:
        return parse(path)


def _start_of_several(path: str) -> int | None:
    for token in _TOKEN.finditer(path):
        if token.group("several"):
            start = token.start()
            return start - 1 if path[start - 1] == "." else start
    return None


def extract_json(path: str, data: Any) -> Any:
    """Return what a JSONPath names.

    Args:
        path: Such as ``$.list[?(@.status == 'FAILED')].name``.
        data: The JSON value to look into.

    Returns:
        A list for a path with a filter, a wildcard, a slice or a deep scan, the value otherwise.

    Raises:
        NoSuchJsonPathError: moto's error, when the value, or what is to be searched, is absent.
    """
    several = _start_of_several(path)
    if several is None:
        matches = _compiled(path).find(data)
        if not matches:
            raise _json_path.NoSuchJsonPathError(json_path=path, data=data)
        return matches[0].value
    searched = path[:several]
    if searched not in ("", "$") and not _compiled(searched).find(data):
        raise _json_path.NoSuchJsonPathError(json_path=path, data=data)
    return [match.value for match in _compiled(path).find(data)]


def close() -> None:
    """Give a list, empty or not, for every path that may match several values."""
    replace_imported(_json_path.extract_json, extract_json)
