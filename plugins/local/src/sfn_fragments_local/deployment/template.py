"""A template, and what belongs to it in its cloud assembly."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True)
class Asset:
    """A file or folder that CDK uploads before it deploys a stack.

    Attributes:
        path: The file, or the folder, in the cloud assembly.
        bucket: Name of its bucket; ``${AWS::AccountId}`` and ``${AWS::Region}`` may be in it.
        zipped: Whether a ZIP file of the folder is uploaded.
    """

    path: Path
    bucket: str
    zipped: bool = False


@dataclass(frozen=True)
class Template:
    """A synthesized stack.

    Attributes:
        stack_name: Name to deploy it under.
        body: The CloudFormation template.
        construct_paths: Construct path of each of its resources, and of those of its nested
            stacks, to the logical id, where they are known.
        assets: Key in its bucket, to the asset, where they are known.
        account: The account that it was synthesized for; None for any.
        region: Its region, likewise.
    """

    stack_name: str
    body: Mapping[str, Any]
    construct_paths: Mapping[str, str] = field(default_factory=dict)
    assets: Mapping[str, Asset] = field(default_factory=dict)
    account: str | None = None
    region: str | None = None

    @property
    def resources(self) -> Mapping[str, Mapping[str, Any]]:
        """Logical id to resource."""
        return self.body.get("Resources") or {}

    def path_of(self, logical_id: str) -> str | None:
        """The construct path of one of its own resources, such as ``Stack/Queue``.

        Args:
            logical_id: Logical id of the resource.
        """
        metadata = self.resources[logical_id].get("Metadata") or {}
        path = metadata.get("aws:cdk:path")
        if path is None:
            path = next((at for at, one in self._own_paths() if one == logical_id), None)
        return None if path is None else str(path).removesuffix("/Resource")

    def nested(self, logical_id: str, stack_name: str, body: Mapping[str, Any]) -> Template:
        """The template of a nested stack, with the construct paths that are its.

        Args:
            logical_id: Logical id of the nested stack in this template.
            stack_name: Name to deploy it under.
            body: Its template.
        """
        scope = self._scope(logical_id)
        below = {
            path: one
            for path, one in self.construct_paths.items()
            if scope is not None and path.startswith(f"{scope}/")
        }
        return Template(stack_name, body, below, self.assets, self.account, self.region)

    def moved(self, account: str, region: str) -> Template:
        """The template for another account and region, also where these are written out.

        Args:
            account: The account.
            region: The region.
        """
        if self.account is None:
            return self
        text = json.dumps(self.body).replace(f"::{self.account}:", f"::{account}:")
        text = text.replace(f":{self.region or region}:{self.account}:", f":{region}:{account}:")
        # Such as the aws:SourceAccount of a trust policy.
        text = text.replace(f'"{self.account}"', f'"{account}"')
        return replace(self, body=json.loads(text))

    def _own_paths(self) -> list[tuple[str, str]]:
        """Those that belong to no nested stack, whose logical ids may be the same as ours."""
        scopes = [
            f"{scope}/"
            for key, one in self.resources.items()
            if one.get("Type") == "AWS::CloudFormation::Stack" and (scope := self._scope(key))
        ]
        return [
            (path, one)
            for path, one in self.construct_paths.items()
            if not path.startswith(tuple(scopes))
        ]

    def _scope(self, logical_id: str) -> str | None:
        """Path of the construct that is a nested stack.

        Its resource is beside it: ``Stack/Nest.NestedStack/Nest.NestedStackResource`` is that of
        ``Stack/Nest``.
        """
        for path, one in self.construct_paths.items():
            if one == logical_id and path.endswith(".NestedStackResource"):
                return path.rpartition("/")[0].removesuffix(".NestedStack")
        return None
