"""Permissions follow from the definition, and reach no further than it says."""

from __future__ import annotations

from typing import Any

import pytest

from sfn_fragments_asl.model.definition import Definition
from sfn_fragments_asl.permissions import Permission, derive_permissions, policy_document
from sfn_fragments_asl.permissions.markers import bucket_arn
from sfn_fragments_asl.permissions.referred import Referred, with_referred

HERE = "${AWS::Region}:${AWS::AccountId}"


def arn(service: str, resource: str, *, here: str = HERE) -> str:
    return f"arn:${{AWS::Partition}}:{service}:{here}:{resource}"


def s3(value: str) -> str:
    return arn("s3", value, here=":")


def batch(value: str) -> str:
    return arn("batch", value)


RULE = "rule/StepFunctionsGetEventsFor"
WAITS_FOR_JOB = ("events:PutTargets", "events:PutRule", "events:DescribeRule")


def task(resource: str, parameters: Any = None, **fields: Any) -> dict[str, Any]:
    given = {} if parameters is None else {"Parameters": parameters}
    return {"Type": "Task", "Resource": resource, **given, **fields}


def sdk(action: str, **parameters: Any) -> dict[str, Any]:
    return task(f"arn:aws:states:::aws-sdk:{action}", parameters)


def permissions(*, allowed: dict[str, list[str]] | None = None, **states: Any) -> list[Permission]:
    definition = {"StartAt": next(iter(states)), "States": states}
    return derive_permissions(definition, "dev-x", allowed=allowed)


