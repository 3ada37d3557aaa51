"""Names of states and variables: unique, short enough, and the same in every synthesis."""

from __future__ import annotations

import re

from aws_cdk import App, Stack
from constructs import Construct

from sfn_fragments.states.naming import state_name, variable_name


def test_names_leave_out_the_stack() -> None:
    names = []
    for stack_id in ("A", "B"):
        inner = Construct(Construct(Stack(App(), stack_id), "Outer"), "Inner")
        names.append((state_name(inner, "Wait"), variable_name(inner, "job")))
    assert names[0] == names[1]
    assert names[0][0] == "Outer.Inner: Wait"


def test_variables_are_identifiers_of_their_own() -> None:
    stack = Stack(App(), "Stack")
    scopes = [Construct(stack, name) for name in ("Sync", "Sync 2", "1st", "ä", "x" * 120)]
    names = [variable_name(scope, label) for scope in scopes for label in ("job", "job definition")]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[A-Za-z_]\w{0,79}", name, re.ASCII) for name in names), names
