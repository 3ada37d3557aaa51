"""A fragment's example, deployed to an engine; its jobs run once and are replayed from then on."""

from __future__ import annotations

import json
import time
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from sfn_fragments import get_registry
from sfn_fragments.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sfn_fragments_local import Engine, ExecutionResult, JobRecord, JobRequest

#: Changes of an example's input by which the machine makes all of its calls.
INPUTS = {
    "demand_execution.execute": {
        "execution_image": "dev-sandbox/count-lines",
        "execution_platform": {
            "aws_batch": {
                "job_queue_name": "dev-sandbox-queue",
                "job_role": "arn:aws:iam::123456789012:role/dev-sandbox-job",
            }
        },
    }
}
MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"


class ReplayedJobs:
    """Lets jobs run until an execution is recorded; from then on they answer what they did in it.

    Jobs that do the same work answer one after the other what they answered, then the last again.
    """

    name = "replayed"

    def __init__(self) -> None:
        self.s3: Any = None
        self.replays = False
        self._recorded: dict[str, list[str]] = defaultdict(list)
        self._answered: Counter[str] = Counter()

    def record(self, result: ExecutionResult) -> None:
        for job in result.jobs:
            if place := response_of(job):
                body = self.s3.get_object(**place)["Body"].read().decode()
                self._recorded[work_of(job)].append(body)
        self.replays = True

    def restart(self) -> None:
        """Begin with the first answers again, for another execution."""
        self._answered.clear()

    def accepts(self, job: JobRequest) -> bool:
        return self.replays

    def command(self, job: JobRequest) -> list[str]:
        if place := response_of(job):
            self.s3.put_object(**place, Body=self.answer(job).encode())
        return ["true"]

    def answer(self, job: JobRequest) -> str:
        work = work_of(job)
        recorded = self._recorded[work]
        index = min(self._answered[work], len(recorded) - 1)
        self._answered[work] += 1
        return recorded[index]


def work_of(job: JobRequest | JobRecord) -> str:
    """What a job runs: a handler, or an executor or another command."""
    handler = job.environment.get("AWS_LAMBDA_FUNCTION_HANDLER")
    return handler or " ".join(job.command[:3])


def response_of(job: JobRequest | JobRecord) -> dict[str, str] | None:
    """Where a job writes its response, as S3's API names a place; None if it writes none."""
    location = job.environment.get("AWS_LAMBDA_EVENT_RESPONSE_LOCATION")
    if "--output-location" in job.command:
        location = job.command[job.command.index("--output-location") + 1]
    if location is None:
        return None
    bucket, _, key = location.removeprefix("s3://").partition("/")
    return {"Bucket": bucket, "Key": key}


class DeployedExample:
    """The example with all that it needs but its job queue, which :meth:`create_job_queue` makes.

    ``options`` are given to the fragment's constructor, besides the example's arguments.
    """

    def __init__(
        self, fragment: str, engine: Engine, options: Mapping[str, Any] | None = None
    ) -> None:
        registry = get_registry()
        self.engine = engine
        self.built = Sandbox().build(registry, fragment, options)
        self.example = registry.resolve(str(registry.spec(fragment).example))
        self.input = {**self.example.input, **INPUTS.get(fragment, {})}
        self.s3 = engine.client("s3")
        deployment = engine.deploy(self.built.template, name=self.built.stack.stack_name)
        self.machine = deployment.state_machines[self.built.logical_id]
        self.machines = list(deployment.state_machines.values())
        self._put_objects()
        self._put_files(deployment.resources)
        self._push_image()

    def create_job_queue(self) -> None:
        self.engine.create_job_queue(self.built.sandbox.job_queue)

    def _put_objects(self) -> None:
        for bucket in {*self.example.objects, *self.example.results}:
            self.engine.create_bucket(bucket)
        for bucket, objects in self.example.objects.items():
            for key, text in objects.items():
                self.s3.put_object(Bucket=bucket, Key=key, Body=text.encode())

    def _put_files(self, resources: Mapping[str, str]) -> None:
        if not self.example.files:
            return
        reference = self.built.stack.resolve(self.built.sandbox.file_system.file_system_id)
        folder = self.engine.file_system_folder(resources[reference["Ref"]])
        for name, text in self.example.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def _push_image(self) -> None:
        if image := self.input.get("execution_image"):
            ecr = self.engine.client("ecr")
            ecr.create_repository(repositoryName=image)
            ecr.put_image(
                repositoryName=image,
                imageManifest=json.dumps({"schemaVersion": 2, "mediaType": MANIFEST}),
                imageManifestMediaType=MANIFEST,
                imageTag="1",
            )


def wait_for(look: Callable[[], Any]) -> Any:
    """Look again and again until there is something; for two minutes at the most."""
    ends = time.monotonic() + 120
    while not (found := look()):
        assert time.monotonic() < ends, "nothing came of it for two minutes"
        time.sleep(0.03)
    return found
