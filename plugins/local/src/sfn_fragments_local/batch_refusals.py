"""What Batch refuses of a job definition and of a retry strategy, and moto takes.

The bounds are those of the API's reference; of the words nobody has kept a record.
https://docs.aws.amazon.com/batch/latest/APIReference/API_ContainerProperties.html
https://docs.aws.amazon.com/batch/latest/APIReference/API_RetryStrategy.html
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from botocore.session import get_session
from botocore.validate import ParamValidator
from moto.batch.exceptions import ClientException

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

_ATTEMPTS = (1, 10)
_MOST_CONDITIONS = 5
_EPHEMERAL_GIB = (21, 200)
#: What a container on Fargate must not have, and of its Linux parameters.
_NOT_ON_FARGATE = ("ulimits", "instanceType")
_LINUX_NOT_ON_FARGATE = ("devices", "sharedMemorySize", "tmpfs", "maxSwap", "swappiness")
#: What a container on EC2 must not have.
_NOT_ON_EC2 = (
    *("networkConfiguration", "fargatePlatformConfiguration", "ephemeralStorage"),
    "runtimePlatform",
)
_PLATFORMS = ("EC2", "FARGATE")
_DRIVERS_OF_FARGATE = ("awslogs", "splunk")
#: Of Fargate, vCPUs to the MiB that go with them: the least, the most, and the step.
#: https://docs.aws.amazon.com/batch/latest/APIReference/API_ResourceRequirement.html
_FARGATE_MIB = {
    0.25: (512, 2048, 512),
    0.5: (1024, 4096, 1024),
    1: (2048, 8192, 1024),
    2: (4096, 16384, 1024),
    4: (8192, 30720, 1024),
    8: (16384, 61440, 4096),
    16: (32768, 122880, 8192),
}
_CONDITIONS = ("onExitCode", "onReason", "onStatusReason")
_MOST_SWAPPINESS = 100


def require_complete(operation: str, request: Mapping[str, Any]) -> None:
    """Refuse a request that lacks what Batch must have, which a state's parameters may.

    Args:
        operation: The operation, such as ``RegisterJobDefinition``.
        request: The request.

    Raises:
        ClientException: Batch does not take it.
    """
    report = ParamValidator().validate(request, _input_shape(operation)).generate_report()
    # What becomes of other types is the integration's affair.
    missing = [line for line in str(report).splitlines() if line.startswith("Missing required")]
    if missing:
        raise ClientException("; ".join(missing))


@cache
def _input_shape(operation: str) -> Any:
    return get_session().get_service_model("batch").operation_model(operation).input_shape


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
    for condition in conditions:
        patterns = {name: str(condition[name]) for name in _CONDITIONS if condition.get(name)}
        for name, pattern in patterns.items():
            digits = name != "onExitCode" or re.fullmatch(r"[0-9]*\*?", pattern)
            if "*" in pattern[:-1] or not digits:
                raise ClientException(f"retryStrategy: {name} {pattern!r} is not valid")


def require_containers(given: Callable[[str], Any]) -> None:
    """Refuse jobs of other containers than one on ECS, by name.

    Args:
        given: Gives a parameter of RegisterJobDefinition, ``None`` where it has none.

    Raises:
        ClientException: Batch takes it, and the engine runs no such jobs.
    """
    for name, what in (("ecsProperties", "several containers"), ("eksProperties", "pods on EKS")):
        if given(name):
            raise ClientException(f"{name}: jobs of {what} are not run here")


def require_container(container: Mapping[str, Any] | None) -> None:
    """Refuse a container that Batch refuses on any platform.

    Args:
        container: ``containerProperties`` as they were registered; ``None`` for another kind of
            job.

    Raises:
        ClientException: Batch does not take it.
    """
    if container is None:
        return
    swappiness = (container.get("linuxParameters") or {}).get("swappiness")
    if swappiness is not None and not 0 <= int(swappiness) <= _MOST_SWAPPINESS:
        raise ClientException(
            f"linuxParameters: swappiness must be between 0 and {_MOST_SWAPPINESS}, "
            f"not {swappiness}"
        )
    names = {one["name"] for one in container.get("environment") or []}
    for name in sorted(names):
        if name.startswith("AWS_BATCH"):
            raise ClientException(
                f"environment: variables must not start with AWS_BATCH, as {name} does"
            )
    secrets = container.get("secrets") or []
    if secrets and not container.get("executionRoleArn"):
        raise ClientException(
            "When you are specifying container secrets, you must also specify a value for "
            "'executionRoleArn'."
        )
    for one in secrets:
        # The words are those of ECS, which gets both.
        if one["name"] in names:
            raise ClientException(
                "The secret name must be unique and not shared with any new or existing "
                f"environment variables set on the container, such as '{one['name']}'."
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
    for name in platforms or ():
        if name not in _PLATFORMS:
            raise ClientException(
                f"platformCapabilities: {name} is none of {', '.join(_PLATFORMS)}"
            )
    on_fargate = "FARGATE" in (platforms or ())
    wrong = [*_of_fargate(container)] if on_fargate else _given(container, _NOT_ON_EC2)
    if wrong:
        raise ClientException(
            f"{', '.join(wrong)} must not be specified for jobs on "
            f"{'FARGATE' if on_fargate else 'EC2'}"
        )
    if on_fargate and not container.get("executionRoleArn"):
        raise ClientException("executionRoleArn must be specified for jobs on FARGATE")
    if on_fargate:
        require_fargate_size(container)
        driver = (container.get("logConfiguration") or {}).get("logDriver", "awslogs")
        if driver not in _DRIVERS_OF_FARGATE:
            raise ClientException(
                f"logDriver must be one of {', '.join(_DRIVERS_OF_FARGATE)} for jobs on FARGATE, "
                f"not {driver}"
            )
    if not on_fargate and _has_fraction(container):
        raise ClientException("VCPU must be a whole number for jobs on EC2")
    size = (container.get("ephemeralStorage") or {}).get("sizeInGiB")
    least, most = _EPHEMERAL_GIB
    if size is not None and not least <= int(size) <= most:
        raise ClientException(
            f"ephemeralStorage: sizeInGiB must be between {least} and {most}, not {size}"
        )


def require_fargate_size(*containers: Mapping[str, Any]) -> None:
    """Refuse vCPUs and memory that Fargate does not have together.

    Args:
        *containers: Container properties, and overrides above them.

    Raises:
        ClientException: It has none of this size.
    """
    given = {
        one["type"]: one["value"]
        for container in containers
        for one in container.get("resourceRequirements") or []
    }
    try:
        vcpus, memory = float(given["VCPU"]), float(given["MEMORY"])
    except (KeyError, ValueError):
        # moto says so of what is missing.
        return
    least, most, step = _FARGATE_MIB.get(vcpus, (1, 0, 1))
    # With a quarter of a vCPU, 1,536 MiB is no choice.
    if memory not in range(least, most + 1, step) or (vcpus, memory) == (0.25, 1536):
        raise ClientException(
            f"Fargate resource requirements ({vcpus:.2f} vCPU, {memory:.0f} MiB) not valid."
        )


def _has_fraction(container: Mapping[str, Any]) -> bool:
    values = [
        one["value"]
        for one in container.get("resourceRequirements") or []
        if one.get("type") == "VCPU"
    ]
    return any(re.fullmatch(r"[0-9]*\.[0-9]*[1-9][0-9]*", str(value)) for value in values)


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
