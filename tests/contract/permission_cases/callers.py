"""What services do in the name of their caller, and roles that their parameters hide.

The engine asks for what the call itself needs: a service that reads from S3 as its caller does not
read there in it.
"""

from __future__ import annotations

from tests.contract.permission_cases.case import (
    ANY,
    GUIDE,
    REFERENCE,
    allow,
    arn,
    role,
    s3,
    sdk,
    task,
)

_DOCS = "https://docs.aws.amazon.com/"
_IMAGES = f"{_DOCS}rekognition/latest/dg/images-s3.html"
_TRANSCRIBE = f"{_DOCS}transcribe/latest/dg/security_iam_id-based-policy-examples.html"
_REDSHIFT = f"{_DOCS}redshift/latest/mgmt/data-api-access.html"
_PROFILES = f"{_DOCS}IAM/latest/UserGuide/id_roles_use_switch-role-ec2.html"
_PAGE = {"Document": {"S3Object": {"Bucket": "docs", "Name.$": "$.key"}}}
_QUERY = {"Database": "dev", "Sql": "select 1"}
_CLUSTER = {**_QUERY, "ClusterIdentifier": "dw"}
_ONE = {"ImageId": "ami-1", "MinCount": 1, "MaxCount": 1}
_KNOWLEDGE = {
    "Type": "KNOWLEDGE_BASE",
    "KnowledgeBaseConfiguration": {
        "KnowledgeBaseId": "KB1",
        "ModelArn": "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-v2",
    },
}


def _passed(name: str, service: str) -> dict[str, object]:
    return allow(
        "iam:PassRole", role(name), StringEquals={"iam:PassedToService": f"{service}.amazonaws.com"}
    )


