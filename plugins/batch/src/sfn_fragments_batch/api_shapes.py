"""The shapes of Batch's requests as they are kept: what botocore's models say, and no more.

``tools/refresh_batch_shapes.py`` writes them.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

#: Ends the name of a member that must be there.
REQUIRED = "!"


def api_shape(request: str) -> Any:
    """The shape of a request.

    Args:
        request: ``container_properties`` of RegisterJobDefinition, or ``submit_job``.

    Returns:
        Its members by name, as the API writes them.
    """
    return _shapes()[request]


@cache
def _shapes() -> dict[str, Any]:
    text = files("sfn_fragments_batch").joinpath("request_shapes.json").read_text("utf-8")
    shapes: dict[str, Any] = json.loads(text)
    return shapes
