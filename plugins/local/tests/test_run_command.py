"""``sfn-fragments run``: real runs, and what is said about wrong arguments."""

from __future__ import annotations

import importlib.metadata
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from tests.proofs import few, long_proof, some

from sfn_fragments.cli.group import cli

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

pytestmark = pytest.mark.skipif(
    not importlib.metadata.entry_points(group="sfn_fragments", name="data_sync"),
    reason="runs the fragments of sfn-fragments-data-sync",
)

SYNC = "data_sync.sync"
BOOM = 'command=["sh", "-c", "printf \'one\\ntwo\\n\'; echo boom >&2; exit 3"]'


def run(*arguments: str, stdin: str | None = None) -> Result:
    result = CliRunner().invoke(cli, ["run", *arguments], input=stdin)
    # In JSON the whole output of the jobs stands, which may hold one.
    assert "--json" in arguments or "Traceback" not in result.output
    return result


def files_in(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_the_example_runs_and_shows_what_it_did() -> None:
    result = run(SYNC)
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert any("entered" in line and "(Task)" in line for line in lines)
    assert any("job " in line and "SUCCEEDED after" in line for line in lines)
    assert any(line.startswith("SUCCEEDED after") and "4 states entered" in line for line in lines)
    # What came of it is last.
    assert lines[-1] == "}"
    below = lines[lines.index("Objects in sandbox-results") + 2 :]
    copied = below[: below.index("")]
    assert [line.split()[:2] for line in copied] == [
        ["copy/a.csv", "17"],
        ["copy/b.csv", "17"],
        ["copy/notes/readme.txt", "27"],
    ]
    assert "Taken at room temperature." in copied[-1]
    # The sandbox gives its job no role.
    assert below[len(copied) + 1].startswith(
        "note: jobs without a role may do everything here; on AWS they"
    )
    # Piped, it is plain text.
    assert "\x1b" not in result.output
    assert "\r" not in result.output
    assert result.stderr == ""


def test_files_come_back_as_they_were(tmp_path: Path) -> None:
    source, results = tmp_path / "data", tmp_path / "made" / "results"
    content = random.Random(0)
    names = [f"deep/er/{number}.bin" for number in range(16)]
    # The published handler refuses names that are not ASCII.
    names += ["with space.txt", "it's/(1).txt", "a+b&c=d.txt"]
    for name in names:
        path = source / "a" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.randbytes(content.randrange(5_000)))
    (source / "a" / "empty").touch()
    result = run(
        SYNC,
        "--upload",
        f"source={source}",
        "--download",
        f"results={results}",
        "--input",
        '{"source_path": "s3://source/a/", "destination_path": "s3://results/b/"}',
        "--json",
    )
    assert result.exit_code == 0, result.output
    assert files_in(results / "b") == files_in(source / "a")
    report = json.loads(result.stdout)
    size = sum(map(len, files_in(source).values()))
    done = {"files": 20, "bytes": size, "left_out": []}
    assert report["uploads"] == [{"bucket": "source", "prefix": "", "folder": str(source), **done}]
    assert report["downloads"] == [
        {"bucket": "results", "prefix": "", "folder": str(results), **done}
    ]
    assert len(report["objects"]["results"]) == 20
    assert {"key": "b/empty", "size": 0} in report["objects"]["results"]
    assert result.stderr == ""


def test_json_tells_everything_of_a_failure(tmp_path: Path) -> None:
    input_file = tmp_path / "input.json"
    input_file.write_text('{"name": "x"}')
    result = run("batch.submit_job", "--set", BOOM, "--input", str(input_file), "--json")
    assert result.exit_code == 1
    report = json.loads(result.stdout)
    assert result.stderr == ""
    assert report["status"] == "FAILED"
    assert report["output"] is None
    assert report["error"] == "States.TaskFailed"
    assert json.loads(report["cause"])["Status"] == "FAILED"
    assert report["failed_state"].endswith("Submit job")
    assert [state["type"] for state in report["states"]] == ["Pass", "Task"]
    assert all(set(state) == {"name", "type", "seconds"} for state in report["states"])
    [job] = report["jobs"]
    assert job["seconds"] >= 0
    assert (job["status"], job["exit_code"], job["output"]) == ("FAILED", 3, "one\ntwo\nboom\n")
    assert report["objects"] == {}


def test_json_has_the_notes() -> None:
    report = json.loads(run("batch.submit_job", "--json").stdout)
    assert [note.split(" may ")[0] for note in report["notes"]] == ["jobs without a role"]


