"""Topics, queues, buses, streams, HTTP and APIs."""

from __future__ import annotations

from tests.contract.permission_cases.case import ANY, GUIDE, REFERENCE, allow, arn, sdk, task

_TOPIC, _QUEUE = arn("sns", "done"), arn("sqs", "work")
_URL = "https://sqs.us-east-1.amazonaws.com/123456789012/work"
_SNS, _SQS = f"{GUIDE}sns-iam.html", f"{GUIDE}sqs-iam.html"
_EVENTS, _HTTP = f"{GUIDE}eventbridge-iam.html", f"{GUIDE}call-https-apis.html"
_EVENT = {"Source": "s", "DetailType": "t", "Detail": {"a": 1}}
_CONNECTION = arn("events", "connection/partner/1b2c3d")
_SECRET = arn("secretsmanager", "secret:events!connection/partner/*")
_CREDENTIALS = (
    allow("events:RetrieveConnectionCredentials", _CONNECTION),
    allow("secretsmanager:DescribeSecret secretsmanager:GetSecretValue", _SECRET),
)
_API = "abc123.execute-api.us-east-1.amazonaws.com"
_SIGNED = {"ApiEndpoint": _API, "Method": "GET", "AuthType": "IAM_ROLE"}
_API_REFERENCE = "https://docs.aws.amazon.com/"
_GATEWAY = f"{GUIDE}api-gateway-iam.html"

