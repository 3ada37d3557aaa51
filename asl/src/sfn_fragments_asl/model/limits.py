"""Limits of Step Functions.

https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
"""

from __future__ import annotations

#: Characters of a state's name.
MAX_STATE_NAME = 80
#: Events of the history of one execution of a Standard workflow.
MAX_EVENTS = 25_000
#: Bytes of the input or output of a state, 256 KiB.
MAX_PAYLOAD = 262_144
#: Bytes of a definition, 1 MiB.
MAX_DEFINITION = 1_048_576
#: Characters of a variable's name.
MAX_VARIABLE_NAME = 80


def is_variable_name(name: str) -> bool:
    """Whether AWS takes a name for a variable that a state assigns.

    Args:
        name: The name, in JSONPath with the ``.$`` of a value that is an expression or without.

    Examples:
        >>> is_variable_name("run_2.$"), is_variable_name("2nd"), is_variable_name("states")
        (True, False, False)
    """
    plain = name.removesuffix(".$")
    return plain.isidentifier() and len(plain) <= MAX_VARIABLE_NAME and plain != "states"
