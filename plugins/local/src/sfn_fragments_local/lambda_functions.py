"""Lambda functions as local processes, in place of moto's Docker containers.

Written for moto 5.2.5, whose `LambdaFunction` keeps the code and says how to invoke it.
"""

from __future__ import annotations

import hashlib
import io
import json
import sys
import tempfile
import time
import uuid
import zipfile
from collections import deque
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING, Any

from moto.awslambda.exceptions import InvalidParameterValueException
from moto.awslambda.models import LambdaFunction, LambdaStorage

from sfn_fragments.errors import FragmentsError
from sfn_fragments_asl.runs.model import FunctionCall
from sfn_fragments_local import lambda_process
from sfn_fragments_local.containers import Command, Mount
from sfn_fragments_local.launching.trees import remove_tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from sfn_fragments_local.containers import Containers
    from sfn_fragments_local.iam_enforcement import RoleSessions
    from sfn_fragments_local.launching.launcher import Process

#: Bucket of the code of functions; CDK's own for assets belongs to an account's bootstrap stack.
CODE_BUCKET = "sfn-fragments-function-code"

#: Where a function has its code.
_CODE = "/var/task"

#: Seconds for starting Python and loading the function's modules, besides its own timeout.
_START = 60

#: How many calls are remembered, and how much of what each wrote, in characters from its end.
_CALLS, _LOG_TAIL = 1_000, 64 * 1024

#: Stands for the runtime of a function that is a container image.
CONTAINER_IMAGE = "container image"

#: Stands for the code of a function whose code was not found.
NO_CODE = "code-is-unknown"


