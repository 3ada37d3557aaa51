"""References to variables in JSONPath states: ``$name``, ``$name.a[0]``, ``$name[?(@.x > 1)]``."""

from __future__ import annotations

import copy
import re
from typing import Any, Final

from sfn_fragments_local.moto_gaps.failures import task_failure
from sfn_fragments_local.moto_gaps.json_paths import extract_json
from sfn_fragments_local.moto_gaps.patching import load, replace

_string_expression: Final = load("asl.component.common.string.string_expression")
_NoSuchVariable: Final = load("asl.eval.variable_store:NoSuchVariable")
_NoSuchJsonPathError: Final = load("asl.utils.json_path:NoSuchJsonPathError")
_FailureEventException: Final = load(
    "asl.component.common.error_name.failure_event:FailureEventException"
)
_REFERENCE: Final = re.compile(r"\$(\w+)(.*)", re.DOTALL)

_StringIntrinsicFunction: Final = _string_expression.StringIntrinsicFunction


def _eval_variable(self: Any, env: Any) -> None:
    reference = _REFERENCE.fullmatch(self.expression)
    name, path = reference.groups() if reference else (self.expression, "")
    try:
        value = env.variable_store.get(name)
    except _NoSuchVariable as error:
        raise task_failure(
            env,
            "States.Runtime",
            f"The variable '{name}' that '{self.expression}' refers to is not set",
        ) from error
    env.stack.append(copy.deepcopy(extract_json(f"${path}", value) if path else value))


def _eval_intrinsic(self: Any, env: Any) -> None:
    try:
        self.function.eval(env=env)
    except (_FailureEventException, _NoSuchJsonPathError):
        raise
    except Exception as error:
        raise task_failure(
            env,
            "States.IntrinsicFailure",
            f"'{self.intrinsic_function_derivation}' failed: {error}",
        ) from error


def close() -> None:
    """Read variables from moto's own store, instead of through a JVM that is not shipped."""
    replace(_string_expression.StringVariableSample, "_eval_body", _eval_variable)
    replace(_StringIntrinsicFunction, "_eval_body", _eval_intrinsic)
