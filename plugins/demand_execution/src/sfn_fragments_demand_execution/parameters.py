"""Checks the parameters of a demand execution, all at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sfn_fragments.errors import InvalidValue
from sfn_fragments.utils.reference_path import is_dynamic
from sfn_fragments.validation import (
    flag,
    fragment_problems,
    instance,
    json_object,
    number,
    optional,
    problems_of,
)
from sfn_fragments_asl.near_names import near_names
from sfn_fragments_batch.given_options import with_options
from sfn_fragments_batch.parameters import (
    HANDLER_JOB_RULES,
    planned_job_problems,
    untranslatable,
    untranslatable_options,
)
from sfn_fragments_demand_execution.file_systems import file_system_problems
from sfn_fragments_demand_execution.nested import MOST_CONCURRENCY, MOST_DISTRIBUTED

#: Options of the handler that plans.
CONTEXT_OPTIONS = (
    "isolate_inputs",
    "cleanup_inputs",
    "cleanup_working_dir",
    "env_file_write_mode",
    "input_data_sync_configuration",
    "output_data_sync_configuration",
)

_LACKING = {"array_size": "the outputs of an array's jobs would overwrite each other"}

_machine = instance("a state machine", "state_machine_arn")


def _options(value: Any) -> str | None:
    unknown = set(value) - set(CONTEXT_OPTIONS) if isinstance(value, Mapping) else set()
    if not unknown:
        return json_object(value)
    first = min(map(str, unknown))
    near = near_names(first, CONTEXT_OPTIONS) or CONTEXT_OPTIONS
    return f"there is no option {first!r}; give {' or '.join(near)}"


def _tags(value: Any) -> str | None:
    texts = isinstance(value, Mapping) and all(
        isinstance(text, str) for pair in value.items() for text in pair
    )
    return json_object(value) if texts else "give an object of texts, key to value"


_RULES = {
    "aibs_informatics_docker_asset": HANDLER_JOB_RULES["aibs_informatics_docker_asset"],
    "scaffolding_bucket": HANDLER_JOB_RULES["scaffolding_bucket"],
    "scaffolding_job_queue": HANDLER_JOB_RULES["batch_job_queue"],
    "batch_invoked_lambda_state_machine": _machine,
    "data_sync_state_machine": _machine,
    "context_manager_configuration": optional(_options),
    "tags": optional(_tags),
    "keep_plan_in_s3": flag,
    "timeout": HANDLER_JOB_RULES["timeout"],
    "tolerated_failure_percentage": number(0, 100),
}


def execution_problems(
    scope: Any,
    id: Any,
    env_base: Any,
    selection_strategy: Any,
    candidates: Mapping[str, Any],
    **given: Any,
) -> list[InvalidValue]:
    """What is wrong with the parameters of a demand execution.

    Args:
        scope: The construct that holds the fragment.
        id: Its id.
        env_base: Environment base.
        selection_strategy: How one candidate of each role is chosen.
        candidates: File systems of ``shared``, ``scratch`` and ``tmp``.
        **given: The other parameters of the fragment.

    Returns:
        The problems.
    """
    in_s3 = given["keep_plan_in_s3"] is True
    most = MOST_DISTRIBUTED if in_s3 else MOST_CONCURRENCY
    problems = [
        *fragment_problems(scope, id, env_base),
        *problems_of(given, {**_RULES, "max_concurrency": number(1, most, whole=True)}),
        *file_system_problems(selection_strategy, candidates),
    ]
    job_options = given.pop("job_options")
    options, settings, found = with_options(
        scope, env_base, job_options, {"timeout": given["timeout"]}, lacking=_LACKING
    )
    problems += [*found, *planned_job_problems(options, settings)]
    # Tags are resolved in JSONPath.
    problems += untranslatable({name: value for name, value in given.items() if name != "tags"})
    problems += untranslatable_options(options, resolved=("tags",))
    if "tags" in (options.allow_override or ()):
        remedy = "leave it out: a request has tags of its own, in execution_metadata"
        problems.append(InvalidValue("job_options.allow_override", "tags", remedy))
    wrong = {problem.parameter for problem in problems}
    percentage, bucket = given["tolerated_failure_percentage"], given["scaffolding_bucket"]
    if not in_s3 and "tolerated_failure_percentage" not in wrong and percentage:
        remedy = "give keep_plan_in_s3=True as well: only a distributed Map tolerates failures"
        problems.append(InvalidValue("tolerated_failure_percentage", percentage, remedy))
    if in_s3 and is_dynamic(bucket):
        remedy = "with keep_plan_in_s3, give a name that is known at synthesis"
        problems.append(InvalidValue("scaffolding_bucket", bucket, remedy))
    return problems
