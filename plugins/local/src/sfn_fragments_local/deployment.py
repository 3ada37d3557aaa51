"""Deploys synthesized stacks to the engine.

moto's CloudFormation makes most resources. State machines and what belongs to Batch are made
through their own APIs instead: CloudFormation's machines would not run in the interpreter, and
moto reads templates of Batch in ways that CDK does not write them. Their ARNs are known in
advance, so that they stand in the template wherever it refers to them.
"""

from __future__ import annotations

import atexit
import copy
import json
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError
from moto.cloudformation.models import cloudformation_backends
from moto.cloudformation.parsing import clean_json, get_model_map
from moto.iam.models import Role

from sfn_fragments.errors import FragmentsError
from sfn_fragments_asl.checks import CheckedDefinition, builtin_checks, run_checks
from sfn_fragments_local import cloudformation_gaps
from sfn_fragments_local.iam_enforcement.roles import know_aws_managed_policy
from sfn_fragments_local.lambda_functions import provide_code

_MACHINE = "AWS::StepFunctions::StateMachine"
_COMPUTE_ENVIRONMENT = "AWS::Batch::ComputeEnvironment"
_JOB_QUEUE = "AWS::Batch::JobQueue"
_JOB_DEFINITION = "AWS::Batch::JobDefinition"
_FUNCTION = "AWS::Lambda::Function"
_ROLE = "AWS::IAM::Role"

#: The property that names a resource which the engine makes itself, in the order of making.
_OWN_TYPES = {
    _COMPUTE_ENVIRONMENT: "ComputeEnvironmentName",
    _JOB_QUEUE: "JobQueueName",
    _JOB_DEFINITION: "JobDefinitionName",
    _MACHINE: "StateMachineName",
}

_NAME_LENGTH = {_MACHINE: 80}

#: Role of the compute environments, which Batch wants and nothing here looks at.
_BATCH_ROLE = "sfn-fragments-batch"


class DeploymentError(FragmentsError):
    """A stack cannot be deployed."""


class _RefusedError(Exception):
    """A definition has errors."""


@dataclass(frozen=True)
class Template:
    """A synthesized stack.

    Attributes:
        stack_name: Name to deploy it under.
        body: The CloudFormation template.
        paths: Logical id to construct path, where they are known.
        assets: Key of an asset in its bucket, to its file or folder, where they are known.
    """

    stack_name: str
    body: Mapping[str, Any]
    paths: Mapping[str, str] = field(default_factory=dict)
    assets: Mapping[str, Path] = field(default_factory=dict)


@dataclass(frozen=True)
class Deployment:
    """What was deployed.

    Logical ids are the keys. With several stacks, an id that an earlier one has already is
    written ``<stack name>/<logical id>``.

    Attributes:
        stacks: Names of the stacks.
        state_machines: Logical id to ARN.
        resources: Logical id to physical id, state machines included.
        outputs: Output to value.
        skipped: Logical id to why it was left out.
        paths: Construct path to logical id, of the state machines.
    """

    stacks: tuple[str, ...]
    state_machines: Mapping[str, str]
    resources: Mapping[str, str]
    outputs: Mapping[str, str]
    skipped: Mapping[str, str]
    paths: Mapping[str, str]

    def merged(self, other: Deployment) -> Deployment:
        """This one and a later one together."""

        def joined(name: str) -> dict[str, str]:
            mine: dict[str, str] = dict(getattr(self, name))
            prefix = "/".join(other.stacks)
            for key, value in getattr(other, name).items():
                mine[f"{prefix}/{key}" if key in mine else key] = value
            return mine

        return Deployment(
            stacks=(*self.stacks, *other.stacks),
            **{
                name: joined(name)
                for name in ("state_machines", "resources", "outputs", "skipped", "paths")
            },
        )


def read_templates(source: object, name: str) -> list[Template]:
    """The templates of what `Engine.deploy` takes, in the order in which they must be deployed.

    Args:
        source: A CDK stack or app, a template, or a path to a template or a cloud assembly.
        name: Stack name of a template that has none.

    Raises:
        DeploymentError: It is none of these, or cannot be read.
    """
    if isinstance(source, Mapping):
        return [Template(name, source)]
    if isinstance(source, str | Path):
        return _read_path(Path(source))
    if "aws_cdk" in sys.modules:
        import aws_cdk

        if isinstance(source, aws_cdk.Stack):
            root = source.node.root
            assert isinstance(root, aws_cdk.Stage)
            return _read_assembly(_synthesized(root), only=source.artifact_id)
        if isinstance(source, aws_cdk.Stage):
            return _read_assembly(_synthesized(source))
    raise DeploymentError(
        f"deploy: {source!r} is a {type(source).__name__}; give a CDK Stack or App, a template as "
        "a dict, or the path of a template file or of a cloud assembly folder"
    )


