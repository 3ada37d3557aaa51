"""Runs one invocation of a Python Lambda function, as AWS's runtime does.

``python lambda_process.py SPECIFICATION`` with the event on standard input, where SPECIFICATION is
a JSON object: ``handler``, ``timeout`` in seconds, and ``context`` (attributes of the handler's
second argument). The current folder holds the code. Writes the response, or the error, to
descriptor ``RESULT`` and exits with 0 for a response and with ``FAILED`` for an error. Imports the
standard library only, since the function's own modules come after it.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import Any

#: Exit code for "the result is an error".
FAILED = 1

#: The descriptor of the file for the result.
RESULT = 3


class _Context:
    def __init__(self, attributes: dict[str, Any], timeout: float) -> None:
        self.__dict__.update(attributes)
        self.identity = None
        self.client_context = None
        self._ends = time.monotonic() + timeout

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self._ends - time.monotonic()) * 1000))


class _InvocationError(Exception):
    """What the runtime itself has to complain about."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def _load(qualified_name: str) -> Any:
    module_name, _, name = qualified_name.rpartition(".")
    if not module_name:
        raise _InvocationError(
            "Runtime.MalformedHandlerName", f"Bad handler {qualified_name!r}: not enough values"
        )
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        raise _InvocationError(
            "Runtime.ImportModuleError", f"Unable to import module '{module_name}': {error}"
        ) from error
    except SyntaxError as error:
        raise _InvocationError(
            "Runtime.UserCodeSyntaxError", f"Syntax error in module '{module_name}': {error}"
        ) from error
    try:
        return getattr(module, name)
    except AttributeError:
        raise _InvocationError(
            "Runtime.HandlerNotFound", f"Handler '{name}' missing on module '{module_name}'"
        ) from None


def _described(error: BaseException) -> dict[str, Any]:
    if isinstance(error, _InvocationError):
        return {"errorMessage": str(error), "errorType": error.kind, "stackTrace": []}
    # The first frames are those of this file.
    frames = [
        frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename != __file__
    ]
    return {
        "errorMessage": str(error),
        "errorType": type(error).__name__,
        "stackTrace": traceback.format_list(frames),
    }


def _write(result: int, value: Any) -> None:
    with os.fdopen(result, "wb", closefd=False) as file:
        file.write((value if isinstance(value, str) else json.dumps(value)).encode())


def _end_in_time(result: int, timeout: float) -> None:
    message = f"Error: Task timed out after {timeout:.2f} seconds"
    _write(result, {"errorMessage": message, "errorType": "Sandbox.Timedout"})
    sys.stdout.flush()
    # Not sys.exit: that would end this thread alone.
    os._exit(FAILED)


def _invoke(specification: dict[str, Any], event: Any, result: int) -> str:
    handler = _load(specification["handler"])
    timeout = float(specification["timeout"])
    # As on AWS, loading the module does not count.
    watch = threading.Timer(timeout, _end_in_time, [result, timeout])
    watch.daemon = True
    watch.start()
    try:
        response = handler(event, _Context(specification["context"], timeout))
    finally:
        watch.cancel()
    try:
        return json.dumps(response)
    except (TypeError, ValueError) as error:
        raise _InvocationError(
            "Runtime.MarshalError", f"Unable to marshal response: {error}"
        ) from error


def main(argument: str) -> int:
    """Invoke the handler and write what comes of it.

    Args:
        argument: The specification.

    Returns:
        0, or ``FAILED``.
    """
    specification = json.loads(argument)
    event = json.load(sys.stdin)
    # The folder of this file gives way to the function's code.
    sys.path[0] = str(Path.cwd())
    # Out of the way of the function and of what it starts.
    result = os.dup(RESULT)
    os.close(RESULT)
    try:
        response = _invoke(specification, event, result)
    except SystemExit as error:
        message = f"Error: Runtime exited with error: exit status {error.code}"
        _write(result, {"errorMessage": message, "errorType": "Runtime.ExitError"})
        return FAILED
    except BaseException as error:  # whatever the handler raises is its result
        traceback.print_exc()
        _write(result, _described(error))
        return FAILED
    _write(result, response)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
