"""What commands read: every form that people have, and one line for what they cannot."""

from __future__ import annotations

import io
import json
import os
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest
from tests.proofs import few

from sfn_fragments_asl.checks import builtin_checks, run_checks
from sfn_fragments_asl.model.json_data import mapping
from sfn_fragments_asl.reading.files import find_state_machines

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from sfn_fragments_asl.reading.templates import FoundMachine

SUCCEED = {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}
WAIT = '{"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": ${Seconds}, "End": true}}}'
QUESTION = """
StartAt: Ask
States:
  Ask:
    Type: Choice
    Choices: [{Variable: $.ok, BooleanEquals: true, Next: Yes}]
    Default: No
  Yes: {Type: Wait, Seconds: ${Seconds}, Next: on}
  No: {Type: Fail}
  on:
    Type: Wait
    Seconds: ${Seconds}
    End: true
"""


def write(folder: Path, files: Mapping[str, Any]) -> Path:
    for name, content in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content if isinstance(content, str) else json.dumps(content))
    return folder


def template(kind: str = "StepFunctions", **properties: Any) -> dict[str, Any]:
    machine = {"Type": f"AWS::{kind}::StateMachine", "Properties": properties}
    return {"Resources": {"Machine": machine}}


def sam(**properties: Any) -> dict[str, Any]:
    return {"Transform": "AWS::Serverless-2016-10-31", **template("Serverless", **properties)}


def read(*paths: Path | str) -> list[FoundMachine]:
    machines, problems = find_state_machines([str(path) for path in paths])
    assert problems == []
    return machines


def told(machine: FoundMachine) -> list[str]:
    """What the rules say, without advice."""
    report = run_checks(machine.checked, builtin_checks())
    assert report.problems == ()
    return [check.id for check, _ in report.findings if check.severity != "advice"]


def refused(*paths: Path | str) -> str:
    started = time.process_time()
    machines, problems = find_state_machines([str(path) for path in paths])
    assert machines == []
    [problem] = problems
    assert "\n" not in problem
    assert len(problem) < 1_000
    # Some of these would take hours, or all of the memory.
    assert time.process_time() - started < 10
    return problem


def test_names_and_texts_of_yaml_are_those_of_its_newer_version(tmp_path: Path) -> None:
    [machine] = read(write(tmp_path, {"a.asl.yaml": QUESTION}) / "a.asl.yaml")
    states = machine.definition.machine.states
    assert list(states) == ["Ask", "Yes", "No", "on"]
    assert states["Ask"].fields["Default"] == "No"
    assert states["Yes"].fields["Seconds"] == states["on"].fields["Seconds"] == "${Seconds}"
    assert told(machine) == []
    place = machine.place_of("/States/on/Seconds")
    assert place is not None
    assert (place.line, place.column) == (12, 14)


@pytest.mark.parametrize("name", ["a.asl.json", "a.json", "a.asl", "anything"])
def test_json_with_places_to_fill_in_outside_of_texts(name: str, tmp_path: Path) -> None:
    [machine] = read(write(tmp_path, {name: WAIT}) / name)
    assert machine.definition.machine.states["A"].fields["Seconds"] == "${Seconds}"
    assert told(machine) == []


def test_what_the_command_line_of_aws_prints(tmp_path: Path) -> None:
    waits = {"Type": "Task", "Resource": "arn:aws:states:::batch:submitJob.sync", "End": True}
    definition = {"StartAt": "A", "States": {"A": waits}}
    printed = {"name": "m", "type": "EXPRESS", "definition": json.dumps(definition, indent=1)}
    [machine] = read(write(tmp_path, {"m.json": json.dumps(printed, indent=1)}) / "m.json")
    assert machine.name == "m"
    assert told(machine) == ["asl.express"]
    place = machine.place_of("/States/A")
    assert place is not None
    assert (place.line, place.column) == (4, 16)


@pytest.mark.parametrize("piped", [json.dumps(SUCCEED), QUESTION, WAIT])
def test_the_standard_input(piped: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(piped.encode())))
    [machine] = read("-")
    assert str(machine.file) == "<stdin>"
    assert told(machine) == []


