"""The library that this one replaces, and this one, under the same names."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any

_OLD = "aibs_informatics_cdk_lib"
_SFN = f"{_OLD}.constructs_.sfn"


@dataclass(frozen=True)
class Library:
    """One of the two.

    Attributes:
        name: ``old`` or ``new``.
        packages: Where its names are.
    """

    name: str
    packages: tuple[str, ...]

    def __getattr__(self, name: str) -> Any:
        """A class or function of the library."""
        for package in self.packages:
            if hasattr(module := import_module(package), name):
                return getattr(module, name)
        raise AttributeError(name)

    def __str__(self) -> str:
        """Its name, for the ids of tests."""
        return self.name


OLD = Library(
    "old",
    (
        f"{_SFN}.fragments.base",
        f"{_SFN}.fragments.lambda_",
        f"{_SFN}.fragments.batch",
        f"{_SFN}.fragments.informatics.batch",
        f"{_SFN}.fragments.informatics.data_sync",
        f"{_SFN}.fragments.informatics.demand_execution",
        f"{_SFN}.fragments.informatics.efs",
        f"{_SFN}.states.batch",
        f"{_SFN}.states.common",
        f"{_SFN}.states.s3",
        f"{_SFN}.utils",
        f"{_OLD}.constructs_.efs.file_system",
    ),
)
NEW = Library(
    "new",
    (
        "sfn_fragments.fragments",
        "sfn_fragments.states",
        "sfn_fragments.utils",
        "sfn_fragments_batch",
        "sfn_fragments_data_sync",
        "sfn_fragments_efs",
        "sfn_fragments_demand_execution",
    ),
)
BOTH = (OLD, NEW)
