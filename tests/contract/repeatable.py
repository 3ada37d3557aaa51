"""How property tests try values here."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

#: The same examples in every run, so that one that fails in CI fails everywhere.
REPEATABLE = settings(
    deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