def test_a_definition_alone_with_intrinsics(tmp_path: Path) -> None:
    text = """
StartAt: A
States:
  A: {Type: Task, Resource: !GetAtt Function.Arn, Next: B}
  B: {Type: Task, Resource: {"Fn::Sub": "arn:aws:states:::sns:publish"}, End: True,
      Parameters: {TopicArn: !Ref Topic, Message.$: $.text}}
"""
    [machine] = read(write(tmp_path, {"a.asl.yaml": text}) / "a.asl.yaml")
    assert machine.definition.machine.states["A"].fields["Resource"] == "${Function.Arn}"
    assert told(machine) == []


def test_several_machines_of_a_sam_template(tmp_path: Path) -> None:
    broken = {"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "Nowhere"}}}
    content = sam(Definition=broken, Type="EXPRESS", Name="first")
    plain = template(Definition=SUCCEED)["Resources"]["Machine"]
    content["Resources"]["Plain"] = plain
    first, second = read(write(tmp_path, {"template.json": content}) / "template.json")
    assert (first.name, first.machine_name, first.checked.express) == ("Machine", "first", True)
    assert "asl.transition-target" in told(first)
    assert told(second) == []


BROKEN = {"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "Nowhere"}}}


@pytest.mark.parametrize("property", ["Definition", "DefinitionString"])
def test_a_condition_chooses_a_definition(tmp_path: Path, property: str) -> None:
    given: list[Any] = [SUCCEED, BROKEN]
    if property == "DefinitionString":
        given = [{"Fn::Sub": json.dumps(SUCCEED)}, {"Fn::ToJsonString": BROKEN}]
    inner: Any = {"Fn::If": ["IsLarge", given[1], {"Ref": "AWS::NoValue"}]}
    chosen: Any = {"Fn::If": ["IsProd", given[0], inner]}
    content = template(**{property: chosen})
    first, second = read(write(tmp_path, {"t.json": content}) / "t.json")
    assert [first.name, second.name] == [
        "Machine, if IsProd",
        "Machine, if not IsProd, if IsLarge",
    ]
    assert told(first) == []
    assert "asl.transition-target" in told(second)
    place = second.place_of("/States/A/Next")
    assert place is not None
    assert (tmp_path / "t.json").read_text()[place.column - 1 :].startswith('"Nowhere"')


@pytest.mark.parametrize(
    ("collection", "parameters", "names"),
    [
        (["One", "Two"], {}, ["MOne", "MTwo"]),
        ({"Ref": "Names"}, {"Names": {"Default": "One, Two"}}, ["MOne", "MTwo"]),
        ({"Ref": "Names"}, {"Names": {}}, ["M${Name}"]),
    ],
)
def test_a_loop_makes_machines(
    tmp_path: Path, collection: Any, parameters: Any, names: list[str]
) -> None:
    [machine] = template(Definition=BROKEN, StateMachineName={"Ref": "Name"})["Resources"].values()
    loop = {"Fn::ForEach::Machines": ["Name", collection, {"M${Name}": machine}]}
    content = {
        "Parameters": parameters,
        "Resources": {**loop, "Other": {"Type": "AWS::SNS::Topic"}},
    }
    machines = read(write(tmp_path, {"t.json": content}) / "t.json")
    assert [one.name for one in machines] == names
    assert machines[0].machine_name in ("One", "${Name}")
    place = machines[-1].place_of("/States/A/Next")
    assert place is not None
    assert (tmp_path / "t.json").read_text()[place.column - 1 :].startswith('"Nowhere"')


@pytest.mark.parametrize(
    ("properties", "files"),
    [
        ({"DefinitionUri": "a.asl.json"}, {"a.asl.json": WAIT}),
        ({"DefinitionUri": "./flows/a.asl.yaml"}, {"flows/a.asl.yaml": QUESTION}),
        ({"Definition": {"Fn::Transform": {"Name": "AWS::Include"}}}, {}),
    ],
)
def test_a_sam_template_that_names_its_definition(
    properties: dict[str, Any], files: dict[str, str], tmp_path: Path
) -> None:
    if not files:
        files = {"included.json": WAIT}
        transform = properties["Definition"]["Fn::Transform"]
        properties = {
            "Definition": {
                "Fn::Transform": {**transform, "Parameters": {"Location": "included.json"}}
            }
        }
    content = sam(**properties, DefinitionSubstitutions={"Seconds": 3})
    folder = write(tmp_path, {"template.json": content, **files})
    [machine] = read(folder / "template.json")
    assert told(machine) == []
    waits = [one for one in machine.definition.machine.every_state() if one.type == "Wait"]
    assert {one.fields["Seconds"] for one in waits} == {3}
    place = machine.place_of("/States")
    assert place is not None
    assert place.file == folder / next(iter(files))
    # Of a folder, the definition is looked at once: with what the template fills in.
    assert [one.name for one in read(folder)] == ["Machine"]
    assert len(read(folder, folder / next(iter(files)))) == 2


def test_a_number_that_is_filled_in_within_a_template(tmp_path: Path) -> None:
    wait = {"Type": "Wait", "Seconds": "${Seconds}", "Comment": "${Seconds} s", "End": True}
    content = sam(
        Definition={"StartAt": "A", "States": {"A": wait}}, DefinitionSubstitutions={"Seconds": 3}
    )
    [machine] = read(write(tmp_path, {"template.json": content}) / "template.json")
    filled = machine.definition.machine.states["A"].fields
    assert (filled["Seconds"], filled["Comment"]) == (3, "3 s")
    assert told(machine) == []


def test_globals_of_sam(tmp_path: Path) -> None:
    content = sam(DefinitionUri="a.json", DefinitionSubstitutions={"Other": 1})
    content["Globals"] = {"StateMachine": {"DefinitionSubstitutions": {"Seconds": 3}}}
    folder = write(tmp_path, {"template.json": content, "a.json": WAIT})
    [machine] = read(folder / "template.json")
    assert machine.definition.machine.states["A"].fields["Seconds"] == 3


def test_a_substitution_by_an_intrinsic_keeps_what_it_stands_for(tmp_path: Path) -> None:
    text = WAIT.replace("${Seconds}", '1, "Comment": "${Topic}"')
    filled = {"Topic": {"Fn::GetAtt": ["Topic", "Arn"]}}
    content = template(DefinitionS3Location="./a.json", DefinitionSubstitutions=filled)
    [machine] = read(write(tmp_path, {"t.json": content, "a.json": text}) / "t.json")
    assert machine.definition.machine.states["A"].fields["Comment"] == "${Topic.Arn}"
    assert machine.definition.tokens == {"${Topic.Arn}": filled["Topic"]}


def test_quotes_make_a_text_of_what_is_filled_in(tmp_path: Path) -> None:
    text = WAIT.replace("${Seconds}", '"${Seconds}"')
    content = sam(DefinitionUri="a.json", DefinitionSubstitutions={"Seconds": 3})
    [machine] = read(write(tmp_path, {"t.json": content, "a.json": text}) / "t.json")
    assert told(machine) == ["asl.seconds"]


@pytest.mark.parametrize(
    ("properties", "rules"),
    [
        ({"DefinitionString": WAIT}, ["asl.open-substitution"]),
        ({"DefinitionString": WAIT, "DefinitionSubstitutions": {"Seconds": 3}}, []),
        ({"DefinitionString": {"Fn::Sub": WAIT}}, ["asl.unknown-reference"]),
        ({"DefinitionString": {"Fn::Sub": [WAIT, {"Seconds": 1}]}}, []),
        (
            {"DefinitionString": {"Fn::Sub": WAIT.replace("${Seconds}", '1, "Comment": "${A"')}},
            ["asl.open-substitution"],
        ),
        (
            {"DefinitionString": {"Fn::Sub": WAIT.replace("${Seconds}", "${AWS::Reggion}")}},
            ["asl.unknown-reference"],
        ),
        ({"DefinitionString": {"Fn::Sub": WAIT.replace("${Seconds}", "${AWS::Region}")}}, []),
        # Variables of a shell are none of the template's.
        ({"DefinitionString": WAIT.replace("${Seconds}", '1, "Comment": "echo ${HOME}"')}, []),
    ],
)
def test_places_that_a_template_leaves_open(
    properties: dict[str, Any], rules: list[str], tmp_path: Path
) -> None:
    [machine] = read(write(tmp_path, {"t.json": template(**properties)}) / "t.json")
    assert told(machine) == rules


SERVICE = """
service: orders
stepFunctions:
  stateMachines:
    first:
      type: EXPRESS
      definition:
        StartAt: A
        States:
          A:
            Type: Task
            Resource: !GetAtt [HandleLambdaFunction, Arn]
            Parameters: {stage: "${self:provider.stage}", count: ${self:custom.count}}
            End: true
    second:
      definition: ${file(states/second.json)}
    third:
      definition: ${self:custom.third}
resources:
  Resources:
    Fourth:
      Type: AWS::StepFunctions::StateMachine
      Properties:
        Definition: {StartAt: A, States: {A: {Type: Succeed}}}
"""


def test_a_service_of_the_serverless_framework(tmp_path: Path) -> None:
    write(tmp_path, {"serverless.yml": SERVICE, "states/second.json": SUCCEED})
    machines, problems = find_state_machines([str(tmp_path)])
    found = {one.name: one for one in machines}
    assert list(found) == ["Fourth", "first", "second"]
    assert found["first"].checked.express
    assert not found["second"].checked.express
    first = mapping(found["first"].checked.definition)["States"]["A"]
    assert first["Resource"] == "${HandleLambdaFunction.Arn}"
    places = {name: one.place_of("/States/A/Type") for name, one in found.items()}
    lines = {name: (place.file, place.line) for name, place in places.items() if place}
    service = tmp_path / "serverless.yml"
    assert lines["first"] == (service, 11)
    assert lines["Fourth"] == (service, 24)
    assert lines["second"][0] == tmp_path / "states" / "second.json"
    reason = "its definition is '${self:custom.third}', which is filled in elsewhere"
    assert problems == [f"{service}: third: {reason}"]


def test_a_file_that_a_service_includes(tmp_path: Path) -> None:
    included = {"stateMachines": {"only": {"definition": SUCCEED}}}
    write(tmp_path, {"machines.json": included})
    assert [one.name for one in read(tmp_path / "machines.json")] == ["only"]


def test_templates_of_terraform_in_a_folder(tmp_path: Path) -> None:
    chart = '{{- define "x" -}} {{- end -}}'
    write(tmp_path, {"a.json.tftpl": WAIT, "b.asl.tpl": WAIT, "_helpers.tpl": chart})
    assert [one.file.name for one in read(tmp_path)] == ["a.json.tftpl", "b.asl.tpl"]


def test_a_folder_of_anything(tmp_path: Path) -> None:
    stack = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "./inner.json"}}
    outer = {"Resources": {"Inner": stack}}
    folder = write(
        tmp_path,
        {
            "a/one.asl.json": SUCCEED,
            "b/two.yaml": QUESTION,
            "c/outer.json": outer,
            "c/inner.json": template(Definition=SUCCEED),
            "package.json": {"name": "no definition"},
            "manifest.json": {"name": "of an extension for browsers"},
            "notes.yaml": "a: [1",
            "node_modules/x/three.asl.json": SUCCEED,
            ".git/four.asl.json": SUCCEED,
        },
    )
    found = [str(one.file.relative_to(tmp_path)) for one in read(folder)]
    assert found == ["a/one.asl.json", "b/two.yaml", "c/inner.json"]
    assert [one.file.name for one in read(folder / "c" / "outer.json")] == ["inner.json"]


