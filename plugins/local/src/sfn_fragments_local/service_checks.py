"""Rules over AWS SDK integrations: services and actions that do not exist, or are deprecated.

Read from botocore's models of the services, which are as new as the botocore that is installed. It
is imported when a rule runs: the rules are asked for at each synthesis, which leaves them out.
https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
"""

from __future__ import annotations

import gzip
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sfn_fragments_asl.checks import Check, CheckedDefinition, Finding
from sfn_fragments_asl.near_names import near_names

if TYPE_CHECKING:
    from collections.abc import Iterator

_SERVICE_ID = re.compile(rb'"serviceId":\s*"([^"]+)"')
# The metadata, with the service's id, is at the head of a model.
_HEAD = 4096
_MODEL = "service-2"


@cache
def _names_of_services() -> dict[str, str]:
    """Names of services as Step Functions writes them, to botocore's."""
    import botocore

    names = {}
    for folder in sorted((Path(botocore.__file__).parent / "data").iterdir()):
        models = sorted(folder.glob(f"*/{_MODEL}.json.gz")) if folder.is_dir() else []
        if not models:
            continue
        with gzip.open(models[-1]) as model:
            match = _SERVICE_ID.search(model.read(_HEAD))
        if match:
            name = re.sub(r"[^a-z0-9]", "", match.group(1).decode().lower())
            names[name] = folder.name
            # The package of the Java SDK, after which the integrations are named, leaves it out.
            names[name.removesuffix("service")] = folder.name
    return names


@cache
def _operations(service: str) -> dict[str, Any]:
    """The operations of a service by their names in lower case: the SDKs differ in acronyms."""
    from botocore.loaders import Loader

    model = Loader().load_service_model(service, _MODEL)
    return {name.lower(): operation for name, operation in model["operations"].items()}


def _calls(checked: CheckedDefinition) -> Iterator[tuple[str, str, str]]:
    for state in checked.states():
        if state.call is not None and state.call.sdk:
            yield state.name, state.call.service, state.call.action


def _unknown(checked: CheckedDefinition) -> Iterator[Finding]:
    names = _names_of_services()
    for place, service, action in _calls(checked):
        if service not in names:
            meant = [name for name, folder in names.items() if folder == service]
            near = meant or near_names(service, names)
            yield Finding(
                place,
                f"the AWS SDK has no service {service!r}",
                f"did you mean {' or '.join(near)}?" if near else "",
            )
            continue
        operations = _operations(names[service])
        if action.lower() not in operations:
            known = [_as_action(each["name"]) for each in operations.values()]
            near = near_names(action, known)
            yield Finding(
                place,
                f"the service {service!r} has no action {action!r}",
                f"did you mean {' or '.join(near)}?" if near else "",
            )
        elif not action[:1].islower():
            yield Finding(
                place,
                f"the action {action!r} begins with a capital letter",
                f"write {_as_action(action)}",
            )


def _as_action(operation: str) -> str:
    return operation[0].lower() + operation[1:]


def _deprecated(checked: CheckedDefinition) -> Iterator[Finding]:
    names = _names_of_services()
    for place, service, action in _calls(checked):
        operation = _operations(names[service]).get(action.lower()) if service in names else None
        if operation and operation.get("deprecated"):
            says = str(operation.get("deprecatedMessage", "")).strip()
            yield Finding(
                place,
                f"{service}:{action} is deprecated" + (f": {says}" if says else ""),
            )


SERVICE_CHECKS = (
    Check(
        "local.service-action",
        "error",
        "AWS refuses to create the state machine (INVALID_RESOURCE), or the call fails in every "
        "execution.",
        _unknown,
        what="A Task calls a service of the AWS SDK, or an action of it, that does not exist.",
        remedy="write the service as in the list of supported AWS SDK integrations, and the action "
        "as in its API with a small first letter; where AWS has it since today, update boto3",
        at_synthesis=False,
    ),
    Check(
        "local.deprecated-action",
        "warning",
        "AWS may end it, and has a newer action for the same.",
        _deprecated,
        what="A Task calls an action that its service's API marks as deprecated.",
        remedy="call the newer action that the service's API reference names",
        at_synthesis=False,
    ),
)
