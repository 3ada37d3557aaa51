"""EventBridge rules that start the cleaning of file systems."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sfn_fragments.errors import InvalidParametersError, InvalidValue

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk.aws_efs import FileSystem, IFileSystem
    from aws_cdk.aws_events import Rule, Schedule
    from aws_cdk.aws_stepfunctions import IStateMachine, StateMachine
    from constructs import Construct

#: Quota of targets in a rule: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
MAX_TARGETS = 5


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

    Example:
        ``CleanFileSystemTriggerConfig(file_system, "/scratch", days_since_last_accessed=7)``
    """

    file_system: FileSystem | IFileSystem
    path: str
    days_since_last_accessed: float = 3.0
    max_depth: int | None = None
    min_depth: int | None = None
    min_size_bytes_allowed: int = 0
    schedule: Schedule | None = None

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

    Example:
        .. code-block:: python

            CleanFileSystemTriggerRuleConfig(
                "dev-x-clean", [CleanFileSystemTriggerConfig(file_system, "/scratch")]
            ).create_rule(self, state_machine)
    """

    rule_name: str
    trigger_configs: Sequence[CleanFileSystemTriggerConfig]
    schedule: Schedule | None = None

    def __post_init__(self) -> None:
        """Refuse what EventBridge would refuse at deployment.

        Raises:
            InvalidParametersError: There are too many configurations.
        """
        if len(self.trigger_configs) > MAX_TARGETS:
            remedy = f"give at most {MAX_TARGETS}, and the others to another rule"
            count = f"{len(self.trigger_configs)} configurations"
            raise InvalidParametersError(
                f"CleanFileSystemTriggerRuleConfig {self.rule_name!r}",
                [InvalidValue("trigger_configs", count, remedy)],
            )

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
        """
        from aws_cdk import Annotations
        from aws_cdk.aws_events import Rule, RuleTargetInput, Schedule
        from aws_cdk.aws_events_targets import SfnStateMachine

        rule = Rule(
            scope,
            self.rule_name,
            rule_name=self.rule_name,
            description=self.description,
            schedule=self.schedule or Schedule.cron(hour="9", minute="0"),
            targets=[
                SfnStateMachine(
                    clean_file_system_state_machine,
                    input=RuleTargetInput.from_object(config.to_dict()),
                )
                for config in self.trigger_configs
            ],
        )
        unheeded = [config.path for config in self.trigger_configs if config.schedule is not None]
        if unheeded:
            Annotations.of(rule).add_warning_v2(
                "sfn-fragments-efs:schedule",
                f"rule {self.rule_name!r}: the schedules of the configurations for "
                f"{', '.join(unheeded)} are not heeded; give one to the rule",
            )
        return rule
