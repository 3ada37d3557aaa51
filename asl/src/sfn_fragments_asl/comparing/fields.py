"""What differs within a state."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeAlias

from sfn_fragments_asl.comparing.values import same, shown, value_changes
from sfn_fragments_asl.model.json_data import objects
from sfn_fragments_asl.wording.calls import task_in_words
from sfn_fragments_asl.wording.conditions import condition_in_words
from sfn_fragments_asl.wording.states import errors_in_words, retrier_in_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sfn_fragments_asl.model.machine import State

#: Fields that are told in words of their own, and those that hold other states.
_OWN_WORDS = frozenset(
    {
        "Branches",
        "Catch",
        "Choices",
        "Default",
        "End",
        "ItemProcessor",
        "Iterator",
        "Next",
        "Resource",
        "Retry",
        "Type",
    }
)
#: When something in a list holds, and what happens then.
_Words: TypeAlias = tuple[str, str]

#: What a call passes.
_ARGUMENTS = ("Arguments", "Parameters")


def state_changes(old: State, new: State, renamed: Mapping[str, str]) -> list[str]:
    """What differs between a state before and after.

    Args:
        old: The state before.
        new: The state after.
        renamed: Name of a state before to its name after.

    Returns:
        Each difference, in words.
    """
    found = [
        *_kind(old, new),
        *_place(old, new, renamed),
        *_next(old, new, renamed),
        *_choices(old, new, renamed),
        *_catchers(old, new, renamed),
        *_retriers(old, new),
        *_processor(old, new, renamed),
        *_rest(old, new),
    ]
    # What is malformed has no words.
    return found or [f"{name} is another one" for name in _malformed(old, new, renamed)]


def _malformed(old: State, new: State, renamed: Mapping[str, str]) -> Iterator[str]:
    before, after = (_own(state, names) for state, names in ((old, renamed), (new, {})))
    for name in dict.fromkeys([*before, *after]):
        if not same(before.get(name), after.get(name)):
            yield name


def _own(state: State, renamed: Mapping[str, str]) -> dict[str, Any]:
    """The fields of a state without the states inside of it, with names as they are after."""
    inside = ("Branches", state.processor) if state.inner else ()
    fields = {name: value for name, value in state.fields.items() if name not in inside}
    for name in ("Next", "Default"):
        if isinstance(fields.get(name), str):
            fields[name] = renamed.get(fields[name], fields[name])
    for name in ("Choices", "Catch"):
        if isinstance(fields.get(name), list):
            fields[name] = [
                _renamed(rule, renamed) if isinstance(rule, dict) else rule for rule in fields[name]
            ]
    return fields


def _kind(old: State, new: State) -> Iterator[str]:
    if old.type != new.type:
        yield f"is a {new.type or 'state without a type'} instead of a {old.type or 'none'}"
    if old.fields.get("Resource") != new.fields.get("Resource"):
        before, after = task_in_words(old), task_in_words(new)
        if before == after:
            before, after = str(old.fields.get("Resource")), str(new.fields.get("Resource"))
        yield f"calls {after} instead of {before}"


def _place(old: State, new: State, renamed: Mapping[str, str]) -> Iterator[str]:
    before, after = old.machine.parent, new.machine.parent
    name = None if before is None else renamed.get(before.name, before.name)
    if name != (after and after.name):
        yield f"is now {_inside(after)} instead of {_inside(before)}"
    elif before is not None and after is not None and len(before.inner) == len(after.inner):
        index, other = before.inner.index(old.machine), after.inner.index(new.machine)
        if index != other:
            yield f"is now in branch {other + 1} instead of {index + 1}"


def _inside(parent: State | None) -> str:
    return "outside of Map and Parallel states" if parent is None else f"inside {parent.name}"


def _next(old: State, new: State, renamed: Mapping[str, str]) -> Iterator[str]:
    before, after = old.fields.get("Next"), new.fields.get("Next")
    before = renamed.get(before, before) if isinstance(before, str) else before
    ended, ends = old.fields.get("End") is True, new.fields.get("End") is True
    if before != after:
        if after is None:
            yield f"{'ends' if ends else 'goes on to no state'} instead of going on to {before}"
        elif before is None:
            yield f"goes on to {after}{' instead of ending' if ended else ''}"
        else:
            yield f"goes on to {after} instead of {before}"
    elif ended != ends:
        yield "ends here" if ends else "does not end here"


def _choices(old: State, new: State, renamed: Mapping[str, str]) -> Iterator[str]:
    before = [_renamed(rule, renamed) for rule in objects(old.fields.get("Choices"))]
    after = objects(new.fields.get("Choices"))
    yield from _listed(before, after, _rule, "its rules are tried in another order")
    first, second = old.fields.get("Default"), new.fields.get("Default")
    first = renamed.get(first, first) if isinstance(first, str) else first
    if first != second:
        if second is None:
            yield f"no longer goes on to {first} otherwise, and fails where no rule holds"
        else:
            instead = f" instead of {first}" if first is not None else ""
            yield f"otherwise goes on to {second}{instead}"


def _rule(rule: Mapping[str, Any]) -> _Words:
    rest = {name: rule[name] for name in ("Assign", "Output") if name in rule}
    more = f", with {shown(rest)}" if rest else ""
    return f"if {condition_in_words(rule) or shown(rule)}", f"goes on to {rule.get('Next')}{more}"


def _catchers(old: State, new: State, renamed: Mapping[str, str]) -> Iterator[str]:
    before = [_renamed(catcher, renamed) for catcher in objects(old.fields.get("Catch"))]
    after = objects(new.fields.get("Catch"))
    yield from _listed(before, after, _catcher, "its catchers are tried in another order")


def _catcher(catcher: Mapping[str, Any]) -> _Words:
    known = ("ErrorEquals", "Next", "Comment")
    rest = {name: value for name, value in catcher.items() if name not in known}
    more = f", with {shown(rest)}" if rest else ""
    errors = errors_in_words(catcher.get("ErrorEquals"))
    return f"on {errors}", f"goes on to {catcher.get('Next')}{more}"


def _renamed(rule: Mapping[str, Any], renamed: Mapping[str, str]) -> Mapping[str, Any]:
    target = rule.get("Next")
    return {**rule, "Next": renamed.get(target, target)} if isinstance(target, str) else rule


def _retriers(old: State, new: State) -> Iterator[str]:
    before, after = objects(old.fields.get("Retry")), objects(new.fields.get("Retry"))
    yield from _listed(before, after, _retrier, "its retriers are tried in another order")


def _retrier(retrier: Mapping[str, Any]) -> _Words:
    errors, _, rest = retrier_in_words(retrier).rpartition(": ")
    return f"retries {errors}", rest


def _listed(
    old: Sequence[Mapping[str, Any]],
    new: Sequence[Mapping[str, Any]],
    words: Callable[[Mapping[str, Any]], _Words],
    reordered: str,
) -> Iterator[str]:
    """What differs in a list whose order counts."""
    if same(list(old), list(new)):
        return
    partners = _partners(old, new, words)
    taken = [index for index, _ in partners]
    for index, each in enumerate(old):
        if index not in taken:
            yield f"no longer: {': '.join(words(each))}"
    at_old = {at_new: index for index, at_new in partners}
    for at_new, each in enumerate(new):
        if at_new not in at_old:
            yield f"now: {': '.join(words(each))}"
        elif not same(old[at_old[at_new]], each):
            yield _one_changed(old[at_old[at_new]], each, words)
    if any(first > second for (_, first), (_, second) in pairwise(sorted(partners))):
        yield reordered


def _partners(
    old: Sequence[Mapping[str, Any]],
    new: Sequence[Mapping[str, Any]],
    words: Callable[[Mapping[str, Any]], _Words],
) -> list[tuple[int, int]]:
    """Indices of those that belong together: the same, or when they hold, or what happens then."""
    found: list[tuple[int, int]] = []
    left, right = [*range(len(old))], [*range(len(new))]
    told = {id(each): words(each) for each in (*old, *new)}
    for alike in (
        same,
        lambda one, other: told[id(one)][0] == told[id(other)][0],
        lambda one, other: told[id(one)][1] == told[id(other)][1],
    ):
        for index in [*left]:
            at = next((each for each in right if alike(old[index], new[each])), None)
            if at is not None:
                found.append((index, at))
                left.remove(index)
                right.remove(at)
    return found


def _one_changed(
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    words: Callable[[Mapping[str, Any]], _Words],
) -> str:
    (when, then), (was_when, was_then) = words(new), words(old)
    if (when, then) == (was_when, was_then):
        # The words leave out what differs.
        return f"now: {shown(new)} instead of {shown(old)}"
    return f"{when}: {then} (was: {was_then if when == was_when else was_when})"


def _processor(old: State, new: State, renamed: Mapping[str, str]) -> Iterator[str]:
    if old.inner and new.inner and old.type == new.type and old.processor != new.processor:
        yield f"is written with {new.processor} instead of {old.processor}"
    for before, after in zip(old.inner, new.inner, strict=False):
        start, other = before.body.get("StartAt"), after.body.get("StartAt")
        start = renamed.get(start, start) if isinstance(start, str) else start
        if start != other:
            yield f"starts with {other} inside, instead of {start}"
        first, second = (
            {name: value for name, value in each.body.items() if name not in ("StartAt", "States")}
            for each in (before, after)
        )
        yield from value_changes(first, second, "")
    if len(old.inner) != len(new.inner) and old.type == new.type == "Parallel":
        yield f"has {len(new.inner)} branches instead of {len(old.inner)}"


def _rest(old: State, new: State) -> Iterator[str]:
    before = {name: value for name, value in old.fields.items() if name not in _OWN_WORDS}
    after = {name: value for name, value in new.fields.items() if name not in _OWN_WORDS}
    first, second = _arguments_named(before), _arguments_named(after)
    for name in dict.fromkeys([*first, *second]):
        yield from _field(first, second, name)


def _arguments_named(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Fields, of which what a call passes has one name in either query language."""
    return {"argument" if name in _ARGUMENTS else name: value for name, value in fields.items()}


def _field(old: Mapping[str, Any], new: Mapping[str, Any], name: str) -> Iterator[str]:
    if name == "Comment":
        if old.get(name) != new.get(name):
            yield f"Comment: {shown(new.get(name, ''))} instead of {shown(old.get(name, ''))}"
    elif name in old and name in new:
        yield from value_changes(old[name], new[name], name)
    elif name == "argument":
        yield from value_changes(old.get(name, {}), new.get(name, {}), name)
    elif name in new:
        yield f"{name}: {shown(new[name])} is new"
    else:
        yield f"{name} is gone, which was {shown(old[name])}"
