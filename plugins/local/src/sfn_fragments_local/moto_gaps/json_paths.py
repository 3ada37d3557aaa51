"""JSONPath as AWS reads it, evaluated over the paths of ``sfn_fragments_asl``."""

from __future__ import annotations

from typing import Any, Final

from sfn_fragments_asl.model.evaluation import NothingFoundError, evaluate
from sfn_fragments_asl.model.paths import MalformedError, parse_path
from sfn_fragments_local.moto_gaps.patching import load, replace_imported

_json_path: Final = load("asl.utils.json_path")


def extract_json(path: str, data: Any) -> Any:
    """Return what a JSONPath names.

    Args:
        path: Such as ``$.list[?(@.status == 'FAILED')].name``.
        data: The JSON value to look into.

    Returns:
        A list for a path with a filter, a wildcard, a slice or a deep scan, the value otherwise.

    Raises:
        NoSuchJsonPathError: moto's error, when the value is absent.
    """
    try:
        return evaluate(parse_path(path.strip()), data)
    except (NothingFoundError, MalformedError) as error:
        raise _json_path.NoSuchJsonPathError(json_path=path, data=data) from error


def close() -> None:
    """Give a list, empty or not, for every path that may match several values."""
    replace_imported(_json_path.extract_json, extract_json)
