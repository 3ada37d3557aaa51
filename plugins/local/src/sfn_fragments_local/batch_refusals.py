"""What Batch refuses of a job definition and of a retry strategy, and moto takes.

The bounds are those of the API's reference; of the words nobody has kept a record.
https://docs.aws.amazon.com/batch/latest/APIReference/API_ContainerProperties.html
https://docs.aws.amazon.com/batch/latest/APIReference/API_RetryStrategy.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.batch.exceptions import ClientException

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

_ATTEMPTS = (1, 10)
_MOST_CONDITIONS = 5
_EPHEMERAL_GIB = (21, 200)
#: What a container on Fargate must not have, and of its Linux parameters.
_NOT_ON_FARGATE = ("ulimits", "instanceType")
_LINUX_NOT_ON_FARGATE = ("devices", "sharedMemorySize", "tmpfs", "maxSwap", "swappiness")
#: What a container on EC2 must not have.
_NOT_ON_EC2 = ("networkConfiguration", "fargatePlatformConfiguration")


def require_retries(strategy: Mapping[str, Any] | None) -> None:
    """Refuse a retry strategy that Batch refuses.

    Args:
        strategy: The strategy of a job or of its definition; ``None`` where it has none.

    Raises:
        ClientException: Batch does not take it.
    """
    if not strategy:
        return
    attempts, conditions = strategy.get("attempts"), strategy.get("evaluateOnExit") or []
    least, most = _ATTEMPTS
    if attempts is None and conditions:
        raise ClientException("retryStrategy: attempts must be specified with evaluateOnExit")
    if attempts is not None and not least <= int(attempts) <= most:
        raise ClientException(
            f"retryStrategy: attempts must be between {least} and {most}, not {attempts}"
        )
    if len(conditions) > _MOST_CONDITIONS:
        raise ClientException(
            f"retryStrategy: evaluateOnExit has at most {_MOST_CONDITIONS} conditions, "
            f"not {len(conditions)}"
        )


def require_platform(
    container: Mapping[str, Any] | None, platforms: Collection[str] | None
) -> None:
    """Refuse a container that its platform does not have.

    Args:
        container: ``containerProperties`` as they were registered; ``None`` for another kind of
            job.
        platforms: ``platformCapabilities``; EC2 where there are none.

    Raises:
        ClientException: Batch does not take it.
    """
    if container is None:
        return
    on_fargate = "FARGATE" in (platforms or ())
    wrong = [*_of_fargate(container)] if on_fargate else _given(container, _NOT_ON_EC2)
    if wrong:
        raise ClientException(
            f"{', '.join(wrong)} must not be specified for jobs on "
            f"{'FARGATE' if on_fargate else 'EC2'}"
        )
    if on_fargate and not container.get("executionRoleArn"):
        raise ClientException("executionRoleArn must be specified for jobs on FARGATE")
    size = (container.get("ephemeralStorage") or {}).get("sizeInGiB")
    least, most = _EPHEMERAL_GIB
    if size is not None and not least <= int(size) <= most:
        raise ClientException(
            f"ephemeralStorage: sizeInGiB must be between {least} and {most}, not {size}"
        )


def _of_fargate(container: Mapping[str, Any]) -> Iterator[str]:
    yield from _given(container, _NOT_ON_FARGATE)
    yield from _given(container.get("linuxParameters") or {}, _LINUX_NOT_ON_FARGATE)
    if container.get("privileged"):
        yield "privileged"
    kinds = (one.get("type") for one in container.get("resourceRequirements") or [])
    if "GPU" in kinds:
        yield "GPU"


def _given(fields: Mapping[str, Any], names: Collection[str]) -> list[str]:
    return [name for name in names if fields.get(name)]
