"""Batch jobs as local processes."""

from __future__ import annotations

import json
import os
import shlex
import signal
import time
import traceback
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Condition, Lock
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import moto.batch.models as batch_models
from moto.batch.exceptions import ClientException
from moto.batch.responses import BatchResponse

from sfn_fragments.errors import FragmentsError
from sfn_fragments_asl.runs.model import JobAttempt
from sfn_fragments_asl.runs.model import Mount as SeenMount
from sfn_fragments_local.batch_refusals import (
    require_complete,
    require_container,
    require_containers,
    require_fargate_size,
    require_platform,
    require_retries,
)
from sfn_fragments_local.containers import Command, Mount
from sfn_fragments_local.job_credentials import ECS, Host, job_credentials, role_of_instances
from sfn_fragments_local.job_dependencies import (
    CHILD_FAILED,
    DEPENDENCY_FAILED,
    array_status,
    awaited,
    require_dependencies,
)
from sfn_fragments_local.job_secrets import clients_of_role, secret_variables
from sfn_fragments_local.job_submission import Submission
from sfn_fragments_local.launching.launcher import LaunchError
from sfn_fragments_local.launching.trees import remove_tree
from sfn_fragments_local.mount_permissions import may_write

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sfn_fragments_local.containers import Containers
    from sfn_fragments_local.file_systems import FileSystems
    from sfn_fragments_local.iam_enforcement import RoleSessions
    from sfn_fragments_local.launching.launcher import Process

#: How much of a job's output a record holds, in bytes from its end.
OUTPUT_TAIL = 64 * 1024

#: Lines of output that go to CloudWatch Logs; one call of its API takes no more.
_LOG_LINES = 10_000

#: Seconds between the signal that asks a job to end and the one that ends it.
_GRACE = 2.0

#: Seconds between two looks at a job that another one waits for.
_LOOK = 0.05


#: Characters of a job's container overrides. Batch takes more, and the job then fails.
_LONGEST_OVERRIDES = 8192

#: The engine's own credentials, as variables.
_KEYS = frozenset({"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"})

#: Variables of credentials that nobody else is to see.
_SECRET_CREDENTIALS = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")

#: Limits that a process has for itself; others, such as nproc, would count what is not the job's.
_LIMITED = ("core", "cpu", "data", "fsize", "memlock", "nofile", "stack")

#: Batch's status reason of a job that took longer than it may.
_TIMED_OUT = "Job attempt duration exceeded timeout"


class JobError(FragmentsError):
    """A job cannot be started."""


@dataclass(frozen=True)
class JobRequest:
    """What a runner is told about a job that is to start.

    Attributes:
        id: Batch's id of the job.
        name: Name of the job.
        image: Container image of its job definition.
        command: Its command, parameters substituted.
        environment: Its environment, but for what the image sets.
        mounts: The folders that it sees.
        folder: A temporary folder of this machine for the runner, gone with the job.
    """

    id: str
    name: str
    image: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    mounts: tuple[Mount, ...]
    folder: Path


@runtime_checkable
class JobRunner(Protocol):
    """Says how to run a job; plugins offer theirs with the hook ``sfn_fragments_job_runners``.

    The engine asks the plugins' runners first, then its own; the first one that accepts wins. The
    command runs in the job's container, which has its mounts and sees nothing else of this machine.
    A runner whose command brings a container itself, as ``docker run`` does, says so by an
    attribute ``on_machine = True``: then it runs as a process of the user's.

    Examples:
        >>> class EchoRunner:
        ...     name = "echo"
        ...     def accepts(self, job):
        ...         return job.image.endswith("/echo")
        ...     def command(self, job):
        ...         return ["echo", *job.command]
    """

    name: str

    def accepts(self, job: JobRequest) -> bool:
        """Whether this runner runs the job."""
        ...

    def command(self, job: JobRequest, /) -> list[str]:
        """The process to start, with the job's environment.

        Raises:
            FragmentsError: The job cannot run; the text becomes its status reason.
        """
        ...


class CommandRunner:
    """Runs the job's command as it is."""

    name = "command"

    def accepts(self, job: JobRequest) -> bool:  # noqa: ARG002 - it takes what no other took
        """Any job."""
        return True

    def command(self, job: JobRequest) -> list[str]:
        """The job's command."""
        if not job.command:
            raise JobError(
                f"job {job.name!r} has no command, and the one of its image {job.image!r} is "
                "unknown here; give the job definition a command, or AWS_LAMBDA_FUNCTION_HANDLER "
                "in its environment"
            )
        return list(job.command)


