"""Generic states: merging, enclosing, and JSON in S3, each in as few states as it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfn_fragments.lazy import lazy_exports

if TYPE_CHECKING:
    from sfn_fragments.states.common import CommonOperation
    from sfn_fragments.states.s3 import S3Operation

__all__ = ["CommonOperation", "S3Operation"]

__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "CommonOperation": "sfn_fragments.states.common",
        "S3Operation": "sfn_fragments.states.s3",
    },
)
