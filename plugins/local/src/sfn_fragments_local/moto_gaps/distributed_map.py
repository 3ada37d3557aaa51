"""Distributed Map: pointers into an object, tolerated failures, children that stand alone."""

from __future__ import annotations

import json
import logging
import time
import uuid
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import ClientError

from sfn_fragments_local.moto_gaps.failures import task_failure
from sfn_fragments_local.moto_gaps.parsing import POINTER_MARK
from sfn_fragments_local.moto_gaps.patching import load, replace

_MAP: Final = "asl.component.state.exec.state_map."
_Preprocessor: Final = load("asl.parse.preprocessor:Preprocessor")
_InputType: Final = load(_MAP + "item_reader.reader_config.input_type:InputType")
_ReaderConfig: Final = load(_MAP + "item_reader.reader_config.reader_config_decl:ReaderConfig")
_ItemReader: Final = load(_MAP + "item_reader.item_reader_decl:ItemReader")
_ResultWriter: Final = load(_MAP + "result_writer.result_writer_decl:ResultWriter")
_TransformerJson: Final = load(
    _MAP
    + "item_reader.eval.resource_output_transformer.transformer_json:ResourceOutputTransformerJson"
)
_DistributedIterationComponent: Final = load(
    _MAP + "iteration.distributed_iteration_component:DistributedIterationComponent"
)
_Worker: Final = load(
    _MAP
    + "iteration.itemprocessor.distributed_item_processor_worker:DistributedItemProcessorWorker"
)
_ProgramEnded: Final = load("asl.eval.program_state:ProgramEnded")
_ProgramError: Final = load("asl.eval.program_state:ProgramError")
_ProgramStopped: Final = load("asl.eval.program_state:ProgramStopped")

_eval_reader_config: Final = _ReaderConfig._eval_body
_eval_transformer: Final = _TransformerJson._eval_body
_eval_reader: Final = _ItemReader._eval_body
_eval_writer: Final = _ResultWriter._eval_body
_map_run: Final = _DistributedIterationComponent._map_run
_eval_input: Final = _Worker._eval_input
_eval_job: Final = _Worker._eval_job

_log: Final = logging.getLogger(__name__)


@dataclass(frozen=True)
class Child:
    """The execution of an item.

    Attributes:
        arn: Its ARN.
        index: Index of its item.
        status: ``SUCCEEDED``, ``FAILED`` or ``ABORTED``.
        error: Name of its error.
        cause: What the error says.
        input: Its input, after the Map's selector.
        output: Its output; ``None`` where it failed.
        started: When, in seconds since 1970.
        ended: When it ended.
        last_event: Number of its last event in the history that it shares with its brothers.
    """

    arn: str
    index: int
    status: str
    error: str | None
    cause: str | None
    input: Any
    output: Any
    started: float
    ended: float
    last_event: int


def children_of(map_run: Any) -> list[Child]:
    """The executions of items that have ended.

    Args:
        map_run: moto's record of the Map Run.
    """
    children: list[Child] = vars(map_run).setdefault("children", [])
    return children


def _visit_input_type(self: Any, ctx: Any) -> Any:
    text: str = self._inner_string_of(ctx.string_literal())
    name, _, pointer = text.partition(POINTER_MARK)
    input_type = _InputType(input_type=name)
    input_type.items_pointer = pointer
    return input_type


def _eval_config(self: Any, env: Any) -> None:
    _eval_reader_config(self, env)
    env.stack[-1]["ItemsPointer"] = getattr(self.input_type, "items_pointer", "")


def resolve_pointer(document: Any, pointer: str) -> Any:
    """Return what a JSON Pointer (RFC 6901) names.

    Args:
        document: Any JSON.
        pointer: Such as ``/requests/0``; an empty one names the whole document.

    Raises:
        LookupError: There is no such thing.
        ValueError: A part of it is no index, where the document has a list.

    Examples:
        >>> resolve_pointer({"requests": [1, 2]}, "/requests")
        [1, 2]
    """
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(document, list):
            document = document[int(key)]
        elif isinstance(document, dict):
            document = document[key]
        else:
            raise LookupError(key)
    return document


