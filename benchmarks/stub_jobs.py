"""Jobs that answer at once, in place of the published handlers."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sfn_fragments_local import JobRequest

# Plain HTTP, since importing an SDK takes longer than all the rest.
_CALL = """
import json, os, urllib.request

def call(location, **options):
    url = os.environ["AWS_ENDPOINT_URL"] + "/" + location.removeprefix("s3://")
    request = urllib.request.Request(url, **options)
    # The key alone says whose request it is; the engine looks at no signature.
    credential = f"Credential={os.environ['AWS_ACCESS_KEY_ID']}/20260101/us-east-1/s3/aws4_request"
    request.add_header("Authorization", "AWS4-HMAC-SHA256 " + credential)
    request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request) as answer:
        return answer.read()

event = os.environ["AWS_LAMBDA_EVENT_PAYLOAD"]
response = os.environ["AWS_LAMBDA_EVENT_RESPONSE_LOCATION"]
"""
_ECHO = _CALL + "call(response, data=call(event), method='PUT')"
_RESPOND = _CALL + "call(response, data=b'{\"result\": {}}', method='PUT')"


def _command(script: str) -> list[str]:
    return [sys.executable, "-S", "-E", "-c", script]


class EchoRunner:
    """Runs any handler's job by a script that answers with the request."""

    name = "echo"

    def accepts(self, job: JobRequest) -> bool:
        """Whether it is a handler's job."""
        return "AWS_LAMBDA_FUNCTION_HANDLER" in job.environment

    def command(self, job: JobRequest) -> list[str]:  # noqa: ARG002 - the script finds it in its environment
        """The script."""
        return _command(_ECHO)


class AnsweringRunner:
    """Runs some handlers' jobs by a script that just answers.

    Args:
        part: Part of the names of these jobs.
    """

    name = "answering"

    def __init__(self, part: str) -> None:
        self._part = part

    def accepts(self, job: JobRequest) -> bool:
        """Whether it is such a job."""
        return self._part in job.name

    def command(self, job: JobRequest) -> list[str]:  # noqa: ARG002 - its script asks for nothing of the job
        """The script."""
        return _command(_RESPOND)
