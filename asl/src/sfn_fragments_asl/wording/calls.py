"""What a Task calls."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sfn_fragments_asl.model.calls import ServiceCall
    from sfn_fragments_asl.model.machine import State

#: Services whose name is not that of their integration with a capital letter.
_SERVICES = {
    "accessanalyzer": "Access Analyzer",
    "apigateway": "API Gateway",
    "apigatewayv2": "API Gateway",
    "appconfig": "AppConfig",
    "applicationautoscaling": "Auto Scaling",
    "appsync": "AppSync",
    "autoscaling": "Auto Scaling",
    "bedrockagent": "Bedrock Agents",
    "bedrockagentruntime": "Bedrock Agents",
    "bedrockruntime": "Bedrock",
    "cloudformation": "CloudFormation",
    "cloudfront": "CloudFront",
    "cloudwatch": "CloudWatch",
    "cloudwatchlogs": "CloudWatch Logs",
    "codebuild": "CodeBuild",
    "codepipeline": "CodePipeline",
    "cognitoidentityprovider": "Cognito",
    "costexplorer": "Cost Explorer",
    "databasemigration": "Database Migration",
    "databrew": "DataBrew",
    "datasync": "DataSync",
    "dynamodb": "DynamoDB",
    "ec2": "EC2",
    "ecr": "ECR",
    "ecs": "ECS",
    "efs": "EFS",
    "eks": "EKS",
    "elasticache": "ElastiCache",
    "elasticloadbalancingv2": "Load Balancing",
    "elasticmapreduce": "EMR",
    "emr": "EMR",
    "emr-containers": "EMR on EKS",
    "emr-serverless": "EMR Serverless",
    "emrcontainers": "EMR on EKS",
    "emrserverless": "EMR Serverless",
    "eventbridge": "EventBridge",
    "events": "EventBridge",
    "fsx": "FSx",
    "guardduty": "GuardDuty",
    "http": "HTTP",
    "iam": "IAM",
    "identitystore": "Identity Store",
    "iot": "IoT",
    "kms": "KMS",
    "mediaconvert": "MediaConvert",
    "medialive": "MediaLive",
    "mwaa": "Airflow",
    "opensearch": "OpenSearch",
    "quicksight": "QuickSight",
    "rds": "RDS",
    "rdsdata": "RDS Data",
    "redshiftdata": "Redshift Data",
    "redshiftserverless": "Redshift Serverless",
    "route53": "Route 53",
    "s3": "S3",
    "s3control": "S3 Control",
    "sagemaker": "SageMaker",
    "sagemakerruntime": "SageMaker",
    "secretsmanager": "Secrets Manager",
    "securityhub": "Security Hub",
    "servicecatalog": "Service Catalog",
    "ses": "SES",
    "sesv2": "SES",
    "sfn": "Step Functions",
    "sns": "SNS",
    "sqs": "SQS",
    "ssm": "Systems Manager",
    "ssoadmin": "IAM Identity Center",
    "states": "Step Functions",
    "sts": "STS",
    "timestreamquery": "Timestream",
    "timestreamwrite": "Timestream",
    "wafv2": "WAF",
    "xray": "X-Ray",
}
# Acronyms stay as they are: describeDBInstances is "describe DB instances".
_WORD = re.compile(r"[A-Z]+\d*(?![a-z])|[A-Z]?[a-z]+\d*|\d+")
# Region and account may be places to fill in, which have colons.
_PLACE = r"(?:[^:$]|\$\{[^}]*\})*"
_FUNCTION = re.compile(rf"arn:{_PLACE}:lambda:{_PLACE}:{_PLACE}:function:(.+)")
_ACTIVITY = re.compile(rf"arn:{_PLACE}:states:{_PLACE}:{_PLACE}:activity:(.+)")
#: What a call works on, by the name of the argument; the first that is there.
_SUBJECTS = (
    "FunctionName",
    "StateMachineArn",
    "TableName",
    "QueueUrl",
    "TopicArn",
    "JobDefinition",
    "ProjectName",
    "TaskDefinition",
    "ApiEndpoint",
    "ModelId",
    "Bucket",
    "SecretId",
    "DocumentName",
    "JobName",
    "ClusterName",
    "Cluster",
)
# A version, or an alias, says little.
_LAST_PART = re.compile(r"((?:[^:/$]|\$\{[^}]*\})+)(?::(?:\d+|\$LATEST))?")
#: What CDK puts behind a logical id, to tell those of one name apart.
_HASH = re.compile(r"(?<=[a-z])[0-9A-F]{8}$")
_FILLED_IN = re.compile(r"\$\{([^{}.]+)(?:\.[^{}]*)?\}")


def service_in_words(service: str) -> str:
    """Name of a service, as its users know it.

    Args:
        service: The service as an integration names it, such as ``dynamodb``.

    Examples:
        >>> service_in_words("dynamodb"), service_in_words("batch")
        ('DynamoDB', 'Batch')
    """
    return _SERVICES.get(service, service[:1].upper() + service[1:])


def call_in_words(call: ServiceCall) -> str:
    """A call of a service, and what the state waits for.

    Args:
        call: The call.

    Examples:
        >>> from sfn_fragments_asl.model.calls import ServiceCall
        >>> call_in_words(ServiceCall("batch", "submitJob", ".sync"))
        'Batch: submit job, wait'
        >>> call_in_words(ServiceCall("rds", "describeDBInstances", sdk=True))
        'RDS: describe DB instances'
    """
    words = [
        word if word.isupper() and len(word) > 1 else word.lower()
        for word in _WORD.findall(call.action)
    ]
    waiting = ", wait" if call.waits_for_end else ", wait for its token" if call.waits else ""
    return f"{service_in_words(call.service)}: {' '.join(words)}{waiting}"


def name_in_words(resource: str) -> str:
    """The name of a resource.

    Args:
        resource: Its name, ARN or URL, which may be a place that CloudFormation fills in.

    Examples:
        >>> name_in_words("arn:aws:batch:eu-west-1:111122223333:job-definition/copy:3")
        'copy'
        >>> name_in_words("${Copy1A2B3C4D.Arn}"), name_in_words("${Stage}-queue")
        ('Copy', 'Stage-queue')
    """
    parts = [match.group(1) for match in _LAST_PART.finditer(resource)]
    return _FILLED_IN.sub(_logical_id, parts[-1] if parts else resource)


def _logical_id(match: re.Match[str]) -> str:
    # Of what is cut from an ARN, the marker names the functions that cut it.
    name = match.group(1)
    last = name.rpartition("_")[2] if name.startswith("Fn_") else name
    return _HASH.sub("", last) or last


def task_in_words(state: State) -> str:
    """What a Task calls: a service, a function or an activity.

    Args:
        state: The Task.

    Returns:
        The words; the resource itself where it is nothing of these.
    """
    if state.call is not None:
        return call_in_words(state.call)
    for pattern, words in ((_FUNCTION, "Lambda: invoke"), (_ACTIVITY, "activity")):
        if match := pattern.fullmatch(state.resource):
            return f"{words} {match.group(1)}" if words == "activity" else words
    return name_in_words(state.resource) if state.resource else "calls nothing"


def subject_in_words(state: State) -> str:
    """What a Task's call works on, such as the name of a function or of a table.

    Args:
        state: The Task.

    Returns:
        The name, of an ARN its last part; empty where its arguments have none.
    """
    if match := _FUNCTION.fullmatch(state.resource):
        return name_in_words(match.group(1))
    return _subject(state.arguments) if state.call is not None else ""


def _subject(arguments: Mapping[str, Any]) -> str:
    for name in _SUBJECTS:
        for written in (name, f"{name}.$"):
            value = arguments.get(written)
            if isinstance(value, str):
                # What an execution computes is told where it is computed.
                return name_in_words(value) if written == name and "{%" not in value else ""
    return ""
