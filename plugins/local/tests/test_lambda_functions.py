"""Lambda functions run as local processes, invoked by state machines and by jobs' clients."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from tests.proofs import few, long_proof

from sfn_fragments_local import Engine
from sfn_fragments_local.launching.isolation import why_not

ECHO = """
import os

def handler(event, context):
    print("got", event)
    return {
        "event": event,
        "variable": os.environ.get("GREETING"),
        "function": context.function_name,
        "region": os.environ["AWS_REGION"],
        "left": context.get_remaining_time_in_millis(),
    }
"""


@pytest.fixture
def stack(tmp_path: Path) -> cdk.Stack:
    app = cdk.App(outdir=str(tmp_path / "cdk.out"), analytics_reporting=False)
    return cdk.Stack(app, "Stack")


def function(stack: cdk.Stack, code: str, **options: Any) -> lambda_.Function:
    options = {"handler": "index.handler", "runtime": lambda_.Runtime.PYTHON_3_12, **options}
    return lambda_.Function(
        stack, "Function", function_name="dev-x-fn", code=lambda_.Code.from_inline(code), **options
    )


def machine(stack: cdk.Stack, state: dict[str, Any], id: str = "Machine") -> None:
    definition = {"StartAt": "Call", "States": {"Call": {"Type": "Task", "End": True, **state}}}
    made = sfn.StateMachine(
        stack,
        id,
        state_machine_name=id,
        definition_body=sfn.DefinitionBody.from_string(json.dumps(definition)),
    )
    invokes = iam.PolicyStatement(actions=["lambda:InvokeFunction"], resources=["*"])
    made.add_to_role_policy(invokes)


def invoke(engine: Engine, event: Any = None, name: str = "dev-x-fn") -> tuple[Any, bool]:
    answer = engine.client("lambda").invoke(FunctionName=name, Payload=json.dumps(event))
    return json.load(answer["Payload"]), "FunctionError" in answer


def test_a_task_whose_resource_is_the_function(sfn_engine: Engine, stack: cdk.Stack) -> None:
    fn = function(stack, ECHO, environment={"GREETING": "hello"})
    machine(stack, {"Resource": fn.function_arn})
    sfn_engine.deploy(stack)
    result = sfn_engine.execute({"n": [1, None, "é"]})
    result.raise_for_status()
    left = result.output.pop("left")
    assert result.output == {
        "event": {"n": [1, None, "é"]},
        "variable": "hello",
        "function": "dev-x-fn",
        "region": "us-east-1",
    }
    assert 0 < left <= 3000


def test_the_optimized_integration_and_cdks_task(sfn_engine: Engine, stack: cdk.Stack) -> None:
    fn = function(stack, ECHO)
    machine(
        stack,
        {
            "Resource": "arn:aws:states:::lambda:invoke",
            "Parameters": {"FunctionName": fn.function_arn, "Payload": {"a.$": "$.b"}},
        },
        "Optimized",
    )
    sfn.StateMachine(
        stack,
        "Cdk",
        state_machine_name="Cdk",
        definition_body=sfn.DefinitionBody.from_chainable(
            tasks.LambdaInvoke(stack, "Invoke", lambda_function=fn, output_path="$.Payload")
        ),
    )
    sfn_engine.deploy(stack)
    optimized = sfn_engine.execute({"b": 1}, "Optimized")
    optimized.raise_for_status()
    assert optimized.output["Payload"]["event"] == {"a": 1}
    assert optimized.output["StatusCode"] == 200
    by_cdk = sfn_engine.execute({"b": 2}, "Cdk")
    by_cdk.raise_for_status()
    assert by_cdk.output["event"] == {"b": 2}


def test_code_of_a_folder_with_several_modules_and_a_boto3_client(
    sfn_engine: Engine, stack: cdk.Stack, tmp_path: Path
) -> None:
    code = tmp_path / "code"
    (code / "package").mkdir(parents=True)
    (code / "package" / "__init__.py").write_text("")
    (code / "package" / "text.py").write_text("TEXT = 'from the function'\n")
    (code / "main.py").write_text(
        "import os\nimport boto3\nfrom package.text import TEXT\n\n"
        "def run(event, context):\n"
        "    s3 = boto3.client('s3')\n"
        "    s3.put_object(Bucket=os.environ['BUCKET'], Key=event['key'], Body=TEXT)\n"
        "    return event['key']\n"
    )
    bucket = s3.Bucket(stack, "Bucket", bucket_name="results")
    fn = lambda_.Function(
        stack,
        "Function",
        code=lambda_.Code.from_asset(str(code)),
        handler="main.run",
        runtime=lambda_.Runtime.PYTHON_3_13,
        environment={"BUCKET": bucket.bucket_name},
        timeout=cdk.Duration.seconds(60),
    )
    bucket.grant_put(fn)
    machine(stack, {"Resource": fn.function_arn})
    sfn_engine.deploy(stack)
    result = sfn_engine.execute({"key": "a/b.txt"})
    result.raise_for_status()
    assert result.output == "a/b.txt"
    body = sfn_engine.client("s3").get_object(Bucket="results", Key="a/b.txt")["Body"].read()
    assert body == b"from the function"


RAISES = """
class NoSuchSample(Exception):
    pass

