"""A warning of mounts that IAM may refuse when the job starts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sfn_fragments.utils import convert_to_sfn_api_action_case

if TYPE_CHECKING:
    from constructs import Construct

    from sfn_fragments_batch.settings import Settings

#: Id of the warning, by which ``Annotations.of(construct).acknowledge_warning`` silences it.
WARNING = "sfn-fragments-batch:mount-authorization"


def warn_of_mounts(scope: Construct, settings: Settings) -> None:
    """Warn where a file system asks IAM, and the app does not show that the job's role may mount.

    https://docs.aws.amazon.com/batch/latest/userguide/efs-volumes.html

    Args:
        scope: The fragment.
        settings: Settings of the job.
    """
    volumes = settings.given("volumes")
    if settings.given("job_role_may_mount") or not _asks_iam(volumes):
        return
    from aws_cdk import Annotations, Token

    role = settings.given("job_role_arn")
    # The text of a token says nothing, and differs from process to process.
    named = "its role" if Token.is_unresolved(role) else str(role)
    missing = (
        "the job has no role: give it one as a construct"
        if role is None
        else f"{named} may not be allowed that: give the job's role as a construct"
    )
    Annotations.of(scope).add_warning_v2(
        WARNING,
        f"a file system is mounted with IAM authorization, and {missing}, which then gets "
        "elasticfilesystem:ClientMount, and ClientWrite where it writes; or allow it yourself",
    )


def _asks_iam(volumes: Any) -> bool:
    if isinstance(volumes, str) or not isinstance(volumes, Sequence):
        return False
    for volume in convert_to_sfn_api_action_case(list(volumes)):
        efs = volume.get("EfsVolumeConfiguration") if isinstance(volume, Mapping) else None
        authorization = efs.get("AuthorizationConfig") if isinstance(efs, Mapping) else None
        if isinstance(authorization, Mapping) and authorization.get("Iam") == "ENABLED":
            return True
    return False
