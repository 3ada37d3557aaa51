"""What it takes to run a job of a service, to wait for its end, and to stop it.

A state that waits (``.sync``) hears of the end by a rule of EventBridge that Step Functions makes,
or asks for it; a job whose execution is stopped is stopped too. Each service's page says which:
https://docs.aws.amazon.com/step-functions/latest/dg/service-integration-iam-templates.html.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sfn_fragments_asl.permissions.action_names import actions_of
from sfn_fragments_asl.permissions.call import arn, arns, in_either_case

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sfn_fragments_asl.permissions.call import Call
    from sfn_fragments_asl.permissions.permission import Permission
    from sfn_fragments_asl.permissions.resource_scope import Names


@dataclass(frozen=True)
class Job:
    """An API action that starts what takes time.

    Attributes:
        started_on: The resource that it is started on; ``*`` where AWS has none.
        watched: IAM actions that follow it and stop it.
        watched_on: The resource of these, and of its tags, with ``{}`` for the name of
            ``parameter``.
        rule: The rule that tells of its end; empty where Step Functions asks for it.
        parameter: The parameter that the resources are named by.
        missing: The name that is meant where it is not given.
        part: The parameter that names the part of it that is meant, whose name ``[]`` stands for.
        besides: What starting it takes besides: actions and their resource.
        linked: The service whose role IAM makes when it is used first, and that role.
        tagged: The action by which it is tagged where the call has tags.
        always_tagged: Whether AWS's page has that action for a call without tags too.
        bound_by: The parameter whose value a condition binds the start to, and the condition's key.
    """

    started_on: str
    watched: tuple[str, ...] = ()
    watched_on: str = "*"
    rule: str = ""
    parameter: str = ""
    missing: str = "*"
    part: str = ""
    besides: tuple[tuple[tuple[str, ...], str], ...] = ()
    linked: tuple[str, str] | None = None
    tagged: str = ""
    always_tagged: bool = False
    bound_by: tuple[str, str] | None = None


def _sagemaker(kind: str, name: str, rule: str) -> Job:
    """A job of SageMaker.

    https://docs.aws.amazon.com/step-functions/latest/dg/sagemaker-iam.html
    """
    resource = arn("sagemaker", f"{kind}/{{}}*")
    actions = (f"sagemaker:Describe{name}", f"sagemaker:Stop{name}")
    return Job(
        resource,
        actions,
        resource,
        f"StepFunctionsGetEventsForSageMaker{rule}Rule",
        f"{name}Name",
        besides=((("sagemaker:ListTags",), "*"),),
        tagged="sagemaker:AddTags",
        always_tagged=True,
    )


_SERVICE = re.compile(r"^arn:\$\{AWS::Partition\}:([^:]+):")
_EMR_CLUSTER = arn("elasticmapreduce", "cluster/{}")
_EKS_CLUSTER = arn("eks", "cluster/{}")
_APPLICATION = arn("emr-serverless", "/applications/{}")
_APPLICATION_RULE = "StepFunctionsGetEventsForEMRServerlessApplicationRule"
_JOB_RUN_RULE = "StepFunctionsGetEventsForEMRServerlessJobRule"
_VIRTUAL_CLUSTER = arn("emr-containers", "/virtualclusters/{}")
_GLUE_JOB = arn("glue", "job/{}")
_PROJECT = arn("codebuild", "project/{}")
_MEDIA_JOBS = arn("mediaconvert", "jobs/*")
_BREW_JOB = arn("databrew", "job/{}")
_BUILD_RULE = "StepFunctionsGetEventForCodeBuildStartBuildRule"
_BUILD_BATCH_RULE = "StepFunctionsGetEventForCodeBuildStartBuildBatchRule"
_BATCH_OF_BUILDS = ("codebuild:StopBuildBatch", "codebuild:BatchGetBuildBatches")
_NODES, _PROFILES = arn("eks", "nodegroup/{}/[]/*"), arn("eks", "fargateprofile/{}/[]/*")
#: Service and action of an optimized integration to what it takes.
JOBS: dict[tuple[str, str], Job] = {
    # https://docs.aws.amazon.com/step-functions/latest/dg/codebuild-iam.html
    ("codebuild", "startBuild"): Job(
        _PROJECT,
        ("codebuild:StopBuild", "codebuild:BatchGetBuilds"),
        _PROJECT,
        _BUILD_RULE,
        "ProjectName",
    ),
    ("codebuild", "startBuildBatch"): Job(
        _PROJECT, _BATCH_OF_BUILDS, _PROJECT, _BUILD_BATCH_RULE, "ProjectName"
    ),
    ("codebuild", "retryBuildBatch"): Job(
        arn("codebuild", "project/*"),
        _BATCH_OF_BUILDS,
        arn("codebuild", "project/*"),
        _BUILD_BATCH_RULE,
    ),
    # https://docs.aws.amazon.com/step-functions/latest/dg/databrew-iam.html
    ("databrew", "startJobRun"): Job(
        _BREW_JOB,
        ("databrew:ListJobRuns", "databrew:StopJobRun"),
        _BREW_JOB,
        parameter="Name",
    ),
    # https://docs.aws.amazon.com/step-functions/latest/dg/eks-iam.html
    ("eks", "createCluster"): Job(
        "*",
        ("eks:DescribeCluster", "eks:DeleteCluster"),
        _EKS_CLUSTER,
        parameter="Name",
        tagged="eks:TagResource",
    ),
    ("eks", "deleteCluster"): Job(
        _EKS_CLUSTER, ("eks:DescribeCluster",), _EKS_CLUSTER, parameter="Name"
    ),
    ("eks", "createNodegroup"): Job(
        _EKS_CLUSTER,
        ("eks:DescribeNodegroup", "eks:DeleteNodegroup"),
        _NODES,
        parameter="ClusterName",
        part="NodegroupName",
        tagged="eks:TagResource",
        besides=(
            (("ec2:DescribeSubnets",), "*"),
            (("iam:GetRole", "iam:ListAttachedRolePolicies"), arn("iam", "role/*", region=False)),
        ),
    ),
    ("eks", "deleteNodegroup"): Job(
        _NODES,
        ("eks:DescribeNodegroup",),
        _NODES,
        parameter="ClusterName",
        part="NodegroupName",
    ),
    ("eks", "createFargateProfile"): Job(
        _EKS_CLUSTER,
        ("eks:DescribeFargateProfile", "eks:DeleteFargateProfile"),
        _PROFILES,
        parameter="ClusterName",
        part="FargateProfileName",
        tagged="eks:TagResource",
    ),
    ("eks", "deleteFargateProfile"): Job(
        _PROFILES,
        ("eks:DescribeFargateProfile",),
        _PROFILES,
        parameter="ClusterName",
        part="FargateProfileName",
    ),
    # Without rules of EventBridge, which former editions of the page had: Step Functions asks.
    # https://docs.aws.amazon.com/step-functions/latest/dg/connect-emr.html#emr-iam
    ("elasticmapreduce", "createCluster"): Job(
        "*",
        ("elasticmapreduce:DescribeCluster", "elasticmapreduce:TerminateJobFlows"),
        _EMR_CLUSTER,
        tagged="elasticmapreduce:AddTags",
    ),
    ("elasticmapreduce", "terminateCluster"): Job(
        _EMR_CLUSTER,
        ("elasticmapreduce:DescribeCluster",),
        _EMR_CLUSTER,
        parameter="ClusterId",
    ),
    ("elasticmapreduce", "addStep"): Job(
        _EMR_CLUSTER,
        ("elasticmapreduce:DescribeStep", "elasticmapreduce:CancelSteps"),
        _EMR_CLUSTER,
        parameter="ClusterId",
    ),
    # https://docs.aws.amazon.com/step-functions/latest/dg/emr-eks-iam.html
    ("emr-containers", "createVirtualCluster"): Job(
        "*",
        watched_on=arn("emr-containers", "/virtualclusters/*"),
        linked=("emr-containers", "AWSServiceRoleForAmazonEMRContainers"),
        tagged="emr-containers:TagResource",
    ),
    ("emr-containers", "deleteVirtualCluster"): Job(
        _VIRTUAL_CLUSTER,
        ("emr-containers:DescribeVirtualCluster",),
        _VIRTUAL_CLUSTER,
        parameter="Id",
    ),
    ("emr-containers", "startJobRun"): Job(
        _VIRTUAL_CLUSTER,
        ("emr-containers:DescribeJobRun", "emr-containers:CancelJobRun"),
        f"{_VIRTUAL_CLUSTER}/jobruns/*",
        parameter="VirtualClusterId",
        tagged="emr-containers:TagResource",
        bound_by=("ExecutionRoleArn", "emr-containers:ExecutionRoleArn"),
    ),
    # https://docs.aws.amazon.com/step-functions/latest/dg/emr-serverless-iam.html
    ("emr-serverless", "createApplication"): Job(
        arn("emr-serverless", "/*"),
        ("emr-serverless:GetApplication", "emr-serverless:DeleteApplication"),
        _APPLICATION,
        _APPLICATION_RULE,
        linked=("ops.emr-serverless", "AWSServiceRoleForAmazonEMRServerless*"),
        tagged="emr-serverless:TagResource",
    ),
    ("emr-serverless", "deleteApplication"): Job(
        _APPLICATION,
        ("emr-serverless:GetApplication",),
        _APPLICATION,
        _APPLICATION_RULE,
        "ApplicationId",
    ),
    ("emr-serverless", "startApplication"): Job(
        _APPLICATION,
        ("emr-serverless:GetApplication", "emr-serverless:StopApplication"),
        _APPLICATION,
        _APPLICATION_RULE,
        "ApplicationId",
    ),
    ("emr-serverless", "stopApplication"): Job(
        _APPLICATION,
        ("emr-serverless:GetApplication",),
        _APPLICATION,
        _APPLICATION_RULE,
        "ApplicationId",
    ),
    ("emr-serverless", "startJobRun"): Job(
        _APPLICATION,
        ("emr-serverless:GetJobRun", "emr-serverless:CancelJobRun"),
        f"{_APPLICATION}/jobruns/*",
        _JOB_RUN_RULE,
        "ApplicationId",
        tagged="emr-serverless:TagResource",
    ),
    ("emr-serverless", "cancelJobRun"): Job(
        f"{_APPLICATION}/jobruns/*",
        ("emr-serverless:GetJobRun",),
        f"{_APPLICATION}/jobruns/*",
        _JOB_RUN_RULE,
        "ApplicationId",
    ),
    # https://docs.aws.amazon.com/step-functions/latest/dg/glue-iam.html
    ("glue", "startJobRun"): Job(
        _GLUE_JOB,
        ("glue:GetJobRun", "glue:GetJobRuns", "glue:BatchStopJobRun"),
        _GLUE_JOB,
        parameter="JobName",
    ),
    # https://docs.aws.amazon.com/step-functions/latest/dg/mediaconvert-iam.html
    ("mediaconvert", "createJob"): Job(
        "*",
        ("mediaconvert:GetJob", "mediaconvert:CancelJob"),
        _MEDIA_JOBS,
        "StepFunctionsGetEventsForMediaConvertJobRule",
        tagged="mediaconvert:TagResource",
    ),
    ("sagemaker", "createHyperParameterTuningJob"): _sagemaker(
        "hyper-parameter-tuning-job", "HyperParameterTuningJob", "TuningJobs"
    ),
    ("sagemaker", "createLabelingJob"): _sagemaker("labeling-job", "LabelingJob", "LabelingJobs"),
    ("sagemaker", "createProcessingJob"): _sagemaker(
        "processing-job", "ProcessingJob", "ProcessingJobs"
    ),
    ("sagemaker", "createTrainingJob"): _sagemaker("training-job", "TrainingJob", "TrainingJobs"),
    ("sagemaker", "createTransformJob"): _sagemaker(
        "transform-job", "TransformJob", "TransformJobs"
    ),
}


def job_permissions(call: Call, job: Job) -> Iterator[Permission]:
    """What it takes to start a job, and to wait for it where the state does.

    Args:
        call: The call.
        job: What is known of it.
    """
    names = call.patterns(job.parameter, job.missing) if job.parameter else None
    part = call.patterns(job.part) if job.part else None
    notes = [each.note for each in (names, part) if each]
    started_on = _on(job.started_on, names, part)
    conditions = _bound(call, *job.bound_by) if job.bound_by else {}
    yield call.need(actions_of(call.service, call.action), started_on, notes, **conditions)
    if job.tagged and (job.always_tagged or "Tags" in call):
        yield call.need([job.tagged], _on(job.watched_on, names, part), notes)
    for actions, resource in job.besides:
        yield call.need(actions, [resource])
    if job.linked:
        yield _linked_role(call, *job.linked)
    if call.made.waits_for_end:
        yield call.need(job.watched, _on(job.watched_on, names, part), notes)
        if job.rule:
            yield call.managed_rule(job.rule)


def _bound(call: Call, parameter: str, key: str) -> dict[str, Any]:
    """The condition that binds a call to the value of a parameter; none where that is open."""
    known = call.patterns(parameter).patterns
    operator = "StringLike" if any("*" in name for name in known) else "StringEquals"
    return {operator: {key: list(known)}} if known and "*" not in known else {}


def _linked_role(call: Call, service: str, role: str) -> Permission:
    """What the first call in an account takes, which has IAM make the role of the service.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/using-service-linked-roles.html
    """
    principal = f"{service}.amazonaws.com"
    linked = arn("iam", f"role/aws-service-role/{principal}/{role}", region=False)
    condition = {"iam:AWSServiceName": principal}
    return call.need(["iam:CreateServiceLinkedRole"], [linked], StringLike=condition)


def _on(resource: str, names: Names | None, part: Names | None) -> list[str]:
    """The resource of each name, and of each part."""
    if "{}" not in resource:
        return [resource]
    before, _, behind = resource.partition("{}")
    [service] = _SERVICE.findall(before)
    kind = before.rpartition("}:")[2]
    found = [
        f"{each}{behind.replace('[]', name)}".replace("**", "*")
        for each in arns(service, kind, in_either_case(service, names.patterns if names else ["*"]))
        for name in (part.patterns if part else [""])
    ]
    return list(dict.fromkeys(found))