@dataclass(frozen=True)
class JobRecord:
    """A job at one moment.

    Attributes:
        id: Batch's id of the job.
        name: Its name.
        queue: Name of its queue.
        definition: ARN of its job definition.
        status: ``SUBMITTED``, ``RUNNABLE``, ``STARTING``, ``RUNNING``, ``SUCCEEDED``, ``FAILED``.
        reason: Batch's status reason: why it ended so.
        exit_code: Exit code of its process; None if there was none.
        runner: Name of the runner that took it.
        command: The job's command, parameters substituted.
        environment: Its environment, as the definition and the submission gave it.
        started: When its process started.
        stopped: When it ended.
        output: The end of what it wrote, standard output and error together.
        notes: Where it was allowed more than it would be on AWS.
        image: Its container image.
        secrets: Names of the variables that hold secrets, to where those are from.
        mounts: The folders that it sees.
        attempts: Its attempts so far.
        output_size: How much it wrote, in bytes.
    """

    id: str
    name: str
    queue: str
    definition: str
    status: str
    reason: str | None
    exit_code: int | None
    runner: str | None
    command: tuple[str, ...]
    environment: Mapping[str, str]
    started: datetime | None
    stopped: datetime | None
    output: str = field(repr=False)
    notes: tuple[str, ...] = ()
    image: str = ""
    secrets: Mapping[str, str] = field(default_factory=dict)
    mounts: tuple[SeenMount, ...] = ()
    attempts: tuple[JobAttempt, ...] = ()
    output_size: int = 0