def test_files_of_others_in_a_folder(tmp_path: Path) -> None:
    folder = write(tmp_path, {"a.asl.json": SUCCEED})
    (folder / "other.json").write_bytes('{"näme": "StartAt"}'.encode("latin-1"))
    with (folder / "package-lock.json").open("wb") as opened:
        opened.truncate(20 * 1024 * 1024)
    assert [one.file.name for one in read(folder)] == ["a.asl.json"]
    # What is called a definition is one, and cannot be read.
    (folder / "b.asl.json").write_bytes(b"\xff")
    _, problems = find_state_machines([str(folder)])
    assert problems == [f"{folder / 'b.asl.json'} is not UTF-8: {problems[0].partition('8: ')[2]}"]


def test_templates_that_hold_each_other(tmp_path: Path) -> None:
    stack = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "a.json"}}
    content = template(Definition=SUCCEED)
    content["Resources"]["Stack"] = stack
    [machine] = read(write(tmp_path, {"a.json": content}) / "a.json")
    assert machine.name == "Machine"


@pytest.mark.parametrize(
    ("properties", "problem"),
    [
        ({"DefinitionUri": "absent.json"}, "its definition is to be in absent.json"),
        ({"DefinitionUri": {"Bucket": "b", "Key": "k"}}, "lies in S3, b/k"),
        ({"DefinitionUri": "s3://b/k"}, "lies in S3, s3://b/k"),
        ({"DefinitionUri": {"Fn::Sub": "s3://${B}/k"}}, "lies in S3, ${Fn_Sub_s3_B_k}"),
        ({}, "neither Definition, DefinitionString nor DefinitionS3Location"),
        ({"DefinitionString": {"Fn::Join": None}}, "its definition is"),
        ({"DefinitionString": {"Fn::Join": ["", None]}}, "its definition is"),
        ({"DefinitionString": {"Fn::Sub": None}}, "its definition is"),
        ({"DefinitionString": '{"\\ud800": 1}'}, "surrogate"),
    ],
)
def test_a_machine_that_is_not_read_is_named(
    properties: dict[str, Any], problem: str, tmp_path: Path
) -> None:
    folder = write(tmp_path, {"t.json": sam(**properties), "p.json": template(**properties)})
    files = ["t.json"] if "DefinitionUri" in properties else ["t.json", "p.json"]
    for file in files:
        line = refused(folder / file)
        assert "Machine: " in line
        assert problem in line


