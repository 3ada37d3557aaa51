"""What a deployment has made."""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING

from sfn_fragments_local.deployment.errors import DeploymentError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True)
class Deployment:
    """What was deployed.

    Logical ids are the keys. With several stacks, an id that an earlier one has already is
    written ``<stack name>/<logical id>``.

    Attributes:
        stacks: Names of the stacks, in the order of their deployment; nested ones after those
            that hold them.
        state_machines: Logical id to ARN.
        resources: Logical id to physical id (what ``Ref`` gives), state machines included.
        outputs: Output to value.
        skipped: Logical id to why it was left out.
        paths: Construct path to logical id.
    """

    stacks: tuple[str, ...]
    state_machines: Mapping[str, str]
    resources: Mapping[str, str]
    outputs: Mapping[str, str]
    skipped: Mapping[str, str]
    paths: Mapping[str, str] = field(default_factory=dict)

    def physical_id(self, resource: str) -> str:
        """The physical id of a resource: the name of a bucket, the ARN of a topic.

        Args:
            resource: Its construct path (``Stack/Results``, as ``construct.node.path`` is) or its
                logical id.

        Raises:
            DeploymentError: None such was deployed; the message has near ones.

        Examples:
            >>> deployment = engine.deploy(app)  # doctest: +SKIP
            >>> deployment.physical_id(stack.results.node.path)  # doctest: +SKIP
            'storage-results5a5ddf54-1j0q'
        """
        logical_id = self.paths.get(resource, resource)
        if logical_id in self.resources:
            return self.resources[logical_id]
        if logical_id in self.skipped:
            raise DeploymentError(f"{resource!r} was left out: {self.skipped[logical_id]}")
        near = get_close_matches(resource, [*self.paths, *self.resources], n=3, cutoff=0.5)
        raise DeploymentError(
            f"nothing is deployed at {resource!r}; give a construct path or a logical id"
            + (f", such as {', '.join(near)}" if near else "")
        )


def merged(deployments: Iterable[Deployment]) -> Deployment:
    """Several deployments as one.

    Args:
        deployments: Those of single stacks, in their order.
    """
    stacks: list[str] = []
    names = ("state_machines", "resources", "outputs", "skipped", "paths")
    joined: dict[str, dict[str, str]] = {name: {} for name in names}
    for one in deployments:
        taken = joined["resources"].keys() | joined["skipped"].keys()
        prefix = f"{one.stacks[0]}/"
        renamed = {
            key: f"{prefix}{key}" if key in taken else key for key in (*one.resources, *one.skipped)
        }
        for name in ("state_machines", "resources", "skipped"):
            joined[name] |= {renamed.get(k, k): v for k, v in getattr(one, name).items()}
        for path, key in one.paths.items():
            joined["paths"].setdefault(path, renamed.get(key, key))
        for key, value in one.outputs.items():
            joined["outputs"][f"{prefix}{key}" if key in joined["outputs"] else key] = value
        stacks += one.stacks
    return Deployment(tuple(stacks), **joined)