def _synthesized(stage: Any) -> Path:
    # force: constructs may have been added since the last time.
    folder = Path(stage.synth(force=True).directory)
    if folder.parent == Path(tempfile.gettempdir()) and folder.name.startswith("cdk.out"):
        # CDK makes this folder for an app without `outdir`, and leaves it. The app may still
        # read it, so it goes at the end of the process.
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _read_path(path: Path) -> list[Template]:
    if path.is_dir():
        return _read_assembly(path)
    body = _read_json(path)
    if "Resources" not in body:
        raise DeploymentError(f"deploy: {str(path)!r} has no 'Resources'; give a template")
    return [Template(path.name.split(".")[0], body)]


def _read_json(path: Path) -> dict[str, Any]:
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DeploymentError(f"deploy: cannot read {str(path)!r}: {error.strerror}") from error
    except ValueError as error:
        raise DeploymentError(f"deploy: {str(path)!r} is not JSON: {error}") from error
    if not isinstance(body, dict):
        raise DeploymentError(f"deploy: {str(path)!r} holds no JSON object")
    return body


def _read_assembly(folder: Path, only: str | None = None) -> list[Template]:
    """The stacks of an assembly, or one and those it depends on, dependencies first."""
    templates: dict[str, Template] = {}
    dependencies: dict[str, list[str]] = {}
    for assembly in _assemblies(folder):
        assets = _assets(assembly)
        for artifact_id, artifact in _read_json(assembly / "manifest.json")["artifacts"].items():
            if artifact["type"] != "aws:cloudformation:stack":
                continue
            properties = artifact["properties"]
            templates[artifact_id] = Template(
                properties.get("stackName", artifact_id),
                _read_json(assembly / properties["templateFile"]),
                _construct_paths(assembly, artifact),
                assets,
            )
            dependencies[artifact_id] = artifact.get("dependencies", [])
    ordered: dict[str, Template] = {}

    def visit(artifact_id: str) -> None:
        # Assets are dependencies too.
        if artifact_id in ordered or artifact_id not in templates:
            return
        for dependency in dependencies[artifact_id]:
            visit(dependency)
        ordered[artifact_id] = templates[artifact_id]

    for artifact_id in [only] if only else templates:
        visit(artifact_id)
    if not ordered:
        raise DeploymentError(f"deploy: {str(folder)!r} holds no stack")
    return list(ordered.values())


def _construct_paths(assembly: Path, artifact: Mapping[str, Any]) -> dict[str, str]:
    """Logical id to construct path; templates themselves say it only when the CDK CLI made them."""
    metadata = dict(artifact.get("metadata") or {})
    if file := artifact.get("additionalMetadataFile"):
        metadata |= _read_json(assembly / file)
    return {
        entry["data"]: path.removeprefix("/").removesuffix("/Resource")
        for path, entries in metadata.items()
        for entry in entries
        if entry["type"] == "aws:cdk:logicalId"
    }


def _assets(assembly: Path) -> dict[str, Path]:
    """Where the assets of an assembly are, by the keys under which its stacks look for them."""
    manifests = [
        _read_json(assembly / artifact["properties"]["file"])
        for artifact in _read_json(assembly / "manifest.json")["artifacts"].values()
        if artifact["type"] == "cdk:asset-manifest"
    ]
    return {
        destination["objectKey"]: assembly / asset["source"]["path"]
        for manifest in manifests
        for asset in (manifest.get("files") or {}).values()
        if "path" in asset["source"]
        for destination in asset["destinations"].values()
    }


def _assemblies(folder: Path) -> Iterator[Path]:
    yield folder
    for artifact in _read_json(folder / "manifest.json")["artifacts"].values():
        if artifact["type"] == "cdk:cloud-assembly":
            yield from _assemblies(folder / artifact["properties"]["directoryName"])


