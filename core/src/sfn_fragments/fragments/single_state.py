"""A fragment as one Parallel state, whose states have names of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jsii
from aws_cdk.aws_stepfunctions import MapBase, Parallel, QueryLanguage, State, StateGraph

from sfn_fragments.states.naming import is_state_name, name_prefix, scope_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk.aws_iam import PolicyStatement
    from aws_cdk.aws_stepfunctions import StateMachineFragment
    from constructs import Construct


def single_state(
    fragment: StateMachineFragment, id: str | None = None, prefix: str | None = None, **options: Any
) -> Parallel:
    """Make one Parallel state of a fragment.

    Args:
        fragment: The fragment; states below it in the construct tree get the prefix.
        id: Id of the state, in the scope of the fragment. Defaults to the fragment's.
        prefix: Put before the names of its states. Defaults to the id and a colon, or without an
            id to the place of each state in the construct tree; names that tell their place
            already then stay as they are.
        **options: Properties of the state.

    Returns:
        The state.
    """
    # Asked for first: a lazy fragment has no states before.
    start = fragment.start_state
    given = {name: value for name, value in options.items() if value is not None}
    given.setdefault("state_name", id or scope_name(fragment))
    states = [one for one in fragment.node.find_all() if isinstance(one, State)]
    renamed = False
    for one in states:
        name = one.state_id
        if prefix is None and is_state_name(one, name):
            continue
        renamed = True
        own = f"{id}: " if prefix is None and id is not None else prefix
        one.add_prefix(name_prefix(one, name, own))
    if renamed and any(isinstance(one, MapBase) for one in states):
        return _OwnGraph(fragment, id or fragment.node.id, start, **given)
    return Parallel(fragment, id or fragment.node.id, **given).branch(fragment)


class _OwnGraph(Parallel):
    """A Parallel state with one branch, whose states CDK knows under their present names.

    A Map registers the names of its states when they are given to it, so that CDK refuses two
    Maps in a state machine whose states were called alike then
    (https://github.com/aws/aws-cdk/issues/23320). A graph of its own keeps them from meeting.
    """

    def __init__(self, scope: Construct, id: str, start: State, **options: Any) -> None:
        super().__init__(scope, id, **options)
        self.__dict__["_graph"] = StateGraph(start, f"Parallel {id!r}")

    @jsii.member(jsii_name="toStateJson")
    def to_state_json(
        self, top_level_query_language: QueryLanguage | None = None
    ) -> Mapping[Any, Any]:
        graph: StateGraph = self.__dict__["_graph"]
        rendered = dict(super().to_state_json(top_level_query_language))
        rendered["Branches"] = [graph.to_graph_json(top_level_query_language)]
        return rendered

    @jsii.member(jsii_name="whenBoundToGraph")
    def _when_bound_to_graph(self, graph: StateGraph) -> None:
        super()._when_bound_to_graph(graph)
        statements: list[PolicyStatement] = self.__dict__["_graph"].policy_statements
        for statement in statements:
            graph.register_policy_statement(statement)

    @jsii.member(jsii_name="validateState")
    def _validate_state(self) -> list[str]:
        # CDK misses the branch, which it does not know of.
        return []
