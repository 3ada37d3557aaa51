"""What the library that this one replaces does, statement by statement, in both libraries."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Stack
from aws_cdk.aws_iam import PolicyStatement
from aws_cdk.aws_s3 import Bucket
from aws_cdk.aws_stepfunctions import Chain, JsonPath, Pass
from constructs import Construct
from tests.contract.both_libraries import NEW, OLD, Library
from tests.proofs import long_proof, some

from sfn_fragments.environment import EnvBase
from sfn_fragments.fragments import create_state_machine
from sfn_fragments.sandbox import Sandbox

if TYPE_CHECKING:
    from sfn_fragments_local import Engine, ExecutionResult

pytestmark = pytest.mark.filterwarnings("ignore")


def same(ask: Callable[[Library], Any]) -> Any:
    """What both libraries answer; fails where they differ."""
    old, new = ask(OLD), ask(NEW)
    assert new == old
    return new


PATHS = ["", "$", "a", "$.a", "$.a.b", "a.$", "a.$.b", "$.a.$", "a..b", ".a.", "$..a", "a.b.$"]


@pytest.mark.parametrize("path", PATHS)
def test_reference_paths(path: str) -> None:
    def ask(library: Library) -> Any:
        found = library.JsonReferencePath(path)
        again = library.JsonReferencePath(found.as_key)
        twice = library.JsonReferencePath(found.as_reference)
        return [
            (str(one), one.as_key, one.as_reference, library.JsonReferencePath.is_reference(one))
            for one in (found, again, twice, found + "x", found.extend("$.y", "z"))
        ]

    same(ask)


@pytest.mark.parametrize("value", ["$", "$.a", "a", "", 1, None, ["$"]])
def test_what_is_a_reference(value: Any) -> None:
    same(lambda library: library.JsonReferencePath.is_reference(value))


@pytest.mark.parametrize(
    "keys",
    [
        {"jobName": {"deepKey": [{"aB": 1}]}},
        {"job_name": {"deep_key": "some_value"}},
        {"JobName": 1, "ARN": 2, "jobDefinitionARN": 3, "s3Uri": 4},
        {"key.$": "$.x", "snake_key.$": "$.y"},
        [{"a_b": [{"c_d": 1}]}],
        "a_b",
    ],
)
def test_case_of_keys(keys: Any) -> None:
    same(lambda library: library.convert_to_sfn_api_action_case(keys))


@pytest.mark.parametrize("with_access_point", [False, True])
@pytest.mark.parametrize("read_only", [False, True])
def test_mount_points(with_access_point: bool, read_only: bool) -> None:
    from aws_cdk.aws_ec2 import Vpc
    from aws_cdk.aws_efs import FileSystem

    stack = Stack(App(), "Stack")
    file_system = FileSystem(stack, "Files", vpc=Vpc(stack, "Vpc"))
    point = file_system.add_access_point("Point")

    def ask(library: Library) -> Any:
        make = library.MountPointConfiguration
        if with_access_point:
            config = make.from_access_point(point, "/opt/a", read_only)
        else:
            config = make.from_file_system(file_system, None, "/opt/a", read_only)
        converted = library.AWSBatchMixins.convert_to_mount_point_and_volumes([config])
        names = [volume.pop("Name") for volume in converted[1]]
        assert names == [point.pop("SourceVolume") for point in converted[0]]
        return [
            converted,
            config.to_file_system_configuration(),
            *(
                make(name, sfn_format)
                for make in (config.to_batch_mount_point, config.to_batch_volume)
                for name in ("v",)
                for sfn_format in (False, True)
            ),
        ]

    same(ask)


def test_a_trigger() -> None:
    from aws_cdk.aws_ec2 import Vpc
    from aws_cdk.aws_efs import FileSystem

    stack = Stack(App(), "Stack")
    file_system = FileSystem(stack, "Files", vpc=Vpc(stack, "Vpc"))

    def ask(library: Library, options: dict[str, Any]) -> Any:
        make = library.CleanFileSystemTriggerConfig
        return make(file_system, "/scratch", 2.5, **options).to_dict()

    for options in ({}, {"min_depth": 1, "max_depth": 2, "min_size_bytes_allowed": 5}):
        same(partial(ask, options=options))


def test_a_fragment_without_states_has_no_definition() -> None:
    def ask(library: Library) -> bool:
        stack = Stack(App(), "Stack")
        fragment = library.EnvBaseStateMachineFragment(stack, "Empty", EnvBase("dev-x"))
        return hasattr(fragment, "definition")

    assert same(ask) is False


GIVEN = {
    "bucket": "a-bucket",
    "key": "deep/key.json",
    "data": {"a": [1, {"b": None}], "price": "$100"},
    "list": ["x", "y"],
    "n": 5,
    "text": "plain",
}
#: Makes the states of one case, in a scope of its own.
Build = Callable[[Library, Construct], Any]


def execute(
    engine: Engine,
    library: Library,
    cases: Mapping[str, Build],
    input: Any,
    *,
    allow_anything: bool = False,
) -> dict[str, ExecutionResult]:
    """What becomes of each case; one stack holds all of them, as a state machine each."""
    sandbox = Sandbox(f"dev-{library}")
    for name, build in cases.items():
        scope = Construct(sandbox.stack, name)
        machine = create_state_machine(
            sandbox.stack, sandbox.env_base, name, name, build(library, scope)
        )
        if allow_anything or library is OLD:
            # States that name buckets and jobs by way of their input need a wider role.
            anything = PolicyStatement(actions=["*"], resources=["*"])
            machine.role.add_to_principal_policy(anything)
    engine.deploy(sandbox.stack)
    return {name: engine.execute(input, f"dev-{library}-{name}") for name in cases}


def outputs(engine: Engine, cases: Mapping[str, Build], input: Any) -> dict[str, Any]:
    """The output of each case; fails where the libraries differ."""
    engine.create_bucket("a-bucket")

    def ask(library: Library) -> dict[str, Any]:
        results = execute(engine, library, cases, input, allow_anything=True)
        return {name: (result.status, result.output) for name, result in results.items()}

    found: dict[str, Any] = same(ask)
    assert {status for status, _ in found.values()} == {"SUCCEEDED"}
    return {name: output for name, (_, output) in found.items()}


@long_proof
def test_objects_and_payloads(sfn_engine: Engine) -> None:
    names = {"bucket_name": "$.bucket", "key": "$.key"}
    places: dict[str, Any] = {"all": "$", "none": None, "out": "$.out", "data": "$.data"}

    def put(library: Library, scope: Construct, path: str | None) -> Any:
        return library.S3Operation.put_payload(
            scope, "Put", payload="$.data", result_path=path, **names
        )

    def put_object(library: Library, scope: Construct, path: str | None, part: str | None) -> Any:
        return library.S3Operation.put_object(
            scope, "Put", "a-bucket", "a-key", {"x": "$.n"}, path, part
        )

    def get(library: Library, scope: Construct, path: str | None) -> Any:
        # The old library fails without a path, though it says that there may be none.
        given = path or ("$" if library is OLD else None)
        return library.S3Operation.get_payload(scope, "Get", result_path=given, **names)

    def text(library: Library, scope: Construct, path: str | None) -> Any:
        # It leaves out bucket and key, which it documents.
        body = f"{path or '$'}.Body"
        return library.S3Operation.get_object(
            scope, "Get", result_path=path, output_path=body, **names
        )

    cases: dict[str, Build] = {}
    for place, path in places.items():
        cases[f"put-{place}"] = partial(put, path=path)
        parts = {"whole": "$", "nothing": None, "bucket": f"{path or '$'}.Bucket"}
        for part, output_path in parts.items():
            cases[f"object-{place}-{part}"] = partial(put_object, path=path, part=output_path)
    # Last: they read what the others have put.
    for place, path in places.items():
        cases |= {
            f"get-{place}": partial(get, path=path),
            f"text-{place}": partial(text, path=path),
        }
    found = outputs(sfn_engine, cases, GIVEN)
    assert found["get-all"] == found["get-none"] == GIVEN["data"]
    assert found["object-out-bucket"] == "a-bucket"


@long_proof
def test_enclosing(sfn_engine: Engine) -> None:
    discard = JsonPath.DISCARD
    paths = [
        (None, None),
        ("$", None),
        ("$.data", None),
        (None, "$.out"),
        ("$.data", "$.out"),
        ("$.data", "$"),
        ("$.data", discard),
        (None, discard),
    ]
    cases: dict[str, Build] = {}
    for number, (input_path, result_path) in enumerate(paths):

        def inner(scope: Construct) -> Any:
            return Pass(scope, "Inner", parameters={"seen": JsonPath.object_at("$")})

        def chainable(
            library: Library, scope: Construct, given: Any = (input_path, result_path)
        ) -> Any:
            return library.CommonOperation.enclose_chainable(scope, "E", inner(scope), *given)

        def function(
            library: Library, scope: Construct, given: Any = (input_path, result_path)
        ) -> Any:
            return library.enclosed_chain(scope, "E", inner(scope), *given)

        def method(
            library: Library, scope: Construct, given: Any = (input_path, result_path)
        ) -> Any:
            fragment = library.EnvBaseStateMachineFragment(scope, "Fragment", EnvBase("dev-x"))
            fragment.definition = Chain.start(inner(fragment))
            return fragment.enclose("E", *given)

        cases |= {f"c{number}": chainable, f"f{number}": function, f"m{number}": method}
    found = outputs(sfn_engine, cases, GIVEN)
    assert found["c6"] == found["f7"] == found["m7"] == GIVEN


def test_a_single_state(sfn_engine: Engine) -> None:
    options: dict[str, dict[str, Any]] = {
        "default": {},
        "all": {"result_path": "$"},
        "none": {"result_path": None},
        "list": {"result_path": "$", "output_path": "$"},
        # With its default, the old library fails where the result is discarded, or has a place.
        "discarded": {"result_path": JsonPath.DISCARD, "output_path": "$"},
        "placed": {"result_path": "$.out", "output_path": "$"},
        "selected": {"result_selector": {"x.$": "$[0].n"}, "output_path": "$.x"},
        "given": {"parameters": {"x.$": "$.n"}, "prefix_states": "A "},
    }

    def build(library: Library, scope: Construct, given: Any) -> Any:
        fragment = library.EnvBaseStateMachineFragment(scope, "One", EnvBase("dev-x"))
        fragment.definition = Chain.start(Pass(fragment, "Inner"))
        return Chain.start(fragment.to_single_state(**given))

    cases = {
        name: lambda library, scope, given=given: build(library, scope, given)
        for name, given in options.items()
    }
    found = outputs(sfn_engine, cases, GIVEN)
    assert found["default"] == found["all"] == found["discarded"] == GIVEN


def test_merging_defaults(sfn_engine: Engine) -> None:
    merges: list[dict[str, Any]] = [
        {"defaults": {"a": 1, "c": {"deep": True}}, "target_path": "$.data"},
        {
            "defaults": {"a": 1, "z": "$100"},
            "target_path": "data",
            "order_of_preference": "default",
        },
        {"defaults": {"z": JsonPath.string_at("$.text")}, "target_path": "$.data"},
        {"defaults": {"z": JsonPath.list_at("$.list"), "n": JsonPath.number_at("$.n")}},
        {"defaults": {"z": [{"y": JsonPath.string_at("$.text")}, "$5 off"]}},
        {"defaults": {"a": 1}, "target_path": "$.data", "result_path": "res"},
        {"defaults": {"a": 1}, "target_path": "$.data", "result_path": "$.deep.res"},
        {"defaults": {"a": 1}, "input_path": "$.data", "target_path": "$"},
        {"defaults": {"a": 1}, "target_path": "$.none", "check_if_target_present": True},
        {"defaults": {"a": 1}, "target_path": "$.data", "check_if_target_present": True},
    ]

    def merge(
        library: Library, scope: Construct, options: dict[str, Any], result_path: Any = None
    ) -> Any:
        path = result_path and library.JsonReferencePath(result_path)
        given = {**options, **({"result_path": path} if path else {})}
        return library.CommonOperation.merge_defaults(scope, "Merge", **given)

    cases: dict[str, Build] = {}
    for number, options in enumerate(merges):
        cases[f"text-{number}"] = partial(merge, options=options)
        if path := options.get("result_path"):
            cases[f"path-{number}"] = partial(merge, options=options, result_path=path)
    found = outputs(sfn_engine, cases, GIVEN)
    assert found["path-6"]["deep"]["res"]["price"] == "$100"


def test_submitting_a_job(sfn_engine: Engine) -> None:
    sfn_engine.create_job_queue("queue")
    sfn_engine.client("batch").register_job_definition(
        jobDefinitionName="greet",
        type="container",
        containerProperties={
            "image": "img",
            "command": ["echo", "Ref::InputFile", "Ref::Given"],
            "resourceRequirements": [
                {"type": "MEMORY", "value": "1024"},
                {"type": "VCPU", "value": "1"},
            ],
        },
    )

    def ask(library: Library) -> Any:
        build: Build = lambda library, scope: library.BatchOperation.submit_job(  # noqa: E731
            scope,
            "Greet",
            job_name="greet-it",
            job_definition="greet",
            job_queue="queue",
            parameters={"input_file": "$.text", "Given": "as it is"},
            # The old library sends null for what is not given, which Batch takes for nothing.
            command=["echo", "Ref::InputFile", "Ref::Given"],
            environment={"TEXT": "$.text", "N": "5"},
            result_path="$.out",
        )
        result = execute(sfn_engine, library, {"submit": build}, GIVEN)["submit"].raise_for_status()
        [job] = result.jobs
        assert isinstance(result.output, dict)
        name = result.output["out"]["JobName"]
        begins, hexadecimal = name[: len("greet-it-")], name[len("greet-it-") :]
        assert len(hexadecimal) == 36  # a UUID
        variables = {key: job.environment[key] for key in ("TEXT", "N")}
        return begins, sorted(result.output["out"]), job.output, variables

    assert same(ask)[2].strip() == "plain as it is"


#: What the operations on Batch are given for ``result_path`` and ``output_path``.
PLACES: dict[str, dict[str, Any]] = {
    "default": {},
    "none": {"result_path": None, "output_path": None},
    "no-result": {"result_path": None},
    "no-output": {"output_path": None},
    "out": {"result_path": "$.out"},
    "out-alone": {"result_path": "$.out", "output_path": "$.out"},
    "out-none": {"result_path": "$.out", "output_path": None},
}


@long_proof
def test_where_the_results_of_batch_go(sfn_engine: Engine) -> None:
    sfn_engine.create_job_queue("queue")

    def register(library: Library, scope: Construct, places: dict[str, Any]) -> Any:
        return library.BatchOperation.register_job_definition(
            scope,
            "Register",
            command=["true"],
            image="img",
            job_definition_name="some",
            environment={"TEXT": "$.text"},
            memory=1024,
            vcpus=1,
            # The old library sends null for what is not given.
            mount_points=[],
            volumes=[],
            **places,
        )

    def submit(library: Library, scope: Construct, places: dict[str, Any]) -> Any:
        return library.BatchOperation.submit_job(
            scope,
            "Submit",
            job_name="some",
            job_definition="$.definition",
            job_queue="queue",
            command=["true"],
            **places,
        )

    def deregister(library: Library, scope: Construct, places: dict[str, Any]) -> Any:
        # A reference path fails in the old library.
        return library.BatchOperation.deregister_job_definition(
            scope, "Deregister", job_definition="gone:1", **places
        )

    for operation in (register, submit, deregister):
        cases: dict[str, Build] = {
            f"{operation.__name__}-{name}": partial(operation, places=places)
            for name, places in PLACES.items()
        }

        def ask(library: Library, cases: dict[str, Build] = cases) -> dict[str, Any]:
            batch = sfn_engine.client("batch")
            arns = [
                batch.register_job_definition(
                    jobDefinitionName=name,
                    type="container",
                    containerProperties={
                        "image": "img",
                        "command": ["true"],
                        "resourceRequirements": [
                            {"type": "MEMORY", "value": "1024"},
                            {"type": "VCPU", "value": "1"},
                        ],
                    },
                )["jobDefinitionArn"]
                for name in ("given", "gone")
            ]
            given = {**GIVEN, "definition": arns[0]}
            results = execute(sfn_engine, library, cases, given, allow_anything=True)
            return {
                name: (result.status, _shape(result.output)) for name, result in results.items()
            }

        found = same(ask)
        assert {status for status, _ in found.values()} == {"SUCCEEDED"}
        name = operation.__name__
        assert found[f"{name}-none"] == found[f"{name}-default"] == found[f"{name}-no-result"]
        assert found[f"{name}-out"] == found[f"{name}-out-none"]


def _shape(output: Any) -> Any:
    """An output with its names alone: ids differ from run to run."""
    if isinstance(output, dict):
        return {key: _shape(value) for key, value in sorted(output.items())}
    return type(output).__name__


@long_proof
@pytest.mark.parametrize("key_prefix", some([None, "custom/", "custom"], 1))
def test_a_handler_on_batch(sfn_engine: Engine, key_prefix: str | None) -> None:
    """The job's own variables win over those that are given, and the keys have the prefix."""
    sfn_engine.create_job_queue("queue")
    sfn_engine.create_bucket("a-bucket")
    handler = "aibs_informatics_aws_lambda.handlers.data_sync.put_json_to_file_handler"

    def ask(library: Library) -> Any:
        before = _keys(sfn_engine)
        build: Build = lambda library, scope: library.BatchInvokedLambdaFunction(  # noqa: E731
            scope,
            "Run",
            EnvBase(f"dev-{library}"),
            name="run",
            image="image:1",
            handler=handler,
            job_queue="queue",
            bucket_name="a-bucket",
            key_prefix=key_prefix,
            memory=1024,
            vcpus=1,
            gpu=0,
            environment={
                "OWN": "1",
                "env_base": "dev-other",
                "AWS_REGION": "nowhere",
                # On AWS, STS answers without; with an endpoint of its own, boto3 asks for it.
                "AWS_DEFAULT_REGION": sfn_engine.region,
            },
        )
        event = {"content": {"a": 1}, "path": "s3://a-bucket/result.json"}
        result = execute(sfn_engine, library, {"run": build}, event)["run"].raise_for_status()
        [job] = result.jobs
        assert job.environment["env_base"] == f"dev-{library}"
        own = ("OWN", "AWS_REGION", "AWS_ACCOUNT_ID", "AWS_LAMBDA_FUNCTION_NAME")
        execution = result.arn.split(":")[-1]
        keys = [
            key.replace(execution, "EXECUTION").split("/")
            for key in sorted(_keys(sfn_engine) - before - {"result.json"})
        ]
        shapes = [[*parts[:-2], parts[-1]] for parts in keys]
        return {name: job.environment[name] for name in own}, shapes

    same(ask)


