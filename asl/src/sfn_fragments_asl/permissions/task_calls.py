"""What a task of ECS needs: its task definition, in its cluster, and the roles that it is given.

https://docs.aws.amazon.com/step-functions/latest/dg/ecs-iam.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sfn_fragments_asl.permissions.call import arn, arns, is_marker
from sfn_fragments_asl.permissions.markers import LAST_OF, part_of
from sfn_fragments_asl.permissions.resource_scope import Names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sfn_fragments_asl.permissions.call import Call
    from sfn_fragments_asl.permissions.permission import Permission

_REVISION = re.compile(r":\d+$")
_ANY_TASK = "ECS makes up the ids of tasks: any task of the cluster."
#: The role of a task and that of its agent, as a call may override them.
OVERRIDES = ("Overrides.TaskRoleArn", "Overrides.ExecutionRoleArn")


def run_task(call: Call) -> Iterator[Permission]:
    """What it takes to run a task of ECS, and to wait for its end.

    Args:
        call: The call.
    """
    definitions = call.patterns("TaskDefinition")
    clusters = call.patterns("Cluster", "default")
    conditions: dict[str, Any] = {}
    if "*" not in clusters.patterns:
        named = arns("ecs", "cluster/", clusters.patterns)
        conditions["ArnLike"] = {"ecs:cluster": named}
    found = arns("ecs", "task-definition/", definitions.patterns)
    actions = ["ecs:RunTask", *(["ecs:TagResource"] if "Tags" in call else [])]
    yield call.need(
        actions[:1],
        list(dict.fromkeys(each for name in found for each in _revisions(name))),
        [definitions.note, clusters.note],
        **conditions,
    )
    if "Tags" in call:
        yield call.need(["ecs:TagResource"], _tasks(clusters.patterns), [_ANY_TASK])
    if call.made.waits_for_end:
        watched = ["ecs:StopTask", "ecs:DescribeTasks"]
        yield call.need(watched, _tasks(clusters.patterns), [_ANY_TASK, clusters.note])
        yield call.managed_rule("StepFunctionsGetEventsForECSTaskRule")


#: Calls about services of a cluster, and the parameter that names them.
_SERVICES = {
    "deleteService": "Service",
    "describeServices": "Services",
    "updateService": "Service",
}


def of_cluster(call: Call) -> Names | None:
    """The services or tasks that a call of ECS is about.

    Args:
        call: The call.

    Returns:
        Their ARNs; ``None`` where it is about something else.
    """
    clusters = call.patterns("Cluster", "default")
    if call.action in ("describeTasks", "stopTask"):
        return Names(tuple(_tasks(clusters.patterns)), f"{_ANY_TASK}\n{clusters.note}".strip())
    if call.action not in _SERVICES:
        return None
    services = call.patterns(_SERVICES[call.action])
    within = [task.replace("task/", "service/")[:-1] for task in _tasks(clusters.patterns)]
    found = [
        service if service.startswith("arn:") else f"{cluster}{_last(service)}"
        for service in services.patterns
        for cluster in within
    ]
    notes = filter(None, (clusters.note, services.note))
    return Names(tuple(dict.fromkeys(found)), "\n".join(notes))


def _last(service: str) -> str:
    """The name of a service in what only CloudFormation knows, whose ARN has its cluster before."""
    return part_of("ServiceOf:", service) if is_marker(service) else service


def _revisions(name: str) -> list[str]:
    """ARNs of a task definition: a family stands for its latest revision."""
    exact = name.startswith("${") or name.endswith("*") or _REVISION.search(name)
    if exact:
        return [name]
    # A name that only CloudFormation knows may have its revision.
    return [name, f"{name}:*"] if "${LastOf:" in name else [f"{name}:*"]


def _tasks(clusters: tuple[str, ...]) -> list[str]:
    """The tasks of clusters, which are given by their names or ARNs."""
    tasks = []
    for cluster in clusters:
        if cluster == "*":
            tasks.append(arn("ecs", "task/*"))
        elif cluster.startswith("arn:"):
            tasks.append(f"{cluster.replace(':cluster/', ':task/')}/*")
        else:
            name = part_of(LAST_OF, cluster) if is_marker(cluster) else cluster
            tasks.append(arn("ecs", f"task/{name}/*"))
    return list(dict.fromkeys(tasks))
