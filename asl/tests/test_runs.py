"""Runs read from histories, what is said of them, and the page's limits."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from click.testing import CliRunner

from sfn_fragments_asl.cli.group import main
from sfn_fragments_asl.report import report_page
from sfn_fragments_asl.report.failure import cause_in_short, telling_line
from sfn_fragments_asl.runs.described_jobs import described_jobs
from sfn_fragments_asl.runs.figures import coverage, figures
from sfn_fragments_asl.runs.history import read_event, read_execution, seconds, separated
from sfn_fragments_asl.runs.history_files import HistoryError, read_history
from sfn_fragments_asl.runs.masking import MASK, Masker
from sfn_fragments_asl.runs.model import Event, Job, Run
from sfn_fragments_asl.runs.outcome import Place, origin

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

    from sfn_fragments_asl.runs.model import Execution

DEFINITION = {
    "StartAt": "Both",
    "States": {
        "Both": {
            "Type": "Parallel",
            "Branches": [
                {
                    "StartAt": "Call",
                    "States": {"Call": {"Type": "Task", "Resource": "arn:aws:x", "End": True}},
                },
                {
                    "StartAt": "Wait",
                    "States": {"Wait": {"Type": "Wait", "Seconds": 1, "End": True}},
                },
            ],
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Tell"}],
            "Next": "Done",
        },
        "Tell": {"Type": "Fail"},
        "Done": {"Type": "Succeed"},
    },
}


class Told:
    """Events as AWS returns them, each after the one that is named, or the last."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []

    def add(self, kind: str, after: int | None = None, **details: Any) -> int:
        number = len(self.events) + 1
        name = f"{kind[0].lower()}{kind[1:]}"
        for ending in ("Entered", "Exited"):
            if kind.endswith(f"State{ending}"):
                name = f"state{ending}"
        event = {
            "timestamp": datetime.fromtimestamp(1000 + number, UTC).isoformat(),
            "type": kind,
            "id": number,
            "previousEventId": number - 1 if after is None else after,
        }
        self.events.append(event | ({f"{name}EventDetails": details} if details else {}))
        return number


def told() -> list[dict[str, Any]]:
    """A branch whose Task is tried twice and fails; the Parallel's catcher leads to a Fail."""
    told = Told()
    told.add("ExecutionStarted", 0, input='{"a": 1}')
    told.add("ParallelStateEntered", 0, name="Both", input='{"a": 1}')
    started = told.add("ParallelStateStarted")
    call = told.add("TaskStateEntered", started, name="Call", input='{"a": 1}')
    told.add("WaitStateEntered", started, name="Wait", input='{"a": 1}')
    task: dict[str, Any] = {"resourceType": "aws-sdk:s3", "resource": "getObject"}
    told.add("TaskScheduled", call, **task, parameters='{"Bucket": "b"}')
    told.add("TaskStarted", **task)
    told.add("TaskFailed", **task, error="S3.SlowDown", cause="again")
    told.add("TaskScheduled", **task, parameters='{"Bucket": "b"}')
    failed = told.add("TaskFailed", **task, error="S3.NoSuchKey", cause="no key")
    told.add("ParallelStateFailed", failed)
    told.add("ParallelStateExited", name="Both", output='{"e": 2}', assignedVariables={"v": "1"})
    told.add("FailStateEntered", name="Tell", input='{"e": 2}')
    told.add("ExecutionFailed", error="Told", cause="in other words")
    return told.events


def execution(**known: Any) -> Execution:
    return read_execution(map(read_event, told()), name="x", **known)


def test_visits_are_told_apart() -> None:
    found = execution()
    assert [(visit.name, visit.type, visit.parent, visit.status) for visit in found.visits] == [
        ("Both", "Parallel", None, "caught"),
        ("Call", "Task", 0, "failed"),
        ("Wait", "Wait", 0, "unfinished"),
        ("Tell", "Fail", None, "failed"),
    ]
    both, call, _, tell = found.visits
    assert (both.error, both.cause, both.assigned) == ("S3.NoSuchKey", "no key", {"v": "1"})
    assert [(each.resource, each.error) for each in call.attempts] == [
        ("aws-sdk:s3:getObject", "S3.SlowDown"),
        ("aws-sdk:s3:getObject", "S3.NoSuchKey"),
    ]
    assert (tell.error, found.status, found.error) == ("Told", "FAILED", "Told")
    assert (found.started, found.ended) == (1001.0, 1014.0)


