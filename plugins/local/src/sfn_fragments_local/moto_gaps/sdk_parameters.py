"""Parameters and responses of service integrations, between AWS's spelling and boto3's."""

from __future__ import annotations

import base64
import datetime
import json
from functools import lru_cache
from typing import Any, Final

import botocore.session
from botocore import xform_name
from botocore.exceptions import UnknownServiceError
from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape
from botocore.response import StreamingBody

from sfn_fragments_local.moto_gaps.patching import load, replace

_StateTask: Final = load("asl.component.state.exec.state_task.state_task:StateTask")
_StateTaskService: Final = load(
    "asl.component.state.exec.state_task.service.state_task_service:StateTaskService"
)
_StateTaskServiceAwsSdk: Final = load(
    "asl.component.state.exec.state_task.service.state_task_service_aws_sdk:StateTaskServiceAwsSdk"
)

# Services that the resource ARN spells differently from boto3.
_BOTO_NAMES: Final = {
    "cloudwatchlogs": "logs",
    "elasticloadbalancingv2": "elbv2",
    "eventbridge": "events",
    "sfn": "stepfunctions",
    "states": "stepfunctions",
}


class UnsupportedParametersError(ValueError):
    """Parameters that the called API does not have; the state fails with ``States.Runtime``."""

    def __init__(self, parameters: object, unsupported: list[str]) -> None:
        """Word it as AWS does."""
        super().__init__(
            _unusable(
                parameters,
                [f'The field "{name}" is not supported by Step Functions' for name in unsupported],
            )
        )


class WrongTypesError(ValueError):
    """Parameters of other types than the called API has; the state fails with ``States.Runtime``.

    Batch's integration converts nothing: a number in an environment, as an array's size ``"2"``,
    was refused on AWS.
    """

    def __init__(self, parameters: object, wrong: list[str]) -> None:
        """Word it as AWS does."""
        super().__init__(_unusable(parameters, wrong))


def _unusable(parameters: object, problems: list[str]) -> str:
    text = json.dumps(parameters, default=str)
    return f"The Parameters '{text}' could not be used to start the Task: [{', '.join(problems)}]"


@lru_cache(maxsize=1)
def _loader() -> botocore.session.Session:
    return botocore.session.get_session()


@lru_cache(maxsize=256)
def _operation(service: str, method: str) -> OperationModel | None:
    try:
        model = _loader().get_service_model(service)
    except UnknownServiceError:
        return None
    for name in model.operation_names:
        if xform_name(name) == method:
            return model.operation_model(name)
    return None


@lru_cache(maxsize=4096)
def _spellings(member: str) -> tuple[str, ...]:
    # AWS's names come from its Java SDK, which writes DBInstance as DbInstance.
    return member[:1].upper() + member[1:], str(_StateTaskService._to_sfn_cased(member))


def _json_text(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=str)


class _Request:
    """One request on its way to boto3's spelling; collects what the API does not know."""

    def __init__(self, *, optimized: bool, converts: bool) -> None:
        self.unsupported: list[str] = []
        self.wrong: list[str] = []
        self._optimized = optimized
        self._converts = converts

    def _member(self, key: str, shape: StructureShape, path: str) -> str | None:
        for member in shape.members:
            if key in _spellings(member):
                return str(member)
        # Inside a parameter, optimized integrations take the API's own spelling too: AWS's
        # documentation of SubmitJob writes "RetryStrategy": {"attempts": 5}.
        return key if self._optimized and path and key in shape.members else None

    def translate(self, value: Any, shape: Shape, path: str = "") -> Any:
        if isinstance(shape, StructureShape):
            return self._structure(value, shape, path) if isinstance(value, dict) else value
        if isinstance(shape, ListShape) and isinstance(value, list):
            return [self.translate(item, shape.member, path) for item in value]
        if isinstance(shape, MapShape) and isinstance(value, dict):
            return {
                key: self.translate(item, shape.value, f"{path}{key}.")
                for key, item in value.items()
                if item is not None
            }
        if shape.type_name == "blob" and not isinstance(value, bytes):
            return _json_text(value).encode()
        if shape.type_name == "string" and not isinstance(value, str):
            if not self._converts:
                self._refuse(path, "a STRING")
            return _json_text(value)
        is_text = isinstance(value, str | bool)
        if shape.type_name in ("integer", "long") and is_text and not self._converts:
            self._refuse(path, "an INTEGER")
        return value

    def _refuse(self, path: str, kind: str) -> None:
        name = path.rstrip(".").rpartition(".")[2]
        self.wrong.append(f"The value for the field '{name}' must be {kind}")

    def _structure(self, value: dict[str, Any], shape: StructureShape, path: str) -> Any:
        if shape.is_document_type:
            return value
        request = {}
        for key, member_value in value.items():
            member = self._member(key, shape, path)
            if member is None:
                self.unsupported.append(f"{path}{key}")
                continue
            member_shape = shape.members[member]
            # A blob is JSON, of which null is a value; elsewhere null is a field left out.
            if member_value is not None or member_shape.type_name == "blob":
                request[member] = self.translate(member_value, member_shape, f"{path}{key}.")
        return request


