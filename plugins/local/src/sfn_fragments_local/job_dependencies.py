"""Jobs that stand for an array, and jobs that wait for others, as Batch has them.

moto ends an array only when somebody looks at it, and knows of no dependencies within one.
https://docs.aws.amazon.com/batch/latest/userguide/array_jobs.html
https://docs.aws.amazon.com/batch/latest/userguide/job_dependencies.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.batch.exceptions import ClientException

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

#: Batch's status reasons of an array, and of a job that waited for one that failed.
CHILD_FAILED = "Array Child Job failed"
DEPENDENCY_FAILED = "Dependent Job failed"

_SEQUENTIAL, _N_TO_N = "SEQUENTIAL", "N_TO_N"


def array_status(children: Sequence[Any]) -> str:
    """The status of the job that stands for an array.

    Args:
        children: Its jobs.

    Returns:
        ``PENDING`` until all of them have ended, whatever they do.
    """
    statuses = {child.status for child in children}
    if not statuses <= {"SUCCEEDED", "FAILED"}:
        return "PENDING"
    return "FAILED" if "FAILED" in statuses else "SUCCEEDED"


def awaited(
    dependencies: Iterable[Mapping[str, str]], job_id: str, index: int | None
) -> Iterator[str]:
    """The jobs that a job waits for.

    Args:
        dependencies: ``dependsOn`` of its submission.
        job_id: Its id.
        index: Its index in an array; ``None`` where it is in none.

    Yields:
        Their ids.
    """
    array, _, _ = job_id.partition(":")
    for one in dependencies:
        kind, other = one.get("type"), one.get("jobId")
        if kind == _SEQUENTIAL:
            if index:
                yield f"{array}:{index - 1}"
        elif kind == _N_TO_N and index is not None:
            yield f"{other}:{index}"
        elif other:
            yield other


def require_dependencies(
    dependencies: Iterable[Mapping[str, str]], size: int | None, known: Mapping[str, Any]
) -> None:
    """Refuse dependencies that Batch refuses.

    Args:
        dependencies: ``dependsOn`` of a submission.
        size: Size of its array; ``None`` for a single job.
        known: The jobs that there are, by their ids.

    Raises:
        ClientException: An array's dependency is a single job's, or that of another size.
    """
    for one in dependencies:
        kind, other = one.get("type"), one.get("jobId")
        if kind is None and not other:
            raise ClientException("dependsOn: jobId must be specified")
        if kind in (_SEQUENTIAL, _N_TO_N) and size is None:
            raise ClientException(f"dependsOn: {kind} is only supported for array jobs")
        if kind != _N_TO_N:
            continue
        others = getattr(known.get(str(other)), "array_properties", {}).get("size")
        if others != size:
            raise ClientException(
                f"dependsOn: {_N_TO_N} asks for array jobs of one size, not {size} and {others}"
            )
