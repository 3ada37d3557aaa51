"""The parameters by which calls name their resources, and the ARNs that IAM has for these.

ARNs are those of the Service Authorization Reference,
https://docs.aws.amazon.com/service-authorization/latest/reference/. A call that is not listed here
is allowed on ``*``, with a note.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sfn_fragments_asl.permissions.call import arns, in_either_case
from sfn_fragments_asl.permissions.markers import LAST_OF
from sfn_fragments_asl.permissions.resource_scope import Names

if TYPE_CHECKING:
    from sfn_fragments_asl.permissions.call import Call


@dataclass(frozen=True)
class Named:
    """A parameter that names a resource.

    Attributes:
        parameter: The parameter, or the way to a field of it.
        kind: What stands before the name in the ARN, such as ``table/``; empty where the
            parameter is an ARN.
        calls: Regular expression of the API actions that are about it.
        part: How the name is taken out of what may be a name or an ARN.
        behind: What stands behind the name in the ARN; each is a resource.
        service: The service in the ARN; that of the IAM action where it is empty.
    """

    parameter: str
    kind: str = ""
    calls: str = ".*"
    part: str = LAST_OF
    behind: tuple[str, ...] = ("",)
    service: str = ""


# https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-public-parameters.html
_PUBLIC = ":parameter/aws/service/"
_PARAMETERS = Named("", "parameter/", ".*Parameter.*", part="ParameterOf:")
_STATES = (
    Named("ExecutionArn", calls="(?!listMapRuns).*"),
    Named("ActivityArn"),
    Named("MapRunArn", calls="(?!listExecutions).*"),
)
_VIRTUAL_CLUSTER = Named("VirtualClusterId", "/virtualclusters/", "startJobRun")
_APPLICATION = Named("ApplicationId", "/applications/", "(start|stop)Application|startJobRun")
_EMR_CLUSTER = Named("ClusterId", "cluster/", "(?!(create|modifyInstance).*).*")
# These of Kinesis have no resource in IAM.
_STREAM_CALLS = "(?!(en|dis)ableEnhancedMonitoring|updateShardCount|updateStreamMode).*"
#: Service, as Step Functions names it, to the parameters; the first that a call has is its
#: resource.
NAMED: dict[str, tuple[Named, ...]] = {
    "appflow": (Named("FlowName", "flow/", "(start|stop|describe|delete|update)Flow"),),
    "autoscaling": (
        Named(
            "AutoScalingGroupName",
            "autoScalingGroup:*:autoScalingGroupName/",
            "setDesiredCapacity|(start|cancel|rollback)InstanceRefresh|(suspend|resume)Processes"
            "|(create|update|delete)AutoScalingGroup|(at|de)tach.*",
        ),
    ),
    "bedrockagent": (
        Named("KnowledgeBaseId", "knowledge-base/", ".*(IngestionJob|DataSource|KnowledgeBase)s?"),
        Named("AgentId", "agent/", "(prepare|get|update|delete)Agent"),
    ),
    "bedrockagentcore": (
        Named("AgentRuntimeArn", calls="invokeAgentRuntime", behind=("", "/runtime-endpoint/*")),
        Named("HarnessArn", calls="invokeHarness"),
    ),
    "bedrockagentruntime": (Named("KnowledgeBaseId", "knowledge-base/", "retrieve"),),
    "codebuild": (Named("ProjectName", "project/", "start.*"),),
    "datasync": (Named("TaskArn", calls="(?!list).*"), Named("TaskExecutionArn")),
    "databrew": (Named("Name", "job/", "startJobRun|stopJobRun|listJobRuns|describeJob(Run)?"),),
    "dynamodb": (
        Named("TableName", "table/", "(?!list|restore).*"),
        Named("ResourceArn"),
        Named("BackupArn", calls="deleteBackup|describeBackup"),
        Named("ExportArn"),
        Named("ImportArn"),
        Named("TableArn", calls="exportTableToPointInTime"),
        Named("TableCreationParameters.TableName", "table/", "importTable"),
    ),
    "dynamodbstreams": (Named("StreamArn"),),
    "ec2": (Named("InstanceIds", "instance/", "(start|stop|reboot|terminate)Instances"),),
    "elasticmapreduce": (_EMR_CLUSTER,),
    "emr": (Named("JobFlowId", "cluster/"), _EMR_CLUSTER),
    "emr-containers": (_VIRTUAL_CLUSTER,),
    "emrcontainers": (_VIRTUAL_CLUSTER,),
    "emr-serverless": (_APPLICATION,),
    "emrserverless": (_APPLICATION,),
    "firehose": (Named("DeliveryStreamName", "deliverystream/"),),
    "glue": (
        Named("JobName", "job/", "(start|get|batchStop)Job(Run|Runs)?|(get|delete|update)Job"),
        Named("Name", "crawler/", "(start|stop|get|delete|update)Crawler"),
        Named("Name", "workflow/", "startWorkflowRun|getWorkflow(Run|Runs)?|stopWorkflowRun"),
        Named("Name", "trigger/", "(start|stop|get)Trigger"),
    ),
    "kinesis": (
        Named("ConsumerARN", calls="subscribeToShard|(de)?registerStreamConsumer"),
        Named("StreamARN", calls=_STREAM_CALLS),
        Named("StreamName", "stream/", _STREAM_CALLS),
    ),
    "iotdataplane": (Named("Topic", "topic/", "publish"),),
    "pipes": (Named("Name", "pipe/", "(start|stop|describe|update|delete)Pipe"),),
    "rds": (
        Named(
            "DBInstanceIdentifier",
            "db:",
            "(start|stop|reboot)DBInstance|describeDBInstances|promoteReadReplica",
            part="DatabaseOf:",
        ),
        Named(
            "DBClusterIdentifier",
            "cluster:",
            "(start|stop)DBCluster|describeDBClusters",
            part="ClusterOf:",
        ),
    ),
    "rdsdata": (Named("ResourceArn"),),
    "rekognition": (Named("CollectionId", "collection/", "(?!create).*"),),
    "sagemakerruntime": (Named("EndpointName", "endpoint/"),),
    "sfn": _STATES,
    "sns": (Named("TopicArn"), Named("TargetArn"), Named("ResourceArn")),
    "ssm": (
        replace(_PARAMETERS, parameter="Name"),
        replace(_PARAMETERS, parameter="Names"),
        replace(_PARAMETERS, parameter="Path", behind=("", "/*")),
    ),
    "states": _STATES,
    "sts": (Named("RoleArn", calls="assumeRole"),),
}


def named_resources(call: Call, service: str) -> Names | None:
    """The ARNs of what a call names.

    Args:
        call: The call.
        service: The service, as ARNs name it.

    Returns:
        The ARNs; ``None`` where it is not known how the call names its resources.
    """
    for each in NAMED.get(call.service, ()):
        if each.parameter in call and re.fullmatch(each.calls, call.action):
            names = call.patterns(each.parameter)
            known = tuple(
                f"{arn}{end}" for arn in _arns(each, names, service) for end in each.behind
            )
            return Names(tuple(dict.fromkeys(known)), names.note)
    return None


def _arns(named: Named, names: Names, service: str) -> list[str]:
    if not named.kind:
        return list(names.patterns)
    plain = [
        # Names that begin with a slash have none in the ARN; a path may end with one besides.
        name.removeprefix("/").removesuffix("/") if named.kind == "parameter/" else name
        for name in names.patterns
    ]
    known = in_either_case(service, plain)
    found = arns(named.service or service, named.kind, known, part=named.part)
    # Parameters that AWS has for everybody are of no account.
    return [
        each.replace("${AWS::AccountId}", "")
        if _PUBLIC in each and each.startswith("arn:$")
        else each
        for each in found
    ]
