"""Statements for the service calls of a definition.

What a ``.sync`` integration needs besides its own call is in
https://docs.aws.amazon.com/step-functions/latest/dg/service-integration-iam-templates.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sfn_fragments.definition import Definition, walk_states
from sfn_fragments.iam.values import Known, KnownValues

_RESOURCE = re.compile(
    r"arn:(?:\$\{AWS::Partition\}|[^:]+):states:::"
    r"(?:aws-sdk:)?(\w+):(\w+)(?:\.(sync|waitForTaskToken))?"
)
# Names by which the SDK integrations call services whose IAM prefix differs.
_IAM_PREFIX = {"sfn": "states", "cloudwatchlogs": "logs", "efs": "elasticfilesystem"}
# API actions whose IAM action has another name.
_IAM_ACTION = {("s3", "listObjects"): "ListBucket", ("s3", "listObjectsV2"): "ListBucket"}
_JOB_EVENTS = "rule/StepFunctionsGetEventsForBatchJobsRule"
_EXECUTION_EVENTS = "rule/StepFunctionsGetEventsForStepFunctionsExecutionRule"


@dataclass(frozen=True)
class Permission:
    """What one state needs.

    Attributes:
        state: Name of the state.
        actions: IAM actions, such as ``s3:PutObject``.
        resources: ARNs, with ``${AWS::Partition}`` and the like where they are known at
            deployment only, or ``*``.
        conditions: IAM conditions.
    """

    state: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: Mapping[str, Any] = field(default_factory=dict)


def derive_permissions(definition: Mapping[str, Any], name_prefix: str) -> list[Permission]:
    """The permissions that the service calls of a definition need, no more.

    Resources are narrowed to what is literal in the definition. A value that the execution's
    input may choose is narrowed to names that begin with the environment's.

    Args:
        definition: The parsed definition.
        name_prefix: The environment base, such as ``dev-x``.

    Returns:
        The permissions, in the order of the states.
    """
    values = KnownValues(definition)
    # A job definition that is registered at run time is known by a variable that holds its ARN.
    registered = [
        values.look_up(_arguments(state), "JobDefinitionName")
        for _, state in walk_states(definition)
        if str(state.get("Resource", "")).endswith("batch:registerJobDefinition")
    ]
    permissions: list[Permission] = []
    for name, state in walk_states(definition):
        calls = [state] if state.get("Type") == "Task" else []
        if _is_distributed_map(state):
            calls = [state[key] for key in ("ItemReader", "ResultWriter") if key in state]
            permissions += _map_run(name, name_prefix)
        for call in calls:
            resource = str(call.get("Resource", ""))
            permissions += _Call(
                name, resource, _arguments(call), values, name_prefix, registered
            ).permissions()
    return permissions


def _is_distributed_map(state: Mapping[str, Any]) -> bool:
    processor = state.get("ItemProcessor", {})
    return bool(processor.get("ProcessorConfig", {}).get("Mode") == "DISTRIBUTED")


def _map_run(name: str, name_prefix: str) -> Iterator[Permission]:
    """What it takes to start, watch, stop and redrive the child executions.

    They are executions of the machine itself, whose role cannot refer to it, being there before
    it; but its name begins with the environment's.
    https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html
    """
    base = "arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}"
    yield Permission(name, ("states:StartExecution",), (f"{base}:stateMachine:{name_prefix}-*",))
    yield Permission(
        name,
        ("states:DescribeExecution", "states:RedriveExecution", "states:StopExecution"),
        (f"{base}:execution:{name_prefix}-*",),
    )


def _arguments(state: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a state passes to its service, in either query language."""
    for field_name in ("Parameters", "Arguments"):
        value = state.get(field_name)
        if isinstance(value, Mapping):
            return value
    return {}


