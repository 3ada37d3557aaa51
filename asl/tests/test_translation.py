"""What paths and intrinsic functions become in JSONata, by its form.

That both mean the same is tested where both can be evaluated: by the local engine.
"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sfn_fragments_asl.errors import AslError, UntranslatableError
from sfn_fragments_asl.model.expressions import Expression
from sfn_fragments_asl.model.intrinsics import INTRINSIC_FUNCTIONS
from sfn_fragments_asl.model.jsonata import parse_jsonata
from sfn_fragments_asl.model.paths import MalformedError
from sfn_fragments_asl.model.translation import list_of, to_jsonata


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("$", "$states.input"),
        ("$$", "$states.context"),
        ("$$.Execution.Id", "$states.context.Execution.Id"),
        ("$$.State", "$states.context.State"),
        ("$job", '($exists($job) ? $job : $error("$job finds nothing"))'),
        (
            "$.a",
            '($type($states.input) = "object" and $exists($states.input.a) '
            '? $states.input.a : $error("$.a finds nothing"))',
        ),
        (
            "$x['a b'][0]",
            '($type($x) = "object" and $type($x.`a b`) = "array" and $exists($x.`a b`[0]) '
            "? $x.`a b`[0] : $error(\"$x['a b'][0] finds nothing\"))",
        ),
        (
            "$x[-2]",
            '($type($x) = "array" and $count($x) >= 2 and $exists($x[-2]) '
            '? $x[-2] : $error("$x[-2] finds nothing"))',
        ),
        ("States.UUID()", "$uuid()"),
        ("States.Format('a')", '("a")'),
        ("States.Format('{}', States.UUID())", "$uuid()"),
        (r"States.Format('\{{}\}/é\'', 1)", '("{" & $string(1) & "}/é\'")'),
        ("States.Array()", "[]"),
        ("States.Array('a', 1, null, true)", '["a", 1, null, true]'),
        ("States.ArrayLength(States.Array())", "(function($a) { $count($a) })([])"),
    ],
)
def test_forms(path: str, expected: str) -> None:
    assert to_jsonata(path) == expected


@pytest.mark.parametrize("name", ["and", "or", "in", "true", "null", "function", "ä", "a-b", "0"])
def test_names_that_jsonata_would_read_as_something_else_are_quoted(name: str) -> None:
    assert f".`{name}`" in to_jsonata(f"$['{name}']")
    parse_jsonata(to_jsonata(f"$['{name}']"))


def test_a_name_with_the_quote_of_jsonata_is_looked_up() -> None:
    assert '$lookup($states.input, "a`b")' in to_jsonata("$['a`b']")


def test_a_list_in_a_list_is_not_put_into_the_outer_one() -> None:
    assert list_of([]) == "[]"
    assert list_of([("1", False), ("$x", True), ("2", False)]) == (
        '$append($append([1], (function($x) { ($type($x) = "array" ? [[$x]] : [$x]) })($x)), [2])'
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("$['a','b']", "has no counterpart: compute it in a state before"),
        ("$.a[0,2]", "has no counterpart"),
        ("$.a[::2]", "has a step"),
        ("$..*", "before a name only"),
        ("$..[0]", "before a name only"),
        ("$.a.max()", "has no counterpart"),
        ("$.a[*].length()", "has no counterpart"),
        ("$.a[?(@.b =~ /x/)]", "the condition '@.b =~ /x/' has no counterpart"),
        ("$.a[?((@.b == 1))]", "has no counterpart"),
        ("$.a[?(@.b == $.c)]", "has no counterpart"),
        ("$.a[?(@.b[*] == 1)]", "has no counterpart"),
        ("$.a[?(@.b < true)]", "has no counterpart"),
        ("$.a[?(!@.b)]", "has no counterpart"),
        ("States.Format($.a, 1)", "its template is known in the execution only"),
        ("States.Format('{}')", "it has 1 places {} for 0 values: give one value for each"),
        ("States.StringSplit($.a, $.b)", "the characters to split at"),
        ("States.StringSplit($.a, '')", "give at least one"),
        ("States.StringSplit($.a, '😀')", "beyond the regular expressions"),
        ("States.JsonMerge($.a, $.b, true)", "give false"),
        ("States.MathRandom(1, 2, 3)", "with a seed, JSONata draws other numbers"),
    ],
)
def test_what_has_no_counterpart(text: str, problem: str) -> None:
    with pytest.raises(UntranslatableError) as caught:
        to_jsonata(text)
    assert str(caught.value).startswith(f"{text.split('[')[0].split('(')[0]}")
    assert problem in str(caught.value)
    assert caught.value.expression == text
    assert isinstance(caught.value, AslError)


@pytest.mark.parametrize("text", ["a", "$.", "States.Uuid()", "$.a["])
def test_what_is_neither_is_malformed(text: str) -> None:
    with pytest.raises(MalformedError):
        to_jsonata(text)


NAMES = st.sampled_from(["a", "b c", "in", "ä", "x'"]).map(lambda name: name.replace("'", "\\'"))
STEPS = st.one_of(
    NAMES.map(lambda name: f"['{name}']"),
    st.integers(-3, 3).map(lambda index: f"[{index}]"),
    st.sampled_from(["[*]", ".*", "[1:]", "[:-1]", "..a", "[?(@.a == 'x' && @['b c'][0] >= 1)]"]),
)
PATHS = st.builds(
    lambda root, steps: root + "".join(steps),
    st.sampled_from(["$", "$$", "$job"]),
    st.lists(STEPS, max_size=4),
)
ARGUMENTS = st.one_of(PATHS, st.sampled_from(["'x'", "1", "-2.5", "true", "null", r"'\'\{\}'"]))
CALLS = st.sampled_from(sorted(INTRINSIC_FUNCTIONS)).flatmap(
    lambda name: st.lists(
        ARGUMENTS,
        min_size=INTRINSIC_FUNCTIONS[name][0],
        max_size=INTRINSIC_FUNCTIONS[name][1] or 3,
    ).map(lambda arguments: f"States.{name}({', '.join(arguments)})")
)


# The first call imports the parser.
@settings(deadline=None)
@given(PATHS | CALLS)
def test_a_translation_is_jsonata_that_reads_the_same_variables(text: str) -> None:
    try:
        translated = to_jsonata(text)
    except (MalformedError, UntranslatableError):
        return
    parse_jsonata(translated)
    read = Expression(translated, jsonata=True).reads
    needed = {name for name, is_needed in read.items() if is_needed}
    assert needed == set(Expression(text, jsonata=False).reads)
