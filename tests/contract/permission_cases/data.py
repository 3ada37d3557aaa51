"""Tables, secrets, parameters, keys, logs, repositories and queries."""

from __future__ import annotations

from typing import Any

from tests.contract.permission_cases.case import (
    ANY,
    GUIDE,
    REFERENCE,
    Case,
    allow,
    arn,
    s3,
    sdk,
    task,
)

_DYNAMODB = f"{GUIDE}dynamodb-iam.html"
_TABLES = f"{REFERENCE}amazondynamodb.html"
_PARTIQL = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-iam.html"
_TABLE = arn("dynamodb", "table/orders")
_KEY = {"id": {"S": "1"}}
_SECRETS = (
    "https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_iam-policies.html"
)
_PARAMETERS = f"{REFERENCE}awssystemsmanager.html"
_ALIASES = "https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html"
_LOGS = f"{REFERENCE}amazoncloudwatchlogs.html"
_GROUP = arn("logs", "log-group:/app:*")
_CATALOG = (
    "BatchCreatePartition BatchDeletePartition BatchDeleteTable BatchGetPartition CreateDatabase "
    "CreatePartition CreateTable DeleteDatabase DeletePartition DeleteTable GetDatabase "
    "GetDatabases GetPartition GetPartitions GetTable GetTables UpdateDatabase UpdatePartition "
    "UpdateTable"
)
_ATHENA_DATA = (
    "AbortMultipartUpload CreateBucket GetBucketLocation GetObject ListBucket "
    "ListBucketMultipartUploads ListMultipartUploadParts PutObject"
)


def _prefixed(prefix: str, names: str) -> str:
    return " ".join(f"{prefix}:{name}" for name in names.split())


def _item(name: str, api: str, action: str, **parameters: Any) -> Case:
    given = {"TableName": "orders", **parameters}
    return task(name, _DYNAMODB, f"dynamodb:{api}", given, allow(f"dynamodb:{action}", _TABLE))


def _queried(name: str, statement: str, verb: str) -> Case:
    return sdk(
        name,
        _PARTIQL,
        "dynamodb:executeStatement",
        {"Statement": statement},
        allow(f"dynamodb:PartiQL{verb}", _TABLE),
        runs=verb == "Select",
    )


