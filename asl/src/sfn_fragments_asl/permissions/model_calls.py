"""What calls of Bedrock and Athena need: models, guardrails and what they read and write.

https://docs.aws.amazon.com/step-functions/latest/dg/bedrock-iam.html
https://docs.aws.amazon.com/step-functions/latest/dg/athena-iam.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sfn_fragments_asl.permissions.action_names import actions_of
from sfn_fragments_asl.permissions.call import arn, arns, is_arn, is_marker
from sfn_fragments_asl.permissions.markers import LAST_OF, part_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sfn_fragments_asl.permissions.call import Call
    from sfn_fragments_asl.permissions.permission import Permission

# An inference profile across regions is named by a model, behind where its regions are.
_PROFILE = re.compile(r"(us|us-gov|eu|apac|au|ca|jp|global)\.([^*]+)")
_PREFIX = "arn:${AWS::Partition}:"
# What an account has of its own that can be invoked as a model.
_OWNED = (
    "inference-profile",
    "application-inference-profile",
    "provisioned-model",
    "imported-model",
    "custom-model-deployment",
)


def invoke_model(call: Call) -> Iterator[Permission]:
    """What it takes to invoke a model, with a guardrail and data in S3 where it has these.

    Args:
        call: The call.
    """
    models = call.patterns("ModelId")
    resources = [each for name in models.patterns for each in _models(name)]
    yield call.need(
        actions_of(call.service, call.action), list(dict.fromkeys(resources)), [models.note]
    )
    if "GuardrailIdentifier" in call or "GuardrailConfig" in call:
        way = "GuardrailIdentifier"
        names = call.patterns(way if way in call else f"GuardrailConfig.{way}")
        guardrails = arns("bedrock", "guardrail/", names.patterns)
        yield call.need(["bedrock:ApplyGuardrail"], guardrails, [names.note])
    for parameter, action in (("Input", "s3:GetObject"), ("Output", "s3:PutObject")):
        if parameter in call and not call.made.sdk:
            objects = call.patterns(f"{parameter}.S3Uri")
            found = [_object(uri) for uri in objects.patterns]
            yield call.need([action], found, [objects.note])


def ask_agent(call: Call) -> Iterator[Permission]:
    """What it takes to ask an agent of Bedrock.

    Args:
        call: The call, which names the agent and one of its aliases.
    """
    agents, aliases = call.patterns("AgentId"), call.patterns("AgentAliasId")
    found = [
        arn("bedrock", f"agent-alias/{agent}/{alias}")
        for agent in agents.patterns
        for alias in aliases.patterns
    ]
    yield call.need(actions_of(call.service, call.action), found, [agents.note, aliases.note])


_KNOWLEDGE = "RetrieveAndGenerateConfiguration.KnowledgeBaseConfiguration"


def ask_knowledge_base(call: Call) -> Iterator[Permission]:
    """What it takes to have a model answer by what a knowledge base, or a document, has.

    https://docs.aws.amazon.com/bedrock/latest/userguide/kb-test-prereq.html

    Args:
        call: The call.
    """
    yield call.need(actions_of(call.service, call.action), ["*"], ["AWS has no resource for it."])
    bases = call.patterns(f"{_KNOWLEDGE}.KnowledgeBaseId")
    yield call.need(
        ["bedrock:Retrieve"], arns("bedrock", "knowledge-base/", bases.patterns), [bases.note]
    )
    models = call.patterns(f"{_KNOWLEDGE}.ModelArn")
    resources = [each for name in models.patterns for each in _models(name)]
    yield call.need(["bedrock:InvokeModel"], list(dict.fromkeys(resources)), [models.note])


def customize_model(call: Call) -> Iterator[Permission]:
    """What it takes to make a model of one's own, and to wait for it.

    Args:
        call: The call.
    """
    base = call.patterns("BaseModelIdentifier")
    jobs = arn("bedrock", "model-customization-job/*")
    # A custom model that is the base is among those that are made.
    made = [arn("bedrock", "custom-model/*"), jobs]
    bases = [_foundation(name) for name in base.patterns if ":custom-model/" not in name]
    yield call.need(actions_of(call.service, call.action), [*bases, *made], [base.note])
    if "JobTags" in call or "CustomModelTags" in call:
        yield call.need(["bedrock:TagResource"], made)
    if call.made.waits_for_end:
        watched = ["bedrock:GetModelCustomizationJob", "bedrock:StopModelCustomizationJob"]
        yield call.need(watched, [jobs])


def _models(name: str) -> list[str]:
    if is_arn(name):
        return [name]
    if is_marker(name):
        # A model or a profile, by its name or its ARN: whichever it is, the ARN of that is right.
        known = part_of(LAST_OF, name)
        # A profile across regions has the model's vendor in its name.
        regions = f"{_PREFIX}bedrock:*::foundation-model/{part_of('VendorOf:', name)}.*"
        owned = [arn("bedrock", f"{kind}/{known}") for kind in _OWNED]
        return [_foundation(name), regions, *owned]
    if name == "*":
        return ["*"]
    if profile := _PROFILE.fullmatch(name):
        # It is asked for on the profile, and on the model in each of its regions.
        model = f"{_PREFIX}bedrock:*::foundation-model/{profile[2]}"
        return [arn("bedrock", f"inference-profile/{name}"), model]
    return [_foundation(name)]


def _foundation(name: str) -> str:
    """The ARN of a model of Bedrock's, which no account owns."""
    if is_arn(name):
        return name
    known = part_of(LAST_OF, name) if is_marker(name) else name
    return f"{_PREFIX}bedrock:${{AWS::Region}}::foundation-model/{known}"