def handler(event, context):
    raise NoSuchSample(f"sample {event['id']} is not there")
"""


@pytest.mark.parametrize("optimized", [False, True])
def test_an_exception_is_the_states_error(
    sfn_engine: Engine, stack: cdk.Stack, optimized: bool
) -> None:
    fn = function(stack, RAISES)
    call: dict[str, Any] = {"Resource": fn.function_arn}
    if optimized:
        call = {
            "Resource": "arn:aws:states:::lambda:invoke",
            "Parameters": {"FunctionName": fn.function_arn, "Payload.$": "$"},
        }
    machine(stack, call)
    sfn_engine.deploy(stack)
    result = sfn_engine.execute({"id": 7})
    assert result.status == "FAILED"
    assert result.error == "NoSuchSample"
    cause = json.loads(result.cause or "")
    assert cause["errorMessage"] == "sample 7 is not there"
    assert cause["errorType"] == "NoSuchSample"
    [frame] = cause["stackTrace"]
    assert "index.py" in frame
    assert "in handler" in frame


@few(4)
@pytest.mark.parametrize(
    ("code", "handler", "error", "message"),
    [
        ("import no_such_module", "index.handler", "Runtime.ImportModuleError", "no_such_module"),
        ("x = 1", "index.handler", "Runtime.HandlerNotFound", "'handler'"),
        ("def handler(:", "index.handler", "Runtime.UserCodeSyntaxError", "index"),
        ("1 / 0", "index.handler", "ZeroDivisionError", "division"),
        ("handler = lambda e, c: {1, 2}", "index.handler", "Runtime.MarshalError", "set"),
        (
            "import sys\nhandler = lambda e, c: sys.exit(3)",
            "index.handler",
            "Runtime.ExitError",
            "3",
        ),
        (
            "import os\nhandler = lambda e, c: os._exit(4)",
            "index.handler",
            "Runtime.ExitError",
            "exit status 4",
        ),
        ("x = 1", "handler", "Runtime.MalformedHandlerName", "'handler'"),
    ],
)
def test_what_the_runtime_itself_reports(
    sfn_engine: Engine, stack: cdk.Stack, code: str, handler: str, error: str, message: str
) -> None:
    function(stack, code, handler=handler)
    sfn_engine.deploy(stack)
    answer, failed = invoke(sfn_engine)
    assert failed
    assert answer["errorType"] == error
    assert message in answer["errorMessage"]


def test_a_handler_that_takes_too_long_is_ended(sfn_engine: Engine, stack: cdk.Stack) -> None:
    slow = "import time\n\ndef handler(event, context):\n    time.sleep(30)\n"
    function(stack, slow, timeout=cdk.Duration.seconds(1))
    sfn_engine.deploy(stack)
    began = time.monotonic()
    answer, failed = invoke(sfn_engine)
    assert time.monotonic() - began < 20
    assert failed
    assert answer["errorType"] == "Sandbox.Timedout"
    assert "timed out after 1.00 seconds" in answer["errorMessage"]


@long_proof
def test_closing_the_engine_ends_a_running_function(stack: cdk.Stack) -> None:
    slow = "import time\n\ndef handler(event, context):\n    time.sleep(60)\n"
    fn = function(stack, slow, timeout=cdk.Duration.seconds(90))
    machine(stack, {"Resource": fn.function_arn})
    with Engine() as engine:
        engine.deploy(stack)
        engine.start({})
        time.sleep(1.5)
        began = time.monotonic()
    assert time.monotonic() - began < 15


def test_another_runtime_is_named(sfn_engine: Engine, stack: cdk.Stack) -> None:
    fn = function(stack, "exports.handler = 1", runtime=lambda_.Runtime.NODEJS_22_X)
    machine(stack, {"Resource": fn.function_arn})
    sfn_engine.deploy(stack)
    result = sfn_engine.execute()
    assert result.error == "Runtime.Unsupported"
    assert "'dev-x-fn' has the runtime 'nodejs22.x'" in (result.cause or "")


def test_code_that_a_bare_template_does_not_hold(sfn_engine: Engine) -> None:
    sfn_engine.deploy(
        {
            "Resources": {
                "Role": {
                    "Type": "AWS::IAM::Role",
                    "Properties": {
                        "AssumeRolePolicyDocument": {
                            "Version": "2012-10-17",
                            "Statement": [
                                {
                                    "Effect": "Allow",
                                    "Action": "sts:AssumeRole",
                                    "Principal": {"Service": "lambda.amazonaws.com"},
                                }
                            ],
                        }
                    },
                },
                "Function": {
                    "Type": "AWS::Lambda::Function",
                    "Properties": {
                        "FunctionName": "elsewhere",
                        "Code": {"S3Bucket": "cdk-assets", "S3Key": "abc.zip"},
                        "Handler": "index.handler",
                        "Runtime": "python3.12",
                        "Role": {"Fn::GetAtt": ["Role", "Arn"]},
                    },
                },
            }
        }
    )
    answer, failed = invoke(sfn_engine, name="elsewhere")
    assert failed
    assert "deploy the CDK stack" in answer["errorMessage"]


def test_deploying_again_runs_the_new_code_and_what_it_prints_is_logged(
    sfn_engine: Engine, stack: cdk.Stack
) -> None:
    fn = function(stack, "def handler(event, context):\n    print('first words')\n    return 1\n")
    sfn_engine.deploy(stack)
    assert invoke(sfn_engine) == (1, False)
    resource = fn.node.default_child
    assert isinstance(resource, lambda_.CfnFunction)
    resource.code = lambda_.CfnFunction.CodeProperty(zip_file="handler = lambda e, c: 2")
    sfn_engine.deploy(stack)
    assert invoke(sfn_engine) == (2, False)
    logs = sfn_engine.client("logs").filter_log_events(logGroupName="/aws/lambda/dev-x-fn")
    assert "first words" in [event["message"] for event in logs["events"]]


def test_a_function_that_leaves_a_child_behind_answers_at_once(
    sfn_engine: Engine, stack: cdk.Stack
) -> None:
    code = """
