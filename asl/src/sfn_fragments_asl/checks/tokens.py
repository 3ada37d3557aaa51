"""Task tokens and credentials.

https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html and
https://docs.aws.amazon.com/step-functions/latest/dg/concepts-access-cross-acct-resources.html
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from sfn_fragments_asl.checks.check import Check, CheckedDefinition, Finding
from sfn_fragments_asl.model.json_data import below, is_filled_in, is_marked, mapping, texts

if TYPE_CHECKING:
    from collections.abc import Iterator

# The token, or the whole context or task that it is a part of.
_TOKEN = re.compile(
    r"""\$\$(?:\.Task|\[['"]Task['"]\])?(?:\.Token|\[['"]Token['"]\])?(?![\w.\[])"""
    r"""|\bcontext(?:\.`?Task`?)?(?:\.`?Token`?)?(?![\w.`\[])"""
)
_THE_TOKEN = re.compile(r"(?:\$\$|\$states\.context)\.Task\.Token\b")
_ROLE = re.compile(r"arn:[^:]+:iam::\d{12}:role/.+")


def _lost_tokens(checked: CheckedDefinition) -> Iterator[Finding]:
    for state in checked.states():
        if state.call is None or state.call.pattern != ".waitForTaskToken":
            continue
        passed = state.fields.get("Arguments" if state.jsonata else "Parameters")
        if is_marked(passed) or any(_TOKEN.search(text) for _, text in texts(passed)):
            continue
        token = "{% $states.context.Task.Token %}" if state.jsonata else "$$.Task.Token"
        yield Finding(
            state.name,
            "it waits for a task token, and passes the token to nobody",
            f"pass {token}, or remove .waitForTaskToken",
            below(state.pointer, "Resource"),
        )


def _useless_tokens(checked: CheckedDefinition) -> Iterator[Finding]:
    for state in checked.states():
        call = state.call
        function = ":function:" in state.resource
        waits = call is not None and call.pattern == ".waitForTaskToken"
        if waits or not (call or function) or not state.language_is_known:
            continue
        called = f"{call.service}:{call.action}{call.pattern}" if call else "a function by its ARN"
        for expression in state.expressions:
            if _THE_TOKEN.search(expression.source):
                yield Finding(
                    state.name,
                    f"it reads the task token, and {called} waits for none",
                    "end the Resource with .waitForTaskToken"
                    if call
                    else "call arn:aws:states:::lambda:invoke.waitForTaskToken",
                    expression.pointer,
                )


def _credentials(checked: CheckedDefinition) -> Iterator[Finding]:
    for state in checked.states():
        given = state.fields.get("Credentials")
        if "Credentials" not in state.fields or is_filled_in(given):
            continue
        role = mapping(given).get("RoleArn", mapping(given).get("RoleArn.$"))
        dynamic = "RoleArn" not in mapping(given)
        place = below(state.pointer, "Credentials")
        if role is None:
            yield Finding(state.name, f"its Credentials are {json.dumps(given)}", pointer=place)
        elif not (
            dynamic or is_filled_in(role) or (isinstance(role, str) and _ROLE.fullmatch(role))
        ):
            yield Finding(state.name, f"its RoleArn is {role!r}, no ARN of a role", "", place)


TOKEN_CHECKS = (
    Check(
        "asl.task-token",
        "warning",
        "Nobody can answer: the state waits until it times out, by default after a year.",
        _lost_tokens,
        what="A Task waits for a task token (.waitForTaskToken) that it does not pass on.",
        remedy="pass the token to whoever ends the task",
    ),
    Check(
        "asl.useless-token",
        "warning",
        "There is no token, or one that ends nothing: the state goes on by itself.",
        _useless_tokens,
        what="A Task reads the task token, and does not wait for it.",
        remedy="end the Resource with .waitForTaskToken, or pass no token",
    ),
    Check(
        "asl.credentials",
        "error",
        "AWS refuses to create the state machine (SCHEMA_VALIDATION_FAILED).",
        _credentials,
        what="Credentials of a Task have no RoleArn, or one that is no ARN of a role.",
        remedy='give {"RoleArn": ...} or {"RoleArn.$": ...}, the role that the call is made with',
    ),
)