def deploy_template(
    template: Template,
    client: Callable[[str], Any],
    account: str,
    region: str,
    *,
    checked: bool = True,
) -> Deployment:
    """Deploy a stack, or bring it up to date.

    Args:
        template: The stack.
        client: Returns a boto3 client of the engine for a service.
        account: Account of the engine.
        region: Region of the engine.
        checked: Whether to refuse a state machine in which the rules find an error.

    Raises:
        DeploymentError: The stack refers to a resource of a type that moto does not know, moto
            refuses a resource, or a state machine has errors.
    """
    cloudformation_gaps.close()
    return _StackDeployment(template, client, account, region, checked=checked).deploy()


class _StackDeployment:
    """The deployment of one stack."""

    def __init__(
        self,
        template: Template,
        client: Callable[[str], Any],
        account: str,
        region: str,
        *,
        checked: bool,
    ) -> None:
        self._checked = checked
        self._name = template.stack_name
        self._known_paths = template.paths
        self._assets = template.assets
        self._body: dict[str, Any] = copy.deepcopy(dict(template.body))
        self._client = client
        self._account = account
        self._region = region
        self._skipped: dict[str, str] = {}

    def deploy(self) -> Deployment:
        resources = self._body.get("Resources") or {}
        # A parameter and a rule about the bootstrap stack, which is not there.
        self._body.pop("Rules", None)
        (self._body.get("Parameters") or {}).pop("BootstrapVersion", None)
        own = {key: one for key, one in resources.items() if one["Type"] in _OWN_TYPES}
        names = {key: self._own_name(key, one) for key, one in own.items()}
        arns = {key: self._own_arn(one["Type"], names[key]) for key, one in own.items()}
        rest = {key: one for key, one in resources.items() if key not in own}
        rest = self._without_unsupported(rest, own)
        for one in (*rest.values(), *own.values()):
            _keep_dependencies(one, rest)
        for one in rest.values():
            if one["Type"] == _FUNCTION:
                provide_code(one["Properties"], self._assets, self._client)

        def attribute(key: str, name: str | None) -> str | None:
            if key not in own:
                return None
            return names[key] if name in ("Name", "StateMachineName") else arns[key]

        # moto wants at least one resource.
        body = {**self._body, "Resources": rest or {"Empty": {"Type": "AWS::IAM::User"}}}
        self._create_stack(_substitute(body, attribute))
        stack = cloudformation_backends[self._account][self._region].get_stack(self._name)
        conditions = stack.resource_map.lazy_condition_map
        for key, one in rest.items():
            role: Any = stack.resource_map[key] if one["Type"] == _ROLE else None
            if isinstance(role, Role):  # None if its condition is false
                properties = clean_json(copy.deepcopy(one["Properties"]), stack.resource_map)
                self._give_policies(key, role.name, properties)
        for kind in _OWN_TYPES:
            for key, one in own.items():
                if one["Type"] != kind:
                    continue
                if one.get("Condition") and not conditions[one["Condition"]]:
                    self._skipped[key] = f"its condition {one['Condition']!r} is false"
                    continue
                properties = _substitute(one.get("Properties") or {}, attribute)
                properties = clean_json(properties, stack.resource_map)
                self._create_own(kind, key, names[key], arns[key], properties)
        paths = {
            path: key
            for key, one in own.items()
            if one["Type"] == _MACHINE
            and key not in self._skipped
            and (path := self._known_paths.get(key) or _construct_path(one))
        }
        made = {key: arn for key, arn in arns.items() if key not in self._skipped}
        described = self._client("cloudformation").describe_stacks(StackName=self._name)["Stacks"][
            0
        ]
        physical = {
            one["LogicalResourceId"]: one["PhysicalResourceId"]
            for one in self._client("cloudformation").describe_stack_resources(
                StackName=self._name
            )["StackResources"]
            # Some resources of moto's have no id of their own.
            if one["LogicalResourceId"] in rest and "PhysicalResourceId" in one
        }
        return Deployment(
            stacks=(self._name,),
            state_machines={k: arn for k, arn in made.items() if own[k]["Type"] == _MACHINE},
            resources={**physical, **made},
            outputs={one["OutputKey"]: one["OutputValue"] for one in described.get("Outputs", [])},
            skipped=self._skipped,
            paths=paths,
        )

    def _own_name(self, key: str, resource: Mapping[str, Any]) -> str:
        kind = resource["Type"]
        given = (resource.get("Properties") or {}).get(_OWN_TYPES[kind])
        if given is None:
            return f"{self._name}-{key}"[-_NAME_LENGTH.get(kind, 128) :].lstrip("-")
        # Any: moto asks for a map of its own resources, and reads it as a mapping.
        pseudo: Any = {
            "AWS::AccountId": self._account,
            "AWS::Region": self._region,
            "AWS::Partition": "aws",
            "AWS::StackName": self._name,
            "AWS::URLSuffix": "amazonaws.com",
            **{
                name: parameter.get("Default")
                for name, parameter in (self._body.get("Parameters") or {}).items()
            },
        }
        try:
            return str(clean_json(given, pseudo))
        except (KeyError, AttributeError) as error:
            raise DeploymentError(
                f"stack {self._name!r}: the name of {key} ({kind}) depends on another resource: "
                f"{given!r}; give it a name that is known before the deployment"
            ) from error

    def _own_arn(self, kind: str, name: str) -> str:
        place = f"{self._region}:{self._account}"
        if kind == _MACHINE:
            return f"arn:aws:states:{place}:stateMachine:{name}"
        if kind == _COMPUTE_ENVIRONMENT:
            return f"arn:aws:batch:{place}:compute-environment/{name}"
        if kind == _JOB_QUEUE:
            return f"arn:aws:batch:{place}:job-queue/{name}"
        known = self._client("batch").describe_job_definitions(jobDefinitionName=name)
        revision = max((one["revision"] for one in known["jobDefinitions"]), default=0) + 1
        return f"arn:aws:batch:{place}:job-definition/{name}:{revision}"

    def _without_unsupported(
        self, resources: Mapping[str, Any], own: Mapping[str, Any]
    ) -> dict[str, Any]:
        reasons = {
            key: reason for key, one in resources.items() if (reason := _unsupported(one["Type"]))
        }
        kept = {key: one for key, one in resources.items() if key not in reasons}
        users = {**kept, **own, **{f"output {k}": v for k, v in self._outputs().items()}}
        problems = []
        for key, reason in reasons.items():
            used_by = [user for user, one in users.items() if key in set(_references(one))]
            # A custom resource has no physical id here; what needs one cannot be deployed.
            if used_by:
                problems.append(
                    f"{key} ({resources[key]['Type']}): {reason}; {', '.join(used_by)} refer to it"
                )
        if problems:
            raise DeploymentError(
                f"stack {self._name!r} cannot be deployed to the local engine:"
                + "".join(f"\n  - {problem}" for problem in problems)
            )
        self._skipped.update(reasons)
        return kept

    def _outputs(self) -> dict[str, Any]:
        return self._body.get("Outputs") or {}

    def _create_stack(self, body: Mapping[str, Any]) -> None:
        client = self._client("cloudformation")
        arguments = {
            "StackName": self._name,
            "TemplateBody": json.dumps(body),
            "Capabilities": ["CAPABILITY_NAMED_IAM"],
        }
        existing = {
            one["StackName"]
            for page in client.get_paginator("list_stacks").paginate()
            for one in page["StackSummaries"]
            if one["StackStatus"] != "DELETE_COMPLETE"
        }
        try:
            if self._name in existing:
                client.update_stack(**arguments)
            else:
                client.create_stack(**arguments)
        except ClientError as error:
            if "No updates are to be performed" in str(error):
                return
            raise DeploymentError(
                f"stack {self._name!r}: {error.response['Error']['Message']}"
            ) from error

    def _give_policies(self, key: str, name: str, properties: Mapping[str, Any]) -> None:
        """Give a role what moto leaves out: managed policies, and changes of its own ones."""
        iam = self._client("iam")
        for policy in properties.get("Policies") or []:
            document = json.dumps(policy["PolicyDocument"])
            iam.put_role_policy(
                RoleName=name, PolicyName=policy["PolicyName"], PolicyDocument=document
            )
        for arn in properties.get("ManagedPolicyArns") or []:
            know_aws_managed_policy(arn, self._account, self._region)
            try:
                iam.attach_role_policy(RoleName=name, PolicyArn=arn)
            except iam.exceptions.NoSuchEntityException:
                self._skipped[f"{arn} of {key}"] = "the engine has no such policy"

    def _create_own(
        self, kind: str, key: str, name: str, arn: str, properties: Mapping[str, Any]
    ) -> None:
        create = {
            _COMPUTE_ENVIRONMENT: self._create_compute_environment,
            _JOB_QUEUE: self._create_job_queue,
            _JOB_DEFINITION: self._create_job_definition,
            _MACHINE: self._create_machine,
        }[kind]
        try:
            create(name, arn, properties)
        except ClientError as error:
            raise DeploymentError(
                f"stack {self._name!r}: {key} ({kind}): {error.response['Error']['Message']}"
            ) from error
        except _RefusedError as error:
            raise DeploymentError(f"stack {self._name!r}: {key} ({kind}): {error}") from error

    def _create_compute_environment(
        self,
        name: str,
        arn: str,  # noqa: ARG002 - all four are called alike
        properties: Mapping[str, Any],  # noqa: ARG002 - nothing of it shows in a job
    ) -> None:
        create_compute_environment(self._client, name)

    def _create_job_queue(self, name: str, arn: str, properties: Mapping[str, Any]) -> None:
        batch = self._client("batch")
        order = [
            {"order": one["Order"], "computeEnvironment": one["ComputeEnvironment"]}
            for one in properties["ComputeEnvironmentOrder"]
        ]
        arguments = {
            "state": properties.get("State", "ENABLED"),
            "priority": properties["Priority"],
            "computeEnvironmentOrder": order,
        }
        if batch.describe_job_queues(jobQueues=[arn])["jobQueues"]:
            batch.update_job_queue(jobQueue=arn, **arguments)
        else:
            batch.create_job_queue(jobQueueName=name, **arguments)

    def _create_job_definition(
        self,
        name: str,
        arn: str,  # noqa: ARG002 - all four are called alike
        properties: Mapping[str, Any],
    ) -> None:
        batch = self._client("batch")
        previous = batch.describe_job_definitions(jobDefinitionName=name, status="ACTIVE")
        arguments = {
            _lower(key): value if key in ("Parameters", "Tags") else _lowered(value)
            for key, value in properties.items()
            if key not in ("JobDefinitionName", "SchedulingPriority", "ResourceRetentionPolicy")
        }
        arguments["type"] = str(arguments.get("type", "container")).lower()
        batch.register_job_definition(**{**arguments, "jobDefinitionName": name})
        retention = properties.get("ResourceRetentionPolicy", {})
        if str(retention.get("SkipDeregisterOnUpdate", False)).lower() == "true":
            return
        for one in previous["jobDefinitions"]:
            batch.deregister_job_definition(jobDefinition=one["jobDefinitionArn"])

    def _create_machine(self, name: str, arn: str, properties: Mapping[str, Any]) -> None:
        states = self._client("stepfunctions")
        definition = properties.get("DefinitionString")
        if definition is None:
            if "Definition" not in properties:
                raise DeploymentError(
                    f"state machine {name!r} has neither DefinitionString nor Definition; a "
                    "definition on S3 is not supported"
                )
            definition = json.dumps(properties["Definition"])
        for variable, value in (properties.get("DefinitionSubstitutions") or {}).items():
            definition = definition.replace("${" + variable + "}", str(value))
        if self._checked:
            _refuse_errors(definition, properties.get("StateMachineType", "STANDARD"))
        known = {
            one["stateMachineArn"]
            for page in states.get_paginator("list_state_machines").paginate()
            for one in page["stateMachines"]
        }
        arguments = {"definition": definition, "roleArn": properties["RoleArn"]}
        if "LoggingConfiguration" in properties:
            arguments["loggingConfiguration"] = _lowered(properties["LoggingConfiguration"])
        if arn in known:
            states.update_state_machine(stateMachineArn=arn, **arguments)
            return
        states.create_state_machine(
            name=name,
            **arguments,
            type=properties.get("StateMachineType", "STANDARD"),
            tags=[_lowered(tag) for tag in properties.get("Tags") or []],
        )


