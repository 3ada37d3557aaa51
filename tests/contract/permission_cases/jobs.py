"""Jobs of SageMaker, Glue, DataBrew, EMR, EKS, MediaConvert and Bedrock, started and waited for."""

from __future__ import annotations

from typing import Any

from tests.contract.permission_cases.case import (
    ANY,
    GUIDE,
    Case,
    allow,
    arn,
    passes,
    role,
    rule,
    s3,
    sdk,
    task,
)

_SAGEMAKER, _GLUE = f"{GUIDE}sagemaker-iam.html", f"{GUIDE}glue-iam.html"
_EMR, _EKS = f"{GUIDE}emr-iam.html", f"{GUIDE}eks-iam.html"
_SERVERLESS, _CONTAINERS = f"{GUIDE}emr-serverless-iam.html", f"{GUIDE}emr-eks-iam.html"
_BEDROCK = f"{GUIDE}bedrock-iam.html"
_JOB, _BREW = arn("glue", "job/nightly"), arn("databrew", "job/clean")
_CLUSTER = arn("elasticmapreduce", "cluster/j-1A2B")
_APPLICATION = arn("emr-serverless", "/applications/00f1")
_VIRTUAL = arn("emr-containers", "/virtualclusters/vc1")
_MODEL = "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-3-haiku-20240307-v1:0"


def _sagemaker(name: str, kind: str, api: str, rules: str, **parameters: Any) -> Case:
    resource = arn("sagemaker", f"{kind}/nightly*")
    return task(
        name,
        _SAGEMAKER,
        f"sagemaker:create{api}.sync",
        {f"{api}Name": "nightly", **parameters},
        allow(
            f"sagemaker:AddTags sagemaker:Create{api} sagemaker:Describe{api} sagemaker:Stop{api}",
            resource,
        ),
        allow("sagemaker:ListTags", ANY),
        rule(f"sForSageMaker{rules}"),
        *([passes("train", "sagemaker")] if parameters else []),
        runs=False,
    )


def _eks(name: str, api: str, parameters: dict[str, str], *statements: Any) -> Case:
    return task(name, _EKS, f"eks:{api}.sync", parameters, *statements, runs=False)


def _emr(name: str, api: str, parameters: dict[str, Any], *statements: Any) -> Case:
    return task(name, _EMR, f"elasticmapreduce:{api}", parameters, *statements, runs=False)


def _serverless(name: str, api: str, parameters: dict[str, Any], *statements: Any) -> Case:
    return task(name, _SERVERLESS, f"emr-serverless:{api}", parameters, *statements, runs=False)


