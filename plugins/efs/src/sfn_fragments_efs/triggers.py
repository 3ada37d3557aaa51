"""EventBridge rules that start the cleaning of file systems."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sfn_fragments.errors import InvalidValue
from sfn_fragments.validation import (
    instance,
    naming_taken_ids,
    number,
    optional,
    problems_of,
    refuse,
    require,
    scope_rule,
    text,
)

if TYPE_CHECKING:
    from aws_cdk.aws_efs import FileSystem, IFileSystem
    from aws_cdk.aws_events import Rule, Schedule
    from aws_cdk.aws_stepfunctions import IStateMachine, StateMachine
    from constructs import Construct

#: Quota of targets in a rule: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
MAX_TARGETS = 5


_absolute = text("an absolute path on the file system", pattern=r"/.*")
_schedule = optional(instance("a schedule", "expression_string"))
_depth = optional(number(0, whole=True))

_TRIGGER_RULES = {
    "file_system": instance("a file system", "file_system_id"),
    "path": _absolute,
    "days_since_last_accessed": number(0),
    "max_depth": _depth,
    "min_depth": _depth,
    "min_size_bytes_allowed": number(0, whole=True),
    "schedule": _schedule,
}


def _trigger_configs(value: Any) -> str | None:
    if isinstance(value, Sequence) and all(
        isinstance(one, CleanFileSystemTriggerConfig) for one in value
    ):
        return None if value else "give at least one"
    return "give a list of CleanFileSystemTriggerConfig"


_RULE_RULES = {
    # https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html
    "rule_name": text("a name", longest=64, pattern="[A-Za-z0-9._-]+"),
    "trigger_configs": _trigger_configs,
    "schedule": _schedule,
}


@dataclass
class CleanFileSystemTriggerConfig:
    """What to clean: the input of one execution of ``CleanFileSystemFragment``.

    Args:
        file_system: The file system.
        path: Path on it.
        days_since_last_accessed: Days since which a path has not been modified to be removed.
        max_depth: Depth below the path down to which to search; no limit if left out.
        min_depth: Depth below the path from which on folders are removed whole; 1 keeps the path.
        min_size_bytes_allowed: Size in bytes below which nothing more is removed.
        schedule: Not heeded: the schedule is that of the rule, and a rule that holds a
            configuration with one warns of it.

    Examples:
        ``CleanFileSystemTriggerConfig(file_system, "/scratch", days_since_last_accessed=7)``
    """

    file_system: FileSystem | IFileSystem
    path: str
    days_since_last_accessed: float = 3.0
    max_depth: int | None = None
    min_depth: int | None = None
    min_size_bytes_allowed: int = 0
    schedule: Schedule | None = None

    def __post_init__(self) -> None:
        """Refuse what the job would not understand.

        Raises:
            InvalidParametersError: Some parameters cannot work; all of them are named.
        """
        problems = problems_of(vars(self), _TRIGGER_RULES)
        low, high = self.min_depth, self.max_depth
        if not problems and low is not None and high is not None and low > high:
            remedy = f"give at least the min_depth, {low}"
            problems.append(InvalidValue("max_depth", high, remedy))
        refuse("CleanFileSystemTriggerConfig", problems)

    def to_dict(self) -> dict[str, Any]:
        """The input of the execution.

        Returns:
            ``path``, which begins with the id of the file system, ``days_since_last_accessed``
            and, where they are set, ``max_depth``, ``min_depth`` and ``min_size_bytes_allowed``.
        """
        request: dict[str, Any] = {
            "path": f"{self.file_system.file_system_id}:{self.path}",
            "days_since_last_accessed": self.days_since_last_accessed,
        }
        if self.max_depth is not None:
            request["max_depth"] = self.max_depth
        if self.min_depth is not None:
            request["min_depth"] = self.min_depth
        if self.min_size_bytes_allowed:
            request["min_size_bytes_allowed"] = self.min_size_bytes_allowed
        return request


@dataclass
class CleanFileSystemTriggerRuleConfig:
    """When to clean what: one EventBridge rule that starts an execution per configuration.

    Args:
        rule_name: Name of the rule, and id of its construct.
        trigger_configs: What to clean, at most 5: EventBridge's quota of targets in a rule.
        schedule: When. Defaults to 09:00 UTC every day.

    Examples:
        ```python
        CleanFileSystemTriggerRuleConfig(
            "dev-x-clean", [CleanFileSystemTriggerConfig(file_system, "/scratch")]
        ).create_rule(self, state_machine)
        ```
    """

    rule_name: str
    trigger_configs: Sequence[CleanFileSystemTriggerConfig]
    schedule: Schedule | None = None

    def __post_init__(self) -> None:
        """Refuse what EventBridge would refuse at deployment.

        Raises:
            InvalidParametersError: Some parameters cannot work; all of them are named.
        """
        problems = problems_of(vars(self), _RULE_RULES)
        if isinstance(self.trigger_configs, Sequence) and len(self.trigger_configs) > MAX_TARGETS:
            remedy = f"give at most {MAX_TARGETS}, and the others to another rule"
            count = f"{len(self.trigger_configs)} configurations"
            problems.append(InvalidValue("trigger_configs", count, remedy))
        refuse(f"CleanFileSystemTriggerRuleConfig {self.rule_name!r}", problems)

    @property
    def description(self) -> str:
        """Description of the rule."""
        days = ", ".join(f"{config.days_since_last_accessed:g}" for config in self.trigger_configs)
        return f"Removes from EFS what has not been modified for days ({days})"

    def create_rule(
        self,
        scope: Construct,
        clean_file_system_state_machine: StateMachine | IStateMachine,
    ) -> Rule:
        """Make the rule, and a role that may start this one state machine.

        Args:
            scope: The construct that holds the rule.
            clean_file_system_state_machine: The state machine of a ``CleanFileSystemFragment``.

        Returns:
            The rule.

        Raises:
            InvalidParametersError: The scope or the state machine is none, or the scope has a
                construct of this name.
        """
        subject = f"rule {self.rule_name!r}"
        require(
            subject,
            {
                "scope": scope,
                "clean_file_system_state_machine": clean_file_system_state_machine,
            },
            {
                "scope": scope_rule,
                "clean_file_system_state_machine": instance("a state machine", "state_machine_arn"),
            },
        )
        from aws_cdk import Annotations
        from aws_cdk.aws_events import Rule, RuleTargetInput, Schedule
        from aws_cdk.aws_events_targets import SfnStateMachine

        with naming_taken_ids(subject, self.rule_name):
            rule = Rule(
                scope,
                self.rule_name,
                rule_name=self.rule_name,
                description=self.description,
                schedule=self.schedule or Schedule.cron(hour="9", minute="0"),
            )
        for config in self.trigger_configs:
            rule.add_target(
                SfnStateMachine(
                    clean_file_system_state_machine,
                    input=RuleTargetInput.from_object(config.to_dict()),
                )
            )
        unheeded = [config.path for config in self.trigger_configs if config.schedule is not None]
        if unheeded:
            Annotations.of(rule).add_warning_v2(
                "sfn-fragments-efs:schedule",
                f"rule {self.rule_name!r}: the schedules of the configurations for "
                f"{', '.join(unheeded)} are not heeded; give one to the rule",
            )
        return rule