import subprocess

def handler(event, context):
    subprocess.Popen(["sh", "-c", "sleep 50"], start_new_session=True)
    return "done"
"""
    function(stack, code)
    sfn_engine.deploy(stack)
    begun = time.monotonic()
    assert invoke(sfn_engine) == ("done", False)
    assert time.monotonic() - begun < 20


def programs_in(folder: str) -> set[str]:
    """Entries of a folder that hold what runs this Python."""
    places = map(Path, (sys.prefix, sys.base_prefix, *sys.path, *os.get_exec_path()))
    return {
        place.relative_to(folder).parts[0]
        for place in places
        if place.is_relative_to(folder) and place != Path(folder)
    }


@pytest.mark.usefixtures("sfn_mounts")
def test_a_function_sees_its_container(
    sfn_engine: Engine, stack: cdk.Stack, tmp_path: Path
) -> None:
    code = """
import os

def refused(path):
    try:
        open(path, "w").close()
    except OSError as error:
        return error.strerror

def handler(event, context):
    return {
        "task": [os.getcwd(), os.environ["LAMBDA_TASK_ROOT"], __file__, os.listdir("/var/task")],
        "machine": [os.path.exists(event), os.listdir("/tmp"), os.listdir("/home")],
        "refused": [refused(p) for p in ("/var/task/x", "/usr/x", "/tmp/x")],
        "descriptors": len(os.listdir("/proc/self/fd")),
    }
"""
    function(stack, code)
    sfn_engine.deploy(stack)
    answer, failed = invoke(sfn_engine, str(tmp_path))
    assert not failed, answer
    assert answer["task"] == ["/var/task", "/var/task", "/var/task/index.py", ["index.py"]]
    seen, *listed = answer["machine"]
    assert not seen
    for folder, own, found in zip(("/tmp", "/home"), ([], ["job"]), listed, strict=True):
        # Python itself may be there, as its image.
        assert set(own) <= set(found) <= {*own, *programs_in(folder)}
    assert answer["refused"] == ["Read-only file system"] * 2 + [None]
    # Standard input, output and error, the result, and the folder that is being listed.
    assert answer["descriptors"] == 5


@pytest.mark.parametrize("isolation", ["landlock", "none"])
def test_a_function_without_a_file_tree_of_its_own(
    stack: cdk.Stack, tmp_path: Path, isolation: str
) -> None:
    if isolation == "landlock" and (reason := why_not("landlock")):
        pytest.skip(reason)
    code = """
import os, tempfile

def handler(event, context):
    with tempfile.NamedTemporaryFile("w") as file:
        file.write("x")
    try:
        open(event["path"], "w").close()
    except OSError as error:
        return error.strerror
    return os.environ["LAMBDA_TASK_ROOT"] == os.getcwd()
"""
    function(stack, code)
    with Engine(isolation=isolation) as engine:
        engine.deploy(stack)
        answer = invoke(engine, {"path": str(tmp_path / "x")})
    assert answer == ("Permission denied" if isolation == "landlock" else True, False)
    assert (tmp_path / "x").exists() == (isolation == "none")
