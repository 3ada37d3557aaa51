"""What ``sfn-fragments doctor`` tells of the engine."""

from __future__ import annotations

from sfn_fragments.cli.doctor_command import Check
from sfn_fragments_local.launching.isolation import ADVICE, found_isolation

_NAME = "isolation of jobs"

_NO_NETWORK = "a job reaches the engine's port and nothing else"


def isolation_check() -> Check:
    """What keeps jobs and functions apart from this machine, and how to get the best of it."""
    found = found_isolation()
    if found.name == "namespaces":
        value = f"namespaces: files, processes and network of their own; {_NO_NETWORK}"
        return Check(_NAME, "ok", value)
    if found.name == "landlock":
        network = (
            "of the network a job reaches TCP ports of the engine's number only, and all of UDP"
            if found.network
            else "a job reaches the network of this machine"
        )
        value = f"Landlock: other files are refused, and mounts too; {network} ({found.refused})"
        return Check(_NAME, "absent", value, ADVICE)
    value = (
        "none: jobs are refused unless run with --no-isolation, and then they reach all that you "
        f"reach: files, processes and network ({found.refused})"
    )
    return Check(_NAME, "absent", value, ADVICE)