def bomb() -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{at}: &a{at} [{', '.join([f'*a{at - 1}'] * 10)}]" for at in range(1, 12)]
    return "\n".join([*lines, "StartAt: A", "States: *a11"])


def merged_bomb() -> str:
    lines = ["a0: &a0 {x: 1}"]
    lines += [f"a{at}: &a{at} {{<<: [{', '.join([f'*a{at - 1}'] * 10)}]}}" for at in range(1, 12)]
    return "\n".join([*lines, "StartAt: A", "States: *a11"])


def deep_by_aliases() -> str:
    lines = [f"a{at}: &a{at} [{f'*a{at - 1}' if at else 'x'}]" for at in range(300)]
    return "\n".join([*lines, "StartAt: A", "States: *a299"])


HOSTILE: dict[str, tuple[str, str]] = {
    "aliases.yaml": (bomb(), "aliases stand for more than"),
    "merged.yaml": (merged_bomb(), "aliases stand for more than"),
    "itself.yaml": ("StartAt: A\nStates: &a [*a]", "stands for what it is in"),
    "deep.json": ('{"StartAt": "A", "States": ' + "[" * 5000 + "]" * 5000 + "}", "too deep"),
    "deep.yaml": ("StartAt: A\nStates: " + "[" * 5000 + "]" * 5000, "too deep"),
    "levels.yaml": ("".join(f"{' ' * at}a:\n" for at in range(5000)), "too deep"),
    "shallow.yaml": ("StartAt: A\nStates: " + "[" * 300 + "]" * 300, "too deep"),
    "deeper.yaml": ("[" * 100_000 + "]" * 100_000, "too deep"),
    "aliased.yaml": (deep_by_aliases(), "too deep"),
    "shallow.json": ('{"StartAt": "A", "States": ' + "[" * 300 + "]" * 300 + "}", "too deep"),
    "surrogate.json": ('{"StartAt": "\\ud800", "States": {"\\ud800": {}}}', "surrogate"),
    "broken.json": ('{"StartAt": ', "is not JSON"),
    "number.json": ("1" * 10_000, "is not JSON"),
    "nothing.json": ("", "is not JSON"),
    "nothing.yaml": ("", "holds no object"),
}