def _refuse_errors(definition: str, kind: str) -> None:
    """Refuse a state machine of a type in which the rules find errors, as AWS does."""
    try:
        states = json.loads(definition)
    except ValueError as error:
        raise _RefusedError(f"its definition is not JSON: {error}") from error
    checked = CheckedDefinition(states, express=kind == "EXPRESS")
    rules = [check for check in builtin_checks() if check.severity == "error"]
    found = run_checks(checked, rules).findings
    if found:
        lines = (f"{check.id}: {one.place}: {one.message}; {one.remedy}" for check, one in found)
        listed = "".join(f"\n  - {line}" for line in lines)
        raise _RefusedError(
            f"AWS refuses its definition, or it fails in every execution:{listed}\n"
            "To deploy it all the same: engine.deploy(..., checked=False)"
        )


def create_compute_environment(client: Callable[[str], Any], name: str) -> str:
    """Make a compute environment, unless there is one of this name.

    Args:
        client: Returns a boto3 client of the engine for a service.
        name: Its name.

    Returns:
        Its ARN.
    """
    batch = client("batch")
    known = batch.describe_compute_environments(computeEnvironments=[name])["computeEnvironments"]
    if known:
        return str(known[0]["computeEnvironmentArn"])
    iam = client("iam")
    try:
        role = iam.get_role(RoleName=_BATCH_ROLE)
    except iam.exceptions.NoSuchEntityException:
        role = iam.create_role(RoleName=_BATCH_ROLE, AssumeRolePolicyDocument="{}")
    made = batch.create_compute_environment(
        computeEnvironmentName=name,
        # moto would start EC2 instances for a managed one.
        type="UNMANAGED",
        state="ENABLED",
        serviceRole=role["Role"]["Arn"],
    )
    return str(made["computeEnvironmentArn"])