class Jobs:
    """Starts and stops the processes of the engine's jobs.

    Args:
        folder: Folder for what the jobs write.
        environment: Variables that every job gets, above its own.
        file_systems: The folders behind EFS volumes.
        containers: What starts their processes.
        client: Returns a boto3 client of the engine for a service.
        runners: Runners, in the order in which they are asked.
        max_running: How many processes run at a time.
        timeout_scale: Factor for the seconds of their timeouts.
        sessions: Gives them the credentials of their roles; they then may mount, and call, what
            those allow, and no more. None lets them do everything.
        instance_role: ARN of the role of the instances, for jobs without a role whose compute
            environment has none.
    """

    def __init__(
        self,
        folder: Path,
        environment: Mapping[str, str],
        file_systems: FileSystems,
        containers: Containers,
        client: Callable[[str], Any],
        runners: Sequence[JobRunner],
        max_running: int,
        timeout_scale: float = 1.0,
        sessions: RoleSessions | None = None,
        instance_role: str | None = None,
    ) -> None:
        """Nothing runs yet."""
        self._instance_role = instance_role
        self._sessions = sessions
        self._folder = folder
        self._environment = environment
        self._file_systems = file_systems
        self.containers = containers
        self._client = client
        self._runners = runners
        self._free = max_running
        self.timeout_scale = timeout_scale
        self._changed = Condition()
        self._jobs: list[ProcessJob] = []
        self._closed = False
        #: The values of secrets that jobs were given.
        self.secret_values: set[str] = set()

    def add(self, job: ProcessJob) -> None:
        """Know a job, to list and to stop it."""
        with self._changed:
            if self._closed:
                raise ClientException("The engine is closed")
            self._jobs.append(job)

    def records(self) -> list[JobRecord]:
        """Every job, in the order of submission."""
        with self._changed:
            jobs = list(self._jobs)
        return [job.record() for job in jobs]

    def interrupt(self, job_id: str, reason: str) -> None:
        """Take away what a job runs on.

        Args:
            job_id: Its id.
            reason: Status reason of the attempt.

        Raises:
            JobError: There is no such job, or it does not run.
        """
        with self._changed:
            found = [job for job in self._jobs if job.job_id == job_id]
        if not found:
            raise JobError(f"there is no job {job_id!r}")
        found[0].interrupt(reason)

    def forget(self, kept: int) -> None:
        """Let go of the oldest jobs that have ended, with their files and logs.

        Args:
            kept: How many of those that have ended to keep, the newest.
        """
        with self._changed:
            old = [job for job in self._jobs if job.job_stopped][:-kept]
            gone = {job.job_id for job in old}
            self._jobs = [job for job in self._jobs if job.job_id not in gone]
        for job in old:
            job.forget()

    def close(self) -> None:
        """Stop every job and wait for its process to be gone."""
        with self._changed:
            self._closed = True
            jobs = list(self._jobs)
        for job in jobs:
            if not job.job_stopped:
                job.terminate("The engine is closing")
        for job in jobs:
            if job.ident is not None:
                job.join()

    @contextmanager
    def slot(self, job: ProcessJob) -> Iterator[bool]:
        """Wait for a free place.

        Yields:
            False if the job was stopped while it waited.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._free > 0 or job.stop)
            if job.stop:
                yield False
                return
            self._free -= 1
        try:
            yield True
        finally:
            with self._changed:
                self._free += 1
                self._changed.notify_all()

    def wake(self) -> None:
        """Let those that wait look again."""
        with self._changed:
            self._changed.notify_all()

    def job_folder(self, job_id: str) -> Path:
        """The folder of a job, which need not exist yet."""
        return self._folder / job_id.replace(":", "-")

    def request(self, job: ProcessJob, attempt: int) -> JobRequest:
        """Describe a job to the runners.

        Args:
            job: The job.
            attempt: Number of the attempt, from 1.

        Raises:
            FragmentsError: A volume of the job does not exist, or ECS may not assume its role.
        """
        credentials = self._credentials(job)
        folder = self.job_folder(job.job_id)
        folder.mkdir(parents=True, exist_ok=True)
        own = {
            name: value
            for name, value in job.environment().items()
            # These would lead away from the engine.
            if not name.startswith("AWS_ENDPOINT_URL") and name not in ("AWS_PROFILE",)
        }
        secrets = self._secrets(job)
        self.secret_values.update(secrets.values())
        self.secret_values.update(
            credentials[name] for name in _SECRET_CREDENTIALS if name in credentials
        )
        return JobRequest(
            id=job.job_id,
            name=job.job_name,
            image=str(job.container_properties().get("image", "")),
            command=tuple(job.command()),
            environment={
                **own,
                **secrets,
                **credentials,
                # https://docs.aws.amazon.com/batch/latest/userguide/job_env_vars.html
                "AWS_BATCH_JOB_ID": job.job_id,
                "AWS_BATCH_JQ_NAME": job.job_queue.name,
                "AWS_BATCH_CE_NAME": job.compute_environment(),
                "AWS_BATCH_JOB_ATTEMPT": str(attempt),
                **job.array_environment(),
            },
            mounts=tuple(self._mounts(job, folder)),
            folder=folder,
        )

    def _secrets(self, job: ProcessJob) -> dict[str, str]:
        """The variables of its secrets, as its execution role may read them."""
        properties = job.container_properties()
        listed = properties.get("secrets") or []
        if not listed:
            return {}
        variables: Mapping[str, str] = {}
        if self._sessions is not None:
            role = properties.get("executionRoleArn")
            variables = self._sessions.variables(role, ECS, job.task_arn)
        with clients_of_role(self._client, variables) as client:
            return secret_variables(listed, client)

    def _credentials(self, job: ProcessJob) -> dict[str, str]:
        """Credentials and endpoint, as variables; the job is told where AWS would give less."""
        if self._sessions is None:
            return dict(self._environment)
        role = job.container_properties().get("jobRoleArn")
        host = job.host(self._instance_role)
        found = job_credentials(self._sessions, role, host, job.task_arn)
        job.notes = (found.note,) if found.note else ()
        if found.variables is None:
            return dict(self._environment)
        rest = {name: self._environment[name] for name in self._environment if name not in _KEYS}
        return {**rest, **found.variables}

    def runner(self, request: JobRequest) -> JobRunner:
        """The first runner that accepts a job.

        Raises:
            JobError: None does, or one raises.
        """
        for runner in self._runners:
            with _blaming(runner, request, "accepts"):
                if runner.accepts(request):
                    return runner
        raise JobError(f"job {request.name!r} (image {request.image!r}): no runner accepts it")

    @staticmethod
    def command(runner: JobRunner, request: JobRequest) -> tuple[str, ...]:
        """What a runner starts for a job.

        Raises:
            FragmentsError: It cannot, or what it gives is no command.
        """
        with _blaming(runner, request, "command"):
            given: object = runner.command(request)
        # Untyped code gives anything.
        if not isinstance(given, list | tuple) or not given:
            given = [given]
        if not all(isinstance(part, str) for part in given):
            raise JobError(
                f"job {request.name!r}: {_named(runner)} gives {given!r} for a command; it has to "
                "be a list of texts"
            )
        return tuple(given)

    def _mounts(self, job: ProcessJob, folder: Path) -> Iterator[Mount]:
        properties = job.container_properties()
        volumes = {volume["name"]: volume for volume in properties.get("volumes") or []}
        for point in properties.get("mountPoints") or []:
            name = point["sourceVolume"]
            if name not in volumes:
                raise JobError(
                    f"job {job.job_name!r}: mount point {point['containerPath']!r} names volume "
                    f"{name!r}, which its job definition does not have"
                )
            read_only = bool(point.get("readOnly"))
            if efs := volumes[name].get("efsVolumeConfiguration"):
                source = self._file_systems.volume_folder(efs)
                if self._sessions is not None:
                    role = properties.get("jobRoleArn")
                    read_only = not may_write(self._client("efs"), efs, role) or read_only
            else:
                # A volume of the container host: here it starts empty and ends with the job, so
                # that no job reaches the machine's own folders.
                source = folder / "volumes" / name
                source.mkdir(parents=True, exist_ok=True)
            yield Mount(source, point["containerPath"], read_only)


def _named(runner: JobRunner) -> str:
    return f"runner {runner.name!r} of {type(runner).__module__}"


@contextmanager
def _blaming(runner: JobRunner, request: JobRequest, method: str) -> Iterator[None]:
    """Say where it comes from what a runner raises, but for what it means to say."""
    try:
        yield
    except FragmentsError:
        raise
    except Exception as error:
        raise JobError(
            f"job {request.name!r}: {_named(runner)} raised in {method}(): {_described(error)}"
        ) from error


def _described(error: BaseException) -> str:
    """An error, and the place that raised it."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({frames[-1].filename}, line {frames[-1].lineno})" if frames else ""
    text = str(error)
    return f"{type(error).__name__}{': ' if text else ''}{text}{place}"


