"""Definitions with exactly the statements that their roles need, and what AWS says of each.

Each module is a part of the table. A case is a Task as Step Functions has it, the statements of its
role in account 123456789012 and us-east-1, and the page of AWS that says so. ``runs`` says whether
the engine has the service: then the case is executed with that role and without each statement.
"""

from __future__ import annotations

from importlib import import_module
from itertools import chain
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.contract.permission_cases.case import Case

#: The parts of the table.
PARTS = ("objects", "messages", "computing", "jobs", "data", "roles", "callers")


def every_case() -> list[Case]:
    """The whole table, in its order."""
    parts = (import_module(f"{__name__}.{part}").CASES for part in PARTS)
    return list(chain.from_iterable(parts))