def _unsupported(kind: str) -> str | None:
    if kind == "AWS::CDK::Metadata":
        return "it only informs AWS about the constructs"
    if kind.startswith("Custom::") or kind == "AWS::CloudFormation::CustomResource":
        return "custom resources are not run"
    if kind == "AWS::CloudFormation::Stack":
        return "nested stacks are not supported"
    return None if kind in get_model_map() else "moto does not know its type"


def _construct_path(resource: Mapping[str, Any]) -> str | None:
    path = (resource.get("Metadata") or {}).get("aws:cdk:path")
    return path.removesuffix("/Resource") if path else None


def _keep_dependencies(resource: dict[str, Any], kept: Mapping[str, Any]) -> None:
    depends_on = resource.get("DependsOn")
    if depends_on is None:
        return
    names = [depends_on] if isinstance(depends_on, str) else depends_on
    resource["DependsOn"] = [name for name in names if name in kept]


_SUB_VARIABLE = re.compile(r"\$\{([^!}][^}]*)\}")


def _references(node: object) -> Iterator[str]:
    """The logical ids that a part of a template refers to."""
    if isinstance(node, list):
        for item in node:
            yield from _references(item)
    if not isinstance(node, Mapping):
        return
    for key, value in node.items():
        if key == "Ref" and isinstance(value, str):
            yield value
        elif key == "Fn::GetAtt":
            yield value.split(".")[0] if isinstance(value, str) else value[0]
        elif key == "Fn::Sub":
            text = value if isinstance(value, str) else value[0]
            yield from (name.split(".")[0] for name in _SUB_VARIABLE.findall(text))
            yield from _references(value)
        elif key != "DependsOn":
            yield from _references(value)


