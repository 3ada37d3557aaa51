"""What calls of queues, buses, schedules, secrets and logs need: the resource that they name.

Each is named in a way of its own. ARNs are those of the Service Authorization Reference,
https://docs.aws.amazon.com/service-authorization/latest/reference/.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sfn_fragments_asl.permissions.call import arn, arns, is_arn, is_marker
from sfn_fragments_asl.permissions.markers import part_of
from sfn_fragments_asl.permissions.resource_scope import Names

if TYPE_CHECKING:
    from sfn_fragments_asl.permissions.call import Call

# https://sqs.<region>.amazonaws.com/<account>/<name>, and forms before it.
_QUEUE = re.compile(
    r"https://(?:sqs\.(?P<region>[^/]+?)\.|(?P<old>[^/]+?)\.queue\.|queue\.)"
    r"(?:amazonaws\.com(?:\.cn)?|\$\{AWS::URLSuffix\})/(?P<account>[^/]+)/(?P<name>[^/]+)"
)
# Six characters that Secrets Manager puts behind the name.
_SUFFIX = "-??????"
_SUFFIXED = re.compile(r"-[A-Za-z0-9]{6}$")


def queue(call: Call) -> Names | None:
    """The queue of a call of SQS, which is named by its URL.

    Args:
        call: The call.

    Returns:
        Its ARN; ``None`` where the call names none.
    """
    if "QueueUrl" in call:
        urls = call.patterns("QueueUrl")
        return Names(tuple(dict.fromkeys(map(_queue, urls.patterns))), urls.note)
    if "QueueName" in call:
        names = call.patterns("QueueName")
        return Names(tuple(arns("sqs", "", names.patterns)), names.note)
    return None


def _queue(url: str) -> str:
    if is_marker(url):
        account, name = part_of("AccountInUrl:", url), part_of("NameInUrl:", url)
        return arn("sqs", name).replace("${AWS::AccountId}", account)
    if found := _QUEUE.fullmatch(url):
        known = arn("sqs", found["name"]).replace("${AWS::AccountId}", found["account"])
        region = found["region"] or found["old"] or "us-east-1"
        return known.replace("${AWS::Region}", region)
    return "*"


def buses(call: Call) -> Names:
    """The event buses that events are put to; the default one where an event names none.

    Args:
        call: The call.
    """
    entries = call.known("Entries")
    if entries.open:
        return Names((arn("events", "event-bus/*"),), "Entries: an execution chooses the bus.")
    named = entries.fields.get("EventBusName")
    if named is None:
        return Names((arn("events", "event-bus/default"),))
    names = call.patterns("Entries.EventBusName")
    patterns = [*names.patterns, *(["default"] if named.absent else [])]
    found = arns("events", "event-bus/", dict.fromkeys(patterns), part="BusOf:")
    return Names(tuple(dict.fromkeys(found)), names.note)


def rule(call: Call) -> Names | None:
    """The rule of a call of EventBridge, in the default bus where none is named.

    Args:
        call: The call.

    Returns:
        Its ARN; ``None`` where the call names none.
    """
    parameter = "Rule" if "Rule" in call else "Name"
    if ("Rule" not in call.action and "Targets" not in call.action) or parameter not in call:
        return None
    buses_of, names = call.patterns("EventBusName", "default"), call.patterns(parameter)
    found = [
        arn("events", f"rule/{'' if bus == 'default' else f'{_bus(bus)}/'}{name}")
        for bus in buses_of.patterns
        for name in names.patterns
    ]
    return Names(tuple(found), "\n".join(filter(None, (buses_of.note, names.note))))


def _bus(name: str) -> str:
    """The name of a bus that is given by its name or its ARN."""
    return part_of("BusOf:", name) if is_marker(name) else name.rpartition("event-bus/")[2]


def stack(call: Call) -> Names | None:
    """The stack of a call of CloudFormation, whose ARN has an id that CloudFormation makes up.

    Args:
        call: The call.

    Returns:
        Its ARN; ``None`` where the call names none.
    """
    if "StackName" not in call or call.action in ("listExports", "listImports"):
        return None
    names = call.patterns("StackName")
    found = [
        name if name.startswith("arn:") else f"{whole}/*"
        for name, whole in zip(
            names.patterns, arns("cloudformation", "stack/", names.patterns), strict=True
        )
    ]
    return Names(tuple(found), names.note)


def schedules(call: Call) -> Names:
    """The schedules of a call of EventBridge Scheduler, in the default group where none is named.

    Args:
        call: The call.
    """
    groups, names = call.patterns("GroupName", "default"), call.patterns("Name")
    found = [
        arn("scheduler", f"schedule/{group}/{name}")
        for group in groups.patterns
        for name in names.patterns
    ]
    return Names(tuple(found), "\n".join(filter(None, (groups.note, names.note))))


def secret(call: Call) -> Names | None:
    """The secret of a call of Secrets Manager, which is named by its name or its ARN.

    Args:
        call: The call.

    Returns:
        Its ARN; ``None`` where the call names none.
    """
    parameter = "SecretId" if "SecretId" in call else "Name"
    if parameter not in call:
        return None
    names = call.patterns(parameter)
    found = [each for name in names.patterns for each in secret_arns(name)]
    return Names(tuple(dict.fromkeys(found)), names.note)


def secret_arns(name: str) -> list[str]:
    """The ARN of a secret; with and without its suffix, where it is not known which is there.

    Args:
        name: Its name or ARN, written out or as a marker.
    """
    if is_arn(name):
        whole = name.startswith("${") or name.endswith("*") or _SUFFIXED.search(name)
        return [name] if whole else [f"{name}{_SUFFIX}"]
    if is_marker(name):
        [known] = arns("secretsmanager", "secret:", [name], part="SecretOf:")
        return [known, f"{known}{_SUFFIX}"]
    known = arn("secretsmanager", f"secret:{name}")
    return [known if known.endswith("*") else f"{known}{_SUFFIX}"]


def log_group(call: Call) -> Names | None:
    """The log group of a call of CloudWatch Logs, with its streams.

    Args:
        call: The call.

    Returns:
        Its ARN; ``None`` where the call names none.
    """
    parameter = "LogGroupName" if "LogGroupName" in call else "LogGroupNames"
    if parameter not in call or call.action.startswith("describeLogGroups"):
        return None
    names = call.patterns(parameter)
    groups = arns("logs", "log-group:", names.patterns, part="LogGroupOf:")
    found = [group if group.endswith("*") else f"{group}:*" for group in groups]
    return Names(tuple(dict.fromkeys(found)), names.note)
