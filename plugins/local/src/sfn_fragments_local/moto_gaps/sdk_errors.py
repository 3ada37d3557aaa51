"""Names of the errors of SDK integrations, as AWS's Java SDK spells them: ``S3.S3Exception``."""

from __future__ import annotations

from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from sfn_fragments_local.moto_gaps.patching import load, replace

_StateTaskServiceAwsSdk: Final = load(
    "asl.component.state.exec.state_task.service.state_task_service_aws_sdk:StateTaskServiceAwsSdk"
)
_from_error: Final = _StateTaskServiceAwsSdk._from_error

_PREFIXES: Final = {
    "cloudformation": "CloudFormation",
    "cloudwatch": "CloudWatch",
    "cloudwatchlogs": "CloudWatchLogs",
    "dynamodb": "DynamoDb",
    "eventbridge": "EventBridge",
    "events": "EventBridge",
    "logs": "CloudWatchLogs",
    "secretsmanager": "SecretsManager",
    "stepfunctions": "Sfn",
}
# boto3 does not model these; the Java SDK does.
_MODELLED_NOT_FOUND: Final = {
    "headobject": "NoSuchKeyException",
    "headbucket": "NoSuchBucketException",
}


def _prefix(service_name: str) -> str:
    service = service_name.lower()
    return _PREFIXES.get(service, service[:1].upper() + service[1:])


def _exception_name(norm_service_name: str, ex: Exception) -> str:
    name = type(ex).__name__
    if name == "ClientError":
        name = norm_service_name
    if not name.endswith("Exception"):
        name += "Exception"
    return f"{norm_service_name}.{name}"


def _from_sdk_error(self: Any, env: Any, ex: Exception) -> Any:
    prefix = _prefix(self.resource.api_name)
    if isinstance(ex, BotoCoreError):
        return self._get_task_failure_event(env, f"{prefix}.SdkClientException", str(ex))
    if isinstance(ex, ClientError) and ex.response.get("Error", {}).get("Code") == "404":
        name = _MODELLED_NOT_FOUND.get(self.resource.api_action.lower())
        if name is not None and prefix == "S3":
            return self._get_task_failure_event(env, f"{prefix}.{name}", str(ex))
    return _from_error(self, env, ex)


def close() -> None:
    """Name the errors of SDK integrations as AWS does."""
    replace(_StateTaskServiceAwsSdk, "_normalise_service_error_name", staticmethod(_prefix))
    replace(_StateTaskServiceAwsSdk, "_normalise_exception_name", staticmethod(_exception_name))
    replace(_StateTaskServiceAwsSdk, "_from_error", _from_sdk_error)
