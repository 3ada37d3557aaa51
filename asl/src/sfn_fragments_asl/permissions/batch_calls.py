"""What calls of AWS Batch need: the job definition, the queue and the role that they name.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsbatch.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sfn_fragments_asl.model.values import OPEN, joined
from sfn_fragments_asl.permissions.action_names import service_actions
from sfn_fragments_asl.permissions.call import Call, arn, arns
from sfn_fragments_asl.permissions.passed_roles import pass_role, roles_in
from sfn_fragments_asl.permissions.resource_scope import Names

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sfn_fragments_asl.model.values import Value
    from sfn_fragments_asl.permissions.permission import Permission

#: Ids of jobs are made by Batch, and so any job is meant.
JOBS = arn("batch", "job/*")

_REVISION = re.compile(r":(\d+|\*)$")
# A definition of the stack, whose revision each deployment may raise: executions under way submit
# jobs of those before it.
_OPEN_REVISION = re.compile(r"(:job-definition/[^:$]+):\$\{[^:]*\}$")
_NO_RESOURCE = "batch:DescribeJobs: AWS has no resource that it could be narrowed to."
_REGISTERED = (
    "JobDefinition: an execution chooses it; allowed: those that this state machine registers. "
    "AllowedResources(job_definitions=[...]) lists others."
)
_ANY_JOB = "Batch makes up the ids of jobs: any job of the account and region."


def register_job_definition(call: Call) -> Iterator[Permission]:
    """What it takes to register a job definition, with tags and roles where it has them.

    Args:
        call: The call.
    """
    names = call.names("job_definitions", "JobDefinitionName")
    definitions = arns("batch", "job-definition/", names.patterns)
    yield call.need(["batch:RegisterJobDefinition"], definitions, [names.note])
    if "Tags" in call:
        # What is tagged is the revision.
        yield call.need(["batch:TagResource"], _revisions(names), [names.note])
    known = service_actions("batch")
    ways = known.roles[call.action] if known else ()
    for parameter, value in roles_in(call.arguments, ways):
        yield from pass_role(call, parameter, value, "ecs-tasks.amazonaws.com")


def deregister_job_definition(call: Call, registered: Sequence[Value]) -> Iterator[Permission]:
    """What it takes to deregister a job definition.

    Args:
        call: The call.
        registered: What is known of the ARNs of the definitions that the machine registers.
    """
    names = _definitions(call, registered)
    yield call.need(["batch:DeregisterJobDefinition"], _revisions(names), [names.note])


def submit_job(call: Call, registered: Sequence[Value]) -> Iterator[Permission]:
    """What it takes to submit a job, with tags where it has them, and to wait for it.

    Args:
        call: The call.
        registered: What is known of the ARNs of the definitions that the machine registers.
    """
    definitions = _definitions(call, registered)
    queues = call.names("job_queues", "JobQueue")
    yield call.need(
        # The right to tag a job is asked for on what the call names, not on the job that is made.
        ["batch:SubmitJob", *(["batch:TagResource"] if "Tags" in call else [])],
        [*_revisions(definitions), *arns("batch", "job-queue/", queues.patterns)],
        [definitions.note, queues.note],
    )
    if call.made.waits_for_end:
        yield call.need(["batch:DescribeJobs"], ["*"], [_NO_RESOURCE])
        # A job whose execution is stopped is stopped too.
        yield call.need(["batch:TerminateJob"], [JOBS], [_ANY_JOB])
        yield call.managed_rule("StepFunctionsGetEventsForBatchJobsRule")


def end_job(call: Call) -> Iterator[Permission]:
    """What it takes to end a job by its id.

    Args:
        call: The call, ``terminateJob`` or ``cancelJob``.
    """
    yield call.need([f"batch:{call.action[:1].upper()}{call.action[1:]}"], [JOBS], [_ANY_JOB])


def _definitions(call: Call, registered: Sequence[Value]) -> Names:
    """The job definitions that are meant; where that is open, those that the machine registers."""
    given = call.known("JobDefinition")
    if not given.open or given.texts or not registered:
        return call.names("job_definitions", "JobDefinition")
    if call.resources.lists("job_definitions"):
        return call.names("job_definitions", "JobDefinition", joined([*registered, OPEN]))
    names = call.names("job_definitions", "JobDefinition", joined(registered))
    return Names(names.patterns, names.note or _REGISTERED)


def _revisions(names: Names) -> list[str]:
    """ARNs of all revisions: a request has the revision in it, whether or not its caller did."""
    found = []
    for named in arns("batch", "job-definition/", names.patterns):
        each = _OPEN_REVISION.sub(r"\1:*", named)
        exact = each.startswith("${") or each.endswith("*") or _REVISION.search(each)
        found += [each] if exact else [each, f"{each}:*"]
    return found