CASES = [
    sdk(
        "a document is analyzed where it lies",
        f"{REFERENCE}amazontextract.html",
        "textract:analyzeDocument",
        {**_PAGE, "FeatureTypes": ["FORMS"]},
        allow("textract:AnalyzeDocument", ANY),
        allow("s3:GetObject", s3("docs/*")),
        runs=False,
    ),
    sdk(
        "a document is analyzed that comes with the call",
        f"{REFERENCE}amazontextract.html",
        "textract:detectDocumentText",
        {"Document": {"Bytes.$": "$.page"}},
        allow("textract:DetectDocumentText", ANY),
        runs=False,
    ),
    sdk(
        "a document is analyzed for a while",
        f"{_DOCS}textract/latest/dg/api-async-roles.html",
        "textract:startDocumentTextDetection",
        {
            "DocumentLocation": {"S3Object": {"Bucket": "docs", "Name": "a.pdf", "Version": "v"}},
            "NotificationChannel": {"RoleArn": role("tells"), "SnsTopicArn": arn("sns", "done")},
        },
        allow("textract:StartDocumentTextDetection", ANY),
        allow("s3:GetObject s3:GetObjectVersion", s3("docs/a.pdf")),
        _passed("tells", "textract"),
        runs=False,
    ),
    sdk(
        "faces of two images are compared",
        _IMAGES,
        "rekognition:compareFaces",
        {
            "SourceImage": {"S3Object": {"Bucket": "ids", "Name": "card"}},
            "TargetImage": {"S3Object": {"Bucket": "selfies", "Name.$": "$.key"}},
        },
        allow("rekognition:CompareFaces", ANY),
        allow("s3:GetObject", s3("ids/card"), s3("selfies/*")),
        runs=False,
    ),
    sdk(
        "speech is written down beside it",
        _TRANSCRIBE,
        "transcribe:startTranscriptionJob",
        {
            "TranscriptionJobName.$": "$.name",
            "Media": {"MediaFileUri": "s3://calls/a.wav"},
            "OutputBucketName": "texts",
            "OutputKey": "en/",
        },
        allow("transcribe:StartTranscriptionJob", ANY),
        allow("s3:GetObject", s3("calls/a.wav")),
        allow("s3:PutObject", s3("texts/en/*")),
        runs=False,
    ),
    sdk(
        "speech is written down by a role",
        _TRANSCRIBE,
        "transcribe:startTranscriptionJob",
        {
            "TranscriptionJobName": "j",
            "Media": {"MediaFileUri": "s3://calls/a.wav"},
            "JobExecutionSettings": {"DataAccessRoleArn": role("listens")},
        },
        allow("transcribe:StartTranscriptionJob", ANY),
        _passed("listens", "transcribe"),
        runs=False,
    ),
    sdk(
        "a text is spoken into a file, and it is told when",
        f"{_DOCS}polly/latest/dg/asynchronous-iam.html",
        "polly:startSpeechSynthesisTask",
        {
            "OutputFormat": "mp3",
            "OutputS3BucketName": "spoken",
            "OutputS3KeyPrefix": "en/",
            "SnsTopicArn": arn("sns", "done"),
            "Text.$": "$.text",
            "VoiceId": "Joanna",
        },
        allow("polly:StartSpeechSynthesisTask", ANY),
        allow("s3:PutObject", s3("spoken/en/*")),
        allow("sns:Publish", arn("sns", "done")),
        runs=False,
    ),
    sdk(
        "a table is exported",
        f"{_DOCS}amazondynamodb/latest/developerguide/S3DataExport_Requesting.html",
        "dynamodb:exportTableToPointInTime",
        {"TableArn": arn("dynamodb", "table/orders"), "S3Bucket": "dumps", "S3Prefix": "orders/"},
        allow("dynamodb:ExportTableToPointInTime", arn("dynamodb", "table/orders")),
        allow("s3:AbortMultipartUpload s3:PutObject s3:PutObjectAcl", s3("dumps/orders/*")),
        runs=False,
    ),
    sdk(
        "a table is restored into another",
        f"{REFERENCE}amazondynamodb.html",
        "dynamodb:restoreTableToPointInTime",
        {"SourceTableName": "orders", "TargetTableName": "again"},
        allow(
            "dynamodb:BatchWriteItem dynamodb:DeleteItem dynamodb:GetItem dynamodb:PutItem "
            "dynamodb:Query dynamodb:RestoreTableToPointInTime dynamodb:Scan dynamodb:UpdateItem",
            arn("dynamodb", "table/orders"),
            arn("dynamodb", "table/again"),
        ),
        runs=False,
    ),
    sdk(
        "a function gets code that lies in S3",
        f"{_DOCS}lambda/latest/dg/troubleshooting-deployment.html",
        "lambda:updateFunctionCode",
        {"FunctionName": "resize", "S3Bucket": "code", "S3Key": "resize.zip"},
        allow("lambda:UpdateFunctionCode", arn("lambda", "function:resize")),
        allow("s3:GetObject", s3("code/resize.zip")),
        runs=False,
    ),
    sdk(
        "a stack is made of a template that lies in S3",
        f"{_DOCS}AWSCloudFormation/latest/UserGuide/control-access-with-iam.html",
        "cloudformation:createStack",
        {
            "StackName": "app",
            "TemplateURL": "https://templates.s3.us-east-1.amazonaws.com/app.yaml",
        },
        allow("cloudformation:CreateStack", ANY),
        allow("s3:GetObject", s3("templates/app.yaml")),
        runs=False,
    ),
    sdk(
        "a query of Redshift by a secret",
        _REDSHIFT,
        "redshiftdata:executeStatement",
        {**_CLUSTER, "SecretArn": arn("secretsmanager", "secret:dw-AbCdEf")},
        allow("redshift-data:ExecuteStatement", ANY),
        allow("secretsmanager:GetSecretValue", arn("secretsmanager", "secret:dw-AbCdEf")),
        runs=False,
    ),
    sdk(
        "a query of Redshift as a user",
        _REDSHIFT,
        "redshiftdata:batchExecuteStatement",
        {"ClusterIdentifier": "dw", "Database": "dev", "DbUser": "etl", "Sqls": ["select 1"]},
        allow("redshift-data:BatchExecuteStatement", ANY),
        allow(
            "redshift:GetClusterCredentials",
            arn("redshift", "dbname:dw/dev"),
            arn("redshift", "dbuser:dw/etl"),
        ),
        runs=False,
    ),
    sdk(
        "a query of Redshift as the caller",
        _REDSHIFT,
        "redshiftdata:executeStatement",
        _CLUSTER,
        allow("redshift-data:ExecuteStatement", ANY),
        allow("redshift:GetClusterCredentialsWithIAM", arn("redshift", "dbname:dw/dev")),
        runs=False,
    ),
    sdk(
        "a query of Redshift without servers",
        _REDSHIFT,
        "redshiftdata:executeStatement",
        {**_QUERY, "WorkgroupName": "analytics"},
        allow("redshift-data:ExecuteStatement", ANY),
        allow("redshift-serverless:GetCredentials", arn("redshift-serverless", "workgroup/*")),
        runs=False,
    ),
    sdk(
        "records of a time series",
        f"{REFERENCE}amazontimestream.html",
        "timestreamwrite:writeRecords",
        {"DatabaseName": "d", "TableName": "t", "Records": []},
        allow("timestream:DescribeEndpoints timestream:WriteRecords", ANY),
        runs=False,
    ),
    sdk(
        "an instance with a profile",
        _PROFILES,
        "ec2:runInstances",
        {**_ONE, "IamInstanceProfile": {"Name": "worker"}},
        allow("ec2:RunInstances", ANY),
        _passed("*", "ec2"),
        runs=False,
    ),
    sdk(
        "an instance by a launch template, which may have a profile",
        _PROFILES,
        "ec2:runInstances",
        {"MinCount": 1, "MaxCount": 1, "LaunchTemplate": {"LaunchTemplateName": "worker"}},
        allow("ec2:RunInstances", ANY),
        _passed("*", "ec2"),
        runs=False,
    ),
    sdk(
        "an instance without a profile",
        _PROFILES,
        "ec2:runInstances",
        _ONE,
        allow("ec2:RunInstances", ANY),
        runs=False,
    ),
    sdk(
        "an instance with tags",
        f"{_DOCS}AWSEC2/latest/UserGuide/supported-iam-actions-tagging.html",
        "ec2:runInstances",
        {**_ONE, "TagSpecifications": [{"ResourceType": "instance", "Tags": [{"Key": "a"}]}]},
        allow("ec2:RunInstances", ANY),
        allow("ec2:CreateTags", ANY, StringEquals={"ec2:CreateAction": "RunInstances"}),
        runs=False,
    ),
    sdk(
        "a function with tags",
        f"{_DOCS}lambda/latest/dg/configuration-tags.html",
        "lambda:createFunction",
        {"FunctionName": "f", "Code": {"ImageUri": "i"}, "Role": role("runs"), "Tags": {"a": "b"}},
        allow("lambda:CreateFunction lambda:TagResource", arn("lambda", "function:f")),
        _passed("runs", "lambda"),
        runs=False,
    ),
    sdk(
        "a model with tags",
        f"{REFERENCE}amazonsagemaker.html",
        "sagemaker:createModel",
        {"ModelName": "m", "ExecutionRoleArn": role("infers"), "Tags": [{"Key": "a"}]},
        allow("sagemaker:AddTags sagemaker:CreateModel", ANY),
        _passed("infers", "sagemaker"),
        runs=False,
    ),
    sdk(
        "an automation by a role",
        f"{_DOCS}systems-manager/latest/userguide/automation-setup-iam.html",
        "ssm:startAutomationExecution",
        {"DocumentName": "Patch", "Parameters": {"AutomationAssumeRole": [role("patches")]}},
        allow("ssm:StartAutomationExecution", ANY),
        _passed("patches", "ssm"),
        runs=False,
    ),
    sdk(
        "a cluster of Redshift with roles",
        f"{_DOCS}redshift/latest/mgmt/copy-unload-iam-role.html",
        "redshift:modifyClusterIamRoles",
        {"ClusterIdentifier": "dw", "AddIamRoles": [role("copies")]},
        allow("redshift:ModifyClusterIamRoles", ANY),
        allow("iam:PassRole", role("copies")),
        runs=False,
    ),
    sdk(
        "a schedule of a group",
        f"{_DOCS}scheduler/latest/UserGuide/security_iam_id-based-policies.html",
        "scheduler:createSchedule",
        {
            "Name.$": "$.name",
            "GroupName": "mail",
            "ScheduleExpression": "rate(1 day)",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "Target": {"Arn": arn("sqs", "mail"), "RoleArn": role("sends")},
        },
        allow("scheduler:CreateSchedule", arn("scheduler", "schedule/mail/*")),
        _passed("sends", "scheduler"),
        runs=False,
    ),
    sdk(
        "a schedule of no group",
        f"{REFERENCE}amazoneventbridgescheduler.html",
        "scheduler:deleteSchedule",
        {"Name": "nightly"},
        allow("scheduler:DeleteSchedule", arn("scheduler", "schedule/default/nightly")),
        runs=False,
    ),
    sdk(
        "a knowledge base is asked",
        f"{_DOCS}bedrock/latest/userguide/kb-test-prereq.html",
        "bedrockagentruntime:retrieve",
        {"KnowledgeBaseId": "KB1", "RetrievalQuery": {"Text.$": "$.question"}},
        allow("bedrock:Retrieve", arn("bedrock", "knowledge-base/KB1")),
        runs=False,
    ),
    sdk(
        "a knowledge base is asked, and a model answers",
        f"{_DOCS}bedrock/latest/userguide/kb-test-prereq.html",
        "bedrockagentruntime:retrieveAndGenerate",
        {"Input": {"Text.$": "$.question"}, "RetrieveAndGenerateConfiguration": _KNOWLEDGE},
        allow("bedrock:RetrieveAndGenerate", ANY),
        allow("bedrock:Retrieve", arn("bedrock", "knowledge-base/KB1")),
        allow(
            "bedrock:InvokeModel",
            "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-v2",
        ),
        runs=False,
    ),
    sdk(
        "an agent is asked",
        f"{REFERENCE}amazonbedrock.html",
        "bedrockagentruntime:invokeAgent",
        {"AgentId": "A1", "AgentAliasId": "L1", "SessionId.$": "$.id", "InputText": "hello"},
        allow("bedrock:InvokeAgent", arn("bedrock", "agent-alias/A1/L1")),
        runs=False,
    ),
    sdk(
        "a knowledge base reads its sources",
        f"{_DOCS}bedrock/latest/userguide/kb-permissions.html",
        "bedrockagent:startIngestionJob",
        {"KnowledgeBaseId": "KB1", "DataSourceId": "DS1"},
        allow("bedrock:StartIngestionJob", arn("bedrock", "knowledge-base/KB1")),
        runs=False,
    ),
    sdk(
        "an agent in a runtime of its own is asked",
        f"{REFERENCE}amazonbedrockagentcore.html",
        "bedrockagentcore:invokeAgentRuntime",
        {"AgentRuntimeArn": arn("bedrock-agentcore", "runtime/a"), "Payload": "{}"},
        allow(
            "bedrock-agentcore:InvokeAgentRuntime",
            arn("bedrock-agentcore", "runtime/a"),
            arn("bedrock-agentcore", "runtime/a/runtime-endpoint/*"),
        ),
        runs=False,
    ),
    sdk(
        "a database is started",
        f"{REFERENCE}amazonrds.html",
        "rds:startDBInstance",
        {"DbInstanceIdentifier": "shop"},
        allow("rds:StartDBInstance", arn("rds", "db:shop")),
        runs=False,
    ),
    sdk(
        "data is moved",
        f"{REFERENCE}awsdatasync.html",
        "datasync:startTaskExecution",
        {"TaskArn": arn("datasync", "task/task-1")},
        allow("datasync:StartTaskExecution", arn("datasync", "task/task-1")),
        runs=False,
    ),
    sdk(
        "a role of another account is assumed by a call",
        f"{REFERENCE}awssecuritytokenservice.html",
        "sts:assumeRole",
        {"RoleArn": "arn:aws:iam::210987654321:role/reads", "RoleSessionName": "s"},
        allow("sts:AssumeRole", "arn:aws:iam::210987654321:role/reads"),
        runs=False,
    ),
    sdk(
        "parameters below a path that ends with a slash",
        f"{_DOCS}systems-manager/latest/userguide/sysman-paramstore-access.html",
        "ssm:getParametersByPath",
        {"Path": "/app/"},
        allow(
            "ssm:GetParametersByPath", arn("ssm", "parameter/app"), arn("ssm", "parameter/app/*")
        ),
    ),
    sdk(
        "an endpoint infers",
        f"{REFERENCE}amazonsagemaker.html",
        "sagemakerruntime:invokeEndpoint",
        {"EndpointName": "Scores", "Body": {}},
        # SageMaker has written ARNs in small letters.
        allow(
            "sagemaker:InvokeEndpoint",
            arn("sagemaker", "endpoint/Scores"),
            arn("sagemaker", "endpoint/scores"),
        ),
        runs=False,
    ),
    sdk(
        "a consumer of a stream listens",
        f"{REFERENCE}amazonkinesisdatastreams.html",
        "kinesis:subscribeToShard",
        {"ConsumerARN": arn("kinesis", "stream/s/consumer/c:1"), "ShardId": "0"},
        allow("kinesis:SubscribeToShard", arn("kinesis", "stream/s/consumer/c:1")),
        runs=False,
    ),
    task(
        "an API of API Gateway that asks nobody who calls",
        f"{GUIDE}connect-api-gateway.html",
        "apigateway:invoke",
        {
            "ApiEndpoint": "abc123.execute-api.us-east-1.amazonaws.com",
            "AuthType": "NO_AUTH",
            "Method": "GET",
        },
        runs=False,
    ),
    sdk(
        "jobs of Glue are read",
        f"{REFERENCE}awsglue.html",
        "glue:batchGetJobs",
        {"JobNames": ["a"]},
        allow("glue:BatchGetJobs glue:GetJob", ANY),
        runs=False,
    ),
]