def derive(**states: Any) -> list[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    return [(each.state, each.actions, each.resources) for each in permissions(**states)]


def only(**states: Any) -> Permission:
    (permission,) = permissions(**states)
    return permission


@pytest.mark.parametrize(
    ("bucket", "key", "resources"),
    [
        ({"Bucket": "b"}, {"Key": "a/b"}, [s3("b/a/b")]),
        (
            {"Bucket": "${Bucket}"},
            {"Key.$": "$.key"},
            [f"{bucket_arn('${Bucket}', objects=True)}/*"],
        ),
        ({"Bucket": "b"}, {"Key.$": "States.Format('a/{}/b', $.x)"}, [s3("b/a/*")]),
        ({"Bucket.$": "$.bucket"}, {"Key": "a"}, [s3("dev-x-*/a")]),
        ({"Bucket": "{% $states.input.b %}"}, {"Key": '{% "a/" & $x.id %}'}, [s3("dev-x-*/a/*")]),
        ({"Bucket": "arn:aws:s3:us-east-1:1:accesspoint/p"}, {"Key": "a"}, None),
    ],
)
def test_objects(bucket: dict[str, str], key: dict[str, str], resources: list[str] | None) -> None:
    found = derive(Put=sdk("s3:putObject", **bucket, **key))
    expected = resources or ["arn:aws:s3:us-east-1:1:accesspoint/p/object/a"]
    assert found == [("Put", ("s3:PutObject",), tuple(expected))]


@pytest.mark.parametrize(
    ("action", "parameters", "actions", "resources"),
    [
        ("getObject", {"VersionId.$": "$.v"}, ["s3:GetObjectVersion"], [s3("b/a/k")]),
        ("headObject", {}, ["s3:GetObject"], [s3("b/a/k")]),
        ("putObject", {"Tagging": "a=b"}, ["s3:PutObject", "s3:PutObjectTagging"], [s3("b/a/k")]),
        ("getObjectTagging", {}, ["s3:GetObjectTagging"], [s3("b/a/k")]),
        (
            "deleteObjects",
            {"Key": None, "Delete.$": "$.d"},
            ["s3:DeleteObject", "s3:DeleteObjectVersion"],
            [s3("b/*")],
        ),
        ("headBucket", {"Key": None}, ["s3:ListBucket"], [s3("b")]),
        ("listBuckets", {"Key": None, "Bucket": None}, ["s3:ListAllMyBuckets"], ["*"]),
    ],
)
def test_other_calls_of_s3(
    action: str, parameters: dict[str, Any], actions: list[str], resources: list[str]
) -> None:
    given = {"Bucket": "b", "Key": "a/k", **parameters}
    call = sdk(f"s3:{action}", **{name: value for name, value in given.items() if value})
    assert derive(S3=call) == [("S3", tuple(actions), tuple(resources))]


def test_a_copy_reads_its_source() -> None:
    copy = sdk("s3:copyObject", Bucket="b", Key="k", CopySource="from/a/k")
    assert derive(Copy=copy) == [
        ("Copy", ("s3:GetObject",), (s3("from/a/k"),)),
        ("Copy", ("s3:PutObject",), (s3("b/k"),)),
    ]


def test_a_listing_is_narrowed_to_its_prefix() -> None:
    listing = only(List=sdk("s3:listObjectsV2", Bucket="b", Prefix="a/"))
    assert (listing.actions, listing.resources) == (("s3:ListBucket",), (s3("b"),))
    assert listing.conditions == {"StringLike": {"s3:prefix": ["a/"]}}
    assert only(List=sdk("s3:listObjectsV2", Bucket="b")).conditions == {}


def test_values_of_variables_are_looked_up() -> None:
    job = {"bucket": "own", "defaults": {"prefix": "scratch"}, "given": {}, "id.$": "$.i"}
    prepare = {"Type": "Pass", "Assign": {"job": job}, "Next": "Get"}
    merged = "$merge([$job.defaults, $sift($job.given, function($v, $k) { $v != null })]).prefix"
    get = {
        "Type": "Task",
        "QueryLanguage": "JSONata",
        "Resource": "arn:aws:states:::aws-sdk:s3:getObject",
        "Arguments": {"Bucket": "{% $job.bucket %}", "Key": f'{{% {merged} & "/" & $job.id %}}'},
    }
    # Nothing is given: the default is all that there is.
    assert derive(Prepare=prepare, Get=get) == [("Get", ("s3:GetObject",), (s3("own/scratch/*"),))]
    job["given.$"] = "$"
    # The prefix may be given, so the bucket is the boundary.
    assert derive(Prepare=prepare, Get=get) == [("Get", ("s3:GetObject",), (s3("own/*"),))]


def test_a_job_of_its_own_definition() -> None:
    found = derive(
        Register=task(
            "arn:aws:states:::aws-sdk:batch:registerJobDefinition",
            Arguments={
                "JobDefinitionName": '{% "dev-x-sync-" & $job.id %}',
                "ContainerProperties": {"JobRoleArn": "${Role.Arn}"},
                "Tags": {"a": "b"},
            },
            QueryLanguage="JSONata",
            Assign={"definition": "{% $states.result.JobDefinitionArn %}"},
        ),
        Submit=task(
            "arn:aws:states:::batch:submitJob.sync",
            {"JobDefinition": "{% $definition %}", "JobQueue": "${Queue.JobQueueArn}"},
        ),
        Deregister=sdk("batch:deregisterJobDefinition", JobDefinition="{% $definition %}"),
    )
    definitions = batch("job-definition/dev-x-sync-*")
    assert found == [
        ("Register", ("batch:RegisterJobDefinition",), (definitions,)),
        ("Register", ("batch:TagResource",), (definitions,)),
        ("Register", ("iam:PassRole",), ("${Role.Arn}",)),
        (
            "Submit",
            ("batch:SubmitJob",),
            (batch("job-definition/dev-x-sync-*"), "${Queue.JobQueueArn}"),
        ),
        ("Submit", ("batch:DescribeJobs",), ("*",)),
        ("Submit", ("batch:TerminateJob",), (batch("job/*"),)),
        ("Submit", WAITS_FOR_JOB, (arn("events", f"{RULE}BatchJobsRule"),)),
        ("Deregister", ("batch:DeregisterJobDefinition",), (definitions,)),
    ]


def test_two_jobs_of_one_machine_keep_to_their_own_definitions() -> None:
    def job(name: str) -> dict[str, Any]:
        register = task(
            "arn:aws:states:::aws-sdk:batch:registerJobDefinition",
            Arguments={"JobDefinitionName": f'{{% "{name}-" & $id %}}'},
            QueryLanguage="JSONata",
            Assign={name: "{% $states.result.JobDefinitionArn %}"},
        )
        deregister = sdk("batch:deregisterJobDefinition", JobDefinition=f"{{% ${name} %}}")
        return {f"{name} register": register, f"{name} deregister": deregister}

    found = {(state, actions): arns for state, actions, arns in derive(**job("a"), **job("b"))}
    for name in ("a", "b"):
        only_own = (batch(f"job-definition/{name}-*"),)
        assert found[f"{name} deregister", ("batch:DeregisterJobDefinition",)] == only_own


def test_a_job_definition_that_is_open_is_one_that_the_machine_registers() -> None:
    states: dict[str, Any] = {
        "Register": sdk("batch:registerJobDefinition", JobDefinitionName="own"),
        "Deregister": sdk("batch:deregisterJobDefinition", **{"JobDefinition.$": "$.arn"}),
    }
    (_, deregister) = permissions(**states)
    assert deregister.resources == (batch("job-definition/own:*"),)
    assert "those that this state machine registers" in deregister.note
    allowed = {"job_definitions": ["other:1"]}
    (_, deregister) = permissions(allowed=allowed, **states)
    assert deregister.resources == (
        batch("job-definition/own:*"),
        batch("job-definition/other:1"),
    )


@pytest.mark.parametrize(
    ("given", "resources"),
    [
        # The request has the revision in it, or the bare name.
        ("tool", [batch("job-definition/tool"), batch("job-definition/tool:*")]),
        ("tool:3", [batch("job-definition/tool:3")]),
        ("${Tool.JobDefinitionArn}", ["${Tool.JobDefinitionArn}"]),
        # A resource or a parameter: whether it is a name or an ARN, with a revision or without,
        # the ARN is right. CDK ends the logical ids of both with a hash.
        (
            "${Tool}",
            [batch("job-definition/${LastOf:Tool}"), batch("job-definition/${LastOf:Tool}:*")],
        ),
        (
            "${AppTool39FE6A17}",
            [
                batch("job-definition/${LastOf:AppTool39FE6A17}"),
                batch("job-definition/${LastOf:AppTool39FE6A17}:*"),
            ],
        ),
        ("arn:aws:batch:r:a:job-definition/tool:3", ["arn:aws:batch:r:a:job-definition/tool:3"]),
    ],
)
def test_job_definitions(given: str, resources: list[str]) -> None:
    submit = task("arn:aws:states:::batch:submitJob", {"JobDefinition": given, "JobQueue": "queue"})
    assert only(Submit=submit).resources == (*resources, batch("job-queue/queue"))


def test_a_tagged_job() -> None:
    call = {"JobDefinition": "${Tool.JobDefinitionArn}", "JobQueue": "queue", "Tags.$": "$.tags"}
    assert derive(Submit=task("arn:aws:states:::batch:submitJob", call)) == [
        (
            "Submit",
            ("batch:SubmitJob", "batch:TagResource"),
            ("${Tool.JobDefinitionArn}", batch("job-queue/queue")),
        )
    ]


@pytest.mark.parametrize(
    ("queue", "resource"),
    [
        ("${Queue.JobQueueArn}", "${Queue.JobQueueArn}"),
        (
            "${Fn_ImportValue_Batch_ExportsOutputFnGetAttQueue39FE6A17JobQueueArn98B1D6F2}",
            "${Fn_ImportValue_Batch_ExportsOutputFnGetAttQueue39FE6A17JobQueueArn98B1D6F2}",
        ),
        (
            "${Fn_GetStackOutput_StackName_B_PublishOutputFnGetAttQ39FE6A17JobQueueArn98B1D6F2}",
            "${Fn_GetStackOutput_StackName_B_PublishOutputFnGetAttQ39FE6A17JobQueueArn98B1D6F2}",
        ),
        ("${QueueName}", batch("job-queue/${LastOf:QueueName}")),
        ("arn:aws:batch:us-east-1:1:job-queue/q", "arn:aws:batch:us-east-1:1:job-queue/q"),
    ],
)
def test_references_that_are_arns_are_not_made_into_arns(queue: str, resource: str) -> None:
    call = {"JobDefinition": "${Tool.JobDefinitionArn}", "JobQueue": queue}
    assert only(Submit=task("arn:aws:states:::batch:submitJob", call)).resources[1] == resource


def test_a_substitution_that_nothing_fills_in_stays_in_the_policy() -> None:
    call = {"JobDefinition": "tool:1", "JobQueue": "${Queue}"}
    states = {"Submit": task("arn:aws:states:::batch:submitJob", call, End=True)}
    definition = Definition({"StartAt": "Submit", "States": states})
    document = policy_document(derive_permissions(definition.machine, ""), definition)
    assert {"Fn::Split": ["/", {"Fn::Join": ["/", ["${Queue}", "${Queue}"]]}]} in [
        select["Fn::Select"][1]
        for statement in document["Statement"]
        for resource in statement["Resource"]
        if isinstance(resource, dict)
        for select in resource["Fn::Join"][1]
        if "Fn::Select" in select
    ]


@pytest.mark.parametrize(
    ("properties", "resource"),
    [
        ({"ContainerProperties": {"JobRoleArn.$": "$.role"}}, "role/dev-x-*"),
        ({"ContainerProperties": {"JobRoleArn": "worker"}}, "role/worker"),
        ({"ContainerProperties": {"ExecutionRoleArn": "worker"}}, "role/worker"),
        (
            {
                "ContainerProperties": "{% $merge([{'Image': $i}, "
                "($type($r) = 'string' ? {'JobRoleArn': $r} : {})]) %}"
            },
            "role/dev-x-*",
        ),
        ({"ContainerProperties.$": "$.container"}, "role/dev-x-*"),
        ({"EcsProperties": {"TaskProperties": [{"TaskRoleArn": "worker"}]}}, "role/worker"),
        ({"ContainerProperties": {"Image": "i", "JobRoleArn": None}}, None),
        ({"ContainerProperties": "{% $merge([{'Image': $i}, {}]) %}"}, None),
        ({}, None),
    ],
)
def test_passing_a_role_is_bound_to_the_job(
    properties: dict[str, Any], resource: str | None
) -> None:
    register = sdk("batch:registerJobDefinition", JobDefinitionName="n", **properties)
    found = [p for p in permissions(Register=register) if p.actions == ("iam:PassRole",)]
    assert [p.resources for p in found] == (
        [] if resource is None else [(arn("iam", resource, here=":${AWS::AccountId}"),)]
    )
    for each in found:
        ecs = {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}
        assert each.conditions == ecs


@pytest.mark.parametrize(
    ("role", "resource"),
    [
        ("EMR_DefaultRole", "role/EMR_DefaultRole"),
        # Ref gives the name of a role, and a parameter may be either.
        ("${Role}", "role/${RoleOf:Role}"),
        ("${Role.Arn}", None),
    ],
)
def test_a_role_that_is_given_by_its_name(role: str, resource: str | None) -> None:
    create = task("arn:aws:states:::elasticmapreduce:createCluster", {"ServiceRole": role})
    passed = {
        name
        for each in permissions(Create=create)
        if each.actions == ("iam:PassRole",)
        for name in each.resources
    }
    named = role if resource is None else arn("iam", resource, here=":${AWS::AccountId}")
    assert named in passed
    assert [name for name in passed if not name.startswith("arn:")] == ([] if resource else [role])


@pytest.mark.parametrize(
    ("machine", "resource", "executions"),
    [
        (
            "${Machine}",
            arn("states", "stateMachine:${MachineOf:Machine}"),
            arn("states", "execution:${MachineOf:Machine}:*"),
        ),
        (
            "arn:aws:states:us-east-1:1:stateMachine:m",
            "arn:aws:states:us-east-1:1:stateMachine:m",
            "arn:aws:states:us-east-1:1:execution:m:*",
        ),
        (
            "{% $states.input.m %}",
            arn("states", "stateMachine:dev-x-*"),
            arn("states", "execution:dev-x-*"),
        ),
    ],
)
def test_nested_executions(machine: str, resource: str, executions: str) -> None:
    call = {"StateMachineArn": machine}
    assert derive(Start=task("arn:aws:states:::states:startExecution.sync:2", call)) == [
        ("Start", ("states:StartExecution",), (resource,)),
        ("Start", ("states:DescribeExecution", "states:StopExecution"), (executions,)),
        ("Start", WAITS_FOR_JOB, (arn("events", f"{RULE}StepFunctionsExecutionRule"),)),
    ]
    # What is not waited for is only started.
    assert derive(Start=task("arn:aws:states:::states:startExecution", call)) == [
        ("Start", ("states:StartExecution",), (resource,))
    ]


@pytest.mark.parametrize(
    ("state", "resources"),
    [
        (task("arn:aws:lambda:us-east-1:1:function:f"), ["arn:aws:lambda:us-east-1:1:function:f"]),
        (task("${Function.Arn}"), ["${Function.Arn}"]),
        (
            task("arn:aws:states:::lambda:invoke", {"FunctionName": "f"}),
            [arn("lambda", "function:f")],
        ),
        (
            task("arn:aws:states:::lambda:invoke", {"FunctionName": "f", "Qualifier": "live"}),
            [arn("lambda", "function:f:live")],
        ),
        (
            task("arn:aws:states:::lambda:invoke", {"FunctionName.$": "$.f"}),
            [arn("lambda", "function:dev-x-*")],
        ),
    ],
)
def test_functions(state: dict[str, Any], resources: list[str]) -> None:
    assert derive(Invoke=state) == [("Invoke", ("lambda:InvokeFunction",), tuple(resources))]


def test_an_activity_needs_nothing() -> None:
    assert derive(Wait=task("arn:aws:states:us-east-1:1:activity:a")) == []


def test_repositories() -> None:
    def look(**parameters: str) -> tuple[str, ...]:
        permission = only(Look=sdk("ecr:describeImages", **parameters))
        assert permission.actions == ("ecr:DescribeImages",)
        return permission.resources

    assert look(RepositoryName="team/tool") == (arn("ecr", "repository/team/tool"),)
    # As EnvBase.get_repository_name has it.
    assert look(**{"RepositoryName.$": "$.r"}) == (arn("ecr", "repository/dev-x/*"),)
    assert look(RepositoryName="r", RegistryId="210987654321") == (
        arn("ecr", "repository/r", here="${AWS::Region}:210987654321"),
    )


@pytest.mark.parametrize(
    ("resource", "actions"),
    [
        ("aws-sdk:sqs:sendMessage", ["sqs:SendMessage"]),
        ("aws-sdk:efs:describeFileSystems", ["elasticfilesystem:DescribeFileSystems"]),
        ("aws-sdk:cloudwatchlogs:putLogEvents", ["logs:PutLogEvents"]),
        ("aws-sdk:databasemigration:describeEvents", ["dms:DescribeEvents"]),
        (
            "elasticmapreduce:setClusterTerminationProtection",
            ["elasticmapreduce:SetTerminationProtection"],
        ),
        ("sns:publishBatch", ["sns:Publish"]),
    ],
)
def test_other_services(resource: str, actions: list[str]) -> None:
    permission = only(Call=task(f"arn:aws:states:::{resource}", {}))
    assert (permission.actions, permission.resources) == (tuple(actions), ("*",))
    assert "are not derived" in permission.note


@pytest.mark.parametrize(
    ("topic", "resource"),
    [
        (
            {"TopicArn": "arn:aws:sns:us-east-1:123456789012:done"},
            "arn:aws:sns:us-east-1:123456789012:done",
        ),
        ({"TopicArn": "${Done}"}, "${Done}"),
        # Which topic it is, or whether there is one, is known when it runs.
        ({"TopicArn.$": "$.topic"}, "*"),
        ({"PhoneNumber": "+1555"}, "*"),
    ],
)
@pytest.mark.parametrize("integration", ["sns:publish", "aws-sdk:sns:publishBatch"])
def test_publishing_to_a_topic(topic: dict[str, str], resource: str, integration: str) -> None:
    permission = only(Tell=task(f"arn:aws:states:::{integration}", topic))
    assert (permission.actions, permission.resources) == (("sns:Publish",), (resource,))


def test_what_is_not_known_is_not_hidden() -> None:
    # An integration that has come since, and an action that no reference lists.
    new = only(Run=task("arn:aws:states:::newservice:startThing.sync", {"Name": "n"}))
    assert (new.actions, new.resources) == (("newservice:StartThing",), ("*",))
    assert "wait for the end is not known" in new.note
    assert "'newservice' is not in AWS's reference" in new.note
    unlisted = only(Set=sdk("cloudformation:setAlias"))
    assert unlisted.actions == ("cloudformation:SetAlias",)
    assert "cloudformation:setAlias is not in AWS's reference" in unlisted.note
    assert "reference" not in only(Tag=sdk("sns:publish", TopicArn="${Topic}")).note


def test_states_inside_others_count_and_other_types_do_not() -> None:
    inner = {"StartAt": "In", "States": {"In": sdk("sqs:sendMessage")}}
    found = derive(
        Wait={"Type": "Wait", "Seconds": 1},
        Each={"Type": "Map", "ItemProcessor": inner},
        Both={"Type": "Parallel", "Branches": [inner]},
    )
    assert found == [("In", ("sqs:SendMessage",), ("*",))] * 2


def distributed(**fields: Any) -> dict[str, Any]:
    processor = {"ProcessorConfig": {"Mode": "DISTRIBUTED"}, "StartAt": "In", "States": {"In": {}}}
    return {"States": {"Map": {"Type": "Map", "ItemProcessor": processor, **fields}}}


def test_a_distributed_map_starts_executions_of_its_own_machine() -> None:
    machine = "arn:aws:states:us-east-1:1:stateMachine:m"
    execution = "arn:aws:states:us-east-1:1:execution:m"
    found = derive_permissions(distributed(), "dev-x", machine_arn=machine)
    assert [(each.actions, each.resources) for each in found] == [
        (("states:StartExecution",), (machine,)),
        (
            ("states:DescribeExecution", "states:StopExecution"),
            (f"{execution}:*", f"{execution}/*"),
        ),
        (("states:RedriveExecution",), (f"{execution}/*",)),
    ]
    # Without a name, the environment's machines.
    (start, *_) = derive_permissions(distributed(), "dev-x")
    assert start.resources == (arn("states", "stateMachine:dev-x-*"),)


@pytest.mark.parametrize(
    ("reader", "config", "expected"),
    [
        (
            ("getObject", {"Bucket": "b", "Key": "a/k"}),
            {"InputType": "JSON"},
            [(("s3:GetObject",), (s3("b/a/k"),))],
        ),
        (
            ("getObject", {"Bucket": "b", "Key": "a/manifest.json"}),
            {"InputType": "MANIFEST"},
            [(("s3:GetObject",), (s3("b/*"),))],
        ),
        (
            ("listObjectsV2", {"Bucket": "b", "Prefix": "a/"}),
            {},
            [(("s3:ListBucket",), (s3("b"),))],
        ),
        (
            ("listObjectsV2", {"Bucket": "b", "Prefix": "a/"}),
            {"Transformation": "LOAD_AND_FLATTEN"},
            [(("s3:ListBucket",), (s3("b"),)), (("s3:GetObject",), (s3("b/a/*"),))],
        ),
    ],
)
def test_what_a_distributed_map_reads(reader: Any, config: Any, expected: Any) -> None:
    action, parameters = reader
    item_reader = {
        "Resource": f"arn:aws:states:::s3:{action}",
        "ReaderConfig": config,
        "Parameters": parameters,
    }
    found = derive_permissions(distributed(ItemReader=item_reader), "dev-x")
    assert [(p.actions, p.resources) for p in found if "states:" not in p.actions[0]] == expected


def test_what_a_distributed_map_writes() -> None:
    writer = {
        "Resource": "arn:aws:states:::s3:putObject",
        "Parameters": {"Bucket": "b", "Prefix": "results"},
    }
    written = derive_permissions(distributed(ResultWriter=writer), "dev-x")[-1]
    assert written.resources == (s3("b/results*"),)
    assert set(written.actions) == {
        "s3:PutObject",
        "s3:GetObject",
        "s3:ListMultipartUploadParts",
        "s3:AbortMultipartUpload",
    }


def submit_to(queue: Any) -> dict[str, Any]:
    call = {"JobDefinition": "${Tool.JobDefinitionArn}", "JobQueue": queue}
    return task("arn:aws:states:::batch:submitJob", Arguments=call, QueryLanguage="JSONata")


DEFAULT = {
    "Type": "Pass",
    "Assign": {"job": {"defaults": {"queue": "standard"}, "given.$": "$"}},
    "Next": "Submit",
}
EITHER = "{% $merge([$job.defaults, $job.given]).queue %}"


def test_what_is_open_is_bounded_by_the_environment_and_says_so() -> None:
    (submit,) = permissions(Prepare=DEFAULT, Submit=submit_to(EITHER))
    assert submit.resources == (
        "${Tool.JobDefinitionArn}",
        batch("job-queue/standard"),
        batch("job-queue/dev-x-*"),
    )
    assert submit.note == (
        "JobQueue: an execution may choose others than standard; allowed: job queues whose names "
        "begin with dev-x-. AllowedResources(job_queues=[...]) lists them instead."
    )
    (submit,) = permissions(Submit=submit_to("{% $states.input.queue %}"))
    assert submit.resources == ("${Tool.JobDefinitionArn}", batch("job-queue/dev-x-*"))
    assert submit.note.startswith("JobQueue: an execution chooses it; allowed: job queues whose ")


def test_what_is_known_has_no_note() -> None:
    assert only(Submit=submit_to("standard")).note == ""


@pytest.mark.parametrize(
    ("listed", "queues"),
    [
        (["large", "arn:aws:batch:r:a:job-queue/other"], ["standard", "large", "arn"]),
        (["large-*"], ["standard", "large-*"]),
        # Nothing but the default.
        ([], ["standard"]),
    ],
)
def test_what_is_open_can_be_listed(listed: list[str], queues: list[str]) -> None:
    allowed = {"job_queues": listed}
    (submit,) = permissions(allowed=allowed, Prepare=DEFAULT, Submit=submit_to(EITHER))
    expected = [
        "arn:aws:batch:r:a:job-queue/other" if name == "arn" else batch(f"job-queue/{name}")
        for name in queues
    ]
    assert submit.resources == ("${Tool.JobDefinitionArn}", *expected)
    assert "of those in AllowedResources(job_queues=[...])" in submit.note


OPEN_CALLS = {
    "buckets": (sdk("s3:getObject", **{"Bucket.$": "$.b", "Key": "k"}), s3("named/k")),
    "key_prefixes": (sdk("s3:getObject", **{"Bucket": "b", "Key.$": "$.k"}), s3("b/named/*")),
    "job_queues": (submit_to("{% $q %}"), batch("job-queue/named")),
    "job_definitions": (
        sdk("batch:deregisterJobDefinition", **{"JobDefinition.$": "$.d"}),
        batch("job-definition/named"),
    ),
    "job_roles": (
        sdk(
            "batch:registerJobDefinition",
            JobDefinitionName="n",
            ContainerProperties={"JobRoleArn.$": "$.r"},
        ),
        arn("iam", "role/named", here=":${AWS::AccountId}"),
    ),
    "state_machines": (
        task("arn:aws:states:::states:startExecution", {"StateMachineArn.$": "$.m"}),
        arn("states", "stateMachine:named"),
    ),
    "functions": (
        task("arn:aws:states:::lambda:invoke", {"FunctionName.$": "$.f"}),
        arn("lambda", "function:named"),
    ),
    "repositories": (
        sdk("ecr:describeImages", **{"RepositoryName.$": "$.r"}),
        arn("ecr", "repository/named"),
    ),
}


@pytest.mark.parametrize("kind", OPEN_CALLS)
def test_every_kind_can_be_listed(kind: str) -> None:
    call, resource = OPEN_CALLS[kind]
    found = permissions(allowed={kind: ["named"]}, Call=call)
    assert any(resource in each.resources for each in found)
    assert not any("dev-x" in each for permission in found for each in permission.resources)


def test_a_value_is_followed_through_the_items_of_a_map() -> None:
    inner: dict[str, Any] = {
        "StartAt": "Submit",
        "States": {
            "Submit": {
                **submit_to("{% $states.input.queue %}"),
                "Output": "{% $states.input %}",
                "Next": "Again",
            },
            "Again": submit_to("{% $states.input.queue %}"),
        },
    }
    each = {
        "Type": "Map",
        "ItemSelector": {"queue.$": "$job.queue", "item.$": "$$.Map.Item.Value"},
        "ItemProcessor": inner,
    }
    prepare = {"Type": "Pass", "Assign": {"job": {"queue": "standard"}}, "Next": "Each"}
    definition = {"StartAt": "Prepare", "States": {"Prepare": prepare, "Each": each}}
    found = derive_permissions(definition, "dev-x")
    assert [p.resources[1] for p in found] == [batch("job-queue/standard")] * 2
    # A result in place of the input is known in the execution only.
    del inner["States"]["Submit"]["Output"]
    found = derive_permissions(definition, "dev-x")
    assert [p.resources[1] for p in found] == [
        batch("job-queue/standard"),
        batch("job-queue/dev-x-*"),
    ]


def test_a_document_merges_what_is_equal_and_fills_in_what_cloudformation_knows() -> None:
    definition = Definition.from_resolved(
        {
            "Fn::Join": [
                "",
                [
                    '{"States":{"A":{"Type":"Task","Resource":"arn:aws:states:::aws-sdk:s3:putObject",'
                    '"Parameters":{"Bucket":"',
                    {"Ref": "Bucket"},
                    '","Key":"a/b"}},"B":{"Type":"Task",'
                    '"Resource":"arn:aws:states:::aws-sdk:s3:getObject","Parameters":{"Bucket":"',
                    {"Ref": "Bucket"},
                    '","Key":"a/b"}}}}',
                ],
            ]
        }
    )
    known = {"Bucket": Referred("AWS::S3::Bucket")}
    permissions = with_referred(derive_permissions(definition.states, "dev-x"), known)
    document = policy_document(permissions, definition)
    parts = ["arn:", {"Ref": "AWS::Partition"}, ":s3:::", {"Ref": "Bucket"}, "/a/b"]
    assert document["Statement"] == [
        {
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:PutObject"],
            "Resource": [{"Fn::Join": ["", parts]}],
        }
    ]


def test_executions_of_a_machine_of_the_stack_are_named_by_its_arn() -> None:
    machine = {"Ref": "Machine"}
    start = '"Resource":"arn:aws:states:::states:startExecution.sync:2"'
    text = f'{{"States":{{"A":{{"Type":"Task",{start},"Parameters":{{"StateMachineArn":"'
    definition = Definition.from_resolved({"Fn::Join": ["", [text, machine, '"}}}}']]})
    known = {"Machine": Referred("AWS::StepFunctions::StateMachine")}
    permissions = with_referred(derive_permissions(definition.states, "dev-x"), known)
    (start, watch, _) = policy_document(permissions, definition)["Statement"]
    assert start["Resource"] == [machine]
    assert watch["Resource"][0]["Fn::Join"][1][-2:] == [
        {"Fn::Select": [6, {"Fn::Split": [":", machine]}]},
        ":*",
    ]


def test_a_document_allows_nothing_twice() -> None:
    def allow(action: str, *resources: str) -> Permission:
        return Permission("A", (action,), resources)

    document = policy_document(
        [
            allow("s3:GetObject", s3("b/a/*")),
            allow("s3:PutObject", s3("b/a/*")),
            allow("s3:GetObject", s3("b/*"), s3("c/*")),
            allow("s3:HeadObject", s3("b/k")),
            allow("s3:HeadObject", s3("b/*")),
        ],
        Definition({}),
    )
    partition = {"Ref": "AWS::Partition"}
    assert [
        (each["Action"], [resource["Fn::Join"][1] for resource in each["Resource"]])
        for each in document["Statement"]
    ] == [
        (["s3:PutObject"], [["arn:", partition, ":s3:::b/a/*"]]),
        (["s3:GetObject"], [["arn:", partition, ":s3:::b/*"], ["arn:", partition, ":s3:::c/*"]]),
        (["s3:HeadObject"], [["arn:", partition, ":s3:::b/*"]]),
    ]