def _keys(engine: Engine) -> set[str]:
    listed = engine.client("s3").list_objects_v2(Bucket="a-bucket")
    return {one["Key"] for one in listed.get("Contents", [])}


def test_members_that_hold_parts_of_a_fragment() -> None:
    """The attributes by which subclasses and stacks reach what a fragment is made of."""

    def ask(library: Library) -> Any:
        stack = Stack(App(), "Stack")
        given: dict[str, Any] = {
            "env_base": EnvBase("dev-x"),
            "aibs_informatics_docker_asset": "image:1",
            "batch_job_queue": "queue",
            "scaffolding_bucket": Bucket(stack, "Bucket"),
        }
        sync = library.DataSyncFragment(stack, "Sync", **given)
        clean = library.CleanFileSystemFragment(stack, "Clean", **given)
        task = library.TaskWithPrePostStatus(stack, "Task", EnvBase("dev-x"), Pass(stack, "Do"))
        parts = [sync.fragment, clean.outdated_data_path_scanner, clean.remove_data_paths]
        assert all(isinstance(one, library.BatchInvokedBaseFragment) for one in parts)
        assert all(one.start_state is not None and one.end_states for one in parts)
        return [sync.batch_job_queue_name, str(task.raw_task_input_path), task.task_name]

    assert same(ask) == ["queue", "", "Task"]


def test_a_configuration_of_the_library_before_will_do() -> None:
    """It knows nothing of authorization: what the file system wants is seen all the same."""
    from aws_cdk.aws_ec2 import Vpc
    from aws_cdk.aws_efs import FileSystem

    stack = Stack(App(context={"@aws-cdk/aws-efs:denyAnonymousAccess": True}), "Stack")
    file_system = FileSystem(stack, "Files", vpc=Vpc(stack, "Vpc"))
    point = file_system.add_access_point("Point")
    old, new = (
        [
            library.MountPointConfiguration.from_file_system(file_system, "/sub", "/opt/a"),
            library.MountPointConfiguration.from_access_point(point, "/opt/b", read_only=True),
        ]
        for library in (OLD, NEW)
    )
    convert = NEW.AWSBatchMixins.convert_to_mount_point_and_volumes
    assert convert(old) == convert(new)
    assert convert(old)[1][0]["EfsVolumeConfiguration"]["AuthorizationConfig"]["Iam"] == "ENABLED"
