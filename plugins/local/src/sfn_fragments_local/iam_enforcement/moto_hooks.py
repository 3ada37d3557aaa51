"""Where moto's Step Functions asks whether a role may do something; written for moto 5.2.5.

Service calls are intercepted before they are sent. What AWS does by itself with the role has no
call here and is asked for where it happens: a machine that is created or updated, the children of
a distributed Map, its ResultWriter.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final

from moto.core.exceptions import AWSError
from moto.stepfunctions.exceptions import ValidationException

from sfn_fragments_local.iam_enforcement.authorization import (
    requests_of_map_run,
    requests_of_result_writer,
)
from sfn_fragments_local.iam_enforcement.deliveries import deliveries_checked
from sfn_fragments_local.iam_enforcement.enforcement import IamEnforcement, access_denied
from sfn_fragments_local.iam_enforcement.event_sources import event_sources_checked
from sfn_fragments_local.iam_enforcement.policies import UnsupportedPolicyError
from sfn_fragments_local.moto_gaps.calls import ErrorResponse, ServiceCall, intercepted_by
from sfn_fragments_local.moto_gaps.failures import task_failure
from sfn_fragments_local.moto_gaps.patching import load
from sfn_fragments_local.moto_gaps.settings import get_endpoint_url

if TYPE_CHECKING:
    from collections.abc import Iterator

_STATE: Final = "asl.component.state.exec."
_Backend: Final = load("models:StepFunctionsParserBackend")
_StateTask: Final = load(_STATE + "state_task.state_task:StateTask")
_DistributedMap: Final = load(
    _STATE + "state_map.iteration.distributed_iteration_component:DistributedIterationComponent"
)
_ResultWriter: Final = load(_STATE + "state_map.result_writer.result_writer_decl:ResultWriter")

#: The role of the task that runs in this thread, which its Credentials may name.
_task_role: Final[ContextVar[str | None]] = ContextVar("task_role", default=None)
#: Whether the call in this thread is that of a ResultWriter.
_writes_results: Final[ContextVar[bool]] = ContextVar("writes_results", default=False)


class MachineRefusedError(AWSError):
    """Step Functions' answer to a machine whose role lacks something."""

    TYPE = "AccessDeniedException"
    STATUS = 400


@contextmanager
def enforced(enforcement: IamEnforcement) -> Iterator[None]:
    """Hold executions and machines to their roles for the length of the ``with`` block.

    An engine that is opened inside the block decides for itself.

    Args:
        enforcement: Says what a role may do.

    Yields:
        Nothing.
    """
    endpoint_url = get_endpoint_url()

    def innermost() -> bool:
        return get_endpoint_url() == endpoint_url

    def answer(call: ServiceCall) -> ErrorResponse | None:
        if not innermost():
            return None
        own = call.environment.aws_execution_details.role_arn
        role = _task_role.get() or own
        if role != own and (refusal := enforcement.refusal_of_assuming(own, {"RoleArn": role})):
            return access_denied(call.service, refusal)
        place = enforcement.place(role)
        also = requests_of_result_writer(call.arguments, place) if _writes_results.get() else []
        asked = (role, call.service, call.action, call.arguments)
        refusal = enforcement.refusal_of_call(*asked, also=also)
        if refusal is not None:
            return access_denied(call.service, refusal)
        requests = enforcement.requests(*asked, also)
        execution = call.environment.states.context_object.context_object_data["Execution"]["Id"]
        enforcement.granted.add(execution, call.state, role, requests)
        return None

    def check_machine(arn: str, role_arn: str, definition: str | None, logging: Any) -> None:
        # What is no ARN is refused by moto itself.
        if not innermost() or role_arn.count(":") < 5:
            return
        logs = bool(logging) and logging.get("level", "OFF") != "OFF"
        try:
            refusal = enforcement.refusal_of_machine(arn, role_arn, definition, logs=logs)
        except UnsupportedPolicyError as error:
            raise ValidationException(f"{role_arn}: {error}") from error
        if refusal is not None:
            raise MachineRefusedError(refusal)

    def create_machine(backend: Any, name: str, definition: str, roleArn: str, **rest: Any) -> Any:  # noqa: N803 - moto's signature
        arn = f"arn:{backend.partition}:states:{backend.region_name}:{backend.account_id}"
        logging = rest.get("loggingConfiguration")
        check_machine(f"{arn}:stateMachine:{name}", roleArn, definition, logging)
        return create(backend, name=name, definition=definition, roleArn=roleArn, **rest)

    def update_machine(
        backend: Any,
        arn: str,
        definition: str | None = None,
        role_arn: str | None = None,
        logging_configuration: Any = None,
        **rest: Any,
    ) -> Any:
        machine = backend.describe_state_machine(arn)
        logging = logging_configuration or machine.loggingConfiguration
        check_machine(arn, role_arn or machine.roleArn, definition or machine.definition, logging)
        return update(
            backend, arn, definition, role_arn, logging_configuration=logging_configuration, **rest
        )

    def known_credentials(task: Any, env: Any) -> Any:
        credentials = evaluate_credentials(task, env)
        # Each attempt of a state has a thread, and so a context, of its own.
        _task_role.set(credentials.role_arn)
        return credentials

    def run_map(component: Any, env: Any, eval_input: Any) -> None:
        if innermost():
            role = env.aws_execution_details.role_arn
            context = env.states.context_object.context_object_data
            requests = requests_of_map_run(
                context["StateMachine"]["Id"], context["Execution"]["Id"]
            )
            refusal = enforcement.refusal(role, requests)
            if refusal is not None:
                raise task_failure(env, "StepFunctions.AWSStepFunctionsException", refusal)
        map_run(component, env, eval_input)

    def write_results(writer: Any, env: Any) -> None:
        token = _writes_results.set(True)
        try:
            write(writer, env)
        finally:
            _writes_results.reset(token)

    create, update = _Backend.create_state_machine, _Backend.update_state_machine
    evaluate_credentials = _StateTask._eval_state_credentials
    map_run = _DistributedMap._map_run
    write = _ResultWriter._eval_body
    replaced = [
        (_Backend, "create_state_machine", create_machine, create),
        (_Backend, "update_state_machine", update_machine, update),
        (_StateTask, "_eval_state_credentials", known_credentials, evaluate_credentials),
        (_DistributedMap, "_map_run", run_map, map_run),
        (_ResultWriter, "_eval_body", write_results, write),
    ]
    for owner, name, replacement, _ in replaced:
        setattr(owner, name, replacement)
    try:
        with (
            intercepted_by(answer),
            deliveries_checked(enforcement.account, innermost),
            event_sources_checked(enforcement, innermost),
        ):
            yield
    finally:
        for owner, name, _, original in replaced:
            setattr(owner, name, original)
