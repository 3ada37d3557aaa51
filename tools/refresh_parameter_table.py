"""Write the tables of the integrations' parameters anew, from botocore's models.

Run it after an update of botocore: ``uv run python tools/refresh_parameter_table.py``. The library
reads the table alone, so that checking a definition needs no botocore.

A line is a call and its parameters; those that the API requires end with ``!``. The calls are those
of the optimized integrations, and of the AWS SDK integrations of the services that are called most.

The second table has what is within the parameters of optimized integrations, of services whose own
API begins names with a small letter: Step Functions begins them with a large one at every depth.
"""

from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any

import botocore

from sfn_fragments_asl.checks.integrations import OPTIMIZED

ROOT = Path(__file__).resolve().parents[1]
TABLE = ROOT / "asl" / "src" / "sfn_fragments_asl" / "checks" / "parameters.txt"
NESTED = TABLE.with_name("nested_parameters.txt")

#: Service, as SDK integrations name it, to botocore's name of it.
SDK = {
    "batch": "batch",
    "dynamodb": "dynamodb",
    "ecs": "ecs",
    "eventbridge": "events",
    "lambda": "lambda",
    "s3": "s3",
    "secretsmanager": "secretsmanager",
    "sfn": "stepfunctions",
    "sns": "sns",
    "sqs": "sqs",
    "ssm": "ssm",
}
#: Optimized integration to botocore's name of its service, where that is another.
_SERVICES = {
    "bedrockagentcore": "bedrock-agentcore",
    "elasticmapreduce": "emr",
    "states": "stepfunctions",
}
#: Calls whose parameters are Step Functions' own.
#: https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html
OWN = {
    "apigateway:invoke": "ApiEndpoint! Method! AllowNullValues AuthType Headers NullValue Path "
    "QueryParameters RequestBody Stage",
    "bedrock:invokeModel": "ModelId! Accept Body ContentType GuardrailIdentifier GuardrailVersion "
    "Input Output PerformanceConfigLatency ServiceTier Trace",
    "eks:call": "CertificateAuthority! ClusterName! Endpoint! Method! Path! QueryParameters "
    "RequestBody",
    "eks:runJob": "CertificateAuthority! ClusterName! Endpoint! Job! LogOptions Namespace",
    "elasticmapreduce:addStep": "ClusterId! Step! ExecutionRoleArn",
    "elasticmapreduce:cancelStep": "ClusterId! StepId! StepCancellationOption",
    "elasticmapreduce:modifyInstanceFleetByName": "ClusterId! InstanceFleetName! InstanceFleet",
    "elasticmapreduce:modifyInstanceGroupByName": "ClusterId! InstanceGroupName! InstanceGroup",
    "elasticmapreduce:setClusterTerminationProtection": "ClusterId! TerminationProtected!",
    "elasticmapreduce:terminateCluster": "ClusterId!",
    "http:invoke": "ApiEndpoint! Method! Authentication Headers InvocationConfig QueryParameters "
    "RequestBody Transform",
    # Of the readers and writers of distributed Maps.
    "s3:getObject": "Bucket! Key! ExpectedBucketOwner VersionId",
    "s3:listObjectsV2": "Bucket! ExpectedBucketOwner Prefix",
    "s3:putObject": "Bucket! ExpectedBucketOwner Prefix",
}
_OPERATIONS = {"elasticmapreduce:createCluster": "RunJobFlow"}


@cache
def _model(service: str) -> dict[str, Any]:
    folder = Path(botocore.__file__).parent / "data" / service
    with gzip.open(sorted(folder.glob("*/service-2.json.gz"))[-1]) as file:
        model: dict[str, Any] = json.load(file)
    return model


def _parameters(service: str, operation: str) -> str:
    """The parameters of an operation, in the case that Step Functions writes them in."""
    model = _model(service)
    shape = model["operations"][operation].get("input", {}).get("shape")
    structure = model["shapes"].get(shape, {})
    required = set(structure.get("required", ()))
    names = []
    for name, member in structure.get("members", {}).items():
        # What a client makes up itself need not be given.
        needed = name in required and not member.get("idempotencyToken")
        names.append(f"{_large(name)}{'!' if needed else ''}")
    return " ".join(sorted(names))


def _operation(service: str, action: str) -> str:
    names = {name.lower(): name for name in _model(service)["operations"]}
    return str(names[action.lower()])


def _nested(service: str, operation: str) -> str:
    """The paths of what is within the parameters, where the API begins a name in small."""
    model = _model(service)
    shapes = model["shapes"]
    paths: set[str] = set()

    def walk(name: str, path: str, above: tuple[str, ...]) -> None:
        shape = shapes[name]
        # A map has names of the user's own, and so has what is within it.
        if name in above or shape["type"] not in ("structure", "list"):
            return
        if shape["type"] == "list":
            walk(shape["member"]["shape"], path, (*above, name))
            return
        for member, value in shape["members"].items():
            inner = f"{path}.{_large(member)}" if path else _large(member)
            if path and member[0].islower():
                paths.add(inner)
            walk(value["shape"], inner, (*above, name))

    walk(model["operations"][operation]["input"]["shape"], "", ())
    return " ".join(sorted(paths))


def _large(name: str) -> str:
    return name[0].upper() + name[1:]


def nested_table() -> str:
    """The second table: a line for each call, with the paths of what is in its parameters."""
    lines = {}
    for service, actions in OPTIMIZED.items():
        model = _SERVICES.get(service, service)
        for action in actions:
            call = f"{service}:{action}"
            if call not in OWN:
                lines[call] = _nested(model, _OPERATIONS.get(call) or _operation(model, action))
    return "".join(f"{call} {paths}\n" for call, paths in sorted(lines.items()) if paths)


def table() -> str:
    """The table: a line for each call."""
    lines = dict(OWN)
    for service, actions in OPTIMIZED.items():
        model = _SERVICES.get(service, service)
        for action in actions:
            call = f"{service}:{action}"
            if call not in OWN:
                operation = _OPERATIONS.get(call) or _operation(model, action)
                lines[call] = _parameters(model, operation)
    for service, model in SDK.items():
        for operation in _model(model)["operations"]:
            action = operation[0].lower() + operation[1:]
            lines[f"aws-sdk:{service}:{action}"] = _parameters(model, operation)
    return "".join(f"{call} {names}".rstrip() + "\n" for call, names in sorted(lines.items()))


if __name__ == "__main__":
    TABLE.write_text(table(), encoding="utf-8")
    NESTED.write_text(nested_table(), encoding="utf-8")
