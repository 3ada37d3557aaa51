"""A task with hooks before and after it that report its status."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from aws_cdk.aws_stepfunctions import Chain, JsonPath, Parallel

from sfn_fragments.errors import InvalidValue, MissingTaskError
from sfn_fragments.fragments.base import LazyLoadStateMachineFragment
from sfn_fragments.states.asl import custom_chain, parameters, state
from sfn_fragments.states.failure import fail_with
from sfn_fragments.states.naming import state_name, variable_name
from sfn_fragments.utils.reference_path import JsonReferencePath
from sfn_fragments.validation import (
    chainable,
    fragment_problems,
    json_object,
    optional,
    place,
    problems_of,
    refuse,
    require,
    text,
)
from sfn_fragments_asl.model.jsonata_source import Expression, field, render, source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk.aws_stepfunctions import CustomState, IChainable
    from constructs import Construct

    from sfn_fragments.environment import EnvBase


class TaskWithPrePostStatus(LazyLoadStateMachineFragment):
    """A task with hooks around it; a subclass overrides the hooks that it wants.

    In order: `task__augment_input`, `task__status_started`, `task__pre_run`, the
    task, `task__post_run`, `task__status_completed`. If the task fails,
    `task__status_failed` runs, and then the fragment fails with the task's own error and
    cause.

    The task's input is the fragment's input, and its output is the fragment's. A hook's input is
    an object: the fragment's input at `task_input_path`, `task_context` at
    `task_context_path`, after the task its output at `task_result_path`, and after a
    failure its ``Error`` and ``Cause`` at `task_error_path`. What a hook outputs is
    discarded, but for ``task__augment_input``.

    Enters 1 state for each hook besides the hook's own, 1 for the task if there are hooks, 1 more
    for a context that is not empty, and 1 or 2 more for an augmented input.

    Args:
        scope: The construct that holds the fragment.
        id: Its id, unique in the scope.
        env_base: Environment base.
        task: The states of the task; None if `task` is set later.

    Raises:
        InvalidParametersError: Some parameters cannot work; all of them are named.

    Examples:
        ```python
        class Reported(TaskWithPrePostStatus):
            @property
            def task__status_failed(self) -> sfn.IChainable:
                return LambdaFunctionFragment(
                    self, "Failed", self.env_base, self.get_fn("report-failure")
                )

        Reported(self, "Align", env_base, task=align)
        ```
    """

    def __init__(
        self, scope: Construct, id: str, env_base: EnvBase, task: IChainable | None
    ) -> None:
        refuse(
            f"{type(self).__name__} {id!r}",
            [
                *fragment_problems(scope, id, env_base),
                *problems_of({"task": task}, {"task": optional(chainable)}),
            ],
        )
        super().__init__(scope, id, env_base)
        self.__dict__["_task"] = task
        self.__dict__["_task_name"] = None
        #: Where the task's own input is in the fragment's: all of it.
        self.raw_task_input_path = JsonReferencePath.empty()

    @property
    def task(self) -> IChainable:
        """The states of the task.

        Raises:
            MissingTaskError: They were not set.
        """
        task: IChainable | None = self.__dict__["_task"]
        if task is None:
            subject = f"{type(self).__name__} {self.node.path!r} has no task"
            raise MissingTaskError(
                subject, [InvalidValue("task", None, "pass task=, or set .task")]
            )
        return task

    @task.setter
    def task(self, value: IChainable) -> None:
        require(f"{type(self).__name__}.task", {"task": value}, {"task": chainable})
        self.__dict__["_task"] = value

    @property
    def task_name(self) -> str:
        """Begins the names of the states; the fragment's id unless it is set."""
        return self.__dict__["_task_name"] or self.node.id

    @task_name.setter
    def task_name(self, value: str) -> None:
        require(f"{type(self).__name__}.task_name", {"task_name": value}, {"task_name": text()})
        self.__dict__["_task_name"] = value

    @property
    def task_input_path(self) -> JsonReferencePath:
        """Where hooks find the fragment's input: ``input``."""
        return JsonReferencePath("input")

    @property
    def task_context(self) -> dict[str, Any]:
        """What hooks get besides; its reference paths are relative to the fragment's input."""
        return {}

    @property
    def task_context_path(self) -> JsonReferencePath:
        """Where hooks find the context: ``context``."""
        return JsonReferencePath("context")

    @property
    def task_result_path(self) -> JsonReferencePath:
        """Where hooks find the task's output: ``result``."""
        return JsonReferencePath("result")

    @property
    def task_error_path(self) -> JsonReferencePath:
        """Where the hook of a failure finds ``Error`` and ``Cause``: ``error``."""
        return JsonReferencePath("error")

    @property
    def task__augment_input(self) -> IChainable | None:
        """Runs first; its output is kept.

        Its output is a hook's input with changes, such as more context; or, if it is no object
        with `task_input_path` or `task_context_path`, the new input of the task.
        """
        return None

    @property
    def task__status_started(self) -> IChainable | None:
        """Runs before `task__pre_run`; its output is discarded."""
        return None

    @property
    def task__status_completed(self) -> IChainable | None:
        """Runs after `task__post_run`; its output is discarded."""
        return None

    @property
    def task__status_failed(self) -> IChainable | None:
        """Runs if the task fails; its output is discarded, and so is a failure of its own."""
        return None

    @property
    def task__pre_run(self) -> IChainable | None:
        """Runs right before the task; its output is discarded."""
        return None

    @property
    def task__post_run(self) -> IChainable | None:
        """Runs right after the task; its output is discarded."""
        return None

    def build_definition(self) -> IChainable:
        """Make the states of the task and its hooks.

        Returns:
            The states.

        Raises:
            InvalidParametersError: There is no task, or what a subclass gives hooks cannot work.
        """
        _ = self.task  # refused before any state is made
        given = {
            "task_context": self.task_context,
            "task_input_path": self.task_input_path,
            "task_context_path": self.task_context_path,
            "task_result_path": self.task_result_path,
            "task_error_path": self.task_error_path,
        }
        require(
            f"{type(self).__name__} {self.node.id!r}",
            given,
            {name: json_object if name == "task_context" else place for name in given},
        )
        return _TaskStates(self).chain()


