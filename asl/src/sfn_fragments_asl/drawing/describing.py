"""A picture in words, for who cannot see it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfn_fragments_asl.wording.states import state_in_words, ways

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sfn_fragments_asl.drawing.layout import Contents
    from sfn_fragments_asl.model.machine import Machine

#: A picture of more states is described by its beginning.
_MOST = 200


def described(machine: Machine, contents: Contents) -> str:
    """What a picture of a machine shows, in sentences.

    Args:
        machine: The machine.
        contents: What is drawn besides.

    Returns:
        A line for each state: what it does, and where it leads.
    """
    lines = [*_lines(machine, contents, "It")]
    rest = [f"And {len(lines) - _MOST} more."] if len(lines) > _MOST else []
    return "\n".join([*lines[:_MOST], *rest])


def _lines(machine: Machine, contents: Contents, subject: str) -> Iterator[str]:
    if machine.start is not None:
        yield f"{subject} starts with {machine.start.name}."
    for state in machine.states.values():
        does = "; ".join(state_in_words(state))
        goes = [f"{way.words + ': ' if way.words else ''}to {way.target}" for way in ways(state)]
        goes += ["ends"] if state.ends else []
        kind = f"{state.name} ({state.type or 'no type'}{': ' + does if does else ''})"
        yield f"{kind}: {'; '.join(goes) or 'leads nowhere'}."
        inner, inside, _ = contents.inside(state)
        for each in inner:
            yield from _lines(each, inside, f"{state.name}: inside, it")