CASES = [
    task(
        "a message to a topic",
        _SNS,
        "sns:publish",
        {"TopicArn": _TOPIC, "Message": "m"},
        allow("sns:Publish", _TOPIC),
    ),
    task(
        "a message to a target",
        _SNS,
        "sns:publish",
        {"TargetArn": _TOPIC, "Message": "m"},
        allow("sns:Publish", _TOPIC),
    ),
    sdk(
        "a queue is made with tags",
        f"{_API_REFERENCE}AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html",
        "sqs:createQueue",
        {"QueueName": "new", "Tags": {"team": "imaging"}},
        allow("sqs:CreateQueue sqs:TagQueue", arn("sqs", "new")),
    ),
    sdk(
        "a stream is made with tags",
        f"{_API_REFERENCE}kinesis/latest/APIReference/API_CreateStream.html",
        "kinesis:createStream",
        {"StreamName": "new", "Tags": {"team": "imaging"}},
        allow("kinesis:AddTagsToStream kinesis:CreateStream", arn("kinesis", "stream/new")),
        runs=False,
    ),
    sdk(
        "a log group is made with tags",
        f"{_API_REFERENCE}AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html",
        "cloudwatchlogs:createLogGroup",
        {"LogGroupName": "new", "Tags": {"team": "imaging"}},
        allow("logs:CreateLogGroup", arn("logs", "log-group:new:*")),
        allow("logs:TagResource", arn("logs", "log-group:new"), arn("logs", "log-group:new:*")),
        runs=False,
    ),
    task(
        "a text to a telephone",
        _SNS,
        "sns:publish",
        {"PhoneNumber": "+15555550100", "Message": "m"},
        allow("sns:Publish", ANY),
    ),
    task(
        "a message to a topic of the input's",
        _SNS,
        "sns:publish",
        {"TopicArn.$": "$.topic", "Message": "m"},
        allow("sns:Publish", ANY),
        input={"topic": _TOPIC},
    ),
    sdk(
        "many messages to a topic",
        f"{REFERENCE}amazonsns.html",
        "sns:publishBatch",
        {"TopicArn": _TOPIC, "PublishBatchRequestEntries": [{"Id": "1", "Message": "m"}]},
        allow("sns:Publish", _TOPIC),
    ),
    sdk(
        "subscriptions of a topic",
        f"{REFERENCE}amazonsns.html",
        "sns:listSubscriptionsByTopic",
        {"TopicArn": _TOPIC},
        allow("sns:ListSubscriptionsByTopic", _TOPIC),
    ),
    task(
        "a message to a queue",
        _SQS,
        "sqs:sendMessage",
        {"QueueUrl": _URL, "MessageBody": "m"},
        allow("sqs:SendMessage", _QUEUE),
    ),
    task(
        "a message to a queue of another account and region",
        _SQS,
        "sqs:sendMessage",
        {"QueueUrl": "https://sqs.eu-west-1.amazonaws.com/210987654321/work", "MessageBody": "m"},
        allow("sqs:SendMessage", "arn:aws:sqs:eu-west-1:210987654321:work"),
        runs=False,
    ),
    task(
        "a message to a queue of the input's",
        _SQS,
        "sqs:sendMessage",
        {"QueueUrl.$": "$.queue", "MessageBody": "m"},
        allow("sqs:SendMessage", ANY),
        input={"queue": _URL},
    ),
    sdk(
        "messages to a queue",
        f"{REFERENCE}amazonsqs.html",
        "sqs:sendMessageBatch",
        {"QueueUrl": _URL, "Entries": [{"Id": "1", "MessageBody": "m"}]},
        allow("sqs:SendMessage", _QUEUE),
    ),
    sdk(
        "messages of a queue",
        f"{REFERENCE}amazonsqs.html",
        "sqs:receiveMessage",
        {"QueueUrl": _URL},
        allow("sqs:ReceiveMessage", _QUEUE),
    ),
    sdk(
        "the URL of a queue",
        f"{REFERENCE}amazonsqs.html",
        "sqs:getQueueUrl",
        {"QueueName": "work"},
        allow("sqs:GetQueueUrl", _QUEUE),
    ),
    task(
        "an event to a bus",
        _EVENTS,
        "events:putEvents",
        {"Entries": [{**_EVENT, "EventBusName": "orders"}]},
        allow("events:PutEvents", arn("events", "event-bus/orders")),
    ),
    task(
        "an event to a bus by its ARN",
        _EVENTS,
        "events:putEvents",
        {"Entries": [{**_EVENT, "EventBusName": arn("events", "event-bus/orders")}]},
        allow("events:PutEvents", arn("events", "event-bus/orders")),
    ),
    task(
        "an event to the default bus",
        _EVENTS,
        "events:putEvents",
        {"Entries": [_EVENT]},
        allow("events:PutEvents", arn("events", "event-bus/default")),
    ),
    task(
        "events to two buses",
        _EVENTS,
        "events:putEvents",
        {"Entries": [_EVENT, {**_EVENT, "EventBusName": "orders"}]},
        allow(
            "events:PutEvents",
            arn("events", "event-bus/default"),
            arn("events", "event-bus/orders"),
        ),
    ),
    task(
        "events of the input's",
        _EVENTS,
        "events:putEvents",
        {"Entries.$": "$.entries"},
        allow("events:PutEvents", arn("events", "event-bus/*")),
        input={"entries": [_EVENT]},
    ),
    sdk(
        "records of a stream",
        f"{REFERENCE}amazonkinesis.html",
        "kinesis:putRecord",
        {"StreamName": "clicks", "Data": "x", "PartitionKey": "p"},
        allow("kinesis:PutRecord", arn("kinesis", "stream/clicks")),
    ),
    sdk(
        "records of a stream by its ARN",
        f"{REFERENCE}amazonkinesis.html",
        "kinesis:describeStreamSummary",
        {"StreamARN": arn("kinesis", "stream/clicks")},
        allow("kinesis:DescribeStreamSummary", arn("kinesis", "stream/clicks")),
    ),
    sdk(
        "limits of Kinesis have no resource",
        f"{REFERENCE}amazonkinesis.html",
        "kinesis:describeLimits",
        {},
        allow("kinesis:DescribeLimits", ANY),
    ),
    sdk(
        "records of a delivery stream",
        f"{REFERENCE}amazonkinesisfirehose.html",
        "firehose:putRecord",
        {"DeliveryStreamName": "lake", "Record": {"Data": "x"}},
        allow("firehose:PutRecord", arn("firehose", "deliverystream/lake")),
        fails="Firehose.",
    ),
    task(
        "an HTTPS API",
        _HTTP,
        "http:invoke",
        {
            "ApiEndpoint": "https://api.example.com/orders",
            "Method": "GET",
            "Authentication": {"ConnectionArn": _CONNECTION},
        },
        allow(
            "states:InvokeHTTPEndpoint",
            ANY,
            StringEquals={"states:HTTPMethod": ["GET"]},
            StringLike={"states:HTTPEndpoint": ["https://api.example.com/orders"]},
        ),
        *_CREDENTIALS,
        runs=False,
    ),
    task(
        "an HTTPS API at a path of the input's",
        _HTTP,
        "http:invoke",
        {
            "ApiEndpoint.$": "States.Format('https://api.example.com/orders/{}', $.id)",
            "Method.$": "$.method",
            "Authentication": {"ConnectionArn": _CONNECTION},
        },
        allow(
            "states:InvokeHTTPEndpoint",
            ANY,
            StringLike={"states:HTTPEndpoint": ["https://api.example.com/orders/*"]},
        ),
        *_CREDENTIALS,
        runs=False,
    ),
    task(
        "an HTTPS API by a connection of the input's",
        _HTTP,
        "http:invoke",
        {
            "ApiEndpoint": "https://api.example.com/orders",
            "Method": "POST",
            "Authentication": {"ConnectionArn.$": "$.connection"},
        },
        allow(
            "states:InvokeHTTPEndpoint",
            ANY,
            StringEquals={"states:HTTPMethod": ["POST"]},
            StringLike={"states:HTTPEndpoint": ["https://api.example.com/orders"]},
        ),
        allow("events:RetrieveConnectionCredentials", arn("events", "connection/*")),
        allow(
            "secretsmanager:DescribeSecret secretsmanager:GetSecretValue",
            arn("secretsmanager", "secret:events!connection/*"),
        ),
        runs=False,
    ),
    task(
        "an API of API Gateway",
        _GATEWAY,
        "apigateway:invoke",
        {**_SIGNED, "Stage": "prod", "Path": "/orders/1"},
        allow("execute-api:Invoke", arn("execute-api", "abc123/prod/GET/orders/1")),
        runs=False,
    ),
    task(
        "an API of API Gateway at a path of the input's",
        _GATEWAY,
        "apigateway:invoke",
        {**_SIGNED, "Stage": "prod", "Path.$": "States.Format('/orders/{}', $.id)"},
        allow("execute-api:Invoke", arn("execute-api", "abc123/prod/GET/orders/*")),
        runs=False,
    ),
    sdk(
        "a message to a caller of a WebSocket API",
        f"{REFERENCE}amazonapigateway.html",
        "apigatewaymanagementapi:postToConnection",
        {"ConnectionId": "c", "Data": "x"},
        allow("execute-api:ManageConnections", ANY),
        runs=False,
    ),
    sdk(
        "an API of API Gateway is made",
        f"{REFERENCE}amazonapigatewaymanagement.html",
        "apigateway:createRestApi",
        {"Name": "orders"},
        allow("apigateway:POST", ANY),
    ),
]
