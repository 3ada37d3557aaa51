"""Jobs as a history tells of them: in the answers that Step Functions waited for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sfn_fragments_asl.runs.model import Job, JobAttempt, Mount

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sfn_fragments_asl.runs.model import Execution


def described_jobs(execution: Execution) -> Iterator[Job]:
    """The Batch jobs that an execution waited for.

    A ``.sync`` task has the description of its job for its answer, or for the cause of its
    failure: https://docs.aws.amazon.com/step-functions/latest/dg/connect-batch.html

    Args:
        execution: The execution.

    Yields:
        Each job once; its log is not known.
    """
    known = set()
    for visit in execution.visits:
        for attempt in visit.attempts:
            for text in (attempt.answer, attempt.cause):
                told = _parsed(text)
                job_id = told.get("JobId")
                if isinstance(job_id, str) and "Status" in told and job_id not in known:
                    known.add(job_id)
                    yield _job(job_id, told)


def _job(job_id: str, told: Mapping[str, Any]) -> Job:
    container = told.get("Container") or {}
    variables = container.get("Environment") or []
    attempts = [_attempt(each) for each in told.get("Attempts") or []]
    return Job(
        id=job_id,
        name=str(told.get("JobName", job_id)),
        status=str(told["Status"]),
        reason=told.get("StatusReason"),
        exit_code=container.get("ExitCode"),
        started=attempts[0].started if attempts else _seconds(told.get("StartedAt")),
        stopped=_seconds(told.get("StoppedAt")),
        queue=str(told.get("JobQueue", "")).rpartition("/")[2],
        definition=str(told.get("JobDefinition", "")),
        image=str(container.get("Image", "")),
        command=tuple(map(str, container.get("Command") or [])),
        environment={str(each.get("Name")): str(each.get("Value")) for each in variables},
        secrets={
            str(each.get("Name")): str(each.get("ValueFrom"))
            for each in container.get("Secrets") or []
        },
        mounts=tuple(
            Mount(
                str(each.get("ContainerPath")),
                f"volume {each.get('SourceVolume')}",
                bool(each.get("ReadOnly")),
            )
            for each in container.get("MountPoints") or []
        ),
        attempts=tuple(attempts),
        log=None,
        log_stream=str(container.get("LogStreamName") or ""),
    )


def _attempt(told: Mapping[str, Any]) -> JobAttempt:
    container = told.get("Container") or {}
    return JobAttempt(
        started=_seconds(told.get("StartedAt")),
        stopped=_seconds(told.get("StoppedAt")),
        exit_code=container.get("ExitCode"),
        reason=container.get("Reason") or told.get("StatusReason"),
    )


def _seconds(milliseconds: Any) -> float | None:
    return milliseconds / 1000 if isinstance(milliseconds, int | float) else None


def _parsed(text: str | None) -> Mapping[str, Any]:
    try:
        told = json.loads(text or "null")
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
