"""Another try of a job that failed: with more memory, or in another queue.

Batch itself tries a job again as it was. What is different is a submission of its own, so that one
more state, entered after a failure alone, decides whether there is another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk.aws_stepfunctions import Choice, Condition, Fail

from sfn_fragments.states.naming import state_name, variable_name
from sfn_fragments_asl.model.jsonata_source import Expression, field, render, source
from sfn_fragments_batch.failure_cause import readable_job, told_cause
from sfn_fragments_batch.retries import SPOT_REASONS, default_retries

if TYPE_CHECKING:
    from aws_cdk.aws_stepfunctions import CustomState, State

    from sfn_fragments.fragments import EnvBaseStateMachineFragment
    from sfn_fragments_batch.settings import Settings

#: Attempts in the first queue, where another one takes what Spot took away twice.
_ATTEMPTS_BEFORE_FALLBACK = 2

# The kernel ends what takes more memory than the container has. A job that is ended from outside
# may have this exit code too, but another status reason.
_OUT_OF_MEMORY = (
    "($substring($job.Container.Reason, 0, 16) = 'OutOfMemoryError' or "
    "($job.Container.ExitCode = 137 and "
    "$substring($job.StatusReason, 0, 19) = 'Essential container'))"
)


class Tries:
    """What the next submission of a job changes.

    Args:
        scope: The fragment.
        settings: Settings of the job: ``memory_growth``, amounts above ``memory``, and
            ``fallback_job_queue``, either of which makes it try again.
        queues: The queue and the one after it, where the settings do not have them as the states
            of the job see them.
    """

    def __init__(
        self,
        scope: EnvBaseStateMachineFragment,
        settings: Settings,
        queues: tuple[Any, Any] | None = None,
    ) -> None:
        self._scope = scope
        self._settings = settings
        self._queues = queues
        self.grows = "memory_growth" in settings
        self.falls_back = "fallback_job_queue" in settings
        self._now = field(variable_name(scope, "tries"))
        self.input = field(variable_name(scope, "input"))

    def __bool__(self) -> bool:
        """Whether there is another try at all."""
        return self.grows or self.falls_back

    def first(self) -> dict[str, Any]:
        """Variables before the first try."""
        # What caught the failure passes it on, and not the input.
        return {
            self._now[1:]: {"memory": 0, "fallback": False},
            self.input[1:]: render(Expression("$states.input")),
        }

    def suffix(self) -> str:
        """What tells the names of the tries apart, as the source of an expression of 2 letters."""
        return f"($string({self._now}.memory) & ({self._now}.fallback ? 'f' : ''))"

    def memory(self) -> Any:
        """MiB of this try."""
        if not self.grows:
            return self._settings.get("memory")
        return Expression(f"$string({self._sizes()}[{self._now}.memory])")

    def queue(self) -> Any:
        """Queue of this try."""
        names = ("job_queue", "fallback_job_queue")
        queue, other = self._queues or map(self._settings.get, names)
        if not self.falls_back:
            return queue
        return Expression(f"({self._now}.fallback ? {source(other)} : {source(queue)})")

    def retry_strategy(self, planned: Expression | None = None) -> dict[str, Any]:
        """The field of SubmitJob that leaves what Spot takes away to the other queue.

        Args:
            planned: What is an object where the job has a strategy of its own, which stays.
        """
        # One that an execution may give, and does not, leaves this one.
        own = "retry_strategy" in self._settings and not self._settings.is_open("retry_strategy")
        if not self.falls_back or own:
            return {}
        usual = default_retries(self._settings.known("platform_capabilities"))
        before = {**usual, "Attempts": _ATTEMPTS_BEFORE_FALLBACK}
        chosen = f"({self._now}.fallback ? {source(usual)} : {source(before)})"
        if planned is not None:
            chosen = f"($type({planned}) = 'object' ? {planned} : {chosen})"
        return {"RetryStrategy": Expression(chosen)}

    def decide(self, failure: Expression, again: CustomState, give_up: State) -> Choice:
        """The state after a failed try.

        Args:
            failure: The variable that holds the error output.
            again: The submission.
            give_up: Where there is no other try.

        Returns:
            The state.
        """
        choice = Choice.jsonata(self._scope, state_name(self._scope, "Try again"))
        job = f"$job := {readable_job(f'{failure}.Cause')}"
        if self.grows:
            more = f"$count({self._sizes()}) > {self._now}.memory + 1"
            self._when(
                choice,
                f"({job}; {more} and {_OUT_OF_MEMORY})",
                again,
                f'{{"memory": {self._now}.memory + 1}}',
            )
        if self.falls_back:
            taken = " or ".join(
                f"$substring($job.StatusReason, 0, {len(one) - 1}) = '{one[:-1]}'"
                for one in SPOT_REASONS
            )
            self._when(
                choice,
                f"({job}; $not({self._now}.fallback) and ({taken}))",
                again,
                '{"fallback": true}',
            )
        choice.otherwise(give_up)
        return choice

    def catch(self, jobs: CustomState, label: str) -> None:
        """Try again after a failure; where there is no other try, fail as the job did, and say why.

        Args:
            jobs: The submission.
            label: Names the state that fails.
        """
        failure = field(variable_name(self._scope, "failure"))
        give_up = Fail.jsonata(
            self._scope,
            state_name(self._scope, label),
            error=str(render(Expression(f"{failure}.Error"))),
            cause=str(render(told_cause(failure))),
        )
        assign = {failure[1:]: "{% $states.errorOutput %}"}
        if self:
            decide = self.decide(failure, jobs, give_up)
            jobs.add_catch(decide, errors=["States.TaskFailed"], assign=assign)
        jobs.add_catch(give_up, errors=["States.ALL"], assign=assign)

    def _when(self, choice: Choice, condition: str, again: CustomState, changed: str) -> None:
        choice.when(
            Condition.jsonata(str(render(Expression(condition)))),
            again,
            assign={self._now[1:]: render(Expression(f"$merge([{self._now}, {changed}])"))},
        )

    def _sizes(self) -> str:
        """The first amount, which an execution may have chosen, and those above it."""
        first = f"$number({source(self._settings.get('memory'))})"
        given = self._settings.get("memory_growth")
        growth = f"[{given}]" if isinstance(given, Expression) else source(given)
        return f"$append([{first}], {growth}[$number($) > {first}])"
