"""Errors that users of this library meet; each names the thing, the value and the way out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class AslError(Exception):
    """Base class of every error that this library raises on purpose."""


class UntranslatableError(AslError, ValueError):
    """A path or an intrinsic function that JSONata cannot express with the same meaning.

    Attributes:
        expression: The path or the function.
        problem: What has no counterpart.
        remedy: What to do instead.
    """

    def __init__(self, expression: str, problem: str, remedy: str) -> None:
        """Keep the parts, and put them into one message."""
        self.expression = expression
        self.problem = problem
        self.remedy = remedy
        super().__init__(f"{expression}: {problem}: {remedy}")


@dataclass(frozen=True)
class WrongList:
    """A list of resources that cannot work.

    Attributes:
        kind: What it lists, such as ``job_queues``.
        names: The list.
        remedy: What to do instead.
    """

    kind: str
    names: Sequence[str]
    remedy: str


class AllowedResourcesError(AslError, ValueError):
    """Lists of allowed resources that have no effect, or leave nothing to use; all at once.

    Args:
        problems: Every list that cannot work.
    """

    def __init__(self, problems: Sequence[WrongList]) -> None:
        """Keep the problems, and list them in the message."""
        self.problems = tuple(problems)
        lines = "".join(f"\n  - {one.kind}: {list(one.names)}: {one.remedy}" for one in problems)
        super().__init__(f"allowed resources: {len(self.problems)} invalid list(s):{lines}")


class AssumedItemsError(AslError, ValueError):
    """Numbers of items that cannot be assumed of a state machine; all at once.

    Args:
        problems: Each of them, in a few words.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        """Keep the problems, and list them in the message."""
        self.problems = tuple(problems)
        super().__init__(f"items: {'; '.join(self.problems)}")