CASES = [
    _sagemaker(
        "a training job", "training-job", "TrainingJob", "TrainingJobs", RoleArn=role("train")
    ),
    _sagemaker("a transform job", "transform-job", "TransformJob", "TransformJobs"),
    _sagemaker(
        "a processing job",
        "processing-job",
        "ProcessingJob",
        "ProcessingJobs",
        RoleArn=role("train"),
    ),
    _sagemaker(
        "a labeling job", "labeling-job", "LabelingJob", "LabelingJobs", RoleArn=role("train")
    ),
    _sagemaker(
        "a tuning job",
        "hyper-parameter-tuning-job",
        "HyperParameterTuningJob",
        "TuningJobs",
        TrainingJobDefinition={"RoleArn": role("train")},
    ),
    task(
        "a training job is started",
        _SAGEMAKER,
        "sagemaker:createTrainingJob",
        {"TrainingJobName": "nightly", "RoleArn": role("train")},
        allow(
            "sagemaker:AddTags sagemaker:CreateTrainingJob",
            arn("sagemaker", "training-job/nightly*"),
        ),
        allow("sagemaker:ListTags", ANY),
        passes("train", "sagemaker"),
        runs=False,
    ),
    task(
        "a job of Glue is waited for",
        _GLUE,
        "glue:startJobRun.sync",
        {"JobName": "nightly"},
        allow("glue:BatchStopJobRun glue:GetJobRun glue:GetJobRuns glue:StartJobRun", _JOB),
        fails="Glue.",
    ),
    task(
        "a job of Glue is started",
        _GLUE,
        "glue:startJobRun",
        {"JobName": "nightly"},
        allow("glue:StartJobRun", _JOB),
        fails="Glue.",
    ),
    task(
        "a job of Glue of the input's is started",
        _GLUE,
        "glue:startJobRun",
        {"JobName.$": "$.job"},
        allow("glue:StartJobRun", arn("glue", "job/*")),
        input={"job": "nightly"},
        fails="Glue.",
    ),
    sdk(
        "a job of Glue is made",
        "https://docs.aws.amazon.com/glue/latest/dg/security-iam.html",
        "glue:createJob",
        {"Name": "nightly", "Role": role("glue"), "Command": {}},
        allow("glue:CreateJob", ANY),
        passes("glue", "glue"),
        runs=False,
    ),
    sdk(
        "a crawler is started",
        "https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsglue.html",
        "glue:startCrawler",
        {"Name": "lake"},
        allow("glue:StartCrawler", arn("glue", "crawler/lake")),
        fails="Glue.",
    ),
    task(
        "a job of DataBrew is waited for",
        f"{GUIDE}databrew-iam.html",
        "databrew:startJobRun.sync",
        {"Name": "clean"},
        allow("databrew:ListJobRuns databrew:StartJobRun databrew:StopJobRun", _BREW),
        runs=False,
    ),
    task(
        "a job of MediaConvert is waited for",
        f"{GUIDE}mediaconvert-iam.html",
        "mediaconvert:createJob.sync",
        {"Role": role("media"), "Settings": {}},
        allow("mediaconvert:CreateJob", ANY),
        allow("mediaconvert:CancelJob mediaconvert:GetJob", arn("mediaconvert", "jobs/*")),
        rule("sForMediaConvertJob"),
        passes("media", "mediaconvert"),
        runs=False,
    ),
    _emr(
        "a cluster of EMR",
        "createCluster.sync",
        {"Name": "c", "ServiceRole": "EMR_DefaultRole"},
        allow("elasticmapreduce:RunJobFlow", ANY),
        allow(
            "elasticmapreduce:DescribeCluster elasticmapreduce:TerminateJobFlows",
            arn("elasticmapreduce", "cluster/*"),
        ),
        allow("iam:PassRole", role("EMR_DefaultRole")),
    ),
    _emr(
        "a cluster of EMR with tags",
        "createCluster",
        {"Name": "c", "Tags": [{"Key": "team", "Value": "imaging"}]},
        allow("elasticmapreduce:RunJobFlow", ANY),
        allow("elasticmapreduce:AddTags", arn("elasticmapreduce", "cluster/*")),
    ),
    _emr(
        "a step of EMR",
        "addStep.sync",
        {"ClusterId": "j-1A2B", "Step": {}},
        allow(
            "elasticmapreduce:AddJobFlowSteps elasticmapreduce:CancelSteps "
            "elasticmapreduce:DescribeStep",
            _CLUSTER,
        ),
    ),
    _emr(
        "a cluster of EMR ends",
        "terminateCluster.sync",
        {"ClusterId": "j-1A2B"},
        allow("elasticmapreduce:DescribeCluster elasticmapreduce:TerminateJobFlows", _CLUSTER),
    ),
    _emr(
        "a step of EMR is cancelled",
        "cancelStep",
        {"ClusterId": "j-1A2B", "StepId": "s-1"},
        allow("elasticmapreduce:CancelSteps", _CLUSTER),
    ),
    _emr(
        "a cluster of EMR is protected",
        "setClusterTerminationProtection",
        {"ClusterId": "j-1A2B", "TerminationProtected": True},
        allow("elasticmapreduce:SetTerminationProtection", _CLUSTER),
    ),
    _serverless(
        "a job of EMR Serverless",
        "startJobRun.sync",
        {"ApplicationId": "00f1", "ExecutionRoleArn": role("spark")},
        allow("emr-serverless:StartJobRun", _APPLICATION),
        allow("emr-serverless:CancelJobRun emr-serverless:GetJobRun", f"{_APPLICATION}/jobruns/*"),
        rule("sForEMRServerlessJob"),
        passes("spark", "emr-serverless"),
    ),
    _serverless(
        "an application of EMR Serverless is made",
        "createApplication.sync",
        {"Name": "a", "Type": "SPARK"},
        allow("emr-serverless:CreateApplication", arn("emr-serverless", "/*")),
        allow(
            "emr-serverless:DeleteApplication emr-serverless:GetApplication",
            arn("emr-serverless", "/applications/*"),
        ),
        allow(
            "iam:CreateServiceLinkedRole",
            role(
                "aws-service-role/ops.emr-serverless.amazonaws.com/"
                "AWSServiceRoleForAmazonEMRServerless*"
            ),
            StringLike={"iam:AWSServiceName": "ops.emr-serverless.amazonaws.com"},
        ),
        rule("sForEMRServerlessApplication"),
    ),
    _serverless(
        "an application of EMR Serverless starts",
        "startApplication.sync",
        {"ApplicationId": "00f1"},
        allow(
            "emr-serverless:GetApplication emr-serverless:StartApplication "
            "emr-serverless:StopApplication",
            _APPLICATION,
        ),
        rule("sForEMRServerlessApplication"),
    ),
    _serverless(
        "an application of EMR Serverless stops",
        "stopApplication.sync",
        {"ApplicationId": "00f1"},
        allow("emr-serverless:GetApplication emr-serverless:StopApplication", _APPLICATION),
        rule("sForEMRServerlessApplication"),
    ),
    _serverless(
        "an application of EMR Serverless is deleted",
        "deleteApplication.sync",
        {"ApplicationId": "00f1"},
        allow("emr-serverless:DeleteApplication emr-serverless:GetApplication", _APPLICATION),
        rule("sForEMRServerlessApplication"),
    ),
    _serverless(
        "a job of EMR Serverless is cancelled",
        "cancelJobRun.sync",
        {"ApplicationId": "00f1", "JobRunId": "r"},
        allow("emr-serverless:CancelJobRun emr-serverless:GetJobRun", f"{_APPLICATION}/jobruns/*"),
        rule("sForEMRServerlessJob"),
    ),
    task(
        "a job of EMR on EKS",
        _CONTAINERS,
        "emr-containers:startJobRun.sync",
        {"VirtualClusterId": "vc1", "ExecutionRoleArn": role("spark")},
        allow(
            "emr-containers:StartJobRun",
            _VIRTUAL,
            StringEquals={"emr-containers:ExecutionRoleArn": [role("spark")]},
        ),
        allow("emr-containers:CancelJobRun emr-containers:DescribeJobRun", f"{_VIRTUAL}/jobruns/*"),
        runs=False,
    ),
    task(
        "a job of EMR on EKS with a role of the input's",
        _CONTAINERS,
        "emr-containers:startJobRun",
        {"VirtualClusterId": "vc1", "ExecutionRoleArn.$": "$.role"},
        allow("emr-containers:StartJobRun", _VIRTUAL),
        runs=False,
    ),
    task(
        "a virtual cluster is made",
        _CONTAINERS,
        "emr-containers:createVirtualCluster",
        {"Name": "v", "ContainerProvider": {}, "Tags": {"team": "imaging"}},
        allow("emr-containers:CreateVirtualCluster", ANY),
        allow("emr-containers:TagResource", arn("emr-containers", "/virtualclusters/*")),
        allow(
            "iam:CreateServiceLinkedRole",
            role(
                "aws-service-role/emr-containers.amazonaws.com/AWSServiceRoleForAmazonEMRContainers"
            ),
            StringLike={"iam:AWSServiceName": "emr-containers.amazonaws.com"},
        ),
        runs=False,
    ),
    task(
        "a virtual cluster is deleted",
        _CONTAINERS,
        "emr-containers:deleteVirtualCluster.sync",
        {"Id": "vc1"},
        allow(
            "emr-containers:DeleteVirtualCluster emr-containers:DescribeVirtualCluster", _VIRTUAL
        ),
        runs=False,
    ),
    _eks(
        "a cluster of EKS",
        "createCluster",
        {"Name": "main", "RoleArn": role("eks")},
        allow("eks:CreateCluster", ANY),
        allow("eks:DeleteCluster eks:DescribeCluster", arn("eks", "cluster/main")),
        passes("eks", "eks"),
    ),
    _eks(
        "a cluster of EKS is deleted",
        "deleteCluster",
        {"Name": "main"},
        allow("eks:DeleteCluster eks:DescribeCluster", arn("eks", "cluster/main")),
    ),
    _eks(
        "a node group",
        "createNodegroup",
        {"ClusterName": "main", "NodegroupName": "n", "NodeRole": role("node")},
        allow("eks:CreateNodegroup", arn("eks", "cluster/main")),
        allow("eks:DeleteNodegroup eks:DescribeNodegroup", arn("eks", "nodegroup/main/n/*")),
        allow("ec2:DescribeSubnets", ANY),
        allow("iam:GetRole iam:ListAttachedRolePolicies", role("*")),
        passes("node", "eks"),
    ),
    _eks(
        "a node group is deleted",
        "deleteNodegroup",
        {"ClusterName": "main", "NodegroupName": "n"},
        allow("eks:DeleteNodegroup eks:DescribeNodegroup", arn("eks", "nodegroup/main/n/*")),
    ),
    _eks(
        "a Fargate profile",
        "createFargateProfile",
        {"ClusterName": "main", "FargateProfileName": "f", "PodExecutionRoleArn": role("pod")},
        allow("eks:CreateFargateProfile", arn("eks", "cluster/main")),
        allow(
            "eks:DeleteFargateProfile eks:DescribeFargateProfile",
            arn("eks", "fargateprofile/main/f/*"),
        ),
        passes("pod", "eks"),
    ),
    task(
        "a call of Kubernetes",
        f"{GUIDE}connect-eks.html",
        "eks:call",
        {"ClusterName": "main", "CertificateAuthority": "x", "Endpoint": "e", "Method": "GET"},
        runs=False,
    ),
    task(
        "a model is invoked",
        _BEDROCK,
        "bedrock:invokeModel",
        {"ModelId": "anthropic.claude-3-haiku-20240307-v1:0", "Body": {}},
        allow("bedrock:InvokeModel", _MODEL),
        runs=False,
    ),
    task(
        "a model is invoked by a profile of several regions",
        "https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-prereq.html",
        "bedrock:invokeModel",
        {"ModelId": "us.anthropic.claude-3-haiku-20240307-v1:0", "Body": {}},
        allow(
            "bedrock:InvokeModel",
            arn("bedrock", "inference-profile/us.anthropic.claude-3-haiku-20240307-v1:0"),
            "arn:aws:bedrock:*::foundation-model/anthropic.claude-3-haiku-20240307-v1:0",
        ),
        runs=False,
    ),
    task(
        "a model is invoked with data in S3 and a guardrail",
        _BEDROCK,
        "bedrock:invokeModel",
        {
            "ModelId": _MODEL,
            "GuardrailIdentifier": "g1",
            "Input": {"S3Uri": "s3://data/in.json"},
            "Output": {"S3Uri": "s3://data/out.json"},
        },
        allow("bedrock:InvokeModel", _MODEL),
        allow("bedrock:ApplyGuardrail", arn("bedrock", "guardrail/g1")),
        allow("s3:GetObject", s3("data/in.json")),
        allow("s3:PutObject", s3("data/out.json")),
        runs=False,
    ),
    sdk(
        "a conversation with a model",
        "https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html",
        "bedrockruntime:converse",
        {"ModelId": "anthropic.claude-3-haiku-20240307-v1:0", "Messages": []},
        allow("bedrock:InvokeModel", _MODEL),
        runs=False,
    ),
    task(
        "a model of one's own is customized",
        _BEDROCK,
        "bedrock:createModelCustomizationJob",
        {
            "JobName": "j",
            "RoleArn": role("tune"),
            "BaseModelIdentifier": arn("bedrock", "custom-model/m/1"),
            "JobTags": [{"Key": "team", "Value": "imaging"}],
        },
        allow(
            "bedrock:CreateModelCustomizationJob bedrock:TagResource",
            arn("bedrock", "custom-model/*"),
            arn("bedrock", "model-customization-job/*"),
        ),
        passes("tune", "bedrock"),
        runs=False,
    ),
    task(
        "a model is customized",
        _BEDROCK,
        "bedrock:createModelCustomizationJob.sync",
        {"JobName": "j", "RoleArn": role("tune"), "BaseModelIdentifier": _MODEL},
        allow(
            "bedrock:CreateModelCustomizationJob",
            _MODEL,
            arn("bedrock", "custom-model/*"),
            arn("bedrock", "model-customization-job/*"),
        ),
        allow(
            "bedrock:GetModelCustomizationJob bedrock:StopModelCustomizationJob",
            arn("bedrock", "model-customization-job/*"),
        ),
        passes("tune", "bedrock"),
        runs=False,
    ),
]
