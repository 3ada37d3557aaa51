"""The rules: what is asked of every definition; they read it as JSON, and import no ``aws_cdk``."""

from __future__ import annotations

from collections.abc import Iterator

from sfn_fragments.checks import Check, CheckedDefinition, Finding

#: Fields of a task that end it, if the service does not.
_ENDS = {"TimeoutSeconds", "TimeoutSecondsPath", "HeartbeatSeconds", "HeartbeatSecondsPath"}


def _find(checked: CheckedDefinition) -> Iterator[Finding]:
    for state in checked.states():
        waits = str(state.fields.get("Resource", "")).endswith(".waitForTaskToken")
        if state.type == "Task" and waits and not state.fields.keys() & _ENDS:
            yield Finding(state.name, "waits for a task token without an end")


TIMEOUTS = Check(
    id="globex.timeouts",
    severity="error",
    why="A token that nobody sends back keeps an execution open for a year.",
    find=_find,
    what="A task that waits for a token has no timeout.",
    remedy="write TimeoutSeconds or HeartbeatSeconds",
)
