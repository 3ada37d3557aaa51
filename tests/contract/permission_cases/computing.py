"""Functions, state machines, activities, containers and builds."""

from __future__ import annotations

from tests.contract.permission_cases.case import (
    ANY,
    GUIDE,
    REFERENCE,
    Case,
    allow,
    arn,
    passes,
    role,
    rule,
    sdk,
    task,
)

_LAMBDA, _MACHINES = f"{GUIDE}lambda-iam.html", f"{GUIDE}stepfunctions-iam.html"
_FORMS = "https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html"
_VERSIONS = f"{GUIDE}auth-version-alias.html"
_FUNCTION = arn("lambda", "function:greet")
_MACHINE, _EXECUTIONS = arn("states", "stateMachine:child"), arn("states", "execution:child:*")
_START = "states:StartExecution"
_FOLLOW = "states:DescribeExecution states:StopExecution"
_ECS = f"{GUIDE}ecs-iam.html"
_FAMILY = arn("ecs", "task-definition/worker:*")
_CLUSTER = arn("ecs", "cluster/jobs")
_IN_CLUSTER = {"ArnLike": {"ecs:cluster": [_CLUSTER]}}
_ANY_ROLE = passes("*", "ecs-tasks")
_PROJECT = arn("codebuild", "project/site")
_BUILDS = f"{GUIDE}codebuild-iam.html"
_EXECUTION = arn("states", "execution:child:one")
_BATCH = f"{GUIDE}batch-iam.html"
_JOB_QUEUE = arn("batch", "job-queue/queue")


def _invoked(name: str, form: str, *resources: str, fails: str = "Lambda.", **rest: object) -> Case:
    parameters = {"FunctionName": form, "Payload": {}, **rest}
    return task(
        name,
        _FORMS,
        "lambda:invoke",
        parameters,
        allow("lambda:InvokeFunction", *resources),
        fails=fails,
    )