def _object(uri: str) -> str:
    """An object, or objects that begin so, of S3: ``s3://<bucket>/<key>``."""
    return f"{_PREFIX}s3:::{uri.removeprefix('s3://')}"


#: What Athena does in the name of its caller, on its data and on the catalog of Glue.
_CATALOG = (
    "glue:BatchCreatePartition",
    "glue:BatchDeletePartition",
    "glue:BatchDeleteTable",
    "glue:BatchGetPartition",
    "glue:CreateDatabase",
    "glue:CreatePartition",
    "glue:CreateTable",
    "glue:DeleteDatabase",
    "glue:DeletePartition",
    "glue:DeleteTable",
    "glue:GetDatabase",
    "glue:GetDatabases",
    "glue:GetPartition",
    "glue:GetPartitions",
    "glue:GetTable",
    "glue:GetTables",
    "glue:UpdateDatabase",
    "glue:UpdatePartition",
    "glue:UpdateTable",
)
_DATA = (
    "s3:AbortMultipartUpload",
    "s3:CreateBucket",
    "s3:GetBucketLocation",
    "s3:GetObject",
    "s3:ListBucket",
    "s3:ListBucketMultipartUploads",
    "s3:ListMultipartUploadParts",
    "s3:PutObject",
)
_ANY_DATA = "Athena reads and writes what the query names, in its caller's name: any bucket."


def query_athena(call: Call) -> Iterator[Permission]:
    """What it takes to run a query of Athena, and to wait for it.

    Args:
        call: The call.
    """
    groups = call.patterns("WorkGroup", "primary" if call.action == "startQueryExecution" else "*")
    workgroups = arns("athena", "workgroup/", groups.patterns)
    actions = [*actions_of(call.service, call.action)]
    if call.action != "startQueryExecution":
        # A query is named by its id: any workgroup may have it.
        yield call.need(actions, [arn("athena", "workgroup/*")])
        if call.action == "getQueryResults":
            yield call.need(["s3:GetObject"], [f"{_PREFIX}s3:::*"], [_ANY_DATA])
        return
    if call.made.waits_for_end:
        actions += ["athena:StopQueryExecution", "athena:GetQueryExecution"]
    yield call.need(actions, workgroups, [groups.note])
    catalogs = call.patterns("QueryExecutionContext.Catalog")
    yield call.need(["athena:GetDataCatalog"], arns("athena", "datacatalog/", catalogs.patterns))
    yield call.need(_DATA, [f"{_PREFIX}s3:::*"], [_ANY_DATA])
    kinds = ("catalog", "database/*", "table/*", "userDefinedFunction/*")
    yield call.need(_CATALOG, [arn("glue", kind) for kind in kinds])
    yield call.need(["lakeformation:GetDataAccess"], ["*"])
