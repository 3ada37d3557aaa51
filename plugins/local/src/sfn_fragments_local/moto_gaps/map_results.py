"""What a distributed Map writes of its children: moto writes an empty manifest, and no files.

Those that ended alike are in one file, also where too many failed for the Map to go on:
https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html
"""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from sfn_fragments_local.moto_gaps.distributed_map import children_of
from sfn_fragments_local.moto_gaps.patching import load, replace

if TYPE_CHECKING:
    from sfn_fragments_local.moto_gaps.distributed_map import Child

_MAP: Final = "asl.component.state.exec.state_map."
_S3: Final = load(_MAP + "result_writer.resource_eval.resource_eval_s3:ResourceEvalS3")
_StateMap: Final = load(_MAP + "state_map:StateMap")
_Failure: Final = load("asl.component.common.error_name.failure_event:FailureEventException")

#: Every child has ended before the results are written: none is ever pending.
_STATUSES: Final = ("FAILED", "PENDING", "SUCCEEDED")


def _put_object(env: Any, resource_runtime_part: Any, state_credentials: Any) -> None:
    parameters = env.stack.pop()
    env.stack.pop()
    client = _S3._get_s3_client(resource_runtime_part, state_credentials)
    record = env.map_run_record_pool_manager.get_all().pop()
    bucket, folder = parameters["Bucket"], str(parameters.get("Prefix") or "").removesuffix("/")
    folder = f"{folder}/" if folder else ""
    folder += str(record.map_run_arn).rpartition(":")[2]
    files: dict[str, list[dict[str, Any]]] = {status: [] for status in _STATUSES}
    children = sorted(children_of(record), key=lambda child: child.index)
    for status, written in files.items():
        told = [_result(child) for child in children if child.status == status]
        if told:
            key, body = f"{folder}/{status}_0.json", json.dumps(told).encode()
            client.put_object(Bucket=bucket, Key=key, Body=body)
            written.append({"Key": key, "Size": len(body)})
    manifest = {
        "DestinationBucket": bucket,
        "MapRunArn": record.map_run_arn,
        "ResultFiles": files,
    }
    key = f"{folder}/manifest.json"
    client.put_object(Bucket=bucket, Key=key, Body=json.dumps(manifest).encode())
    env.stack.append(
        {
            "MapRunArn": record.map_run_arn,
            "ResultWriterDetails": {"Bucket": bucket, "Key": key},
        }
    )


def _result(child: Child) -> dict[str, Any]:
    """A child as the files of results have it."""
    machine, _, name = child.arn.replace(":execution:", ":stateMachine:").rpartition(":")
    ended: dict[str, Any] = {"Error": child.error, "Cause": child.cause}
    if child.status == "SUCCEEDED":
        ended = {"Output": json.dumps(child.output), "OutputDetails": {"Included": True}}
    return {
        "ExecutionArn": child.arn,
        "Input": json.dumps(child.input),
        "InputDetails": {"Included": True},
        "Name": name,
        **{field: value for field, value in ended.items() if value is not None},
        "RedriveCount": 0,
        "StartDate": _time(child.started),
        "StateMachineArn": machine,
        "Status": child.status,
        "StopDate": _time(child.ended),
    }


def _time(seconds: float) -> str:
    written = datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
    return written.replace("+00:00", "Z")


def _written_after_failures() -> None:
    evaluate = _StateMap._eval_execution

    def eval_execution(self: Any, env: Any) -> None:
        try:
            evaluate(self, env)
        except _Failure as failure:
            error, _ = failure.extract_error_cause_pair() or (None, None)
            if self.result_writer and error == "States.ExceedToleratedFailureThreshold":
                # The writer takes what the children gave from the stack, and leaves where it
                # wrote. The state fails with what failed first, whether or not it can be written.
                env.stack.append([])
                with suppress(_Failure):
                    self.result_writer.eval(env)
                    env.stack.pop()
            raise

    replace(_StateMap, "_eval_execution", eval_execution)


def close() -> None:
    """Write the files of results."""
    replace(_S3, "_handle_put_object", staticmethod(_put_object))
    _written_after_failures()
