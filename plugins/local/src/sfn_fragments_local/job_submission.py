"""What SubmitJob says of a job and moto passes on to nobody; and what Batch refuses of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from moto.batch.exceptions import ClientException

from sfn_fragments_local.batch_refusals import require_retries

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

#: https://docs.aws.amazon.com/batch/latest/APIReference/API_ArrayProperties.html
_ARRAY_SIZES = (2, 10_000)


@dataclass(frozen=True)
class Submission:
    """A submission, as far as moto drops it.

    Attributes:
        retry_strategy: Goes above the definition's.
        share_identifier: Of a queue with a fair-share policy.
        scheduling_priority: Goes above the definition's.
        propagate_tags: Whether the task gets the job's tags; goes above the definition's.
    """

    retry_strategy: Mapping[str, Any] | None = None
    share_identifier: str | None = None
    scheduling_priority: int | None = None
    propagate_tags: bool | None = None

    @classmethod
    def of_request(cls, parameter: Callable[[str], Any]) -> Submission:
        """The submission of a request.

        Args:
            parameter: Gives a parameter of it, ``None`` where it has none.
        """
        return cls(
            retry_strategy=parameter("retryStrategy"),
            share_identifier=parameter("shareIdentifier"),
            scheduling_priority=parameter("schedulingPriorityOverride"),
            propagate_tags=parameter("propagateTags"),
        )

    def described(self, definition: Any) -> dict[str, Any]:
        """What DescribeJobs shows of it.

        Args:
            definition: The job definition.
        """
        shown = {
            "shareIdentifier": self.share_identifier,
            "schedulingPriority": self.priority(definition),
            "propagateTags": first_given(self.propagate_tags, definition.propagate_tags),
            "retryStrategy": self.retry_strategy or definition.retry_strategy,
            "platformCapabilities": definition.platform_capabilities,
        }
        return {name: value for name, value in shown.items() if value not in (None, {}, [])}

    def priority(self, definition: Any) -> int | None:
        """The scheduling priority of the job."""
        own = getattr(definition, "scheduling_priority", None)
        return None if self.share_identifier is None else first_given(self.scheduling_priority, own)

    def require(self, queue: Any, definition: Any, array_properties: Mapping[str, Any]) -> None:
        """Refuse what Batch refuses.

        Args:
            queue: The queue.
            definition: The job definition.
            array_properties: Those of the submission.

        Raises:
            ClientException: Batch does not take the submission.
        """
        require_retries(self.retry_strategy)
        if definition.type == "multinode":
            # Batch takes it. One machine has no nodes to run it on.
            raise ClientException(
                f"Job definition {definition.arn} is of type multinode: multi-node parallel jobs "
                "are not run here"
            )
        if queue.schedule_policy and self.share_identifier is None:
            raise ClientException("shareIdentifier must be specified.")
        if queue.schedule_policy and self.priority(definition) is None:
            raise ClientException(
                "Either schedulingPriority in job definition or schedulingPriorityOverride should "
                "be specified."
            )
        if not queue.schedule_policy and self.share_identifier is not None:
            # It is refused, as the API's reference says; in which words nobody has written down.
            raise ClientException(
                "shareIdentifier should not be specified: job queue "
                f"{queue.name} has no fair-share scheduling policy."
            )
        size = array_properties.get("size")
        least, most = _ARRAY_SIZES
        if size is not None and not least <= int(size) <= most:
            raise ClientException(f"Array size must be between {least} and {most}, not {size}")


def first_given(*values: Any) -> Any:
    """The first value that is not ``None``."""
    return next((value for value in values if value is not None), None)