class ProcessJob(batch_models.Job):
    """A job of moto's Batch that is a process, in place of moto's Docker container.

    Args:
        *args: As moto's job takes them.
        jobs: Where it runs.
        submission: What moto's job does not take of the submission.
        **kwargs: As moto's job takes them.
    """

    def __init__(self, *args: Any, jobs: Jobs, submission: Submission, **kwargs: Any) -> None:
        """Refuse what Batch refuses, such as an inactive definition, which moto would run."""
        definition = kwargs.get("job_def") or args[1]
        queue = kwargs.get("job_queue") or args[2]
        if definition.status != "ACTIVE":
            raise ClientException(f"Job definition {definition.arn} is not ACTIVE")
        array = kwargs.get("array_properties") or {}
        submission.require(queue, definition, array)
        overrides = kwargs.get("container_overrides") or {}
        if "FARGATE" in (definition.platform_capabilities or []):
            require_fargate_size(definition.container_properties or {}, overrides)
        if "index" not in array:
            require_dependencies(
                kwargs.get("depends_on") or [], array.get("size"), kwargs["all_jobs"]
            )
        super().__init__(*args, **kwargs)
        self._jobs = jobs
        self._submission = submission
        self._retry_strategy = submission.retry_strategy or definition.retry_strategy or {}
        self._process: Process | None = None
        self._process_lock = Lock()
        self._interruption: str | None = None
        self._runner: str | None = None
        self.notes: tuple[str, ...] = ()
        self._output_file = jobs.job_folder(self.job_id) / "output"
        logs = self.container_properties().get("logConfiguration") or {}
        if logs.get("logDriver") == "awslogs":
            # moto writes to Batch's own group, whatever the definition says.
            options = logs.get("options") or {}
            self._log_group = options.get("awslogs-group", self._log_group)
            if prefix := options.get("awslogs-stream-prefix"):
                self._stream_name = f"{prefix}/default/{self.job_id}"
        jobs.add(self)

    def forget(self) -> None:
        """Leave everything where moto and the engine keep it."""
        self.all_jobs.pop(self.job_id, None)
        with suppress(ValueError):
            self.job_queue.jobs.remove(self)
        self.backend.tagger.delete_all_tags_for_resource(self.arn)
        if self._log_group in self._log_backend.groups:
            self._log_backend.groups[self._log_group].streams.pop(self._stream_name, None)
        remove_tree(self._jobs.job_folder(self.job_id))

    # moto's status moves on by being looked at; this one says what is.
    @property
    def status(self) -> str | None:
        """Batch's name of where the job is."""
        return array_status(self._child_jobs) if self._child_jobs else self._status

    @status.setter
    def status(self, value: str) -> None:
        self._status = value

    def container_properties(self) -> dict[str, Any]:
        """The definition's container with the submission's overrides, as AWS describes it."""
        properties = dict(self.job_definition.container_properties or {})
        overrides = self.container_overrides
        for name in ("command", "vcpus", "memory", "instanceType"):
            if overrides.get(name) is not None:
                properties[name] = overrides[name]
        requirements = {
            requirement["type"]: requirement
            for source in (properties, overrides)
            for requirement in source.get("resourceRequirements") or []
        }
        properties["resourceRequirements"] = list(requirements.values())
        return properties

    def environment(self) -> dict[str, str]:
        """The definition's environment, overlaid by the submission's."""
        return {
            variable["name"]: variable["value"]
            for source in (self.job_definition.container_properties or {}, self.container_overrides)
            for variable in source.get("environment") or []
        }

    def compute_environment(self) -> str:
        """Name of the compute environment that it runs in."""
        return str(self.job_queue.environments[0].name)

    def host(self, instance_role: str | None) -> Host:
        """What it runs on.

        Args:
            instance_role: ARN of the role of instances of which nothing else is known.
        """
        environment = self.job_queue.environments[0]
        kinds = [
            *(self.job_definition.platform_capabilities or []),
            str((environment.compute_resources or {}).get("type")),
        ]
        return Host(
            fargate=any(kind.startswith("FARGATE") for kind in kinds),
            instance_role=role_of_instances(environment) or instance_role,
        )

    @property
    def task_arn(self) -> str:
        """ARN of the task of ECS that Batch starts for it."""
        start, _, _ = self.arn.partition(":job/")
        return f"{start.replace(':batch:', ':ecs:')}:task/{self.job_id}"

    def array_environment(self) -> dict[str, str]:
        """What a child of an array job is told in addition."""
        index = self.array_properties.get("index")
        if index is None:
            return {}
        parent = self.all_jobs[self.job_id.partition(":")[0]]
        size = parent.array_properties["size"]
        return {"AWS_BATCH_JOB_ARRAY_INDEX": str(index), "AWS_BATCH_JOB_ARRAY_SIZE": str(size)}

    def command(self) -> list[str]:
        """The command, each ``Ref::name`` replaced by the parameter of that name."""
        return [
            self.parameters.get(part.removeprefix("Ref::"), part)
            if part.startswith("Ref::")
            else part
            for part in self.container_properties().get("command") or []
        ]

    def record(self) -> JobRecord:
        """The job as it is now."""
        status = str(getattr(self.status, "value", self.status))
        return JobRecord(
            id=self.job_id,
            name=self.job_name,
            queue=self.job_queue.name,
            definition=self.job_definition.arn,
            status=status,
            reason=self.job_stopped_reason,
            exit_code=self.exit_code,
            runner=self._runner,
            command=tuple(self.command()),
            environment=self.environment(),
            # moto's have no time zone, and mean the local one.
            started=self.job_started_at.astimezone() if self.attempts else None,
            stopped=self.job_stopped_at.astimezone() if self.job_stopped else None,
            output=self._output(),
            notes=self.notes,
            image=str(self.container_properties().get("image", "")),
            secrets={
                one["name"]: one["valueFrom"]
                for one in self.container_properties().get("secrets") or []
            },
            mounts=tuple(_seen_mounts(self.container_properties())),
            attempts=tuple(_attempt(one) for one in list(self.attempts)),
            output_size=self._output_size(),
        )

    def _output_size(self) -> int:
        try:
            return self._output_file.stat().st_size
        except FileNotFoundError:
            return 0

    def _container_details(self) -> dict[str, Any]:
        details = self.container_properties()
        environment = {**self.environment(), "AWS_BATCH_JOB_ID": self.job_id}
        details["environment"] = [{"name": k, "value": v} for k, v in environment.items()]
        details["command"] = self.command()
        if self.log_stream_name:
            details["logStreamName"] = self.log_stream_name
        if self.exit_code is not None:
            details["exitCode"] = self.exit_code
        return details

    def describe_short(self) -> dict[str, Any]:
        """The job as ListJobs shows it."""
        description = super().describe_short()
        index = self.array_properties.get("index")
        if index is not None:
            description["arrayProperties"] = {"index": index}
        if self._child_jobs and description["status"] == "FAILED":
            description["statusReason"] = self.job_stopped_reason or CHILD_FAILED
        if not self.attempts:
            # moto has the year 1970 for what never started.
            description.pop("startedAt", None)
        return description

    def describe(self) -> dict[str, Any]:
        """The job as DescribeJobs shows it."""
        description = super().describe()
        return description | self._submission.described(self.job_definition)

    def terminate(self, reason: str) -> None:
        """Stop the job wherever it is.

        Args:
            reason: Becomes its status reason.
        """
        with self._process_lock:
            if self.stop or self.job_stopped:
                return
            self.job_stopped_reason = reason
            self.stop = True
            process = self._process
        self._jobs.wake()
        for child in self._child_jobs or []:
            child.terminate(reason)
        if process is not None:
            process.terminate()
            # The one that waits for the process sees to it that it goes.

    def interrupt(self, reason: str) -> None:
        """Take away what the attempt runs on; whether there is another, its retry strategy says.

        Args:
            reason: Status reason of the attempt.

        Raises:
            JobError: It does not run.
        """
        with self._process_lock:
            process = self._process if self.status == "RUNNING" else None
            if process is None:
                raise JobError(f"job {self.job_name!r} is {self.status}, and runs nowhere")
            self._interruption = reason
            process.kill()

    def run(self) -> None:
        """Wait for the jobs it depends on and for a free place, then run; a thread's body."""
        succeeded = False
        try:
            self.status = "PENDING"
            if not self._wait_for(self._awaited()):
                return
            self._require_short_overrides()
            self.status = "RUNNABLE"
            with self._jobs.slot(self) as free:
                succeeded = free and self._run_attempts()
            self._write_logs()
        except (FragmentsError, OSError) as error:
            self.job_stopped_reason = str(error)
            succeeded = False
        except BaseException as error:  # whatever it is: an execution waits for this job
            self.job_stopped_reason = f"job {self.job_name!r}: {_described(error)}"
            succeeded = False
        finally:
            self._mark_stopped(success=succeeded)

    def _awaited(self) -> list[Any]:
        index = self.array_properties.get("index")
        found = []
        for job_id in awaited(self.depends_on or [], self.job_id, index):
            # moto would wait for it for ever.
            if job_id not in self.all_jobs:
                raise JobError(
                    f"job {self.job_name!r} depends on job {job_id!r}, which there is not"
                )
            found.append(self.all_jobs[job_id])
        return found

    def _wait_for(self, others: Sequence[Any]) -> bool:
        """Wait for other jobs; whether all of them succeeded."""
        for other in others:
            while other.status not in ("SUCCEEDED", "FAILED"):
                if self.stop:
                    return False
                time.sleep(_LOOK)
            if other.status == "FAILED":
                self.job_stopped_reason = self.job_stopped_reason or DEPENDENCY_FAILED
                return False
        return True

    def _require_short_overrides(self) -> None:
        overrides = json.dumps(self.container_overrides, separators=(",", ":"), ensure_ascii=False)
        if len(overrides) > _LONGEST_OVERRIDES:
            raise JobError(f"Container Overrides length must be at most {_LONGEST_OVERRIDES}")

    def _run_attempts(self) -> bool:
        attempts = int(self._retry_strategy.get("attempts") or 1)
        for attempt in range(1, attempts + 1):
            self.exit_code, reason = self._run_once(attempt)
            # The reason of a termination stays.
            self.job_stopped_reason = self.job_stopped_reason or reason
            if self.exit_code == 0 and not self.stop:
                return True
            if self.stop or attempt == attempts or not self._retries_after(self.exit_code, reason):
                break
            self.job_stopped_reason = None
            self.status = "RUNNABLE"
        return False

    def _run_once(self, attempt: int) -> tuple[int, str]:
        self.status = "STARTING"
        request = self._jobs.request(self, attempt)
        runner = self._jobs.runner(request)
        self._runner = runner.name
        command = Command(
            arguments=self._jobs.command(runner, request),
            environment=request.environment,
            mounts=request.mounts,
            modules=getattr(runner, "modules", ()),
            on_machine=getattr(runner, "on_machine", False),
            limits=_limits(self.container_properties().get("ulimits") or []),
        )
        self.job_started_at = datetime.now()
        self.log_stream_name = self._stream_name
        self._start_attempt()
        private = request.folder / f"attempt-{attempt}"
        private.mkdir()
        try:
            exit_code, reason = self._run_command(command, private)
        except LaunchError as error:
            raise JobError(_not_started(request, error)) from error
        finally:
            remove_tree(private)
        self._stop_attempt()
        attempt_record = self.attempts[-1]
        attempt_record["stoppedAt"] = int(time.time() * 1000)
        attempt_record["container"]["exitCode"] = exit_code
        attempt_record["statusReason"] = reason
        return exit_code, reason

    def _run_command(self, command: Command, private: Path) -> tuple[int, str]:
        containers = self._jobs.containers
        with self._output_file.open("ab") as output, Path(os.devnull).open("rb") as nothing:
            with self._process_lock:
                if self.stop:
                    return 128 + signal.SIGTERM, "Terminated before it started"
                files = [nothing.fileno(), output.fileno(), output.fileno()]
                self._process = process = containers.start(command, private, files)
            self.status = "RUNNING"
            try:
                exit_code, reason = self._await(process)
            finally:
                process.close()
            if exit_code and not command.on_machine:
                output.write(containers.explanation(self._output()).encode())
        return exit_code, reason

    def _await(self, process: Process) -> tuple[int, str]:
        reason = "Essential container in task exited"
        seconds = self._get_attempt_duration()
        # A text where a template has one.
        scale = self._jobs.timeout_scale
        ends = None if seconds is None else time.monotonic() + float(seconds) * scale
        while not self.stop:
            if ends is not None and time.monotonic() >= ends:
                reason = _TIMED_OUT
                break
            # terminate() asks the process to end, which ends this wait; the bound is for one that
            # takes no notice.
            remaining = 1.0 if ends is None else min(1.0, max(0.0, ends - time.monotonic()))
            exit_code = process.wait(remaining)
            if exit_code is not None:
                interruption, self._interruption = self._interruption, None
                return exit_code, interruption or reason
        process.terminate()
        exit_code = process.wait(_GRACE)
        if exit_code is None:
            process.kill()
            exit_code = process.wait()
        return exit_code or 0, reason

    def _retries_after(self, exit_code: int, reason: str) -> bool:
        if reason == _TIMED_OUT:
            # Whatever the strategy is: https://docs.aws.amazon.com/batch/latest/userguide/job_timeouts.html
            return False
        rules = self._retry_strategy.get("evaluateOnExit") or []
        # The container's own reason says why it was not started, or that its memory ended: of
        # containers here there is none.
        seen = {"onExitCode": str(exit_code), "onReason": "", "onStatusReason": reason}
        for rule in rules:
            conditions = {name: rule[name] for name in seen if rule.get(name)}
            if all(_matches(seen[name], pattern) for name, pattern in conditions.items()):
                return str(rule["action"]).lower() == "retry"
        return True

    def _output(self) -> str:
        try:
            with self._output_file.open("rb") as file:
                size = file.seek(0, os.SEEK_END)
                file.seek(max(0, size - OUTPUT_TAIL))
                return file.read().decode("utf-8", errors="replace")
        except FileNotFoundError:
            return ""

    def _write_logs(self) -> None:
        lines = [line for line in self._output().splitlines() if line][-_LOG_LINES:]
        if not lines:
            return
        now = int(time.time() * 1000)
        self._log_backend.ensure_log_group(self._log_group)
        self._log_backend.create_log_stream(self._log_group, self._stream_name)
        self._log_backend.put_log_events(
            self._log_group,
            self._stream_name,
            [{"timestamp": now, "message": line} for line in lines],
        )


