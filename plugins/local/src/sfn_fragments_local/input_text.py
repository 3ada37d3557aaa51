"""The input of an execution as Step Functions takes it."""

from __future__ import annotations

import json
from typing import Any

#: Bytes of UTF-8: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
MOST_BYTES = 262_144


def input_text(value: Any) -> str:
    """The JSON text of an input, as short as it can be written.

    Args:
        value: The input.

    Returns:
        Its text.

    Raises:
        ValueError: Step Functions takes no such input; the text says what is wrong with it.

    Examples:
        >>> input_text({"a": [1, "é"]})
        '{"a":[1,"é"]}'
    """
    try:
        text = json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    except RecursionError:
        raise ValueError("it is nested too deep") from None
    except TypeError as error:
        raise ValueError(f"JSON cannot hold it: {error}") from None
    except ValueError as error:
        if "float" not in str(error):  # a circle
            raise
        raise ValueError("it has NaN or Infinity, which JSON has not") from None
    try:
        size = len(text.encode())
    except UnicodeEncodeError as error:
        raise ValueError(
            f"it has the lone surrogate {error.object[error.start]!r}, which is no character"
        ) from None
    if size > MOST_BYTES:
        raise ValueError(
            f"it has {size} bytes: Member must have length less than or equal to {MOST_BYTES}; put "
            "what is large into a bucket, and give its place"
        )
    return text


def parsed_input(text: str) -> Any:
    """Read JSON that a person wrote; strictly, where Python's own reader is not.

    Args:
        text: The JSON.

    Returns:
        The value.

    Raises:
        ValueError: It is none: it breaks somewhere, has a name twice in an object, or a number
            that JSON has not.
    """

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, value in pairs:
            if name in found:
                raise ValueError(f"an object has the name {name!r} twice")
            found[name] = value
        return found

    def no_number(name: str) -> Any:
        raise ValueError(f"{name} is no number of JSON")

    return json.loads(text, object_pairs_hook=once, parse_constant=no_number)
