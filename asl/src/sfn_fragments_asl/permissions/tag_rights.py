"""What calls need besides that tag what they make: the right to tag is asked for as well.

Each is said in the API reference of its call, such as
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sfn_fragments_asl.permissions.call import Call
    from sfn_fragments_asl.permissions.permission import Permission

#: Service, as Step Functions names it, and its calls, to the action that tagging takes.
TAGGED: dict[str, dict[str, str]] = {
    "aiops": {"createInvestigationGroup": "cloudwatch:TagResource"},
    "applicationsignals": {"createServiceLevelObjective": "cloudwatch:TagResource"},
    "cloudwatch": dict.fromkeys(
        ("putCompositeAlarm", "putInsightRule", "putMetricAlarm"), "cloudwatch:TagResource"
    ),
    "cloudwatchlogs": {"createLogGroup": "logs:TagResource"},
    "efs": dict.fromkeys(
        ("createAccessPoint", "createFileSystem"), "elasticfilesystem:TagResource"
    ),
    "eventbridge": {"putRule": "events:TagResource"},
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


def tag_rights(call: Call, made: Permission) -> Iterator[Permission]:
    """The right to tag what a call makes, where it has tags or may have them.

    Args:
        call: The call.
        made: What the call itself needs, on the resource that it makes.
    """
    action = TAGGED.get(call.service, {}).get(call.action)
    if action is not None and "Tags" in call:
        # A log group is tagged by its ARN without the streams that other calls are about.
        plain = [each.removesuffix(":*") for each in made.resources]
        yield call.need([action], [*made.resources, *plain], [made.note])