class LambdaFunctions:
    """Invokes functions.

    Args:
        folder: Folder for their code.
        environment: Variables that every function gets, above its own.
        region: Name of the region that they run in.
        containers: What starts their processes.
        sessions: Gives them the credentials of their roles; they then may do what those allow, and
            no more. None lets them do everything.
    """

    def __init__(
        self,
        folder: Path,
        environment: Mapping[str, str],
        region: str,
        containers: Containers,
        sessions: RoleSessions | None = None,
    ) -> None:
        """Nothing runs yet."""
        self._folder = folder
        # https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
        regions = {"AWS_REGION": region, "AWS_DEFAULT_REGION": region}
        self._environment = {**environment, **regions}
        self._containers = containers
        self._sessions = sessions
        self._lock = Lock()
        self._closed = False
        self._processes: set[Process] = set()
        self._calls: deque[FunctionCall] = deque(maxlen=_CALLS)
        #: The values of the credentials that functions were given.
        self.secret_values: set[str] = set()

    @property
    def calls(self) -> list[FunctionCall]:
        """The newest calls that have ended, oldest first."""
        return list(self._calls)

    def invoke(self, function: Any, event: Any) -> tuple[str, bool, str]:
        """Invoke a function, wait for its end and remember it.

        Args:
            function: moto's `LambdaFunction`.
            event: The event, or its JSON.

        Returns:
            The response or the error as JSON; whether it is an error; what the function wrote.
        """
        started = time.time()
        answer, failed, written = self._invoke(function, event)
        self._calls.append(
            FunctionCall(
                name=str(function.function_name),
                failed=failed,
                started=started,
                stopped=time.time(),
                event=_json_text(event),
                answer=answer,
                handler=str(function.handler),
                environment={
                    name: str(value) for name, value in (function.environment_vars or {}).items()
                },
                log=written[-_LOG_TAIL:],
                log_size=len(written.encode()),
            )
        )
        return answer, failed, written

    def _invoke(self, function: Any, event: Any) -> tuple[str, bool, str]:
        problem = _unsupported(function)
        code = self._folder if problem else self._code(function)
        if not problem and (code / NO_CODE).exists():
            problem = (
                f"the code of function {function.function_name!r} is not part of what was "
                "deployed; deploy the CDK stack, the app or its cloud assembly folder"
            )
        if not problem:
            body = _json_text(event)
            request_id = str(uuid.uuid4())
            private = self._folder / request_id
            private.mkdir()
            try:
                return self._run(function, self._command(function, code, request_id), body, private)
            except FragmentsError as failure:
                problem = f"function {function.function_name!r}: {failure}"
            finally:
                remove_tree(private)
        error = {"errorMessage": problem, "errorType": "Runtime.Unsupported"}
        return json.dumps(error), True, problem

    def _command(self, function: Any, code: Path, request_id: str) -> Command:
        specification = {
            "handler": function.handler,
            "timeout": int(function.timeout),
            "context": self._context(function, request_id),
        }
        # Elsewhere a folder cannot be shown at another path.
        mounted = self._containers.isolation() == "namespaces"
        folder = _CODE if mounted else str(code)
        return Command(
            arguments=(sys.executable, lambda_process.__file__, json.dumps(specification)),
            environment=self._variables(function, folder),
            mounts=(Mount(code, _CODE, read_only=True),) if mounted else (),
            readable=() if mounted else (str(code),),
            working_folder=folder,
        )

    def _run(
        self, function: Any, command: Command, body: str, private: Path
    ) -> tuple[str, bool, str]:
        # Files, not pipes: what the function leaves running could keep those open.
        with (
            tempfile.TemporaryFile() as event,
            tempfile.TemporaryFile() as output,
            tempfile.TemporaryFile() as result,
        ):
            event.write(body.encode())
            event.seek(0)
            files = [one.fileno() for one in (event, output, output, result)]
            process = self._containers.start(command, private, files)
            with self._lock:
                self._processes.add(process)
                if self._closed:
                    process.kill()
            try:
                exit_code = process.wait(int(function.timeout) + _START)
                if exit_code is None:
                    process.kill()
                    exit_code = process.wait()
            finally:
                with self._lock:
                    self._processes.discard(process)
                process.close()
            for file in (output, result):
                file.seek(0)
            answer, written = result.read().decode(), output.read().decode(errors="replace")
        # What was killed while it wrote has written a part.
        if exit_code not in (0, lambda_process.FAILED) or not answer:
            message = f"Error: Runtime exited with error: exit status {exit_code}"
            answer = json.dumps({"errorMessage": message, "errorType": "Runtime.ExitError"})
            exit_code = lambda_process.FAILED
        return answer, exit_code != 0, written

    def close(self) -> None:
        """End what still runs, and whatever else is invoked."""
        with self._lock:
            self._closed = True
            running = list(self._processes)
        for process in running:
            process.kill()

    def _code(self, function: Any) -> Path:
        """The folder that the function's code is unpacked in."""
        folder = self._folder / hashlib.sha256(function.code_bytes).hexdigest()
        with self._lock:
            if not folder.exists():
                unfinished = folder.with_suffix(".unfinished")
                unfinished.mkdir(parents=True)
                with zipfile.ZipFile(io.BytesIO(function.code_bytes)) as archive:
                    archive.extractall(unfinished)
                unfinished.rename(folder)
        return folder

    def _variables(self, function: Any, code: str) -> dict[str, str]:
        own = {
            name: str(value)
            for name, value in (function.environment_vars or {}).items()
            # These would lead away from the engine.
            if not name.startswith("AWS_ENDPOINT_URL") and name != "AWS_PROFILE"
        }
        sessions = self._sessions
        credentials: Mapping[str, str] = {}
        if sessions is not None:
            arn = function.function_arn
            credentials = sessions.variables(function.role, "lambda.amazonaws.com", arn)
        self.secret_values.update(
            credentials[name]
            for name in ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
            if name in credentials
        )
        return {
            **own,
            **self._environment,
            **credentials,
            "_HANDLER": function.handler,
            "LAMBDA_TASK_ROOT": code,
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{function.run_time}",
            "AWS_LAMBDA_FUNCTION_NAME": function.function_name,
            "AWS_LAMBDA_FUNCTION_VERSION": str(function.version),
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_size),
            "AWS_LAMBDA_LOG_GROUP_NAME": function.logs_group_name,
        }

    @staticmethod
    def _context(function: Any, request_id: str) -> dict[str, Any]:
        return {
            "function_name": function.function_name,
            "function_version": str(function.version),
            "invoked_function_arn": function.function_arn,
            "memory_limit_in_mb": str(function.memory_size),
            "aws_request_id": request_id,
            "log_group_name": function.logs_group_name,
            "log_stream_name": request_id,
        }


