"""Every job has the tags of the organisation; a team adds its own, and may change one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sfn_fragments import get_registry
from sfn_fragments.sandbox import Sandbox
from sfn_fragments_batch import JobOptions

if TYPE_CHECKING:
    from sfn_fragments_local import Engine

ORGANISATION = {"organisation": "acme", "environment": "dev-acme", "cost-centre": "shared"}


@pytest.mark.parametrize(
    ("fragment", "jobs", "options", "tags"),
    [
        ("batch.submit_job", 1, None, ORGANISATION),
        (
            "data_sync.sync",
            1,
            JobOptions(tags={"team": "imaging", "cost-centre": "42"}),
            {**ORGANISATION, "team": "imaging", "cost-centre": "42"},
        ),
    ],
)
def test_jobs_are_tagged(
    sfn_engine: Engine, fragment: str, jobs: int, options: JobOptions | None, tags: dict[str, str]
) -> None:
    registry = get_registry()
    assert registry.problems() == ()
    sandbox = Sandbox("dev-acme")
    built = sandbox.build(registry, fragment, {"job_options": options})
    example: Any = registry.resolve(str(registry.spec(fragment).example))
    deployment = sfn_engine.deploy(built.template, name=built.stack.stack_name)
    sfn_engine.create_job_queue(sandbox.job_queue)
    for bucket in {*example.objects, *example.results}:
        sfn_engine.create_bucket(bucket)
    for bucket, objects in example.objects.items():
        for key, text in objects.items():
            sfn_engine.client("s3").put_object(Bucket=bucket, Key=key, Body=text.encode())
    machine = deployment.state_machines[built.logical_id]
    result = sfn_engine.execute(example.input, machine).raise_for_status()
    assert len(result.jobs) == jobs
    described = sfn_engine.client("batch").describe_jobs(jobs=[one.id for one in result.jobs])
    for job in described["jobs"]:
        assert job["tags"] == tags
        assert job["propagateTags"] is True
