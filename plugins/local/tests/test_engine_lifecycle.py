"""What an engine does to the process while it is open, and that closing leaves nothing."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import threading
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from tests.proofs import long_proof

from sfn_fragments.errors import FragmentsError, InvalidParametersError
from sfn_fragments_local import Engine
from sfn_fragments_local.engine import EngineError

if TYPE_CHECKING:
    from pathlib import Path


def buckets(engine: Engine) -> list[str]:
    return [bucket["Name"] for bucket in engine.client("s3").list_buckets()["Buckets"]]


def test_closing_puts_everything_back(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import moto.batch.models as batch_models
    from moto.core.config import default_user_config

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("AWS_PROFILE", "mine")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "secret")
    before = dict(os.environ), dict(default_user_config), batch_models.Job
    threads = set(threading.enumerate())
    with Engine() as engine:
        engine.create_bucket("bucket")
        assert "AWS_PROFILE" not in os.environ
        assert "AWS_SESSION_TOKEN" not in os.environ
        assert os.environ["AWS_CONFIG_FILE"] == os.devnull
        assert list(tmp_path.glob("sfn-fragments-*"))
    assert (dict(os.environ), dict(default_user_config), batch_models.Job) == before
    assert list(tmp_path.iterdir()) == []
    left = [thread for thread in set(threading.enumerate()) - threads if not thread.daemon]
    assert left == []
    with pytest.raises(EngineError, match="not open"):
        engine.client("s3")


def test_an_error_inside_closes_too() -> None:
    environment = dict(os.environ)
    with pytest.raises(ZeroDivisionError), Engine():
        raise ZeroDivisionError
    assert dict(os.environ) == environment


def test_one_after_the_other_and_the_same_twice() -> None:
    engine = Engine()
    for _ in range(2):
        with engine:
            assert buckets(engine) == []
            engine.create_bucket("bucket")
            engine.create_bucket("bucket")
            assert buckets(engine) == ["bucket"]


def test_one_inside_another() -> None:
    with Engine() as outer:
        outer.create_bucket("bucket")
        with Engine() as inner:
            assert inner.endpoint_url != outer.endpoint_url
            assert os.environ["AWS_ENDPOINT_URL"] == inner.endpoint_url
        assert os.environ["AWS_ENDPOINT_URL"] == outer.endpoint_url
        assert buckets(outer) == ["bucket"]
    with Engine() as later:
        assert buckets(later) == []


def test_closing_in_any_order(monkeypatch: pytest.MonkeyPatch) -> None:
    import moto.batch.models as batch_models
    from moto.core.config import default_user_config

    boto3.setup_default_session(region_name="eu-west-3")
    session = boto3.DEFAULT_SESSION
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "real")
    monkeypatch.setenv("AWS_PROFILE", "mine")
    before = dict(os.environ), dict(default_user_config), batch_models.Job
    first, second, third = Engine(), Engine(), Engine()
    first.open()
    second.open()
    first.close()
    assert os.environ["AWS_ENDPOINT_URL"] == second.endpoint_url
    assert "AWS_PROFILE" not in os.environ
    third.open()
    second.create_bucket("bucket")
    second.close()
    assert os.environ["AWS_ACCESS_KEY_ID"] == third.environment["AWS_ACCESS_KEY_ID"]
    assert [one["Name"] for one in boto3.client("s3").list_buckets()["Buckets"]] == ["bucket"]
    assert not {"real", "mine"} & set(os.environ.values())
    assert run_a_wait(third) == "SUCCEEDED"
    third.close()
    assert (dict(os.environ), dict(default_user_config), batch_models.Job) == before
    assert boto3.DEFAULT_SESSION is session
    boto3.DEFAULT_SESSION = None


def run_a_wait(engine: Engine) -> str:
    wait = {"Type": "Wait", "Seconds": 1, "End": True}
    arn = engine.client("stepfunctions").create_state_machine(
        name="wait",
        definition=json.dumps({"StartAt": "Wait", "States": {"Wait": wait}}),
        roleArn="arn:aws:iam::123456789012:role/any",
    )["stateMachineArn"]
    return engine.execute({}, arn).status


def test_closing_an_older_engine_leaves_the_executions_of_a_younger_one() -> None:
    with Engine() as older, Engine(time_scale=1) as younger:
        wait = {"Type": "Wait", "Seconds": 1, "End": True}
        arn = younger.client("stepfunctions").create_state_machine(
            name="wait",
            definition=json.dumps({"StartAt": "Wait", "States": {"Wait": wait}}),
            roleArn="arn:aws:iam::123456789012:role/any",
        )["stateMachineArn"]
        execution = younger.start({}, arn)
        older.close()
        assert execution.wait().status == "SUCCEEDED"


def test_engines_in_threads() -> None:
    before = dict(os.environ)
    problems: list[object] = []

    def use(number: int) -> None:
        try:
            with Engine() as engine:
                engine.create_bucket(f"bucket-{number}")
                assert f"bucket-{number}" in buckets(engine)
                assert "AWS_ENDPOINT_URL" in os.environ
        except BaseException as error:  # told below
            problems.append(error)

    threads = [threading.Thread(target=use, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert dict(os.environ) == before


def test_opening_twice() -> None:
    with Engine() as engine, pytest.raises(EngineError, match="open already"):
        engine.open()


def test_the_interpreter_is_off_without_an_engine() -> None:
    from moto.core.config import default_user_config

    with Engine():
        assert default_user_config["stepfunctions"]["execute_state_machine"]
    assert not default_user_config["stepfunctions"]["execute_state_machine"]


def test_plain_boto3_and_subprocesses_reach_the_engine() -> None:
    with Engine(region="eu-west-1") as engine:
        engine.create_bucket("bucket")
        assert boto3.client("s3").list_buckets()["Buckets"][0]["Name"] == "bucket"
        script = "import boto3; print(boto3.client('s3').list_buckets()['Buckets'][0]['Name'])"
        done = subprocess.run(
            [sys.executable, "-c", script],
            env={"PATH": os.environ["PATH"], **engine.environment},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout == "bucket\n"
        location = engine.client("s3").get_bucket_location(Bucket="bucket")
        assert location["LocationConstraint"] == "eu-west-1"


def test_all_wrong_options_are_named_at_once() -> None:
    wrong: dict[str, Any] = {
        "time_scale": "x",
        "region": "",
        "max_jobs": 0,
        "enforce_iam": "no",
        "job_timeout_scale": 0,
    }
    with pytest.raises(InvalidParametersError) as raised:
        Engine(**wrong)
    assert [problem.parameter for problem in raised.value.problems] == list(wrong)
    assert "max_jobs: 0: give a whole number of 1 or more" in str(raised.value)


@pytest.mark.parametrize("name", ["", "a b", 3])
def test_a_queue_that_cannot_be_is_named(sfn_engine: Engine, name: Any) -> None:
    with pytest.raises(EngineError, match=f"create_job_queue {name!r}: give 1 to 128 letters"):
        sfn_engine.create_job_queue(name)


@pytest.mark.parametrize("name", ["", "B"])
def test_a_bucket_that_cannot_be_is_named(sfn_engine: Engine, name: str) -> None:
    with pytest.raises(EngineError, match=f"create_bucket {name!r}: "):
        sfn_engine.create_bucket(name)


def test_upload_and_download_keep_every_byte(sfn_engine: Engine, tmp_path: Path) -> None:
    source = tmp_path / "in"
    (source / "ä b" / "+%").mkdir(parents=True)
    big = os.urandom(1024) * 1024 * 20
    (source / "big").write_bytes(big)
    (source / "ä b" / "+%" / "?&=#.txt").write_bytes(b"\x00\xff")
    (source / "empty").touch()
    sfn_engine.create_bucket("bucket")
    assert sfn_engine.upload("bucket", source, prefix="p/") == 3
    sfn_engine.client("s3").put_object(Bucket="bucket", Key="p/folder/", Body=b"")
    target = tmp_path / "out"
    assert sfn_engine.download("bucket", target, prefix="p/") == 3
    assert (target / "ä b" / "+%" / "?&=#.txt").read_bytes() == b"\x00\xff"
    assert (target / "empty").read_bytes() == b""
    received = hashlib.sha256((target / "big").read_bytes()).digest()
    assert received == hashlib.sha256(big).digest()


def test_wrong_folders_and_buckets(sfn_engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(FragmentsError, match="is not a folder"):
        sfn_engine.upload("bucket", tmp_path / "none")
    with pytest.raises(EngineError, match=r"download from 'bucket': .*bucket does not exist"):
        sfn_engine.download("bucket", tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(EngineError, match=r"upload to 'bucket': .*bucket does not exist"):
        sfn_engine.upload("bucket", tmp_path)
    sfn_engine.create_bucket("bucket")
    sfn_engine.client("s3").put_object(Bucket="bucket", Key="a/../../x", Body=b"")
    with pytest.raises(FragmentsError, match="leads out of"):
        sfn_engine.download("bucket", tmp_path / "out")


def test_an_engine_leaves_no_clients_behind() -> None:
    from sfn_fragments_local.moto_gaps import clients

    with Engine() as engine:
        engine.create_bucket("somewhere")
        put = {
            "Type": "Task",
            "Resource": "arn:aws:states:::aws-sdk:s3:putObject",
            "Parameters": {"Bucket": "somewhere", "Key": "k", "Body": {}},
            "End": True,
        }
        arn = engine.client("stepfunctions").create_state_machine(
            name="put",
            definition=json.dumps({"StartAt": "Put", "States": {"Put": put}}),
            roleArn="arn:aws:iam::123456789012:role/any",
        )["stateMachineArn"]
        engine.execute({}, arn).raise_for_status()
        address = engine.endpoint_url
        assert address in {endpoint for _, _, endpoint in clients._clients}
    assert address not in {endpoint for _, _, endpoint in clients._clients}


@long_proof
def test_a_profile_that_is_not_there_is_not_looked_for() -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from sfn_fragments_local import Engine\n"
            "with Engine() as engine: engine.create_bucket('somewhere')",
        ],
        env={**os.environ, "AWS_PROFILE": "absent"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_no_place_for_temporary_files_is_one_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before = dict(os.environ)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "absent"))
    with pytest.raises(FragmentsError, match=r"no folder for temporary files: .*set TMPDIR"):
        Engine().open()
    assert dict(os.environ) == before