CASES = [
    _item("an item is read", "getItem", "GetItem", Key=_KEY),
    _item("an item is written", "putItem", "PutItem", Item=_KEY),
    _item("an item is deleted", "deleteItem", "DeleteItem", Key=_KEY),
    _item(
        "an item is changed",
        "updateItem",
        "UpdateItem",
        Key=_KEY,
        UpdateExpression="REMOVE a",
    ),
    task(
        "an item of a table by its ARN",
        _TABLES,
        "dynamodb:getItem",
        {"TableName": _TABLE, "Key": _KEY},
        allow("dynamodb:GetItem", _TABLE),
        runs=False,
    ),
    task(
        "an item of a table of the input's",
        _DYNAMODB,
        "dynamodb:getItem",
        {"TableName.$": "$.table", "Key": _KEY},
        allow("dynamodb:GetItem", arn("dynamodb", "table/*")),
        input={"table": "orders"},
    ),
    sdk(
        "a table is scanned",
        _TABLES,
        "dynamodb:scan",
        {"TableName": "orders"},
        allow("dynamodb:Scan", _TABLE),
    ),
    sdk(
        "an index is queried",
        _TABLES,
        "dynamodb:query",
        {
            "TableName": "orders",
            "IndexName": "byDate",
            "KeyConditionExpression": "id = :i",
            "ExpressionAttributeValues": {":i": {"S": "1"}},
        },
        allow("dynamodb:Query", _TABLE, f"{_TABLE}/index/byDate"),
        fails="DynamoDb.",
    ),
    sdk(
        "items of tables are read",
        _TABLES,
        "dynamodb:batchGetItem",
        {"RequestItems": {"orders": {"Keys": [_KEY]}}},
        allow("dynamodb:BatchGetItem", _TABLE),
    ),
    sdk(
        "items of tables of the input's are written",
        _TABLES,
        "dynamodb:batchWriteItem",
        {"RequestItems.$": "$.items"},
        allow("dynamodb:BatchWriteItem", arn("dynamodb", "table/*")),
        input={"items": {"orders": [{"PutRequest": {"Item": _KEY}}]}},
    ),
    sdk(
        "a transaction that puts and checks",
        _TABLES,
        "dynamodb:transactWriteItems",
        {
            "TransactItems": [
                {"Put": {"TableName": "orders", "Item": _KEY}},
                {
                    "ConditionCheck": {
                        "TableName": "stock",
                        "Key": _KEY,
                        "ConditionExpression": "attribute_not_exists(id)",
                    }
                },
            ]
        },
        allow("dynamodb:PutItem", _TABLE),
        allow("dynamodb:ConditionCheckItem", arn("dynamodb", "table/stock")),
    ),
    sdk(
        "a transaction that reads",
        _TABLES,
        "dynamodb:transactGetItems",
        {"TransactItems": [{"Get": {"TableName": "orders", "Key": _KEY}}]},
        allow("dynamodb:GetItem", _TABLE),
    ),
    _queried("a statement that selects", 'SELECT * FROM "orders"', "Select"),
    _queried("a statement that updates", "UPDATE orders SET a = 1 WHERE id = '1'", "Update"),
    sdk(
        "a statement of the input's",
        _PARTIQL,
        "dynamodb:executeStatement",
        {"Statement.$": "$.statement"},
        allow(
            "dynamodb:PartiQLDelete dynamodb:PartiQLInsert dynamodb:PartiQLSelect "
            "dynamodb:PartiQLUpdate",
            arn("dynamodb", "table/*"),
        ),
        input={"statement": 'SELECT * FROM "orders"'},
    ),
    sdk(
        "a transaction of statements",
        _PARTIQL,
        "dynamodb:executeTransaction",
        {"TransactStatements": [{"Statement": "DELETE FROM orders WHERE id = '1'"}]},
        allow("dynamodb:PartiQLDelete", _TABLE),
        runs=False,
    ),
    sdk("tables are listed", _TABLES, "dynamodb:listTables", {}, allow("dynamodb:ListTables", ANY)),
    sdk(
        "a secret by its name",
        _SECRETS,
        "secretsmanager:getSecretValue",
        {"SecretId": "login"},
        allow("secretsmanager:GetSecretValue", arn("secretsmanager", "secret:login-??????")),
    ),
    sdk(
        "a secret by its ARN",
        _SECRETS,
        "secretsmanager:describeSecret",
        {"SecretId": arn("secretsmanager", "secret:login-AbCdEf")},
        allow("secretsmanager:DescribeSecret", arn("secretsmanager", "secret:login-AbCdEf")),
        fails="SecretsManager.",
    ),
    sdk(
        "a parameter with slashes",
        _PARAMETERS,
        "ssm:getParameter",
        {"Name": "/app/size"},
        allow("ssm:GetParameter", arn("ssm", "parameter/app/size")),
    ),
    sdk(
        "several parameters",
        _PARAMETERS,
        "ssm:getParameters",
        {"Names": ["/app/size", "/app/color"]},
        allow(
            "ssm:GetParameters", arn("ssm", "parameter/app/color"), arn("ssm", "parameter/app/size")
        ),
    ),
    sdk(
        "parameters below a path",
        _PARAMETERS,
        "ssm:getParametersByPath",
        {"Path": "/app"},
        allow(
            "ssm:GetParametersByPath", arn("ssm", "parameter/app"), arn("ssm", "parameter/app/*")
        ),
    ),
    sdk(
        "parameters are listed",
        _PARAMETERS,
        "ssm:describeParameters",
        {},
        allow("ssm:DescribeParameters", ANY),
    ),
    sdk(
        "a key by its id",
        f"{REFERENCE}awskeymanagementservice.html",
        "kms:describeKey",
        {"KeyId": "0a1b"},
        allow("kms:DescribeKey", arn("kms", "key/0a1b")),
        fails="Kms.",
    ),
    sdk(
        "a key by an alias",
        _ALIASES,
        "kms:generateDataKey",
        {"KeyId": "alias/app", "KeySpec": "AES_256"},
        allow(
            "kms:GenerateDataKey",
            arn("kms", "key/*"),
            **{"ForAnyValue:StringLike": {"kms:ResourceAliases": ["alias/app"]}},
        ),
    ),
    sdk(
        "events of a log group",
        _LOGS,
        "cloudwatchlogs:filterLogEvents",
        {"LogGroupName": "/app"},
        allow("logs:FilterLogEvents", _GROUP),
    ),
    sdk(
        "a stream of a log group",
        _LOGS,
        "cloudwatchlogs:createLogStream",
        {"LogGroupName": "/app", "LogStreamName": "one"},
        allow("logs:CreateLogStream", _GROUP),
    ),
    sdk(
        "log groups are listed",
        _LOGS,
        "cloudwatchlogs:describeLogGroups",
        {},
        allow("logs:DescribeLogGroups", ANY),
    ),
    sdk(
        "images of a repository",
        f"{REFERENCE}amazonelasticcontainerregistry.html",
        "ecr:describeImages",
        {"RepositoryName": "team/tool"},
        allow("ecr:DescribeImages", arn("ecr", "repository/team/tool")),
        fails="Ecr.",
    ),
    sdk(
        "metrics have no resource",
        f"{REFERENCE}amazoncloudwatch.html",
        "cloudwatch:putMetricData",
        {"Namespace": "n", "MetricData": [{"MetricName": "m", "Value": 1}]},
        allow("cloudwatch:PutMetricData", ANY),
    ),
    sdk(
        "everybody may ask who they are",
        "https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html",
        "sts:getCallerIdentity",
        {},
        runs=False,
    ),
    sdk(
        "budgets have one action",
        f"{REFERENCE}awsbudgetservice.html",
        "budgets:describeBudget",
        {"AccountId": "123456789012", "BudgetName": "b"},
        allow("budgets:ViewBudget", ANY),
        runs=False,
    ),
    sdk(
        "keyspaces have the verbs of CQL",
        f"{REFERENCE}amazonkeyspacesforapachecassandra.html",
        "keyspaces:getTable",
        {"KeyspaceName": "k", "TableName": "t"},
        allow("cassandra:Select", ANY),
        runs=False,
    ),
    sdk(
        "a map of Location Service",
        f"{REFERENCE}amazonlocationservicemaps.html",
        "geomaps:getStaticMap",
        {"Center": "0,0"},
        allow("geo-maps:GetStaticMap", ANY),
        runs=False,
    ),
    sdk(
        "a statement of Aurora",
        "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/data-api.access.html",
        "rdsdata:executeStatement",
        {
            "ResourceArn": arn("rds", "cluster:main"),
            "SecretArn": arn("secretsmanager", "secret:login-AbCdEf"),
            "Sql": "select 1",
        },
        allow("rds-data:ExecuteStatement", arn("rds", "cluster:main")),
        allow("secretsmanager:GetSecretValue", arn("secretsmanager", "secret:login-AbCdEf")),
        runs=False,
    ),
    task(
        "a query of Athena is waited for",
        f"{GUIDE}athena-iam.html",
        "athena:startQueryExecution.sync",
        {"QueryString": "select 1", "WorkGroup": "team"},
        allow(
            "athena:GetQueryExecution athena:StartQueryExecution athena:StopQueryExecution",
            arn("athena", "workgroup/team"),
        ),
        allow("athena:GetDataCatalog", arn("athena", "datacatalog/*")),
        allow(_prefixed("s3", _ATHENA_DATA), s3("*")),
        allow(
            _prefixed("glue", _CATALOG),
            arn("glue", "catalog"),
            arn("glue", "database/*"),
            arn("glue", "table/*"),
            arn("glue", "userDefinedFunction/*"),
        ),
        allow("lakeformation:GetDataAccess", ANY),
        runs=False,
    ),
]