def _matches(told: str, pattern: str) -> bool:
    """Whether a pattern of Batch's matches, in which an asterisk stands at the end alone."""
    return told.startswith(pattern[:-1]) if pattern.endswith("*") else told == pattern


def _attempt(told: Mapping[str, Any]) -> JobAttempt:
    """An attempt, as DescribeJobs shows it: with times in milliseconds."""
    started, stopped = told.get("startedAt"), told.get("stoppedAt")
    return JobAttempt(
        started=started / 1000 if started else None,
        stopped=stopped / 1000 if stopped else None,
        exit_code=told.get("container", {}).get("exitCode"),
        reason=told.get("statusReason"),
    )


def _seen_mounts(properties: Mapping[str, Any]) -> Iterator[SeenMount]:
    """The folders that a container sees, in the words of its definition."""
    volumes = {volume["name"]: volume for volume in properties.get("volumes") or []}
    for point in properties.get("mountPoints") or []:
        name = point["sourceVolume"]
        efs = volumes.get(name, {}).get("efsVolumeConfiguration")
        source = f"volume {name}"
        if efs:
            access = (efs.get("authorizationConfig") or {}).get("accessPointId")
            source = f"{efs['fileSystemId']}:{access or efs.get('rootDirectory') or '/'}"
        yield SeenMount(point["containerPath"], source, bool(point.get("readOnly")))