class _TaskStates:
    """Makes the states of a task with hooks.

    Without an augmented input, the fragment's input flows past the hooks, and each is given what
    it needs. With one, what the hooks share flows itself, since it may hold anything.
    """

    def __init__(self, fragment: TaskWithPrePostStatus) -> None:
        self._fragment = fragment
        # Each is asked for once: a hook may make new states each time.
        self._augment = fragment.task__augment_input
        self._before = _wanted(
            ("Status Started", fragment.task__status_started),
            ("Pre Run", fragment.task__pre_run),
        )
        self._after = _wanted(
            ("Post Run", fragment.task__post_run),
            ("Status Completed", fragment.task__status_completed),
        )
        self._failed = fragment.task__status_failed
        self._input_path = fragment.task_input_path
        self._context_path = fragment.task_context_path
        self._context = parameters(fragment.task_context)
        self._result = variable_name(fragment, "result")
        self._error = variable_name(fragment, "error")
        name = fragment.task_name
        self._prefix = "" if name == fragment.node.id else f"{name} "

    def chain(self) -> Chain:
        """The states, connected."""
        task = self._fragment.task
        if not (self._augment or self._before or self._after or self._failed):
            return Chain.start(task)
        states: list[Parallel | CustomState] = []
        if self._context:
            states.append(self._keep_context())
        if self._augment is not None:
            states += [self._run_augment(self._augment), self._keep_augmented()]
        states += [self._hook(label, hook, self._shared()) for label, hook in self._before]
        states.append(self._run(task))
        if self._after and self._augment is not None:
            states.append(self._put_result())
        states += self._hooks_after()
        for one, following in pairwise(states):
            one.next(following)
        return custom_chain(states[0], states[-1])

    def _name(self, label: str) -> str:
        return state_name(self._fragment, self._prefix + label)

    def _state(self, label: str, definition: Mapping[str, Any]) -> CustomState:
        return state(self._fragment, self._prefix + label, definition)

    def _first(self) -> dict[str, Any]:
        """Parameters of the first hook: the fragment's input, and the context."""
        given: dict[str, Any] = {}
        _put(given, self._input_path, "$")
        _put(given, self._context_path, f"${self._context_variable}" if self._context else {})
        return given

    @property
    def _context_variable(self) -> str:
        return variable_name(self._fragment, "context")

    def _shared(
        self, path: JsonReferencePath | None = None, variable: str = ""
    ) -> dict[str, Any] | None:
        """Parameters of a hook, with a variable at one more path; None where its input has all."""
        if self._augment is not None:
            return None
        given = self._first()
        if path is not None:
            _put(given, path, f"${variable}")
        return given

    def _hook(
        self,
        label: str,
        hook: IChainable,
        given: Mapping[str, Any] | None,
        output_path: str | None = None,
    ) -> Parallel:
        return Parallel(
            self._fragment,
            self._name(label),
            parameters=given,
            result_path=JsonPath.DISCARD,
            output_path=output_path,
        ).branch(hook)

    def _hooks_after(self) -> list[Parallel]:
        given = self._shared(self._fragment.task_result_path, self._result)
        return [
            self._hook(
                label,
                hook,
                given,
                # The last one lets out what the task did.
                f"${self._result}" if number == len(self._after) else None,
            )
            for number, (label, hook) in enumerate(self._after, start=1)
        ]

    def _keep_context(self) -> CustomState:
        # Evaluated once, so that a time or a random id in it is the same for all hooks.
        key = self._context_variable
        return self._state("Context", {"Type": "Pass", "Assign": {key: self._context}})

    def _run_augment(self, augment: IChainable) -> Parallel:
        return Parallel(
            self._fragment,
            self._name("Augment Input"),
            parameters=self._first(),
            assign={f"{self._augmented}.$": "$[0]"},
            result_path=JsonPath.DISCARD,
        ).branch(augment)

    @property
    def _augmented(self) -> str:
        return variable_name(self._fragment, "augmented")

    def _keep_augmented(self) -> CustomState:
        augmented = field(self._augmented)
        context = field(self._context_variable) if self._context else {}
        input_alone: dict[str, Any] = {}
        _put(input_alone, self._context_path, context, computed=False)
        both = {**input_alone}
        _put(both, self._input_path, Expression("$states.input"), computed=False)
        new_input = {**input_alone}
        _put(new_input, self._input_path, augmented, computed=False)
        has = [
            f"$exists({field(self._augmented, *path.split('.'))})"
            for path in (self._input_path, self._context_path)
        ]
        output = Expression(
            f"$type({augmented}) = 'object' and ({' or '.join(has)}) "
            f"? $merge([{source(both)}, {augmented}]) : {source(new_input)}"
        )
        return self._state(
            "Keep Augmented Input",
            {"Type": "Pass", "QueryLanguage": "JSONata", "Output": render(output)},
        )

    def _run(self, task: IChainable) -> Parallel:
        augmented = self._augment is not None
        run = Parallel(
            self._fragment,
            self._name("Run"),
            input_path=self._input_path.as_reference if augmented else None,
            assign={f"{self._result}.$": "$[0]"} if self._after else None,
            result_path=JsonPath.DISCARD if self._after else None,
            output_path=None if self._after else "$[0]",
        ).branch(task)
        if self._failed is not None:
            error_path = self._fragment.task_error_path
            run.add_catch(
                self._after_failure(self._failed, error_path),
                errors=["States.ALL"],
                assign={f"{self._error}.$": "$"},
                result_path=error_path.as_reference if augmented else JsonPath.DISCARD,
            )
        return run

    def _after_failure(self, hook: IChainable, error_path: JsonReferencePath) -> Parallel:
        failed = self._hook("Status Failed", hook, self._shared(error_path, self._error))
        fail = fail_with(self._fragment, f"{self._prefix}Fail", self._error)
        failed.next(fail)
        # The error that counts is the task's: one of the hook does not replace it.
        failed.add_catch(fail, errors=["States.ALL"], result_path=JsonPath.DISCARD)
        return failed

    def _put_result(self) -> CustomState:
        return self._state(
            "Put Result",
            {
                "Type": "Pass",
                "InputPath": f"${self._result}",
                "ResultPath": self._fragment.task_result_path.as_reference,
            },
        )


def _wanted(*hooks: tuple[str, IChainable | None]) -> list[tuple[str, IChainable]]:
    return [(label, hook) for label, hook in hooks if hook is not None]


def _put(
    target: dict[str, Any], path: JsonReferencePath, value: Any, *, computed: bool = True
) -> None:
    """Put a value at a path of an object; ``computed`` marks a text as a reference path."""
    *outer, last = path.split(".")
    for name in outer:
        # A copy, since objects that begin alike share it.
        target[name] = {**target.get(name, {})}
        target = target[name]
    target[f"{last}.$" if computed and isinstance(value, str) else last] = value
