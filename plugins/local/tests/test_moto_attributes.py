"""References to resources of moto's models; and that plain moto still needs the help."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

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


def test_plain_moto_still_lacks_them() -> None:
    script = (
        "from moto.efs.models import AccessPoint, FileSystem\n"
        "assert not hasattr(AccessPoint, 'physical_resource_id')\n"
        "assert 'get_cfn_attribute' not in vars(AccessPoint)\n"
        "assert 'get_cfn_attribute' not in vars(FileSystem)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
