"""Runs the published Lambda handlers of ``aibs-informatics-aws-lambda`` as Batch jobs.

The one place of this distribution that names that package. Its licence forbids commercial use
without permission, so it must be easy to swap.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sfn_fragments_local.jobs import JobRequest

#: The module that reads what to run from the environment.
ENTRY_POINT = "aibs_informatics_aws_lambda.main"

#: What importing the entry point takes its time for: libraries, none of them the user's. Not the
#: entry point itself, which runs as the main module.
MODULES = (
    "aibs_informatics_aws_lambda.common.handler",
    "aibs_informatics_aws_lambda.common.models",
    "aibs_informatics_aws_utils.s3",
    "boto3.s3.inject",
    "s3transfer.manager",
    "argparse",
    "sfn_fragments_local.service_models",
)


class HandlerRunner:
    """Runs a job that names a Lambda handler, with the handlers installed here."""

    name = "lambda handler"
    modules = MODULES

    def accepts(self, job: JobRequest) -> bool:
        """Whether the job's environment names a handler."""
        return "AWS_LAMBDA_FUNCTION_HANDLER" in job.environment

    def command(self, _job: JobRequest) -> list[str]:
        """The handlers' entry point in this Python; it reads the rest from the environment."""
        return [sys.executable, "-m", "sfn_fragments_local.handler_main"]
