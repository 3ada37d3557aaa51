"""What roles were allowed, remembered for the reports of runs."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sfn_fragments_asl.runs.model import Permission

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from sfn_fragments_local.iam_enforcement.policies import Request, Statement

#: How many calls are remembered, the newest.
_KEPT = 10_000


@dataclass(frozen=True)
class _Call:
    execution: str
    state: str
    role: str
    at: float
    requests: tuple[Request, ...]


class Granted:
    """The service calls of states that were allowed.

    Args:
        statement_for: Finds the statement of a role, given by its ARN, that allows a request.
    """

    def __init__(self, statement_for: Callable[[str, Request], Statement | None]) -> None:
        """Nothing was asked yet."""
        self._statement_for = statement_for
        self._calls: deque[_Call] = deque(maxlen=_KEPT)
        self._last: dict[str, _Call] = {}

    def add(self, execution: str, state: str, role: str, requests: Sequence[Request]) -> None:
        """Remember a call.

        Args:
            execution: ARN of the execution.
            state: Name of the state that makes it.
            role: ARN of the role.
            requests: What it asked the role for.
        """
        call = _Call(execution, state, role, time.time(), tuple(requests))
        before = self._last.get(execution)
        self._last[execution] = call
        if len(self._last) > _KEPT:  # of executions that nobody asks for
            self._last.clear()
        # Who waits for a job asks for it again and again.
        if before is None or (before.state, before.requests) != (state, call.requests):
            self._calls.append(call)

    def permissions(self, executions: Collection[str]) -> tuple[Permission, ...]:
        """What executions were allowed, and by which statements of their roles as they are now.

        Args:
            executions: ARNs of the executions.
        """
        for execution in executions:
            self._last.pop(execution, None)
        statements: dict[tuple[str, str, str | None], Statement | None] = {}
        found = []
        for call in list(self._calls):
            if call.execution not in executions:
                continue
            for request in call.requests:
                key = (call.role, request.action, request.resource)
                if key not in statements:
                    statements[key] = self._statement_for(call.role, request)
                statement = statements[key]
                found.append(
                    Permission(
                        execution=call.execution,
                        state=call.state,
                        at=call.at,
                        action=request.action,
                        resource=request.resource or "*",
                        role=call.role,
                        statement=None if statement is None else statement.as_json(),
                    )
                )
        return tuple(found)