def test_a_missing_source_fails_and_says_which() -> None:
    paths = {"source_path": "s3://source/none/", "destination_path": "s3://results/x/"}
    result = run(SYNC, "--input", json.dumps({**paths, "memry": 2048}))
    assert result.exit_code == 1
    after = result.stdout[result.stdout.index("\nFAILED after") :]
    assert "Submit job" in after
    assert "error:    States.TaskFailed" in after
    assert "FileNotFoundError: S3 path s3://source/none/ does not exist" in after
    assert after.splitlines()[-1].startswith("  "), "the end of the job's log is last"
    assert "no field 'memry', which is ignored; did you mean memory?" in result.stderr
    assert "left job definitions ACTIVE" not in result.stderr


def test_a_command_shows_its_output_and_others_on_request() -> None:
    lines = json.dumps(["sh", "-c", "seq 1 60"])
    told = run("batch.submit_job", "--set", f"command={lines}").stdout
    assert "exit code 0: the last 50 of 60 lines, --logs shows all\n  11\n" in told
    told = run("batch.submit_job", "--set", f"command={lines}", "--logs").stdout
    assert "exit code 0\n  1\n  2\n" in told
    assert told.count("Output of job") == 1


def test_a_failed_job_shows_its_output(tmp_path: Path) -> None:
    source, back = tmp_path / "data", tmp_path / "back"
    (source / "größe").mkdir(parents=True)
    (source / "größe" / "naïve ☃.txt").write_text("content")
    transfers = ["--upload", f"kept={source}", "--download", f"kept={back}"]
    # A queue that the arguments name is there too.
    page = tmp_path / "pages" / "run.html"
    result = run(
        "batch.submit_job",
        "--report",
        str(page),
        "--set",
        BOOM,
        "--set",
        "job_queue=mine",
        *transfers,
    )
    assert result.exit_code == 1
    assert f"report:   {page}\n" in result.stderr
    text = page.read_text(encoding="utf-8")
    assert "sfn-fragments run batch.submit_job --set 'command=[" in text
    assert "States.TaskFailed" in text
    assert "--report" not in text.partition('id="run-data"')[2].partition("</script>")[0]
    assert files_in(back) == files_in(source)
    assert f"1 file, 7 B uploaded from {source} to kept\n" in result.stdout
    assert f"1 file, 7 B downloaded from kept to {back}\n" in result.stdout
    assert "exit code 3\n  one\n  two\n  boom\n" in result.stdout
    assert "exit code 3, log stream dev-" in result.stdout
    assert "left job definitions ACTIVE" not in result.stderr


def test_a_prefix_stands_between_bucket_and_folder(tmp_path: Path) -> None:
    for name in ("in", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{name}.txt").write_text(name)
    result = run(
        "batch.submit_job",
        *["--upload", f"kept/deep/er={tmp_path / 'in'}", "--upload", f"kept/={tmp_path / 'other'}"],
        *["--download", f"kept/deep/={tmp_path / 'out'}"],
    )
    assert result.exit_code == 0, result.output
    assert f"1 file, 2 B downloaded from kept/deep to {tmp_path / 'out'}\n" in result.stdout
    assert files_in(tmp_path / "out") == {"er/in.txt": b"in"}


def test_an_empty_download_is_pointed_out(tmp_path: Path) -> None:
    result = run("batch.submit_job", "--download", f"kept/typo={tmp_path / 'out'}")
    assert result.exit_code == 0
    assert "there is nothing to download in kept/typo/" in result.stderr


def test_a_download_that_fails_does_not_hide_the_result(tmp_path: Path) -> None:
    (tmp_path / "out" / "greeting").mkdir(parents=True)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "greeting").touch()
    transfers = ["--upload", f"kept={tmp_path / 'in'}", "--download", f"kept={tmp_path / 'out'}"]
    result = run("batch.submit_job", *transfers)
    assert result.exit_code == 1
    assert "SUCCEEDED after" in result.stdout
    assert "error: 'kept' cannot be downloaded: " in result.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="needs a file that cannot be read")
def test_what_cannot_be_uploaded_is_named_and_the_rest_is(tmp_path: Path) -> None:
    source, back = tmp_path / "in", tmp_path / "back"
    source.mkdir()
    (source / "file").symlink_to("/proc/self/mem")
    (source / "loop").symlink_to(source)
    (source / "fine").write_bytes(b"x" * 3_500_000)
    transfers = ["--upload", f"kept={source}", "--download", f"kept={back}"]
    result = run("batch.submit_job", *transfers)
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        f"error: {str(source)!r} cannot be uploaded to 'kept': 1 left out:",
        "  - 'loop' is a loop: it leads back to the folder itself",
        f"error: {str(source)!r} cannot be uploaded to 'kept': 1 left out:",
        "  - 'file' fails: Input/output error",
    ]
    assert "SUCCEEDED after" in result.stdout
    uploaded = f"1 file, 3.3 MiB uploaded from {source} to kept; 2 left out\n"
    assert uploaded in result.stdout
    assert f"1 file, 3.3 MiB downloaded from kept to {back}\n" in result.stdout
    assert list(files_in(back)) == ["fine"]


