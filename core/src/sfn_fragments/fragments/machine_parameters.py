"""Rules for what a state machine, its role and its logs are made with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk import Duration, RemovalPolicy
from aws_cdk.aws_logs import RetentionDays
from aws_cdk.aws_stepfunctions import LogLevel, LogOptions

from sfn_fragments.errors import InvalidValue
from sfn_fragments.iam import AllowedResources
from sfn_fragments.validation import (
    Rule,
    chainable,
    choice,
    flag,
    fragment_problems,
    instance,
    is_token,
    listed,
    named_or,
    optional,
    prefixed_name,
    problems_of,
    refuse,
    text,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sfn_fragments.environment import EnvBase
    from sfn_fragments.options import StateMachineOptions

#: https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html
MAX_MACHINE_NAME = 80
#: Seconds, AWS's greatest ``TimeoutSeconds``: three years and two months.
MAX_TIMEOUT = 99_999_999

_MAX_FUNCTION_NAME = 64
# A log group's name has at most 512 characters, and much of it stands before the id.
_LONGEST_LOG_ID = 256
# The policy of a role is named after the state machine, with "-definition" behind it.
_MAX_POLICY_NAME = 128
_LONGEST_MACHINE_ID = _MAX_POLICY_NAME - len("-definition")

#: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
RETENTION_DAYS = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545),
    *(731, 1096, 1827, 2192, 2557, 2922, 3288, 3653),
)

_LETTERS = "[A-Za-z0-9_-]+"
# Names without logs may have these as well; CloudWatch Logs takes letters, digits, - and _.
_NAME_CHARACTERS = r"[A-Za-z0-9+!@.()=_'-]+"
_POLICY_CHARACTERS = r"[\w+=,.@-]+"
_LOG_GROUP_CHARACTERS = "[A-Za-z0-9_./#-]+"

_role = instance("a role", "role_arn", "grant_principal")
_statement = instance("policy statements", "to_statement_json")


def machine_name_rule(env_base: Any) -> Rule:
    """A rule for the name of a state machine, without the environment base.

    Args:
        env_base: Environment base.
    """
    # Those of machines whose executions are not logged may have more characters.
    return prefixed_name("a state machine's name", env_base, MAX_MACHINE_NAME, _LETTERS)


def function_name_rule(env_base: Any) -> Rule:
    """A rule for the name of a Lambda function, without the environment base."""
    return prefixed_name("a function's name", env_base, _MAX_FUNCTION_NAME, _LETTERS)


def timeout_seconds(timeout: Any) -> int | None:
    """The seconds of a duration; ``None`` where it is no whole number of them, or a token."""
    if not isinstance(timeout, Duration):
        return None
    try:
        seconds = timeout.to_seconds(integral=True)
    except RuntimeError:  # of jsii: it has fractions of a second
        return None
    return None if is_token(seconds) else int(seconds)


def timeout_rule(value: Any) -> str | None:
    """A rule for how long an execution may take."""
    if not isinstance(value, Duration):
        return "give a duration, such as Duration.hours(1)"
    if value.is_unresolved():
        return None
    seconds = timeout_seconds(value)
    if seconds is not None and 1 <= seconds <= MAX_TIMEOUT:
        return None
    return f"give whole seconds, 1 to {MAX_TIMEOUT:,}"


def check_state_machine(
    subject: str, env_base: EnvBase, job_seconds: int | None, **given: Any
) -> None:
    """Refuse what a fragment's state machine cannot be made with.

    Args:
        subject: The fragment's method, for error messages.
        env_base: Environment base.
        job_seconds: Seconds that the fragment's jobs may run, where that is known.
        **given: ``state_machine_name``, ``role``, ``logs``, ``timeout`` and ``allowed_resources``,
            as `to_state_machine` gets
            them.

    Raises:
        InvalidParametersError: Some cannot work; all of them are named.
    """
    rules = {"state_machine_name": machine_name_rule(env_base), **_machine_rules()}
    problems = problems_of(given, rules)
    seconds = timeout_seconds(given["timeout"])
    if seconds is not None and job_seconds is not None and 0 < seconds <= job_seconds:
        remedy = (
            f"the timeouts of the fragment's jobs add up to {job_seconds} s: give the machine "
            "more, since it cannot clean up after its own timeout"
        )
        problems.append(InvalidValue("timeout", f"{seconds} s", remedy))
    refuse(subject, problems)


def check_machine_parts(scope: Any, env_base: Any, id: Any, **given: Any) -> None:
    """Refuse what `create_state_machine` cannot work with.

    Args:
        scope: The construct that holds it.
        env_base: Environment base.
        id: Names the construct.
        **given: ``name``, ``definition``, ``role``, ``logs``, ``timeout`` and
            ``allowed_resources``, as that function gets them.

    Raises:
        InvalidParametersError: Some cannot work; all of them are named.
    """
    rules = {
        "name": optional(machine_name_rule(env_base)),
        "definition": chainable,
        **_machine_rules(),
    }
    problems = [*fragment_problems(scope, id, env_base), *problems_of(given, rules)]
    if not any(problem.parameter == "id" for problem in problems):
        named = text("an id", longest=_LONGEST_MACHINE_ID, pattern=_POLICY_CHARACTERS)
        problems += problems_of({"id": id}, {"id": named})
    refuse(f"create_state_machine {id!r}", problems)


def _machine_rules() -> dict[str, Rule]:
    """The rules of what every state machine takes."""
    return {
        "role": optional(_role),
        "logs": optional(_logs),
        "timeout": optional(timeout_rule),
        "allowed_resources": optional(_allowed_resources),
    }


def check_options(subject: str, options: StateMachineOptions, before: StateMachineOptions) -> None:
    """Refuse what plugins made of a state machine's options.

    Args:
        subject: What makes the state machine, for error messages.
        options: The options, after the hook ``sfn_fragments_state_machine_options``.
        before: What they were before it, which has been checked.

    Raises:
        InvalidParametersError: Some cannot work; all of them are named.
    """
    pattern = _LETTERS if options.logs is not None else _NAME_CHARACTERS
    rules = {
        "name": optional(text("a state machine's name", longest=MAX_MACHINE_NAME, pattern=pattern)),
        "logs": optional(_logs),
        "timeout": optional(timeout_rule),
        "tracing_enabled": flag,
        "tags": _tags,
        "log_retention_days": optional(choice(*RETENTION_DAYS)),
        "log_encryption_key": optional(instance("a key", "key_arn", "grant")),
        "permissions_boundary": optional(
            named_or("a managed policy or its ARN", "managed_policy_arn", _policy_arn)
        ),
    }
    changed = {
        name: getattr(options, name)
        for name in rules
        # Which names will do depends on whether there are logs, and tags are changed in place.
        if name in ("name", "tags") or getattr(options, name) is not getattr(before, name)
    }
    refuse(subject, problems_of(changed, rules))


def check_role(scope: Any, id: Any, env_base: Any, **given: Any) -> None:
    """Refuse what `create_role` cannot work with.

    Args:
        scope: The construct that holds the role.
        id: Names it.
        env_base: Environment base.
        **given: The other parameters of that function.

    Raises:
        InvalidParametersError: Some cannot work; all of them are named.
    """
    policy = instance("a policy document", "add_statements")
    managed = named_or(
        "managed policies or their names", "managed_policy_arn", text("a policy's name")
    )
    statements = listed("policy statements", _statement)
    rules: dict[str, Rule] = {
        "assumed_by": optional(instance("a principal", "policy_fragment")),
        "managed_policies": optional(listed("managed policies", managed)),
        "inline_policies": optional(_policies(policy)),
        "inline_policies_from_statements": optional(_policies(statements)),
        "include_default_managed_policies": flag,
    }
    problems = [*fragment_problems(scope, id, env_base), *problems_of(given, rules)]
    refuse(f"create_role {id!r}", problems)


def check_log_options(
    scope: Any, id: Any, env_base: Any, removal_policy: Any, retention: Any
) -> None:
    """Refuse what `create_log_options` cannot work with.

    Args:
        scope: The construct that holds the group.
        id: Ends its name.
        env_base: Environment base.
        removal_policy: What happens to it with the stack, or ``None``.
        retention: How long it keeps events, or ``None``.

    Raises:
        InvalidParametersError: Some cannot work; all of them are named.
    """
    rules = {
        "removal_policy": optional(choice(*RemovalPolicy)),
        "retention": optional(choice(*RetentionDays)),
    }
    problems = [*fragment_problems(scope, id, env_base), *problems_of(locals(), rules)]
    if not any(problem.parameter == "id" for problem in problems):
        named = text("an id", longest=_LONGEST_LOG_ID, pattern=_LOG_GROUP_CHARACTERS)
        problems += problems_of({"id": id}, {"id": named})
    refuse(f"create_log_options {id!r}", problems)


def _policy_arn(value: str) -> str | None:
    return None if value.startswith("arn:") or is_token(value) else "give a managed policy's ARN"


def _tags(value: Any) -> str | None:
    texts = type(value) is dict and all(isinstance(a, str) for pair in value.items() for a in pair)
    return None if texts else "give a dict of texts to texts"


def _logs(value: Any) -> str | None:
    if not isinstance(value, LogOptions):
        return "give log options, as create_log_options does"
    if value.destination is None and value.level is not LogLevel.OFF:
        return "name the log group by destination, or switch logs off by LogLevel.OFF"
    return None


def _allowed_resources(value: Any) -> str | None:
    if isinstance(value, AllowedResources):
        return None
    return "give AllowedResources, such as AllowedResources(buckets=['a-bucket'])"


def _policies(rule: Rule) -> Rule:
    """A rule for policies by name."""
    name = text("a policy's name", longest=_MAX_POLICY_NAME, pattern=_POLICY_CHARACTERS)

    def check(value: Mapping[Any, Any]) -> str | None:
        if not hasattr(value, "items"):
            return "give an object: name of the policy to policy"
        found = (name(key) or rule(item) for key, item in value.items())
        return next((remedy for remedy in found if remedy is not None), None)

    return check
