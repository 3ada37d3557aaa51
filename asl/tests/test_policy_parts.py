"""A policy that is too large for one document is laid over several, and allows the same."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfn_fragments_asl.model.definition import Definition
from sfn_fragments_asl.permissions import derive_permissions, policy_document
from sfn_fragments_asl.permissions.policy_parts import (
    MAX_INLINE,
    MAX_MANAGED,
    ROOM,
    cuts,
    merged_statements,
    part_maker,
    parts,
    size_at_least,
    size_at_most,
)


def statement(resources: list[Any], *actions: str, **rest: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": resources, **rest}


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allowed(*documents: dict[str, Any]) -> set[tuple[str, str, str]]:
    return {
        (action, json.dumps(resource), json.dumps(each.get("Condition")))
        for document in documents
        for each in document["Statement"]
        for action in each["Action"]
        for resource in each["Resource"]
    }


ARN = {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":s3:::", {"Ref": "Bucket"}, "/ a"]]}


@pytest.mark.parametrize(
    ("value", "least", "most"),
    [
        ("a b\tc\n", 3 + 2, None),
        ({"Ref": "AWS::Partition"}, 3 + 2, 10 + 2),
        ({"Ref": "AWS::Region"}, 9 + 2, 14 + 2),
        ({"Ref": "Bucket"}, 1 + 2, 180 + 2),
        ({"Fn::GetAtt": ["Bucket", "Arn"]}, 1 + 2, 180 + 2),
        (ARN, len('"arn:aws:s3:::b/a"'), len('"arn::s3:::/a"') + 10 + 180),
        ([{"a": 1}, ARN["Fn::Join"][1][0]], len('[{"a":1},"arn:"]'), None),
    ],
)
def test_sizes_are_those_without_white_space(value: Any, least: int, most: int | None) -> None:
    # A tab or a new line is an escape in JSON, which is two characters.
    if value == "a b\tc\n":
        least += 4
    assert (size_at_least(value), size_at_most(value)) == (least, least if most is None else most)


def test_statements_of_the_same_actions_are_one() -> None:
    read, write = ["s3:GetObject"], ["s3:PutObject"]
    condition = {"Condition": {"StringEquals": {"aws:ResourceTag/team": "a"}}}
    merged = merged_statements(
        [
            statement(["a", ARN], *read),
            statement(["b"], *write),
            statement([ARN, "c"], *read),
            statement(["d"], *read, **condition),
            statement(["e"], *read, **condition),
        ]
    )
    assert merged == [
        statement(["a", ARN, "c"], *read),
        statement(["b"], *write),
        statement(["d", "e"], *read, **condition),
    ]


def jobs(count: int) -> dict[str, Any]:
    """Jobs one after the other, each of a definition with a name of its own."""
    states: dict[str, Any] = {}
    for number in range(count):
        states[f"Job{number}"] = {
            "Type": "Task",
            "Resource": "arn:aws:states:::batch:submitJob.sync",
            "Parameters": {
                "JobName": "job",
                "JobDefinition": f"align-the-samples-of-run-{number}",
                "JobQueue": "queue",
            },
            "Next": f"Job{number + 1}",
        }
    states[f"Job{count}"] = {"Type": "Succeed"}
    return {"StartAt": "Job0", "States": states}


def document_of(definition: dict[str, Any]) -> dict[str, Any]:
    return policy_document(derive_permissions(definition, "dev-x"), Definition(definition))


def test_thirty_jobs_fit_into_one_policy() -> None:
    document = document_of(jobs(30))
    assert len(document["Statement"]) == 4
    assert parts(document, cuts(document)) == [document]


@pytest.mark.parametrize(("count", "managed"), [(30, 0), (100, 1), (250, 4)])
def test_what_exceeds_an_inline_policy_is_in_managed_ones(count: int, managed: int) -> None:
    document = document_of(jobs(count))
    inline, *others = parts(document, cuts(document))
    assert len(others) >= managed
    assert size_at_most(inline) <= MAX_INLINE - ROOM
    assert all(size_at_most(other) <= MAX_MANAGED for other in others)
    assert allowed(inline, *others) == allowed(document)
    # No more than it takes: they are full but for the last one.
    assert all(size_at_most(other) > MAX_MANAGED - 400 for other in others[:-1])


def test_what_others_have_of_the_inline_policies_is_left_to_them() -> None:
    document = document_of(jobs(20))
    inline, *others = parts(document, cuts(document, taken=MAX_INLINE - ROOM))
    assert (inline["Statement"], len(others)) == ([], 1)
    some, *rest = parts(document, cuts(document, taken=MAX_INLINE - ROOM - 1000))
    assert 600 < size_at_most(some) <= 1000
    assert allowed(some, *rest) == allowed(document)


def test_a_part_can_be_made_again() -> None:
    document = document_of(jobs(100))
    counts = cuts(document)
    longer = json.loads(json.dumps(document).replace("align", "align-again-and-again"))
    made = [part_maker(lambda given: given, counts, index)(longer) for index in range(len(counts))]
    assert len(made) == len(counts) > 1
    assert allowed(*made) == allowed(longer)


@given(
    st.lists(
        st.tuples(
            st.sets(st.sampled_from(["s3:GetObject", "s3:PutObject", "s3:ListBucket"]), min_size=1),
            st.sets(st.integers(1, 900), min_size=1, max_size=9),
        ),
        max_size=12,
    ),
    st.integers(0, MAX_INLINE),
)
def test_nothing_is_lost_and_nothing_is_added(
    statements: list[tuple[set[str], set[int]]], taken: int
) -> None:
    document = policy(
        *merged_statements(
            statement(["r" * size for size in sorted(sizes)], *sorted(actions))
            for actions, sizes in statements
        )
    )
    counts = cuts(document, taken)
    made = parts(document, counts)
    assert allowed(*made) == allowed(document)
    assert len(made) == len(counts)
    assert not [part for part in made[1:] if not part["Statement"]]
    assert not made[0]["Statement"] or size_at_most(made[0]) <= max(0, MAX_INLINE - ROOM - taken)
    assert all(size_at_most(part) <= MAX_MANAGED for part in made[1:])
