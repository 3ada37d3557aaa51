"""Reference paths, parameter case, and enclosing: small helpers for state machine authors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfn_fragments.lazy import lazy_exports

if TYPE_CHECKING:
    from sfn_fragments.states.common import enclosed_chain
    from sfn_fragments.utils.reference_path import JsonReferencePath
    from sfn_fragments_asl.model.api_case import convert_to_sfn_api_action_case

__all__ = ["JsonReferencePath", "convert_to_sfn_api_action_case", "enclosed_chain"]

__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "JsonReferencePath": "sfn_fragments.utils.reference_path",
        "convert_to_sfn_api_action_case": "sfn_fragments_asl.model.api_case",
        "enclosed_chain": "sfn_fragments.states.common",
    },
)
