"""The states that run a Lambda handler as a job, for any fragment that does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk import Aws

from sfn_fragments_batch.job_states import JobStates
from sfn_fragments_batch.names import asked_once

if TYPE_CHECKING:
    from aws_cdk.aws_stepfunctions import Chain

    from sfn_fragments.fragments import EnvBaseStateMachineFragment
    from sfn_fragments_batch.settings import Settings


def handler_states(
    fragment: EnvBaseStateMachineFragment, settings: Settings, payload_path: str
) -> Chain:
    """Run the handler that the settings name, and pass on its response.

    Args:
        fragment: The fragment that holds the states.
        settings: Those of `JobStates`, and ``handler``.
        payload_path: Reference path of the event in the input.

    Returns:
        The chain. Its output is the handler's response.
    """
    states = JobStates(fragment, settings)
    return states.with_payload(
        payload_path,
        {
            **handler_environment(fragment, settings),
            **event_environment(states.uri("request"), states.uri("response")),
        },
    )


def place_environment(fragment: EnvBaseStateMachineFragment) -> dict[str, Any]:
    """What tells a job where it is: Batch on EC2 sets no region, and never an account.

    The handlers of ``aibs-informatics-aws-lambda`` read ``AWS_REGION``, boto3 the other variable.

    Args:
        fragment: The fragment that runs the job.

    Returns:
        Environment variables, name to value.
    """
    return {
        "env_base": fragment.env_base,
        "AWS_REGION": asked_once(Aws, "REGION"),
        "AWS_DEFAULT_REGION": asked_once(Aws, "REGION"),
        "AWS_ACCOUNT_ID": asked_once(Aws, "ACCOUNT_ID"),
    }


def handler_environment(
    fragment: EnvBaseStateMachineFragment, settings: Settings
) -> dict[str, Any]:
    """What tells the entry point of ``aibs-informatics-aws-lambda`` which handler to run.

    Args:
        fragment: The fragment that runs the job.
        settings: Settings with ``name`` and ``handler``.

    Returns:
        Environment variables, name to value.
    """
    return {
        "AWS_LAMBDA_FUNCTION_NAME": settings.get("name"),
        "AWS_LAMBDA_FUNCTION_HANDLER": settings.get("handler"),
        **place_environment(fragment),
    }


def event_environment(event: Any, response: Any) -> dict[str, Any]:
    """What tells it where the handler's event comes from and its response goes.

    Args:
        event: The event as JSON text, or its ``s3://`` location.
        response: The ``s3://`` location of the response.

    Returns:
        Environment variables, name to value.
    """
    return {
        "AWS_LAMBDA_EVENT_PAYLOAD": event,
        "AWS_LAMBDA_EVENT_RESPONSE_LOCATION": response,
    }
