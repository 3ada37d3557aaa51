"""Limits that AWS enforces at deployment and CDK does not.

https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sfn_fragments.checks import Check, Finding
from sfn_fragments.definition import walk_states
from sfn_fragments.states.naming import MAX_STATE_NAME

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

#: Bytes of a definition, 1 MiB.
MAX_DEFINITION = 1_048_576


def _long_names(definition: Mapping[str, Any]) -> Iterator[Finding]:
    for name, _ in walk_states(definition):
        if len(name) > MAX_STATE_NAME:
            yield Finding(
                name,
                f"the name has {len(name)} characters, AWS takes {MAX_STATE_NAME}",
                "shorten the construct's id, or give the state a state_name",
            )


def _large_definition(definition: Mapping[str, Any]) -> Iterator[Finding]:
    size = len(json.dumps(definition, separators=(",", ":")).encode())
    if size > MAX_DEFINITION:
        yield Finding(
            "definition",
            f"the definition has {size} bytes, AWS takes {MAX_DEFINITION}",
            "move a part into a state machine of its own and start it as a nested execution",
        )


LIMIT_CHECKS = (
    Check(
        "core.state-name-length",
        "error",
        "AWS refuses to create a state machine with a longer name.",
        _long_names,
    ),
    Check(
        "core.definition-size",
        "error",
        "AWS refuses to create a state machine with a larger definition.",
        _large_definition,
    ),
)
