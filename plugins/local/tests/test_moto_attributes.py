"""References to resources of moto's models; and that plain moto still needs the help."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from tests.proofs import few, long_proof

if TYPE_CHECKING:
    from sfn_fragments_local import Engine

TEMPLATE = {
    "Resources": {
        "Fs": {"Type": "AWS::EFS::FileSystem", "Properties": {}},
        "Ap": {
            "Type": "AWS::EFS::AccessPoint",
            "Properties": {"FileSystemId": {"Ref": "Fs"}, "RootDirectory": {"Path": "/a"}},
        },
    },
    "Outputs": {
        "Fs": {"Value": {"Fn::GetAtt": ["Fs", "Arn"]}},
        "FsId": {"Value": {"Fn::GetAtt": ["Fs", "FileSystemId"]}},
        "Ap": {"Value": {"Ref": "Ap"}},
        "ApArn": {"Value": {"Fn::GetAtt": ["Ap", "Arn"]}},
        "ApId": {"Value": {"Fn::GetAtt": ["Ap", "AccessPointId"]}},
    },
}


def test_references(sfn_engine: Engine) -> None:
    deployment = sfn_engine.deploy(TEMPLATE)
    efs = sfn_engine.client("efs")
    (file_system,) = efs.describe_file_systems()["FileSystems"]
    (access_point,) = efs.describe_access_points()["AccessPoints"]
    assert deployment.outputs == {
        "Fs": file_system["FileSystemArn"],
        "FsId": file_system["FileSystemId"],
        "Ap": access_point["AccessPointId"],
        "ApArn": access_point["AccessPointArn"],
        "ApId": access_point["AccessPointId"],
    }
    assert deployment.resources["Ap"] == access_point["AccessPointId"]


MORE: dict[str, Any] = {
    "Resources": {
        "Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "bucket"}},
        "Bus": {"Type": "AWS::Events::EventBus", "Properties": {"Name": "bus"}},
        "Function": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "FunctionName": "f",
                "Code": {"ZipFile": "def handler(event, context): ..."},
                "Handler": "index.handler",
                "Runtime": "python3.12",
                "Role": {"Fn::GetAtt": ["Role", "Arn"]},
            },
        },
        "Key": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {}}},
        "Network": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}},
        "Policy": {
            "Type": "AWS::IAM::ManagedPolicy",
            "Properties": {
                "ManagedPolicyName": "p",
                "PolicyDocument": {
                    "Version": "2012-10-17",
                    "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}],
                },
            },
        },
        "Queue": {
            "Type": "AWS::SQS::Queue",
            "Properties": {"QueueName": "q", "VisibilityTimeout": 5},
        },
        "Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "AssumeRolePolicyDocument": {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Principal": {"Service": "lambda.amazonaws.com"},
                            "Action": "sts:AssumeRole",
                        }
                    ],
                }
            },
        },
        "Rule": {
            "Type": "AWS::Events::Rule",
            "Properties": {"Name": "r", "ScheduleExpression": "rate(1 day)"},
        },
        "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "t"}},
        "Version": {
            "Type": "AWS::Lambda::Version",
            "Properties": {"FunctionName": {"Ref": "Function"}},
        },
    },
}


@few(5)
@pytest.mark.parametrize(
    ("node", "value"),
    [
        ({"Ref": "Bus"}, "bus"),
        ({"Ref": "Version"}, "arn:aws:lambda:us-east-1:123456789012:function:f:1"),
        ({"Fn::GetAtt": ["Bucket", "RegionalDomainName"]}, "bucket.s3.us-east-1.amazonaws.com"),
        (
            {"Fn::GetAtt": ["Bucket", "DualStackDomainName"]},
            "bucket.s3.dualstack.us-east-1.amazonaws.com",
        ),
        ({"Fn::GetAtt": ["Policy", "PolicyArn"]}, "arn:aws:iam::123456789012:policy/p"),
        (
            {"Fn::GetAtt": ["Queue", "QueueUrl"]},
            "https://sqs.us-east-1.amazonaws.com/123456789012/q",
        ),
        # A property is an attribute too.
        ({"Fn::GetAtt": ["Queue", "VisibilityTimeout"]}, "5"),
        ({"Fn::GetAtt": ["Rule", "RuleName"]}, "r"),
        ({"Fn::GetAtt": ["Topic", "TopicArn"]}, "arn:aws:sns:us-east-1:123456789012:t"),
        ({"Fn::GetAtt": ["Version", "Version"]}, "1"),
        ({"Fn::Join": ["", [{"Fn::GetAtt": ["Key", "KeyId"]}]]}, {"Ref": "Key"}),
        # Of a network, whatever it is.
        (
            {"Fn::GetAtt": ["Network", "DefaultNetworkAcl"]},
            {"Fn::Sub": "${Network}.DefaultNetworkAcl"},
        ),
    ],
)
def test_other_references(sfn_engine: Engine, node: Any, value: Any) -> None:
    outputs = {"Found": {"Value": node}, "Wanted": {"Value": value}}
    found = sfn_engine.deploy({**MORE, "Outputs": outputs}).outputs
    assert found["Found"] == found["Wanted"]


@long_proof
def test_plain_moto_still_lacks_them() -> None:
    script = """
from moto.awslambda.models import LambdaVersion
from moto.efs.models import AccessPoint, FileSystem
from moto.events.models import Rule
from moto.iam.models import ManagedPolicy
from moto.kms.models import Key
from moto.sns.models import Topic
from moto.sqs.models import Queue

assert not hasattr(AccessPoint, "physical_resource_id")
assert not hasattr(LambdaVersion, "physical_resource_id")
assert "get_cfn_attribute" not in vars(AccessPoint)
assert "get_cfn_attribute" not in vars(FileSystem)
assert "get_cfn_attribute" not in vars(LambdaVersion)
assert not Rule.has_cfn_attr("RuleName")
assert "update_from_cloudformation_json" not in vars(ManagedPolicy)
assert not Key.has_cfn_attr("KeyId")
assert not Topic.has_cfn_attr("TopicArn")
assert not Queue.has_cfn_attr("QueueUrl")
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