def test_what_is_there_is_kept_unless_overwritten(tmp_path: Path) -> None:
    source, back = tmp_path / "in", tmp_path / "b\udcffck"
    for folder, content in ((source, "new"), (back, "old")):
        folder.mkdir()
        (folder / "f\udcffle").write_text(content)
    (source / "other").write_text("new")
    transfers = ["--upload", f"kept={source}", "--download", f"kept={back}"]
    result = run("batch.submit_job", *transfers)
    assert result.exit_code == 1
    assert "is there and differs; --overwrite" in result.stderr
    assert f"1 file, 3 B downloaded from kept to {tmp_path}/b\ufffdck; 1 left out" in result.stdout
    assert sorted(files_in(back).values()) == [b"new", b"old"]
    result = run("batch.submit_job", *transfers, "--overwrite", "--json")
    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    assert json.loads(result.stdout)["downloads"][0]["files"] == 2
    assert files_in(back) == files_in(source)


def test_folders_that_cannot_be_looked_at(tmp_path: Path) -> None:
    long = tmp_path / ("n" * 300)
    result = run(
        "batch.submit_job",
        *["--upload", f"kept={long}", "--download", f"kept={long}", "--upload", "kept=~nobody-"],
        *["--upload", f"kept/\udcff={tmp_path}"],
    )
    assert result.exit_code == 2
    assert result.stderr.count("cannot be looked at: File name too long") == 2
    assert "'~nobody-' cannot be looked at: Could not determine home directory" in result.stderr
    assert "is no Unicode text, as keys are" in result.stderr


def test_a_long_execution_is_stopped() -> None:
    result = run("batch.submit_job", "--set", 'command=["sleep", "60"]', "--timeout", "1")
    assert result.exit_code == 1
    assert "ABORTED after" in result.stdout
    assert "it still ran after 1 s (--timeout)" in result.stdout


WRONG = {
    "whole bucket": (
        [SYNC, "--input", '{"source_path": "s3://source/", "destination_path": "s3://results/x"}'],
        ["source_path: 's3://source/'", "name a prefix too"],
    ),
    "flag that is none": (
        [SYNC, "--set", "deploy_job_definition=banana"],
        ["deploy_job_definition: 'banana': give True or False"],
    ),
    "missing field": (
        [SYNC, "--input", '{"source_path": "s3://source/a/"}'],
        ["destination_path: not given: required, such as 's3://"],
    ),
    "malformed S3 path": (
        [SYNC, "--input", '{"source_path": "s3:/source", "destination_path": "s3://results/x"}'],
        ["source_path: 's3:/source'", "write s3://bucket/key"],
    ),
    "wrong type": (
        [
            SYNC,
            "--input",
            '{"source_path": "s3://source/a", "destination_path": "s3://results/x", "memory": {}}',
        ],
        ["memory: {}: should be a valid integer, or: should be a valid number"],
    ),
    "not an object": ([SYNC, "--input", "[1]"], ["input: [1]: the input should be an object"]),
    "not JSON": ([SYNC, "--input", '{"source_path": '], ["--input: ", "is not JSON"]),
    "no such file": ([SYNC, "--input", "absent.json"], ["--input: 'absent.json'", "not JSON"]),
    "unknown fragment": (["data_sync.snyc"], ["data_sync.snyc", "did you mean 'data_sync.sync'"]),
    "unknown parameter": (
        [SYNC, "--set", "scaffoldng_bucket=x"],
        ["scaffoldng_bucket: 'x'", "did you mean scaffolding_bucket?"],
    ),
    "malformed setting": ([SYNC, "--set", "memory"], ["--set", "'memory' is not PARAMETER=VALUE"]),
    "environment": ([SYNC, "--env-base", "zzz"], ["env_base: 'zzz'"]),
}


@few(5)
@pytest.mark.parametrize(("arguments", "said"), WRONG.values(), ids=WRONG)
def test_wrong_use_is_answered_before_anything_runs(arguments: list[str], said: list[str]) -> None:
    result = run(*arguments)
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    for text in said:
        assert text in result.stderr


