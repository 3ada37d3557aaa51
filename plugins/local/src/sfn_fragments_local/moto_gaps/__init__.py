"""Closes the gaps of moto's Step Functions interpreter; written for moto 5.2.5.

moto carries an interpreter of the States Language that differs from AWS in places. `apply` makes
it behave as AWS does: each module here holds one theme, and replaces attributes of moto's classes
for the whole process. `tests/test_moto_gaps.py` shows each gap closed, and still open in plain
moto: a test of the second kind that fails says which module here is no longer needed.

Examples:
    >>> from sfn_fragments_local import moto_gaps
    >>> moto_gaps.apply(time_scale=0.01)  # doctest: +SKIP
"""

from __future__ import annotations

import importlib
import threading
from typing import Final

from sfn_fragments_local.moto_gaps.patching import WRITTEN_FOR_MOTO, UnsupportedMotoError
from sfn_fragments_local.moto_gaps.settings import (
    get_time_scale,
    set_endpoint_url,
    set_time_scale,
)

__all__ = [
    "WRITTEN_FOR_MOTO",
    "UnsupportedMotoError",
    "apply",
    "get_time_scale",
    "set_endpoint_url",
    "set_time_scale",
]

_THEMES: Final = (
    "clients",
    # Before the calls, which are to know the state that makes them there too.
    "map_results",
    "calls",
    "parsing",
    "json_paths",
    "intrinsics",
    "variables",
    "jsonata",
    "error_names",
    "sdk_parameters",
    "sdk_errors",
    "service_errors",
    "access_denied",
    "execution_input",
    "execution_names",
    "execution_output",
    "distributed_map",
    "waits",
    "stopping",
    "redriving",
    "batch",
    "bucket_policies",
    "images",
    "instances",
    "policy_sizes",
    "outgoing",
)
_lock: Final = threading.Lock()
_applied = False


def apply(*, time_scale: float | None = None) -> None:
    """Close the gaps, for the whole process; a second call changes nothing but the time scale.

    Args:
        time_scale: Factor for the seconds of Wait states and retry intervals, see
            `set_time_scale`. None leaves it as it is (1.0 at first).

    Raises:
        UnsupportedMotoError: The installed moto lacks something that is to be replaced.
        ValueError: ``time_scale`` is negative.

    Examples:
        >>> from sfn_fragments_local import moto_gaps
        >>> moto_gaps.apply()  # doctest: +SKIP
    """
    global _applied
    if time_scale is not None:
        set_time_scale(time_scale)
    with _lock:
        if _applied:
            return
        # Imported here, because each theme imports moto's interpreter, which takes a second.
        themes = [importlib.import_module(f"{__name__}.{theme}") for theme in _THEMES]
        for theme in themes:
            theme.close()
        _applied = True
