"""Service integrations that do not exist, and fields that were replaced.

The actions of the AWS SDK integrations are those of the services, some 18,000: the distribution
``sfn-fragments-local``, which has botocore's models of them, checks those.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from sfn_fragments_asl.checks.check import Check, CheckedDefinition, Finding
from sfn_fragments_asl.model.json_data import below
from sfn_fragments_asl.near_names import near_names
from sfn_fragments_asl.permissions.action_names import unlisted_note

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sfn_fragments_asl.model.calls import ServiceCall
    from sfn_fragments_asl.model.machine import State

_SDK_ACTION = re.compile(r"[a-z][A-Za-z0-9]*")
_RESPONSE, _SYNC, _SYNC_2, _TOKEN = "", ".sync", ".sync:2", ".waitForTaskToken"
_CALL = (_RESPONSE,)
_JOB = (_RESPONSE, _SYNC)
_MESSAGE = (_RESPONSE, _TOKEN)
_CONTAINER = (_RESPONSE, _SYNC, _TOKEN)

#: Optimized integrations: service to action to the patterns that it takes.
#: https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html
OPTIMIZED: dict[str, dict[str, tuple[str, ...]]] = {
    "apigateway": {"invoke": _MESSAGE},
    "athena": {
        "startQueryExecution": _JOB,
        "stopQueryExecution": _CALL,
        "getQueryExecution": _CALL,
        "getQueryResults": _CALL,
    },
    "batch": {"submitJob": _JOB},
    "bedrockagentcore": {"invokeHarness": _CONTAINER},
    "bedrock": {"invokeModel": _MESSAGE, "createModelCustomizationJob": _JOB},
    "codebuild": {
        "startBuild": _JOB,
        "stopBuild": _CALL,
        "batchDeleteBuilds": _CALL,
        "batchGetReports": _CALL,
        "startBuildBatch": _JOB,
        "stopBuildBatch": _CALL,
        "retryBuildBatch": _JOB,
        "deleteBuildBatch": _CALL,
    },
    "databrew": {"startJobRun": _JOB},
    "dynamodb": {"getItem": _CALL, "putItem": _CALL, "deleteItem": _CALL, "updateItem": _CALL},
    "ecs": {"runTask": _CONTAINER},
    "eks": {
        "call": _MESSAGE,
        "createCluster": _JOB,
        "createFargateProfile": _JOB,
        "createNodegroup": _JOB,
        "deleteCluster": _JOB,
        "deleteFargateProfile": _JOB,
        "deleteNodegroup": _JOB,
        "runJob": _JOB,
    },
    "elasticmapreduce": {
        "addStep": _JOB,
        "cancelStep": _CALL,
        "createCluster": _JOB,
        "modifyInstanceFleetByName": _CALL,
        "modifyInstanceGroupByName": _CALL,
        "setClusterTerminationProtection": _CALL,
        "terminateCluster": _JOB,
    },
    "emr-containers": {
        "createVirtualCluster": _CALL,
        "deleteVirtualCluster": _JOB,
        "startJobRun": _JOB,
    },
    "emr-serverless": {
        "cancelJobRun": _JOB,
        "createApplication": _JOB,
        "deleteApplication": _JOB,
        "startApplication": _JOB,
        "startJobRun": _JOB,
        "stopApplication": _JOB,
    },
    "events": {"putEvents": _MESSAGE},
    "glue": {"startJobRun": _JOB},
    "http": {"invoke": _CALL},
    "lambda": {"invoke": _MESSAGE},
    "mediaconvert": {"createJob": _JOB},
    "sagemaker": {
        "createEndpoint": _CALL,
        "createEndpointConfig": _CALL,
        "createHyperParameterTuningJob": _JOB,
        "createLabelingJob": _JOB,
        "createModel": _CALL,
        "createProcessingJob": _JOB,
        "createTrainingJob": _JOB,
        "createTransformJob": _JOB,
        "updateEndpoint": _CALL,
    },
    "sns": {"publish": _MESSAGE},
    "sqs": {"sendMessage": _MESSAGE},
    "states": {"startExecution": (_RESPONSE, _SYNC, _SYNC_2, _TOKEN)},
}


def _unknown_integrations(checked: CheckedDefinition) -> Iterator[Finding]:
    for state in checked.states():
        resource = state.resource
        if not resource or "${" in resource:
            continue
        call, place = state.call, below(state.pointer, "Resource")
        if call is not None and call.sdk:
            if call.pattern not in _MESSAGE:
                yield Finding(
                    state.name,
                    f"{resource}: AWS SDK integrations do not take {call.pattern}",
                    "give none, or .waitForTaskToken; an optimized integration may take .sync",
                    place,
                )
            elif not _SDK_ACTION.fullmatch(call.action):
                action = _camel_case(call.action)
                yield Finding(
                    state.name,
                    f"{resource}: actions of the AWS SDK begin with a small letter and have no - "
                    "and no _",
                    f"write aws-sdk:{call.service}:{action}",
                    place,
                )
            continue
        if not resource.startswith("arn:aws:states:::"):
            if not resource.startswith("arn:"):
                message = f"its Resource is {resource!r}, which is no ARN"
                yield Finding(state.name, message, "", place)
            continue
        if call is None:
            yield Finding(
                state.name,
                f"{resource}: it names no service and action",
                "write it as arn:aws:states:::lambda:invoke",
                place,
            )
            continue
        service, action, pattern = call.service, call.action, call.pattern
        actions = OPTIMIZED.get(service)
        if actions is None or action not in actions:
            # What is like none that is known may have come since: the rule below tells it.
            if _is_misspelt(call):
                yield _no_such(state, call)
        elif pattern not in actions[action]:
            given = " or ".join(each or "none" for each in actions[action])
            yield Finding(
                state.name,
                f"{resource}: {service}:{action} does not take {pattern}",
                f"give one of its suffixes: {given}",
                place,
            )


def _camel_case(written: str) -> str:
    """An action as integrations name it: ``GetItem`` and ``get-item`` are ``getItem``."""
    first, *others = re.split(r"[-_]", written)
    return first[:1].lower() + first[1:] + "".join(each[:1].upper() + each[1:] for each in others)


@lru_cache(maxsize=256)
def _is_misspelt(call: ServiceCall) -> bool:
    return bool(near_names(call.service, OPTIMIZED)) and (
        call.service not in OPTIMIZED or bool(near_names(call.action, OPTIMIZED[call.service]))
    )


def _no_such(state: State, call: ServiceCall) -> Finding:
    sdk = f"aws-sdk:{call.service}:{call.action}"
    place = below(state.pointer, "Resource")
    if call.service not in OPTIMIZED:
        message = f"{state.resource}: Step Functions has no integration {call.service!r}"
        return Finding(state.name, message, _suggestion(call.service, OPTIMIZED, sdk), place)
    return Finding(
        state.name,
        f"{state.resource}: the integration {call.service!r} has no action {call.action!r}",
        _suggestion(call.action, OPTIMIZED[call.service], sdk),
        place,
    )


def _new_integrations(checked: CheckedDefinition) -> Iterator[Finding]:
    for state in checked.states():
        call = state.call
        if call is None or call.sdk or "${" in state.resource or _is_misspelt(call):
            continue
        if call.action not in OPTIMIZED.get(call.service, {}):
            yield _no_such(state, call)


def _suggestion(given: str, known: Iterable[str], sdk: str) -> str:
    near = near_names(given, known)
    other = f"call the service by its SDK, arn:aws:states:::{sdk}"
    return f"did you mean {near[0]}? or {other}" if near else other


def _unlisted_actions(checked: CheckedDefinition) -> Iterator[Finding]:
    for state in checked.states():
        call = state.call
        # What is no service of the SDK is told by the other rules.
        if call is None or not call.sdk or "${" in state.resource:
            continue
        if note := unlisted_note(call.service, call.action):
            yield Finding(state.name, note, "", below(state.pointer, "Resource"))


def _replaced_fields(checked: CheckedDefinition) -> Iterator[Finding]:
    for state in checked.states():
        if state.type != "Map":
            continue
        for old, new in (("Iterator", "ItemProcessor"), ("Parameters", "ItemSelector")):
            if old in state.fields:
                yield Finding(
                    state.name, f"the Map has {old}, which was replaced", f"write {new} instead"
                )


INTEGRATION_CHECKS = (
    Check(
        "asl.service-integration",
        "error",
        "AWS refuses to create the state machine (INVALID_RESOURCE).",
        _unknown_integrations,
        what="A Task calls an optimized integration, an action of it, or a pattern (.sync, "
        ".waitForTaskToken) that does not exist, or an action of the AWS SDK that is not written "
        "in camel case.",
        remedy="give an ARN of a service integration, a function or an activity",
    ),
    Check(
        "asl.unknown-integration",
        # No error, which nobody could accept: integrations are added.
        "warning",
        "AWS refuses to create the state machine (INVALID_RESOURCE), unless Step Functions has got "
        "the integration since this release.",
        _new_integrations,
        what="A Task calls an optimized integration, or an action of it, that is not known and is "
        "like none that is.",
        remedy="give an ARN of a service integration, a function or an activity",
    ),
    Check(
        "asl.unlisted-action",
        "advice",
        "A role that is derived from the definition may allow an action that there is not, and "
        "lack the one that the call needs.",
        _unlisted_actions,
        what="A Task calls the AWS SDK for which AWS's reference of IAM actions lists no action.",
        remedy="see in AWS's documentation of the call which action it needs, and allow it",
    ),
    Check(
        "asl.deprecated-field",
        "advice",
        "AWS keeps such fields for old definitions; what is new, such as distributed Maps, works "
        "with the newer ones only.",
        _replaced_fields,
        what="A Map has Iterator or Parameters.",
        remedy="write ItemProcessor and ItemSelector",
    ),
)
