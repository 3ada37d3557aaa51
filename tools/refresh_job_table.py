"""Write the table of job settings anew: ``uv run python tools/refresh_job_table.py``.

Builds the example of every fragment that runs jobs with all options, on EC2 and on Fargate, holds
the requests in its definition against botocore's models, and puts what became of each option
between the markers of ``docs/jobs.md``.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sfn_fragments import get_registry
from sfn_fragments.errors import InvalidParametersError
from sfn_fragments.node import ensure_node
from sfn_fragments.parameters import parameters_of
from sfn_fragments.sandbox import Sandbox
from sfn_fragments_batch.job_options import JobOptions
from sfn_fragments_batch.option_table import OPTIONS, SETTINGS, STATES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from botocore.model import Shape

PAGE = Path(__file__).parent.parent / "docs" / "jobs.md"
BEGIN = "<!-- table: written by tools/refresh_job_table.py -->"
END = "<!-- end of table -->"

ENV_BASE = "dev-x"
ROLE = "arn:aws:iam::123456789012:role/dev-x-role"
SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:dev-x-token"  # noqa: S105 - the name of one

#: A value of each option, by the platform that has it; those of both are given on both.
BOTH: Mapping[str, Any] = {
    "tags": {"team": "imaging"},
    "propagate_tags": True,
    "retry_strategy": {"attempts": 2, "evaluateOnExit": [{"onExitCode": "3", "action": "EXIT"}]},
    "share_identifier": "imaging",
    "scheduling_priority": 5,
    "timeout": 3600,
    "log_configuration": "/acme/jobs",
    "init_process_enabled": True,
    "secrets": {"TOKEN": SECRET},
    "job_role": ROLE,
    "execution_role": ROLE,
    "container_properties": {"readonlyRootFilesystem": True},
    "submit_job": {"dependsOn": [{"jobId": "0123"}]},
}
VALUES: Mapping[str, Mapping[str, Any]] = {
    "EC2": {
        "shared_memory_size": 64,
        "tmpfs": [{"containerPath": "/scratch", "size": 16}],
        "devices": [{"hostPath": "/dev/fuse"}],
        "max_swap": 128,
        "swappiness": 10,
        "ulimits": {"nofile": 65536},
        "platform": "EC2",
    },
    "FARGATE": {
        "ephemeral_storage": 50,
        "runtime_platform": "ARM64",
        "assign_public_ip": True,
        "platform": "FARGATE",
    },
}
#: Options that some fragments refuse, each built by itself.
SINGLE: Mapping[str, Any] = {
    "array_size": 10,
    "fallback_job_queue": "dev-x-other",
    "runnable_timeout": 600,
    "failure_summary": True,
}
#: What shows each option in a definition, where that is not the name of Batch's field.
SHOWN = {
    "job_role": "JobRoleArn",
    "execution_role": "ExecutionRoleArn",
    "platform": "PlatformCapabilities",
    "container_properties": "ReadonlyRootFilesystem",
    "submit_job": "DependsOn",
    "fallback_job_queue": "dev-x-other",
    "runnable_timeout": "batch:terminateJob",
    "failure_summary": "Summary",
}
_DEFINITION, _SUBMITTED, _REFUSED = "definition", "SubmitJob", "no"
_REQUESTS = {
    "registerJobDefinition": "RegisterJobDefinition",
    "submitJob.sync": "SubmitJob",
}


def fragments() -> list[str]:
    """The names of the fragments that take ``job_options``."""
    registry = get_registry()
    return [
        name
        for name in registry.names()
        if any(each.name == "job_options" for each in parameters_of(registry.load(name)))
    ]


def definition(fragment: str, options: JobOptions) -> str:
    """The definition of a fragment's example, as JSON.

    Args:
        fragment: Its name.
        options: Options of its jobs.
    """
    registry = get_registry()
    overrides: dict[str, Any] = {"job_options": options}
    known = {each.name for each in parameters_of(registry.load(fragment))}
    if "deploy_job_definition" in known:
        # By default it is registered for each run.
        overrides["deploy_job_definition"] = False
    if options.platform == "FARGATE":
        sizes = {"memory": 2048, "vcpus": 1, "gpu": None}
        overrides |= {name: sizes[name] for name in known & set(sizes)}
        overrides.pop("gpu", None)
    built = Sandbox(ENV_BASE).build(registry, fragment, overrides)
    return json.dumps(built.definition)


def requests(text: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The requests in a definition that register or submit a job.

    Args:
        text: The definition, as JSON.

    Yields:
        The operation, and its arguments.
    """
    found: list[dict[str, Any]] = []

    def collect(value: dict[str, Any]) -> dict[str, Any]:
        found.append(value)
        return value

    json.loads(text, object_hook=collect)
    for one in found:
        action = str(one.get("Resource", "")).rpartition(":")[2]
        if action in _REQUESTS:
            yield _REQUESTS[action], one["Arguments"]