def test_the_error_came_from_the_innermost_state() -> None:
    assert origin(Run((execution(),))) == Place(0, 1)
    child = read_execution(
        map(read_event, told()[:10]), name="child", status="FAILED", parent=(0, 1), arn="arn:child"
    )
    events = told()
    events[9]["taskFailedEventDetails"]["cause"] = '{"ExecutionArn": "arn:child"}'
    waiting = read_execution(map(read_event, events), name="x")
    assert origin(Run((waiting, child))) == Place(1, 1)
    assert origin(Run((execution(status="SUCCEEDED"),))) is None


def test_items_of_an_inline_map() -> None:
    told = Told()
    told.add("ExecutionStarted", 0, input="[]")
    told.add("MapStateEntered", 0, name="Each", input="[1, 2]")
    started = told.add("MapStateStarted", length=2)
    first = told.add("MapIterationStarted", started, name="Each", index=0)
    second = told.add("MapIterationStarted", started, name="Each", index=1)
    one = told.add("PassStateEntered", first, name="Item", input="1")
    other = told.add("PassStateEntered", second, name="Item", input="2")
    ended = told.add("PassStateExited", other, name="Item", output="2")
    told.add("MapIterationSucceeded", ended, name="Each", index=1)
    ended = told.add("PassStateExited", one, name="Item", output="1")
    told.add("MapIterationSucceeded", ended, name="Each", index=0)
    last = told.add("MapStateSucceeded")
    told.add("MapStateExited", last, name="Each", output="[1, 2]")
    told.add("ExecutionSucceeded", output="[1, 2]")
    found = read_execution(map(read_event, told.events), name="x")
    assert [(visit.name, visit.item, visit.output) for visit in found.visits] == [
        ("Each", None, "[1, 2]"),
        ("Item", 0, "1"),
        ("Item", 1, "2"),
    ]
    assert {visit.status for visit in found.visits} == {"succeeded"}


def test_a_task_that_times_out_and_one_that_recovers() -> None:
    told = Told()
    told.add("TaskStateEntered", 0, name="Call", input="{}")
    told.add("TaskScheduled", resourceType="lambda", resource="invoke", parameters="{}")
    told.add("TaskTimedOut", resourceType="lambda", resource="invoke")
    told.add("TaskScheduled", resourceType="lambda", resource="invoke", parameters="{}")
    told.add("TaskSucceeded", resourceType="lambda", resource="invoke", output="1")
    told.add("TaskStateExited", name="Call", output="1")
    [visit] = read_execution(map(read_event, told.events), name="x").visits
    assert [each.error for each in visit.attempts] == ["States.Timeout", None]
    assert (visit.status, visit.error) == ("succeeded", None)


def test_a_state_that_was_stopped_and_one_that_cannot_be_evaluated() -> None:
    told = Told()
    told.add("MapStateEntered", 0, name="Each", input="[1]")
    first = told.add("MapIterationStarted", name="Each", index=0)
    wait = told.add("WaitStateEntered", first, name="Wait", input="1")
    told.add("WaitStateAborted", wait)
    told.add("ExecutionAborted", error="Stopped", cause="by hand")
    found = read_execution(map(read_event, told.events), name="x")
    assert [visit.status for visit in found.visits] == ["unfinished", "unfinished"]
    assert (found.status, found.error) == ("ABORTED", "Stopped")
    assert origin(Run((found,))) == Place(0, 1)
    told = Told()
    told.add("PassStateEntered", 0, name="Count", input="{}")
    told.add("EvaluationFailed", error="States.QueryEvaluationError", cause="no", state="Count")
    told.add("PassStateExited", name="Count", output="{}")
    [visit] = read_execution(map(read_event, told.events), name="x").visits
    assert (visit.status, visit.error) == ("caught", "States.QueryEvaluationError")


def test_jobs_that_a_history_describes() -> None:
    job = {
        "JobId": "7-a",
        "JobName": "align",
        "JobQueue": "arn:aws:batch:eu-west-1:1:job-queue/spot",
        "Status": "FAILED",
        "StatusReason": "Essential container in task exited",
        "StartedAt": 1_005_000,
        "StoppedAt": 1_007_500,
        "Attempts": [{"StartedAt": 1_005_000, "Container": {"ExitCode": 1, "Reason": "Killed"}}],
        "Container": {
            "Command": ["run", "it"],
            "Environment": [{"Name": "A", "Value": "1"}],
            "ExitCode": 137,
            "LogStreamName": "align/default/1",
        },
    }
    events = told()
    events[9]["taskFailedEventDetails"] |= {"error": "States.TaskFailed", "cause": json.dumps(job)}
    [found] = described_jobs(read_execution(map(read_event, events), name="x"))
    assert (found.name, found.status, found.exit_code) == ("align", "FAILED", 137)
    assert (found.started, found.stopped, found.queue) == (1005.0, 1007.5, "spot")
    assert (found.command, found.environment) == (("run", "it"), {"A": "1"})
    assert [(each.exit_code, each.reason) for each in found.attempts] == [(1, "Killed")]
    assert (found.log, found.log_stream) == (None, "align/default/1")


