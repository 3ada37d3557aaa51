"""Makes what moto's CloudFormation lacks, and runs notice, through the services' own APIs."""

from __future__ import annotations

import io
import json
import zipfile
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from sfn_fragments_local.deployment.coercion import as_request, as_text
from sfn_fragments_local.deployment.made import Made, Maker, Order

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def _secret(order: Order) -> Made:
    secrets = order.client("secretsmanager")
    properties = order.properties
    value = properties.get("SecretString")
    if value is None:
        value = _generated(secrets, properties.get("GenerateSecretString"))
    if order.before is None:
        name = order.name(properties.get("Name"))
        made = secrets.create_secret(Name=name, SecretString=as_text(value))
        arn = str(made["ARN"])
    else:
        arn = order.before
        if "SecretString" in properties:
            secrets.put_secret_value(SecretId=arn, SecretString=as_text(value))
    return Made(arn, {"Id": arn})


def _generated(secrets: Any, options: Mapping[str, Any] | None) -> str:
    own = dict(options or {})
    template, key = own.pop("SecretStringTemplate", None), own.pop("GenerateStringKey", None)
    request = as_request("secretsmanager", "GetRandomPassword", own)
    password = str(secrets.get_random_password(**request)["RandomPassword"])
    if template is None:
        return password
    return json.dumps({**json.loads(template), key: password})


def _remove_secret(client: Callable[[str], Any], arn: str) -> None:
    client("secretsmanager").delete_secret(SecretId=arn, ForceDeleteWithoutRecovery=True)


def _subscription(order: Order) -> Made:
    sns = order.client("sns")
    properties = order.properties
    attributes = {
        name: as_text(properties[name])
        for name in ("FilterPolicy", "FilterPolicyScope", "RawMessageDelivery")
        if name in properties
    }
    if order.before is not None:
        sns.unsubscribe(SubscriptionArn=order.before)
    made = sns.subscribe(
        TopicArn=properties["TopicArn"],
        Protocol=properties["Protocol"],
        Endpoint=properties.get("Endpoint", ""),
        Attributes=attributes,
        ReturnSubscriptionArn=True,
    )
    arn = str(made["SubscriptionArn"])
    return Made(arn, {"Arn": arn})


def _unsubscribe(client: Callable[[str], Any], arn: str) -> None:
    client("sns").unsubscribe(SubscriptionArn=arn)


def _instance_profile(order: Order) -> Made:
    iam = order.client("iam")
    name = order.name(order.properties.get("InstanceProfileName"))
    if order.before is None:
        path = order.properties.get("Path", "/")
        iam.create_instance_profile(InstanceProfileName=name, Path=path)
    described = iam.get_instance_profile(InstanceProfileName=name)["InstanceProfile"]
    before = {role["RoleName"] for role in described["Roles"]}
    # A profile has one role at most; one of elsewhere is not there.
    wanted = {str(role) for role in order.properties.get("Roles") or []}
    for role in before - wanted:
        iam.remove_role_from_instance_profile(InstanceProfileName=name, RoleName=role)
    for role in wanted - before:
        with suppress(iam.exceptions.NoSuchEntityException):
            iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=role)
    return Made(name, {"Arn": described["Arn"]})


def _remove_instance_profile(client: Callable[[str], Any], name: str) -> None:
    iam = client("iam")
    roles = iam.get_instance_profile(InstanceProfileName=name)["InstanceProfile"]["Roles"]
    for role in roles:
        iam.remove_role_from_instance_profile(InstanceProfileName=name, RoleName=role["RoleName"])
    iam.delete_instance_profile(InstanceProfileName=name)


def _bucket_policy(order: Order) -> Made:
    bucket = str(order.properties["Bucket"])
    document = order.properties["PolicyDocument"]
    text = document if isinstance(document, str) else json.dumps(document, default=str)
    order.client("s3").put_bucket_policy(Bucket=bucket, Policy=text)
    return Made(bucket)


def _remove_bucket_policy(client: Callable[[str], Any], bucket: str) -> None:
    client("s3").delete_bucket_policy(Bucket=bucket)


