"""JSONata states, evaluated by PyPI's ``jsonata-python`` instead of a JVM that is not shipped."""

from __future__ import annotations

import datetime
import hashlib
import json
import random
import uuid
from typing import Any, Final

from jsonata import Jsonata
from jsonata.utils import Utils

from sfn_fragments_local.moto_gaps.failures import evaluation_failure
from sfn_fragments_local.moto_gaps.patching import load, replace

_StringJSONata: Final = load("asl.component.common.string.string_expression:StringJSONata")

_HASHES: Final = {
    "MD5": hashlib.md5,
    "SHA-1": hashlib.sha1,
    "SHA-256": hashlib.sha256,
    "SHA-384": hashlib.sha384,
    "SHA-512": hashlib.sha512,
}


class UndefinedResultError(Exception):
    """An expression returned nothing."""


class UnsupportedResultError(Exception):
    """An expression returned something that is not JSON, such as a function."""


def _partition(values: list[Any], size: int) -> list[list[Any]]:
    items = _to_json(values)
    return [items[start : start + size] for start in range(0, len(items), size)]


def _range(start: int, end: int, step: int) -> list[int]:
    # AWS includes the end, when a step falls on it.
    return list(range(start, end + (1 if step > 0 else -1), step))


def _hash(content: Any, algorithm: str = "SHA-256") -> str:
    if algorithm not in _HASHES:
        raise ValueError(f"$hash: {algorithm!r}: give one of {', '.join(_HASHES)}")
    text = content if isinstance(content, str) else json.dumps(_to_json(content))
    return str(_HASHES[algorithm](text.encode()).hexdigest())


def _random(seed: float | None = None) -> float:
    return (random if seed is None else random.Random(seed)).random()  # noqa: S311 - not for secrets


def _parse(text: str) -> Any:
    return _to_jsonata(json.loads(text))


def _eval(*_: object) -> None:
    raise ValueError("$eval is not supported; use $parse to read JSON")


_FUNCTIONS: Final = {
    "partition": _partition,
    "range": _range,
    "hash": _hash,
    "random": _random,
    "uuid": lambda: str(uuid.uuid4()),
    "parse": _parse,
    "eval": _eval,
}


def _to_jsonata(value: Any) -> Any:
    """Copy a value, so that no expression can change the data of a state."""
    if isinstance(value, dict):
        return {key: _to_jsonata(member) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [_to_jsonata(member) for member in value]
    if isinstance(value, datetime.datetime):
        return value.isoformat()
    return Utils.NULL_VALUE if value is None else value


def _to_json(value: Any) -> Any:
    if value is Utils.NULL_VALUE or value is None:
        return None
    if isinstance(value, Utils.RangeList):
        # It holds no items, and iterates without its end.
        return [value[index] for index in range(len(value))]
    if isinstance(value, dict):
        return {str(key): _to_json(member) for key, member in value.items()}
    if isinstance(value, list):
        return [_to_json(member) for member in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str | bool | int | float):
        return value
    raise UnsupportedResultError(type(value).__name__)


def evaluate(expression: str, variables: dict[str, Any]) -> Any:
    """Evaluate a JSONata expression, with the functions that AWS adds.

    Args:
        expression: Without its ``{%`` and ``%}``.
        variables: Values by name, without ``$``.

    Returns:
        Plain JSON.

    Raises:
        UndefinedResultError: It returned nothing.
        UnsupportedResultError: It returned a function.

    Examples:
        >>> evaluate("$sum($sizes)", {"sizes": [1, 2]})
        3
    """
    # A compiled expression belongs to the thread that made it, so none of them is kept.
    compiled = Jsonata(expression)
    compiled.set_output_convert_nulls(False)
    for name, function in _FUNCTIONS.items():
        compiled.register_lambda(name, function)
    result = compiled.evaluate(
        None, {name: _to_jsonata(value) for name, value in variables.items()}
    )
    if result is None:
        raise UndefinedResultError
    return _to_json(result)


def _variables(env: Any) -> dict[str, Any]:
    store = env.variable_store
    data = env.states._states_data
    states = {"input": data["input"], "context": data["context"]}
    states |= {"result": data.get("result")}
    if data.get("errorOutput") is not None:
        states["errorOutput"] = data["errorOutput"]
    return {**store._outer_scope, **store._inner_scope, "states": states}


def _eval_jsonata(self: Any, env: Any) -> None:
    field = env.next_field_name
    place = f"The JSONata expression '{self.expression}' specified for the field '{field}'"
    try:
        result = evaluate(self.expression, _variables(env))
    except UndefinedResultError:
        raise evaluation_failure(env, f"{place} returned nothing (undefined).", field) from None
    except UnsupportedResultError:
        raise evaluation_failure(
            env, f"{place} returned an unsupported result type.", field
        ) from None
    except Exception as error:
        cause = f"{place} threw an error during evaluation. {error}"
        raise evaluation_failure(env, cause, field) from error
    env.stack.append(result)


def close() -> None:
    """Evaluate JSONata, in every field that may hold it."""
    replace(_StringJSONata, "_eval_body", _eval_jsonata)
