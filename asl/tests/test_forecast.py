"""What a run does and costs, from the definition alone."""

from __future__ import annotations

from typing import Any

import pytest
from tests.proofs import some

from sfn_fragments_asl.errors import AssumedItemsError
from sfn_fragments_asl.forecast.forecast import Forecast, forecast
from sfn_fragments_asl.forecast.interval import Interval, exactly
from sfn_fragments_asl.model.machine import Machine

CATCH = "States.ALL"
S3 = "arn:aws:states:::aws-sdk:s3:putObject"
BATCH = "arn:aws:states:::batch:submitJob.sync"


def machine(**states: Any) -> dict[str, Any]:
    return {"StartAt": next(iter(states)), "States": states}


def step(following: str | None = None, **fields: Any) -> dict[str, Any]:
    follows: dict[str, Any] = {"Next": following} if following else {"End": True}
    return {"Type": "Pass", **fields, **follows}


def task(following: str | None = None, resource: str = S3, **fields: Any) -> dict[str, Any]:
    return step(following, Type="Task", Resource=resource, **fields)


def choice(default: str, *others: str) -> dict[str, Any]:
    rules = [{"Variable": "$.a", "IsPresent": True, "Next": other} for other in others]
    return {"Type": "Choice", "Choices": rules, "Default": default}


def over(following: str | None = None, item: Any = None, **fields: Any) -> dict[str, Any]:
    processor = machine(Item=step()) if item is None else item
    return step(following, Type="Map", ItemProcessor=processor, **fields)


def distributed(kind: str = "STANDARD", **fields: Any) -> dict[str, Any]:
    config = {"Mode": "DISTRIBUTED", "ExecutionType": kind}
    return over(
        None, {"ProcessorConfig": config, **machine(Item=task("Then"), Then=step())}, **fields
    )


def of(definition: dict[str, Any], **options: Any) -> Forecast:
    return forecast(Machine(definition), **options)


def span(interval: Interval) -> tuple[int, int | None]:
    return interval.least, interval.most


def test_a_chain_is_counted_state_by_state() -> None:
    wait = step("D", Type="Wait", Seconds=1)
    found = of(machine(A=step("B"), B=task("C"), C=wait, D=task("E", BATCH), E={"Type": "Succeed"}))
    assert found.states == found.transitions == exactly(5)
    # 2 of the execution; 2 of each state, a call's 3, one more where its end is waited for.
    assert found.events == exactly(2 + 2 + 5 + 2 + 6 + 2)
    # $0.025 for 1,000 are $25 for a million.
    assert found.price == exactly(125)
    assert found.notes == ()
    assert {part.entered for part in found.parts} == {exactly(1)}


@pytest.mark.parametrize(
    ("resource", "events"),
    [
        (S3, 5),
        ("arn:aws:states:::lambda:invoke", 5),
        ("arn:aws:lambda:us-west-2:123456789012:function:f", 5),
        ("arn:aws:states:us-west-2:123456789012:activity:a", 5),
        (BATCH, 6),
        ("arn:aws:states:::sqs:sendMessage.waitForTaskToken", 6),
        ("arn:${AWS::Partition}:states:::states:startExecution.sync:2", 6),
    ],
)
def test_events_of_a_task(resource: str, events: int) -> None:
    assert of(machine(A=task(None, resource))).events == exactly(2 + events)


def test_a_choice_decides_between_ways() -> None:
    states = {"A": choice("B", "C", "D"), "B": step("C"), "C": step("D"), "D": step()}
    found = of(machine(**states))
    assert (span(found.states), span(found.events)) == ((2, 4), (6, 10))
    assert [part.entered.least for part in found.parts] == [1, 0, 0, 1]
    assert [(note.state, note.text) for note in found.notes] == [
        ("A", "its choice decides: 1 state to 3 from there to the end")
    ]


def test_a_fail_state_is_an_end_that_is_not_exited() -> None:
    found = of(machine(A=choice("B", "F"), B=step("C"), C=step(), F={"Type": "Fail"}))
    assert (span(found.states), span(found.events)) == ((2, 3), (5, 8))


