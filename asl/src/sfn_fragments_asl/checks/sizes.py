"""The size of a definition.

https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sfn_fragments_asl.checks.check import Check, CheckedDefinition, Finding
from sfn_fragments_asl.model.limits import MAX_DEFINITION

if TYPE_CHECKING:
    from collections.abc import Iterator


def _large_definition(checked: CheckedDefinition) -> Iterator[Finding]:
    size = len(json.dumps(checked.definition, separators=(",", ":")).encode())
    if size > MAX_DEFINITION:
        yield Finding(
            "definition", f"the definition has {size:,} bytes, AWS takes {MAX_DEFINITION:,}"
        )


SIZE_CHECKS = (
    Check(
        "asl.definition-size",
        "error",
        "AWS refuses to create a state machine with a larger definition.",
        _large_definition,
        what="A definition has more than 1 MiB.",
        remedy="move a part into a state machine of its own and start it as a nested execution",
    ),
)
