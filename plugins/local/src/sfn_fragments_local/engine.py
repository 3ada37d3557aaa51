"""The embedded engine: AWS services and Step Functions in this process, jobs as local processes."""

from __future__ import annotations

import json
import os
import re
import sys
import uuid
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Lock, RLock
from typing import TYPE_CHECKING, Any, Self
from weakref import WeakSet

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from moto.core.base_backend import BackendDict

import sfn_fragments_local.profile_free_moto  # noqa: F401 - before all that import moto
from sfn_fragments import get_registry
from sfn_fragments.errors import FragmentsError
from sfn_fragments.validation import (
    Rule,
    choice,
    flag,
    items_of,
    listed,
    number,
    optional,
    require,
    text,
)
from sfn_fragments_asl.model.machine import Machine
from sfn_fragments_local.clients import new_client
from sfn_fragments_local.containers import Containers
from sfn_fragments_local.deployment import (
    Deployment,
    Target,
    create_compute_environment,
    deploy_templates,
    merged,
    read_templates,
)
from sfn_fragments_local.direct_calls import answer_directly
from sfn_fragments_local.environment import (
    ACCOUNT,
    container_environment,
    engine_environment,
    replaced_environment,
)
from sfn_fragments_local.execution import Execution, ExecutionResult
from sfn_fragments_local.faults import Fault, Faults
from sfn_fragments_local.file_systems import FileSystems
from sfn_fragments_local.handler_runner import HandlerRunner
from sfn_fragments_local.iam_enforcement import (
    IamEnforcement,
    Request,
    RoleSessions,
    SessionGuard,
    enforced,
    known_role,
)
from sfn_fragments_local.input_text import input_text
from sfn_fragments_local.interpreter import Interpreter, interpreter
from sfn_fragments_local.job_credentials import unknown_role
from sfn_fragments_local.jobs import (
    CommandRunner,
    JobRecord,
    JobRunner,
    Jobs,
    forget_job_definitions,
    jobs_run_in,
)
from sfn_fragments_local.known_secrets import known_secrets
from sfn_fragments_local.lambda_functions import LambdaFunctions, functions_run_in
from sfn_fragments_local.launching.image import image_paths, unusable_path
from sfn_fragments_local.launching.isolation import ISOLATIONS
from sfn_fragments_local.launching.launcher import temporary_folder
from sfn_fragments_local.moto_gaps.calls import intercepted_by
from sfn_fragments_local.moto_gaps.outgoing import sending_to
from sfn_fragments_local.object_store import Bucket
from sfn_fragments_local.objects import download_folder, upload_folder
from sfn_fragments_local.port_guard import new_access_key
from sfn_fragments_local.recording import Known
from sfn_fragments_local.server import served_moto

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from types import TracebackType

    import aws_cdk

    from sfn_fragments_local.copying import CopyWatcher

_NOT_OPEN = "the engine is not open; use it in a 'with' statement"

#: https://docs.aws.amazon.com/batch/latest/APIReference/API_CreateJobQueue.html
_QUEUE_NAME = re.compile(r"[A-Za-z0-9_-]{1,128}")

#: How many executions of each state machine are kept, and how many jobs and inactive job
#: definitions. On AWS it is for days: 90, 7 and 180.
KEPT = 100


def _image_path(value: Any) -> str | None:
    if not isinstance(value, str | Path):
        return "give the path of a file or folder"
    return unusable_path(str(value))


_RULES: Mapping[str, Rule] = {
    "time_scale": number(0),
    "region": text("a region", pattern="[a-z0-9-]+"),
    "max_jobs": optional(number(1, whole=True)),
    "enforce_iam": flag,
    "instance_role": optional(text("the ARN of a role", pattern=r"arn:[^:]+:iam::\d{12}:role/.+")),
    "job_timeout_scale": number(sys.float_info.min),
    "isolation": choice(*ISOLATIONS),
    "image_paths": listed("paths", _image_path),
    "allowed_hosts": listed("names of hosts", text("the name of a host", pattern=r"[^/:\s]+")),
}

#: Engines that are open, the oldest first; moto's content is one for the whole process.
_open_engines: list[Engine] = []

#: What engines have changed of the process, the oldest first, and the lock under which they do.
_changes: list[tuple[Engine, ExitStack]] = []
_changing = RLock()