def _blob_text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return base64.b64encode(value).decode()


def _from_response(value: Any, shape: Shape | None) -> Any:
    if isinstance(value, dict):
        # In place, because moto's .sync resolvers keep a reference to an inner object.
        items = list(value.items())
        value.clear()
        for key, item in items:
            if isinstance(shape, StructureShape) and key in shape.members:
                name = str(_StateTaskService._to_sfn_cased(key))
                value[name] = _from_response(item, shape.members[key])
            else:
                item_shape = shape.value if isinstance(shape, MapShape) else None
                value[key] = _from_response(item, item_shape)
        return value
    if isinstance(value, list):
        item_shape = shape.member if isinstance(shape, ListShape) else None
        value[:] = [_from_response(item, item_shape) for item in value]
        return value
    if isinstance(value, StreamingBody):
        return _blob_text(value.read())
    if isinstance(value, bytes):
        return _blob_text(value)
    if isinstance(value, datetime.datetime):
        if value.tzinfo is None:
            return value.isoformat()
        utc = value.astimezone(datetime.UTC)
        timespec = "milliseconds" if utc.microsecond else "seconds"
        return utc.isoformat(timespec=timespec).replace("+00:00", "Z")
    return value


def operation_of(
    self: Any, boto_service_name: str | None, service_action_name: str | None
) -> OperationModel | None:
    """The model, of botocore, of what a task calls.

    Args:
        self: The task.
        boto_service_name: The service, if it is not that of the task's resource.
        service_action_name: The action, if it is not that of the task's resource.
    """
    return _operation(
        self._get_boto_service_name(boto_service_name),
        self._get_boto_service_action(service_action_name),
    )


def _normalise_parameters(
    self: Any,
    parameters: dict[str, Any],
    boto_service_name: str | None = None,
    service_action_name: str | None = None,
) -> None:
    optimized = not isinstance(self, _StateTaskServiceAwsSdk)
    operation = operation_of(self, boto_service_name, service_action_name)
    if operation is None:
        if optimized:
            return  # such as apigateway:invoke, which is no API of the service
        raise ValueError(f"{self.resource.resource_arn} is no API action that boto3 knows")
    converts = not optimized or self._get_boto_service_name(boto_service_name) != "batch"
    request = _Request(optimized=optimized, converts=converts)
    shape = operation.input_shape or StructureShape("NoInput", {"type": "structure"})
    translated = request.translate(parameters, shape)
    if request.unsupported:
        raise UnsupportedParametersError(parameters, request.unsupported)
    if request.wrong:
        raise WrongTypesError(parameters, request.wrong)
    parameters.clear()
    parameters.update(translated)


def _normalise_response(
    self: Any,
    response: Any,
    boto_service_name: str | None = None,
    service_action_name: str | None = None,
) -> None:
    operation = operation_of(self, boto_service_name, service_action_name)
    if isinstance(response, dict) and operation is not None:
        response.pop("ResponseMetadata", None)
        _from_response(response, operation.output_shape)


def _eval_parameters(self: Any, env: Any) -> dict[str, Any]:
    parameters: dict[str, Any] = {}
    if self.parargs is not None:
        self.parargs.eval(env=env)
        parameters = env.stack.pop()
    supported = self._get_supported_parameters()
    unsupported = [name for name in parameters if supported and name not in supported]
    if unsupported:
        raise UnsupportedParametersError(parameters, unsupported)
    return parameters


def close() -> None:
    """Translate requests and responses by botocore's models; refuse what an API does not know."""
    replace(_StateTaskService, "_SERVICE_NAME_SFN_TO_BOTO_OVERRIDES", _BOTO_NAMES)
    replace(_StateTaskService, "_normalise_parameters", _normalise_parameters)
    replace(_StateTaskService, "_normalise_response", _normalise_response)
    replace(_StateTask, "_eval_parameters", _eval_parameters)
