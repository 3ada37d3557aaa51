"""The resources that an execution may choose among."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from sfn_fragments.errors import InvalidParametersError, InvalidValue
from sfn_fragments_asl.model.definition import readable_text

# Of each kind: what it is called, the service of its ARNs, what a construct of it says its name by.
_KINDS = {
    "buckets": ("a bucket", "s3", "bucket_name"),
    "key_prefixes": ("a key prefix", "", ""),
    "job_queues": ("a job queue", "batch", "job_queue_arn"),
    "job_definitions": ("a job definition", "batch", "job_definition_arn"),
    "job_roles": ("a job role", "iam", "role_arn"),
    "state_machines": ("a state machine", "states", "state_machine_arn"),
    "functions": ("a function", "lambda", "function_arn"),
    "repositories": ("a repository", "ecr", "repository_arn"),
}


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

    Example:
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
                if remedy := _remedy(kind, names[-1]):
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
            known = resolve(name)
            text = readable_text(known, tokens)
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
    attribute = _KINDS[kind][2]
    # On the object: the class of what CDK has imported is a proxy's, which has no attributes.
    return getattr(item, attribute, None) if attribute else None


def _remedy(kind: str, name: Any) -> str | None:
    what, service, attribute = _KINDS[kind]
    if name is None:
        return f"give {what} by its name" + (", its ARN or its construct" if attribute else "")
    if not name.strip():
        return f"give {what} that is not empty"
    if name.startswith("*"):
        return "begin it with a name: it would allow what belongs to others"
    if kind == "key_prefixes" and name.startswith("/"):
        return "leave out the slash at its beginning"
    if name.startswith("arn:") and service and name.split(":")[2:3] != [service]:
        return f"give the ARN of {what}: arn:aws:{service}:..."
    return None
