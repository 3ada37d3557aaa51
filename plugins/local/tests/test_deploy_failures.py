"""What cannot be deployed is told with its stack, its resource, its property and the way out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sfn_fragments_local import DeploymentError

if TYPE_CHECKING:
    from sfn_fragments_local import Engine

QUEUE = {"Type": "AWS::SQS::Queue"}


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Resources": {"R": {"Type": kind, "Properties": properties}, "Q": QUEUE}}


@pytest.mark.parametrize(
    ("template", "message"),
    [
        (
            resource("AWS::Batch::JobQueue", Priority="high"),
            "R (AWS::Batch::JobQueue): Priority: 'high' is no number",
        ),
        (resource("AWS::Batch::JobQueue"), "Priority: the service needs this property; give it"),
        (
            resource("AWS::S3::Bucket", BucketName={"Ref": "QQ"}),
            "R (AWS::S3::Bucket): BucketName: the template has no resource or parameter 'QQ'; "
            "did you mean Q?",
        ),
        (
            resource("AWS::S3::Bucket", BucketName={"Fn::GetAtt": ["Q", "Nmae"]}),
            "BucketName: moto knows no attribute 'Nmae' of Q (AWS::SQS::Queue); give it: "
            "deploy(..., resources={'Q': {'Nmae': ...}})",
        ),
        (
            resource("AWS::S3::Bucket", BucketName={"Fn::If": ["No", "a", "b"]}),
            "BucketName: the template has no condition 'No'",
        ),
        (
            resource("AWS::S3::Bucket", BucketName={"Fn::ImportValue": "x"}),
            "BucketName: no deployed stack exports 'x'; deploy the stack that does first",
        ),
        (
            resource(
                "AWS::S3::Bucket",
                BucketName={"Fn::GetStackOutput": {"StackName": "S", "OutputName": "o"}},
            ),
            "BucketName: no deployed stack 'S' has an output 'o'; deploy it first, or the app",
        ),
        (
            resource("AWS::S3::Bucket", BucketName="{{resolve:ssm:/x}}"),
            "BucketName: '{{resolve:ssm:/x}}' cannot be resolved",
        ),
        (
            resource(
                "AWS::SQS::QueuePolicy",
                Queues=[{"Ref": "Q"}],
                PolicyDocument={"Statement": "all"},
            ),
            "R (AWS::SQS::QueuePolicy): PolicyDocument: 'all' is no statement of a policy; give",
        ),
        (
            resource("AWS::SecretsManager::ResourcePolicy", SecretId="s", ResourcePolicy="all"),
            "ResourcePolicy: 'all' is no policy; give an object with a Statement",
        ),
        (
            resource("AWS::ECR::Repository", RepositoryName="A B"),
            "R (AWS::ECR::Repository): RepositoryName: Invalid parameter at 'repositoryName'",
        ),
        (
            resource("AWS::S3::Bucket", BucketName="b"),
            "R (AWS::S3::Bucket): BucketName: The specified bucket is not valid",
        ),
        (
            resource("AWS::S3::Bucket", BucketName=["a"]),
            "R (AWS::S3::Bucket): BucketName: ['a'] is no text",
        ),
        (
            resource("AWS::Lambda::Function", Code={"ZipFile": "x"}, Timeout="soon"),
            "R (AWS::Lambda::Function): Timeout: 'soon' is no number",
        ),
        (
            resource("AWS::CloudFormation::Stack", TemplateURL="https://x/y.json"),
            "TemplateURL: the template at 'https://x/y.json' is not part of what is deployed",
        ),
        (
            resource(
                "AWS::StepFunctions::StateMachine",
                Definition={"StartAt": "A", "States": {"A": {"Type": "Succeed"}}},
            ),
            "RoleArn: a state machine needs a role; give its ARN",
        ),
        (
            {
                "Resources": {
                    "A": {**QUEUE, "Properties": {"QueueName": {"Ref": "B"}}},
                    "B": {**QUEUE, "Properties": {"QueueName": {"Ref": "A"}}},
                }
            },
            "the resources refer to each other in a circle: A -> B -> A",
        ),
        (
            {"Resources": {"Q": QUEUE}, "Outputs": {"O": {"Value": {"Ref": "No"}}}},
            "output O: Value: the template has no resource or parameter 'No'",
        ),
        (
            {"Resources": {"Q": QUEUE}, "Outputs": {"O": {"Value": "x", "Condition": "No"}}},
            "output O: the template has no condition 'No'",
        ),
        ({"Resources": {"Q": {}}}, "Q: a resource is an object with a 'Type'; found {}"),
        (
            {"Parameters": {"P": {"Type": "String"}}, "Resources": {"Q": QUEUE}},
            "parameter: P: it has no default; give it a value: deploy(..., parameters={'P': ...})",
        ),
        (
            {
                "Parameters": {"P": {"Type": "Number", "Default": 3, "MaxValue": 2}},
                "Resources": {"Q": QUEUE},
            },
            "P: '3' is outside of MaxValue 2",
        ),
        (
            {
                "Parameters": {
                    "P": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/x"}
                },
                "Resources": {"Q": QUEUE},
            },
            "P: there is no SSM parameter '/x'",
        ),
    ],
)
def test_failures(sfn_engine: Engine, template: dict[str, Any], message: str) -> None:
    with pytest.raises(DeploymentError) as error:
        sfn_engine.deploy(template, name="wrong")
    assert str(error.value).startswith("stack 'wrong': ")
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"parameters": {"Kidn": "x"}}, "has 'Kidn'; did you mean Kind?"),
        ({"parameters": {"other:Kind": "x"}}, "no stack that is deployed has 'other:Kind'"),
        ({"parameters": {"Kind": "test"}}, "'test' is not allowed; give one of dev, prod"),
        ({"parameters": ["Kind"]}, "give a mapping of names to values"),
        ({"resources": {"Quue": {"Ref": "x"}}}, "no stack that is deployed has 'Quue'"),
        ({"resources": {"Queue": "x"}}, "give what 'Ref' and attributes are"),
    ],
)
def test_wrong_values_for_a_deployment(
    sfn_engine: Engine, given: dict[str, Any], message: str
) -> None:
    kind = {"Type": "String", "Default": "dev", "AllowedValues": ["dev", "prod"]}
    template = {"Parameters": {"Kind": kind}, "Resources": {"Queue": QUEUE}}
    with pytest.raises(DeploymentError) as error:
        sfn_engine.deploy(template, name="own", **given)
    assert message in str(error.value)


def test_what_was_deployed_is_found_by_name_or_told_with_near_ones(sfn_engine: Engine) -> None:
    metadata = {"aws:cdk:path": "Stack/Queue/Resource"}
    resources = {
        "Queue1": {**QUEUE, "Metadata": metadata},
        "Alarm": {"Type": "AWS::CloudWatch::Alarm"},
    }
    deployment = sfn_engine.deploy({"Resources": resources})
    url = deployment.physical_id("Stack/Queue")
    assert url == deployment.physical_id("Queue1")
    assert url.startswith("https://sqs.")
    with pytest.raises(DeploymentError, match=r"nothing is deployed at 'Stack/Quue'.* Stack/Queue"):
        deployment.physical_id("Stack/Quue")
    with pytest.raises(DeploymentError, match="'Alarm' was left out: nothing is monitored"):
        deployment.physical_id("Alarm")


def test_a_failed_deployment_goes_on_from_where_it_was(sfn_engine: Engine) -> None:
    bucket = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "kept"}}
    wrong = {"Type": "AWS::Batch::JobQueue", "Properties": {"Priority": "high"}}
    with pytest.raises(DeploymentError, match="'high' is no number"):
        sfn_engine.deploy({"Resources": {"B": bucket, "W": wrong}}, name="s")
    sfn_engine.client("s3").put_object(Bucket="kept", Key="k", Body=b"x")
    deployment = sfn_engine.deploy({"Resources": {"B": bucket}}, name="s")
    assert deployment.resources == {"B": "kept"}
    assert sfn_engine.client("s3").list_objects_v2(Bucket="kept")["KeyCount"] == 1
    # What a template does not have any more goes.
    sfn_engine.client("s3").delete_object(Bucket="kept", Key="k")
    sfn_engine.deploy({"Resources": {"Q": QUEUE}}, name="s")
    assert sfn_engine.client("s3").list_buckets()["Buckets"] == []
