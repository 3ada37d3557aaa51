"""Where executions are logged: log groups, and what a state machine is told of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import jsii
from aws_cdk import CfnResource, RemovalPolicy
from aws_cdk.aws_stepfunctions import CfnStateMachine, LogLevel, LogOptions
from aws_cdk.interfaces.aws_logs import ILogGroupRef, LogGroupReference

from sfn_fragments.fragments.machine_parameters import check_log_options
from sfn_fragments.validation import naming_taken_ids

if TYPE_CHECKING:
    from aws_cdk.aws_logs import RetentionDays
    from constructs import Construct

    from sfn_fragments.environment import EnvBase

_RETENTION_DAYS = 30


@jsii.implements(ILogGroupRef)
class VendedLogGroup(CfnResource):
    """A log group that keeps events for a month.

    It goes with its stack, as everything does that CloudFormation is not told to keep.

    It is made without :mod:`aws_cdk.aws_logs`, whose import takes longer than everything else that
    this library adds to a synthesis.

    Args:
        scope: The construct that holds it.
        id: Its id.
        name: Its name.
    """

    def __init__(self, scope: Construct, id: str, name: str) -> None:
        properties = {"LogGroupName": name, "RetentionInDays": _RETENTION_DAYS}
        super().__init__(scope, id, type="AWS::Logs::LogGroup", properties=properties)
        self.name = name

    @property
    def log_group_ref(self) -> LogGroupReference:
        """Its name and ARN, for whatever in CDK takes a log group."""
        return LogGroupReference(
            log_group_arn=self.get_att("Arn").to_string(), log_group_name=self.name
        )


def own_log_options(scope: Construct, id: str, env_base: EnvBase) -> LogOptions:
    """Options that log every event to a group of the state machine's own.

    What :func:`create_log_options` makes by default, for less time.

    Args:
        scope: The construct that holds the group.
        id: Ends its name, ``/aws/vendedlogs/<env_base>/states/<id>``.
        env_base: Environment base.
    """
    with naming_taken_ids(f"to_state_machine {id!r}", id):
        group = VendedLogGroup(
            scope,
            env_base.get_construct_id(id, "state-loggroup"),
            env_base.get_state_machine_log_group_name(id),
        )
    return LogOptions(destination=group, level=LogLevel.ALL)


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
    from aws_cdk.aws_logs import LogGroup, RetentionDays

    check_log_options(scope, id, env_base, removal_policy, retention)
    with naming_taken_ids(f"create_log_options {id!r}", id):
        group = LogGroup(
            scope,
            env_base.get_construct_id(id, "state-loggroup"),
            log_group_name=env_base.get_state_machine_log_group_name(id),
            removal_policy=removal_policy or RemovalPolicy.DESTROY,
            retention=retention or RetentionDays.ONE_MONTH,
        )
    return LogOptions(destination=group, level=LogLevel.ALL)


def logging_configuration(logs: LogOptions) -> CfnStateMachine.LoggingConfigurationProperty:
    """The property of a state machine that log options stand for.

    Args:
        logs: The options.
    """
    destinations = None
    if logs.destination is not None:
        group = CfnStateMachine.CloudWatchLogsLogGroupProperty(
            log_group_arn=logs.destination.log_group_ref.log_group_arn
        )
        destinations = [CfnStateMachine.LogDestinationProperty(cloud_watch_logs_log_group=group)]
    return CfnStateMachine.LoggingConfigurationProperty(
        destinations=destinations,
        include_execution_data=logs.include_execution_data,
        level=(logs.level or LogLevel.ERROR).value,
    )
