"""Times as Step Functions reads them: the profile of ISO 8601 that RFC 3339 is.

https://docs.aws.amazon.com/step-functions/latest/dg/state-wait.html
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

_TIMESTAMP = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(Z|[+-]\d\d:\d\d)")


def is_timestamp(value: Any) -> bool:
    """Whether a value is a time, of a day that there is.

    Args:
        value: JSON data.

    Examples:
        >>> is_timestamp("2030-01-31T12:00:00Z"), is_timestamp("2030-02-31T12:00:00Z")
        (True, False)
    """
    match = _TIMESTAMP.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return False
    try:
        datetime.fromisoformat("".join(match.groups()))
    except ValueError:
        return False
    return True