def test_a_caught_error_counts_for_the_greatest_alone() -> None:
    catch = [{"ErrorEquals": [CATCH], "Next": "Undo"}]
    states = {"A": task("B", Catch=catch), "B": step(), "Undo": task("Tell"), "Tell": step("F")}
    found = of(machine(**states, F={"Type": "Fail"}))
    assert span(found.states) == (2, 4)
    (note,) = found.notes
    assert note.text == "an error that it catches leads through 3 states instead"
    # It is shorter than the way without errors, which is what the least is about.
    short = of(machine(A=task("B", Catch=catch), B=step("C"), C=step(), Undo={"Type": "Fail"}))
    assert (span(short.states), short.notes) == ((3, 3), ())


def test_a_branch_that_fails_is_no_way_without_errors() -> None:
    failing = machine(A=choice("B", "F"), B=step("C"), C=step(), F={"Type": "Fail"})
    assert span(of(machine(P=step(Type="Parallel", Branches=[failing]))).states) == (4, 4)
    only = machine(F={"Type": "Fail"})
    assert span(of(machine(P=step(Type="Parallel", Branches=[only]))).states) == (2, 2)


def test_a_parallel_state_enters_all_of_its_branches() -> None:
    branches = [machine(A=step()), machine(B=step("C"), C=step())]
    found = of(machine(P=step("Z", Type="Parallel", Branches=branches), Z=step()))
    assert (found.states, found.events) == (exactly(5), exactly(2 + 4 + 3 * 2 + 2))


def test_items_of_a_map_are_open_until_told() -> None:
    definition = machine(M=over(None, machine(Item=task())))
    found = of(definition)
    assert (span(found.states), span(found.events)) == ((1, None), (6, None))
    assert [(note.state, note.text) for note in found.notes] == [
        (
            "M",
            "it goes over any number of items of 1 state each; give their number (--items)",
        )
    ]
    told = of(definition, items={"M": 10})
    # An item: started, succeeded, and its task.
    assert (told.states, told.events, told.notes) == (exactly(11), exactly(6 + 10 * 7), ())
    assert of(definition, items={"M": 0}).states == exactly(1)


@pytest.mark.parametrize(
    ("states", "items"),
    [
        ({"M": over(QueryLanguage="JSONata", Items=[1, "{% $a %}", 3])}, (3, 3)),
        ({"A": step("M", Result=[1, 2]), "M": over()}, (2, 2)),
        ({"A": step("M", Result={"b": {"c": [1]}}), "M": over(ItemsPath="$.b.c")}, (1, 1)),
        ({"A": step("M", Result={"b": [1]}, ResultPath="$.x"), "M": over()}, (0, None)),
        ({"A": step("M", Parameters={"b.$": "$.b"}), "M": over(ItemsPath="$.b")}, (0, None)),
        ({"A": choice("B", "M"), "B": step("M", Result=[1]), "M": over()}, (0, None)),
        ({"M": distributed(ItemReader={"ReaderConfig": {"MaxItems": 7}})}, (0, 7)),
    ],
)  # fmt: skip
def test_how_many_items_the_definition_tells(
    states: dict[str, Any], items: tuple[int, int | None]
) -> None:
    parts = {part.name: part for part in of(machine(**states)).parts}
    assert span(parts["Item"].entered) == items


def test_the_items_of_a_batch_are_as_many_as_it_takes() -> None:
    inner = over(None, machine(Each=step()), ItemsPath="$.Items")
    config = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    batches = over(
        None,
        {"ProcessorConfig": config, **machine(Inner=inner)},
        ItemBatcher={"MaxItemsPerBatch": 10},
    )
    found = of(machine(M=batches), items={"M": 95})
    (child,) = found.children
    assert child.executions == exactly(10)
    assert span(child.states) == (1, 11)


def test_items_of_a_distributed_map_have_histories_of_their_own() -> None:
    found = of(machine(M=distributed()), items={"M": 1000})
    assert (found.states, found.events) == (exactly(2001), exactly(8))
    assert found.price == exactly(2001 * 25)
    (child,) = found.children
    assert (child.name, child.executions, child.states) == ("M", exactly(1000), exactly(2))
    assert (child.events, child.express) == (exactly(2 + 5 + 2), False)