def test_everything_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    arguments = [SYNC, "--input", "-", "--set", "nope=1", "--upload", "source", "--json"]
    arguments += ["--upload", f"source={tmp_path / 'absent'}", "--upload", f"B_={tmp_path}"]
    arguments += ["--download", f"results={tmp_path / 'file'}", "--queue", "a b"]
    result = run(*arguments, stdin='{"source_path": "s3:x", "max_concurrency": "many"}')
    assert result.exit_code == 2
    error = json.loads(result.stdout)["error"]
    assert error["exit_code"] == 2
    assert error["message"] in result.stderr
    problems = [line for line in result.stderr.splitlines() if line.startswith("  - ")]
    subjects = [problem.split(":")[0].removeprefix("  - ") for problem in problems]
    assert subjects == [
        "source_path",
        "destination_path",
        "max_concurrency",
        *["--upload"] * 3,
        "--download",
        "--queue",
        "nope",
    ]


def test_help_is_quick_and_shows_examples() -> None:
    script = (
        "import sys\nfrom sfn_fragments.cli import main\n"
        "try:\n    main(['run', '--help'])\nexcept SystemExit:\n    pass\n"
        "heavy = {'aws_cdk', 'jsii', 'moto', 'boto3', 'pydantic'} & set(sys.modules)\n"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("  sfn-fragments run ") == 5


def running_jobs(folder: Path) -> list[str]:
    listed = subprocess.run(["ps", "-wweo", "args"], capture_output=True, text=True, check=True)
    # Those of the engine name the folder in what they are asked to run.
    lines = [line for line in listed.stdout.splitlines() if str(folder) in line]
    return [line for line in lines if line.startswith("sh -c")]


@long_proof
@pytest.mark.parametrize("number", some([signal.SIGINT, signal.SIGTERM], 0), ids=str)
def test_an_interrupted_run_leaves_nothing(tmp_path: Path, number: signal.Signals) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    command = ["sh", "-c", f"sleep 240; : {tmp_path}"]
    # What a shell runs in the background ignores Ctrl-C, and passes that on.
    heeding = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    process = subprocess.Popen(
        [
            *[sys.executable, "-c", f"{heeding}; from sfn_fragments.cli import main; main()"],
            *["run", "batch.submit_job", "--set", f"command={json.dumps(command)}"],
        ],
        env={**os.environ, "TMPDIR": str(temporary)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        ends = time.monotonic() + 180
        while not (running := running_jobs(tmp_path)) and process.poll() is None:
            assert time.monotonic() < ends
            time.sleep(0.1)
        assert running
        process.send_signal(number)
        stdout, stderr = process.communicate(timeout=30)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 130
    assert stderr.strip() == "interrupted: the execution and its jobs are stopped"
    assert "Traceback" not in stdout
    assert running_jobs(tmp_path) == []
    assert [path.name for path in temporary.iterdir()] == []


@long_proof
def test_two_runs_in_one_process() -> None:
    before = os.environ.get("TMPDIR"), tempfile.tempdir
    for _ in range(2):
        # The second needs parts of CDK that the first did not.
        for name in ("core.lambda_function", "data_sync.sync"):
            result = CliRunner().invoke(cli, ["run", name, "--json"])
            assert result.exit_code == 0, result.output
    assert (os.environ.get("TMPDIR"), tempfile.tempdir) == before


def test_what_a_job_may_read_of_this_machine(tmp_path: Path) -> None:
    folders = [tmp_path / "models", tmp_path / "more"]
    for folder in folders:
        folder.mkdir()
        (folder / "file").write_text(f"of {folder.name}\n")
    seen = json.dumps(["cat", *(str(folder / "file") for folder in folders)])
    named = [word for folder in folders for word in ("--image-path", str(folder))]
    result = run("batch.submit_job", "--set", f"command={seen}", *named, "--json")
    assert result.exit_code == 0, result.output
    [job] = json.loads(result.stdout)["jobs"]
    assert job["output"] == "of models\nof more\n"


def test_what_no_job_may_read_is_refused_at_once(tmp_path: Path) -> None:
    wrong = {"relative": "give an absolute path", f"{tmp_path}/no": "there is no such file"}
    named = [word for path in (*wrong, str(tmp_path)) for word in ("--image-path", path)]
    result = run("batch.submit_job", *named)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "--image-path" in result.stderr
    for path, why in wrong.items():
        assert f"{path!r}: {why}" in result.stderr
    assert f"{str(tmp_path)!r}: " not in result.stderr