def refused_by_batch(operation: str, arguments: Mapping[str, Any]) -> str:
    """What botocore's model has against a request; empty for nothing.

    Args:
        operation: The operation.
        arguments: Its arguments, in which an expression stands for a value of any type.
    """
    from botocore.validate import ParamValidator

    shape = _model().operation_model(operation).input_shape
    report = ParamValidator().validate(_request(arguments, shape), shape)
    return str(report.generate_report())


def table() -> str:
    """The part of the page between the markers."""
    names = fragments()
    cells = {name: cells_of(name) for name in names}
    lines = ["| option | goes to | refused by |", "|---|---|---|"]
    for option in (*OPTIONS, *(one for one in SETTINGS if one not in OPTIONS), *STATES):
        of_option = {name: cells[name][option] for name in names}
        (place,) = {*of_option.values()} - {_REFUSED}
        takers = [name for name in names if of_option[name] != _REFUSED]
        refused = "" if takers == names else f"all but {', '.join(f'`{one}`' for one in takers)}"
        lines.append(f"| `{option}` | {place} | {refused} |")
    return "\n".join(lines)


def told_of(fragment: str, page: str) -> dict[str, str]:
    """What a page says of a fragment, as `cells_of` tells it.

    Args:
        fragment: Its name.
        page: The page.
    """
    written = page.partition(BEGIN)[2].partition(END)[0].strip()
    rows = (line.strip("|").split("|") for line in written.splitlines()[2:])
    cells = ([cell.strip() for cell in row] for row in rows)
    return {
        option.strip("`"): _REFUSED if refused and f"`{fragment}`" not in refused else place
        for option, place, refused in cells
    }


def cells_of(fragment: str) -> dict[str, str]:
    """What becomes of each option in a fragment: ``definition``, ``SubmitJob``, ``states``, ``no``.

    Args:
        fragment: Its name.

    Raises:
        ValueError: An option is not in the definition, or botocore has something against a request.
    """
    cells: dict[str, str] = {}
    for platform, own in VALUES.items():
        given = {**BOTH, **own}
        text = definition(fragment, JobOptions(**given))
        _require_valid(fragment, text)
        cells |= {name: _cell(fragment, name, text) for name in given if name not in cells}
        assert platform in text
    for name, value in SINGLE.items():
        try:
            text = definition(fragment, JobOptions(**{name: value}))
        except InvalidParametersError:
            cells[name] = _REFUSED
            continue
        _require_valid(fragment, text)
        cells[name] = _cell(fragment, name, text)
    return cells


def _require_valid(fragment: str, text: str) -> None:
    found = list(requests(text))
    assert {operation for operation, _ in found} == set(_REQUESTS.values()), fragment
    for operation, arguments in found:
        if problem := refused_by_batch(operation, arguments):
            raise ValueError(f"{fragment}: {operation}: {problem}")


def _cell(fragment: str, option: str, text: str) -> str:
    known = OPTIONS.get(option)
    shown = SHOWN.get(option) or (known.place[-1] if known else option)
    if shown not in text:
        raise ValueError(f"{fragment}: {shown} is not in its definition")
    if option in STATES:
        return "states"
    return _SUBMITTED if known is not None and known.submitted else _DEFINITION


@cache
def _model() -> Any:
    from botocore.session import get_session

    return get_session().get_service_model("batch")


def _request(value: Any, shape: Shape) -> Any:
    """A request as the API has it, with a value of the right type for each expression."""
    kind = shape.type_name
    members: Any = getattr(shape, "members", {})
    if isinstance(value, str) and re.match(r"\{%", value):
        required = {name: _request("{% 1 %}", members[name]) for name in _required(shape)}
        plain = {"list": [], "map": {"a": "b"}, "boolean": True, "integer": 100, "long": 100}
        return required if kind == "structure" else plain.get(kind, "text")
    if kind == "structure":
        return {
            (own := name[:1].lower() + name[1:]): _request(item, members[own])
            for name, item in value.items()
        }
    if kind == "list":
        member: Any = shape.member
        return [_request(item, member) for item in value]
    return value


def _required(shape: Any) -> Sequence[str]:
    return getattr(shape, "required_members", ())


def page_with(written: str, page: str) -> str:
    """A page with another table.

    Args:
        written: The table.
        page: The page.
    """
    before, _, rest = page.partition(BEGIN)
    after = rest.partition(END)[2]
    return f"{before}{BEGIN}\n\n{written}\n\n{END}{after}"


def main() -> None:
    """Write the page."""
    ensure_node()
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(page_with(table(), page), encoding="utf-8")


if __name__ == "__main__":
    main()