def test_express_children_are_billed_by_the_request() -> None:
    found = of(machine(M=distributed("EXPRESS")), items={"M": 1000})
    assert (found.states, found.transitions) == (exactly(2001), exactly(1))
    assert span(found.price) == (25 + 1000, None)
    (note,) = found.notes
    assert note.text.startswith("its items are Express executions: their price is that of the req")
    assert of(machine(M=distributed("EXPRESS")), items={"M": 0}).price == exactly(25)


def test_an_express_workflow_is_billed_by_the_request() -> None:
    found = of(machine(A=step("B"), B=step()), express=True)
    assert (found.states, found.transitions) == (exactly(2), exactly(0))
    assert span(found.price) == (1, None)


def test_a_loop_is_open() -> None:
    states = {"A": step("B"), "B": task("C"), "C": choice("D", "B"), "D": step()}
    found = of(machine(**states))
    assert (span(found.states), span(found.events)) == ((4, None), (13, None))
    assert [span(part.entered) for part in found.parts] == [(1, 1), (1, None), (0, None), (1, 1)]
    assert found.notes[0].text == (
        "a loop without a known end (B, C): a round through all of it enters 2 states and writes "
        "7 events"
    )
    # It need not be gone through.
    assert of(machine(A=choice("D", "B"), B=step("A"), D=step())).states.least == 2


def test_a_loop_that_never_ends() -> None:
    found = of(machine(A=step("B"), B=step("A")))
    assert span(found.states) == (1, None)


def test_what_is_not_counted_is_told() -> None:
    retry = [{"ErrorEquals": [CATCH]}]
    start = "arn:aws:states:::states:startExecution.sync:2"
    found = of(machine(A=task("B", Retry=retry), B=task(None, start, Retry=retry)))
    assert [(note.state, note.pointer, note.text) for note in found.notes] == [
        ("B", "/States/B", "it starts an execution of another state machine, which is not counted"),
        (
            "A",
            "/States/A",
            "retries are not counted (2 states have retriers): each is billed as one more "
            "transition",
        ),
    ]


def test_a_state_that_no_way_leads_to_is_never_entered() -> None:
    found = of(machine(A=step(), Lost=over()))
    assert [span(part.entered) for part in found.parts] == [(1, 1), (0, 0), (0, 0)]
    assert found.states == exactly(1)


@pytest.mark.parametrize(
    ("items", "message"),
    [
        ({"Mapp": 1}, "there is no Map 'Mapp'; did you mean 'Map'?"),
        ({"Zzzzzzz": 1}, "there is no Map 'Zzzzzzz'; there are: 'Map'"),
        ({"Map": -1}, "'Map': -1 items: give 0 or more"),
        ({"A": 1}, "'A' is a Pass state and no Map"),
        ({"Listed": 1}, "'Listed' goes over a list of 2 in the definition: leave it out"),
    ],
)
def test_wrong_items_are_refused(items: dict[str, int], message: str) -> None:
    listed = over("Map", machine(I=step()), QueryLanguage="JSONata", Items=[1, 2])
    with pytest.raises(AssumedItemsError) as raised:
        of(machine(A=step("Listed"), Listed=listed, Map=over()), items=items)
    assert str(raised.value) == f"items: {message}"


def test_without_any_map_there_is_none() -> None:
    with pytest.raises(AssumedItemsError, match="there is no Map 'M'; there is none"):
        of(machine(A=step()), items={"M": 1})


@pytest.mark.parametrize("last", some([{"End": True}, {"Next": "S0"}], 1))
def test_a_chain_longer_than_the_stack_is_counted(last: dict[str, Any]) -> None:
    count = 10_000
    states = {f"S{index}": step(f"S{index + 1}") for index in range(count - 1)}
    states[f"S{count - 1}"] = {"Type": "Pass", **last}
    found = of({"StartAt": "S0", "States": states})
    assert span(found.states) == ((count, count) if "End" in last else (1, None))


def test_an_interval_is_one() -> None:
    with pytest.raises(ValueError, match="2 to 1 is no interval: give 0 <= least <= most"):
        Interval(2, 1)
    assert 3 in Interval(1, None)
    assert 3 not in Interval(1, 2)
    assert exactly(0) * Interval(1, None) == exactly(0)
