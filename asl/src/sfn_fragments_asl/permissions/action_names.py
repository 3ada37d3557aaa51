"""The IAM actions of API actions, by a table that is read when it is first asked for.

``tools/refresh_action_table.py`` writes it, from botocore's models and the Service Authorization
Reference, https://docs.aws.amazon.com/service-authorization/latest/reference/, and says how it is
to be read.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class ServiceActions:
    """What the table says of a service.

    Attributes:
        prefix: The prefix of its actions.
        actions: API action to the actions that it needs, where these have not its name.
        unlisted: API actions for which the reference lists no action.
        roles: API action to the parameters that give a role to the service, at whatever depth.
        tagging: The action that tagging takes; empty where there is none, or it has another name.
    """

    prefix: str
    actions: Mapping[str, tuple[str, ...]]
    unlisted: frozenset[str]
    roles: Mapping[str, tuple[str, ...]]
    tagging: str = ""


@cache
def _lines() -> dict[str, str]:
    # Whoever asks for no action does not wait for it.
    from importlib.resources import files

    text = files("sfn_fragments_asl.permissions").joinpath("actions.txt").read_text("utf-8")
    lines = (line.partition(" ") for line in text.splitlines() if not line.startswith("#"))
    return {service: rest for service, _, rest in lines}


@cache
def service_actions(service: str) -> ServiceActions | None:
    """What the table says of a service; ``None`` where it does not know it.

    Args:
        service: The service, as the ARN of an integration names it, such as ``sfn``.
    """
    line = _lines().get(service)
    if line is None:
        return None
    prefix, *words = line.split(" ")
    actions: dict[str, tuple[str, ...]] = {}
    roles: dict[str, tuple[str, ...]] = {}
    unlisted = set()
    tagging = ""
    for word in words:
        if word.startswith("+"):
            tagging = f"{prefix}:{word[1:]}"
        elif word.startswith("?"):
            unlisted.add(word[1:])
        elif "=" in word:
            call, _, named = word.partition("=")
            actions[call] = tuple(named.split(",")) if named else ()
        else:
            call, _, named = word.partition("@")
            roles[call] = tuple(named.split(","))
    return ServiceActions(prefix, actions, frozenset(unlisted), roles, tagging)


def actions_of(service: str, action: str) -> tuple[str, ...]:
    """What a caller of an API action must be allowed.

    Args:
        service: The service, as the ARN of an integration names it, such as ``sfn``.
        action: The API action, as there, such as ``describeExecution``.

    Returns:
        IAM actions; that of the API's name, where it is not known to need others.

    Examples:
        >>> actions_of("sfn", "describeExecution"), actions_of("s3", "listObjectsV2")
        (('states:DescribeExecution',), ('s3:ListBucket',))
    """
    known = service_actions(service)
    if known is not None and action in known.actions:
        return known.actions[action]
    prefix = service if known is None else known.prefix
    return (f"{prefix}:{action[0].upper()}{action[1:]}",)


def unlisted_note(service: str, action: str) -> str:
    """What is to be said of an API action for which no IAM action is listed.

    Args:
        service: The service, as the ARN of an integration names it.
        action: The API action, as there.

    Returns:
        A sentence; an empty text where its actions are listed.

    Examples:
        >>> unlisted_note("sfn", "describeExecution")
        ''
    """
    known = service_actions(service)
    if known is None:
        what = f"the service {service!r} is"
    elif action in known.unlisted:
        what = f"{service}:{action} is"
    else:
        return ""
    [named] = actions_of(service, action)
    return (
        f"{what} not in AWS's reference of IAM actions as this release knows it: {named} is taken "
        "from its name, and may be called otherwise."
    )