def test_executions_in_one_list_are_separated() -> None:
    mixed = [Event(1, 0, "A", 0), Event(2, 0, "B", 0), Event(3, 1, "A", 0), Event(4, 2, "B", 0)]
    assert [[event.id for event in each] for each in separated(mixed)] == [[1, 3], [2, 4]]


@pytest.mark.parametrize(
    "moment",
    [60, 60.0, "1970-01-01T00:01:00Z", "1970-01-01T01:01:00+01:00", datetime(1970, 1, 1, 0, 1)],
)
def test_times_in_each_form_of_the_cli(moment: Any) -> None:
    assert seconds(moment) == 60.0


def test_figures_and_coverage() -> None:
    found = figures(Run((execution(),)))
    assert (found.states, found.transitions, found.dollars) == (4, 5, 0.000125)
    express = figures(Run((execution(express=True),)))
    assert (express.transitions, express.express, express.dollars) == (0, 1, 0.000001)
    covered = coverage(execution(definition=DEFINITION))
    assert covered is not None
    assert (covered.entered, covered.states, covered.taken, covered.transitions) == (4, 5, 1, 2)
    assert covered.left_out == ("Done",)


@pytest.mark.parametrize(
    "form",
    [
        str,
        lambda secret: json.dumps(secret)[1:-1],
        lambda secret: json.dumps(json.dumps({"a": secret})),
        lambda secret: quote(secret, safe=""),
        lambda secret: base64.b64encode(secret.encode()).decode(),
    ],
)
def test_secrets_are_masked_in_each_form(form: Any) -> None:
    secret = 'p"ä\\ss/word'
    text = Masker([secret]).text(f"before {form(secret)} after")
    assert MASK in text
    assert "word" not in text
    assert base64.b64encode(secret.encode()).decode() not in text
    assert text.startswith("before ")
    assert text.endswith(" after")


def test_short_secrets_and_lines_of_long_ones() -> None:
    assert Masker(["ab"]).text("ab") == "ab"
    key = "-----BEGIN-----\nMIIEvQIBADANBg\nkqhkiG9w0BAQEF\n"
    assert Masker([key]).text("> MIIEvQIBADANBg <") == f"> {MASK} <"


def test_large_values_are_cut_and_their_size_is_shown() -> None:
    events = told()
    for number, event in enumerate(events):
        for details in event.values():
            if isinstance(details, dict) and "input" in details:
                details["input"] = f'{{"n": {number}, "text": "{"é<" * 30_000}"}}'
    log = "".join(f"line {number}\n" for number in range(4_000))
    jobs = tuple(Job(name, name, name, log=f"{name}\n{log}") for name in ("SUCCEEDED", "FAILED"))
    run = Run((read_execution(map(read_event, events), name="x"),), jobs=jobs)
    whole = report_page(run)
    assert "é\\u003c" * 30_000 in whole
    cut = report_page(run, limit=200_000)
    assert len(cut.encode()) <= 200_000
    shown = json.loads(cut.partition('id="text-data">')[2].partition("</script>")[0])
    sizes = [each[1] for each in shown if isinstance(each, list)]
    assert sizes
    assert all(size > 30_000 for size in sizes)
    # That of the job that failed is what a reader wants.
    assert f"FAILED\n{log}" in shown
    assert f"SUCCEEDED\n{log}" not in shown


def test_nothing_of_a_run_becomes_markup() -> None:
    evil = "</script><script>alert(1)</script><!--run-->"
    events = json.loads(json.dumps(told()).replace("Call", evil).replace("no key", evil))
    job = Job("1", evil, "FAILED", log=evil, environment={"A": evil})
    found = read_execution(map(read_event, events), name=evil, machine=evil)
    page = report_page(Run((found,), jobs=(job,), command=evil))
    assert "<script>alert" not in page
    assert page.count("</script>") == 3
    assert "connect-src" not in page
    assert "default-src 'none'" in page


def test_what_is_told_of_a_cause() -> None:
    job = {"JobName": "a", "StatusReason": "Essential container", "Container": {"ExitCode": 3}}
    assert cause_in_short(json.dumps(job)) == "job a: Essential container, exit code 3"
    assert cause_in_short('{"errorType": "KeyError", "errorMessage": "x"}') == "KeyError: x"
    assert cause_in_short("no\nkey") == "no key"
    assert len(cause_in_short("x" * 9_999)) < 700
    assert telling_line(["ok", "ValueError: no", "bye", ""]) == 1
    assert telling_line(["ok", ""]) == 0
    assert telling_line([""]) is None


# --- Files with what the AWS CLI prints.