def _function_alias(order: Order) -> Made:
    functions = order.client("lambda")
    request = as_request("lambda", "CreateAlias", _without(order, "ProvisionedConcurrencyConfig"))
    # moto knows functions by their names here.
    request["FunctionName"] = request["FunctionName"].rpartition(":function:")[2]
    call = functions.create_alias if order.before is None else functions.update_alias
    arn = str(call(**request)["AliasArn"])
    return Made(arn, {"AliasArn": arn})


#: Properties of a table that the engine does not look at, besides those of its replicas.
_NOT_OF_A_TABLE = (
    "Replicas",
    "TimeToLiveSpecification",
    "WriteOnDemandThroughputSettings",
    "WriteProvisionedThroughputSettings",
    "ReadOnDemandThroughputSettings",
    "ReadProvisionedThroughputSettings",
    "GlobalTableWitnesses",
    "GlobalTableSourceArn",
    "GlobalTableSettingsReplicationMode",
    "MultiRegionConsistency",
    "WarmThroughput",
)


def _global_table(order: Order) -> Made:
    tables = order.client("dynamodb")
    name = order.name(order.properties.get("TableName"))
    if order.before is None:
        properties = _without(order, *_NOT_OF_A_TABLE)
        properties = {**properties, "TableName": name, "BillingMode": "PAY_PER_REQUEST"}
        # A table of the API names its key; that of CloudFormation is in its replica.
        properties.pop("SSESpecification", None)
        tables.create_table(**as_request("dynamodb", "CreateTable", properties))
    described = tables.describe_table(TableName=name)["Table"]
    attributes = {
        "Arn": described["TableArn"],
        "StreamArn": described.get("LatestStreamArn", ""),
        "TableId": described.get("TableId", ""),
    }
    return Made(name, attributes)


def _remove_table(client: Callable[[str], Any], name: str) -> None:
    client("dynamodb").delete_table(TableName=name)


def _bucket_deployment(order: Order) -> Made:
    """CDK's ``BucketDeployment``: the files of assets go into a bucket."""
    properties = order.properties
    bucket = properties["DestinationBucketName"]
    prefix = str(properties.get("DestinationBucketKeyPrefix") or "").strip("/")
    sources = zip(properties["SourceBucketNames"], properties["SourceObjectKeys"], strict=True)
    markers = properties.get("SourceMarkers") or [{}] * len(properties["SourceObjectKeys"])
    for (place, key), values in zip(sources, markers, strict=True):
        stored = order.client("s3").get_object(Bucket=place, Key=key)["Body"].read()
        with zipfile.ZipFile(io.BytesIO(stored)) as archive:
            for name in archive.namelist():
                content = archive.read(name)
                # What was not known at synthesis.
                for marker, value in values.items():
                    content = content.replace(marker.encode(), as_text(value).encode())
                order.client("s3").put_object(
                    Bucket=bucket, Key=f"{prefix}/{name}".lstrip("/"), Body=content
                )
    return Made(
        order.name(None),
        {
            "DestinationBucketArn": f"arn:{order.partition}:s3:::{bucket}",
            "SourceObjectKeys": properties.get("SourceObjectKeys") or [],
        },
    )


def _without(order: Order, *names: str) -> dict[str, Any]:
    return {key: value for key, value in order.properties.items() if key not in names}


SERVICES = {
    "AWS::DynamoDB::GlobalTable": Maker(_global_table, _remove_table),
    "AWS::IAM::InstanceProfile": Maker(_instance_profile, _remove_instance_profile),
    "AWS::Lambda::Alias": Maker(_function_alias),
    "AWS::S3::BucketPolicy": Maker(_bucket_policy, _remove_bucket_policy),
    "AWS::SNS::Subscription": Maker(_subscription, _unsubscribe),
    "AWS::SecretsManager::Secret": Maker(_secret, _remove_secret),
    "Custom::CDKBucketDeployment": Maker(_bucket_deployment),
}
