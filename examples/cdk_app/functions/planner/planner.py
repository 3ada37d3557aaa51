"""Plans the intake of plates: one request to the data sync for each."""

from __future__ import annotations

import os
from typing import Any

#: More would fill the history of the execution.
MOST_PLATES = 500


def plan(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Make a request for each plate of the event.

    ``{"plates": ["A1", "B2"]}`` gives requests that copy ``s3://<plates>/A1/`` to the shared
    folder.
    """
    plates = event.get("plates", [])
    if len(plates) > MOST_PLATES:
        raise ValueError(f"{len(plates)} plates; give {MOST_PLATES} at the most, or several runs")
    bucket = os.environ["PLATES"]
    requests = [
        {
            "source_path": f"s3://{bucket}/{plate}/",
            "destination_path": f"/opt/efs/shared/plates/{plate}",
        }
        for plate in plates
    ]
    return {"requests": requests, "stats": {"path": "/opt/efs/shared/plates"}}
