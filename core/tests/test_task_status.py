"""`TaskWithPrePostStatus`, as subclasses written for it use it, run on the engine."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_stepfunctions as sfn
from tests.proofs import some

from sfn_fragments.environment import EnvBase
from sfn_fragments.fragments import TaskWithPrePostStatus
from sfn_fragments.utils import JsonReferencePath

if TYPE_CHECKING:
    from pathlib import Path

    from sfn_fragments_local import Engine
    from sfn_fragments_local.execution import ExecutionResult

ENV = EnvBase("dev-x")


@pytest.fixture
def stack(tmp_path: Path) -> cdk.Stack:
    app = cdk.App(outdir=str(tmp_path / "cdk.out"), analytics_reporting=False)
    return cdk.Stack(app, "Stack")


def run(engine: Engine, fragment: TaskWithPrePostStatus, input: Any) -> ExecutionResult:
    fragment.to_state_machine("machine")
    engine.deploy(cdk.Stack.of(fragment))
    return engine.execute(input)


def entered(result: ExecutionResult) -> list[str]:
    return [visit.name for visit in result.states]


def hook_inputs(result: ExecutionResult) -> dict[str, Any]:
    """What each plainly named state, which is a hook or the task, was given."""
    details = [
        event["stateEnteredEventDetails"]
        for event in result.history
        if "stateEnteredEventDetails" in event
    ]
    return {one["name"]: json.loads(one["input"]) for one in details if ": " not in one["name"]}


class AllHooks(TaskWithPrePostStatus):
    """Every hook outputs something of its own."""

    def noise(self, name: str) -> sfn.Pass:
        return sfn.Pass(self, name, result=sfn.Result.from_object({"noise": name}))

    @property
    def task__status_started(self) -> sfn.IChainable | None:
        return self.noise("started")

    @property
    def task__status_completed(self) -> sfn.IChainable | None:
        return self.noise("completed")

    @property
    def task__status_failed(self) -> sfn.IChainable | None:
        return self.noise("failed")

    @property
    def task__pre_run(self) -> sfn.IChainable | None:
        return self.noise("pre")

    @property
    def task__post_run(self) -> sfn.IChainable | None:
        return self.noise("post")


def doubling(stack: cdk.Stack) -> sfn.Pass:
    return sfn.Pass(stack, "task", parameters={"double.$": "States.Array($.n, $.n)", "saw.$": "$"})


def failing(stack: cdk.Stack) -> sfn.Fail:
    return sfn.Fail(stack, "task", error="Disk.Full", cause="no room for sample 7")


def test_without_hooks_it_is_the_task_alone(sfn_engine: Engine, stack: cdk.Stack) -> None:
    result = run(sfn_engine, TaskWithPrePostStatus(stack, "T", ENV, doubling(stack)), {"n": 1})
    assert result.output == {"double": [1, 1], "saw": {"n": 1}}
    assert entered(result) == ["task"]


def test_hooks_see_input_and_result_and_their_outputs_are_discarded(
    sfn_engine: Engine, stack: cdk.Stack
) -> None:
    result = run(sfn_engine, AllHooks(stack, "T", ENV, doubling(stack)), {"n": 2})
    output = {"double": [2, 2], "saw": {"n": 2}}
    assert result.output == output
    before = {"input": {"n": 2}, "context": {}}
    assert hook_inputs(result) == {
        "started": before,
        "pre": before,
        "task": {"n": 2},
        "post": {**before, "result": output},
        "completed": {**before, "result": output},
    }
    # One state for the task and each hook, besides their own.
    assert len(entered(result)) == 10


@pytest.mark.parametrize("input", [[1, [2]], "text", 3, [], {"input": 1, "context": 2}])
def test_any_json_can_be_input_and_result(sfn_engine: Engine, stack: cdk.Stack, input: Any) -> None:
    result = run(sfn_engine, AllHooks(stack, "T", ENV, sfn.Pass(stack, "task")), input)
    assert result.output == input
    assert hook_inputs(result)["completed"] == {"input": input, "context": {}, "result": input}


def test_a_failing_task_runs_the_hook_and_keeps_its_error(
    sfn_engine: Engine, stack: cdk.Stack
) -> None:
    result = run(sfn_engine, AllHooks(stack, "T", ENV, failing(stack)), {"n": 3})
    assert (result.status, result.error) == ("FAILED", "Disk.Full")
    assert result.cause == "no room for sample 7"
    inputs = hook_inputs(result)
    assert "post" not in inputs
    assert "completed" not in inputs
    assert inputs["failed"] == {
        "input": {"n": 3},
        "context": {},
        "error": {"Error": "Disk.Full", "Cause": "no room for sample 7"},
    }


def test_a_failing_hook_of_the_failure_does_not_hide_the_tasks_error(
    sfn_engine: Engine, stack: cdk.Stack
) -> None:
    class FailsTwice(TaskWithPrePostStatus):
        @property
        def task__status_failed(self) -> sfn.IChainable | None:
            return sfn.Fail(self, "hook", error="Other", cause="other")

    result = run(sfn_engine, FailsTwice(stack, "T", ENV, failing(stack)), {})
    assert (result.error, result.cause) == ("Disk.Full", "no room for sample 7")
    assert "hook" in entered(result)


def test_a_failing_task_without_the_hook_keeps_its_error(
    sfn_engine: Engine, stack: cdk.Stack
) -> None:
    class Started(TaskWithPrePostStatus):
        @property
        def task__status_started(self) -> sfn.IChainable | None:
            return sfn.Pass(self, "started")

    result = run(sfn_engine, Started(stack, "T", ENV, failing(stack)), {})
    assert (result.error, result.cause) == ("Disk.Full", "no room for sample 7")


class Augmented(AllHooks):
    """Adds to what the hooks share, by the augmentation that a test gives."""

    augmentation: dict[str, Any]

    @property
    def task_context(self) -> dict[str, Any]:
        return {"sample.$": "$.n", "unit": "mm"}

    @property
    def task__augment_input(self) -> sfn.IChainable | None:
        return sfn.Pass(self, "augment", **self.augmentation)


CONTEXT = {"sample": 4, "unit": "mm"}


@pytest.mark.parametrize(
    ("augmentation", "task_input", "shared"),
    some(
        [
            # More context, as the documentation says.
            (
                {"result": sfn.Result.from_string("by hook"), "result_path": "$.context.by"},
                {"n": 4},
                {"context": {**CONTEXT, "by": "by hook"}},
            ),
            # More input.
            (
                {"result": sfn.Result.from_number(9), "result_path": "$.input.more"},
                {"n": 4, "more": 9},
                {"context": CONTEXT},
            ),
            # Something beside both.
            (
                {"result": sfn.Result.from_number(9), "result_path": "$.extra"},
                {"n": 4},
                {"context": CONTEXT, "extra": 9},
            ),
            # The context alone.
            ({"parameters": {"context": {"a": 1}}}, {"n": 4}, {"context": {"a": 1}}),
            # The augmented input alone.
            ({"parameters": {"n": 5, "more": [1]}}, {"n": 5, "more": [1]}, {"context": CONTEXT}),
        ],
        0,
        3,
    ),
)
def test_augmented_input_is_kept(
    sfn_engine: Engine,
    stack: cdk.Stack,
    augmentation: dict[str, Any],
    task_input: Any,
    shared: dict[str, Any],
) -> None:
    fragment = Augmented(stack, "T", ENV, doubling(stack))
    fragment.augmentation = augmentation
    result = run(sfn_engine, fragment, {"n": 4})
    n = task_input["n"]
    output = {"double": [n, n], "saw": task_input}
    assert result.output == output
    inputs = hook_inputs(result)
    assert inputs["augment"] == {"input": {"n": 4}, "context": CONTEXT}
    assert inputs["started"] == inputs["pre"] == {"input": task_input, **shared}
    assert inputs["task"] == task_input
    assert inputs["post"] == {"input": task_input, **shared, "result": output}
    assert inputs["completed"] == inputs["post"]


def test_a_failure_after_an_augmented_input(sfn_engine: Engine, stack: cdk.Stack) -> None:
    fragment = Augmented(stack, "T", ENV, failing(stack))
    fragment.augmentation = {"result": sfn.Result.from_number(9), "result_path": "$.context.more"}
    result = run(sfn_engine, fragment, {"n": 4})
    assert (result.error, result.cause) == ("Disk.Full", "no room for sample 7")
    failed = hook_inputs(result)["failed"]
    assert failed["context"] == {**CONTEXT, "more": 9}
    assert failed["error"] == {"Error": "Disk.Full", "Cause": "no room for sample 7"}


def test_a_context_is_evaluated_once_and_paths_can_be_changed(
    sfn_engine: Engine, stack: cdk.Stack
) -> None:
    class Renamed(AllHooks):
        @property
        def task_context(self) -> dict[str, Any]:
            return {"id": "States.UUID()"}

        @property
        def task_input_path(self) -> JsonReferencePath:
            return JsonReferencePath("$.task.request")

        @property
        def task_result_path(self) -> JsonReferencePath:
            return JsonReferencePath("$.task.response")

    result = run(sfn_engine, Renamed(stack, "T", ENV, sfn.Pass(stack, "task")), {"n": 1})
    inputs = hook_inputs(result)
    assert inputs["pre"]["task"] == {"request": {"n": 1}}
    assert inputs["post"]["task"] == {"request": {"n": 1}, "response": {"n": 1}}
    assert inputs["pre"]["context"] == inputs["post"]["context"] == inputs["started"]["context"]
    assert len(inputs["pre"]["context"]["id"]) == 36


def test_the_task_can_be_set_later_and_must_be_set(stack: cdk.Stack) -> None:
    fragment = TaskWithPrePostStatus(stack, "T", ENV, task=None)
    assert fragment.task_name == "T"
    with pytest.raises(AssertionError, match="'Stack/T' has no task"):
        _ = fragment.task
    task = sfn.Pass(stack, "task")
    fragment.task = task
    assert fragment.task is task
    assert fragment.start_state.state_id == "task"


def test_the_name_of_the_task_begins_the_names_of_the_states(stack: cdk.Stack) -> None:
    fragment = AllHooks(stack, "T", ENV, sfn.Pass(stack, "task"))
    fragment.task_name = "Align"
    assert fragment.start_state.state_id == "T: Align Status Started"


class Tokens(AllHooks):
    """Its context is written with CDK's tokens of paths."""

    @property
    def task_context(self) -> dict[str, Any]:
        return {
            "run": sfn.JsonPath.execution_name,
            "text": sfn.JsonPath.format("{}-x", sfn.JsonPath.string_at("$.name")),
            "number": sfn.JsonPath.number_at("$.n"),
            "list": sfn.JsonPath.list_at("$.words"),
            "object": sfn.JsonPath.object_at("$.deep"),
            "mixed": ["plain", sfn.JsonPath.string_at("$.name"), {"n": "$.n"}],
            "price": "$100",
        }


def test_tokens_of_paths_in_a_context(sfn_engine: Engine, stack: cdk.Stack) -> None:
    given = {"n": 3, "name": "a", "words": ["b", "c"], "deep": {"d": 1}}
    result = run(sfn_engine, Tokens(stack, "T", ENV, doubling(stack)), given)
    context = hook_inputs(result)["started"]["context"]
    assert context == {
        "run": result.arn.split(":")[-1],
        "text": "a-x",
        "number": 3,
        "list": ["b", "c"],
        "object": {"d": 1},
        "mixed": ["plain", "a", {"n": 3}],
        "price": "$100",
    }
    assert hook_inputs(result)["completed"]["context"] == context
