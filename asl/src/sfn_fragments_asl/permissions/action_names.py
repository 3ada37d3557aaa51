"""IAM actions whose names are not those of the API actions that they allow.

Names are those of the Service Authorization Reference,
https://docs.aws.amazon.com/service-authorization/latest/reference/.
"""

from __future__ import annotations

from sfn_fragments_asl.permissions.service_prefixes import SERVICE_PREFIXES

#: Service and action in the ARN of an integration, to what a caller must be allowed.
ACTION_NAMES: dict[tuple[str, str], tuple[str, ...]] = {
    ("apigateway", "invoke"): ("execute-api:Invoke",),
    ("bedrockruntime", "converse"): ("bedrock:InvokeModel",),
    ("dynamodb", "batchExecuteStatement"): (
        "dynamodb:PartiQLDelete",
        "dynamodb:PartiQLInsert",
        "dynamodb:PartiQLSelect",
        "dynamodb:PartiQLUpdate",
    ),
    ("dynamodb", "executeStatement"): (
        "dynamodb:PartiQLDelete",
        "dynamodb:PartiQLInsert",
        "dynamodb:PartiQLSelect",
        "dynamodb:PartiQLUpdate",
    ),
    ("dynamodb", "transactGetItems"): ("dynamodb:GetItem",),
    ("dynamodb", "transactWriteItems"): (
        "dynamodb:ConditionCheckItem",
        "dynamodb:DeleteItem",
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
    ),
    ("elasticmapreduce", "addStep"): ("elasticmapreduce:AddJobFlowSteps",),
    ("elasticmapreduce", "cancelStep"): ("elasticmapreduce:CancelSteps",),
    ("elasticmapreduce", "createCluster"): ("elasticmapreduce:RunJobFlow",),
    ("elasticmapreduce", "setClusterTerminationProtection"): (
        "elasticmapreduce:SetTerminationProtection",
    ),
    ("elasticmapreduce", "terminateCluster"): ("elasticmapreduce:TerminateJobFlows",),
    ("http", "invoke"): (
        "events:RetrieveConnectionCredentials",
        "secretsmanager:DescribeSecret",
        "secretsmanager:GetSecretValue",
        "states:InvokeHTTPEndpoint",
    ),
    ("kms", "reEncrypt"): ("kms:ReEncryptFrom", "kms:ReEncryptTo"),
    ("lambda", "invoke"): ("lambda:InvokeFunction",),
    ("s3", "completeMultipartUpload"): ("s3:PutObject",),
    ("s3", "copyObject"): ("s3:PutObject",),
    ("s3", "createMultipartUpload"): ("s3:PutObject",),
    ("s3", "deleteBucketCors"): ("s3:PutBucketCORS",),
    ("s3", "deleteBucketEncryption"): ("s3:PutEncryptionConfiguration",),
    ("s3", "deleteBucketLifecycle"): ("s3:PutLifecycleConfiguration",),
    ("s3", "deleteBucketReplication"): ("s3:PutReplicationConfiguration",),
    ("s3", "deleteBucketTagging"): ("s3:PutBucketTagging",),
    ("s3", "deleteObjects"): ("s3:DeleteObject",),
    ("s3", "deletePublicAccessBlock"): ("s3:PutBucketPublicAccessBlock",),
    ("s3", "getBucketEncryption"): ("s3:GetEncryptionConfiguration",),
    ("s3", "getBucketLifecycleConfiguration"): ("s3:GetLifecycleConfiguration",),
    ("s3", "getBucketNotificationConfiguration"): ("s3:GetBucketNotification",),
    ("s3", "getBucketReplication"): ("s3:GetReplicationConfiguration",),
    ("s3", "getObjectAttributes"): ("s3:GetObject", "s3:GetObjectAttributes"),
    ("s3", "getPublicAccessBlock"): ("s3:GetBucketPublicAccessBlock",),
    ("s3", "headBucket"): ("s3:ListBucket",),
    ("s3", "headObject"): ("s3:GetObject",),
    ("s3", "listBuckets"): ("s3:ListAllMyBuckets",),
    ("s3", "listMultipartUploads"): ("s3:ListBucketMultipartUploads",),
    ("s3", "listObjectVersions"): ("s3:ListBucketVersions",),
    ("s3", "listObjects"): ("s3:ListBucket",),
    ("s3", "listObjectsV2"): ("s3:ListBucket",),
    ("s3", "listParts"): ("s3:ListMultipartUploadParts",),
    ("s3", "putBucketEncryption"): ("s3:PutEncryptionConfiguration",),
    ("s3", "putBucketLifecycleConfiguration"): ("s3:PutLifecycleConfiguration",),
    ("s3", "putBucketNotificationConfiguration"): ("s3:PutBucketNotification",),
    ("s3", "putBucketReplication"): ("s3:PutReplicationConfiguration",),
    ("s3", "putPublicAccessBlock"): ("s3:PutBucketPublicAccessBlock",),
    ("s3", "selectObjectContent"): ("s3:GetObject",),
    ("s3", "uploadPart"): ("s3:PutObject",),
    ("sns", "publishBatch"): ("sns:Publish",),
    ("sqs", "changeMessageVisibilityBatch"): ("sqs:ChangeMessageVisibility",),
    ("sqs", "deleteMessageBatch"): ("sqs:DeleteMessage",),
    ("sqs", "sendMessageBatch"): ("sqs:SendMessage",),
}


def actions_of(service: str, action: str) -> tuple[str, ...]:
    """What a caller of an API action must be allowed.

    Args:
        service: The service, as the ARN of an integration names it, such as ``sfn``.
        action: The API action, as there, such as ``describeExecution``.

    Returns:
        IAM actions; those of the API's name, where it is not known to have another.

    Example:
        >>> actions_of("sfn", "describeExecution"), actions_of("s3", "listObjectsV2")
        (('states:DescribeExecution',), ('s3:ListBucket',))
    """
    named = ACTION_NAMES.get((service, action))
    if named is not None:
        return named
    prefix = SERVICE_PREFIXES.get(service, service)
    return (f"{prefix}:{action[0].upper()}{action[1:]}",)
