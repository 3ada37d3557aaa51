"""What holds for the forecast of any machine, whatever is in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sfn_fragments_asl.forecast.events import events_on_longest_way
from sfn_fragments_asl.forecast.forecast import Forecast, forecast, maps_of
from sfn_fragments_asl.forecast.interval import Interval, exactly
from sfn_fragments_asl.forecast.ways import Ways
from sfn_fragments_asl.model.machine import Machine

if TYPE_CHECKING:
    from collections.abc import Iterator

S3 = "arn:aws:states:::aws-sdk:s3:putObject"


@st.composite
def acyclic_machine(
    draw: st.DrawFn, depth: int = 2, prefix: str = "", maps: bool = True
) -> dict[str, Any]:
    """States of all kinds that lead to later ones, with choices, catchers and nested machines."""
    count = draw(st.integers(1, 5))
    names = [f"{prefix}{index}" for index in range(count)]
    states: dict[str, Any] = {}
    for index, name in enumerate(names):
        later = names[index + 1 :]
        kinds = ["Task", "Pass", "Wait"] + (["Choice"] if later else ["Succeed", "Fail"])
        kinds += (["Parallel"] + (["Map"] if maps else [])) if depth else []
        kind = draw(st.sampled_from(kinds))
        state: dict[str, Any] = {"Type": kind}
        if kind in ("Choice", "Succeed", "Fail"):
            if kind == "Choice":
                rule = {"Variable": "$.a", "IsPresent": True, "Next": draw(st.sampled_from(later))}
                state |= {"Choices": [rule], "Default": draw(st.sampled_from(later))}
        else:
            state |= {"Next": draw(st.sampled_from(later))} if later else {"End": True}
        if kind == "Task":
            state["Resource"] = S3
        if kind in ("Task", "Parallel", "Map") and later and draw(st.booleans()):
            state["Catch"] = [{"ErrorEquals": ["States.ALL"], "Next": draw(st.sampled_from(later))}]
        inner = acyclic_machine(depth=depth - 1, prefix=f"{name}.", maps=maps)
        if kind == "Parallel":
            other = acyclic_machine(depth=depth - 1, prefix=f"{name}.b", maps=maps)
            state["Branches"] = [draw(inner), *([draw(other)] if draw(st.booleans()) else [])]
        elif kind == "Map":
            mode = draw(st.sampled_from(["INLINE", "DISTRIBUTED"]))
            state["ItemProcessor"] = {"ProcessorConfig": {"Mode": mode}, **draw(inner)}
            if draw(st.booleans()):
                state |= {"QueryLanguage": "JSONata", "Items": [1] * draw(st.integers(0, 3))}
        states[name] = state
    return {"StartAt": names[0], "States": states}


def ways_of(machine: Machine, *, caught: bool) -> Iterator[tuple[int, int]]:
    """States and events of each way through a machine without Maps, one after the other."""

    def on(name: str) -> Iterator[tuple[int, int]]:
        state = machine.states[name]
        events = {"Task": 5, "Parallel": 4, "Fail": 1}.get(state.type, 2)
        totals = [(1, events)]
        for branch in state.inner:
            inside = list(ways_of(branch, caught=caught))
            totals = [(a + c, b + d) for a, b in totals for c, d in inside]
        targets = {
            each.target
            for each in state.transitions
            if caught or not each.field.startswith("Catch")
        }
        if state.ends:
            yield from totals
        for target in targets:
            for rest in on(target):
                yield from ((a + rest[0], b + rest[1]) for a, b in totals)

    assert machine.start is not None
    yield from on(machine.start.name)


def intervals(found: Forecast) -> Iterator[Interval]:
    yield from (found.states, found.transitions, found.events, found.payload, found.price)
    for child in found.children:
        yield from (child.executions, child.states, child.events)
    for part in found.parts:
        yield from (part.entered, part.events, part.input, part.output)


@given(acyclic_machine(), st.booleans())
def test_the_least_is_no_more_than_the_greatest(definition: dict[str, Any], express: bool) -> None:
    machine = Machine(definition)
    found = forecast(machine, express=express)
    for interval in intervals(found):
        assert interval.most is None or interval.least <= interval.most
    assert found.states.least >= 1
    # States are entered as often as they are counted; the greatest are not of one way together.
    assert sum(part.entered.least for part in found.parts) <= found.states.least
    bounds = [part.entered.most for part in found.parts]
    if found.states.most is not None and None not in bounds:
        assert found.states.most <= sum(bound or 0 for bound in bounds)
    free = [state.name for state in maps_of(machine)]
    told = forecast(machine, express=express, items=dict.fromkeys(free, 2))
    assert told.states.most is not None
    assert found.states.least <= told.states.least
    assert found.states.most is None or told.states.most <= found.states.most


@given(acyclic_machine(depth=1, maps=False))
def test_it_is_the_least_and_the_greatest_of_all_ways(definition: dict[str, Any]) -> None:
    machine = Machine(definition)
    found = forecast(machine)
    every = list(ways_of(machine, caught=True))
    assert found.states.most == max(states for states, _ in every)
    assert found.events.most == 2 + max(events for _, events in every)
    inside = [state for state in machine.every_state() if state.machine is not machine]
    if not any(state.type == "Fail" for state in inside):
        quiet = list(ways_of(machine, caught=False))
        assert found.states.least == min(states for states, _ in quiet)
        assert found.events.least == 2 + min(events for _, events in quiet)


@given(acyclic_machine(depth=0))
def test_a_state_is_certain_that_every_way_enters(definition: dict[str, Any]) -> None:
    machine = Machine(definition)
    ways = Ways(machine)
    for name, entered in ways.entered.items():
        others = {each: fields for each, fields in definition["States"].items() if each != name}
        without = Machine({**definition, "States": others})
        assert bool(entered.least) == (not _reaches_an_end(without)), name


def _reaches_an_end(machine: Machine) -> bool:
    pending = [machine.start.name] if machine.start else []
    while pending:
        state = machine.states[pending.pop()]
        if state.ends:
            return True
        pending += [
            each.target
            for each in state.transitions
            if each.target in machine.states and not each.field.startswith("Catch")
        ]
    return False


@settings(deadline=None)
@given(st.integers(1, 60))
def test_a_chain_of_pass_states_enters_each(count: int) -> None:
    states: dict[str, Any] = {
        str(index): {"Type": "Pass", "Next": str(index + 1)} for index in range(count)
    }
    states[str(count - 1)] = {"Type": "Pass", "End": True}
    found = forecast(Machine({"StartAt": "0", "States": states}))
    assert (found.states, found.events) == (exactly(count), exactly(2 + 2 * count))
    assert found.price == exactly(25 * count)


@settings(deadline=None)
@given(st.lists(acyclic_machine(depth=1), min_size=1, max_size=3))
def test_a_parallel_state_adds_its_branches(branches: list[dict[str, Any]]) -> None:
    parallel = {"Type": "Parallel", "Branches": branches, "End": True}
    found = forecast(Machine({"StartAt": "P", "States": {"P": parallel}}))
    alone = [forecast(Machine(branch)) for branch in branches]
    most = [each.states.most for each in alone]
    assert found.states.most == (None if None in most else 1 + sum(each or 0 for each in most))
    # A Fail state ends a state machine, and fails a branch.
    assert found.states.least >= 1 + sum(each.states.least for each in alone)


@given(acyclic_machine(depth=1, maps=False))
def test_the_rule_counts_no_fewer_events(definition: dict[str, Any]) -> None:
    machine = Machine(definition)
    most = forecast(machine).events.most
    assert most is not None
    assert most <= 2 + events_on_longest_way(machine)


FIELDS = st.sampled_from(
    [
        "Branches", "Catch", "Choices", "Default", "End", "ItemBatcher", "ItemProcessor",
        "ItemReader", "Items", "ItemsPath", "Iterator", "Next", "Output", "OutputPath",
        "Parameters", "ProcessorConfig", "QueryLanguage", "ReaderConfig", "Resource", "Result",
        "ResultPath", "ResultSelector", "Retry", "StartAt", "States", "Type", "MaxItems",
        "MaxItemsPerBatch", "Mode", "InputPath", "A", "B", "x.$",
    ]
)  # fmt: skip
TEXTS = st.sampled_from(
    [
        "A", "B", "Task", "Pass", "Map", "Parallel", "Choice", "Fail", "DISTRIBUTED", "EXPRESS",
        "JSONata", "{% $states.input.A %}", "$", "$.A", "$..A", "$$.A", "",
    ]
)  # fmt: skip
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FIELDS, inner, max_size=6),
    max_leaves=20,
)


@given(st.dictionaries(st.sampled_from("AB"), st.dictionaries(FIELDS, ANYTHING, max_size=8)))
def test_no_definition_makes_it_raise(states: dict[str, dict[str, Any]]) -> None:
    found = forecast(Machine({"StartAt": "A", "States": states}))
    assert list(intervals(found))
