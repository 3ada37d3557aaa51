"""Which names a role may allow, where the definition leaves open which one it will be."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sfn_fragments_asl.errors import AllowedResourcesError, WrongList

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sfn_fragments_asl.model.values import Value

#: What can be listed, and how notes call it.
KINDS = {
    "buckets": "buckets",
    "key_prefixes": "keys",
    "job_queues": "job queues",
    "job_definitions": "job definitions",
    "job_roles": "roles",
    "state_machines": "state machines",
    "functions": "functions",
    "repositories": "repositories",
}


# What one of a kind is called, and the service of its ARNs; a prefix of keys has none.
_ONE_OF = {
    "buckets": ("a bucket", "s3"),
    "key_prefixes": ("a key prefix", ""),
    "job_queues": ("a job queue", "batch"),
    "job_definitions": ("a job definition", "batch"),
    "job_roles": ("a job role", "iam"),
    "state_machines": ("a state machine", "states"),
    "functions": ("a function", "lambda"),
    "repositories": ("a repository", "ecr"),
}


# A reference to a bucket by its name; an attribute may be its ARN.
_REFERENCE = re.compile(r"\$\{[^{}.]+\}")


@dataclass(frozen=True)
class Names:
    """Names that are allowed.

    Attributes:
        patterns: The names, where ``*`` stands for anything.
        note: Why there are more than the definition names, and how to list them.
    """

    patterns: tuple[str, ...]
    note: str = ""


class ResourceScope:
    """Bounds what the definition leaves open: to the environment's names, or to those listed.

    Args:
        name_prefix: The environment base; empty where any name will do.
        allowed: The resources that are listed, by kind, such as ``job_queues``.
    """

    def __init__(
        self, name_prefix: str, allowed: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        """Begin with nothing found open."""
        self._name_prefix = name_prefix
        self._allowed: Mapping[str, Sequence[str]] = allowed or {}
        self._open: set[str] = set()
        self._problems: list[WrongList] = []

    def names(self, kind: str, state: str, parameter: str, value: Value) -> Names:
        """The names that a parameter may have.

        Args:
            kind: What is named, such as ``buckets``.
            state: The state that needs them.
            parameter: The parameter of the service call.
            value: What is known of it.
        """
        known = [each.pattern for each in value.texts]
        if not value.open:
            return Names(_least(known))
        self._open.add(kind)
        defaults = " or ".join(known)
        why = (
            f"an execution may choose others than {defaults}"
            if defaults
            else "an execution chooses it"
        )
        listing = f"AllowedResources({kind}=[...])"
        if kind in self._allowed:
            # A job can do without a role.
            if not (known or self._allowed[kind] or kind == "job_roles"):
                remedy = f"{state!r} could use none: list one at least"
                self._problems.append(WrongList(kind, self._allowed[kind], remedy))
            listed = self._allowed[kind]
            if kind == "key_prefixes":
                listed = [f"{name.removesuffix('/')}/*" for name in listed]
            elif kind == "buckets":
                # Access points are listed by ARNs that are written out.
                listed = [
                    f"arn:${{AWS::Partition}}:s3:::{name}" if _REFERENCE.fullmatch(name) else name
                    for name in listed
                ]
            patterns = _least([*known, *listed])
            return Names(patterns, f"{parameter}: {why}, of those in {listing}.")
        pattern = self._pattern(kind)
        scope = (
            f"any {KINDS[kind].removesuffix('s')}"
            if pattern == "*"
            else f"{KINDS[kind]} whose names begin with {pattern.removesuffix('*')}"
        )
        return Names(
            _least([*known, pattern]),
            f"{parameter}: {why}; allowed: {scope}. {listing} lists them instead.",
        )

    def lists(self, kind: str) -> bool:
        """Whether the resources of a kind are listed."""
        return kind in self._allowed

    def require_effect(self) -> None:
        """Refuse lists that have no effect, or leave nothing to use.

        Raises:
            AllowedResourcesError: There are such lists; all of them are named.
        """
        superfluous = [
            WrongList(
                kind, names, f"leave it out: the definition names all of its {KINDS[kind]} itself"
            )
            for kind, names in self._allowed.items()
            if kind not in self._open
        ]
        if superfluous or self._problems:
            raise AllowedResourcesError([*superfluous, *self._problems])

    def _pattern(self, kind: str) -> str:
        """How the environment names what is of a kind."""
        if kind == "key_prefixes":
            return "*"
        if not self._name_prefix:
            return "*"
        # Repositories are named by EnvBase.get_repository_name, everything else by `prefixed`.
        return f"{self._name_prefix}{'/' if kind == 'repositories' else '-'}*"


def covers(pattern: str, name: str) -> bool:
    """Whether a pattern, which may end with ``*``, allows all that a name or pattern stands for."""
    return pattern == name or (pattern.endswith("*") and name.startswith(pattern[:-1]))


def _least(patterns: Sequence[str]) -> tuple[str, ...]:
    """The patterns without those that another one covers."""
    return tuple(
        dict.fromkeys(
            each
            for each in patterns
            if not any(other != each and covers(other, each) for other in patterns)
        )
    )


def listing_remedy(kind: str, name: str | None) -> str | None:
    """What to do about a name that cannot be listed as one of a kind.

    Args:
        kind: The kind, such as ``job_queues``.
        name: The name or ARN; ``None`` where something else is given.

    Returns:
        What to do; ``None`` where the name can be listed.

    Examples:
        >>> listing_remedy("job_queues", "*")
        'begin it with a name: it would allow what belongs to others'
    """
    what, service = _ONE_OF[kind]
    if name is None:
        return f"give {what} by its name" + (", its ARN or its construct" if service else "")
    if not name.strip():
        return f"give {what} that is not empty"
    if name.startswith("*"):
        return "begin it with a name: it would allow what belongs to others"
    if kind == "key_prefixes" and name.startswith("/"):
        return "leave out the slash at its beginning"
    if name.startswith("arn:") and service and name.split(":")[2:3] != [service]:
        return f"give the ARN of {what}: arn:aws:{service}:..."
    return None