def _eval_json(self: Any, env: Any) -> None:
    pointer = env.stack[-1].get("ItemsPointer")
    if pointer:
        try:
            items = resolve_pointer(json.loads(env.stack[-2]), pointer)
        except (LookupError, ValueError) as error:
            raise task_failure(
                env,
                "States.ItemReaderFailed",
                f"The ItemsPointer '{pointer}' names nothing in the object",
            ) from error
        env.stack[-2] = json.dumps(items)
    _eval_transformer(self, env)


def _read_items(self: Any, env: Any) -> None:
    try:
        _eval_reader(self, env)
    except (ClientError, json.JSONDecodeError) as error:
        raise task_failure(env, "States.ItemReaderFailed", str(error)) from error


def _write_results(self: Any, env: Any) -> None:
    try:
        _eval_writer(self, env)
    except ClientError as error:
        raise task_failure(env, "States.ResultWriterFailed", str(error)) from error


def _run_map(self: Any, env: Any, eval_input: Any) -> None:
    _map_run(self, env, eval_input)
    counter = eval_input.map_run_record.item_counter
    failed = counter.failed.get() + counter.timed_out.get() + counter.aborted.get()
    if not failed:
        return
    count = eval_input.tolerated_failure_count
    percentage = eval_input.tolerated_failure_percentage
    percentage_failed = 100 * failed / counter.total.get()
    # moto does not tell a threshold of 0 from one that was not given.
    exceeded = (
        (count and failed > count)
        or (percentage and percentage_failed > percentage)
        or not (count or percentage)
    )
    if exceeded:
        raise task_failure(
            env,
            "States.ExceedToleratedFailureThreshold",
            "The specified tolerated failure threshold was exceeded",
        )


def _eval_child_input(self: Any, env_frame: Any) -> None:
    # The item's input is the Map state's business, so it still sees the parent's variables.
    _eval_input(self, env_frame)
    store = env_frame.variable_store
    store._outer_scope.clear()
    store._inner_scope.clear()
    context = env_frame.states.context_object.context_object_data
    parent = context["Execution"]
    name = str(uuid.uuid4())
    machine = parent["Id"].rsplit(":", 1)[0]
    run = self._map_run_record.map_run_arn.rsplit("/", 1)[-1].split(":")[0]
    # A child is an execution of its own: what it names after itself is not its brother's.
    context["Execution"] = {
        **parent,
        "Id": f"{machine}/{run}:{name}",
        "Name": name,
        "Input": env_frame.states.get_input(),
    }


def _eval_child(self: Any, env: Any, job: Any) -> None:
    started = time.time()
    # Else the first event of a child would name one of its parent's history.
    env.event_history_context.source_event_id = 0
    _eval_job(self, env=env, job=job)
    state = env.program_state()
    details = (state.error or {}) if isinstance(state, _ProgramError) else {}
    succeeded = isinstance(state, _ProgramEnded)
    execution = env.states.context_object.context_object_data["Execution"]
    stopped = isinstance(state, _ProgramStopped)
    children_of(self._map_run_record).append(
        Child(
            arn=execution["Id"],
            index=job.job_index,
            status="SUCCEEDED" if succeeded else "ABORTED" if stopped else "FAILED",
            error=details.get("error"),
            cause=details.get("cause"),
            input=execution["Input"],
            output=job.job_output,
            started=started,
            ended=time.time(),
            last_event=env.event_history_context.source_event_id,
        )
    )
    if details:
        _log.warning(
            "child %s of the distributed Map %r failed: %s: %s",
            job.job_index,
            self._work_name,
            details.get("error"),
            details.get("cause"),
        )


def close() -> None:
    """Read items through a pointer, name failures, and cut the children off their parent."""
    replace(_Preprocessor, "visitInput_type_decl", _visit_input_type)
    replace(_ReaderConfig, "_eval_body", _eval_config)
    replace(_TransformerJson, "_eval_body", _eval_json)
    replace(_ItemReader, "_eval_body", _read_items)
    replace(_ResultWriter, "_eval_body", _write_results)
    replace(_DistributedIterationComponent, "_map_run", _run_map)
    replace(_Worker, "_eval_input", _eval_child_input)
    replace(_Worker, "_eval_job", _eval_child)
