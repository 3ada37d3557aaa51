"""Generic states: merging, enclosing, and JSON in S3, each in as few states as it takes."""

from __future__ import annotations

from sfn_fragments.lazy import lazy_exports, stub_exports

_exports = stub_exports(__file__)
__all__ = list(_exports)
__getattr__, __dir__ = lazy_exports(__name__, _exports)
