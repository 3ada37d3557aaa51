"""Merging of defaults, and enclosing of several states in one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from aws_cdk.aws_stepfunctions import Chain, Choice, Condition, Parallel

from sfn_fragments.states.asl import chain, custom_chain, is_discarded, parameters, state
from sfn_fragments.states.naming import state_name, variable_name
from sfn_fragments.utils.reference_path import JsonReferencePath
from sfn_fragments.validation import (
    chainable,
    choice,
    construct_id,
    data_path,
    flag,
    json_object,
    naming_taken_ids,
    optional,
    place,
    require,
    scope_rule,
)
from sfn_fragments.validation import (
    result_path as result_path_rule,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk.aws_stepfunctions import IChainable
    from constructs import Construct


class CommonOperation:
    """Operations on the data of a state machine that call no service."""

    @classmethod
    def merge_defaults(
        cls,
        scope: Construct,
        id: str,
        defaults: Mapping[str, Any],
        input_path: str = "$",
        target_path: str = "$",
        result_path: str | None = None,
        order_of_preference: Literal["target", "default"] = "target",
        check_if_target_present: bool = False,
    ) -> Chain:
        """Merge an object of the input with defaults, key by key; nested objects are not merged.

        Enters 2 states; 3 with ``check_if_target_present``.

        Args:
            scope: The construct that holds the states.
            id: Names the states, unique in the scope.
            defaults: Values for the keys that the target lacks. Strings that begin with ``$`` or
                ``States.`` are evaluated, relative to ``input_path``.
            input_path: Reference path of the object to work on.
            target_path: Path of the object to merge with, relative to ``input_path``.
            result_path: Path of the result, absolute. Defaults to the target's place.
            order_of_preference: Whose value wins where both have one.
            check_if_target_present: Use the defaults alone where the input lacks the target,
                instead of failing.

        Returns:
            The chain. Its output is the input with the merged object at ``result_path``.

        Raises:
            InvalidParametersError: Some parameters cannot work; all of them are named.

        Examples:
            ``merge_defaults(self, "Merge", {"memory": 1024}, target_path="$.job")`` turns
            ``{"job": {"vcpus": 2}}`` into ``{"job": {"memory": 1024, "vcpus": 2}}``.
        """
        require(
            f"merge_defaults {id!r}",
            locals(),
            {
                "scope": scope_rule,
                "id": construct_id,
                "defaults": json_object,
                "input_path": place,
                "target_path": place,
                # There is nothing to discard the result for.
                "result_path": optional(
                    lambda path: (
                        place(path) or result_path_rule(JsonReferencePath(path).as_reference)
                    )
                ),
                "order_of_preference": choice("target", "default"),
                "check_if_target_present": flag,
            },
        )
        base = JsonReferencePath(input_path)
        target = base + target_path
        goal = JsonReferencePath(result_path).as_reference if result_path else target.as_reference
        merged = variable_name(scope, f"{id} merged")
        # Of two values, JsonMerge keeps that of the later object.
        order = sorted(("$.default", "$.target"), reverse=order_of_preference == "default")
        merge = state(
            scope,
            f"{id} Merge",
            {
                "Type": "Pass",
                "InputPath": base.as_reference,
                "Parameters": {
                    "default": parameters(defaults),
                    "target.$": JsonReferencePath(target_path).as_reference,
                },
                "Assign": {f"{merged}.$": f"States.JsonMerge({', '.join(order)}, false)"},
                "ResultPath": None,
            },
        )
        put = state(
            scope,
            f"{id} Put",
            {"Type": "Pass", "InputPath": f"${merged}", "ResultPath": goal},
        )
        merged_chain = chain(merge, put)
        if not check_if_target_present:
            return merged_chain
        use_defaults = state(
            scope,
            f"{id} Use defaults",
            {
                "Type": "Pass",
                "InputPath": base.as_reference,
                "Parameters": parameters(defaults),
                "ResultPath": goal,
            },
        )
        present = Choice(scope, state_name(scope, f"{id} Is target present"))
        # A field that is there as null cannot be merged either.
        place_of_target = target.as_reference
        present.when(
            Condition.and_(
                Condition.is_present(place_of_target), Condition.is_not_null(place_of_target)
            ),
            merged_chain,
        )
        present.otherwise(use_defaults)
        return Chain.custom(present, [put, use_defaults], present)

    @classmethod
    def enclose_chainable(
        cls,
        scope: Construct,
        id: str,
        definition: IChainable,
        input_path: str | None = None,
        result_path: str | None = None,
    ) -> Chain:
        """Make one state of many: a Parallel state with one branch.

        Enters 1 state besides those of the definition, 2 where the result goes into the input.

        Args:
            scope: The construct that holds the state.
            id: Names it, unique in the scope.
            definition: The states to enclose.
            input_path: Reference path of their input. Defaults to ``$``.
            result_path: Reference path of their output. Defaults to ``input_path``;
                ``JsonPath.DISCARD`` passes the input on as it is.

        Returns:
            The chain. Its output is the input with the definition's output at ``result_path``.

        Raises:
            InvalidParametersError: Some parameters cannot work; all of them are named.
        """
        require(
            f"enclose_chainable {id!r}",
            locals(),
            {
                "scope": scope_rule,
                "id": construct_id,
                "definition": chainable,
                # Without a path of its own, the result goes to where the input came from.
                "input_path": optional(result_path_rule if result_path is None else data_path),
                "result_path": optional(result_path_rule),
            },
        )
        source = input_path or "$"
        goal = result_path or source
        with naming_taken_ids(f"enclose_chainable {id!r}", id):
            enclosure = Parallel(
                scope,
                state_name(scope, id),
                input_path=source,
                # The output of the one branch comes in an array.
                output_path="$[0]" if goal == "$" else None,
                result_path=None if goal == "$" else goal,
            )
        enclosure.branch(definition)
        if goal == "$" or is_discarded(goal):
            return Chain.start(enclosure)
        unwrap = state(
            scope,
            f"{id} Result",
            {
                "Type": "Pass",
                "InputPath": f"{JsonReferencePath(goal).as_reference}[0]",
                "ResultPath": goal,
            },
        )
        return custom_chain(enclosure.next(unwrap).start_state, unwrap)


def enclosed_chain(
    scope: Construct,
    id: str,
    definition: IChainable,
    input_path: str | None = None,
    result_path: str | None = None,
) -> Chain:
    """Make one state of many; the function form of `CommonOperation.enclose_chainable`.

    Args:
        scope: The construct that holds the state.
        id: Names it, unique in the scope.
        definition: The states to enclose.
        input_path: Reference path of their input. Defaults to ``$``.
        result_path: Reference path of their output. Defaults to ``input_path``.

    Returns:
        The chain; its output is the input with the definition's output at ``result_path``.

    Raises:
        InvalidParametersError: Some parameters cannot work; all of them are named.
    """
    return CommonOperation.enclose_chainable(scope, id, definition, input_path, result_path)
