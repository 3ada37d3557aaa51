"""Switches moto's interpreter of the States Language on, and listens to it.

Written for moto 5.2.5; this is the module that knows moto's insides of executions.
"""

from __future__ import annotations

import copy
import logging
import time
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from threading import Lock
from typing import TYPE_CHECKING, Any

from moto.core.config import default_user_config
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration import (
    distributed_iteration_component,
)
from moto.stepfunctions.parser.asl.eval.program_state import ProgramEnded
from moto.stepfunctions.parser.backend.execution import BaseExecutionWorkerCommunication
from moto.stepfunctions.parser.models import stepfunctions_parser_backends
from moto.stepfunctions.parser.utils import TMP_THREADS

from sfn_fragments_local import moto_gaps
from sfn_fragments_local.moto_gaps.clients import forget_clients
from sfn_fragments_local.moto_gaps.distributed_map import children_of
from sfn_fragments_local.moto_gaps.settings import get_endpoint_url

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from sfn_fragments_local.moto_gaps.distributed_map import Child

#: Seconds that executions get to end when the engine closes.
_STOP_TIMEOUT = 5.0


class _EndedEnvironment:
    """What moto's descriptions and histories read of the inside of an execution that has ended."""

    def __init__(self, environment: Any) -> None:
        from sfn_fragments_local.moto_gaps.redriving import Unfinished

        self.event_manager = environment.event_manager
        self.map_run_record_pool_manager = environment.map_run_record_pool_manager
        self.callback_pool_manager = environment.callback_pool_manager
        # Of one that did not succeed: it may be redriven.
        succeeded = isinstance(environment.program_state(), ProgramEnded)
        self.unfinished = None if succeeded else Unfinished.of(environment)

    def set_stop(self, **_: Any) -> None:
        """Stopping what has ended changes nothing, as on AWS."""


@dataclass(frozen=True)
class MapRun:
    """The executions of the items of a distributed Map.

    Attributes:
        arn: Its ARN.
        events: The growing list of the events of all of them.
        children: Those that have ended.
    """

    arn: str
    events: list[Any]
    children: list[Child]


@dataclass(frozen=True)
class Described:
    """What is known of an execution besides its history.

    Attributes:
        status: Its status.
        machine: Name of its state machine.
        definition: The definition, as JSON.
        express: Whether its state machine is of type ``EXPRESS``.
    """

    status: str
    machine: str
    definition: str
    express: bool


