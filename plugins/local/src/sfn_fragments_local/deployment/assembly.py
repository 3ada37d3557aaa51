"""Reads cloud assemblies: what CDK writes into ``cdk.out``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sfn_fragments_local.deployment.errors import DeploymentError
from sfn_fragments_local.deployment.template import Asset, Template

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


def read_assembly(folder: Path, only: str | None = None) -> list[Template]:
    """The stacks of an assembly and of its stages, dependencies first.

    Args:
        folder: The folder of the assembly.
        only: Artifact id of a stack: it and those it depends on. All, if left out.

    Raises:
        DeploymentError: It is no assembly, or holds no stack.
    """
    templates: dict[str, Template] = {}
    dependencies: dict[str, list[str]] = {}
    for assembly in _assemblies(folder):
        assets = _assets(assembly)
        for artifact_id, artifact in _artifacts(assembly).items():
            if artifact["type"] != "aws:cloudformation:stack":
                continue
            properties = artifact["properties"]
            templates[artifact_id] = Template(
                properties.get("stackName", artifact_id),
                read_json(assembly / properties["templateFile"]),
                _construct_paths(assembly, artifact),
                assets,
            )
            dependencies[artifact_id] = artifact.get("dependencies", [])
    ordered: dict[str, Template] = {}

    def visit(artifact_id: str) -> None:
        # Assets are dependencies too.
        if artifact_id in ordered or artifact_id not in templates:
            return
        for dependency in dependencies[artifact_id]:
            visit(dependency)
        ordered[artifact_id] = templates[artifact_id]

    for artifact_id in [only] if only else templates:
        visit(artifact_id)
    if not ordered:
        raise DeploymentError(f"deploy: {str(folder)!r} holds no stack")
    return list(ordered.values())


def read_json(path: Path) -> dict[str, Any]:
    """The JSON object in a file.

    Args:
        path: The file.

    Raises:
        DeploymentError: It cannot be read, or holds something else.
    """
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DeploymentError(f"deploy: cannot read {str(path)!r}: {error.strerror}") from error
    except ValueError as error:
        raise DeploymentError(f"deploy: {str(path)!r} is not JSON: {error}") from error
    if not isinstance(body, dict):
        raise DeploymentError(f"deploy: {str(path)!r} holds no JSON object")
    return body


def _artifacts(assembly: Path) -> Mapping[str, Any]:
    artifacts: Mapping[str, Any] = read_json(assembly / "manifest.json").get("artifacts") or {}
    return artifacts


def _assemblies(folder: Path) -> Iterator[Path]:
    yield folder
    for artifact in _artifacts(folder).values():
        if artifact["type"] == "cdk:cloud-assembly":
            yield from _assemblies(folder / artifact["properties"]["directoryName"])


def _construct_paths(assembly: Path, artifact: Mapping[str, Any]) -> dict[str, str]:
    """Construct path to logical id; templates say it only when the CDK CLI made them."""
    metadata = dict(artifact.get("metadata") or {})
    if file := artifact.get("additionalMetadataFile"):
        metadata |= read_json(assembly / file)
    return {
        path.removeprefix("/").removesuffix("/Resource"): entry["data"]
        for path, entries in metadata.items()
        for entry in entries
        if entry["type"] == "aws:cdk:logicalId"
    }


def _assets(assembly: Path) -> dict[str, Asset]:
    """The assets of an assembly, by the keys under which its stacks look for them."""
    manifests = [
        read_json(assembly / artifact["properties"]["file"])
        for artifact in _artifacts(assembly).values()
        if artifact["type"] == "cdk:asset-manifest"
    ]
    return {
        destination["objectKey"]: Asset(
            assembly / asset["source"]["path"],
            destination["bucketName"],
            asset["source"].get("packaging") == "zip",
        )
        for manifest in manifests
        for asset in (manifest.get("files") or {}).values()
        if "path" in asset["source"]
        for destination in asset["destinations"].values()
    }
