"""Takes a plan in S3 apart; this file is the code of a Lambda function, as it stands.

A plan holds a request for each input and each output. These go to objects of their own, from which
distributed Maps read them; the rest is small enough for a state.
"""

import json
from typing import Any


def handler(event: dict[str, str], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    """Write the requests of a plan to objects beside it.

    Args:
        event: ``Bucket`` and ``Key`` of the plan, and the ``Prefix`` that its key begins with.
        context: Not used.

    Returns:
        The plan without the requests and without the parameters of the execution. ``Objects`` has
        the keys of the requests for ``inputs`` and ``outputs``, without the prefix.
    """
    import boto3

    s3 = boto3.client("s3")
    bucket, key = event["Bucket"], event["Key"]
    plan: dict[str, Any] = json.load(s3.get_object(Bucket=bucket, Key=key)["Body"])
    objects = {}
    for name, configs in (("inputs", "setup_configs"), ("outputs", "cleanup_configs")):
        requests = plan[configs].pop("data_sync_requests")
        place = f"{key.removesuffix('.json')}-{name}.json"
        s3.put_object(Bucket=bucket, Key=place, Body=json.dumps(requests).encode())
        objects[name] = place.removeprefix(event["Prefix"])
    del plan["demand_execution"]["execution_parameters"]
    return {**plan, "Objects": objects}