def policy_document(permissions: Sequence[Permission], definition: Definition) -> dict[str, Any]:
    """An IAM policy of the permissions, with what CloudFormation fills in as intrinsics.

    Args:
        permissions: The permissions; equal ones are merged, whatever state needs them.
        definition: The definition that they were derived from.

    Returns:
        The document, as IAM reads it.
    """
    merged: dict[tuple[tuple[str, ...], str], tuple[set[str], Mapping[str, Any]]] = {}
    for permission in permissions:
        key = (permission.resources, repr(permission.conditions))
        merged.setdefault(key, (set(), permission.conditions))[0].update(permission.actions)
    statements = []
    for (resources, _), (actions, conditions) in merged.items():
        statement: dict[str, Any] = {
            "Effect": "Allow",
            "Action": sorted(actions),
            "Resource": [_resource(text, definition) for text in resources],
        }
        if conditions:
            statement["Condition"] = conditions
        statements.append(statement)
    return {"Version": "2012-10-17", "Statement": statements}


def _is_arn(name: str) -> bool:
    """Whether a name is an ARN: written out, or a marker of one."""
    return name.startswith("arn:") or (name.startswith("${") and name.endswith("Arn}"))


_PSEUDO = re.compile(r"\$\{(AWS::\w+)\}")


def _resource(text: str, definition: Definition) -> Any:
    parts: list[Any] = []
    for part in definition.split(text):
        if isinstance(part, str):
            pieces = _PSEUDO.split(part)
            parts += [
                {"Ref": piece} if index % 2 else piece
                for index, piece in enumerate(pieces)
                if piece
            ]
        else:
            parts.append(part)
    return parts[0] if len(parts) == 1 else {"Fn::Join": ["", parts]}