def _limits(ulimits: Sequence[Mapping[str, Any]]) -> dict[str, tuple[int, int]]:
    """The limits of a container that a process can have."""
    return {
        one["name"]: (int(one["softLimit"]), int(one["hardLimit"]))
        for one in ulimits
        if one["name"] in _LIMITED
    }


def _not_started(request: JobRequest, error: LaunchError) -> str:
    """Why a job's command was not started."""
    if error.stage == "container":
        return f"job {request.name!r}: its container cannot be made: {error.reason}"
    return (
        f"job {request.name!r}: command {shlex.join(request.command)!r} does not start: "
        f"{error.reason}"
    )


def forget_job_definitions(account: str, region: str, kept: int) -> None:
    """Let go of the oldest job definitions that are inactive.

    Args:
        account: Their account.
        region: Their region.
        kept: How many of those that are inactive to keep, the newest.
    """
    backend = batch_models.batch_backends[account][region]
    known = backend._job_definitions
    inactive = [arn for arn, one in list(known.items()) if one.status == "INACTIVE"]
    for arn in inactive[:-kept]:
        del known[arn]
        backend.tagger.delete_all_tags_for_resource(arn)


#: The submission being served; moto does not pass all of it on to its job.
_submission: ContextVar[Submission] = ContextVar("submission", default=Submission())  # noqa: B039 - it is frozen


