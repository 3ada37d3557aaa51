"""What an HTTP Task and a call of API Gateway need: the connection and the endpoint that they name.

https://docs.aws.amazon.com/step-functions/latest/dg/call-https-apis.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sfn_fragments_asl.permissions.call import arn, is_marker
from sfn_fragments_asl.permissions.markers import part_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sfn_fragments_asl.permissions.call import Call
    from sfn_fragments_asl.permissions.permission import Permission

_CONNECTION = re.compile(r"(arn:[^:]+:)events(:[^:]*:[^:]*:)connection/([^/*]+)/.+")
_CONNECTIONS = ("Authentication.ConnectionArn", "InvocationConfig.ConnectionArn")
# <api>.execute-api.<region>.amazonaws.com
_API = re.compile(r"(?:https://)?([^.*]+)\.execute-api\.([^.*]+)\..*")


def http_permissions(call: Call) -> Iterator[Permission]:
    """What an HTTP Task needs: to call its endpoint, with the secret of its one connection.

    Args:
        call: The call.
    """
    conditions: dict[str, Any] = {}
    methods, endpoints = call.patterns("Method"), call.patterns("ApiEndpoint")
    if "*" not in methods.patterns:
        conditions["StringEquals"] = {"states:HTTPMethod": list(methods.patterns)}
    if "*" not in endpoints.patterns:
        conditions["StringLike"] = {"states:HTTPEndpoint": list(endpoints.patterns)}
    yield call.need(
        ["states:InvokeHTTPEndpoint"], ["*"], [methods.note, endpoints.note], **conditions
    )
    way = next((way for way in _CONNECTIONS if way.split(".")[0] in call), None)
    if way is None:
        return
    names = call.patterns(way)
    connections = [
        arn("events", "connection/*") if name == "*" else name for name in names.patterns
    ]
    yield call.need(["events:RetrieveConnectionCredentials"], connections, [names.note])
    yield call.need(
        ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"],
        list(dict.fromkeys(_secret(connection) for connection in connections)),
        [names.note],
    )


def _secret(connection: str) -> str:
    """The secret that EventBridge keeps for a connection.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-target-connection.html
    """
    if is_marker(connection):
        name = part_of("ConnectionOf:", connection)
        return arn("secretsmanager", f"secret:events!connection/{name}/*")
    if found := _CONNECTION.fullmatch(connection):
        before, place, name = found.groups()
        return f"{before}secretsmanager{place}secret:events!connection/{name}/*"
    return arn("secretsmanager", "secret:events!connection/*")


# Without a signature, which is the default, nobody asks who calls; a resource policy allows
# Step Functions itself, whatever the role.
_UNSIGNED = frozenset({"NO_AUTH", "RESOURCE_POLICY"})
# Where callers of a WebSocket API are reached.
_CALLERS = "@connections"


def api_permissions(call: Call) -> Iterator[Permission]:
    """What a call of an API of API Gateway needs.

    https://docs.aws.amazon.com/step-functions/latest/dg/connect-api-gateway.html

    Args:
        call: The call.
    """
    if _UNSIGNED.issuperset(call.patterns("AuthType", "NO_AUTH").patterns):
        return
    hosts = call.patterns("ApiEndpoint")
    stages, methods = call.patterns("Stage", "$default"), call.patterns("Method")
    paths = call.patterns("Path", "/")
    notes = [hosts.note, stages.note, methods.note, paths.note]
    for path in (each.removeprefix("/") for each in paths.patterns):
        resources = [
            f"{api}/{stage}/{method}/{path}"
            for api in map(_api, hosts.patterns)
            for stage in stages.patterns
            for method in methods.patterns
        ]
        yield call.need(_on_path(path), resources, notes)


def _on_path(path: str) -> list[str]:
    """The actions on a path: messages to the callers of a WebSocket API go by one of their own.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-control-access-iam.html
    """
    if path.startswith(_CALLERS):
        return ["execute-api:ManageConnections"]
    may_be_one = path.endswith("*") and _CALLERS.startswith(path[:-1])
    return ["execute-api:Invoke", *(["execute-api:ManageConnections"] if may_be_one else [])]


def _api(host: str) -> str:
    if found := _API.fullmatch(host):
        api, region = found.groups()
        return arn("execute-api", api).replace("${AWS::Region}", region)
    return arn("execute-api", "*")
