"""The pipelines: state machines of fragments, and of states of our own around them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from aws_cdk import Duration, Stack
from aws_cdk.aws_events import Schedule
from aws_cdk.aws_iam import Role, ServicePrincipal
from aws_cdk.aws_lambda import Code, Function, Runtime
from aws_cdk.aws_logs import LogGroup, RetentionDays
from aws_cdk.aws_stepfunctions import Choice, Condition, JsonPath, Map, Succeed, TaskInput
from aws_cdk.aws_stepfunctions_tasks import LambdaInvoke, SnsPublish

from imaging.reasons import acknowledge, logical_id
from sfn_fragments import get_registry
from sfn_fragments.fragments import create_state_machine
from sfn_fragments_efs import CleanFileSystemTriggerConfig, CleanFileSystemTriggerRuleConfig

if TYPE_CHECKING:
    from aibs_informatics_core.env import EnvBase
    from aws_cdk.aws_stepfunctions import StateMachine
    from constructs import Construct

    from imaging.platform import PlatformStack

FUNCTIONS = Path(__file__).parents[1] / "functions"


class PipelinesStack(Stack):
    """What runs on the platform.

    Args:
        scope: The app.
        id: Its id.
        env_base: Environment base that names its resources.
        platform: Where it runs.
    """

    def __init__(
        self, scope: Construct, id: str, *, env_base: EnvBase, platform: PlatformStack
    ) -> None:
        super().__init__(scope, id)
        self._env_base = env_base
        self._platform = platform
        self._registry = get_registry()
        self._on_the_queue = {
            "env_base": env_base,
            "aibs_informatics_docker_asset": platform.handlers,
            "batch_job_queue": platform.queue,
            "scaffolding_bucket": platform.scaffolding,
        }
        self.sync = self._sync()
        self.intake = self._intake()
        self.clean_up = self._clean_up()
        self.demand = self._demand()

    def _sync(self) -> StateMachine:
        """Copies between S3 and the file system."""
        sync = self._registry.create(
            "data_sync.sync",
            self,
            "Sync",
            **self._on_the_queue,
            batch_job_role=self._platform.job_role,
            mount_point_configs=[self._platform.shared, self._platform.scratch],
        )
        machine: StateMachine = sync.to_state_machine("sync")
        return machine

    def _intake(self) -> StateMachine:
        """Copies new plates to the file system, counts their files, and tells that it is done."""
        planner = self._planner()
        plan = LambdaInvoke(self, "Plan", lambda_function=planner, payload_response_only=True)
        copy = self._registry.create(
            "data_sync.sync",
            self,
            "Copy",
            **self._on_the_queue,
            batch_job_role=self._platform.job_role,
            mount_point_configs=[self._platform.shared],
            deploy_job_definition=True,
            timeout=Duration.hours(2),
        )
        count = self._registry.create(
            "efs.data_path_stats",
            self,
            "Count",
            **self._on_the_queue,
            batch_job_role=self._platform.job_role,
            mount_point_configs=[self._platform.shared],
            deploy_job_definition=True,
        )
        each = Map(
            self,
            "Each plate",
            items_path="$.requests",
            max_concurrency=4,
            result_path=JsonPath.DISCARD,
        )
        each.item_processor(copy)
        tell = SnsPublish(
            self,
            "Tell",
            topic=self._platform.done,
            subject="New plates",
            message=TaskInput.from_object(
                {"run": JsonPath.execution_name, "files": JsonPath.string_at("$.counted")}
            ),
            result_path=JsonPath.DISCARD,
        )
        tell.add_retry(errors=["SNS.SdkClientException", "SNS.SNSException"], max_attempts=5)
        nothing = Succeed(self, "Nothing new")
        definition = plan.next(
            Choice(self, "Any plates?")
            .when(
                Condition.is_present("$.requests[0]"),
                each.next(count.enclose(input_path="$.stats", result_path="$.counted")).next(tell),
            )
            .otherwise(nothing)
        )
        machine = create_state_machine(
            self, self._env_base, "intake", "intake", definition, timeout=Duration.hours(12)
        )
        acknowledge(
            machine,
            f"IAM5[Resource::<{logical_id(planner)}.Arn>:*]",
            "LambdaInvoke allows the versions of the function along with it",
        )
        return machine

    def _planner(self) -> Function:
        role = Role(self, "PlannerRole", assumed_by=ServicePrincipal("lambda.amazonaws.com"))
        group = LogGroup(self, "PlannerLog", retention=RetentionDays.ONE_MONTH)
        group.grant_write(role)
        return Function(
            self,
            "Planner",
            code=Code.from_asset(str(FUNCTIONS / "planner")),
            handler="planner.plan",
            runtime=Runtime.PYTHON_3_14,
            role=role.without_policy_updates(),
            log_group=group,
            timeout=Duration.seconds(30),
            environment={"PLATES": self._platform.plates.bucket_name},
        )

    def _clean_up(self) -> StateMachine:
        """Removes from the scratch folder what nobody has changed for a week, every night."""
        clean = self._registry.create(
            "efs.clean_file_system",
            self,
            "CleanUp",
            **self._on_the_queue,
            batch_job_role=self._platform.job_role,
            mount_point_configs=[self._platform.scratch],
            deploy_job_definition=True,
        )
        machine: StateMachine = clean.to_state_machine("clean-up")
        CleanFileSystemTriggerRuleConfig(
            f"{self._env_base}-clean-up",
            [
                CleanFileSystemTriggerConfig(
                    self._platform.file_system,
                    "/scratch",
                    days_since_last_accessed=7,
                    min_depth=1,
                )
            ],
            Schedule.cron(hour="3", minute="0"),
        ).create_rule(self, machine)
        return machine

    def _demand(self) -> StateMachine:
        """Runs whatever command a scientist asks for, between inputs and outputs on S3."""
        # Any: a name may stand for a class or for a function, and this one is a class.
        batch_invoked: Any = self._registry.load("batch.lambda_function")
        run_handler = batch_invoked.with_defaults(
            self,
            "RunHandler",
            self._env_base,
            name="run-handler",
            job_queue=self._platform.queue,
            bucket_name=self._platform.scaffolding,
            job_role_arn=self._platform.job_role,
        )
        demand = self._registry.create(
            "demand_execution.execute",
            self,
            "Demand",
            env_base=self._env_base,
            aibs_informatics_docker_asset=self._platform.handlers,
            scaffolding_bucket=self._platform.scaffolding,
            scaffolding_job_queue=self._platform.queue,
            batch_invoked_lambda_state_machine=run_handler.to_state_machine("run-handler"),
            data_sync_state_machine=self.sync,
            shared_mount_point_config=self._platform.shared,
            scratch_mount_point_config=self._platform.scratch,
        )
        machine: StateMachine = demand.to_state_machine("demand")
        return machine
