"""Checks the parameters of a job, all at once, and brings them into one form."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

from sfn_fragments.errors import InvalidParametersError, InvalidValue
from sfn_fragments.utils.reference_path import is_dynamic
from sfn_fragments_batch.mount_points import AWSBatchMixins
from sfn_fragments_batch.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from constructs import Construct

    from sfn_fragments_batch.mount_points import MountPointConfiguration

#: Where requests and responses are kept in the bucket, unless a key prefix is given.
DEFAULT_KEY_PREFIX = "scratch"

#: Settings that an execution's input may override, where a fragment takes overrides.
OVERRIDABLE = (
    "bucket_name",
    "command",
    "environment",
    "gpu",
    "job_queue",
    "job_role_arn",
    "key_prefix",
    "memory",
    "mount_points",
    "platform_capabilities",
    "vcpus",
    "volumes",
)


def job_settings(
    subject: str,
    *,
    mount_point_configs: Iterable[MountPointConfiguration] | None = None,
    **given: Any,
) -> dict[str, Any]:
    """Check the settings of a job, and bring them into one form.

    Args:
        subject: The fragment, for error messages.
        mount_point_configs: File systems to mount, instead of ``mount_points`` and ``volumes``.
        **given: The settings.

    Returns:
        The settings, without those that are ``None``.

    Raises:
        InvalidParametersError: Some cannot work; all of them are named.
    """
    problems = [*_missing(given), *_wrong_numbers(given), *_wrong_key_prefix(given)]
    if mount_point_configs is not None:
        problems += [
            InvalidValue(name, given[name], "give mount_point_configs or this, not both")
            for name in ("mount_points", "volumes")
            if given.get(name) is not None
        ]
        given["mount_points"], given["volumes"] = AWSBatchMixins.convert_to_mount_point_and_volumes(
            mount_point_configs
        )
    if problems:
        raise InvalidParametersError(subject, problems)
    given["command"] = _command(given.get("command"))
    return {name: value for name, value in given.items() if value is not None}


def _missing(given: Mapping[str, Any]) -> list[InvalidValue]:
    return [
        InvalidValue(name, given[name], "give a name, or a reference path to one")
        for name in ("name", "image", "handler", "executor", "job_queue", "bucket_name")
        if name in given and given[name] == ""
    ]


def _wrong_numbers(given: Mapping[str, Any]) -> list[InvalidValue]:
    problems = []
    for name, unit, lowest in (("memory", "MiB", 4), ("vcpus", "vCPUs", 0.25), ("gpu", "GPUs", 0)):
        value = given.get(name)
        if value is None or is_dynamic(value):
            continue
        try:
            enough = float(value) >= lowest
        except (TypeError, ValueError):
            # A token stands for a number that is known at deployment.
            enough = isinstance(value, str) and "${Token[" in value
        if not enough:
            problems.append(
                InvalidValue(name, value, f"give {lowest} {unit} or more, or a reference path")
            )
    return problems


def _wrong_key_prefix(given: Mapping[str, Any]) -> list[InvalidValue]:
    prefix = given.get("key_prefix")
    if isinstance(prefix, str) and (prefix.startswith("/") or prefix.endswith("/")):
        return [InvalidValue("key_prefix", prefix, "leave out the slash at its beginning and end")]
    return []


def _command(command: Sequence[str] | str | None) -> Any:
    """The command as a list; none, where the image's own is to run."""
    if isinstance(command, str) and not is_dynamic(command):
        return shlex.split(command) or None
    return command


def overridable_settings(
    scope: Construct,
    subject: str,
    overrides_path: str,
    *,
    also: Sequence[str] = (),
    mount_point_configs: Iterable[MountPointConfiguration] | None = None,
    deploy_job_definition: bool = False,
    **given: Any,
) -> Settings:
    """The settings of a job as defaults, which an execution's input overrides.

    Args:
        scope: The fragment.
        subject: The fragment, for error messages.
        overrides_path: Reference path of the object that overrides.
        also: Names of settings that can be overridden, besides :data:`OVERRIDABLE`.
        mount_point_configs: File systems to mount.
        deploy_job_definition: Whether the job definition is part of the stack.
        **given: The defaults.

    Returns:
        The settings.

    Raises:
        InvalidParametersError: Some defaults cannot work; all of them are named.
    """
    # Without a default there would be nothing to override.
    for name, default in (
        ("key_prefix", DEFAULT_KEY_PREFIX),
        ("environment", {}),
        ("platform_capabilities", ["EC2"]),
    ):
        given[name] = given.get(name) or default
    values = job_settings(subject, mount_point_configs=mount_point_configs or [], **given)
    values.setdefault("command", [])
    return Settings(
        scope,
        values,
        overrides_path,
        [*OVERRIDABLE, *also],
        deploy_job_definition=deploy_job_definition,
    )
