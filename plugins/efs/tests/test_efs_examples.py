"""The examples of the EFS fragments, and the models of their requests and responses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError
from tests.proofs import long_proof

from sfn_fragments import get_registry
from sfn_fragments.sandbox import Sandbox
from sfn_fragments_efs.models import (
    CleanFileSystemRequest,
    OutdatedPathScannerRequest,
    RemovePathsRequest,
)

if TYPE_CHECKING:
    from sfn_fragments_local import Engine

LEFT = {
    "efs.clean_file_system": {"results/summary.txt"},
    "efs.data_path_stats": None,
    "efs.outdated_path_scanner": None,
    "efs.remove_paths": {"results/summary.txt"},
}


@long_proof
@pytest.mark.parametrize("name", LEFT)
def test_the_example_runs(name: str, sfn_engine: Engine, file_system_stack: Any) -> None:
    registry = get_registry()
    spec = registry.spec(name)
    assert spec.example
    assert spec.request
    assert spec.response
    example = registry.resolve(spec.example)
    sandbox = Sandbox()
    built = sandbox.build(registry, name)
    deployment = sfn_engine.deploy(built.template)
    sfn_engine.create_job_queue(sandbox.job_queue)
    reference = built.stack.resolve(sandbox.file_system.file_system_id)
    folder = sfn_engine.file_system_folder(deployment.resources[reference["Ref"]])
    for path, text in example.files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)

    result = sfn_engine.execute(example.input).raise_for_status()

    registry.resolve(spec.request).model_validate(example.input)
    registry.resolve(spec.response).model_validate(result.output)
    left = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert left == (set(example.files) if LEFT[name] is None else LEFT[name])


@pytest.mark.parametrize(
    "path",
    ["s3://data/a/", "efs://fs-0123456789abcdef0:/a", "fs-0123456789abcdef0:/a", "/opt/data/a"],
)
def test_paths_of_a_request(path: str) -> None:
    assert OutdatedPathScannerRequest.model_validate({"path": path}).path == path
    assert RemovePathsRequest.model_validate({"paths": [path]}).paths == [path]


@pytest.mark.parametrize(
    ("path", "message"),
    [("s3:/data", "s3://bucket/key"), ("efs://nowhere/a", "efs://fs-"), ("", "at least 1")],
)
def test_malformed_paths_of_a_request(path: str, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        OutdatedPathScannerRequest.model_validate({"path": path})
    with pytest.raises(ValidationError, match=message):
        RemovePathsRequest.model_validate({"paths": ["/fine", path]})


def test_s3_cannot_be_cleaned() -> None:
    with pytest.raises(ValidationError, match="not removed"):
        CleanFileSystemRequest.model_validate({"path": "s3://data/a/"})
    path = "efs://fs-0123456789abcdef0:/a"
    assert CleanFileSystemRequest.model_validate({"path": path}).path == path