@few(6)
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_ends_quickly_with_one_line(name: str, tmp_path: Path) -> None:
    content, problem = HOSTILE[name]
    line = refused(write(tmp_path, {name: content}) / name)
    assert name in line
    assert problem in line


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true, "End": true}}}'),
        ("a.yaml", "StartAt: A\nStates:\n  A: {Type: Pass, End: true, End: true}"),
        (
            "t.json",
            json.dumps(
                template(
                    DefinitionString='{"StartAt": "A", "States": {"A": {"Type": "Pass", '
                    '"End": true, "End": true}}}'
                )
            ),
        ),
    ],
)
def test_a_field_that_is_given_twice(name: str, text: str, tmp_path: Path) -> None:
    [machine] = read(write(tmp_path, {name: text}) / name)
    assert told(machine) == ["asl.repeated-field"]
    report = run_checks(machine.checked, builtin_checks())
    [finding] = [found for check, found in report.findings if check.severity != "advice"]
    assert (finding.place, finding.pointer) == ("A", "/States/A/End")
    assert machine.place_of(finding.pointer) is not None


def test_fields_of_a_mapping_that_merges_another_are_its_own(tmp_path: Path) -> None:
    text = "StartAt: A\nStates:\n  A: &a {Type: Pass, Next: B}\n  B: {<<: *a, Next: C}\n"
    [machine] = read(write(tmp_path, {"a.yaml": f"{text}  C: {{Type: Succeed}}"}) / "a.yaml")
    assert told(machine) == []


