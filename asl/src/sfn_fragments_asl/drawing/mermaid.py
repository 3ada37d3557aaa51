"""A machine as a flowchart of Mermaid, which pages of GitHub and others draw.

https://mermaid.js.org/syntax/flowchart.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sfn_fragments_asl.drawing.layout import KINDS
from sfn_fragments_asl.wording.states import state_in_words, ways

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sfn_fragments_asl.drawing.layout import Contents
    from sfn_fragments_asl.model.machine import Machine, State

#: Kind of a state to what its text stands between.
_SHAPES = {
    "task": ("[", "]"),
    "choice": ("{{", "}}"),
    "wait": ("(", ")"),
    "pass": ("[/", "/]"),
    "succeed": ("([", "])"),
    "fail": ("[[", "]]"),
    "map": ("[", "]"),
    "parallel": ("[", "]"),
    "other": ("[", "]"),
}
#: What has a meaning within a text in quotes, and line breaks.
_SPECIAL = re.compile(r"[^\w .,:;/()+*=?!%$'\u00a0-\uffff-]")


@dataclass
class _Names:
    """Short names for states, since theirs may hold anything."""

    given: dict[str, str] = field(default_factory=dict)

    def of(self, key: str) -> str:
        return self.given.setdefault(key, f"s{len(self.given) + 1}")


def mermaid_of(machine: Machine, contents: Contents) -> str:
    """Write a machine as a flowchart.

    Args:
        machine: The machine.
        contents: What is drawn besides.

    Returns:
        The text, which begins with ``flowchart TD``.
    """
    return "\n".join(["flowchart TD", *_machine(machine, contents, _Names(), "  ")]) + "\n"


def _machine(machine: Machine, contents: Contents, names: _Names, indent: str) -> Iterator[str]:
    place = f"{contents.key}{machine.pointer}"
    several = len(machine.states) > 1 or machine.parent is None
    if machine.start is not None and several:
        yield f'{indent}{names.of(place + "#start")}(("Start"))'
    for state in machine.states.values():
        yield from _state(state, contents, names, indent)
    if machine.start is not None and several:
        start = names.of(contents.key + machine.start.pointer)
        yield f"{indent}{names.of(place + '#start')} --> {start}"
    ends = names.of(place + "#end")
    ended = False
    for state in machine.states.values():
        own = names.of(contents.key + state.pointer)
        for way in ways(state):
            to = machine.states.get(way.target)
            target = names.of(contents.key + to.pointer if to else f"{place}#missing {way.target}")
            arrow = "-.->" if way.kind == "catch" else "-->"
            label = f'|"{_escaped(way.words)}"|' if way.words else ""
            if to is None:
                target += f'["{_escaped(way.target)} (missing)"]'
            yield f"{indent}{own} {arrow}{label} {target}"
        if several and state.ends and state.type not in ("Succeed", "Fail"):
            ended = True
            yield f"{indent}{own} --> {ends}"
    if ended:
        yield f'{indent}{ends}(("End"))'


def _state(state: State, contents: Contents, names: _Names, indent: str) -> Iterator[str]:
    key = contents.key + state.pointer
    kind = state.type.lower() if state.type.lower() in KINDS else "other"
    text = "<br/>".join(map(_escaped, [state.name, *state_in_words(state)]))
    inner, inside, _ = contents.inside(state)
    if not inner:
        left, right = _SHAPES[kind]
        yield f'{indent}{names.of(key)}{left}"{text}"{right}'
        return
    yield f'{indent}subgraph {names.of(key)}["{text}"]'
    for machine in inner:
        if len(inner) == 1:
            yield from _machine(machine, inside, names, f"{indent}  ")
            continue
        yield f'{indent}  subgraph {names.of(inside.key + machine.pointer)}[" "]'
        yield from _machine(machine, inside, names, f"{indent}    ")
        yield f"{indent}  end"
    yield f"{indent}end"


def _escaped(text: str) -> str:
    return _SPECIAL.sub(lambda match: f"#{ord(match.group())};", " ".join(text.split()))