def report(*arguments: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(main, ["report", *arguments], input=stdin)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "history.json").write_text(json.dumps({"events": told()}))
    (tmp_path / "machine.asl.json").write_text(json.dumps(DEFINITION))
    return tmp_path


def test_a_page_from_a_history(folder: Path) -> None:
    done = report("history.json", "--definition", "machine.asl.json")
    assert done.output == "history.html: 14 events, FAILED\n"
    page = (folder / "history.html").read_text(encoding="utf-8")
    assert "<title>machine.asl.json: FAILED</title>" in page
    assert 'data-state="Call"' in page


def test_a_description_gives_the_name(folder: Path) -> None:
    described = {
        "executionArn": "arn:aws:states:eu-west-1:1:execution:align:run-7",
        "stateMachineArn": "arn:aws:states:eu-west-1:1:stateMachine:align",
        "name": "run-7",
        "status": "FAILED",
        "startDate": "1970-01-01T00:16:40+00:00",
        "stopDate": 1020.5,
    }
    (folder / "execution.json").write_text(json.dumps(described))
    found = read_history(["execution.json", "history.json"]).run().execution
    assert (found.name, found.machine, found.started, found.ended) == (
        "run-7",
        "align",
        1000,
        1020.5,
    )
    done = report("history.json", "execution.json", "-o", "pages/run.html")
    assert done.exit_code == 0
    assert "align: FAILED" in (folder / "pages" / "run.html").read_text(encoding="utf-8")


def test_pages_in_any_order_and_shape(folder: Path) -> None:
    events = told()
    first = json.dumps({"events": events[:5], "nextToken": "AAA"}, indent=1)
    second = json.dumps({"events": events[:3:-1]})
    (folder / "both.json").write_text(f"{second}\n{first}\n")
    (folder / "list.json").write_text(json.dumps(events))
    lines = "\n".join(map(json.dumps, events))
    whole = read_history(["history.json"])
    assert read_history(["both.json"]) == whole
    assert read_history(["list.json"]) == whole
    assert whole.notes == ()
    done = report("-", "-o", "piped.html", stdin=lines)
    assert done.exit_code == 0
    assert report("-", stdin=lines).exit_code == 2


def test_what_is_missing_is_told(folder: Path) -> None:
    events = told()
    (folder / "part.json").write_text(json.dumps({"events": events[4:7], "nextToken": "A"}))
    [missing, more] = read_history(["part.json"]).notes
    assert missing.startswith("4 of the events up to number 7 are missing, the first of them is 1")
    assert "more pages" in more
    for event in events:
        for details in event.values():
            if isinstance(details, dict):
                details.pop("input", None)
    (folder / "without.json").write_text(json.dumps({"events": events}))
    [note] = read_history(["without.json"]).notes
    assert "--no-include-execution-data" in note


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "there is no event in it"),
        ("{", "is not JSON"),
        ('{"StartAt": "A"}', "holds no history"),
        ('{"events": [{"id": 1}]}', "is no event of a history"),
        ('{"events": [7]}', "is no event of a history"),
        ('{"events": [{"id": 1, "type": "A", "timestamp": "noon"}]}', "is no event of a history"),
        ('[{"id":1,"type":"A","timestamp":1}]\n[{"id":1,"type":"B","timestamp":1}]', "different"),
    ],
)
def test_what_is_no_history_is_refused(folder: Path, text: str, message: str) -> None:
    (folder / "wrong.json").write_text(text)
    with pytest.raises(HistoryError, match=message):
        read_history(["wrong.json"])
    done = report("wrong.json")
    assert done.exit_code == 1
    assert message in done.output
    assert not (folder / "wrong.html").exists()


def test_the_definition_has_to_be_that_of_the_history(folder: Path) -> None:
    other = {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}
    machine = {"Type": "AWS::StepFunctions::StateMachine"}
    resources = {
        name: machine | {"Properties": {"Definition": definition}}
        for name, definition in (("One", DEFINITION), ("Two", DEFINITION), ("Three", other))
    }
    (folder / "other.json").write_text(json.dumps(other))
    (folder / "template.json").write_text(json.dumps({"Resources": resources}))
    refused = report("history.json", "--definition", "other.json")
    assert refused.exit_code == 2
    assert "of another state machine: " in refused.output
    several = report("history.json", "--definition", "template.json")
    assert "choose one with --machine: 'One', 'Two'" in several.output
    assert (
        report("history.json", "--definition", "template.json", "--machine", "One").exit_code == 0
    )
    unknown = report("history.json", "--definition", "template.json", "--machine", "Four")
    assert "there is no state machine 'Four'" in unknown.output
    missing = report("history.json", "--definition", "none.json")
    assert missing.exit_code == 2
    assert "none.json" in missing.output