CASES = [
    _invoked("a function by its name", "greet", _FUNCTION),
    _invoked("a function by its name and alias", "greet:live", f"{_FUNCTION}:live"),
    _invoked(
        "a function by a part of its ARN",
        "123456789012:function:greet",
        _FUNCTION,
        fails="States.Runtime",
    ),
    _invoked("a function by its ARN", _FUNCTION, _FUNCTION),
    _invoked("a version of a function by its ARN", f"{_FUNCTION}:3", f"{_FUNCTION}:3"),
    _invoked("a version of a function", "greet", f"{_FUNCTION}:3", Qualifier="3"),
    _invoked("the latest version by its name", f"{_FUNCTION}:$LATEST", f"{_FUNCTION}:$LATEST"),
    task(
        "a function of the input's",
        _LAMBDA,
        "lambda:invoke",
        {"FunctionName.$": "$.function"},
        allow("lambda:InvokeFunction", arn("lambda", "function:*")),
        input={"function": "greet"},
        fails="Lambda.",
    ),
    Case(
        "a function that is the resource of a Task",
        _LAMBDA,
        {"Call": {"Type": "Task", "Resource": _FUNCTION, "End": True}},
        (allow("lambda:InvokeFunction", _FUNCTION),),
        fails="Lambda.",
    ),
    sdk(
        "a function is described",
        f"{REFERENCE}awslambda.html",
        "lambda:getFunctionConfiguration",
        {"FunctionName": "greet"},
        allow("lambda:GetFunctionConfiguration", _FUNCTION),
        fails="Lambda.",
    ),
    Case(
        "an activity",
        f"{GUIDE}concepts-activities.html",
        {
            "Call": {
                "Type": "Task",
                "Resource": arn("states", "activity:human"),
                "TimeoutSeconds": 1,
                "End": True,
            }
        },
        (),
        runs=False,
    ),
    task(
        "an execution is started",
        _MACHINES,
        "states:startExecution",
        {"StateMachineArn": _MACHINE},
        allow(_START, _MACHINE),
    ),
    task(
        "an execution is waited for",
        _MACHINES,
        "states:startExecution.sync:2",
        {"StateMachineArn": _MACHINE},
        allow(_START, _MACHINE),
        allow(_FOLLOW, _EXECUTIONS),
        rule("sForStepFunctionsExecution"),
    ),
    task(
        "an execution of an alias is waited for",
        _VERSIONS,
        "states:startExecution.sync",
        {"StateMachineArn": f"{_MACHINE}:live"},
        allow(
            _START,
            _MACHINE,
            **{"ForAnyValue:StringEquals": {"states:StateMachineQualifier": ["live"]}},
        ),
        allow(_FOLLOW, _EXECUTIONS),
        rule("sForStepFunctionsExecution"),
        runs=False,
    ),
    task(
        "an execution of a version is started",
        _VERSIONS,
        "states:startExecution",
        {"StateMachineArn": f"{_MACHINE}:7"},
        allow(
            _START,
            _MACHINE,
            **{"ForAnyValue:StringEquals": {"states:StateMachineQualifier": ["7"]}},
        ),
        fails="StepFunctions.",
    ),
    task(
        "an execution of a machine of the input's is started",
        _MACHINES,
        "states:startExecution",
        {"StateMachineArn.$": "$.machine"},
        allow(_START, arn("states", "stateMachine:*")),
        input={"machine": _MACHINE},
    ),
    sdk(
        "an express execution",
        f"{REFERENCE}awsstepfunctions.html",
        "sfn:startSyncExecution",
        {"StateMachineArn": _MACHINE},
        allow("states:StartSyncExecution", _MACHINE),
        runs=False,
    ),
    sdk(
        "an execution is described",
        f"{REFERENCE}awsstepfunctions.html",
        "sfn:describeExecution",
        {"ExecutionArn": _EXECUTION},
        allow("states:DescribeExecution", _EXECUTION),
        fails="Sfn.",
    ),
    sdk(
        "executions of a machine are listed",
        f"{REFERENCE}awsstepfunctions.html",
        "sfn:listExecutions",
        {"StateMachineArn": _MACHINE},
        allow("states:ListExecutions", _MACHINE),
    ),
    sdk(
        "an activity is described",
        f"{REFERENCE}awsstepfunctions.html",
        "sfn:describeActivity",
        {"ActivityArn": arn("states", "activity:human")},
        allow("states:DescribeActivity", arn("states", "activity:human")),
    ),
    sdk(
        "a task is answered",
        f"{REFERENCE}awsstepfunctions.html",
        "sfn:sendTaskSuccess",
        {"TaskToken": "t", "Output": {}},
        allow("states:SendTaskSuccess", ANY),
        fails="Sfn.",
    ),
    task(
        "a task of ECS is started",
        _ECS,
        "ecs:runTask",
        {"TaskDefinition": "worker", "Cluster": "jobs"},
        allow("ecs:RunTask", _FAMILY, **_IN_CLUSTER),
        _ANY_ROLE,
        runs=False,
    ),
    task(
        "a task of ECS of a revision is waited for",
        _ECS,
        "ecs:runTask.sync",
        {"TaskDefinition": "worker:3", "Cluster": _CLUSTER},
        allow("ecs:RunTask", arn("ecs", "task-definition/worker:3"), **_IN_CLUSTER),
        allow("ecs:DescribeTasks ecs:StopTask", arn("ecs", "task/jobs/*")),
        rule("sForECSTask"),
        _ANY_ROLE,
        runs=False,
    ),
    task(
        "a task of ECS whose roles are overridden",
        "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html",
        "ecs:runTask",
        {
            "TaskDefinition": arn("ecs", "task-definition/worker:3"),
            "Overrides": {
                "TaskRoleArn": role("task"),
                "ExecutionRoleArn": role("agent"),
            },
        },
        allow(
            "ecs:RunTask",
            arn("ecs", "task-definition/worker:3"),
            ArnLike={"ecs:cluster": [arn("ecs", "cluster/default")]},
        ),
        passes("agent task", "ecs-tasks"),
        runs=False,
    ),
    task(
        "a task of ECS of the input's",
        _ECS,
        "ecs:runTask",
        "{% $states.input %}",
        allow("ecs:RunTask", arn("ecs", "task-definition/*")),
        allow("ecs:TagResource", arn("ecs", "task/*")),
        _ANY_ROLE,
        language="JSONata",
        runs=False,
    ),
    sdk(
        "a task definition is registered",
        f"{REFERENCE}amazonelasticcontainerservice.html",
        "ecs:registerTaskDefinition",
        {
            "Family": "worker",
            "ContainerDefinitions": [],
            "TaskRoleArn": role("task"),
            "ExecutionRoleArn": role("agent"),
        },
        allow("ecs:RegisterTaskDefinition", ANY),
        passes("agent task", "ecs-tasks"),
        runs=False,
    ),
    task(
        "a build is waited for",
        _BUILDS,
        "codebuild:startBuild.sync",
        {"ProjectName": "site"},
        allow("codebuild:BatchGetBuilds codebuild:StartBuild codebuild:StopBuild", _PROJECT),
        rule("ForCodeBuildStartBuild"),
        runs=False,
    ),
    task(
        "a build is started with a role of its own",
        _BUILDS,
        "codebuild:startBuild",
        {"ProjectName": "site", "ServiceRoleOverride": role("builder")},
        allow("codebuild:StartBuild", _PROJECT),
        passes("builder", "codebuild"),
        runs=False,
    ),
    task(
        "a batch of builds is waited for",
        _BUILDS,
        "codebuild:startBuildBatch.sync",
        {"ProjectName": "site"},
        allow(
            "codebuild:BatchGetBuildBatches codebuild:StartBuildBatch codebuild:StopBuildBatch",
            _PROJECT,
        ),
        rule("ForCodeBuildStartBuildBatch"),
        runs=False,
    ),
    task(
        "a job of Batch is waited for",
        _BATCH,
        "batch:submitJob.sync",
        {"JobName": "job", "JobDefinition": "tool:1", "JobQueue": "queue"},
        allow("batch:SubmitJob", arn("batch", "job-definition/tool:1"), _JOB_QUEUE),
        allow("batch:DescribeJobs", ANY),
        allow("batch:TerminateJob", arn("batch", "job/*")),
        rule("sForBatchJobs"),
    ),
    task(
        "a job of Batch of the latest revision, with tags",
        _BATCH,
        "batch:submitJob",
        {"JobName": "job", "JobDefinition": "tool", "JobQueue": _JOB_QUEUE, "Tags": {"a": "b"}},
        allow(
            "batch:SubmitJob batch:TagResource",
            arn("batch", "job-definition/tool"),
            arn("batch", "job-definition/tool:*"),
            _JOB_QUEUE,
        ),
    ),
    sdk(
        "a job of Batch is ended",
        "https://docs.aws.amazon.com/batch/latest/userguide/batch-supported-iam-actions-resources.html",
        "batch:terminateJob",
        {"JobId": "0123", "Reason": "enough"},
        allow("batch:TerminateJob", arn("batch", "job/*")),
    ),
    sdk(
        "a job definition with a role",
        "https://docs.aws.amazon.com/batch/latest/userguide/batch-supported-iam-actions-resources.html",
        "batch:registerJobDefinition",
        {
            "JobDefinitionName": "made",
            "Type": "container",
            "ContainerProperties": {
                "Image": "i",
                "Vcpus": 1,
                "Memory": 8,
                "JobRoleArn": role("job"),
            },
        },
        allow("batch:RegisterJobDefinition", arn("batch", "job-definition/made")),
        passes("job", "ecs-tasks"),
    ),
]