#: The executions that someone still holds, and the lock under which they are started.
_executions: WeakSet[Execution] = WeakSet()
_starting = Lock()


class EngineError(FragmentsError):
    """The engine is used in a way that cannot work."""


class Engine:
    """Deploys stacks and executes their state machines, offline, in this process.

    While an engine is open, the process has its environment variables: nothing reaches AWS, and
    the user's credentials and profiles are out of reach. Closing ends what still runs; when the
    last engine closes, all content is deleted and the process is as it was. Engines may be open at
    the same time, in threads too, and closed in any order; they then play the same account.

    Args:
        time_scale: Factor for the seconds of Wait states and retry intervals; 1 is real time.
        region: Name of the region to play.
        max_jobs: How many job processes run at a time. Defaults to the number of CPUs.
        runners: Job runners to ask before all others.
        enforce_iam: Whether executions are held to the role of their machine, and jobs and
            functions to their own. Those whose role the engine does not have are not, in either
            case; the notes of the result say so.
        instance_role: ARN of the role of the instances of Batch, which a job without a role of its
            own has, unless its compute environment names an instance profile that a deployment has
            made. Without it, such a job may do everything, which the notes of the result say. On
            Fargate, it has no credentials.
        job_timeout_scale: Factor for the seconds of the timeouts of jobs. Batch takes 60 seconds
            or more; with 0.01, a test of a job that hangs need not wait for them.
        isolation: What keeps jobs and functions apart from this machine: ``namespaces`` (a file
            tree, processes and a network of their own), ``landlock`` (they are refused what is not
            theirs), ``none`` (they may do what this user may), or ``auto``, the best that this
            machine has; where it has none, jobs and functions are refused.
        image_paths: Files and folders of this machine that jobs and functions may read, at their
            own paths, besides the system's, those of this Python and those of ``PATH``.
        allowed_hosts: Names of hosts that the services of the engine may send to, such as that of
            an SNS subscription to a URL. Without it, nothing leaves this machine.

    Raises:
        InvalidParametersError: Some parameters cannot work; all of them are named.

    Examples:
        >>> with Engine() as engine:  # doctest: +SKIP
        ...     engine.deploy(stack)
        ...     result = engine.execute({"source_path": "s3://a/", "destination_path": "s3://b/"})
        ...     result.raise_for_status()
    """

    def __init__(
        self,
        time_scale: float = 0.01,
        *,
        region: str = "us-east-1",
        max_jobs: int | None = None,
        runners: Iterable[JobRunner] = (),
        enforce_iam: bool = True,
        instance_role: str | None = None,
        job_timeout_scale: float = 1.0,
        isolation: str = "auto",
        image_paths: Iterable[str | Path] = (),
        allowed_hosts: Iterable[str] = (),
    ) -> None:
        """Keep the options; entering the context opens the engine."""
        image_paths = items_of(image_paths)
        allowed_hosts = items_of(allowed_hosts)
        require(
            "Engine",
            {
                "time_scale": time_scale,
                "region": region,
                "max_jobs": max_jobs,
                "enforce_iam": enforce_iam,
                "instance_role": instance_role,
                "job_timeout_scale": job_timeout_scale,
                "isolation": isolation,
                "image_paths": image_paths,
                "allowed_hosts": allowed_hosts,
            },
            _RULES,
        )
        self.time_scale = time_scale
        self.region = region
        self.account = ACCOUNT
        self._job_timeout_scale = job_timeout_scale
        self._isolation = isolation
        self._image_paths = tuple(str(path) for path in image_paths)
        self._allowed_hosts = frozenset(allowed_hosts)
        self._instance_role = instance_role
        self._max_jobs = max_jobs or os.cpu_count() or 1
        self._runners = tuple(runners)
        self._enforcement = IamEnforcement(self.account, region) if enforce_iam else None
        self._stack: ExitStack | None = None
        self._clients: dict[str, Any] = {}
        self._lock = RLock()
        self._machines: dict[str, str] = {}
        self._endpoint_url = ""
        self._access_key = new_access_key()

    def __enter__(self) -> Self:
        """Open the engine."""
        return self.open()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close it."""
        self.close()

    def open(self) -> Self:
        """Start serving; `close` must follow. The ``with`` statement does both.

        Raises:
            EngineError: It is open already.
            PluginError: A plugin cannot give its job runners.
        """
        if self._stack is not None:
            raise EngineError("this engine is open already; make another one")
        with ExitStack() as stack:
            folder = stack.enter_context(temporary_folder())
            enforcement = self._enforcement
            guard = None if enforcement is None else SessionGuard(enforcement)
            served = stack.enter_context(served_moto(guard))
            sessions = None if guard is None else RoleSessions(self.account, self.region)
            self._endpoint_url, self._access_key = served.endpoint_url, served.access_key
            containers = Containers(
                self._isolation, image_paths(self._image_paths), served.port, served.admit
            )
            inside = container_environment(self.environment)
            self._file_systems = FileSystems(folder / "file_systems", lambda: self.client("efs"))
            self._functions = functions = LambdaFunctions(
                folder / "functions", inside, self.region, containers, sessions
            )
            self._jobs = Jobs(
                folder / "jobs",
                inside,
                self._file_systems,
                containers,
                self.client,
                [*self._runners, *_plugin_runners(), HandlerRunner(), CommandRunner()],
                self._max_jobs,
                self._job_timeout_scale,
                sessions=sessions,
                instance_role=self._instance_role,
            )
            self._faults = Faults()
            self._change_process(stack, functions)
            stack.callback(self._close_clients)
            stack.enter_context(sending_to(self._allowed_hosts))
            stack.enter_context(intercepted_by(self._faults))
            # Leaving happens backwards: jobs and functions end first, so that executions waiting
            # for them can.
            stack.callback(self._stop_executions)
            stack.callback(self._jobs.close)
            stack.callback(functions.close)
            self._stack = stack.pop_all()
        return self

    def _change_process(self, own: ExitStack, functions: LambdaFunctions) -> None:
        """Let moto and the environment be this engine's.

        What is changed is one for the process, and each change lies over the one before. So they
        are undone in that order alone: those of an engine that closes before a younger one stay
        until that one closes too.
        """
        changes = ExitStack()
        with _changing, changes:
            changes.enter_context(replaced_environment(self.environment))
            changes.enter_context(functions_run_in(functions))
            self._interpreter: Interpreter = changes.enter_context(
                interpreter(self.account, self.region, self._endpoint_url, self.time_scale)
            )
            if self._enforcement is not None:
                changes.enter_context(enforced(self._enforcement))
            changes.enter_context(jobs_run_in(self._jobs))
            _open_engines.append(self)
            _changes.append((self, changes.pop_all()))
        own.callback(self._leave)

    def _stop_executions(self) -> None:
        last = [one for one in _open_engines if one is not self] == []
        arns = {one.arn for one in list(_executions) if one._interpreter is self._interpreter}
        self._interpreter.stop(None if last else arns)

    def close(self) -> None:
        """End what runs, delete all content and put the process back as it was."""
        if self._stack is None:
            return
        stack, self._stack = self._stack, None
        self._machines.clear()
        stack.close()

    def _leave(self) -> None:
        with _changing:
            _open_engines.remove(self)
            while _changes and _changes[-1][0] not in _open_engines:
                _changes.pop()[1].close()
            if not _open_engines:
                BackendDict.reset()

    def _close_clients(self) -> None:
        with self._lock:
            clients, self._clients = self._clients, {}
        for client in clients.values():
            client.close()

    @property
    def endpoint_url(self) -> str:
        """Where every service of the engine answers."""
        return self._endpoint_url

    @property
    def environment(self) -> dict[str, str]:
        """Environment variables for a process to talk to the engine, to add to its own."""
        return engine_environment(self._endpoint_url, self.region, self._access_key)

    def client(self, service: str) -> Any:
        """A boto3 client that talks to the engine.

        Args:
            service: Name of the service, such as ``s3``.

        Returns:
            The client; the same one for the same service.

        Raises:
            EngineError: The engine is not open.
        """
        with self._lock:
            if service not in self._clients:
                if not self._endpoint_url or self not in _open_engines:
                    raise EngineError(_NOT_OPEN)
                client = new_client(
                    service,
                    region_name=self.region,
                    endpoint_url=self._endpoint_url,
                    aws_access_key_id=self._access_key.id,
                    aws_secret_access_key=self._access_key.secret,
                    config=Config(
                        max_pool_connections=50,
                        proxies={},
                        s3={"addressing_style": "path"},
                        # An answer that fails here fails again.
                        retries={"total_max_attempts": 1},
                        # Else botocore makes one of many parts, for each call.
                        user_agent="sfn-fragments",
                    ),
                )
                answer_directly(client)
                self._clients[service] = client
            return self._clients[service]

    def deploy(
        self,
        source: aws_cdk.Stack | aws_cdk.Stage | Mapping[str, Any] | str | Path,
        *,
        name: str | None = None,
        parameters: Mapping[str, Any] | None = None,
        resources: Mapping[str, Mapping[str, Any]] | None = None,
        checked: bool = True,
    ) -> Deployment:
        """Deploy a stack with what it depends on, all stacks of an app, or a template.

        A stack that is there already is brought up to date. Left out, with a note in the
        deployment's ``skipped``, are resources that cannot matter for a run, custom resources,
        and those of types that the engine does not know, unless something refers to them. Of its
        assets, the code of Lambda functions is there, definitions of state machines, templates of
        nested stacks, and the files of a ``BucketDeployment``.

        Args:
            source: A CDK stack or app, a template as a dict, or the path of a template file or
                of a cloud assembly folder.
            name: Stack name for a template that is a dict. Without it, each one is a new stack.
            parameters: Values of the template's parameters, by ``Name``, or ``Stack:Name`` for
                one stack only, as the CDK CLI takes them.
            resources: What the engine cannot make and something refers to, such as a custom
                resource: logical id, construct path or ``Stack/LogicalId``, to what ``Ref`` and
                its attributes are (``{"Lookup": {"Ref": "id-1", "Arn": "arn:aws:..."}}``).
            checked: Whether to refuse a state machine in which the rules of
                `sfn_fragments_asl.checks` find an error, as AWS refuses it. False deploys
                what the interpreter takes.

        Returns:
            What was deployed.

        Raises:
            DeploymentError: It cannot be read, or the engine cannot make one of its resources,
                which the message names, with stack, property and the way out. What was made
                before stays, and the next deployment goes on from there.

        Examples:
            >>> deployment = engine.deploy(
            ...     app, parameters={"Network:Cidr": "10.1.0.0/16"}
            ... )  # doctest: +SKIP
            >>> deployment.physical_id(storage.results.node.path)  # doctest: +SKIP
        """
        templates = read_templates(source, name or f"stack-{uuid.uuid4().hex[:8]}")
        target = Target(
            self.client, self.account, self.region, parameters or {}, resources or {}, checked
        )
        deployments = deploy_templates(templates, target)
        for deployment in deployments:
            self._know_machines(deployment)
        return merged(deployments)

    def _know_machines(self, deployment: Deployment) -> None:
        for logical_id, arn in deployment.state_machines.items():
            self._machines[logical_id] = arn
            self._machines[f"{deployment.stacks[0]}/{logical_id}"] = arn
        for path, logical_id in deployment.paths.items():
            if logical_id not in deployment.state_machines:
                continue
            arn = deployment.state_machines[logical_id]
            self._machines[path] = arn
            # The path as the stack's own constructs see it.
            self._machines.setdefault(path.partition("/")[2], arn)

    def state_machine_arn(self, state_machine: str | None = None) -> str:
        """The ARN of a state machine.

        Args:
            state_machine: Its name, ARN, logical id or construct path. May be left out if there
                is one only.

        Raises:
            EngineError: There is none such, or it was left out and there are several.
        """
        pages = self.client("stepfunctions").get_paginator("list_state_machines").paginate()
        arns = {
            one["name"]: one["stateMachineArn"] for page in pages for one in page["stateMachines"]
        }
        if state_machine is None:
            if len(arns) == 1:
                return str(next(iter(arns.values())))
            what = "there are several" if arns else "there is none; deploy one first"
            raise EngineError(f"state_machine: which one? {what}{_listed(arns)}")
        arn = arns.get(state_machine) or self._machines.get(state_machine, state_machine)
        if arn not in arns.values():
            raise EngineError(f"state_machine: there is no {state_machine!r}{_listed(arns)}")
        return str(arn)

    def start(
        self,
        input: Any = None,
        state_machine: str | None = None,
        name: str | None = None,
    ) -> Execution:
        """Start an execution.

        Args:
            input: Its input, anything that JSON can hold. Defaults to an empty object.
            state_machine: Name, ARN, logical id or construct path of the state machine. May be
                left out if there is one only.
            name: Name of the execution. Defaults to a new one.

        Returns:
            The running execution.

        Raises:
            EngineError: There is no such state machine, or the execution cannot be started.
        """
        arn = self.state_machine_arn(state_machine)
        try:
            given = input_text({} if input is None else input)
        except ValueError as error:
            raise EngineError(f"input of an execution of {arn}: {error}") from error
        states = self.client("stepfunctions")
        with _starting:
            self._forget_old()
            try:
                started = states.start_execution(
                    stateMachineArn=arn,
                    name=name or f"run-{uuid.uuid4()}",
                    input=given,
                )
            except ClientError as error:
                raise EngineError(f"execution {name!r} of {arn}: {error}") from error
            return self._execution(started["executionArn"])

    def redrive(self, execution_arn: str) -> Execution:
        """Let an execution that did not succeed go on with the state that failed.

        A Parallel or Map state begins anew as a whole, where AWS runs what failed of it alone.

        Args:
            execution_arn: Its ARN.

        Returns:
            The running execution, with the history that it has had.

        Raises:
            EngineError: It runs, or has succeeded.

        Examples:
            ```python
            failed = engine.execute({"sample": "A1"}, "dev-x-align")
            ...
            result = engine.redrive(failed.arn).wait()
            ```
        """
        with _starting:
            try:
                self.client("stepfunctions").redrive_execution(executionArn=execution_arn)
            except ClientError as error:
                raise EngineError(str(error)) from error
            return self._execution(execution_arn)

    def _execution(self, execution_arn: str) -> Execution:
        states, batch = self.client("stepfunctions"), self.client("batch")
        execution = Execution(
            execution_arn,
            self._interpreter,
            lambda arn: states.stop_execution(executionArn=arn),
            lambda job_id, reason: batch.terminate_job(jobId=job_id, reason=reason),
            self._jobs.records,
            self._may_end,
            self._note_of,
            self._known,
        )
        _executions.add(execution)
        return execution

    def _forget_old(self) -> None:
        self._interpreter.forget_ended_threads()
        # Results are read from what would be forgotten, of nested executions too.
        if self._interpreter.idle and all(execution.read for execution in _executions):
            self._interpreter.forget_executions(KEPT)
            self._jobs.forget(KEPT)
            forget_job_definitions(self.account, self.region, KEPT)

    def _may_end(self, execution_arn: str, action: str, resource: str) -> bool:
        if self._enforcement is None:
            return True
        role = self._interpreter.role(execution_arn)
        return self._enforcement.refusal(role, [Request(action, resource)]) is None

    def _known(self, executions: Collection[str]) -> Known:
        granted = None if self._enforcement is None else self._enforcement.granted
        secrets = known_secrets(self.account, self.region) | {self._access_key.secret}
        return Known(
            functions=self._functions.calls,
            permissions=() if granted is None else granted.permissions(executions),
            secrets=frozenset(secrets | self._jobs.secret_values | self._functions.secret_values),
            time_scale=self.time_scale,
        )

    def _note_of(self, execution_or_function: str) -> str | None:
        if self._enforcement is None:
            return None
        if execution_or_function.startswith("arn:"):
            role = self._interpreter.role(execution_or_function)
        else:
            functions = self.client("lambda")
            try:
                known = functions.get_function_configuration(FunctionName=execution_or_function)
            except ClientError:  # there is none, or none any more
                return None
            role = str(known["Role"])
        return None if known_role(role) else unknown_role(role)

    def execute(
        self,
        input: Any = None,
        state_machine: str | None = None,
        name: str | None = None,
        timeout: float = 600,
    ) -> ExecutionResult:
        """Start an execution and wait for its end.

        Args:
            input: Its input, anything that JSON can hold. Defaults to an empty object.
            state_machine: Name, ARN, logical id or construct path of the state machine. May be
                left out if there is one only.
            name: Name of the execution. Defaults to a new one.
            timeout: Seconds to wait; an execution that takes longer is stopped.

        Returns:
            Its result, whatever its status is.

        Raises:
            EngineError: There is no such state machine, or the execution cannot be started.
            TimeoutError: It took too long.
        """
        execution = self.start(input, state_machine, name)
        try:
            return execution.wait(timeout)
        except TimeoutError:
            execution.stop()
            execution.tell_watchers()
            raise TimeoutError(
                f"execution {execution.name!r} of {execution.state_machine!r} was stopped after "
                f"{timeout} s; give a longer timeout, or use start() and wait()"
            ) from None
        except BaseException:
            execution.stop()
            raise

    def fail(
        self,
        call: str,
        error: str,
        *,
        times: int | None = None,
        state: str | None = None,
        message: str | None = None,
    ) -> Fault:
        """Let service calls of states fail, to see what a state machine makes of it.

        The calls that jobs, functions and this engine's own clients make do not fail. Of several
        faults for the same call, the one made first is used up first. All faults are gone when
        the engine closes.

        Args:
            call: ``<service>:<Action>``, as IAM, the API or the ARN of a task names it:
                ``batch:SubmitJob``, ``batch:submitJob``, ``states:StartExecution``,
                ``s3:GetObject``. The reader and the writer of a
                distributed Map call S3 too.
            error: Error code of the API, such as ``TooManyRequestsException``, of which the state
                makes a name as it does on AWS (``Batch.TooManyRequestsException``); or a whole
                name with a dot, such as ``S3.SdkClientException``, which it reports as it is.
            times: How many calls fail; None for all until the fault is withdrawn.
            state: Name of the state whose calls fail, which a state machine must have if any is
                deployed; None for all states, also in nested executions.
            message: What the error says, which becomes a part of the state's cause.

        Returns:
            The fault, which tells how many calls it has failed. As a context manager it withdraws
            itself.

        Raises:
            EngineError: The engine is not open.
            InvalidParametersError: There is no such service, action or state, or an argument
                cannot work; all of them are named.

        Examples:
            >>> throttled = engine.fail(
            ...     "batch:SubmitJob", "TooManyRequestsException", times=2
            ... )  # doctest: +SKIP
            >>> engine.execute(request).raise_for_status()  # doctest: +SKIP
            >>> assert throttled.failed == 2  # doctest: +SKIP
        """
        if self._stack is None:
            raise EngineError(_NOT_OPEN)
        known = set() if state is None else self._state_names()
        return self._faults.add(Fault(call, error, times, state, message, known))

    def _state_names(self) -> set[str]:
        """The names of the states of all state machines."""
        states = self.client("stepfunctions")
        pages = states.get_paginator("list_state_machines").paginate()
        return {
            state.name
            for page in pages
            for one in page["stateMachines"]
            for state in Machine(
                json.loads(
                    states.describe_state_machine(stateMachineArn=one["stateMachineArn"])[
                        "definition"
                    ]
                )
            ).every_state()
        }

    @property
    def jobs(self) -> list[JobRecord]:
        """The jobs, in the order of submission; of those that have ended, at least the newest 100.

        The jobs of an execution are in its result, however many there have been since.
        """
        return self._jobs.records()

    def interrupt_job(
        self, job_id: str, reason: str = "Host EC2 (instance i-0123456789abcdef0) terminated."
    ) -> None:
        """Take away what a running job runs on, as Spot does; its retry strategy says what follows.

        Args:
            job_id: Its id.
            reason: Status reason of the attempt; on Fargate, ``Your Spot Task was interrupted.``

        Raises:
            JobError: There is no such job, or it does not run.

        Examples:
            ```python
            execution = engine.start({"sample": "A1"}, "dev-x-align")
            ...
            engine.interrupt_job(engine.jobs[-1].id)
            ```
        """
        self._jobs.interrupt(job_id, reason)

    def job_definitions(self, status: str | None = "ACTIVE") -> list[dict[str, Any]]:
        """The job definitions.

        Args:
            status: ``ACTIVE``, ``INACTIVE``, or None for all.

        Returns:
            Them as DescribeJobDefinitions shows them.
        """
        arguments = {} if status is None else {"status": status}
        definitions: list[dict[str, Any]] = self.client("batch").describe_job_definitions(
            **arguments
        )["jobDefinitions"]
        return definitions

    def create_job_queue(self, name: str) -> str:
        """Make a job queue and what it needs.

        Args:
            name: Name of the queue.

        Returns:
            Its ARN; that of the existing one if there is one.

        Raises:
            EngineError: Batch takes no such name.
        """
        if not isinstance(name, str) or not _QUEUE_NAME.fullmatch(name):
            raise EngineError(
                f"create_job_queue {name!r}: give 1 to 128 letters, digits, hyphens and underscores"
            )
        batch = self.client("batch")
        known = batch.describe_job_queues(jobQueues=[name])["jobQueues"]
        if known:
            return str(known[0]["jobQueueArn"])
        environment = create_compute_environment(self.client, "local")
        made = batch.create_job_queue(
            jobQueueName=name,
            state="ENABLED",
            priority=1,
            computeEnvironmentOrder=[{"order": 1, "computeEnvironment": environment}],
        )
        return str(made["jobQueueArn"])

    def create_bucket(self, name: str) -> None:
        """Make a bucket, unless it is there.

        Args:
            name: Name of the bucket.

        Raises:
            EngineError: S3 takes no such name.
        """
        s3 = self.client("s3")
        if name in {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}:
            return
        options: dict[str, Any] = {}
        if self.region != "us-east-1":
            options["CreateBucketConfiguration"] = {"LocationConstraint": self.region}
        with _naming(f"create_bucket {name!r}"):
            s3.create_bucket(Bucket=name, **options)

    def upload(
        self,
        bucket: str,
        folder: str | Path,
        prefix: str = "",
        *,
        watcher: CopyWatcher | None = None,
    ) -> int:
        """Put every file of a folder into a bucket; see `objects.upload_folder`.

        Args:
            bucket: Name of an existing bucket.
            folder: The folder; keys are the paths below it. Links are followed.
            prefix: Put before each key.
            watcher: Is told how it goes on.

        Returns:
            The number of files.

        Raises:
            EngineError: There is no such bucket.
            FragmentsError: There is no such folder, or the prefix cannot begin a key.
            TransferError: Some files were left out, which it names; the others are uploaded.
        """
        with _naming(f"upload to {bucket!r}"):
            place = Bucket(self.client("s3"), self.account, self.region, bucket)
            return upload_folder(place, Path(folder), prefix, watcher)

    def download(
        self,
        bucket: str,
        folder: str | Path,
        prefix: str = "",
        *,
        overwrite: bool = False,
        watcher: CopyWatcher | None = None,
    ) -> int:
        """Get every object of a bucket into a folder; see `objects.download_folder`.

        Args:
            bucket: Name of an existing bucket.
            folder: The folder, made if missing.
            prefix: Only keys that start so; it is cut off.
            overwrite: Whether files that are there and differ are replaced.
            watcher: Is told how it goes on.

        Returns:
            The number of files, those counted that were there with the same content.

        Raises:
            EngineError: There is no such bucket.
            OSError: The folder cannot be made.
            TransferError: Some were left out, which it names; the others are there. Keys that
                cannot be files on this system are, and files that are there and differ.
        """
        with _naming(f"download from {bucket!r}"):
            place = Bucket(self.client("s3"), self.account, self.region, bucket)
            return download_folder(
                place, Path(folder), prefix, overwrite=overwrite, watcher=watcher
            )

    def file_system_folder(self, file_system_id: str) -> Path:
        """The local folder that holds the content of an EFS file system.

        Args:
            file_system_id: Id of an existing file system.

        Raises:
            FileSystemError: There is none such.
        """
        return self._file_systems.folder(file_system_id)


@contextmanager
def _naming(what: str) -> Iterator[None]:
    """Say what was wanted, where a service or its client refuses it."""
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise EngineError(f"{what}: {error}") from error


def _plugin_runners() -> list[JobRunner]:
    return get_registry().offers("sfn_fragments_job_runners", JobRunner)


def _listed(names: Iterable[str]) -> str:
    listed = ", ".join(sorted(names))
    return f" (there are: {listed})" if listed else ""
