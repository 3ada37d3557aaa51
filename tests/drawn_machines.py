"""Machines of every shape, for what holds for all of them: drawn by chance, the same each time."""

from __future__ import annotations

import random
from typing import Any

_WORDS = (
    "Copy",
    "each",
    "file",
    "TransferTheReportToTheArchive",
    "of_the_day",
    "數據",
    "a/b",
    "<&>",
)
_ERRORS = (["States.ALL"], ["States.Timeout"], ["A", "B", "States.TaskFailed"])
_RESOURCES = (
    "arn:aws:states:::batch:submitJob.sync",
    "arn:aws:states:::lambda:invoke",
    "${Function.Arn}",
)
_KINDS = ("Task", "Task", "Pass", "Wait", "Choice", "Succeed", "Fail", "Map", "Parallel")


def definition(seed: int, *, depth: int = 2) -> dict[str, Any]:
    """A definition with loops, states that nothing leads to, and names of any length.

    Args:
        seed: Tells one from another.
        depth: How deep Map and Parallel states may be within each other.
    """
    return _machine(random.Random(seed), depth, "")


def _machine(rng: random.Random, depth: int, prefix: str) -> dict[str, Any]:
    count = rng.choice((1, 2, 3, 5, 8)) if prefix else rng.randint(1, 12)
    names = [
        f"{prefix}{i} {' '.join(rng.choices(_WORDS, k=rng.randint(1, 4)))}" for i in range(count)
    ]
    states = {
        name: _state(rng, names, index, depth, f"{prefix}{index}.")
        for index, name in enumerate(names)
    }
    return {"StartAt": names[0], "States": states}


def _state(
    rng: random.Random, names: list[str], index: int, depth: int, prefix: str
) -> dict[str, Any]:
    kind = rng.choice(_KINDS if depth else _KINDS[:-2])
    state: dict[str, Any] = {"Type": kind}
    following = names[index + 1 : index + 2]
    if kind == "Choice":
        rules = [
            {"Variable": "$.a.bytes", "NumericGreaterThan": i, "Next": rng.choice(names)}
            for i in range(rng.randint(1, 3))
        ]
        return state | {"Choices": rules, "Default": rng.choice(names)}
    if kind in ("Succeed", "Fail"):
        return state
    if following and rng.random() < 0.9:
        state["Next"] = following[0] if rng.random() < 0.8 else rng.choice(names)
    else:
        state["End"] = True
    if kind == "Task":
        state["Resource"] = rng.choice(_RESOURCES)
        state["Retry"] = [{"ErrorEquals": ["States.ALL"]}]
    if kind in ("Task", "Map", "Parallel") and rng.random() < 0.5:
        state["Catch"] = [
            {"ErrorEquals": errors, "Next": rng.choice(names)}
            for errors in rng.sample(_ERRORS, rng.randint(1, 2))
        ]
    if kind == "Map":
        state["ItemProcessor"] = _machine(rng, depth - 1, prefix)
    if kind == "Parallel":
        state["Branches"] = [
            _machine(rng, depth - 1, f"{prefix}{i}.") for i in range(rng.randint(1, 4))
        ]
    return state
