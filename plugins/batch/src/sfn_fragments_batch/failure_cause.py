"""What the cause of an execution says when its job has failed.

Step Functions gives the description of the job as JSON. Put before it is what one looks for first:
the status reason, the exit code, and where the log is.
"""

from __future__ import annotations

from sfn_fragments_asl.model.jsonata_source import Expression

#: Where the logs of jobs go that have no log configuration:
#: https://docs.aws.amazon.com/batch/latest/userguide/using_cloudwatch_logs.html
DEFAULT_LOG_GROUP = "/aws/batch/job"

#: Characters that Step Functions takes for a cause:
#: https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html
_LONGEST = 32_768

# The console reads a slash in a link as the code of the code of it, with dollar signs. The driver
# has an option for another region than the job's.
_LOGS = (
    "$driver := $job.Container.LogConfiguration.LogDriver; "
    "$stream := $exists($driver) and $driver != 'awslogs' ? null : $job.Container.LogStreamName; "
    "$configured := $lookup($job.Container.LogConfiguration.Options, 'awslogs-group'); "
    f"$group := $type($configured) = 'string' ? $configured : '{DEFAULT_LOG_GROUP}'; "
    "$arn := $split($job.JobArn, ':'); "
    "$elsewhere := $lookup($job.Container.LogConfiguration.Options, 'awslogs-region'); "
    "$region := $type($elsewhere) = 'string' ? $elsewhere : $arn[3]; "
    "$domain := $arn[1] = 'aws-cn' ? 'console.amazonaws.cn' : "
    "$arn[1] = 'aws-us-gov' ? 'console.amazonaws-us-gov.com' : 'console.aws.amazon.com'; "
    # A job that never started has no stream.
    "$coded := function($text) { $type($text) = 'string' ? "
    "$join($split($encodeUrlComponent($encodeUrlComponent($text)), '%'), '$') : '' }; "
    "$link := 'https://' & $region & '.' & $domain & '/cloudwatch/home?region=' & $region & "
    "'#logsV2:log-groups/log-group/' & $coded($group) & '/log-events/' & $coded($stream); "
)
_SUMMARY = (
    "$type($job.StatusReason) = 'string' ? $job.StatusReason : 'The job failed', "
    "$exists($job.Container.Reason) ? $job.Container.Reason, "
    "$exists($job.Container.ExitCode) ? 'exit code ' & $string($job.Container.ExitCode), "
    "$type($stream) = 'string' ? 'log stream ' & $stream & ' of ' & $group & ': ' & $link"
)


def readable_job(cause: str) -> str:
    """The job that a cause describes, as the source of an expression.

    Args:
        cause: Source of an expression of the cause.

    Returns:
        The source; an empty object where the cause is something else, or was cut.
    """
    return (
        f"($type({cause}) = 'string' and $substring({cause}, 0, 1) = '{{' "
        f"and $substring({cause}, -1) = '}}' and $contains({cause}, '\"JobId\"') "
        f"? $parse({cause}) : {{}})"
    )


def told_cause(failure: Expression, children: Expression | None = None) -> Expression:
    """The cause of a failure; that of a job with a summary, and with its log.

    Args:
        failure: An error output.
        children: The jobs of an array that failed, as ListJobs has them.

    Returns:
        The expression of a text. What describes a job stays JSON, with a field ``Summary`` before
        the fields of DescribeJobs, and ``FailedChildren`` where it has some.
    """
    failed = (
        ""
        if children is None
        else (
            f", ($count({children}) > 0 ? {{'FailedChildren': [{children}.{{"
            "'Index': ArrayProperties.Index, 'StatusReason': StatusReason, "
            "'ExitCode': Container.ExitCode}]} : {})"
        )
    )
    return Expression(
        "(function($cause) {( "
        f"$job := {readable_job('$cause')}; "
        f"$not($exists($job.JobId)) ? ($type($cause) = 'string' ? $cause : '') : ({_LOGS}"
        f"$told := $merge([{{'Summary': $join([{_SUMMARY}], '; ')}}{failed}]); "
        "$whole := $string($merge([$told, $job])); "
        f"$length($whole) <= {_LONGEST} ? $whole : $string($merge([$told, "
        "{'JobId': $job.JobId, 'JobName': $job.JobName, 'StatusReason': $job.StatusReason}])) "
        f") )}})({failure}.Cause)"
    )
