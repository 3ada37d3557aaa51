"""A call of a service that a state makes, and the ARNs of what it names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sfn_fragments_asl.model.values import NOTHING, OPEN, Value
from sfn_fragments_asl.permissions.markers import LAST_OF, part_of
from sfn_fragments_asl.permissions.permission import Permission
from sfn_fragments_asl.permissions.resource_scope import Names

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sfn_fragments_asl.model.calls import ServiceCall
    from sfn_fragments_asl.permissions.resource_scope import ResourceScope

_ARN = "arn:${{AWS::Partition}}:{service}:${{AWS::Region}}:${{AWS::AccountId}}:{resource}"
# A marker of an ARN: an attribute, an attribute that another stack exports or puts out (CDK ends
# the names of these with a hash), or one that a nested stack gets as a parameter.
_ARN_MARKER = re.compile(
    r"\$\{(\w+(\.\w*Arn|(ExportsOutput|PublishOutput)FnGetAtt\w*Arn[0-9A-F]{8})"
    r"|referenceto\w*Arn)\}"
)
# A colon of an ARN, and none in a marker; the parts of an ARN, and which of them is the service.
_COLON = re.compile(r":(?![^{}]*\})")
_PARTS, _SERVICE = 6, 2
# How the ``.sync`` integrations learn that what they wait for has ended.
_MANAGED_RULE_ACTIONS = ("events:PutTargets", "events:PutRule", "events:DescribeRule")


@dataclass(frozen=True)
class Call:
    """A call of a service.

    Attributes:
        state: The state that makes it.
        made: The service integration.
        arguments: What is known of its arguments.
        resources: Bounds the names that are open.
    """

    state: str
    made: ServiceCall
    arguments: Value
    resources: ResourceScope

    @property
    def service(self) -> str:
        """The service, as the integration's ARN names it, such as ``s3``."""
        return self.made.service

    @property
    def action(self) -> str:
        """The API action, as there, such as ``putObject``."""
        return self.made.action

    def __contains__(self, parameter: str) -> bool:
        """Whether the parameter is given, or may be."""
        return self.arguments.open or self.arguments.spelled(parameter) in self.arguments.fields

    def given(self, parameter: str) -> bool:
        """Whether the parameter is given whatever the execution does."""
        value = self.arguments.fields.get(self.arguments.spelled(parameter))
        return not self.arguments.open and value is not None and not value.absent

    def known(self, parameter: str) -> Value:
        """What is known of a parameter; it may be anything where it is not given.

        Args:
            parameter: The parameter, or the way to a field of it, such as ``Delete.Objects.Key``.
        """
        value = self.arguments
        for name in parameter.split("."):
            value = value.parameter(name)
        return OPEN if value == NOTHING else value

    def patterns(self, parameter: str, missing: str = "*") -> Names:
        """The names of what cannot be listed, as `ResourceScope` lists others.

        Args:
            parameter: The parameter, or the way to a field of it.
            missing: The name that is meant where it is not given.

        Returns:
            The names, among them ``*`` where an execution may choose any.
        """
        if parameter.split(".")[0] not in self:
            return Names((missing,))
        value = self.known(parameter)
        found = [each.pattern for each in value.texts]
        if value.open:
            return Names(("*",), f"{parameter}: an execution chooses it; allowed: any.")
        if value.absent and missing != "*":
            found.append(missing)
        return Names(tuple(dict.fromkeys(found)))

    def names(self, kind: str, parameter: str, value: Value | None = None) -> Names:
        """The names that a parameter may have.

        Args:
            kind: What is named, such as ``buckets``.
            parameter: The parameter.
            value: What is known of it, where the call does not have it by its name.
        """
        known = self.known(parameter) if value is None else value
        return self.resources.names(kind, self.state, parameter, known)

    def need(
        self,
        actions: Iterable[str],
        resources: Iterable[str],
        notes: Sequence[str] = (),
        **conditions: Any,
    ) -> Permission:
        """A permission of the state.

        Args:
            actions: IAM actions.
            resources: ARNs, or ``*``.
            notes: Why the resources are not narrower; empty ones are left out.
            **conditions: IAM conditions.
        """
        note = "\n".join(note for note in notes if note)
        whole = dict.fromkeys(map(whole_arn, resources))
        return Permission(self.state, tuple(actions), tuple(whole), conditions, note)

    def managed_rule(self, rule: str) -> Permission:
        """What it takes to be told when something has ended, by a rule of EventBridge.

        https://docs.aws.amazon.com/step-functions/latest/dg/service-integration-iam-templates.html

        Args:
            rule: Name of the rule, which Step Functions makes.
        """
        return self.need(_MANAGED_RULE_ACTIONS, [arn("events", f"rule/{rule}")])


def arn(service: str, resource: str, *, region: bool = True) -> str:
    """An ARN in the stack's partition and account.

    Args:
        service: The service, as ARNs name it.
        resource: What stands behind the account.
        region: Whether the ARNs of the service have a region.
    """
    text = _ARN.format(service=service, resource=resource)
    return text if region else text.replace("${AWS::Region}", "")


def arns(service: str, kind: str, names: Iterable[str], *, part: str = LAST_OF) -> list[str]:
    """ARNs of resources that are given by their names or their ARNs.

    A reference to something, ``${Queue}``, may be either: that of a resource is the one or the
    other, and a parameter holds whatever is put into it.

    Args:
        service: The service, as ARNs name it.
        kind: What stands before the name, such as ``job-queue/``.
        names: The names.
        part: How the name is taken out of what only CloudFormation knows, which may be an ARN.
    """
    return [
        name
        if is_arn(name)
        else arn(service, f"{kind}{part_of(part, name) if is_marker(name) else name}")
        for name in names
    ]


def in_either_case(service: str, names: Sequence[str]) -> list[str]:
    """Names as the ARNs of a service may have them.

    SageMaker has written those of some resources in small letters:
    https://github.com/aws-solutions/research-service-workbench-on-aws/pull/1048

    Args:
        service: The service, as ARNs name it.
        names: The names.
    """
    small = [name.lower() for name in names if service == "sagemaker" and "${" not in name]
    return list(dict.fromkeys([*names, *small]))


def whole_arn(pattern: str) -> str:
    """A pattern of ARNs with all of its parts: IAM takes none that breaks off in one.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html

    Args:
        pattern: A pattern, whose ``*`` may stand for parts that are not known.

    Examples:
        >>> whole_arn("arn:aws:sns:us-*"), whole_arn("arn:aws:iam::*"), whole_arn("arn:*")
        ('arn:aws:sns:us-*:*:*', 'arn:aws:iam::*:role/*', '*')
    """
    if not pattern.startswith("arn:"):
        return pattern
    parts = _COLON.split(pattern)
    if len(parts) < _PARTS:
        if len(parts) <= _SERVICE or parts[_SERVICE].endswith("*"):
            return "*"
        parts += ["*"] * (_PARTS - len(parts))
        if parts[_SERVICE] == "iam":
            parts[-1] = "role/*"
    return ":".join(parts)


def is_arn(name: str) -> bool:
    """Whether a name is an ARN: written out, or a marker of one."""
    return name.startswith("arn:") or _ARN_MARKER.fullmatch(name) is not None


def is_marker(name: str) -> bool:
    """Whether only CloudFormation knows the whole name."""
    return name.startswith("${") and name.find("}") == len(name) - 1 and name[2] not in "*?$"
