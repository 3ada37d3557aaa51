"""How far this machine lets a job be kept apart from it."""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sfn_fragments_local.launching.launcher import Container, LaunchError, launchers
from sfn_fragments_local.launching.trees import remove_tree

#: What can be asked for; ``auto`` is the best that the machine has.
ISOLATIONS = ("auto", "namespaces", "landlock", "none")

#: How to get the best one.
ADVICE = (
    "allow this user namespaces: on Ubuntu 24.04 and later `sudo sysctl "
    "kernel.apparmor_restrict_unprivileged_userns=0`, elsewhere `sudo sysctl "
    "user.max_user_namespaces=10000`; in a container run it with `--security-opt "
    "seccomp=unconfined --security-opt systempaths=unconfined --cap-add SYS_ADMIN`; on macOS and "
    "Windows use a Linux container or WSL"
)


@dataclass(frozen=True)
class Isolation:
    """What a job can be kept apart with.

    Attributes:
        name: ``namespaces``, ``landlock`` or ``none``.
        refused: Why there is no better one; empty for the best.
        network: Whether a job reaches the engine's port and nothing else.
    """

    name: str
    refused: str
    network: bool


@cache
def found_isolation() -> Isolation:
    """The best isolation of this machine, found by trying."""
    if sys.platform != "linux":
        return Isolation(
            "none", f"this is {sys.platform}; namespaces and Landlock are Linux's", False
        )
    refused = why_not("namespaces")
    if refused is None:
        return Isolation("namespaces", "", True)
    denied = why_not("landlock")
    if denied is None:
        from sfn_fragments_local.launching.system_calls import landlock_version

        return Isolation("landlock", refused, landlock_version() >= 4)
    return Isolation("none", f"{refused}; {denied}", False)


@cache
def why_not(name: str) -> str | None:
    """Why this machine has no isolation of a kind, if it has none.

    Args:
        name: ``namespaces`` or ``landlock``.
    """
    if sys.platform != "linux":
        return f"this is {sys.platform}"
    folder = Path(tempfile.mkdtemp(prefix="sfn-fragments-probe-"))
    try:
        container, mounted = folder / "container", folder / "mounted"
        container.mkdir()
        mounted.mkdir()
        mounts = ((str(mounted), "/mnt/probe", True),) if name == "namespaces" else ()
        # Port 1 is nobody's: a door is made and not used.
        probe = Container(name, container, ("/etc",), mounts, 1, {}, ())
        with launchers.in_use():
            process = launchers.launcher().launch(probe, [])
            process.wait()
            process.close()
    except LaunchError as error:
        return f"no {name.capitalize()}: {error.reason}"
    finally:
        remove_tree(folder)
    return None