def test_what_is_no_file(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.json"
    os.mkfifo(pipe)
    assert "is no file that can be read" in refused(pipe)
    assert "is no file that can be read" in refused("/dev/zero")
    # Within a folder it is passed over: nobody gave it.
    assert "holds no state machine" in refused(tmp_path)


def test_a_file_that_is_too_large(tmp_path: Path) -> None:
    file = tmp_path / "large.json"
    with file.open("wb") as opened:
        # Nothing is written: it takes no space.
        opened.truncate(1024**3)
    assert "1,073,741,824 bytes" in refused(file)


LONG = 40_000


@few(12)
@pytest.mark.parametrize(
    "value",
    [
        "\\" * LONG,
        "$." + "\\" * LONG,
        "$['" + "\\" * LONG,
        "$['" + "\\'" * LONG,
        "$" + "['a'" * LONG,
        "$.a[?(" + "'" * (LONG + 1),
        "$" + ".a" * LONG,
        "States.Format('" + "\\" * LONG + "')",
        "States.Format('" + "{}" * LONG + "', 1)",
        "States.Array(" * LONG,
        "States.Array(" + "1, " * LONG + "1)",
        "${" * LONG,
        "{%" * LONG + "%}",
        "$$.Task" * LONG,
        "sfn-fragments: ignore[" * LONG,
    ],
    ids=range(15),
)
@pytest.mark.parametrize(
    "state",
    [
        lambda value: {"Type": "Pass", "Parameters": {"a.$": value}, "End": True},
        lambda value: {"Type": "Pass", "Comment": value, "ResultPath": value, "End": True},
        lambda value: {"Type": "Pass", "QueryLanguage": "JSONata", "Output": value, "End": True},
        lambda value: {"Type": "Task", "Resource": value, "Parameters": [value], "Next": value},
    ],
    ids=["path", "comment", "JSONata", "resource"],
)
def test_long_texts_take_no_quadratic_time(
    value: str, state: Callable[[str], dict[str, Any]], tmp_path: Path
) -> None:
    definition = {"StartAt": "A", "States": {"A": state(value)}}
    files = {"a.json": definition, "t.json": template(DefinitionString=json.dumps(definition))}
    folder = write(tmp_path, files)
    started = time.process_time()
    for machine in read(folder):
        told(machine)
    assert time.process_time() - started < 5
