"""The resources that an execution may choose among."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from sfn_fragments.errors import InvalidParametersError, InvalidValue
from sfn_fragments_asl.model.definition import readable_text
from sfn_fragments_asl.permissions.resource_scope import listing_remedy

# What a construct of a kind says its name by, where that is not the ARN of the kind.
_ATTRIBUTES = {"buckets": "bucket_name", "job_roles": "role_arn", "repositories": "repository_arn"}


@dataclass(frozen=True)
class AllowedResources:
    """What an execution may choose, where the definition leaves a resource open.

    Without it, a role allows the resources whose names begin with the environment base and a
    dash. A kind that is listed here is narrowed, or widened, to the list; what the definition
    itself names, such as the default of a setting, is always allowed besides.

    Each kind is a sequence of names, ARNs, tokens of these, or constructs; a name may end with
    ``*``. An empty sequence allows nothing but what the definition names.

    Args:
        buckets: Buckets of requests and responses.
        key_prefixes: Prefixes of the keys in them, with or without the slash behind.
        job_queues: Queues that jobs may be submitted to.
        job_definitions: Job definitions that jobs may be submitted with; a name without its
            revision stands for all of them.
        job_roles: Roles that may be passed to jobs.
        state_machines: State machines that may be started.
        functions: Lambda functions that may be invoked.
        repositories: Image repositories that may be looked into.

    Raises:
        InvalidParametersError: Some values cannot work; all of them are named.

    Examples:
        >>> AllowedResources(job_queues=["dev-x-small", "dev-x-large"]).job_queues
        ('dev-x-small', 'dev-x-large')
    """

    buckets: Sequence[Any] | None = None
    key_prefixes: Sequence[Any] | None = None
    job_queues: Sequence[Any] | None = None
    job_definitions: Sequence[Any] | None = None
    job_roles: Sequence[Any] | None = None
    state_machines: Sequence[Any] | None = None
    functions: Sequence[Any] | None = None
    repositories: Sequence[Any] | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot name a resource, and keep the names."""
        problems: list[InvalidValue] = []
        for kind, given in self.listed().items():
            if isinstance(given, str) or not isinstance(given, Sequence):
                problems.append(InvalidValue(kind, given, "give a list"))
                continue
            names = []
            for index, item in enumerate(given):
                names.append(_name(kind, item))
                if remedy := listing_remedy(kind, names[-1]):
                    problems.append(InvalidValue(f"{kind}[{index}]", item, remedy))
            object.__setattr__(self, kind, tuple(names))
        if problems:
            raise InvalidParametersError("AllowedResources", problems)

    def listed(self) -> dict[str, Sequence[Any]]:
        """The kinds that are listed, each with its resources."""
        kinds = {each.name: getattr(self, each.name) for each in fields(self)}
        return {kind: given for kind, given in kinds.items() if given is not None}

    def resolved(self, resolve: Callable[[Any], Any]) -> tuple[AllowedResources, dict[str, Any]]:
        """The same with tokens as markers, as a definition has them.

        Args:
            resolve: ``Stack.resolve`` of the stack that holds the state machine.

        Returns:
            The resources, and each marker with the token or intrinsic that it stands for.
        """
        tokens: dict[str, Any] = {}

        def marked(name: str) -> str:
            text = readable_text(resolve(name), tokens)
            if text in tokens:
                # As CDK has it: of another stack it becomes an export or a parameter at the end.
                tokens[text] = name
            return text

        names = {kind: [marked(name) for name in given] for kind, given in self.listed().items()}
        return replace(self, **names), tokens


def _name(kind: str, item: Any) -> Any:
    """The name of what is given; ``None`` where it is neither text nor a construct of the kind."""
    if isinstance(item, str):
        return item
    # On the object: the class of what CDK has imported is a proxy's, which has no attributes.
    return getattr(item, _ATTRIBUTES.get(kind, f"{kind.removesuffix('s')}_arn"), None)