@dataclass(frozen=True)
class _Call:
    state: str
    resource: str
    parameters: Mapping[str, Any]
    values: KnownValues
    name_prefix: str
    registered: Sequence[Known]

    def permissions(self) -> Iterator[Permission]:
        match = _RESOURCE.match(self.resource)
        if match is None:
            yield from self._by_arn()
            return
        service, action, pattern = match.groups()
        handler = {
            ("s3", "putObject"): self._s3_object,
            ("s3", "getObject"): self._s3_object,
            ("batch", "registerJobDefinition"): self._register_job_definition,
            ("batch", "deregisterJobDefinition"): self._deregister_job_definition,
            ("batch", "submitJob"): self._submit_job,
            ("states", "startExecution"): self._start_execution,
            ("lambda", "invoke"): self._invoke,
        }.get((service, action))
        if handler is None:
            prefix = _IAM_PREFIX.get(service, service)
            name = _IAM_ACTION.get((service, action), f"{action[0].upper()}{action[1:]}")
            yield self._need([f"{prefix}:{name}"], ["*"])
        else:
            yield from handler(action, pattern)

    def _need(
        self, actions: Sequence[str], resources: Sequence[str], **conditions: Any
    ) -> Permission:
        return Permission(self.state, tuple(actions), tuple(resources), conditions)

    def _by_arn(self) -> Iterator[Permission]:
        # A Task may name a function's ARN as its resource.
        if ":function:" in self.resource or self.resource.startswith("${"):
            yield self._need(["lambda:InvokeFunction"], [self.resource, f"{self.resource}:*"])

    def _known(self, name: str) -> Known:
        return self.values.look_up(self.parameters, name)

    def _names(self, known: Known) -> list[str]:
        """Patterns of the names that a value may take."""
        if known.complete and not known.overridable:
            return [known.prefix]
        own = [known.prefix] if known.complete else []
        if known.prefix and not known.complete and not known.overridable:
            return [f"{known.prefix}*"]
        return [*own, f"{self.name_prefix}-*"]

    def _arns(self, service: str, kind: str, known: Known) -> list[str]:
        base = f"arn:${{AWS::Partition}}:{service}:${{AWS::Region}}:${{AWS::AccountId}}:{kind}"
        return [name if _is_arn(name) else f"{base}{name}" for name in self._names(known)]

    def _s3_object(self, action: str, _: str | None) -> Iterator[Permission]:
        actions = [f"s3:{action[0].upper()}{action[1:]}"]
        key = self._known("Key")
        if {"Prefix", "Prefix.$"} & set(self.parameters):
            # The results of a distributed Map, in parts, at keys that it makes up.
            actions += ["s3:AbortMultipartUpload", "s3:GetObject", "s3:ListMultipartUploadParts"]
            key = replace(self._known("Prefix"), complete=False)
        # The prefix of a key may be overridden too; the bucket is the boundary then.
        pattern = "*" if key.overridable else key.prefix + ("" if key.complete else "*")
        yield self._need(
            actions,
            [
                f"arn:${{AWS::Partition}}:s3:::{bucket}/{pattern}"
                for bucket in self._names(self._known("Bucket"))
            ],
        )

    def _register_job_definition(self, *_: Any) -> Iterator[Permission]:
        # A tag on what is registered needs a right of its own.
        tagged = ["batch:TagResource"] if {"Tags", "Tags.$"} & set(self.parameters) else []
        yield self._need(
            ["batch:RegisterJobDefinition", *tagged],
            self._arns("batch", "job-definition/", self._known("JobDefinitionName")),
        )
        roles = self._job_roles()
        if roles:
            yield self._need(
                ["iam:PassRole"],
                roles,
                StringEquals={"iam:PassedToService": "ecs-tasks.amazonaws.com"},
            )

    def _job_roles(self) -> list[str]:
        properties = self.parameters.get("ContainerProperties")
        if isinstance(properties, str):
            # An expression as a whole: the role is the settings' field of that name.
            match = re.search(r"(\$\w+\.job_role_arn)", properties)
            known = self.values.look_up(
                {"role": f"{{% {match.group(1)} %}}"} if match else {}, "role"
            )
        else:
            known = self.values.look_up(properties or {}, "JobRoleArn")
            if not known.prefix and "JobRoleArn.$" not in (properties or {}):
                return []
        if known.complete:
            role = known.prefix
            return [role if role.startswith(("arn:", "${")) else self._role_arn(role)]
        return [self._role_arn(f"{self.name_prefix}-*")]

    @staticmethod
    def _role_arn(name: str) -> str:
        return f"arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:role/{name}"

    def _job_definitions(self) -> list[str]:
        given = self._known("JobDefinition")
        if given.complete and given.prefix.startswith("${"):
            # A reference to a job definition of the stack is its ARN.
            return [given.prefix]
        known = [given] if given.prefix or not self.registered else self.registered
        arns = [arn for each in known for arn in self._arns("batch", "job-definition/", each)]
        return list(dict.fromkeys(arns))

    def _deregister_job_definition(self, *_: Any) -> Iterator[Permission]:
        yield self._need(["batch:DeregisterJobDefinition"], self._job_definitions())

    def _submit_job(self, _: str, pattern: str | None) -> Iterator[Permission]:
        tagged = ["batch:TagResource"] if {"Tags", "Tags.$"} & set(self.parameters) else []
        yield self._need(
            ["batch:SubmitJob", *tagged],
            [
                *self._job_definitions(),
                *self._arns("batch", "job-queue/", self._known("JobQueue")),
            ],
        )
        if pattern == "sync":
            # Batch has no resources for these two.
            yield self._need(["batch:DescribeJobs", "batch:TerminateJob"], ["*"])
            yield self._managed_rule(_JOB_EVENTS)

    def _managed_rule(self, rule: str) -> Permission:
        return self._need(
            ["events:PutTargets", "events:PutRule", "events:DescribeRule"],
            [f"arn:${{AWS::Partition}}:events:${{AWS::Region}}:${{AWS::AccountId}}:{rule}"],
        )

    def _start_execution(self, _: str, pattern: str | None) -> Iterator[Permission]:
        machine = self._known("StateMachineArn")
        # A reference to a state machine is its ARN.
        machines = (
            [machine.prefix]
            if machine.complete and machine.prefix.startswith("${")
            else self._arns("states", "stateMachine:", machine)
        )
        yield self._need(["states:StartExecution"], machines)
        if pattern == "sync":
            yield self._need(["states:DescribeExecution", "states:StopExecution"], ["*"])
            yield self._managed_rule(_EXECUTION_EVENTS)

    def _invoke(self, *_: Any) -> Iterator[Permission]:
        functions = self._arns("lambda", "function:", self._known("FunctionName"))
        yield self._need(
            ["lambda:InvokeFunction"], [*functions, *(f"{arn}:*" for arn in functions)]
        )