def _substitute(node: Any, attribute: Callable[[str, str | None], str | None]) -> Any:
    """Put values in place of references; `attribute` returns None for those to leave."""
    if isinstance(node, list):
        return [_substitute(item, attribute) for item in node]
    if not isinstance(node, Mapping):
        return node
    if set(node) == {"Ref"}:
        value = attribute(node["Ref"], None)
        return dict(node) if value is None else value
    if set(node) == {"Fn::GetAtt"}:
        target = node["Fn::GetAtt"]
        key, name = target.split(".", 1) if isinstance(target, str) else target
        value = attribute(key, name if isinstance(name, str) else None)
        return dict(node) if value is None else value
    if set(node) == {"Fn::Sub"}:

        def replaced(match: re.Match[str]) -> str:
            key, _, name = match[1].partition(".")
            return attribute(key, name or None) or match[0]

        sub = node["Fn::Sub"]
        if isinstance(sub, str):
            return {"Fn::Sub": _SUB_VARIABLE.sub(replaced, sub)}
        return {"Fn::Sub": [_SUB_VARIABLE.sub(replaced, sub[0]), _substitute(sub[1], attribute)]}
    return {key: _substitute(value, attribute) for key, value in node.items()}


def _lower(name: str) -> str:
    return name[:1].lower() + name[1:]


#: Maps of the user's own keys within a job definition.
_FREE_MAPS = {"Options"}


def _lowered(node: Any) -> Any:
    """Names as the API writes them, from names as CloudFormation does."""
    if isinstance(node, list):
        return [_lowered(item) for item in node]
    if isinstance(node, Mapping):
        return {
            _lower(key): value if key in _FREE_MAPS else _lowered(value)
            for key, value in node.items()
        }
    return node
