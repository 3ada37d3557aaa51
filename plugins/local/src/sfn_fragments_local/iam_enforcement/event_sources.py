"""What Lambda needs of a function's role to read from a queue or a stream; for moto 5.2.5.

It polls with the role of the function, and refuses the mapping if that lacks anything:
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html and its like. Only what
is checked there is checked here; a role that loses a permission later goes on.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from moto.awslambda.exceptions import InvalidParameterValueException
from moto.awslambda.models import LambdaBackend

from sfn_fragments_local.iam_enforcement.policies import Request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sfn_fragments_local.iam_enforcement.enforcement import IamEnforcement

#: What polls each kind of source, by its service. ListStreams has no resource, and is needless.
_POLLING: Final = {
    "sqs": ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes"),
    "dynamodb": ("GetRecords", "GetShardIterator", "DescribeStream"),
    "kinesis": ("GetRecords", "GetShardIterator", "DescribeStream"),
}

# Untyped: its types name other arguments.
_Lambda: Final[Any] = LambdaBackend


@contextmanager
def event_sources_checked(
    enforcement: IamEnforcement, innermost: Callable[[], bool]
) -> Iterator[None]:
    """Refuse sources that the role of a function may not poll, in the ``with`` block.

    Args:
        enforcement: Says what a role may do.
        innermost: Whether no other engine was opened in the block.

    Yields:
        Nothing.
    """

    def create_mapping(backend: Any, spec: dict[str, Any]) -> Any:
        if innermost() and spec.get("EventSourceArn") and spec.get("FunctionName"):
            check(backend, str(spec["EventSourceArn"]), str(spec["FunctionName"]))
        return create(backend, spec)

    def check(backend: Any, source: str, function: str) -> None:
        found = backend.get_function(function)
        service = source.split(":")[2]
        for action in _POLLING.get(service, ()):
            request = Request(f"{service}:{action}", source)
            if enforcement.refusal(found.role, [request]) is not None:
                raise InvalidParameterValueException(_refusal(service, action, source))

    create = _Lambda.create_event_source_mapping
    _Lambda.create_event_source_mapping = create_mapping
    try:
        yield
    finally:
        _Lambda.create_event_source_mapping = create


def _refusal(service: str, action: str, source: str) -> str:
    """Lambda's words."""
    if service == "sqs":
        return (
            "The provided execution role does not have permissions to call "
            f"{action} on {service.upper()}"
        )
    return (
        f"Cannot access stream {source}. Please ensure the role can perform the "
        f"{', '.join(_POLLING[service])} Actions on your stream in IAM. ({action} is not allowed)"
    )
