"""Images of EC2 are there when they are asked for; what needs none does not wait for them."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from moto.ec2.models import ec2_backends
from tests.proofs import long_proof

if TYPE_CHECKING:
    from sfn_fragments_local import Engine


@long_proof
def test_images_are_read_when_they_are_asked_for(sfn_engine: Engine) -> None:
    ec2 = sfn_engine.client("ec2")
    assert ec2.describe_vpcs()["Vpcs"]
    backend = ec2_backends[sfn_engine.account]["us-east-1"]
    assert "amis" not in vars(backend)
    named = {"Name": "name", "Values": ["amzn2-ami-ecs*"]}
    assert ec2.describe_images(Owners=["amazon"], Filters=[named])["Images"]
    assert "amis" in vars(backend)


@long_proof
def test_images_of_ones_own_are_among_them(sfn_engine: Engine) -> None:
    ec2 = sfn_engine.client("ec2")
    made = ec2.register_image(Name="own")["ImageId"]
    images = {image["ImageId"] for image in ec2.describe_images()["Images"]}
    assert made in images
    assert len(images) > 100
    ec2.deregister_image(ImageId=made)
    assert made not in {image["ImageId"] for image in ec2.describe_images()["Images"]}


@long_proof
def test_plain_moto_still_reads_them_at_once() -> None:
    script = """
from moto.ec2.models import EC2Backend

assert len(vars(EC2Backend("us-east-1", "123456789012"))["amis"]) > 100
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