def _json_text(event: Any) -> str:
    """An event as JSON; moto gives some as they are, and some as JSON already."""
    if isinstance(event, str):
        try:
            json.loads(event)
        except ValueError:  # a text
            return json.dumps(event)
        return event
    return json.dumps(event)


def _unsupported(function: Any) -> str | None:
    """Why a function cannot run here, if it cannot."""
    name = function.function_name
    if function.run_time == CONTAINER_IMAGE:
        return (
            f"function {name!r} is a container image; the local engine runs functions of Python "
            "code (inline or a code asset)"
        )
    if not str(function.run_time).startswith("python"):
        return (
            f"function {name!r} has the runtime {function.run_time!r}; the local engine runs "
            "Python functions only"
        )
    return None


@contextmanager
def functions_run_in(functions: LambdaFunctions) -> Iterator[None]:
    """Have every invocation of the ``with`` block run as a local process.

    Args:
        functions: What invokes them.

    Yields:
        Nothing.
    """
    # Through Any, since the type of moto's method names other arguments.
    model: Any = LambdaFunction
    original = model._invoke_lambda

    def invoke(self: Any, event: Any = None) -> tuple[str, bool, str]:
        answer, failed, output = functions.invoke(self, {} if event is None else event)
        if output:
            self.logs_backend.ensure_log_group(self.logs_group_name)
            self.save_logs(output)
        return answer, failed, output

    def put(self: Any, function: Any) -> None:
        try:
            put_function(self, function)
        except InvalidParameterValueException:
            # The engine does not have its role, as it need not have those of machines and jobs.
            known = self._functions.setdefault(function.function_name, {"versions": []})
            known["latest"] = self._arns[function.function_arn] = function

    storage: Any = LambdaStorage
    put_function = storage.put_function
    model._invoke_lambda, storage.put_function = invoke, put
    try:
        yield
    finally:
        model._invoke_lambda, storage.put_function = original, put_function


def provide_code(
    properties: dict[str, Any], assets: Mapping[str, Path], client: Callable[[str], Any]
) -> None:
    """Put a function's code where moto finds it, and change its properties accordingly.

    Args:
        properties: Properties of an ``AWS::Lambda::Function``, changed in place.
        assets: Key of an asset in its bucket, to the file or folder of the cloud assembly.
        client: Returns a boto3 client of the engine for a service.
    """
    code = properties.get("Code") or {}
    if "ImageUri" in code or properties.get("PackageType") == "Image":
        # moto would look the image up in its own registry.
        properties["Runtime"] = CONTAINER_IMAGE
        properties.pop("PackageType", None)
    properties.setdefault("Handler", "index.handler")
    archive = _archive(code, assets)
    key = f"{hashlib.sha256(archive).hexdigest()}.zip"
    s3 = client("s3")
    if CODE_BUCKET not in {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}:
        region = s3.meta.region_name
        where: dict[str, Any] = (
            {}
            if region == "us-east-1"
            else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        )
        s3.create_bucket(Bucket=CODE_BUCKET, **where)
    s3.put_object(Bucket=CODE_BUCKET, Key=key, Body=archive)
    # In S3 even where it is inline: moto's update of a function takes inline code for a ZIP.
    properties["Code"] = {"S3Bucket": CODE_BUCKET, "S3Key": key}


def _archive(code: Mapping[str, Any], assets: Mapping[str, Path]) -> bytes:
    key, inline = code.get("S3Key"), code.get("ZipFile")
    path = assets.get(key) if isinstance(key, str) else None
    if path is not None and path.is_file():
        return path.read_bytes()
    archive_bytes = io.BytesIO()
    with zipfile.ZipFile(archive_bytes, "w", zipfile.ZIP_DEFLATED) as archive:
        if path is not None:
            for file in sorted(path.rglob("*")):
                if file.is_file():
                    _add(archive, file.relative_to(path).as_posix(), file.read_bytes())
        elif isinstance(inline, str):
            _add(archive, "index.py", inline.encode())
        else:
            _add(archive, NO_CODE, b"")
    return archive_bytes.getvalue()


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    # Without the time of day the same code has the same hash.
    archive.writestr(zipfile.ZipInfo(name), content)