class Interpreter:
    """moto's interpreter while it is switched on.

    Args:
        account: Account of the executions.
        region: Their region.
    """

    def __init__(self, account: str, region: str) -> None:
        """Know no execution yet."""
        self._account = account
        self._region = region
        self._lock = Lock()
        # What runs inside a distributed Map has a history of its own, which moto drops.
        self._map_runs: dict[str, list[MapRun]] = defaultdict(list)

    @property
    def _backend(self) -> Any:  # moto types its executions as those of the plain backend
        return stepfunctions_parser_backends[self._account][self._region]

    @property
    def idle(self) -> bool:
        """Whether no execution runs."""
        machines = self._backend.state_machines
        return all(one.stop_date for machine in machines for one in machine.executions)

    @staticmethod
    def forget_ended_threads() -> None:
        """Let go of the threads of states that have ended, which moto keeps."""
        TMP_THREADS[:] = [thread for thread in TMP_THREADS if thread.is_alive()]

    def forget_executions(self, kept: int) -> None:
        """Let go of the oldest executions; none may run.

        Args:
            kept: How many to keep of each state machine, the newest.
        """
        for machine in self._backend.state_machines:
            for execution in machine.executions[:-kept]:
                self._forget_map_runs(execution.execution_arn)
            # In one step: another thread may append.
            del machine.executions[:-kept]

    def _forget_map_runs(self, execution_arn: str) -> None:
        for run in self._map_runs.pop(execution_arn, []):
            for child in run.children:
                self._forget_map_runs(child.arn)

    def status(self, execution_arn: str) -> str:
        """Status of an execution, such as ``RUNNING``."""
        return str(self._backend.describe_execution(execution_arn).status)

    def role(self, execution_arn: str) -> str:
        """ARN of the role that an execution has."""
        return str(self._backend.describe_execution(execution_arn).role_arn)

    def event_sources(self, execution_arn: str) -> list[list[Any]]:
        """The growing lists of an execution's events: its own, then those of its map runs."""
        environment = self._backend.describe_execution(execution_arn).exec_worker.env
        if environment is None:  # the execution's thread has not begun
            return []
        with self._lock:
            runs = list(self._map_runs.get(execution_arn, []))
        # The public accessor copies the whole list each time; events are only ever appended.
        return [environment.event_manager._history_event_list, *(run.events for run in runs)]

    def map_runs(self, execution_arn: str) -> list[MapRun]:
        """The runs of the distributed Maps of an execution, or of the child of one."""
        with self._lock:
            return list(self._map_runs.get(execution_arn, []))

    def described(self, execution_arn: str) -> Described:
        """What is known of an execution besides its history."""
        execution = self._backend.describe_execution(execution_arn)
        machine = execution.state_machine
        return Described(
            status=str(execution.status),
            machine=str(machine.name),
            definition=str(machine.definition),
            express=str(getattr(machine.sm_type, "value", machine.sm_type)) == "EXPRESS",
        )

    def stop(self, execution_arns: Collection[str] | None) -> None:
        """Stop executions and, where it is all, wait until their threads are gone.

        Args:
            execution_arns: Their ARNs; None for all that run.
        """
        for machine in self._backend.state_machines:
            for execution in machine.executions:
                wanted = execution_arns is None or execution.execution_arn in execution_arns
                worker = execution.exec_worker
                running = execution.status == "RUNNING" and worker is not None
                if wanted and running and worker.env is not None:
                    self._backend.stop_execution(execution.execution_arn)
        if execution_arns is not None:
            return
        ends = time.monotonic() + _STOP_TIMEOUT
        for thread in list(TMP_THREADS):
            if thread.ident is not None:
                thread.join(max(0.0, ends - time.monotonic()))
        # moto keeps every thread of the process here.
        self.forget_ended_threads()

    @staticmethod
    def _ended(execution: Any) -> None:
        # The inputs, outputs and variables of its states are most of what an execution holds.
        worker = execution.exec_worker
        # Each of the engines that are open comes here.
        if not isinstance(worker.env, _EndedEnvironment):
            worker.env = _EndedEnvironment(worker.env)

    def _keep_map_run(self, environment: Any, record: Any) -> None:
        execution_arn = environment.states.context_object.context_object_data["Execution"]["Id"]
        events = environment.event_manager._history_event_list
        run = MapRun(str(record.map_run_arn), events, children_of(record))
        with self._lock:
            self._map_runs[execution_arn].append(run)


def plain_event(event: dict[str, Any]) -> dict[str, Any]:
    """An event as boto3 would return it: plain strings, and a datetime."""
    plain = {
        key: value.value if isinstance(value, Enum) else copy.deepcopy(value)
        for key, value in event.items()
    }
    if isinstance(plain["timestamp"], str):
        plain["timestamp"] = datetime.fromisoformat(plain["timestamp"])
    return plain


@contextmanager
def interpreter(
    account: str, region: str, endpoint_url: str, time_scale: float
) -> Iterator[Interpreter]:
    """Switch the interpreter on for the length of the ``with`` block.

    Args:
        account: Account of the executions.
        region: Their region.
        endpoint_url: Where tasks call services.
        time_scale: Factor for the seconds of waits and retry intervals.

    Yields:
        The interpreter.
    """
    endpoint_before, time_scale_before = get_endpoint_url(), moto_gaps.get_time_scale()
    moto_gaps.apply(time_scale=time_scale)
    moto_gaps.set_endpoint_url(endpoint_url)
    listener = Interpreter(account, region)
    component: Any = distributed_iteration_component.DistributedIterationComponent
    map_run = component._map_run
    communication: Any = BaseExecutionWorkerCommunication
    terminated = communication.terminated
    config = default_user_config["stepfunctions"]
    # It logs each failing state with its whole inside; the history holds what a user can use.
    log = logging.getLogger("moto.stepfunctions.parser")
    level = log.level

    def kept_map_run(self: Any, env: Any, eval_input: Any) -> None:
        listener._keep_map_run(env, eval_input.map_run_record)
        map_run(self, env, eval_input)

    def slimmed(self: Any) -> None:
        terminated(self)
        listener._ended(self.execution)

    log.setLevel(logging.CRITICAL)
    default_user_config["stepfunctions"] = {"execute_state_machine": True}
    component._map_run = kept_map_run
    communication.terminated = slimmed
    try:
        yield listener
    finally:
        forget_clients(endpoint_url)
        moto_gaps.set_endpoint_url(endpoint_before)
        moto_gaps.set_time_scale(time_scale_before)
        component._map_run = map_run
        communication.terminated = terminated
        default_user_config["stepfunctions"] = config
        log.setLevel(level)
