"""What calls need besides that tag what they make: the right to tag is asked for as well.

Each is said in the API reference of its call, such as
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sfn_fragments_asl.permissions.action_names import service_actions
from sfn_fragments_asl.permissions.call import arn

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sfn_fragments_asl.permissions.call import Call
    from sfn_fragments_asl.permissions.permission import Permission

#: Service, as Step Functions names it, and its calls, to the actions that tagging takes, in one
#: text, where others than the service's own one, or ones by another name, are asked for.
TAGGED: dict[str, dict[str, str]] = {
    "acm": dict.fromkeys(("importCertificate", "requestCertificate"), "acm:AddTagsToCertificate"),
    "acmpca": {"createCertificateAuthority": "acm-pca:TagCertificateAuthority"},
    "aiops": {"createInvestigationGroup": "cloudwatch:TagResource"},
    "applicationsignals": {"createServiceLevelObjective": "cloudwatch:TagResource"},
    "autoscaling": {"createAutoScalingGroup": "autoscaling:CreateOrUpdateTags"},
    # The tags that are given are those that the stack has from then on: others are taken away.
    "cloudformation": dict.fromkeys(
        ("createChangeSet", "updateStack", "updateStackSet"),
        "cloudformation:TagResource cloudformation:UntagResource",
    ),
    "cloudwatch": dict.fromkeys(
        ("putCompositeAlarm", "putInsightRule", "putMetricAlarm"), "cloudwatch:TagResource"
    ),
    "cloudwatchlogs": {"createLogGroup": "logs:TagResource"},
    "ebs": {"startSnapshot": "ec2:CreateTags"},
    "efs": dict.fromkeys(
        ("createAccessPoint", "createFileSystem"), "elasticfilesystem:TagResource"
    ),
    "eventbridge": {"putRule": "events:TagResource"},
    "firehose": {"createDeliveryStream": "firehose:TagDeliveryStream"},
    "iam": {
        "createInstanceProfile": "iam:TagInstanceProfile",
        "createOpenIDConnectProvider": "iam:TagOpenIDConnectProvider",
        "createPolicy": "iam:TagPolicy",
        "createRole": "iam:TagRole",
        "createSAMLProvider": "iam:TagSAMLProvider",
        "createUser": "iam:TagUser",
        "createVirtualMFADevice": "iam:TagMFADevice",
        "uploadServerCertificate": "iam:TagServerCertificate",
    },
    "kinesis": {
        # Not by kinesis:TagResource, says the reference.
        "createStream": "kinesis:AddTagsToStream",
        "registerStreamConsumer": "kinesis:TagResource",
    },
    "kms": dict.fromkeys(("createKey", "replicateKey"), "kms:TagResource"),
    "organizations": dict.fromkeys(
        (
            "createAccount",
            "createGovCloudAccount",
            "createOrganizationalUnit",
            "createPolicy",
            "inviteAccountToOrganization",
        ),
        "organizations:TagResource",
    ),
    "rekognition": dict.fromkeys(
        ("createCollection", "createStreamProcessor"), "rekognition:TagResource"
    ),
    "resourcegroups": {"createGroup": "resource-groups:Tag"},
    "s3control": {"createStorageLensGroup": "s3:TagResource"},
    "s3tables": dict.fromkeys(("createTable", "createTableBucket"), "s3tables:TagResource"),
    "s3vectors": dict.fromkeys(("createIndex", "createVectorBucket"), "s3vectors:TagResource"),
    "secretsmanager": {"createSecret": "secretsmanager:TagResource"},
    "sns": {"createTopic": "sns:TagResource"},
    "sqs": {"createQueue": "sqs:TagQueue"},
    "ssm": {"createOpsItem": "ssm:AddTagsToResource"},
    "workspaces": dict.fromkeys(
        ("createUpdatedWorkspaceImage", "createWorkspaceBundle", "createWorkspaceImage"),
        "workspaces:CreateTags",
    ),
}


# How calls name the tags of what they make.
_TAGS = ("Tags", "TagList", "TagsList", "TagSpecifications")
_MAKES = re.compile(r"(create|run|copy|restore|import|register|request|allocate)[A-Z].*")
_MAKES_NOTHING = re.compile(r"(tag|untag|add|remove|list|get|describe|search|delete|update)[A-Z].*")


def tag_rights(call: Call, found: Sequence[Permission]) -> Iterator[Permission]:
    """The right to tag what a call makes, where it has tags or may have them.

    The tables of API operations in the Service Authorization Reference have it for each call that
    takes tags, such as
    https://docs.aws.amazon.com/service-authorization/latest/reference/list_glue.html

    Args:
        call: The call.
        found: What the call itself needs: first of all, on the resource that it makes.
    """
    action = TAGGED.get(call.service, {}).get(call.action)
    made = found[0]
    if action is not None and "Tags" in call:
        # A log group is tagged by its ARN without the streams that other calls are about.
        plain = [each.removesuffix(":*") for each in made.resources]
        yield call.need(action.split(), [*made.resources, *plain], [made.note])
        return
    known = service_actions(call.service)
    if action is not None or known is None or not known.tagging or not _takes_tags(call):
        return
    if any(known.tagging in each.actions for each in found):
        return
    if call.service == "ec2":
        # https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/supported-iam-actions-tagging.html
        made_by = {"ec2:CreateAction": f"{call.action[0].upper()}{call.action[1:]}"}
        yield call.need([known.tagging], ["*"], StringEquals=made_by)
    elif call.service == "ecs" and call.action in ("runTask", "startTask"):
        yield call.need([known.tagging], [arn("ecs", "task/*")])
    else:
        # What is run or copied is another thing than what is made of it.
        same = call.action.startswith("create")
        yield call.need([known.tagging], made.resources if same else ["*"], [made.note])


def _takes_tags(call: Call) -> bool:
    """Whether a call has tags, or may have them where nothing is known of what it passes."""
    if _MAKES_NOTHING.fullmatch(call.action):
        return False
    if call.arguments.open:
        return bool(_MAKES.fullmatch(call.action))
    return any(name in call for name in _TAGS)
