"""Logs and traces of executions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk import RemovalPolicy, Stack
from aws_cdk.aws_iam import ServicePrincipal
from aws_cdk.aws_logs import LogGroup, RetentionDays
from aws_cdk.aws_stepfunctions import CfnStateMachine, LogLevel, LogOptions

from sfn_fragments.fragments.checking import remember_log_group
from sfn_fragments.fragments.machine_parameters import check_log_options
from sfn_fragments.validation import naming_taken_ids

if TYPE_CHECKING:
    from constructs import Construct

    from sfn_fragments.environment import EnvBase
    from sfn_fragments.options import StateMachineOptions


def create_log_options(
    scope: Construct,
    id: str,
    env_base: EnvBase,
    removal_policy: RemovalPolicy | None = None,
    retention: RetentionDays | None = None,
) -> LogOptions:
    """Make a log group and the options that log every event to it.

    The group stands under ``/aws/vendedlogs/``: the resource policies of others end at 5,120
    characters (https://docs.aws.amazon.com/step-functions/latest/dg/bp-cwl.html).

    Args:
        scope: The construct that holds the group.
        id: Ends its name, ``/aws/vendedlogs/<env_base>/states/<id>``.
        env_base: Environment base.
        removal_policy: What happens to it with the stack. Defaults to ``DESTROY``.
        retention: How long it keeps events. Defaults to ``ONE_MONTH``.

    Returns:
        The options.

    Raises:
        InvalidParametersError: Some parameters cannot work; all of them are named.
    """
    check_log_options(scope, id, env_base, removal_policy, retention)
    return log_options(scope, id, env_base, id, removal_policy, retention)


def log_options(
    scope: Construct,
    id: str,
    env_base: EnvBase,
    group_name: str,
    removal_policy: RemovalPolicy | None = None,
    retention: RetentionDays | None = None,
) -> LogOptions:
    """The same as `create_log_options`, unchecked, and with a name of its own.

    Args:
        scope: The construct that holds the group.
        id: Names its construct, together with the environment base.
        env_base: Environment base.
        group_name: Ends its name.
        removal_policy: What happens to it with the stack.
        retention: How long it keeps events.

    Returns:
        The options.
    """
    name = env_base.get_state_machine_log_group_name(group_name)
    with naming_taken_ids(f"log group {name!r}", id):
        group = LogGroup(
            scope,
            env_base.get_construct_id(id, "state-loggroup"),
            log_group_name=name,
            removal_policy=removal_policy or RemovalPolicy.DESTROY,
            retention=retention or RetentionDays.ONE_MONTH,
        )
    remember_log_group(group, name)
    return LogOptions(destination=group, level=LogLevel.ALL)


def apply_log_options(group: Any, options: StateMachineOptions) -> None:
    """Give a log group what plugins ask for.

    Args:
        group: The group that was made for the state machine.
        options: The options of the state machine.
    """
    # The group is asked for its resource only where it has to be: that is two round trips to Node.
    if options.log_retention_days is not None:
        group.node.default_child.retention_in_days = options.log_retention_days
    if (key := options.log_encryption_key) is not None:
        group.node.default_child.kms_key_id = key.key_arn
        # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
        key.grant_encrypt_decrypt(ServicePrincipal(f"logs.{Stack.of(group).region}.amazonaws.com"))


def observe(resource: CfnStateMachine, options: StateMachineOptions) -> None:
    """Have executions logged and traced, as CDK's ``StateMachine`` does, but for the role.

    Args:
        resource: The state machine.
        options: Where it logs, and whether it sends traces.
    """
    if options.logs is not None:
        resource.logging_configuration = _logging_configuration(options.logs)
    resource.tracing_configuration = CfnStateMachine.TracingConfigurationProperty(
        enabled=options.tracing_enabled
    )


def _logging_configuration(logs: LogOptions) -> CfnStateMachine.LoggingConfigurationProperty:
    destinations = None
    if logs.destination is not None:
        destination: Any = logs.destination
        # CDK's groups answer at once; a reference is two round trips to Node more.
        arn = getattr(destination, "log_group_arn", None) or destination.log_group_ref.log_group_arn
        group = CfnStateMachine.CloudWatchLogsLogGroupProperty(log_group_arn=arn)
        destinations = [CfnStateMachine.LogDestinationProperty(cloud_watch_logs_log_group=group)]
    return CfnStateMachine.LoggingConfigurationProperty(
        destinations=destinations,
        include_execution_data=logs.include_execution_data,
        level=(logs.level or LogLevel.ERROR).value,
    )