@contextmanager
def jobs_run_in(jobs: Jobs) -> Iterator[None]:
    """Let moto's Batch run its jobs as processes for the length of the ``with`` block.

    Args:
        jobs: Where they run.

    Yields:
        Nothing.
    """
    job_class = batch_models.Job
    submit_job = BatchResponse.submitjob
    register_definition = BatchResponse.registerjobdefinition

    def make_job(*args: Any, **kwargs: Any) -> ProcessJob:
        return ProcessJob(*args, jobs=jobs, submission=_submission.get(), **kwargs)

    def submit(response: BatchResponse) -> str:
        token = _submission.set(Submission.of_request(response._get_param))
        try:
            return submit_job(response)
        finally:
            _submission.reset(token)

    def register(response: BatchResponse) -> str:
        given = response._get_param
        require_containers(given)
        require_complete("RegisterJobDefinition", json.loads(response.body))
        require_retries(given("retryStrategy"))
        require_container(given("containerProperties"))
        require_platform(given("containerProperties"), given("platformCapabilities"))
        registered = register_definition(response)
        arn = json.loads(registered)["jobDefinitionArn"]
        definition: Any = response.batch_backend.get_job_definition_by_arn(arn)
        # moto has no place for it.
        definition.scheduling_priority = response._get_param("schedulingPriority")
        return registered

    patched: list[tuple[Any, str, Callable[..., Any], Any]] = [
        (batch_models, "Job", make_job, job_class),
        (BatchResponse, "submitjob", submit, submit_job),
        (BatchResponse, "registerjobdefinition", register, register_definition),
    ]
    for owner, name, replacement, _ in patched:
        setattr(owner, name, replacement)
    try:
        yield
    finally:
        for owner, name, _, original in patched:
            setattr(owner, name, original)
